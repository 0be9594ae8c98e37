package fund

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
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

// sponsoring reports whether a sponsor's name is that of a fund of the same
// foundation: a fund is no legal person and founds no other.
func sponsoring(ctx context.Context, d bun.IDB, foundation id.ID, sponsor string, but id.ID) (bool, error) {
	ok, err := d.NewSelect().Model((*Fund)(nil)).
		Where("foundation = ? AND id <> ? AND state <> ?", foundation, but, Draft).
		Where("name = ? OR foundation_name || name = ?", sponsor, sponsor).Exists(ctx)
	return ok, db.Translate(err)
}

// below is the fund of the same foundation that a name puts another under: the
// name begins with that fund's and goes on to name one more. "" for none.
func below(ctx context.Context, d bun.IDB, foundation id.ID, name string, but id.ID) (string, error) {
	var names []string
	err := d.NewSelect().Model((*Fund)(nil)).Column("name").
		Where("foundation = ? AND id <> ? AND state <> ?", foundation, but, Draft).
		Where("length(name) < length(?) AND substr(?, 1, length(name)) = name", name, name).Limit(50).Scan(ctx, &names)
	for _, n := range names {
		if n != "" && strings.Contains(strings.TrimPrefix(name, n), "基金") {
			return n, nil
		}
	}
	return "", db.Translate(err)
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Foundation id.ID // of one foundation; its own staff also see drafts then
	State      State
	Text       string // every word of it, or part of the full name, the sponsor or the region
	After      id.ID  // keyset: rows with a smaller id, newest first
	Limit      int    // 0 means 20, at most 200

	found []id.ID // by the search
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// where narrows a query over "fund AS f" to what the actor may see and asked for.
func (x Filter) where(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if x.Foundation != "" {
		q = q.Where("f.foundation = ?", x.Foundation)
	}
	if x.Foundation == "" || who.Org != x.Foundation {
		q = q.Where("f.state IN (?)", bun.List([]State{Active, Winding, Ended}))
	}
	if x.State != "" {
		q = q.Where("f.state = ?", x.State)
	}
	if t := strings.TrimSpace(x.Text); t != "" {
		part := "%" + like.Replace(t) + "%"
		q = q.Where("(f.foundation_name || f.name || ' ' || f.sponsor || ' ' || f.region LIKE ? ESCAPE '!' OR f.id IN (?))", part, bun.List(x.found))
	}
	return q
}

// seek asks the search for what was typed. Drafts are not indexed.
func (s *Service) seek(ctx context.Context, x Filter) (Filter, error) {
	if strings.TrimSpace(x.Text) == "" {
		return x, nil
	}
	r, err := search.Find(ctx, s.db, search.Fund, x.Text, search.Most)
	x.found = r.IDs
	return x, err
}

// List gives funds the actor may view with their money, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, x Filter) ([]Item, error) {
	if x.Limit <= 0 || x.Limit > 200 {
		x.Limit = 20
	}
	x, err := s.seek(ctx, x)
	if err != nil {
		return nil, err
	}
	q := x.where(s.db.NewSelect().TableExpr("fund AS f"), who).ColumnExpr("f.*").
		ColumnExpr("COALESCE(a.money_in, 0) AS money_in, COALESCE(a.money_out, 0) AS money_out, COALESCE(a.balance, 0) AS balance").
		Join("LEFT JOIN ledger_account AS a ON a.id = f.cash_account").OrderExpr("f.id DESC").Limit(int64(x.Limit))
	if x.After != "" {
		q = q.Where("f.id < ?", x.After)
	}
	var out []Item
	err = q.Scan(ctx, &out)
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

// Totals adds up the funds that the filter and the actor's rights leave. What
// one fund handed to another when it ended is neither a gift nor spent, so it
// is left out of In and Out.
func (s *Service) Totals(ctx context.Context, who party.Actor, x Filter) (Total, error) {
	var t Total
	x, err := s.seek(ctx, x)
	if err != nil {
		return t, err
	}
	err = x.where(s.db.NewSelect().TableExpr("fund AS f"), who).ColumnExpr("COUNT(*) AS count").
		ColumnExpr("CAST(COALESCE(SUM(a.money_in - ("+handed("to_fund")+")), 0) AS BIGINT) AS money_in").
		ColumnExpr("CAST(COALESCE(SUM(a.money_out - ("+handed("fund")+")), 0) AS BIGINT) AS money_out").
		ColumnExpr("CAST(COALESCE(SUM(a.balance), 0) AS BIGINT) AS balance").
		Join("LEFT JOIN ledger_account AS a ON a.id = f.cash_account").Scan(ctx, &t)
	return t, db.Translate(err)
}

// handed is SQL for what ending funds moved, by the column that names fund f.
func handed(column string) string {
	return "SELECT COALESCE(SUM(c.moved), 0) FROM fund_closing AS c WHERE c.state = 'done' AND c." + column + " = f.id"
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
