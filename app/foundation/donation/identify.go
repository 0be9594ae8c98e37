package donation

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/storage/db"
)

// Identity is who gave, learnt after a gift was recorded without a name.
type Identity struct {
	Kind DonorKind `json:"donor_kind" enum:"person,organisation"`
	Name string    `json:"donor_name" description:"姓名或单位全称"`
	USCC string    `json:"donor_uscc,omitempty" description:"单位的统一社会信用代码"`
}

// Identify writes the donor's name on a gift that was recorded without one, so
// that a receipt has somebody to go to. A name that is there is never changed
// here. Errors: Conflict (it has a name), Invalid.
func (s *Service) Identify(ctx context.Context, who party.Actor, donation id.ID, i Identity) (Donation, error) {
	var d Donation
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if d, err = ForUpdate(ctx, tx, donation); err != nil {
			return err
		}
		if err := s.policy.Require(Relations(who, d), object(d), "name"); err != nil {
			return err
		}
		if !d.Nameless() {
			return fault.New(fault.Conflict, "这笔捐赠已有捐赠人，不在这里修改")
		}
		var c fault.Check
		o := Offline{DonorKind: i.Kind, DonorName: i.Name, DonorUSCC: i.USCC}
		o.named(&c)
		c.Must(i.Kind != Unknown, "donor_kind", "请选择捐赠人是个人还是单位")
		if c.Err() != nil {
			return c.Err()
		}
		d.DonorKind, d.DonorName = o.DonorKind, o.DonorName
		if o.DonorUSCC != "" {
			d.DonorUSCC = &o.DonorUSCC
		}
		err = db.One(tx.NewUpdate().Model(&d).Column("donor_kind", "donor_name", "donor_uscc").Where("id = ? AND donor_kind = ?", d.ID, Unknown).Exec(ctx))
		if err != nil {
			return err
		}
		return record(ctx, tx, who, s.clock.Now(), d, "补登捐赠人", "", rules.ReceiptContent)
	})
	return d, err
}

// Nameless reports whether nobody's name is known, so that there is nobody to
// give a receipt to.
func (d Donation) Nameless() bool { return d.DonorKind == Unknown && d.Gathered == nil }
