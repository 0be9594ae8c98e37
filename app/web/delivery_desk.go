package web

import (
	"context"
	"slices"
	"strconv"

	"gongji/app/delivery/engagement"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/templates"
)

// heapOf is one kind of what waits about deliveries under way: its card on the
// desk and the list that the card leads to.
type heapOf struct {
	name  string // in the list's address
	card  DeskCard
	tasks func(ctx context.Context, who party.Actor) ([]engagement.Task, error)
	href  func(t engagement.Task) string
}

func (w *Web) deliveryHeaps(who party.Actor) []heapOf {
	plans := DeskCard{Title: "待填写的实施方案", Icon: "clipboard-list", Text: "写明节点、产出、预算，交付款方确认"}
	if who.Role == party.Officer {
		plans = DeskCard{Title: "待确认的实施方案", Icon: "clipboard-list", Text: "核对节点、产出和预算，确认或退回"}
	}
	inspections := DeskCard{Title: "待组织的验收", Icon: "clipboard-check", Text: "成立验收小组，逐项核对"}
	if who.Role == party.Approver {
		inspections.Title, inspections.Text = "待公布的验收结果", "核对后公布，出具验收书"
	}
	return []heapOf{
		{"plans", plans, w.Plans.Waiting, func(t engagement.Task) string { return planHref(t.Engagement) }},
		{"milestones", DeskCard{Title: "待确认的节点", Icon: "flag", Text: "核对成果，确认达成或退回"}, w.Plans.Reported,
			func(t engagement.Task) string { return planHref(t.Engagement) + "#milestone-" + string(t.ID) }},
		{"expenses", DeskCard{Title: "待核对的周报账", Icon: "receipt", Text: "逐张核对发票"}, w.Expenses.Waiting, func(t engagement.Task) string { return expenseHref(t.ID) }},
		{"claims", DeskCard{Title: "待办理的付款申请", Icon: "cash", Text: "核对、批准或付款"}, w.Claims.Waiting,
			func(t engagement.Task) string { return engagementHref(t.Engagement) + "/claims#claim-" + string(t.ID) }},
		{"acceptances", inspections, w.Acceptances.Waiting, func(t engagement.Task) string { return acceptanceHref(t.ID) }},
		{"months", DeskCard{Title: "待结账的月对账", Icon: "calculator", Text: "说明差异，由另一位结账"}, w.Months.Waiting, func(t engagement.Task) string { return monthHref(t.ID) }},
		{"revisions", DeskCard{Title: "变更、延期和终止", Icon: "calendar-off", Text: "陈述意见或者决定"}, w.Revisions.Waiting, func(t engagement.Task) string { return revisionHref(t.ID) }},
	}
}

// underway is what waits for the actor about deliveries under way, with the
// next milestone and its countdown.
func (w *Web) underway(r *edge.Request) ([]DeskCard, error) {
	var out []DeskCard
	due, err := w.Plans.Next(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	if due != nil {
		out = append(out, DeskCard{Title: "下一个节点", Href: planHref(due.Engagement.ID), Icon: "flag", Text: short(due.Milestone.Name, 20),
			Due: &templates.Deadline{Label: short(due.Engagement.Title, 20), At: due.Milestone.Due.AddDate(0, 0, 1), Ends: true, Owed: true, Now: r.Now()}})
	}
	for _, h := range w.deliveryHeaps(r.Actor()) {
		list, err := h.tasks(r.Context(), r.Actor())
		if err != nil {
			return nil, err
		}
		if h.card.Count = len(list); h.card.Count > 0 {
			h.card.Href = "/desk/deliveries?what=" + h.name
			out = append(out, h.card)
		}
	}
	return out, nil
}

// waitingRow is one thing that waits, and where it is done.
type waitingRow struct {
	engagement.Task
	Href string
}

// waitingPage is engagement/waiting.html.
type waitingPage struct {
	templates.Chrome
	Filter templates.Filter
	What   string
	Rows   []waitingRow
	Pager  templates.Pager
}

// mostWaiting is how many rows a page of the list has.
const mostWaiting = 50

// waitingList is the list behind a card of the desk.
func (w *Web) waitingList(r *edge.Request) (edge.Response, error) {
	heaps, what := w.deliveryHeaps(r.Actor()), r.Query("what")
	if what == "" {
		what = heaps[0].name
	}
	i := slices.IndexFunc(heaps, func(h heapOf) bool { return h.name == what })
	if i < 0 {
		return edge.Response{}, fault.New(fault.NotFound, "没有这一类待办")
	}
	list, err := heaps[i].tasks(r.Context(), r.Actor())
	if err != nil {
		return edge.Response{}, err
	}
	p := &waitingPage{What: heaps[i].card.Text, Filter: templates.Filter{Action: "/desk/deliveries"}, Pager: templates.Pager{Unit: "项", Total: len(list)}}
	p.Title, p.Breadcrumbs = heaps[i].card.Title, []templates.Crumb{{Label: "工作台", Href: "/desk"}, {Label: heaps[i].card.Title}}
	kinds := templates.FilterSelect{Name: "what", Label: "待办", Value: what}
	for _, h := range heaps {
		kinds.Options = append(kinds.Options, templates.Option{Value: h.name, Label: h.card.Title})
	}
	p.Filter.Selects = []templates.FilterSelect{kinds}
	from := int(min(max(number(r.Query("from")), 0), int64(len(list))))
	for _, t := range list[from:min(from+mostWaiting, len(list))] {
		p.Rows = append(p.Rows, waitingRow{t, heaps[i].href(t)})
	}
	if from > 0 {
		p.Pager.Prev = with(r, "from", "")
	}
	if from+mostWaiting < len(list) {
		p.Pager.Next = with(r, "from", strconv.Itoa(from+mostWaiting))
	}
	return edge.HTML(200, "engagement/waiting", p), nil
}
