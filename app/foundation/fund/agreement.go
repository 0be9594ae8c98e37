package fund

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/rules"
)

// print freezes the agreement that the approval puts in force. It names the
// committee, so it stays within the foundation; the public page shows the same
// terms with the names as their bearers agreed.
func (s *Service) print(ctx context.Context, tx bun.Tx, f *Fund) error {
	if s.Archive == nil {
		return nil
	}
	code := archive.NewCode()
	x := document.FundAgreement{Issue: document.Issue{Number: f.No(), Code: code, VerifyURL: s.Site + "/verify/" + code,
		Issuer: f.FoundationName, IssuedAt: *f.ApprovedAt, Demo: f.Demo},
		Foundation: f.FoundationName, Fund: f.FullName(), Sponsor: f.Sponsor, Region: f.Region, Purpose: f.Purpose, Use: f.Use,
		Committee: f.Committee, Fee: (rules.Rule{Value: *f.FeeBP, Unit: rules.BasisPoint}).Quantity(), Ending: f.Ending, EndsOn: f.EndsOn,
		SurplusTo: f.SurplusTo.Name(), Surplus: f.Surplus, BoardOn: *f.BoardOn, BoardNo: f.BoardNo}
	for _, m := range f.Members {
		x.Members = append(x.Members, document.FundMember{Name: m.Name, Side: m.Side, Seat: m.Seat})
	}
	doc, err := s.Archive.Issue(ctx, tx, archive.Item{Kind: x.Kind(), OwnerKind: AgreementKind, OwnerID: f.ID, Title: "专项基金管理协议 " + f.Name,
		Number: f.No(), Issuer: f.FoundationName, Code: code, Content: x,
		Facts: []archive.Fact{{Label: "专项基金", Value: f.FullName()}, {Label: "基金会", Value: f.FoundationName}, {Label: "批准决议", Value: f.BoardNo}}})
	if err == nil {
		f.Document = &doc.ID
	}
	return err
}
