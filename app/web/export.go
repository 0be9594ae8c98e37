package web

import (
	"bytes"
	"encoding/csv"
	"strings"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party/organisation"
)

const (
	exportStride = 200    // rows read at a time
	exportMost   = 10_000 // rows of one export; filters narrow it
)

// export writes a list under its filters as a table for a spreadsheet. next
// reads the rows after an id, and the id to go on from, "" at the end.
func export(name string, head []string, next func(after id.ID) (rows [][]string, on id.ID, err error)) (edge.Response, error) {
	return exportOf(name, exportMost, head, next)
}

// exportOf is export with its own bound, in rows.
func exportOf(name string, most int, head []string, next func(after id.ID) (rows [][]string, on id.ID, err error)) (edge.Response, error) {
	var buf bytes.Buffer
	buf.WriteString("\ufeff") // spreadsheets then read it as UTF-8
	out := csv.NewWriter(&buf)
	_ = out.Write(head)
	for n, after := 0, id.ID(""); n < most; {
		rows, on, err := next(after)
		if err != nil {
			return edge.Response{}, err
		}
		for _, cells := range rows {
			_ = out.Write(harmless(cells))
		}
		if n += len(rows); on == "" {
			break
		}
		after = on
	}
	out.Flush()
	return edge.File(name, "text/csv; charset=utf-8", buf.Bytes(), false), out.Error()
}

// harmless quotes what a spreadsheet would run as a formula.
func harmless(cells []string) []string {
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			cells[i] = "'" + c
		}
	}
	return cells
}

// last is the id to go on from after a full page.
func last[T any](list []T, of func(T) id.ID) id.ID {
	if len(list) < exportStride {
		return ""
	}
	return of(list[len(list)-1])
}

func cellDay(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(clock.Beijing).Format(time.DateOnly)
}

func cellTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(clock.Beijing).Format("2006-01-02 15:04")
}

func cellYuan(f *money.Fen) string {
	if f == nil {
		return ""
	}
	return f.Plain()
}

func (w *Web) fundExport(r *edge.Request) (edge.Response, error) {
	return export("专项基金.csv", []string{"编号", "基金全称", "基金会", "状态", "收入（元）", "支出（元）", "余额（元）", "设立日期"},
		func(after id.ID) ([][]string, id.ID, error) {
			list, err := w.Funds.List(r.Context(), r.Actor(), fund.Filter{State: fund.State(r.Query("state")), Text: r.Query("q"), After: after, Limit: exportStride})
			var rows [][]string
			for _, f := range list {
				rows = append(rows, []string{f.No(), f.FullName(), f.FoundationName, f.StateName(), f.In.Plain(), f.Out.Plain(), f.Balance.Plain(), cellDay(f.ApprovedAt)})
			}
			return rows, last(list, func(f fund.Item) id.ID { return f.ID }), err
		})
}

func (w *Web) organisationExport(r *edge.Request) (edge.Response, error) {
	return export("组织名录.csv", []string{"名称", "统一社会信用代码", "类型", "所在地", "评估等级", "业务范围"},
		func(after id.ID) ([][]string, id.ID, error) {
			f := organisationFilter(r)
			f.After, f.Limit = after, exportStride
			list, err := w.Organisations.List(r.Context(), r.Actor(), f)
			var rows [][]string
			for _, o := range list {
				rows = append(rows, []string{o.Name, o.Code(), kindNames[o.Kind], o.Region, o.Rating, o.Summary})
			}
			return rows, last(list, func(o organisation.Organisation) id.ID { return o.ID }), err
		})
}

// registrarExport is what waits for the registrar, under the filters.
func (w *Web) registrarExport(r *edge.Request) (edge.Response, error) {
	return export("待审核的登记.csv", []string{"名称", "统一社会信用代码", "类型", "所在地", "提交时间", "地址"},
		func(after id.ID) ([][]string, id.ID, error) {
			f := registrarFilter(r)
			f.After, f.Limit = after, exportStride
			list, err := w.Organisations.List(r.Context(), r.Actor(), f)
			var rows [][]string
			for _, o := range list {
				rows = append(rows, []string{o.Name, o.Code(), kindNames[o.Kind], o.Region, cellTime(&o.CreatedAt), r.PublicURL() + "/organisations/" + string(o.ID)})
			}
			return rows, last(list, func(o organisation.Organisation) id.ID { return o.ID }), err
		})
}

func (w *Web) paymentExport(r *edge.Request) (edge.Response, error) {
	return export("付款.csv", []string{"编号", "收款单位", "用途", "金额（元）", "状态", "支付日期", "银行流水号"},
		func(after id.ID) ([][]string, id.ID, error) {
			x := payment.Filter{State: payment.State(r.Query("state")), Text: r.Query("q"), Fund: id.ID(r.Query("fund")), Mine: r.Query("mine") != "", After: after, Limit: exportStride}
			list, err := w.Payments.List(r.Context(), r.Actor(), x)
			var rows [][]string
			for _, p := range list {
				rows = append(rows, []string{p.No(), p.PayeeName, p.Purpose, cellYuan(p.Amount), p.StateName(), cellDay(p.PaidAt), p.BankReference})
			}
			return rows, last(list, func(p payment.Payment) id.ID { return p.ID }), err
		})
}

var donationHead = []string{"登记号", "捐赠人", "专项基金", "种类", "承诺金额（元）", "到账金额（元）", "到账日期", "状态", "有效收据"}

func (w *Web) donationExport(r *edge.Request) (edge.Response, error) {
	return export("捐赠.csv", donationHead, func(after id.ID) ([][]string, id.ID, error) {
		f := donationFilter(r)
		f.After, f.Limit = after, exportStride
		l, err := w.Donations.AtFoundation(r.Context(), r.Actor(), f)
		if err != nil {
			return nil, "", err
		}
		rows, err := w.donationCells(r, l.Items, false)
		return rows, l.Next, err
	})
}

func (w *Web) donationMineExport(r *edge.Request) (edge.Response, error) {
	f := mineFilter(r)
	f.Limit = exportStride
	return export("我的捐赠.csv", donationHead, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		l, err := w.Donations.Mine(r.Context(), r.Actor(), f)
		if err != nil {
			return nil, "", err
		}
		rows, err := w.donationCells(r, l.Items, true)
		return rows, l.Next, err
	})
}

func (w *Web) donationCells(r *edge.Request, list []donation.Donation, forDonor bool) ([][]string, error) {
	gifts, err := w.gifts(r, list, forDonor)
	var rows [][]string
	for _, g := range gifts {
		kind, live := "资金", ""
		if g.Kind == donation.Goods {
			kind = "物资"
		}
		for _, x := range g.Receipts {
			if x.State == receipt.Issued {
				live = x.Number()
			}
		}
		rows = append(rows, []string{g.Reference, g.DonorName, g.FundName, kind, cellYuan(g.Amount), cellYuan(g.Arrived), cellDay(g.ArrivedAt), g.Status().Label, live})
	}
	return rows, err
}
