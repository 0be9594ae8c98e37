package payment

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Demand is what a payment takes to be approved.
type Demand struct {
	Approvals  int      `json:"approvals"`     // people who must approve, from 1
	Resolution bool     `json:"resolution"`    // of the 管委会 or the 理事会
	Why        []string `json:"why,omitempty"` // in Chinese, one for each thing beyond one approval
}

// Demand works out what a payment takes now; the caller has authorised its view.
func (s *Service) Demand(ctx context.Context, p Payment) (Demand, error) {
	return s.demand(ctx, s.db, p)
}

// demand looks at the foundation's limits and at the line that is charged.
func (s *Service) demand(ctx context.Context, d bun.IDB, p Payment) (Demand, error) {
	out := Demand{Approvals: 1}
	if p.Amount == nil {
		return out, nil
	}
	limit, err := s.limit(ctx, d, p.Foundation)
	if err != nil {
		return out, err
	}
	if limit.TwoAbove != nil && *p.Amount > *limit.TwoAbove {
		out.Approvals = 2
		out.Why = append(out.Why, "单笔超过 "+limit.TwoAbove.Yuan()+" 元，须两位秘书长身份的人员审批")
	}
	if limit.BoardAbove != nil && *p.Amount > *limit.BoardAbove {
		out.Approvals, out.Resolution = 2, true
		out.Why = append(out.Why, "单笔超过 "+limit.BoardAbove.Yuan()+" 元，须附管理委员会或者理事会的决议，并由两位秘书长身份的人员审批")
	}
	if p.BudgetYear == nil {
		return out, nil
	}
	b, err := s.funds.Budget(ctx, d, p.Fund, *p.BudgetYear)
	if err != nil {
		return out, err
	}
	line, ok := b.Line(p.BudgetLine)
	if !ok {
		return out, nil // complained of elsewhere
	}
	charged, err := s.charged(ctx, d, p.Fund, *p.BudgetYear)
	if err != nil {
		return out, err
	}
	used := charged[line.Name].Sum()
	if p.State == Approved || p.State == Paid {
		used -= *p.Amount
	}
	if over := used + *p.Amount - line.Amount; over > 0 {
		out.Approvals, out.Resolution = 2, true
		out.Why = append(out.Why, "超过预算科目“"+line.Name+"”"+over.Yuan()+" 元，须附管理委员会或者理事会的决议，并由两位秘书长身份的人员审批")
	}
	return out, nil
}

// charge holds a payment to the budget of its fund: where the year has one in
// force, a line of it is charged.
func (s *Service) charge(ctx context.Context, d bun.IDB, p *Payment, c *fault.Check) error {
	year := fund.Year(s.clock.Now())
	if p.BudgetYear != nil {
		year = *p.BudgetYear
	}
	b, err := s.funds.Budget(ctx, d, p.Fund, year)
	if err != nil || c.Failed("budget_line") {
		return err
	}
	switch _, ok := b.Line(p.BudgetLine); {
	case p.BudgetYear == nil && b.InForce():
		c.Fail("budget_line", "这只基金有 %d 年度的预算，请选择列支的科目", year)
	case p.BudgetYear != nil && !ok:
		c.Fail("budget_line", "%d 年度的预算里没有“%s”这个科目，请重新选择", year, p.BudgetLine)
	}
	return nil
}

// resolve asks for the resolution that the demand needs.
func (s *Service) resolve(x Demand, p *Payment, papers bool, c *fault.Check) {
	if !x.Resolution {
		return
	}
	why := x.Why[len(x.Why)-1]
	if p.ResolutionNo == "" {
		c.Fail("resolution_no", "%s；请填写会议届次或者文号", why)
	}
	if p.ResolutionOn == nil && !c.Failed("resolution_on") {
		c.Fail("resolution_on", "请填写决议的日期")
	}
	c.Must(p.ResolutionOn == nil || !p.ResolutionOn.After(s.clock.Now()), "resolution_on", "决议的日期不能在今天之后")
	c.Must(papers, "resolution", "请上传决议")
}

// charged adds up what payments charge to the lines of a fund's year.
func (s *Service) charged(ctx context.Context, d bun.IDB, from id.ID, year int) (map[string]fund.Charge, error) {
	var rows []struct {
		BudgetLine string
		State      State
		Sum        money.Fen
	}
	err := d.NewSelect().Model((*Payment)(nil)).ColumnExpr("budget_line, state, CAST(SUM(amount) AS BIGINT) AS sum").
		Where("fund = ? AND budget_year = ? AND state IN (?)", from, year, bun.List([]State{Approved, Paid})).GroupExpr("budget_line, state").Scan(ctx, &rows)
	out := map[string]fund.Charge{}
	for _, r := range rows {
		c := out[r.BudgetLine]
		if r.State == Paid {
			c.Paid += r.Sum
		} else {
			c.Waiting += r.Sum
		}
		out[r.BudgetLine] = c
	}
	return out, db.Translate(err)
}

// Loose are the payments that a fund must settle before it ends.
func (s *Service) Loose(ctx context.Context, d bun.IDB, from id.ID) ([]fund.Loose, error) {
	var list []Payment
	err := d.NewSelect().Model(&list).Where("fund = ? AND state IN (?)", from, bun.List([]State{Review, Approved})).Order("id").Limit(20).Scan(ctx)
	var out []fund.Loose
	for _, p := range list {
		out = append(out, fund.Loose{What: p.State.Name() + "的付款：" + p.PayeeName, Href: "/foundation/payments/" + string(p.ID), Amount: p.Amount, Firm: true})
	}
	return out, db.Translate(err)
}
