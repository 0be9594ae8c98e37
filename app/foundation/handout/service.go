package handout

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// MostLines bounds one hand-out.
const MostLines = 50

// Service decides what happens to hand-outs.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	goods  *goods.Service
}

// New makes the service; what is not signed for keeps its fund from ending.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, g *goods.Service, f *fund.Service) *Service {
	s := &Service{d, c, p, g}
	f.Open = append(f.Open, s.Loose)
	return s
}

// relations are what an actor is to a hand-out. Who drafted it never approves
// it; who is of the recipient signs.
func relations(who party.Actor, x Handout) []string {
	rel := who.To(ObjectKind, x.Foundation, x.DraftedBy)
	if who.Org != "" && who.Org == x.Recipient {
		rel = append(rel, "handout.recipient")
	}
	return rel
}

// Require is the one authorisation function, for a hand-out already read.
func (s *Service) Require(who party.Actor, x Handout, action string) error {
	return s.policy.Require(relations(who, x), ObjectKind+"."+string(x.State), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, x Handout, action string) bool {
	return s.Require(who, x, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, handout id.ID, action string) error {
	x, err := read(ctx, s.db, handout, false)
	if err != nil {
		return err
	}
	return s.Require(who, x, action)
}

// MayCreate reports whether the actor may draft one for their foundation.
func (s *Service) MayCreate(who party.Actor) bool {
	return s.policy.Any(who.Relations(), ObjectKind+".new", "create")
}

// Get reads a hand-out that the actor may view: everybody, once it was signed.
func (s *Service) Get(ctx context.Context, who party.Actor, handout id.ID) (Handout, error) {
	x, err := read(ctx, s.db, handout, false)
	if err == nil {
		err = s.Require(who, x, "view")
	}
	if err != nil {
		return Handout{}, err
	}
	return x, nil
}

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, x Handout) ([]trail.Event, error) {
	return trail.Of(ctx, s.db, ObjectKind, x.ID, !s.Allowed(who, x, "follow"))
}

// Create drafts a hand-out of the actor's own foundation, which waits for
// approval. Errors: Invalid (no such recipient or thing, more than there is).
func (s *Service) Create(ctx context.Context, who party.Actor, in Form) (Handout, error) {
	if err := s.policy.Require(who.Relations(), ObjectKind+".new", "create"); err != nil {
		return Handout{}, err
	}
	var x Handout
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		f, err := fund.Read(ctx, tx, in.Fund)
		if err != nil || f.Foundation != who.Org || f.State != fund.Active {
			return mend("fund", "请选择本会运行中的专项基金")
		}
		now := s.clock.Now()
		x = Handout{ID: id.New(now), Foundation: f.Foundation, FoundationName: f.FoundationName, Fund: f.ID, FundName: f.FullName(), State: Review, Version: 1,
			Demo: f.Demo, DraftedBy: who.Account, Drafter: who.Name, CreatedAt: now}
		if err := s.fill(ctx, tx, &x, in, now); err != nil {
			return err
		}
		if err := insert(ctx, tx, x); err != nil {
			return err
		}
		if err := tell(ctx, tx, now, x.Foundation, "物资发放待批准", "发给"+x.RecipientName+"："+x.Sums(), x); err != nil {
			return err
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "起草物资发放", Note: x.Sums()})
	})
	return x, err
}

// fill reads the form and complains of everything at once.
func (s *Service) fill(ctx context.Context, tx bun.Tx, x *Handout, in Form, now time.Time) error {
	var c fault.Check
	x.Purpose = strings.TrimSpace(strings.ToValidUTF8(in.Purpose, ""))
	n := utf8.RuneCountInString(x.Purpose)
	c.Must(n >= 4 && n <= 500, "purpose", "请写明给谁用、做什么，4–500 个字；不写个人姓名")
	o, err := recipient(ctx, tx, strings.TrimSpace(in.Recipient))
	switch {
	case fault.Is(err, fault.NotFound):
		c.Fail("recipient", "没有这个已登记的单位，请填登记全称或统一社会信用代码；街道、社区也要先在平台登记")
	case err != nil:
		return err
	case o.ID == x.Foundation:
		c.Fail("recipient", "不能发给本会")
	default:
		x.Recipient, x.RecipientName = o.ID, o.Name
		if err := standing.Clear(ctx, tx, o.ID, x.Foundation, standing.Funding, now); fault.Is(err, fault.Unknown) {
			return err
		} else if err != nil {
			c.Adopt("recipient", err)
		}
	}
	if err := s.lines(ctx, tx, x, in.Lines, &c); err != nil {
		return err
	}
	return c.Err()
}

