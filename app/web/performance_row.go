package web

import (
	"fmt"
	"strings"

	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// scoreGroup is one first-level indicator with its leaves.
type scoreGroup struct {
	Name   string
	Weight int64 // hundredths of a point
	Points string
	Rows   []scoreRow
}

// scoreRow is one leaf: as typed on a sheet or a self-report, or as it was
// scored.
type scoreRow struct {
	At                           string // prefix of its fields, "lines.3.1.1."
	Code, Second, Name, Standard string
	Kind                         performance.Kind
	Unit, Scale                  string // of an interval: what it counts, its steps in words
	Weight                       int64
	Form                         performance.LineForm
	Points                       string // computed; "" while it cannot be
	Level                        string // of a qualitative leaf
	Out                          bool   // does not count
	Fact                         performance.Fact
	Over, Under                  string // what the system computed, as a fraction of hundredths, for the script
	Steps                        string // "0:0 6000:5000", for the script
	Self                         *performance.LineForm
	By                           string
	Links                        []evidenceLink
	Offer                        []templates.Option // what may be named as evidence
}

type evidenceLink struct{ Label, Href string }

// evidenceHref is where the parties find what a link names; "" for nobody else.
func evidenceHref(key string, engagement id.ID, party bool) string {
	kind, rest, _ := strings.Cut(key, ":")
	switch {
	case !party:
		return ""
	case kind == "expense":
		return "/expenses/" + rest
	case kind == "file":
		return "/attachments/" + rest
	}
	return planHref(engagement)
}

// lineGroups are the lines as they were submitted.
func lineGroups(x performance.Case, party bool) []scoreGroup {
	var out []scoreGroup
	for _, p := range x.Pillars {
		g := scoreGroup{Name: p.Name, Weight: p.Weight, Points: performance.Points(p.Points)}
		for _, l := range x.Lines {
			if l.First != p.Name {
				continue
			}
			row := scoreRow{Code: l.Code, Second: l.Second, Name: l.Name, Standard: l.Standard, Weight: l.Weight, Kind: l.Kind, Out: l.Mark.Out,
				Form: performance.LineForm{Reason: l.Reason}, Points: performance.Points(l.Points), Level: l.Level.Name(), By: l.By,
				Fact: performance.Fact{Known: l.Fact != "", Text: l.Fact}}
			if l.At != nil && l.By != performance.System {
				row.By += "，" + l.At.In(clock.Beijing).Format("2006年1月2日 15:04")
			}
			for _, e := range l.Evidence {
				row.Links = append(row.Links, evidenceLink{e.Label, evidenceHref(e.Key, x.Engagement, party)})
			}
			g.Rows = append(g.Rows, row)
		}
		out = append(out, g)
	}
	return out
}

// formGroups are the leaves as they are being typed: of a sheet all of them, of
// a self-report those that the provider marks.
func formGroups(x performance.Case, d performance.Desk, prefix string, typed map[string]performance.LineForm, self bool) []scoreGroup {
	_, points, _ := performance.Sheet{Lines: typed}.Progress(x.Tree, d.Facts, d.Law)
	var out []scoreGroup
	for _, a := range x.Tree.Indicators {
		g := scoreGroup{Name: a.Name, Weight: a.Weight}
		for _, l := range x.Tree.Leaves() {
			if l.First != a.Name || self && !performance.SelfMarked(l) {
				continue
			}
			row := formRow(l, d, prefix, typed[l.Code])
			if n, ok := points[l.Code]; ok {
				row.Points = performance.Points(n)
				if l.Kind == performance.Qualitative {
					row.Level = performance.LevelOf(d.Law, n, l.Weight).Name()
				}
				if row.Fact.Known {
					row.Over, row.Under = l.Fraction(row.Fact)
				}
			}
			if f, ok := x.Self.Figures[l.Code]; ok && !self {
				row.Self = &f
			}
			g.Rows = append(g.Rows, row)
		}
		if len(g.Rows) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func formRow(l performance.Leaf, d performance.Desk, prefix string, f performance.LineForm) scoreRow {
	row := scoreRow{At: prefix + l.Code + ".", Code: l.Code, Second: l.Second, Name: l.Name, Standard: l.Standard, Kind: l.Kind, Unit: l.Unit,
		Scale: l.StepsText(), Weight: l.Weight, Form: f, Fact: d.Facts[l.Source]}
	row.Out = row.Fact.Short
	var steps []string
	for _, s := range l.Steps {
		steps = append(steps, fmt.Sprintf("%d:%d", s.From, s.Share))
	}
	row.Steps = strings.Join(steps, " ")
	for _, k := range d.Links {
		row.Offer = append(row.Offer, templates.Option{Value: k.Key, Label: k.Label})
	}
	return row
}

// readLines reads what was typed about every leaf.
func readLines(f *edge.Form, t performance.Tree, prefix string) map[string]performance.LineForm {
	out := map[string]performance.LineForm{}
	for _, l := range t.Leaves() {
		at := prefix + l.Code + "."
		out[l.Code] = performance.LineForm{Points: f.Get(at + "points"), Got: f.Get(at + "got"), Of: f.Get(at + "of"), Value: f.Get(at + "value"),
			Answer: f.Get(at + "answer"), Level: performance.Level(f.Get(at + "level")), Reason: f.Get(at + "reason"), Evidence: f.All(at + "evidence")}
	}
	return out
}

// figureRow is one leaf of the provider's report as it is read.
type figureRow struct {
	Name, Standard, Says string
	Note                 string
	Links                []evidenceLink
}

// figureRows lists what the provider said of each leaf.
func figureRows(x performance.Case, links []performance.Link, party bool) []figureRow {
	var out []figureRow
	for _, l := range x.Tree.Leaves() {
		f, ok := x.Self.Figures[l.Code]
		if !ok {
			continue
		}
		row := figureRow{Name: l.Name, Standard: l.Standard, Says: f.Says(l), Note: f.Reason}
		for _, k := range links {
			for _, e := range f.Evidence {
				if e == k.Key {
					row.Links = append(row.Links, evidenceLink{k.Label, evidenceHref(k.Key, x.Engagement, party)})
				}
			}
		}
		out = append(out, row)
	}
	return out
}
