package award

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/standing"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// checkTie lets one of several equals be proposed only as lots gave it, or, in
// words, as the documents say (财政部令第87号第57条, 第68条).
func (s *Service) checkTie(ctx context.Context, d bun.IDB, c *fault.Check, t tender.Tender, line evaluation.Line, reason string) error {
	if line.Rank != 1 || !line.Tied {
		return nil
	}
	order, err := evaluation.LotOrder(ctx, d, t.ID)
	if err != nil {
		return err
	}
	if len(order) > 0 && order[0] != line.Bid {
		c.Must(reason != "", "reason", "抽签第一的是另一家；不按抽签结果确定的，请写明理由")
	}
	if len(order) == 0 && reason == "" {
		c.FailUnder(law.Cite("财政部令第87号第68条"), "reason", "有投标并列第一：请写明采购文件规定的确定方式，文件没有规定的先抽签")
	}
	return nil
}

// ChooseBy is the end of the buyer's time to choose (政府采购法实施条例第43条),
// exclusive; nil where the year has no table of working days, or before the
// report came.
func (s *Service) ChooseBy(e evaluation.Evaluation, set rules.Set) *time.Time {
	if e.ReportedAt == nil {
		return nil
	}
	m, err := set.Clock(rules.AwardChoose, *e.ReportedAt, s.calendar)
	if err != nil {
		return nil
	}
	return m.At
}

// lapsed reports whether a buyer in a 竞争性磋商 let its time pass: then rank 1
// counts as chosen. Who chooses again after an award was taken away was not
// silent: the choice that was made in time is gone.
func (s *Service) lapsed(ctx context.Context, d bun.IDB, t tender.Tender, e evaluation.Evaluation, set rules.Set, now time.Time) (bool, error) {
	if _, ok := set.Get(t.Method + ".buyer_silent"); !ok {
		return false, nil
	}
	by := s.ChooseBy(e, set)
	if by == nil || now.Before(*by) {
		return false, nil
	}
	lost, err := LostOf(ctx, d, t.ID)
	return lost == 0, err
}

// Lapsed reports whether rank 1 counts as chosen because the buyer was silent.
func (s *Service) Lapsed(ctx context.Context, t tender.Tender) (bool, error) {
	e, _, err := evaluation.Read(ctx, s.db, t.ID)
	if err != nil || t.State != tender.Evaluated {
		return false, err
	}
	now := s.clock.Now()
	set, err := t.RuleSet(now)
	if err != nil {
		return false, err
	}
	return s.lapsed(ctx, s.db, t, e, set, now)
}

// Lapse makes known what the law chose for a silent buyer: rank 1, where it is
// one alone or lots were drawn. The approver confirms; nobody proposes.
func (s *Service) Lapse(ctx context.Context, who party.Actor, tenderID id.ID) (Award, error) {
	var a Award
	err := s.change(ctx, who, tenderID, "lapse", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		e, r, err := evaluation.Read(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		silent, err := s.lapsed(ctx, tx, *t, e, set, now)
		if err != nil {
			return err
		}
		if !silent {
			return fault.New(fault.Conflict, "采购人确定供应商的期限还没有过")
		}
		order, err := evaluation.LotOrder(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(r.Lines, func(l evaluation.Line) bool {
			return l.Rank == 1 && (!l.Tied || len(order) > 0 && order[0] == l.Bid)
		})
		if i < 0 {
			return fault.New(fault.Conflict, "有投标并列第一，请先抽签")
		}
		line, bidder := r.Of(r.Lines[i].Bid)
		rounds, err := tx.NewSelect().Model((*Award)(nil)).Where("tender = ?", t.ID).Count(ctx)
		if err != nil {
			return db.Translate(err)
		}
		a = Award{ID: id.New(now), Tender: t.ID, Round: int(rounds) + 1, Bid: line.Bid, Supplier: bidder.Supplier, SupplierName: bidder.Name, Buyer: t.Buyer,
			Amount: line.Amount, Rank: 1, Silent: true, State: Proposed, ProposedBy: who.Account, ProposedAt: now,
			Reason: "采购人逾期未确定，视为确定排名第一的供应商（" + set.Of(t.Method, "buyer_silent").Source() + "）"}
		if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := s.tenders.Advance(ctx, tx, t, tender.Decided); err != nil {
			return err
		}
		return s.approve(ctx, tx, who, t, &a, now)
	})
	return a, err
}

// firstMay reports whether somebody in the first place may be awarded at all:
// no listing bars them.
func firstMay(ctx context.Context, d bun.IDB, t tender.Tender, r evaluation.Record, now time.Time) (bool, error) {
	for _, l := range r.Lines {
		if l.Rank != 1 {
			continue
		}
		_, bidder := r.Of(l.Bid)
		list, err := standing.Against(ctx, d, bidder.Supplier, t.Buyer, standing.Purchase, now)
		if err != nil || len(list) == 0 {
			return err == nil, err
		}
	}
	return false, nil
}
