// Package goods keeps what a fund holds in things: masks, disinfectant, rice.
// What is in stock is the sum of the movements and nothing else; a movement is
// only ever added, which both databases enforce by triggers.
//
// Goods are kept off the money ledger on purpose: no money moved, a fund's
// balance must not look larger for a box of masks, and what has no proof of
// its value has no amount at all (财综〔2024〕1号). A receipt gets its amount
// from the donation's proven lines, not from here.
package goods

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// Item is one kind of thing in one fund. Quantity is what is there now, in
// Unit; it is never below zero.
type Item struct {
	bun.BaseModel `bun:"table:goods_item"`

	ID         id.ID     `bun:"id,pk" json:"id"`
	Foundation id.ID     `bun:"foundation" json:"foundation"`
	Fund       id.ID     `bun:"fund" json:"fund"`
	Name       string    `bun:"name" json:"name"`
	Unit       *string   `bun:"unit" json:"unit"` // null: the source states none
	Quantity   int64     `bun:"quantity" json:"quantity"`
	CreatedAt  time.Time `bun:"created_at" json:"-"`
}

// Measure is the unit for people, "" where none is stated.
func (i Item) Measure() string {
	if i.Unit == nil {
		return ""
	}
	return *i.Unit
}

// Cause is the decision that moves things: {"donation", id, line}. One line of
// one cause moves once.
type Cause struct {
	Kind string
	ID   id.ID
	Line int
}

// Back is the kind of a cause that brings back what was handed out and not
// accepted: it counts as less gone out, not as more come in.
const Back = "handout_return"

// Movement is one change of one item: above zero in, below zero out.
type Movement struct {
	bun.BaseModel `bun:"table:goods_movement"`

	ID        id.ID     `bun:"id,pk" json:"id"`
	Item      id.ID     `bun:"item" json:"item"`
	Quantity  int64     `bun:"quantity" json:"quantity"`
	CauseKind string    `bun:"cause_kind" json:"cause_kind"`
	CauseID   id.ID     `bun:"cause_id" json:"cause_id"`
	CauseLine int       `bun:"cause_line" json:"cause_line"`
	At        time.Time `bun:"at" json:"at"`
	By        id.ID     `bun:"account" json:"-"`
}

// Level is an item with its turnover: Quantity = In − Out.
type Level struct {
	Item
	In  int64 `bun:"goods_in" json:"in"`
	Out int64 `bun:"goods_out" json:"out"`
}
