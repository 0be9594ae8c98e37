// Package inbox is the messages inside the product: a title, a line and a link
// to where it happened, to a person or to everybody of an organisation. Read
// is each person's own. A message never speaks of somebody else's bid.
package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// To is who a message is for: one account, or an organisation, all of it unless
// Roles names whose work it is.
type To struct {
	Account, Organisation id.ID
	Roles                 Roles
}

// Roles are some roles with a comma before, between and behind; "" is everybody.
type Roles string

// Desk are the people of an organisation whose work it is: a letter leads
// nobody to a page that is not theirs.
func Desk(org id.ID, roles ...party.Role) To {
	to := To{Organisation: org}
	for _, r := range roles {
		to.Roles += "," + Roles(r)
	}
	if to.Roles != "" {
		to.Roles += ","
	}
	return to
}

// Persons are the boxes of accounts.
func Persons(accounts ...id.ID) []To {
	var out []To
	for _, a := range accounts {
		out = append(out, To{Account: a})
	}
	return out
}

// Letter is what a message says. Link is a path of the product; a letter without
// a Kind is of the kind of the pages it leads to.
type Letter struct {
	Title, Text, Link string
	Kind              Kind
}

// Message is a letter that arrived.
type Message struct {
	bun.BaseModel `bun:"table:message"`

	ID           id.ID     `bun:"id,pk" json:"id"`
	Account      *id.ID    `bun:"account" json:"-"`
	Organisation *id.ID    `bun:"organisation" json:"organisation,omitempty"`
	Roles        Roles     `bun:"roles" json:"-"`
	Title        string    `bun:"title" json:"title"`
	Text         string    `bun:"body" json:"text"`
	Link         string    `bun:"link" json:"link"`
	Kind         Kind      `bun:"kind" json:"kind"`
	At           time.Time `bun:"at" json:"at"`
	Read         bool      `bun:"was_read,scanonly" json:"read"`
}

type reading struct {
	bun.BaseModel `bun:"table:message_read"`

	Message id.ID     `bun:"message,pk"`
	Account id.ID     `bun:"account,pk"`
	At      time.Time `bun:"at"`
}

// Send puts a letter into every box once, in the transaction of what it tells.
func Send(ctx context.Context, tx bun.IDB, at time.Time, to []To, l Letter) error {
	if l.Kind == "" {
		l.Kind = kindOf(l.Link)
	}
	var rows []Message
	seen := map[To]bool{}
	for _, x := range to {
		if seen[x] || x == (To{}) {
			continue
		}
		seen[x] = true
		m := Message{ID: id.New(at), Title: l.Title, Text: l.Text, Link: l.Link, Kind: l.Kind, At: at}
		if x.Organisation != "" {
			m.Organisation, m.Roles = &x.Organisation, x.Roles
		} else {
			m.Account = &x.Account
		}
		rows = append(rows, m)
	}
	for part := range slices.Chunk(rows, 200) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	return nil
}

// Service reads the boxes.
type Service struct {
	db    *bun.DB
	clock clock.Clock
}

// New makes the service.
func New(d *bun.DB, c clock.Clock) *Service { return &Service{d, c} }

// Filter narrows a list; zero fields do not.
type Filter struct {
	Text   string // in the title or the text
	Unread bool
	After  id.ID // keyset: what follows this message in the list
	Limit  int   // 0 means 20, at most 100
}

// Page is one page of a box, newest first.
type Page struct {
	Items  []Message
	Total  int   // that match
	Unread int   // in the whole box
	Next   id.ID // After of the next page; "" on the last
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// own narrows to the box of an actor: theirs and their organisation's.
func own(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	q = q.Where("NOT (kind = ? AND EXISTS (SELECT 1 FROM notice_choice AS nc WHERE nc.account = ? AND nc.kind = ? AND nc.app = ?))", Reminder, who.Account, Reminder, false)
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("message.account = ?", who.Account)
		if who.Org != "" {
			q = q.WhereOr("organisation = ? AND (roles = '' OR roles LIKE ?)", who.Org, "%,"+string(who.Role)+",%")
		}
		return q
	})
}

