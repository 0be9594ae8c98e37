package web

import (
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/revision"
	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

func (w *Web) revisionRoutes() []edge.Route {
	return []edge.Route{
		get("/engagements/{id}/revisions", "public", edge.At(w.revisionList)),
		post("/engagements/{id}/revisions", "account", edge.At(w.revisionPropose)),
		get("/revisions/{id}", "public", edge.At(w.revisionShow)),
		post("/revisions/{id}/statement", "account", edge.At(w.revisionState)),
		post("/revisions/{id}/decide", "account", edge.At(w.revisionDecide)),
	}
}

func revisionsHref(e id.ID) string { return engagementHref(e) + "/revisions" }
func revisionHref(x id.ID) string  { return "/revisions/" + string(x) }

// revisionsName is what the page of an engagement's revisions is called: a
// contract is changed and extended on its own page.
func revisionsName(e engagement.Engagement) string {
	if e.Kind == engagement.Grant {
		return "变更、延期和终止"
	}
	return "提前终止"
}

func revisionStatus(r revision.Revision) templates.Status {
	tone := map[revision.State]templates.Tone{revision.Proposed: templates.Info, revision.Approved: templates.Warn, revision.Returned: templates.Neutral}[r.State]
	return templates.Status{Label: r.StateName(), Tone: tone}
}

type revisionRow struct {
	revision.Revision
	Status templates.Status
}

// revisionListPage is engagement/revisions.html.
type revisionListPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Rows       []revisionRow
	MayPropose bool
	Kinds      []templates.Option
	Typed      revision.Input
	Share      rules.Rule // of a grant that changes may come to
}

func (w *Web) revisionListPage(r *edge.Request, at id.ID) (*revisionListPage, error) {
	e, err := w.Engagements.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	now := w.Engagements.Now()
	p := &revisionListPage{Engagement: e, MayPropose: w.Engagements.Allowed(r.Actor(), e, "revise") && !e.Over(now), Kinds: []templates.Option{{Value: string(revision.Terminate), Label: "提前终止"}}}
	p.Title = revisionsName(e)
	p.Breadcrumbs = deliveryCrumbs(r, e, p.Title)
	if e.Kind == engagement.Grant {
		p.Kinds = []templates.Option{{Value: string(revision.Change), Label: "变更"}, {Value: string(revision.Extend), Label: "延期"}, {Value: string(revision.Terminate), Label: "提前终止"}}
		p.Share = rules.At(now).Must(rules.GrantChange)
	}
	p.Typed = revision.Input{Kind: revision.Kind(p.Kinds[0].Value), StatementBy: now.In(clock.Beijing).AddDate(0, 0, 7).Format(time.DateOnly)}
	list, err := w.Revisions.List(r.Context(), r.Actor(), at)
	for _, x := range list {
		p.MayPropose = p.MayPropose && x.State != revision.Proposed
		p.Rows = append(p.Rows, revisionRow{x, revisionStatus(x)})
	}
	return p, err
}

func (w *Web) revisionList(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.revisionListPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/revisions", p), nil
}

func (w *Web) revisionPropose(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := revision.Input{Kind: revision.Kind(f.Get("kind")), Reason: f.Get("reason"), Clause: f.Get("clause"), Delivered: f.Get("delivered"), Settled: f.Get("settled"), EndsOn: f.Get("ends_on"), Content: f.Get("content"), Added: f.Get("added"), StatementBy: f.Get("statement_by")}
	x, err := w.Revisions.Propose(r.Context(), r.Actor(), at, in)
	if err != nil {
		p, perr := w.revisionListPage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Typed = in
		return again("engagement/revisions", p, err)
	}
	return edge.Redirect(revisionHref(x.ID)).Flash("ok", "已提出，等待对方陈述意见"), nil
}

// revisionPage is engagement/revision.html.
type revisionPage struct {
	templates.Chrome
	Case      revision.Case
	Status    templates.Status
	Facts     []templates.KV
	Due       *templates.Deadline
	Waiting   string
	MayState  bool
	MayDecide bool
	Text      string
}

