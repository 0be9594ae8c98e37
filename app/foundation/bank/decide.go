package bank

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Proposal says what a line is.
type Proposal struct {
	Kind   Kind   `json:"kind" enum:"donation,payment,return,refund,other"`
	Target id.ID  `json:"target,omitempty" description:"捐赠、付款或收款流水的编号；kind=other 时不填"`
	Note   string `json:"note,omitempty" description:"金额与认捐不同，或 kind=other 时必填"`
}

// Decision is what the second person says.
type Decision struct {
	RelationChecked bool   `json:"relation_checked,omitempty" description:"捐赠人声明有利害关系的，已核对（慈善法第40条）"`
	Key             string `json:"key,omitempty" description:"防重复键"`
}

// Propose says what a line is; somebody else confirms it. Errors: Invalid (the
// note), Conflict (the line or the target is taken).
func (s *Service) Propose(ctx context.Context, who party.Actor, line id.ID, in Proposal) (Line, error) {
	if err := s.require(who, "match"); err != nil {
		return Line{}, err
	}
	in.Note = strings.TrimSpace(strings.ToValidUTF8(in.Note, ""))
	l, err := readLine(ctx, s.db, who.Org, line, false)
	if err != nil {
		return l, err
	}
	c := Candidate{Kind: Sundry, Why: "由财务说明"}
	if in.Kind != Sundry {
		if c, err = s.candidate(ctx, l, in.Kind, in.Target); err != nil {
			return l, err
		}
	}
	if err := in.check(l, c); err != nil {
		return l, err
	}
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if l, err = readLine(ctx, tx, who.Org, line, true); err != nil {
			return err
		}
		if l.State != Open {
			return fault.New(fault.Conflict, "这笔流水%s，不能再匹配", l.StateName())
		}
		if in.Kind == Back { // neither of the two may be matched elsewhere meanwhile
			came, err := readLine(ctx, tx, who.Org, in.Target, true)
			if err != nil {
				return err
			}
			if came.State != Open {
				return fault.New(fault.Conflict, "要退回的那笔收款%s，请重新选择", came.StateName())
			}
		}
		now := s.clock.Now()
		m := Match{ID: id.New(now), Foundation: l.Foundation, Line: l.ID, Kind: in.Kind, Amount: l.Amount, Note: in.Note, State: Asked,
			Score: c.Score, Why: c.Why, ProposedBy: who.Account, Proposer: who.Name, ProposedAt: now}
		if in.Kind != Sundry {
			m.Target = &in.Target
		}
		if _, err := tx.NewInsert().Model(&m).Exec(ctx); err != nil {
			if db.Duplicate(err) {
				return fault.New(fault.Conflict, "所选的%s已经匹配给别的流水，请重新选择", in.Kind.KindName())
			}
			return db.Translate(err)
		}
		l.State, l.Match = Proposed, &m.ID
		if err := saveLine(ctx, tx, &l, Open); err != nil {
			return err
		}
		if err := s.firstWaits(ctx, tx, who); err != nil {
			return err
		}
		return record(ctx, tx, who, s, LineKind, l.ID, "匹配为"+in.Kind.KindName()+"，待确认", in.Note)
	})
	return s.seen(ctx, who, l, err)
}

func (p Proposal) check(l Line, c Candidate) error {
	var f fault.Check
	n := utf8.RuneCountInString(p.Note)
	f.Must(n <= 500, "note", "说明不超过 500 个字")
	switch {
	case p.Kind == Sundry:
		f.Must(n >= 2, "note", "请写明是什么，例如：活期利息、账户管理费")
	case (p.Kind == Gift) != l.Came():
		f.Fail("kind", "收到的款项匹配捐赠，付出的款项匹配付款或退回")
	case p.Kind == Gift && !c.Settled:
		f.Must(l.Size() == c.Amount || n > 0, "note", "到账 %s 元与认捐的 %s 元不同，请写明原因", l.Size().Yuan(), c.Amount.Yuan())
	default:
		f.Must(l.Size() == c.Amount, "target", "金额不同：流水 %s 元，所选 %s 元；请选择金额相同的一笔", l.Size().Yuan(), c.Amount.Yuan())
	}
	return f.Err()
}

