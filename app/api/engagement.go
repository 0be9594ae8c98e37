package api

import (
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/record"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/trust/trail"
)

func (a *API) engagementRoutes() []edge.Route {
	const tag = "履约"
	return []edge.Route{
		get("/engagements", "account", a.engagementMine, edge.Doc{Summary: "本单位付款、承接或评价的履约项目", Tag: tag, Query: engagementQuery{}, Out: Page[engagement.Engagement]{}}),
		get("/public/engagements/{id}", "public", edge.At(a.engagementShow), edge.Doc{Summary: "一个履约项目", Tag: tag, Out: engagementView{}, Public: true}),
		get("/public/organisations/{id}", "public", edge.At(a.organisationRecord), edge.Doc{Summary: "一个组织的公开档案：承接的项目和绩效评价", Tag: "组织", Query: afterQuery{}, Out: publicRecord{}, Public: true}),
	}
}

type engagementQuery struct {
	Kind  string `query:"kind" enum:"contract,grant"`
	State string `query:"state" enum:"running,closed,evaluated"`
	After string `query:"after"`
}

type afterQuery struct {
	After string `query:"after" description:"上一页最后一个项目的编号"`
}

type engagementView struct {
	engagement.Engagement
	Timeline []trail.Event `json:"timeline"`
	// Performance is left out until it is started, or while the caller may not see it.
	Performance *performanceView `json:"performance,omitempty"`
}

func engagementCursor(x engagement.Engagement) string { return string(x.ID) }

func (a *API) engagementMine(r *edge.Request) (edge.Response, error) {
	if r.Actor().Org == "" {
		return edge.JSON(200, Page[engagement.Engagement]{Items: []engagement.Engagement{}}), nil
	}
	list, err := a.Engagements.List(r.Context(), engagement.Filter{Party: r.Actor().Org, Kind: engagement.Kind(r.Query("kind")),
		State: engagement.State(r.Query("state")), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, engagementCursor), err)
}

func (a *API) engagementShow(r *edge.Request, of id.ID) (edge.Response, error) {
	var out engagementView
	var err error
	if out.Engagement, err = a.Engagements.Get(r.Context(), r.Actor(), of); err != nil {
		return edge.Response{}, err
	}
	if out.Timeline, err = a.Engagements.Timeline(r.Context(), r.Actor(), of); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Performance.OfEngagement(r.Context(), r.Actor(), of)
	if err == nil {
		v, verr := a.performanceView(r, x)
		return answer(200, engagementView{out.Engagement, out.Timeline, &v}, verr)
	}
	if !fault.Is(err, fault.NotFound) {
		return edge.Response{}, err
	}
	return edge.JSON(200, out), nil
}

// publicRecord is what anyone may know of an organisation.
type publicRecord struct {
	Organisation organisation.Organisation `json:"organisation"`
	// Total counts and adds up every engagement, not only this page's.
	Total       engagement.Sum               `json:"total"`
	Engagements Page[engagement.Engagement]  `json:"engagements"`
	Performance performance.Standing         `json:"performance"`
	Milestones  record.Punctuality           `json:"milestones"`
	Ratings     []standing.Recognition       `json:"recognitions" description:"经核实的评估等级和表彰"`
	Listings    []standing.Listing           `json:"listings"`
	Answers     map[string][]standing.Answer `json:"answers" description:"组织的公开回应，键为 performance/编号 或 listing/编号，各版本按先后"`
}

func (a *API) organisationRecord(r *edge.Request, org id.ID) (edge.Response, error) {
	var out publicRecord
	var err error
	if out.Organisation, err = a.Organisations.Get(r.Context(), r.Actor(), org); err != nil {
		return edge.Response{}, err
	}
	list, err := a.Engagements.Of(r.Context(), org, id.ID(r.Query("after")), perPage)
	if err != nil {
		return edge.Response{}, err
	}
	out.Engagements = paged(list, perPage, engagementCursor)
	if out.Total, err = a.Engagements.Total(r.Context(), engagement.Filter{Provider: org}); err != nil {
		return edge.Response{}, err
	}
	if out.Performance, err = a.Performance.StandingOf(r.Context(), org); err != nil {
		return edge.Response{}, err
	}
	if _, out.Milestones, err = a.Record.Milestones(r.Context(), org); err != nil {
		return edge.Response{}, err
	}
	if out.Ratings, err = a.Standing.Recognitions(r.Context(), party.Actor{}, org); err != nil {
		return edge.Response{}, err
	}
	if out.Listings, err = a.Standing.Decided(r.Context(), org); err != nil {
		return edge.Response{}, err
	}
	out.Answers, err = a.Standing.Answers(r.Context(), org)
	return answer(200, out, err)
}
