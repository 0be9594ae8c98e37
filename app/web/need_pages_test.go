package web

import (
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
	"gongji/app/party/inbox"
	"gongji/app/procurement/amendment"
	"gongji/app/procurement/documents"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/question"
	"gongji/app/procurement/survey"
	"gongji/app/procurement/tender"
	"gongji/templates"
	"gongji/templates/templatetest"
)

// TestNeedPagesFitTheirTemplates type-checks the pages from a need to the
// documents, full, empty and narrowed to nothing.
func TestNeedPagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	later, no := now.AddDate(0, 0, 21), "GJ意〔2026〕0001号"
	x := tender.Tender{ID: "T", State: tender.Open, Facts: tender.Facts{Title: "居家养老", Deadline: &later}}
	rule := rules.At(now).Must(rules.IntentionBeforePurchase)
	pager := templates.Pager{Total: 3, Prev: "/a", Next: "/b"}
	filter := templates.Filter{Action: "/x", Active: true, Export: "/x.csv", Selects: []templates.FilterSelect{{Name: "kind", Options: []templates.Option{{Label: "全部"}}}}}
	files := []templates.File{{ID: "F", Name: "a.pdf", Href: "/f", Size: 3}}
	due := &templates.Deadline{Label: "提问截止", At: later, Now: now, Ends: true}
	a := amendment.Amendment{ID: "A", Number: 1, Version: 2, Reason: "x", PublishedAt: &now, OldDeadline: &now, NewDeadline: &later, Article: "条例31",
		Changes: []amendment.Change{{Field: "what", Label: "采购需求", Old: "旧", New: "新"}, {Field: "contact", Label: "联系方式", New: "新"}}}
	i := intention.Intention{ID: "I", Number: &no, State: intention.Draft, Reason: "x", PublishedAt: &now, Facts: intention.Facts{Title: "x", Expected: "2026-07"}}
	refused := templates.Chrome{Fault: &fault.Fault{Message: "有 1 处需要修改", Fields: []fault.Field{{Name: "answer", Message: "x"}, {Name: "reason", Message: "x"}, {Name: "name", Message: "x"}, {Name: "text", Message: "x"}}}}
	respondent := survey.Respondent{ID: "R", Name: "某中心", Kind: survey.Market, AskedOn: now, Findings: "x"}
	for _, c := range []struct {
		name string
		page templates.Framed
	}{
		{"tender/survey", &surveyPage{Chrome: refused, T: x, S: survey.Survey{Conclusion: "x", Few: "x", Respondents: []survey.Respondent{respondent}}, Filter: filter, Pager: pager, Rule: rule, May: true, Back: "/b",
			Kinds: []templates.Option{{Value: "market", Label: "市场主体"}}, Rows: []surveyRow{{respondent, "市场主体", files}}}},
		{"tender/survey", &surveyPage{T: x, S: survey.Survey{Respondents: []survey.Respondent{respondent}}, Filter: filter, Rule: rule}},
		{"tender/survey", &surveyPage{T: x, Rule: rule}},
		{"tender/takes", &takesPage{T: x, Filter: filter, Pager: pager, Log: documents.Page{All: 2, Suppliers: 1, Items: []documents.Take{{Name: "x", Version: 1, Supplier: true, At: now}, {Name: "访客", At: now}}}}},
		{"tender/takes", &takesPage{T: x, Filter: filter, Log: documents.Page{All: 2}}}, {"tender/takes", &takesPage{T: x}},
		{"tender/questions", &questionsPage{Chrome: refused, T: x, Filter: filter, Pager: pager, Waiting: 1, Due: due, MayAnswer: true, Answering: "Q", Answer: "typed",
			Questions: []question.Question{{ID: "Q", Text: "x", AskedAt: now}, {ID: "P", Text: "x", AskedAt: now, Mine: true, Answer: "y", AnsweredAt: &now}}}},
		{"tender/questions", &questionsPage{T: x, MayAsk: true, Text: "typed"}}, {"tender/questions", &questionsPage{T: x, Filter: filter, Login: "/l"}},
		{"tender/amendments", &amendmentsPage{Chrome: refused, T: x, Filter: filter, Pager: pager, List: []amendment.Amendment{a}, Waiting: &a, Approve: "/a", Return: "/r"}},
		{"tender/amendments", &amendmentsPage{T: x, Propose: "/p"}}, {"tender/amendments", &amendmentsPage{T: x, Filter: filter}},
		{"tender/amend", &amendPage{Chrome: refused, T: x, V: map[string]string{}, Plan: &a, Limits: rule, Moves: rule, Back: "/b",
			Rows: criterionRows([]tender.CriterionForm{{Name: "价格", Weight: "10", Kind: "price"}, {Name: "方案", Weight: "90", Kind: "expert"}})}},
		{"tender/invitations", &invitationPage{Filter: filter, Pager: pager, Items: []tenderRow{{Tender: x, Href: "/x", Status: tenderStatus(x.State), Due: due}, {Tender: x, Href: "/y"}}}},
		{"tender/invitations", &invitationPage{Filter: filter}}, {"tender/invitations", &invitationPage{}},
		{"inbox/list", &inboxPage{Filter: filter, Pager: pager, Unread: 1, Items: []inbox.Message{{ID: "M", Title: "x", Text: "y", At: now}, {ID: "N", Organisation: &x.ID, Title: "x", At: now, Read: true}}}},
		{"inbox/list", &inboxPage{Filter: filter}}, {"inbox/list", &inboxPage{}},
		{"intention/list", &intentionListPage{Filter: filter, Items: []intention.Intention{i}, Pager: pager, Bureau: true, May: true, Rule: rule}},
		{"intention/list", &intentionListPage{Bureau: true, Rule: rule}}, {"intention/list", &intentionListPage{Rule: rule}}, {"intention/list", &intentionListPage{Filter: filter, Rule: rule}},
		{"intention/show", &intentionPage{Chrome: refused, I: i, Facts: []templates.KV{{Label: "x", Value: "y"}}, Purchases: []templates.Task{{Title: "x", Href: "/x"}}, Due: due,
			Next: &templates.Action{Title: "x", Post: "/x", Label: "y", Confirm: "z"}, Return: "/r", Events: []templates.Event{{At: now, What: "x"}}}},
		{"intention/edit", &intentionForm{Chrome: refused, V: map[string]string{"title": "typed"}, Rule: rule}},
		{"tender/check", &checkPage{T: x, Dates: []plannedDate{{Label: "发布", Planned: "x", Earliest: "y", Rule: rule, Wrong: "z", Says: templates.Status{Label: "早", Tone: templates.Danger}}}, Next: &templates.Action{Title: "x", Waiting: "y"}}},
		{"tender/show", &tenderPage{T: x, Taking: &documentCard{Tender: "T", Taken: "领取过第 1 版", Stale: true, Log: "/l", Amend: "/a", Versions: []documentRow{{documents.Version{Version: 2, Size: 3}, "/d", true}, {documents.Version{Version: 1}, "/e", false}}}}},
		{"bid/show", &bidShowPage{Outdated: "您提交的投标针对第 1 版"}},
	} {
		templatetest.Check(t, c.name, c.page)
	}
}
