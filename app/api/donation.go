package api

import (
	"strconv"

	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/foundation/annual"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/receipt"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/trust/trail"
)

func (a *API) donationRoutes() []edge.Route {
	const tag = "捐赠"
	return []edge.Route{
		post("/donations", "donor", a.donationPledge, edge.Doc{Summary: "认捐资金或物资", Tag: tag, In: donation.Pledge{}, Out: donationView{}, Status: 201}),
		get("/donations", "donor", a.donationMine, edge.Doc{Summary: "我（或我代表的单位）的捐赠", Tag: tag, Query: donationQuery{}, Out: Page[donation.Donation]{}}),
		get("/donations/years", "donor", a.donationYears, edge.Doc{Summary: "我的年度捐赠和汇总", Tag: tag, Out: Page[annual.Year]{}}),
		post("/donations/years", "donor", a.donationAnnual, edge.Doc{Summary: "生成年度捐赠汇总（不是票据）；没有变化时得到原来的一份", Tag: tag, In: annualAsk{}, Out: annual.Statement{}, Status: 201}),
		get("/donations/{id}", "donor", edge.At(a.donationShow), edge.Doc{Summary: "一笔捐赠、凭证、收据和经过", Tag: tag, Out: donationView{}}),
		a.upload("/donations/{id}/proofs", "donor", a.donationProve, edge.Doc{Summary: "上传物资价值凭证", Tag: tag, Query: proofQuery{}}),
		post("/donations/{id}/cancel", "donor", sent(a.donationCancel), edge.Doc{Summary: "捐赠人撤回；财务记录未到账（须写原因）", Tag: tag, In: reason{}, Out: donationView{}}),
		get("/donations/{id}/goods-trace", "donor", edge.At(a.donationGoods), edge.Doc{Summary: "物资去哪了：按先进先出追到每次发放和签收", Tag: tag, Out: trace.GoodsTrace{}}),
		get("/donations/{id}/trace", "donor", edge.At(a.donationTrace), edge.Doc{Summary: "钱去哪了：按先进先出追到付款、节点和履约", Tag: tag, Out: trace.Trace{}}),
		get("/foundation/donations", "foundation", a.donationList, edge.Doc{Summary: "本会收到的捐赠", Tag: tag, Query: donationQuery{}, Out: Page[donation.Donation]{}}),
		post("/foundation/donations", "foundation", a.donationRecord, edge.Doc{Summary: "登记线下捐赠", Tag: tag, In: donation.Offline{}, Out: donationView{}, Status: 201}),
		post("/donations/{id}/confirm", "foundation", sent(a.donationConfirm), edge.Doc{Summary: "财务确认实际到账", Tag: tag, In: donation.Arrival{}, Out: donationView{}}),
		post("/donations/{id}/donor", "foundation", sent(a.donationName), edge.Doc{Summary: "补登没有留名的捐赠人，之后可以开收据", Tag: tag, In: donation.Identity{}, Out: donationView{}}),
		put("/donations/{id}/privacy", "donor", sent(a.donationHide), edge.Doc{Summary: "两个隐私开关：对公众、对基金会工作人员；随时可改", Tag: tag, In: donation.Privacy{}, Out: donationView{}}),
		post("/donations/{id}/appraise", "foundation", sent(a.donationAppraise), edge.Doc{Summary: "清点物资并估值；有价值的须由另一人确认", Tag: tag, In: donation.Appraisal{}, Out: donationView{}}),
		post("/donations/{id}/refund", "foundation", sent(a.donationRefund), edge.Doc{Summary: "财务申请退回捐赠（误转、重复汇款）；有效收据须先作废", Tag: tag, In: reason{}, Out: donationView{}}),
		post("/donations/{id}/refund/decide", "foundation", sent(a.donationRefundDecide), edge.Doc{Summary: "另一人同意退回（冲销）或不同意", Tag: tag, In: refundDecision{}, Out: donationView{}}),
		post("/donations/{id}/receipts", "foundation", sent(a.receiptPrepare), edge.Doc{Summary: "制备收据，待复核", Tag: tag, In: remark{}, Out: receipt.Receipt{}, Status: 201}),
		get("/receipts/{id}", "donor", edge.At(a.receiptShow), edge.Doc{Summary: "一张收据和它的捐赠", Tag: tag, Out: receipt.Show{}}),
		post("/receipts/{id}/review", "foundation", sent(a.receiptReview), edge.Doc{Summary: "复核：通过即编号开具，或退回", Tag: tag, In: decision{}, Out: receipt.Receipt{}}),
		post("/receipts/{id}/void", "foundation", sent(a.receiptVoid), edge.Doc{Summary: "作废收据，号码不再使用", Tag: tag, In: reason{}, Out: receipt.Receipt{}}),
		get("/foundation/receipts", "foundation", a.receiptRegister, edge.Doc{Summary: "号码登记簿：每个号码的下落，缺号", Tag: tag, Query: registerQuery{}, Out: registerView{}}),
		get("/foundation/receipts/waiting", "foundation", a.receiptWaiting, edge.Doc{Summary: "待复核的收据", Tag: tag, Out: Page[receipt.Row]{}}),
	}
}

