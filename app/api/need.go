package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/amendment"
	"gongji/app/procurement/documents"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/question"
	"gongji/app/procurement/survey"
)

// needRoutes are the steps from a need to the documents of a purchase. Those
// that would tell who takes documents or asks are quiet.
func (a *API) needRoutes() []edge.Route {
	return slices.Concat(a.prepareRoutes(), a.paperRoutes())
}

func (a *API) prepareRoutes() []edge.Route {
	const tag = "采购准备"
	return []edge.Route{
		post("/tenders/{id}/delete", "buyer", edge.At(a.tenderDelete), edge.Doc{Summary: "删除草稿", Tag: tag, Status: 204}),
		get("/tenders/{id}/survey", "buyer", edge.At(a.surveyShow), edge.Doc{Summary: "需求调查", Tag: tag, Out: survey.Survey{}}),
		post("/tenders/{id}/survey", "buyer", sent(a.surveyAdd), edge.Doc{Summary: "登记一个调查对象", Tag: tag, In: survey.Entry{}, Out: survey.Respondent{}, Status: 201}),
		put("/tenders/{id}/survey/conclusion", "buyer", sent(a.surveyConclude), edge.Doc{Summary: "填写调查结论", Tag: tag, In: conclusion{}, Out: survey.Survey{}}),
		post("/tenders/{id}/survey/{respondent}/remove", "buyer", edge.At(a.surveyRemove), edge.Doc{Summary: "移除调查对象", Tag: tag, Out: survey.Survey{}}),
		a.upload("/survey-respondents/{id}/attachments", "buyer", a.attach(survey.ObjectKind, ""), edge.Doc{Summary: "给调查对象加附件", Tag: tag}),
		get("/public/intentions", "public", a.intentionPublic, edge.Doc{Summary: "采购意向", Tag: tag, Query: intentionQuery{}, Out: intentionPage{}, Public: true}),
		get("/public/intentions/{id}", "public", edge.At(a.intentionShow), edge.Doc{Summary: "一条采购意向", Tag: tag, Out: intention.Intention{}, Public: true}),
		get("/intentions", "buyer", a.intentionMine, edge.Doc{Summary: "本单位的采购意向", Tag: tag, Query: intentionQuery{}, Out: intentionPage{}}),
		post("/intentions", "buyer", a.intentionCreate, edge.Doc{Summary: "起草采购意向", Tag: tag, In: intention.Facts{}, Out: intention.Intention{}, Status: 201}),
		put("/intentions/{id}", "buyer", sent(a.intentionAmend), edge.Doc{Summary: "修改采购意向", Tag: tag, In: intention.Facts{}, Out: intention.Intention{}}),
		post("/intentions/{id}/publish", "buyer", act(a.Intentions.Publish, plainly[intention.Intention]), edge.Doc{Summary: "公开采购意向", Tag: tag, Out: intention.Intention{}}),
		post("/intentions/{id}/return", "buyer", because(a.Intentions.Return, plainly[intention.Intention]), edge.Doc{Summary: "退回采购意向", Tag: tag, In: reason{}, Out: intention.Intention{}}),
	}
}