// lines reads what is wanted against what there is now; it is held again when
// it leaves the stock.
func (s *Service) lines(ctx context.Context, tx bun.Tx, x *Handout, want []Want, c *fault.Check) error {
	stock, err := s.goods.Stock(ctx, tx, x.Fund)
	if err != nil {
		return err
	}
	for _, w := range want {
		at := "quantity." + string(w.Item)
		i := slices.IndexFunc(stock, func(l goods.Level) bool { return l.ID == w.Item })
		switch {
		case w.Quantity == 0:
			continue
		case i < 0:
			c.Fail("lines", "本基金没有所选的物资")
			continue
		case w.Quantity < 0 || w.Quantity > stock[i].Quantity:
			c.Fail(at, "“%s”现有 %d %s，请填 0 至 %d", stock[i].Name, stock[i].Quantity, stock[i].Measure(), stock[i].Quantity)
		case slices.ContainsFunc(x.Lines, func(l Line) bool { return l.Item == w.Item }):
			c.Fail(at, "同一种物资只列一次")
		}
		x.Lines = append(x.Lines, Line{Handout: x.ID, Line: len(x.Lines) + 1, Item: w.Item, Name: stock[i].Name, Unit: stock[i].Unit, Quantity: w.Quantity})
	}
	c.Must(len(x.Lines) > 0, "lines", "请至少填一种物资的数量")
	c.Must(len(x.Lines) <= MostLines, "lines", "一次最多发放 %d 种，请分次", MostLines)
	return nil
}

func recipient(ctx context.Context, d bun.IDB, typed string) (organisation.Organisation, error) {
	var o organisation.Organisation
	err := d.NewSelect().Model(&o).Where("(name = ? OR uscc = ?) AND state = ?", typed, strings.ToUpper(typed), organisation.Approved).OrderExpr("id").Limit(1).Scan(ctx)
	return o, db.Found(err, "单位")
}

// Approve lets it leave the stock; somebody else than who drafted it decides.
func (s *Service) Approve(ctx context.Context, who party.Actor, handout id.ID) (Handout, error) {
	return s.change(ctx, who, handout, "approve", func(ctx context.Context, tx bun.Tx, x *Handout, now time.Time) error {
		if err := standing.Clear(ctx, tx, x.Recipient, x.Foundation, standing.Funding, now); err != nil {
			return err
		}
		x.State, x.ApprovedBy, x.Approver, x.ApprovedAt = Approved, &who.Account, who.Name, &now
		if err := tell(ctx, tx, now, x.Foundation, "物资发放已批准，待出库", "发给"+x.RecipientName+"："+x.Sums(), *x); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "批准发放"})
	})
}

// Cancel ends one that has not left the stock, with the reason.
func (s *Service) Cancel(ctx context.Context, who party.Actor, handout id.ID, reason string) (Handout, error) {
	reason, err := said("reason", reason, "请写明取消或退回的原因")
	if err != nil {
		return Handout{}, err
	}
	return s.change(ctx, who, handout, "cancel", func(ctx context.Context, tx bun.Tx, x *Handout, now time.Time) error {
		x.State, x.Reason = Cancelled, reason
		return record(ctx, tx, who, now, *x, trail.Event{Action: "取消发放", Note: reason})
	})
}

// Ship takes the goods out of the stock and tells the recipient. Conflict where
// there is no longer enough of one: then nothing leaves.
func (s *Service) Ship(ctx context.Context, who party.Actor, handout id.ID) (Handout, error) {
	return s.change(ctx, who, handout, "ship", func(ctx context.Context, tx bun.Tx, x *Handout, now time.Time) error {
		if err := standing.Clear(ctx, tx, x.Recipient, x.Foundation, standing.Funding, now); err != nil { // listed since it was approved
			return err
		}
		for _, l := range x.byItem() {
			thing := goods.Thing{Foundation: x.Foundation, Fund: x.Fund, Name: l.Name, Unit: l.Unit}
			if _, err := s.goods.Move(ctx, tx, who, thing, -l.Quantity, goods.Cause{Kind: ObjectKind, ID: x.ID, Line: l.Line}); err != nil {
				return err
			}
		}
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope(ObjectKind, string(x.Foundation), year))
		if err != nil {
			return err
		}
		no := fmt.Sprintf("发放〔%d〕%03d号", year, n)
		x.State, x.Number, x.ShippedBy, x.Shipper, x.ShippedAt = Shipped, &no, &who.Account, who.Name, &now
		if err := tell(ctx, tx, now, x.Recipient, "物资已发出，请清点后签收", x.FoundationName+"发来："+x.Sums()+"。签收时写明实际接收的数量。", *x); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "出库", Note: no + "：" + x.Sums()})
	})
}

// byItem is the lines in the order of their items, so that two hand-outs of the
// same things never wait for each other.
func (x Handout) byItem() []Line {
	out := slices.Clone(x.Lines)
	slices.SortFunc(out, func(a, b Line) int { return strings.Compare(string(a.Item), string(b.Item)) })
	return out
}

