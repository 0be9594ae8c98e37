package web

import (
	"strconv"

	"gongji/app/delivery/need"
	"gongji/app/delivery/survey"
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/catalogue"
	"gongji/templates"
)

// proposalRoutes are how residents propose an issue and read the answer, and
// how the community decides. What carries a code is Quiet: a log of who asked
// with which code would tell who proposed what.
func (w *Web) proposalRoutes() []edge.Route {
	out := []edge.Route{
		get("/needs/propose", "public", w.proposeForm),
		post("/needs/propose", "public", w.proposeSend),
		get("/needs/proposed", "public", w.proposedForm),
		get("/needs/proposed/{code}", "public", w.proposedShow),
	}
	for i := range out {
		out[i].Quiet = true
	}
	return append(out,
		get("/needs/proposals", "account", w.proposalList),
		get("/needs/proposals/export.csv", "account", w.proposalExport),
		get("/needs/proposals/{id}", "account", edge.At(w.proposalShow)),
		post("/needs/proposals/{id}/adopt", "account", edge.At(w.proposalAdopt)),
		post("/needs/proposals/{id}/merge", "account", edge.At(w.proposalMerge)),
		post("/needs/proposals/{id}/decline", "account", edge.At(w.proposalDecline)),
	)
}

func proposalHref(p id.ID) string { return "/needs/proposals/" + string(p) }

func proposalStatus(s need.ProposalState) templates.Status {
	return templates.Status{Label: s.Name(), Tone: map[need.ProposalState]templates.Tone{need.Waiting: templates.Warn, need.TakenUp: templates.OK, need.Merged: templates.OK}[s]}
}

func proposalDue(r *edge.Request, p need.Proposal) *templates.Deadline {
	if p.State != need.Waiting {
		return nil
	}
	return &templates.Deadline{Label: "社区答复", At: p.AnswerDue, Now: r.Now(), Ends: true, Owed: true}
}

// proposePage is need/propose.html.
type proposePage struct {
	templates.Chrome
	Form   need.Proposing
	Places []templates.Option
	Days   int
}

func (w *Web) proposePage(r *edge.Request, in need.Proposing) (*proposePage, error) {
	p := &proposePage{Form: in, Days: need.AnswerDays}
	p.Title = "向社区提出议题"
	p.Breadcrumbs = []templates.Crumb{{Label: "社区议题", Href: "/needs"}, {Label: p.Title}}
	var err error
	p.Places, err = w.communities(r)
	return p, err
}

func (w *Web) proposeForm(r *edge.Request) (edge.Response, error) {
	p, err := w.proposePage(r, need.Proposing{Community: id.ID(r.Query("community"))})
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "need/propose", p), nil
}

func (w *Web) proposeSend(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := need.Proposing{Community: id.ID(f.Get("community")), Title: f.Get("title"), Body: f.Get("body"), People: f.Get("people")}
	_, code, err := w.Needs.Propose(r.Context(), in, r.IP())
	if err != nil {
		p, perr := w.proposePage(r, in)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("need/propose", p, err)
	}
	return edge.Redirect("/needs/proposed/"+code).Flash("ok", "收到了，请记下查询码"), nil
}

// proposedPage is need/proposed.html: the form for a code, or with Shown what
// became of a proposal.
type proposedPage struct {
	templates.Chrome
	Code     string // as typed
	Shown    bool
	Spaced   string
	Proposal need.Proposal
	Status   templates.Status
	Due      *templates.Deadline
	Need     *need.Need
}

func newProposedPage(code string) *proposedPage {
	p := &proposedPage{Code: code}
	p.Title = "查询提议的答复"
	p.Breadcrumbs = []templates.Crumb{{Label: "社区议题", Href: "/needs"}, {Label: p.Title}}
	return p
}

