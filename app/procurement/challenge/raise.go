package challenge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/trust/number"
	"gongji/storage/db"
)

// maxPoints is the most things one letter holds against a purchase.
const maxPoints = 20

// Input is a query or a 质疑 as written.
type Input struct {
	Kind    Kind    `json:"kind" enum:"query,challenge"`
	Stage   Stage   `json:"stage" enum:"documents,process,result"`
	Points  []Point `json:"points"`
	Contact string  `json:"contact" description:"联系人、电话、地址、邮编，只给采购人看"`
}

// Raise asks or challenges. A 质疑 that cannot be admitted is refused at once,
// with what to do instead; one that is admitted suspends the signing of the
// contract until it is answered, once bids have been opened.
func (s *Service) Raise(ctx context.Context, who party.Actor, tenderID id.ID, in Input) (Case, error) {
	var x Case
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(tender.Relations(who, t), t.Object(now), "view"); err != nil {
			return err
		}
		if err := s.policy.Require(who.Relations(), "challenge.new", "raise"); err != nil {
			return err
		}
		if t.Imported() {
			return fault.New(fault.Conflict, "这个项目是从公开来源载入的记录，不在本平台办理，请向公告中的采购人提出")
		}
		if _, err := s.Organisations.Approved(ctx, tx, who.Org); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		x = Case{ID: id.New(now), Kind: in.Kind, Stage: in.Stage, Tender: t.ID, Buyer: t.Buyer, Raiser: who.Org, RaiserName: who.OrgName,
			State: Open, Points: tidy(in.Points), Contact: strings.TrimSpace(in.Contact), KnownAt: now, ReceivedAt: now, RaisedBy: who.Account, Version: 1}
		if err := checkContent(x); err != nil {
			return err
		}
		if x.Kind == Challenge {
			if err := s.admit(ctx, tx, t, &x, set, now); err != nil {
				return err
			}
		}
		if err := s.enter(ctx, tx, &x, now); err != nil {
			return err
		}
		rule := set.Must(rules.QueryAnswer)
		if x.Kind == Challenge {
			rule = set.Must(rules.ChallengeAnswer)
			if x.Stage != Documents {
				if err := tender.Suspend(ctx, tx, tender.Suspension{Tender: t.ID, Cause: x.ID, From: now, Article: lawContract,
					Reason: "质疑 " + x.Number + " 可能影响采购结果，正在处理"}); err != nil {
					return err
				}
			}
		}
		if err := s.tellRaised(ctx, tx, t, x, set, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, x, "提出"+x.Kind.Name(), "", rule.Source())
	})
	return x, err
}

// enter numbers a new case and writes it.
func (s *Service) enter(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
	year := now.In(clock.Beijing).Year()
	n, err := number.Next(ctx, tx, number.Scope(string(x.Kind), "platform", year))
	if err != nil {
		return err
	}
	prefix := map[Kind]string{Query: "询", Challenge: "质", Complaint: "诉"}[x.Kind]
	x.Number = fmt.Sprintf("%s〔%d〕%04d号", prefix, year, n)
	_, err = tx.NewInsert().Model(x).Exec(ctx)
	return db.Translate(err)
}

func tidy(in []Point) []Point {
	out := []Point{}
	for _, p := range in {
		p.Matter, p.Request, p.Facts, p.Basis = strings.TrimSpace(p.Matter), strings.TrimSpace(p.Request), strings.TrimSpace(p.Facts), strings.TrimSpace(p.Basis)
		if p.Matter+p.Request+p.Facts+p.Basis != "" {
			out = append(out, p)
		}
	}
	return out
}

// checkContent holds a letter to what it must say (财政部令第94号第12条;
// 实施条例第55条: 明确的请求和必要的证明材料). Fields are "points.1.matter".
func checkContent(x Case) error {
	var c fault.Check
	c.Must(x.Kind == Query || x.Kind == Challenge || x.Kind == Complaint, "kind", "请选择询问或质疑")
	_, known := stageNames[x.Stage]
	c.Must(known, "stage", "请选择针对采购文件、采购过程还是采购结果")
	c.Must(len(x.Points) > 0, "points.1.matter", "请写明具体、明确的事项")
	c.Must(len(x.Points) <= maxPoints, "points.1.matter", "事项不超过 %d 项，请合并", maxPoints)
	for i, p := range x.Points {
		at := fmt.Sprintf("points.%d.", i+1)
		needText(&c, at+"matter", p.Matter, "请写明具体、明确的事项")
		if x.Kind == Query {
			continue
		}
		if p.Request == "" {
			c.FailUnder(lawContent, at+"request", "请写明您的请求，例如重新评审、修改采购文件")
		}
		if p.Facts == "" {
			c.FailUnder(lawContent, at+"facts", "请写明事实依据，证明材料可在提交后上传")
		}
		c.Must(len([]rune(p.Request+p.Facts+p.Basis)) <= 8000, at+"facts", "每项不超过 8000 个字，其余作为附件上传")
	}
	c.Must(x.Contact != "" && len([]rune(x.Contact)) <= 300, "contact", "请填写联系人、电话和地址，不超过 300 个字，只给对方看")
	return c.Err()
}

