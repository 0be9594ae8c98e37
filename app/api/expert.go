package api

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
)

const experts = "评审专家库"

type expertQuery struct {
	Text      string `query:"q" description:"姓名或工作单位中的字"`
	Specialty string `query:"specialty" description:"专业"`
	Region    string `query:"region" description:"所在地开头的字"`
	State     string `query:"state" description:"active、paused 或 retired"`
	After     string `query:"after"`
}

// expertState is a decision on whether an expert can be drawn.
type expertState struct {
	State  account.Standing `json:"state" enum:"active,paused,retired"`
	Reason string           `json:"reason"`
}

type ties struct {
	Persons  []organisation.Person  `json:"persons"`
	Controls []organisation.Control `json:"controls"`
}

func (a *API) expertList(r *edge.Request) (edge.Response, error) {
	list, err := a.Organisations.Experts(r.Context(), r.Actor(), organisation.ExpertFilter{Text: r.Query("q"), Specialty: r.Query("specialty"),
		Region: r.Query("region"), State: account.Standing(r.Query("state")), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x organisation.Expert) string { return string(x.Account) }), err)
}

func (a *API) expertShow(r *edge.Request, x id.ID) (edge.Response, error) {
	e, err := a.Organisations.ExpertOf(r.Context(), r.Actor(), x)
	return answer(200, e, err)
}

func (a *API) expertStand(r *edge.Request, x id.ID, in expertState) (edge.Response, error) {
	if err := a.Organisations.StandExpert(r.Context(), r.Actor(), x, in.State, in.Reason); err != nil {
		return edge.Response{}, err
	}
	return a.expertShow(r, x)
}

func (a *API) expertWorked(r *edge.Request, x id.ID, in organisation.Worked) (edge.Response, error) {
	if err := a.Organisations.AddEmployment(r.Context(), r.Actor(), x, in); err != nil {
		return edge.Response{}, err
	}
	return a.expertShow(r, x)
}

func (a *API) tiesAnswer(r *edge.Request, status int, o id.ID) (edge.Response, error) {
	p, c, err := a.Organisations.Ties(r.Context(), r.Actor(), o)
	return answer(status, ties{p, c}, err)
}

func (a *API) tieList(r *edge.Request, o id.ID) (edge.Response, error) {
	return a.tiesAnswer(r, 200, o)
}

func (a *API) tieAdd(r *edge.Request, o id.ID, in organisation.TieInput) (edge.Response, error) {
	if err := a.Organisations.AddTie(r.Context(), r.Actor(), o, in); err != nil {
		return edge.Response{}, err
	}
	return a.tiesAnswer(r, 201, o)
}

func (a *API) tieEnd(r *edge.Request, o id.ID) (edge.Response, error) {
	x, err := r.ID("tie")
	if err == nil {
		err = a.Organisations.EndTie(r.Context(), r.Actor(), o, x)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return a.tiesAnswer(r, 200, o)
}
