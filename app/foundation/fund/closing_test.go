package fund_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/storage/db/dbtest"
)

// ending is a proposal that the rules take.
func ending(to id.ID) fund.ClosingForm {
	return fund.ClosingForm{Reason: "设立的目的已经实现", SurplusTo: "fund", ToFund: to, Likeness: "都用于横沥镇的社区防控",
		BoardOn: "2026-05-30", BoardNo: "管委会第三次会议"}
}

func resolve(t *testing.T, h *fundtest.House, f fund.Fund) {
	t.Helper()
	if _, err := h.Attachments.Add(t.Context(), h.Officer, fund.ResolutionKind, f.ID, "", "决议.pdf", bytes.NewReader(fundtest.Agreement)); err != nil {
		t.Fatal(err)
	}
}

func TestAFundEndsAndHandsOnWhatIsLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		f, to := h.Active(t, "甲社区基金"), h.Active(t, "乙社区基金")
		h.Give(t, f, 100*money.Yuan)
		h.Give(t, to, 7*money.Yuan)
		if _, err := h.Funds.End(ctx, h.Approver, f.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("ended without a proposal: %v", err)
		}
		if _, err := h.Funds.Propose(ctx, h.Approver, f.ID, ending(to.ID)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the approver proposed: %v", err)
		}
		f, err := h.Funds.Propose(ctx, h.Officer, f.ID, ending(to.ID))
		if err != nil || f.State != fund.Winding {
			t.Fatal(f.State, err)
		}
		if _, err := h.Funds.Active(ctx, d, f.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("a fund that is to end takes new money: %v", err)
		}
		if _, err := h.Funds.Settling(ctx, d, f.ID); err != nil {
			t.Errorf("a fund that is to end settles nothing: %v", err)
		}
		if _, err := h.Funds.End(ctx, h.Approver, f.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "决议") {
			t.Errorf("ended without the resolution: %v", err)
		}
		resolve(t, h, f)
		raised := h.Officer
		raised.Role = party.Approver
		if _, err := h.Funds.End(ctx, raised, f.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the proposer decided: %v", err)
		}
		if f, err = h.Funds.End(ctx, h.Approver, f.ID); err != nil || f.State != fund.Ended || f.EndedAt == nil {
			t.Fatal(f.State, err)
		}
		left, _ := h.Funds.Balance(ctx, f)
		took, _ := h.Funds.Balance(ctx, to)
		if left.Balance != 0 || took.Balance != 107*money.Yuan {
			t.Errorf("left %s, took %s", left.Balance, took.Balance)
		}
		c, err := h.Funds.Closing(ctx, f)
		if err != nil || c.Moved != 100*money.Yuan || c.LedgerTx == nil || !strings.Contains(c.Outcome(), "100.00 元转入“横沥社区发展基金会乙社区基金”") {
			t.Errorf("closing %+v, %v", c, err)
		}
		tx, err := h.Ledger.Get(ctx, d, *c.LedgerTx)
		if err != nil || tx.CauseKind != "fund_closing" || tx.CauseID != c.ID {
			t.Errorf("posted for %s %s, %v", tx.CauseKind, tx.CauseID, err)
		}
		total, err := h.Funds.Totals(ctx, party.Actor{}, fund.Filter{})
		if err != nil || total.In != 107*money.Yuan || total.Out != 0 || total.Balance != 107*money.Yuan {
			t.Errorf("what was handed on counts as given or spent: %+v, %v", total, err)
		}
		events, err := h.Funds.Timeline(ctx, party.Actor{}, f.ID)
		if err != nil || !public(events, "终止", "100.00 元") {
			t.Errorf("the public reads %+v, %v", events, err)
		}
		if events, err = h.Funds.Timeline(ctx, party.Actor{}, to.ID); err != nil || !public(events, "接收剩余财产", "甲社区基金") {
			t.Errorf("the taker's public reads %+v, %v", events, err)
		}
		for name, step := range map[string]func() error{
			"ended again": func() error { _, err := h.Funds.End(ctx, h.Approver, f.ID); return err },
			"proposed":    func() error { _, err := h.Funds.Propose(ctx, h.Officer, f.ID, ending(to.ID)); return err },
			"resumed":     func() error { _, err := h.Funds.Resume(ctx, h.Officer, f.ID, "反悔"); return err },
			"budgeted":    func() error { _, err := h.Funds.SaveBudget(ctx, h.Officer, f.ID, 2026, 0, nil); return err },
			"filled":      func() error { _, err := h.Funds.Settling(ctx, d, f.ID); return err },
		} {
			if err := step(); err == nil {
				t.Errorf("an ended fund was %s", name)
			}
		}
		if _, err := h.Funds.Get(ctx, party.Actor{}, f.ID); err != nil {
			t.Errorf("an ended fund is not readable: %v", err)
		}
		if r, err := h.Ledger.Verify(ctx, h.Foundation); err != nil || !r.Sound() {
			t.Errorf("%v %v", r.Problems, err)
		}
	})
}

