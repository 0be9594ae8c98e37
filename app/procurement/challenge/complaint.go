package challenge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// The articles of 财政部令第94号 that a complaint goes by.
var (
	lawAdmit  = law.Cite("财政部令第94号第19条")
	lawReview = law.Cite("财政部令第94号第21条")
)

// ComplaintInput is a complaint as written. Its points carry on points of the
// 质疑, or came up by its answer.
type ComplaintInput struct {
	Points    []Point `json:"points"`
	Contact   string  `json:"contact"`
	Authority string  `json:"authority" description:"受理投诉的财政部门（采购人同级）"`
}

// mayComplain is the period of a complaint about a 质疑, with a TooLate fault
// where it is over and a Conflict where it has not begun.
func (s *Service) mayComplain(x Case, set rules.Set, now time.Time) (Clock, error) {
	c, from, err := complaintWindow(x, set, s.calendar)
	if err != nil {
		return c, err
	}
	due, err := clockOf(set, "", rules.ChallengeAnswer, x.ReceivedAt, s.calendar)
	if err != nil {
		return c, err
	}
	switch {
	case x.State == Withdrawn:
		return c, fault.New(fault.Conflict, "质疑已撤回，不能就它投诉").Under(lawAdmit)
	case x.State != Answered && (due.At == nil || now.Before(*due.At)):
		return c, fault.New(fault.Conflict, "质疑还在答复期内。收到答复后不满意，或者到期没有答复，再提起投诉").Under(c.Article)
	case from != nil && c.At != nil && !now.Before(*c.At):
		return c, fault.New(fault.TooLate, "提起投诉的期限是质疑答复期满后 15 个工作日，已于 %s截止", calendar.Until(*c.At)).Under(c.Article)
	}
	return c, nil
}

// Complain takes a 质疑 on to the finance authority. The complaint is recorded
// here; the authority decides, and the bureau's 监督 enters its papers.
func (s *Service) Complain(ctx context.Context, who party.Actor, about id.ID, in ComplaintInput) (Case, error) {
	var x Case
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		q, err := read(ctx, tx, about)
		if err != nil {
			return err
		}
		t, err := tender.ForUpdate(ctx, tx, q.Tender)
		if err != nil {
			return err
		}
		if q, err = read(ctx, tx, about); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(relations(who, q), q.object(), "complain"); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		window, err := s.mayComplain(q, set, now)
		if err != nil {
			return err
		}
		if n, err := tx.NewSelect().Model((*Case)(nil)).Where("parent = ? AND state NOT IN (?, ?)", q.ID, Withdrawn, Refused).Count(ctx); err != nil {
			return db.Translate(err)
		} else if n > 0 {
			return fault.New(fault.Conflict, "您已就这件质疑提起投诉，同一事项不能重复投诉").Under(lawAdmit)
		}
		x = Case{ID: id.New(now), Kind: Complaint, Stage: q.Stage, Tender: q.Tender, Buyer: q.Buyer, Raiser: q.Raiser, RaiserName: q.RaiserName, Parent: &q.ID,
			State: Filed, Points: tidy(in.Points), Contact: strings.TrimSpace(in.Contact), Authority: strings.TrimSpace(in.Authority), KnownAt: q.ReceivedAt,
			WindowEnds: window.At, ReceivedAt: now, RaisedBy: who.Account, Version: 1}
		if err := s.checkComplaint(x, q, set); err != nil {
			return err
		}
		if err := s.enter(ctx, tx, &x, now); err != nil {
			return err
		}
		if err := s.tellRaised(ctx, tx, t, x, set, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, x, "提起投诉", "针对 "+q.Number, set.Must(rules.ComplaintWindow).Source())
	})
	return x, err
}

