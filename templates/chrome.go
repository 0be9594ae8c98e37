package templates

import (
	"time"

	"gongji/app/kernel/fault"
)

// CSRFField is the name of the hidden form field that carries Chrome.CSRF.
const CSRFField = "csrf"

// Chrome is what every page shows around its own content. A page struct
// embeds it; edge fills it through Frame just before rendering, except Title,
// Description, Breadcrumbs and Fault, which the handler may set.
type Chrome struct {
	Title       string
	Description string
	Path        string // of this request, without the query
	Actor       Actor
	Orgs        []OrgChoice // the organisations the person may act for
	Nav         []NavItem
	Breadcrumbs []Crumb
	Bell        bool // signed in: the way to the messages is shown
	Unread      int  // messages; 99 is "99 or more"
	CSRF        string
	Flash       []Flash
	Demo        *DemoBar // nil outside the demo
	Now         time.Time
	RequestID   string
	PublicURL   string       // without a trailing slash
	Fault       *fault.Fault // what was wrong with the form, if anything
}

// Frame lets any page pointer hand its Chrome to edge. It is not called
// Chrome because the embedded field of that name would hide it.
func (c *Chrome) Frame() *Chrome { return c }

// Framed is a page: a pointer to a struct that embeds Chrome.
type Framed interface{ Frame() *Chrome }

// Actor is who is signed in, in words for the page.
type Actor struct {
	Name     string
	OrgName  string // "" when the person acts for themselves
	RoleName string
	SignedIn bool
}

// OrgChoice is one entry of the organisation switcher.
type OrgChoice struct {
	ID       string
	Name     string
	RoleName string
	Current  bool
}

// NavItem is one entry of the main navigation. Count is shown beside it when
// above zero: what waits for this person there.
type NavItem struct {
	Label   string
	Href    string
	Icon    string
	Current bool
	Count   int
}

// Crumb is one step of the path to this page; the last has no Href.
type Crumb struct{ Label, Href string }

// Flash is a message carried over one redirect. Kind is "ok", "info", "warn"
// or "danger".
type Flash struct{ Kind, Text string }

// DemoBar is the banner that says this is a demonstration and moves its
// clock.
type DemoBar struct {
	Now  time.Time
	CSRF string
}
