package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/party"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// ArticleVoid is the article on ending a purchase (废标).
const ArticleVoid = "政府采购法第36条"

// articleSign is who signs a report, and that silence is agreement.
var articleSign = law.Cite("财政部令第87号第61条")

// Settle ends the meeting: it ranks, freezes the record and lets the members
// sign. An expert does it, never the buyer's representative, once every doubt
// is answered and every suspicious price is judged. Too few conforming bids end
// the tender (政府采购法第36条).
func (s *Service) Settle(ctx context.Context, who party.Actor, tenderID id.ID) (Evaluation, error) {
	var e Evaluation
	err := s.meet(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, x papers, me Member, now time.Time) error {
		if me.Seat != ExpertSeat {
			return fault.New(fault.Forbidden, "请由评审专家完成汇总；采购人代表不主持评审")
		}
		if left := x.left(); len(left) > 0 {
			return fault.New(fault.Conflict, "还不能完成汇总：%s", strings.Join(left, "；"))
		}
		if err := s.composed(ctx, tx, *t, now); err != nil {
			return err
		}
		if err := s.untied(ctx, tx, *t, x.members, now); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		frozen, err := json.Marshal(x.record)
		if err != nil {
			return err
		}
		e = Evaluation{ID: id.New(now), Tender: t.ID, Outcome: Ranked, Frozen: string(frozen), SHA256: hash(frozen), EvaluatedAt: now}
		least, n := leastConforming(set, t.Method), x.record.Conforming()
		to, action, text := tender.Evaluated, "评审完成", fmt.Sprintf("%d 份投标通过审查", n)
		if !least.AtLeast(int64(n), 0) {
			e.Outcome, e.Article = Void, least.Source()
			to, action = tender.Failed, "废标，采购失败"
			text = fmt.Sprintf("通过资格和符合性审查的投标 %d 份，不足 %d 家", n, least.Value)
			t.Reason = text + "（" + least.Source() + "）"
		}
		if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := s.tenders.Advance(ctx, tx, t, to); err != nil {
			return err
		}
		if to == tender.Failed {
			if err := tender.EmitEnd(ctx, tx, now, *t, nil); err != nil {
				return err
			}
			if err := tellEnded(ctx, tx, *t, now); err != nil {
				return err
			}
		} else if err := tellSigning(ctx, tx, *t, x.members, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, action, text, e.Article, true)
	})
	return e, err
}

// Signing is a member's word on the report.
type Signing struct {
	Dissent string `json:"dissent,omitempty" description:"不同意见和理由；空为同意"`
}

// Sign signs the report, or dissents with the reason (财政部令第87号第61条);
// one way. The last signature sends the report to the buyer.
func (s *Service) Sign(ctx context.Context, who party.Actor, tenderID id.ID, in Signing) error {
	in.Dissent = strings.TrimSpace(in.Dissent)
	return s.change(ctx, who, tenderID, "sign", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		e, r, err := Read(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		m, err := memberOf(ctx, tx, t.ID, who.Account)
		if err != nil {
			return err
		}
		if m.SignedAt != nil {
			return fault.New(fault.Conflict, "您已经签署，不能更改")
		}
		if e.ReportedAt != nil {
			return fault.New(fault.TooLate, "评审报告已经送交采购人；没有签署也没有写明不同意见的，视为同意")
		}
		var c fault.Check
		c.Must(utf8.RuneCountInString(in.Dissent) <= MaxComment, "dissent", "不同意见不超过 %d 字", MaxComment)
		if err := c.Err(); err != nil {
			return err
		}
		m.SignedAt, m.Dissent = &now, in.Dissent
		if err := db.One(tx.NewUpdate().Model(&m).Column("signed_at", "dissent").WherePK().Exec(ctx)); err != nil {
			return err
		}
		word := "签署评审报告"
		if in.Dissent != "" {
			word = "对评审报告提出不同意见"
		}
		if err := note(ctx, tx, who, now, t.ID, word, "", articleSign, false); err != nil {
			return err
		}
		members, err := membersOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(members, func(m Member) bool { return m.SignedAt == nil }) {
			return nil
		}
		return s.report(ctx, tx, who, t, e, r, members, now)
	})
}

