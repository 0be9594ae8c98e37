package fund

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// budgetRelations are what an actor is to a fund's budget: whoever drafted it
// never approves it.
func budgetRelations(who party.Actor, f Fund, b Budget) []string {
	rel := who.Relations()
	if who.Org == "" || who.Org != f.Foundation {
		return rel
	}
	rel = append(rel, "fund.member")
	if who.Role == party.Approver && who.Account == b.DraftedBy {
		return rel
	}
	return append(rel, "fund."+string(who.Role))
}

// RequireBudget authorises an action on a fund's budget.
func (s *Service) RequireBudget(who party.Actor, f Fund, b Budget, action string) error {
	if err := s.Require(who, f, "view"); err != nil {
		return err
	}
	if f.State != Active && action != "view" {
		return fault.New(fault.Conflict, "“%s”现在是“%s”，不能编制预算", f.FullName(), f.StateName())
	}
	return s.policy.Require(budgetRelations(who, f, b), BudgetKind+"."+string(b.State), action)
}

// AllowedBudget reports whether an action is open, for showing buttons.
func (s *Service) AllowedBudget(who party.Actor, f Fund, b Budget, action string) bool {
	return s.RequireBudget(who, f, b, action) == nil
}

// Budget reads a year's budget; a draft of version 0 where there is none. The
// caller has authorised the view of the fund.
func (s *Service) Budget(ctx context.Context, d bun.IDB, fund id.ID, year int) (Budget, error) {
	return budgetOf(ctx, d, fund, year, false)
}

// BudgetOf is Budget outside a transaction, of a year that may have one.
func (s *Service) BudgetOf(ctx context.Context, f Fund, year int) (Budget, error) {
	if err := yearly(year); err != nil {
		return Budget{}, err
	}
	return s.Budget(ctx, s.db, f.ID, year)
}

func budgetOf(ctx context.Context, d bun.IDB, fund id.ID, year int, lock bool) (Budget, error) {
	var out []Budget
	q := d.NewSelect().Model(&out).Where("fund = ? AND year = ?", fund, year)
	if lock {
		q = db.Lock(q)
	}
	if err := q.Scan(ctx); err != nil {
		return Budget{}, db.Translate(err)
	}
	if len(out) == 0 {
		return Budget{Fund: fund, Year: year, State: BudgetDraft, Form: []BudgetRow{}, Lines: []Line{}}, nil
	}
	return out[0], nil
}

// Budgets lists the budgets that a fund has had in force, newest year first;
// the caller has authorised the view of the fund.
func (s *Service) Budgets(ctx context.Context, fund id.ID) ([]Budget, error) {
	var all []Budget
	err := s.db.NewSelect().Model(&all).Where("fund = ?", fund).Order("year DESC").Scan(ctx)
	out := []Budget{}
	for _, b := range all {
		if b.InForce() {
			out = append(out, b)
		}
	}
	return out, db.Translate(err)
}

// Uses puts a budget in force beside what was charged to it.
func (s *Service) Uses(ctx context.Context, b Budget) ([]Use, error) {
	charged, err := s.charged(ctx, s.db, b.Fund, b.Year)
	return b.Against(charged), err
}

func (s *Service) charged(ctx context.Context, d bun.IDB, fund id.ID, year int) (map[string]Charge, error) {
	if s.Charged == nil {
		return nil, nil
	}
	return s.Charged(ctx, d, fund, year)
}

