package challenge

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
)

// Reply is the buyer's answer, or the finance authority's decision. Letter and
// Authority are of the decision.
type Reply struct {
	Outcome   Outcome `json:"outcome,omitempty" enum:",dismissed,upheld"`
	Effect    Effect  `json:"effect,omitempty" enum:",none,amend,reselect,restart,compensate" description:"已签合同尚未履行的，reselect、restart 先撤销合同；已经履行的只能 none 或 compensate"`
	Answer    string  `json:"answer"`
	Grounds   string  `json:"grounds,omitempty" description:"事实依据和法律依据"`
	Authority string  `json:"authority,omitempty" description:"作出投诉处理决定的财政部门"`
	Letter    string  `json:"letter,omitempty" description:"投诉处理决定书文号"`
}

// Answer writes the answer. That to a query is given at once; that to a 质疑
// goes to the approver first.
func (s *Service) Answer(ctx context.Context, who party.Actor, at id.ID, in Reply) (Case, error) {
	return s.change(ctx, who, at, "answer", func(ctx context.Context, tx bun.Tx, t *tender.Tender, x *Case, set rules.Set, now time.Time) error {
		if err := s.take(ctx, tx, *t, x, in, set, now); err != nil {
			return err
		}
		x.AnsweredBy, x.Reason = &who.Account, ""
		if x.Kind == Query {
			x.State, x.DecidedAt, x.DecidedBy = Answered, &now, &who.Account
			if err := tellClosed(ctx, tx, *t, *x, "询问已答复", now); err != nil {
				return err
			}
			return note(ctx, tx, who, now, *x, "答复询问", "", set.Must(rules.QueryAnswer).Source())
		}
		x.State = Drafted
		return note(ctx, tx, who, now, *x, "起草答复，提交审批", "", set.Must(rules.ChallengeAnswer).Source())
	})
}

// take holds a reply to the rules and puts it into the case.
func (s *Service) take(ctx context.Context, tx bun.IDB, t tender.Tender, x *Case, in Reply, set rules.Set, now time.Time) error {
	x.Answer, x.Grounds, x.Outcome, x.Effect = strings.TrimSpace(in.Answer), strings.TrimSpace(in.Grounds), in.Outcome, in.Effect
	var c fault.Check
	needText(&c, "answer", x.Answer, "请写明答复的具体内容，不要涉及商业秘密")
	if x.Kind == Query {
		x.Grounds, x.Outcome, x.Effect = "", "", ""
		return c.Err()
	}
	needText(&c, "grounds", x.Grounds, "请写明事实依据和法律依据")
	c.Must(x.Outcome == Dismissed || x.Outcome == Upheld, "outcome", "请选择成立或不成立")
	if x.Outcome == Dismissed {
		x.Effect = ""
	} else if _, ok := effectNames[x.Effect]; !ok {
		c.Fail("effect", "质疑成立的，请选择如何处理采购活动")
	} else if err := s.feasible(ctx, tx, t, *x, set, now); err != nil {
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Kind != fault.Invalid {
			return err
		}
		c.FailUnder(f.Article, "effect", "%s", f.Message)
	}
	return c.Err()
}

// Return sends a drafted answer back to its drafter.
func (s *Service) Return(ctx context.Context, who party.Actor, at id.ID, reason string) (Case, error) {
	return s.change(ctx, who, at, "approve", func(ctx context.Context, tx bun.Tx, _ *tender.Tender, x *Case, _ rules.Set, now time.Time) error {
		var c fault.Check
		reason = strings.TrimSpace(reason)
		needText(&c, "reason", reason, "请写明退回的原因")
		x.State, x.Reason = Open, reason
		if err := c.Err(); err != nil {
			return err
		}
		return note(ctx, tx, who, now, *x, "退回答复", reason, "")
	})
}

// Approve gives the answer: the 质疑答复 is issued to the challenger, its
// outcome is public, the suspension ends and what it does to the purchase
// happens, all in one transaction.
func (s *Service) Approve(ctx context.Context, who party.Actor, at id.ID) (Case, error) {
	return s.change(ctx, who, at, "approve", func(ctx context.Context, tx bun.Tx, t *tender.Tender, x *Case, set rules.Set, now time.Time) error {
		x.State, x.DecidedAt, x.DecidedBy = Answered, &now, &who.Account
		if err := s.issue(ctx, tx, *t, x, set); err != nil {
			return err
		}
		if err := tender.Resume(ctx, tx, x.ID, now); err != nil {
			return err
		}
		rule := set.Must(rules.ChallengeAnswer).Source()
		if err := note(ctx, tx, who, now, *x, "答复质疑", x.Outcome.Name(), rule); err != nil {
			return err
		}
		if err := public(ctx, tx, who, now, *x, "答复质疑", x.summary(), rule); err != nil {
			return err
		}
		if err := tellClosed(ctx, tx, *t, *x, "质疑已答复", now); err != nil {
			return err
		}
		if err := emit(ctx, tx, *t, *x, "answered", "质疑答复", x.summary(), now); err != nil {
			return err
		}
		return s.carryOut(ctx, tx, who, t, *x, set, now)
	})
}

// summary is what everybody may know of an outcome.
func (x Case) summary() string {
	text := x.Number + "，针对" + x.Stage.Name() + "：" + x.Outcome.Name()
	if x.Effect != "" {
		text += "，" + x.Effect.Name()
	}
	return text
}

// issue freezes the 质疑答复, for the parties.
func (s *Service) issue(ctx context.Context, tx bun.Tx, t tender.Tender, x *Case, set rules.Set) error {
	code := archive.NewCode()
	c := document.ChallengeAnswer{
		Issue:      document.Issue{Number: x.Number, Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: t.BuyerName, IssuedAt: *x.DecidedAt, Demo: t.Demo},
		Challenger: x.RaiserName, TenderNumber: t.No(), TenderTitle: t.Title, ReceivedAt: x.ReceivedAt, Stage: x.Stage.Name(),
		Outcome: x.Outcome.Name(), Effect: x.Effect.Name(), Answer: x.Answer, Grounds: x.Grounds, Contact: t.Contact,
	}
	for _, p := range x.Points {
		c.Points = append(c.Points, document.ChallengePoint{Matter: p.Matter, Request: p.Request})
	}
	until, _, err := complaintWindow(*x, set, s.calendar)
	if err != nil {
		return err
	}
	if until.At != nil {
		last := until.At.Add(-time.Second)
		c.ComplainBefore = &last
	}
	doc, err := s.Archive.Issue(ctx, tx, archive.Item{Kind: c.Kind(), OwnerKind: ObjectKind, OwnerID: x.ID, Title: "质疑答复 " + t.Title,
		Number: x.Number, Issuer: t.BuyerName, Code: code, Content: c,
		Facts: []archive.Fact{{Label: "项目", Value: t.Title}, {Label: "质疑供应商", Value: x.RaiserName}, {Label: "结论", Value: x.Outcome.Name()}}})
	x.Document = &doc.ID
	return err
}
