package web

import (
	"testing"
	"time"

	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func TestTenderPagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	no, budget, later := "GJ采〔2026〕0001号", 77*money.Wan, now.AddDate(0, 0, 21)
	x := tender.Tender{ID: "X", Number: &no, State: tender.Open, PublishedAt: &now, Demo: true, SourceURL: "https://example.org/", Marks: []string{"deadline"}, Reason: "x",
		Form:  tender.Form{Values: map[string]string{"title": "居家养老"}, Criteria: []tender.CriterionForm{{Name: "价格", Weight: "10", Kind: "price"}}},
		Facts: tender.Facts{Title: "居家养老", Method: "open", Scoring: tender.Comprehensive, Budget: &budget, Deadline: &later, Criteria: []tender.Criterion{{Name: "价格", Weight: 1000, Kind: "price"}}}}
	set := rules.At(now)
	events := []templates.Event{{At: now, What: "发布"}}
	files := []templates.File{{ID: "F", Name: "需求.pdf", Href: "/attachments/F", Size: 5}}
	check := func(name string, page templates.Framed) {
		t.Helper()
		templatetest.Check(t, name, page)
	}
	check("tender/list", &tenderListPage{Items: []tenderRow{{Tender: x, Href: "/x", Status: tenderStatus(x.State), Due: &templates.Deadline{At: later, Now: now}}}, Pager: templates.Pager{Total: 1}, May: true})
	check("tender/show", &tenderPage{T: x, Sealing: &tenderkey.Notice{Recipient: "age1", Posts: []string{"监督"}}, Status: tenderStatus(x.State), Facts: tenderFacts(x, set), Dates: tenderDates(x, set), Files: files, Documents: files, Events: events,
		Due: &templates.Deadline{At: later, Now: now}, Next: &templates.Action{Title: "x", Waiting: "y"},
		Links:   []templates.Task{{Title: "开标情况", Href: "/x"}},
		Reasons: []reasonForm{{"取消", "x", "/x", "取消", "danger"}}})
	check("tender/new", newTender("x"))
	check("tender/draft", &draftPage{T: x, Tasks: []templates.Task{{Title: "x", Href: "/x", State: "todo"}}, Left: 1, Next: &templates.Action{Title: "x", Waiting: "y"}, Events: events})
	check("tender/files", &filesPage{T: x, Files: files, May: true})
	check("tender/check", &checkPage{T: x, Groups: []answerGroup{{"x", answersOf(x, tender.PageScoring, true)}}, Gaps: []gap{{"x", "/x"}}, Files: files,
		Next: &templates.Action{Title: "x", Post: "/x", Label: "y", Confirm: "z"}, Return: "/x", Events: events})
	for _, page := range tender.Pages {
		p := &editTenderPage{T: x, Page: page, V: formValues(x), Rows: criterionRows(x.Form.Criteria), Sum: "10", Negative: []negativeRow{{"negative_1", "x", "no"}},
			Rule: editRules(set, "open"), Back: "/x"}
		check("tender/edit", p)
	}
}
