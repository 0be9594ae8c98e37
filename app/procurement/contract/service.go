package contract

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/delivery/engagement"
	"gongji/app/document"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/procurement/award"
	"gongji/app/procurement/tender"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service records contracts.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	orgs     *organisation.Service
	tenders  *tender.Service
	archive  *archive.Service
	calendar *calendar.Calendar
	delivery *engagement.Service
	files    *attachment.Service
	site     string
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, o *organisation.Service, t *tender.Service, a *archive.Service, f *attachment.Service, e *engagement.Service, cal *calendar.Calendar, site string) *Service {
	return &Service{db: d, clock: c, policy: p, orgs: o, tenders: t, archive: a, delivery: e, files: f, calendar: cal, site: site}
}

// awarded is a purchase whose contract the actor may write now.
type awarded struct {
	tender tender.Tender // locked
	award  award.Award
	set    rules.Set
	now    time.Time
}

// ready locks a tender whose result is public and whose contract the actor may
// sign: nothing suspends it.
func (s *Service) ready(ctx context.Context, tx bun.Tx, who party.Actor, tenderID id.ID) (awarded, error) {
	var r awarded
	var err error
	if r.tender, err = tender.ForUpdate(ctx, tx, tenderID); err != nil {
		return r, err
	}
	r.now = s.clock.Now()
	if err := s.policy.Require(tender.Relations(who, r.tender), r.tender.Object(r.now), "contract"); err != nil {
		return r, err
	}
	if err := tender.NotSuspended(ctx, tx, tenderID, r.now, tender.ContractStep); err != nil {
		return r, err
	}
	if r.award, err = award.ApprovedOf(ctx, tx, tenderID); err != nil {
		return r, err
	}
	if err := standing.Clear(ctx, tx, r.award.Supplier, r.tender.Buyer, standing.Purchase, r.now); err != nil {
		return r, err
	}
	if err := credential.Registered(ctx, tx, r.award.Supplier, r.now); err != nil {
		return r, err
	}
	r.set, err = r.tender.RuleSet(r.now)
	return r, err
}

// Record writes down the contract that was signed, publishes what the law
// makes public of it and starts its delivery. One contract of a tender binds.
func (s *Service) Record(ctx context.Context, who party.Actor, tenderID id.ID, in Input) (Contract, error) {
	var out Contract
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		r, err := s.ready(ctx, tx, who, tenderID)
		if err != nil {
			return err
		}
		t, a, set, now := r.tender, r.award, r.set, r.now
		if out, err = check(t, a, set, in, now, s.calendar, false); err != nil {
			return err
		}
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope("contract", "platform", year))
		if err != nil {
			return err
		}
		out.ID, out.Number = id.New(now), fmt.Sprintf("GJ合〔%d〕%04d号", year, n)
		out.State, out.RecordedBy, out.RecordedAt = Signed, who.Account, now
		if out.Summary, err = s.publish(ctx, tx, t, out); err != nil {
			return err
		}
		if out.Text, err = s.write(ctx, tx, t, a, out, false); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := s.tenders.Advance(ctx, tx, &t, tender.Contracted); err != nil {
			return err
		}
		if _, err := s.delivery.Open(ctx, tx, who, engagement.Opening{Kind: engagement.Contract, Ref: out.ID, Number: out.Number,
			Source: "/tenders/" + string(t.ID), Payer: out.Buyer, PayerName: out.BuyerName, Provider: out.Supplier, ProviderName: out.SupplierName,
			Title: out.Title, Amount: out.Amount, Start: out.StartsOn, End: out.EndsOn, Demo: t.Demo}); err != nil {
			return err
		}
		if err := emitSigned(ctx, tx, t, out); err != nil {
			return err
		}
		if err := award.TellSigned(ctx, tx, s.calendar, t, a, set, out.SignedOn, now); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "tender", ObjectID: t.ID, Action: "签订合同并公告", Note: "合同编号 " + out.Number,
			Article: set.Must(rules.ContractPublish).Source(), Public: true})
	})
	return out, err
}

// publish issues the public 合同摘要.
func (s *Service) publish(ctx context.Context, tx bun.Tx, t tender.Tender, c Contract) (id.ID, error) {
	supplier, err := s.orgs.Approved(ctx, tx, c.Supplier)
	if err != nil {
		return "", err
	}
	code := archive.NewCode()
	doc := document.ContractSummary{
		Issue:        document.Issue{Number: c.Number, Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: c.BuyerName, IssuedAt: c.RecordedAt, Demo: t.Demo},
		TenderNumber: t.No(), TenderTitle: t.Title, ContractNo: c.Number, Buyer: c.BuyerName, Provider: c.SupplierName, ProviderUSCC: supplier.Code(),
		Amount: &c.Amount, SignedOn: c.SignedOn, From: c.StartsOn, To: c.EndsOn, Scope: t.What,
	}
	amount := c.Amount.Yuan() + " 元"
	if c.UnitPrice != nil {
		amount = c.UnitPrice.Yuan() + " 元/" + t.Ceiling.Unit + "，按实际数量结算，不超过 " + amount
		doc.Amount, doc.AmountText = nil, amount
	}
	issued, err := s.archive.Issue(ctx, tx, archive.Item{Kind: doc.Kind(), OwnerKind: ObjectKind, OwnerID: c.ID, Title: "合同摘要 " + t.Title,
		Number: c.Number, Issuer: c.BuyerName, Code: code, Content: doc, Public: true,
		Facts: []archive.Fact{{Label: "项目", Value: t.Title}, {Label: "甲方", Value: c.BuyerName}, {Label: "乙方", Value: c.SupplierName}, {Label: "合同金额", Value: amount}}})
	return issued.ID, err
}