// checkComplaint keeps a complaint within its 质疑 (实施条例第55条); what the
// answer gave rise to is the one exception (94号令第20条).
func (s *Service) checkComplaint(x, q Case, set rules.Set) error {
	var c fault.Check
	if f := checkContent(x); f != nil {
		c.Adopt("", f)
	}
	c.Must(x.Authority != "" && len([]rune(x.Authority)) <= 100, "authority", "请写明受理投诉的财政部门，即采购人同级的财政局")
	for i, p := range x.Points {
		at := fmt.Sprintf("points.%d.matter", i+1)
		switch {
		case p.From < 0 || p.From > len(q.Points):
			c.FailUnder(set.Must("complaint.scope").Source(), at, "质疑中没有第 %d 项，投诉事项不得超出已质疑事项的范围", p.From)
		case p.From == 0 && q.State != Answered:
			c.FailUnder(set.Must("complaint.scope").Source(), at, "质疑还没有答复，投诉事项应对应已质疑的事项，请选择是哪一项")
		}
	}
	return c.Err()
}

// Mend hands a complaint in again after it was sent back; its clocks begin anew.
func (s *Service) Mend(ctx context.Context, who party.Actor, at id.ID, in ComplaintInput) (Case, error) {
	return s.change(ctx, who, at, "mend", func(ctx context.Context, tx bun.Tx, _ *tender.Tender, x *Case, set rules.Set, now time.Time) error {
		q, err := read(ctx, tx, *x.Parent)
		if err != nil {
			return err
		}
		x.Points, x.Contact, x.Authority = tidy(in.Points), strings.TrimSpace(in.Contact), strings.TrimSpace(in.Authority)
		if err := s.checkComplaint(*x, q, set); err != nil {
			return err
		}
		x.State, x.ReceivedAt, x.Reason = Filed, now, ""
		return note(ctx, tx, who, now, *x, "补正投诉书", "", lawReview)
	})
}

// Review is what the finance authority said to a complaint within its five
// working days, entered by the bureau's 监督.
type Review struct {
	Decision string `json:"decision" enum:"accept,mend,refuse"`
	Reason   string `json:"reason,omitempty" description:"补正的内容，或者不予受理的理由"`
	Letter   string `json:"letter,omitempty" description:"财政部门文书的文号"`
	// SuspendDays suspends the purchase: at most 30 日 (政府采购法第57条).
	SuspendDays int `json:"suspend_days,omitempty"`
}

// Review records that a complaint was accepted, is to be mended, or was
// refused.
func (s *Service) Review(ctx context.Context, who party.Actor, at id.ID, in Review) (Case, error) {
	return s.change(ctx, who, at, "review", func(ctx context.Context, tx bun.Tx, t *tender.Tender, x *Case, set rules.Set, now time.Time) error {
		in.Reason, x.Letter = strings.TrimSpace(in.Reason), strings.TrimSpace(in.Letter)
		var c fault.Check
		c.Must(slices.Contains([]string{"accept", "mend", "refuse"}, in.Decision), "decision", "请选择受理、补正或不予受理")
		c.Must(len([]rune(x.Letter)) <= 100, "letter", "文号不超过 100 个字")
		if in.Decision != "accept" {
			needText(&c, "reason", in.Reason, "请写明需要补正的内容，或者不予受理的理由")
		}
		checkDays(&c, set, in.SuspendDays)
		if err := c.Err(); err != nil {
			return err
		}
		x.Reason = in.Reason
		switch in.Decision {
		case "mend":
			x.State = Mending
			if err := tell(ctx, tx, *t, *x, "投诉书需要补正", in.Reason, now, x.Raiser); err != nil {
				return err
			}
			return note(ctx, tx, who, now, *x, "投诉书需要补正", in.Reason, lawReview)
		case "refuse":
			x.State, x.DecidedAt, x.DecidedBy = Refused, &now, &who.Account
			if err := tell(ctx, tx, *t, *x, "投诉不予受理", in.Reason, now, x.Raiser); err != nil {
				return err
			}
			return note(ctx, tx, who, now, *x, "投诉不予受理", in.Reason, lawAdmit)
		}
		x.State, x.AcceptedAt = Accepted, &now
		if err := note(ctx, tx, who, now, *x, "受理投诉", x.Letter, set.Must(rules.ComplaintReview).Source()); err != nil {
			return err
		}
		return s.suspend(ctx, tx, who, *t, *x, set, in.SuspendDays, now)
	})
}

