package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/trust/signature"
	"gongji/storage/db"
	"gongji/storage/object"
)

// Freeze freezes many documents in the deciding transaction with one
// statement. It enqueues nothing: the caller's own job makes them with Make,
// finds the ones a crash left without a file, and makes those first.
func (s *Service) Freeze(ctx context.Context, tx bun.Tx, items []Item) ([]Document, error) {
	now := s.clock.Now()
	out := make([]Document, 0, len(items))
	for _, it := range items {
		d, err := frozen(it, now)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil, nil
	}
	_, err := tx.NewInsert().Model(&out).Exec(ctx)
	return out, db.Translate(err)
}

func frozen(it Item, now time.Time) (Document, error) {
	content, err := json.Marshal(it.Content)
	if err != nil {
		return Document{}, err
	}
	d := Document{ID: id.New(now), Kind: it.Kind, OwnerKind: it.OwnerKind, OwnerID: it.OwnerID, Title: it.Title,
		Number: it.Number, Issuer: it.Issuer, Code: it.Code, Content: string(content), Facts: it.Facts, Claims: it.Claims,
		Version: TemplateVersion, Public: it.Public, State: Issued, IssuedAt: now}
	if d.Facts == nil {
		d.Facts = []Fact{}
	}
	if d.Claims == nil {
		d.Claims = []signature.Fact{}
	}
	return d, nil
}

// hands is how many documents Make has under way: while some wait for the
// store, another is drawn.
const hands = 4

// Make renders, signs and stores frozen documents, several at once, and says
// of all of them in one statement where they are. It is safe to repeat, also
// beside itself: files are the same bytes, and a document is marked once. The
// number is how many it marked. One that could not be made keeps its problem
// for the operator, and the others are made all the same.
func (s *Service) Make(ctx context.Context, docs []Document) (int, error) {
	var wg sync.WaitGroup
	next := make(chan Document)
	var mu sync.Mutex
	var done []kept
	var failed error
	for range min(hands, len(docs)) {
		wg.Go(func() {
			for d := range next {
				if mu.Lock(); fault.Is(failed, fault.Unavailable) { // the store is away: the others would wait for it in vain
					mu.Unlock()
					continue
				}
				mu.Unlock()
				k, err := s.keep(ctx, d)
				mu.Lock()
				if err == nil {
					done = append(done, k)
				} else if failed == nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	for _, d := range docs {
		if d.ObjectKey == "" {
			next <- d
		}
	}
	close(next)
	wg.Wait()
	n, err := s.mark(ctx, done)
	if err == nil {
		err = failed
	}
	return n, err
}

// kept is a PDF that lies in the store.
type kept struct {
	doc    id.ID
	key    string
	sha256 string
	size   int64
}

// keep makes one document's file. Rendering and signing are deterministic and
// the store takes the same bytes twice, so a crash anywhere in here is mended
// by running again.
func (s *Service) keep(ctx context.Context, d Document) (kept, error) {
	pdf, err := s.render(d.Kind, []byte(d.Content))
	if err == nil {
		pdf, err = s.signer.Stamp(pdf, d.statement())
	}
	if err != nil {
		_, _ = s.db.NewUpdate().Model((*Document)(nil)).Set("problem = ?", err.Error()).Where("id = ?", d.ID).Exec(ctx)
		return kept{}, err
	}
	sum := sha256.Sum256(pdf)
	key := "document/" + strings.ToLower(string(d.ID)) + ".pdf"
	info, err := s.store.Put(ctx, key, bytes.NewReader(pdf), object.PutOptions{Size: int64(len(pdf)), ContentType: "application/pdf"})
	if err != nil {
		return kept{}, err
	}
	if info.SHA256 != hex.EncodeToString(sum[:]) {
		return kept{}, fault.New(fault.Unavailable, "存储返回的校验值与文书不一致")
	}
	return kept{d.ID, key, info.SHA256, info.Size}, nil
}

// mark says where the files are. A document voided while it was being
// rendered stays void and gets its PDF.
func (s *Service) mark(ctx context.Context, list []kept) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	var values strings.Builder
	args := make([]any, 0, 4*len(list)+4)
	for i, k := range list {
		if i > 0 {
			values.WriteByte(',')
		}
		values.WriteString("(?,?,?,?)")
		args = append(args, k.doc, k.key, k.sha256, k.size)
	}
	args = append(args, s.clock.Now(), Issued, Ready)
	res, err := s.db.NewRaw(`WITH made (id, object_key, sha256, size) AS (VALUES `+values.String()+`)
		UPDATE document SET object_key = made.object_key, sha256 = made.sha256, size = made.size, ready_at = ?, problem = '',
		state = CASE WHEN document.state = ? THEN ? ELSE document.state END
		FROM made WHERE document.id = made.id AND document.object_key = ''`, args...).Exec(ctx)
	if err != nil {
		return 0, db.Translate(err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
