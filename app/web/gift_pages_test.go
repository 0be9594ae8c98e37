package web

import (
	"testing"
	"time"

	"gongji/app/archive"
	"gongji/app/foundation/annual"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/receipt"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func checkGifts(t *testing.T, now time.Time) {
	t.Helper()
	amount, unit, no, year, doc := money.Fen(140950), "桶", int64(1), 2026, id.ID("D")
	row := receiptView{receipt.Row{Receipt: receipt.Receipt{ID: "R", State: receipt.Void, Amount: &amount, No: &no, Year: &year, Document: &doc,
		HandlerName: "甲", ReviewerName: "乙", VoidReason: "错", Reason: "错", DecidedAt: &now, Remark: "备注"}, SHA256: "00", Code: "X"}}
	g := gift{Donation: donation.Donation{ID: "X", Kind: donation.Goods, State: donation.Pledged, Amount: &amount, Relation: donation.Declared,
		Lines: []donation.Line{{Line: 1, Name: "酒精", Unit: &unit, Quantity: 50, Value: &amount}, {Line: 2, Name: "口罩", Quantity: 1}}}, Receipts: []receiptView{row}}
	f := fund.Fund{ID: "F", State: fund.Active}
	form := giftForm{Goods: []giftLine{{No: 1}, {No: 2, Name: "口罩"}}}
	give := givePage{Fund: f, Form: form, Methods: methods, Answers: []templates.Answer{{Label: "金额", Value: "1"}}, Hidden: form.hidden()}
	give.Fault = fault.New(fault.Invalid, "有 1 处需要修改")
	page := donationPage{Gift: g, Fund: f, Facts: donationFacts(g.Donation, f), Pay: payFacts(g.Donation, f), MayAttach: true,
		Events: []templates.Event{{At: now, What: "认捐"}}, Files: []proof{{templates.File{ID: "A", Name: "发票.pdf"}, "酒精"}},
		Slots: []templates.Option{{Value: "proof", Label: "全部"}}, Withdraw: &templates.Action{Post: "/x", Label: "撤回"},
		Desk: deskActions{Confirm: true, Reject: true, Prepare: true, Own: true, Review: &row, Void: &row,
			Form: arrivalForm{Goods: []arrivalLine{{Line: g.Lines[0]}, {Line: g.Lines[1]}}}}}
	paid := page
	paid.Gift.Kind = donation.Money
	paid.Trace = &traced{Trace: trace.Trace{Left: 1, Ahead: 1, Parts: []trace.Part{{Out: trace.Out{Payee: "P", Engagement: "E", Milestone: "一", AcceptedAt: &now}, Part: 1}, {}}}, Chart: templates.Chart{ID: "trace", Kind: "bar", Labels: []string{"x"}, Series: []templates.Series{{Name: "您的钱", Values: []float64{1}}}}}
	paid.MayHide, paid.Shows = true, shownOptions
	for name, p := range map[string]templates.Framed{
		"donation/give": &give, "donation/check": &give, "donation/offline": &offlinePage{givePage: give, Funds: methods},
		"donation/mine": &donationMinePage{Years: []yearRow{{Asked: &receipt.Request{State: receipt.RequestRefused, Reason: "x"}, Year: annual.Year{Year: 2026, Waiting: 1, Stale: true, Statement: &annual.Statement{Number: "汇总2026-000001"}}}}, Items: []gift{g, paid.Gift}, Pager: templates.Pager{Total: 2}},
		"donation/list": &donationListPage{Items: []gift{g, paid.Gift}, MayRecord: true},
		"donation/show": &page, "donation/desk": &page,
		"receipt/register":      &receiptRegisterPage{Waiting: []receiptView{row}, Items: []receiptView{row}, Years: []receipt.Totals{{Year: 2026}}, Pager: templates.Pager{Total: 101, Unit: "个号码", Next: "/foundation/receipts?after=1"}},
		"receipt/batches":       &batchListPage{MayPrepare: true, Items: []batchView{{receipt.Batch{Title: "2026 年全部捐赠", State: receipt.BatchRunning}}}, Filter: templates.Filter{Action: batchHome, Selects: []templates.FilterSelect{{Name: "state"}}}},
		"receipt/batch-new":     &batchNewPage{},
		"receipt/batch":         &batchPage{Batch: batchView{receipt.Batch{Title: "2026 年全部捐赠", State: receipt.BatchPrepared, Waiting: 2, Aside: 1}}, MayApprove: true, MayDrop: true, MayRecheck: true, Causes: []causeView{{receipt.CauseCount{Cause: receipt.Nameless, N: 1}, "没有收据抬头", "补登"}}, Rows: []receipt.BatchRow{{Line: 1, State: receipt.RowAside, Why: "匿名"}, {Line: 2, State: receipt.RowWaiting}}},
		"receipt/fiscal":        &fiscalPage{MayImport: true, Items: []receipt.FiscalImport{{Name: "票据.csv"}}},
		"receipt/fiscal-report": &fiscalReportPage{Import: receipt.FiscalImport{Name: "票据.csv", State: receipt.FiscalRunning, Total: 2}, Bad: []receipt.FiscalBad{{Line: 2, Said: "x", Why: "y"}}},
		"verify/form":           &verifyPage{Found: templates.Verification{State: "unknown"}},
		"verify/show":           &verifyPage{Doc: archive.Document{SHA256: "00", Public: true}, Found: templates.Verification{State: "valid"}},
	} {
		templatetest.Check(t, name, p)
	}
	templatetest.Check(t, "donation/show", &paid)
	templatetest.Check(t, "donation/desk", &paid)
}
