// Package attachment takes uploads. A file streams to the object store while
// it is hashed; only when it is whole and of the type its name claims does a
// row say that it exists. Who may see it is asked of the object it hangs on.
package attachment

import (
	"bufio"
	"context"
	"io"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/access"
	"gongji/app/trust/trail"
	"gongji/storage/db"
	"gongji/storage/object"
)

// Limit is the largest upload, in bytes: 100 MiB.
const Limit = object.DefaultLimit

// perOwner is the most live attachments one object may have.
const perOwner = 60

// Attachment is one uploaded file.
type Attachment struct {
	bun.BaseModel `bun:"table:attachment"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	OwnerKind  string     `bun:"owner_kind" json:"owner_kind"`
	OwnerID    id.ID      `bun:"owner_id" json:"owner_id"`
	Slot       string     `bun:"slot" json:"slot,omitempty"` // which question of the owner it answers
	Name       string     `bun:"name" json:"name"`
	MediaType  string     `bun:"media_type" json:"media_type"`
	Size       int64      `bun:"size" json:"size"` // bytes
	SHA256     string     `bun:"sha256" json:"sha256"`
	ObjectKey  string     `bun:"object_key" json:"-"`
	UploadedBy id.ID      `bun:"uploaded_by" json:"-"`
	CreatedAt  time.Time  `bun:"created_at" json:"created_at"`
	RemovedAt  *time.Time `bun:"removed_at" json:"-"`
}

// accepted maps a file name's ending to the content it must have.
var accepted = map[string][]string{
	".pdf":  {"application/pdf"},
	".png":  {"image/png"},
	".jpg":  {"image/jpeg"},
	".jpeg": {"image/jpeg"},
	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	".zip":  {"application/zip"},
}

// Accept is the list of endings for a file input.
const Accept = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx,.zip"

// Service keeps attachments.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	store  object.Store
	access access.Registry
	rules  map[string]Rule
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, st object.Store, a access.Registry) *Service {
	return &Service{db: d, clock: c, store: st, access: a, rules: map[string]Rule{}}
}

// Rule replaces what is asked of a file's name and content for one kind of
// owner. head is how the file begins; what it answers is kept in place of the
// name that was sent.
type Rule func(head []byte) (name, media string, err error)

// Peek is how much of a file a Rule is shown, in bytes.
const Peek = 16 << 10

// Require sets the rule of a kind of owner; call it before the service is used.
func (s *Service) Require(ownerKind string, r Rule) { s.rules[ownerKind] = r }

// Add takes one file for an object the actor may "attach" to. The right is
// asked before the bytes are read and again after: a deadline may pass while
// they arrive. Errors: Invalid (empty, wrong type), TooLarge, and the owner's.
func (s *Service) Add(ctx context.Context, who party.Actor, ownerKind string, owner id.ID, slot, name string, body io.Reader) (Attachment, error) {
	if err := s.access.May(ctx, who, ownerKind, owner, "attach"); err != nil {
		return Attachment{}, err
	}
	have, err := s.db.NewSelect().Model((*Attachment)(nil)).
		Where("owner_kind = ? AND owner_id = ? AND removed_at IS NULL", ownerKind, owner).Count(ctx)
	if err != nil {
		return Attachment{}, db.Translate(err)
	}
	if have >= perOwner {
		return Attachment{}, invalid("附件已有 %d 个，请先移除不需要的，或把多个文件打包成一个 zip", perOwner)
	}
	head := bufio.NewReaderSize(body, Peek)
	name, media, err := s.judge(ownerKind, name, head)
	if err != nil {
		return Attachment{}, err
	}
	now := s.clock.Now()
	a := Attachment{ID: id.New(now), OwnerKind: ownerKind, OwnerID: owner, Slot: slot, Name: name, MediaType: media,
		UploadedBy: who.Account, CreatedAt: now}
	a.ObjectKey = "attachment/" + strings.ToLower(id.Code(26))
	info, err := s.store.Put(ctx, a.ObjectKey, head, object.PutOptions{Size: -1, ContentType: media, Limit: Limit})
	if err != nil {
		if fault.Is(err, fault.TooLarge) {
			return Attachment{}, fault.New(fault.TooLarge, "“%s”超过 100 MB，请压缩或拆分后再上传；已填写的内容都还在", name)
		}
		return Attachment{}, err
	}
	a.Size, a.SHA256 = info.Size, info.SHA256
	if err = s.access.May(ctx, who, ownerKind, owner, "attach"); err == nil {
		_, err = s.db.NewInsert().Model(&a).Exec(ctx)
	}
	if err != nil {
		_ = s.store.Delete(context.WithoutCancel(ctx), a.ObjectKey)
		return Attachment{}, db.Translate(err)
	}
	return a, nil
}

// judge says what a file is called and what it is, or refuses it.
func (s *Service) judge(ownerKind, name string, head *bufio.Reader) (string, string, error) {
	rule := s.rules[ownerKind]
	if rule == nil {
		name = cleanName(name)
		media, err := typed(name, head)
		return name, media, err
	}
	first, err := head.Peek(Peek)
	if err != nil && err != io.EOF {
		return "", "", err
	}
	return rule(first)
}

func invalid(format string, args ...any) error {
	var c fault.Check
	c.Fail("file", format, args...)
	return c.Err()
}

// typed looks at the first bytes and refuses what is empty or is not what its
// name says.
func typed(name string, head *bufio.Reader) (string, error) {
	want, ok := accepted[strings.ToLower(path.Ext(name))]
	if !ok {
		return "", invalid("“%s”的格式不受支持，请上传 PDF、PNG、JPG、DOCX、XLSX 或 ZIP", name)
	}
	first, err := head.Peek(4096)
	if len(first) == 0 {
		if err != nil && err != io.EOF {
			return "", err
		}
		return "", invalid("“%s”是空文件，请检查后重新选择", name)
	}
	got := mimetype.Detect(first)
	for _, w := range want {
		if got.Is(w) {
			return w, nil
		}
	}
	// An Office file whose first entry is not the telling one looks like a plain zip.
	if got.Is("application/zip") && (strings.HasSuffix(want[0], "document") || strings.HasSuffix(want[0], "sheet")) {
		return want[0], nil
	}
	return "", invalid("“%s”的内容不是 %s 文件（检测为 %s），请用原软件另存后再上传", name, strings.TrimPrefix(path.Ext(name), "."), got.String())
}

// cleanName keeps the last element of a path without control characters, at
// most 120 characters, its ending included.
func cleanName(s string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
	ext := path.Ext(s)
	stem := []rune(strings.TrimSuffix(s, ext))
	if len(stem) > 110 {
		stem = stem[:110]
	}
	return string(stem) + ext
}

// Of lists the live attachments of one object. The caller has authorised the
// view of the object.
func (s *Service) Of(ctx context.Context, d bun.IDB, ownerKind string, owner id.ID) ([]Attachment, error) {
	var out []Attachment
	err := d.NewSelect().Model(&out).Where("owner_kind = ? AND owner_id = ? AND removed_at IS NULL", ownerKind, owner).
		Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// Open reads an attachment the actor may view by its owner's function.
func (s *Service) Open(ctx context.Context, who party.Actor, a id.ID) (Attachment, io.ReadCloser, error) {
	x, err := s.get(ctx, who, a, "view")
	if err != nil {
		return x, nil, err
	}
	r, _, err := s.store.Open(ctx, x.ObjectKey)
	return x, r, err
}

func (s *Service) get(ctx context.Context, who party.Actor, a id.ID, action string) (Attachment, error) {
	var x Attachment
	if err := s.db.NewSelect().Model(&x).Where("id = ? AND removed_at IS NULL", a).Scan(ctx); err != nil {
		return x, db.Found(err, "附件")
	}
	return x, s.access.May(ctx, who, x.OwnerKind, x.OwnerID, action)
}

// Remove takes an attachment off its object; the bytes stay for the record.
func (s *Service) Remove(ctx context.Context, who party.Actor, a id.ID) (Attachment, error) {
	x, err := s.get(ctx, who, a, "attach")
	if err != nil {
		return x, err
	}
	now := s.clock.Now()
	return x, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := db.One(tx.NewUpdate().Model((*Attachment)(nil)).Set("removed_at = ?", now).
			Where("id = ? AND removed_at IS NULL", a).Exec(ctx)); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: x.OwnerKind, ObjectID: x.OwnerID, Action: "移除附件", Note: x.Name})
	})
}
