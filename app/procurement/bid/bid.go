// Package bid keeps what suppliers offer: a draft that saves itself, versions
// that are frozen when they are sent, and the receipt that proves it.
//
// Before the opening nobody but the bidder's own organisation learns anything
// of a bid: not its content or price, not its size or time, not that it
// exists. So nothing here lists or counts bids for anybody else, and trail
// events of a bid are never public.
package bid

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// ObjectKind is what attachments, documents and the trail call a bid.
const ObjectKind = "bid"

// State is how far a bid has come in its bidder's hands.
type State string

// The states of a bid.
const (
	Draft     State = "draft"     // never submitted
	Submitted State = "submitted" // the last version counts
	Withdrawn State = "withdrawn" // 撤回; nothing counts until submitted again
)

// Bid is one supplier's one bid in one tender.
type Bid struct {
	bun.BaseModel `bun:"table:bid"`

	ID       id.ID   `bun:"id,pk" json:"id"`
	Tender   id.ID   `bun:"tender" json:"tender"`
	Supplier id.ID   `bun:"supplier" json:"supplier"`
	State    State   `bun:"state" json:"state"`
	Draft    Working `bun:"draft" json:"draft"`
	// Version is the number of the last version sent; 0 before the first.
	Version      int        `bun:"version" json:"version"`
	SHA256       string     `bun:"sha256" json:"sha256,omitempty"` // of that version's payload
	SubmittedAt  *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	WithdrawnAt  *time.Time `bun:"withdrawn_at" json:"withdrawn_at,omitempty"`
	WithdrawnWhy string     `bun:"withdrawn_why" json:"withdrawn_reason,omitempty"`
	CreatedAt    time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time  `bun:"updated_at" json:"updated_at"`
}

// Working is the draft: whatever has been typed so far, complete or not.
type Working struct {
	// Price is the offer in 分: the total, or the unit price where the tender
	// has a unit ceiling.
	Price *money.Fen `json:"price,omitempty"`
	// Typed keeps a price that could not be read, so that nothing typed is lost.
	Typed    string            `json:"price_typed,omitempty"`
	Delivery string            `json:"delivery"`
	Answers  map[string]string `json:"answers"` // by criterion id
}

// Version is one submission, frozen. Only Content opens it.
type Version struct {
	bun.BaseModel `bun:"table:bid_version"`

	ID          id.ID     `bun:"id,pk" json:"id"`
	Bid         id.ID     `bun:"bid" json:"bid"`
	Number      int       `bun:"number" json:"number"`
	Payload     Payload   `bun:"payload" json:"-"`
	SHA256      string    `bun:"sha256" json:"sha256"`
	SubmittedAt time.Time `bun:"submitted_at" json:"submitted_at"`
	SubmittedBy id.ID     `bun:"submitted_by" json:"-"`
	Receipt     id.ID     `bun:"receipt" json:"receipt"` // the 投标回执
}