func TestTheSurplusGoesWhereTheAgreementSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		f, to := h.Active(t, "甲社区基金"), h.Active(t, "乙社区基金")
		elsewhere := h.Org(t, party.Social, "晨光社会工作服务中心")
		for name, c := range map[string]struct {
			change      func(*fund.ClosingForm)
			field, says string
		}{
			"慈善法58 另有去向":           {func(x *fund.ClosingForm) { x.SurplusTo, x.ToOrg = "charity", string(elsewhere) }, "surplus_to", "慈善法第58条"},
			"慈善法58 没有去向":           {func(x *fund.ClosingForm) { x.SurplusTo = "" }, "surplus_to", "慈善法第58条"},
			"民发241 没有决议":           {func(x *fund.ClosingForm) { x.BoardOn = "" }, "board_on", "民发〔2015〕241号"},
			"a resolution to come": {func(x *fund.ClosingForm) { x.BoardOn = "2026-06-02" }, "board_on", "今天之后"},
			"to itself":            {func(x *fund.ClosingForm) { x.ToFund = f.ID }, "to_fund", "另一只"},
			"to nobody":            {func(x *fund.ClosingForm) { x.ToFund = "" }, "to_fund", "另一只"},
			"unlike":               {func(x *fund.ClosingForm) { x.Likeness = "像" }, "likeness", "相近"},
			"no reason":            {func(x *fund.ClosingForm) { x.Reason = "" }, "reason", "原因"},
			"NUL":                  {func(x *fund.ClosingForm) { x.LeftOpen = "\x00" }, "left_open", "无法识别"},
		} {
			form := ending(to.ID)
			c.change(&form)
			_, err := h.Funds.Propose(ctx, h.Officer, f.ID, form)
			x, ok := errors.AsType[*fault.Fault](err)
			if !ok || len(x.Fields) != 1 || x.Fields[0].Name != c.field || !strings.Contains(x.Fields[0].Message, c.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
		none := ending("")
		none.SurplusTo, none.Likeness = "none", ""
		if _, err := h.Funds.Propose(ctx, h.Officer, f.ID, none); err != nil {
			t.Fatal(err)
		}
		resolve(t, h, f)
		h.Give(t, f, 100)
		if _, err := h.Funds.End(ctx, h.Approver, f.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "1.00 元") {
			t.Errorf("a fund with money in it ended: %v", err)
		}
		if f, err := h.Funds.Resume(ctx, h.Approver, f.ID, "账上还有余额"); err != nil || f.State != fund.Active || f.Reason != "" {
			t.Errorf("not resumed: %+v, %v", f, err)
		}
		if _, err := h.Funds.Propose(ctx, h.Officer, f.ID, ending(to.ID)); err != nil {
			t.Errorf("not proposed again: %v", err)
		}
	})
}

func TestWhatIsOpenIsSettledOrNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		f, to := h.Active(t, "甲社区基金"), h.Active(t, "乙社区基金")
		open := []fund.Loose{{What: "待付款的付款：晨光", Firm: true}, {What: "待到账的认捐 A1"}}
		h.Funds.Open = append(h.Funds.Open, func(context.Context, bun.IDB, id.ID) ([]fund.Loose, error) { return open, nil })
		if _, err := h.Funds.Propose(ctx, h.Officer, f.ID, ending(to.ID)); err != nil {
			t.Fatal(err)
		}
		resolve(t, h, f)
		if _, err := h.Funds.End(ctx, h.Approver, f.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "待付款的付款") {
			t.Errorf("ended with a payment open: %v", err)
		}
		open = open[1:]
		if _, err := h.Funds.End(ctx, h.Approver, f.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "认捐 A1") {
			t.Errorf("ended with a pledge nobody spoke of: %v", err)
		}
		if _, err := h.Funds.Resume(ctx, h.Officer, f.ID, "补写未结事项"); err != nil {
			t.Fatal(err)
		}
		form := ending(to.ID)
		form.LeftOpen = "认捐 A1 已联系捐赠人改捐乙社区基金"
		if _, err := h.Funds.Propose(ctx, h.Officer, f.ID, form); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Funds.End(ctx, h.Approver, f.ID); err != nil {
			t.Errorf("named and not ended: %v", err)
		}
	})
}

func TestNoFundWithinAFund(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := fundtest.New(t, d), t.Context()
		parent := h.Active(t, "社区助老专项基金")
		h.Active(t, "横沥爱心基金")
		for name, form := range map[string]fund.Form{"by name": fundtest.Form("社区助老专项基金冬季基金"), "by another's": fundtest.Form("横沥爱心基金第二期基金"), "by sponsor": fundtest.Form("冬季基金")} {
			if name == "by sponsor" {
				form.Sponsor = parent.FullName()
			}
			f, err := h.Funds.Create(ctx, h.Officer, form)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = h.Funds.Submit(ctx, h.Officer, f.ID); err == nil || !strings.Contains(err.Error(), "民发〔2015〕241号") {
				t.Errorf("%s: a fund within a fund: %v", name, err)
			}
		}
		if _, err := h.Funds.Mark(ctx, organisation.System, parent.ID, fund.Provenance{Demo: true, Marks: []string{"fee"}}); err != nil {
			t.Errorf("not marked: %v", err)
		}
		if _, err := h.Funds.Mark(ctx, h.Approver, parent.ID, fund.Provenance{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a person marked a fund: %v", err)
		}
	})
}

func TestTheCommitteeIsNamedOnlyWhereItAgreed(t *testing.T) {
	f := fund.Facts{Members: []fund.Member{{Name: "欧阳修远", Side: "捐赠人", Seat: "主任"}}}
	if got := f.Shown()[0]; strings.Contains(got.Name, "修远") || got.Side != "捐赠人" || f.Members[0].Name != "欧阳修远" {
		t.Errorf("shown as %+v", got)
	}
	f.MembersPublic = true
	if got := f.Shown()[0].String(); got != "欧阳修远（主任），代表捐赠人" {
		t.Errorf("shown as %s", got)
	}
}
