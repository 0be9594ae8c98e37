package web

import (
	"slices"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// partiesForm is what a draft's method asks about its ground and suppliers.
type partiesForm struct {
	Method    rules.Method
	Grounds   []templates.Option
	Ways      []templates.Option
	Ask       []string // ways that ask for suppliers by code
	Explain   []string // ways that ask how they were found
	Limit     string   // how many suppliers, with the article
	Known     []string // the suppliers behind the codes typed
	Framework bool
}

// Naming are the ways that ask for codes, as data-show-when takes them.
func (p partiesForm) Naming() string { return strings.Join(p.Ask, "|") }

// Explaining are the ways that ask how the suppliers were found.
func (p partiesForm) Explaining() string { return strings.Join(p.Explain, "|") }

func (w *Web) partiesForm(r *edge.Request, t tender.Tender, set rules.Set) partiesForm {
	m, _ := rules.MethodByID(t.Method)
	p := partiesForm{Method: m, Framework: m.Parent}
	for _, g := range m.Grounds {
		p.Grounds = append(p.Grounds, templates.Option{Value: g.ID, Label: g.Text, Hint: g.Source()})
	}
	for _, x := range m.Ways {
		p.Ways = append(p.Ways, templates.Option{Value: x.ID, Label: x.Text, Hint: x.Source()})
		if x.Suppliers == rules.Invited || x.Suppliers == rules.Sole {
			p.Ask = append(p.Ask, x.ID)
			if least := set.Of(m.ID, x.Least); least.ID != "" {
				p.Limit = least.Name + least.Label()
			}
		}
		if x.Suppliers == rules.Invited || x.Reason {
			p.Explain = append(p.Explain, x.ID)
		}
	}
	p.Known, _ = w.Tenders.Recognised(r.Context(), r.Actor(), t) // a hint beside the field
	return p
}

// scoringOptions are the ways to compare offers that a method allows; before
// one is chosen, all.
func scoringOptions(method string) []templates.Option {
	m, ok := rules.MethodByID(method)
	var out []templates.Option
	for _, s := range []string{tender.Comprehensive, tender.LowestPrice} {
		if !ok || slices.Contains(m.Scoring, s) {
			out = append(out, templates.Option{Value: s, Label: tender.ScoringNames[s]})
		}
	}
	return out
}

func groundText(t tender.Tender) string {
	m, _ := rules.MethodByID(t.Method)
	if g, ok := m.Ground(t.Ground); ok {
		return g.Text + "（" + g.Source() + "）"
	}
	return ""
}

func wayText(t tender.Tender) string {
	if m, way := t.How(); len(m.Ways) > 0 && way.ID != "" {
		return way.Text + "（" + way.Source() + "）"
	}
	return ""
}

// methodFacts are what the notice says of a method that needs a reason: the
// case of the law, how its suppliers were found, and who they are where the
// law makes that public.
func methodFacts(t tender.Tender) []templates.KV {
	m, way := t.How()
	out := []templates.KV{{Label: "采购方式", Value: m.Name, Article: m.Article, Unverified: !m.Certain}}
	if g, ok := m.Ground(t.Ground); ok {
		out = append(out, templates.KV{Label: "采用的情形", Value: g.Text, Note: t.GroundReason, Article: g.Article, Unverified: !g.Certain})
	}
	if len(m.Ways) > 0 && way.ID != "" {
		out = append(out, templates.KV{Label: "供应商的确定", Value: way.Text, Note: t.WayReason, Article: way.Article, Unverified: !way.Certain})
	}
	var names []string
	for _, s := range t.Named() {
		names = append(names, s.Name)
	}
	if len(names) > 0 {
		out = append(out, templates.KV{Label: "拟定的供应商", Value: strings.Join(names, "、")})
	}
	if t.Framework != nil {
		out = append(out, templates.KV{Label: "框架协议", Value: "查看第一阶段", Href: tenderPath(*t.Framework) + "/framework"})
	}
	if len(out) == 1 {
		return nil
	}
	return out
}
