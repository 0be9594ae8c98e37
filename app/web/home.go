package web

import (
	"slices"

	"gongji/app/edge"
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
	// What can be counted comes before the doors.
	slices.SortStableFunc(p.Cards, func(a, b DeskCard) int { return min(b.Count, 1) - min(a.Count, 1) })
	return edge.HTML(200, "home/desk", p), nil
}

func (w *Web) deskModules() []func(*edge.Request) ([]DeskCard, error) {
	return []func(*edge.Request) ([]DeskCard, error){
		w.officeCards,
		w.tenderDesk,
		w.keyDesk,
		w.questionDesk,
		w.bidDesk,
		w.challengeDesk,
		w.fundDesk,
		w.deliveryCards,
		w.giftCards,
		w.bankCards,
	}
}

// may reports whether the person may enter a gate, for showing a door.
func (w *Web) may(r *edge.Request, gate string) bool {
	return w.Policy.Any(r.Actor().Relations(), "route."+gate, "enter")
}
