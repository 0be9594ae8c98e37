package rules

import (
	"testing"

	"gongji/app/kernel/law"
)

// A number is certain only under an article whose text was read; whatever is
// not says 待核 wherever it is cited.
func TestOnlyArticlesThatWereReadAreCertain(t *testing.T) {
	hold := func(what, article, source string, certain bool) {
		t.Helper()
		if certain && !law.Read(article) {
			t.Errorf("%s is certain, but %s was not read", what, article)
		}
		if _, open := law.Split(source); open == certain {
			t.Errorf("%s is cited as %s", what, source)
		}
	}
	for _, r := range shipped() {
		hold(r.ID, r.Article, r.Source(), r.Certain)
	}
	for _, m := range Methods() {
		hold(m.ID, m.Article, m.Source(), m.Certain)
		for _, c := range append(m.Grounds, m.Ways...) {
			if c.Article != "" {
				hold(m.ID+" "+c.ID, c.Article, c.Source(), c.Certain)
			}
		}
	}
	old := Rule{ID: "x", Article: "财库〔2022〕19号", Certain: true} // frozen before the list was made
	if got := old.Source(); got != "财库〔2022〕19号，待核" {
		t.Errorf("a frozen rule is cited as %s", got)
	}
}
