package grant

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/review"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Ruling is a decision as it is typed.
type Ruling struct {
	Funded      bool   `json:"funded"`
	Amount      string `json:"amount,omitempty" description:"资助金额，元；不给钱的孵化留空"`
	Reason      string `json:"reason" description:"理由，申请组织可以看到"`
	FoundReason string `json:"found_reason,omitempty" description:"查到可能重复资助而仍给予支持时，书面说明为什么不是重复"`
	Steps       []Step `json:"milestones,omitempty"`
}

// Step is a milestone as it is typed.
type Step struct {
	Name      string `json:"name"`
	Condition string `json:"condition" description:"达成的标准"`
	Due       string `json:"due" description:"最迟日期，例如 2026-12-31"`
	Amount    string `json:"amount" description:"元；各节点相加等于资助金额"`
}

const mostSteps = 12

// MayDecide reports whether the actor may decide on a call's applications.
func (s *Service) MayDecide(who party.Actor, c call.Call) bool {
	return s.mayDecide(who, c, s.clock.Now()) == nil
}

func (s *Service) mayDecide(who party.Actor, c call.Call, now time.Time) error {
	return s.policy.Require(call.Relations(who, c), review.ObjectKind+"."+string(c.State(now)), "decide")
}

// Decide decides on an application whose review is over, once. With support it
// allocates the number and freezes the agreement in the same transaction.
// Conflict where somebody has decided, the same project is funded already, or
// the fund does not suffice.
func (s *Service) Decide(ctx context.Context, who party.Actor, app id.ID, in Ruling) (Decision, error) {
	var out Decision
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := application.ForUpdate(ctx, tx, app)
		if err != nil {
			return err
		}
		c, err := call.ForUpdate(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.mayDecide(who, c, now); err != nil {
			return err
		}
		out, err = s.decide(ctx, tx, who, &a, c, in, now)
		if err != nil {
			return err
		}
		return s.finish(ctx, tx, who, &c, now)
	})
	return out, err
}

func (s *Service) decide(ctx context.Context, tx bun.Tx, who party.Actor, a *application.Application, c call.Call, in Ruling, now time.Time) (Decision, error) {
	if a.State != application.Submitted {
		return Decision{}, fault.New(fault.Conflict, "这份申请现在是“%s”，已经有决定或已撤回", a.State.Name())
	}
	if _, err := s.Reviews.Recommended(ctx, tx, c, *a); err != nil {
		return Decision{}, err
	}
	seq, err := tx.NewSelect().Model((*Decision)(nil)).Where("application = ?", a.ID).Count(ctx)
	if err != nil {
		return Decision{}, db.Translate(err)
	}
	appeal := rules.At(now).Must(rules.GrantAppeal)
	until, err := s.calendar.AddWorkdays(now, int(appeal.Value))
	if err != nil {
		return Decision{}, err
	}
	d := Decision{ID: id.New(now), Call: c.ID, Application: a.ID, Seq: seq + 1, Funded: in.Funded, Reason: strings.TrimSpace(in.Reason),
		Found: []application.Found{}, FoundReason: strings.TrimSpace(in.FoundReason), DecidedBy: who.Account, DecidedAt: now, AppealUntil: until}
	var steps []Milestone
	if in.Funded {
		if steps, err = s.support(ctx, tx, *a, c, in, &d, now); err != nil {
			return d, err
		}
	}
	var k fault.Check
	k.Must(utf8.RuneCountInString(d.Reason) >= 5, "reason", "请写明理由，至少 5 个字；申请组织会看到")
	k.Must(utf8.RuneCountInString(d.Reason) <= 2000, "reason", "理由不超过 2000 个字")
	if err := k.Err(); err != nil {
		return d, err
	}
	if _, err := tx.NewInsert().Model(&d).Exec(ctx); err != nil {
		return d, db.Translate(err)
	}
	to, link := application.Declined, "/applications/"+string(a.ID)
	if in.Funded {
		to = application.Granted
		g, err := s.offer(ctx, tx, who, *a, c, d, steps, now)
		if err != nil {
			return d, err
		}
		link = "/grants/" + string(g.ID)
	}
	if err := application.Settle(ctx, tx, a, to, d.Reason, now); err != nil {
		return d, err
	}
	if err := record(ctx, tx, who, now, application.ObjectKind, a.ID, trail.Event{Action: "决定：" + to.Name(), Note: d.Reason, Article: appeal.Source()}); err != nil {
		return d, err
	}
	return d, inbox.Send(ctx, tx, now, []inbox.To{{Organisation: a.Organisation}}, inbox.Letter{Title: "“" + a.Title + "”" + to.Name(),
		Text: c.Title + "已作出决定，理由和申诉期限见页面。", Link: link})
}

