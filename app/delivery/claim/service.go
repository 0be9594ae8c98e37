package claim

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Service decides on claims.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	engagements *engagement.Service
	plans       *plan.Service

	// Settle is asked before the last instalment, with the field of the form
	// that complains. Acceptance sets it.
	Settle func(ctx context.Context, tx bun.Tx, e engagement.Engagement, field string) error
	// Most is the most that is paid in all, in 分, where something was settled
	// since; revision sets it.
	Most func(ctx context.Context, d bun.IDB, e engagement.Engagement) (money.Fen, error)
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, e *engagement.Service, p *plan.Service) *Service {
	p.Claimed = quantityOf
	return &Service{db: d, clock: c, engagements: e, plans: p}
}

// Input is what the provider asks for.
type Input struct {
	Milestone int64  `json:"milestone,omitempty" description:"按节点结算：第几个节点，须已确认达成"`
	Quantity  string `json:"quantity,omitempty" description:"按实际数量结算：这一次结算的数量"`
	Note      string `json:"note,omitempty"`
}

// Ask asks for a payment. By milestone, one that was accepted and its amount;
// by count, no more than the evidence shows and was not asked for yet, at the
// unit price, at most what is left of the ceiling.
func (s *Service) Ask(ctx context.Context, who party.Actor, of id.ID, in Input) (Claim, error) {
	var out Claim
	in.Note = strings.TrimSpace(in.Note)
	err := s.engagements.Change(ctx, who, of, "claim", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		p, err := plan.AgreedOf(ctx, tx, of)
		if err != nil {
			return err
		}
		if e, err = s.settled(ctx, tx, e); err != nil {
			return err
		}
		if e.Kind == engagement.Grant {
			return fault.New(fault.Conflict, "资助款按协议节点从基金支付：节点确认达成后，由基金会起草付款，不用另外申请")
		}
		all, err := claims(ctx, tx, of)
		if err != nil {
			return err
		}
		x := Claim{ID: id.New(now), Engagement: of, Number: int64(len(all) + 1), Note: in.Note, State: Asked, AskedBy: who.Account, AskedAt: now}
		if err := s.amount(ctx, tx, e, p, all, in, &x, now); err != nil {
			return err
		}
		if err := s.last(ctx, tx, e, p, all, x, now); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		out = x
		return note(ctx, tx, who, now, e.Payer, e, x, "提出付款申请", "“"+e.Title+"”有付款申请待核对")
	})
	return out, err
}

// amount works out what a claim asks for and holds it to the plan.
func (s *Service) amount(ctx context.Context, tx bun.Tx, e engagement.Engagement, p plan.Plan, all []Claim, in Input, x *Claim, now time.Time) error {
	var c fault.Check
	c.Must(utf8.RuneCountInString(in.Note) <= 1000, "note", "不超过 1000 个字")
	acc := account(e, all)
	far, err := plan.ProgressOf(ctx, tx, p, now)
	if err != nil {
		return err
	}
	if e.State == engagement.Closed && in.Milestone == 0 && in.Quantity == "" { // ended early: what was settled and not paid yet
		x.Amount = acc.Left()
		c.Must(x.Amount > 0, "milestone", "已经付到结算总额 %s 元，不再付款", e.Amount.Yuan())
		return c.Err()
	}
	if p.Content.Settlement == plan.ByMilestone {
		if in.Milestone < 1 || in.Milestone > int64(len(far.Milestones)) {
			c.Fail("milestone", "请选择节点")
			return c.Err()
		}
		m := far.Milestones[in.Milestone-1]
		c.Must(m.AcceptedAt != nil, "milestone", "“%s”还没有确认达成，不能申请付款", m.Name)
		for _, y := range all {
			c.Must(y.State == Returned || y.Milestone == nil || *y.Milestone != in.Milestone, "milestone", "“%s”已经申请过付款（第 %d 次申请）", m.Name, y.Number)
		}
		c.Must(m.Amount > 0, "milestone", "“%s”没有约定付款", m.Name)
		c.Must(m.Amount <= acc.Left(), "milestone", "超过合同余额 %s 元", acc.Left().Yuan())
		x.Milestone, x.Amount = &in.Milestone, m.Amount
		return c.Err()
	}
	n, err := plan.Count(in.Quantity)
	if err != nil || n == 0 {
		c.Fail("quantity", "请填写这一次结算的数量，大于 0 的整数")
		return c.Err()
	}
	done, asked := far.Of(p.Content.Counted), counted(all)
	c.Must(n <= done-asked, "quantity", "成果记录共 %d，已申请 %d，这一次最多 %d；请先提交成果", done, asked, max(0, done-asked))
	price := p.Content.UnitPrice
	amount, capped, err := Counted(price, n, acc.Left())
	c.Adopt("quantity", err)
	c.Must(amount > 0, "quantity", "已经付到上限 %s 元，不再付款", e.Amount.Yuan())
	x.Quantity, x.UnitPrice, x.Amount, x.Capped = &n, &price, amount, capped
	return c.Err()
}

