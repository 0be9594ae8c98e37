package web

import (
	"slices"
	"strconv"
	"strings"

	"gongji/app/delivery/need"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/templates"
)

func needStatus(s need.Step) templates.Status {
	tone := templates.Info
	switch s {
	case need.Judged:
		tone = templates.OK
	case need.Declined:
		tone = templates.Neutral
	}
	return templates.Status{Label: s.Name(), Tone: tone}
}

// needListPage is need/list.html.
type needListPage struct {
	templates.Chrome
	Filter  templates.Filter
	Rows    []needRow
	Pager   templates.Pager
	May     bool
	Waiting int // proposals that wait for the viewer's community
}

type needRow struct {
	need.Row
	Status templates.Status
	Due    *templates.Deadline
}

// needDue is the day until which a community promised its next step, nil
// where it promised none.
func needDue(r *edge.Request, n need.Need) *templates.Deadline {
	if n.NextBy == nil {
		return nil
	}
	return &templates.Deadline{Label: "下一步：" + n.Next().Name(), At: *n.NextBy, Now: r.Now(), Ends: true, Owed: true}
}

const needPageSize = 20

func needFilter(r *edge.Request) need.Filter {
	return need.Filter{Text: r.Query("q"), Step: need.Step(r.Query("step")), Community: id.ID(r.Query("community")), Service: r.Query("service"),
		Met: r.Query("met"), Due: need.Due(r.Query("due")), After: id.ID(r.Query("after")), Limit: needPageSize}
}

// communities are the street and community organisations on the platform, by
// their names; at most 200.
func (w *Web) communities(r *edge.Request) ([]templates.Option, error) {
	list, err := w.Organisations.List(r.Context(), party.Actor{}, organisation.Filter{Kind: party.Community, State: organisation.Approved, Limit: 200})
	var out []templates.Option
	for _, o := range list {
		out = append(out, templates.Option{Value: string(o.ID), Label: o.Name})
	}
	slices.SortFunc(out, func(a, b templates.Option) int { return strings.Compare(a.Label, b.Label) })
	return out, err
}

func (w *Web) needFilters(r *edge.Request, f need.Filter) (templates.Filter, error) {
	all := func(label string, more ...templates.Option) []templates.Option {
		return append([]templates.Option{{Label: label}}, more...)
	}
	var steps []templates.Option
	for _, s := range append(slices.Clone(need.Steps), need.Declined) {
		steps = append(steps, templates.Option{Value: string(s), Label: s.Name()})
	}
	var keep []templates.Hidden // the menu leads here with a service
	if f.Service != "" {
		keep = []templates.Hidden{{Name: "service", Value: f.Service}}
	}
	places, err := w.communities(r)
	return templates.Filter{Keep: keep, Action: "/needs", Query: f.Text, Placeholder: "议题、内容或社区名称", Export: "/needs/export.csv" + query(r),
		Active: f.Text != "" || f.Step != "" || f.Community != "" || f.Service != "" || f.Met != "" || f.Due != "",
		Selects: []templates.FilterSelect{
			{Name: "step", Label: "进展", Value: string(f.Step), Options: all("全部进展", steps...)},
			{Name: "community", Label: "社区", Value: string(f.Community), Options: all("全部社区", places...)},
			{Name: "met", Label: "回应", Value: f.Met, Options: all("有没有回应", templates.Option{Value: "yes", Label: "已关联项目"}, templates.Option{Value: "no", Label: "还没有关联"})},
			{Name: "due", Label: "下一步期限", Value: string(f.Due), Options: all("全部期限", templates.Option{Value: string(need.Late), Label: "已逾期"}, templates.Option{Value: string(need.Soon), Label: "7 日内到期"})},
		}}, err
}

func (w *Web) needList(r *edge.Request) (edge.Response, error) {
	f := needFilter(r)
	list, total, err := w.Needs.Find(r.Context(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := &needListPage{Pager: templates.Pager{Total: int(total), Unit: "个"}, May: r.Actor().OrgKind == party.Community}
	p.Title = "社区议题"
	if p.Filter, err = w.needFilters(r, f); err != nil {
		return edge.Response{}, err
	}
	for _, x := range list {
		p.Rows = append(p.Rows, needRow{x, needStatus(x.Step), needDue(r, x.Need)})
	}
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == needPageSize {
		p.Pager.Next = with(r, "after", string(list[needPageSize-1].ID))
	}
	if p.May {
		p.Waiting, err = w.Needs.Undecided(r.Context(), r.Actor())
	}
	return edge.HTML(200, "need/list", p).Shared(), err
}

func (w *Web) needExport(r *edge.Request) (edge.Response, error) {
	f := needFilter(r)
	f.Limit = exportStride
	head := []string{"议题", "社区", "地区", "为谁", "服务品目", "进展", "支持的浏览器", "关联的项目", "列出日期", "下一步期限"}
	return export("社区议题.csv", head, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		list, _, err := w.Needs.Find(r.Context(), f)
		var rows [][]string
		for _, x := range list {
			row := []string{x.Title, x.CommunityName, x.Region, x.People, x.ServiceName, x.Step.Name(), strconv.Itoa(x.Supports), strconv.Itoa(x.Links), cellDay(&x.MadeAt), ""}
			if x.NextBy != nil {
				last := x.NextBy.AddDate(0, 0, -1) // it ends a day
				row[9] = cellDay(&last)
			}
			rows = append(rows, row)
		}
		return rows, last(list, func(x need.Row) id.ID { return x.ID }), err
	})
}

// menuPage is need/menu.html.
type menuPage struct {
	templates.Chrome
	Dishes []need.Dish
	May    bool
}

func (w *Web) menuShow(r *edge.Request) (edge.Response, error) {
	list, err := w.Needs.Menu(r.Context())
	if err != nil {
		return edge.Response{}, err
	}
	p := &menuPage{Dishes: list, May: r.Actor().OrgKind == party.Community}
	p.Title = "服务菜单"
	p.Breadcrumbs = []templates.Crumb{{Label: "社区议题", Href: "/needs"}, {Label: p.Title}}
	return edge.HTML(200, "need/menu", p).Shared(), nil
}
