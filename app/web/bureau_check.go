package web

import (
	"net/url"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func escapeQuery(s string) string { return url.QueryEscape(s) }

// answerGroup is one page of answers.
type answerGroup struct {
	Title   string
	Answers []templates.Answer
}

// gap is something that keeps a draft from being submitted, with the way to it.
type gap struct{ Text, Href string }

// checkPage is tender/check.html: the whole draft before a binding step.
type checkPage struct {
	templates.Chrome
	T      tender.Tender
	Groups []answerGroup
	Dates  []plannedDate
	Gaps   []gap
	Files  []templates.File
	Next   *templates.Action
	Return string // where a return with a reason is posted; "" for nobody
	Events []templates.Event
}

func (w *Web) checkPage(r *edge.Request, t tender.Tender) (*checkPage, error) {
	p := &checkPage{T: t}
	p.Breadcrumbs = []templates.Crumb{{Label: "本单位的采购", Href: "/bureau/tenders"}, {Label: titleOf(t), Href: bureauPath(t)}, {Label: "核对"}}
	change := w.Tenders.Allowed(r.Actor(), t, "edit")
	for _, page := range t.Pages() {
		list := answersOf(t, page, change)
		if err := w.namedIntention(r, t, list); err != nil {
			return nil, err
		}
		p.Groups = append(p.Groups, answerGroup{pageNames[page], list})
	}
	var err error
	if p.Dates, err = w.planned(r, t); err != nil {
		return nil, err
	}
	missing, err := w.Tenders.Missing(r.Context(), t)
	if err != nil {
		return nil, err
	}
	for _, f := range missing {
		p.Gaps = append(p.Gaps, gap{f.Message, mendAt(t, f.Name)})
	}
	files, err := w.Attachments.For(r.Context(), r.Actor(), "tender", t.ID)
	if err != nil {
		return nil, err
	}
	events, err := w.Tenders.Timeline(r.Context(), r.Actor(), t.ID)
	p.Files, p.Events = fileList(files), timeline(events)
	return p, err
}

// mendAt is where a complaint about a draft can be mended.
func mendAt(t tender.Tender, field string) string {
	if field == "keys" {
		return tenderPath(t.ID) + "/keys"
	}
	return bureauPath(t) + "/edit/" + tender.PageOf(field) + "#f-" + field
}

func (w *Web) bureauCheck(r *edge.Request) (edge.Response, error) {
	t, err := w.own(r, "submit")
	if err != nil {
		return edge.Response{}, err
	}
	return w.check(r, t, nil)
}

func (w *Web) check(r *edge.Request, t tender.Tender, refused error) (edge.Response, error) {
	p, err := w.checkPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	p.Title = "核对填写内容"
	if len(p.Gaps) == 0 {
		p.Next = &templates.Action{Title: "提交给审批人", Text: "提交后不能修改；审批人可以退回。", Post: bureauPath(t) + "/submit", Label: "提交审批"}
	}
	if refused != nil {
		return again("tender/check", p, refused)
	}
	return edge.HTML(200, "tender/check", p), nil
}

// review is the page of a submitted draft: for the approver to decide, for
// the others to follow.
func (w *Web) review(r *edge.Request, t tender.Tender, refused error) (edge.Response, error) {
	p, err := w.checkPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	p.Title = titleOf(t)
	switch {
	case w.Tenders.Allowed(r.Actor(), t, "publish"):
		p.Next = &templates.Action{Title: "批准后立即公开发布", Text: "发布时分配编号，期限按发布时刻重新核对，之后不能修改。",
			Post: bureauPath(t) + "/publish", Label: "批准并发布", Confirm: "批准后立即向社会公开，确定发布吗？"}
		p.Return = bureauPath(t) + "/return"
	case r.Actor().Account == t.DraftedBy:
		p.Next = &templates.Action{Title: "等待审批", Waiting: "已提交审批。起草人不能审批自己的采购，由本单位的审批人决定。"}
	default:
		p.Next = &templates.Action{Title: "等待审批", Waiting: "由本单位的审批人批准发布或退回。"}
	}
	if refused != nil {
		return again("tender/check", p, refused)
	}
	return edge.HTML(200, "tender/check", p), nil
}

func (w *Web) bureauSubmit(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err != nil {
		return edge.Response{}, err
	}
	t, err := w.Tenders.Submit(r.Context(), r.Actor(), x)
	if err == nil {
		return edge.Redirect(bureauPath(t)).Flash("ok", "已提交审批"), nil
	}
	if !fault.Is(err, fault.Invalid) {
		return edge.Response{}, err
	}
	if t, gerr := w.own(r, "submit"); gerr == nil {
		return w.check(r, t, err)
	}
	return edge.Response{}, err
}

func (w *Web) bureauPublish(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err != nil {
		return edge.Response{}, err
	}
	t, err := w.Tenders.Publish(r.Context(), r.Actor(), x)
	if err == nil {
		return edge.Redirect("/tenders/"+string(t.ID)).Flash("ok", "已发布，编号 "+t.No()), nil
	}
	return w.undecided(r, err)
}

func (w *Web) bureauReturn(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	t, err := w.Tenders.Return(r.Context(), r.Actor(), x, f.Get("reason"))
	if err == nil {
		return edge.Redirect(bureauPath(t)).Flash("ok", "已退回给经办人"), nil
	}
	return w.undecided(r, err)
}

// undecided shows the review again with what refused the decision.
func (w *Web) undecided(r *edge.Request, err error) (edge.Response, error) {
	if !fault.Is(err, fault.Invalid) {
		return edge.Response{}, err
	}
	t, gerr := w.own(r, "follow")
	if gerr != nil || t.State != tender.Review {
		return edge.Response{}, err
	}
	return w.review(r, t, err)
}
