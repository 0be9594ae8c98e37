package award

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service decides awards.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	tenders  *tender.Service
	orgs     *organisation.Service
	archive  *archive.Service
	calendar *calendar.Calendar
	site     string
}

// New makes the service. site is the public address that the notice points to.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, t *tender.Service, o *organisation.Service, a *archive.Service, cal *calendar.Calendar, site string) *Service {
	return &Service{db: d, clock: c, policy: p, tenders: t, orgs: o, archive: a, calendar: cal, site: site}
}

func (s *Service) change(ctx context.Context, who party.Actor, tenderID id.ID, action string,
	fn func(context.Context, bun.Tx, *tender.Tender, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		rel := tender.Relations(who, t)
		if proposer, err := proposerOf(ctx, tx, t.ID); err != nil {
			return err
		} else if proposer == who.Account {
			// Nobody approves their own proposal, whatever roles they have.
			rel = without(rel, "buyer.approver")
		}
		if err := s.policy.Require(rel, t.Object(now), action); err != nil {
			return err
		}
		return fn(ctx, tx, &t, now)
	})
}

func without(rel []string, drop string) []string {
	var out []string
	for _, r := range rel {
		if r != drop {
			out = append(out, r)
		}
	}
	return out
}

func live(ctx context.Context, d bun.IDB, tenderID id.ID) (Award, error) {
	var a Award
	err := db.Found(d.NewSelect().Model(&a).Where("tender = ? AND state NOT IN (?, ?)", tenderID, Returned, Revoked).Scan(ctx), "定标结果")
	return a, err
}

func proposerOf(ctx context.Context, d bun.IDB, tenderID id.ID) (id.ID, error) {
	a, err := live(ctx, d, tenderID)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return a.ProposedBy, err
}

// Proposal names the bid that should win.
type Proposal struct {
	Bid    id.ID  `json:"bid"`
	Reason string `json:"reason,omitempty" description:"不选排名第一的须写明理由"`
}

// Propose hands a winner to the approver: rank 1, or another conforming bid
// with the reason (条例第43条: in order).
func (s *Service) Propose(ctx context.Context, who party.Actor, tenderID id.ID, in Proposal) (Award, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	var a Award
	err := s.change(ctx, who, tenderID, "propose", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		if m, _ := t.How(); m.Admits {
			return fault.New(fault.Conflict, "框架协议第一阶段确定的是入围供应商，请到入围页面办理")
		}
		if err := tender.NotSuspended(ctx, tx, t.ID, now, tender.AwardStep); err != nil {
			return err
		}
		e, r, err := evaluation.Read(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		if e.ReportedAt == nil {
			return fault.New(fault.Conflict, "评审报告还没有送交采购人，评审成员签署后才能定标").Under(set.Must(rules.AwardReport).Source())
		}
		line, bidder := r.Of(in.Bid)
		var c fault.Check
		c.Must(line.Rank > 0, "bid", "请选择一份通过审查的投标")
		if err := refuseRevoked(ctx, tx, &c, *t, in.Bid); err != nil {
			return err
		}
		c.Must(utf8.RuneCountInString(in.Reason) <= 1000, "reason", "理由不超过 1000 字")
		if in.Reason == "" {
			if in.Reason, err = inTurn(ctx, tx, *t, r, line); err != nil {
				return err
			}
		}
		if line.Rank > 1 && in.Reason == "" {
			c.FailUnder(set.Must(rules.AwardChoose).Source(), "reason", "应按评审顺序确定供应商；不选排名第一的，请写明理由")
		}
		if err := s.checkTie(ctx, tx, &c, *t, line, in.Reason); err != nil {
			return err
		}
		silent, err := s.lapsed(ctx, tx, *t, e, set, now)
		if err != nil {
			return err
		}
		if silent && line.Rank > 1 {
			// The law chose rank 1 for a silent buyer, but never one that may not buy or sell.
			if silent, err = firstMay(ctx, tx, *t, r, now); err != nil {
				return err
			}
		}
		if line.Rank > 1 && silent {
			c.FailUnder(set.Of(t.Method, "buyer_silent").Source(), "bid", "采购人没有在期限内确定，视为确定排名第一的供应商")
		}
		if err := c.Err(); err != nil {
			return err
		}
		if _, err := s.orgs.Approved(ctx, tx, bidder.Supplier); err != nil {
			return err
		}
		if err := standing.Clear(ctx, tx, bidder.Supplier, t.Buyer, standing.Purchase, now); err != nil {
			return err
		}
		rounds, err := tx.NewSelect().Model((*Award)(nil)).Where("tender = ?", t.ID).Count(ctx)
		if err != nil {
			return db.Translate(err)
		}
		a = Award{ID: id.New(now), Tender: t.ID, Round: int(rounds) + 1, Bid: line.Bid, Supplier: bidder.Supplier, SupplierName: bidder.Name, Buyer: t.Buyer,
			Amount: line.Amount, Rank: line.Rank, Reason: in.Reason, State: Proposed, ProposedBy: who.Account, ProposedAt: now}
		if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := s.tenders.Advance(ctx, tx, t, tender.Decided); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "提交定标审批", "", set.Must(rules.AwardChoose).Source(), false)
	})
	return a, err
}

