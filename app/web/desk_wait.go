package web

import (
	"context"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/intention"
)

// heap counts what of one kind waits in a bureau and names the purchase of the
// oldest.
type heap func(ctx context.Context, buyer id.ID) (int, id.ID, error)

// waitDesk is what waits around a purchase: an officer answers objections, an
// approver approves intentions, amendments and changes of contracts.
func (w *Web) waitDesk(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	switch {
	case who.Is(party.Bureau, party.Officer):
		return w.heaps(r, heapCard{w.Objections.Waiting, DeskCard{Title: "待答复的异议", Icon: "message-report"}, "#objections"})
	case who.Is(party.Bureau, party.Approver):
		drafts, err := w.Intentions.Mine(r.Context(), who, intention.Filter{State: intention.Draft, Limit: 1})
		if err != nil {
			return nil, err
		}
		out, err := w.heaps(r, heapCard{w.Amendments.Due, DeskCard{Title: "待审批的更正", Icon: "edit"}, "/amendments"},
			heapCard{w.Awards.ForfeitsDue, DeskCard{Title: "待审批的结果变更", Icon: "alert-triangle"}, "/award"},
			heapCard{w.Contracts.Due, DeskCard{Title: "待审批的合同变更", Icon: "file-text"}, "/contract"})
		if drafts.Total > 0 {
			out = append(out, DeskCard{Title: "待公开的采购意向", Href: "/bureau/intentions?state=draft", Icon: "calendar-event", Count: drafts.Total})
		}
		return out, err
	}
	return nil, nil
}

type heapCard struct {
	count heap
	card  DeskCard
	page  string // of the purchase
}

func (w *Web) heaps(r *edge.Request, list ...heapCard) ([]DeskCard, error) {
	var out []DeskCard
	for _, h := range list {
		n, first, err := h.count(r.Context(), r.Actor().Org)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			h.card.Count, h.card.Href = n, tenderPath(first)+h.page
			out = append(out, h.card)
		}
	}
	return out, nil
}

// deskNews is how many messages the desk shows.
const deskNews = 5

// news is what changed: the latest messages of this person's box.
func (w *Web) news(r *edge.Request) ([]inbox.Message, error) {
	found, err := w.Inbox.List(r.Context(), r.Actor(), inbox.Filter{Limit: deskNews})
	return found.Items, err
}
