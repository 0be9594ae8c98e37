package disclosure

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/giving"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/id"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

// Grants are the grants of money that were accepted, as the public sees them,
// for the open data.
func Grants(d *bun.DB) giving.Source {
	return func(ctx context.Context) ([]giving.Award, error) {
		list, err := accepted(ctx, d)
		if err != nil {
			return nil, err
		}
		var orgs []id.ID
		for _, x := range list {
			orgs = append(orgs, x.Foundation, x.Organisation)
		}
		bodies, err := bodies(ctx, d, orgs)
		if err != nil {
			return nil, err
		}
		paid, err := paid(ctx, d, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("award IS NOT NULL") })
		if err != nil {
			return nil, err
		}
		byGrant := map[id.ID][]payment.Payment{}
		for _, p := range paid {
			byGrant[*p.Award] = append(byGrant[*p.Award], p)
		}
		out := make([]giving.Award, 0, len(list))
		for _, x := range list {
			start, end := x.Start, x.End
			a := giving.Award{Kind: "grant", ID: x.ID, Title: x.Title, Description: x.Purpose, Amount: x.Amount, On: x.DecidedAt, Start: &start, End: &end,
				Funder: body(bodies, x.Foundation, x.FoundationName), Recipient: body(bodies, x.Organisation, x.OrgName), Programme: x.CallTitle,
				ProgrammeAt: "/calls/" + string(x.Call), OpenCall: true, At: "/grants/" + string(x.ID), Modified: x.DecidedAt}
			for _, at := range []*time.Time{x.SignedAt, x.GraduatedAt, x.AmendedAt, x.EndedAt} {
				if at != nil && at.After(a.Modified) {
					a.Modified = *at
				}
			}
			for _, p := range byGrant[x.ID] {
				a.Paid += *p.Amount
				a.Payments = append(a.Payments, giving.Payment{Number: p.No(), On: *p.PaidAt, Amount: *p.Amount})
				if p.PaidAt.After(a.Modified) {
					a.Modified = *p.PaidAt
				}
			}
			out = append(out, a)
		}
		return out, nil
	}
}

// accepted are the grants of money that anybody may see, oldest first; a place
// in an incubator without money is none.
func accepted(ctx context.Context, d bun.IDB) ([]grant.Grant, error) {
	var out []grant.Grant
	err := d.NewSelect().Model(&out).Where("amount > 0 AND state IN (?)", bun.List([]grant.State{grant.Signed, grant.Graduated})).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// Payments are what the funds paid to organisations outside a grant, which the
// funds' pages publish too. Only organisations can be paid.
func Payments(d *bun.DB) giving.Source {
	return func(ctx context.Context) ([]giving.Award, error) {
		list, err := paid(ctx, d, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("award IS NULL AND payee IS NOT NULL") })
		if err != nil {
			return nil, err
		}
		funds, orgs := map[id.ID]fund.Fund{}, []id.ID{}
		for _, p := range list {
			if _, known := funds[p.Fund]; !known {
				f, err := fund.Read(ctx, d, p.Fund)
				if err != nil {
					return nil, err
				}
				funds[p.Fund] = f
			}
			orgs = append(orgs, p.Foundation, *p.Payee)
		}
		bodies, err := bodies(ctx, d, orgs)
		if err != nil {
			return nil, err
		}
		out := make([]giving.Award, 0, len(list))
		for _, p := range list {
			f := funds[p.Fund]
			on := *p.PaidAt
			if p.ApprovedAt != nil {
				on = *p.ApprovedAt
			}
			out = append(out, giving.Award{Kind: "payment", ID: p.ID, Title: p.Purpose, Description: f.FullName() + "向" + p.PayeeName + "支付：" + p.Purpose,
				Amount: *p.Amount, Paid: *p.Amount, On: on, Start: p.TermStart, End: p.TermEnd, Funder: body(bodies, p.Foundation, f.FoundationName),
				Recipient: body(bodies, *p.Payee, p.PayeeName), Programme: f.FullName(), ProgrammeAt: "/funds/" + string(f.ID), At: "/funds/" + string(f.ID) + "/payments",
				Modified: *p.PaidAt, Payments: []giving.Payment{{Number: p.No(), On: *p.PaidAt, Amount: *p.Amount}}})
		}
		return out, nil
	}
}

func paid(ctx context.Context, d bun.IDB, which func(*bun.SelectQuery) *bun.SelectQuery) ([]payment.Payment, error) {
	var out []payment.Payment
	err := which(d.NewSelect().Model(&out).Where("state = ? AND amount > 0", payment.Paid)).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

func bodies(ctx context.Context, d bun.IDB, ids []id.ID) (map[id.ID]organisation.Organisation, error) {
	out := map[id.ID]organisation.Organisation{}
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), 500) {
		var rows []organisation.Organisation
		if err := d.NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, db.Translate(err)
		}
		for _, o := range rows {
			out[o.ID] = o
		}
	}
	return out, nil
}

// body is an organisation under the name that it had then.
func body(all map[id.ID]organisation.Organisation, org id.ID, name string) giving.Body {
	o := all[org]
	return giving.Body{Org: org, Name: name, Code: o.Code(), Region: o.Region}
}
