package evaluation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/standing"
	"gongji/app/procurement/interest"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// articleEligible is who checks eligibility, and that fewer than three eligible
// bidders are not evaluated.
var articleEligible = law.Cite("财政部令第87号第44条")

// Verdict is the buyer's check of one bidder's eligibility (资格审查).
type Verdict struct {
	bun.BaseModel `bun:"table:eligibility"`

	ID        id.ID     `bun:"id,pk" json:"-"`
	Tender    id.ID     `bun:"tender" json:"-"`
	Bid       id.ID     `bun:"bid" json:"bid"`
	Passed    bool      `bun:"passed" json:"passed"`
	Failed    []string  `bun:"failed" json:"failed"` // keys of Qualifications
	Reason    string    `bun:"reason" json:"reason,omitempty"`
	CheckedBy id.ID     `bun:"checked_by" json:"-"`
	CheckedAt time.Time `bun:"checked_at" json:"checked_at"`
}

// Checking is a verdict as it is given.
type Checking struct {
	Bid    id.ID    `json:"bid"`
	Passed bool     `json:"passed"`
	Failed []string `json:"failed,omitempty" description:"不合格的条目编号"`
	Reason string   `json:"reason,omitempty" description:"不合格的理由"`
}

// Eligibility is what the buyer has before it when checking: the bidders, the
// conditions, what was found between bidders, and what was decided.
type Eligibility struct {
	Bids     []opening.Line    `json:"bids"`
	Items    []Requirement     `json:"items"`
	Pairs    []interest.Pair   `json:"affiliated"` // 条例第18条
	Verdicts map[id.ID]Verdict `json:"verdicts"`   // by bid
	Staff    []StaffTie        `json:"staff"`      // the buyer's own people who must stand aside
}

// StaffTie is one of the buyer's people with a tie to a bidder.
type StaffTie struct {
	Account id.ID  `json:"-"`
	Name    string `json:"name"`
	Why     string `json:"why"`
	Article string `json:"article"`
}

// Eligibility reads the state of the check, for the buyer's officer and
// supervisor.
func (s *Service) Eligibility(ctx context.Context, who party.Actor, tenderID id.ID) (Eligibility, error) {
	var out Eligibility
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return out, err
	}
	now := s.clock.Now()
	if err := s.require(ctx, s.db, who, t, "eligibility_view", now); err != nil {
		return out, err
	}
	return s.eligibilityOf(ctx, s.db, t, now)
}

func (s *Service) eligibilityOf(ctx context.Context, d bun.IDB, t tender.Tender, now time.Time) (Eligibility, error) {
	out := Eligibility{Items: Qualifications(t), Staff: []StaffTie{}}
	set, err := t.RuleSet(now)
	if err != nil {
		return out, err
	}
	if out.Bids, err = opening.Lines(ctx, d, t.ID); err != nil {
		return out, err
	}
	if out.Pairs, err = interest.BetweenBidders(ctx, d, t, set, now); err != nil {
		return out, err
	}
	if out.Verdicts, err = verdictsOf(ctx, d, t.ID); err != nil {
		return out, err
	}
	staff, err := interest.OfStaff(ctx, d, t, set, now)
	if err != nil {
		return out, err
	}
	for account, ties := range staff {
		x := StaffTie{Account: account, Article: ties[0].Rule.Source()}
		if err := d.NewSelect().TableExpr("account").Column("name").Where("id = ?", account).Scan(ctx, &x.Name); err != nil {
			return out, db.Translate(err)
		}
		var why []string
		for _, tie := range ties {
			why = append(why, tieText(t, tie))
		}
		x.Why = strings.Join(why, "；")
		out.Staff = append(out.Staff, x)
	}
	slices.SortFunc(out.Staff, func(a, b StaffTie) int { return strings.Compare(string(a.Account), string(b.Account)) })
	return out, nil
}

func verdictsOf(ctx context.Context, d bun.IDB, tenderID id.ID) (map[id.ID]Verdict, error) {
	var rows []Verdict
	err := d.NewSelect().Model(&rows).Where("tender = ?", tenderID).Scan(ctx)
	out := map[id.ID]Verdict{}
	for _, v := range rows {
		out[v.Bid] = v
	}
	return out, db.Translate(err)
}

// Check records the buyer's verdict on bidders. Bidders with the same person
// in charge or with control over one another cannot be passed (条例第18条), nor
// can somebody who has a tie to a bidder check it (条例第9条).
func (s *Service) Check(ctx context.Context, who party.Actor, tenderID id.ID, in []Checking) error {
	return s.change(ctx, who, tenderID, "eligibility", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		e, err := s.eligibilityOf(ctx, tx, *t, now)
		if err != nil {
			return err
		}
		for _, x := range e.Staff {
			if x.Account == who.Account {
				return fault.New(fault.Forbidden, "您须回避本项目：%s（%s），请换同事办理", x.Why, x.Article).Under(x.Article)
			}
		}
		var c fault.Check
		for i := range in {
			if err := e.check(ctx, tx, &c, *t, who, &in[i], now); err != nil {
				return err
			}
		}
		if err := c.Err(); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "资格审查", fmt.Sprintf("审查 %d 份投标", len(in)), articleEligible, false)
	})
}