func (w *Web) proposedForm(r *edge.Request) (edge.Response, error) {
	p := newProposedPage(r.Query("code"))
	if p.Code == "" {
		return edge.HTML(200, "need/proposed", p), nil
	}
	_, _, err := w.Needs.Proposed(r.Context(), p.Code)
	if fault.Is(err, fault.NotFound) {
		var c fault.Check
		c.Adopt("code", err)
		return again("need/proposed", p, c.Err())
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/needs/proposed/" + survey.Folded(p.Code)), nil
}

func (w *Web) proposedShow(r *edge.Request) (edge.Response, error) {
	x, n, err := w.Needs.Proposed(r.Context(), r.Param("code"))
	if err != nil {
		return edge.Response{}, err
	}
	p := newProposedPage("")
	p.Shown, p.Spaced = true, survey.Spaced(survey.Folded(r.Param("code")))
	p.Proposal, p.Need, p.Status, p.Due = x, n, proposalStatus(x.State), proposalDue(r, x)
	p.Title = "我的提议"
	return edge.HTML(200, "need/proposed", p), nil
}

// proposalListPage is need/proposals.html.
type proposalListPage struct {
	templates.Chrome
	Filter templates.Filter
	Rows   []proposalRow
	Pager  templates.Pager
}

type proposalRow struct {
	need.Proposal
	Href   string
	Status templates.Status
	Due    *templates.Deadline
}

func proposalFilter(r *edge.Request) need.ProposalFilter {
	return need.ProposalFilter{Text: r.Query("q"), State: need.ProposalState(r.Query("state")), After: id.ID(r.Query("after")), Limit: needPageSize}
}

func (w *Web) proposalList(r *edge.Request) (edge.Response, error) {
	f := proposalFilter(r)
	list, total, err := w.Needs.Proposals(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := &proposalListPage{Pager: templates.Pager{Total: int(total), Unit: "条"}}
	p.Title = "居民提议"
	p.Breadcrumbs = []templates.Crumb{{Label: "社区议题", Href: "/needs"}, {Label: p.Title}}
	states := []templates.Option{{Label: "全部"}}
	for _, s := range need.ProposalStates {
		states = append(states, templates.Option{Value: string(s), Label: s.Name()})
	}
	p.Filter = templates.Filter{Action: "/needs/proposals", Query: f.Text, Placeholder: "提议里的词", Active: f.Text != "" || f.State != "", Export: "/needs/proposals/export.csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(f.State), Options: states}}}
	for _, x := range list {
		p.Rows = append(p.Rows, proposalRow{x, proposalHref(x.ID), proposalStatus(x.State), proposalDue(r, x)})
	}
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == needPageSize {
		p.Pager.Next = with(r, "after", string(list[needPageSize-1].ID))
	}
	return edge.HTML(200, "need/proposals", p), nil
}

func (w *Web) proposalExport(r *edge.Request) (edge.Response, error) {
	f := proposalFilter(r)
	f.Limit = exportStride
	head := []string{"提议", "现在怎样，希望怎样", "为谁", "提出日期", "状态", "答复期限", "答复", "答复时间"}
	return export("居民提议.csv", head, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		list, _, err := w.Needs.Proposals(r.Context(), r.Actor(), f)
		var rows [][]string
		for _, x := range list {
			rows = append(rows, []string{x.Title, x.Body, x.People, cellDay(&x.OnDay), x.State.Name(), calendar.Until(x.AnswerDue), x.Answer, cellTime(x.DecidedAt)})
		}
		return rows, last(list, func(x need.Proposal) id.ID { return x.ID }), err
	})
}

// proposalPage is need/proposal.html: one proposal before the community.
type proposalPage struct {
	templates.Chrome
	Proposal need.Proposal
	Status   templates.Status
	Due      *templates.Deadline
	Form     need.Form // the need in the community's words
	Options  []templates.Option
	Open     []templates.Option // needs that it may be merged into
	Into     string
	Note     string
	Reason   string
}

func (w *Web) proposalPage(r *edge.Request, at id.ID) (*proposalPage, error) {
	x, err := w.Needs.GetProposal(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	p := &proposalPage{Proposal: x, Status: proposalStatus(x.State), Due: proposalDue(r, x), Form: need.Form{Title: x.Title, Body: x.Body, People: x.People}}
	p.Title = x.Title
	p.Breadcrumbs = []templates.Crumb{{Label: "社区议题", Href: "/needs"}, {Label: "居民提议", Href: "/needs/proposals"}, {Label: p.Title}}
	for _, e := range catalogue.At(r.Now()).CivilAffairs() {
		p.Options = append(p.Options, templates.Option{Value: e.Code, Label: e.Name})
	}
	own, _, err := w.Needs.Find(r.Context(), need.Filter{Community: x.Community, Limit: 200})
	for _, n := range own {
		if n.Next() != "" {
			p.Open = append(p.Open, templates.Option{Value: string(n.ID), Label: n.Title + "（" + n.Step.Name() + "，支持 " + strconv.Itoa(n.Supports) + "）"})
		}
	}
	return p, err
}

func (w *Web) proposalShow(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.proposalPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "need/proposal", p), nil
}

// proposalAgain shows the page of a proposal with what was typed and refused.
func (w *Web) proposalAgain(r *edge.Request, at id.ID, err error, typed func(*proposalPage)) (edge.Response, error) {
	p, perr := w.proposalPage(r, at)
	if perr != nil {
		return edge.Response{}, perr
	}
	typed(p)
	return again("need/proposal", p, err)
}

func (w *Web) proposalAdopt(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := readNeed(r, f)
	n, err := w.Needs.Adopt(r.Context(), r.Actor(), at, in)
	if err != nil {
		return w.proposalAgain(r, at, err, func(p *proposalPage) { p.Form = in })
	}
	return edge.Redirect(needHref(n.ID)).Flash("ok", "已列为议题并公开；提出的人凭查询码能看到"), nil
}

func (w *Web) proposalMerge(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Needs.Merge(r.Context(), r.Actor(), at, id.ID(f.Get("need")), f.Get("note")); err != nil {
		return w.proposalAgain(r, at, err, func(p *proposalPage) { p.Into, p.Note = f.Get("need"), f.Get("note") })
	}
	return edge.Redirect(proposalHref(at)).Flash("ok", "已并入，提出的人凭查询码能看到"), nil
}

func (w *Web) proposalDecline(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Needs.Decline(r.Context(), r.Actor(), at, f.Get("reason")); err != nil {
		return w.proposalAgain(r, at, err, func(p *proposalPage) { p.Reason = f.Get("reason") })
	}
	return edge.Redirect(proposalHref(at)).Flash("ok", "已答复，提出的人凭查询码能看到理由"), nil
}
