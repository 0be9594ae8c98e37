package web

import (
	"time"

	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/templates"
)

// mendCard is one finding to be mended.
type mendCard struct {
	performance.Mend
	Status templates.Status
	Late   bool
	Files  []templates.File
}

// afterwards is what happens once the result is known: objections, mending.
func (w *Web) afterwards(r *edge.Request, p *performancePage) (err error) {
	x := p.Case
	if p.Show {
		if p.Against, err = w.Performance.Objections(r.Context(), r.Actor(), x); err != nil {
			return err
		}
	}
	if p.May["object"] {
		for _, l := range x.Tree.Leaves() {
			p.Lines = append(p.Lines, templates.Option{Value: l.Code, Label: l.Code + " " + l.Name})
		}
	}
	n := len(p.Against)
	open := n > 0 && p.Against[n-1].AnsweredAt == nil
	p.May["answer"] = p.May["answer"] && open
	p.May["object"] = p.May["object"] && !open && x.AcceptedAt == nil && x.ObjectionDue != nil && p.Now.Before(*x.ObjectionDue)
	p.May["publish"] = p.May["publish"] && !open && x.Clear(p.Now)
	if wait := noticeWaits(p); wait != nil {
		p.Next = wait
	}
	switch {
	case open:
		p.Due = &templates.Deadline{Label: "答复异议", At: p.Against[n-1].AnswerDue, Now: p.Now, Ends: true, Owed: true, Unverified: true, Article: "财预〔2020〕10号"}
	case x.State == performance.Notice && x.AcceptedAt == nil && x.ObjectionDue != nil:
		p.Due = &templates.Deadline{Label: "提出异议", At: *x.ObjectionDue, Now: p.Now, Ends: true, Unverified: true, Article: "财预〔2020〕10号"}
	case x.State == performance.SelfReport:
		p.Due = &templates.Deadline{Label: "提交自评", At: x.SelfDue, Now: p.Now, Ends: true, Owed: true}
	}
	list, err := w.Performance.Mends(r.Context(), r.Actor(), x)
	for _, m := range list {
		card := mendCard{Mend: m, Late: m.Late(p.Now), Status: templates.Status{Label: m.StateName(p.Now), Tone: mendTone(m, p.Now)}}
		if err == nil && p.May["evidence"] {
			card.Files, err = w.files(r, performance.MendKind, m.ID)
		}
		p.Mends = append(p.Mends, card)
	}
	return err
}

func mendTone(m performance.Mend, now time.Time) templates.Tone {
	switch {
	case m.ClosedAt != nil:
		return templates.OK
	case m.Overdue(now):
		return templates.Danger
	case m.AnsweredAt != nil:
		return templates.Info
	}
	return templates.Warn
}
