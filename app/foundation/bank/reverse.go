package bank

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/storage/db"
)

// Doubt is a second person's answer to who asks for a reversal.
type Doubt struct {
	Approve bool   `json:"approve"`
	Reason  string `json:"reason,omitempty" description:"不同意时必填"`
	Key     string `json:"key,omitempty" description:"防重复键"`
}

// AskReverse asks that a confirmed match be undone, with the reason; nothing is
// booked until somebody else agrees. Conflict for a match that made its
// donation: that is given back as a donation, with its receipt.
func (s *Service) AskReverse(ctx context.Context, who party.Actor, line id.ID, reason string) (Line, error) {
	reason = strings.TrimSpace(strings.ToValidUTF8(reason, ""))
	return s.booked(ctx, who, line, "reverse", func(ctx context.Context, tx bun.Tx, l *Line, m *Match) error {
		if m.Doubted() {
			return fault.New(fault.Conflict, "%s已经申请撤销，正在等待另一位同事决定", m.Undoer)
		}
		if err := said(reason, "请写明为什么撤销，不超过 500 个字，例如：匹配到了另一笔付款"); err != nil {
			return err
		}
		if err := s.reversible(ctx, tx, *m); err != nil {
			return err
		}
		now := s.clock.Now()
		m.UndoReason, m.UndoBy, m.Undoer, m.UndoAt = reason, &who.Account, who.Name, &now
		if err := saveDoubt(ctx, tx, m, Taken); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, who, inbox.Letter{Title: "有已确认的流水匹配申请撤销", Text: who.Name + "申请撤销 " + l.Day + " " + l.Amount.Yuan() + " 元的匹配，原因写在流水页上，须由另一位同事决定。",
			Link: "/foundation/bank/lines/" + string(l.ID)}); err != nil {
			return err
		}
		return record(ctx, tx, who, s, LineKind, l.ID, "申请撤销已确认的匹配", reason)
	})
}

// DecideReverse lets somebody other than who asked agree or not. Agreed, the
// match's posting is reversed in this transaction, today, and the line waits
// again; the same Key again is answered with the first result.
func (s *Service) DecideReverse(ctx context.Context, who party.Actor, line id.ID, in Doubt) (Line, error) {
	in.Reason = strings.TrimSpace(strings.ToValidUTF8(in.Reason, ""))
	var out Line
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		l, m, err := s.forDecision(ctx, tx, who, line)
		if err != nil {
			return err
		}
		done, err := ledger.Once(ctx, tx, who, s.clock.Now(), ledger.Step{Key: in.Key, Verb: "bank.reverse", Object: l.ID, Input: []any{in.Approve, in.Reason}})
		if out = l; done || err != nil {
			return err
		}
		if m == nil || !m.Doubted() {
			return fault.New(fault.Conflict, "没有待决定的撤销申请")
		}
		if err := s.on(who, l, m, "reverse_decide"); err != nil {
			return err
		}
		asked := *m.UndoBy
		if in.Approve {
			err = s.reverse(ctx, tx, who, &l, m)
		} else {
			err = s.keep(ctx, tx, who, l, m, in.Reason)
		}
		if err != nil {
			return err
		}
		out = l
		verdict := "同意"
		if !in.Approve {
			verdict = "不同意"
		}
		return inbox.Send(ctx, tx, s.clock.Now(), inbox.Persons(asked), inbox.Letter{Title: "流水匹配的撤销：" + verdict,
			Text: who.Name + verdict + "撤销 " + l.Day + " " + l.Amount.Yuan() + " 元的匹配。" + in.Reason, Link: "/foundation/bank/lines/" + string(l.ID)})
	})
	return out, err
}

// booked is the frame for a confirmed line: lock, authorise, do.
func (s *Service) booked(ctx context.Context, who party.Actor, line id.ID, action string, do func(context.Context, bun.Tx, *Line, *Match) error) (Line, error) {
	var l Line
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var m *Match
		var err error
		if l, m, err = s.forDecision(ctx, tx, who, line); err != nil {
			return err
		}
		if l.State == Booked && m == nil {
			return fault.New(fault.Conflict, "这笔收款已退回汇款人；要撤销，请打开退回它的那笔支出")
		}
		if err := s.on(who, l, m, action); err != nil {
			return err
		}
		return do(ctx, tx, &l, m)
	})
	return s.seen(ctx, who, l, err)
}

// reversible refuses a match whose posting is a donation's own.
func (s *Service) reversible(ctx context.Context, tx bun.Tx, m Match) error {
	if m.Kind != Gift {
		return nil
	}
	d, err := donation.ForUpdate(ctx, tx, *m.Target)
	if err != nil {
		return err
	}
	if d.LedgerTx != nil && m.LedgerTx != nil && *d.LedgerTx == *m.LedgerTx {
		return fault.New(fault.Conflict, "这笔流水已记为捐赠 %s，请打开那笔捐赠办理退回，流水随之重新待认领", d.Reference)
	}
	return nil
}

// reverse books the match back and opens what it had closed.
func (s *Service) reverse(ctx context.Context, tx bun.Tx, who party.Actor, l *Line, m *Match) error {
	if err := s.reversible(ctx, tx, *m); err != nil {
		return err
	}
	if _, err := s.Ledger.Reverse(ctx, tx, who, *m.LedgerTx, ledger.Cause{Kind: "bank_match", ID: m.ID}, "撤销流水匹配", "bank/match/undo/"+string(m.ID)); err != nil {
		return err
	}
	if m.Kind == Back {
		came, err := readLine(ctx, tx, l.Foundation, *m.Target, true)
		if err != nil {
			return err
		}
		came.State, came.Note = Open, "退回的匹配已撤销："+m.UndoReason
		if err := saveLine(ctx, tx, &came, Booked); err != nil {
			return err
		}
		if err := record(ctx, tx, who, s, LineKind, came.ID, "退回的匹配已撤销，重新待认领", m.UndoReason); err != nil {
			return err
		}
	}
	m.State, m.Reason = Reversed, m.UndoReason
	if err := saveMatch(ctx, tx, m, Taken); err != nil {
		return err
	}
	l.State, l.Match, l.Note = Open, nil, "匹配已撤销："+m.UndoReason
	if err := saveLine(ctx, tx, l, Booked); err != nil {
		return err
	}
	return record(ctx, tx, who, s, LineKind, l.ID, "同意撤销匹配，账已冲销", m.UndoReason)
}

// keep lets the match stand, with the reason.
func (s *Service) keep(ctx context.Context, tx bun.Tx, who party.Actor, l Line, m *Match, reason string) error {
	if err := said(reason, "请写明不同意撤销的原因，不超过 500 个字"); err != nil {
		return err
	}
	m.UndoReason, m.UndoBy, m.Undoer, m.UndoAt = "", nil, "", nil
	if err := saveDoubt(ctx, tx, m, Taken); err != nil {
		return err
	}
	return record(ctx, tx, who, s, LineKind, l.ID, "不同意撤销匹配", reason)
}

func said(reason, ask string) error {
	var c fault.Check
	c.Must(reason != "" && utf8.RuneCountInString(reason) <= 500, "reason", "%s", ask)
	return c.Err()
}

func saveDoubt(ctx context.Context, tx bun.Tx, m *Match, was MatchState) error {
	return db.One(tx.NewUpdate().Model(m).Column("undo_reason", "undo_by", "undoer", "undo_at").Where("id = ? AND state = ?", m.ID, was).Exec(ctx))
}
