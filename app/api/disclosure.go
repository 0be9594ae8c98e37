package api

import (
	"cmp"

	"gongji/app/edge"
	"gongji/app/foundation/disclosure"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
)

func (a *API) disclosureRoutes() []edge.Route {
	const tag = "信息公开"
	return []edge.Route{
		get("/public/disclosures", "public", a.disclosurePublic, edge.Doc{Summary: "公布了的信息公开，更正过的也在", Tag: tag, Query: disclosureQuery{}, Out: Page[disclosure.Disclosure]{}, Public: true}),
		get("/public/disclosures/{id}", "public", a.disclosureShow, edge.Doc{Summary: "一份信息公开：数字、说明、勾稽差异、各版", Tag: tag, Out: disclosureView{}, Public: true}),
		get("/public/funds/{id}/disclosure-calendar", "public", edge.At(a.disclosureCalendar), edge.Doc{Summary: "一只基金的公开日历：下一次最迟什么时候、依据哪条", Tag: tag, Out: []disclosure.Due{}, Public: true}),
		get("/public/campaigns/{id}/disclosure-calendar", "public", edge.At(a.disclosureCalendar), edge.Doc{Summary: "一项公开募捐的公开日历：下一次最迟什么时候、依据哪条", Tag: tag, Out: []disclosure.Due{}, Public: true}),
		get("/disclosures", "foundation", a.disclosureOwn, edge.Doc{Summary: "本会的信息公开，草稿也在", Tag: tag, Query: disclosureQuery{}, Out: Page[disclosure.Disclosure]{}}),
		get("/disclosures/calendar", "foundation", a.disclosureDues, edge.Doc{Summary: "本会全部基金和公开募捐的公开日历", Tag: tag, Out: []disclosure.Due{}}),
		post("/disclosures", "foundation", a.disclosureStart, edge.Doc{Summary: "起草日历上的下一份；数字由账本算出", Tag: tag, In: disclosureStart{}, Out: disclosureView{}, Status: 201}),
		get("/disclosures/{id}", "account", a.disclosureShow, edge.Doc{Summary: "一份信息公开", Tag: tag, Out: disclosureView{}}),
		put("/disclosures/{id}", "foundation", sent(a.disclosureSave), edge.Doc{Summary: "修改草稿的说明、单位和截止日，数字重新计算", Tag: tag, In: disclosureInput{}, Out: disclosureView{}}),
		post("/disclosures/{id}/submit", "foundation", act(a.Disclosures.Submit, a.disclosureAnswer), edge.Doc{Summary: "提交审核", Tag: tag, Out: disclosureView{}}),
		post("/disclosures/{id}/return", "foundation", because(a.Disclosures.Return, a.disclosureAnswer), edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: disclosureView{}}),
		post("/disclosures/{id}/publish", "foundation", act(a.Disclosures.Publish, a.disclosureAnswer), edge.Doc{Summary: "批准并公布：编号、出具 PDF，此后不能改", Tag: tag, Out: disclosureView{}}),
		post("/disclosures/{id}/correct", "foundation", sent(a.disclosureCorrect), edge.Doc{Summary: "起草更正的一版，理由公开", Tag: tag, In: reason{}, Out: disclosureView{}, Status: 201}),
		post("/disclosures/{id}/drop", "foundation", act(a.Disclosures.Drop, a.disclosureAnswer), edge.Doc{Summary: "放弃草稿", Tag: tag, Out: disclosureView{}}),
		post("/funds/{id}/emergency", "foundation", because(a.Disclosures.Declare, crisisAnswer), edge.Doc{Summary: "进入突发事件期间，每 5 日公布一次", Tag: tag, In: reason{}, Out: disclosure.Crisis{}}),
		post("/funds/{id}/emergency/end", "foundation", act(a.Disclosures.End, crisisAnswer), edge.Doc{Summary: "突发事件期间结束", Tag: tag, Out: disclosure.Crisis{}}),
		post("/campaigns/{id}/emergency", "foundation", because(a.Disclosures.Declare, crisisAnswer), edge.Doc{Summary: "公开募捐进入突发事件期间，每 5 日公布一次", Tag: tag, In: reason{}, Out: disclosure.Crisis{}}),
		post("/campaigns/{id}/emergency/end", "foundation", act(a.Disclosures.End, crisisAnswer), edge.Doc{Summary: "公开募捐的突发事件期间结束", Tag: tag, Out: disclosure.Crisis{}}),
		put("/funds/{id}/labels", "foundation", sent(a.labelsSet), edge.Doc{Summary: "给捐款分组，公开时按行列汇总；空行取消", Tag: tag, In: labelsInput{}, Status: 204}),
	}
}

