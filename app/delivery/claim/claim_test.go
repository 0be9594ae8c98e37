package claim_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/quick"

	"gongji/app/apptest"
	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

func TestActualCountsNeverExceedTheCeiling(t *testing.T) {
	// 40 元/人次, at most 484300 元: 12107 visits and a half.
	for n, want := range map[int64]money.Fen{1: 40_00, 12_107: 484_280_00, 12_108: 484_300_00, 20_000: 484_300_00} {
		got, capped, err := claim.Counted(40_00, n, 484_300_00)
		if err != nil || got != want || capped != (n > 12_107) {
			t.Errorf("%d: %v %v %v", n, got, capped, err)
		}
	}
	if _, _, err := claim.Counted(1<<60, 1000, 5); err == nil {
		t.Error("an overflow was paid")
	}
	whole := func(price uint16, counts []uint16, ceiling uint32) bool {
		left := money.Fen(ceiling)
		for _, n := range counts {
			got, _, err := claim.Counted(money.Fen(price), int64(n), left)
			if err != nil || got < 0 || got > left {
				return false
			}
			left -= got
		}
		return left >= 0
	}
	if err := quick.Check(whole, nil); err != nil {
		t.Error(err)
	}
}

// counted is a contract settled by count at 40 元, at most 300,000 元, with 5000
// visits on record.
func counted(t *testing.T, e *apptest.Env, officer, lead *apptest.Person) engagement.Engagement {
	t.Helper()
	ctx := t.Context()
	g := e.EngageContract(officer, lead, "居家养老")
	_, err := e.Plans.Save(ctx, lead.Actor, g.ID, 0, plan.Form{Communities: "和美社区", Settlement: "count", Counted: "上门服务", UnitPrice: "40",
		Outputs:    []plan.OutputForm{{Name: "上门服务", Quantity: "7500", Unit: "人次"}},
		Milestones: []plan.MilestoneForm{{Name: "结项", Condition: "完成", Due: "2026-07-01"}},
		Lines:      []plan.LineForm{{Name: "人员经费", Amount: "300000"}}})
	must(t, err)
	must(t, second(e.Plans.Propose(ctx, lead.Actor, g.ID)))
	must(t, second(e.Plans.Agree(ctx, officer.Actor, g.ID)))
	must(t, second(e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, Output: "上门服务", Quantity: "5000", DoneOn: "2026-06-01"}, nil)))
	return g
}

// What a payment was asked for stays on record; where it did not (an older
// row), nobody passes it on.
func TestNothingIsPaidForWhatWasVoided(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver, finance := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Finance)
		g := counted(t, e, officer, lead)
		list, err := e.Plans.List(ctx, lead.Actor, g.ID, "", 10)
		must(t, err)
		x, err := e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{Quantity: "1000"})
		must(t, err)
		if err := e.Plans.Void(ctx, lead.Actor, g.ID, list[0].ID, "填错了"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "已经按 1000 申请了付款，作废后只剩 0") {
			t.Errorf("voided what a payment stands on: %v", err)
		}
		must(t, second(e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, Output: "上门服务", Quantity: "1000", DoneOn: "2026-06-01"}, nil)))
		must(t, e.Plans.Void(ctx, lead.Actor, g.ID, list[0].ID, "补了更正后的"))
		must(t, second(e.Claims.Verify(ctx, officer.Actor, x.ID)))
		must(t, second(e.Claims.Release(ctx, approver.Actor, x.ID)))
		if _, err := e.DB.ExecContext(ctx, "UPDATE delivery_evidence SET void_at = ? WHERE engagement = ?", e.Time.Now(), g.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Claims.Pay(ctx, finance.Actor, x.ID, "GK202606010002"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "少于已申请的 1000") {
			t.Errorf("paid for nothing: %v", err)
		}
	})
}

