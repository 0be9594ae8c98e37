package claim

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// Limit is above which amount, in 分, a payer's claims take two approvers, and
// what one approver wants to raise it to.
type Limit struct {
	bun.BaseModel `bun:"table:claim_limit"`

	Organisation id.ID      `bun:"organisation,pk" json:"-"`
	Above        money.Fen  `bun:"above" json:"above"`
	RaiseTo      *money.Fen `bun:"raise_to" json:"raise_to,omitempty"`
	RaiseBy      *id.ID     `bun:"raise_by" json:"-"`
	SetBy        id.ID      `bun:"set_by" json:"-"`
	SetAt        time.Time  `bun:"set_at" json:"-"`
}

func limitOf(ctx context.Context, d bun.IDB, payer id.ID) (Limit, error) {
	l := Limit{Organisation: payer, Above: DefaultLimit}
	err := db.Found(d.NewSelect().Model(&l).Where("organisation = ?", payer).Scan(ctx), "限额")
	if fault.Is(err, fault.NotFound) {
		return l, nil
	}
	return l, err
}

func read(ctx context.Context, d bun.IDB, claim id.ID) (Claim, error) {
	var x Claim
	err := d.NewSelect().Model(&x).Where("id = ?", claim).Scan(ctx)
	return x, db.Found(err, "付款申请")
}

func claims(ctx context.Context, d bun.IDB, of id.ID) ([]Claim, error) {
	out := []Claim{}
	err := d.NewSelect().Model(&out).Where("engagement = ?", of).Order("number DESC").Scan(ctx)
	return out, db.Translate(err)
}

func account(e engagement.Engagement, all []Claim) Account {
	out := Account{Amount: e.Amount}
	for _, x := range all {
		switch x.State {
		case Paid:
			out.Paid += x.Amount
		case Returned:
		default:
			out.Underway += x.Amount
		}
	}
	return out
}

// Get reads a claim for the parties.
func (s *Service) Get(ctx context.Context, who party.Actor, claim id.ID) (Claim, error) {
	x, err := read(ctx, s.db, claim)
	if err == nil {
		err = s.engagements.May(ctx, who, x.Engagement, "follow")
	}
	return x, err
}

// Book is all the claims of an engagement, the latest first, with its account
// and the amount above which two approvers decide.
type Book struct {
	Claims  []Claim `json:"claims"`
	Account Account `json:"account"`
	Limit   Limit   `json:"limit"`
}

// Book reads the claims of an engagement for its parties.
func (s *Service) Book(ctx context.Context, who party.Actor, of id.ID) (Book, error) {
	var out Book
	e, err := s.engagements.Get(ctx, who, of)
	if err == nil {
		err = s.engagements.Require(who, e, "follow")
	}
	if err != nil {
		return out, err
	}
	if out.Limit, err = limitOf(ctx, s.db, e.Payer); err != nil {
		return out, err
	}
	if e, err = s.settled(ctx, s.db, e); err != nil {
		return out, err
	}
	out.Claims, err = claims(ctx, s.db, of)
	out.Account = account(e, out.Claims)
	return out, err
}

// PaidOf is what was paid for an engagement before a moment, in 分.
func PaidOf(ctx context.Context, d bun.IDB, of id.ID, until time.Time) (money.Fen, error) {
	var sum money.Fen
	err := d.NewSelect().Model((*Claim)(nil)).ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT)").Where("engagement = ? AND state = ? AND paid_at < ?", of, Paid, until).Scan(ctx, &sum)
	return sum, db.Translate(err)
}

// ApprovedOf is what was approved for an engagement before a moment and is not
// paid, in 分.
func ApprovedOf(ctx context.Context, d bun.IDB, of id.ID, until time.Time) (money.Fen, error) {
	var sum money.Fen
	err := d.NewSelect().Model((*Claim)(nil)).ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT)").Where("engagement = ? AND state = ? AND approved_at < ?", of, Approved, until).Scan(ctx, &sum)
	return sum, db.Translate(err)
}

// Books is the account of a contract before a moment; it is engagement.Books.
// What is booked elsewhere is not the platform's to know.
func Books(ctx context.Context, d bun.IDB, e engagement.Engagement, until time.Time) (out engagement.Money, err error) {
	if out.Paid, err = PaidOf(ctx, d, e.ID, until); err == nil {
		out.Approved, err = ApprovedOf(ctx, d, e.ID, until)
	}
	return out, err
}

// Waiting are the payment requests that the actor verifies, approves or pays.
func (s *Service) Waiting(ctx context.Context, who party.Actor) ([]engagement.Task, error) {
	state := map[party.Role]State{party.Officer: Asked, party.Approver: Verified, party.Finance: Approved}[who.Role]
	if who.Org == "" || state == "" {
		return nil, nil
	}
	return engagement.Tasks(ctx, s.db.NewSelect().Model((*Claim)(nil)).Join("JOIN engagement AS e ON e.id = claim.engagement").
		Where("e.payer = ? AND claim.state = ?", who.Org, state), "claim.id", "claim.asked_at")
}
