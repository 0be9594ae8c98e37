package web

import (
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/tender"
	"gongji/templates"
	"gongji/templates/templatetest"
)

// TestChallengePagesFitTheirTemplates type-checks the pages of a 质疑.
func TestChallengePagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	base := purchasePage{Tender: tender.Tender{ID: "T"}, State: templates.Status{Label: "待答复", Tone: templates.Info}}
	base.Fault = &fault.Fault{Message: "有 1 处需要修改", Fields: []fault.Field{{Name: "points.1.matter", Message: "x"}}}
	due := &templates.Deadline{Label: "答复质疑", At: now, Now: now}
	x := challenge.Case{ID: "C", Kind: challenge.Challenge, Stage: challenge.Result, State: challenge.Open, Outcome: challenge.Upheld, Effect: challenge.Restart, Answer: "x", Grounds: "x", Reason: "x",
		Points: []challenge.Point{{Matter: "x", Request: "x", Facts: "x", Basis: "x"}}}
	may := map[string]bool{"answer": true, "approve": true, "withdraw": true, "mend": true, "review": true, "copy": true, "decide": true}
	files := []templates.File{{ID: "F", Name: "a.pdf", Href: "/f", Size: 3, SHA256: "ab"}}
	options := []templates.Option{{Value: "a", Label: "b"}}
	points := []letterPoint{{N: 1, Field: "points.1.", Froms: options}, {N: 2, Field: "points.2.", Matter: "x"}}
	for name, page := range map[string]templates.Framed{
		"challenge/tender": &challengesPage{purchasePage: base, Raise: true, Windows: []windowRow{{Window: challenge.Window{From: &now}, Due: due, Until: "x"}, {}},
			Contracts: true, Outcomes: []challenge.Public{{Outcome: challenge.Upheld, Effect: challenge.Restart, Letter: "x", DecidedAt: &now, Follows: "x"}, {}}, Mine: []challengeRow{{x, "", due}}},
		"challenge/list": &challengeListPage{Items: []challengeRow{{x, "x", due}, {x, "", nil}}, Filter: templates.Filter{Export: "/x"}, Pager: templates.Pager{Next: "/x"}},
		"challenge/show": &challengePage{purchasePage: base, Case: x, Facts: []templates.KV{{Label: "x"}}, Dues: []Due{{Deadline: due}}, Files: files, Paper: files,
			Events: []templates.Event{{At: now}}, May: may, Complain: true, Attach: "/x", Waiting: "x", Outcomes: options, Effects: options, Reviews: options,
			Stands: &contract.Standing{Begun: true}, Contracts: true, RevokedBy: "x"},
		"challenge/write": &letterPage{purchasePage: base, Kind: challenge.Complaint, Points: points, About: &x, Dues: []Due{{Deadline: due}}},
	} {
		templatetest.Check(t, name, page)
	}
	templatetest.Check(t, "challenge/list", &challengeListPage{Buyer: true})
	templatetest.Check(t, "challenge/write", &letterPage{purchasePage: base, Kind: challenge.Query, Stages: options, Points: points})
}
