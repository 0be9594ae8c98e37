// Package archive issues the product's PDFs. A document's content is frozen
// in the transaction that decides it; a job renders it afterwards, once, and
// keeps the bytes; a download never renders again.
package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/access"
	"gongji/app/trust/signature"
	"gongji/storage/db"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// State is how far a document has come.
type State string

// The states of a document.
const (
	Issued State = "issued" // content frozen, PDF being made
	Ready  State = "ready"  // PDF stored
	Void   State = "void"   // 作废; the PDF stays
)

// Fact is one line that the public verification page may show: masked and
// frozen when the document is issued.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Document is one issued PDF.
type Document struct {
	bun.BaseModel `bun:"table:document"`

	ID        id.ID  `bun:"id,pk" json:"id"`
	Kind      string `bun:"kind" json:"kind"`
	OwnerKind string `bun:"owner_kind" json:"owner_kind"`
	OwnerID   id.ID  `bun:"owner_id" json:"owner_id"`
	Title     string `bun:"title" json:"title"`
	Number    string `bun:"number" json:"number,omitempty"`
	Issuer    string `bun:"issuer" json:"issuer"` // the issuing organisation's full name
	Code      string `bun:"code" json:"code"`     // verification code, printed on the page
	Content   string `bun:"content" json:"-"`     // JSON of the document's content struct
	Facts     []Fact `bun:"facts" json:"facts"`
	// Claims are signed with the facts but shown to nobody who has not the
	// document: names for programs.
	Claims    []signature.Fact `bun:"claims" json:"-"`
	Version   int              `bun:"template_version" json:"template_version"`
	Public    bool             `bun:"public" json:"public"` // anyone may download it
	State     State            `bun:"state" json:"state"`
	ObjectKey string           `bun:"object_key" json:"-"`
	SHA256    string           `bun:"sha256" json:"sha256,omitempty"` // of the PDF
	Frozen    string           `bun:"-" json:"-"`                     // SHA-256 of Content, printed at the foot of every page; Verify fills it
	Size      int64            `bun:"size" json:"size,omitempty"`     // bytes
	Problem   string           `bun:"problem" json:"-"`               // why rendering last failed, for the operator
	IssuedAt  time.Time        `bun:"issued_at" json:"issued_at"`
	ReadyAt   *time.Time       `bun:"ready_at" json:"ready_at,omitempty"`
	VoidAt    *time.Time       `bun:"void_at" json:"void_at,omitempty"`
	VoidWhy   string           `bun:"void_reason" json:"void_reason,omitempty"`
}

// FileName is what a download is called.
func (d Document) FileName() string {
	name := d.Title
	if d.Number != "" {
		name += " " + d.Number
	}
	return name + ".pdf"
}

// TemplateVersion is raised when a document's look changes; stored PDFs keep
// the version they were made with.
const TemplateVersion = 1

// codeLength gives 80 bits: not to be guessed, short enough to type.
const codeLength = 16

// NewCode makes a verification code; it goes into the content before Issue so
// that the page can print it.
func NewCode() string { return id.Code(codeLength) }

// Renderer turns frozen content into a PDF; document.Render is the one.
type Renderer func(kind string, content []byte) ([]byte, error)

// Service issues and hands out documents.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	store  object.Store
	queue  *queue.Queue
	access access.Registry
	render Renderer
	signer *signature.Key
	log    *slog.Logger
}

// New makes the service and registers its job.
func New(d *bun.DB, c clock.Clock, st object.Store, q *queue.Queue, a access.Registry, r Renderer, k *signature.Key, log *slog.Logger) (*Service, error) {
	s := &Service{db: d, clock: c, store: st, queue: q, access: a, render: r, signer: k, log: log}
	return s, queue.Handle(q, s.work)
}

// Item is a document to be issued.
type Item struct {
	Kind      string // a kind that the renderer knows
	OwnerKind string // whose authorisation function guards it
	OwnerID   id.ID
	Title     string
	Number    string
	Issuer    string
	Code      string // from NewCode
	Content   any    // the kind's content struct, frozen as JSON
	Facts     []Fact
	Claims    []signature.Fact
	Public    bool
}

type renderJob struct {
	Document id.ID `json:"document"`
}

// Kind names the job.
func (renderJob) Kind() string { return "document_render" }

