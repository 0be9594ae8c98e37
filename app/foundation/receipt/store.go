package receipt

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

func read(ctx context.Context, d bun.IDB, receipt id.ID, lock bool) (Receipt, error) {
	var r Receipt
	q := d.NewSelect().Model(&r).Where("id = ?", receipt)
	if lock {
		q = db.Lock(q)
	}
	err := db.Found(q.Scan(ctx), "收据")
	return r, err
}

func save(ctx context.Context, tx bun.Tx, r *Receipt, was State) error {
	return db.One(tx.NewUpdate().Model(r).
		Column("state", "reviewer", "reviewer_name", "decided_at", "year", "no", "document", "reason", "void_by", "void_at", "void_reason", "replaces").
		Where("id = ? AND state = ?", r.ID, was).Exec(ctx))
}

// covert holds of a receipt where one of the donations it covers is hidden from
// the staff: the receipt of a year lists them all under one name.
const covert = "EXISTS (SELECT 1 FROM receipt_covers AS h JOIN donation AS hd ON hd.id = h.donation WHERE h.receipt = r.id AND hd.confidential)"

// hides is a receipt's donation with the privacy of all that the receipt covers.
func hides(ctx context.Context, from bun.IDB, r Receipt, d donation.Donation) (donation.Donation, error) {
	if r.Request == nil || d.Confidential {
		return d, nil
	}
	some, err := from.NewSelect().TableExpr("receipt AS r").Where("r.id = ?", r.ID).Where(covert).Exists(ctx)
	d.Confidential = some
	return d, db.Translate(err)
}

func rows(d bun.IDB) *bun.SelectQuery {
	return d.NewSelect().TableExpr("receipt AS r").
		ColumnExpr("r.*, d.reference, d.donor_name, " + covert + " AS confidential, f.name AS fund_name, f.foundation_name").
		ColumnExpr("COALESCE(x.state, '') AS document_state, COALESCE(x.code, '') AS code, COALESCE(x.sha256, '') AS sha256").
		ColumnExpr("p.year AS before_year, p.no AS before_no, n.year AS after_year, n.no AS after_no").
		ColumnExpr("COALESCE(g.code, '') AS fiscal_code, COALESCE(g.number, '') AS fiscal_number").
		Join("JOIN donation AS d ON d.id = r.donation").Join("JOIN fund AS f ON f.id = d.fund").
		Join("LEFT JOIN document AS x ON x.id = r.document").
		Join("LEFT JOIN receipt AS p ON p.id = r.replaces").Join("LEFT JOIN receipt AS n ON n.replaces = r.id").
		Join("LEFT JOIN receipt_fiscal AS g ON g.receipt = r.id")
}

// Of lists the receipts of several donations, oldest first. The caller has
// authorised the view of the donations; forDonor is for their donor, and leaves
// out what has not been issued.
func (s *Service) Of(ctx context.Context, who party.Actor, donations []id.ID, forDonor bool) (map[id.ID][]Row, error) {
	out := map[id.ID][]Row{}
	if len(donations) == 0 {
		return out, nil
	}
	var list []Row
	q := rows(s.db).ColumnExpr("c.donation AS covered").Join("JOIN receipt_covers AS c ON c.receipt = r.id").Where("c.donation IN (?)", bun.List(donations)).OrderExpr("r.id")
	if forDonor {
		q = q.Where("r.state IN (?)", bun.List([]State{Issued, Void}))
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, db.Translate(err)
	}
	for _, r := range cover(list, forDonor || donation.KnowsAll(s.policy, who, who.Org)) {
		out[r.Covered] = append(out[r.Covered], r)
	}
	return out, nil
}

// Waiting lists the receipts of the actor's foundation that wait for review,
// oldest first, at most 200.
func (s *Service) Waiting(ctx context.Context, who party.Actor) ([]Row, error) {
	if err := s.policy.Require(who.Relations(), "receipt.any", "list"); err != nil {
		return nil, err
	}
	var list []Row
	err := rows(s.db).Where("r.foundation = ? AND r.state = ?", who.Org, Prepared).OrderExpr("r.id").Limit(200).Scan(ctx, &list)
	return cover(list, donation.KnowsAll(s.policy, who, who.Org)), db.Translate(err)
}

// Show is a receipt with its donation, for whoever may view it.
type Show struct {
	Row
	Of donation.Donation `json:"of"`
}

// Get reads a receipt the actor may view.
func (s *Service) Get(ctx context.Context, who party.Actor, receipt id.ID) (Show, error) {
	var out Show
	if err := s.May(ctx, who, receipt, "view"); err != nil {
		return out, err
	}
	if err := rows(s.db).Where("r.id = ?", receipt).Scan(ctx, &out.Row); err != nil {
		return out, db.Found(err, "收据")
	}
	of, err := donation.Read(ctx, s.db, out.Donation)
	if err != nil {
		return out, err
	}
	if of, err = hides(ctx, s.db, out.Receipt, of); err != nil {
		return out, err
	}
	out.Row = cover([]Row{out.Row}, donation.Knows(s.policy, who, of))[0]
	out.Of = donation.Seen(s.policy, who, of)
	return out, nil
}
