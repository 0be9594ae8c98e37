package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/grant"
	"gongji/app/party"
)

// callCards are what waits in calls: to write, to publish, to review, to
// decide, to accept.
func (w *Web) callCards(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	out, err := w.reviewCards(r)
	if err != nil {
		return nil, err
	}
	count := func(title, href, icon string, n int, err error) error {
		if err == nil && n > 0 {
			out = append(out, DeskCard{Title: title, Href: href, Icon: icon, Count: n})
		}
		return err
	}
	switch who.OrgKind {
	case party.Social:
		n, err := w.Applications.Count(r.Context(), who, application.Filter{State: application.Draft})
		if err := count("填写中的申请", "/applications?state=draft", "forms", n, err); err != nil {
			return nil, err
		}
		list, err := w.Grants.List(r.Context(), who, grant.Filter{Organisation: who.Org, State: grant.Offered})
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			out = append(out, DeskCard{Title: "待接受的协议：" + short(g.Title, 16), Href: "/grants/" + string(g.ID), Icon: "file-text", Count: 1})
		}
		return append(out, DeskCard{Title: "公益创投申请", Href: "/applications", Icon: "sparkles", Text: "申请、结果和协议"},
			DeskCard{Title: "证书库", Href: "/credentials", Icon: "certificate", Text: "登记一次，申请时自动带出"}), nil
	case party.Foundation, party.Bureau:
		if !w.may(r, "funder") {
			return out, nil
		}
		for _, x := range []struct {
			role  party.Role
			state call.State
			title string
		}{{party.Officer, call.Draft, "待完成的征集"}, {party.Approver, call.Review, "待审批的征集"}, {party.Officer, call.Closed, "评审中的征集"}, {party.Approver, call.Closed, "待决定的征集"}} {
			if who.Role != x.role {
				continue
			}
			n, err := w.Calls.Count(r.Context(), who, call.Filter{Foundation: who.Org, State: x.state})
			if err := count(x.title, "/funder/calls?state="+string(x.state), "sparkles", n, err); err != nil {
				return nil, err
			}
		}
		return append(out, DeskCard{Title: "公益创投与孵化", Href: "/funder/calls", Icon: "sparkles", Text: "征集、评审和资助"}), nil
	case party.Evaluator, party.Community, party.Enterprise, party.Platform: // nothing of their own waits in calls
	}
	return out, nil
}

// reviewCards are the calls whose applications the person still has to score.
func (w *Web) reviewCards(r *edge.Request) ([]DeskCard, error) {
	desks, err := w.Reviews.Mine(r.Context(), r.Actor())
	var out []DeskCard
	for _, d := range desks {
		if d.Open && (!d.Declared || d.Left > 0) {
			out = append(out, DeskCard{Title: "待评审：" + short(d.Call.Title, 16), Href: "/reviews/" + string(d.Call.ID), Icon: "clipboard-check", Count: max(d.Left, 1)})
		}
	}
	return out, err
}
