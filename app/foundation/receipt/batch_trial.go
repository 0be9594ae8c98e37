package receipt

import (
	"context"
	"encoding/json"

	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

const (
	trialRows  = 1000 // printed on the list; the CSV has all
	trialFaces = 10   // printed in full
	unnumbered = "试印，未分配号码"
)

// Trial prints a batch for looking at (试印): the list and the first faces,
// every page marked, no number allocated, nothing kept.
func (s *Bulk) Trial(ctx context.Context, who party.Actor, batch id.ID) (name string, pdf []byte, err error) {
	b, err := s.Batch(ctx, who, batch)
	if err != nil {
		return "", nil, err
	}
	var o organisation.Organisation
	if err := s.db.NewSelect().Model(&o).Column("name").Where("id = ?", b.Foundation).Scan(ctx); err != nil {
		return "", nil, db.Translate(err)
	}
	c := document.ReceiptTrial{Issue: document.Issue{Issuer: o.Name, IssuedAt: b.PreparedAt}, Scope: b.Title, Handler: b.HandlerName}
	good, n, err := s.Rows(ctx, who, batch, RowFilter{State: RowWaiting, Limit: trialRows})
	if err != nil {
		return "", nil, err
	}
	c.Good, c.Rows, c.Left = n, trialOf(good), n-len(good)
	if c.Total, err = s.due(ctx, batch); err != nil {
		return "", nil, err
	}
	aside, n, err := s.Rows(ctx, who, batch, RowFilter{State: RowAside, Limit: trialRows})
	if err != nil {
		return "", nil, err
	}
	c.Aside, c.Set, c.SetLeft = n, trialOf(aside), n-len(aside)
	if c.Receipts, err = s.faces(ctx, b, good[:min(len(good), trialFaces)]); err != nil {
		return "", nil, err
	}
	pdf, err = draw(c)
	return "收据试印 " + b.Title + ".pdf", pdf, err
}

// TrialFace prints the face of one donation of a batch for looking at.
func (s *Bulk) TrialFace(ctx context.Context, who party.Actor, batch id.ID, line int) (name string, pdf []byte, err error) {
	b, err := s.Batch(ctx, who, batch)
	if err != nil {
		return "", nil, err
	}
	list, _, err := s.Rows(ctx, who, batch, RowFilter{State: RowWaiting, After: line - 1, Limit: 1})
	if err != nil {
		return "", nil, err
	}
	if len(list) == 0 || list[0].Line != line {
		return "", nil, fault.New(fault.NotFound, "这一行不在待开具之列，没有试印")
	}
	c := document.ReceiptTrial{Issue: document.Issue{IssuedAt: b.PreparedAt}}
	if c.Receipts, err = s.faces(ctx, b, list); err != nil {
		return "", nil, err
	}
	pdf, err = draw(c)
	return "收据试印 " + list[0].Reference + ".pdf", pdf, err
}

func draw(c document.ReceiptTrial) ([]byte, error) {
	content, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return document.Render(document.KindReceiptTrial, content)
}

// due is the sum of what waits, in 分.
func (s *Bulk) due(ctx context.Context, batch id.ID) (money.Fen, error) {
	var sum money.Fen
	err := s.db.NewSelect().TableExpr("receipt_batch_row").ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT)").
		Where("batch = ? AND state = ?", batch, RowWaiting).Scan(ctx, &sum)
	return sum, db.Translate(err)
}

// faces are receipts as they would be issued, without a number or a code.
func (s *Bulk) faces(ctx context.Context, b Batch, rows []BatchRow) ([]document.DonationReceipt, error) {
	ids := make([]id.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.Donation
	}
	list, err := gifts(ctx, s.db, ids, false)
	if err != nil {
		return nil, err
	}
	var out []document.DonationReceipt
	for _, r := range rows {
		g := list[r.Donation]
		if g.State != donation.Confirmed { // since the snapshot: the job will set it aside
			continue
		}
		amount, err := g.Receiptable()
		if err != nil {
			return nil, err
		}
		x := Receipt{Amount: amount, Remark: b.Remark, HandlerName: b.HandlerName, ReviewerName: b.ReviewerName}
		out = append(out, face(x, g.before, g.Donation, g.fund, document.Issue{Number: unnumbered, Issuer: g.fund.FoundationName, IssuedAt: b.PreparedAt, Demo: g.fund.Demo}))
	}
	return out, nil
}

func trialOf(rows []BatchRow) []document.TrialRow {
	out := make([]document.TrialRow, len(rows))
	for i, r := range rows {
		out[i] = document.TrialRow{Line: r.Line, Reference: r.Reference, Donor: r.DonorName, Fund: r.FundName, On: r.ArrivedAt, Amount: r.Amount, Why: r.Why}
	}
	return out
}
