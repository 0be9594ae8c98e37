// Package framework admits suppliers to a framework agreement (框架协议第一阶段):
// several are admitted in the order of the evaluation, at least a fifth and at
// least one are not. What is bought under it are tenders of their own, the
// call-offs.
package framework

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/standing"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// State is where an admission stands.
type State string

// The states of an admission; one sent back is proposed again.
const (
	Proposed State = "proposed"
	Returned State = "returned"
	Approved State = "approved"
	Revoked  State = "revoked" // a 质疑 or a 投诉 took it away
)

// Framework is the admission to one framework agreement.
type Framework struct {
	bun.BaseModel `bun:"table:framework"`

	Tender     id.ID      `bun:"tender,pk" json:"tender"`
	State      State      `bun:"state" json:"state"`
	Admitted   int        `bun:"admitted" json:"admitted"`
	Eliminated int        `bun:"eliminated" json:"eliminated"`
	ProposedBy id.ID      `bun:"proposed_by" json:"-"`
	ProposedAt time.Time  `bun:"proposed_at" json:"proposed_at"`
	DecidedBy  *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt  *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	EndsAt     *time.Time `bun:"ends_at" json:"ends_at,omitempty"` // exclusive
	Note       string     `bun:"note" json:"note,omitempty"`       // why it was sent back
}

// Member is one admitted supplier. Price is its offer in 分: what it may ask
// at most under the agreement.
type Member struct {
	bun.BaseModel `bun:"table:framework_member"`

	ID           id.ID     `bun:"id,pk" json:"-"`
	Tender       id.ID     `bun:"tender" json:"-"`
	Supplier     id.ID     `bun:"supplier" json:"supplier"`
	SupplierName string    `bun:"supplier_name" json:"supplier_name"`
	Bid          id.ID     `bun:"bid" json:"-"`
	Price        money.Fen `bun:"price" json:"price"`
	Rank         int       `bun:"rank" json:"rank"`
}

// MostAdmitted is how many of n conforming offers the rules let in: at least
// the share and at least the number that must go, go. Rounding favours
// elimination.
func MostAdmitted(set rules.Set, n int) int {
	share, least := set.Must(rules.FrameworkElimination), set.Must(rules.FrameworkEliminationLeast)
	out := n
	for out > 0 && (!share.AtLeast(int64(n-out), int64(n)) || !least.AtLeast(int64(n-out), 0)) {
		out--
	}
	return out
}

// Service admits suppliers.
type Service struct {
	db      *bun.DB
	clock   clock.Clock
	policy  *policy.Policy
	tenders *tender.Service
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, t *tender.Service) *Service {
	return &Service{db: d, clock: c, policy: p, tenders: t}
}

func (s *Service) change(ctx context.Context, who party.Actor, tenderID id.ID, action string,
	fn func(context.Context, bun.Tx, *tender.Tender, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(tender.Relations(who, t), t.Object(now), action); err != nil {
			return err
		}
		if m, _ := t.How(); !m.Admits {
			return fault.New(fault.Conflict, "%s不是框架协议，请按排序定标", m.Name)
		}
		return fn(ctx, tx, &t, now)
	})
}

// Propose puts the first count of the ranking forward for admission.
func (s *Service) Propose(ctx context.Context, who party.Actor, tenderID id.ID, count int) (Framework, error) {
	var f Framework
	err := s.change(ctx, who, tenderID, "propose", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		_, r, err := evaluation.Read(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		barred, err := barred(ctx, tx, *t, r, now)
		if err != nil {
			return err
		}
		members, err := choose(set, r, barred, count, t.ID, now)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*Member)(nil)).Where("tender = ?", t.ID).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if _, err := tx.NewDelete().Model((*Framework)(nil)).Where("tender = ? AND state = ?", t.ID, Returned).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		f = Framework{Tender: t.ID, State: Proposed, Admitted: len(members), Eliminated: r.Conforming() - len(members), ProposedBy: who.Account, ProposedAt: now}
		if _, err := tx.NewInsert().Model(&f).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if _, err := tx.NewInsert().Model(&members).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := s.tenders.Advance(ctx, tx, t, tender.Decided); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "提交入围审批", "", set.Must(rules.FrameworkElimination).Source(), false)
	})
	return f, err
}

// barred are the bids of a ranking whose suppliers a listing bars.
func barred(ctx context.Context, d bun.IDB, t tender.Tender, r evaluation.Record, now time.Time) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	for _, l := range r.Lines {
		_, b := r.Of(l.Bid)
		list, err := standing.Against(ctx, d, b.Supplier, t.Buyer, standing.Purchase, now)
		if err != nil {
			return nil, err
		}
		if l.Rank > 0 && len(list) > 0 {
			out[l.Bid] = true
		}
	}
	return out, nil
}

