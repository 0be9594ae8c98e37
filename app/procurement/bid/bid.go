// Package bid keeps what suppliers offer: a draft and versions, all of it
// sealed. A bid is encrypted on the bidder's device to the tender's key and to
// the bidder's own people; the server stores the ciphertext, answers with a
// receipt over its hash, and can read nothing of it until the key holders open
// the tender.
//
// Nobody but the bidder's own organisation learns that a bid exists, its size
// or its time before then either. So nothing here lists or counts bids for
// anybody else, and trail events of a bid are never public.
package bid

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// ObjectKind is what attachments, documents and the trail call a bid.
const ObjectKind = "bid"

// OpenedKind is the owner of the files that came out of an opened bid; its
// objects are bids too.
const OpenedKind = "opened_bid"

// DefaultLimit is the largest sealed bid where the operator sets no other, in
// bytes: 512 MiB.
const DefaultLimit int64 = 512 << 20

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

	ID       id.ID `bun:"id,pk" json:"id"`
	Tender   id.ID `bun:"tender" json:"tender"`
	Supplier id.ID `bun:"supplier" json:"supplier"`
	State    State `bun:"state" json:"state"`
	// Version is the number of the last version sent; 0 before the first.
	Version      int        `bun:"version" json:"version"`
	SHA256       string     `bun:"sha256" json:"sha256,omitempty" description:"最后一版密封文件的 SHA-256"`
	SubmittedAt  *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	WithdrawnAt  *time.Time `bun:"withdrawn_at" json:"withdrawn_at,omitempty"`
	WithdrawnWhy string     `bun:"withdrawn_why" json:"withdrawn_reason,omitempty"`
	CreatedAt    time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time  `bun:"updated_at" json:"updated_at"`
}

// Version is one submission: a sealed file that nobody changes any more.
type Version struct {
	bun.BaseModel `bun:"table:bid_version"`

	ID          id.ID     `bun:"id,pk" json:"id"`
	Bid         id.ID     `bun:"bid" json:"bid"`
	Number      int       `bun:"number" json:"version"`
	ObjectKey   string    `bun:"object_key" json:"-"`
	SHA256      string    `bun:"sha256" json:"sha256" description:"密封文件的 SHA-256，与回执所载相同"`
	SubmittedAt time.Time `bun:"submitted_at" json:"submitted_at"`
	SubmittedBy id.ID     `bun:"submitted_by" json:"-"`
	Receipt     id.ID     `bun:"receipt" json:"receipt" description:"投标回执的文书编号"`
	// Documents is the version of the 采购文件 in force when this was sent; 0
	// where nobody noted it.
	Documents int `bun:"documents" json:"documents,omitempty" description:"提交时现行的采购文件版本"`
}
