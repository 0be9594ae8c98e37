package web

import (
	"slices"
	"strconv"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) bidRoutes() []edge.Route {
	return quiet(slices.Concat(w.bidSealedRoutes(), []edge.Route{
		get("/tenders/{id}/bid", "supplier", w.bidBeginPage),
		post("/tenders/{id}/bid", "supplier", w.bidBegin),
		get("/bids", "supplier", w.bidList),
		get("/bids/export.csv", "supplier", w.bidExport),
		get("/bids/{id}", "supplier", w.bidShow),
		get("/bids/{id}/offer", "supplier", w.bidForm("form", "bid/offer", "报价与交付承诺")),
		get("/bids/{id}/answers", "supplier", w.bidForm("form", "bid/answers", "逐项应答")),
		get("/bids/{id}/files", "supplier", w.bidForm("files", "bid/files", "附件")),
		get("/bids/{id}/check", "supplier", w.bidForm("send", "bid/check", "核对、密封并提交")),
		get("/bids/{id}/receipt", "supplier", w.bidReceipt),
		get("/bids/{id}/withdraw", "supplier", w.bidWithdrawPage),
		post("/bids/{id}/withdraw", "supplier", w.bidWithdraw),
		get("/bids/{id}/versions/{number}", "account", w.bidRead),
		get("/bids/{id}/versions/{number}/files/{file}", "account", w.bidFile),
	}))
}

// quiet keeps routes out of the access log and the figures.
func quiet(routes []edge.Route) []edge.Route {
	for i := range routes {
		routes[i].Quiet = true
	}
	return routes
}

// bidListPage is bid/list.html.
type bidListPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []bidRow
	Pager  templates.Pager
}

type bidRow struct {
	bid.Entry
	Status templates.Status
	Stage  templates.Status
}

// bidStatus words how far a bid is for its bidder; no word means two things.
func bidStatus(s bid.State) templates.Status {
	switch s {
	case bid.Submitted:
		return templates.Status{Label: "已提交", Tone: templates.OK}
	case bid.Withdrawn:
		return templates.Status{Label: "已撤回", Tone: templates.Warn}
	case bid.Draft:
	}
	return templates.Status{Label: "草稿，未提交", Tone: templates.Neutral}
}

// bidStage words what became of the tender, from the bidder's side.
func bidStage(e bid.Entry) templates.Status {
	switch {
	case e.Won != nil && *e.Won:
		return templates.Status{Label: "已中标", Tone: templates.OK}
	case e.Won != nil && e.State == bid.Submitted:
		return templates.Status{Label: "未中标", Tone: templates.Neutral}
	}
	return templates.Status{Label: e.TenderState.Name(), Tone: stateTone(e.TenderState)}
}

const bidPage = 20

func (w *Web) bidList(r *edge.Request) (edge.Response, error) {
	f := bid.Filter{Text: r.Query("q"), State: bid.State(r.Query("state")), After: id.ID(r.Query("after")), Limit: bidPage}
	items, err := w.Bids.List(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	total, err := w.Bids.Count(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := &bidListPage{Pager: templates.Pager{Total: total, Unit: "份"}, Filter: templates.Filter{Action: "/bids", Query: f.Text, Placeholder: "项目、编号或采购人", Active: f.Text != "" || f.State != "",
		Selects: []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(f.State), Options: []templates.Option{
			{Label: "全部"}, {Value: "draft", Label: "草稿"}, {Value: "submitted", Label: "已提交"}, {Value: "withdrawn", Label: "已撤回"}}}}}}
	p.Title = "我的投标"
	if total > 0 {
		p.Filter.Export = "/bids/export.csv" + query(r)
	}
	for _, e := range items {
		p.Items = append(p.Items, bidRow{e, bidStatus(e.State), bidStage(e)})
	}
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(items) == f.Limit {
		p.Pager.Next = with(r, "after", string(items[len(items)-1].Bid))
	}
	return edge.HTML(200, "bid/list", p), nil
}

// bidExport is the list under its filters.
func (w *Web) bidExport(r *edge.Request) (edge.Response, error) {
	f := bid.Filter{Text: r.Query("q"), State: bid.State(r.Query("state")), Limit: exportStride}
	head := []string{"编号", "项目名称", "采购人", "我的投标", "版本", "项目进展", "中标金额（元）", "投标截止", "提交时间", "地址"}
	return export("我的投标.csv", head, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		list, err := w.Bids.List(r.Context(), r.Actor(), f)
		var rows [][]string
		for _, e := range list {
			version := ""
			if e.Version > 0 {
				version = strconv.Itoa(e.Version)
			}
			rows = append(rows, []string{e.Number, e.Title, e.BuyerName, bidStatus(e.State).Label, version, bidStage(e).Label,
				cellYuan(e.Amount), cellTime(e.Deadline), cellTime(e.SubmittedAt), r.PublicURL() + "/bids/" + string(e.Bid)})
		}
		return rows, last(list, func(e bid.Entry) id.ID { return e.Bid }), err
	})
}

// bidBeginView is bid/begin.html.
type bidBeginView struct {
	purchasePage
	Hour  *lastHour
	Begin templates.Action
}

// bidBeginPage asks once before a draft is made; who has one goes to it.
func (w *Web) bidBeginPage(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	b, err := w.Bids.Mine(r.Context(), r.Actor(), t.ID)
	if err == nil {
		return edge.Redirect("/bids/" + string(b.ID)), nil
	}
	if !missing(err) {
		return edge.Response{}, err
	}
	p := &bidBeginView{purchasePage: w.purchase(r, t, "编制投标文件"), Hour: hourBefore(r, t)}
	p.Begin = templates.Action{Title: "开始编制", Label: "开始编制投标文件", Post: tenderPath(t.ID) + "/bid", CSRF: r.CSRF()}
	if t.StateAt(r.Now()) != tender.Open {
		p.Begin = templates.Action{Title: "不能再投标", Waiting: "这个项目现在是“" + t.StateAt(r.Now()).Name() + "”，不再接受投标。"}
	}
	return edge.HTML(200, "bid/begin", p), nil
}

func (w *Web) bidBegin(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err != nil {
		return edge.Response{}, err
	}
	b, err := w.Bids.Begin(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/bids/" + string(b.ID)), nil
}
