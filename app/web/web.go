// Package web answers browsers: one file per page or action, each a handler
// that binds a request, calls one service and names a page.
package web

import (
	"errors"
	"net/http"
	"slices"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/check"
	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/need"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/reconciliation"
	"gongji/app/delivery/record"
	"gongji/app/delivery/revision"
	resident "gongji/app/delivery/survey"
	"gongji/app/disclosure/giving"
	"gongji/app/disclosure/ocds"
	"gongji/app/edge"
	"gongji/app/foundation/annual"
	"gongji/app/foundation/application"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/call"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/handout"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/receipt"
	"gongji/app/foundation/review"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/party/account"
	"gongji/app/party/credential"
	"gongji/app/party/inbox"
	"gongji/app/party/keyring"
	"gongji/app/party/notice"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/procurement/amendment"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/documents"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/objection"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/question"
	"gongji/app/procurement/schedule"
	"gongji/app/procurement/survey"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/trust/workday"
	"gongji/policy"
	"gongji/storage/queue"
	"gongji/templates"
)

// Deps are the services behind the pages.
type Deps struct {
	Clock         clock.Clock
	Policy        *policy.Policy
	Accounts      *account.Service
	Organisations *organisation.Service
	Standing      *standing.Service
	Record        *record.Service
	Archive       *archive.Service
	Attachments   *attachment.Service
	Ledger        *ledger.Service
	Funds         *fund.Service
	Goods         *goods.Service
	Donations     *donation.Service
	Receipts      *receipt.Service
	Traces        *trace.Service
	Handouts      *handout.Service
	Annual        *annual.Service
	Batches       *receipt.Bulk
	FiscalPapers  *receipt.Papers
	Payments      *payment.Service
	Campaigns     *campaign.Service
	Bank          *bank.Service
	Engagements   *engagement.Service
	Plans         *plan.Service
	Expenses      *expense.Service
	Claims        *claim.Service
	Acceptances   *acceptance.Service
	Months        *reconciliation.Service
	Revisions     *revision.Service
	Notices       *notice.Service
	Performance   *performance.Service
	Residents     *resident.Service
	Needs         *need.Service
	OpenData      *ocds.Publisher
	OpenGrants    *giving.Publisher
	Disclosures   *disclosure.Service
	Challenges    *challenge.Service
	Credentials   *credential.Service
	Calls         *call.Service
	Applications  *application.Service
	Reviews       *review.Service
	Grants        *grant.Service
	Inbox         *inbox.Service
	Tenders       *tender.Service
	Surveys       *survey.Service
	Intentions    *intention.Service
	Documents     *documents.Service
	Questions     *question.Service
	Amendments    *amendment.Service
	Keys          *keyring.Service
	TenderKeys    *tenderkey.Service
	Bids          *bid.Service
	Objections    *objection.Service
	Schedule      *schedule.Service
	Workdays      *workday.Service
	Frameworks    *framework.Service
	Openings      *opening.Service
	Offers        *offer.Service
	Evaluations   *evaluation.Service
	Awards        *award.Service
	Contracts     *contract.Service
	Check         *check.Service
	Calendar      *calendar.Calendar
	Queue         *queue.Queue
	// Demo is the demonstration's clock; nil on a real server.
	Demo *clock.Shifted
}

// Web holds the handlers.
type Web struct{ Deps }

// New makes the handlers over the services.
func New(d Deps) *Web { return &Web{d} }

// Routes lists every page and action of the browser side.
func (w *Web) Routes() []edge.Route {
	return slices.Concat(
		w.homeRoutes(),
		w.accountRoutes(),
		w.keyRoutes(),
		w.organisationRoutes(),
		w.listingRoutes(),
		w.expertRoutes(),
		w.platformRoutes(),
		w.fileRoutes(),
		w.fundRoutes(),
		w.fundDeskRoutes(), w.fundBudgetRoutes(), w.fundClosingRoutes(),
		w.disclosureRoutes(),
		w.paymentRoutes(), w.paymentLimitRoutes(),
		w.bankRoutes(),
		w.campaignRoutes(),
		w.handoutRoutes(),
		w.callRoutes(),
		w.callDeskRoutes(),
		w.applicationRoutes(),
		w.reviewRoutes(),
		w.grantRoutes(),
		w.credentialRoutes(),
		w.tenderRoutes(),
		w.bureauRoutes(),
		w.surveyRoutes(),
		w.intentionRoutes(),
		w.documentRoutes(),
		w.questionRoutes(),
		w.invitationRoutes(),
		w.amendmentRoutes(),
		w.inboxRoutes(),
		w.engagementRoutes(), w.planRoutes(), w.expenseRoutes(), w.claimRoutes(), w.opinionRoutes(), w.acceptanceRoutes(), w.monthRoutes(), w.revisionRoutes(), w.noticeRoutes(),
		w.residentRoutes(), w.voiceRoutes(), w.communityRoutes(),
		w.donationRoutes(), w.fiscalRoutes(), w.batchRoutes(),
		w.verifyRoutes(),
		w.openDataRoutes(),
		w.demoRoutes(),
		w.purchaseRoutes(),
	)
}

func get(path, gate string, h edge.Handler) edge.Route {
	return edge.Route{Method: http.MethodGet, Path: path, Gate: gate, Handle: h}
}

func post(path, gate string, h edge.Handler) edge.Route {
	return edge.Route{Method: http.MethodPost, Path: path, Gate: gate, Handle: h}
}

// about is the fault of a form made of the complaints whose field is kept; nil
// where none is.
func about(complaints []fault.Field, keep func(field string) bool) *fault.Fault {
	var c fault.Check
	for _, x := range complaints {
		if keep(x.Name) {
			c.Fail(x.Name, "%s", x.Message)
		}
	}
	f, _ := errors.AsType[*fault.Fault](c.Err())
	return f
}

// again shows a refused form once more with what was typed: 422 and the
// complaints for input that can be mended, 409 when somebody was faster, 410 when the deadline was. Any
// other error goes on to edge.
func again(name string, page templates.Framed, err error) (edge.Response, error) {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return edge.Response{}, err
	}
	status, ok := map[fault.Kind]int{fault.Invalid: 422, fault.Conflict: 409, fault.TooLate: 410, fault.TooMany: 429}[f.Kind]
	if !ok {
		return edge.Response{}, err
	}
	page.Frame().Fault = f
	return edge.HTML(status, name, page), nil
}
