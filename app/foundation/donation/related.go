package donation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/interest"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

// Tie is one between a donor and an organisation that benefits. One that is
// only of the name is no proof: people look into it.
type Tie struct {
	Donation  id.ID  `json:"donation"`
	Reference string `json:"reference"`
	Why       string `json:"why"`
	Namesake  bool   `json:"namesake,omitempty"`
	Named     bool   `json:"named,omitempty"` // the donor named this organisation
}

// unrelated resolves the organisation that the donor names and refuses one
// that is tied to the donor (慈善法40). A namesake must be declared, so that
// finance looks into it.
func (s *Service) unrelated(ctx context.Context, tx bun.Tx, d *Donation, now time.Time) error {
	if d.BeneficiaryName == "" {
		return nil
	}
	o, err := named(ctx, tx, d.BeneficiaryName, d.Beneficiary)
	if err != nil {
		return err
	}
	d.Beneficiary, d.BeneficiaryName = &o.ID, o.Name
	ties, err := tiesOf(ctx, tx, *d, o, now)
	if err != nil {
		return err
	}
	article := rules.At(now).Must(rules.DonationNoRelated).Source()
	var c fault.Check
	for _, t := range ties {
		switch {
		case !t.Namesake:
			c.FailUnder(article, "beneficiary", "“%s”与捐赠人有利害关系（%s），不能指定为受益人；可以不指定，由基金会决定用于谁", o.Name, t.Why)
		case d.Relation != Declared:
			c.FailUnder(article, "relation", "“%s”与捐赠人可能有利害关系（%s）：请选“有”并写明情况，由财务核对", o.Name, t.Why)
		}
	}
	return c.Err()
}

// named finds the one approved organisation that may benefit: a social
// organisation or a community.
func named(ctx context.Context, d bun.IDB, typed string, known *id.ID) (organisation.Organisation, error) {
	var list []organisation.Organisation
	q := d.NewSelect().Model(&list).Where("state = ? AND kind IN (?)", organisation.Approved, bun.List([]party.OrgKind{party.Social, party.Community})).Limit(2)
	if known != nil {
		q = q.Where("id = ?", *known)
	} else {
		q = q.Where("(name = ? OR uscc = ?)", typed, strings.ToUpper(typed))
	}
	if err := q.Scan(ctx); err != nil {
		return organisation.Organisation{}, db.Translate(err)
	}
	if len(list) != 1 {
		return organisation.Organisation{}, mend("beneficiary", "没有找到这个社会组织或社区，请核对全称或统一社会信用代码；也可以不填，由基金会决定用于谁")
	}
	return list[0], nil
}

// tiesOf finds the ties between one donor and one organisation.
func tiesOf(ctx context.Context, d bun.IDB, x Donation, o organisation.Organisation, now time.Time) ([]Tie, error) {
	t := Tie{Donation: x.ID, Reference: x.Reference, Named: x.Beneficiary != nil && *x.Beneficiary == o.ID}
	say := func(why string) []Tie {
		t.Why, t.Namesake = why, strings.Contains(why, "同名")
		return []Tie{t}
	}
	rule := rules.At(now).Must(rules.DonationNoRelated)
	switch {
	case x.DonorOrg != nil && *x.DonorOrg == o.ID, x.DonorUSCC != nil && o.USCC != nil && *x.DonorUSCC == *o.USCC,
		x.DonorKind == Organisation && interest.Same(x.DonorName, o.Name):
		return say("就是捐赠人本身"), nil
	case x.DonorOrg != nil:
		return orgTie(ctx, d, *x.DonorOrg, o, now, say)
	case x.DonorAccount != nil:
		var a account.Account
		if err := d.NewSelect().Model(&a).Where("id = ?", *x.DonorAccount).Scan(ctx); err != nil {
			return nil, db.Translate(err)
		}
		ties, err := interest.OfPerson(ctx, d, a, []id.ID{o.ID}, rule, now)
		if err != nil || len(ties) == 0 {
			return nil, err
		}
		return say("捐赠人是其" + ties[0].Why), nil
	case x.DonorKind == Person && x.DonorName != "":
		people, _, err := organisation.TiesOf(ctx, d, o.ID)
		if err != nil {
			return nil, err
		}
		head := interest.Same(x.DonorName, o.LegalPerson)
		if head || slices.ContainsFunc(people, func(p organisation.Person) bool {
			return interest.Same(p.Name, x.DonorName) && (p.Until == nil || p.Until.After(now))
		}) {
			return say("捐赠人与其任职人员同名"), nil
		}
	}
	return nil, nil
}

