// Package handout gives goods out of a fund's stock to an organisation that
// passes them on or uses them: drafted by one person, approved by another,
// taken out of the stock by the storekeeper, and signed for by the recipient's
// own people, who count what came. What they do not accept goes back into the
// stock, so that a hand-out ends with nothing unexplained; nothing counts as
// received because nobody said otherwise.
package handout

import (
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/goods"
	"gongji/app/kernel/id"
)

// ObjectKind is what the trail and the access registry call a hand-out.
// BackKind is the cause of the movements that bring back what was not accepted.
const (
	ObjectKind = "handout"
	BackKind   = goods.Back
)

// State is where a hand-out stands.
type State string

// The states.
const (
	Review    State = "review"    // 待批准
	Approved  State = "approved"  // 待出库
	Shipped   State = "shipped"   // 已出库，待签收
	Signed    State = "signed"    // 已签收
	Cancelled State = "cancelled" // 已取消, before anything left the stock
)

var stateNames = map[State]string{Review: "待批准", Approved: "待出库", Shipped: "已出库，待签收", Signed: "已签收", Cancelled: "已取消"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// States lists the states in order.
func States() []State { return []State{Review, Approved, Shipped, Signed, Cancelled} }

// Handout is one delivery of goods to one organisation.
type Handout struct {
	bun.BaseModel `bun:"table:handout"`

	ID             id.ID      `bun:"id,pk" json:"id"`
	Foundation     id.ID      `bun:"foundation" json:"foundation"`
	FoundationName string     `bun:"foundation_name" json:"foundation_name"`
	Fund           id.ID      `bun:"fund" json:"fund"`
	FundName       string     `bun:"fund_name" json:"fund_name"`
	Recipient      id.ID      `bun:"recipient" json:"recipient"`
	RecipientName  string     `bun:"recipient_name" json:"recipient_name"`
	Purpose        string     `bun:"purpose" json:"purpose" description:"给谁用、做什么"`
	State          State      `bun:"state" json:"state"`
	Version        int64      `bun:"version" json:"-"`
	Number         *string    `bun:"number" json:"number,omitempty"` // once it left the stock
	Reason         string     `bun:"reason" json:"reason,omitempty"` // why cancelled
	Demo           bool       `bun:"demo" json:"demo"`
	DraftedBy      id.ID      `bun:"drafted_by" json:"-"`
	Drafter        string     `bun:"drafter" json:"-"`
	CreatedAt      time.Time  `bun:"created_at" json:"created_at"`
	ApprovedBy     *id.ID     `bun:"approved_by" json:"-"`
	Approver       string     `bun:"approver" json:"-"`
	ApprovedAt     *time.Time `bun:"approved_at" json:"approved_at,omitempty"`
	ShippedBy      *id.ID     `bun:"shipped_by" json:"-"`
	Shipper        string     `bun:"shipper" json:"-"`
	ShippedAt      *time.Time `bun:"shipped_at" json:"shipped_at,omitempty"`
	SignedBy       *id.ID     `bun:"signed_by" json:"-"`
	Signer         string     `bun:"signer" json:"-"`
	SignedAt       *time.Time `bun:"signed_at" json:"signed_at,omitempty"`

	Lines []Line `bun:"-" json:"lines"`
}

// Line is one kind of thing: Accepted + Returned = Quantity once it is signed.
type Line struct {
	bun.BaseModel `bun:"table:handout_line"`

	Handout  id.ID   `bun:"handout,pk" json:"-"`
	Line     int     `bun:"line,pk" json:"line"` // from 1
	Item     id.ID   `bun:"item" json:"item"`
	Name     string  `bun:"name" json:"name"`
	Unit     *string `bun:"unit" json:"unit"` // null: the source states none
	Quantity int64   `bun:"quantity" json:"quantity"`
	Accepted *int64  `bun:"accepted" json:"accepted,omitempty"`
	Returned *int64  `bun:"returned" json:"returned,omitempty"`
	Why      string  `bun:"why" json:"why,omitempty"` // why not all was accepted
}

// Measure is the unit for people, "" where none is stated.
func (l Line) Measure() string {
	if l.Unit == nil {
		return ""
	}
	return *l.Unit
}

// No is the number, "" before it left the stock.
func (x Handout) No() string {
	if x.Number == nil {
		return ""
	}
	return *x.Number
}

// Sums says in one line what it is.
func (x Handout) Sums() string {
	out := ""
	for i, l := range x.Lines {
		if i == 3 {
			return out + fmt.Sprintf("等 %d 种", len(x.Lines))
		}
		if i > 0 {
			out += "；"
		}
		out += fmt.Sprintf("%s %d %s", l.Name, l.Quantity, l.Measure())
	}
	return out
}

// Form is what a hand-out is made of.
type Form struct {
	Fund      id.ID  `json:"fund"`
	Recipient string `json:"recipient" description:"接收单位的登记全称或统一社会信用代码；须是平台上已登记的单位"`
	Purpose   string `json:"purpose" description:"给谁用、做什么；不写个人姓名"`
	Lines     []Want `json:"lines"`
}

// Want is how much of an item is to go out.
type Want struct {
	Item     id.ID `json:"item"`
	Quantity int64 `json:"quantity"`
}

// Counted is what the recipient found of one line.
type Counted struct {
	Line     int    `json:"line"`
	Accepted int64  `json:"accepted"`
	Why      string `json:"why,omitempty" description:"没有全部接收的，写明原因"`
}
