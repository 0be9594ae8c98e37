package fund_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/storage/db/dbtest"
)

func TestAFundIsDraftedApprovedAndPublic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		f, err := h.Funds.Create(ctx, h.Officer, fund.Form{Name: "半"})
		if err != nil {
			t.Fatal(err)
		}
		missing, err := h.Funds.Missing(ctx, f)
		if err != nil || len(missing) != 14 { // ten questions, the committee, the target, the board's day and the agreement
			t.Errorf("missing %+v, %v", missing, err)
		}
		if _, err := h.Funds.Submit(ctx, h.Officer, f.ID); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty draft was submitted: %v", err)
		}
		if f, err = h.Funds.Save(ctx, h.Officer, f.ID, f.Version, fundtest.Form("防控新型冠状病毒肺炎专项基金")); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Funds.Save(ctx, h.Officer, f.ID, 1, fund.Form{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an older copy was saved over a newer one: %v", err)
		}
		if _, err := h.Funds.Get(ctx, party.Actor{}, f.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a visitor sees a draft: %v", err)
		}
		if _, err := h.Attachments.Add(ctx, h.Officer, fund.AgreementKind, f.ID, "", "协议.pdf", bytes.NewReader(fundtest.Agreement)); err != nil {
			t.Fatal(err)
		}
		if _, err = h.Funds.Submit(ctx, h.Officer, f.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Funds.Return(ctx, h.Approver, f.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("returned without a reason: %v", err)
		}
		if f, err = h.Funds.Return(ctx, h.Approver, f.ID, "请写明委员会名单"); err != nil || !f.Returned() {
			t.Fatal(f, err)
		}
		if _, err = h.Funds.Submit(ctx, h.Officer, f.ID); err != nil {
			t.Fatal(err)
		}
		if f, err = h.Funds.Approve(ctx, h.Approver, f.ID); err != nil {
			t.Fatal(err)
		}
		if f.No() != "专项基金〔2026〕001号" || f.FullName() != "横沥社区发展基金会防控新型冠状病毒肺炎专项基金" || f.CashAccount == nil || *f.FeeBP != 500 {
			t.Errorf("approved as %+v", f)
		}
		if _, err := h.Funds.Get(ctx, party.Actor{}, f.ID); err != nil {
			t.Errorf("a visitor does not see an approved fund: %v", err)
		}
		events, err := h.Funds.Timeline(ctx, party.Actor{}, f.ID)
		if err != nil || len(events) != 1 || events[0].Action != "批准设立" || !strings.Contains(events[0].Article, "241") {
			t.Errorf("the public timeline: %+v, %v", events, err)
		}
		second, err := h.Funds.Approve(ctx, h.Approver, h.Review(t, "社区助老专项基金").ID)
		if err != nil || second.No() != "专项基金〔2026〕002号" {
			t.Errorf("the second is %s, %v", second.No(), err)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		f := h.Review(t, "社区助老专项基金")
		drafterRaised := h.Officer // the same person, since made 秘书长
		drafterRaised.Role = party.Approver
		other := h.Org(t, party.Foundation, "别的基金会")
		stranger := h.Actor(t, other, "别的基金会", party.Foundation, party.Approver)
		for name, c := range map[string]struct {
			who  party.Actor
			want fault.Kind
		}{
			"visitor": {party.Actor{}, fault.NotFound}, "another foundation": {stranger, fault.NotFound},
			"officer": {h.Officer, fault.Forbidden}, "finance": {h.Finance, fault.Forbidden},
			"the drafter, since raised": {drafterRaised, fault.Forbidden},
		} {
			if _, err := h.Funds.Approve(ctx, c.who, f.ID); fault.KindOf(err) != c.want {
				t.Errorf("%s approved: %v", name, err)
			}
		}
		if _, err := h.Funds.Create(ctx, h.Finance, fund.Form{}); fault.KindOf(err) == fault.Unknown {
			t.Errorf("finance drafted a fund: %v", err)
		}
		files, err := h.Attachments.Of(ctx, d, fund.AgreementKind, f.ID)
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		if _, err := h.Funds.Approve(ctx, h.Approver, f.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Attachments.Open(ctx, party.Actor{}, files[0].ID); err == nil {
			t.Error("a visitor reads the signed agreement")
		}
		if _, err := h.Funds.Save(ctx, h.Officer, f.ID, 0, fund.Form{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an approved fund was rewritten: %v", err)
		}
	})
}

func TestAFoundationUnderReviewSetsNothingUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		f := h.Review(t, "社区助老专项基金")
		_, err := d.NewUpdate().Model((*organisation.Organisation)(nil)).Set("state = ?", organisation.Pending).
			Where("id = ?", h.Foundation).Exec(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Funds.Approve(ctx, h.Approver, f.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("approved: %v", err)
		}
	})
}