// settled is an engagement with what is paid for it in all.
func (s *Service) settled(ctx context.Context, d bun.IDB, e engagement.Engagement) (engagement.Engagement, error) {
	if s.Most == nil {
		return e, nil
	}
	var err error
	e.Amount, err = s.Most(ctx, d, e)
	return e, err
}

// last holds the last instalment to the acceptance: the plan's last milestone,
// or what pays the contract off; by count also whatever is asked for after the
// term, when nothing is left to be delivered.
func (s *Service) last(ctx context.Context, tx bun.Tx, e engagement.Engagement, p plan.Plan, all []Claim, x Claim, now time.Time) error {
	if s.Settle == nil {
		return nil
	}
	if x.Milestone != nil {
		if *x.Milestone == int64(len(p.Content.Milestones)) || x.Amount >= account(e, all).Left() {
			return s.Settle(ctx, tx, e, "milestone")
		}
		return nil
	}
	if x.Amount >= account(e, all).Left() || e.Over(now) {
		return s.Settle(ctx, tx, e, "quantity")
	}
	return nil
}

// change is the frame of what is done about a claim in a state.
func (s *Service) change(ctx context.Context, who party.Actor, claim id.ID, action string, in []State,
	do func(ctx context.Context, tx bun.Tx, e engagement.Engagement, x *Claim, now time.Time) error) (Claim, error) {
	out, err := read(ctx, s.db, claim)
	if err != nil {
		return out, err
	}
	err = s.engagements.Change(ctx, who, out.Engagement, action, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		x, err := read(ctx, tx, claim)
		if err != nil {
			return err
		}
		ok := false
		for _, st := range in {
			ok = ok || st == x.State
		}
		if !ok {
			return fault.New(fault.Conflict, "付款申请现在是“%s”，请刷新页面", x.StateName())
		}
		if err := do(ctx, tx, e, &x, now); err != nil {
			return err
		}
		out = x
		return db.One(tx.NewUpdate().Model(&x).ExcludeColumn("id", "engagement", "number").WherePK().Exec(ctx))
	})
	return out, err
}

// Verify says that an officer found the claim in order.
func (s *Service) Verify(ctx context.Context, who party.Actor, claim id.ID) (Claim, error) {
	return s.change(ctx, who, claim, "verify", []State{Asked}, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, x *Claim, now time.Time) error {
		if err := backed(ctx, tx, *x, now); err != nil {
			return err
		}
		x.State, x.VerifiedBy, x.VerifiedAt = Verified, &who.Account, &now
		return note(ctx, tx, who, now, "", e, *x, "核对付款申请", "")
	})
}

// Release approves a verified claim. Above the payer's limit it takes two
// approvers; nobody decides on what they verified themselves.
func (s *Service) Release(ctx context.Context, who party.Actor, claim id.ID) (Claim, error) {
	return s.change(ctx, who, claim, "release", []State{Verified}, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, x *Claim, now time.Time) error {
		limit, err := limitOf(ctx, tx, e.Payer)
		if err != nil {
			return err
		}
		if *x.VerifiedBy == who.Account {
			return fault.New(fault.Forbidden, "核对人不能审批同一笔申请，请由另一位办理")
		}
		if x.Amount > limit.Above && x.FirstBy == nil {
			x.FirstBy, x.FirstAt = &who.Account, &now
			return note(ctx, tx, who, now, "", e, *x, "第一位审批人同意付款", "")
		}
		if x.FirstBy != nil && *x.FirstBy == who.Account {
			return fault.New(fault.Forbidden, "金额超过 %s 元，须由另一位审批人再批", limit.Above.Yuan())
		}
		x.State, x.ApprovedBy, x.ApprovedAt = Approved, &who.Account, &now
		return note(ctx, tx, who, now, e.Provider, e, *x, "批准付款", "“"+e.Title+"”付款申请已批准")
	})
}

// Pay records that finance has paid; it goes into the contract's account.
func (s *Service) Pay(ctx context.Context, who party.Actor, claim id.ID, reference string) (Claim, error) {
	reference = strings.TrimSpace(reference)
	var c fault.Check
	c.Must(reference != "" && utf8.RuneCountInString(reference) <= 60, "bank_reference", "请填写银行或国库支付流水号，不超过 60 个字")
	if err := c.Err(); err != nil {
		return Claim{}, err
	}
	return s.change(ctx, who, claim, "pay", []State{Approved}, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, x *Claim, now time.Time) error {
		if *x.ApprovedBy == who.Account || *x.VerifiedBy == who.Account {
			return fault.New(fault.Forbidden, "核对、审批和付款应由不同的人办理")
		}
		if err := backed(ctx, tx, *x, now); err != nil {
			return err
		}
		all, err := claims(ctx, tx, e.ID)
		if err == nil {
			e, err = s.settled(ctx, tx, e)
		}
		if err != nil {
			return err
		}
		if account(e, all).Paid+x.Amount > e.Amount {
			return fault.New(fault.Conflict, "超过合同金额 %s 元，不能付款", e.Amount.Yuan())
		}
		x.State, x.PaidBy, x.PaidAt, x.Reference = Paid, &who.Account, &now, reference
		if err := note(ctx, tx, who, now, e.Provider, e, *x, "已付款", "“"+e.Title+"”已付款"); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, e.ID, trail.Event{Action: "支付", Note: x.Amount.Yuan() + " 元", Public: true})
	})
}

