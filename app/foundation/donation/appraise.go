package donation

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/goods"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/storage/db"
)

// Appraisal is what one person counted of goods that came, and what they are
// worth; another person then confirms it.
type Appraisal struct {
	Goods []Arrived `json:"goods" description:"要计价的各项：实收数量、价值和依据；没有价值凭证的不填价值"`
	Note  string    `json:"note,omitempty" description:"怎样得出的价值；依据是公允价值时必填"`
}

// Appraise counts and values goods. It may be done again until somebody else
// has confirmed. Errors: Invalid (a value without proof, with the article).
func (s *Service) Appraise(ctx context.Context, who party.Actor, donation id.ID, in Appraisal) (Donation, error) {
	in.Note = text(in.Note)
	var d Donation
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if d, err = ForUpdate(ctx, tx, donation); err != nil {
			return err
		}
		if err := s.policy.Require(Relations(who, d), object(d), "appraise"); err != nil {
			return err
		}
		if d.Kind != Goods {
			return fault.New(fault.Conflict, "资金捐赠不需要估值")
		}
		if !Knows(s.policy, who, d) { // its vouchers name the donor
			return fault.New(fault.Forbidden, "捐赠人要求保密，凭证只有收据经办人看得到：请复核人清点估值").Under(rules.At(s.clock.Now()).Must(rules.CharityPrivacy).Source())
		}
		if err := apart(ctx, tx, who, d); err != nil {
			return err
		}
		now := s.clock.Now()
		proof, err := s.proofs(ctx, tx, d)
		if err != nil {
			return err
		}
		var c fault.Check
		if in.check(&c, &d, proof, rules.At(now)); c.Err() != nil {
			return c.Err()
		}
		for _, l := range d.Lines {
			if err := db.One(tx.NewUpdate().Model(&l).Column("counted", "appraised", "basis").Where("donation = ? AND line = ?", d.ID, l.Line).Exec(ctx)); err != nil {
				return err
			}
		}
		d.AppraisedBy, d.Appraiser, d.AppraisedAt, d.AppraisalNote = &who.Account, who.Name, &now, in.Note
		err = db.One(tx.NewUpdate().Model(&d).Column("appraised_by", "appraiser", "appraised_at", "appraisal_note").
			Where("id = ? AND state = ?", d.ID, Pledged).Exec(ctx))
		if err != nil {
			return err
		}
		return record(ctx, tx, who, now, d, "清点并估值，待另一人确认", in.Note, rules.GoodsTwoPeople)
	})
	return s.seen(who, d), err
}

// check holds an appraisal to the donation and takes it over into its lines.
func (in *Appraisal) check(c *fault.Check, d *Donation, proof func(Line) bool, set rules.Set) {
	c.Must(utf8.RuneCountInString(in.Note) <= 500, "note", "说明不超过 500 个字")
	for i := range d.Lines {
		d.Lines[i].Counted, d.Lines[i].Appraised, d.Lines[i].Basis = nil, nil, ""
	}
	seen, fair, some := map[int]bool{}, false, false
	for _, x := range in.Goods {
		if seen[x.Line] || x.Line < 1 || x.Line > len(d.Lines) {
			c.Fail("goods", "第 %d 项重复或不存在，请按捐赠的物资逐项填写", x.Line)
			return
		}
		seen[x.Line] = true
		l, at := &d.Lines[x.Line-1], func(f string) string { return fmt.Sprintf("goods.%d.%s", x.Line, f) }
		c.Must(x.Quantity >= 0 && x.Quantity <= goods.MostQuantity, at("quantity"), "第 %d 项：请填写实际清点的数量，没有收到填 0", x.Line)
		n := x.Quantity
		l.Counted, some = &n, true
		if x.Value == nil {
			continue
		}
		c.Adopt(at("value"), amountError(*x.Value))
		c.Must(x.Quantity > 0, at("value"), "第 %d 项没有收到，不能有价值", x.Line)
		if !proof(*l) {
			c.FailUnder(set.Must(rules.ReceiptGoodsProof).Source(), at("value"), "第 %d 项没有价值凭证，只列实物、不开金额；请先上传凭证或清空价值", x.Line)
		}
		c.Must(x.Basis == Voucher || x.Basis == Fair, at("basis"), "第 %d 项：请选择价值的依据", x.Line)
		l.Appraised, l.Basis, fair = x.Value, x.Basis, fair || x.Basis == Fair
	}
	c.Must(some, "goods", "请至少清点一项")
	if fair && in.Note == "" {
		c.FailUnder(set.Must(rules.ReceiptGoodsProof).Source(), "note", "按公允价值计价的，请写明怎样得出、依据哪份证明")
	}
}

// approved refuses to confirm a value that nobody else has given: who values
// goods is not who confirms them. It is asked under the donation's lock.
func (a Arrival) approved(who party.Actor, d Donation, set rules.Set) error {
	if d.Kind != Goods {
		return nil
	}
	article := set.Must(rules.GoodsTwoPeople).Source()
	var c fault.Check
	for _, x := range a.Goods {
		l, at := d.Lines[x.Line-1], fmt.Sprintf("goods.%d.value", x.Line)
		switch {
		case x.Value == nil:
		case d.AppraisedBy == nil || l.Appraised == nil:
			c.FailUnder(article, at, "第 %d 项还没有人估值：请仓管或项目官员先清点估值，再由您确认", x.Line)
		case *d.AppraisedBy == who.Account:
			c.FailUnder(article, at, "第 %d 项由您估值，估值人和确认人不能是同一人，请另一位财务人员确认", x.Line)
		case *x.Value != *l.Appraised || l.Counted == nil || x.Quantity != *l.Counted:
			c.FailUnder(article, at, "第 %d 项与 %s 的估值不同（清点 %d，价值 %s 元）；有异议请写明原因，由对方重新估值", x.Line, d.Appraiser, *l.Counted, l.Appraised.Yuan())
		}
	}
	return c.Err()
}

// thank tells a donor that the money or the goods came.
func (s *Service) thank(ctx context.Context, tx bun.Tx, now time.Time, d Donation) error {
	var to inbox.To
	switch {
	case d.DonorOrg != nil:
		to.Organisation = *d.DonorOrg
	case d.DonorAccount != nil:
		to.Account = *d.DonorAccount
	default:
		return nil
	}
	return inbox.Send(ctx, tx, now, []inbox.To{to}, inbox.Letter{Title: "您的捐赠已确认到账", Link: "/donations/" + string(d.ID),
		Text: "登记号 " + d.Reference + "。收据开好后可以下载；钱用到哪里，也在这一页查看。"})
}
