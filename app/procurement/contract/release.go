package contract

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/disclosure/ocds"
	"gongji/app/procurement/tender"
)

// emitSigned publishes the contract (政府采购法实施条例第50条).
func emitSigned(ctx context.Context, tx bun.IDB, t tender.Tender, c Contract) error {
	r := tender.Release(t, ocds.ContractTag)
	r.Contracts = []ocds.Contract{body(t, c)}
	return ocds.Emit(ctx, tx, c.RecordedAt, r)
}

// body is the contract as open data: what is paid at most, and how a unit
// price is settled.
func body(t tender.Tender, c Contract) ocds.Contract {
	out := ocds.Contract{ID: string(c.ID), AwardID: string(c.Award), Title: c.Title, Status: ocds.Active, Value: ocds.CNY(&c.Amount),
		Period: ocds.Between(&c.StartsOn, &c.EndsOn), Signed: ocds.At(&c.SignedOn), Items: tender.Items(t),
		Documents: []ocds.Document{{ID: "summary", Type: "contractSummary", Title: "合同摘要 " + c.Number,
			URL: "/documents/" + string(c.Summary), Published: ocds.At(&c.RecordedAt), Format: "application/pdf"}}}
	if c.UnitPrice != nil {
		_, out.Description = tender.ReleasePrice(t, *c.UnitPrice)
	}
	return out
}

// emitCompleted publishes that the service was rendered and evaluated.
func emitCompleted(ctx context.Context, tx bun.IDB, at time.Time, t tender.Tender, c Contract, e engagement.Engagement) error {
	r := tender.Release(t, ocds.ImplementationTag, ocds.ContractTermination)
	met := ocds.Moment(at)
	r.Contracts = []ocds.Contract{{ID: string(c.ID), AwardID: string(c.Award), Status: ocds.Terminated,
		Implementation: &ocds.Implementation{
			Milestones: []ocds.Milestone{{ID: "evaluated", Title: "完成绩效评价", Type: "assessment", Met: &met, Status: "met"}},
			Documents: []ocds.Document{{ID: "engagement", Type: "completionCertificate", Title: "履约与绩效评价",
				URL: "/engagements/" + string(e.ID), Published: &met, Format: "text/html"}}}}}
	return ocds.Emit(ctx, tx, at, r)
}

// emitTerminated publishes that the contract was ended before its term, or
// revoked, and why. One that was signed is terminated, never cancelled: OCDS
// keeps that word for contracts that nobody signed.
func emitTerminated(ctx context.Context, tx bun.IDB, at time.Time, t tender.Tender, c Contract, e engagement.Engagement, how string) error {
	r := tender.Release(t, ocds.ContractTermination)
	ended := ocds.Moment(at)
	r.Contracts = []ocds.Contract{{ID: string(c.ID), AwardID: string(c.Award), Status: ocds.Terminated,
		Amendments: []ocds.Amendment{{ID: "terminated", Date: &ended, Rationale: e.Reason, Description: how}}}}
	return ocds.Emit(ctx, tx, at, r)
}

// emitFiled publishes that the contract was filed with the authority.
func emitFiled(ctx context.Context, tx bun.IDB, at time.Time, t tender.Tender, c Contract) error {
	r := tender.Release(t, ocds.ContractUpdate)
	met := ocds.Moment(at)
	r.Contracts = []ocds.Contract{{ID: string(c.ID), AwardID: string(c.Award),
		Milestones: []ocds.Milestone{{ID: "filed", Title: "合同备案", Description: c.FiledNo, Met: &met, Status: "met"}}}}
	return ocds.Emit(ctx, tx, at, r)
}
