package web

import (
	"fmt"
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// receiptRegisterPage is receipt/register.html.
type receiptRegisterPage struct {
	templates.Chrome
	Waiting  []receiptView
	MayBatch bool
	Years    []receipt.Totals
	Year     int
	Missing  []string // numbers without a receipt: never, or somebody tampered
	Filter   templates.Filter
	Items    []receiptView
	Pager    templates.Pager
}

const registerLimit = 100

func registerFilter(r *edge.Request) receipt.Filter {
	f := receipt.Filter{Year: r.Now().In(clock.Beijing).Year(), State: receipt.State(r.Query("state")), Text: r.Query("q"), Limit: registerLimit}
	if y, err := strconv.Atoi(r.Query("year")); err == nil {
		f.Year = y
	}
	f.After, _ = strconv.ParseInt(r.Query("after"), 10, 64) // what is no number begins at the first
	return f
}

func (w *Web) receiptRegister(r *edge.Request) (edge.Response, error) {
	ctx, who, f := r.Context(), r.Actor(), registerFilter(r)
	p := &receiptRegisterPage{Year: f.Year, Filter: templates.Filter{Action: "/foundation/receipts", Query: f.Text, Placeholder: "号码、登记号或捐赠人",
		Active: f.Text != "" || f.State != "", Keep: []templates.Hidden{{Name: "year", Value: strconv.Itoa(f.Year)}}, Export: "/foundation/receipts/register.csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "state", Label: "下落", Value: string(f.State), Options: []templates.Option{{Label: "全部"}, {Value: "issued", Label: "有效"}, {Value: "void", Label: "作废"}}}}}}
	p.Title, p.MayBatch = "收据号码登记簿", w.Batches.MayList(who)
	p.Breadcrumbs = []templates.Crumb{donationDesk, {Label: p.Title}}
	waiting, err := w.Receipts.Waiting(ctx, who)
	if err != nil {
		return edge.Response{}, err
	}
	if p.Years, err = w.Receipts.Years(ctx, who); err != nil {
		return edge.Response{}, err
	}
	if p.Missing, err = w.missing(r, f.Year); err != nil {
		return edge.Response{}, err
	}
	list, err := w.Receipts.Register(ctx, who, f)
	if err != nil {
		return edge.Response{}, err
	}
	if p.Pager.Total, err = w.Receipts.Count(ctx, who, f); err != nil {
		return edge.Response{}, err
	}
	p.Waiting, p.Items, p.Pager.Unit = views(waiting), views(list), "个号码"
	turn(r, &p.Pager, afterNo(list, registerLimit))
	return edge.HTML(200, "receipt/register", p), nil
}

// missing are a year's numbers that have no receipt, as they would be printed.
func (w *Web) missing(r *edge.Request, year int) ([]string, error) {
	list, err := w.Receipts.Missing(r.Context(), r.Actor(), year)
	var out []string
	for _, n := range list {
		out = append(out, fmt.Sprintf("%d-%06d", year, n))
	}
	return out, err
}

// afterNo is the number to go on from after a full page.
func afterNo(list []receipt.Row, limit int) id.ID {
	if len(list) < limit {
		return ""
	}
	return id.ID(strconv.FormatInt(*list[len(list)-1].No, 10))
}

var registerHead = []string{"号码", "下落", "开具时间", "捐赠登记号", "捐赠人", "专项基金", "金额（元）", "经手人", "复核人", "作废时间", "作废原因", "替代的号码", "被替代为", "票据代码", "票据号码", "查验码", "PDF SHA-256"}

func (w *Web) receiptRegisterExport(r *edge.Request) (edge.Response, error) {
	f := registerFilter(r)
	f.Limit, f.After = exportStride, 0
	gaps, err := w.missing(r, f.Year)
	if err != nil {
		return edge.Response{}, err
	}
	return export(fmt.Sprintf("收据号码登记簿%d.csv", f.Year), registerHead, func(id.ID) ([][]string, id.ID, error) {
		var rows [][]string
		for _, n := range gaps {
			rows = append(rows, append([]string{n, "缺号：已分配而没有收据，请立即核查"}, make([]string, len(registerHead)-2)...))
		}
		gaps = nil
		list, err := w.Receipts.Register(r.Context(), r.Actor(), f)
		for _, x := range list {
			rows = append(rows, []string{x.Number(), receiptStatus(x).Label, cellTime(x.DecidedAt), x.Reference, x.DonorName, x.FundName, cellYuan(x.Amount),
				x.HandlerName, x.ReviewerName, cellTime(x.VoidAt), x.VoidReason, x.Predecessor(), x.Successor(), x.FiscalCode, x.FiscalNumber, x.Code, x.SHA256})
			f.After = *x.No
		}
		return rows, afterNo(list, exportStride), err
	})
}