func (a *API) paperRoutes() []edge.Route {
	const tag = "采购文件"
	out := []edge.Route{
		get("/tenders/{id}/packages", "public", edge.At(a.packageList), edge.Doc{Summary: "同一项目的各包", Tag: tag, Out: []tenderItem{}, Public: true}),
		get("/tenders/{id}/documents", "public", edge.At(a.documentVersions), edge.Doc{Summary: "采购文件各版", Tag: tag, Out: []documents.Version{}, Public: true}),
		get("/tenders/{id}/document", "public", edge.At(a.documentTake), edge.Doc{Summary: "下载采购文件（登录的供应商即为领取）", Tag: tag, Query: versionQuery{}, OutKind: "application/pdf", Public: true}),
		get("/tenders/{id}/takes", "buyer", edge.At(a.documentTakes), edge.Doc{Summary: "采购文件领取记录", Tag: tag, Query: takeQuery{}, Out: takePage{}}),
		get("/tenders/{id}/questions", "public", edge.At(a.questionList), edge.Doc{Summary: "提问与答复，不含提问人", Tag: tag, Query: questionQuery{}, Out: questionPage{}, Public: true}),
		post("/tenders/{id}/questions", "account", sent(a.questionAsk), edge.Doc{Summary: "匿名提问", Tag: tag, In: asking{}, Out: question.Question{}, Status: 201}),
		post("/questions/{id}/answer", "buyer", sent(a.questionAnswer), edge.Doc{Summary: "向所有人答复", Tag: tag, In: answering{}, Out: question.Question{}}),
		post("/questions/{id}/reveal", "platform", because(a.Questions.Reveal, plainly[question.Asker]), edge.Doc{Summary: "为审计或投诉查看提问人，理由留痕", Tag: tag, In: reason{}, Out: question.Asker{}}),
		get("/tenders/{id}/amendments", "public", edge.At(a.amendmentList), edge.Doc{Summary: "更正与澄清", Tag: tag, Query: amendmentQuery{}, Out: amendmentPage{}, Public: true}),
		get("/tenders/{id}/amendment", "buyer", edge.At(a.amendmentWaiting), edge.Doc{Summary: "等待审批的更正，按现在计算", Tag: tag, Out: amendment.Amendment{}}),
		post("/tenders/{id}/amendment/plan", "buyer", sent(a.amendmentPlan), edge.Doc{Summary: "试算更正：差异和截止时间，不保存", Tag: tag, In: amendmentIn{}, Out: amendment.Amendment{}}),
		post("/tenders/{id}/amendment", "buyer", sent(a.amendmentPropose), edge.Doc{Summary: "提交更正", Tag: tag, In: amendmentIn{}, Out: amendment.Amendment{}, Status: 201}),
		post("/tenders/{id}/amendment/approve", "buyer", act(a.Amendments.Approve, plainly[amendment.Amendment]), edge.Doc{Summary: "批准并发布更正", Tag: tag, Out: amendment.Amendment{}}),
		post("/tenders/{id}/amendment/return", "buyer", because(a.Amendments.Return, plainly[amendment.Amendment]), edge.Doc{Summary: "退回更正", Tag: tag, In: reason{}, Out: amendment.Amendment{}}),
	}
	for i := range out {
		out[i].Quiet = true
	}
	return out
}

// plainly answers with an object as it is.
func plainly[T any](_ *edge.Request, status int, x T, err error) (edge.Response, error) {
	return answer(status, x, err)
}

type conclusion struct {
	Conclusion string `json:"conclusion"`
	Few        string `json:"few,omitempty" description:"市场主体少于 3 个的原因"`
}

type intentionQuery struct {
	Text   string `query:"q"`
	Region string `query:"region"`
	State  string `query:"state" enum:"draft,published"`
	After  string `query:"after"`
}

type intentionPage struct {
	Items []intention.Intention `json:"items"`
	Next  string                `json:"next,omitempty"`
	Total int                   `json:"total"`
}

type takeQuery struct {
	Text    string `query:"q" description:"单位名称中的词"`
	Kind    string `query:"kind" enum:"supplier,other"`
	Version int    `query:"version"`
	After   string `query:"after"`
}

type takePage struct {
	Items     []documents.Take `json:"items"`
	Next      string           `json:"next,omitempty"`
	Total     int              `json:"total"`
	Suppliers int              `json:"suppliers" description:"领取的供应商家数，不随筛选变化"`
}

type questionQuery struct {
	Text  string `query:"q"`
	State string `query:"state" enum:"answered,waiting,mine"`
	After string `query:"after"`
}

type questionPage struct {
	Items   []question.Question `json:"items"`
	Next    string              `json:"next,omitempty"`
	Total   int                 `json:"total"`
	Waiting int                 `json:"waiting" description:"待答复的个数：采购人看到全部，其他人只看到自己的"`
}

type amendmentQuery struct {
	Text  string `query:"q"`
	After int    `query:"after" description:"上一页最后一次的序号"`
}

