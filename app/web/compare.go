package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// comparePart is how many bids stand on one page.
const comparePart = 50

// bidComparePage is bid/compare.html: the bids side by side. Mean and Low are
// over all of them, whatever is shown.
type bidComparePage struct {
	purchasePage
	Rows   []compareRow
	Filter templates.Filter
	Pager  templates.Pager
	Sorts  []sortLink
	All    int
	Mean   money.Fen
	Low    money.Fen
}

type compareRow struct {
	opening.Line
	OfCeiling int64 // price as a share of the ceiling, in basis points; 0 without one
	Lowest    bool
	Answers   []compareAnswer
}

type compareAnswer struct{ Name, Text string }

type sortLink struct {
	Key, Label, Href string
	Current          bool
}

// bidCompare shows the buyer and the panel every opened bid. A bid's answers
// are there once this actor may read it; until then only what was read out.
func (w *Web) bidCompare(r *edge.Request) (edge.Response, error) {
	t, rows, err := w.compared(r)
	if err != nil {
		return edge.Response{}, err
	}
	p := &bidComparePage{purchasePage: w.purchase(r, t, "投标对比"), All: len(rows)}
	p.weigh(rows)
	p.sorts(r)
	rows = found(r, rows)
	p.Filter = templates.Filter{Action: r.Path(), Query: r.Query("q"), Placeholder: "投标人名称", Active: r.Query("q") != "", Export: tenderPath(t.ID) + "/bids/export.csv" + query(r)}
	if by := r.Query("sort"); by != "" {
		p.Filter.Keep = []templates.Hidden{{Name: "sort", Value: by}}
	}
	var at, pages int
	p.Rows, at, pages = cut(rows, int(number(r.Query("page"))), comparePart)
	p.Pager = pagesOf(r, len(rows), at, pages, "份")
	for i := range p.Rows {
		p.Rows[i].Lowest = p.Rows[i].Price == p.Low
		if p.Rows[i].Answers, err = w.answersTo(r, p.Rows[i].Bid); err != nil {
			return edge.Response{}, err
		}
	}
	return edge.HTML(200, "bid/compare", p), nil
}

// pagesOf links the pages of a list that is held whole.
func pagesOf(r *edge.Request, total, at, pages int, unit string) templates.Pager {
	p := templates.Pager{Total: total, Unit: unit, Page: at, Pages: pages}
	if at > 1 {
		p.Prev = with(r, "page", strconv.Itoa(at-1))
	}
	if at < pages {
		p.Next = with(r, "page", strconv.Itoa(at+1))
	}
	return p
}

// compared are the opened bids in the order asked for, without their answers.
func (w *Web) compared(r *edge.Request) (tender.Tender, []compareRow, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return t, nil, err
	}
	if err := w.Evaluations.May(r.Context(), r.Actor(), t.ID, "follow_panel"); err != nil {
		return t, nil, err
	}
	_, lines, err := w.Openings.Of(r.Context(), t.ID)
	if err != nil {
		return t, nil, err
	}
	var rows []compareRow
	for _, l := range lines {
		row := compareRow{Line: l}
		if t.Ceiling.Amount != nil && *t.Ceiling.Amount > 0 {
			row.OfCeiling = int64(l.Price) * 10_000 / int64(*t.Ceiling.Amount)
		}
		rows = append(rows, row)
	}
	switch r.Query("sort") {
	case "price":
		slices.SortStableFunc(rows, func(a, b compareRow) int { return cmp.Compare(a.Price, b.Price) })
	case "name":
		slices.SortStableFunc(rows, func(a, b compareRow) int { return cmp.Compare(a.SupplierName, b.SupplierName) })
	}
	return t, rows, nil
}

// found leaves the rows whose bidder is named in the address.
func found(r *edge.Request, rows []compareRow) []compareRow {
	want := strings.ToLower(strings.TrimSpace(r.Query("q")))
	return slices.DeleteFunc(slices.Clone(rows), func(x compareRow) bool { return !strings.Contains(strings.ToLower(x.SupplierName), want) })
}

// answersTo are a bid's answers, none where this actor may not read it yet.
func (w *Web) answersTo(r *edge.Request, bid id.ID) ([]compareAnswer, error) {
	_, c, err := w.Bids.Content(r.Context(), r.Actor(), bid, 0)
	if err != nil {
		if missing(err) {
			return nil, nil
		}
		return nil, err
	}
	var out []compareAnswer
	for _, a := range c.Answers {
		out = append(out, compareAnswer{a.Name, a.Text})
	}
	return out, nil
}

// weigh finds the lowest price and the mean.
func (p *bidComparePage) weigh(rows []compareRow) {
	var sum money.Fen
	for i, x := range rows {
		sum += x.Price
		if i == 0 || x.Price < p.Low {
			p.Low = x.Price
		}
	}
	if n := len(rows); n > 0 {
		p.Mean = sum / money.Fen(n)
	}
}

func (p *bidComparePage) sorts(r *edge.Request) {
	by := r.Query("sort")
	if by != "price" && by != "name" {
		by = ""
	}
	for _, s := range [][2]string{{"", "递交先后"}, {"price", "报价从低到高"}, {"name", "单位名称"}} {
		q := r.QueryValues()
		q.Del("page")
		q.Del("sort")
		if s[0] != "" {
			q.Set("sort", s[0])
		}
		p.Sorts = append(p.Sorts, sortLink{s[0], s[1], strings.TrimSuffix(r.Path()+"?"+q.Encode(), "?"), s[0] == by})
	}
}

// bidCompareExport is what was read out, under the filters, for a spreadsheet.
func (w *Web) bidCompareExport(r *edge.Request) (edge.Response, error) {
	t, rows, err := w.compared(r)
	if err != nil {
		return edge.Response{}, err
	}
	head := []string{"序号", "投标人", "报价（" + unitOf(t) + "）", "占限价（%）", "交付承诺", "附件数", "提交时间"}
	return export("投标对比.csv", head, func(id.ID) ([][]string, id.ID, error) {
		var out [][]string
		for _, x := range found(r, rows) {
			of := ""
			if x.OfCeiling > 0 {
				of = money.Fen(x.OfCeiling).Plain()
			}
			out = append(out, []string{strconv.Itoa(x.Position), x.SupplierName, x.Price.Plain(), of, x.Delivery, strconv.Itoa(x.Files), cellTime(&x.SubmittedAt)})
		}
		return out, "", nil
	})
}
