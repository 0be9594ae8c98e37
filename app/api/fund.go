package api

import (
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
)

func (a *API) fundRoutes() []edge.Route {
	const tag = "专项基金"
	return []edge.Route{
		get("/public/funds", "public", a.fundPublic, edge.Doc{Summary: "公开的专项基金和合计", Tag: tag, Query: fundQuery{}, Out: fundPage{}, Public: true}),
		get("/public/funds/{id}", "public", a.fundShow, edge.Doc{Summary: "一只基金：用途、收支、捐赠、付款、物资", Tag: tag, Out: fundView{}, Public: true}),
		get("/public/funds/{id}/payments", "public", a.fundPayments, edge.Doc{Summary: "基金的付款", Tag: tag, Query: afterQuery{}, Out: Page[payment.Public]{}, Public: true}),
		get("/public/funds/{id}/donations", "public", a.fundDonations, edge.Doc{Summary: "基金收到的捐赠，捐赠人已遮挡", Tag: tag, Query: afterQuery{}, Out: Page[donation.Given]{}, Public: true}),
		get("/funds", "foundation", a.fundOwn, edge.Doc{Summary: "本会的基金", Tag: tag, Query: fundQuery{}, Out: fundPage{}}),
		post("/funds", "foundation", a.fundCreate, edge.Doc{Summary: "新建基金草稿", Tag: tag, In: fund.Form{}, Out: fundView{}, Status: 201}),
		get("/funds/{id}", "account", a.fundShow, edge.Doc{Summary: "一只基金", Tag: tag, Out: fundView{}}),
		put("/funds/{id}", "foundation", sent(a.fundSave), edge.Doc{Summary: "修改草稿，整份替换", Tag: tag, In: fundInput{}, Out: fundView{}}),
		a.upload("/funds/{id}/agreement", "foundation", a.attach(fund.AgreementKind, "agreement"), edge.Doc{Summary: "上传基金协议（不公开）", Tag: tag}),
		a.upload("/funds/{id}/attachments", "foundation", a.attach(fund.Kind, ""), edge.Doc{Summary: "上传公开文件", Tag: tag}),
		post("/funds/{id}/submit", "foundation", act(a.Funds.Submit, a.fundAnswer), edge.Doc{Summary: "提交审批", Tag: tag, Out: fundView{}}),
		post("/funds/{id}/approve", "foundation", act(a.Funds.Approve, a.fundAnswer), edge.Doc{Summary: "批准设立：分配编号、开立账户、公开", Tag: tag, Out: fundView{}}),
		post("/funds/{id}/return", "foundation", because(a.Funds.Return, a.fundAnswer), edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: fundView{}}),
		get("/funds/{id}/open", "foundation", act(a.Funds.StillOpen, a.fundLoose), edge.Doc{Summary: "终止前还要结清或者写明的事项", Tag: tag, Out: []fund.Loose{}}),
		a.upload("/funds/{id}/resolution", "foundation", a.attach(fund.ResolutionKind, ""), edge.Doc{Summary: "上传关于终止的决议（不公开）", Tag: tag}),
		post("/funds/{id}/closing", "foundation", sent(a.fundPropose), edge.Doc{Summary: "提出终止：进入清算，不再接收新的捐赠和付款", Tag: tag, In: fund.ClosingForm{}, Out: fundView{}}),
		post("/funds/{id}/closing/resume", "foundation", because(a.Funds.Resume, a.fundAnswer), edge.Doc{Summary: "撤回或者不同意终止，恢复运行", Tag: tag, In: reason{}, Out: fundView{}}),
		post("/funds/{id}/end", "foundation", act(a.Funds.End, a.fundAnswer), edge.Doc{Summary: "决定终止：剩余财产照提议转出并公布", Tag: tag, Out: fundView{}}),
		get("/funds/{id}/ledger", "foundation", a.fundLedger, edge.Doc{Summary: "基金账户明细，新的在前", Tag: tag, Query: ledgerQuery{}, Out: Page[ledger.Row]{}}),
		get("/funds/{id}/ledger/check", "foundation", a.fundLedgerCheck, edge.Doc{Summary: "核对基金所在的整本账", Tag: tag, Out: ledger.Report{}}),
	}
}

type fundQuery struct {
	Text  string `query:"q" description:"基金、基金会、发起人、地区中的字"`
	State string `query:"state" enum:"draft,review,active,winding,ended"`
	After string `query:"after"`
}

type ledgerQuery struct {
	After string `query:"after" description:"上一页的 next，形如 17.2"`
}

// fundPage is a page of funds with the totals of the whole list.
type fundPage struct {
	Page[fund.Item]
	Total fund.Total `json:"total"`
}

// fundInput replaces a draft; version 0 replaces whatever is there.
type fundInput struct {
	fund.Form
	Version int64 `json:"version,omitempty" description:"读到的版本；0 或不填则不检查"`
}

