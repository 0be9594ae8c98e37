package bank

import (
	"context"
	"errors"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// AtOnce is how many lines one press may propose or confirm.
const AtOnce = 500

// Outcome is what came of many lines: how many went through, and why others
// did not.
type Outcome struct {
	Done   int      `json:"done"`
	Failed []Missed `json:"failed"`
}

// Missed is one line that did not go through.
type Missed struct {
	Line id.ID  `json:"line"`
	Says string `json:"says"` // the day and the amount, for people
	Why  string `json:"why"`
}

// ProposeSure proposes what each of the lines was guessed to be, those that
// are sure; each in a transaction of its own.
func (s *Service) ProposeSure(ctx context.Context, who party.Actor, lines []id.ID) (Outcome, error) {
	return s.each(ctx, who, "match", lines, func(l Line) error {
		if l.State != Open || l.Guess == nil || l.Score < Sure {
			return fault.New(fault.Conflict, "把握不足，请打开这一笔逐一核对")
		}
		_, err := s.Propose(ctx, who, l.ID, Proposal{Kind: l.GuessKind, Target: *l.Guess})
		return err
	})
}

// ConfirmAll confirms what was proposed for each of the lines; each in a
// transaction of its own, so that one that cannot be keeps no other.
func (s *Service) ConfirmAll(ctx context.Context, who party.Actor, lines []id.ID) (Outcome, error) {
	return s.each(ctx, who, "view", lines, func(l Line) error {
		_, err := s.Confirm(ctx, who, l.ID, Decision{})
		return err
	})
}

func (s *Service) each(ctx context.Context, who party.Actor, action string, lines []id.ID, do func(Line) error) (Outcome, error) {
	out := Outcome{Failed: []Missed{}}
	if err := s.require(who, action); err != nil {
		return out, err
	}
	if len(lines) == 0 {
		return out, fault.New(fault.Conflict, "请先勾选流水")
	}
	if len(lines) > AtOnce {
		return out, fault.New(fault.Invalid, "一次最多办理 %d 笔", AtOnce)
	}
	for _, at := range lines {
		l, err := readLine(ctx, s.db, who.Org, at, false)
		if err == nil {
			err = do(l)
		}
		if err == nil {
			out.Done++
			continue
		}
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok {
			return out, err
		}
		if _, err := s.cover(ctx, who, &l); err != nil {
			return out, err
		}
		why := f.Message
		if len(f.Fields) > 0 {
			why = f.Fields[0].Message
		}
		out.Failed = append(out.Failed, Missed{at, l.Day + " " + l.Name + " " + l.Amount.Yuan() + " 元", why})
	}
	return out, nil
}
