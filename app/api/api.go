// Package api answers programs: the services of the pages as JSON under
// /api/v1, one file per object.
package api

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"gongji/app/archive"
	"gongji/app/attachment"
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
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
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
)

// Deps are the services behind the API.
type Deps struct {
	Clock         clock.Clock
	Policy        *policy.Policy
	Accounts      *account.Service
	Organisations *organisation.Service
	Standing      *standing.Service
	Record        *record.Service
	Archive       *archive.Service
	Attachments   *attachment.Service
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
}

// API holds the handlers.
type API struct{ Deps }

// New makes the handlers over the services.
func New(d Deps) *API { return &API{d} }

// Routes lists every call.
func (a *API) Routes() []edge.Route {
	return slices.Concat(
		a.homeRoutes(),
		a.fileRoutes(),
		a.organisationRoutes(), a.listingRoutes(),
		a.keyRoutes(),
		a.tenderRoutes(), a.methodRoutes(),
		a.needRoutes(),
		a.inboxRoutes(),
		a.bidRoutes(),
		a.openingRoutes(),
		a.offerRoutes(),
		a.purchaseRoutes(),
		a.challengeRoutes(),
		a.panelRoutes(),
		a.engagementRoutes(), a.planRoutes(), a.expenseRoutes(), a.claimRoutes(), a.acceptanceRoutes(), a.monthRoutes(), a.revisionRoutes(), a.noticeRoutes(),
		a.performanceRoutes(),
		a.residentRoutes(), a.communityRoutes(),
		a.fundRoutes(), a.fundBudgetRoutes(),
		a.disclosureRoutes(),
		a.paymentRoutes(),
		a.campaignRoutes(), a.handoutRoutes(),
		a.callRoutes(),
		a.grantRoutes(),
		a.bankRoutes(),
		a.donationRoutes(), a.fiscalRoutes(), a.batchRoutes(),
		a.verifyRoutes(),
		a.openDataRoutes(),
	)
}

// Page is one keyset page of a list; Next is the "after" of the following
// one, "" at the end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" description:"下一页的 after 参数；空表示到底"`
}

// perPage is how many a list gives at once, where nothing else is said.
const perPage = 50

// paged is a page of a list read with a limit; a full one names the next.
func paged[T any](list []T, limit int, cursor func(T) string) Page[T] {
	p := Page[T]{Items: list}
	if len(list) == limit {
		p.Next = cursor(list[limit-1])
	}
	return p
}

func get(path, gate string, h edge.Handler, d edge.Doc) edge.Route {
	return edge.Route{Method: http.MethodGet, Path: "/api/v1" + path, Gate: gate, Handle: h, Doc: &d}
}

func post(path, gate string, h edge.Handler, d edge.Doc) edge.Route {
	return edge.Route{Method: http.MethodPost, Path: "/api/v1" + path, Gate: gate, Handle: h, Doc: &d}
}

func put(path, gate string, h edge.Handler, d edge.Doc) edge.Route {
	return edge.Route{Method: http.MethodPut, Path: "/api/v1" + path, Gate: gate, Handle: h, Doc: &d}
}

// sent is a handler of what the address names and the body says.
func sent[In any](h func(*edge.Request, id.ID, In) (edge.Response, error)) edge.Handler {
	return edge.At(func(r *edge.Request, at id.ID) (edge.Response, error) {
		var in In
		if err := r.JSON(&in); err != nil {
			return edge.Response{}, err
		}
		return h(r, at, in)
	})
}

// act is a handler of a service's verb that asks for nothing more than the
// object; show answers with what came of it.
func act[T any](do func(context.Context, party.Actor, id.ID) (T, error), show shown[T]) edge.Handler {
	return edge.At(func(r *edge.Request, at id.ID) (edge.Response, error) {
		x, err := do(r.Context(), r.Actor(), at)
		return show(r, http.StatusOK, x, err)
	})
}

// because is act for a verb that asks for a reason.
func because[T any](do func(context.Context, party.Actor, id.ID, string) (T, error), show shown[T]) edge.Handler {
	return sent(func(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
		x, err := do(r.Context(), r.Actor(), at, in.Reason)
		return show(r, http.StatusOK, x, err)
	})
}

// shown answers with an object as this actor may see it, or the error.
type shown[T any] = func(*edge.Request, int, T, error) (edge.Response, error)

// pressed is the key of a step that moves money: the body's, else the header
// that every write may carry. The header's answers are kept for a day only; the
// step knows its key for ever.
func pressed(r *edge.Request, key string) string {
	if key != "" {
		return key
	}
	return r.Header("Idempotency-Key")
}

// answer is the common end of a handler: the value, or the service's error.
func answer(status int, v any, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	return edge.JSON(status, v), nil
}

// Described adds /api/v1/openapi.json, which describes all the routes and
// itself. The document is made when it is first asked for: reflecting on every
// type takes longer than all the rest of a start.
func Described(routes []edge.Route) []edge.Route {
	var document func() ([]byte, error)
	routes = append(routes, get("/openapi.json", "public", func(*edge.Request) (edge.Response, error) {
		b, err := document()
		if err != nil {
			return edge.Response{}, err
		}
		return edge.Bytes(http.StatusOK, "application/json; charset=utf-8", b).Public(time.Minute), nil
	}, edge.Doc{Summary: "本接口的 OpenAPI 3.1 描述", Tag: "开放", Public: true}))
	document = sync.OnceValues(func() ([]byte, error) {
		return edge.OpenAPI(routes, edge.Info{Title: "共济开放接口", Version: "1",
			Description: "页面能办的事都能由程序办。写操作可带 Idempotency-Key；错误为 RFC 9457 problem+json；金额以分为单位。"})
	})
	return routes
}