// fundView is a fund with what hangs on it. The last five of each list; the
// whole lists have their own addresses.
type fundView struct {
	fund.Fund
	FullName  string                  `json:"full_name"`
	Members   []fund.Member           `json:"members" description:"管理委员会成员；未同意公开的遮挡姓名"`
	Closing   *fund.Closing           `json:"closing,omitempty" description:"终止：原因、剩余财产去向、决议"`
	Budgets   []budgetView            `json:"budgets" description:"执行中和以往的年度预算"`
	Grants    []grant.Given           `json:"grants" description:"从本基金资助的项目和进度"`
	Money     fund.Money              `json:"money"`
	Months    []ledger.Month          `json:"months"`
	Donations []donation.Given        `json:"donations"`
	Payments  []payment.Public        `json:"payments"`
	Goods     []goods.Level           `json:"goods"`
	Files     []attachment.Attachment `json:"attachments"`
	Missing   []fault.Field           `json:"missing,omitempty" description:"提交前还要补全的"`
	Timeline  []trail.Event           `json:"timeline"`
}

func (a *API) fundAnswer(r *edge.Request, status int, f fund.Fund, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	ctx := r.Context()
	v := fundView{Fund: f, FullName: f.FullName(), Members: f.Shown()}
	if a.Funds.Allowed(r.Actor(), f, "follow") {
		v.Members = f.Members
	}
	steps := []func() error{
		func() (err error) { v.Money, err = a.Funds.Balance(ctx, f); return },
		func() (err error) { v.Closing, err = a.Funds.Closing(ctx, f); return },
		func() (err error) { v.Budgets, err = a.fundBudgets(ctx, f); return },
		func() (err error) { v.Grants, err = a.Grants.OfFund(ctx, f.ID, 50); return },
		func() (err error) { v.Months, err = a.Funds.Months(ctx, f); return },
		func() (err error) { v.Donations, err = a.Donations.GivenTo(ctx, f.ID, "", 5); return },
		func() (err error) { v.Payments, err = a.Payments.OfFund(ctx, f.ID, "", 5); return },
		func() (err error) { v.Goods, err = a.Goods.OfFund(ctx, f.ID); return },
		func() (err error) { v.Files, err = a.Attachments.For(ctx, r.Actor(), fund.Kind, f.ID); return },
		func() (err error) { v.Timeline, err = a.Funds.Timeline(ctx, r.Actor(), f.ID); return },
	}
	if f.State == fund.Draft {
		steps = append(steps, func() (err error) { v.Missing, err = a.Funds.Missing(ctx, f); return })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return edge.Response{}, err
		}
	}
	return edge.JSON(status, v), nil
}

func (a *API) fundPublic(r *edge.Request) (edge.Response, error) {
	return a.fundPage(r, party.Actor{}, fund.Filter{})
}

func (a *API) fundOwn(r *edge.Request) (edge.Response, error) {
	return a.fundPage(r, r.Actor(), fund.Filter{Foundation: r.Actor().Org})
}

func (a *API) fundPage(r *edge.Request, who party.Actor, x fund.Filter) (edge.Response, error) {
	x.Text, x.State, x.After, x.Limit = r.Query("q"), fund.State(r.Query("state")), id.ID(r.Query("after")), perPage
	list, err := a.Funds.List(r.Context(), who, x)
	if err != nil {
		return edge.Response{}, err
	}
	out := fundPage{Page: paged(list, perPage, func(x fund.Item) string { return string(x.ID) })}
	out.Total, err = a.Funds.Totals(r.Context(), who, x)
	return answer(200, out, err)
}

func (a *API) fundShow(r *edge.Request) (edge.Response, error) {
	f, err := a.fund(r)
	return a.fundAnswer(r, 200, f, err)
}

// fund reads the fund of the address, if the actor may view it.
func (a *API) fund(r *edge.Request) (fund.Fund, error) {
	f, err := r.ID("id")
	if err != nil {
		return fund.Fund{}, err
	}
	return a.Funds.Get(r.Context(), r.Actor(), f)
}

func (a *API) fundPayments(r *edge.Request) (edge.Response, error) {
	f, err := a.fund(r)
	if err != nil {
		return edge.Response{}, err
	}
	list, err := a.Payments.OfFund(r.Context(), f.ID, id.ID(r.Query("after")), perPage)
	return answer(200, paged(list, perPage, func(x payment.Public) string { return string(x.ID) }), err)
}

func (a *API) fundDonations(r *edge.Request) (edge.Response, error) {
	f, err := a.fund(r)
	if err != nil {
		return edge.Response{}, err
	}
	list, err := a.Donations.GivenTo(r.Context(), f.ID, id.ID(r.Query("after")), perPage)
	return answer(200, paged(list, perPage, func(x donation.Given) string { return string(x.Cursor) }), err)
}

func (a *API) fundCreate(r *edge.Request) (edge.Response, error) {
	var in fund.Form
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	f, err := a.Funds.Create(r.Context(), r.Actor(), in)
	return a.fundAnswer(r, 201, f, err)
}

func (a *API) fundSave(r *edge.Request, f id.ID, in fundInput) (edge.Response, error) {
	saved, err := a.Funds.Save(r.Context(), r.Actor(), f, in.Version, in.Form)
	return a.fundAnswer(r, 200, saved, err)
}
