package web

import (
	"fmt"
	"strings"
	"time"

	"gongji/app/delivery/need"
	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/grant"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/templates"
)

func (w *Web) callRoutes() []edge.Route {
	return []edge.Route{
		get("/calls", "public", w.callList),
		get("/calls/export.csv", "public", w.callExport),
		get("/calls/{id}", "public", w.callShow),
		get("/calls/{id}/cohort", "public", w.callCohort),
		post("/calls/{id}/apply", "supplier", w.callApply),
	}
}

const callPage = 20

func callStatus(c call.Call, now time.Time) templates.Status {
	tone := map[call.State]templates.Tone{call.Draft: templates.Neutral, call.Review: templates.Info, call.Published: templates.OK, call.Closed: templates.Info,
		call.Decided: templates.Neutral, call.Cancelled: templates.Danger}[c.State(now)]
	if c.Returned() {
		tone = templates.Warn
	}
	return templates.Status{Label: c.StateName(now), Tone: tone}
}

// callRow is a call in a list.
type callRow struct {
	call.Call
	Href   string
	Status templates.Status
}

// callListPage is call/list.html: the public list, or with Own the foundation's.
type callListPage struct {
	templates.Chrome
	Filter templates.Filter
	Rows   []callRow
	Pager  templates.Pager
	Own    bool
	MayAdd bool
}

func callFilter(r *edge.Request) call.Filter {
	return call.Filter{Kind: call.Kind(r.Query("kind")), State: call.State(r.Query("state")), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: callPage}
}

func (w *Web) callList(r *edge.Request) (edge.Response, error) {
	p := &callListPage{}
	p.Title, p.Description = "公益创投与孵化", "基金会和民政局公开征集的公益创投项目和孵化培育计划"
	p.Filter.Export = "/calls/export.csv" + query(r)
	return w.callsPage(r, p, callFilter(r), "/calls/", call.Published, call.Closed, call.Decided, call.Cancelled)
}

