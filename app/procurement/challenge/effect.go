package challenge

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/award"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// feasible refuses an effect that the purchase, as it stands, cannot take.
func (s *Service) feasible(ctx context.Context, d bun.IDB, t tender.Tender, x Case, set rules.Set, now time.Time) error {
	state := t.StateAt(now)
	stand, err := contract.StandingOf(ctx, d, t.ID, now)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	signed := err == nil
	switch x.Effect {
	case Amend:
		if x.Stage != Documents || state != tender.Open {
			return fault.New(fault.Invalid, "只有针对采购文件、且投标尚未截止时，才能修改采购文件后继续；否则应终止本次采购，重新开展").Under(lawEffect)
		}
	case Restart, Reselect:
		if signed && stand.Begun {
			return fault.New(fault.Invalid, "合同的服务期限已于 %s开始，视为已经履行，不能再撤销；请选择“%s”", calendar.Date(stand.Starts).Format("2006年1月2日"), Compensate.Name()).Under(contract.RevokedBy)
		}
		return s.undoable(ctx, d, t, x, set, state)
	case Compensate:
		if !signed || !stand.Begun {
			return fault.New(fault.Invalid, "只有合同已经履行的，才保留合同、由责任人承担赔偿责任；尚未履行的应撤销合同，另行确定或者重新开展").Under(contract.RevokedBy)
		}
	case NoEffect:
	}
	return nil
}

// undoable refuses to end a purchase that is over, and to choose again where
// there is nothing or nobody to choose.
func (s *Service) undoable(ctx context.Context, d bun.IDB, t tender.Tender, x Case, set rules.Set, state tender.State) error {
	switch m, _ := t.How(); {
	case !tender.CanMove(t.State, tender.Failed):
		return fault.New(fault.Invalid, "采购项目现在是“%s”，不能再终止或另行确定", state.Name()).Under(lawEffect)
	case x.Effect == Restart:
		return nil
	case x.Stage == Documents || t.State != tender.Awarded && t.State != tender.Contracted:
		return fault.New(fault.Invalid, "只有针对采购过程或结果、且结果已公布时，才能另行确定供应商").Under(lawEffect)
	case m.Admits:
		return fault.New(fault.Invalid, "框架协议按排序确定多家入围，不能只另行确定一家；结果受影响的，应终止本次采购，重新开展").Under(lawEffect)
	}
	return enough(ctx, d, t, set)
}

// enough asks whether, without the winner and whoever won before and lost it,
// there are still as many conforming bidders as the law wants.
func enough(ctx context.Context, d bun.IDB, t tender.Tender, set rules.Set) error {
	_, r, err := evaluation.Read(ctx, d, t.ID)
	if err != nil {
		return err
	}
	lost, err := award.LostOf(ctx, d, t.ID)
	if err != nil {
		return err
	}
	least := set.Of(t.Method, "min_conforming")
	if least.ID == "" {
		least = opening.LeastBidders(set, t.Method)
	}
	if left := int64(r.Conforming() - 1 - lost); !least.AtLeast(left, 0) {
		return fault.New(fault.Invalid, "除原中标供应商外，合格供应商只有 %d 家，不足 %d 家，不能另行确定，应终止本次采购，重新开展", left, least.Value).Under(least.Source())
	}
	return nil
}

// carryOut does to the purchase what was decided, through its states. A
// contract that binds goes first: its award cannot be taken away under it.
func (s *Service) carryOut(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, x Case, set rules.Set, now time.Time) error {
	if x.Outcome != Upheld || x.Effect == NoEffect {
		return nil
	}
	// What was possible when the answer was drafted may not be any more.
	if err := s.feasible(ctx, tx, *t, x, set, now); err != nil {
		return err
	}
	why := x.Kind.Name() + "成立（" + x.Number + "），" + x.Effect.Name()
	switch x.Effect {
	case Amend:
		return s.awaitAmendment(ctx, tx, who, *t, x, why, now)
	case Reselect:
		if err := s.takeBack(ctx, tx, who, t, why, now); err != nil {
			return err
		}
		return s.Tenders.Advance(ctx, tx, t, tender.Evaluated)
	case Restart:
		return s.restart(ctx, tx, who, t, x, why, now)
	case Compensate:
		return s.compensate(ctx, tx, who, *t, x, why, now)
	case NoEffect:
	}
	return nil
}

// takeBack revokes the contract, where there is one, and the result it came
// from; a framework's admission is a result too.
func (s *Service) takeBack(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, why string, now time.Time) error {
	if t.State == tender.Contracted {
		if _, err := s.Contracts.Revoke(ctx, tx, who, *t, why, now); err != nil {
			return err
		}
	}
	if m, _ := t.How(); m.Admits {
		return s.Frameworks.End(ctx, tx, who, *t, why, lawEffect, now)
	}
	_, err := s.Awards.Revoke(ctx, tx, who, t, why, lawEffect, now)
	return err
}