// Sign is the recipient's word on every line; what is not accepted goes back
// into the stock. From then on it is public.
func (s *Service) Sign(ctx context.Context, who party.Actor, handout id.ID, in []Counted) (Handout, error) {
	return s.change(ctx, who, handout, "sign", func(ctx context.Context, tx bun.Tx, x *Handout, now time.Time) error {
		if err := x.count(in); err != nil {
			return err
		}
		for _, l := range x.byItem() {
			err := db.One(tx.NewUpdate().Model(&l).Column("accepted", "returned", "why").Where("handout = ? AND line = ? AND accepted IS NULL", x.ID, l.Line).Exec(ctx))
			if err != nil {
				return err
			}
			if *l.Returned == 0 {
				continue
			}
			thing := goods.Thing{Foundation: x.Foundation, Fund: x.Fund, Name: l.Name, Unit: l.Unit}
			if _, err := s.goods.Move(ctx, tx, who, thing, *l.Returned, goods.Cause{Kind: BackKind, ID: x.ID, Line: l.Line}); err != nil {
				return err
			}
		}
		x.State, x.SignedBy, x.Signer, x.SignedAt = Signed, &who.Account, who.Name, &now
		if err := tell(ctx, tx, now, x.Foundation, "物资已签收", x.RecipientName+"签收了"+x.No()+x.back(), *x); err != nil {
			return err
		}
		if err := record(ctx, tx, who, now, *x, trail.Event{Action: "接收单位签收", Note: x.No() + x.back(), Article: rules.At(now).Must(rules.DonationQuery).Source(), Public: true}); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: fund.Kind, ObjectID: x.Fund, Action: "发放物资", Note: x.RecipientName + "签收：" + x.Sums() + x.back(), Public: true})
	})
}

// count reads the recipient's count of every line.
func (x *Handout) count(in []Counted) error {
	var c fault.Check
	for i := range x.Lines {
		l := &x.Lines[i]
		at := fmt.Sprintf("accepted.%d", l.Line)
		k := slices.IndexFunc(in, func(n Counted) bool { return n.Line == l.Line })
		if k < 0 || in[k].Accepted < 0 || in[k].Accepted > l.Quantity {
			c.Fail(at, "请填“%s”实际接收的数量，0 至 %d", l.Name, l.Quantity)
			continue
		}
		accepted := in[k].Accepted
		returned := l.Quantity - accepted
		l.Accepted, l.Returned, l.Why = &accepted, &returned, strings.TrimSpace(strings.ToValidUTF8(in[k].Why, ""))
		n := utf8.RuneCountInString(l.Why)
		c.Must(returned == 0 || n >= 2, fmt.Sprintf("why.%d", l.Line), "“%s”有 %d %s 没有接收，请写明原因，例如：破损", l.Name, returned, l.Measure())
		c.Must(n <= 200, fmt.Sprintf("why.%d", l.Line), "原因不超过 200 个字")
	}
	return c.Err()
}

// back says what was not accepted, "" where all was.
func (x Handout) back() string {
	out := ""
	for _, l := range x.Lines {
		if l.Returned != nil && *l.Returned > 0 {
			out += fmt.Sprintf("，退回%s %d %s（%s）", l.Name, *l.Returned, l.Measure(), l.Why)
		}
	}
	return out
}

// change is the frame of every decision: lock, authorise, decide, write.
func (s *Service) change(ctx context.Context, who party.Actor, handout id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, x *Handout, now time.Time) error) (Handout, error) {
	var out Handout
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := read(ctx, tx, handout, true)
		if err != nil {
			return err
		}
		if err := s.Require(who, x, action); err != nil {
			return err
		}
		if err := do(ctx, tx, &x, s.clock.Now()); err != nil {
			return err
		}
		out = x
		return save(ctx, tx, &out)
	})
	return out, err
}

// Loose are the hand-outs that a fund must finish before it ends.
func (s *Service) Loose(ctx context.Context, d bun.IDB, of id.ID) ([]fund.Loose, error) {
	var list []Handout
	err := d.NewSelect().Model(&list).Where("fund = ? AND state IN (?)", of, bun.List([]State{Review, Approved, Shipped})).Order("id").Limit(20).Scan(ctx)
	var out []fund.Loose
	for _, x := range list {
		out = append(out, fund.Loose{What: x.State.Name() + "的物资发放：" + x.RecipientName, Href: "/foundation/handouts/" + string(x.ID), Firm: true})
	}
	return out, db.Translate(err)
}

func tell(ctx context.Context, tx bun.Tx, now time.Time, org id.ID, title, text string, x Handout) error {
	at := "/foundation/handouts/"
	if org == x.Recipient {
		at = "/handouts/"
	}
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: org}}, inbox.Letter{Title: title, Text: text, Link: at + string(x.ID)})
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, x Handout, e trail.Event) error {
	e.ObjectKind, e.ObjectID = ObjectKind, x.ID
	return trail.Append(ctx, tx, who, at, e)
}

func said(field, s, ask string) (string, error) {
	s = strings.TrimSpace(strings.ToValidUTF8(s, ""))
	n := utf8.RuneCountInString(s)
	var c fault.Check
	c.Must(n > 0 && n <= 500, field, "%s，不超过 500 个字", ask)
	return s, c.Err()
}

func mend(field, say string) error {
	var c fault.Check
	c.Fail(field, "%s", say)
	return c.Err()
}
