package tender

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

// methodCodes are the methods of the law in the four codes of OCDS; the
// Chinese name stands beside the code. 竞争性磋商 is announced to everybody.
var methodCodes = map[string]string{
	rules.MethodOpen: "open", rules.MethodConsultation: "open", rules.MethodFramework: "open", "invited": "selective",
	rules.MethodNegotiation: "limited", rules.MethodInquiry: "limited", "emergency": "limited", rules.MethodSingle: "direct",
}

// Release begins the open-data release of an event of this purchase: its
// process, its buyer and where the tender stands. The package that decides
// the event adds what the event made public and gives it to ocds.Emit.
func Release(t Tender, tags ...ocds.Tag) ocds.Release {
	return ocds.Release{Process: t.ID, Tag: tags, Buyer: ocds.Org(t.Buyer, t.BuyerName),
		Tender: &ocds.Tender{ID: string(t.ID), Status: releaseStatus(t.State)}}
}

func releaseStatus(s State) string {
	switch s {
	case Draft, Review:
		return ocds.Planned
	case Failed:
		return ocds.Unsuccessful
	case Cancelled:
		return ocds.Cancelled
	case Awarded, Contracted, Completed:
		return ocds.Complete
	default:
		return ocds.Active
	}
}

// emitNotice publishes the notice as open data; tags say whether it is new.
func (t Tender) emitNotice(ctx context.Context, tx bun.IDB, at time.Time, tags ...ocds.Tag) error {
	return ocds.Emit(ctx, tx, at, t.notice(tags...))
}

// notice is everything the public notice says.
func (t Tender) notice(tags ...ocds.Tag) ocds.Release {
	r := Release(t, tags...)
	x := r.Tender
	x.Title, x.Description, x.ProcuringEntity = t.Title, t.What, ocds.Org(t.Buyer, t.BuyerName)
	x.Value, x.Category, x.Eligibility = ocds.CNY(t.Budget), "services", t.FromWhom
	x.Method = methodCodes[t.Method]
	if m, ok := rules.MethodByID(t.Method); ok {
		x.MethodDetails = m.Name
	}
	switch t.Scoring {
	case Comprehensive:
		x.Criteria, x.CriteriaDetails = "ratedCriteria", "综合评分法："+criteriaText(t.Criteria)
	case LowestPrice:
		x.Criteria, x.CriteriaDetails = "priceOnly", "最低评标价法"
	}
	x.Submission, x.SubmissionNote = []string{"electronicSubmission"}, "在本平台加密提交"
	x.Period, x.ContractPeriod = ocds.Between(t.PublishedAt, t.Deadline), ocds.Between(t.TermStart, t.TermEnd)
	if x.ContractPeriod == nil && t.TermMonths != nil {
		days := *t.TermMonths * 30
		x.ContractPeriod = &ocds.Period{Days: &days}
	}
	if t.Intention != nil {
		r.Related = append(r.Related, ocds.PlannedIn(*t.Intention))
	}
	if t.Framework != nil {
		r.Related = append(r.Related, ocds.Under(*t.Framework))
	}
	x.Items = Items(t)
	x.Documents = []ocds.Document{{ID: "notice", Type: "tenderNotice", Title: t.Title, URL: "/tenders/" + string(t.ID),
		Published: ocds.At(t.PublishedAt), Format: "text/html"}}
	if t.SourceURL != "" {
		x.Documents = append(x.Documents, ocds.Document{ID: "source", Type: "tenderNotice", Title: "公告原文", URL: t.SourceURL})
	}
	return r
}

// Items is what is bought, for the releases of an award and a contract too.
func Items(t Tender) []ocds.Item {
	it := ocds.Item{ID: "1", Description: t.What}
	if t.CatalogueCode != "" {
		it.Classification = &ocds.Classification{Scheme: ocds.CatalogueScheme, ID: t.CatalogueCode, Description: t.CatalogueName}
	}
	if t.Ceiling.Kind == UnitPrice {
		it.Quantity, it.Unit = t.Ceiling.Quantity, &ocds.Unit{Name: t.Ceiling.Unit, Value: ocds.CNY(t.Ceiling.Amount)}
	}
	return []ocds.Item{it}
}

// ReleasePrice is a price of this tender as open data: a total, or nothing
// where prices are unit prices, with the words for either.
func ReleasePrice(t Tender, price money.Fen) (*ocds.Value, string) {
	if t.Ceiling.Kind == UnitPrice {
		return nil, "单价 " + price.Yuan() + " 元/" + t.Ceiling.Unit + "，按实际数量结算"
	}
	return ocds.CNY(&price), ""
}

func criteriaText(criteria []Criterion) string {
	parts := make([]string, 0, len(criteria))
	for _, c := range criteria {
		parts = append(parts, c.Name+" "+Points(c.Weight)+" 分")
	}
	return strings.Join(parts, "；")
}

// emitCorrection publishes a correction that changes no term.
func (t Tender) emitCorrection(ctx context.Context, tx bun.IDB, at time.Time, note string) error {
	r := Release(t, ocds.TenderAmendment)
	moment := ocds.Moment(at)
	r.Tender.Amendments = []ocds.Amendment{{ID: "correction-" + at.UTC().Format("20060102T150405.000000Z"), Date: &moment, Rationale: "更正公告", Description: note}}
	return ocds.Emit(ctx, tx, at, r)
}

// EmitAmendment publishes that the documents were amended: the notice as it is
// now, what changed and why.
func EmitAmendment(ctx context.Context, tx bun.IDB, at time.Time, t Tender, a ocds.Amendment, more ...ocds.Document) error {
	r := t.notice(ocds.TenderAmendment)
	moment := ocds.Moment(at)
	a.Date = &moment
	r.Tender.Amendments, r.Tender.Documents = []ocds.Amendment{a}, append(r.Tender.Documents, more...)
	return ocds.Emit(ctx, tx, at, r)
}

// EmitProgress publishes a page or a paper about a purchase whose terms stay:
// the answer to a 质疑, the decision on a 投诉, a suspension.
func EmitProgress(ctx context.Context, tx bun.IDB, at time.Time, t Tender, d ocds.Document) error {
	r := Release(t, ocds.TenderUpdate)
	moment := ocds.Moment(at)
	d.Published = &moment
	r.Tender.Documents = []ocds.Document{d}
	return ocds.Emit(ctx, tx, at, r)
}

// EmitEnd publishes that the purchase ended without a contract: cancelled by
// its buyer, or failed. The tender has its last state and its public reason.
func EmitEnd(ctx context.Context, tx bun.IDB, at time.Time, t Tender, change func(*ocds.Tender)) error {
	tag := ocds.TenderUpdate
	if t.State == Cancelled {
		tag = ocds.TenderCancellation
	}
	r := Release(t, tag)
	moment := ocds.Moment(at)
	r.Tender.Amendments = []ocds.Amendment{{ID: "end-" + string(t.State), Date: &moment, Rationale: t.Reason, Description: t.State.Name()}}
	if change != nil {
		change(r.Tender)
	}
	return ocds.Emit(ctx, tx, at, r)
}