// admit asks whether a 质疑 may be raised: by a participant, within its
// period, once for a stage.
func (s *Service) admit(ctx context.Context, tx bun.Tx, t tender.Tender, x *Case, set rules.Set, now time.Time) error {
	w, err := windowOf(ctx, tx, t, set, x.Stage, now, s.calendar)
	if err != nil {
		return err
	}
	var c fault.Check
	switch {
	case w.From == nil:
		c.FailUnder(w.Article, "stage", "%s还没有发生，现在不能对它质疑；有疑问可以先提出询问", x.Stage.Name())
	case w.Ends != nil && !now.Before(*w.Ends):
		return fault.New(fault.TooLate, "对%s的质疑期限自%s起 7 个工作日，已于 %s截止。您仍可以提出询问", x.Stage.Name(), w.Start, calendar.Until(*w.Ends)).Under(w.Article)
	}
	if err := c.Err(); err != nil {
		return err
	}
	x.KnownAt, x.WindowEnds = *w.From, w.Ends
	if err := s.participant(ctx, tx, t, x); err != nil {
		return err
	}
	n, err := tx.NewSelect().Model((*Case)(nil)).Where("tender = ? AND raiser = ? AND kind = ? AND stage = ? AND state <> ?", t.ID, x.Raiser, Challenge, x.Stage, Withdrawn).Count(ctx)
	if err != nil {
		return db.Translate(err)
	}
	if n > 0 {
		once := set.Must("challenge.once")
		return fault.New(fault.Conflict, "同一环节应一次性提出质疑，您已对%s提出过。可在原质疑中补充证明材料", x.Stage.Name()).Under(once.Source())
	}
	return nil
}

// participant refuses whoever took no part: a document may be challenged by
// who obtained it, the process and the result by who bid (94号令第11条).
func (s *Service) participant(ctx context.Context, tx bun.Tx, t tender.Tender, x *Case) error {
	count := func(table, where string) (int, error) {
		n, err := tx.NewSelect().TableExpr(table).Where("tender = ? AND supplier = ?", t.ID, x.Raiser).Where(where).Count(ctx)
		return int(n), db.Translate(err)
	}
	took, err := count("bid", "1 = 1")
	if err != nil {
		return err
	}
	bids, err := count("bid", "version > 0")
	if err != nil {
		return err
	}
	if x.Stage == Documents {
		for _, more := range s.took {
			ok, err := more(ctx, tx, t.ID, x.Raiser)
			if err != nil {
				return err
			}
			if ok {
				took++
			}
		}
		if took == 0 {
			return fault.New(fault.Forbidden, "对采购文件提出质疑，应先依法获取采购文件：请先下载采购文件或开始准备投标，再来提出").Under(lawWho)
		}
		return nil
	}
	if bids == 0 {
		return fault.New(fault.Forbidden, "只有参加了本次采购活动的供应商可以对%s提出质疑。您可以提出询问", x.Stage.Name()).Under(lawWho)
	}
	return nil
}

// Took adds a way of knowing that an organisation obtained the documents of a
// tender.
func (s *Service) Took(knows func(ctx context.Context, d bun.IDB, tender, supplier id.ID) (bool, error)) {
	s.took = append(s.took, knows)
}

// Withdraw ends a case at its raiser's wish (实施条例第57条 for a complaint).
func (s *Service) Withdraw(ctx context.Context, who party.Actor, at id.ID, reason string) (Case, error) {
	return s.change(ctx, who, at, "withdraw", func(ctx context.Context, tx bun.Tx, _ *tender.Tender, x *Case, _ rules.Set, now time.Time) error {
		x.State, x.Reason, x.DecidedAt = Withdrawn, strings.TrimSpace(reason), &now
		if err := tender.Resume(ctx, tx, x.ID, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, *x, "撤回"+x.Kind.Name(), x.Reason, "")
	})
}