func checkDays(c *fault.Check, set rules.Set, days int) {
	rule := set.Must(rules.ComplaintSuspension)
	if days < 0 || int64(days) > rule.Value {
		c.FailUnder(rule.Source(), "suspend_days", "暂停采购活动%s，请填写 0 到 %d", rule.Limit(), rule.Value)
	}
}

// suspend stops the whole purchase for days from now; 0 does nothing. The days
// of one complaint never add up to more than the law allows: a second notice
// replaces the first and counts from the first.
func (s *Service) suspend(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, x Case, set rules.Set, days int, now time.Time) error {
	if days == 0 {
		return nil
	}
	until := calendar.Date(now).AddDate(0, 0, days+1) // the first day is not counted
	article := set.Must(rules.ComplaintSuspension).Source()
	if err := tender.Suspend(ctx, tx, tender.Suspension{Tender: t.ID, Cause: x.ID, Whole: true, From: now, Until: &until, Article: article,
		Reason: "财政部门通知暂停采购活动"}); err != nil {
		return err
	}
	text := "最长至 " + calendar.Until(until)
	if err := emit(ctx, tx, t, x, "suspended", "暂停采购活动", text, now); err != nil {
		return err
	}
	return public(ctx, tx, who, now, x, "暂停采购活动", text, article)
}

// Copied records that the complaint was sent to the parties (8 工作日).
func (s *Service) Copied(ctx context.Context, who party.Actor, at id.ID) (Case, error) {
	return s.change(ctx, who, at, "copy", func(ctx context.Context, tx bun.Tx, _ *tender.Tender, x *Case, set rules.Set, now time.Time) error {
		if x.CopiedAt != nil {
			return fault.New(fault.Conflict, "投诉书副本已经登记送达")
		}
		x.CopiedAt = &now
		return note(ctx, tx, who, now, *x, "投诉书副本送达当事人", "", set.Must(rules.ComplaintCopy).Source())
	})
}

// Decide enters the decision of the finance authority: it is published, the
// suspension ends, and what it orders happens to the purchase.
func (s *Service) Decide(ctx context.Context, who party.Actor, at id.ID, in Reply) (Case, error) {
	return s.change(ctx, who, at, "decide", func(ctx context.Context, tx bun.Tx, t *tender.Tender, x *Case, set rules.Set, now time.Time) error {
		if in.Authority = strings.TrimSpace(in.Authority); in.Authority != "" {
			x.Authority = in.Authority
		}
		x.Letter = strings.TrimSpace(in.Letter)
		var c fault.Check
		if err := s.take(ctx, tx, *t, x, in, set, now); fault.Is(err, fault.Invalid) {
			c.Adopt("", err)
		} else if err != nil {
			return err
		}
		c.Must(x.Letter != "" && len([]rune(x.Letter)) <= 100, "letter", "请填写投诉处理决定书的文号")
		if err := c.Err(); err != nil {
			return err
		}
		x.State, x.DecidedAt, x.DecidedBy = Decided, &now, &who.Account
		if err := tender.Resume(ctx, tx, x.ID, now); err != nil {
			return err
		}
		rule := set.Must(rules.ComplaintDecide).Source()
		if err := note(ctx, tx, who, now, *x, "投诉处理决定", x.Outcome.Name(), rule); err != nil {
			return err
		}
		text := x.Authority + "（" + x.Letter + "）" + x.summary()
		if err := public(ctx, tx, who, now, *x, "公布投诉处理决定", text, rule); err != nil {
			return err
		}
		if err := tellClosed(ctx, tx, *t, *x, "投诉已处理", now); err != nil {
			return err
		}
		if err := emit(ctx, tx, *t, *x, "decided", "投诉处理决定", text, now); err != nil {
			return err
		}
		return s.carryOut(ctx, tx, who, t, *x, set, now)
	})
}