type amendmentPage struct {
	Items []amendment.Amendment `json:"items"`
	Next  int                   `json:"next,omitempty"`
	Total int                   `json:"total"`
}

type versionQuery struct {
	Version int `query:"version" description:"不给则为现行版"`
}

type asking struct {
	Text string `json:"text" description:"4 到 2000 个字，会公开；不要写单位名称"`
}

type answering struct {
	Answer string `json:"answer"`
}

// amendmentIn is what an amendment changes; what is absent stays.
type amendmentIn struct {
	What          *string      `json:"what,omitempty"`
	ForWhom       *string      `json:"for_whom,omitempty"`
	Requirements  *[]string    `json:"requirements,omitempty"`
	Terms         *string      `json:"contract_terms,omitempty"`
	BidFormat     *string      `json:"bid_format,omitempty"`
	TermNote      *string      `json:"term_note,omitempty"`
	PackageLimits *string      `json:"package_limits,omitempty"`
	DocumentsTo   *time.Time   `json:"documents_until,omitempty"`
	Deadline      *time.Time   `json:"deadline,omitempty"`
	OpeningPlace  *string      `json:"opening_place,omitempty"`
	Contact       *string      `json:"contact,omitempty"`
	Criteria      *[]criterion `json:"criteria,omitempty"`
	Reason        string       `json:"reason" description:"公开"`
	Affects       bool         `json:"affects" description:"可能影响投标文件编制：截止时间不足法定天数的顺延"`
}

func (in amendmentIn) input() amendment.Input {
	p := tenderInput{What: in.What, ForWhom: in.ForWhom, Requirements: in.Requirements, Terms: in.Terms, BidFormat: in.BidFormat, TermNote: in.TermNote,
		PackageLimit: in.PackageLimits, DocumentsTo: in.DocumentsTo, Deadline: in.Deadline, OpeningPlace: in.OpeningPlace, Contact: in.Contact, Criteria: in.Criteria}.patch()
	return amendment.Input{Values: p.Values, Criteria: p.Criteria, Reason: in.Reason, Affects: in.Affects}
}

func (a *API) tenderDelete(r *edge.Request, t id.ID) (edge.Response, error) {
	if err := a.Tenders.Delete(r.Context(), r.Actor(), t); err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), nil
}

func (a *API) surveyShow(r *edge.Request, t id.ID) (edge.Response, error) {
	s, err := a.Surveys.Of(r.Context(), r.Actor(), t)
	return answer(http.StatusOK, s, err)
}

func (a *API) surveyAdd(r *edge.Request, t id.ID, in survey.Entry) (edge.Response, error) {
	x, err := a.Surveys.Add(r.Context(), r.Actor(), t, in)
	return answer(http.StatusCreated, x, err)
}

func (a *API) surveyConclude(r *edge.Request, t id.ID, in conclusion) (edge.Response, error) {
	if err := a.Surveys.Conclude(r.Context(), r.Actor(), t, in.Conclusion, in.Few); err != nil {
		return edge.Response{}, err
	}
	return a.surveyShow(r, t)
}

