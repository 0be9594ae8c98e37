package web

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// receivedRow is an application in the host's list, with what the review has
// come to.
type receivedRow struct {
	application.Application
	Status templates.Status
	Rank   int // 0: no sheet was handed in
	Mean   review.Score
	Passed string // 通过, 未通过; "" while the round is not settled
}

// callApplicationsPage is call/applications.html: what a call received.
type callApplicationsPage struct {
	templates.Chrome
	Call   call.Call
	Filter templates.Filter
	Rows   []receivedRow
	Pager  templates.Pager
}

func receivedFilter(r *edge.Request, c call.Call) application.Filter {
	x := application.Filter{Call: c.ID, State: application.State(r.Query("state")), Review: r.Query("review"), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: callPage}
	if x.State == application.Draft {
		x.State = "" // nobody else's business
	}
	return x
}

func (w *Web) callApplications(r *edge.Request) (edge.Response, error) {
	c, err := w.call(r)
	if err != nil {
		return edge.Response{}, err
	}
	x := receivedFilter(r, c)
	p := &callApplicationsPage{Call: c}
	p.Title = "收到的申请"
	p.Breadcrumbs = []templates.Crumb{callDesk, {Label: callTitle(c), Href: "/funder/calls/" + string(c.ID)}, {Label: p.Title}}
	list, err := w.Applications.List(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	if p.Rows, err = w.received(r, c, list); err != nil {
		return edge.Response{}, err
	}
	if p.Pager.Total, err = w.Applications.Count(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	p.Pager.Unit = "份"
	turn(r, &p.Pager, after(list, callPage))
	states, found := []templates.Option{{Label: "全部状态"}}, []templates.Option{{Label: "全部"}, {Value: "passed", Label: "通过评审"}, {Value: "failed", Label: "未通过评审"}, {Value: "none", Label: "还没有结论"}}
	for _, s := range []application.State{application.Submitted, application.Granted, application.Declined, application.Withdrawn, application.Ended} {
		states = append(states, templates.Option{Value: string(s), Label: s.Name()})
	}
	p.Filter = templates.Filter{Action: r.Path(), Query: x.Text, Placeholder: "项目、组织或编号", Active: x.Text != "" || x.State != "" || x.Review != "",
		Export:  r.Path() + ".csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(x.State), Options: states}, {Name: "review", Label: "评审", Value: x.Review, Options: found}}}
	return edge.HTML(200, "call/applications", p), nil
}

// after is the keyset of the page behind a full one.
func after(list []application.Application, full int) id.ID {
	if len(list) < full {
		return ""
	}
	return list[full-1].ID
}

// received puts ranks and outcomes of the round at hand, or the last one,
// beside applications.
func (w *Web) received(r *edge.Request, c call.Call, list []application.Application) ([]receivedRow, error) {
	board, err := w.Reviews.Board(r.Context(), r.Actor(), c.ID, 0)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	at := map[id.ID]review.Standing{}
	for _, s := range board.Standings {
		at[s.Application.ID] = s
	}
	out := []receivedRow{}
	for _, a := range list {
		row := receivedRow{Application: a, Status: applicationStatus(a)}
		s := at[a.ID]
		if len(s.Sheets) > 0 {
			row.Rank, row.Mean = s.Rank, s.Mean
		}
		if s.Outcome != nil {
			row.Passed = map[bool]string{true: "通过", false: "未通过"}[s.Outcome.Passed]
		}
		out = append(out, row)
	}
	return out, nil
}

func (w *Web) callApplicationsExport(r *edge.Request) (edge.Response, error) {
	c, err := w.call(r)
	if err != nil {
		return edge.Response{}, err
	}
	return export("申请 "+callTitle(c)+".csv", []string{"编号", "组织", "项目", "申请金额（元）", "开始", "结束", "提交时间", "名次", "平均分", "评审", "状态", "决定理由"},
		func(from id.ID) ([][]string, id.ID, error) {
			x := receivedFilter(r, c)
			x.After, x.Limit = from, exportStride
			list, err := w.Applications.List(r.Context(), r.Actor(), x)
			if err != nil {
				return nil, "", err
			}
			received, err := w.received(r, c, list)
			var rows [][]string
			for _, a := range received {
				rows = append(rows, append([]string{a.No(), a.OrgName, a.Title, cellYuan(a.Asked), cellDay(a.Start), cellDay(a.End), cellTime(a.SubmittedAt)}, a.cells()...))
			}
			return rows, after(list, exportStride), err
		})
}

func (a receivedRow) cells() []string {
	rank, mean := "", ""
	if a.Rank > 0 {
		rank, mean = strconv.Itoa(a.Rank), a.Mean.String()
	}
	return []string{rank, mean, a.Passed, a.State.Name(), a.Reason}
}