// restart ends the purchase, whatever came of it so far.
func (s *Service) restart(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, x Case, why string, now time.Time) error {
	var err error
	if t.State == tender.Awarded || t.State == tender.Contracted {
		err = s.takeBack(ctx, tx, who, t, why, now)
	} else if err = s.Awards.Drop(ctx, tx, *t, why, now); err == nil {
		err = s.Frameworks.End(ctx, tx, who, *t, why, lawEffect, now) // one that is proposed
	}
	if err != nil {
		return err
	}
	t.Reason = why
	if err := s.Tenders.Advance(ctx, tx, t, tender.Failed); err != nil {
		return err
	}
	if err := tender.EmitEnd(ctx, tx, now, *t, nil); err != nil {
		return err
	}
	if err := opening.Tell(ctx, tx, *t, inbox.Letter{Title: "采购已终止：" + t.Title, Text: why, Link: "/tenders/" + string(t.ID)}, now); err != nil {
		return err
	}
	return public(ctx, tx, who, now, x, "终止采购", why, lawEffect)
}

// compensate tells everybody that a performed contract stands, and its two
// sides what that means for them. The amount is for them or a court to settle.
func (s *Service) compensate(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, x Case, why string, now time.Time) error {
	c, err := contract.SignedOf(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	l := inbox.Letter{Title: "合同继续履行：" + t.Title, Link: "/tenders/" + string(t.ID) + "/challenges",
		Text: why + "。合同继续履行；给他人造成损失的，由责任人承担赔偿责任，协商不成的可以依法提起诉讼（" + contract.RevokedBy + "）。"}
	if err := opening.Tell(ctx, tx, t, l, now); err != nil {
		return err
	}
	if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: c.Buyer}}, l); err != nil {
		return err
	}
	return public(ctx, tx, who, now, x, "合同继续履行，承担赔偿责任", why, contract.RevokedBy)
}

// awaitAmendment keeps a purchase whose documents must change from being
// opened as they are; the amendment lets it go on.
func (s *Service) awaitAmendment(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, x Case, why string, now time.Time) error {
	if err := tender.Suspend(ctx, tx, tender.Suspension{Tender: t.ID, Cause: x.ID, Whole: true, From: now, Article: lawEffect,
		Reason: why + "，更正尚未发布"}); err != nil {
		return err
	}
	text := why + "。请在提交截止前修改采购文件并发布更正；更正发布前不能开标，截止前没有发布的，应终止本次采购，重新开展。"
	if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: t.Buyer}}, inbox.Letter{Title: "请更正采购文件：" + t.Title, Text: text,
		Link: "/tenders/" + string(t.ID) + "/amendments"}); err != nil {
		return err
	}
	return public(ctx, tx, who, now, x, "采购文件将作修改", why+"，更正发布前不能开标", lawEffect)
}

// Amended lets purchases go on whose documents had to be amended, in the
// transaction that publishes an amendment. It is heard by those that still take
// bids: an amendment changes no other.
func (s *Service) Amended(ctx context.Context, tx bun.Tx, all []tender.Tender, now time.Time) error {
	for _, t := range all {
		if t.StateAt(now) != tender.Open {
			continue
		}
		var waiting []Case
		if err := tx.NewSelect().Model(&waiting).Column("id").Where("tender = ? AND effect = ? AND state IN (?, ?)", t.ID, Amend, Answered, Decided).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for _, x := range waiting {
			if err := tender.Resume(ctx, tx, x.ID, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// Follows says what happens to the purchase after a case ended, for its
// parties; "" where nothing does.
func (x Case) Follows() string {
	if !x.Over() || x.Outcome != Upheld {
		return ""
	}
	switch x.Effect {
	case Amend:
		return "采购人应在提交截止前修改采购文件并发布更正，获取了采购文件的供应商都会收到通知；更正发布前不能开标。截止前没有发布的，应终止本次采购，重新开展。"
	case Reselect:
		return "原采购结果已撤销，中标（成交）通知书不再有效；已签合同的，合同一并撤销，不再履行。采购人应从其余合格候选人中按顺序另行确定供应商，重新公布结果、签订合同。"
	case Restart:
		return "本次采购已终止，已签合同的，合同一并撤销；投标保证金应退还。采购人仍需采购的，应重新开展采购活动，供应商可以重新参加。"
	case Compensate:
		return "合同已经履行，不予撤销，继续履行。给他人造成损失的，由责任人承担赔偿责任；协商不成的，相关当事人可以依法提起诉讼。"
	case NoEffect:
		return "采购活动照常进行。"
	}
	return ""
}
