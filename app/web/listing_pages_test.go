package web

import (
	"testing"
	"time"

	"gongji/app/delivery/record"
	"gongji/app/kernel/fault"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/templates"
	"gongji/templates/templatetest"
)

// TestListingPagesFitTheirTemplates type-checks the pages of credit listings.
func TestListingPagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	l := standing.Listing{ID: "L", Kind: "ban", OrgName: "x", Number: "x", Answer: "x", EndedWhy: "x", StatementAt: &now, Demo: true}
	p := standing.Plea{ID: "P", Kind: standing.Objection, Answer: "x"}
	status := templates.Status{Label: "在列", Tone: templates.Danger}
	show := &listingPage{Case: standing.Case{Listing: l, Statement: "x", Pleas: []standing.Plea{p}}, Status: status, Facts: []templates.KV{{Label: "x"}}, Heard: true, Waiting: "x", Open: &p,
		Due: &templates.Deadline{At: now, Now: now}, Early: "x", EarlyRule: "x", Events: []templates.Event{{At: now}},
		May: map[string]bool{"state": true, "decide": true, "answer": true, "objection": true, "removal": true}}
	show.Fault = &fault.Fault{Message: "x", Fields: []fault.Field{{Name: "answer", Message: "x"}}}
	for name, page := range map[string]templates.Framed{
		"listing/show": show,
		"listing/new":  &listingNewPage{Kinds: listingKinds(false), Org: &organisation.Organisation{Name: "x"}},
		"listing/list": &listingListPage{Items: []listingRow{{l, status, "x"}}, Pager: templates.Pager{Next: "/x"}},
	} {
		templatetest.Check(t, name, page)
	}
	row := recognitionRow{Recognition: standing.Recognition{ID: "R", Kind: standing.Rating, Level: 4, Reason: "x"}, Status: status, Until: "x"}
	templatetest.Check(t, "organisation/recognitions", &recognitionPage{Items: []recognitionItem{{row, nil, true, true, true}}, MayAdd: true, At: "R"})
	templatetest.Check(t, "organisation/recognitions", &recognitionPage{Office: true})
	templatetest.Check(t, "organisation/milestones", &milestonesPage{Items: []record.Milestone{{Outcome: record.Late}}})
	templatetest.Check(t, "organisation/milestones", &milestonesPage{})
	templatetest.Check(t, "organisation/answer", &replyPage{Publish: true, Thread: standing.Thread{Draft: &standing.Answer{Text: "x"}, Versions: []standing.Answer{{Text: "x", PublishedAt: &now}}}})
	templatetest.Check(t, "listing/list", &listingListPage{Office: true, MayNew: true})
}
