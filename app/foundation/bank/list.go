package bank

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Filter narrows the list of lines; zero fields do not.
type Filter struct {
	Text   string // in the other side's name, the memo or the number; or an amount
	State  LineState
	Way    string // "in" or "out"
	Sure   string // "sure", "unsure" (a guess below), "none" (no guess)
	Mine   string // "confirm": what the actor may confirm; "reverse": reversals the actor may decide
	Bank   id.ID
	Import id.ID
	Month  string // "2026-05"
	After  id.ID  // keyset: older than this one
	Limit  int    // 0 means 50, at most 500
}

// List is one page of lines, newest day first, and what is under the filter.
type List struct {
	Items []Item
	Total int
	Sum   money.Fen // 分, in less out
	Next  id.ID     // the After of the following page; "" at the end
}

// Item is a line with its live match and how long it has waited.
type Item struct {
	Line
	Live *Match // nil where nothing is proposed
	Age  int    // days since the bank's day
}

// Lines lists the lines of the actor's foundation.
func (s *Service) Lines(ctx context.Context, who party.Actor, f Filter) (List, error) {
	var out List
	if err := s.require(who, "view"); err != nil {
		return out, err
	}
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 50
	}
	var head struct {
		Total int
		Sum   money.Fen
	}
	all := s.knowsAll(who)
	if err := f.narrow(s.db.NewSelect().Model((*Line)(nil)), who, all).ColumnExpr("count(*) AS total, CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS sum").Scan(ctx, &head); err != nil {
		return out, db.Translate(err)
	}
	out.Total, out.Sum = head.Total, head.Sum
	var rows []Line
	q := f.narrow(s.db.NewSelect().Model(&rows), who, all).Order("id DESC").Limit(int64(f.Limit) + 1)
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	if err := q.Scan(ctx); err != nil {
		return out, db.Translate(err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		out.Next = rows[f.Limit-1].ID
	}
	var err error
	out.Items, err = s.items(ctx, who, rows)
	return out, err
}

