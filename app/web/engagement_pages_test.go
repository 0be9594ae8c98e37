package web

import (
	"testing"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func TestDeliveryPagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	no, total, doc := "绩评〔2026〕0001号", int64(85_00), id.ID("D")
	tree, _ := performance.Template(performance.General)
	e := engagement.Engagement{ID: "E", Title: "居家养老", Amount: 5, Start: now, End: now, Demo: true, Evaluator: &doc, Reason: "x", ClosedAt: &now}
	figures := map[string]performance.Figure{"3.1.1": {Got: "1", Of: "2", Note: "x"}}
	x := performance.Case{Of: e, Evaluation: performance.Evaluation{ID: "P", Number: &no, State: performance.Published, Tree: tree, Total: &total,
		Grade: performance.Good, Document: &doc, PublishedAt: &now, SelfAt: &now, Self: performance.Self{Summary: "x", Problems: "y", Figures: figures},
		Lines: []performance.Line{{Code: "1.1.1", First: "决策", Points: 1}}, Pillars: []performance.Pillar{{Name: "决策", Weight: 20_00, Points: 1}},
		Problems: []performance.Problem{{Finding: "x", Due: now}}}}
	open := x
	open.State, open.Reason = performance.Scoring, "再核"
	sheet := performance.Sheet{Summary: "x", Problems: []performance.ProblemForm{{Finding: "x"}},
		Lines: map[string]performance.LineForm{"3.1.1": {Got: "1", Of: "2"}}}
	bad := &fault.Fault{Kind: fault.Invalid, Message: "x", Fields: []fault.Field{{Name: "lines.1.1.1.points", Message: "x"},
		{Name: "lines.1.1.1.reason", Message: "x"}, {Name: "indicators.1.weight", Message: "x"}, {Name: "indicators", Message: "x"}}}
	next := &templates.Action{Title: "x", Post: "/x", Label: "y"}
	file := []templates.File{{ID: "A", Name: "台账.xlsx", Href: "/attachments/A", Size: 10}}
	events := []templates.Event{{At: now, What: "登记履约"}}
	filled := newScoreSheetPage(open, sheet)
	filled.Fault = bad
	for name, page := range map[string]templates.Framed{
		"engagement/list": &engagementListPage{Rows: []engagementRow{{e, "付款方", templates.Status{Label: "x"}}}, Pager: templates.Pager{Total: 1}},
		"engagement/show": &engagementPage{Engagement: e, Facts: engagementFacts(e), Next: next, Case: x, Grade: gradeStatus(x.Grade), Events: events},
		"performance/new": &performanceNewPage{Chrome: templates.Chrome{Fault: bad}, Engagement: e, Tree: tree, Cautions: []string{"x"}, Own: "{}",
			Weights: weightRows(tree.Indicators, 1, func(string) (string, bool) { return "", false })},
		"performance/show": &performancePage{Case: x, Show: true, Decide: true, Groups: lineGroups(x), Chart: pillarChart(x.Pillars), Next: next,
			Figures: figureRows(x, false), Files: file},
		"performance/self":  &selfPage{Case: open, Figures: figureRows(open, true), Files: file},
		"performance/sheet": filled,
		"performance/check": &scoreCheckPage{Case: open, Groups: filled.Groups, Missing: bad.Fields, Answers: []templates.Answer{{Label: "x", Change: "/x"}}},
	} {
		t.Run(name, func(t *testing.T) { templatetest.Check(t, name, page) })
	}
}

var sampleRecord = organisationRecord{Sum: engagement.Sum{Count: 2, Amount: 5}, Rows: []engagementRow{{engagement.Engagement{ID: "E", Title: "居家养老"}, "承接方", templates.Status{Label: "x"}}},
	Entries: []performance.Entry{{ID: "P", Grade: performance.Good, Total: 85_00}}, Grades: []gradeCount{{performance.Good, 1}}, Count: 1, Next: "/x", First: "/y"}