func (w *Web) revisionPage(r *edge.Request, at id.ID) (*revisionPage, error) {
	who := r.Actor()
	x, err := w.Revisions.Get(r.Context(), who, at)
	if err != nil {
		return nil, err
	}
	now, open := w.Engagements.Now(), x.State == revision.Proposed
	can := func(a string) bool { return open && w.Engagements.Allowed(who, x.Of, a) }
	other := x.Of.Provider
	if x.Side == revision.Provider {
		other = x.Of.Payer
	}
	heard := x.StatedAt != nil || !now.Before(x.StatementBy)
	p := &revisionPage{Case: x, Status: revisionStatus(x.Revision), MayState: can("revise") && who.Org == other && x.StatedAt == nil,
		MayDecide: can("decide_revision") && heard && x.ProposedBy != who.Account}
	p.Title = x.Kind.Name()
	p.Breadcrumbs = append(deliveryCrumbs(r, x.Of, revisionsName(x.Of)), templates.Crumb{Label: x.Kind.Name()})
	p.Breadcrumbs[len(p.Breadcrumbs)-2].Href = revisionsHref(x.Of.ID)
	p.Facts = revisionFacts(x)
	if open && !heard {
		p.Due = &templates.Deadline{Label: "陈述意见截止", At: x.StatementBy, Now: now, Ends: true}
		p.Waiting = "由“" + x.Other() + "”陈述意见，陈述或者到期以后由付款方的审批人决定。"
	} else if open && !p.MayDecide {
		p.Waiting = "由付款方“" + x.Of.PayerName + "”的审批人决定，提出的人不能审批。"
	}
	return p, nil
}

func revisionFacts(x revision.Case) []templates.KV {
	proposer := x.Of.PayerName
	if x.Side == revision.Provider {
		proposer = x.Of.ProviderName
	}
	out := []templates.KV{{Label: "项目", Value: x.Of.Title, Href: engagementHref(x.Of.ID), Note: x.Of.Number}, {Label: "提出", Value: proposer, Note: day(x.ProposedAt)}, {Label: "原定履约期", Value: "至 " + day(x.WasEnd)}, {Label: "理由", Value: x.Reason}}
	switch {
	case x.Kind == revision.Extend && x.EndsOn != nil:
		return append(out, templates.KV{Label: "延期到", Value: day(*x.EndsOn)})
	case x.Kind == revision.Change:
		out = append(out, templates.KV{Label: "变更的内容", Value: x.Content})
		if x.Added != nil {
			kv := templates.KV{Label: "金额", Value: "追加 " + x.Added.Yuan() + " 元", Article: rules.At(x.ProposedAt).Must(rules.GrantChange).Source()}
			if *x.Added < 0 {
				kv.Value = "减少 " + (-*x.Added).Yuan() + " 元"
			}
			out = append(out, kv)
		}
		return out
	}
	out = append(out, templates.KV{Label: "依据", Value: x.Clause}, templates.KV{Label: "已经履行的内容", Value: x.Delivered})
	if x.Settled != nil {
		out = append(out, templates.KV{Label: "结算总额", Value: x.Settled.Yuan() + " 元", Note: "包括已付的；原约定 " + x.Of.Amount.Yuan() + " 元"})
	}
	return out
}

func (w *Web) revisionShow(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.revisionPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/revision", p), nil
}

func (w *Web) revisionBack(r *edge.Request, at id.ID, text, done string, err error) (edge.Response, error) {
	if err != nil {
		p, perr := w.revisionPage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Text = text
		return again("engagement/revision", p, err)
	}
	return edge.Redirect(revisionHref(at)).Flash("ok", done), nil
}

func (w *Web) revisionState(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	_, err = w.Revisions.State(r.Context(), r.Actor(), at, f.Get("statement"))
	return w.revisionBack(r, at, f.Get("statement"), "意见已提交", err)
}

func (w *Web) revisionDecide(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("decision") == "approve" {
		_, err = w.Revisions.Approve(r.Context(), r.Actor(), at)
	} else {
		_, err = w.Revisions.Return(r.Context(), r.Actor(), at, f.Get("reason"))
	}
	return w.revisionBack(r, at, f.Get("reason"), "决定已记录", err)
}
