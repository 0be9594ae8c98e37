package web

import (
	"fmt"

	"gongji/app/edge"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// bidDesk is what waits for a supplier or for a member of a panel.
func (w *Web) bidDesk(r *edge.Request) ([]DeskCard, error) {
	var out []DeskCard
	if w.may(r, "supplier") {
		cards, err := w.supplierDesk(r)
		if err != nil {
			return nil, err
		}
		out = append(out, cards...)
	}
	if !w.may(r, "panel") {
		return out, nil
	}
	duties, err := w.Evaluations.Duties(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	n := 0
	for _, d := range duties {
		if d.State == tender.Evaluating && d.SubmittedAt == nil {
			n++
		}
	}
	if len(duties) > 0 || r.Actor().Expert {
		out = append(out, DeskCard{Title: "待我评分", Href: "/panels", Icon: "clipboard-check", Count: n, Text: fmt.Sprintf("共参加 %d 个项目的评审", len(duties))})
	}
	return out, nil
}

// supplierDesk shows drafts with the nearest deadline, and results.
func (w *Web) supplierDesk(r *edge.Request) ([]DeskCard, error) {
	list, err := w.Bids.List(r.Context(), r.Actor(), bid.Filter{Limit: 100})
	if err != nil {
		return nil, err
	}
	drafts := DeskCard{Title: "未提交的投标", Href: "/bids?state=draft", Icon: "pencil", Text: "没有未提交的草稿"}
	sent := DeskCard{Title: "已提交的投标", Href: "/bids?state=submitted", Icon: "send", Text: "还没有提交过投标"}
	for _, e := range list {
		switch {
		case e.State == bid.Submitted:
			sent.Count++
		case e.TenderState == tender.Open && e.Deadline != nil:
			drafts.Count++
			drafts.Text = "截止前提交才算数"
			if drafts.Due == nil || e.Deadline.Before(drafts.Due.At) {
				drafts.Due = &templates.Deadline{Label: short(e.Title, 20), At: *e.Deadline, Now: r.Now()}
			}
		}
	}
	if sent.Count > 0 {
		sent.Text = "查看进展和结果"
	}
	return []DeskCard{drafts, sent}, nil
}