// orgTie finds the tie between a donor that is an organisation and another.
func orgTie(ctx context.Context, d bun.IDB, donor id.ID, o organisation.Organisation, now time.Time, say func(string) []Tie) ([]Tie, error) {
	pairs, err := interest.Affiliated(ctx, d, []id.ID{donor, o.ID}, now)
	if err != nil {
		return nil, err
	}
	if len(pairs) > 0 {
		return say(pairs[0].Why), nil
	}
	both, err := d.NewSelect().TableExpr("membership AS x").Join("JOIN membership AS y ON y.account = x.account").
		Where("x.organisation = ? AND y.organisation = ? AND x.ended_at IS NULL AND y.ended_at IS NULL", donor, o.ID).Exists(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	if both {
		return say("同一个人在两个单位任职"), nil
	}
	return nil, nil
}

// mostTies bounds how many donors of a fund are named to whoever pays.
const mostTies = 20

// Related finds the donors of a fund who are tied to an organisation that the
// fund is to pay, at most twenty; it names donations and no donor. Donors are
// first narrowed by the database, so that a fund of many is asked quickly.
func Related(ctx context.Context, d bun.IDB, fund, payee id.ID, now time.Time) ([]Tie, error) {
	var o organisation.Organisation
	if err := d.NewSelect().Model(&o).Where("id = ?", payee).Scan(ctx); err != nil {
		return nil, db.Found(err, "组织")
	}
	people, _, err := organisation.TiesOf(ctx, d, payee)
	if err != nil {
		return nil, err
	}
	names := []string{o.Name, o.LegalPerson}
	for _, p := range people {
		names = append(names, p.Name)
	}
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	var list []Donation
	err = d.NewSelect().Model(&list).Where("fund = ? AND state = ?", fund, Confirmed).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("beneficiary = ?", payee).WhereOr("donor_org IS NOT NULL").WhereOr("donor_name IN (?)", bun.List(names)).
				WhereOr("donor_account IN (SELECT account FROM membership WHERE organisation = ? AND ended_at IS NULL)", payee).
				WhereOr("donor_account IN (SELECT account FROM expert_employer WHERE employer = ? AND until_day IS NULL)", o.Name).
				WhereOr("donor_account IN (SELECT id FROM account WHERE employer = ?)", o.Name)
		}).Order("id").Scan(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	var out []Tie
	asked := map[string][]Tie{} // by donor: many give more than once
	for _, x := range list {
		key := donorKey(x)
		ties, known := asked[key]
		if !known {
			if ties, err = tiesOf(ctx, d, x, o, now); err != nil {
				return nil, err
			}
			asked[key] = ties
		}
		for _, t := range ties {
			t.Donation, t.Reference, t.Named = x.ID, x.Reference, x.Beneficiary != nil && *x.Beneficiary == payee
			if out = append(out, t); len(out) == mostTies {
				return out, nil
			}
		}
	}
	return out, nil
}

func donorKey(x Donation) string {
	switch {
	case x.DonorOrg != nil:
		return "o" + string(*x.DonorOrg)
	case x.DonorAccount != nil:
		return "a" + string(*x.DonorAccount)
	}
	return "n" + x.DonorName
}
