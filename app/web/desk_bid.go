package web

import (
	"fmt"
	"slices"

	"gongji/app/edge"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/evaluation"
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
	duties, err := w.Evaluations.Duties(r.Context(), r.Actor(), evaluation.DutyFilter{})
	if err != nil {
		return nil, err
	}
	n := 0
	for _, d := range duties {
		open := d.State == tender.Evaluated || d.State == tender.Failed
		if d.State == tender.Evaluating && (d.SubmittedAt == nil || d.Waiting == 0) || open && d.ReportedAt == nil && d.SignedAt == nil && d.SubmittedAt != nil {
			n++
		}
	}
	if len(duties) > 0 || r.Actor().Expert {
		out = append(out, DeskCard{Title: "待我评分", Href: "/panels", Icon: "clipboard-check", Count: n, Text: fmt.Sprintf("共参加 %d 个项目的评审", len(duties))})
	}
	return out, nil
}

// askedCards are the prices that a panel asks this supplier to explain, now.
func (w *Web) askedCards(r *edge.Request) ([]DeskCard, error) {
	list, err := w.Evaluations.Asked(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	var out []DeskCard
	for _, e := range list {
		if e.Open(r.Now()) {
			out = append(out, DeskCard{Title: "请说明报价", Href: "/explanations/" + string(e.ID), Icon: "alert-triangle", Count: 1,
				Text: "评审小组要求说明报价的合理性，逾期可能导致投标无效", Due: &templates.Deadline{Label: "说明截止", At: e.DueAt, Now: r.Now(), Article: "财库〔2026〕2号"}})
		}
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
	outdated := 0
	for _, e := range list {
		switch {
		case e.State == bid.Submitted:
			sent.Count++
			if e.Outdated() {
				outdated++
			}
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
	if outdated > 0 {
		sent.Text = fmt.Sprintf("%d 份针对的采购文件已更正，请核对后重新提交", outdated)
	}
	asked, err := w.askedCards(r)
	if err != nil {
		return nil, err
	}
	invited, err := w.invitationDesk(r)
	return slices.Concat(asked, []DeskCard{drafts, sent}, invited), err
}
