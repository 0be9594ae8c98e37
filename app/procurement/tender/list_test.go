package tender_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

func titles(p tender.Page) string {
	var out []string
	for _, x := range p.Items {
		out = append(out, x.Title)
	}
	return strings.Join(out, " ")
}

func TestListSearchFilterAndPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		for _, x := range []map[string]string{
			{"title": "社区养老助餐"}, {"title": "儿童关爱保护", "catalogue_code": "C05010300", "region": "四川省成都市"},
			{"title": "居家养老上门", "deadline": "2026-07-30"},
			{"title": "社工站运营", "catalogue_code": "C05020300", "method": "consultation", "deadline": "2026-06-15"},
		} {
			h.Published(t, x)
			h.Clock.Advance(time.Minute)
		}
		h.Draft(t, map[string]string{"title": "未公开的养老草稿"})
		h.Clock.Set(time.Date(2026, 6, 25, 0, 0, 0, 0, time.UTC))
		for _, x := range []struct {
			f    tender.Filter
			want string
		}{
			{tender.Filter{}, "社工站运营 居家养老上门 儿童关爱保护 社区养老助餐"},
			{tender.Filter{Text: "养老"}, "居家养老上门 社区养老助餐"},
			{tender.Filter{Text: " % "}, "社工站运营 居家养老上门 儿童关爱保护 社区养老助餐"},
			{tender.Filter{Text: "养老", State: tender.Closed}, "社区养老助餐"},
			{tender.Filter{State: tender.Open}, "居家养老上门"},
			{tender.Filter{State: tender.Closed, Region: "成都"}, "儿童关爱保护"},
			{tender.Filter{Region: "_"}, ""},
			{tender.Filter{Method: "consultation"}, "社工站运营"},
			{tender.Filter{Buyer: id.New(h.Clock.Now())}, ""},
			{tender.Filter{Text: "' OR 1=1 --"}, ""},
			{tender.Filter{Text: "0002号"}, "儿童关爱保护"},
		} {
			p, err := h.Tenders.List(ctx, x.f)
			if err != nil || titles(p) != x.want || p.Total != len(p.Items) || p.Over || p.Next != "" {
				t.Errorf("%+v gives %q (%d, %v), %v", x.f, titles(p), p.Total, p.Next, err)
			}
		}
		for _, text := range []string{"", "民政"} {
			var all []string
			f := tender.Filter{Text: text, Limit: 3}
			for range 3 {
				p, err := h.Tenders.List(ctx, f)
				if err != nil || p.Total != 4 {
					t.Fatalf("%d, %v", p.Total, err)
				}
				all = append(all, titles(p))
				if f.After = p.Next; p.Next == "" {
					break
				}
			}
			if got := strings.Join(all, "|"); got != "社工站运营 居家养老上门 儿童关爱保护|社区养老助餐" {
				t.Errorf("%q pages: %s", text, got)
			}
		}
		mine, err := h.Tenders.Mine(ctx, h.Officer, tender.Filter{Text: "养老"})
		if err != nil || mine.Total != 3 || mine.Items[0].State != tender.Draft {
			t.Errorf("mine: %+v, %v", titles(mine), err)
		}
		other := h.Actor(t, h.Org(t, party.Bureau, "别区民政局"), "别区民政局", party.Bureau, party.Officer)
		if p, err := h.Tenders.Mine(ctx, other, tender.Filter{}); err != nil || p.Total != 0 {
			t.Errorf("another bureau sees %+v, %v", titles(p), err)
		}
		tally, err := h.Tenders.Tally(ctx, "")
		if err != nil || tally[tender.Open] != 1 || tally[tender.Closed] != 3 || tally[tender.Draft] != 0 {
			t.Errorf("tally %v, %v", tally, err)
		}
	})
}

func TestAPlacedRecordKeepsItsGapsAndSaysWhatIsInvented(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		at := time.Date(2020, 12, 25, 0, 0, 0, 0, time.UTC)
		var x tender.Tender
		err := d.RunInTx(ctx, nil, func(ctx2 context.Context, tx bun.Tx) (err error) {
			x, err = h.Tenders.Place(ctx2, tx, tender.Tender{Buyer: h.Bureau, BuyerName: "昭苏县中心敬老院", State: tender.Completed,
				PublishedAt: &at, DraftedBy: h.Officer.Account, Demo: true, SourceURL: "https://example.org/1",
				Facts: tender.Facts{Title: "昭苏县中心敬老院食堂外包服务采购项目"}}, "T11")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Tenders.Get(ctx, party.Actor{}, x.ID)
		if err != nil || got.Budget != nil || got.Deadline != nil || got.No() != "GJ采〔2020〕0001号" || len(got.Marks) != 1 || got.Marks[0] != "number" {
			t.Errorf("placed %+v, %v", got, err)
		}
		if p, err := h.Tenders.List(ctx, tender.Filter{Text: "食堂"}); err != nil || p.Total != 1 {
			t.Errorf("found %+v, %v", p, err)
		}
	})
}
