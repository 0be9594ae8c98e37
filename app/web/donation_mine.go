package web

import (
	"strconv"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/annual"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/receipt"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// donationMinePage is donation/mine.html.
type donationMinePage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []gift
	Pager  templates.Pager
	Giver  string
	Years  []yearRow
}

// yearRow is a donor's year with what they last asked for of it.
type yearRow struct {
	annual.Year
	Asked *receipt.Request
}

// Open reports whether an asked receipt is being worked on.
func (y yearRow) Open() bool {
	return y.Asked != nil && (y.Asked.State == receipt.RequestAsked || y.Asked.State == receipt.RequestPrepared)
}

// mineFilter is what of the donor's own history is wanted.
func mineFilter(r *edge.Request) donation.Filter {
	f := donationFilter(r)
	f.Year, _ = strconv.Atoi(r.Query("year")) // what is no year is every year
	return f
}

func (w *Web) donationMine(r *edge.Request) (edge.Response, error) {
	f := mineFilter(r)
	l, err := w.Donations.Mine(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := &donationMinePage{Giver: r.Actor().Name, Pager: templates.Pager{Total: l.Total, Unit: "笔"}}
	if r.Actor().Org != "" {
		p.Giver = r.Actor().OrgName
	}
	years, err := w.Annual.Years(r.Context(), r.Actor())
	if err != nil {
		return edge.Response{}, err
	}
	asked, err := w.Receipts.Asked(r.Context(), r.Actor())
	if err != nil {
		return edge.Response{}, err
	}
	for _, y := range years {
		row := yearRow{Year: y}
		for _, x := range asked {
			if x.Foundation == y.Foundation && x.Year == y.Year && row.Asked == nil {
				row.Asked = &x
			}
		}
		p.Years = append(p.Years, row)
	}
	p.Title, p.Filter = "我的捐赠", mineBar(r, f, years)
	turn(r, &p.Pager, l.Next)
	if p.Items, err = w.gifts(r, l.Items, true); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "donation/mine", p), nil
}

// mineBar asks for what, which state and which year.
func mineBar(r *edge.Request, f donation.Filter, years []annual.Year) templates.Filter {
	options, chosen := []templates.Option{{Label: "全部年份"}}, ""
	for i, y := range years {
		if i == 0 || years[i-1].Year != y.Year {
			options = append(options, templates.Option{Value: strconv.Itoa(y.Year), Label: strconv.Itoa(y.Year) + "年"})
		}
	}
	if f.Year > 0 {
		chosen = strconv.Itoa(f.Year)
	}
	return templates.Filter{Action: "/donations", Query: f.Text, Placeholder: "登记号", Active: f.Text != "" || f.State != "" || f.Kind != "" || f.Year > 0,
		Export: "/donations/export.csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "year", Label: "年份", Value: chosen, Options: options},
			{Name: "state", Label: "状态", Value: string(f.State), Options: []templates.Option{{Label: "全部状态"}, {Value: "pledged", Label: "待到账"}, {Value: "confirmed", Label: "已到账"}, {Value: "cancelled", Label: "已取消"}}},
			{Name: "kind", Label: "种类", Value: string(f.Kind), Options: []templates.Option{{Label: "资金和物资"}, {Value: "money", Label: "资金"}, {Value: "goods", Label: "物资"}}}}}
}

// donationAsk asks for one receipt of a year, or takes the asking back.
func (w *Web) donationAsk(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	say := "已申请，由基金会财务制备、另一人复核后开具，开好会通知您"
	if of := id.ID(f.Get("withdraw")); of != "" {
		say = "申请已撤回"
		_, err = w.Receipts.Withdraw(r.Context(), r.Actor(), of)
	} else {
		year, _ := strconv.Atoi(f.Get("year")) // what is no year has no donation
		_, err = w.Receipts.Ask(r.Context(), r.Actor(), id.ID(f.Get("foundation")), year)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/donations#years").Flash("ok", say), nil
}

// donationAnnual makes the statement of one year and leads to it.
func (w *Web) donationAnnual(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	year, err := strconv.Atoi(f.Get("year"))
	if err != nil {
		year = r.Now().In(clock.Beijing).Year()
	}
	x, err := w.Annual.Make(r.Context(), r.Actor(), id.ID(f.Get("foundation")), year)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/donations#years").Flash("ok", "年度捐赠汇总 "+x.Number+" 已生成，几秒后可以下载"), nil
}

// things is nil where there are no goods to follow.
func (w *Web) things(r *edge.Request, d donation.Donation) (*trace.GoodsTrace, error) {
	if d.Kind != donation.Goods || d.State != donation.Confirmed {
		return nil, nil
	}
	x, err := w.Traces.Goods(r.Context(), r.Actor(), d.ID)
	return &x, err
}

// traced is where a donation's money went, as picture and table.
type traced struct {
	trace.Trace
	Chart templates.Chart
	At    time.Time
}

// trace is nil where there is nothing to follow.
func (w *Web) trace(r *edge.Request, d donation.Donation) (*traced, error) {
	if d.Kind != donation.Money || d.State != donation.Confirmed {
		return nil, nil
	}
	x, err := w.Traces.Of(r.Context(), r.Actor(), d.ID)
	if err != nil {
		return nil, err
	}
	out := &traced{Trace: x, At: r.Now(), Chart: templates.Chart{ID: "trace", Kind: "bar", Title: "您的钱用到了哪里", Unit: "元", Places: 2,
		Note: "由账本分录按“先进先出”算出，精确到分。", Series: []templates.Series{{Name: "您的钱"}}}}
	add := func(label string, n float64) {
		out.Chart.Labels = append(out.Chart.Labels, label)
		out.Chart.Series[0].Values = append(out.Chart.Series[0].Values, n/100)
	}
	for _, p := range x.Parts {
		add(or(p.PayeeName, p.Memo), float64(p.Part))
	}
	add("还在基金里", float64(x.Left))
	return out, nil
}
