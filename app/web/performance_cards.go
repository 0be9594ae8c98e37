package web

import (
	"strconv"

	"gongji/app/delivery/engagement"
	"gongji/app/edge"
)

// deliveryCards is what waits for this person among engagements.
func (w *Web) deliveryCards(r *edge.Request) ([]DeskCard, error) {
	if r.Actor().Org == "" {
		return nil, nil
	}
	n, err := w.Performance.Waiting(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	var out []DeskCard
	add := func(count int, title, text string) {
		if count > 0 {
			out = append(out, DeskCard{Title: title, Href: "/engagements", Icon: "clipboard-check", Count: count, Text: text})
		}
	}
	add(n.Start, "待开始绩效评价", "履约已经结束的项目")
	add(n.Self, "待填写自评", "说明做了什么、成效如何")
	add(n.Check, "待审核的自评", "承接方已经提交，审核后开始评分")
	add(n.Score, "待评分", "逐项评分后提交审批")
	add(n.Approve, "待审批的评价结果", "核对评分，批准后告知承接方")
	add(n.Object, "评价结果待确认", "看过结果，可以提出异议或表示无异议")
	add(n.Answer, "待答复的异议", "由没有参加评分和批准的人答复")
	add(n.Publish, "待公布的评价结果", "异议期已满或承接方无异议")
	add(n.Mend, "待整改的问题", "按期整改并提交说明")
	add(n.Close, "待核查的整改", "核查后销号")
	sum, err := w.Engagements.Total(r.Context(), engagement.Filter{Party: r.Actor().Org})
	if err == nil && sum.Count > 0 {
		out = append(out, DeskCard{Title: "履约项目", Href: "/engagements", Icon: "briefcase", Text: "共 " + strconv.FormatInt(sum.Count, 10) + " 个"})
	}
	return out, err
}
