package bid

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Content reads one version. The bidder may read each of theirs; the buyer and
// the panel the one that was opened, once it was and where policy lets them.
// number 0 means the last version.
func (s *Service) Content(ctx context.Context, who party.Actor, bid id.ID, number int) (Version, Content, error) {
	b, t, err := s.both(ctx, s.db, bid)
	if err != nil {
		return Version{}, Content{}, err
	}
	if err := s.require(ctx, s.db, who, t, b, "read", s.clock.Now()); err != nil {
		return Version{}, Content{}, err
	}
	if number == 0 {
		number = b.Version
	}
	if who.Org != b.Supplier && number != b.Version {
		return Version{}, Content{}, fault.New(fault.NotFound, "没有找到这个投标版本，只能查看截止时有效的版本")
	}
	v, err := readVersion(ctx, s.db, bid, number)
	if err != nil {
		return v, Content{}, err
	}
	c, err := unpack(v)
	return v, c, err
}

// OpenFile opens an attachment that a version names, for whoever may read that
// version, even where the bidder has since taken it off the draft.
func (s *Service) OpenFile(ctx context.Context, who party.Actor, bid id.ID, number int, file id.ID) (attachment.Attachment, io.ReadCloser, error) {
	_, c, err := s.Content(ctx, who, bid, number)
	if err != nil {
		return attachment.Attachment{}, nil, err
	}
	for _, f := range c.Files {
		if f.ID == file {
			return s.files.OpenKept(ctx, file)
		}
	}
	return attachment.Attachment{}, nil, fault.New(fault.NotFound, "这一版投标文件中没有这个附件")
}

// Versions lists what the bidder has sent, newest first, for the bidder.
func (s *Service) Versions(ctx context.Context, who party.Actor, bid id.ID) ([]Version, error) {
	if err := s.May(ctx, who, bid, "view"); err != nil {
		return nil, err
	}
	out := []Version{}
	err := s.db.NewSelect().Model(&out).ExcludeColumn("payload").Where("bid = ?", bid).Order("number DESC").Scan(ctx)
	return out, db.Translate(err)
}

// Progress is how far a draft is: what stands in the way of sending it, and
// whether it differs from what was sent last.
type Progress struct {
	Faults  *fault.Fault // nil when it can be sent
	Changed bool         // the draft is not what counts now
}

// Progress looks at a draft as Submit would.
func (s *Service) Progress(ctx context.Context, t tender.Tender, b Bid) (Progress, error) {
	files, err := s.attached(ctx, s.db, b.ID)
	if err != nil {
		return Progress{}, err
	}
	c, err := b.Draft.content(t, b.Supplier, files)
	if err != nil {
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok {
			return Progress{}, err
		}
		return Progress{Faults: f, Changed: true}, nil
	}
	_, hash, err := pack(c)
	return Progress{Changed: b.State != Submitted || hash != b.SHA256}, err
}

// Files lists the attachments of the draft, for the bidder.
func (s *Service) Files(ctx context.Context, who party.Actor, bid id.ID) ([]File, error) {
	if err := s.May(ctx, who, bid, "view"); err != nil {
		return nil, err
	}
	return s.attached(ctx, s.db, bid)
}

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
}

// Filter narrows 我的投标; zero fields do not.
type Filter struct {
	State State
	After id.ID // keyset: bids begun before this one
	Limit int   // 0 means 20, at most 100
}

// List is 我的投标: the bids of the actor's own organisation and nobody
// else's, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) ([]Entry, error) {
	out := []Entry{}
	if who.Org == "" || who.OrgKind != party.Social {
		return out, nil
	}
	if f.Limit <= 0 || f.Limit > 100 {
		f.Limit = 20
	}
	q := s.db.NewSelect().TableExpr("bid AS b").Join("JOIN tender AS t ON t.id = b.tender").
		Join("LEFT JOIN award AS a ON a.tender = t.id AND a.state = 'approved'").
		ColumnExpr("b.id, b.tender, b.state, b.version, b.submitted_at, b.updated_at").
		ColumnExpr("t.title, COALESCE(t.number, '') AS number, t.buyer_name, t.state AS tender_state, t.deadline").
		ColumnExpr("CASE WHEN a.id IS NULL THEN NULL WHEN a.bid = b.id THEN TRUE ELSE FALSE END AS won").
		ColumnExpr("CASE WHEN a.bid = b.id THEN a.amount END AS amount").
		Where("b.supplier = ?", who.Org).Order("b.id DESC").Limit(int64(f.Limit))
	if f.State != "" {
		q = q.Where("b.state = ?", f.State)
	}
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
	Bid         id.ID
	Supplier    id.ID
	Version     int
	SHA256      string
	SubmittedAt time.Time
}

// AtDeadline lists the bids that stand in a tender, in the order they arrived,
// without looking inside. The caller is the opening: it holds the tender's
// lock and has authorised. Before the deadline it is refused to everybody.
func AtDeadline(ctx context.Context, tx bun.IDB, t tender.Tender, now time.Time) ([]Received, error) {
	if inTime(t, now) == nil {
		return nil, fault.New(fault.Forbidden, "投标截止时间未到，任何人不得查看投标情况")
	}
	var rows []Bid
	err := tx.NewSelect().Model(&rows).Where("tender = ? AND state = ?", t.ID, Submitted).Order("submitted_at", "id").Scan(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	out := make([]Received, 0, len(rows))
	for _, b := range rows {
		out = append(out, Received{b.ID, b.Supplier, b.Version, b.SHA256, *b.SubmittedAt})
	}
	return out, nil
}

// Unseal reads what a received bid says. Only the opening calls it, in the
// transaction that records what it read.
func Unseal(ctx context.Context, tx bun.IDB, r Received) (Content, error) {
	v, err := readVersion(ctx, tx, r.Bid, r.Version)
	if err != nil {
		return Content{}, err
	}
	return unpack(v)
}

// Count is how many bids the list would hold under the filter.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	if who.Org == "" || who.OrgKind != party.Social {
		return 0, nil
	}
	q := s.db.NewSelect().Model((*Bid)(nil)).Where("supplier = ?", who.Org)
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	n, err := q.Count(ctx)
	return int(n), db.Translate(err)
}
