package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/challenge"
	"gongji/templates"
)

// challengePart is how many cases stand on one page.
const challengePart = 50

// challengeListPage is challenge/list.html: everything of one's own.
type challengeListPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []challengeRow
	Pager  templates.Pager
	Buyer  bool
}

// challengeFilter is what the list asks for: without a state, what is not over.
func challengeFilter(r *edge.Request) challenge.Filter {
	return challenge.Filter{Waiting: r.Query("state") != "all", Kind: challenge.Kind(r.Query("kind")), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: challengePart}
}

func (w *Web) challengeList(r *edge.Request) (edge.Response, error) {
	f := challengeFilter(r)
	p := &challengeListPage{Buyer: r.Actor().OrgKind == party.Bureau}
	p.Title = "询问、质疑与投诉"
	total, err := w.Challenges.Count(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	list, err := w.Challenges.List(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p.Filter = templates.Filter{Action: "/challenges", Query: f.Text, Placeholder: "编号、提出人或项目", Active: f.Text != "" || f.Kind != "" || !f.Waiting,
		Selects: []templates.FilterSelect{
			{Name: "state", Label: "状态", Value: r.Query("state"), Options: []templates.Option{{Label: "办理中"}, {Value: "all", Label: "全部"}}},
			{Name: "kind", Label: "种类", Value: string(f.Kind), Options: []templates.Option{{Label: "全部"}, {Value: "query", Label: "询问"}, {Value: "challenge", Label: "质疑"}, {Value: "complaint", Label: "投诉"}}}}}
	if total > 0 {
		p.Filter.Export = "/challenges/export.csv" + query(r)
	}
	p.Pager = templates.Pager{Total: total, Unit: "件"}
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == challengePart {
		p.Pager.Next = with(r, "after", string(list[len(list)-1].ID))
	}
	p.Items, err = w.titledRows(r, list)
	return edge.HTML(200, "challenge/list", p), err
}

// titledRows are cases of several purchases, each with its title.
func (w *Web) titledRows(r *edge.Request, list []challenge.Case) ([]challengeRow, error) {
	rows, err := w.challengeRows(r, list)
	if err != nil {
		return nil, err
	}
	titles, err := w.Challenges.Titles(r.Context(), list)
	for i := range rows {
		rows[i].Title = titles[rows[i].Tender]
	}
	return rows, err
}

// challengeExport is the list under its filters.
func (w *Web) challengeExport(r *edge.Request) (edge.Response, error) {
	f := challengeFilter(r)
	f.Limit = exportStride
	head := []string{"编号", "种类", "环节", "项目名称", "提出人", "状态", "结论", "收到时间", "最近期限", "到期", "地址"}
	return export("询问质疑投诉.csv", head, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		list, err := w.Challenges.List(r.Context(), r.Actor(), f)
		if err != nil {
			return nil, "", err
		}
		rows, err := w.titledRows(r, list)
		var out [][]string
		for _, x := range rows {
			label, until := "", ""
			if x.Due != nil {
				label, until = x.Due.Label, calendar.Until(x.Due.At)
			}
			outcome := ""
			if x.Outcome != "" {
				outcome = x.Outcome.Name()
			}
			out = append(out, []string{x.Number, x.Kind.Name(), x.Stage.Name(), x.Title, x.RaiserName, x.State.Name(), outcome, cellTime(&x.ReceivedAt), label, until, r.PublicURL() + challengeHref(x.ID)})
		}
		return out, last(list, func(x challenge.Case) id.ID { return x.ID }), err
	})
}
