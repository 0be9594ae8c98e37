// Package claim is how a delivery is paid: the provider asks, by milestone or
// by actual count, an officer of the payer verifies, an approver approves, two
// of them above the payer's limit, and finance pays. What a contract paid is
// its account; a grant is paid out of the fund's ledger.
package claim

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// State is where a claim stands.
type State string

// The states.
const (
	Asked    State = "asked"
	Verified State = "verified"
	Approved State = "approved"
	Paid     State = "paid"
	Returned State = "returned"
)

// DefaultLimit is the amount, in 分, above which two approvers decide where the
// payer has set none: 100,000 元.
const DefaultLimit = 100_000 * money.Yuan

// Claim is one payment request.
type Claim struct {
	bun.BaseModel `bun:"table:delivery_claim,alias:claim"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Engagement id.ID      `bun:"engagement" json:"engagement"`
	Number     int64      `bun:"number" json:"number"` // within the engagement, from 1
	Milestone  *int64     `bun:"milestone" json:"milestone,omitempty"`
	Quantity   *int64     `bun:"quantity" json:"quantity,omitempty"`
	UnitPrice  *money.Fen `bun:"unit_price" json:"unit_price,omitempty"` // 分
	Amount     money.Fen  `bun:"amount" json:"amount"`                   // 分
	Capped     bool       `bun:"capped" json:"capped"`                   // unit price × count was more than was left
	Note       string     `bun:"note" json:"note,omitempty"`
	State      State      `bun:"state" json:"state"`
	AskedBy    id.ID      `bun:"asked_by" json:"-"`
	AskedAt    time.Time  `bun:"asked_at" json:"asked_at"`
	VerifiedBy *id.ID     `bun:"verified_by" json:"-"`
	VerifiedAt *time.Time `bun:"verified_at" json:"verified_at,omitempty"`
	FirstBy    *id.ID     `bun:"first_by" json:"-"` // the first of two approvers
	FirstAt    *time.Time `bun:"first_at" json:"first_at,omitempty"`
	ApprovedBy *id.ID     `bun:"approved_by" json:"-"`
	ApprovedAt *time.Time `bun:"approved_at" json:"approved_at,omitempty"`
	PaidBy     *id.ID     `bun:"paid_by" json:"-"`
	PaidAt     *time.Time `bun:"paid_at" json:"paid_at,omitempty"`
	Reference  string     `bun:"reference" json:"bank_reference,omitempty"`
	Reason     string     `bun:"reason" json:"reason,omitempty"` // why it was returned
}

// StateName is the state as people read it.
func (c Claim) StateName() string {
	switch {
	case c.State == Verified && c.FirstBy != nil:
		return "待第二位审批人审批"
	case c.State == Verified:
		return "待审批"
	}
	return map[State]string{Asked: "待经办人核对", Approved: "待付款", Paid: "已付款", Returned: "已退回"}[c.State]
}

// Counted is what an actual count comes to, in 分: unit price × count, at most
// what is left under the ceiling.
func Counted(price money.Fen, n int64, left money.Fen) (amount money.Fen, capped bool, err error) {
	amount, err = price.Times(n)
	if err != nil {
		return 0, false, err
	}
	if amount > left {
		return max(0, left), true, nil
	}
	return amount, false, nil
}

// Account is where the money of an engagement stands, in 分.
type Account struct {
	Amount   money.Fen `json:"amount"`   // of the contract or the agreement
	Paid     money.Fen `json:"paid"`     // recorded as paid
	Underway money.Fen `json:"underway"` // asked, not paid yet
}

// Left is what may still be asked.
func (a Account) Left() money.Fen { return a.Amount - a.Paid - a.Underway }
