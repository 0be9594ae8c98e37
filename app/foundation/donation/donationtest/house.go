// Package donationtest sets up a foundation with an active fund, its staff and
// some donors, for tests of what happens to donations.
package donationtest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/goods"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
)

// House is a foundation with people in it.
type House struct {
	*fundtest.House
	T         testing.TB
	Goods     *goods.Service
	Donations *donation.Service
	Fund      fund.Fund

	Reviewer, Storekeeper party.Actor // of the foundation
	Outsider              party.Actor // finance of another foundation
	Donor                 party.Actor // a private person
	Company               party.Actor // lead of an enterprise
}

// New sets the house up at fundtest.Start.
func New(t testing.TB, d *bun.DB) *House {
	t.Helper()
	h := &House{House: fundtest.New(t, d), T: t}
	h.Goods = goods.New(d, h.Clock)
	h.Donations = donation.New(d, h.Clock, h.Policy, donation.Rooms{Organisations: h.Orgs, Ledger: h.Ledger, Goods: h.Goods, Attachments: h.Attachments})
	h.Access[donation.ObjectKind] = h.Donations.MayProofs
	h.Finance = h.Join(h.Person("财务乙"), h.Foundation, party.Finance)
	h.Reviewer = h.Join(h.Person("复核丙"), h.Foundation, party.Reviewer)
	h.Storekeeper = h.Join(h.Person("仓管丁"), h.Foundation, party.Storekeeper)
	h.Outsider = h.Join(h.Person("别家财务"), h.Org(t, party.Foundation, "另一家基金会"), party.Finance)
	h.Company = h.Join(h.Person("企业负责人"), h.Org(t, party.Enterprise, "东莞市晨光电子有限公司"), party.Lead)
	_, err := d.NewUpdate().Model((*organisation.Organisation)(nil)).Set("uscc = ?", "91654026MA78WT2Q66").Where("id = ?", h.Company.Org).Exec(t.Context())
	h.must(err)
	h.Donor = h.Person("欧阳娜娜")
	h.Fund = h.Active(t, "防控新型冠状病毒肺炎专项基金")
	return h
}

func (h *House) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Person makes somebody who acts for themselves.
func (h *House) Person(name string) party.Actor {
	h.T.Helper()
	a := account.Account{ID: id.New(h.Clock.Now()), Name: name, CreatedAt: h.Clock.Now()}
	a.Login = string(a.ID)
	_, err := h.DB.NewInsert().Model(&a).Exec(h.T.Context())
	h.must(err)
	return party.Actor{Account: a.ID, Name: name}
}

// Join lets a person act for an organisation.
func (h *House) Join(a party.Actor, org id.ID, r party.Role) party.Actor {
	h.T.Helper()
	m := account.Membership{ID: id.New(h.Clock.Now()), Account: a.Account, Organisation: org, Role: r, CreatedAt: h.Clock.Now()}
	_, err := h.DB.NewInsert().Model(&m).Exec(h.T.Context())
	h.must(err)
	var o organisation.Organisation
	h.must(h.DB.NewSelect().Model(&o).Where("id = ?", org).Scan(h.T.Context()))
	a.Org, a.OrgName, a.OrgKind, a.Role = o.ID, o.Name, o.Kind, r
	return a
}

// Pledge is a pledge of money that passes every rule.
func (h *House) Pledge(amount money.Fen) donation.Pledge {
	return donation.Pledge{Fund: h.Fund.ID, Kind: donation.Money, Amount: &amount, Method: "银行转账",
		Relation: donation.NoRelation, Agree: true, NoBenefit: true}
}

// Things is a pledge of goods that passes every rule.
func (h *House) Things(list ...donation.Thing) donation.Pledge {
	p := h.Pledge(1)
	p.Kind, p.Amount, p.Goods = donation.Goods, nil, list
	return p
}

// Given pledges money and confirms that all of it came.
func (h *House) Given(who party.Actor, amount money.Fen) donation.Donation {
	h.T.Helper()
	d, err := h.Donations.Pledge(h.T.Context(), who, h.Pledge(amount))
	h.must(err)
	d, err = h.Donations.Confirm(h.T.Context(), h.Finance, d.ID, h.Came(amount))
	h.must(err)
	return d
}

// Came is an arrival of money today.
func (h *House) Came(amount money.Fen) donation.Arrival {
	return donation.Arrival{Amount: &amount, On: h.Clock.Now()}
}

// Prove hangs a voucher on a line of a donation; line 0 proves all of them.
func (h *House) Prove(d donation.Donation, line int) {
	h.T.Helper()
	slot := "proof"
	if line > 0 {
		slot = d.Lines[line-1].ProofSlot()
	}
	_, err := h.Attachments.Add(h.T.Context(), h.Finance, donation.ObjectKind, d.ID, slot, fmt.Sprintf("发票%d.pdf", line), bytes.NewReader(fundtest.Agreement))
	h.must(err)
}

// Valued lets the storekeeper count and value goods.
func (h *House) Valued(d donation.Donation, list ...donation.Arrived) {
	h.T.Helper()
	for i := range list {
		if list[i].Value != nil && list[i].Basis == "" {
			list[i].Basis = donation.Voucher
		}
	}
	_, err := h.Donations.Appraise(h.T.Context(), h.Storekeeper, d.ID, donation.Appraisal{Goods: list})
	h.must(err)
}

// Balance is what the fund holds, in 分.
func (h *House) Balance() money.Fen {
	h.T.Helper()
	b, err := h.Ledger.Balance(h.T.Context(), h.DB, *h.Fund.CashAccount)
	h.must(err)
	return b
}

// Many makes n more confirmed gifts of money like one that was given, past the
// services, for tests of what happens to heaps of them. Their postings have no
// entries: the book does not verify afterwards.
func (h *House) Many(d donation.Donation, n int) []id.ID {
	h.T.Helper()
	ids, err := Copies(h.T.Context(), h.DB, d, n)
	h.must(err)
	return ids
}
