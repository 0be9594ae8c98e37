package web

import (
	"testing"
	"time"

	"gongji/app/archive"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/credential"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func TestCallPagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	no, total := "公益创投〔2026〕001号", review.Score(8650)
	c := call.Call{ID: "C", Number: &no, Stored: call.Published, FoundationName: "横沥社区发展基金会", Demo: true, Reason: "x", Form: calltest.Form("F", now),
		Facts: call.Facts{Kind: call.Incubation, Title: "社区助老公益创投", Deadline: &now}}
	amount := c.Total
	a := application.Application{ID: "A", OrgName: "晨光", Number: &no, Title: "暖邻行动", Asked: amount, Sent: 1, Form: calltest.Answers("暖邻行动"), Versions: map[string]int64{}}
	content := application.Content{Sections: []application.Section{{Title: "团队", Answers: []application.Answer{{Label: "成员", Columns: []string{"姓名"}, Rows: [][]string{{"王芳"}}}, {Label: "概要", Value: "x", From: "登记资料"}}}},
		Budget: []application.Cost{{Line: "人员", Item: "x", Amount: 5}}, Papers: []application.Paper{{Label: "证书", Name: "a.pdf", Attachment: "X", From: "证书库"}}}
	copies := []application.Copy{{Seq: 1, SHA256: "abc", SentAt: now, Content: content}}
	g := grant.Grant{ID: "G", Kind: call.Incubation, Title: "暖邻行动", OrgName: "晨光", Number: no, State: grant.Signed, GraduatedAt: &now, Demo: true}
	verdicts := []review.Verdict{{Round: "书面评审", Passed: true, Comments: []string{"好"}, Reason: "x"}}
	upheld := true
	decisions := []grant.Decision{{Funded: true, Reason: "x", DecidedAt: now, AppealUntil: now, OverturnedAt: &now, Appeal: &grant.Appeal{Grounds: "x", AnsweredAt: &now, Upheld: &upheld}}}
	next, events := templates.Action{Title: "x", Post: "/x", Label: "y"}, []templates.Event{{At: now, What: "发布"}}
	files := []templates.File{{ID: "A", Name: "x.pdf", Href: "/attachments/A", Size: 10}}
	tests := []application.Test{{Condition: "3A", Met: true}, {Condition: "x", Mend: "y"}}
	deadline := templates.Deadline{Label: "截止", At: now, Now: now}
	board := review.Board{Round: 1, Rounds: 1, Name: "书面评审", Open: true, Over: true, Reviewers: []review.Reviewer{{ID: "R", Name: "林", DeclaredAt: &now, Conflicts: []review.Conflict{{Why: "工作单位"}}}, {ID: "S"}},
		Standings: []review.Standing{{Application: a, Sheets: []review.Sheet{{}}, Waiting: []string{"甲", "乙"}, Tied: []string{"丙"}, Outcome: &review.Outcome{Reason: "x"}}, {Application: a}}}
	desk := review.Desk{Call: c, Round: 1, Name: "书面评审", Open: true, Left: 2, Items: []review.Item{{Application: "A", Org: "晨光", Tied: "工作单位"}, {Application: "B", Org: "暖邻", Sheet: &review.Sheet{HandedAt: &now, Total: &total}}}}
	declared := desk
	declared.Declared = true
	part := func(p application.Part, c call.Call) *applicationPartPage {
		x := &applicationPartPage{App: a, Call: c, Part: p, Form: a.Form, MayEdit: true, Deadline: deadline, Facts: []application.Fact{{Label: "x", Value: "y", From: "登记资料", Href: "/x"}}, Tests: tests,
			Budget: []budgetRow{{No: 1}}, Lines: options("a"), Slots: []paperSlot{{application.Slot{Key: "d1", Label: "证书"}, files}}}
		for i, q := range append(c.Form.Questions, call.Question{Title: "日期", Type: call.Date}, call.Question{Title: "文件", Type: call.File}) {
			x.Asked = append(x.Asked, askedOf(application.Asked{No: i + 1, Question: q}, a.Form, nil))
		}
		return x
	}
	edit := &callEditPage{Call: c, Form: c.Form, Kinds: options("a"), Types: options("a"), Credentials: options("a"), Funds: options("a"), Ratings: options("3A"), Held: []string{"tax"}}
	edit.rows()
	step := milestoneRow{Milestone: grant.Milestone{Seq: 1, Name: "启动", Amount: 5, Report: "x", Note: "y", PaidAt: &now, Payment: new(id.ID)}, MayReport: true, MayJudge: true, MayDraw: true}
	for name, pages := range map[string][]templates.Framed{
		"call/list":         {&callListPage{Rows: []callRow{{c, "/x", callStatus(c, now)}}, Own: true, MayAdd: true}, &callListPage{}},
		"call/show":         {&callShowPage{Call: c, Deadline: &deadline, Next: next, Facts: callFacts(c), Tests: tests, Asks: []string{"x"}, Parts: application.Parts(c), Events: events, Grants: []grant.Grant{g}, Manage: "/x"}},
		"call/applications": {&callApplicationsPage{Call: c, Rows: []receivedRow{{Application: a, Status: applicationStatus(a), Rank: 1, Mean: 8000, Passed: "通过"}, {Application: a, Passed: "未通过"}}}, &callApplicationsPage{}},
		"call/cohort":       {&cohortPage{Call: c, Members: []cohortMember{{Grant: g, Reached: 1, Steps: 2, Due: &now, Late: true}}}},
		"call/edit":         {edit},
		"call/manage":       {&callManagePage{Call: c, Deadline: &deadline, Facts: callFacts(c), Missing: []fault.Field{{Name: "x", Message: "y"}}, Next: next, Board: board, Shown: true, Apps: []application.Application{a}, Events: events, MayEdit: true, MayReturn: true, MayExtend: true, MayName: true, MaySettle: true, MayDecide: true}, &callManagePage{Call: c}},
		"application/list":  {&applicationListPage{Rows: []applicationRow{{a, "/x", "y", applicationStatus(a)}}}},
		"application/show":  {&applicationShowPage{App: a, Call: c, Deadline: deadline, Next: next, Tasks: []templates.Task{{Title: "x", Href: "/x", State: "done"}}, Copies: copies, Verdicts: verdicts, Decisions: decisions, Grant: &g, Events: events, MayAppeal: true, MayResume: true, MayLeave: true}},
		"application/part":  {part(application.Part{Key: "q1", Title: "需求"}, c), part(application.Part{Key: application.Profile}, c), part(application.Part{Key: application.Project}, c), part(application.Part{Key: application.Budget}, c), part(application.Part{Key: application.Papers}, c)},
		"application/check": {&applicationCheckPage{App: a, Call: c, Content: content, Missing: []missingAt{{"/x", "y"}}, Parts: application.Parts(c), Deadline: deadline, Submit: next},
			&applicationCheckPage{App: a, Call: c, Content: content, Deadline: deadline, Submit: next}},
		"grant/decide":    {&decisionPage{App: a, Call: c, Copies: copies, Verdicts: verdicts, Found: []application.Found{{Title: "x", Same: true, Href: "/x"}, {}}, Decisions: decisions, Grant: &g, Events: events, Steps: []stepRow{{No: 1}}, MayDecide: true, MayAnswer: true, AnswerBy: &deadline}},
		"grant/show":      {&grantPage{Grant: g, Facts: callFacts(c), Steps: []milestoneRow{step}, Follows: true, Document: &archive.Document{State: archive.Ready}, Files: files, Events: events, Next: next, MayAccept: true, MayGraduate: true, MayAttach: true}},
		"review/list":     {&reviewListPage{Desks: []review.Desk{desk, declared}}, &reviewListPage{}},
		"review/desk":     {&reviewDeskPage{Desk: desk, Asked: desk.Items, Found: []review.Item{{Org: "x", Tied: "y"}}}, &reviewDeskPage{Desk: declared}},
		"review/sheet":    {&reviewSheetPage{Scoring: review.Scoring{Application: a, Call: c, Copy: copies[0], Rubric: c.Form.Rounds[0], Open: true}, Rows: []markRow{{No: 1, Name: "x", Weight: "40"}}}, &reviewSheetPage{Scoring: review.Scoring{Sheet: &review.Sheet{Total: &total}}, Handed: true, Rows: []markRow{{No: 1}}}},
		"credential/list": {&credentialPage{Rows: []credentialRow{{credential.Credential{ID: "X", Kind: credential.Tax, ValidUntil: &now}, files, true, "x"}}, Kinds: options("a")}, &credentialPage{}},
	} {
		for _, page := range pages {
			t.Run(name, func(t *testing.T) { templatetest.Check(t, name, page) })
		}
	}
}

func options(values ...string) []templates.Option {
	var out []templates.Option
	for _, v := range values {
		out = append(out, templates.Option{Value: v, Label: v})
	}
	return out
}