func (s *Service) items(ctx context.Context, who party.Actor, rows []Line) ([]Item, error) {
	refs := make([]*Line, len(rows))
	for i := range rows {
		refs[i] = &rows[i]
	}
	covered, err := s.cover(ctx, who, refs...)
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	for _, l := range rows {
		if l.Match != nil {
			ids = append(ids, *l.Match)
		}
	}
	byID := map[id.ID]*Match{}
	if len(ids) > 0 {
		var ms []Match
		if err := s.db.NewSelect().Model(&ms).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
			return nil, db.Translate(err)
		}
		for n := range ms {
			byID[ms[n].ID] = &ms[n]
		}
	}
	now := s.clock.Now()
	out := make([]Item, 0, len(rows))
	for _, l := range rows {
		x := Item{Line: l, Age: age(l.Day, now)}
		if l.Match != nil {
			if x.Live = byID[*l.Match]; x.Live != nil && covered[l.ID] {
				x.Live.hide()
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// age is how many days have gone by since a Beijing day.
func age(day string, now time.Time) int {
	t, err := time.ParseInLocation(time.DateOnly, day, clock.Beijing)
	if err != nil {
		return 0
	}
	return max(0, int(now.Sub(t)/(24*time.Hour)))
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// narrow is the filter in SQL; all says that no donor is hidden from the actor,
// else lines of such donors are not found by their words.
func (f Filter) narrow(q *bun.SelectQuery, who party.Actor, all bool) *bun.SelectQuery {
	q = q.Where("foundation = ?", who.Org)
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	switch f.Way {
	case "in":
		q = q.Where("amount > 0")
	case "out":
		q = q.Where("amount < 0")
	}
	switch f.Sure {
	case "sure":
		q = q.Where("state = ? AND score >= ?", Open, Sure)
	case "unsure":
		q = q.Where("state = ? AND score BETWEEN 1 AND ?", Open, Sure-1)
	case "none":
		q = q.Where("state = ? AND score = 0", Open)
	}
	if f.Mine == "confirm" {
		q = q.Where("state = ? AND made_by <> ?", Proposed, who.Account).
			Where("NOT EXISTS (SELECT 1 FROM bank_match AS m WHERE m.id = match AND m.proposed_by = ?)", who.Account)
	}
	if f.Mine == "reverse" {
		q = q.Where("state = ? AND EXISTS (SELECT 1 FROM bank_match AS m WHERE m.id = match AND m.undo_by <> ?)", Booked, who.Account)
	}
	if f.Bank != "" {
		q = q.Where("bank = ?", f.Bank)
	}
	if f.Import != "" {
		q = q.Where("import = ?", f.Import)
	}
	if f.Month != "" {
		q = q.Where("on_day >= ? AND on_day <= ?", f.Month+"-01", f.Month+"-31")
	}
	if t := strings.TrimSpace(f.Text); t != "" {
		if !all {
			q = q.Where("id NOT IN ("+secret+")", who.Org)
		}
		if n, err := money.Parse(t); err == nil && n > 0 {
			return q.Where("(amount IN (?) OR serial = ?)", bun.List([]money.Fen{n, -n}), t)
		}
		q = q.Where("name || ' ' || memo || ' ' || serial LIKE ? ESCAPE '!'", "%"+like.Replace(t)+"%")
	}
	return q
}

// Show is one line with all that was ever said of it.
type Show struct {
	Item
	Account  Account       `json:"account"`
	File     Import        `json:"file"`
	Matches  []Match       `json:"matches"` // newest first
	Timeline []trail.Event `json:"timeline"`
	// Relation is what the donor declared, where the live match is a pledge
	// that must be looked into (慈善法40); "" otherwise.
	Relation string `json:"relation,omitempty"`
	Target   string `json:"target,omitempty"` // the live match's, for people
	// Reversible reports whether the confirmed match can be undone here; one
	// that made its donation is undone there.
	Reversible bool `json:"reversible"`
}

// Get reads a line of the actor's foundation.
func (s *Service) Get(ctx context.Context, who party.Actor, line id.ID) (Show, error) {
	var out Show
	if err := s.require(who, "view"); err != nil {
		return out, err
	}
	l, err := readLine(ctx, s.db, who.Org, line, false)
	if err != nil {
		return out, err
	}
	items, err := s.items(ctx, who, []Line{l})
	if err != nil {
		return out, err
	}
	out.Item = items[0]
	if out.Account, err = readAccount(ctx, s.db, who.Org, l.Bank, false); err != nil {
		return out, err
	}
	if out.File, err = readImport(ctx, s.db, who.Org, l.Import, false); err != nil {
		return out, err
	}
	if !s.knowsAll(who) {
		out.File.Preview = Preview{}
	}
	if err := s.db.NewSelect().Model(&out.Matches).Where("line = ?", line).Order("id DESC").Scan(ctx); err != nil {
		return out, db.Translate(err)
	}
	out.Reversible = out.Live != nil && out.Live.State == Taken
	if m := out.Live; m != nil && m.Kind == Gift {
		d, err := donation.Read(ctx, s.db, *m.Target)
		if err != nil {
			return out, err
		}
		d = donation.Seen(s.policy, who, d)
		out.Target = d.Name() + "，登记号 " + d.Reference
		out.Reversible = out.Reversible && (d.LedgerTx == nil || m.LedgerTx == nil || *d.LedgerTx != *m.LedgerTx)
		if d.Relation == donation.Declared && d.State == donation.Pledged {
			out.Relation = d.RelationNote
		}
	}
	if out.Timeline, err = trail.Of(ctx, s.db, LineKind, line, false); err != nil {
		return out, err
	}
	if out.Name == donation.Withheld && !s.knowsAll(who) {
		out.hidden()
	}
	return out, nil
}

// Heap is how much waits, in number and 分; Oldest is the bank's day of the
// first of it, "" where nothing waits.
type Heap struct {
	Count  int       `json:"count"`
	Sum    money.Fen `json:"sum"`
	Oldest string    `json:"oldest,omitempty"`
}

// Waiting is what waits on a foundation's finance.
type Waiting struct {
	Unclaimed   Heap `json:"unclaimed"`   // 待认领
	Unexplained Heap `json:"unexplained"` // 待核对
	Sure        Heap `json:"sure"`        // of both, with a certain guess
	Confirm     Heap `json:"confirm"`     // proposed, which the actor may confirm
	Reverse     Heap `json:"reverse"`     // confirmed, somebody asks the actor to reverse
	Proposed    Heap `json:"proposed"`    // proposed by anybody
	// Ages are the unclaimed by how many days they have waited.
	Ages []Age `json:"ages"`
}

// Age is what has waited for From to To days; To is 0 for "and longer".
type Age struct {
	From, To int
	Heap
}

// Waiting adds up what waits in the actor's foundation.
func (s *Service) Waiting(ctx context.Context, who party.Actor) (Waiting, error) {
	var w Waiting
	if err := s.require(who, "view"); err != nil {
		return w, err
	}
	now := s.clock.Now()
	for _, x := range []struct {
		into *Heap
		f    Filter
	}{{&w.Unclaimed, Filter{State: Open, Way: "in"}}, {&w.Unexplained, Filter{State: Open, Way: "out"}}, {&w.Sure, Filter{Sure: "sure"}},
		{&w.Confirm, Filter{Mine: "confirm"}}, {&w.Reverse, Filter{Mine: "reverse"}}, {&w.Proposed, Filter{State: Proposed}}} {
		if err := s.heap(ctx, x.f.narrow(s.db.NewSelect().Model((*Line)(nil)), who, true), x.into); err != nil {
			return w, err
		}
	}
	for _, a := range []Age{{From: 0, To: 7}, {From: 8, To: 30}, {From: 31, To: 90}, {From: 91}} {
		q := Filter{State: Open, Way: "in"}.narrow(s.db.NewSelect().Model((*Line)(nil)), who, true).Where("on_day <= ?", day(now.AddDate(0, 0, -a.From)))
		if a.To > 0 {
			q = q.Where("on_day >= ?", day(now.AddDate(0, 0, -a.To)))
		}
		if err := s.heap(ctx, q, &a.Heap); err != nil {
			return w, err
		}
		w.Ages = append(w.Ages, a)
	}
	return w, nil
}

func (s *Service) heap(ctx context.Context, q *bun.SelectQuery, into *Heap) error {
	var row struct {
		Count  int
		Sum    money.Fen
		Oldest string
	}
	err := q.ColumnExpr("count(*) AS count, CAST(COALESCE(SUM(ABS(amount)), 0) AS BIGINT) AS sum, COALESCE(MIN(on_day), '') AS oldest").Scan(ctx, &row)
	*into = Heap{row.Count, row.Sum, row.Oldest}
	return db.Translate(err)
}
