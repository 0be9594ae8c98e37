package donation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// ObjectKind is what a donation is called in the trail, the access registry
// and on attachments.
const ObjectKind = "donation"

// Rooms are the services a donation needs.
type Rooms struct {
	Organisations *organisation.Service
	Ledger        *ledger.Service
	Goods         *goods.Service
	Attachments   *attachment.Service
}

// Receipted reports whether a donation has a live receipt, in the transaction
// that would refund it; app connects it with the receipts.
type Receipted func(ctx context.Context, tx bun.Tx, donation id.ID) (bool, error)

// Refunded is told of a donation whose posting was reversed, in the
// transaction that did it.
type Refunded func(ctx context.Context, tx bun.Tx, who party.Actor, d Donation) error

// Service takes donations and confirms them.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	Rooms

	receipted []Receipted
	refunded  []Refunded
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms) *Service {
	return &Service{db: d, clock: c, policy: p, Rooms: r}
}

// Relations are what an actor is to a donation: its donor (the person, or any
// member of the organisation that gave) and the foundation's staff by role.
func Relations(who party.Actor, d Donation) []string {
	rel := who.Relations()
	switch {
	case !who.SignedIn():
		return rel
	case d.DonorAccount != nil && *d.DonorAccount == who.Account, d.DonorOrg != nil && *d.DonorOrg == who.Org:
		rel = append(rel, "donation.donor")
	}
	if who.Org == d.Foundation && who.OrgKind == party.Foundation {
		rel = append(rel, "donation."+string(who.Role))
	}
	return rel
}

func object(d Donation) string { return "donation." + string(d.State) }

// May is the one authorisation function of a donation.
func (s *Service) May(ctx context.Context, who party.Actor, donation id.ID, action string) error {
	d, err := Read(ctx, s.db, donation)
	if err != nil {
		return err
	}
	return s.policy.Require(Relations(who, d), object(d), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, d Donation, action string) bool {
	if (action == "confirm" || action == "reject") && d.alone() != nil {
		return false
	}
	return s.policy.Any(Relations(who, d), object(d), action)
}

// Get reads a donation the actor may view.
func (s *Service) Get(ctx context.Context, who party.Actor, donation id.ID) (Donation, error) {
	d, err := Read(ctx, s.db, donation)
	if err != nil {
		return d, err
	}
	if err := s.policy.Require(Relations(who, d), object(d), "view"); err != nil {
		return Donation{}, err
	}
	return s.seen(who, d), nil
}

// Timeline lists what happened to a donation the actor may view.
func (s *Service) Timeline(ctx context.Context, who party.Actor, donation id.ID) ([]trail.Event, error) {
	d, err := Read(ctx, s.db, donation)
	if err != nil {
		return nil, err
	}
	if err := s.policy.Require(Relations(who, d), object(d), "view"); err != nil {
		return nil, err
	}
	events, err := trail.Of(ctx, s.db, ObjectKind, donation, false)
	return s.cover(who, d, events), err
}

// Pledge takes a donation from whoever is signed in: the person, or the
// organisation they act for. The same Key gives the first donation again.
func (s *Service) Pledge(ctx context.Context, who party.Actor, p Pledge) (Donation, error) {
	if err := s.policy.Require(who.Relations(), "donation.new", "pledge"); err != nil {
		return Donation{}, err
	}
	var c fault.Check
	if p.Check(&c, rules.At(s.clock.Now())); c.Err() != nil {
		return Donation{}, c.Err()
	}
	d := donationOf(p)
	return s.add(ctx, who, d, p.Key, func(ctx context.Context, tx bun.Tx, d *Donation) error {
		if who.Org == "" {
			d.DonorKind, d.DonorAccount, d.DonorName = Person, &who.Account, who.Name
			return nil
		}
		if who.Org == d.Foundation {
			return fault.New(fault.Forbidden, "您正以“%s”的身份操作，不能捐给自己的基金会；个人捐赠请先切换到个人身份", who.OrgName)
		}
		o, err := s.Organisations.Approved(ctx, tx, who.Org)
		d.DonorKind, d.DonorOrg, d.DonorName, d.DonorUSCC = Organisation, &o.ID, o.Name, o.USCC
		return err
	})
}

// Record writes down a donation for a donor without an account; only the
// fund's own foundation may.
func (s *Service) Record(ctx context.Context, who party.Actor, o Offline) (Donation, error) {
	var c fault.Check
	if o.Check(&c, rules.At(s.clock.Now())); c.Err() != nil {
		return Donation{}, c.Err()
	}
	d := donationOf(o.Pledge)
	if o.DonorKind == Unknown {
		d.Confidential = false
	}
	d.Offline, d.DonorKind, d.DonorName = true, o.DonorKind, o.DonorName
	if o.DonorUSCC != "" {
		d.DonorUSCC = &o.DonorUSCC
	}
	return s.add(ctx, who, d, o.Key, func(_ context.Context, _ bun.Tx, d *Donation) error {
		if err := s.policy.Require(Relations(who, *d), "donation.new", "record"); err != nil {
			return err
		}
		if !Knows(s.policy, who, *d) {
			return fault.New(fault.Forbidden, "要求对工作人员保密的捐赠，请由收据经办人（财务）登记")
		}
		return nil
	})
}

func donationOf(p Pledge) Donation {
	d := Donation{Fund: p.Fund, Kind: p.Kind, State: Pledged, Amount: p.Amount, Method: p.Method, Hidden: p.Hidden || p.Confidential, Confidential: p.Confidential,
		Purpose: p.Purpose, BeneficiaryName: p.Beneficiary, Relation: p.Relation, RelationNote: p.RelationNote}
	for i, g := range p.Goods {
		d.Lines = append(d.Lines, Line{Line: i + 1, Name: g.Name, Unit: g.Unit, Quantity: g.Quantity, Value: g.Value})
	}
	return d
}

// add writes a donation; donor fills in or refuses who gives, once the fund's
// foundation is known.
func (s *Service) add(ctx context.Context, who party.Actor, d Donation, key string, donor func(context.Context, bun.Tx, *Donation) error) (Donation, error) {
	now := s.clock.Now()
	d.ID, d.CreatedAt, d.CreatedBy, d.Reference, d.Key = id.New(now), now, who.Account, id.Code(8), key
	if key == "" {
		d.Key = string(d.ID)
	}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if first, ok, err := repeated(ctx, tx, d); ok || err != nil {
			d = first
			return err
		}
		return s.write(ctx, tx, who, now, &d, donor)
	})
	if fault.Is(err, fault.Conflict) && key != "" { // the same form, sent twice at once: the other was first
		if first, ok, again := repeated(ctx, s.db, d); ok && again == nil {
			return first, nil
		}
	}
	return d, err
}

