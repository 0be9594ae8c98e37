package fund

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/trail"
)

// End decides a proposed ending: another person than the one who proposed it.
// What is left goes where the proposal says, in the ledger, in the same
// transaction; to another organisation it has been paid before. Conflict where
// something is still open. An ended fund takes and gives nothing.
func (s *Service) End(ctx context.Context, who party.Actor, fund id.ID) (Fund, error) {
	var took *Fund
	f, err := s.change(ctx, who, fund, "end", func(ctx context.Context, tx bun.Tx, f *Fund, now time.Time) error {
		c, err := s.ClosingOf(ctx, tx, f.ID)
		if err != nil {
			return err
		}
		if c == nil || c.ProposedBy == who.Account {
			return fault.New(fault.Forbidden, "提出终止的人不能自己决定，请由另一位秘书长身份的人员办理")
		}
		papers, err := s.attachments.Of(ctx, tx, ResolutionKind, f.ID)
		if err != nil {
			return err
		}
		if len(papers) == 0 {
			return fault.New(fault.Conflict, "请先由项目官员上传管理委员会或者理事会关于终止的决议").Under(rules.At(now).Must(rules.FundAgreement).Source())
		}
		if err := s.settled(ctx, tx, f.ID, c.LeftOpen); err != nil {
			return err
		}
		held, err := s.ledger.Balance(ctx, tx, *f.CashAccount)
		if err != nil {
			return err
		}
		article := rules.At(now).Must(rules.DonationSurplus).Source()
		if held > 0 {
			if c.ToFund == nil {
				return fault.New(fault.Conflict, "基金还有余额 %s 元，%s", held.Yuan(), left(*c)).Under(article)
			}
			if took, err = s.hand(ctx, tx, who, *f, c, held); err != nil {
				return err
			}
		}
		c.State, c.DecidedBy, c.DecidedAt = Done, &who.Account, &now
		if err := decided(ctx, tx, c); err != nil {
			return err
		}
		f.State, f.Reason, f.EndedAt = Ended, c.Reason, &now
		if took != nil {
			if err := record(ctx, tx, who, now, took.ID, trail.Event{Action: "接收剩余财产", Note: "来自“" + f.FullName() + "”，" + c.Moved.Yuan() + " 元", Article: article, Public: true}); err != nil {
				return err
			}
		}
		return record(ctx, tx, who, now, f.ID, trail.Event{Action: "终止", Note: c.Outcome(), Article: article, Public: true})
	})
	return f, err
}

// settled refuses while something firm is open, or something else was not named.
func (s *Service) settled(ctx context.Context, tx bun.Tx, fund id.ID, named string) error {
	list, err := s.loose(ctx, tx, fund)
	if err != nil {
		return err
	}
	for _, l := range list {
		if l.Firm {
			return fault.New(fault.Conflict, "“%s”还没有结清，请先办完或者退回，再终止", l.What)
		}
	}
	if len(list) > 0 && named == "" {
		return fault.New(fault.Conflict, "“%s”还没有结清，请恢复运行后在终止提议里逐项写明怎样处理，或者先办完", list[0].What)
	}
	return nil
}

func left(c Closing) string {
	if c.ToOrg != nil {
		return "请先把剩余财产付给“" + c.ToName + "”，再终止"
	}
	return "提议写的是没有剩余财产；请恢复运行，写明剩余财产的去向后重新提议"
}

// hand moves what is left into the fund that takes it, which must still run.
func (s *Service) hand(ctx context.Context, tx bun.Tx, who party.Actor, f Fund, c *Closing, held money.Fen) (*Fund, error) {
	to, err := s.Active(ctx, tx, *c.ToFund)
	if err != nil {
		return nil, err
	}
	t, err := s.ledger.Post(ctx, tx, who, ledger.Posting{Book: f.Foundation, Cause: ledger.Cause{Kind: "fund_closing", ID: c.ID},
		Memo: "终止清算：“" + f.FullName() + "”的剩余财产转入“" + to.FullName() + "”", Key: "fund_closing/" + string(c.ID),
		Lines: ledger.Move(*f.CashAccount, *to.CashAccount, held)})
	if err != nil {
		return nil, err
	}
	c.Moved, c.LedgerTx = held, &t.ID
	return &to, nil
}

// Outcome is what became of a fund's surplus, in a sentence for the public.
func (c Closing) Outcome() string {
	out := c.Reason
	switch {
	case c.Moved > 0:
		out += "。剩余财产 " + c.Moved.Yuan() + " 元转入“" + c.ToName + "”：" + c.Likeness
	case c.ToOrg != nil:
		out += "。剩余财产已付给“" + c.ToName + "”：" + c.Likeness
	default:
		out += "。没有剩余财产"
	}
	if c.LeftOpen != "" {
		out += "。未结事项：" + c.LeftOpen
	}
	return out
}

// Takers are the running funds of the same foundation that may take what is
// left of a fund.
func (s *Service) Takers(ctx context.Context, who party.Actor, f Fund) ([]Item, error) {
	list, err := s.List(ctx, who, Filter{Foundation: f.Foundation, State: Active, Limit: 200})
	out := list[:0]
	for _, x := range list {
		if x.ID != f.ID {
			out = append(out, x)
		}
	}
	return out, err
}

// Handed is what ended funds handed to a fund, newest first.
func (s *Service) Handed(ctx context.Context, to id.ID) ([]Closing, error) {
	out := []Closing{}
	err := s.db.NewSelect().Model(&out).Where("to_fund = ? AND state = ? AND moved > 0", to, Done).Order("decided_at DESC").Limit(200).Scan(ctx)
	return out, err
}
