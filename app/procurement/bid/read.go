package bid

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Versions lists what the bidder has sent, newest first, for the bidder.
func (s *Service) Versions(ctx context.Context, who party.Actor, bid id.ID) ([]Version, error) {
	if err := s.May(ctx, who, bid, "view"); err != nil {
		return nil, err
	}
	out := []Version{}
	err := s.db.NewSelect().Model(&out).Where("bid = ?", bid).Order("number DESC").Scan(ctx)
	return out, db.Translate(err)
}

// Sealed reads one version as the bidder sent it, for the bidder alone: their
// own key opens it. 0 means the last one.
func (s *Service) Sealed(ctx context.Context, who party.Actor, bid id.ID, number int) (Version, io.ReadCloser, int64, error) {
	b, _, err := s.Get(ctx, who, bid)
	if err != nil {
		return Version{}, nil, 0, err
	}
	if number == 0 {
		number = b.Version
	}
	v, err := readVersion(ctx, s.db, bid, number)
	if err != nil {
		return v, nil, 0, err
	}
	if v.ObjectKey == "" {
		return v, nil, 0, fault.New(fault.NotFound, "这一版是平台改为密封投标以前提交的，没有密封文件")
	}
	r, info, err := s.store.Open(ctx, v.ObjectKey)
	return v, r, info.Size, err
}

// SealedName is what the download of a version is called.
func SealedName(v Version) string { return fmt.Sprintf("投标文件第%d版.age", v.Number) }

// Entry is one line of 我的投标.
type Entry struct {
	Bid         id.ID        `bun:"id" json:"id"`
	Tender      id.ID        `bun:"tender" json:"tender"`
	State       State        `bun:"state" json:"state"`
	Version     int          `bun:"version" json:"version"`
	SubmittedAt *time.Time   `bun:"submitted_at" json:"submitted_at,omitempty"`
	UpdatedAt   time.Time    `bun:"updated_at" json:"updated_at"`
	Title       string       `bun:"title" json:"title"`
	Number      string       `bun:"number" json:"number"`
	BuyerName   string       `bun:"buyer_name" json:"buyer_name"`
	TenderState tender.State `bun:"tender_state" json:"tender_state"`
	Deadline    *time.Time   `bun:"deadline" json:"deadline,omitempty"`
	// Won says that the approved award is this bid's; nil before there is one.
	Won    *bool      `bun:"won" json:"won,omitempty"`
	Amount *money.Fen `bun:"amount" json:"amount,omitempty"` // of the award, if won
	// Documents is the version of the 采购文件 the sent bid is for, 0 where
	// nobody noted it; InForce the one in force.
	Documents int `bun:"documents" json:"documents,omitempty"`
	InForce   int `bun:"in_force" json:"documents_in_force,omitempty"`
}

// Outdated reports whether the sent bid is for an older version of the
// documents than the one in force, while it can still be replaced.
func (e Entry) Outdated() bool {
	return e.State == Submitted && e.TenderState == tender.Open && behind(e.Documents, e.InForce)
}

// Filter narrows 我的投标; zero fields do not.
type Filter struct {
	Text  string // in the title, the number or the buyer's name
	State State
	After id.ID // keyset: bids begun before this one
	Limit int   // 0 means 20, at most 200
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// of narrows bids b of tenders t to those of a supplier under the filter.
func (f Filter) of(q *bun.SelectQuery, supplier id.ID) *bun.SelectQuery {
	q = q.Where("b.supplier = ?", supplier)
	if f.State != "" {
		q = q.Where("b.state = ?", f.State)
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		like := "%" + escape.Replace(text) + "%"
		q = q.Where("(t.title LIKE ? ESCAPE '!' OR t.number LIKE ? ESCAPE '!' OR t.buyer_name LIKE ? ESCAPE '!')", like, like, like)
	}
	return q
}

// List is 我的投标: the bids of the actor's own organisation and nobody
// else's, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) ([]Entry, error) {
	out := []Entry{}
	if who.Org == "" || who.OrgKind != party.Social {
		return out, nil
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	q := s.db.NewSelect().TableExpr("bid AS b").Join("JOIN tender AS t ON t.id = b.tender").
		Join("LEFT JOIN award AS a ON a.tender = t.id AND a.state = 'approved'").
		ColumnExpr("b.id, b.tender, b.state, b.version, b.submitted_at, b.updated_at").
		ColumnExpr("t.title, COALESCE(t.number, '') AS number, t.buyer_name, t.state AS tender_state, t.deadline").
		ColumnExpr("CASE WHEN a.id IS NULL THEN NULL WHEN a.bid = b.id THEN TRUE ELSE FALSE END AS won").
		ColumnExpr("CASE WHEN a.bid = b.id THEN a.amount END AS amount").
		Join("LEFT JOIN bid_version AS v ON v.bid = b.id AND v.number = b.version").
		ColumnExpr("COALESCE(v.documents, 0) AS documents, t.document_version AS in_force").
		Order("b.id DESC").Limit(int64(f.Limit))
	q = f.of(q, who.Org)
	if f.After != "" {
		q = q.Where("b.id < ?", f.After)
	}
	if err := q.Scan(ctx, &out); err != nil {
		return nil, db.Translate(err)
	}
	now := s.clock.Now()
	for i := range out {
		t := tender.Tender{State: out[i].TenderState}
		t.Deadline = out[i].Deadline
		out[i].TenderState = t.StateAt(now)
	}
	return out, nil
}

// Received is a bid as the opening takes it out.
type Received struct {
	Bid         id.ID     `bun:"bid"`
	Tender      id.ID     `bun:"tender"`
	Supplier    id.ID     `bun:"supplier"`
	Name        string    `bun:"name"` // of the supplier
	Version     int       `bun:"version"`
	SHA256      string    `bun:"sha256"` // as the receipt says
	ObjectKey   string    `bun:"object_key"`
	SubmittedAt time.Time `bun:"submitted_at"`
	SubmittedBy id.ID     `bun:"submitted_by"`
}

// AtDeadline lists the bids that stand in a tender, in the order they arrived,
// without looking inside. The caller is the opening: it holds the tender's
// lock and has authorised. Before the deadline it is refused to everybody.
func AtDeadline(ctx context.Context, tx bun.IDB, t tender.Tender, now time.Time) ([]Received, error) {
	if inTime(t, now) == nil {
		return nil, fault.New(fault.Forbidden, "投标截止时间未到，任何人不得查看投标情况")
	}
	out := []Received{}
	err := tx.NewSelect().TableExpr("bid AS b").ColumnExpr("b.id AS bid, b.tender, b.supplier, o.name, v.number AS version, v.sha256, v.object_key, v.submitted_at, v.submitted_by").
		Join("JOIN bid_version AS v ON v.bid = b.id AND v.number = b.version").Join("JOIN organisation AS o ON o.id = b.supplier").
		Where("b.tender = ? AND b.state = ?", t.ID, Submitted).Order("v.submitted_at", "b.id").Scan(ctx, &out)
	return out, db.Translate(err)
}

// Count is how many bids the list would hold under the filter.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	if who.Org == "" || who.OrgKind != party.Social {
		return 0, nil
	}
	var n int
	q := s.db.NewSelect().TableExpr("bid AS b").Join("JOIN tender AS t ON t.id = b.tender").ColumnExpr("count(*)")
	err := f.of(q, who.Org).Scan(ctx, &n)
	return n, db.Translate(err)
}
