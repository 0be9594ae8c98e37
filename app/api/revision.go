package api

import (
	"gongji/app/delivery/revision"
	"gongji/app/edge"
	"gongji/app/kernel/id"
)

func (a *API) revisionRoutes() []edge.Route {
	const tag = "终止和延期"
	return []edge.Route{
		get("/public/engagements/{id}/revisions", "public", edge.At(a.revisionList), edge.Doc{Summary: "一个项目的提前终止和延期；同意以后公开", Tag: tag, Out: []revision.Revision{}, Public: true}),
		post("/engagements/{id}/revisions", "account", sent(a.revisionPropose), edge.Doc{Summary: "提出提前终止或延期，双方都可以", Tag: tag, In: revision.Input{}, Out: revision.Revision{}, Status: 201}),
		get("/revisions/{id}", "account", act(a.Revisions.Get, shownRevision), edge.Doc{Summary: "一项终止或延期", Tag: tag, Out: revision.Revision{}}),
		post("/revisions/{id}/statement", "account", because(a.Revisions.State, shownRevision), edge.Doc{Summary: "对方陈述意见（写在 reason 里）", Tag: tag, In: reason{}, Out: revision.Revision{}}),
		post("/revisions/{id}/approve", "account", act(a.Revisions.Approve, shownRevision), edge.Doc{Summary: "审批人同意：终止或延期立即生效并公开", Tag: tag, Out: revision.Revision{}}),
		post("/revisions/{id}/return", "account", because(a.Revisions.Return, shownRevision), edge.Doc{Summary: "审批人不同意", Tag: tag, In: reason{}, Out: revision.Revision{}}),
	}
}

func shownRevision(_ *edge.Request, status int, x revision.Case, err error) (edge.Response, error) {
	return answer(status, x.Revision, err)
}

func (a *API) revisionList(r *edge.Request, at id.ID) (edge.Response, error) {
	list, err := a.Revisions.List(r.Context(), r.Actor(), at)
	return answer(200, list, err)
}

func (a *API) revisionPropose(r *edge.Request, at id.ID, in revision.Input) (edge.Response, error) {
	x, err := a.Revisions.Propose(r.Context(), r.Actor(), at, in)
	return shownRevision(r, 201, x, err)
}
