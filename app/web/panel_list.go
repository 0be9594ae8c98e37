package web

import (
	"fmt"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// panelPart is how many panels stand on one page.
const panelPart = 20

// panelListPage is evaluation/mine.html.
type panelListPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []panelRow
	Pager  templates.Pager
}

type panelRow struct {
	evaluation.Duty
	Status templates.Status
}

// dutyStatus words what a panel waits for from its member.
func dutyStatus(d evaluation.Duty) templates.Status {
	switch {
	case d.DeclaredAt == nil && d.State == tender.Evaluating:
		return templates.Status{Label: "待作出承诺", Tone: templates.Warn}
	case d.SubmittedAt != nil && d.State == tender.Evaluating && d.Waiting == 0:
		return templates.Status{Label: "待汇总", Tone: templates.Warn}
	case d.SubmittedAt != nil && d.ReportedAt == nil && d.SignedAt == nil && (d.State == tender.Evaluated || d.State == tender.Failed):
		return templates.Status{Label: "待签署报告", Tone: templates.Warn}
	case d.SubmittedAt != nil:
		return templates.Status{Label: "已提交评分", Tone: templates.OK}
	case d.State == tender.Evaluating:
		return templates.Status{Label: fmt.Sprintf("待评分，已评 %d/%d", d.Judged, d.Bids), Tone: templates.Warn}
	case d.State != tender.Opened:
		return templates.Status{Label: d.State.Name(), Tone: stateTone(d.State)}
	}
	return templates.Status{Label: "等待开始", Tone: templates.Neutral}
}

func dutyFilter(r *edge.Request) evaluation.DutyFilter {
	return evaluation.DutyFilter{Text: r.Query("q"), Open: r.Query("state") == "open", After: id.ID(r.Query("after")), Limit: panelPart}
}

func (w *Web) panelList(r *edge.Request) (edge.Response, error) {
	f := dutyFilter(r)
	total, err := w.Evaluations.CountDuties(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	duties, err := w.Evaluations.Duties(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := &panelListPage{Pager: templates.Pager{Total: total, Unit: "个"}, Filter: templates.Filter{Action: "/panels", Query: f.Text, Placeholder: "项目、编号或采购人", Active: f.Text != "" || f.Open,
		Selects: []templates.FilterSelect{{Name: "state", Label: "进度", Value: r.Query("state"), Options: []templates.Option{{Label: "全部"}, {Value: "open", Label: "没有结束的"}}}}}}
	p.Title = "我的评审"
	if total > 0 {
		p.Filter.Export = "/panels/export.csv" + query(r)
	}
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(duties) == panelPart {
		p.Pager.Next = with(r, "after", string(duties[len(duties)-1].Member))
	}
	for _, d := range duties {
		p.Items = append(p.Items, panelRow{d, dutyStatus(d)})
	}
	return edge.HTML(200, "evaluation/mine", p), nil
}

// seatName words why a member sits on a panel.
func seatName(s evaluation.Seat) string {
	if s == evaluation.BuyerSeat {
		return "采购人代表"
	}
	return "评审专家"
}

// panelExport is the list under its filters.
func (w *Web) panelExport(r *edge.Request) (edge.Response, error) {
	f := dutyFilter(r)
	f.Limit = exportStride
	head := []string{"编号", "项目名称", "采购人", "身份", "加入时间", "进度", "提交评分", "签署报告", "地址"}
	return export("我的评审.csv", head, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		list, err := w.Evaluations.Duties(r.Context(), r.Actor(), f)
		var rows [][]string
		for _, d := range list {
			rows = append(rows, []string{d.Number, d.Title, d.BuyerName, seatName(d.Seat), cellTime(&d.NamedAt), dutyStatus(d).Label, cellTime(d.SubmittedAt), cellTime(d.SignedAt), r.PublicURL() + "/panels/" + string(d.Tender)})
		}
		return rows, last(list, func(d evaluation.Duty) id.ID { return d.Member }), err
	})
}