func (a *API) surveyRemove(r *edge.Request, t id.ID) (edge.Response, error) {
	x, err := r.ID("respondent")
	if err == nil {
		err = a.Surveys.Remove(r.Context(), r.Actor(), t, x)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return a.surveyShow(r, t)
}

func intentionFilter(r *edge.Request) intention.Filter {
	return intention.Filter{Text: r.Query("q"), Region: r.Query("region"), State: r.Query("state"), After: id.ID(r.Query("after")), Limit: perPage}
}

func (a *API) intentionPublic(r *edge.Request) (edge.Response, error) {
	p, err := a.Intentions.List(r.Context(), intentionFilter(r))
	return answer(http.StatusOK, intentionPage{p.Items, string(p.Next), p.Total}, err)
}

func (a *API) intentionMine(r *edge.Request) (edge.Response, error) {
	p, err := a.Intentions.Mine(r.Context(), r.Actor(), intentionFilter(r))
	return answer(http.StatusOK, intentionPage{p.Items, string(p.Next), p.Total}, err)
}

func (a *API) intentionShow(r *edge.Request, x id.ID) (edge.Response, error) {
	i, err := a.Intentions.Get(r.Context(), r.Actor(), x)
	return answer(http.StatusOK, i, err)
}

func (a *API) intentionCreate(r *edge.Request) (edge.Response, error) {
	var in intention.Facts
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	i, err := a.Intentions.Create(r.Context(), r.Actor(), in)
	return answer(http.StatusCreated, i, err)
}

func (a *API) intentionAmend(r *edge.Request, x id.ID, in intention.Facts) (edge.Response, error) {
	i, err := a.Intentions.Amend(r.Context(), r.Actor(), x, in)
	return answer(http.StatusOK, i, err)
}

func (a *API) packageList(r *edge.Request, x id.ID) (edge.Response, error) {
	t, err := a.Tenders.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	all, err := a.Tenders.Siblings(r.Context(), t)
	out := []tenderItem{}
	for _, t := range all {
		out = append(out, a.tenderItem(t))
	}
	return answer(http.StatusOK, out, err)
}

func (a *API) documentVersions(r *edge.Request, t id.ID) (edge.Response, error) {
	list, err := a.Documents.Versions(r.Context(), r.Actor(), t)
	return answer(http.StatusOK, list, err)
}

func (a *API) documentTake(r *edge.Request, t id.ID) (edge.Response, error) {
	version, _ := strconv.Atoi(r.Query("version")) // what is no number means the one in force
	doc, body, err := a.Documents.Take(r.Context(), r.Actor(), t, max(version, 0))
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(doc.FileName(), "application/pdf", doc.Size, body, false), nil
}

func (a *API) documentTakes(r *edge.Request, t id.ID) (edge.Response, error) {
	version, _ := strconv.Atoi(r.Query("version"))
	p, err := a.Documents.Takes(r.Context(), r.Actor(), t, documents.TakeFilter{Text: r.Query("q"), Kind: r.Query("kind"), Version: version, After: id.ID(r.Query("after"))})
	return answer(http.StatusOK, takePage{p.Items, string(p.Next), p.Total, p.Suppliers}, err)
}

func (a *API) questionList(r *edge.Request, t id.ID) (edge.Response, error) {
	p, err := a.Questions.List(r.Context(), r.Actor(), t, question.Filter{Text: r.Query("q"), State: r.Query("state"), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(http.StatusOK, questionPage{p.Items, string(p.Next), p.Total, p.Waiting}, err)
}

func (a *API) questionAsk(r *edge.Request, t id.ID, in asking) (edge.Response, error) {
	q, err := a.Questions.Ask(r.Context(), r.Actor(), t, in.Text)
	return answer(http.StatusCreated, q, err)
}

func (a *API) questionAnswer(r *edge.Request, x id.ID, in answering) (edge.Response, error) {
	q, err := a.Questions.Answer(r.Context(), r.Actor(), x, in.Answer)
	return answer(http.StatusOK, q, err)
}

func (a *API) amendmentList(r *edge.Request, t id.ID) (edge.Response, error) {
	after, _ := strconv.Atoi(r.Query("after"))
	p, err := a.Amendments.Of(r.Context(), r.Actor(), t, amendment.Filter{Text: r.Query("q"), After: after, Limit: perPage})
	return answer(http.StatusOK, amendmentPage{p.Items, p.Next, p.Total}, err)
}

func (a *API) amendmentWaiting(r *edge.Request, t id.ID) (edge.Response, error) {
	x, err := a.Amendments.Waiting(r.Context(), r.Actor(), t)
	return answer(http.StatusOK, x, err)
}

func (a *API) amendmentPlan(r *edge.Request, t id.ID, in amendmentIn) (edge.Response, error) {
	x, err := a.Amendments.Plan(r.Context(), r.Actor(), t, in.input())
	return answer(http.StatusOK, x, err)
}

func (a *API) amendmentPropose(r *edge.Request, t id.ID, in amendmentIn) (edge.Response, error) {
	x, err := a.Amendments.Propose(r.Context(), r.Actor(), t, in.input())
	return answer(http.StatusCreated, x, err)
}
