package opening

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// launch reads bids in the background until none is left or something of ours
// fails. One loop a tender and process; two processes do no harm, because a
// bid is read out under the tender's lock and once.
func (s *Service) launch(who party.Actor, tenderID id.ID, r *room, opener *seal.Opener) {
	if !r.begin() {
		opener.Wipe()
		return
	}
	s.loops.Go(func() {
		defer r.end()
		defer opener.Wipe()
		defer s.watched.wake(tenderID)
		for {
			more, err := s.guarded(s.ctx, tenderID, opener)
			if err != nil {
				s.halt(who, tenderID, err)
				return
			}
			s.watched.wake(tenderID)
			if !more {
				r.wipe()
				return
			}
		}
	})
}

// Wait returns when the loop that reads a tender's bids in this process has
// ended, at once where none runs.
func (s *Service) Wait(ctx context.Context, tenderID id.ID) error {
	done := s.peek(tenderID).loop()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// guarded is next; a panic in there (a bid is hostile input) stops this opening
// and not the server.
func (s *Service) guarded(ctx context.Context, tenderID id.ID, opener *seal.Opener) (more bool, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("panic: %v", x)
		}
	}()
	return s.next(ctx, tenderID, opener)
}

// next reads the first bid that is not read yet. Decrypting comes before the
// transaction: it waits on the object store.
func (s *Service) next(ctx context.Context, tenderID id.ID, opener *seal.Opener) (more bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return false, err
	}
	received, err := bid.AtDeadline(ctx, s.db, t, s.clock.Now())
	if err != nil {
		return false, err
	}
	done, err := Listed(ctx, s.db, tenderID)
	if err != nil {
		return false, err
	}
	for i, r := range received {
		if slices.ContainsFunc(done, func(l Line) bool { return l.Bid == r.Bid }) {
			continue
		}
		u, err := s.unseal(ctx, opener, r)
		if err != nil {
			return false, fault.Wrap(fault.Unavailable, err, "读取第 %d 份投标时平台出错，开标已中断；投标文件没有受影响，排除后可以继续", i+1)
		}
		return true, s.readOut(ctx, tenderID, i+1, len(received), r, u)
	}
	return false, s.allRead(ctx, tenderID)
}

// unsealed is what was inside a bid, or why that is its bidder's fault.
type unsealed struct {
	content bid.Content
	files   []attachment.Attachment
	failed  string
}

// unseal decrypts a bid and lays its files into the store. An error is ours;
// what is wrong with the bid itself is in failed. The bytes must be those of
// the receipt before anything is laid at the bidder's door.
func (s *Service) unseal(ctx context.Context, opener *seal.Opener, r bid.Received) (u unsealed, err error) {
	body, _, err := s.Store.Open(ctx, r.ObjectKey)
	if err != nil {
		return u, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	hash := sha256.New()
	raw := &watchedReader{r: io.TeeReader(body, hash)}
	m, readErr := s.decrypt(ctx, opener, r, raw, &u)
	if _, err := io.Copy(io.Discard, raw); err != nil {
		return u, err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != r.SHA256 {
		s.lift(ctx, &u)
		return u, fmt.Errorf("the stored bytes of bid %s hash to %s, its receipt says %s", r.Bid, got, r.SHA256)
	}
	switch {
	case readErr != nil && !fault.Is(readErr, fault.Invalid):
		return u, readErr
	case readErr != nil:
		u.failed = said(readErr)
	case m.Tender != r.Tender:
		u.failed = "文件是为另一个采购项目密封的"
	case m.Supplier != r.Supplier:
		u.failed = "文件是以另一个供应商的名义密封的"
	}
	if u.failed != "" {
		s.lift(ctx, &u)
		return u, nil
	}
	u.content = bid.Content{Tender: m.Tender, Supplier: m.Supplier, Price: m.Price, Delivery: m.Delivery, Answers: []bid.Answer{}, Files: []bid.File{}}
	for _, a := range m.Answers {
		u.content.Answers = append(u.content.Answers, bid.Answer(a))
	}
	return u, nil
}

func (s *Service) decrypt(ctx context.Context, opener *seal.Opener, r bid.Received, raw io.Reader, u *unsealed) (seal.Manifest, error) {
	plain, err := opener.Open(raw)
	if err != nil {
		return seal.Manifest{}, err
	}
	return seal.Read(plain, func(i int, f seal.File, content io.Reader) error {
		key := fmt.Sprintf("attachment/%s-%d-%d", strings.ToLower(string(r.Bid)), r.Version, i+1)
		a, err := s.Files.Lay(ctx, key, f.Name, f.Size, content)
		a.ObjectKey = key
		u.files = append(u.files, a)
		return err
	})
}

func (s *Service) lift(ctx context.Context, u *unsealed) {
	for _, a := range u.files {
		s.Files.Lift(ctx, a.ObjectKey)
	}
	u.files = nil
}

// said is what a fault says to people: its fields, or its message.
func said(err error) string {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		return "文件无法解密"
	}
	if len(f.Fields) > 0 {
		var parts []string
		for _, x := range f.Fields[:min(3, len(f.Fields))] {
			parts = append(parts, x.Message)
		}
		return strings.Join(parts, "；")
	}
	return f.Message
}

// watchedReader keeps the store's own failure apart from what it holds: once
// it failed it fails for good.
type watchedReader struct {
	r   io.Reader
	err error
}

func (w *watchedReader) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = fault.Wrap(fault.Unavailable, err, "文件存储没有把投标文件读完")
		err = w.err
	}
	return n, err
}

