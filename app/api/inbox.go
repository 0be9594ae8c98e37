package api

import (
	"net/http"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/inbox"
)

func (a *API) inboxRoutes() []edge.Route {
	const tag = "消息"
	out := []edge.Route{
		get("/inbox", "account", a.inboxList, edge.Doc{Summary: "我的和本单位的消息，新的在前", Tag: tag, Query: inboxQuery{}, Out: inboxPage{}}),
		post("/inbox/read", "account", a.inboxReadAll, edge.Doc{Summary: "全部标为已读", Tag: tag, Status: 204}),
		post("/inbox/{id}/read", "account", act(a.Inbox.Read, plainly[inbox.Message]), edge.Doc{Summary: "标为已读", Tag: tag, Out: inbox.Message{}}),
	}
	for i := range out {
		out[i].Quiet = true
	}
	return out
}

type inboxQuery struct {
	Text   string `query:"q"`
	Unread bool   `query:"unread"`
	After  string `query:"after"`
}

type inboxPage struct {
	Items  []inbox.Message `json:"items"`
	Next   string          `json:"next,omitempty"`
	Total  int             `json:"total"`
	Unread int             `json:"unread" description:"全部未读，最多数到 99"`
}

func (a *API) inboxList(r *edge.Request) (edge.Response, error) {
	p, err := a.Inbox.List(r.Context(), r.Actor(), inbox.Filter{Text: r.Query("q"), Unread: r.Query("unread") == "true", After: id.ID(r.Query("after")), Limit: perPage})
	return answer(http.StatusOK, inboxPage{p.Items, string(p.Next), p.Total, p.Unread}, err)
}

func (a *API) inboxReadAll(r *edge.Request) (edge.Response, error) {
	if err := a.Inbox.ReadAll(r.Context(), r.Actor()); err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), nil
}