// May is the one authorisation function of a contract: anyone may view what is
// published, the buyer's officer may attach the signed text.
func (s *Service) May(ctx context.Context, who party.Actor, contract id.ID, action string) error {
	c, err := s.Get(ctx, contract)
	if err != nil {
		return err
	}
	rel := who.Relations()
	if who.Org != "" && who.Org == c.Buyer {
		rel = append(rel, "buyer."+string(who.Role))
	}
	if who.Org != "" && who.Org == c.Supplier {
		rel = append(rel, "provider."+string(who.Role))
	}
	return s.policy.Require(rel, ObjectKind+"."+string(c.State), action)
}

// Get reads a contract; contracts are public (财政部令第102号第23条).
func (s *Service) Get(ctx context.Context, contract id.ID) (Contract, error) {
	var c Contract
	err := db.Found(s.db.NewSelect().Model(&c).Where("id = ?", contract).Scan(ctx), "合同")
	return c, err
}

// Of is the contract of a tender that binds; NotFound before it is recorded,
// or where the last was revoked.
func (s *Service) Of(ctx context.Context, tenderID id.ID) (Contract, error) {
	return SignedOf(ctx, s.db, tenderID)
}

// SignedOf is Of in somebody's transaction, for the sibling packages of
// procurement.
func SignedOf(ctx context.Context, d bun.IDB, tenderID id.ID) (Contract, error) {
	var c Contract
	err := db.Found(d.NewSelect().Model(&c).Where("tender = ? AND state = ?", tenderID, Signed).Scan(ctx), "合同")
	return c, err
}

// ByParty lists an organisation's contracts, as buyer or as supplier, newest
// first; they are public.
func (s *Service) ByParty(ctx context.Context, org, after id.ID, limit int) ([]Contract, error) {
	if limit <= 0 || limit > 100 {
		limit = 20
	}
	out := []Contract{}
	q := s.db.NewSelect().Model(&out).Where("buyer = ? OR supplier = ?", org, org).Order("id DESC").Limit(int64(limit))
	if after != "" {
		q = q.Where("id < ?", after)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// SignBy is when the contract of an awarded tender must be signed by, with the
// rule, for the page that asks for it.
func (s *Service) SignBy(ctx context.Context, t tender.Tender) (time.Time, rules.Rule, error) {
	a, err := award.ApprovedOf(ctx, s.db, t.ID)
	if err != nil {
		return time.Time{}, rules.Rule{}, err
	}
	set, err := t.RuleSet(s.clock.Now())
	if err != nil {
		return time.Time{}, rules.Rule{}, err
	}
	if a.DecidedAt == nil {
		return time.Time{}, rules.Rule{}, fault.New(fault.NotFound, "结果尚未公布")
	}
	return SignBy(set, *a.DecidedAt, s.calendar), set.Must(rules.ContractSign), nil
}

// Follow moves a tender on when its delivery was evaluated, and publishes that
// a contract was ended before its term or revoked; it is the watcher of engagements that
// came from contracts.
func (s *Service) Follow(ctx context.Context, tx bun.Tx, who party.Actor, e engagement.Engagement) error {
	if e.State == engagement.Running {
		return nil
	}
	var c Contract
	if err := db.Found(tx.NewSelect().Model(&c).Where("id = ?", e.Ref).Scan(ctx), "合同"); err != nil {
		return err
	}
	t, err := tender.ForUpdate(ctx, tx, c.Tender)
	if err != nil {
		return err
	}
	switch e.State {
	case engagement.Closed:
		return emitTerminated(ctx, tx, s.clock.Now(), t, c, e, "提前终止")
	case engagement.Void:
		return emitTerminated(ctx, tx, *e.ClosedAt, t, c, e, "合同尚未履行，已撤销")
	case engagement.Running, engagement.Evaluated:
	}
	if err := s.tenders.Advance(ctx, tx, &t, tender.Completed); err != nil {
		return err
	}
	if err := emitCompleted(ctx, tx, s.clock.Now(), t, c, e); err != nil {
		return err
	}
	return trail.Append(ctx, tx, who, s.clock.Now(), trail.Event{ObjectKind: "tender", ObjectID: t.ID, Action: "完成绩效评价，采购结束", Public: true})
}

// Files lists what is attached to a contract, for whoever may view it.
func (s *Service) Files(ctx context.Context, who party.Actor, contract id.ID) ([]attachment.Attachment, error) {
	if err := s.May(ctx, who, contract, "view"); err != nil {
		return nil, err
	}
	return s.files.Of(ctx, s.db, ObjectKind, contract)
}
