package api

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
)

const members = "成员"

// newcomer is an account made for somebody who has none.
type newcomer struct {
	account.NewAccount
	Role party.Role `json:"role"`
}

type newRole struct {
	Role party.Role `json:"role"`
}

type invite struct {
	Login string     `json:"login" description:"对方的登录名"`
	Role  party.Role `json:"role"`
}

type answered struct {
	Accept bool `json:"accept"`
}

func (a *API) memberList(r *edge.Request, org id.ID) (edge.Response, error) {
	list, err := a.Organisations.Members(r.Context(), r.Actor(), org)
	return answer(200, list, err)
}

func (a *API) memberAdd(r *edge.Request, org id.ID, in newcomer) (edge.Response, error) {
	return edge.NoContent(), a.Organisations.AddMember(r.Context(), r.Actor(), org, in.NewAccount, in.Role)
}

func (a *API) memberRole(r *edge.Request, org id.ID, in newRole) (edge.Response, error) {
	m, err := r.ID("member")
	if err == nil {
		err = a.Organisations.ChangeRole(r.Context(), r.Actor(), org, m, in.Role)
	}
	return edge.NoContent(), err
}

func (a *API) memberEnd(r *edge.Request, org id.ID) (edge.Response, error) {
	m, err := r.ID("member")
	if err == nil {
		err = a.Organisations.EndMember(r.Context(), r.Actor(), org, m)
	}
	return edge.NoContent(), err
}

func (a *API) invitedList(r *edge.Request, org id.ID) (edge.Response, error) {
	list, err := a.Organisations.Invited(r.Context(), r.Actor(), org)
	return answer(200, list, err)
}

func (a *API) memberInvite(r *edge.Request, org id.ID, in invite) (edge.Response, error) {
	return edge.NoContent(), a.Organisations.Invite(r.Context(), r.Actor(), org, in.Login, in.Role)
}

func (a *API) memberUninvite(r *edge.Request, org id.ID) (edge.Response, error) {
	i, err := r.ID("invitation")
	if err == nil {
		err = a.Organisations.Withdraw(r.Context(), r.Actor(), org, i)
	}
	return edge.NoContent(), err
}

func (a *API) askedList(r *edge.Request) (edge.Response, error) {
	list, err := a.Organisations.Invitations(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) memberAnswer(r *edge.Request, at id.ID, in answered) (edge.Response, error) {
	return edge.NoContent(), a.Organisations.Answer(r.Context(), r.Actor(), at, in.Accept)
}

func (a *API) seatList(r *edge.Request) (edge.Response, error) {
	list, err := a.Accounts.Seats(r.Context(), r.Actor().Account)
	return answer(200, list, err)
}

func (a *API) memberLeave(r *edge.Request, at id.ID) (edge.Response, error) {
	return edge.NoContent(), a.Organisations.Leave(r.Context(), r.Actor(), at)
}