func TestListsAndTotalsShowOnlyWhatMayBeSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		a, b := h.Active(t, "甲社区基金"), h.Active(t, "100%爱心基金")
		h.Give(t, a, 30*money.Yuan)
		h.Give(t, b, 12*money.Yuan)
		h.Review(t, "未批准基金")
		public, err := h.Funds.List(ctx, party.Actor{}, fund.Filter{Limit: 1})
		if err != nil || len(public) != 1 || public[0].ID != b.ID || public[0].In != 1200 || public[0].Full != "横沥社区发展基金会100%爱心基金" {
			t.Fatalf("first page %+v, %v", public, err)
		}
		public, err = h.Funds.List(ctx, party.Actor{}, fund.Filter{After: public[0].ID})
		if err != nil || len(public) != 1 || public[0].ID != a.ID || public[0].Balance != 3000 {
			t.Errorf("second page %+v, %v", public, err)
		}
		own, err := h.Funds.List(ctx, h.Finance, fund.Filter{Foundation: h.Foundation})
		if err != nil || len(own) != 3 {
			t.Errorf("the foundation sees %d funds, %v", len(own), err)
		}
		if own, err = h.Funds.List(ctx, party.Actor{}, fund.Filter{Foundation: h.Foundation}); err != nil || len(own) != 2 {
			t.Errorf("a visitor sees %d of the foundation's funds, %v", len(own), err)
		}
		for text, want := range map[string]int{"0%爱": 1, "横沥": 2, "%": 1, "_": 0, "没有": 0} {
			got, err := h.Funds.List(ctx, party.Actor{}, fund.Filter{Text: text})
			if err != nil || len(got) != want {
				t.Errorf("%q finds %d, want %d (%v)", text, len(got), want, err)
			}
		}
		total, err := h.Funds.Totals(ctx, party.Actor{}, fund.Filter{})
		if err != nil || total.Count != 2 || total.Balance != 4200 || total.In != 4200 {
			t.Errorf("totals %+v, %v", total, err)
		}
	})
}

// public reports whether an event of an action with some words is among those
// that the public reads.
func public(events []trail.Event, action, words string) bool {
	for _, e := range events {
		if e.Action == action && strings.Contains(e.Note, words) {
			return true
		}
	}
	return false
}

// A fund is found by every word that its page says, wherever it stands.
func TestAFundIsFoundBySearch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := fundtest.New(t, d)
		f := h.Active(t, "防控新型冠状病毒肺炎专项基金")
		for text, want := range map[string]int{"冠状病毒": 1, f.No(): 1, "肺炎 防控": 1, "没有这样": 0, "%": 0} {
			x := fund.Filter{Text: text}
			list, err := h.Funds.List(t.Context(), party.Actor{}, x)
			sum, serr := h.Funds.Totals(t.Context(), party.Actor{}, x)
			if err != nil || serr != nil || len(list) != want || int(sum.Count) != want {
				t.Errorf("%q finds %d, counted %d, %v, %v", text, len(list), sum.Count, err, serr)
			}
		}
	})
}