// Return sends a claim back with a reason: the officer before verifying, the
// approver after. What it asked for may be asked again.
func (s *Service) Return(ctx context.Context, who party.Actor, claim id.ID, reason string) (Claim, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(reason != "", "reason", "请写明退回的原因")
	c.Must(utf8.RuneCountInString(reason) <= 2000, "reason", "不超过 2000 个字")
	if err := c.Err(); err != nil {
		return Claim{}, err
	}
	x, err := read(ctx, s.db, claim)
	if err != nil {
		return x, err
	}
	action := map[State]string{Asked: "verify", Verified: "release", Approved: "pay"}[x.State]
	if action == "" {
		return x, fault.New(fault.Conflict, "付款申请%s，不能退回", x.StateName())
	}
	return s.change(ctx, who, claim, action, []State{x.State}, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, x *Claim, now time.Time) error {
		x.State, x.Reason = Returned, reason
		return note(ctx, tx, who, now, e.Provider, e, *x, "退回付款申请", "“"+e.Title+"”付款申请被退回："+reason)
	})
}

// backed holds a claim by count to the evidence as it stands when it is decided
// about: what was recorded may have been voided since.
func backed(ctx context.Context, d bun.IDB, x Claim, now time.Time) error {
	if x.Quantity == nil {
		return nil
	}
	p, err := plan.AgreedOf(ctx, d, x.Engagement)
	if err != nil {
		return err
	}
	far, err := plan.ProgressOf(ctx, d, p, now)
	if err != nil {
		return err
	}
	asked, err := quantityOf(ctx, d, x.Engagement)
	if done := far.Of(p.Content.Counted); err == nil && done < asked {
		return fault.New(fault.Conflict, "成果记录现在共 %d，少于已申请的 %d，不能付款。请退回申请，或请承接方补上成果", done, asked)
	}
	return err
}

// counted is the quantity that claims ask for in all.
func counted(all []Claim) (sum int64) {
	for _, x := range all {
		if x.State != Returned && x.Quantity != nil {
			sum += *x.Quantity
		}
	}
	return sum
}

func quantityOf(ctx context.Context, d bun.IDB, of id.ID) (int64, error) {
	all, err := claims(ctx, d, of)
	return counted(all), err
}

// SetLimit sets above which amount, in 分, a payer's claims take two approvers.
// An approver lowers it alone; a higher one holds once another approver says the
// same amount, else one alone could lift the second pair of eyes.
func (s *Service) SetLimit(ctx context.Context, who party.Actor, of id.ID, above money.Fen) (Limit, error) {
	var out Limit
	if err := money.Accept(above); err != nil {
		return out, err
	}
	return out, s.engagements.Change(ctx, who, of, "release", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		l, err := limitOf(ctx, tx, e.Payer)
		if err != nil {
			return err
		}
		action := l.set(above, who.Account, now)
		if _, err := tx.NewInsert().Model(&l).On("CONFLICT (organisation) DO UPDATE").
			Set("above = EXCLUDED.above, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at, raise_to = EXCLUDED.raise_to, raise_by = EXCLUDED.raise_by").Exec(ctx); err != nil {
			return db.Translate(err)
		}
		out = l
		return engagement.Record(ctx, tx, who, now, e.ID, trail.Event{Action: action, Note: above.Yuan() + " 元"})
	})
}

// set takes an amount that an approver said and gives what that was.
func (l *Limit) set(above money.Fen, by id.ID, now time.Time) string {
	if above > l.Above && (l.RaiseTo == nil || *l.RaiseTo != above || *l.RaiseBy == by) {
		l.RaiseTo, l.RaiseBy, l.SetBy, l.SetAt = &above, &by, by, now
		return "提出调高付款双人审批限额"
	}
	l.Above, l.RaiseTo, l.RaiseBy, l.SetBy, l.SetAt = above, nil, nil, by, now
	return "设定付款双人审批限额"
}

// note records a step on the timeline and tells the other side, where to is one.
func note(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, to id.ID, e engagement.Engagement, x Claim, what, title string) error {
	if to != "" {
		if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: x.Amount.Yuan() + " 元", Link: "/engagements/" + string(e.ID) + "/claims"}); err != nil {
			return err
		}
	}
	return engagement.Record(ctx, tx, who, now, e.ID, trail.Event{Action: what, Note: x.Amount.Yuan() + " 元" + strings.TrimSuffix("："+x.Reason, "：")})
}
