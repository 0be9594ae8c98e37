package documents

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

// Take is one download.
type Take struct {
	bun.BaseModel `bun:"table:document_take"`

	ID           id.ID     `bun:"id,pk" json:"id"`
	Project      id.ID     `bun:"project" json:"-"`
	Version      int       `bun:"version" json:"version"`
	Account      *id.ID    `bun:"account" json:"-"`
	Organisation *id.ID    `bun:"organisation" json:"organisation,omitempty"`
	Name         string    `bun:"name" json:"name"`         // of the organisation; 访客, 个人
	Supplier     bool      `bun:"supplier" json:"supplier"` // counts as 领取
	At           time.Time `bun:"at" json:"at"`
}

func taken(who party.Actor, x tender.Tender, version int, now time.Time) Take {
	t := Take{ID: id.New(now), Project: x.ProjectID(), Version: version, Name: "访客（未登录）", At: now}
	switch {
	case who.Org != "":
		t.Account, t.Organisation, t.Name, t.Supplier = &who.Account, &who.Org, who.OrgName, who.OrgKind == party.Social
	case who.SignedIn():
		t.Account, t.Name = &who.Account, "个人"
	}
	return t
}

// Taken is the actor's own latest take of the documents; nil where none.
func (s *Service) Taken(ctx context.Context, who party.Actor, x tender.Tender) (*Take, error) {
	if !who.SignedIn() {
		return nil, nil
	}
	q := s.db.NewSelect().Model((*Take)(nil)).Where("project = ?", x.ProjectID())
	if who.Org != "" {
		q = q.Where("organisation = ?", who.Org)
	} else {
		q = q.Where("account = ? AND organisation IS NULL", who.Account)
	}
	var list []Take
	err := q.Model(&list).OrderExpr("id DESC").Limit(1).Scan(ctx)
	if err != nil || len(list) == 0 {
		return nil, db.Translate(err)
	}
	return &list[0], nil
}

// Took reports whether a supplier took the documents of a tender's project:
// it may then challenge them (财政部令第94号第11条).
func Took(ctx context.Context, d bun.IDB, t, supplier id.ID) (bool, error) {
	n, err := d.NewSelect().Model((*Take)(nil)).Join("JOIN tender AS t ON COALESCE(t.project, t.id) = take.project").
		Where("t.id = ? AND take.organisation = ? AND take.supplier", t, supplier).Count(ctx)
	return n > 0, db.Translate(err)
}

// Kinds of take that a filter tells apart.
const (
	BySuppliers = "supplier" // 供应商领取
	ByOthers    = "other"    // 查阅
)

// TakeFilter narrows the log; zero fields do not.
type TakeFilter struct {
	Text    string // in the name
	Kind    string // BySuppliers, ByOthers
	Version int
	After   id.ID // keyset: what follows this take
	Limit   int   // 0 means 50, at most 200
}

// Page is one page of the log, newest first.
type Page struct {
	Items     []Take
	Total     int   // that match
	All       int   // in the whole log
	Suppliers int   // in the whole log, that took the documents
	Next      id.ID // "" on the last
}

var escape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (f *TakeFilter) apply(q *bun.SelectQuery, project id.ID) *bun.SelectQuery {
	q = q.Where("project = ?", project)
	if f.Text != "" {
		q = q.Where("name LIKE ? ESCAPE '!'", "%"+escape.Replace(f.Text)+"%")
	}
	if f.Kind != "" {
		q = q.Where("supplier = ?", f.Kind == BySuppliers)
	}
	if f.Version > 0 {
		q = q.Where("version = ?", f.Version)
	}
	return q
}

// Takes is the log, for the buyer's officer, approver and supervisor.
func (s *Service) Takes(ctx context.Context, who party.Actor, t id.ID, f TakeFilter) (Page, error) {
	x, err := s.tenders.Get(ctx, who, t)
	if err == nil {
		err = s.tenders.Require(who, x, "takes")
	}
	if err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit, f.Text = min(f.Limit, 200), strings.TrimSpace(f.Text)
	p := Page{Items: []Take{}}
	err = s.db.NewSelect().Model((*Take)(nil)).ColumnExpr("count(*)").ColumnExpr("count(DISTINCT CASE WHEN supplier THEN organisation END)").
		Where("project = ?", x.ProjectID()).Scan(ctx, &p.All, &p.Suppliers)
	if err != nil {
		return p, db.Translate(err)
	}
	if err := f.apply(s.db.NewSelect().Model((*Take)(nil)).ColumnExpr("count(*)"), x.ProjectID()).Scan(ctx, &p.Total); err != nil {
		return p, db.Translate(err)
	}
	q := f.apply(s.db.NewSelect().Model(&p.Items), x.ProjectID())
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err = q.OrderExpr("id DESC").Limit(int64(f.Limit) + 1).Scan(ctx)
	if len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		p.Next = p.Items[f.Limit-1].ID
	}
	return p, db.Translate(err)
}