// The same form sent again, by a double tap or a phone that lost the answer,
// records the work once.
func TestEvidenceSentTwiceCountsOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		g := counted(t, e, officer, lead)
		at := "/engagements/" + string(g.ID)
		key := lead.Get(at+"/plan").Find(`form[action$="/evidence"] input[name="key"]`).AttrOr("value", "")
		if len(key) < 16 {
			t.Fatalf("the form has the key %q", key)
		}
		for range 3 {
			page := lead.Upload(at+"/evidence", "签到.pdf", []byte("%PDF-1.4\n%%EOF\n"), url.Values{"key": {key}, "milestone": {"1"}, "output": {"上门服务"}, "quantity": {"500"}, "done_on": {"2026-06-01"}})
			if page.Code != 200 {
				t.Fatal(page.Code, page.Text())
			}
		}
		list, err := e.Plans.List(t.Context(), lead.Actor, g.ID, "", 10)
		if err != nil || len(list) != 2 {
			t.Errorf("%d records: %v", len(list), err)
		}
	})
}

func TestAClaimTakesFourPeopleAboveTheLimit(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver, second2, finance := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Approver), e.Colleague(officer, party.Finance)
		g := counted(t, e, officer, lead)
		if _, err := e.Claims.Ask(ctx, officer.Actor, g.ID, claim.Input{Quantity: "1"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the payer asks itself: %v", err)
		}
		if _, err := e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{Quantity: "5001"}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "这一次最多 5000") {
			t.Errorf("more than the evidence shows: %v", err)
		}
		x, err := e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{Quantity: "2501"})
		if err != nil || x.Amount != 100_040_00 {
			t.Fatalf("%+v %v", x, err)
		}
		if _, err := e.Claims.Release(ctx, approver.Actor, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("approved before it was verified: %v", err)
		}
		must(t, second(e.Claims.Verify(ctx, officer.Actor, x.ID)))
		if x, err = e.Claims.Release(ctx, approver.Actor, x.ID); err != nil || x.State != claim.Verified {
			t.Errorf("one approver sufficed above the limit: %+v %v", x, err)
		}
		if _, err := e.Claims.Release(ctx, approver.Actor, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the same approver twice: %v", err)
		}
		must(t, second(e.Claims.Release(ctx, second2.Actor, x.ID)))
		if _, err := e.Claims.Pay(ctx, finance.Actor, x.ID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("paid without a reference: %v", err)
		}
		must(t, second(e.Claims.Pay(ctx, finance.Actor, x.ID, "GK202606010001")))
		if _, err := e.Claims.Pay(ctx, finance.Actor, x.ID, "GK202606010001"); !fault.Is(err, fault.Conflict) {
			t.Errorf("paid twice: %v", err)
		}
		for _, one := range []*apptest.Person{approver, approver} {
			if l, err := e.Claims.SetLimit(ctx, one.Actor, g.ID, 500_000_00); err != nil || l.Above != claim.DefaultLimit {
				t.Errorf("one approver alone raised the limit: %+v %v", l, err)
			}
		}
		if l, err := e.Claims.SetLimit(ctx, second2.Actor, g.ID, 500_000_00); err != nil || l.Above != 500_000_00 || l.RaiseTo != nil {
			t.Errorf("two approvers raise it: %+v %v", l, err)
		}
		y, err := e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{Quantity: "2499"})
		must(t, err)
		must(t, second(e.Claims.Verify(ctx, officer.Actor, y.ID)))
		if y, err = e.Claims.Release(ctx, approver.Actor, y.ID); err != nil || y.State != claim.Approved {
			t.Errorf("below the limit one suffices: %+v %v", y, err)
		}
		must(t, second(e.Claims.Return(ctx, finance.Actor, y.ID, "账号有误")))
		must(t, second(e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, Output: "上门服务", Quantity: "4000", DoneOn: "2026-06-01"}, nil)))
		t.Run("205号 最后一笔款项在验收合格以后申请", func(t *testing.T) {
			if _, err := e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{Quantity: "6499"}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "请先申请验收") {
				t.Errorf("the ceiling was reached before the acceptance: %v", err)
			}
		})
		e.Accept(g, officer, approver, lead)
		z, err := e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{Quantity: "6499"})
		if err != nil || !z.Capped || z.Amount != 199_960_00 {
			t.Errorf("what is left of the ceiling: %+v %v", z, err)
		}
		b, err := e.Claims.Book(ctx, lead.Actor, g.ID)
		if err != nil || b.Account.Paid != 100_040_00 || b.Account.Left() != 0 {
			t.Errorf("%+v %v", b.Account, err)
		}
		if sum, err := claim.PaidOf(ctx, e.DB, g.ID, e.Time.Now().AddDate(0, 0, 1)); err != nil || sum != 100_040_00 {
			t.Errorf("%v %v", sum, err)
		}
	})
}

