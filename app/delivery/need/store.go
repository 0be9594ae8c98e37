package need

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/survey"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

const noun = "议题"

func read(ctx context.Context, d bun.IDB, need id.ID) (Need, error) {
	var n Need
	err := d.NewSelect().Model(&n).Where("id = ?", need).Scan(ctx)
	return n, db.Found(err, noun)
}

// Detail is a need with all that is known about it.
type Detail struct {
	Need
	Supports int64          `json:"supports" description:"表示支持的浏览器数，不是人数"`
	Records  []Record       `json:"records"`
	Links    []Link         `json:"links"`
	Words    []Word         `json:"words" description:"已公开的居民意见"`
	Held     []Word         `json:"-"` // only for who may hear them
	Waiting  int            `json:"held"`
	Refused  map[string]int `json:"refused"`
	// Proposals came from the open page and were taken up as it or merged into it.
	Proposals int64 `json:"proposals" description:"列为或并入这个议题的居民提议数，来自公开入口，没有核实身份"`
}

// Get reads a need; it is public. Held words come only for who may hear them.
func (s *Service) Get(ctx context.Context, who party.Actor, need id.ID) (Detail, error) {
	x := Detail{Records: []Record{}, Links: []Link{}, Words: []Word{}, Refused: map[string]int{}}
	var err error
	if x.Need, err = read(ctx, s.db, need); err == nil {
		err = s.Require(who, x.Need, "view")
	}
	if err != nil {
		return x, err
	}
	if x.Supports, err = s.db.NewSelect().Model((*support)(nil)).Where("need = ?", need).Count(ctx); err != nil {
		return x, db.Translate(err)
	}
	if x.Proposals, err = s.db.NewSelect().Model((*Proposal)(nil)).Where("need = ?", need).Count(ctx); err != nil {
		return x, db.Translate(err)
	}
	if err = s.db.NewSelect().Model(&x.Records).Where("need = ?", need).Order("seq").Scan(ctx); err != nil {
		return x, db.Translate(err)
	}
	if err = s.db.NewSelect().Model(&x.Links).Where("need = ?", need).Order("made_at", "ref").Scan(ctx); err != nil {
		return x, db.Translate(err)
	}
	var words []Word
	if err = s.db.NewSelect().Model(&words).Where("need = ?", need).Order("on_day", "id").Limit(1000).Scan(ctx); err != nil {
		return x, db.Translate(err)
	}
	hears := s.Allowed(who, x.Need, "hear")
	for _, w := range words {
		switch {
		case w.State == Shown:
			x.Words = append(x.Words, w)
		case w.State == Refused:
			x.Refused[w.Ground]++
		default:
			x.Waiting++
			if hears {
				x.Held = append(x.Held, w)
			}
		}
	}
	return x, nil
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Filter narrows a list; zero fields do not.
type Filter struct {
	Text      string
	Step      Step
	Community id.ID
	Service   string
	Met       string // "yes": something meets it, "no": nothing does
	Due       Due
	After     id.ID // keyset: newest first
	Limit     int   // 0 means 20, at most 200
}

// Due narrows a list by the promised day of the next step.
type Due string

// The ways: its day is over; it comes within seven days.
const (
	Late Due = "late"
	Soon Due = "soon"
)

// Row is a need in a list.
type Row struct {
	Need     `bun:",extend"`
	Supports int `bun:"supports" json:"supports"`
	Links    int `bun:"links" json:"links"`
}

func (f Filter) where(q *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	if f.Text != "" {
		like := "%" + escape.Replace(f.Text) + "%"
		q = q.Where("(n.title LIKE ? ESCAPE '!' OR n.body LIKE ? ESCAPE '!' OR n.community_name LIKE ? ESCAPE '!')", like, like, like)
	}
	if f.Step != "" {
		q = q.Where("n.step = ?", f.Step)
	}
	if f.Community != "" {
		q = q.Where("n.community = ?", f.Community)
	}
	if f.Service != "" {
		q = q.Where("n.service = ?", f.Service)
	}
	const linked = "EXISTS (SELECT 1 FROM need_link AS l WHERE l.need = n.id)"
	switch f.Met {
	case "yes":
		q = q.Where(linked)
	case "no":
		q = q.Where("NOT " + linked)
	}
	switch f.Due {
	case Late:
		q = q.Where("n.next_by <= ?", now)
	case Soon:
		q = q.Where("n.next_by > ? AND n.next_by <= ?", now, now.AddDate(0, 0, 7))
	}
	return q
}

// Find lists needs, newest first, and counts the whole list; it is public.
func (s *Service) Find(ctx context.Context, f Filter) ([]Row, int64, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	now := s.clock.Now()
	total, err := f.where(s.db.NewSelect().TableExpr("community_need AS n"), now).Count(ctx)
	if err != nil {
		return nil, 0, db.Translate(err)
	}
	out := []Row{}
	q := f.where(s.db.NewSelect().TableExpr("community_need AS n"), now).ColumnExpr("n.*").
		ColumnExpr("(SELECT COUNT(*) FROM need_support AS s WHERE s.need = n.id) AS supports").
		ColumnExpr("(SELECT COUNT(*) FROM need_link AS l WHERE l.need = n.id) AS links").Order("n.id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("n.id < ?", f.After)
	}
	err = q.Scan(ctx, &out)
	return out, total, db.Translate(err)
}

// Of lists the needs that an object meets.
func (s *Service) Of(ctx context.Context, k Kind, ref id.ID) ([]Need, error) {
	out := []Need{}
	err := s.db.NewSelect().Model(&out).Where("id IN (SELECT need FROM need_link WHERE kind = ? AND ref = ?)", k, ref).Order("id").Limit(50).Scan(ctx)
	return out, db.Translate(err)
}

// Came is an engagement that came of what meets a need.
type Came struct {
	ID       id.ID  `bun:"id" json:"engagement"`
	Title    string `bun:"title" json:"title"`
	Provider string `bun:"provider_name" json:"provider"`
	By       id.ID  `bun:"provider" json:"provider_id"`
}

// CameOf lists the engagements that came of a link, as far as there are some:
// itself, that of the contract of the purchase, those of the grants of the call.
func (s *Service) CameOf(ctx context.Context, k Kind, ref id.ID) ([]Came, error) {
	out := []Came{}
	q := s.db.NewSelect().TableExpr("engagement AS e").Column("e.id", "e.title", "e.provider_name", "e.provider").Where("e.state <> 'void'").Order("e.id").Limit(50)
	switch k {
	case Engagement:
		q = q.Where("e.id = ?", ref)
	case Tender:
		q = q.Join("JOIN contract AS c ON c.id = e.ref").Where("e.kind = 'contract' AND c.tender = ?", ref)
	case Call:
		q = q.Join("JOIN grant_award AS g ON g.id = e.ref").Where("e.kind = 'grant' AND g.call = ?", ref)
	default:
		return out, nil
	}
	err := q.Scan(ctx, &out)
	return out, db.Translate(err)
}

// Waiting counts the held words of residents that an actor's community may
// hear, and names the need of the first.
func (s *Service) Waiting(ctx context.Context, who party.Actor) (survey.Waits, error) {
	var rows []struct {
		Need id.ID `bun:"need"`
		N    int   `bun:"n"`
	}
	err := s.db.NewSelect().TableExpr("need_word AS w").Join("JOIN community_need AS n ON n.id = w.need").ColumnExpr("w.need, COUNT(*) AS n").
		Where("n.community = ? AND w.state = ?", who.Org, Held).Group("w.need").Order("w.need").Limit(200).Scan(ctx, &rows)
	var out survey.Waits
	for _, x := range rows {
		if out.Count += x.N; out.First == "" {
			out.First = x.Need
		}
	}
	return out, db.Translate(err)
}
