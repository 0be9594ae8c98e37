// Package award chooses the winner from the ranking: proposed by one person,
// approved by another, then told to the winner, the losers and everybody.
package award

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// ObjectKind is what documents and the trail call an award.
const ObjectKind = "award"

// State is how far a proposal has come.
type State string

// The states of an award.
const (
	Proposed State = "proposed" // 待审批
	Returned State = "returned" // 已退回
	Approved State = "approved" // 已定标
)

// Award is one proposal of a winner; at most one of a tender is approved.
type Award struct {
	bun.BaseModel `bun:"table:award"`

	ID           id.ID     `bun:"id,pk" json:"id"`
	Tender       id.ID     `bun:"tender" json:"tender"`
	Round        int       `bun:"round" json:"round"` // from 1; a returned proposal is followed by the next
	Bid          id.ID     `bun:"bid" json:"bid"`
	Supplier     id.ID     `bun:"supplier" json:"supplier"`
	SupplierName string    `bun:"supplier_name" json:"supplier_name"`
	Buyer        id.ID     `bun:"buyer" json:"buyer"`
	Amount       money.Fen `bun:"amount" json:"amount"` // the bid price: a unit price where the tender has a unit ceiling
	Rank         int       `bun:"rank" json:"rank"`
	Reason       string    `bun:"reason" json:"reason,omitempty"` // why not rank 1, or how a tie was broken
	// Silent says that nobody chose in time and the law chose rank 1
	// (竞争性磋商, 财库〔2014〕214号第28条).
	Silent       bool       `bun:"silent" json:"silent,omitempty"`
	State        State      `bun:"state" json:"state"`
	ProposedBy   id.ID      `bun:"proposed_by" json:"-"`
	ProposedAt   time.Time  `bun:"proposed_at" json:"proposed_at"`
	DecidedBy    *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt    *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	DecisionNote string     `bun:"decision_note" json:"decision_note,omitempty"`
	Number       string     `bun:"number" json:"number,omitempty"` // of the 中标通知书
	Notice       *id.ID     `bun:"notice" json:"notice,omitempty"` // the document
}

// Result is what everybody may know once a winner is approved.
type Result struct {
	Award     Award      `json:"award"`
	Unit      string     `json:"unit,omitempty"` // 元/Unit where prices are unit prices
	Standings []Standing `json:"standings"`
	Rejected  int        `json:"rejected"` // bids that did not pass; their bidders are told why
	Panel     []string   `json:"panel"`
	// First is the winner's price at the opening, where the amount is a last offer.
	First    *money.Fen `json:"first_price,omitempty"`
	Record   string     `json:"evaluation_sha256"` // of the frozen evaluation
	PublicAt time.Time  `json:"published_at"`
	// Changes are the results that were given up before this one.
	Changes []Forfeit `json:"changes"`
}

// Standing is one conforming bidder's place.
type Standing struct {
	Supplier id.ID     `json:"supplier"`
	Name     string    `json:"name"`
	Price    money.Fen `json:"price"`
	// First is the price read out at the opening, where Price is a last offer.
	First  *money.Fen `json:"first_price,omitempty"`
	Total  int64      `json:"total"` // hundredths of a point
	Rank   int        `json:"rank"`
	Tied   bool       `json:"tied,omitempty"`
	Winner bool       `json:"winner"`
}

// Own is what a bidder is told about their own bid.
type Own struct {
	Won     bool     `json:"won"`
	Passed  bool     `json:"passed"` // conformity, by majority
	Reasons []string `json:"reasons,omitempty"`
	Marks   []Mark   `json:"marks"`
	Total   int64    `json:"total"`
	Rank    int      `json:"rank"`
	Of      int      `json:"of"` // bids that were ranked
	Why     string   `json:"why"`
}

// Mark is one line of the scoring table with what a bid was given.
type Mark struct {
	Name   string `json:"name"`
	Weight int64  `json:"weight"`
	Score  int64  `json:"score"`
	Best   int64  `json:"winner"` // what the winner was given on the same line
}
