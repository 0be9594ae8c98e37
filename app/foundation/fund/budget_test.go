package fund_test

import (
	"context"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

func TestABudgetIsDraftedApprovedAndRevised(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		f := h.Active(t, "社区助老专项基金")
		charged := map[string]fund.Charge{}
		h.Funds.Charged = func(context.Context, bun.IDB, id.ID, int) (map[string]fund.Charge, error) { return charged, nil }
		save := func(rows ...fund.BudgetRow) fund.Budget {
			t.Helper()
			b, err := h.Funds.SaveBudget(ctx, h.Officer, f.ID, 2026, 0, rows)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		submit := func() error { _, err := h.Funds.SubmitBudget(ctx, h.Officer, f.ID, 2026); return err }
		for says, rows := range map[string][]fund.BudgetRow{
			"至少填写一行": {{}}, "填了两次": {{Name: "照料", Amount: "1"}, {Name: "照料 ", Amount: "2"}}, "大于 0": {{Name: "照料", Amount: "0"}},
			"“照料”的金额": {{Name: "照料", Amount: "一百"}}, "2–40": {{Name: "照", Amount: "5"}},
		} {
			save(rows...)
			if err := submit(); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", says, err)
			}
		}
		b := save(fund.BudgetRow{Name: "上门照料", Amount: "600"}, fund.BudgetRow{Name: "应急帮扶", Amount: "400"})
		if b.InForce() {
			t.Error("a draft is in force")
		}
		if _, err := h.Funds.SaveBudget(ctx, h.Officer, f.ID, 2026, 1, nil); !fault.Is(err, fault.Conflict) {
			t.Errorf("an older copy was saved over a newer one: %v", err)
		}
		if err := submit(); err != nil {
			t.Fatal(err)
		}
		raised := h.Officer
		raised.Role = party.Approver
		if _, err := h.Funds.ApproveBudget(ctx, raised, f.ID, 2026); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the drafter approved: %v", err)
		}
		if _, err := h.Funds.ReturnBudget(ctx, h.Approver, f.ID, 2026, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("returned without a reason: %v", err)
		}
		b, err := h.Funds.ApproveBudget(ctx, h.Approver, f.ID, 2026)
		if err != nil || b.Total() != 1_000*money.Yuan || !b.InForce() {
			t.Fatal(b, err)
		}
		charged["上门照料"] = fund.Charge{Paid: 300 * money.Yuan, Waiting: 100 * money.Yuan}
		if b = save(fund.BudgetRow{Name: "应急帮扶", Amount: "900"}); b.Total() != 1_000*money.Yuan || b.StateName() != "执行中，正在调整" {
			t.Errorf("a revision being written changed what is in force: %+v", b)
		}
		if err := submit(); err == nil || !strings.Contains(err.Error(), "“上门照料”已有付款，不能删去") {
			t.Errorf("a charged line was struck out: %v", err)
		}
		save(fund.BudgetRow{Name: "上门照料", Amount: "399.99"}, fund.BudgetRow{Name: "应急帮扶", Amount: "900"})
		if err := submit(); err == nil || !strings.Contains(err.Error(), "400.00 元，预算不能低于") {
			t.Errorf("a line was cut below what is charged: %v", err)
		}
		save(fund.BudgetRow{Name: "上门照料", Amount: "400"}, fund.BudgetRow{Name: "应急帮扶", Amount: "900"})
		if err := submit(); err != nil {
			t.Fatal(err)
		}
		if b, err = h.Funds.ApproveBudget(ctx, h.Approver, f.ID, 2026); err != nil || b.Total() != 1_300*money.Yuan {
			t.Errorf("revised to %s, %v", b.Total(), err)
		}
		uses, err := h.Funds.Uses(ctx, b)
		if err != nil || len(uses) != 2 || uses[0].Left() != 0 || uses[1].Left() != 900*money.Yuan {
			t.Errorf("uses %+v, %v", uses, err)
		}
		list, err := h.Funds.Budgets(ctx, f.ID)
		if err != nil || len(list) != 1 {
			t.Errorf("%d budgets, %v", len(list), err)
		}
		events, err := h.Funds.Timeline(ctx, party.Actor{}, f.ID)
		if err != nil || !public(events, "批准预算", "1,300.00 元") {
			t.Errorf("the public reads %+v, %v", events, err)
		}
		if _, err := h.Funds.SaveBudget(ctx, h.Officer, f.ID, 1999, 0, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("a budget of 1999: %v", err)
		}
		if _, err := h.Funds.SaveBudget(ctx, h.Officer, f.ID, 2026, 0, make([]fund.BudgetRow, fund.MostLines+1)); !fault.Is(err, fault.Invalid) {
			t.Errorf("too many lines: %v", err)
		}
	})
}