func (s *Service) write(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, d *Donation, donor func(context.Context, bun.Tx, *Donation) error) error {
	f, err := accepting(ctx, tx, d.Fund, d.Gathered != nil || d.GatheredIn != nil) // what a platform pays over was given before
	if err != nil {
		return err
	}
	d.Foundation, d.Terms = f.Foundation, Terms(f)
	if err := donor(ctx, tx, d); err != nil {
		return err
	}
	if err := s.unrelated(ctx, tx, d, now); err != nil {
		return err
	}
	if err := insert(ctx, tx, d); err != nil {
		return err
	}
	action, rule := "认捐", rules.DonationAgreement
	if d.Gathered != nil || d.GatheredIn != nil {
		action, rule = "登记公开募捐平台结算", rules.CharityPlatform
	} else if d.Offline {
		action = "登记线下捐赠"
	}
	return record(ctx, tx, who, now, *d, action, "", rule)
}

// repeated finds the donation that the same person made with the same key.
func repeated(ctx context.Context, d bun.IDB, x Donation) (Donation, bool, error) {
	var first Donation
	err := d.NewSelect().Model(&first).Where("created_by = ? AND idem_key = ?", x.CreatedBy, x.Key).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	if err != nil {
		return x, false, db.Translate(err)
	}
	return first, true, fill(ctx, d, []*Donation{&first})
}

// Confirm says what arrived. Money is posted to the fund in this transaction,
// goods become movements; nothing else makes them exist. A person never
// confirms a donation of their own or of an organisation they belong to. The
// same Key again is answered with the donation as the first made it.
func (s *Service) Confirm(ctx context.Context, who party.Actor, donation id.ID, a Arrival) (Donation, error) {
	var d Donation
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if d, err = ForUpdate(ctx, tx, donation); err != nil {
			return err
		}
		done, err := ledger.Once(ctx, tx, who, s.clock.Now(), ledger.Step{Key: a.Key, Verb: "donation.confirm", Object: d.ID, Input: a.bare()})
		if err != nil {
			return err
		}
		if done {
			return s.policy.Require(Relations(who, d), object(d), "view")
		}
		if err := s.policy.Require(Relations(who, d), object(d), "confirm"); err != nil {
			return err
		}
		if err := d.second(who); err != nil {
			return err
		}
		if err := open(ctx, tx, d, a); err != nil {
			return err
		}
		return s.confirm(ctx, tx, who, &d, a, nil)
	})
	return s.seen(who, d), err
}