func (w *Web) callsPage(r *edge.Request, p *callListPage, x call.Filter, base string, states ...call.State) (edge.Response, error) {
	list, err := w.Calls.List(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	for _, c := range list {
		p.Rows = append(p.Rows, callRow{c, base + string(c.ID), callStatus(c, r.Now())})
	}
	if p.Pager.Total, err = w.Calls.Count(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	p.Pager.Unit = "个"
	if x.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == callPage {
		p.Pager.Next = with(r, "after", string(list[callPage-1].ID))
	}
	kinds, opts := []templates.Option{{Label: "全部类型"}}, []templates.Option{{Label: "全部状态"}}
	for _, k := range call.Kinds() {
		kinds = append(kinds, templates.Option{Value: string(k), Label: k.Name()})
	}
	for _, s := range states {
		opts = append(opts, templates.Option{Value: string(s), Label: s.Name()})
	}
	p.Filter.Action, p.Filter.Query, p.Filter.Placeholder = r.Path(), x.Text, "名称、主办单位或地区"
	p.Filter.Active = x.Text != "" || x.State != "" || x.Kind != ""
	p.Filter.Selects = []templates.FilterSelect{{Name: "kind", Label: "类型", Value: string(x.Kind), Options: kinds}, {Name: "state", Label: "状态", Value: string(x.State), Options: opts}}
	return edge.HTML(200, "call/list", p), nil
}

func (w *Web) callExport(r *edge.Request) (edge.Response, error) {
	return export("公益创投与孵化.csv", []string{"编号", "类型", "名称", "主办单位", "地区", "资助总额（元）", "单个最多（元）", "截止时间", "状态"},
		func(after id.ID) ([][]string, id.ID, error) {
			x := callFilter(r)
			x.After, x.Limit = after, exportStride
			list, err := w.Calls.List(r.Context(), r.Actor(), x)
			var rows [][]string
			for _, c := range list {
				rows = append(rows, []string{c.No(), c.Kind.Name(), c.Title, c.FoundationName, c.Region, cellYuan(c.Total), cellYuan(c.Most), cellTime(c.Deadline), c.StateName(r.Now())})
			}
			return rows, last(list, func(c call.Call) id.ID { return c.ID }), err
		})
}

// callShowPage is call/show.html.
type callShowPage struct {
	templates.Chrome
	Call     call.Call
	Status   templates.Status
	Deadline *templates.Deadline
	Next     templates.Action
	Facts    []templates.KV
	Tests    []application.Test // of the applicant who looks; empty for anybody else
	Asks     []string           // the conditions in words
	Parts    []application.Part
	Events   []templates.Event
	Grants   []grant.Grant
	Manage   string
	Appeal   rules.Rule
	Needs    needsMet
}

func (w *Web) callShow(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	c, err := w.Calls.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	p := &callShowPage{Call: c, Status: callStatus(c, r.Now()), Facts: callFacts(c), Parts: application.Parts(c), Appeal: w.Grants.AppealRule()}
	p.Title, p.Description = c.Title, short(c.Summary, 80)
	p.Breadcrumbs = []templates.Crumb{{Label: "公益创投与孵化", Href: "/calls"}, {Label: c.Title}}
	if c.Deadline != nil && c.Stored != call.Cancelled {
		p.Deadline = &templates.Deadline{Label: "征集公告定的申请截止时间", At: *c.Deadline, Now: r.Now()}
	}
	for _, t := range application.Eligible(c, application.Known{}) {
		p.Asks = append(p.Asks, t.Condition)
	}
	if w.Calls.Allowed(r.Actor(), c, "follow") {
		p.Manage = "/funder/calls/" + string(c.ID)
	}
	if err := w.callNext(r, p); err != nil {
		return edge.Response{}, err
	}
	if p.Grants, err = w.Grants.List(r.Context(), r.Actor(), grant.Filter{Call: c.ID, Limit: 200}); err != nil {
		return edge.Response{}, err
	}
	if p.Needs, err = w.needsMet(r, need.Call, c.ID); err != nil {
		return edge.Response{}, err
	}
	events, err := w.Calls.Timeline(r.Context(), r.Actor(), c.ID)
	p.Events = timeline(events)
	return edge.HTML(200, "call/show", p), err
}

// callNext says what the person who looks can do about a call.
func (w *Web) callNext(r *edge.Request, p *callShowPage) error {
	c, who := p.Call, r.Actor()
	if who.OrgKind != party.Social {
		if c.Open(r.Now()) {
			p.Next = templates.Action{Title: "社会组织可以申请", Waiting: "登录后以社会组织的身份申请；登记过的资料会自动带出。"}
		}
		return nil
	}
	a, err := w.Applications.Own(r.Context(), who, c.ID)
	if err == nil {
		p.Next = templates.Action{Title: "本单位的申请：" + a.State.Name(), Label: "打开申请", Href: "/applications/" + string(a.ID)}
		return nil
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	if !c.Open(r.Now()) {
		return nil
	}
	known, err := w.Applications.Known(r.Context(), who)
	if err != nil {
		return err
	}
	p.Tests = application.Eligible(c, known)
	p.Next = templates.Action{Title: "开始申请", Text: "填写的内容自动保存，截止前可以随时回来。", Label: "开始申请", Post: "/calls/" + string(c.ID) + "/apply", CSRF: r.CSRF()}
	return nil
}

func callFacts(c call.Call) []templates.KV {
	out := []templates.KV{{Label: "类型", Value: c.Kind.Name()}, {Label: "主办", Value: c.FoundationName, Href: "/organisations/" + string(c.Foundation)}, {Label: "实施地区", Value: c.Region}}
	if c.Total != nil {
		out = append(out, templates.KV{Label: "资助总额", Value: c.Total.Yuan() + " 元"})
	}
	if c.Most != nil {
		out = append(out, templates.KV{Label: "单个项目最多", Value: c.Most.Yuan() + " 元"})
	}
	if c.Places > 0 {
		out = append(out, templates.KV{Label: "名额", Value: fmt.Sprintf("%d 个", c.Places)})
	}
	if c.Facts.Fund != nil {
		out = append(out, templates.KV{Label: "资金来源", Value: "专项基金", Href: "/funds/" + string(*c.Facts.Fund)})
	} else if c.Public() && c.Form.Source != "" {
		out = append(out, templates.KV{Label: "经费来源", Value: c.Form.Source})
	}
	out = append(out, templates.KV{Label: "项目期限", Value: strings.Trim(c.Form.Start+" 至 "+c.Form.End, " 至")})
	return append(out, templates.KV{Label: "咨询", Value: c.Form.Contact})
}

func (w *Web) callApply(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	a, err := w.Applications.Start(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/applications/" + string(a.ID)), nil
}

// cohortMember is one organisation of a cohort.
type cohortMember struct {
	grant.Grant
	Reached, Steps int
	Next           string // the milestone at hand
	Due            *time.Time
	Late           bool
}

// cohortPage is call/cohort.html: an incubation's organisations side by side.
type cohortPage struct {
	templates.Chrome
	Call      call.Call
	Members   []cohortMember
	Graduated int
	Late      int
}

func (w *Web) callCohort(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	c, err := w.Calls.Get(r.Context(), r.Actor(), at)
	if err == nil && c.Kind != call.Incubation {
		err = fault.New(fault.NotFound, "只有孵化培育有同批组织的页面")
	}
	if err != nil {
		return edge.Response{}, err
	}
	p := &cohortPage{Call: c}
	p.Title = "同批组织"
	p.Breadcrumbs = []templates.Crumb{{Label: "公益创投与孵化", Href: "/calls"}, {Label: c.Title, Href: "/calls/" + string(c.ID)}, {Label: p.Title}}
	list, err := w.Grants.List(r.Context(), r.Actor(), grant.Filter{Call: c.ID, Limit: 200})
	if err != nil {
		return edge.Response{}, err
	}
	for _, g := range list {
		m := cohortMember{Grant: g}
		_, steps, err := w.Grants.Get(r.Context(), r.Actor(), g.ID)
		if err != nil {
			return edge.Response{}, err
		}
		for _, s := range steps {
			m.Steps++
			if s.AcceptedAt != nil {
				m.Reached++
			} else if m.Next == "" {
				m.Next, m.Due, m.Late = s.Name, &s.Due, s.Over(r.Now())
			}
		}
		if g.State == grant.Graduated {
			p.Graduated++
		}
		if m.Late {
			p.Late++
		}
		p.Members = append(p.Members, m)
	}
	return edge.HTML(200, "call/cohort", p), nil
}