// Two requests for the same visits, and two payments of one request, meet: one
// of each is taken.
func TestClaimsRace(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver, finance := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Finance)
		g := counted(t, e, officer, lead)
		both := func(what string, do func() error) {
			t.Helper()
			var wg sync.WaitGroup
			errs := make([]error, 2)
			for i := range errs {
				wg.Go(func() { errs[i] = do() })
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("%s: %v", what, errs)
			}
			for _, err := range errs {
				if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
		both("3000 of 5000 asked twice", func() error { return second(e.Claims.Ask(ctx, lead.Actor, g.ID, claim.Input{Quantity: "3000"})) })
		b, err := e.Claims.Book(ctx, lead.Actor, g.ID)
		must(t, err)
		x := b.Claims[0]
		both("verified twice", func() error { return second(e.Claims.Verify(ctx, officer.Actor, x.ID)) })
		for _, one := range []*apptest.Person{approver, e.Colleague(officer, party.Approver)} {
			must(t, second(e.Claims.SetLimit(ctx, one.Actor, g.ID, 500_000_00)))
		}
		both("approved twice", func() error { return second(e.Claims.Release(ctx, approver.Actor, x.ID)) })
		both("paid twice", func() error { return second(e.Claims.Pay(ctx, finance.Actor, x.ID, "GK1")) })
		if b, err = e.Claims.Book(ctx, lead.Actor, g.ID); err != nil || b.Account.Paid != 120_000_00 || len(b.Claims) != 1 {
			t.Errorf("%+v %v", b.Account, err)
		}
	})
}

func TestAClaimOnPagesAndAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		approver, finance := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Finance)
		g := counted(t, e, officer, lead)
		at := fmt.Sprintf("/engagements/%s/claims", g.ID)
		page := lead.Post(at, url.Values{"quantity": {"很多"}})
		if page.Code != 422 || page.Find(`#f-quantity`).AttrOr("value", "") != "很多" {
			t.Fatalf("%d %s", page.Code, page.Text())
		}
		page = lead.Post(at, url.Values{"quantity": {"1000"}})
		if !page.Has("第 1 次申请 40,000.00 元") || !page.Has("1,000 人次 × 40.00 元") || page.Find(`form[action$="/decide"]`).Length() != 0 {
			t.Fatal(page.Text())
		}
		if desk := officer.Get("/desk"); !desk.Has("待办理的付款申请") || desk.Find(`a[href="/desk/deliveries?what=claims"]`).Length() == 0 {
			t.Error(desk.Text())
		}
		if desk := lead.Get("/desk"); !desk.Has("下一个节点") || !desk.Has("结项") {
			t.Error(desk.Text())
		}
		decide := officer.Get(at).Find(`form[action$="/decide"]`).AttrOr("action", "")
		if page = officer.Post(decide, url.Values{"decision": {"return"}}); page.Code != 422 {
			t.Errorf("%d", page.Code)
		}
		officer.Post(decide, url.Values{"decision": {"approve"}})
		approver.API("POST", strings.TrimSuffix(decide, "/decide")+"/approve", nil).Want(200)
		if page = finance.Post(strings.TrimSuffix(decide, "/decide")+"/pay", url.Values{"bank_reference": {"GK1"}}); !page.Has("已付款") || !page.Has("260,000.00") {
			t.Error(page.Text())
		}
		var b claim.Book
		lead.API("GET", at, nil).Want(200).Into(&b)
		if len(b.Claims) != 1 || b.Account.Paid != 40_000_00 {
			t.Errorf("%+v", b)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
