package web

import (
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/need"
	"gongji/app/delivery/survey"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/templates"
)

// voiceSummary is what residents think, in a few lines on the page of what they
// judge.
type voiceSummary struct {
	Show   bool
	Survey id.ID // "" while there is none that the viewer may see
	State  string
	Closed bool
	Figure survey.Figure
	Given  []survey.Assessment
	Links  []templates.Crumb
}

func (w *Web) voiceSummary(r *edge.Request, e engagement.Engagement) (voiceSummary, error) {
	var p voiceSummary
	v, err := w.Residents.Of(r.Context(), r.Actor(), e.ID)
	switch {
	case err == nil:
		p.Survey, p.State, p.Closed = v.ID, v.StateName(r.Now()), v.Closed(r.Now())
		if p.Figure, err = w.Residents.Satisfaction(r.Context(), e.ID); err != nil {
			return p, err
		}
	case !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Unauthenticated):
		return p, err
	}
	voices, err := w.Residents.Neighbours(r.Context(), e.ID)
	for _, v := range voices {
		if v.Given != nil {
			p.Given = append(p.Given, *v.Given)
		}
		if v.Organisation == r.Actor().Org && w.Residents.MayAssess(r.Context(), r.Actor(), e) {
			p.Links = append(p.Links, templates.Crumb{Label: "作出社区评价", Href: engagementHref(e.ID) + "/assessment"})
		}
	}
	if w.Engagements.Allowed(r.Actor(), e, "follow") {
		p.Links = append(p.Links, templates.Crumb{Label: "问卷和社区评价的办理", Href: engagementHref(e.ID) + "/survey"})
	}
	p.Show = p.Survey != "" || len(p.Given)+len(p.Links) > 0
	return p, err
}

// voiceCards is what waits for this person about residents' voices.
func (w *Web) voiceCards(r *edge.Request) ([]DeskCard, error) {
	list, err := w.Residents.ToAssess(r.Context(), r.Actor())
	var out []DeskCard
	if len(list) > 0 {
		out = append(out, DeskCard{Title: "待作出社区评价", Href: engagementHref(list[0].ID) + "/assessment", Icon: "message-star", Count: len(list), Text: list[0].Title})
	}
	if err != nil {
		return nil, err
	}
	if r.Actor().OrgKind == party.Community {
		waiting, err := w.Needs.Waiting(r.Context(), r.Actor())
		if err != nil {
			return nil, err
		}
		if waiting.Count > 0 {
			out = append(out, DeskCard{Title: "待审核的居民想法", Href: needHref(waiting.First), Icon: "message-check", Count: waiting.Count, Text: "看过才公开"})
		}
		proposals, err := w.Needs.Undecided(r.Context(), r.Actor())
		if err != nil {
			return nil, err
		}
		if proposals > 0 {
			out = append(out, DeskCard{Title: "待答复的居民提议", Href: "/needs/proposals?state=" + string(need.Waiting), Icon: "message-plus", Count: proposals, Text: "列为议题、并入或写明理由不采纳"})
		}
		out = append(out, DeskCard{Title: "本社区的议题", Href: "/needs?community=" + string(r.Actor().Org), Icon: "messages", Text: "列出议题、记录协商、关联采购"})
	}
	held, err := w.Residents.Waiting(r.Context(), r.Actor())
	if held.Count > 0 {
		out = append(out, DeskCard{Title: "待审核的居民留言", Href: surveyHref(held.First) + "/remarks", Icon: "message-check", Count: held.Count, Text: "看过才公开"})
	}
	return out, err
}
