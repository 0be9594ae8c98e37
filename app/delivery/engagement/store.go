package engagement

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

const noun = "履约项目"

func read(ctx context.Context, d bun.IDB, engagement id.ID) (Engagement, error) {
	var e Engagement
	err := d.NewSelect().Model(&e).Where("id = ?", engagement).Scan(ctx)
	return e, db.Found(err, noun)
}

// ForUpdate reads an engagement and locks its row for the transaction.
func ForUpdate(ctx context.Context, tx bun.Tx, engagement id.ID) (Engagement, error) {
	var e Engagement
	err := db.Lock(tx.NewSelect().Model(&e).Where("id = ?", engagement)).Scan(ctx)
	return e, db.Found(err, noun)
}

// ByRef finds the engagement of a contract or payment; the caller authorises.
func ByRef(ctx context.Context, d bun.IDB, k Kind, ref id.ID) (Engagement, error) {
	var e Engagement
	err := d.NewSelect().Model(&e).Where("kind = ? AND ref = ?", k, ref).Scan(ctx)
	return e, db.Found(err, noun)
}

// Find is ByRef outside a transaction, for what the actor may view.
func (s *Service) Find(ctx context.Context, who party.Actor, k Kind, ref id.ID) (Engagement, error) {
	e, err := ByRef(ctx, s.db, k, ref)
	if err == nil {
		err = s.Require(who, e, "view")
	}
	return e, err
}

// Get reads an engagement; its facts are public.
func (s *Service) Get(ctx context.Context, who party.Actor, engagement id.ID) (Engagement, error) {
	e, err := read(ctx, s.db, engagement)
	if err == nil {
		err = s.Require(who, e, "view")
	}
	if err != nil {
		return Engagement{}, err
	}
	return e, nil
}

// Now is the moment the service decides by, for showing states and countdowns.
func (s *Service) Now() time.Time { return s.clock.Now() }

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, engagement id.ID) ([]trail.Event, error) {
	e, err := s.Get(ctx, who, engagement)
	if err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, Object, engagement, !s.Allowed(who, e, "follow"))
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Payer    id.ID
	Provider id.ID
	// Party is an organisation in any of the three parts.
	Party id.ID
	Kind  Kind
	State State
	After id.ID // keyset: rows with a smaller id, newest first
	Limit int   // 0 means 20, at most 200
}

func (f Filter) where(q *bun.SelectQuery) *bun.SelectQuery {
	if f.Payer != "" {
		q = q.Where("payer = ?", f.Payer)
	}
	if f.Provider != "" {
		q = q.Where("provider = ?", f.Provider)
	}
	if f.Party != "" {
		q = q.Where("(payer = ? OR provider = ? OR evaluator = ?)", f.Party, f.Party, f.Party)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	return q
}

// List gives engagements, newest first; like each of them, a list is public.
func (s *Service) List(ctx context.Context, f Filter) ([]Engagement, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	out := []Engagement{}
	q := f.where(s.db.NewSelect().Model(&out)).Order("id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// Of lists what one organisation was paid to deliver, newest first.
func (s *Service) Of(ctx context.Context, provider, after id.ID, limit int) ([]Engagement, error) {
	return s.List(ctx, Filter{Provider: provider, After: after, Limit: limit})
}

// Sum is the number and the amounts of a whole list, all its pages.
type Sum struct {
	Count  int64     `bun:"count" json:"count"`
	Amount money.Fen `bun:"amount" json:"amount"`
}

// Total counts a whole list and adds up its amounts, but for what is void:
// nobody is paid for that.
func (s *Service) Total(ctx context.Context, f Filter) (Sum, error) {
	var t Sum
	err := f.where(s.db.NewSelect().Model((*Engagement)(nil))).ColumnExpr("COUNT(*) AS count").
		ColumnExpr("CAST(COALESCE(SUM(CASE WHEN state <> ? THEN amount END), 0) AS BIGINT) AS amount", Void).Scan(ctx, &t)
	return t, db.Translate(err)
}