// support checks what a supporting decision asks for, and reads its steps.
func (s *Service) support(ctx context.Context, tx bun.Tx, a application.Application, c call.Call, in Ruling, d *Decision, now time.Time) ([]Milestone, error) {
	var k fault.Check
	if s.Applications.Listed != nil {
		if err := s.Applications.Listed(ctx, tx, a.Organisation, c.Foundation); err != nil {
			return nil, err
		}
	}
	related, err := payment.Related(ctx, tx, c.Foundation, a.Organisation)
	if err != nil {
		return nil, err
	}
	if related {
		return nil, fault.New(fault.Conflict, "“%s”与本基金会有同一个人任职，属于利害关系方，不能资助", a.OrgName).Under(rules.At(now).Must(rules.GrantNoManager).Source())
	}
	if d.Found, err = application.Double(ctx, tx, a); err != nil {
		return nil, err
	}
	for _, f := range d.Found {
		if f.Same {
			return nil, fault.New(fault.Conflict, "“%s”的同一个项目“%s”已由%s出资，不能重复资助", a.OrgName, f.Title, f.Payer)
		}
	}
	if len(d.Found) > 0 {
		k.Must(utf8.RuneCountInString(d.FoundReason) >= 5, "found_reason", "查到 %d 项同期的项目，请书面说明为什么不是重复资助", len(d.Found))
	}
	if strings.TrimSpace(in.Amount) != "" {
		x, err := money.Parse(in.Amount)
		k.Adopt("amount", err)
		d.Amount = x
	}
	k.Must(d.Amount > 0 || c.Kind == call.Incubation || k.Failed("amount"), "amount", "请填写资助金额")
	if a.Asked != nil && d.Amount > *a.Asked {
		k.Fail("amount", "不能超过申请的 %s 元", a.Asked.Yuan())
	}
	steps := readSteps(&k, in.Steps, d.Amount)
	if err := k.Err(); err != nil {
		return nil, err
	}
	return steps, s.afford(ctx, tx, c, d.Amount)
}

// readSteps reads the steps, whose amounts add up to the grant's.
func readSteps(k *fault.Check, in []Step, amount money.Fen) []Milestone {
	var out []Milestone
	var sum money.Fen
	for i, x := range in {
		if x == (Step{}) {
			continue
		}
		at := fmt.Sprintf("milestones.%d.", i+1)
		m := Milestone{Seq: int64(len(out) + 1), Name: strings.TrimSpace(x.Name), Condition: strings.TrimSpace(x.Condition)}
		n := utf8.RuneCountInString(m.Name)
		k.Must(n >= 2 && n <= 40, at+"name", "请填写节点名称，2–40 个字")
		n = utf8.RuneCountInString(m.Condition)
		k.Must(n >= 2 && n <= 300, at+"condition", "请写明怎样算达成，2–300 个字")
		due := calendar.Typed(k, at+"due", x.Due)
		if k.Must(due != nil || k.Failed(at+"due"), at+"due", "请填写最迟日期，例如 2026-12-31"); due != nil {
			m.Due = *due
		}
		if strings.TrimSpace(x.Amount) != "" {
			v, err := money.Parse(x.Amount)
			k.Adopt(at+"amount", err)
			m.Amount = v
		}
		sum += m.Amount
		out = append(out, m)
	}
	k.Must(len(out) > 0, "milestones", "请至少设一个节点")
	k.Must(len(out) <= mostSteps, "milestones", "节点最多 %d 个", mostSteps)
	k.Must(sum == amount, "milestones", "各节点金额相加是 %s 元，应等于资助金额 %s 元", sum.Yuan(), amount.Yuan())
	return out
}

