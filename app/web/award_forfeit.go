package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/procurement/award"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// forfeitPart is what the award's page says of a result that comes to no
// contract: what became of earlier ones, and, for the two sides, the forms.
type forfeitPart struct {
	Changes   []award.Forfeit // public
	Unsigning *award.Unsigning
	SignBy    string // the last moment to sign, in words
	Forfeit   award.ForfeitInput
	Note      string // of a return, as typed
	Refusal   string // as typed
	Causes    []templates.Option
	Courses   []templates.Option
}

func (w *Web) forfeitPart(r *edge.Request, t tender.Tender) (forfeitPart, error) {
	var p forfeitPart
	var err error
	if p.Changes, err = w.Awards.Changes(r.Context(), t.ID); err != nil {
		return p, err
	}
	x, err := w.Awards.Unsigned(r.Context(), r.Actor(), t)
	if missing(err) {
		return p, nil
	} else if err != nil {
		return p, err
	}
	p.Unsigning, p.SignBy = &x, calendar.Until(x.SignBy)
	for _, c := range award.Causes() {
		p.Causes = append(p.Causes, templates.Option{Value: string(c), Label: c.Name()})
	}
	next := award.Following.Name()
	if x.Next != "" {
		next += "：" + x.Next
	} else {
		next += "（没有其他合格的候选人）"
	}
	p.Courses = []templates.Option{{Value: string(award.Following), Label: next}, {Value: string(award.Anew), Label: award.Anew.Name()}}
	switch {
	case len(x.Listed) > 0:
		p.Forfeit.Cause = award.Listed
	case x.Refusal != nil:
		p.Forfeit.Cause = award.RefusedToSign
	case x.Over:
		p.Forfeit.Cause = award.Unsigned
	}
	return p, nil
}

func (w *Web) awardForfeit(r *edge.Request) (edge.Response, error) {
	return w.awardDo(r, "已提交审批，由另一位审批人批准后公布", func(p *awardPage, f *edge.Form) error {
		p.Forfeit = award.ForfeitInput{Cause: award.Cause(f.Get("cause")), Reason: f.Get("forfeit_reason"), Course: award.Course(f.Get("course"))}
		_, err := w.Awards.Forfeit(r.Context(), r.Actor(), p.Tender.ID, p.Forfeit)
		return err
	})
}

func (w *Web) awardForfeitDecide(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	done := "结果变更已公布并通知各供应商"
	if f.Get("decision") != "approve" {
		done = "已退回经办人"
	}
	return w.awardDo(r, done, func(p *awardPage, f *edge.Form) error {
		p.Note = f.Get("forfeit_note")
		_, err := w.Awards.DecideForfeit(r.Context(), r.Actor(), p.Tender.ID, f.Get("decision") == "approve", p.Note)
		return err
	})
}

func (w *Web) awardRefuse(r *edge.Request) (edge.Response, error) {
	return w.awardDo(r, "已告知采购人", func(p *awardPage, f *edge.Form) error {
		p.Refusal = f.Get("refusal")
		_, err := w.Awards.Refuse(r.Context(), r.Actor(), p.Tender.ID, p.Refusal)
		return err
	})
}

// unsignedNext is what the buyer does where its result comes to no contract;
// nil where it may.
func (w *Web) unsignedNext(r *edge.Request, t tender.Tender) (*templates.Action, error) {
	if !isBuyer(r.Actor(), t) {
		return nil, nil
	}
	x, err := w.Awards.Unsigned(r.Context(), r.Actor(), t)
	if missing(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	at := tenderPath(t.ID) + "/award#forfeit"
	switch {
	case x.Decide:
		return &templates.Action{Title: "审批采购结果的变更", Text: x.Waiting.Says() + "。", Href: at, Label: "去审批"}, nil
	case x.Waiting != nil:
		return &templates.Action{Title: "采购结果正在变更", Waiting: "等待另一位审批人批准：" + x.Waiting.Says() + "。"}, nil
	case !x.Forfeit:
		return nil, nil
	case len(x.Listed) > 0:
		return &templates.Action{Title: "中标供应商不能签订合同", Text: "“" + x.Listed[0].OrgName + "”" + x.Listed[0].Says() + "。可以确定下一候选人，或者重新开展采购。", Href: at, Label: "变更采购结果"}, nil
	case x.Refusal != nil:
		return &templates.Action{Title: "中标供应商表示不签订合同", Text: x.Refusal.Reason, Href: at, Label: "变更采购结果"}, nil
	case x.Over:
		return &templates.Action{Title: "签订合同的期限已过", Text: "期限到 " + calendar.Until(x.SignBy) + "，不能再登记合同。可以确定下一候选人，或者重新开展采购。", Href: at, Label: "变更采购结果"}, nil
	}
	return nil, nil
}
