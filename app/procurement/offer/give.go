package offer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/standing"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/trust/signature"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// platform issues receipts: it saw the offer arrive.
const platform = "共济平台"

const (
	maxMinutes = 3 * 24 * 60
	maxReason  = 500
)

// Ask opens the round: every supplier that the panel found to respond is asked
// for a last offer within minutes. The panel or the buyer's officer does it,
// once. Conflict while a member has not handed in, or where so few remain that
// the purchase ends anyway.
func (s *Service) Ask(ctx context.Context, who party.Actor, tenderID id.ID, minutes int) (Round, error) {
	var out Round
	err := s.change(ctx, who, tenderID, "ask_offer", func(ctx context.Context, tx bun.Tx, t *tender.Tender, r *Round, now time.Time) error {
		if !Asks(*t) {
			return fault.New(fault.Conflict, "本采购方式没有最后报价")
		}
		if r != nil {
			return fault.New(fault.Conflict, "已经要求提交最后报价，每个项目只有一次")
		}
		if err := tender.NotSuspended(ctx, tx, t.ID, now, tender.OpeningStep); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		var c fault.Check
		if rule := set.Of(t.Method, "last_offer_time"); rule.ID != "" && !rule.AtLeast(int64(minutes), 0) {
			c.FailUnder(rule.Source(), "minutes", "提交最后报价的时间%s", rule.Limit())
		}
		c.Must(minutes > 0 && minutes <= maxMinutes, "minutes", "提交最后报价的时间不超过 3 天")
		if err := c.Err(); err != nil {
			return err
		}
		key, err := tenderkey.Current(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		left, least, err := s.left(ctx, tx, *t, set, now)
		if err != nil {
			return err
		}
		out = Round{ID: id.New(now), Tender: t.ID, State: Asked, Minutes: minutes, Least: least.Value, Article: least.Source(), AskedAt: now, AskedBy: who.Account,
			DueAt: now.Add(time.Duration(minutes) * time.Minute), Holders: []opening.Person{}}
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		to := []inbox.To{}
		for _, l := range left {
			to = append(to, inbox.To{Organisation: l.Supplier})
			o := Offer{ID: id.New(now), Round: out.ID, Tender: t.ID, Bid: l.Bid, Supplier: l.Supplier, SupplierName: l.SupplierName, First: l.Price}
			if _, err := tx.NewInsert().Model(&o).Exec(ctx); err != nil {
				return db.Translate(err)
			}
		}
		until := out.DueAt.In(clock.Beijing).Format("2006年1月2日 15:04:05")
		if err := inbox.Send(ctx, tx, now, to, inbox.Letter{Title: "请提交最后报价", Text: "“" + t.Title + "”：请在 " + until + "（北京时间）以前提交最后报价，不提交视为退出。",
			Link: "/tenders/" + string(t.ID) + "/last-offer"}); err != nil {
			return err
		}
		if err := inbox.Send(ctx, tx, now, holders(key), inbox.Letter{Title: "请参加开启最后报价：" + t.Title, Link: "/tenders/" + string(t.ID) + "/last-offer",
			Text: "您是持钥人。供应商提交最后报价到 " + until + "（北京时间）截止，截止后请到页面输入口令，交出密钥份；此前不接收。"}); err != nil {
			return err
		}
		// Who is asked is the panel's finding, and nobody's to know yet.
		return note(ctx, tx, who, now, t.ID, "要求提交最后报价", "截止 "+until+"（北京时间）", set.Of(t.Method, "last_offer").Source())
	})
	return out, err
}

// left are the suppliers to ask for a last offer, and the least number of them
// that the law asks for; Conflict while a member has not handed in, or where
// there are fewer.
func (s *Service) left(ctx context.Context, d bun.IDB, t tender.Tender, set rules.Set, now time.Time) ([]opening.Line, rules.Rule, error) {
	least := opening.LeastBidders(set, t.Method)
	left, err := s.Remaining(ctx, d, t, now)
	if err == nil && !least.AtLeast(int64(len(left)), 0) {
		err = fault.New(fault.Conflict, "实质性响应的供应商不足 %d 家，不再要求最后报价；请完成汇总，依法终止", least.Value).Under(least.Source())
	}
	return left, least, err
}

// holders are those whose shares open the round.
func holders(k tenderkey.Key) []inbox.To {
	var to []inbox.To
	for _, h := range k.Holders {
		to = append(to, inbox.To{Account: h.Account})
	}
	return to
}

// own is the offer of the actor's organisation, locked with its tender, while
// offers may still be given; TooLate afterwards.
func own(ctx context.Context, tx bun.Tx, who party.Actor, r *Round, now time.Time) (Offer, error) {
	var o Offer
	if r == nil {
		return o, fault.New(fault.NotFound, "没有找到这条记录，或您无权查看")
	}
	if r.StateAt(now) != Asked {
		return o, fault.New(fault.TooLate, "提交最后报价的时间已过（%s），不能再提交或者退出", r.DueAt.In(clock.Beijing).Format("2006年1月2日 15:04:05"))
	}
	err := db.Found(tx.NewSelect().Model(&o).Where("round = ? AND supplier = ?", r.ID, who.Org).Scan(ctx), "最后报价")
	if err == nil && o.QuitAt != nil {
		err = fault.New(fault.Conflict, "贵单位已经退出，不能再提交最后报价")
	}
	return o, err
}

// Submit takes a sealed last offer and issues its receipt; given again in time
// another replaces it, and the same bytes are the same offer. TooLate from the
// stated moment on, judged under the tender's lock. Invalid where it is not
// encrypted.
func (s *Service) Submit(ctx context.Context, who party.Actor, tenderID id.ID, sealed []byte) (Offer, error) {
	if err := seal.CheckOffer(sealed); err != nil {
		var c fault.Check
		c.Adopt("offer", err)
		return Offer{}, c.Err()
	}
	sum := sha256.Sum256(sealed)
	hash := hex.EncodeToString(sum[:])
	var o Offer
	err := s.change(ctx, who, tenderID, "last_offer", func(ctx context.Context, tx bun.Tx, t *tender.Tender, r *Round, now time.Time) error {
		var err error
		if o, err = own(ctx, tx, who, r, now); err != nil || o.SHA256 == hash {
			return err
		}
		if err := standing.Clear(ctx, tx, o.Supplier, t.Buyer, standing.Purchase, now); err != nil {
			return err
		}
		o.Version, o.Sealed, o.SHA256, o.SubmittedAt, o.SubmittedBy = o.Version+1, sealed, hash, &now, &who.Account
		if o.Receipt, err = s.receipt(ctx, tx, who, *t, *r, o); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model(&o).Column("version", "sealed", "sha256", "submitted_at", "submitted_by", "receipt").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: ObjectKind, ObjectID: o.ID, Action: "提交最后报价", Note: "SHA-256 " + hash})
	})
	o.Sealed = nil
	return o, err
}

