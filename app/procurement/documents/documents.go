// Package documents is the 采购文件 of a purchase: assembled from what the
// tender says, one PDF a version, and the log of who took it. The log is the
// buyer's alone and never says who bids.
package documents

import (
	"context"
	"io"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// ObjectKind is the owner of the PDFs in the archive.
const ObjectKind = "tender_document"

// Version is one issue of the documents of a project.
type Version struct {
	bun.BaseModel `bun:"table:tender_document"`

	ID       id.ID     `bun:"id,pk" json:"id"`
	Project  id.ID     `bun:"project" json:"project"`
	Version  int       `bun:"version" json:"version"`
	Document id.ID     `bun:"document" json:"-"`
	Reason   string    `bun:"reason" json:"reason,omitempty"` // why it was amended
	IssuedAt time.Time `bun:"issued_at" json:"issued_at"`
	SHA256   string    `bun:"sha256,scanonly" json:"sha256,omitempty"` // "" while it is being made
	Size     int64     `bun:"size,scanonly" json:"size,omitempty"`     // bytes
}

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

// Service issues the documents and hands them out.
type Service struct {
	db      *bun.DB
	clock   clock.Clock
	tenders *tender.Service
	archive *archive.Service
	site    string // public address, for the QR code
	bidders []func(ctx context.Context, tx bun.IDB, project id.ID) ([]id.ID, error)
}

// New makes the service: every publication issues version 1, and the news of a
// purchase go to everyone who took its documents.
func New(d *bun.DB, c clock.Clock, t *tender.Service, a *archive.Service, site string) *Service {
	s := &Service{db: d, clock: c, tenders: t, archive: a, site: site}
	t.Published(func(ctx context.Context, tx bun.Tx, all []tender.Tender, now time.Time) error {
		return s.Issue(ctx, tx, all, Change{Version: 1}, now)
	})
	t.Tell(func(ctx context.Context, tx bun.Tx, n tender.News) error {
		return s.Tell(ctx, tx, n.Tender, inbox.Letter{Title: n.Title + "：" + n.Tender.Title, Text: n.Text, Link: "/tenders/" + string(n.Tender.ID)}, s.clock.Now())
	})
	return s
}

// Concerns adds organisations who hear the news of a project although they may
// have taken no document; the caller keeps to itself why.
func (s *Service) Concerns(f func(ctx context.Context, tx bun.IDB, project id.ID) ([]id.ID, error)) {
	s.bidders = append(s.bidders, f)
}

// May guards the PDF in the archive: its buyer may open it there; everybody
// else takes it from the notice, where it is logged.
func (s *Service) May(ctx context.Context, who party.Actor, project id.ID, _ string) error {
	if err := s.tenders.May(ctx, who, project, "follow"); err != nil {
		return fault.New(fault.Forbidden, "请从采购公告页下载采购文件")
	}
	return nil
}

// Change is what makes a version: its number, and for an amendment its reason
// and the fields that differ from the one before.
type Change struct {
	Version int
	Reason  string
	Changes []document.TenderChange
}

// Issue freezes the next version of a project's documents in the deciding
// transaction, and sets Documents on every package, in the rows given and in
// the table. The caller has authorised it.
func (s *Service) Issue(ctx context.Context, tx bun.Tx, all []tender.Tender, c Change, now time.Time) error {
	first := all[0]
	content, err := assemble(all, c, now)
	if err != nil {
		return err
	}
	content.Code = archive.NewCode()
	content.VerifyURL = s.site + "/verify/" + content.Code
	doc, err := s.archive.Issue(ctx, tx, archive.Item{Kind: document.KindTenderDocument, OwnerKind: ObjectKind, OwnerID: first.ProjectID(),
		Title: "采购文件", Number: content.Number, Issuer: content.Issuer, Code: content.Code, Content: content,
		Facts: []archive.Fact{{Label: "项目名称", Value: content.Title}, {Label: "采购人", Value: content.Buyer}, {Label: "版本", Value: versionName(c.Version)}}})
	if err != nil {
		return err
	}
	v := Version{ID: id.New(now), Project: first.ProjectID(), Version: c.Version, Document: doc.ID, Reason: c.Reason, IssuedAt: now}
	if _, err := tx.NewInsert().Model(&v).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	for i := range all {
		all[i].Documents = c.Version
		if _, err := tx.NewUpdate().Model((*tender.Tender)(nil)).Set("document_version = ?", c.Version).Where("id = ?", all[i].ID).Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	return nil
}

// Versions lists the issues of a project's documents, newest first, to whoever
// may see the tender.
func (s *Service) Versions(ctx context.Context, who party.Actor, t id.ID) ([]Version, error) {
	x, err := s.tenders.Get(ctx, who, t)
	if err != nil {
		return nil, err
	}
	out := []Version{}
	err = s.db.NewSelect().Model(&out).ColumnExpr("version.*").ColumnExpr("d.sha256, d.size").
		Join("JOIN document AS d ON d.id = version.document").Where("project = ?", x.ProjectID()).OrderExpr("version.version DESC").Scan(ctx)
	return out, db.Translate(err)
}

// Take opens a version of the documents, 0 being the one in force, and notes
// who took it. A signed-in supplier has thereby taken the documents (领取).
func (s *Service) Take(ctx context.Context, who party.Actor, t id.ID, version int) (archive.Document, io.ReadCloser, error) {
	x, err := s.tenders.Get(ctx, who, t)
	if err != nil {
		return archive.Document{}, nil, err
	}
	if may, err := s.tenders.Documents(ctx, who, x); err != nil || !may {
		return archive.Document{}, nil, errOr(err)
	}
	if version == 0 {
		version = x.Documents
	}
	var v Version
	err = db.Found(s.db.NewSelect().Model(&v).Where("project = ? AND version = ?", x.ProjectID(), version).Scan(ctx), "采购文件")
	if err != nil {
		return archive.Document{}, nil, err
	}
	doc, body, err := s.archive.OpenKept(ctx, v.Document)
	if err != nil {
		return doc, nil, err
	}
	if who.Org != "" && who.Org == x.Buyer {
		return doc, body, nil // the buyer's own people read what they wrote
	}
	take := taken(who, x, version, s.clock.Now())
	if _, err := s.db.NewInsert().Model(&take).Exec(ctx); err != nil {
		_ = body.Close()
		return doc, nil, db.Translate(err)
	}
	return doc, body, nil
}

// errOr is the error, or that the documents are for the invited.
func errOr(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Forbidden, "这个项目的采购文件只提供给受邀请的供应商")
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

// Page is one page of the log, newest first.
type Page struct {
	Items     []Take
	Total     int
	Suppliers int   // that took the documents
	Next      id.ID // "" on the last
}

// Takes is the log, for the buyer's officer, approver and supervisor.
func (s *Service) Takes(ctx context.Context, who party.Actor, t, after id.ID) (Page, error) {
	x, err := s.tenders.Get(ctx, who, t)
	if err == nil {
		err = s.tenders.Require(who, x, "takes")
	}
	if err != nil {
		return Page{}, err
	}
	const limit = 50
	p := Page{Items: []Take{}}
	err = s.db.NewSelect().Model((*Take)(nil)).ColumnExpr("count(*)").ColumnExpr("count(DISTINCT CASE WHEN supplier THEN organisation END)").
		Where("project = ?", x.ProjectID()).Scan(ctx, &p.Total, &p.Suppliers)
	if err != nil {
		return p, db.Translate(err)
	}
	q := s.db.NewSelect().Model(&p.Items).Where("project = ?", x.ProjectID())
	if after != "" {
		q = q.Where("id < ?", after)
	}
	err = q.OrderExpr("id DESC").Limit(limit + 1).Scan(ctx)
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		p.Next = p.Items[limit-1].ID
	}
	return p, db.Translate(err)
}

// Tell sends a letter to everyone who took the documents of a tender's
// project, or whom it concerns.
func (s *Service) Tell(ctx context.Context, tx bun.Tx, t tender.Tender, l inbox.Letter, now time.Time) error {
	var takes []Take
	err := tx.NewSelect().Model(&takes).Column("account", "organisation").Where("project = ? AND account IS NOT NULL", t.ProjectID()).
		GroupExpr("account, organisation").Scan(ctx)
	if err != nil {
		return db.Translate(err)
	}
	var to []inbox.To
	for _, x := range takes {
		if x.Organisation != nil {
			to = append(to, inbox.To{Organisation: *x.Organisation})
		} else {
			to = append(to, inbox.To{Account: *x.Account})
		}
	}
	for _, f := range s.bidders {
		orgs, err := f(ctx, tx, t.ProjectID())
		if err != nil {
			return err
		}
		for _, o := range orgs {
			to = append(to, inbox.To{Organisation: o})
		}
	}
	return inbox.Send(ctx, tx, now, to, l)
}
