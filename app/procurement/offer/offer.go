// Package offer is 最后报价: the one sealed round at the end of a 竞争性磋商 or
// 竞争性谈判. After the talks every supplier who still responds is asked for a
// last price within a stated time (财库〔2014〕214号第21条, 财政部令第74号第33条).
//
// A last offer is encrypted on the supplier's device to the tender's key, like
// the bid, and kept as ciphertext; who has offered is told to nobody but the
// supplier. After the stated moment the holders give their shares again and all
// offers are read in one transaction. Whoever gave none, or none that opens, is
// taken to have left the talks. Fewer offers than the law asks for end the
// purchase, without any key where they are too few by number alone.
package offer

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// ObjectKind is what documents and the trail call a last offer.
const ObjectKind = "last_offer"

// State is how far a round has come.
type State string

// The states; Due is not stored, it is Asked past its moment.
const (
	Asked  State = "asked"  // offers may be given
	Due    State = "due"    // the moment has passed; the holders are awaited
	Read   State = "read"   // opened: the last prices count
	Failed State = "failed" // too few offers: the purchase ended
)

// Round is the one round of a tender.
type Round struct {
	bun.BaseModel `bun:"table:offer_round"`

	ID      id.ID            `bun:"id,pk" json:"id"`
	Tender  id.ID            `bun:"tender" json:"tender"`
	State   State            `bun:"state" json:"state" enum:"asked,due,read,failed"`
	Minutes int              `bun:"minutes" json:"minutes"`
	Least   int64            `bun:"least" json:"least" description:"提交最后报价的供应商至少几家"`
	Article string           `bun:"article" json:"article"`
	AskedAt time.Time        `bun:"asked_at" json:"asked_at"`
	AskedBy id.ID            `bun:"asked_by" json:"-"`
	DueAt   time.Time        `bun:"due_at" json:"due_at"`
	ReadAt  *time.Time       `bun:"read_at" json:"read_at,omitempty"`
	Holders []opening.Person `bun:"holders" json:"-"` // whose shares made the key
}

// StateAt is the state at a moment: the clock alone ends the time to offer.
func (r Round) StateAt(now time.Time) State {
	if r.State == Asked && !now.Before(r.DueAt) {
		return Due
	}
	return r.State
}

// Offer is one supplier's place in a round. Price is nil until the round is
// read, and stays nil for whoever is out.
type Offer struct {
	bun.BaseModel `bun:"table:last_offer"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Round        id.ID      `bun:"round" json:"round"`
	Tender       id.ID      `bun:"tender" json:"-"`
	Bid          id.ID      `bun:"bid" json:"bid"`
	Supplier     id.ID      `bun:"supplier" json:"supplier"`
	SupplierName string     `bun:"supplier_name" json:"supplier_name"`
	First        money.Fen  `bun:"first_price" json:"first_price"` // as read out at the opening
	Version      int        `bun:"version" json:"version"`         // how often it was given; 0 is not yet
	Sealed       []byte     `bun:"sealed" json:"-"`
	SHA256       string     `bun:"sha256" json:"sha256,omitempty"`
	SubmittedAt  *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	SubmittedBy  *id.ID     `bun:"submitted_by" json:"-"`
	Receipt      *id.ID     `bun:"receipt" json:"receipt,omitempty"`
	QuitAt       *time.Time `bun:"quit_at" json:"quit_at,omitempty"`
	QuitWhy      string     `bun:"quit_why" json:"quit_reason,omitempty"`
	Price        *money.Fen `bun:"price" json:"price,omitempty"`
	Delivery     string     `bun:"delivery" json:"delivery,omitempty"`
	Failed       string     `bun:"failed" json:"failed,omitempty" description:"因供应商自身原因未能开启的原因；视为退出"`
}

// Out is why a supplier is out once the round is read; "" for one whose last
// price counts.
func (o Offer) Out() string {
	switch {
	case o.QuitAt != nil:
		return "提交最后报价之前退出"
	case o.Version == 0:
		return "没有在规定时间内提交最后报价，视为退出"
	case o.Failed != "":
		return "最后报价因供应商自身原因未能开启（" + o.Failed + "），视为退出"
	}
	return ""
}

// Asks reports whether a tender's method ends with last offers.
func Asks(t tender.Tender) bool {
	m, _ := rules.MethodByID(t.Method)
	return m.LastOffer
}

// Of is the round of a tender with its offers by bid, for the sibling packages
// of procurement, which authorise themselves; nil where there is none. Nothing
// of an offer is in it until the round is read.
func Of(ctx context.Context, d bun.IDB, tenderID id.ID) (*Round, map[id.ID]Offer, error) {
	var rounds []Round
	if err := d.NewSelect().Model(&rounds).Where("tender = ?", tenderID).Scan(ctx); err != nil || len(rounds) == 0 {
		return nil, nil, db.Translate(err)
	}
	r := rounds[0]
	if r.State == Asked {
		return &r, map[id.ID]Offer{}, nil
	}
	list, err := offersOf(ctx, d, r.ID)
	out := map[id.ID]Offer{}
	for _, o := range list {
		o.Sealed = nil
		out[o.Bid] = o
	}
	return &r, out, err
}

func offersOf(ctx context.Context, d bun.IDB, round id.ID) ([]Offer, error) {
	list := []Offer{}
	err := d.NewSelect().Model(&list).Where("round = ?", round).Order("id").Scan(ctx)
	return list, db.Translate(err)
}
