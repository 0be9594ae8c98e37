package bid

import (
	"context"
	"io"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// MaxDraft is the most a draft may take, in bytes: what was typed and the names
// of files, not the files.
const MaxDraft = 1 << 20

// Saved is a draft as it was last saved. Body is an age file to the bidder's
// own people: the server cannot read it.
type Saved struct {
	bun.BaseModel `bun:"table:bid_draft"`

	Bid      id.ID     `bun:"bid,pk" json:"-"`
	Revision int64     `bun:"revision" json:"revision" description:"每存一次加一；存时带上它，同事刚改过的就不会被盖掉"`
	Body     []byte    `bun:"body" json:"-"`
	SavedAt  time.Time `bun:"saved_at" json:"saved_at"`
	SavedBy  id.ID     `bun:"saved_by" json:"-"`
}

// SaveDraft replaces the draft by what r holds. base is the revision it was
// made from: Conflict where a colleague saved since; -1 says that there was
// none, 0 saves over whatever is there. Invalid where it is not encrypted,
// TooLarge beyond MaxDraft. What was submitted stays as it is.
func (s *Service) SaveDraft(ctx context.Context, who party.Actor, bid id.ID, base int64, r io.Reader) (Saved, error) {
	if err := s.May(ctx, who, bid, "edit"); err != nil {
		return Saved{}, err
	}
	body, err := io.ReadAll(io.LimitReader(r, MaxDraft+1))
	if err != nil {
		return Saved{}, err
	}
	if len(body) > MaxDraft {
		return Saved{}, fault.New(fault.TooLarge, "草稿不能超过 1 MB，更长的内容请放进附件")
	}
	if err := mustBe("draft", seal.IsSealed(body)); err != nil {
		return Saved{}, err
	}
	var d Saved
	err = s.change(ctx, who, bid, "edit", func(ctx context.Context, tx bun.Tx, _ tender.Tender, b *Bid, now time.Time) error {
		was, err := readDraft(ctx, tx, bid)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if base > 0 && base != was.Revision || base < 0 && was.Revision != 0 {
			return fault.New(fault.Conflict, "这份草稿刚由同事保存过，请载入最新的草稿后再改")
		}
		d = Saved{Bid: bid, Revision: was.Revision + 1, Body: body, SavedAt: now, SavedBy: who.Account}
		_, err = tx.NewInsert().Model(&d).On("CONFLICT (bid) DO UPDATE").Set("revision = EXCLUDED.revision").Set("body = EXCLUDED.body").
			Set("saved_at = EXCLUDED.saved_at").Set("saved_by = EXCLUDED.saved_by").Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
		b.UpdatedAt = now
		return save(ctx, tx, b)
	})
	return d, err
}

// Draft is the draft as it was last saved, for the bidder; NotFound before the
// first time.
func (s *Service) Draft(ctx context.Context, who party.Actor, bid id.ID) (Saved, error) {
	if err := s.May(ctx, who, bid, "view"); err != nil {
		return Saved{}, err
	}
	return readDraft(ctx, s.db, bid)
}

func readDraft(ctx context.Context, d bun.IDB, bid id.ID) (Saved, error) {
	var x Saved
	err := db.Found(d.NewSelect().Model(&x).Where("bid = ?", bid).Scan(ctx), "草稿")
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "还没有保存过草稿")
	}
	return x, err
}

// SealedFile is the attachment.Rule of a bid: only encrypted files, under a
// name that says nothing.
func SealedFile(head []byte) (name, media string, err error) {
	return "密封附件.age", "application/octet-stream", mustBe("file", seal.IsSealed(head))
}