type disclosureQuery struct {
	Text    string `query:"q" description:"基金、募捐、编号或说明中的字"`
	Kind    string `query:"kind" enum:"regular,emergency,final,yearly"`
	State   string `query:"state" enum:"draft,review,published,corrected"`
	Subject string `query:"subject" description:"基金或公开募捐"`
	Late    string `query:"late" enum:"yes" description:"只看逾期公布的"`
	After   string `query:"after"`
}

type disclosureStart struct {
	Fund     id.ID           `json:"fund,omitempty" description:"基金；与募捐二选一"`
	Campaign id.ID           `json:"campaign,omitempty" description:"公开募捐"`
	Kind     disclosure.Kind `json:"kind" enum:"regular,emergency,final,yearly"`
}

type disclosureInput struct {
	disclosure.Form
	Version int64 `json:"version,omitempty" description:"读到的版本；0 或不填则不检查"`
}

type labelsInput struct {
	Labels []disclosure.Label `json:"labels"`
}

// disclosureView is a disclosure as it is shown, with what hangs on it.
type disclosureView struct {
	disclosure.Disclosure
	Title       string                  `json:"title"`
	Late        int                     `json:"late_days" description:"逾期天数"`
	Shown       [][3]string             `json:"shown" description:"按所选单位显示的收支：项目、本期、累计"`
	Table       [][]string              `json:"table,omitempty" description:"分组汇总，首行是表头"`
	Differences []disclosure.Difference `json:"differences" description:"勾稽差异"`
	Missing     []fault.Field           `json:"missing,omitempty" description:"提交前还要补全的"`
	Editions    []disclosureEdition     `json:"editions"`
	Timeline    []trail.Event           `json:"timeline"`
}

type disclosureEdition struct {
	ID      id.ID            `json:"id"`
	Edition int64            `json:"edition"`
	State   disclosure.State `json:"state"`
	Why     string           `json:"why,omitempty"`
}

func (a *API) disclosureAnswer(r *edge.Request, status int, x disclosure.Disclosure, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := disclosureView{Disclosure: x, Title: x.Title(), Late: x.Late(), Shown: x.Sums(), Table: x.Table(), Differences: x.Differences()}
	if x.State == disclosure.Draft {
		v.Missing = x.Missing()
	}
	editions, err := a.Disclosures.Editions(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	for _, e := range editions {
		v.Editions = append(v.Editions, disclosureEdition{e.ID, e.Edition, e.State, e.Why})
	}
	v.Timeline, err = a.Disclosures.Timeline(r.Context(), r.Actor(), x)
	return answer(status, v, err)
}

func crisisAnswer(_ *edge.Request, status int, x disclosure.Crisis, err error) (edge.Response, error) {
	return answer(status, x, err)
}

func (a *API) disclosurePublic(r *edge.Request) (edge.Response, error) {
	return a.disclosurePage(r, party.Actor{}, "")
}

func (a *API) disclosureOwn(r *edge.Request) (edge.Response, error) {
	return a.disclosurePage(r, r.Actor(), r.Actor().Org)
}

func (a *API) disclosurePage(r *edge.Request, who party.Actor, of id.ID) (edge.Response, error) {
	list, err := a.Disclosures.List(r.Context(), who, disclosure.Filter{Foundation: of, Subject: id.ID(r.Query("subject")), Kind: disclosure.Kind(r.Query("kind")),
		State: disclosure.State(r.Query("state")), Late: r.Query("late") == "yes", Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x disclosure.Disclosure) string { return string(x.ID) }), err)
}

func (a *API) disclosureShow(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, err := a.Disclosures.Get(r.Context(), r.Actor(), at)
	return a.disclosureAnswer(r, 200, x, err)
}

func (a *API) disclosureCalendar(r *edge.Request, of id.ID) (edge.Response, error) {
	list, err := a.Disclosures.Of(r.Context(), r.Actor(), of)
	return answer(200, list, err)
}

func (a *API) disclosureDues(r *edge.Request) (edge.Response, error) {
	list, err := a.Disclosures.Own(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) disclosureStart(r *edge.Request) (edge.Response, error) {
	var in disclosureStart
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Disclosures.Start(r.Context(), r.Actor(), cmp.Or(in.Campaign, in.Fund), in.Kind)
	return a.disclosureAnswer(r, 201, x, err)
}

func (a *API) disclosureSave(r *edge.Request, at id.ID, in disclosureInput) (edge.Response, error) {
	x, err := a.Disclosures.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return a.disclosureAnswer(r, 200, x, err)
}

func (a *API) disclosureCorrect(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	x, err := a.Disclosures.Correct(r.Context(), r.Actor(), at, in.Reason)
	return a.disclosureAnswer(r, 201, x, err)
}

func (a *API) labelsSet(r *edge.Request, at id.ID, in labelsInput) (edge.Response, error) {
	if err := a.Disclosures.SetLabels(r.Context(), r.Actor(), at, in.Labels); err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), nil
}