// Issue freezes a document in the deciding transaction and enqueues its
// rendering.
func (s *Service) Issue(ctx context.Context, tx bun.Tx, it Item) (Document, error) {
	d, err := frozen(it, s.clock.Now())
	if err != nil {
		return d, err
	}
	if _, err := tx.NewInsert().Model(&d).Exec(ctx); err != nil {
		return d, db.Translate(err)
	}
	return d, s.queue.Add(ctx, tx, renderJob{d.ID})
}

// sealed are the kinds of owner whose documents nobody but their parties may
// learn of: a bid's receipt tells that there is a bid, a last offer's that
// somebody stays.
var sealed = []string{"bid", "last_offer"}

// patience is how long the rendering of such a document waits to be tried again.
const patience = 30 * time.Second

// work renders one document. One that must not be spoken of is tried until it
// is done and never fails: a failure is logged and counted.
func (s *Service) work(ctx context.Context, j renderJob) error {
	var d Document
	if err := s.db.NewSelect().Model(&d).Where("id = ?", j.Document).Scan(ctx); err != nil {
		return db.Found(err, "文书")
	}
	if d.ObjectKey != "" {
		return nil
	}
	_, err := s.Make(ctx, []Document{d})
	if err != nil && slices.Contains(sealed, d.OwnerKind) {
		return queue.Later(patience)
	}
	return err
}

// Revoke marks a document void in the caller's transaction; the caller has
// authorised it. The PDF and the verification page stay, saying 作废.
func (s *Service) Revoke(ctx context.Context, tx bun.Tx, doc id.ID, reason string) error {
	return db.One(tx.NewUpdate().Model((*Document)(nil)).
		Set("state = ?, void_at = ?, void_reason = ?", Void, s.clock.Now(), reason).
		Where("id = ? AND state <> ?", doc, Void).Exec(ctx))
}

// Of lists the documents of one object, oldest first. The caller has
// authorised the view of the object.
func (s *Service) Of(ctx context.Context, d bun.IDB, ownerKind string, owner id.ID) ([]Document, error) {
	var out []Document
	err := d.NewSelect().Model(&out).ExcludeColumn("content").
		Where("owner_kind = ? AND owner_id = ?", ownerKind, owner).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// Troubled lists documents whose last rendering failed, newest first, for the
// operator's page. Bids' receipts are not among them: that there is a bid is
// nobody's business. The nightly check names those whose bid was opened.
func (s *Service) Troubled(ctx context.Context) ([]Document, error) {
	var out []Document
	err := s.db.NewSelect().Model(&out).Column("id", "kind", "title", "number", "problem", "issued_at").
		Where("object_key = '' AND problem <> '' AND owner_kind NOT IN (?)", bun.List(sealed)).Order("id DESC").Limit(50).Scan(ctx)
	return out, db.Translate(err)
}

// Get reads a document the actor may have: public, or by its owner's function.
func (s *Service) Get(ctx context.Context, who party.Actor, doc id.ID) (Document, error) {
	var d Document
	if err := s.db.NewSelect().Model(&d).ExcludeColumn("content").Where("id = ?", doc).Scan(ctx); err != nil {
		return d, db.Found(err, "文书")
	}
	if d.Public {
		return d, nil
	}
	return d, s.access.May(ctx, who, d.OwnerKind, d.OwnerID, "view")
}

// Download opens the stored PDF. Unavailable while it is still being made.
func (s *Service) Download(ctx context.Context, who party.Actor, doc id.ID) (Document, io.ReadCloser, error) {
	d, err := s.Get(ctx, who, doc)
	if err != nil {
		return d, nil, err
	}
	if d.ObjectKey == "" {
		return d, nil, fault.New(fault.Unavailable, "文书正在生成，通常只需几秒，请稍后刷新")
	}
	r, _, err := s.store.Open(ctx, d.ObjectKey)
	return d, r, err
}

// Verify finds a document by its printed code, typed by anyone, for the public
// verification page. Letters that are easily confused are taken for digits.
func (s *Service) Verify(ctx context.Context, code string) (Document, error) {
	code = strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(code)))
	var d Document
	if len(code) != codeLength {
		return d, fault.New(fault.NotFound, "验证码应为 %d 位字母和数字，印在文书的二维码旁", codeLength)
	}
	err := s.db.NewSelect().Model(&d).Where("code = ?", code).Scan(ctx)
	if err = db.Found(err, "文书"); fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "没有这个验证码对应的文书。请核对是否输错；若确实如此，这份文书不是本平台出具的")
	}
	sum := sha256.Sum256([]byte(d.Content))
	d.Frozen, d.Content = hex.EncodeToString(sum[:]), "" // the content has full names
	return d, err
}