const readBy = "EXISTS (SELECT 1 FROM message_read r WHERE r.message = message.id AND r.account = ?)"

// List gives the actor's messages.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) (Page, error) {
	if !who.SignedIn() {
		return Page{}, fault.New(fault.Unauthenticated, "请先登录")
	}
	if f.Limit <= 0 {
		f.Limit = 20
	}
	f.Limit, f.Text = min(f.Limit, 100), strings.TrimSpace(f.Text)
	where := func(q *bun.SelectQuery) *bun.SelectQuery {
		q = own(q, who)
		if f.Unread {
			q = q.Where("NOT "+readBy, who.Account)
		}
		if f.Text != "" {
			like := "%" + escape.Replace(f.Text) + "%"
			q = q.Where("(title LIKE ? ESCAPE '!' OR body LIKE ? ESCAPE '!')", like, like)
		}
		return q
	}
	p := Page{Items: []Message{}}
	var err error
	if p.Unread, err = s.Unread(ctx, who); err != nil {
		return p, err
	}
	if err := where(s.db.NewSelect().Model((*Message)(nil)).ColumnExpr("count(*)")).Scan(ctx, &p.Total); err != nil {
		return p, db.Translate(err)
	}
	q := where(s.db.NewSelect().Model(&p.Items).ColumnExpr("message.*").ColumnExpr(readBy+" AS was_read", who.Account))
	if f.After != "" {
		q = q.Where("message.id < ?", f.After)
	}
	err = q.OrderExpr("message.id DESC").Limit(int64(f.Limit) + 1).Scan(ctx)
	if len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		p.Next = p.Items[f.Limit-1].ID
	}
	return p, db.Translate(err)
}

// Unread counts what the actor has not read, no further than 99.
func (s *Service) Unread(ctx context.Context, who party.Actor) (int, error) {
	if !who.SignedIn() {
		return 0, nil
	}
	some := own(s.db.NewSelect().Model((*Message)(nil)).ColumnExpr("1"), who).Where("NOT "+readBy, who.Account).Limit(99)
	var n int
	err := s.db.NewSelect().TableExpr("(?) AS counted", some).ColumnExpr("count(*)").Scan(ctx, &n)
	return n, db.Translate(err)
}

// Read marks a message as read by the actor and gives it. NotFound for one
// that is in somebody else's box.
func (s *Service) Read(ctx context.Context, who party.Actor, message id.ID) (Message, error) {
	var m Message
	err := db.Found(own(s.db.NewSelect().Model(&m), who).Where("message.id = ?", message).Scan(ctx), "消息")
	if err != nil || !who.SignedIn() {
		return Message{}, errOr(err)
	}
	m.Read = true
	return m, s.mark(ctx, []reading{{Message: m.ID, Account: who.Account, At: s.clock.Now()}})
}

func errOr(err error) error {
	if err == nil {
		return fault.New(fault.Unauthenticated, "请先登录")
	}
	return err
}

// ReadAll marks the whole box as read.
func (s *Service) ReadAll(ctx context.Context, who party.Actor) error {
	var list []Message
	if err := own(s.db.NewSelect().Model(&list).Column("id"), who).Where("NOT "+readBy, who.Account).Scan(ctx); err != nil {
		return db.Translate(err)
	}
	var rows []reading
	for _, m := range list {
		rows = append(rows, reading{Message: m.ID, Account: who.Account, At: s.clock.Now()})
	}
	return s.mark(ctx, rows)
}

func (s *Service) mark(ctx context.Context, rows []reading) error {
	for part := range slices.Chunk(rows, 500) {
		if _, err := s.db.NewInsert().Model(&part).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	return nil
}
