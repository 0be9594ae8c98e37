package donation

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/storage/db"
)

// Gathering is what a designated platform collected in a public campaign and
// pays over at once: the net amount in 分 and how many gifts it sums up.
type Gathering struct {
	Fund     id.ID
	Amount   money.Fen
	Gifts    int64
	Platform string
	Purpose  string
	Key      string // of the settlement, so that it is one donation
	Named    []Named
}

// Named is one who gave in a public campaign and asked for a receipt: a donation
// of its own within the settlement. Amount in 分.
type Named struct {
	Kind   DonorKind
	Name   string
	USCC   *string
	Amount money.Fen
	Slip   string // the platform's order number
}

// Gather writes down a platform's settlement as one donation that names nobody,
// and one for each who asked for a receipt, in the transaction that enters it;
// only the fund's own foundation may. It waits for the money like any other:
// see Confirm and Settle. The nameless one stands for all until then, so that
// the bank's one line finds it; the others are confirmed with it.
func (s *Service) Gather(ctx context.Context, tx bun.Tx, who party.Actor, g Gathering) (Donation, error) {
	now := s.clock.Now()
	g.Gifts -= int64(len(g.Named))
	d := Donation{ID: id.New(now), Fund: g.Fund, Kind: Money, State: Pledged, Reference: id.Code(8), DonorKind: Unknown, DonorName: g.Platform,
		Purpose: g.Purpose, Relation: NoRelation, Method: "平台结算", Amount: &g.Amount, Offline: true, Gathered: &g.Gifts,
		CreatedBy: who.Account, CreatedAt: now, Key: g.Key}
	terms := func(_ context.Context, _ bun.Tx, d *Donation) error {
		d.Terms = "公众在" + g.Platform + "捐给本次公开募捐的款项，按备案的募捐方案使用。" + d.Terms
		return s.policy.Require(Relations(who, *d), "donation.new", "record")
	}
	if err := s.write(ctx, tx, who, now, &d, terms); err != nil {
		return d, err
	}
	for i, n := range g.Named {
		x := Donation{ID: id.New(now), Fund: g.Fund, Kind: Money, State: Pledged, Reference: id.Code(8), DonorKind: n.Kind, DonorName: n.Name, DonorUSCC: n.USCC,
			Hidden: true, Purpose: g.Purpose, Relation: NoRelation, Method: "经" + g.Platform, Amount: &n.Amount, Offline: true, GatheredIn: &d.ID,
			CreatedBy: who.Account, CreatedAt: now, Key: g.Key + "/" + strconv.Itoa(i+1)}
		if n.Slip != "" {
			x.Method += "，订单号 " + n.Slip
		}
		if err := s.write(ctx, tx, who, now, &x, terms); err != nil {
			return d, err
		}
	}
	return d, nil
}

// within are the donations that a settlement's nameless one stands for, locked.
func within(ctx context.Context, tx bun.Tx, d Donation) ([]Donation, error) {
	if d.Gathered == nil {
		return nil, nil
	}
	var out []Donation
	err := db.Lock(tx.NewSelect().Model(&out).Where("gathered_in = ? AND state <> ?", d.ID, Cancelled).Order("id")).Scan(ctx)
	return out, db.Translate(err)
}

// Brought is what came to the bank with a donation, in 分: a settlement's with
// what the donors that are named in it gave; nil before it came.
func Brought(ctx context.Context, tx bun.Tx, d Donation) (*money.Fen, error) {
	if d.Arrived == nil {
		return nil, nil
	}
	sum := *d.Arrived
	list, err := within(ctx, tx, d)
	for _, x := range list {
		if x.Arrived != nil {
			sum += *x.Arrived
		}
	}
	return &sum, err
}

// own is what of a settlement's money is nobody's by name, in 分.
func own(amount money.Fen, named []Donation) money.Fen {
	for _, x := range named {
		amount -= *x.Amount
	}
	return amount
}

// bring confirms the donations within a settlement, each with a posting of its
// own, in the transaction that confirms the settlement.
func (s *Service) bring(ctx context.Context, tx bun.Tx, who party.Actor, of Donation, f fund.Fund, named []Donation, now time.Time) error {
	for _, x := range named {
		x.State, x.ArrivedAt, x.DecidedBy, x.DecidedAt = Confirmed, of.ArrivedAt, &who.Account, &now
		if err := s.post(ctx, tx, who, &x, f, *x.Amount, nil); err != nil {
			return err
		}
		if err := decide(ctx, tx, &x); err != nil {
			return err
		}
		if err := record(ctx, tx, who, now, x, "确认到账", "随平台结算 "+of.Reference, rules.ReceiptContent); err != nil {
			return err
		}
	}
	return nil
}

// alone refuses to decide on a donation within a settlement by itself.
func (d Donation) alone() error {
	if d.GatheredIn != nil && d.State == Pledged {
		return fault.New(fault.Conflict, "这笔捐赠随公开募捐平台的结算一起办理，请到结算的那笔捐赠确认或取消")
	}
	return nil
}

// gathering is what stands where a donor's name would.
func (d Donation) gathering() string {
	return fmt.Sprintf("公众（经%s，%d 人次）", d.DonorName, *d.Gathered)
}

// whole holds the confirmation of a platform's settlement to what its statement
// says, and to a second person.
func (d Donation) whole(who party.Actor, a Arrival) error {
	if d.Gathered == nil {
		return nil
	}
	if d.CreatedBy == who.Account {
		return fault.New(fault.Forbidden, "这张平台结算单由您登记，请由另一位财务人员确认到账")
	}
	if a.Amount != nil && *a.Amount != *d.Amount {
		return mend("amount", "到账金额应等于结算单的净额 "+d.Amount.Yuan()+" 元；不一致请选“未到账”，向平台核实后重新登记")
	}
	return nil
}
