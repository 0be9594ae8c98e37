package survey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/survey"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

// says is what keeps a draft from submission because of its survey.
func says(t *testing.T, h *tendertest.House, x id.ID) string {
	t.Helper()
	y, err := tender.Read(t.Context(), h.DB, x)
	if err != nil {
		t.Fatal(err)
	}
	missing, err := h.Tenders.Missing(t.Context(), y)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range missing {
		if strings.HasPrefix(f.Name, "survey") || f.Name == "public_opinion" {
			out = append(out, f.Message)
		}
	}
	return strings.Join(out, "；")
}

func TestASurveyIsCompulsoryForPublicServices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		s := survey.New(d, h.Clock, h.Tenders)
		t.Run("22号11 公共服务应当调查", func(t *testing.T) {
			for _, c := range []struct{ public, budget, basis, note, want string }{
				{"yes", "770,000", "not_required", "", "第10–11条"},
				{"yes", "770,000", "", "", "第10–11条"},
				{"no", "770,000", "not_required", "", ""},
				{"no", "10000000", "not_required", "", "第10–11条"},
				{"yes", "770,000", "within_year", "", "上次调查"},
				{"yes", "770,000", "within_year", "2025 年 12 月已调查", ""},
				{"yes", "770,000", "feasibility", "可行性研究报告第三章", ""},
			} {
				x := h.Draft(t, map[string]string{"public_service": c.public, "budget": c.budget, "survey_basis": c.basis, "survey_note": c.note})
				if got := says(t, h, x.ID); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
					t.Errorf("%+v: %q", c, got)
				}
			}
		})
		t.Run("22号10 调查对象一般不少于3个", func(t *testing.T) {
			x := h.Draft(t, map[string]string{"survey_basis": "conducted"})
			on := h.Clock.Now().AddDate(0, 0, -5)
			add := func(i int, kind string) {
				t.Helper()
				if _, err := s.Add(ctx, h.Officer, x.ID, survey.Entry{Name: fmt.Sprintf("第%d服务中心", i), Kind: kind, AskedOn: &on, Findings: "可以提供上门服务，每次约 60 元"}); err != nil {
					t.Fatal(err)
				}
			}
			if got := says(t, h, x.ID); !strings.Contains(got, "还没有登记") {
				t.Errorf("nobody asked: %q", got)
			}
			add(1, survey.Market)
			add(2, survey.Market)
			add(3, survey.User)
			if err := s.Conclude(ctx, h.Officer, x.ID, "市场竞争充分", ""); err != nil {
				t.Fatal(err)
			}
			if got := says(t, h, x.ID); !strings.Contains(got, "已登记 2 个市场主体") {
				t.Errorf("two asked: %q", got)
			}
			if err := s.Conclude(ctx, h.Officer, x.ID, "市场竞争充分", "本区只有两家具备资质的机构"); err != nil {
				t.Fatal(err)
			}
			if got := says(t, h, x.ID); got != "" {
				t.Errorf("two with a reason: %q", got)
			}
			if err := s.Conclude(ctx, h.Officer, x.ID, "市场竞争充分", ""); err != nil {
				t.Fatal(err)
			}
			add(4, survey.Market)
			if got := says(t, h, x.ID); got != "" {
				t.Errorf("three asked: %q", got)
			}
			h.Keyed(t, x)
			if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
				t.Error(err)
			}
			if _, err := s.Add(ctx, h.Officer, x.ID, survey.Entry{Name: "迟到的服务中心", Kind: survey.Market, AskedOn: &on, Findings: "可以提供"}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("entered after submission: %v", err)
			}
		})
	})
}

func TestThePublicIsAskedAboutPublicServices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		s := survey.New(d, h.Clock, h.Tenders)
		t.Run("条例15 公共服务项目应当征求社会公众的意见", func(t *testing.T) {
			for _, c := range []struct{ public, opinion, want string }{
				{"yes", "", "政府采购法实施条例第15条"}, {"yes", "有", "征求社会公众的意见"}, {"yes", "在三个社区召开了座谈会", ""}, {"no", "", ""},
			} {
				x := h.Draft(t, map[string]string{"public_service": c.public, "public_opinion": c.opinion})
				if got := says(t, h, x.ID); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
					t.Errorf("%+v: %q", c, got)
				}
			}
			x := h.Draft(t, map[string]string{"public_opinion": ""})
			h.Keyed(t, x)
			if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); !fault.Is(err, fault.Invalid) {
				t.Errorf("submitted without having asked: %v", err)
			}
			on := h.Clock.Now().AddDate(0, 0, -5)
			if _, err := s.Add(ctx, h.Officer, x.ID, survey.Entry{Name: "青山区三个社区的老人", Kind: survey.User, AskedOn: &on, Findings: "希望增加助浴"}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
				t.Errorf("those served were asked: %v", err)
			}
		})
	})
}

func TestASurveyIsTheBuyersOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		s := survey.New(d, h.Clock, h.Tenders)
		x := h.Draft(t, nil)
		on, later, old := h.Clock.Now(), h.Clock.Now().Add(48*time.Hour), h.Clock.Now().AddDate(-1, 0, -1)
		for _, e := range []survey.Entry{{}, {Name: "某中心", Kind: "friend", AskedOn: &on, Findings: "可以提供"}, {Name: "某中心", Kind: survey.Market, AskedOn: &later, Findings: "可以提供"},
			{Name: "某中心", Kind: survey.Market, AskedOn: &old, Findings: "可以提供"}, {Name: "某中心", Kind: survey.Market, AskedOn: &on, Findings: strings.Repeat("字", 4001)},
			{Name: "某\x00中心", Kind: survey.Market, AskedOn: &on, Findings: "可以提供"}} {
			if _, err := s.Add(ctx, h.Officer, x.ID, e); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", e, err)
			}
		}
		stranger := h.Supplier(t, "晨光社会工作服务中心")
		if _, err := s.Of(ctx, stranger, x.ID); err == nil {
			t.Error("a supplier reads a survey")
		}
		if err := s.Conclude(ctx, h.Approver, x.ID, "市场竞争充分", ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the approver writes it: %v", err)
		}
		r, err := s.Add(ctx, h.Officer, x.ID, survey.Entry{Name: "某中心", Kind: survey.Market, AskedOn: &on, Findings: "可以提供"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.May(ctx, stranger, r.ID, "view"); err == nil {
			t.Error("a supplier opens its attachments")
		}
		if err := s.Remove(ctx, h.Officer, h.Draft(t, nil).ID, r.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("removed through another draft: %v", err)
		}
		if err := h.Tenders.Delete(ctx, h.Officer, x.ID); err != nil {
			t.Errorf("a draft with a survey is not deleted: %v", err)
		}
	})
}