func (s *Service) receipt(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, r Round, o Offer) (*id.ID, error) {
	org, err := s.Organisations.Approved(ctx, tx, o.Supplier)
	if err != nil {
		return nil, err
	}
	code := archive.NewCode()
	c := document.BidReceipt{
		Issue: document.Issue{Number: "回执 " + code[:8], Code: code, VerifyURL: s.site + "/verify/" + code,
			Issuer: platform, IssuedAt: *o.SubmittedAt, Demo: t.Demo},
		TenderNumber: t.No(), TenderTitle: t.Title, Buyer: t.BuyerName, Bidder: org.Name, BidderUSCC: org.Code(), LastOffer: true,
		SubmittedBy: who.Name, SubmittedAt: *o.SubmittedAt, Deadline: r.DueAt, Version: o.Version, SHA256: o.SHA256,
	}
	doc, err := s.Archive.Issue(ctx, tx, archive.Item{Kind: c.Kind(), OwnerKind: ObjectKind, OwnerID: o.ID,
		Title: "最后报价回执 " + t.Title, Number: c.Number, Issuer: platform, Code: code, Content: c,
		Facts: []archive.Fact{
			{Label: "项目", Value: t.Title}, {Label: "项目编号", Value: t.No()},
			{Label: "收到时间（北京时间）", Value: o.SubmittedAt.In(clock.Beijing).Format("2006年1月2日 15:04:05.000")},
			{Label: "密封文件 SHA-256", Value: o.SHA256},
		}, Claims: []signature.Fact{
			{Name: "tender", Label: "项目标识", Value: string(t.ID)},
			{Name: "tender_number", Label: "项目编号", Value: t.No()},
			{Name: "last_offer_round", Label: "最后报价", Value: string(r.ID)},
			{Name: "version", Label: "版本", Value: fmt.Sprint(o.Version)},
			{Name: "ciphertext_sha256", Label: "密封文件 SHA-256", Value: o.SHA256},
			{Name: "received_at", Label: "收到时间（UTC）", Value: o.SubmittedAt.UTC().Format(time.RFC3339Nano)},
		}})
	return &doc.ID, err
}

// Quit takes a supplier out before it has given a last offer
// (财库〔2014〕214号第22条, 财政部令第74号第34条); its bond goes back.
func (s *Service) Quit(ctx context.Context, who party.Actor, tenderID id.ID, why string) error {
	why = strings.TrimSpace(why)
	return s.change(ctx, who, tenderID, "last_offer", func(ctx context.Context, tx bun.Tx, t *tender.Tender, r *Round, now time.Time) error {
		o, err := own(ctx, tx, who, r, now)
		if err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		rule := quit(set, t.Method)
		if o.Version > 0 {
			return fault.New(fault.Conflict, "已经提交最后报价，不能再退出").Under(rule.Source())
		}
		var c fault.Check
		c.Must(len([]rune(why)) <= maxReason, "why", "理由不超过 %d 字", maxReason)
		if err := c.Err(); err != nil {
			return err
		}
		o.QuitAt, o.QuitWhy = &now, why
		if err := db.One(tx.NewUpdate().Model(&o).Column("quit_at", "quit_why").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: ObjectKind, ObjectID: o.ID, Action: "退出，不提交最后报价", Note: why, Article: rule.Source()})
	})
}