// afford holds an amount to what the call and its fund have left beyond what
// is promised; the fund's row stays locked, so that two decisions add up.
func (s *Service) afford(ctx context.Context, tx bun.Tx, c call.Call, amount money.Fen) error {
	if amount == 0 {
		return nil
	}
	if c.Fund == nil && (!c.Public() || strings.TrimSpace(c.Form.Source) == "") {
		return fault.New(fault.Conflict, "征集公告没有写明资金来源，不能给予资金")
	}
	var given money.Fen
	err := tx.NewSelect().Model((*Grant)(nil)).ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT)").Where("call = ? AND state <> ?", c.ID, Refused).Scan(ctx, &given)
	if err != nil {
		return db.Translate(err)
	}
	if c.Total != nil && given+amount > *c.Total {
		return fault.New(fault.Conflict, "超过征集公告的资助总额：还可决定 %s 元", (*c.Total - given).Yuan())
	}
	if c.Fund == nil {
		return nil // a bureau's budget is not kept here
	}
	f, err := s.Funds.Active(ctx, tx, *c.Fund)
	if err != nil {
		return err
	}
	free, err := s.Payments.FreeIn(ctx, tx, f)
	if err != nil {
		return err
	}
	promised, err := s.promised(ctx, tx, f.ID)
	if err != nil {
		return err
	}
	if free-promised < amount {
		return fault.New(fault.Conflict, "“%s”余额不足：扣除已承诺的资助后可用 %s 元，本次需要 %s 元", f.FullName(), max(0, free-promised).Yuan(), amount.Yuan())
	}
	return nil
}

// promised adds up the milestones of a fund's grants for which no payment is
// approved yet, in 分; of those ended before their term only what was settled.
func (s *Service) promised(ctx context.Context, d bun.IDB, of id.ID) (money.Fen, error) {
	var sum money.Fen
	err := d.NewSelect().TableExpr("grant_milestone AS m").Join("JOIN grant_award AS g ON g.id = m.award").
		ColumnExpr("CAST(COALESCE(SUM(m.amount), 0) AS BIGINT)").Where("g.fund = ? AND g.state <> ? AND g.ended_at IS NULL", of, Refused).
		Where("NOT EXISTS (SELECT 1 FROM payment AS p WHERE p.award = m.award AND p.milestone = m.seq AND p.state IN (?, ?))", payment.Approved, payment.Paid).
		Scan(ctx, &sum)
	if err != nil {
		return 0, db.Translate(err)
	}
	more, err := owed(ctx, d, of, []string{string(payment.Approved), string(payment.Paid)})
	return sum + more, err
}

// reserved keeps a payment off the money that is promised to grants.
func (s *Service) reserved(ctx context.Context, d bun.IDB, p payment.Payment) (money.Fen, error) {
	sum, err := s.promised(ctx, d, p.Fund)
	if err == nil && p.Award != nil && p.Amount != nil {
		sum -= *p.Amount // its own milestone's, as Instalment has checked
	}
	return sum, err
}

// finish publishes the results once nothing is left to decide.
func (s *Service) finish(ctx context.Context, tx bun.Tx, who party.Actor, c *call.Call, now time.Time) error {
	left, err := application.Undecided(ctx, tx, c.ID)
	if err != nil || left > 0 || c.Stored == call.Decided {
		return err
	}
	return s.Calls.Finish(ctx, tx, who, c, now)
}
