package app_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"gongji/app/apptest"
)

// alike is how many pages of one kind are opened: the rows of a list differ by
// their state, and with it what they link to.
const alike = 3

var (
	varying = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}|\?.*|\d+`)
	// botched is what a template writes when it was given the wrong thing.
	botched = regexp.MustCompile(`%!|<nil>|ZgotmplZ|0001-01-01|\bNaN\b|map\[`)
)

// Everybody of the demonstration opens what is offered to them, page after
// page: nothing leads to where they may not go or to where nothing is.
func TestNoLinkLeadsAstray(t *testing.T) {
	e := apptest.Demo(t)
	e.Settle()
	people := map[string]*apptest.Person{"visitor": e.Visitor()}
	for _, a := range e.Cast {
		if people[a.Login] == nil && !strings.HasPrefix(a.Login, "source") && (a.Role != "expert" || a.Login == "expert1") {
			people[a.Login] = e.Shown(a.Login)
		}
	}
	opened := 0
	for who, p := range people {
		opened += follow(t, who, p)
	}
	t.Logf("%d people opened %d pages", len(people), opened)
}

// follow opens pages from the home on and gives how many.
func follow(t *testing.T, who string, p *apptest.Person) (opened int) {
	type link struct{ to, from string }
	seen, kinds := map[string]bool{}, map[string]int{}
	for next := []link{{"/", ""}}; len(next) > 0; next = next[1:] {
		l := next[0]
		kind := varying.ReplaceAllString(l.to, "*")
		if seen[l.to] || kinds[kind] == alike || strings.Contains(l.to, "logout") {
			continue
		}
		seen[l.to], opened = true, opened+1
		kinds[kind]++
		page := p.Get(l.to)
		if page.Code >= 400 {
			t.Errorf("%s finds on %s a link to %s: %d", who, l.from, l.to, page.Code)
			continue
		}
		if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
			continue
		}
		if page.Path == "/account/login" && who != "visitor" {
			t.Errorf("%s has to sign in again for %s", who, l.to)
		}
		if x := botched.FindString(page.Text()); x != "" {
			t.Errorf("%s reads %q on %s", who, x, l.to)
		}
		page.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
			to, _, _ := strings.Cut(a.AttrOr("href", ""), "#")
			if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
				next = append(next, link{to, l.to})
			}
		})
	}
	if opened < 50 {
		t.Errorf("%s found only %d pages", who, opened)
	}
	return opened
}
