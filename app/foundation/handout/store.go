package handout

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

func read(ctx context.Context, d bun.IDB, handout id.ID, lock bool) (Handout, error) {
	var x Handout
	q := d.NewSelect().Model(&x).Where("id = ?", handout)
	if lock {
		q = db.Lock(q)
	}
	if err := q.Scan(ctx); err != nil {
		return x, db.Found(err, "物资发放")
	}
	return x, fill(ctx, d, []*Handout{&x})
}

func fill(ctx context.Context, d bun.IDB, list []*Handout) error {
	if len(list) == 0 {
		return nil
	}
	byID, ids := map[id.ID]*Handout{}, []id.ID{}
	for _, x := range list {
		byID[x.ID], ids = x, append(ids, x.ID)
	}
	var lines []Line
	if err := d.NewSelect().Model(&lines).Where("handout IN (?)", bun.List(ids)).Order("handout", "line").Scan(ctx); err != nil {
		return db.Translate(err)
	}
	for _, l := range lines {
		byID[l.Handout].Lines = append(byID[l.Handout].Lines, l)
	}
	return nil
}

func insert(ctx context.Context, tx bun.Tx, x Handout) error {
	if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	_, err := tx.NewInsert().Model(&x.Lines).Exec(ctx)
	return db.Translate(err)
}

func save(ctx context.Context, tx bun.Tx, x *Handout) error {
	was := x.Version
	x.Version++
	return db.One(tx.NewUpdate().Model(x).Column("state", "version", "number", "reason", "approved_by", "approver", "approved_at", "shipped_by", "shipper", "shipped_at", "signed_by", "signer", "signed_at").
		Where("id = ? AND version = ?", x.ID, was).Exec(ctx))
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Foundation id.ID // of one foundation; its own people see every state
	Recipient  id.ID // to one organisation; its own people see what was sent
	Fund       id.ID
	State      State
	Text       string // part of the recipient, the number or the purpose
	After      id.ID  // keyset: rows with a smaller id, newest first
	Limit      int    // 0 means 20, at most 200
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (f Filter) where(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	switch {
	case who.Org != "" && f.Foundation == who.Org:
	case who.Org != "" && f.Recipient == who.Org:
		q = q.Where("state IN (?)", bun.List([]State{Shipped, Signed}))
	default:
		q = q.Where("state = ?", Signed)
	}
	for _, c := range []struct{ column, value string }{{"foundation", string(f.Foundation)}, {"recipient", string(f.Recipient)}, {"fund", string(f.Fund)}, {"state", string(f.State)}} {
		if c.value != "" {
			q = q.Where("? = ?", bun.Ident(c.column), c.value)
		}
	}
	if t := strings.TrimSpace(f.Text); t != "" {
		q = q.Where("recipient_name || ' ' || COALESCE(number, '') || ' ' || purpose LIKE ? ESCAPE '!'", "%"+like.Replace(t)+"%")
	}
	return q
}

// List gives the hand-outs that the actor may view, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) ([]Handout, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	out := []Handout{}
	q := f.where(s.db.NewSelect().Model(&out), who).Order("id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	at := make([]*Handout, len(out))
	for i := range out {
		at[i] = &out[i]
	}
	return out, fill(ctx, s.db, at)
}

// Count is how long List is altogether.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	n, err := f.where(s.db.NewSelect().Model((*Handout)(nil)), who).Count(ctx)
	return int(n), db.Translate(err)
}