// readOut puts one bid on record, in one transaction; where another process
// was first it does nothing.
func (s *Service) readOut(ctx context.Context, tenderID id.ID, position, total int, r bid.Received, u unsealed) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, o, err := s.opened(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		if o.State != Reading {
			return fault.New(fault.Conflict, "开标不在唱标中，不再读取")
		}
		now := s.clock.Now()
		line := Line{ID: id.New(now), Tender: t.ID, Bid: r.Bid, Version: r.Version, Supplier: r.Supplier, SupplierName: r.Name, Position: position,
			Price: u.content.Price, Delivery: u.content.Delivery, Files: len(u.files), SHA256: r.SHA256, SubmittedAt: r.SubmittedAt, Failed: u.failed}
		res, err := tx.NewInsert().Model(&line).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		text := r.Name + "：报价 " + priceText(t, line.Price)
		if u.failed != "" {
			text = r.Name + "：因投标人自身原因未能开启，视为撤回（" + u.failed + "）"
		} else if err := s.keep(ctx, tx, r, &u, now); err != nil {
			return err
		}
		return say(ctx, tx, t.ID, now, LineRead, Facts{Text: text, Total: total, Line: &line})
	})
}

// keep writes down what a bid says and the files that came out of it.
func (s *Service) keep(ctx context.Context, tx bun.Tx, r bid.Received, u *unsealed, now time.Time) error {
	c := u.content
	c.Files = []bid.File{}
	for _, a := range u.files {
		a.ID, a.OwnerKind, a.OwnerID, a.UploadedBy, a.CreatedAt = id.New(now), bid.OpenedKind, r.Bid, r.SubmittedBy, now
		if err := s.Files.Enter(ctx, tx, &a); err != nil {
			return err
		}
		c.Files = append(c.Files, bid.File{ID: a.ID, Name: a.Name, Size: a.Size, SHA256: a.SHA256})
	}
	return bid.Keep(ctx, tx, r, c, now)
}

// opened reads a tender whose bids are being read, with both rows locked.
func (s *Service) opened(ctx context.Context, tx bun.Tx, tenderID id.ID) (tender.Tender, Opening, error) {
	t, err := tender.ForUpdate(ctx, tx, tenderID)
	if err != nil {
		return t, Opening{}, err
	}
	o, err := read(ctx, tx, tenderID)
	if err == nil && t.State != tender.Open {
		err = fault.New(fault.Conflict, "采购项目现在是“%s”，开标不再进行", t.State.Name())
	}
	return t, o, err
}

// allRead ends the reading.
func (s *Service) allRead(ctx context.Context, tenderID id.ID) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, o, err := s.opened(ctx, tx, tenderID)
		if err != nil || o.State != Reading {
			return err
		}
		o.State = Confirming
		if err := save(ctx, tx, &o, "state"); err != nil {
			return err
		}
		return say(ctx, tx, t.ID, s.clock.Now(), AllRead, Facts{Text: "全部投标已唱标，请投标人核对并确认", Total: o.Bidders})
	})
}

// halt writes down why the reading stopped, loudly: it is ours to mend.
func (s *Service) halt(who party.Actor, tenderID id.ID, cause error) {
	why := "平台出错，开标已中断；投标文件没有受影响，排除后可以继续"
	if f, ok := errors.AsType[*fault.Fault](cause); ok {
		why = f.Message
	}
	if s.ctx.Err() != nil {
		why = "平台正在重新启动，内存中的密钥已清除；请持钥人重新交出密钥份后继续开标"
	}
	s.Log.Error("opening stopped", "tender", tenderID, "error", cause)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, o, err := s.opened(ctx, tx, tenderID)
		if err != nil || o.State != Reading {
			return err
		}
		now := s.clock.Now()
		o.State, o.StoppedWhy = Stopped, why
		if err := save(ctx, tx, &o, "state", "stopped_why"); err != nil {
			return err
		}
		if err := say(ctx, tx, t.ID, now, Interrupted, Facts{Text: why}); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "开标中断", why, "")
	})
	if err != nil {
		s.Log.Error("opening stopped, and that could not be written down", "tender", tenderID, "error", err)
	}
}

func priceText(t tender.Tender, p interface{ Yuan() string }) string {
	if t.Ceiling.Kind == tender.UnitPrice && t.Ceiling.Unit != "" {
		return p.Yuan() + " 元/" + t.Ceiling.Unit
	}
	return p.Yuan() + " 元"
}