func (e Eligibility) check(ctx context.Context, tx bun.Tx, c *fault.Check, t tender.Tender, who party.Actor, x *Checking, now time.Time) error {
	at := string(x.Bid) + "."
	x.Reason = strings.TrimSpace(x.Reason)
	i := slices.IndexFunc(e.Bids, func(l opening.Line) bool { return l.Bid == x.Bid })
	if i < 0 {
		c.Fail("bid", "没有这份投标，请刷新页面")
		return nil
	}
	name := e.Bids[i].SupplierName
	checkFailed(c, at+"failed", e.Items, x.Failed)
	if x.Passed {
		x.Failed, x.Reason = nil, ""
		for _, p := range e.Pairs {
			if p.A == e.Bids[i].Supplier || p.B == e.Bids[i].Supplier {
				c.FailUnder(p.Rule.Source(), at+"passed", "“%s”与“%s”：%s，不得同时参加，不能判为合格", p.AName, p.BName, p.Why)
			}
		}
		list, err := standing.Against(ctx, tx, e.Bids[i].Supplier, t.Buyer, standing.Purchase, now)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			c.FailUnder(list[0].Effect, at+"passed", "“%s”%s，不能判为合格", name, list[0].Says())
		}
	} else {
		c.Must(len(x.Failed) > 0, at+"failed", "请勾选“%s”哪一条不合格", name)
		c.Must(x.Reason != "", at+"reason", "请写明“%s”不合格的理由", name)
	}
	c.Must(utf8.RuneCountInString(x.Reason) <= MaxComment, at+"reason", "理由不超过 %d 字", MaxComment)
	if c.Err() != nil {
		return nil //nolint:nilerr // whoever made the check says so
	}
	row := Verdict{ID: id.New(now), Tender: t.ID, Bid: x.Bid, Passed: x.Passed, Failed: append([]string{}, x.Failed...), Reason: x.Reason, CheckedBy: who.Account, CheckedAt: now}
	_, err := tx.NewInsert().Model(&row).On("CONFLICT (bid) DO UPDATE").Set("passed = EXCLUDED.passed, failed = EXCLUDED.failed").
		Set("reason = EXCLUDED.reason, checked_by = EXCLUDED.checked_by, checked_at = EXCLUDED.checked_at").Exec(ctx)
	return db.Translate(err)
}

// checkEligible lets the evaluation begin when every bidder was checked; where
// too few are eligible it ends the tender, and reports that it did.
func (s *Service) checkEligible(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, set rules.Set, now time.Time) (bool, error) {
	e, err := s.eligibilityOf(ctx, tx, *t, now)
	if err != nil {
		return false, err
	}
	var c fault.Check
	passed, waiting := int64(0), []string{}
	for _, l := range e.Bids {
		v, ok := e.Verdicts[l.Bid]
		if !ok {
			waiting = append(waiting, l.SupplierName)
		}
		if v.Passed {
			passed++
		}
	}
	switch n := len(waiting); {
	case n > 3: // hundreds of sentences would hide the one that matters
		c.FailUnder(articleEligible, "eligibility", "还有 %d 家没有完成资格审查，请先完成，再开始评审", n)
	case n > 0:
		c.FailUnder(articleEligible, "eligibility", "请先完成“%s”的资格审查，再开始评审", strings.Join(waiting, "”“"))
	}
	if err := c.Err(); err != nil {
		return false, err
	}
	least := opening.LeastBidders(set, t.Method)
	if least.AtLeast(passed, 0) {
		return false, nil
	}
	t.Reason = fmt.Sprintf("资格审查合格的投标人 %d 家，不足 %d 家，不得评审（%s）", passed, least.Value, articleEligible)
	if err := s.tenders.Advance(ctx, tx, t, tender.Failed); err != nil {
		return false, err
	}
	if err := tender.EmitEnd(ctx, tx, now, *t, nil); err != nil {
		return false, err
	}
	if err := tellEnded(ctx, tx, *t, now); err != nil {
		return false, err
	}
	return true, note(ctx, tx, who, now, t.ID, "不得评审，采购失败", t.Reason, articleEligible, true)
}

// entitled are the opened bids whose bidders are eligible: what the panel sees.
func entitled(ctx context.Context, d bun.IDB, tenderID id.ID) ([]opening.Line, error) {
	lines, err := opening.Lines(ctx, d, tenderID)
	if err != nil {
		return nil, err
	}
	verdicts, err := verdictsOf(ctx, d, tenderID)
	if err != nil {
		return nil, err
	}
	out := []opening.Line{}
	for _, l := range lines {
		// A tender from before eligibility was recorded has no verdicts.
		if v, ok := verdicts[l.Bid]; !ok || v.Passed {
			out = append(out, l)
		}
	}
	return out, nil
}
