package evaluation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// ExplanationKind is what attachments and the policy call an explanation.
const ExplanationKind = "explanation"

// Explanation is a bidder's answer on an abnormally low price
// (财库〔2026〕2号): asked by the panel, answered within the time it gave, and
// judged by a majority of the panel.
type Explanation struct {
	bun.BaseModel `bun:"table:explanation"`

	ID         id.ID            `bun:"id,pk" json:"id"`
	Tender     id.ID            `bun:"tender" json:"tender"`
	Bid        id.ID            `bun:"bid" json:"bid"`
	Supplier   id.ID            `bun:"supplier" json:"supplier"`
	Price      money.Fen        `bun:"price" json:"price"`
	Reasons    []Reason         `bun:"reasons" json:"reasons"` // the lines it fell below; empty on the panel's judgement
	Why        string           `bun:"why" json:"why,omitempty"`
	AskedBy    id.ID            `bun:"asked_by" json:"-"`
	AskedAt    time.Time        `bun:"asked_at" json:"asked_at"`
	DueAt      time.Time        `bun:"due_at" json:"due_at"`
	Answer     string           `bun:"answer" json:"answer,omitempty"`
	AnsweredBy *id.ID           `bun:"answered_by" json:"-"`
	AnsweredAt *time.Time       `bun:"answered_at" json:"answered_at,omitempty"`
	Votes      map[id.ID]Ballot `bun:"votes" json:"votes,omitempty"` // by member
	Accepted   *bool            `bun:"accepted" json:"accepted,omitempty"`
	DecidedAt  *time.Time       `bun:"decided_at" json:"decided_at,omitempty"`
}

// Ballot is one member's judgement of an explanation.
type Ballot struct {
	Accept bool   `json:"accept" description:"报价合理，不影响质量和诚信履约"`
	Reason string `json:"reason"`
}

// stateAt is what the policy knows an explanation as.
func (e Explanation) stateAt(now time.Time) string {
	switch {
	case e.DecidedAt != nil:
		return "decided"
	case e.AnsweredAt != nil, !now.Before(e.DueAt):
		return "closed"
	}
	return "open"
}

// Open reports whether the bidder can still answer.
func (e Explanation) Open(now time.Time) bool { return e.stateAt(now) == "open" }

// Ask asks for an explanation of one bid's price.
type Ask struct {
	Bid     id.ID  `json:"bid"`
	Minutes int    `json:"minutes" description:"给供应商的时间，不少于 30 分钟"`
	Why     string `json:"why,omitempty" description:"没有触发数量标准、由评审小组认为可能异常低的，写明理由"`
}

func explanationsOf(ctx context.Context, d bun.IDB, tenderID id.ID) ([]Explanation, error) {
	out := []Explanation{}
	err := d.NewSelect().Model(&out).Where("tender = ?", tenderID).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// Ask opens the request for an explanation. A trigger is not a rejection: only
// the panel's judgement afterwards can make a price invalid.
func (s *Service) Ask(ctx context.Context, who party.Actor, tenderID id.ID, in Ask) (Explanation, error) {
	in.Why = strings.TrimSpace(in.Why)
	var e Explanation
	err := s.meet(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, x papers, me Member, now time.Time) error {
		if err := x.errNoOffers(); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		rule := set.Must(rules.AbnormalExplain)
		var c fault.Check
		i := slices.IndexFunc(x.lines, func(l opening.Line) bool { return l.Bid == in.Bid })
		c.Must(i >= 0, "bid", "没有这份投标，请刷新页面")
		if rule.ID == "" {
			c.Fail("bid", "采购公告发布时异常低价的规定尚未施行")
		}
		if !rule.AtLeast(int64(in.Minutes), 0) {
			c.FailUnder(rule.Source(), "minutes", "给供应商说明的时间%s", rule.Limit())
		}
		c.Must(in.Minutes <= 24*60, "minutes", "说明的时间不超过一天")
		if err := c.Err(); err != nil {
			return err
		}
		l := x.lines[i]
		e = Explanation{ID: id.New(now), Tender: t.ID, Bid: l.Bid, Supplier: l.Supplier, Price: l.Price, Reasons: []Reason{}, Why: in.Why, AskedBy: me.ID,
			AskedAt: now, DueAt: now.Add(time.Duration(in.Minutes) * time.Minute), Votes: map[id.ID]Ballot{}}
		for _, s := range x.record.Suspicions {
			if s.Bid == l.Bid {
				e.Reasons = s.Reasons
			}
		}
		c.Must(len(e.Reasons) > 0 || in.Why != "", "why", "这份报价没有触发数量标准；评审小组认为可能异常低的，请写明理由")
		c.Must(utf8.RuneCountInString(in.Why) <= MaxComment, "why", "理由不超过 %d 字", MaxComment)
		if err := c.Err(); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
			if db.Duplicate(err) {
				return fault.New(fault.Conflict, "已经要求这家供应商说明")
			}
			return db.Translate(err)
		}
		if err := tellExplain(ctx, tx, *t, e, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "要求供应商说明报价", l.SupplierName, rule.Source(), false)
	})
	return e, err
}

