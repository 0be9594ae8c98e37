package api

import (
	"net/http"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/catalogue"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/trust/trail"
)

func (a *API) tenderRoutes() []edge.Route {
	const tag = "采购"
	return []edge.Route{
		get("/public/catalogue", "public", a.catalogueSearch, edge.Doc{Summary: "查指导性目录", Tag: tag, Query: catalogueQuery{}, Out: []catalogue.Entry{}, Public: true}),
		get("/public/tenders", "public", a.tenderPublic, edge.Doc{Summary: "采购公告", Tag: tag, Query: tenderQuery{}, Out: tenderPage{}, Public: true}),
		get("/public/tenders/{id}", "public", edge.At(a.tenderShow), edge.Doc{Summary: "一份采购公告", Tag: tag, Out: tenderView{}, Public: true}),
		get("/tenders", "buyer", a.tenderMine, edge.Doc{Summary: "本单位的采购项目", Tag: tag, Query: tenderQuery{}, Out: tenderPage{}}),
		post("/tenders", "buyer", a.tenderCreate, edge.Doc{Summary: "新建草稿", Tag: tag, In: tenderInput{}, Out: tenderView{}, Status: 201}),
		get("/tenders/{id}", "account", edge.At(a.tenderShow), edge.Doc{Summary: "一个采购项目", Tag: tag, Out: tenderView{}}),
		patch("/tenders/{id}", "buyer", sent(a.tenderPatch), edge.Doc{Summary: "修改草稿，只改给出的项", Tag: tag, In: tenderInput{}, Out: tenderView{}}),
		a.upload("/tenders/{id}/attachments", "buyer", a.attach("tender", ""), edge.Doc{Summary: "给草稿加附件", Tag: tag}),
		post("/tenders/{id}/submit", "buyer", act(a.Tenders.Submit, a.tenderAnswer), edge.Doc{Summary: "提交审批", Tag: tag, Out: tenderView{}}),
		post("/tenders/{id}/approve", "buyer", act(a.Tenders.Publish, a.tenderAnswer), edge.Doc{Summary: "批准并发布", Tag: tag, Out: tenderView{}}),
		post("/tenders/{id}/return", "buyer", because(a.Tenders.Return, a.tenderAnswer), edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: tenderView{}}),
		post("/tenders/{id}/cancel", "buyer", because(a.Tenders.Cancel, a.tenderAnswer), edge.Doc{Summary: "取消采购，原因公开", Tag: tag, In: reason{}, Out: tenderView{}}),
		post("/tenders/{id}/correct", "buyer", because(a.Tenders.Correct, a.tenderAnswer), edge.Doc{Summary: "发布更正说明", Tag: tag, In: reason{}, Out: tenderView{}}),
	}
}

func patch(path, gate string, h edge.Handler, d edge.Doc) edge.Route {
	return edge.Route{Method: http.MethodPatch, Path: "/api/v1" + path, Gate: gate, Handle: h, Doc: &d}
}

type reason struct {
	Reason string `json:"reason" description:"必填；取消和更正的原因会公开"`
}

type catalogueQuery struct {
	Text   string `query:"q" description:"名称中的字，或编码的开头；空则给出民政常用品目"`
	Parent string `query:"parent" description:"只要这个编码的下级；最上级用 C"`
}

type tenderQuery struct {
	Text   string `query:"q" description:"标题、编号、采购人、品目、地区中的字"`
	State  string `query:"state" enum:"open,closed,opened,evaluating,evaluated,decided,awarded,contracted,completed,failed,cancelled"`
	Method string `query:"method" enum:"open,invited,consultation,negotiation,single,framework,calloff,emergency,inquiry"`
	Region string `query:"region"`
	Buyer  string `query:"buyer"`
	After  string `query:"after"`
}

// tenderPage is a page of tenders with how many match in all.
type tenderPage struct {
	Items []tenderItem `json:"items"`
	Next  string       `json:"next,omitempty" description:"下一页的 after 参数；空表示到底"`
	Total int          `json:"total" description:"符合条件的条数，最多数到 500"`
	Over  bool         `json:"over" description:"不止 total 条"`
}

// tenderItem is a tender with its state as at now.
type tenderItem struct {
	tender.Tender
	State     tender.State `json:"state"`
	StateName string       `json:"state_name"`
}

