package fund

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Read reads a fund; the caller authorises.
func Read(ctx context.Context, d bun.IDB, fund id.ID) (Fund, error) {
	var f Fund
	err := d.NewSelect().Model(&f).Where("id = ?", fund).Scan(ctx)
	return f, db.Found(err, "基金")
}

// ForUpdate reads a fund and locks its row for the transaction.
func ForUpdate(ctx context.Context, tx bun.IDB, fund id.ID) (Fund, error) {
	var f Fund
	err := db.Lock(tx.NewSelect().Model(&f).Where("id = ?", fund)).Scan(ctx)
	return f, db.Found(err, "基金")
}

// save writes a fund that was read at its Version, and counts it up.
func save(ctx context.Context, tx bun.Tx, f *Fund) error {
	was := f.Version
	f.Version++
	return db.One(tx.NewUpdate().Model(f).ExcludeColumn("id", "foundation", "created_at", "drafted_by").
		Where("id = ? AND version = ?", f.ID, was).Exec(ctx))
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Foundation id.ID // of one foundation; its own staff also see drafts then
	State      State
	Text       string // part of the full name, the sponsor or the region
	After      id.ID  // keyset: rows with a smaller id, newest first
	Limit      int    // 0 means 20, at most 200
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// where narrows a query over "fund AS f" to what the actor may see and asked for.
func (x Filter) where(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if x.Foundation != "" {
		q = q.Where("f.foundation = ?", x.Foundation)
	}
	if x.Foundation == "" || who.Org != x.Foundation {
		q = q.Where("f.state IN (?)", bun.List([]State{Active, Ended}))
	}
	if x.State != "" {
		q = q.Where("f.state = ?", x.State)
	}
	if t := strings.TrimSpace(x.Text); t != "" {
		q = q.Where("f.foundation_name || f.name || ' ' || f.sponsor || ' ' || f.region LIKE ? ESCAPE '!'", "%"+like.Replace(t)+"%")
	}
	return q
}

// List gives funds the actor may view with their money, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, x Filter) ([]Item, error) {
	if x.Limit <= 0 || x.Limit > 200 {
		x.Limit = 20
	}
	q := x.where(s.db.NewSelect().TableExpr("fund AS f"), who).ColumnExpr("f.*").
		ColumnExpr("COALESCE(a.money_in, 0) AS money_in, COALESCE(a.money_out, 0) AS money_out, COALESCE(a.balance, 0) AS balance").
		Join("LEFT JOIN ledger_account AS a ON a.id = f.cash_account").OrderExpr("f.id DESC").Limit(int64(x.Limit))
	if x.After != "" {
		q = q.Where("f.id < ?", x.After)
	}
	var out []Item
	err := q.Scan(ctx, &out)
	for i := range out {
		out[i].Full = out[i].FullName()
	}
	return out, db.Translate(err)
}

// Total is the sum over a whole list, all its pages.
type Total struct {
	Count int64 `bun:"count" json:"count"`
	Money
}

// Totals adds up the funds that the filter and the actor's rights leave.
func (s *Service) Totals(ctx context.Context, who party.Actor, x Filter) (Total, error) {
	var t Total
	err := x.where(s.db.NewSelect().TableExpr("fund AS f"), who).ColumnExpr("COUNT(*) AS count").
		ColumnExpr("CAST(COALESCE(SUM(a.money_in), 0) AS BIGINT) AS money_in").
		ColumnExpr("CAST(COALESCE(SUM(a.money_out), 0) AS BIGINT) AS money_out").
		ColumnExpr("CAST(COALESCE(SUM(a.balance), 0) AS BIGINT) AS balance").
		Join("LEFT JOIN ledger_account AS a ON a.id = f.cash_account").Scan(ctx, &t)
	return t, db.Translate(err)
}

// Money reads what one fund took in, paid out and holds; the caller has
// authorised the view of the fund.
func (s *Service) Money(ctx context.Context, d bun.IDB, f Fund) (Money, error) {
	if f.CashAccount == nil {
		return Money{}, nil
	}
	a, err := s.ledger.Account(ctx, d, *f.CashAccount)
	return Money{a.In, a.Out, a.Balance}, err
}

// Balance is Money outside a transaction.
func (s *Service) Balance(ctx context.Context, f Fund) (Money, error) { return s.Money(ctx, s.db, f) }

// Months is what came, went and stayed in each month, oldest first; the caller
// has authorised the view of the fund.
func (s *Service) Months(ctx context.Context, f Fund) ([]ledger.Month, error) {
	if f.CashAccount == nil {
		return nil, nil
	}
	return s.ledger.Months(ctx, s.db, *f.CashAccount)
}

// MayCreate reports whether the actor may draft a fund, for showing the button.
func (s *Service) MayCreate(who party.Actor) bool {
	return s.policy.Any(who.Relations(), Kind+".new", "create")
}
