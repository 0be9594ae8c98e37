package donation

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
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
}

// Gather writes down a platform's settlement as one donation that names nobody,
// in the transaction that enters it; only the fund's own foundation may. It
// waits for the money like any other: see Confirm and Settle.
func (s *Service) Gather(ctx context.Context, tx bun.Tx, who party.Actor, g Gathering) (Donation, error) {
	now := s.clock.Now()
	d := Donation{ID: id.New(now), Fund: g.Fund, Kind: Money, State: Pledged, Reference: id.Code(8), DonorKind: Unknown, DonorName: g.Platform,
		Purpose: g.Purpose, Relation: NoRelation, Method: "平台结算", Amount: &g.Amount, Offline: true, Gathered: &g.Gifts,
		CreatedBy: who.Account, CreatedAt: now, Key: g.Key}
	err := s.write(ctx, tx, who, now, &d, func(_ context.Context, _ bun.Tx, d *Donation) error {
		d.Terms = "公众在" + g.Platform + "捐给本次公开募捐的款项，按备案的募捐方案使用。" + d.Terms
		return s.policy.Require(Relations(who, *d), "donation.new", "record")
	})
	return d, err
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