type proofQuery struct {
	Line string `query:"line" description:"证明第几项物资；不填表示全部"`
}

type donationQuery struct {
	State string `query:"state" enum:"pledged,confirmed,cancelled"`
	Kind  string `query:"kind" enum:"money,goods"`
	Fund  string `query:"fund"`
	Text  string `query:"q" description:"登记号，或捐赠人名称中的字"`
	After string `query:"after"`
	Year  string `query:"year" description:"到账（未到账的按登记）的年份"`
}

type registerQuery struct {
	Year  string `query:"year" description:"默认今年"`
	State string `query:"state" enum:"issued,void"`
	Text  string `query:"q" description:"号码、登记号，或捐赠人名称中的字"`
	After string `query:"after" description:"上一页最后一个号码"`
}

// registerView is a page of the register of numbers.
type registerView struct {
	Items   []registered `json:"items"`
	Next    string       `json:"next,omitempty"`
	Missing []int64      `json:"missing" description:"已分配而没有收据的号码；应当永远为空"`
}

// registered is one number and what became of it.
type registered struct {
	receipt.Row
	Number      string `json:"number"`
	Predecessor string `json:"predecessor,omitempty" description:"它替代的作废收据的号码"`
	Successor   string `json:"successor,omitempty" description:"作废后替代它的收据的号码"`
}

// remark is printed on the receipt.
type remark struct {
	Remark string `json:"remark,omitempty" description:"印在收据上的备注，最多 200 字"`
}

// donationView is a donation with what hangs on it.
type donationView struct {
	donation.Donation
	Proofs   []attachment.Attachment `json:"proofs,omitempty"`
	Receipts []receipt.Row           `json:"receipts,omitempty"`
	Timeline []trail.Event           `json:"timeline"`
}

// given answers a donation after the actor did something to it.
func (a *API) given(r *edge.Request, status int, d donation.Donation, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	ctx, who := r.Context(), r.Actor()
	v := donationView{}
	if v.Donation, err = a.Donations.Get(ctx, who, d.ID); err != nil {
		return edge.Response{}, err
	}
	if !v.Withheld { // a voucher names its donor
		if v.Proofs, err = a.Donations.Proofs(ctx, who, d.ID); err != nil {
			return edge.Response{}, err
		}
	}
	receipts, err := a.Receipts.Of(ctx, who, []id.ID{d.ID}, who.Org != d.Foundation)
	if err != nil {
		return edge.Response{}, err
	}
	v.Receipts = receipts[d.ID]
	v.Timeline, err = a.Donations.Timeline(ctx, who, d.ID)
	return answer(status, v, err)
}

func (a *API) donationPledge(r *edge.Request) (edge.Response, error) {
	var in donation.Pledge
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	d, err := a.Donations.Pledge(r.Context(), r.Actor(), in)
	return a.given(r, 201, d, err)
}

func (a *API) donationRecord(r *edge.Request) (edge.Response, error) {
	var in donation.Offline
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	d, err := a.Donations.Record(r.Context(), r.Actor(), in)
	return a.given(r, 201, d, err)
}

func donationFilter(r *edge.Request) donation.Filter {
	year, _ := strconv.Atoi(r.Query("year")) // what is no year is every year
	return donation.Filter{Year: year, State: donation.State(r.Query("state")), Kind: donation.Kind(r.Query("kind")), Fund: id.ID(r.Query("fund")),
		Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: perPage}
}

func donations(l donation.List, err error) (edge.Response, error) {
	return answer(200, Page[donation.Donation]{Items: l.Items, Next: string(l.Next)}, err)
}

func (a *API) donationMine(r *edge.Request) (edge.Response, error) {
	return donations(a.Donations.Mine(r.Context(), r.Actor(), donationFilter(r)))
}

func (a *API) donationList(r *edge.Request) (edge.Response, error) {
	return donations(a.Donations.AtFoundation(r.Context(), r.Actor(), donationFilter(r)))
}

func (a *API) donationShow(r *edge.Request, at id.ID) (edge.Response, error) {
	d, err := a.Donations.Get(r.Context(), r.Actor(), at)
	return a.given(r, 200, d, err)
}

func (a *API) donationProve(r *edge.Request, at id.ID) (edge.Response, error) {
	slot := "proof"
	if n, err := strconv.Atoi(r.Query("line")); err == nil {
		slot = donation.Line{Line: n}.ProofSlot()
	}
	return a.attach(donation.ObjectKind, slot)(r, at)
}