// second holds money that staff wrote down to another pair of eyes: no bank's
// line stands behind it here.
func (d Donation) second(who party.Actor) error {
	if d.Offline && d.Kind == Money && d.CreatedBy == who.Account {
		return fault.New(fault.Forbidden, "这笔捐款由您登记，请由另一位财务人员或秘书长确认到账，或导入银行流水后匹配，再由另一人确认")
	}
	return nil
}

// open refuses a day of arrival in a month that is closed: what the bank did
// not see then cannot have come then.
func open(ctx context.Context, tx bun.Tx, d Donation, a Arrival) error {
	last, err := ledger.Closed(ctx, tx, d.Foundation)
	if err != nil || d.Kind != Money || a.On.IsZero() || a.On.In(clock.Beijing).Format("2006-01") > last {
		return err
	}
	return mend("on", ledger.MonthName(last)+"及以前的月份已经结账，到账日期请填以后的日期，并在说明中写明实际情况")
}

// Settle is Confirm for money that a line of the bank's statement brought, in
// the transaction that takes the line: beside are the bank's own entries. The
// day may lie in a month that is closed, for the money waited unclaimed since.
func (s *Service) Settle(ctx context.Context, tx bun.Tx, who party.Actor, donation id.ID, a Arrival, beside []ledger.Line) (Donation, error) {
	d, err := ForUpdate(ctx, tx, donation)
	if err != nil {
		return d, err
	}
	if err := s.policy.Require(Relations(who, d), object(d), "settle"); err != nil {
		return d, err
	}
	return d, s.confirm(ctx, tx, who, &d, a, beside)
}

func (s *Service) confirm(ctx context.Context, tx bun.Tx, who party.Actor, d *Donation, a Arrival, beside []ledger.Line) error {
	if err := d.alone(); err != nil {
		return err
	}
	if err := apart(ctx, tx, who, *d); err != nil {
		return err
	}
	named, err := within(ctx, tx, *d)
	if err != nil {
		return err
	}
	if err := d.whole(who, a); err != nil {
		return err
	}
	now := s.clock.Now()
	proof, err := s.proofs(ctx, tx, *d)
	if err != nil {
		return err
	}
	var c fault.Check
	if a.check(&c, *d, proof, now, rules.At(now)); c.Err() != nil {
		return c.Err()
	}
	if err := a.approved(who, *d, rules.At(now)); err != nil {
		return err
	}
	if err := s.unrelated(ctx, tx, d, now); err != nil { // ties may have come since the pledge
		return err
	}
	on := clock.Trunc(a.On)
	d.State, d.ArrivedAt, d.Note, d.DecidedBy, d.DecidedAt = Confirmed, &on, a.Note, &who.Account, &now
	f, err := accepting(ctx, tx, d.Fund, true)
	if err != nil {
		return err
	}
	if d.Kind == Money {
		if err = s.post(ctx, tx, who, d, f, own(*a.Amount, named), beside); err == nil {
			err = s.bring(ctx, tx, who, *d, f, named, now)
		}
	} else {
		err = s.store(ctx, tx, who, d, a)
	}
	if err != nil {
		return err
	}
	if err := decide(ctx, tx, d); err != nil {
		return err
	}
	if err := record(ctx, tx, who, now, *d, "确认到账", a.Note, rules.ReceiptContent); err != nil {
		return err
	}
	return s.thank(ctx, tx, now, *d)
}

// apart refuses a confirmer who is the donor.
func apart(ctx context.Context, tx bun.Tx, who party.Actor, d Donation) error {
	own := d.DonorAccount != nil && *d.DonorAccount == who.Account
	if d.DonorOrg != nil {
		var err error
		if own, err = belongs(ctx, tx, who.Account, *d.DonorOrg); err != nil {
			return err
		}
	}
	if own {
		return fault.New(fault.Forbidden, "这是您本人或您所在单位的捐赠，请由另一位财务人员确认")
	}
	return nil
}

