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
	"gongji/app/kernel/calendar"
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
		if err := s.Issue(ctx, tx, all, Change{Version: 1}, now); err != nil {
			return err
		}
		return invite(ctx, tx, all, now)
	})
	t.Tell(func(ctx context.Context, tx bun.Tx, n tender.News) error {
		return s.Tell(ctx, tx, n.Tender, inbox.Letter{Title: n.Title + "：" + n.Tender.Title, Text: n.Text, Link: "/tenders/" + string(n.Tender.ID)}, s.clock.Now())
	})
	return s
}

// invite writes to the suppliers that a purchase names, once for all packages.
func invite(ctx context.Context, tx bun.Tx, all []tender.Tender, now time.Time) error {
	var to []inbox.To
	for _, t := range all {
		for _, x := range t.Invited {
			to = append(to, inbox.To{Organisation: x.ID})
		}
	}
	if len(to) == 0 {
		return nil
	}
	m, _ := all[0].How()
	text := all[0].BuyerName + "采用" + m.Name + "，请本单位参加。"
	if all[0].Deadline != nil {
		text += "提交截止 " + calendar.Until(*all[0].Deadline) + "。"
	}
	return inbox.Send(ctx, tx, now, to, inbox.Letter{Title: "邀请您参加：" + all[0].Title, Text: text + "请先领取采购文件。", Link: "/tenders/" + string(all[0].ID)})
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
