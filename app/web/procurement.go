package web

import (
	"slices"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// purchaseRoutes are the pages of a purchase from the first bid to the contract.
func (w *Web) purchaseRoutes() []edge.Route {
	return slices.Concat(w.bidRoutes(), w.openingRoutes(), w.offerRoutes(), w.panelRoutes(), w.sheetRoutes(), w.awardRoutes(), w.contractRoutes(), w.challengeRoutes(),
		w.meetingRoutes(), w.objectionRoutes(), w.frameworkRoutes())
}

func stateTone(s tender.State) templates.Tone {
	switch s {
	case tender.Open, tender.Awarded, tender.Contracted, tender.Completed:
		return templates.OK
	case tender.Failed, tender.Cancelled:
		return templates.Danger
	case tender.Draft, tender.Review:
		return templates.Neutral
	case tender.Closed, tender.Opened, tender.Evaluating, tender.Evaluated, tender.Decided:
	}
	return templates.Info
}

// purchasePage is what every page about a tender after its notice carries.
type purchasePage struct {
	templates.Chrome
	Tender tender.Tender
	State  templates.Status
	Unit   string // 元, or 元/人次
	Bids   bool   // are taken now
}

func (w *Web) purchase(r *edge.Request, t tender.Tender, title string) purchasePage {
	s := t.StateAt(r.Now())
	p := purchasePage{Tender: t, State: templates.Status{Label: s.Name(), Tone: stateTone(s)}, Unit: unitOf(t), Bids: s == tender.Open}
	p.Title = title
	p.Breadcrumbs = []templates.Crumb{{Label: "采购公告", Href: "/tenders"}, {Label: t.Title, Href: tenderPath(t.ID)}, {Label: title}}
	return p
}

func unitOf(t tender.Tender) string {
	if t.Ceiling.Kind == tender.UnitPrice && t.Ceiling.Unit != "" {
		return "元/" + t.Ceiling.Unit
	}
	return "元"
}

func tenderPath(t id.ID) string { return "/tenders/" + string(t) }

// tenderOf reads the tender that the address names, as the actor may view it.
func (w *Web) tenderOf(r *edge.Request) (tender.Tender, error) {
	x, err := r.ID("id")
	if err != nil {
		return tender.Tender{}, err
	}
	return w.Tenders.Get(r.Context(), r.Actor(), x)
}

// Due is a date that a rule makes. Where the year's table of working days is
// not loaded the day is not guessed: Missing says so.
type Due struct {
	Deadline *templates.Deadline
	Label    string
	Until    string // the end in words; "24:00" of the last day
	Missing  string
	Article  string
}

// owed marks dates by which somebody still has to act.
func owed(dues []Due) []Due {
	for _, d := range dues {
		if d.Deadline != nil {
			d.Deadline.Owed = true
		}
	}
	return dues
}

// due is the clock of one rule, started at from. A rule that the tender's
// method does not have gives nothing.
func (w *Web) due(r *edge.Request, t tender.Tender, label, rule string, from *time.Time) []Due {
	if from == nil {
		return nil
	}
	set, err := t.RuleSet(r.Now())
	if err != nil {
		return nil
	}
	m, err := set.Clock(rule, *from, w.Calendar)
	if err != nil {
		return nil
	}
	d := Due{Label: label, Article: m.Rule.Article, Missing: m.Missing}
	if m.At != nil {
		d.Until = calendar.Until(*m.At)
		d.Deadline = &templates.Deadline{Label: label, At: *m.At, Now: r.Now(), Article: m.Rule.Article, Unverified: !m.Rule.Certain}
	}
	return []Due{d}
}

// rule is one rule of the law a tender runs under.
func (w *Web) rule(r *edge.Request, t tender.Tender, id string) rules.Rule {
	set, err := t.RuleSet(r.Now())
	if err != nil {
		return rules.Rule{}
	}
	return set.Must(id)
}

// paper is an issued document as a page lists it, for whoever may have it;
// empty for others and where there is none.
func (w *Web) paper(r *edge.Request, doc *id.ID) ([]templates.File, error) {
	if doc == nil {
		return nil, nil
	}
	d, err := w.Archive.Get(r.Context(), r.Actor(), *doc)
	switch {
	case missing(err), fault.Is(err, fault.Forbidden):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []templates.File{{ID: string(d.ID), Name: d.FileName(), Href: "/documents/" + string(d.ID), Size: d.Size, SHA256: d.SHA256}}, nil
}

// missing reports whether there is nothing there (yet), which a page can say
// in its own words.
func missing(err error) bool { return fault.Is(err, fault.NotFound) }
