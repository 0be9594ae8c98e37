package web

import (
	"testing"
	"time"

	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func TestDisclosurePagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)
	no, due, doc, proven := "公开〔2026〕001号", now.AddDate(0, 0, -3), id.ID("D"), money.Fen(5)
	x := disclosure.Disclosure{ID: "X", Subject: "F", SubjectName: "横沥社区发展基金会防控专项基金", FoundationName: "横沥社区发展基金会", Kind: disclosure.Regular, State: disclosure.Corrected, Number: &no, Edition: 2,
		From: now.AddDate(0, -3, 0), To: now, DueAt: &due, PublishedAt: &now, CorrectedAt: &now, Article: "慈善法第78–79条", Why: "多计一笔", Reason: "x", Demo: true, Document: &doc, Corrects: &doc,
		Words: disclosure.Words{Summary: "发放口罩", Explanation: "四舍五入", Unit: disclosure.Wan2},
		Figures: disclosure.Figures{Period: disclosure.Sum{Gifts: 2, Given: 37_835_300, In: 37_835_300, GoodsGifts: 1}, Total: disclosure.Sum{GoodsGifts: 1}, Closing: 37_835_300, Proven: &proven, Unproven: 1,
			Donors: []disclosure.Donors{{Kind: donation.Person, Gifts: 2, Amount: 37_835_300}}, Groups: disclosure.Groups{Lines: []string{"册山街道"}, Headings: []string{"筹款数", "配捐数"}, Cells: [][]money.Fen{{31_052_500, 6_782_800}}},
			Goods: []disclosure.Goods{{Name: "口罩", In: 3}}, Payments: []disclosure.Paid{{Number: "1", Payee: "晨光", Purpose: "x", Amount: 3, On: now}}}}
	draft := x
	draft.State = disclosure.Draft
	row := disclosureRow{x, "/x", disclosureStatus(x)}
	dues := dueRows([]disclosure.Due{{Subject: disclosure.Subject{ID: "F", Name: "x"}, Kind: disclosure.Regular, At: due, Also: "y"}, {Kind: disclosure.Yearly, From: now, To: &now, At: now, Draft: "X"}}, now)
	events := []templates.Event{{At: now, What: "公布"}}
	for name, pages := range map[string][]templates.Framed{
		"disclosure/list": {&disclosureListPage{Rows: []disclosureRow{row}}, &disclosureListPage{}},
		"disclosure/show": {&disclosureShowPage{Item: x, Status: row.Status, Facts: disclosureFacts(x), Files: []templates.File{{ID: "A", Name: "x.pdf", Href: "/documents/A"}}, Editions: []disclosureRow{row, row}, Newer: "/y", Events: events, Manage: "/z"},
			&disclosureShowPage{}},
		"disclosure/desk": {&disclosureDeskPage{Dues: dues, Late: 1, Rows: []disclosureRow{row}, MayDraft: true}, &disclosureDeskPage{}},
		"disclosure/manage": {&disclosureManagePage{Item: draft, Form: disclosure.Form{Words: x.Words}, Units: options("yuan"), Deadline: &dues[0].Deadline, Missing: []fault.Field{{Name: "summary", Message: "x"}}, Next: templates.Action{Title: "x", Post: "/x", Label: "y"},
			Facts: disclosureFacts(x), Events: events, MayEdit: true, MayDecide: true, MayCorrect: true}, &disclosureManagePage{}},
		"disclosure/labels": {&labelsPage{FundID: "F", Rows: []labelRow{{donation.Donation{ID: "D", Reference: "ABC", Arrived: &proven}, "罗庄街道", "筹款数"}}, Dues: dues, Crisis: &disclosure.Crisis{From: now, Why: "x"}, MayPlan: true}, &labelsPage{MayPlan: true}},
	} {
		for _, p := range pages {
			templatetest.Check(t, name, p)
		}
	}
}
