package web

import (
	"testing"
	"time"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/reconciliation"
	"gongji/app/delivery/revision"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party/inbox"
	"gongji/app/party/notice"
	"gongji/app/party/standing"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func TestDeliveryPagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	fee := money.Fen(40_00)
	asked := engagement.Engagement{ID: "E", Kind: engagement.Contract}
	sums := []expense.LineSum{{Name: "人员经费", Budget: 100, Accepted: 20, Waiting: 5}}
	no, total, doc := "绩评〔2026〕0001号", int64(85_00), id.ID("D")
	tree, _ := performance.Template(performance.General)
	e := engagement.Engagement{ID: "E", Title: "居家养老", Amount: 5, Start: now, End: now, Demo: true, Evaluator: &doc, Reason: "x", ClosedAt: &now}
	figures := map[string]performance.LineForm{"3.1.1": {Got: "1", Of: "2", Reason: "x", Evidence: []string{"k"}}}
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
	desk := performance.Desk{Facts: map[performance.Source]performance.Fact{performance.Execution: {Known: true, Got: 1, Of: 2, Text: "x"}, performance.Satisfaction: {Known: true, Short: true}},
		Links: []performance.Link{{Key: "k", Label: "x"}}, Law: rules.At(now)}
	all := map[string]bool{}
	for _, d := range decisions {
		all[d] = true
	}
	filled := newScoreSheetPage(open, desk, sheet)
	filled.Fault = bad
	step := milestoneCard{Reach: plan.Reach{Milestone: plan.Milestone{Name: "结项", Due: now, Amount: 5}, Step: plan.Step{Seq: 1, Report: "x", Note: "y", AcceptedAt: &now}}, MayReport: true, MayJudge: true}
	checked := acceptance.Case{Of: e, Acceptance: acceptance.Acceptance{ID: "X", State: acceptance.Published, Result: acceptance.Redo, RedoOn: &now, PublishedAt: &now, Public: true, Report: "x", Reason: "x", Document: &doc, Number: &no, Code: "x",
		Lines: []acceptance.Line{{Name: "x", Unit: "x", Quantity: 2}, {Standard: "x"}}, Content: acceptance.Content{Redo: "x", Summary: "x",
			Members: []acceptance.Member{{Name: "x", Dissent: true}, {Words: "x"}}, Checks: []acceptance.Check{{Line: acceptance.Line{Unit: "x", Quantity: 2}}, {Met: true, Note: "x"}}}}}
	month := reconciliation.Case{Of: e, Month: reconciliation.Month{ID: "M", Month: now, ClosedAt: &now, Content: reconciliation.Content{Weeks: []reconciliation.Week{{Monday: now}, {Monday: now, Report: &doc}},
		Lines: []reconciliation.LineMonth{{Name: "x", Budget: 5}}}}}
	agreed := plan.Plan{State: plan.Agreed, Content: plan.Content{Communities: []string{"x"}, Lines: []plan.Line{{Name: "x", Amount: 5}}}}
	for name, page := range map[string]templates.Framed{
		"engagement/plan": &planPage{Engagement: e, Plan: agreed, Next: next, Facts: engagementFacts(e), Steps: []milestoneCard{step}, Outputs: []outputRow{{}}, People: 3,
			Evidence: []evidenceRow{{Evidence: plan.Evidence{ID: "V", Output: "x", People: 2, Place: "x", Note: "x", VoidWhy: "x", VoidAt: &now}, Photos: file, Papers: file}, {Evidence: plan.Evidence{ID: "W"}}},
			More:     "/x", Follows: true, MayAgree: true, MayDeliver: true, Choices: []templates.Option{{Value: "1", Label: "x"}}},
		"engagement/expenses": &expenseListPage{Engagement: e, Rows: []expenseReportRow{{Name: "x", Status: templates.Status{Label: "x"}}}, Lines: sums, Chart: budgetChart(sums), MaySpend: true, Week: "2026-06-01"},
		"engagement/expense": &expensePage{Engagement: e, Report: expense.Report{State: expense.Draft, Reason: "x"}, Name: "x", Rows: []expenseRow{{In: "rows.1.", No: 1, Files: file}, {In: "rows.2.", No: 2}},
			Checked: expense.Checked{Lines: sums, Problems: bad.Fields}, Note: "x", MaySpend: true},
		"engagement/expense_edit": &expensePage{Chrome: templates.Chrome{Fault: bad}, Engagement: e, Report: expense.Report{Reason: "x"}, Rows: []expenseRow{{In: "rows.1.", No: 1}, {In: "rows.2.", Blank: true}},
			Checked: expense.Checked{Lines: sums, Problems: bad.Fields}, Options: []templates.Option{{Value: "x", Label: "x"}}, Told: []string{"x"}, Bad: []string{"x"}},
		"engagement/claims": &claimPage{Engagement: asked, Cards: []claimCard{{Claim: claim.Claim{ID: "C", Note: "x", Reason: "x", PaidAt: &now, Capped: true}, Basis: "x", Status: templates.Status{Label: "x"}, Approve: "x", MayPay: true, Two: true}},
			MayAsk: true, ByCount: true, MayLimit: true},
		"engagement/acceptances":     &acceptanceListPage{Chrome: templates.Chrome{Fault: bad}, Engagement: e, Rows: []acceptanceRow{{Acceptance: checked.Acceptance, Name: "x", Status: templates.Status{Label: "x"}}}, MayAsk: true, Article: "x"},
		"engagement/acceptance":      &acceptancePage{Case: checked, Facts: engagementFacts(e), Due: &templates.Deadline{Label: "x", At: now, Now: now}, Next: next, Files: file, MayDecline: true, MayPublish: true, Masked: true, Reason: "x"},
		"engagement/acceptance_edit": &acceptanceFormPage{Case: checked, Members: []groupRow{{In: "members.1."}}, Checks: []checkRow{{Line: checked.Lines[0], In: "checks.1."}, {In: "checks.2."}}, Files: file, Article: "x"},
		"engagement/months":          &monthListPage{Engagement: e, Rows: []reconciledRow{{Month: month.Month, Status: templates.Status{Label: "x"}}}, Next: "2026年6月", MayStart: true, Chart: monthChart(month.Content.Lines, "x")},
		"engagement/month":           &monthPage{Case: month, Rows: []differenceRow{{Difference: reconciliation.Difference{Key: "x", Words: "x", At: &now}, May: true}, {}}, Next: next, Chart: monthChart(month.Content.Lines, "x"), MayBook: true, LedgerSum: &fee},
		"engagement/revisions":       &revisionListPage{Chrome: templates.Chrome{Fault: bad}, Engagement: asked, Rows: []revisionRow{{Status: templates.Status{Label: "x"}}}, MayPropose: true},
		"engagement/revision":        &revisionPage{Case: revision.Case{Of: e, Revision: revision.Revision{Settled: &fee, StatedAt: &now, DecidedAt: &now, Note: "x"}}, Facts: engagementFacts(e), Due: &templates.Deadline{Label: "x", At: now, Now: now}, MayState: true, MayDecide: true, Waiting: "x"},
		"inbox/notices":              &noticePage{Chrome: templates.Chrome{Fault: bad}, Settings: notice.Settings{Address: "a@example.cn"}, Rows: []noticeRow{{Choice: notice.Choice{Kind: inbox.Reminder}, Name: "x", Mine: true}, {Choice: notice.Choice{Kind: inbox.Money}, Name: "x"}}},
		"engagement/plan_edit": &planEditPage{Chrome: templates.Chrome{Fault: bad}, Engagement: e, Plan: plan.Plan{Reason: "x"}, Milestones: []planRow{{In: "milestones.1."}},
			Outputs: []planRow{{In: "outputs.1."}}, Lines: []planRow{{In: "lines.1."}}, Counted: []templates.Option{{Value: "x"}}, Terms: plan.Terms{UnitPrice: &fee}},
		"engagement/list":       &engagementListPage{Rows: []engagementRow{{e, "付款方", templates.Status{Label: "x"}}}, Pager: templates.Pager{Total: 1}},
		"engagement/show":       &engagementPage{Engagement: e, Facts: engagementFacts(e), Rooms: []templates.KV{{Label: "x", Href: "/x", Value: "x", Note: "x"}}, Next: next, Case: x, Grade: gradeStatus(x.Grade), Events: events},
		"performance/new":       &performanceNewPage{Chrome: templates.Chrome{Fault: bad}, Engagement: e, Tree: tree, Cautions: []string{"x"}, Rows: treeRows(tree.Indicators, 1)},
		"performance/trees":     &treeListPage{Own: []performance.Own{{Code: "C", Tree: tree}}, Shipped: performance.Templates(), Write: true},
		"performance/tree":      &treePage{Tree: tree, Code: "C", Rows: treeRows(tree.Indicators, 1), Versions: []performance.Own{{Version: 1}}, Cautions: []string{"x"}, Write: true},
		"performance/tree_edit": &treeEditPage{Chrome: templates.Chrome{Fault: bad}, Sum: "x", Lacks: "x", Rows: []treeEditRow{{At: "rows.0.", No: 1}}, Firsts: []templates.Option{{Value: "x"}}},
		"performance/show": &performancePage{Case: x, Show: true, May: all, Typed: map[string]string{}, Groups: lineGroups(x, true), Chart: pillarChart(x.Pillars), Next: next,
			Due: &templates.Deadline{At: now, Now: now}, Score: "1", Self: []performance.SelfPart{{Name: "x"}}, Lines: []templates.Option{{Value: "x"}},
			Against: []performance.Objection{{AnsweredAt: &now}}, Mends: []mendCard{{Mend: performance.Mend{AnsweredAt: &now, Reason: "x"}, Files: file, Late: true}, {}},
			Figures: figureRows(x, desk.Links, true), Files: file},
		"performance/self":  &selfPage{Case: open, Groups: formGroups(open, desk, "figures.", figures, true), Files: file, Score: "1", Parts: []performance.SelfPart{{Name: "x"}}, Levels: "x"},
		"performance/sheet": filled,
		"performance/check": &scoreCheckPage{Case: open, Groups: filled.Groups, Missing: bad.Fields, Answers: []templates.Answer{{Label: "x", Change: "/x"}}},
	} {
		t.Run(name, func(t *testing.T) { templatetest.Check(t, name, page) })
	}
}

var sampleRecord = organisationRecord{Sum: engagement.Sum{Count: 2, Amount: 5}, Rows: []engagementRow{{engagement.Engagement{ID: "E", Title: "居家养老"}, "承接方", templates.Status{Label: "x"}}},
	Entries: []evaluationEntry{{Entry: performance.Entry{ID: "P", Grade: performance.Good, Total: 85_00}, Answer: recordAnswer{Now: &standing.Answer{Version: 2, Text: "x"}, Earlier: []standing.Answer{{Text: "x"}}}}}, Grades: []gradeCount{{performance.Good, 1}}, Count: 1, Answer: true,
	Rating: &recognitionRow{Recognition: standing.Recognition{Kind: standing.Rating, Level: 4}, Until: "x"}, Ratings: []recognitionRow{{Until: "x"}}, Honours: []recognitionRow{{Until: "x"}},
	Listed: []standing.Listing{{OrgName: "x"}}, Listings: []listingEntry{{listingRow: listingRow{Until: "x"}}}, Next: "/x", First: "/y"}