// post moves the money from outside into the fund. The other side is one
// account of the fund for all its donors: the book names no person.
func (s *Service) post(ctx context.Context, tx bun.Tx, who party.Actor, d *Donation, f fund.Fund, amount money.Fen, beside []ledger.Line) error {
	from, err := s.Ledger.Open(ctx, tx, d.Foundation, ledger.Owner{Kind: "fund", ID: f.ID}, ledger.DonorGiven)
	if err != nil {
		return err
	}
	t, err := s.Ledger.Post(ctx, tx, who, ledger.Posting{Book: d.Foundation, Cause: ledger.Cause{Kind: ObjectKind, ID: d.ID},
		Memo: "定向捐赠到账", Key: ObjectKind + "/" + string(d.ID), Lines: append(ledger.Move(from.ID, *f.CashAccount, amount), beside...)})
	d.Arrived, d.LedgerTx = &amount, &t.ID
	return err
}

// store books the goods that came into the fund's stock.
func (s *Service) store(ctx context.Context, tx bun.Tx, who party.Actor, d *Donation, a Arrival) error {
	for _, x := range a.Goods {
		l := &d.Lines[x.Line-1]
		n := x.Quantity
		l.Arrived, l.Proven = &n, x.Value
		err := db.One(tx.NewUpdate().Model(l).Column("arrived", "proven").Where("donation = ? AND line = ? AND arrived IS NULL", d.ID, l.Line).Exec(ctx))
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		thing := goods.Thing{Foundation: d.Foundation, Fund: d.Fund, Name: l.Name, Unit: l.Unit}
		if _, err := s.Goods.Move(ctx, tx, who, thing, n, goods.Cause{Kind: ObjectKind, ID: d.ID, Line: l.Line}); err != nil {
			return err
		}
	}
	return nil
}

func proofSlot(line int) string { return fmt.Sprintf("proof.%d", line) }

// proofs says which lines have a voucher attached.
func (s *Service) proofs(ctx context.Context, d bun.IDB, x Donation) (func(Line) bool, error) {
	files, err := s.Attachments.Of(ctx, d, ObjectKind, x.ID)
	return func(l Line) bool {
		return slices.ContainsFunc(files, func(a attachment.Attachment) bool { return a.Slot == "proof" || a.Slot == l.ProofSlot() })
	}, err
}

// Proofs lists the vouchers on a donation the actor may view.
func (s *Service) Proofs(ctx context.Context, who party.Actor, donation id.ID) ([]attachment.Attachment, error) {
	if err := s.MayProofs(ctx, who, donation, "view"); err != nil {
		return nil, err
	}
	return s.Attachments.Of(ctx, s.db, ObjectKind, donation)
}

// Cancel ends a donation that has not arrived: the donor withdraws, or finance
// says that nothing came and why.
func (s *Service) Cancel(ctx context.Context, who party.Actor, donation id.ID, reason string) (Donation, error) {
	reason = strings.TrimSpace(strings.ToValidUTF8(reason, ""))
	var d Donation
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if d, err = ForUpdate(ctx, tx, donation); err != nil {
			return err
		}
		action, said := "撤回认捐", reason
		if !s.Allowed(who, d, "withdraw") {
			if err := s.policy.Require(Relations(who, d), object(d), "reject"); err != nil {
				return err
			}
			if action = "未到账，取消"; reason == "" {
				return mend("reason", "请写明原因，捐赠人会看到，例如：30 日内未收到款项")
			}
		} else if said == "" {
			said = "捐赠人撤回"
		}
		if len([]rune(said)) > 500 {
			return mend("reason", "原因不超过 500 个字")
		}
		if err := d.alone(); err != nil {
			return err
		}
		list, err := within(ctx, tx, d)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		for _, x := range append([]Donation{d}, list...) {
			x.State, x.Reason, x.DecidedBy, x.DecidedAt = Cancelled, said, &who.Account, &now
			if err := decide(ctx, tx, &x); err != nil {
				return err
			}
			if err := record(ctx, tx, who, now, x, action, said, ""); err != nil {
				return err
			}
			if x.ID == d.ID {
				d = x
			}
		}
		return nil
	})
	return s.seen(who, d), err
}

func mend(field, say string) error {
	var c fault.Check
	c.Fail(field, "%s", say)
	return c.Err()
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, d Donation, action, note, rule string) error {
	e := trail.Event{ObjectKind: ObjectKind, ObjectID: d.ID, Action: action, Note: note}
	if rule != "" {
		e.Article = rules.At(at).Must(rule).Source()
	}
	return trail.Append(ctx, tx, who, at, e)
}

// MayRecord reports whether the actor writes down donations for others at
// their own foundation.
func (s *Service) MayRecord(who party.Actor) bool {
	return s.policy.Any(Relations(who, Donation{Foundation: who.Org}), "donation.new", "record")
}
