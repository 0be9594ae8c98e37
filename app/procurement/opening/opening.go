// Package opening takes the bids out at the deadline: everything at once, on
// record, or nothing where too few came.
package opening

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

// Outcome is what came of an opening.
type Outcome string

// The outcomes.
const (
	Done   Outcome = "opened" // 已开标
	TooFew Outcome = "failed" // 不足法定家数，不予开标
)

// Opening is the one opening of a tender.
type Opening struct {
	bun.BaseModel `bun:"table:opening"`

	ID         id.ID     `bun:"id,pk" json:"id"`
	Tender     id.ID     `bun:"tender" json:"tender"`
	Outcome    Outcome   `bun:"outcome" json:"outcome"`
	Bidders    int       `bun:"bidders" json:"bidders"` // bids standing at the deadline
	Least      int64     `bun:"least" json:"least"`     // how many the rule asks for
	Article    string    `bun:"article" json:"article"`
	OpenedAt   time.Time `bun:"opened_at" json:"opened_at"`
	OpenedBy   id.ID     `bun:"opened_by" json:"-"`
	OpenerName string    `bun:"opener_name" json:"-"`
	Record     id.ID     `bun:"record" json:"record"` // the 开标记录
}

// Line is one bid as read out (唱标).
type Line struct {
	bun.BaseModel `bun:"table:opening_line"`

	ID           id.ID     `bun:"id,pk" json:"-"`
	Tender       id.ID     `bun:"tender" json:"-"`
	Bid          id.ID     `bun:"bid" json:"bid"`
	Version      int       `bun:"version" json:"version"`
	Supplier     id.ID     `bun:"supplier" json:"supplier"`
	SupplierName string    `bun:"supplier_name" json:"supplier_name"`
	Position     int       `bun:"position" json:"position"` // from 1, in order of arrival
	Price        money.Fen `bun:"price" json:"price"`       // a unit price where the tender has a unit ceiling
	Delivery     string    `bun:"delivery" json:"delivery"`
	Files        int       `bun:"files" json:"files"` // how many attachments
	SHA256       string    `bun:"sha256" json:"sha256"`
	SubmittedAt  time.Time `bun:"submitted_at" json:"submitted_at"`
}

// LeastBidders is the rule that says how many bids there must be: three in
// 公开招标 (财政部令第87号第41条); in a 竞争性磋商 for services two may go on
// (财库〔2015〕124号), and everything bought here is a service.
func LeastBidders(s rules.Set, method string) rules.Rule {
	if r, ok := s.Get(method + ".min_bidders_service"); ok {
		return r
	}
	return s.Of(method, "min_bidders")
}