// Return sends a proposal back with a reason; another may follow.
func (s *Service) Return(ctx context.Context, who party.Actor, tenderID id.ID, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.change(ctx, who, tenderID, "decide", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var c fault.Check
		c.Must(reason != "" && utf8.RuneCountInString(reason) <= 1000, "reason", "请写明退回的原因，不超过 1000 字，经办人据此修改")
		if err := c.Err(); err != nil {
			return err
		}
		a, err := live(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		a.State, a.DecidedBy, a.DecidedAt, a.DecisionNote = Returned, &who.Account, &now, reason
		if err := db.One(tx.NewUpdate().Model(&a).Column("state", "decided_by", "decided_at", "decision_note").WherePK().Exec(ctx)); err != nil {
			return err
		}
		if err := s.tenders.Advance(ctx, tx, t, tender.Evaluated); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "退回定标", reason, "", false)
	})
}

// Approve makes the award: the result is public, the 中标通知书 is issued and
// every bidder can read their own scores. The approver is never the proposer.
func (s *Service) Approve(ctx context.Context, who party.Actor, tenderID id.ID) (Award, error) {
	var a Award
	err := s.change(ctx, who, tenderID, "decide", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var err error
		if a, err = live(ctx, tx, t.ID); err != nil {
			return err
		}
		if err := tender.NotSuspended(ctx, tx, t.ID, now, tender.AwardStep); err != nil {
			return err
		}
		return s.approve(ctx, tx, who, t, &a, now)
	})
	return a, err
}

func (s *Service) approve(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, a *Award, now time.Time) error {
	winner, err := s.orgs.Approved(ctx, tx, a.Supplier)
	if err != nil {
		return err
	}
	if err := standing.Clear(ctx, tx, a.Supplier, t.Buyer, standing.Purchase, now); err != nil {
		return err
	}
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	year := now.In(clock.Beijing).Year()
	n, err := number.Next(ctx, tx, number.Scope("award", string(t.Buyer), year))
	if err != nil {
		return err
	}
	a.Number = fmt.Sprintf("中标〔%d〕%04d号", year, n)
	if err := s.issue(ctx, tx, t, a, winner, set, now); err != nil {
		return err
	}
	a.State, a.DecidedBy, a.DecidedAt = Approved, &who.Account, &now
	if err := db.One(tx.NewUpdate().Model(a).Column("state", "decided_by", "decided_at", "number", "notice").WherePK().Exec(ctx)); err != nil {
		return err
	}
	if err := s.tenders.Advance(ctx, tx, t, tender.Awarded); err != nil {
		return err
	}
	if err := emitAward(ctx, tx, *t, *a); err != nil {
		return err
	}
	if err := s.tellResult(ctx, tx, *t, *a, set, now); err != nil {
		return err
	}
	return note(ctx, tx, who, now, t.ID, "公布结果", a.SupplierName, set.Must(rules.AwardNotify).Source(), true)
}

// issue freezes the 中标通知书; its winner and its buyer may download it.
// duration is the term in the tender's own words, or its months or dates.
func duration(t *tender.Tender) string {
	switch {
	case t.TermNote != "":
		return t.TermNote
	case t.TermMonths != nil:
		return fmt.Sprintf("%d 个月", *t.TermMonths)
	case t.TermStart != nil && t.TermEnd != nil:
		return t.TermStart.In(clock.Beijing).Format("2006年1月2日") + "至" + t.TermEnd.In(clock.Beijing).Format("2006年1月2日")
	}
	return ""
}

func (s *Service) issue(ctx context.Context, tx bun.Tx, t *tender.Tender, a *Award, winner organisation.Organisation, set rules.Set, now time.Time) error {
	_, r, err := evaluation.Read(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	line, bidder := r.Of(a.Bid)
	score, price, code := int(line.Total), a.Amount, archive.NewCode()
	method, _ := rules.MethodByID(t.Method)
	c := document.AwardNotice{
		Issue: document.Issue{Number: a.Number, Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: t.BuyerName, IssuedAt: now, Demo: t.Demo},
		Deal:  !rules.Tendering(t.Method), TenderNumber: t.No(), TenderTitle: t.Title, Method: method.Name, Buyer: t.BuyerName,
		Winner: winner.Name, WinnerUSCC: winner.Code(), Price: &price, Duration: duration(t), Score: &score, ConfirmedAt: now,
		SignBefore: s.signBefore(set, now), Contact: t.Contact,
	}
	amount := a.Amount.Yuan() + " " + priceUnit(*t)
	if t.Ceiling.Kind == tender.UnitPrice {
		c.Price, c.PriceText = nil, amount+"，按实际数量结算"
	}
	if bidder.First != nil {
		c.FirstText = bidder.First.Yuan() + " " + priceUnit(*t)
	}
	doc, err := s.archive.Issue(ctx, tx, archive.Item{Kind: c.Kind(), OwnerKind: ObjectKind, OwnerID: a.ID, Title: "中标（成交）通知书 " + t.Title,
		Number: a.Number, Issuer: t.BuyerName, Code: code, Content: c,
		Facts: []archive.Fact{{Label: "项目", Value: t.Title}, {Label: "项目编号", Value: t.No()},
			{Label: "中标（成交）供应商", Value: winner.Name}, {Label: "金额", Value: amount}}})
	a.Notice = &doc.ID
	return err
}

// signBefore is the last day to sign, for papers that name a day.
func (s *Service) signBefore(set rules.Set, now time.Time) time.Time {
	return SignBy(set, now, s.calendar).Add(-time.Second) // the end is exclusive; the notice names the day
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, tenderID id.ID, action, text, article string, public bool) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: tenderID, Action: action, Note: text, Article: article, Public: public})
}

// priceUnit is the unit of a tender's prices: 元, or 元/Unit under a unit ceiling.
func priceUnit(t tender.Tender) string {
	if t.Ceiling.Kind == tender.UnitPrice {
		return "元/" + t.Ceiling.Unit
	}
	return "元"
}
