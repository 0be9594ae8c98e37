package opening

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service opens tenders.
type Service struct {
	db      *bun.DB
	clock   clock.Clock
	policy  *policy.Policy
	tenders *tender.Service
	archive *archive.Service
	site    string
}

// New makes the service. site is the public address that the record points to.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, t *tender.Service, a *archive.Service, site string) *Service {
	return &Service{db: d, clock: c, policy: p, tenders: t, archive: a, site: site}
}

// Open opens a tender whose deadline has passed, or records that too few bids
// came and ends it. Whoever comes second is given the opening that happened.
func (s *Service) Open(ctx context.Context, who party.Actor, tenderID id.ID) (Opening, error) {
	var o Opening
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		rel := tender.Relations(who, t)
		if o, err = read(ctx, tx, t.ID); err == nil && s.policy.Any(rel, "tender."+string(tender.Closed), "open") {
			return nil
		} else if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		err = s.policy.Require(rel, t.Object(now), "open")
		if fault.Is(err, fault.Forbidden) && t.StateAt(now) == tender.Open && s.policy.Any(rel, "tender."+string(tender.Closed), "open") {
			return fault.New(fault.Conflict, "投标截止时间（%s）未到，不能开标", t.Deadline.In(clock.Beijing).Format("2006年1月2日 15:04"))
		}
		if err != nil {
			return err
		}
		if err := tender.NotSuspended(ctx, tx, t.ID, now, tender.OpeningStep); err != nil {
			return err
		}
		received, err := bid.AtDeadline(ctx, tx, t, now)
		if err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		least := LeastBidders(set, t.Method)
		o = Opening{ID: id.New(now), Tender: t.ID, Outcome: Done, Bidders: len(received), Least: least.Value,
			Article: least.Source(), OpenedAt: now, OpenedBy: who.Account, OpenerName: who.Name}
		if !least.AtLeast(int64(len(received)), 0) {
			return s.fail(ctx, tx, who, &t, &o, least)
		}
		return s.readOut(ctx, tx, who, &t, &o, received)
	})
	return o, err
}

// fail ends the tender with the bids still closed: the record says how many
// came, not who.
func (s *Service) fail(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, o *Opening, least rules.Rule) error {
	o.Outcome = TooFew
	why := fmt.Sprintf("至投标截止时间收到投标 %d 份，不足 %d 家，不予开标", o.Bidders, o.Least)
	record := s.content(who, *t, *o)
	record.NotOpened = &document.NotOpened{Reason: why, Article: least.Source()}
	if err := s.keep(ctx, tx, *t, o, record); err != nil {
		return err
	}
	t.Reason = why + "（" + least.Source() + "）"
	if err := s.tenders.Advance(ctx, tx, t, tender.Failed); err != nil {
		return err
	}
	if err := emitTooFew(ctx, tx, *t, *o); err != nil {
		return err
	}
	return note(ctx, tx, who, o.OpenedAt, t.ID, "不予开标，采购失败", why, least.Source())
}

func (s *Service) readOut(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, o *Opening, received []bid.Received) error {
	record := s.content(who, *t, *o)
	lines := make([]Line, 0, len(received))
	for i, r := range received {
		c, err := bid.Unseal(ctx, tx, r)
		if err != nil {
			return err
		}
		var name string
		if err := tx.NewSelect().Model((*organisation.Organisation)(nil)).Column("name").Where("id = ?", r.Supplier).Scan(ctx, &name); err != nil {
			return db.Found(err, "组织")
		}
		lines = append(lines, Line{ID: id.New(o.OpenedAt), Tender: t.ID, Bid: r.Bid, Version: r.Version, Supplier: r.Supplier, SupplierName: name,
			Position: i + 1, Price: c.Price, Delivery: c.Delivery, Files: len(c.Files), SHA256: r.SHA256, SubmittedAt: r.SubmittedAt})
		read := document.OpenedBid{Bidder: name, Duration: c.Delivery, SubmittedAt: r.SubmittedAt, SHA256: r.SHA256, Price: &c.Price}
		if t.Ceiling.Kind == tender.UnitPrice {
			read.Price, read.PriceText = nil, c.Price.Yuan()+"元/"+t.Ceiling.Unit
		}
		record.Bids = append(record.Bids, read)
	}
	if _, err := tx.NewInsert().Model(&lines).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	if err := s.keep(ctx, tx, *t, o, record); err != nil {
		return err
	}
	if err := s.tenders.Advance(ctx, tx, t, tender.Opened); err != nil {
		return err
	}
	if err := emitOpened(ctx, tx, *t, *o, lines); err != nil {
		return err
	}
	set, err := t.RuleSet(o.OpenedAt)
	if err != nil {
		return err
	}
	return note(ctx, tx, who, o.OpenedAt, t.ID, "开标", fmt.Sprintf("收到投标 %d 份，已全部开启", o.Bidders), set.Of(t.Method, "opening_at_deadline").Source())
}

