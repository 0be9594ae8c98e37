package web

import (
	"slices"
	"strconv"
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
	p.mendNext()
	return err
}

// mendNext is the finding whose day comes first among those that are not
// closed, and who must act on it.
func (p *performancePage) mendNext() {
	open := slices.DeleteFunc(slices.Clone(p.Mends), func(m mendCard) bool { return m.ClosedAt != nil })
	if len(open) == 0 {
		return
	}
	m := slices.MinFunc(open, func(a, b mendCard) int { return a.Mend.Due.Compare(b.Mend.Due) })
	p.Due = &templates.Deadline{Label: "整改问题 " + strconv.FormatInt(m.Seq, 10), At: m.Mend.Due.AddDate(0, 0, 1), Now: p.Now, Ends: true, Owed: m.AnsweredAt == nil}
	at := func(answered bool) string {
		i := slices.IndexFunc(open, func(m mendCard) bool { return (m.AnsweredAt != nil) == answered })
		if i < 0 {
			return ""
		}
		return "#mend-" + strconv.FormatInt(open[i].Seq, 10)
	}
	mend, closing := at(false), at(true)
	switch {
	case p.May["mend"] && mend != "":
		p.Next = &templates.Action{Title: "整改问题", Text: "按期整改并提交说明，由付款方核查销号。", Label: "去填写整改说明", Href: mend}
	case p.May["close"] && closing != "":
		p.Next = &templates.Action{Title: "核查整改", Text: "对照整改要求核查，通过的销号，未通过的写明还差什么。", Label: "去核查", Href: closing}
	case mend != "":
		p.Next = &templates.Action{Title: "等待整改", Waiting: "由承接方按期整改并提交说明。"}
	default:
		p.Next = &templates.Action{Title: "等待核查", Waiting: "由付款方的经办人核查整改，通过后销号。"}
	}
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
