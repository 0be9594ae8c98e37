package web

import (
	"testing"
	"time"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func TestFundPagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	no, fee, amount := "专项基金〔2026〕001号", int64(500), money.Fen(60_000)
	f := fund.Fund{ID: "F", FoundationName: "横沥社区发展基金会", Number: &no, State: fund.Active, Demo: true, SourceURL: "https://example.com", Reason: "x",
		Facts: fund.Facts{Name: "防控专项基金", FeeBP: &fee}, Marks: []string{"fee"}, EndedAt: &now}
	paid := payment.Public{ID: "P", Number: "付款〔2026〕0001号", PayeeName: "晨光中心", Amount: amount, PaidAt: now}
	file := []templates.File{{ID: "A", Name: "协议.pdf", Href: "/attachments/A", Size: 10}}
	events := []templates.Event{{At: now, What: "批准设立"}}
	missing := []fault.Field{{Name: "agreement", Message: "请上传"}, {Name: "name", Message: "请填写"}}
	unit := "桶"
	gifts := []donation.Given{{At: now, Donor: "张*三", Amount: &amount}, {At: now, Donor: "匿名", Goods: []donation.GivenGoods{{Name: "消毒水", Unit: &unit, Quantity: 5}, {Name: "口罩"}}}}
	closing := fund.Closing{Reason: "目的实现", ToName: "另一只", Likeness: "都助老", LeftOpen: "认捐", Moved: 5, BoardNo: "第三次", BoardOn: now, DecidedAt: &now, Fund: "F"}
	lines := []fund.Line{{Name: "照料", Amount: 500}}
	uses := []fund.Use{{Line: lines[0], Charge: fund.Charge{Paid: 400, Waiting: 200}}}
	chart, total := fundBudgetChart(fund.Budget{Year: 2026}, uses)
	did := fundDid{Payees: payeesChart([]payment.Received{{Name: "晨光中心", Count: 1, Amount: 5}}), Grants: []grant.Given{{ID: "G", Title: "x", Steps: 2}},
		Steps: grantsChart([]grant.Given{{Title: "x", Amount: 5}}), Budgets: []fundBudgetUse{{chart, uses, total}}, Closing: &closing, Ending: closingFacts(closing), Handed: []fund.Closing{closing}}
	next := templates.Action{Title: "x", Post: "/x", Label: "y"}
	for name, page := range map[string]templates.Framed{
		"fund/list": &fundListPage{Items: []fund.Item{{Fund: f, Full: f.FullName()}}, Own: true, MayAdd: true, Pager: templates.Pager{Total: 1}},
		"fund/show": &fundShowPage{Fund: f, Status: fundStatus(f), Facts: fundFacts(f), Marks: fundMarks(f), Payments: []payment.Public{paid}, More: true,
			Chart: monthsChart([]ledger.Month{{Month: "2026-06", In: 5}}), Files: file, Events: events, Manage: "/x", Gifts: gifts, MoreGift: true, Goods: []goods.Level{{}}, Did: did, Due: &templates.Deadline{Label: "协议到期", At: now, Now: now}},
		"fund/donations": &fundDonationsPage{Fund: f, Gifts: gifts, Newest: "/x", Next: "/y"},
		"fund/payments":  &fundPaymentsPage{Fund: f, Payments: []payment.Public{paid}},
		"fund/edit":      &fundEditPage{Fund: f, Action: "/x", Rows: []seatRow{{1, fund.Member{Name: "陈主任"}}}, Target: []templates.Option{{Value: "fund", Label: "x"}}},
		"fund/manage": &fundManagePage{Fund: f, Status: fundStatus(f), Answers: fundAnswers(f, true), Missing: missing, Agreement: file, Files: file,
			Events: events, Next: next, MayEdit: true, MayDecide: true, Document: "/documents/D", Due: &templates.Deadline{Label: "协议到期", At: now, Now: now}, MayAttach: true, MayPay: true, MayAccount: true},
		"fund/budget": &fundBudgetPage{Fund: f, Budget: fund.Budget{Year: 2026, State: fund.BudgetReview, Lines: lines, Reason: "x"}, Uses: uses, Chart: chart, Total: total,
			Rows: []budgetInputRow{{1, fund.BudgetRow{Name: "照料", Amount: "5"}}}, Years: []templates.KV{{Label: "2026年度", Href: "/x"}}, Missing: missing, Next: next, MayEdit: true, MayDecide: true},
		"fund/closing": &fundClosingPage{Fund: f, Closing: &closing, Facts: closingFacts(closing), Loose: []fund.Loose{{What: "x", Href: "/x", Amount: &amount, Firm: true}, {What: "y"}},
			Papers: file, Next: next, Targets: closingTargets(f, fund.Money{}), Takers: []templates.Option{{Value: "G", Label: "另一只"}}, Article: "慈善法第58条", MayBegin: true, MayPaper: true, MayResume: true, MayEnd: true},
		"payment/limits": &paymentLimitPage{Limits: payment.Limits{Now: payment.Limit{TwoAbove: &amount, BoardAbove: &amount}, Waiting: &payment.Limit{ID: "L"}}, Events: events, MayPropose: true, MayDecide: true},
		"fund/ledger": &fundLedgerPage{Fund: f, Rows: []ledger.Row{{Seq: 1, Line: 1, At: now, CauseKind: "payment", Amount: -5, Hash: "abc", Reverses: new(id.ID)}},
			Next: "/x", Newest: "/y", Report: &ledger.Report{Problems: []string{"第 1 笔"}}},
		"payment/list": &paymentListPage{Rows: []paymentRow{{payment.Payment{Number: &no, Amount: &amount}, "/x", templates.Status{Label: "x"}}}, MayAdd: true},
		"payment/edit": &paymentEditPage{Payment: payment.Payment{ID: "P", Reason: "x"}, Fund: f, Lines: []templates.Option{{Value: "2026/照料", Label: "x"}}},
		"payment/show": &paymentShowPage{Payment: payment.Payment{ID: "P", Number: &no, Reason: "x", Amount: &amount, State: payment.Paid}, Fund: f, Missing: missing,
			Files: file, Events: events, Next: next, MayEdit: true, MayDecide: true, MayPay: true, Demand: payment.Demand{Approvals: 2, Resolution: true, Why: []string{"x"}}, Papers: file},
	} {
		t.Run(name, func(t *testing.T) { templatetest.Check(t, name, page) })
	}
}