// choose takes the first count of a ranking, passing over whoever a listing
// bars. Equals are never parted.
func choose(set rules.Set, r evaluation.Record, barred map[id.ID]bool, count int, tenderID id.ID, now time.Time) ([]Member, error) {
	n := r.Conforming() - len(barred)
	most := MostAdmitted(set, n)
	share := set.Must(rules.FrameworkElimination)
	var c fault.Check
	c.Must(count > 0, "count", "请填写入围的家数")
	if count > most {
		c.FailUnder(share.Source(), "count", "符合要求的供应商 %d 家，淘汰比例%s且至少一家，最多入围 %d 家", n, share.Limit(), most)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	var out []Member
	for _, l := range r.Lines { // in the order of the ranks
		if l.Rank == 0 || barred[l.Bid] || len(out) >= count && l.Rank != out[len(out)-1].Rank {
			continue
		}
		_, b := r.Of(l.Bid)
		out = append(out, Member{ID: id.New(now), Tender: tenderID, Supplier: b.Supplier, SupplierName: b.Name, Bid: l.Bid, Price: l.Amount, Rank: l.Rank})
	}
	if len(out) != count {
		c.Fail("count", "第 %d 名并列，不能只取其中一部分，请调整入围家数", out[len(out)-1].Rank)
	}
	return out, c.Err()
}

// Return sends a proposal back with its reason.
func (s *Service) Return(ctx context.Context, who party.Actor, tenderID id.ID, reason string) error {
	return s.decide(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, f *Framework, now time.Time) error {
		var c fault.Check
		c.Must(reason != "" && len([]rune(reason)) <= 1000, "reason", "请写明退回的原因，不超过 1000 字")
		if err := c.Err(); err != nil {
			return err
		}
		f.State, f.Note = Returned, reason
		if err := s.tenders.Advance(ctx, tx, t, tender.Evaluated); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "退回入围结果", reason, "", false)
	})
}

// Approve publishes who is admitted; from now on call-offs may be made, until
// the agreement's term is over.
func (s *Service) Approve(ctx context.Context, who party.Actor, tenderID id.ID) error {
	return s.decide(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, f *Framework, now time.Time) error {
		if err := tender.NotSuspended(ctx, tx, t.ID, now, tender.AwardStep); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		members := []Member{}
		if err := tx.NewSelect().Model(&members).Where("tender = ?", t.ID).Order("rank", "id").Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for _, m := range members { // listed since the proposal: it goes back and is made anew
			if err := standing.Clear(ctx, tx, m.Supplier, t.Buyer, standing.Purchase, now); err != nil {
				return err
			}
		}
		f.State, f.EndsAt = Approved, endsAt(*t, set, now)
		if err := s.tenders.Advance(ctx, tx, t, tender.Awarded); err != nil {
			return err
		}
		if err := emit(ctx, tx, *t, *f, now); err != nil {
			return err
		}
		if err := opening.Tell(ctx, tx, *t, inbox.Letter{Title: "入围结果已公布：" + t.Title, Link: "/tenders/" + string(t.ID) + "/framework",
			Text: "可以查看入围的供应商。"}, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "公布入围结果", fmt.Sprintf("入围 %d 家，淘汰 %d 家", f.Admitted, f.Eliminated), set.Must(rules.AwardNotify).Source(), true)
	})
}

// endsAt is the end of the agreement's term, no later than the law allows.
func endsAt(t tender.Tender, set rules.Set, now time.Time) *time.Time {
	start := calendar.Date(now)
	end := start.AddDate(int(set.Must(rules.FrameworkTerm).Value), 0, 0)
	if t.TermMonths != nil && start.AddDate(0, *t.TermMonths, 0).Before(end) {
		end = start.AddDate(0, *t.TermMonths, 0)
	} else if t.TermEnd != nil && t.TermEnd.Before(end) {
		end = *t.TermEnd
	}
	end = clock.Trunc(end)
	return &end
}

func (s *Service) decide(ctx context.Context, who party.Actor, tenderID id.ID,
	fn func(context.Context, bun.Tx, *tender.Tender, *Framework, time.Time) error) error {
	return s.change(ctx, who, tenderID, "decide", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var f Framework
		if err := db.Found(tx.NewSelect().Model(&f).Where("tender = ? AND state = ?", t.ID, Proposed).Scan(ctx), "入围结果"); err != nil {
			return err
		}
		if f.ProposedBy == who.Account {
			return fault.New(fault.Forbidden, "提出入围结果的人不能审批自己的提议，请由另一位审批人办理")
		}
		f.DecidedBy, f.DecidedAt = &who.Account, &now
		if err := fn(ctx, tx, t, &f, now); err != nil {
			return err
		}
		return db.One(tx.NewUpdate().Model(&f).Column("state", "note", "decided_by", "decided_at", "ends_at").WherePK().Exec(ctx))
	})
}

// Of is the admission of a tender with who is admitted: its buyer sees it from
// the proposal on, everybody once it is approved.
func (s *Service) Of(ctx context.Context, who party.Actor, t tender.Tender) (Framework, []Member, error) {
	var f Framework
	members := []Member{}
	err := db.Found(s.db.NewSelect().Model(&f).Where("tender = ?", t.ID).Scan(ctx), "入围结果")
	if err == nil && f.State != Approved && !s.tenders.Allowed(who, t, "follow") {
		err = fault.New(fault.NotFound, "入围结果尚未公布")
	}
	if err != nil {
		return Framework{}, members, err
	}
	err = s.db.NewSelect().Model(&members).Where("tender = ?", t.ID).Order("rank", "id").Scan(ctx)
	return f, members, db.Translate(err)
}

// CallOffs are the published tenders under a framework, newest first.
func (s *Service) CallOffs(ctx context.Context, framework id.ID) ([]tender.Tender, error) {
	out := []tender.Tender{}
	err := s.db.NewSelect().Model(&out).Where("framework = ? AND published_at IS NOT NULL", framework).Order("id DESC").Limit(100).Scan(ctx)
	return out, db.Translate(err)
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, tenderID id.ID, action, text, article string, public bool) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: tenderID, Action: action, Note: text, Article: article, Public: public})
}
