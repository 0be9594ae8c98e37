package web

import (
	"slices"

	"gongji/app/edge"
	"gongji/app/party/inbox"
	"gongji/templates"
)

func (w *Web) homeRoutes() []edge.Route {
	return []edge.Route{
		get("/", "public", w.home),
		get("/desk", "account", w.desk),
	}
}

// DeskCard is one heap of work on somebody's desk: what waits for them, or a
// door to what they may do.
type DeskCard struct {
	Title string
	Href  string
	Icon  string
	Count int // how many wait; 0 shows Text instead
	Text  string
	Due   *templates.Deadline // the nearest deadline in the heap
}

// deskPage is home/desk.html.
type deskPage struct {
	templates.Chrome
	Cards []DeskCard
	News  []inbox.Message // what changed
}

// desk asks every module what waits for this person. A module adds its own
// function to deskModules.
func (w *Web) desk(r *edge.Request) (edge.Response, error) {
	p := &deskPage{}
	p.Title = "工作台"
	for _, cards := range w.deskModules() {
		c, err := cards(r)
		if err != nil {
			return edge.Response{}, err
		}
		p.Cards = append(p.Cards, c...)
	}
	slices.SortStableFunc(p.Cards, urgent)
	var err error
	if p.News, err = w.news(r); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "home/desk", p), nil
}

// urgent puts what can be counted before the doors, and of that what is due
// first before the rest.
func urgent(a, b DeskCard) int {
	if n := min(b.Count, 1) - min(a.Count, 1); n != 0 {
		return n
	}
	switch {
	case a.Due != nil && b.Due != nil:
		return a.Due.At.Compare(b.Due.At)
	case a.Due != nil:
		return -1
	case b.Due != nil:
		return 1
	}
	return 0
}

func (w *Web) deskModules() []func(*edge.Request) ([]DeskCard, error) {
	return []func(*edge.Request) ([]DeskCard, error){
		w.officeCards,
		w.listingDesk,
		w.tenderDesk,
		w.keyDesk,
		w.questionDesk,
		w.waitDesk,
		w.bidDesk,
		w.challengeDesk,
		w.fundDesk,
		w.disclosureCards,
		w.handoutCards,
		w.callCards,
		w.deliveryCards,
		w.underway,
		w.voiceCards,
		w.giftCards,
		w.bankCards,
	}
}

// may reports whether the person may enter a gate, for showing a door.
func (w *Web) may(r *edge.Request, gate string) bool {
	return w.Policy.Any(r.Actor().Relations(), "route."+gate, "enter")
}
