package web

import (
	"net/url"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) tenderRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders", "public", w.tenderList),
		get("/tenders/export.csv", "public", w.tenderExport),
		get("/tenders/{id}", "public", w.tenderShow),
	}
}

// tenderRow is a tender in a list.
type tenderRow struct {
	tender.Tender
	Href   string
	Status templates.Status
	Method string
	Due    *templates.Deadline // while it is open
}

// tenderListPage is tender/list.html.
type tenderListPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []tenderRow
	Pager  templates.Pager
	Bureau bool // the buyer's own list, drafts included
	May    bool // may start a draft
}

var provinces = strings.Fields("北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾")

func stateOptions(states ...tender.State) []templates.Option {
	out := []templates.Option{{Label: "全部状态"}}
	for _, s := range states {
		out = append(out, templates.Option{Value: string(s), Label: s.Name()})
	}
	return out
}

func methodOptions() []templates.Option {
	out := []templates.Option{{Label: "全部方式"}}
	for _, m := range rules.Methods() {
		if m.Offered {
			out = append(out, templates.Option{Value: m.ID, Label: m.Name})
		}
	}
	return out
}

func regionOptions() []templates.Option {
	out := []templates.Option{{Label: "全部地区"}}
	for _, p := range provinces {
		out = append(out, templates.Option{Value: p, Label: p})
	}
	return out
}

func tenderFilter(r *edge.Request) tender.Filter {
	return tender.Filter{Text: r.Query("q"), State: tender.State(r.Query("state")), Method: r.Query("method"),
		Region: r.Query("region"), After: id.ID(r.Query("after"))}
}

func (w *Web) tenderList(r *edge.Request) (edge.Response, error) {
	f := tenderFilter(r)
	found, err := w.Tenders.List(r.Context(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := w.tenderListPage(r, f, found)
	p.Title = "采购公告"
	p.Filter.Placeholder = "项目、采购人、编号或地区，例如 养老"
	p.Filter.Selects = []templates.FilterSelect{
		{Name: "state", Label: "状态", Value: string(f.State), Options: stateOptions(tender.PublicStates...)},
		{Name: "method", Label: "方式", Value: f.Method, Options: methodOptions()},
		{Name: "region", Label: "地区", Value: f.Region, Options: regionOptions()},
	}
	p.Filter.Export = "/tenders/export.csv" + query(r)
	return edge.HTML(200, "tender/list", p).Shared(), nil
}

func query(r *edge.Request) string {
	q := r.QueryValues()
	q.Del("after")
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (w *Web) tenderListPage(r *edge.Request, f tender.Filter, found tender.Page) *tenderListPage {
	p := &tenderListPage{Pager: templates.Pager{Total: found.Total, AtLeast: found.Over}}
	p.Filter = templates.Filter{Action: r.Path(), Query: f.Text, Active: f.Text != "" || f.State != "" || f.Method != "" || f.Region != ""}
	for _, t := range found.Items {
		p.Items = append(p.Items, w.tenderRow(t))
	}
	if f.After != "" {
		p.Pager.Prev = r.Path() + query(r)
	}
	if found.Next != "" {
		p.Pager.Next = with(r, "after", string(found.Next))
	}
	return p
}

func (w *Web) tenderRow(t tender.Tender) tenderRow {
	now := w.Tenders.Now()
	state := t.StateAt(now)
	row := tenderRow{Tender: t, Href: "/tenders/" + string(t.ID), Status: tenderStatus(state), Method: methodName(t.Method)}
	if state == tender.Open && t.Deadline != nil {
		row.Due = &templates.Deadline{Label: "截止", At: *t.Deadline, Now: now}
	}
	return row
}

var tenderHead = []string{"编号", "项目名称", "采购人", "品目编码", "品目", "采购方式", "预算（元）", "地区", "状态", "发布时间", "截止时间", "地址"}

// tenderExport is the list under its filters, no further than it is counted.
func (w *Web) tenderExport(r *edge.Request) (edge.Response, error) {
	f := tenderFilter(r)
	f.Limit = exportStride
	return export("采购公告.csv", tenderHead,
		func(after id.ID) ([][]string, id.ID, error) {
			f.After = after
			page, err := w.Tenders.List(r.Context(), f)
			var rows [][]string
			for _, t := range page.Items {
				rows = append(rows, w.tenderCells(r, t))
			}
			return rows, page.Next, err
		})
}

func (w *Web) tenderCells(r *edge.Request, t tender.Tender) []string {
	row := w.tenderRow(t)
	return []string{t.No(), t.Title, t.BuyerName, t.CatalogueCode, t.CatalogueName, row.Method, cellYuan(t.Budget), t.Region,
		row.Status.Label, cellTime(t.PublishedAt), cellTime(t.Deadline), r.PublicURL() + (&url.URL{Path: row.Href}).String()}
}
