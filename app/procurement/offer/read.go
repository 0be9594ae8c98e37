package offer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

func errEarly(r Round) error {
	return fault.New(fault.Conflict, "提交最后报价的时间（%s）未到，不能开启", r.DueAt.In(clock.Beijing).Format("2006年1月2日 15:04:05"))
}

// Give takes a holder's share into memory, after the stated moment only, so
// that until then no share reaches the server; Invalid where it is not this
// holder's share of this tender's key.
func (s *Service) Give(ctx context.Context, who party.Actor, tenderID id.ID, share string) error {
	k, set, err := key(ctx, s.db, tenderID)
	if err != nil {
		return err
	}
	return s.change(ctx, who, tenderID, "give_offer", func(_ context.Context, _ bun.Tx, _ *tender.Tender, r *Round, now time.Time) error {
		if r == nil || r.StateAt(now) == Read || r.StateAt(now) == Failed {
			return fault.New(fault.Conflict, "现在没有等待开启的最后报价，不需要密钥份")
		}
		if r.StateAt(now) != Due {
			return errEarly(*r)
		}
		x, err := k.Check(share)
		if seat := set.Holder(who.Account); err == nil && x.Index != seat.Place {
			err = fault.New(fault.Invalid, "这是第 %d 份，您持有的是第 %d 份，请打开自己的密钥份", x.Index, seat.Place)
		}
		if err != nil {
			var c fault.Check
			c.Adopt("share", err)
			return c.Err()
		}
		s.custody.Give(k, x)
		return nil
	})
}

// Open reads every last offer in one transaction, after the stated moment, with
// the shares that are in memory; too few offers end the purchase without any.
// Whoever comes second is given the round that is there. Conflict while shares
// are missing; Unavailable where what is kept is not what its receipt says,
// which is ours to mend: nothing has changed then.
func (s *Service) Open(ctx context.Context, who party.Actor, tenderID id.ID) (Round, error) {
	k, set, err := key(ctx, s.db, tenderID)
	if err != nil {
		return Round{}, err
	}
	var out Round
	err = s.change(ctx, who, tenderID, "ask_offer", func(ctx context.Context, tx bun.Tx, t *tender.Tender, r *Round, now time.Time) error {
		if r == nil {
			return fault.New(fault.Conflict, "还没有要求提交最后报价")
		}
		out = *r
		switch r.StateAt(now) {
		case Read, Failed:
			return nil
		case Asked:
			return errEarly(*r)
		case Due:
		}
		if err := tender.NotSuspended(ctx, tx, t.ID, now, tender.OpeningStep); err != nil {
			return err
		}
		list, err := offersOf(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		given := 0
		for _, o := range list {
			if o.Version > 0 && o.QuitAt == nil {
				given++
			}
		}
		if int64(given) < r.Least {
			return s.end(ctx, tx, who, t, &out, given, now)
		}
		opener, err := s.custody.Opener(k)
		if err != nil {
			return err
		}
		defer opener.Wipe()
		standing := 0
		for i := range list {
			o := &list[i]
			if err := unseal(opener, *t, o); err != nil {
				return err
			}
			if o.Out() == "" {
				standing++
			}
			if err := db.One(tx.NewUpdate().Model(o).Column("price", "delivery", "failed").WherePK().Exec(ctx)); err != nil {
				return err
			}
		}
		for _, h := range set.Holders {
			if s.custody.Given(k)[h.Place] {
				out.Holders = append(out.Holders, opening.Person{Name: h.Name, Role: h.Post()})
			}
		}
		if int64(standing) < r.Least {
			return s.end(ctx, tx, who, t, &out, standing, now)
		}
		out.State, out.ReadAt = Read, &now
		if err := save(ctx, tx, &out); err != nil {
			return err
		}
		rule, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "开启最后报价", fmt.Sprintf("%d 家提交最后报价", standing), rule.Of(t.Method, "last_offer").Source())
	})
	if err == nil {
		s.custody.Wipe(tenderID)
	}
	return out, err
}

func save(ctx context.Context, tx bun.Tx, r *Round) error {
	return db.One(tx.NewUpdate().Model(r).Column("state", "read_at", "holders").WherePK().Exec(ctx))
}

// end ends the purchase: fewer last offers than the law asks for.
func (s *Service) end(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, r *Round, given int, now time.Time) error {
	r.State, r.ReadAt = Failed, &now
	if err := save(ctx, tx, r); err != nil {
		return err
	}
	text := fmt.Sprintf("有效的最后报价 %d 份，不足 %d 家", given, r.Least)
	t.Reason = text + "（" + r.Article + "）"
	if err := s.Tenders.Advance(ctx, tx, t, tender.Failed); err != nil {
		return err
	}
	if err := tender.EmitEnd(ctx, tx, now, *t, nil); err != nil {
		return err
	}
	return note(ctx, tx, who, now, t.ID, "最后报价不足，采购失败", text, r.Article)
}

// unseal decrypts one offer. What is wrong with it is its supplier's fault and
// stands in Failed; that the bytes are not those of the receipt is ours.
func unseal(opener *seal.Opener, t tender.Tender, o *Offer) error {
	o.Price, o.Failed, o.Delivery = nil, "", ""
	if o.Version == 0 || o.QuitAt != nil {
		return nil
	}
	sum := sha256.Sum256(o.Sealed)
	if hex.EncodeToString(sum[:]) != o.SHA256 {
		return fault.New(fault.Unavailable, "平台保存的一份最后报价与其回执不一致，已中断；请联系平台管理员核查，排除后可以继续")
	}
	x, err := readSealed(opener, o.Sealed)
	switch {
	case err != nil && !fault.Is(err, fault.Invalid):
		return err
	case err != nil:
		o.Failed = said(err)
		return nil
	case x.Tender != t.ID || x.Round != o.Round:
		o.Failed = "文件是为另一个项目密封的"
		return nil
	case x.Supplier != o.Supplier:
		o.Failed = "文件是以另一个供应商的名义密封的"
		return nil
	}
	var c fault.Check
	t.CheckPrice(&c, "price", x.Price)
	if err := c.Err(); err != nil {
		o.Failed = said(err)
		return nil
	}
	o.Price, o.Delivery = &x.Price, x.Delivery
	return nil
}

func readSealed(opener *seal.Opener, sealed []byte) (seal.LastOffer, error) {
	plain, err := opener.Open(bytes.NewReader(sealed))
	if err != nil {
		return seal.LastOffer{}, err
	}
	return seal.ReadOffer(plain)
}

func said(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		if len(f.Fields) > 0 {
			return f.Fields[0].Message
		}
		return f.Message
	}
	return "文件无法解密"
}