// Confirm books what somebody else proposed: a pledge becomes a confirmed
// donation, and the money leaves what is unclaimed, in one transaction. The
// same Key again is answered with the first result.
func (s *Service) Confirm(ctx context.Context, who party.Actor, line id.ID, in Decision) (Line, error) {
	var l Line
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var m *Match
		var err error
		if l, m, err = s.forDecision(ctx, tx, who, line); err != nil {
			return err
		}
		now := s.clock.Now()
		done, err := ledger.Once(ctx, tx, who, now, ledger.Step{Key: in.Key, Verb: "bank.confirm", Object: l.ID, Input: in.RelationChecked})
		if done || err != nil {
			return err
		}
		if err := s.on(who, l, m, "confirm"); err != nil {
			return err
		}
		made, err := s.take(ctx, tx, who, l, *m, in)
		if err != nil {
			return err
		}
		m.State, m.DecidedBy, m.Decider, m.DecidedAt, m.LedgerTx = Taken, &who.Account, who.Name, &now, &made
		if err := saveMatch(ctx, tx, m, Asked); err != nil {
			return err
		}
		l.State, l.Note = Booked, ""
		if err := saveLine(ctx, tx, &l, Proposed); err != nil {
			return err
		}
		return record(ctx, tx, who, s, LineKind, l.ID, "确认为"+m.Kind.KindName()+"，已记账", m.Note)
	})
	return s.seen(ctx, who, l, err)
}

// forDecision locks a line and reads its live match.
func (s *Service) forDecision(ctx context.Context, tx bun.Tx, who party.Actor, line id.ID) (Line, *Match, error) {
	if err := s.require(who, "view"); err != nil {
		return Line{}, nil, err
	}
	l, err := readLine(ctx, tx, who.Org, line, true)
	if err != nil {
		return l, nil, err
	}
	m, err := live(ctx, tx, l)
	return l, m, err
}

// take books a match and gives the ledger's transaction.
func (s *Service) take(ctx context.Context, tx bun.Tx, who party.Actor, l Line, m Match, in Decision) (id.ID, error) {
	to, err := s.sides(ctx, tx, l.Foundation)
	if err != nil {
		return "", err
	}
	var lines []ledger.Line
	memo := m.Kind.KindName()
	switch m.Kind {
	case Gift:
		lines = ledger.Move(to.settled, to.unclaimed, l.Amount)
		d, err := donation.ForUpdate(ctx, tx, *m.Target)
		if err != nil {
			return "", err
		}
		if d.State == donation.Pledged {
			return s.settle(ctx, tx, who, l, m, in, lines)
		}
		brought, err := donation.Brought(ctx, tx, d)
		if err != nil {
			return "", err
		}
		if d.State != donation.Confirmed || brought == nil || *brought != l.Amount {
			return "", fault.New(fault.Conflict, "这笔捐赠的状态或金额已改变，请退回匹配后重新选择")
		}
		memo = "捐赠与银行流水核对"
	case Paid:
		lines, memo = ledger.Move(to.unexplained, to.settled, l.Size()), "付款与银行流水核对"
	case Refund:
		lines, memo = ledger.Move(to.unexplained, to.settled, l.Size()), "捐赠退款"
	case Back:
		lines = ledger.Move(to.unexplained, to.unclaimed, l.Size())
		if err := s.returned(ctx, tx, who, l, *m.Target); err != nil {
			return "", err
		}
	case Sundry:
		if l.Came() {
			lines = ledger.Move(to.other, to.unclaimed, l.Amount)
		} else {
			lines = ledger.Move(to.unexplained, to.other, l.Size())
		}
		memo = "利息、手续费等"
	}
	t, err := s.Ledger.Post(ctx, tx, who, ledger.Posting{Book: l.Foundation, Cause: ledger.Cause{Kind: "bank_match", ID: m.ID}, Memo: memo,
		Key: "bank/match/" + string(m.ID), Lines: lines})
	return t.ID, err
}

// settle confirms the pledge with the money of the line.
func (s *Service) settle(ctx context.Context, tx bun.Tx, who party.Actor, l Line, m Match, in Decision, beside []ledger.Line) (id.ID, error) {
	on, err := time.ParseInLocation(time.DateOnly, l.Day, clock.Beijing)
	if err != nil {
		return "", err
	}
	amount := l.Amount
	d, err := s.Donations.Settle(ctx, tx, who, *m.Target, donation.Arrival{Amount: &amount, On: on, Note: m.Note, RelationChecked: in.RelationChecked}, beside)
	if err != nil {
		return "", err
	}
	return *d.LedgerTx, nil
}