// SaveBudget keeps a year's lines as typed, valid or not. What was approved
// stays in force until a revision is approved. A version of 0 saves over
// whatever is there.
func (s *Service) SaveBudget(ctx context.Context, who party.Actor, fund id.ID, year int, version int64, rows []BudgetRow) (Budget, error) {
	if err := storableRows(rows); err != nil {
		return Budget{}, err
	}
	return s.budget(ctx, who, fund, year, "edit", func(_ context.Context, _ bun.Tx, b *Budget, _ time.Time) error {
		if version != 0 && version != b.Version {
			return fault.New(fault.Conflict, "这份预算刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		if b.Form = rows; rows == nil {
			b.Form = []BudgetRow{}
		}
		b.State, b.DraftedBy = BudgetDraft, who.Account
		return nil
	})
}

// SubmitBudget hands a budget to the approver.
func (s *Service) SubmitBudget(ctx context.Context, who party.Actor, fund id.ID, year int) (Budget, error) {
	return s.budget(ctx, who, fund, year, "submit", func(ctx context.Context, tx bun.Tx, b *Budget, now time.Time) error {
		if _, err := s.readBudget(ctx, tx, *b); err != nil {
			return err
		}
		b.State, b.Reason = BudgetReview, ""
		return record(ctx, tx, who, now, fund, trail.Event{Action: "提交预算", Note: strconv.Itoa(year) + "年度"})
	})
}

// ReturnBudget sends a budget back with a reason.
func (s *Service) ReturnBudget(ctx context.Context, who party.Actor, fund id.ID, year int, reason string) (Budget, error) {
	reason, err := reasonOf(reason, "请写明退回的原因，项目官员据此修改")
	if err != nil {
		return Budget{}, err
	}
	return s.budget(ctx, who, fund, year, "return", func(ctx context.Context, tx bun.Tx, b *Budget, now time.Time) error {
		b.State, b.Reason = BudgetDraft, reason
		return record(ctx, tx, who, now, fund, trail.Event{Action: "退回预算", Note: strconv.Itoa(year) + "年度：" + reason})
	})
}

// ApproveBudget puts a budget that somebody else drafted in force: payments of
// the year are held to its lines from now.
func (s *Service) ApproveBudget(ctx context.Context, who party.Actor, fund id.ID, year int) (Budget, error) {
	return s.budget(ctx, who, fund, year, "approve", func(ctx context.Context, tx bun.Tx, b *Budget, now time.Time) error {
		lines, err := s.readBudget(ctx, tx, *b)
		if err != nil {
			return err
		}
		b.State, b.Lines, b.Reason, b.ApprovedBy, b.ApprovedAt = BudgetApproved, lines, "", &who.Account, &now
		return record(ctx, tx, who, now, fund, trail.Event{Action: "批准预算", Note: strconv.Itoa(year) + "年度，合计 " + b.Total().Yuan() + " 元", Public: true})
	})
}

func (s *Service) readBudget(ctx context.Context, d bun.IDB, b Budget) ([]Line, error) {
	charged, err := s.charged(ctx, d, b.Fund, b.Year)
	if err != nil {
		return nil, err
	}
	return b.read(charged)
}

// MissingBudget lists what keeps a budget from being submitted.
func (s *Service) MissingBudget(ctx context.Context, b Budget) ([]fault.Field, error) {
	_, err := s.readBudget(ctx, s.db, b)
	return fault.Complaints(err)
}

// budget is the frame of a budget's verbs. The fund's row is locked first, as
// payments do, so that no payment is charged while a budget changes.
func (s *Service) budget(ctx context.Context, who party.Actor, fund id.ID, year int, action string,
	do func(ctx context.Context, tx bun.Tx, b *Budget, now time.Time) error) (Budget, error) {
	var out Budget
	if err := yearly(year); err != nil {
		return out, err
	}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		f, err := ForUpdate(ctx, tx, fund)
		if err != nil {
			return err
		}
		b, err := budgetOf(ctx, tx, fund, year, true)
		if err != nil {
			return err
		}
		if err := s.RequireBudget(who, f, b, action); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := do(ctx, tx, &b, now); err != nil {
			return err
		}
		out, err = saveBudget(ctx, tx, b, now)
		return err
	})
	return out, err
}

func yearly(year int) error {
	if year < 2000 || year > 2199 {
		return fault.New(fault.Invalid, "年度应写成 2026 这样")
	}
	return nil
}

func saveBudget(ctx context.Context, tx bun.Tx, b Budget, now time.Time) (Budget, error) {
	was := b.Version
	b.Version++
	b.UpdatedAt = now
	if was == 0 {
		b.ID, b.CreatedAt = id.New(now), now
		_, err := tx.NewInsert().Model(&b).Exec(ctx)
		return b, db.Translate(err)
	}
	return b, db.One(tx.NewUpdate().Model(&b).ExcludeColumn("id", "fund", "year", "created_at").
		Where("id = ? AND version = ?", b.ID, was).Exec(ctx))
}

// Year is the budget year of a moment: the year in Beijing.
func Year(t time.Time) int { return t.In(clock.Beijing).Year() }
