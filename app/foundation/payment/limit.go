package payment

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// LimitKind is the object kind of a foundation's limits.
const LimitKind = "payment_limit"

// LimitState is where a foundation's limits stand.
type LimitState string

// The states of limits.
const (
	LimitProposed LimitState = "proposed"
	LimitApproved LimitState = "approved"
	LimitRefused  LimitState = "refused"
)

// Limit says from which amounts a payment takes more than one approval. A
// foundation without limits has each payment approved by one.
type Limit struct {
	bun.BaseModel `bun:"table:payment_limit"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Foundation id.ID      `bun:"foundation" json:"-"`
	State      LimitState `bun:"state" json:"state"`
	TwoAbove   *money.Fen `bun:"two_above" json:"two_above,omitempty"`     // 分; two approve what is above it; nil: never
	BoardAbove *money.Fen `bun:"board_above" json:"board_above,omitempty"` // 分; a resolution is needed above it; nil: never
	Reason     string     `bun:"reason" json:"reason,omitempty"`           // why it was refused
	ProposedBy id.ID      `bun:"proposed_by" json:"-"`
	ProposedAt time.Time  `bun:"proposed_at" json:"proposed_at"`
	DecidedBy  *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt  *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
}

// LimitForm is limits as typed.
type LimitForm struct {
	TwoAbove   string `json:"two_above" description:"单笔超过这个数须两人审批，元；不设不填"`
	BoardAbove string `json:"board_above" description:"单笔超过这个数须有管理委员会或者理事会决议，元；不设不填"`
}

// Words are the limits in Chinese, one sentence each.
func (l Limit) Words() []string {
	if l.TwoAbove == nil && l.BoardAbove == nil {
		return []string{"每笔付款由一位秘书长身份的人员审批。"}
	}
	var out []string
	if l.TwoAbove != nil {
		out = append(out, "单笔不超过 "+l.TwoAbove.Yuan()+" 元：一位秘书长身份的人员审批。", "单笔超过 "+l.TwoAbove.Yuan()+" 元：两位秘书长身份的人员审批。")
	}
	if l.BoardAbove != nil {
		out = append(out, "单笔超过 "+l.BoardAbove.Yuan()+" 元：另须管理委员会或者理事会的决议。")
	}
	return out
}

// Limits is what a foundation has in force, and what waits to be decided.
type Limits struct {
	Now     Limit  `json:"now"`
	Waiting *Limit `json:"waiting,omitempty"`
}

// Limits reads the actor's own foundation's.
func (s *Service) Limits(ctx context.Context, who party.Actor) (Limits, error) {
	var out Limits
	if err := s.policy.Require(who.Relations(), LimitKind+".any", "view"); err != nil {
		return out, err
	}
	now, err := s.limit(ctx, s.db, who.Org)
	if err != nil {
		return out, err
	}
	out.Now = now
	var open []Limit
	err = s.db.NewSelect().Model(&open).Where("foundation = ? AND state = ?", who.Org, LimitProposed).Scan(ctx)
	if len(open) > 0 {
		out.Waiting = &open[0]
	}
	return out, db.Translate(err)
}

// limit is what a foundation has in force; the zero Limit where there is none.
func (s *Service) limit(ctx context.Context, d bun.IDB, foundation id.ID) (Limit, error) {
	var out []Limit
	err := d.NewSelect().Model(&out).Where("foundation = ? AND state = ?", foundation, LimitApproved).
		Order("decided_at DESC", "id DESC").Limit(1).Scan(ctx)
	if err != nil || len(out) == 0 {
		return Limit{}, db.Translate(err)
	}
	return out[0], nil
}

// MayPropose reports whether the actor may propose limits.
func (s *Service) MayPropose(who party.Actor) bool {
	return s.policy.Any(who.Relations(), LimitKind+".any", "propose")
}

// limitRelations make the approvers of a foundation the checkers of what
// somebody else proposed.
func limitRelations(who party.Actor, l Limit) []string {
	rel := who.Relations()
	if who.Is(party.Foundation, party.Approver) && who.Org == l.Foundation && who.Account != l.ProposedBy {
		rel = append(rel, "limit.checker")
	}
	return rel
}

// MayDecide reports whether the actor may decide on limits.
func (s *Service) MayDecide(who party.Actor, l Limit) bool {
	return s.policy.Require(limitRelations(who, l), LimitKind+"."+string(l.State), "decide") == nil
}

// ProposeLimits proposes other limits; they count once somebody else has
// agreed. Conflict where a proposal waits already.
func (s *Service) ProposeLimits(ctx context.Context, who party.Actor, in LimitForm) (Limit, error) {
	if err := s.policy.Require(who.Relations(), LimitKind+".any", "propose"); err != nil {
		return Limit{}, err
	}
	now := s.clock.Now()
	l := Limit{ID: id.New(now), Foundation: who.Org, State: LimitProposed, ProposedBy: who.Account, ProposedAt: now}
	var c fault.Check
	l.TwoAbove, l.BoardAbove = above(&c, "two_above", in.TwoAbove), above(&c, "board_above", in.BoardAbove)
	c.Must(l.TwoAbove == nil || l.BoardAbove == nil || *l.TwoAbove <= *l.BoardAbove, "board_above", "须有决议的金额不能低于须两人审批的金额")
	if err := c.Err(); err != nil {
		return l, err
	}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&l).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: LimitKind, ObjectID: who.Org, Action: "提出审批限额", Note: strings.Join(l.Words(), "")})
	})
	if db.Duplicate(err) {
		err = fault.New(fault.Conflict, "已有一份审批限额等待决定，请先决定那一份")
	}
	return l, err
}

// above reads an amount; nil where nothing was typed.
func above(c *fault.Check, field, typed string) *money.Fen {
	if strings.TrimSpace(typed) == "" {
		return nil
	}
	amount, err := money.Parse(typed)
	if err != nil {
		c.Adopt(field, err)
		return nil
	}
	return &amount
}

// DecideLimits agrees to proposed limits, or refuses them with a reason. They
// count from now, also for payments that wait to be approved.
func (s *Service) DecideLimits(ctx context.Context, who party.Actor, limit id.ID, agree bool, reason string) (Limit, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(agree || reason != "", "reason", "请写明不同意的原因")
	c.Must(utf8.RuneCountInString(reason) <= 2000, "reason", "不超过 2000 个字")
	if err := c.Err(); err != nil {
		return Limit{}, err
	}
	var l Limit
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := db.Lock(tx.NewSelect().Model(&l).Where("id = ? AND foundation = ?", limit, who.Org)).Scan(ctx); err != nil {
			return db.Found(err, "审批限额")
		}
		if err := s.policy.Require(limitRelations(who, l), LimitKind+"."+string(l.State), "decide"); err != nil {
			return err
		}
		now, action := s.clock.Now(), "不同意审批限额"
		l.State, l.Reason, l.DecidedBy, l.DecidedAt = LimitRefused, reason, &who.Account, &now
		if agree {
			l.State, action = LimitApproved, "启用审批限额"
		}
		if err := db.One(tx.NewUpdate().Model(&l).Column("state", "reason", "decided_by", "decided_at").
			Where("id = ? AND state = ?", l.ID, LimitProposed).Exec(ctx)); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: LimitKind, ObjectID: l.Foundation, Action: action, Note: reason})
	})
	return l, err
}

// LimitTimeline is what happened to the actor's foundation's limits.
func (s *Service) LimitTimeline(ctx context.Context, who party.Actor) ([]trail.Event, error) {
	if err := s.policy.Require(who.Relations(), LimitKind+".any", "view"); err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, LimitKind, who.Org, false)
}