// returned ends the line that came and was given back.
func (s *Service) returned(ctx context.Context, tx bun.Tx, who party.Actor, went Line, came id.ID) error {
	l, err := readLine(ctx, tx, went.Foundation, came, true)
	if err != nil {
		return err
	}
	if l.State != Open || l.Amount != went.Size() {
		return fault.New(fault.Conflict, "要退回的那笔收款%s，请退回匹配后重新选择", l.StateName())
	}
	l.State, l.Note = Booked, went.Day+" 已退回汇款人"
	if err := saveLine(ctx, tx, &l, Open); err != nil {
		return err
	}
	return record(ctx, tx, who, s, LineKind, l.ID, "已退回汇款人", went.Day)
}

// Undo ends a proposal without booking: its maker withdraws it, or the second
// person refuses it with a reason.
func (s *Service) Undo(ctx context.Context, who party.Actor, line id.ID, reason string) (Line, error) {
	reason = strings.TrimSpace(strings.ToValidUTF8(reason, ""))
	var l Line
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var m *Match
		var err error
		if l, m, err = s.forDecision(ctx, tx, who, line); err != nil {
			return err
		}
		state, action := Withdrawn, "撤回匹配"
		if !s.Can(who, l, m, "withdraw") {
			if err := s.on(who, l, m, "refuse"); err != nil {
				return err
			}
			if state, action = Rejected, "退回匹配"; reason == "" || utf8.RuneCountInString(reason) > 500 {
				var c fault.Check
				c.Fail("reason", "请写明退回的原因，不超过 500 个字，匹配人据此修改")
				return c.Err()
			}
		}
		now := s.clock.Now()
		m.State, m.DecidedBy, m.Decider, m.DecidedAt, m.Reason = state, &who.Account, who.Name, &now, reason
		if err := saveMatch(ctx, tx, m, Asked); err != nil {
			return err
		}
		l.State, l.Match, l.Note = Open, nil, reason
		if err := saveLine(ctx, tx, &l, Proposed); err != nil {
			return err
		}
		return record(ctx, tx, who, s, LineKind, l.ID, action, reason)
	})
	return s.seen(ctx, who, l, err)
}

// reopen makes the line of a refunded donation unclaimed again: the money is
// still in the bank until it is given back. It fits donation.Refunded.
func (s *Service) reopen(ctx context.Context, tx bun.Tx, who party.Actor, d donation.Donation) error {
	var list []Match
	if err := db.Lock(tx.NewSelect().Model(&list).Where("kind = ? AND target = ? AND state IN (?)", Gift, d.ID, bun.List([]MatchState{Asked, Taken}))).Scan(ctx); err != nil {
		return db.Translate(err)
	}
	for _, m := range list {
		l, err := readLine(ctx, tx, d.Foundation, m.Line, true)
		if err != nil {
			return err
		}
		if m.State == Taken && *m.LedgerTx != *d.LedgerTx { // it was confirmed by hand first, and found in the bank later
			if _, err := s.Ledger.Reverse(ctx, tx, who, *m.LedgerTx, ledger.Cause{Kind: "bank_match", ID: m.ID}, "捐赠退回", "bank/match/undo/"+string(m.ID)); err != nil {
				return err
			}
		}
		was, state := m.State, l.State
		m.State, m.Reason = Reversed, d.RefundReason
		if was == Asked { // nothing was booked: the line is as it came
			m.State = Withdrawn
		}
		if err := saveMatch(ctx, tx, &m, was); err != nil {
			return err
		}
		l.State, l.Match, l.Note = Open, nil, "捐赠已退回，等待退款给汇款人"
		if err := saveLine(ctx, tx, &l, state); err != nil {
			return err
		}
		if err := record(ctx, tx, who, s, LineKind, l.ID, "捐赠退回，重新待认领", d.RefundReason); err != nil {
			return err
		}
	}
	return nil
}

func saveLine(ctx context.Context, tx bun.Tx, l *Line, was LineState) error {
	return db.One(tx.NewUpdate().Model(l).Column("state", "match", "note").Where("id = ? AND state = ?", l.ID, was).Exec(ctx))
}

func saveMatch(ctx context.Context, tx bun.Tx, m *Match, was MatchState) error {
	return db.One(tx.NewUpdate().Model(m).Column("state", "decided_by", "decider", "decided_at", "reason", "ledger_tx").
		Where("id = ? AND state = ?", m.ID, was).Exec(ctx))
}
