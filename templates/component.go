package templates

import (
	"strconv"
	"time"

	"gongji/app/kernel/calendar"
)

// Tone is the colour a badge or box speaks in: "neutral", "info", "ok",
// "warn" or "danger". The words beside it always say the same.
type Tone string

// The tones.
const (
	Neutral Tone = "neutral"
	Info    Tone = "info"
	OK      Tone = "ok"
	Warn    Tone = "warn"
	Danger  Tone = "danger"
)

// Status is a state in words, with its tone; {{statusBadge .Status}}.
type Status struct {
	Label string
	Tone  Tone
}

// Option is one choice of a select, radio or checkbox group.
type Option struct{ Value, Label, Hint string }

// Task is one line of a task list. State is "done", "doing", "todo", "error"
// or "blocked" (cannot be started yet; Hint says why).
type Task struct{ Title, Hint, Href, State string }

// Answer is one row of "check your answers". Change is the address of the
// question; "" where it cannot be changed.
type Answer struct {
	Label   string
	Value   string
	Change  string
	Article string
	Mono    bool
}

// KV is one labelled fact. Mono sets codes in monospace; Href links the value.
type KV struct {
	Label, Value, Note, Article, Href string
	Mono                              bool
	Unverified                        bool // the article is still 待核
}

// Event is one line of a timeline: when, who, what, under which article.
type Event struct {
	At      time.Time
	Who     string
	What    string
	Note    string
	Article string
	Href    string
	Tone    Tone
}

// Deadline is a moment that binds, with the article that makes it so.
type Deadline struct {
	Label      string
	At         time.Time
	Now        time.Time
	Article    string
	Unverified bool // the rule is still 待核
	Ends       bool // At ends a period: 00:00 is said as 24:00 of the day before
	Owed       bool // somebody still has to act by then: past it is 逾期, not merely over
}

// Says is the moment in words.
func (d Deadline) Says() string {
	if d.Ends {
		return calendar.Until(d.At)
	}
	s, _ := datetime(d.At) // a time has no error
	return s
}

// Past reports whether the moment has come.
func (d Deadline) Past() bool { return !d.Now.Before(d.At) }

// Late says how late what is owed is, in whole days of 24 hours; "" while it
// is not.
func (d Deadline) Late() string {
	if !d.Owed || !d.Past() {
		return ""
	}
	if n := int(d.Now.Sub(d.At).Hours()) / 24; n > 0 {
		return "已逾期 " + strconv.Itoa(n) + " 天"
	}
	return "已逾期"
}

// Action is the one next thing to do. With Post set it is a confirm form
// that posts there (CSRF required, Confirm is asked first when set); with
// Href a link; with neither, Waiting says who must act or why nothing can be
// done.
type Action struct {
	Title   string
	Text    string
	Label   string
	Href    string
	Post    string
	Confirm string
	Fields  []Hidden
	CSRF    string
	Waiting string
	Tone    Tone
}

// Hidden is a hidden form field.
type Hidden struct{ Name, Value string }

// Pager links the pages of a keyset-paged list. Prev and Next are addresses,
// "" at the ends. Total is the count under the filters; AtLeast says that
// counting stopped there.
type Pager struct {
	Prev, Next string
	Total      int
	AtLeast    bool
	Unit       string // 条, 家, 笔…; "" means 条
	// Page of Pages, of a list that is held whole; 0 where pages are not counted.
	Page, Pages int
}

// Filter is the search bar above a list; everything in it lives in the URL.
type Filter struct {
	Action      string
	Query       string
	Placeholder string
	Selects     []FilterSelect
	Keep        []Hidden
	Export      string // address of the export, "" without one
	Active      bool   // some filter is set: show "清除"
}

// FilterSelect is one drop-down of a Filter. An Option with an empty Value
// means "all".
type FilterSelect struct {
	Name, Label, Value string
	Options            []Option
}

// File is an uploaded file, as lists and the upload widget show it.
type File struct {
	ID, Name, Href, SHA256 string
	Size                   int64 // bytes
}

// Verification is the card of the public verification page. State is
// "valid", "void", "superseded" or "unknown".
type Verification struct {
	State   string
	Title   string // 捐赠收据, 投标回执…
	Text    string
	Code    string
	SHA256  string
	Printed string // the content's SHA-256, at the foot of the paper
	Facts   []KV
}
