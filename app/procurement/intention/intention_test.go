package intention_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

func facts() intention.Facts {
	return intention.Facts{Title: "青山区居家养老上门服务", What: "为 250 位高龄老人提供每月两次上门服务", Region: "湖北省武汉市青山区", Budget: 770_000 * money.Yuan, Expected: "2026-07"}
}

func TestAPurchaseWaitsThirtyDaysAfterItsIntention(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		s := intention.New(d, h.Clock, h.Policy, calendar.Default(), h.Tenders)
		i, err := s.Create(ctx, h.Officer, facts())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(ctx, party.Actor{}, i.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the public sees a draft: %v", err)
		}
		if _, err := s.Publish(ctx, h.Officer, i.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("its drafter publishes it: %v", err)
		}
		if i, err = s.Publish(ctx, h.Approver, i.ID); err != nil || i.No() != "GJ意〔2026〕0001号" {
			t.Fatalf("%s %v", i.No(), err)
		}
		if list, err := s.List(ctx, intention.Filter{Text: "养老"}); err != nil || list.Total != 1 {
			t.Errorf("not found: %+v %v", list, err)
		}
		if _, err := s.Amend(ctx, h.Officer, i.ID, facts()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("amended after publication: %v", err)
		}
		change := map[string]string{"intention": string(i.ID), "intention_exempt": "", "deadline": "2026-08-03T09:00", "documents_until": "2026-07-15"}
		x := h.Draft(t, change)
		h.Keyed(t, x)
		if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		t.Run("财库〔2020〕10号 采购意向公开不足30日不得开始采购", func(t *testing.T) {
			h.Clock.Set(time.Date(2026, 6, 30, 15, 59, 59, 0, time.UTC)) // 23:59:59 of the 29th day after
			_, err := h.Tenders.Publish(ctx, h.Approver, x.ID)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(message(err), "2026年7月1日") || !strings.Contains(message(err), "财库〔2020〕10号") {
				t.Errorf("a second too early: %v", message(err))
			}
			h.Clock.Set(time.Date(2026, 6, 30, 16, 0, 0, 0, time.UTC))
			if _, err = h.Tenders.Publish(ctx, h.Approver, x.ID); err != nil {
				t.Errorf("on the day: %v", message(err))
			}
		})
		t.Run("an intention is a planning process that its purchase points back to", func(t *testing.T) { planned(t, h, i, x) })
		if list, err := s.Purchases(ctx, i.ID); err != nil || len(list) != 1 {
			t.Errorf("purchases of it: %d %v", len(list), err)
		}
	})
}

func planned(t *testing.T, h *tendertest.House, i intention.Intention, x tender.Tender) {
	t.Helper()
	p := ocds.New(h.DB, h.Clock, ocds.Settings{Site: "https://gongji.example"})
	all := ocdstest.All(t, p)
	if got := ocdstest.Tags(all, string(i.ID)) + "," + ocdstest.Tags(all, string(x.ID)); got != " planning, tender" {
		t.Fatalf("releases:%s", got)
	}
	for _, want := range []string{`"project":"青山区居家养老上门服务"`, `"amount":770000.00`, `"dueDate":"2026-07-31T23:59:59+08:00"`, `"roles":["buyer"]`, `"url":"https://gongji.example/intentions/` + string(i.ID)} {
		if !strings.Contains(all[0].Raw, want) {
			t.Errorf("the planning release lacks %s: %s", want, all[0].Raw)
		}
	}
	rec, err := p.Record(t.Context(), p.OCID(x.ID))
	if err != nil || !strings.Contains(string(rec.Records[0].Compiled), `"identifier":"`+p.OCID(i.ID)+`","relationship":["planning"]`) {
		t.Errorf("the purchase does not name its intention: %s %v", rec.Records[0].Compiled, err)
	}
	if latest, err := p.Latest(t.Context(), 5); err != nil || latest[1].Title != "青山区居家养老上门服务" {
		t.Errorf("for people: %+v %v", latest, err)
	}
}

func message(err error) string {
	fields, other := fault.Complaints(err)
	if other != nil {
		return other.Error()
	}
	var out []string
	for _, f := range fields {
		out = append(out, f.Message)
	}
	return strings.Join(out, "；")
}

func TestADraftNamesAnIntentionOrAReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		s := intention.New(d, h.Clock, h.Policy, calendar.Default(), h.Tenders)
		i, err := s.Create(ctx, h.Officer, facts())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name, intention, exempt, want string
		}{
			{"neither", "", "", "财库〔2020〕10号"}, {"a reason", "", "原服务机构停业，不可预见", ""},
			{"an unpublished one", string(i.ID), "", "没有这条"}, {"none at all", "01NOSUCHINTENTION", "", "没有这条"},
		} {
			x := h.Draft(t, map[string]string{"intention": c.intention, "intention_exempt": c.exempt})
			h.Keyed(t, x)
			_, err := h.Tenders.Submit(ctx, h.Officer, x.ID)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(message(err), c.want) {
				t.Errorf("%s: %v", c.name, message(err))
			}
		}
		for _, f := range []intention.Facts{{}, {Title: "青山区养老", What: "为老人提供上门服务若干次", Region: "武汉", Budget: -1, Expected: "2026-07"},
			{Title: "青山区养老", What: "为老人提供上门服务若干次", Region: "武汉", Budget: 1, Expected: "2026-05"}, {Title: "青山区养老", What: "为老人提供上门服务若干次", Region: "武汉", Budget: 1, Expected: "2026-13"}} {
			if _, err := s.Create(ctx, h.Officer, f); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", f, err)
			}
		}
		if _, err := s.Create(ctx, h.Supplier(t, "晨光社会工作服务中心"), facts()); err == nil {
			t.Errorf("a supplier: %v", err)
		}
	})
}
