package web

import (
	"testing"
	"time"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
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
	next := templates.Action{Title: "x", Post: "/x", Label: "y"}
	for name, page := range map[string]templates.Framed{
		"fund/list": &fundListPage{Items: []fund.Item{{Fund: f, Full: f.FullName()}}, Own: true, MayAdd: true, Pager: templates.Pager{Total: 1}},
		"fund/show": &fundShowPage{Fund: f, Status: fundStatus(f), Facts: fundFacts(f), Marks: fundMarks(f), Payments: []payment.Public{paid}, More: true,
			Chart: monthsChart([]ledger.Month{{Month: "2026-06", In: 5}}), Files: file, Events: events, Manage: "/x", Gifts: gifts, MoreGift: true, Goods: []goods.Level{{}}},
		"fund/donations": &fundDonationsPage{Fund: f, Gifts: gifts, Newest: "/x", Next: "/y"},
		"fund/payments":  &fundPaymentsPage{Fund: f, Payments: []payment.Public{paid}},
		"fund/edit":      &fundEditPage{Fund: f, Action: "/x"},
		"fund/manage": &fundManagePage{Fund: f, Status: fundStatus(f), Answers: fundAnswers(f, true), Missing: missing, Agreement: file, Files: file,
			Events: events, Next: next, MayEdit: true, MayDecide: true, MayEnd: true, MayAttach: true, MayPay: true, MayAccount: true},
		"fund/ledger": &fundLedgerPage{Fund: f, Rows: []ledger.Row{{Seq: 1, Line: 1, At: now, CauseKind: "payment", Amount: -5, Hash: "abc", Reverses: new(id.ID)}},
			Next: "/x", Newest: "/y", Report: &ledger.Report{Problems: []string{"第 1 笔"}}},
		"payment/list": &paymentListPage{Rows: []paymentRow{{payment.Payment{Number: &no, Amount: &amount}, "/x", templates.Status{Label: "x"}}}, MayAdd: true},
		"payment/edit": &paymentEditPage{Payment: payment.Payment{ID: "P", Reason: "x"}, Fund: f},
		"payment/show": &paymentShowPage{Payment: payment.Payment{ID: "P", Number: &no, Reason: "x", Amount: &amount, State: payment.Paid}, Fund: f, Missing: missing,
			Files: file, Events: events, Next: next, MayEdit: true, MayDecide: true, MayPay: true},
	} {
		t.Run(name, func(t *testing.T) { templatetest.Check(t, name, page) })
	}
}