func (a *API) tenderItem(t tender.Tender) tenderItem {
	s := t.StateAt(a.Clock.Now())
	return tenderItem{t, s, s.Name()}
}

// tenderView is a tender with what hangs on it. Missing is given to its buyer
// while it is a draft: what keeps it from being submitted.
type tenderView struct {
	tenderItem
	Attachments []attachment.Attachment `json:"attachments"`
	Documents   []archive.Document      `json:"documents"`
	Timeline    []trail.Event           `json:"timeline"`
	Missing     []fault.Field           `json:"missing,omitempty"`
	Sealing     *tenderkey.Notice       `json:"sealing,omitempty" description:"投标公钥和持钥人"`
	// Suppliers are those the notice names, as a 单一来源公示 does.
	Suppliers []tender.Supplier `json:"suppliers,omitempty"`
}

func (a *API) catalogueSearch(r *edge.Request) (edge.Response, error) {
	book := catalogue.At(r.Now())
	if parent := r.Query("parent"); parent != "" {
		return edge.JSON(200, append([]catalogue.Entry{}, book.Children(parent)...)), nil
	}
	return edge.JSON(200, append([]catalogue.Entry{}, book.Search(r.Query("q"), 100)...)), nil
}

func filterOf(r *edge.Request) tender.Filter {
	return tender.Filter{Text: r.Query("q"), State: tender.State(r.Query("state")), Method: r.Query("method"),
		Region: r.Query("region"), Buyer: id.ID(r.Query("buyer")), After: id.ID(r.Query("after")), Limit: perPage}
}

func (a *API) tenderList(p tender.Page, err error) (edge.Response, error) {
	out := tenderPage{Items: []tenderItem{}, Next: string(p.Next), Total: p.Total, Over: p.Over}
	for _, t := range p.Items {
		out.Items = append(out.Items, a.tenderItem(t))
	}
	return answer(200, out, err)
}

func (a *API) tenderPublic(r *edge.Request) (edge.Response, error) {
	return a.tenderList(a.Tenders.List(r.Context(), filterOf(r)))
}

func (a *API) tenderMine(r *edge.Request) (edge.Response, error) {
	return a.tenderList(a.Tenders.Mine(r.Context(), r.Actor(), filterOf(r)))
}

func (a *API) tenderShow(r *edge.Request, t id.ID) (edge.Response, error) {
	x, err := a.Tenders.Get(r.Context(), r.Actor(), t)
	return a.tenderAnswer(r, 200, x, err)
}

// tenderAnswer is a tender with everything on it, or the service's error.
func (a *API) tenderAnswer(r *edge.Request, status int, t tender.Tender, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := tenderView{tenderItem: a.tenderItem(t), Attachments: []attachment.Attachment{}, Documents: []archive.Document{}}
	may, err := a.Tenders.Documents(r.Context(), r.Actor(), t)
	if err != nil {
		return edge.Response{}, err
	}
	var files []attachment.Attachment
	if may {
		if files, err = a.Attachments.Listed(r.Context(), "tender", t.ID); err != nil {
			return edge.Response{}, err
		}
	}
	docs, err := a.Archive.Listed(r.Context(), "tender", t.ID, !may)
	if err != nil {
		return edge.Response{}, err
	}
	if v.Timeline, err = a.Tenders.TimelineOf(r.Context(), r.Actor(), t); err != nil {
		return edge.Response{}, err
	}
	v.Suppliers = t.Named()
	v.Attachments, v.Documents = append(v.Attachments, files...), append(v.Documents, docs...)
	if v.Sealing, err = a.TenderKeys.Notice(r.Context(), t); err != nil {
		return edge.Response{}, err
	}
	if t.State == tender.Draft {
		if v.Missing, err = a.Tenders.Missing(r.Context(), t); err != nil {
			return edge.Response{}, err
		}
	}
	return edge.JSON(status, v), nil
}

func (a *API) tenderCreate(r *edge.Request) (edge.Response, error) {
	var in tenderInput
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	t, err := a.Tenders.Create(r.Context(), r.Actor(), in.patch())
	return a.tenderAnswer(r, 201, t, err)
}

func (a *API) tenderPatch(r *edge.Request, t id.ID, in tenderInput) (edge.Response, error) {
	x, err := a.Tenders.SaveDraft(r.Context(), r.Actor(), t, in.Version, in.patch())
	return a.tenderAnswer(r, 200, x, err)
}