func (a *API) donationCancel(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	d, err := a.Donations.Cancel(r.Context(), r.Actor(), at, in.Reason)
	return a.given(r, 200, d, err)
}

func (a *API) donationConfirm(r *edge.Request, at id.ID, in donation.Arrival) (edge.Response, error) {
	in.Key = pressed(r, in.Key)
	d, err := a.Donations.Confirm(r.Context(), r.Actor(), at, in)
	return a.given(r, 200, d, err)
}

func (a *API) donationHide(r *edge.Request, at id.ID, in donation.Privacy) (edge.Response, error) {
	d, err := a.Donations.Hide(r.Context(), r.Actor(), at, in)
	return a.given(r, 200, d, err)
}

func (a *API) donationAppraise(r *edge.Request, at id.ID, in donation.Appraisal) (edge.Response, error) {
	d, err := a.Donations.Appraise(r.Context(), r.Actor(), at, in)
	return a.given(r, 200, d, err)
}

// annualAsk is a year at a foundation.
type annualAsk struct {
	Foundation id.ID `json:"foundation"`
	Year       int   `json:"year"`
}

func (a *API) donationGoods(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Traces.Goods(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) donationTrace(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Traces.Of(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) donationYears(r *edge.Request) (edge.Response, error) {
	list, err := a.Annual.Years(r.Context(), r.Actor())
	return answer(200, Page[annual.Year]{Items: list}, err)
}

func (a *API) donationAnnual(r *edge.Request) (edge.Response, error) {
	var in annualAsk
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Annual.Make(r.Context(), r.Actor(), in.Foundation, in.Year)
	return answer(201, x, err)
}

func (a *API) receiptPrepare(r *edge.Request, at id.ID, in remark) (edge.Response, error) {
	x, err := a.Receipts.Prepare(r.Context(), r.Actor(), at, in.Remark)
	return answer(201, x, err)
}

func (a *API) receiptShow(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := a.Receipts.Get(r.Context(), r.Actor(), at)
	return answer(200, x, err)
}

func (a *API) receiptReview(r *edge.Request, at id.ID, in decision) (edge.Response, error) {
	x, err := a.Receipts.Review(r.Context(), r.Actor(), at, in.Approve, in.Reason)
	return answer(200, x, err)
}

func (a *API) receiptVoid(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	x, err := a.Receipts.Void(r.Context(), r.Actor(), at, in.Reason)
	return answer(200, x, err)
}

func (a *API) receiptRegister(r *edge.Request) (edge.Response, error) {
	year, err := strconv.Atoi(r.Query("year"))
	if err != nil {
		year = r.Now().In(clock.Beijing).Year()
	}
	const most = 100
	f := receipt.Filter{Year: year, State: receipt.State(r.Query("state")), Text: r.Query("q"), Limit: most}
	f.After, _ = strconv.ParseInt(r.Query("after"), 10, 64) // what is no number begins at the first
	list, err := a.Receipts.Register(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	page := paged(list, most, func(x receipt.Row) string { return strconv.FormatInt(*x.No, 10) })
	out := registerView{Items: make([]registered, len(list)), Next: page.Next}
	for i, x := range list {
		out.Items[i] = registered{x, x.Number(), x.Predecessor(), x.Successor()}
	}
	out.Missing, err = a.Receipts.Missing(r.Context(), r.Actor(), year)
	return answer(200, out, err)
}

func (a *API) receiptWaiting(r *edge.Request) (edge.Response, error) {
	list, err := a.Receipts.Waiting(r.Context(), r.Actor())
	return answer(200, Page[receipt.Row]{Items: list}, err)
}

// refundDecision is what the second person says of a refund.
type refundDecision struct {
	Approve bool   `json:"approve"`
	Reason  string `json:"reason,omitempty" description:"不同意时必填"`
	Key     string `json:"key,omitempty" description:"防重复键；不填则用 Idempotency-Key"`
}

func (a *API) donationName(r *edge.Request, at id.ID, in donation.Identity) (edge.Response, error) {
	d, err := a.Donations.Identify(r.Context(), r.Actor(), at, in)
	return a.given(r, 200, d, err)
}

func (a *API) donationRefund(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	d, err := a.Donations.AskRefund(r.Context(), r.Actor(), at, in.Reason)
	return a.given(r, 200, d, err)
}

func (a *API) donationRefundDecide(r *edge.Request, at id.ID, in refundDecision) (edge.Response, error) {
	d, err := a.Donations.DecideRefund(r.Context(), r.Actor(), at, in.Approve, in.Reason, pressed(r, in.Key))
	return a.given(r, 200, d, err)
}
