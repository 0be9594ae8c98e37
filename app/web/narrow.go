package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/templates"
)

// longList is from how many bidders on a list is worth searching.
const longList = 10

// narrowed is one page of a long list of bidders that is worked through in a
// form: every button of the form saves the page first, so that nothing typed
// is lost on the way to the next. What is shown stands in the address.
type narrowed struct {
	At          string // the address, without what is asked for
	Query, Show string
	Shows       []templates.Option
	Page, Pages int
	Total       int  // on the whole list
	Found       int  // under what is asked for
	Write       bool // the form saves: its buttons are pressed; else they lead on
}

// askedFor reads what a page is narrowed to.
func askedFor(r *edge.Request, at string) narrowed {
	return narrowed{At: at, Query: strings.TrimSpace(r.Query("q")), Show: r.Query("show"), Page: int(number(r.Query("page")))}
}

// Long reports whether the list is worth searching.
func (n narrowed) Long() bool { return n.Total > longList }

// Active reports whether something is left out.
func (n narrowed) Active() bool { return n.Query != "" || n.Show != "" }

// Here is the address of what is shown; a form posts to it, so that its answer
// can lead on from there.
func (n narrowed) Here() string { return n.onto(n.At, n.Page) }

// Prev and Next are the pages beside this one, 0 at the ends.
func (n narrowed) Prev() int { return n.Page - 1 }

// Next is the page after this one, 0 at the end.
func (n narrowed) Next() int {
	if n.Page < n.Pages {
		return n.Page + 1
	}
	return 0
}

// Href is the address of another page.
func (n narrowed) Href(page int) string { return n.onto(n.At, page) }

// Submit is where a button posts that does something else with the page.
func (n narrowed) Submit(at string) string { return n.onto(at, n.Page) }

func (n narrowed) onto(at string, page int) string {
	q := url.Values{}
	for name, v := range map[string]string{"q": n.Query, "show": n.Show} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return at
	}
	return at + "?" + q.Encode()
}

// pressed is where a form leads to, by the button that was pressed in it: the
// filters as typed, all of the list, a group of it, another page, or here.
func (n narrowed) pressed(f *edge.Form) (to string, moving bool) {
	switch do := f.Get("go"); do {
	case "":
		return n.Here(), false
	case "find":
		return narrowed{At: n.At, Query: f.Get("q"), Show: f.Get("show")}.Here(), true
	case "all":
		return n.At, true
	default:
		if page := int(number(do)); page > 0 {
			return n.Href(page), true
		}
		return narrowed{At: n.At, Show: do}.Here(), true
	}
}

// group is one way to show a part of a list.
type group[T any] struct {
	Key, Label string
	Is         func(T) bool
}

// narrow leaves the page of a list that is asked for, and counts every group.
func narrow[T any](n *narrowed, list []T, size int, name func(T) string, groups []group[T]) []T {
	n.Total, n.Shows = len(list), []templates.Option{{Label: "全部 " + strconv.Itoa(len(list)) + " 家"}}
	kept := list
	for _, g := range groups {
		part := slices.DeleteFunc(slices.Clone(list), func(x T) bool { return !g.Is(x) })
		n.Shows = append(n.Shows, templates.Option{Value: g.Key, Label: g.Label + " " + strconv.Itoa(len(part)) + " 家"})
		if g.Key == n.Show {
			kept = part
		}
	}
	if want := strings.ToLower(n.Query); want != "" {
		kept = slices.DeleteFunc(slices.Clone(kept), func(x T) bool { return !strings.Contains(strings.ToLower(name(x)), want) })
	}
	n.Found = len(kept)
	kept, n.Page, n.Pages = cut(kept, n.Page, size)
	return kept
}

// cut is a page of a list that is held whole; a page that is not there is the
// nearest one. Pages are counted from 1.
func cut[T any](list []T, page, size int) (part []T, at, pages int) {
	pages = max(1, (len(list)+size-1)/size)
	at = min(max(1, page), pages)
	return list[min(len(list), (at-1)*size):min(len(list), at*size)], at, pages
}
