package campaign

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

func read(ctx context.Context, d bun.IDB, campaign id.ID, lock bool) (Campaign, error) {
	var x Campaign
	q := d.NewSelect().Model(&x).Where("id = ?", campaign)
	if lock {
		q = db.Lock(q)
	}
	err := q.Scan(ctx)
	return x, db.Found(err, "募捐活动")
}

// Read reads a campaign in a caller's transaction, for callers that have
// authorised.
func Read(ctx context.Context, d bun.IDB, campaign id.ID) (Campaign, error) {
	return read(ctx, d, campaign, false)
}

// ForUpdate locks a campaign's row until the transaction ends.
func ForUpdate(ctx context.Context, tx bun.IDB, campaign id.ID) (Campaign, error) {
	return read(ctx, tx, campaign, true)
}

// Settled are a campaign's settlements that were entered, by their donations,
// for callers that have authorised. A donor who is named has a donation of their
// own: it is there with an empty settlement, which the nameless one sums up.
func Settled(ctx context.Context, d bun.IDB, campaign id.ID) (map[id.ID]Settlement, error) {
	list, err := settlements(ctx, d, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("s.campaign = ? AND s.donation IS NOT NULL", campaign)
	})
	out := make(map[id.ID]Settlement, len(list))
	if err != nil || len(list) == 0 {
		return out, err
	}
	of := make([]id.ID, 0, len(list))
	for _, x := range list {
		out[*x.Donation] = x
		of = append(of, *x.Donation)
	}
	var own []id.ID
	if err := d.NewSelect().TableExpr("donation").Column("id").Where("gathered_in IN (?)", bun.List(of)).Scan(ctx, &own); err != nil {
		return nil, db.Translate(err)
	}
	for _, d := range own {
		out[d] = Settlement{}
	}
	return out, nil
}

func save(ctx context.Context, tx bun.Tx, x *Campaign) error {
	was := x.Version
	x.Version++
	return db.One(tx.NewUpdate().Model(x).ExcludeColumn("id", "foundation", "foundation_name", "created_at", "drafted_by").
		Where("id = ? AND version = ?", x.ID, was).Exec(ctx))
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Foundation id.ID // the actor's own shows every state
	Fund       id.ID
	State      State
	Text       string // every word of it, or part of the name, the foundation, the platform or the filing number
	After      id.ID  // keyset: rows with a smaller id, newest first
	Limit      int    // 0 means 20, at most 200

	found []id.ID // by the search
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// where narrows a query to what the actor may see and asked for.
func (f Filter) where(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if f.Foundation != "" {
		q = q.Where("foundation = ?", f.Foundation)
	}
	if f.Foundation == "" || who.Org != f.Foundation {
		q = q.Where("state IN (?)", bun.List([]State{Running, Ended}))
	}
	if f.Fund != "" {
		q = q.Where("fund = ?", f.Fund)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if t := strings.TrimSpace(f.Text); t != "" {
		part := "%" + like.Replace(t) + "%"
		q = q.Where("(name || ' ' || foundation_name || ' ' || platform || ' ' || filing LIKE ? ESCAPE '!' OR id IN (?))", part, bun.List(f.found))
	}
	return q
}

// seek asks the search for what the public types. A foundation's own list has
// drafts, which are not indexed.
func (s *Service) seek(ctx context.Context, f Filter) (Filter, error) {
	if strings.TrimSpace(f.Text) == "" {
		return f, nil
	}
	r, err := search.Find(ctx, s.db, search.Campaign, f.Text, search.Most)
	f.found = r.IDs
	return f, err
}

// List gives campaigns the actor may view, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) ([]Campaign, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	out := []Campaign{}
	f, err := s.seek(ctx, f)
	if err != nil {
		return nil, err
	}
	q := f.where(s.db.NewSelect().Model(&out), who).Order("id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err = q.Scan(ctx)
	return out, db.Translate(err)
}

// Count is how long List is altogether.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	f, err := s.seek(ctx, f)
	if err != nil {
		return 0, err
	}
	n, err := f.where(s.db.NewSelect().Model((*Campaign)(nil)), who).Count(ctx)
	return int(n), db.Translate(err)
}

// Total adds up what the platform has paid over; the caller has authorised the
// view of the campaign.
func (s *Service) Total(ctx context.Context, campaign id.ID) (Total, error) {
	var t Total
	err := s.db.NewSelect().TableExpr("campaign_settlement AS s").Join("JOIN donation AS d ON d.id = s.donation").
		ColumnExpr("COUNT(*) AS count").
		ColumnExpr("CAST(COALESCE(SUM(s.gross), 0) AS BIGINT) AS gross").
		ColumnExpr("CAST(COALESCE(SUM(s.fee), 0) AS BIGINT) AS fee").
		ColumnExpr("CAST(COALESCE(SUM(s.net), 0) AS BIGINT) AS net").
		ColumnExpr("CAST(COALESCE(SUM(s.gifts), 0) AS BIGINT) AS gifts").
		Where("s.campaign = ? AND d.state = ?", campaign, donation.Confirmed).Scan(ctx, &t)
	return t, db.Translate(err)
}

func settlements(ctx context.Context, d bun.IDB, narrow func(*bun.SelectQuery) *bun.SelectQuery) ([]Settlement, error) {
	out := []Settlement{}
	err := narrow(d.NewSelect().Model(&out).ColumnExpr("s.*").
		ColumnExpr("COALESCE(d.state, '') AS donation_state, COALESCE(d.reference, '') AS donation_reference, d.arrived_at").
		Join("LEFT JOIN donation AS d ON d.id = s.donation")).OrderExpr("s.id DESC").Scan(ctx)
	return out, db.Translate(err)
}

// Arrived lists the settlements whose money was confirmed, newest first, as
// anyone may see them; the caller has authorised the view of the campaign.
func (s *Service) Arrived(ctx context.Context, campaign id.ID) ([]Arrived, error) {
	list, err := settlements(ctx, s.db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("s.campaign = ? AND d.state = ?", campaign, donation.Confirmed).Limit(200)
	})
	out := make([]Arrived, 0, len(list))
	for _, x := range list {
		out = append(out, Arrived{From: x.From, To: x.To, Gross: x.Gross, Fee: x.Fee, Net: x.Net, Gifts: x.Gifts, At: *x.ArrivedAt})
	}
	return out, err
}
