package evaluation

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Duty is one panel that a person sits on.
type Duty struct {
	Member      id.ID        `bun:"member" json:"member"`
	Tender      id.ID        `bun:"tender" json:"tender"`
	Title       string       `bun:"title" json:"title"`
	Number      string       `bun:"number" json:"number"`
	BuyerName   string       `bun:"buyer_name" json:"buyer_name"`
	State       tender.State `bun:"state" json:"state"`
	Seat        Seat         `bun:"seat" json:"seat"`
	NamedAt     time.Time    `bun:"named_at" json:"named_at"`
	SubmittedAt *time.Time   `bun:"submitted_at" json:"submitted_at,omitempty"`
	Bids        int          `bun:"bids" json:"bids"`
	Judged      int          `bun:"judged" json:"judged"` // bids with a sheet that says whether they conform
	DeclaredAt  *time.Time   `bun:"declared_at" json:"declared_at,omitempty"`
	SignedAt    *time.Time   `bun:"signed_at" json:"signed_at,omitempty"`
	ReportedAt  *time.Time   `bun:"reported_at" json:"reported_at,omitempty"` // of the report, to the buyer
	Waiting     int          `bun:"waiting" json:"waiting"`                   // members who have not handed in
}

// DutyFilter narrows 我的评审; zero fields do not.
type DutyFilter struct {
	Text  string // in the title, the number or the buyer's name
	Open  bool   // those that are not reported yet
	After id.ID  // keyset: seats taken before this Duty's Member
	Limit int    // 0 means 200, the most
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (f DutyFilter) of(q *bun.SelectQuery, account id.ID) *bun.SelectQuery {
	q = q.TableExpr("panel_member AS m").Join("JOIN tender AS t ON t.id = m.tender").Join("LEFT JOIN evaluation AS e ON e.tender = m.tender").
		Where("m.account = ? AND m.stood_aside = ''", account)
	if f.Open {
		q = q.Where("e.reported_at IS NULL AND t.state IN (?, ?, ?, ?)", tender.Opened, tender.Evaluating, tender.Evaluated, tender.Failed)
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		like := "%" + escape.Replace(text) + "%"
		q = q.Where("(t.title LIKE ? ESCAPE '!' OR t.number LIKE ? ESCAPE '!' OR t.buyer_name LIKE ? ESCAPE '!')", like, like, like)
	}
	return q
}

// Duties lists the panels the actor sits on, newest first.
func (s *Service) Duties(ctx context.Context, who party.Actor, f DutyFilter) ([]Duty, error) {
	out := []Duty{}
	if !who.SignedIn() {
		return out, nil
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 200
	}
	q := f.of(s.db.NewSelect(), who.Account).
		ColumnExpr("m.id AS member, m.tender, t.title, COALESCE(t.number, '') AS number, t.buyer_name, t.state, m.seat, m.named_at, m.submitted_at, m.declared_at, m.signed_at, e.reported_at").
		ColumnExpr("(SELECT COUNT(*) FROM panel_member AS o WHERE o.tender = m.tender AND o.stood_aside = '' AND o.submitted_at IS NULL) AS waiting").
		ColumnExpr("(SELECT COUNT(*) FROM opening_line AS l LEFT JOIN eligibility AS g ON g.bid = l.bid WHERE l.tender = m.tender AND l.failed = '' AND (g.id IS NULL OR g.passed)) AS bids").
		ColumnExpr("(SELECT COUNT(*) FROM sheet AS s WHERE s.member = m.id AND s.conforming IS NOT NULL) AS judged").
		Order("m.id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("m.id < ?", f.After)
	}
	err := q.Scan(ctx, &out)
	return out, db.Translate(err)
}

// CountDuties says how many panels a filter finds for the actor.
func (s *Service) CountDuties(ctx context.Context, who party.Actor, f DutyFilter) (int, error) {
	if !who.SignedIn() {
		return 0, nil
	}
	n, err := f.of(s.db.NewSelect(), who.Account).Count(ctx)
	return int(n), db.Translate(err)
}
