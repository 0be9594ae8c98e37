package web

import (
	"gongji/app/edge"
	"gongji/templates"
)

// underway is what waits for the actor about deliveries under way, with the
// next milestone and its countdown.
func (w *Web) underway(r *edge.Request) ([]DeskCard, error) {
	var out []DeskCard
	due, reported, err := w.Plans.Next(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	if due != nil {
		out = append(out, DeskCard{Title: "下一个节点", Href: planHref(due.Engagement.ID), Icon: "flag", Count: 1, Text: short(due.Milestone.Name, 20),
			Due: &templates.Deadline{Label: short(due.Engagement.Title, 20), At: due.Milestone.Due.AddDate(0, 0, 1), Ends: true, Owed: true, Now: r.Now()}})
	}
	if reported > 0 {
		out = append(out, DeskCard{Title: "待确认的节点", Href: "/engagements?as=payer", Icon: "flag", Count: reported, Text: "核对成果，确认达成或退回"})
	}
	n, report, err := w.Expenses.Waiting(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	if n > 0 {
		out = append(out, DeskCard{Title: "待核对的周报账", Href: expenseHref(report), Icon: "receipt", Count: n, Text: "逐张核对发票"})
	}
	n, of, err := w.Claims.Waiting(r.Context(), r.Actor())
	if n > 0 {
		out = append(out, DeskCard{Title: "待办理的付款申请", Href: engagementHref(of) + "/claims", Icon: "cash", Count: n, Text: "核对、批准或付款"})
	}
	for _, add := range []func(*edge.Request, []DeskCard) ([]DeskCard, error){w.acceptanceCards, w.monthCards, w.revisionCards} {
		if err == nil {
			out, err = add(r, out)
		}
	}
	return out, err
}
