package survey

import (
	"slices"
	"strings"

	"gongji/app/kernel/id"
)

// Filter narrows the respondents of a survey; zero fields do not.
type Filter struct {
	Text  string // in the name or the findings
	Kind  string
	After id.ID // keyset: who follows this respondent
	Limit int   // 0 means 20
}

// Page is one page of respondents, in the order they were entered.
type Page struct {
	Items []Respondent
	Total int   // that match
	Next  id.ID // "" on the last
}

// Page narrows and cuts the respondents; a survey holds no more than its most.
func (s Survey) Page(f Filter) Page {
	if f.Limit <= 0 {
		f.Limit = 20
	}
	f.Text = strings.TrimSpace(f.Text)
	list := slices.DeleteFunc(slices.Clone(s.Respondents), func(r Respondent) bool {
		return f.Kind != "" && r.Kind != f.Kind || f.Text != "" && !strings.Contains(r.Name, f.Text) && !strings.Contains(r.Findings, f.Text)
	})
	p := Page{Total: len(list), Items: []Respondent{}}
	for _, r := range list {
		if r.ID <= f.After {
			continue
		}
		if len(p.Items) == f.Limit {
			p.Next = p.Items[f.Limit-1].ID
			break
		}
		p.Items = append(p.Items, r)
	}
	return p
}