func (s *Service) content(who party.Actor, t tender.Tender, o Opening) document.OpeningRecord {
	code := archive.NewCode()
	c := document.OpeningRecord{
		Issue: document.Issue{Number: t.No(), Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: t.BuyerName,
			IssuedAt: o.OpenedAt, Demo: t.Demo},
		TenderNumber: t.No(), TenderTitle: t.Title, Method: methodName(t.Method), Buyer: t.BuyerName,
		OpenedAt: o.OpenedAt, Place: t.OpeningPlace, Received: o.Bidders,
		Openers: []document.Person{{Name: who.Name, Role: roleName(who)}},
	}
	if c.Place == "" {
		c.Place = "线上"
	}
	if t.Deadline != nil {
		c.Deadline = *t.Deadline
	}
	if t.Ceiling.Kind != tender.UnitPrice {
		c.Ceiling = t.Ceiling.Amount
	}
	return c
}

func methodName(method string) string {
	m, _ := rules.MethodByID(method)
	return m.Name
}

func roleName(who party.Actor) string {
	if who.Role == party.Supervisor {
		return "监督"
	}
	return "经办人"
}

// keep writes the opening with its 开标记录, which is public from now on.
func (s *Service) keep(ctx context.Context, tx bun.Tx, t tender.Tender, o *Opening, c document.OpeningRecord) error {
	result := "已开标"
	if o.Outcome == TooFew {
		result = "不予开标"
	}
	doc, err := s.archive.Issue(ctx, tx, archive.Item{Kind: c.Kind(), OwnerKind: "tender", OwnerID: t.ID, Title: "开标记录 " + t.Title,
		Number: t.No(), Issuer: t.BuyerName, Code: c.Code, Content: c, Public: true,
		Facts: []archive.Fact{
			{Label: "项目", Value: t.Title}, {Label: "项目编号", Value: t.No()}, {Label: "结果", Value: result},
			{Label: "截止时收到投标", Value: fmt.Sprintf("%d 份", o.Bidders)},
			{Label: "开标时间（北京时间）", Value: o.OpenedAt.In(clock.Beijing).Format("2006年1月2日 15:04:05")},
		}})
	if err != nil {
		return err
	}
	o.Record = doc.ID
	_, err = tx.NewInsert().Model(o).Exec(ctx)
	return db.Translate(err)
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, tenderID id.ID, action, text, article string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: tenderID, Action: action, Note: text, Article: article, Public: true})
}

func read(ctx context.Context, d bun.IDB, tenderID id.ID) (Opening, error) {
	var o Opening
	err := db.Found(d.NewSelect().Model(&o).Where("tender = ?", tenderID).Scan(ctx), "开标")
	return o, err
}

// Of is the opening of a tender, public once it happened; NotFound before.
func (s *Service) Of(ctx context.Context, tenderID id.ID) (Opening, []Line, error) {
	o, err := read(ctx, s.db, tenderID)
	if err != nil {
		return o, nil, err
	}
	lines, err := Lines(ctx, s.db, tenderID)
	return o, lines, err
}

// Lines are the bids as read out, in the order they arrived; empty where
// nothing was opened.
func Lines(ctx context.Context, d bun.IDB, tenderID id.ID) ([]Line, error) {
	lines := []Line{}
	err := d.NewSelect().Model(&lines).Where("tender = ?", tenderID).Order("position").Scan(ctx)
	return lines, db.Translate(err)
}
