package award

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// BondKind is what attachments call a bond.
const BondKind = "bond"

// Bond is one bidder's 投标保证金 as the buyer keeps it. It is entered only
// after the opening: before, who paid one would tell who bids.
type Bond struct {
	bun.BaseModel `bun:"table:bond"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Tender       id.ID      `bun:"tender" json:"tender"`
	Supplier     id.ID      `bun:"supplier" json:"supplier"`
	SupplierName string     `bun:"supplier_name" json:"supplier_name"`
	Amount       money.Fen  `bun:"amount" json:"amount"`
	Form         string     `bun:"form" json:"form"`
	ReceivedOn   time.Time  `bun:"received_on" json:"received_on"`
	RecordedBy   id.ID      `bun:"recorded_by" json:"-"`
	RecordedAt   time.Time  `bun:"recorded_at" json:"-"`
	ReturnedOn   *time.Time `bun:"returned_on" json:"returned_on,omitempty"`
	Proof        string     `bun:"proof" json:"proof,omitempty"` // the bank's slip
	ReturnedBy   *id.ID     `bun:"returned_by" json:"-"`
	// Due is the end of the time to return it, exclusive; nil while it does not
	// run yet. Article makes it so.
	Due     *time.Time `bun:"-" json:"due,omitempty"`
	Why     string     `bun:"-" json:"why"` // what the time runs from, or is waiting for
	Article string     `bun:"-" json:"article"`
}

// BondForms are the forms a bond may have: never cash (政府采购法实施条例第33条).
var BondForms = []string{"转账", "支票", "汇票", "本票", "金融机构保函", "担保机构保函"}

// BondInput is a bond as the officer enters it.
type BondInput struct {
	Supplier   id.ID      `json:"supplier"`
	Amount     money.Fen  `json:"amount"`
	Form       string     `json:"form" description:"转账、支票、汇票、本票、金融机构保函或担保机构保函；不得为现金"`
	ReceivedOn *time.Time `json:"received_on"`
}

// RecordBond enters a bond of a bidder that was opened: at most 2% of the
// budget, and not in cash (政府采购法实施条例第33条).
func (s *Service) RecordBond(ctx context.Context, who party.Actor, tenderID id.ID, in BondInput) (Bond, error) {
	var b Bond
	err := s.change(ctx, who, tenderID, "bond", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		lines, err := opening.Lines(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		rule := set.Must(rules.BidBond)
		var c fault.Check
		i := slices.IndexFunc(lines, func(l opening.Line) bool { return l.Supplier == in.Supplier })
		c.Must(i >= 0, "supplier", "请选择一家已开标的投标人")
		c.Must(in.Amount > 0, "amount", "请填写保证金金额")
		if t.Budget != nil && in.Amount > money.Fen(int64(*t.Budget)*rule.Value/10_000) {
			c.FailUnder(rule.Source(), "amount", "投标保证金%s，最多 %s 元", rule.Limit(), money.Fen(int64(*t.Budget)*rule.Value/10_000).Yuan())
		}
		if !slices.Contains(BondForms, in.Form) {
			c.FailUnder(rule.Source(), "form", "请选择转账、支票、汇票、本票或者保函；不得收取现金")
		}
		c.Must(in.ReceivedOn != nil && !in.ReceivedOn.After(now) && in.ReceivedOn.Year() > 2000, "received_on", "请填写收到的日期，不晚于今天")
		if err := c.Err(); err != nil {
			return err
		}
		b = Bond{ID: id.New(now), Tender: t.ID, Supplier: in.Supplier, SupplierName: lines[i].SupplierName, Amount: in.Amount, Form: in.Form,
			ReceivedOn: *in.ReceivedOn, RecordedBy: who.Account, RecordedAt: now}
		if _, err := tx.NewInsert().Model(&b).Exec(ctx); err != nil {
			if db.Duplicate(err) {
				c.Fail("supplier", "这家投标人的保证金已经登记")
				return c.Err()
			}
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, t.ID, "登记投标保证金", b.SupplierName+" "+b.Amount.Yuan()+" 元", rule.Source(), false)
	})
	return b, err
}

// ReturnBond marks a bond as given back, with the bank's slip.
func (s *Service) ReturnBond(ctx context.Context, who party.Actor, tenderID, bond id.ID, on *time.Time, proof string) error {
	proof = strings.TrimSpace(proof)
	return s.change(ctx, who, tenderID, "bond_return", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var b Bond
		if err := db.Found(tx.NewSelect().Model(&b).Where("id = ? AND tender = ?", bond, t.ID).Scan(ctx), "保证金"); err != nil {
			return err
		}
		var c fault.Check
		c.Must(b.ReturnedOn == nil, "returned_on", "已经退还")
		c.Must(on != nil && !on.After(now) && !on.Before(b.ReceivedOn), "returned_on", "请填写退还日期，不早于收到、不晚于今天")
		c.Must(proof != "" && utf8.RuneCountInString(proof) <= 200, "proof", "请填写银行回单号或保函退回的凭证，不超过 200 字")
		if err := c.Err(); err != nil {
			return err
		}
		b.ReturnedOn, b.Proof, b.ReturnedBy = on, proof, &who.Account
		if err := db.One(tx.NewUpdate().Model(&b).Column("returned_on", "proof", "returned_by").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "退还投标保证金", b.SupplierName, "", false)
	})
}

// Bonds lists the bonds of a tender with when each is due, for the buyer.
func (s *Service) Bonds(ctx context.Context, who party.Actor, tenderID id.ID) ([]Bond, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return nil, err
	}
	if err := s.policy.Require(tender.Relations(who, t), t.Object(s.clock.Now()), "bonds"); err != nil {
		return nil, err
	}
	return s.bonds(ctx, t, s.db.NewSelect().Where("tender = ?", tenderID))
}

// MyBonds lists a supplier's own bonds on a tender.
func (s *Service) MyBonds(ctx context.Context, who party.Actor, tenderID id.ID) ([]Bond, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil || who.Org == "" {
		return nil, err
	}
	return s.bonds(ctx, t, s.db.NewSelect().Where("tender = ? AND supplier = ?", tenderID, who.Org))
}

func (s *Service) bonds(ctx context.Context, t tender.Tender, q *bun.SelectQuery) ([]Bond, error) {
	out := []Bond{}
	if err := q.Model(&out).Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	if len(out) == 0 {
		return out, nil
	}
	set, err := t.RuleSet(s.clock.Now())
	if err != nil {
		return nil, err
	}
	a, err := ApprovedOf(ctx, s.db, t.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	var days []time.Time
	if err := s.db.NewSelect().TableExpr("contract").Column("signed_on").Where("tender = ? AND state = ?", t.ID, "signed").Scan(ctx, &days); err != nil {
		return nil, db.Translate(err)
	}
	var signed *time.Time
	if len(days) > 0 {
		signed = &days[0]
	}
	quit, err := quits(ctx, s.db, t.ID)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].run(s.calendar, t, a, set, signed, quit[out[i].Supplier])
	}
	return out, nil
}

// quits says which suppliers left before the last offer, and when; nobody
// before the round is read, because until then it is not to be known.
func quits(ctx context.Context, d bun.IDB, tenderID id.ID) (map[id.ID]*time.Time, error) {
	_, offers, err := offer.Of(ctx, d, tenderID)
	out := map[id.ID]*time.Time{}
	for _, o := range offers {
		out[o.Supplier] = o.QuitAt
	}
	return out, err
}

// run says when a bond must be back: the winner's from the contract, the
// others' from the award notice, everybody's from the end where the purchase
// came to nothing, and that of who left before the last offer from then. The
// articles on leaving name no number of days; a withdrawn bid's is taken.
func (b *Bond) run(cal *calendar.Calendar, t tender.Tender, a Award, set rules.Set, signed, quit *time.Time) {
	rule, from := rules.BidBondReturnLoser, a.DecidedAt
	b.Why = "自中标通知书发出之日起"
	switch {
	case a.ID != "" && a.Supplier == b.Supplier:
		rule, from, b.Why = rules.BidBondReturnWinner, signed, "自采购合同签订之日起"
	case a.ID == "" && t.ClosedAt != nil:
		from, b.Why = t.ClosedAt, "自采购活动终止之日起"
	}
	b.Article = set.Must(rule).Source()
	if quit != nil {
		rule, from, b.Why = rules.BidBondReturnWithdrawn, quit, "自退出之日起"
		b.Article = set.Of(t.Method, "quit").Source()
	}
	if from == nil {
		b.Why += "，尚未开始"
		return
	}
	if m, err := set.Clock(rule, *from, cal); err == nil {
		b.Due = m.At
	}
}

// MayBond is the one authorisation function of a bond, for its proofs.
func (s *Service) MayBond(ctx context.Context, who party.Actor, bond id.ID, action string) error {
	var b Bond
	if err := db.Found(s.db.NewSelect().Model(&b).Where("id = ?", bond).Scan(ctx), "保证金"); err != nil {
		return err
	}
	t, err := tender.Read(ctx, s.db, b.Tender)
	if err != nil {
		return err
	}
	rel := tender.Relations(who, t)
	if who.Org != "" && who.Org == b.Supplier {
		rel = append(rel, "bidder")
	}
	state := BondKind + ".held"
	if b.ReturnedOn != nil {
		state = BondKind + ".returned"
	}
	return s.policy.Require(rel, state, action)
}

// Returns is what became of the bonds of some bidders: how many the buyer
// entered, and the day the last came back; nil while one is out.
type Returns struct {
	Kept int
	Last *time.Time
}

// BondReturns is what became of the bonds of a purchase: of those that lost,
// and of its winners.
func BondReturns(ctx context.Context, d bun.IDB, tenderID id.ID, winners ...id.ID) (losers, won Returns, err error) {
	var all []Bond
	if err = d.NewSelect().Model(&all).Where("tender = ?", tenderID).Scan(ctx); err != nil {
		return losers, won, db.Translate(err)
	}
	out := map[*Returns]bool{}
	for _, b := range all {
		r := &losers
		if slices.Contains(winners, b.Supplier) {
			r = &won
		}
		r.Kept++
		switch {
		case b.ReturnedOn == nil:
			out[r] = true
		case r.Last == nil || b.ReturnedOn.After(*r.Last):
			r.Last = b.ReturnedOn
		}
	}
	for r := range out {
		r.Last = nil
	}
	return losers, won, nil
}