// explanation reads one with its tender and what the actor is to it.
func (s *Service) explanation(ctx context.Context, d bun.IDB, who party.Actor, x id.ID, lock bool) (Explanation, tender.Tender, []string, error) {
	var e Explanation
	if err := db.Found(d.NewSelect().Model(&e).Where("id = ?", x).Scan(ctx), "说明"); err != nil {
		return e, tender.Tender{}, nil, err
	}
	read := tender.Read
	if lock {
		read = tender.ForUpdate
	}
	t, err := read(ctx, d, e.Tender)
	if err != nil {
		return e, t, nil, err
	}
	if lock { // again, behind the lock
		if err := db.Found(d.NewSelect().Model(&e).Where("id = ?", x).Scan(ctx), "说明"); err != nil {
			return e, t, nil, err
		}
	}
	rel, err := relations(ctx, d, who, t)
	if who.Org != "" && who.Org == e.Supplier {
		rel = append(rel, "bidder."+string(who.Role))
	}
	return e, t, rel, err
}

// MayExplain is the one authorisation function of an explanation, for its
// attachments: its bidder, the panel, and the buyer's officer and supervisor.
func (s *Service) MayExplain(ctx context.Context, who party.Actor, x id.ID, action string) error {
	e, _, rel, err := s.explanation(ctx, s.db, who, x, false)
	if err != nil {
		return err
	}
	return s.policy.Require(rel, ExplanationKind+"."+e.stateAt(s.clock.Now()), action)
}

// Explanation reads one for whoever may see it; the bidder does not see how
// members voted.
func (s *Service) Explanation(ctx context.Context, who party.Actor, x id.ID) (Explanation, tender.Tender, error) {
	e, t, rel, err := s.explanation(ctx, s.db, who, x, false)
	if err != nil {
		return e, t, err
	}
	if err := s.policy.Require(rel, ExplanationKind+"."+e.stateAt(s.clock.Now()), "view"); err != nil {
		return e, t, err
	}
	if who.Org == e.Supplier {
		e.Votes = nil
	}
	return e, t, nil
}

// Explain gives the bidder's answer, once, before the time is over.
func (s *Service) Explain(ctx context.Context, who party.Actor, x id.ID, text string) (Explanation, error) {
	text = strings.TrimSpace(text)
	var e Explanation
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var rel []string
		var t tender.Tender
		var err error
		if e, t, rel, err = s.explanation(ctx, tx, who, x, true); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(rel, ExplanationKind+".open", "answer"); err != nil {
			return err
		}
		if e.AnsweredAt != nil || e.DecidedAt != nil {
			return fault.New(fault.Conflict, "已经提交过说明")
		}
		if !now.Before(e.DueAt) {
			return fault.New(fault.TooLate, "说明的时间已过，不能再提交")
		}
		var c fault.Check
		c.Must(text != "" && utf8.RuneCountInString(text) <= 5000, "answer", "请写明报价的依据，例如成本构成，不超过 5000 字")
		if err := c.Err(); err != nil {
			return err
		}
		e.Answer, e.AnsweredBy, e.AnsweredAt = text, &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(&e).Column("answer", "answered_by", "answered_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "供应商提交报价说明", "", "", false)
	})
	return e, err
}

// Judge casts a member's vote on an explanation: when it came, or when its
// time is over. The majority of the panel decides; an unproved price is
// invalid (财库〔2026〕2号).
func (s *Service) Judge(ctx context.Context, who party.Actor, tenderID, x id.ID, in Ballot) error {
	in.Reason = strings.TrimSpace(in.Reason)
	return s.meet(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, p papers, me Member, now time.Time) error {
		i := slices.IndexFunc(p.explanations, func(e Explanation) bool { return e.ID == x })
		if i < 0 {
			return fault.New(fault.NotFound, "没有找到这项说明")
		}
		e := p.explanations[i]
		var c fault.Check
		c.Must(in.Reason != "" && utf8.RuneCountInString(in.Reason) <= MaxComment, "reason", "请写明判断的理由，不超过 %d 字", MaxComment)
		if err := c.Err(); err != nil {
			return err
		}
		if e.Open(now) {
			return fault.New(fault.Conflict, "说明的时间还没有到，供应商提交说明或时间届满后才能判断")
		}
		if _, voted := e.Votes[me.ID]; voted || e.DecidedAt != nil {
			return fault.New(fault.Conflict, "已经作出判断，不能更改")
		}
		if e.Votes == nil {
			e.Votes = map[id.ID]Ballot{}
		}
		e.Votes[me.ID] = in
		yes := 0
		for _, v := range e.Votes {
			if v.Accept {
				yes++
			}
		}
		switch no := len(e.Votes) - yes; {
		case majority(yes, len(p.members)):
			e.Accepted, e.DecidedAt = new(bool), &now
			*e.Accepted = true
		case majority(no, len(p.members)):
			e.Accepted, e.DecidedAt = new(bool), &now
		}
		if err := db.One(tx.NewUpdate().Model(&e).Column("votes", "accepted", "decided_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil || e.DecidedAt == nil {
			return err
		}
		_, b := p.record.Of(e.Bid)
		text := b.Name + "：报价合理"
		if !*e.Accepted {
			text = b.Name + "：不能证明报价合理，投标无效"
		}
		return note(ctx, tx, who, now, t.ID, "评审小组判断报价说明", text, set.Must(rules.AbnormalExplain).Source(), false)
	})
}

// Asked lists the explanations that a supplier was asked for, newest first.
func (s *Service) Asked(ctx context.Context, who party.Actor) ([]Explanation, error) {
	out := []Explanation{}
	if who.Org == "" || who.OrgKind != party.Social {
		return out, nil
	}
	err := s.db.NewSelect().Model(&out).ExcludeColumn("votes").Where("supplier = ?", who.Org).Order("id DESC").Limit(50).Scan(ctx)
	return out, db.Translate(err)
}