// Report sends the report to the buyer although somebody has not signed, once
// more than half have: whoever did neither sign nor dissent is taken to agree
// (财政部令第87号第61条).
func (s *Service) Report(ctx context.Context, who party.Actor, tenderID id.ID) error {
	return s.change(ctx, who, tenderID, "report", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		e, r, err := Read(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if e.ReportedAt != nil {
			return fault.New(fault.Conflict, "评审报告已经送交")
		}
		members, err := membersOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		signed := 0
		for _, m := range members {
			if m.SignedAt != nil {
				signed++
			}
		}
		if !majority(signed, len(members)) {
			return fault.New(fault.Conflict, "只有 %d 名成员签署，过半数签署后才能送交；请提醒其余成员签署或写明不同意见", signed)
		}
		return s.report(ctx, tx, who, t, e, r, members, now)
	})
}

// Grounds on which the buyer ends a purchase itself (政府采购法第36条); that too
// few conform is found by the panel.
const (
	IllegalGround = "illegal" // 出现影响采购公正的违法、违规行为
	BudgetGround  = "budget"  // 投标人的报价均超过了采购预算
	TaskGround    = "task"    // 因重大变故，采购任务取消
)

// VoidGrounds words the grounds, in the order of the article.
func VoidGrounds() [][2]string {
	return [][2]string{{IllegalGround, "出现影响采购公正的违法、违规行为"}, {BudgetGround, "投标人的报价均超过了采购预算，采购人不能支付"}, {TaskGround, "因重大变故，采购任务取消"}}
}

// Voiding ends a purchase after the opening.
type Voiding struct {
	Ground string `json:"ground" enum:"illegal,budget,task"`
	Reason string `json:"reason" description:"理由，将通知所有投标人并公布"`
}

// Void ends a purchase with a ground of 政府采购法第36条 and the reason, which
// is public. That all prices are above the budget is checked, not believed.
func (s *Service) Void(ctx context.Context, who party.Actor, tenderID id.ID, in Voiding) error {
	in.Reason = strings.TrimSpace(in.Reason)
	return s.change(ctx, who, tenderID, "void", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var c fault.Check
		name := ""
		for _, g := range VoidGrounds() {
			if g[0] == in.Ground {
				name = g[1]
			}
		}
		c.Must(name != "", "ground", "请选择废标的情形")
		c.Must(in.Reason != "" && utf8.RuneCountInString(in.Reason) <= 2000, "void_reason", "请写明理由，不超过 2000 字，将通知所有投标人")
		if in.Ground == BudgetGround {
			lines, err := opening.Lines(ctx, tx, t.ID)
			if err != nil {
				return err
			}
			limit := t.MostPayable()
			if t.Ceiling.Kind == tender.UnitPrice && t.Ceiling.Amount != nil {
				limit = t.Ceiling.Amount // what was read out are unit prices
			}
			if slices.ContainsFunc(lines, func(l opening.Line) bool { return limit == nil || l.Price <= *limit }) {
				c.FailUnder(ArticleVoid, "ground", "有投标人的报价没有超过预算，不能以此废标")
			}
		}
		if err := c.Err(); err != nil {
			return err
		}
		t.Reason = name + "：" + in.Reason + "（" + ArticleVoid + "）"
		if err := s.tenders.Advance(ctx, tx, t, tender.Failed); err != nil {
			return err
		}
		if err := tender.EmitEnd(ctx, tx, now, *t, nil); err != nil {
			return err
		}
		if err := tellEnded(ctx, tx, *t, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "废标", t.Reason, ArticleVoid, true)
	})
}
