package web

import (
	"strconv"
	"strings"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/templates"
)

const batchHome = "/foundation/receipts/batches"

var batchCrumb = templates.Crumb{Label: "批量开具", Href: batchHome}

func (w *Web) batchRoutes() []edge.Route {
	freeze := post(batchHome, "foundation", w.batchFreeze)
	freeze.Timeout = time.Minute // tens of thousands of donations
	check := post(batchHome+"/{id}/recheck", "foundation", w.batchRecheck)
	check.Timeout = time.Minute
	return []edge.Route{
		get(batchHome, "foundation", w.batchList),
		get(batchHome+"/new", "foundation", w.batchNew),
		freeze,
		get(batchHome+"/{id}", "foundation", w.batchShow),
		get(batchHome+"/{id}/trial.pdf", "foundation", w.batchTrial),
		get(batchHome+"/{id}/rows/{line}/trial.pdf", "foundation", w.batchTrialFace),
		get(batchHome+"/{id}/rows.csv", "foundation", w.batchExport),
		get(batchHome+"/{id}/receipts.zip", "foundation", w.batchZip),
		post(batchHome+"/{id}/approve", "foundation", w.batchApprove),
		check,
		post(batchHome+"/{id}/drop", "foundation", w.batchDrop),
		post(batchHome+"/{id}/mail", "foundation", w.batchMail),
		post("/donations/{id}/receipt-address", "donor", w.receiptAddress),
	}
}

// batchView is a batch with what a list shows beside it.
type batchView struct{ receipt.Batch }

// Status is the batch's state for people.
func (b batchView) Status() templates.Status {
	return map[receipt.BatchState]templates.Status{
		receipt.BatchPrepared: {Label: "待复核", Tone: templates.Warn}, receipt.BatchRunning: {Label: "开具中", Tone: templates.Info},
		receipt.BatchDone: {Label: "已完成", Tone: templates.OK}, receipt.BatchDropped: {Label: "已放弃", Tone: templates.Neutral}}[b.State]
}

// batchListPage is receipt/batches.html.
type batchListPage struct {
	templates.Chrome
	Items      []batchView
	Filter     templates.Filter
	Pager      templates.Pager
	MayPrepare bool
}

func (w *Web) batchList(r *edge.Request) (edge.Response, error) {
	const limit = 20
	state := r.Query("state")
	list, total, err := w.Batches.Batches(r.Context(), r.Actor(), receipt.BatchState(state), id.ID(r.Query("after")), limit+1)
	if err != nil {
		return edge.Response{}, err
	}
	p := &batchListPage{MayPrepare: w.Batches.MayPrepare(r.Actor()), Pager: templates.Pager{Total: total, Unit: "批"}, Filter: templates.Filter{Action: batchHome, Active: state != "",
		Selects: []templates.FilterSelect{{Name: "state", Label: "状态", Value: state, Options: []templates.Option{{Label: "全部状态"}, {Value: "prepared", Label: "待复核"},
			{Value: "running", Label: "开具中"}, {Value: "done", Label: "已完成"}, {Value: "dropped", Label: "已放弃"}}}}}}
	p.Title, p.Breadcrumbs = "批量开具收据", []templates.Crumb{donationDesk, registerCrumb, {Label: "批量开具"}}
	next := id.ID("")
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].ID
	}
	for _, b := range list {
		p.Items = append(p.Items, batchView{b})
	}
	turn(r, &p.Pager, next)
	return edge.HTML(200, "receipt/batches", p), nil
}

// batchNewPage is receipt/batch-new.html.
type batchNewPage struct {
	templates.Chrome
	Years, Funds, Campaigns                  []templates.Option
	Year, Fund, Campaign, References, Remark string
}

func (w *Web) batchNewPage(r *edge.Request) (*batchNewPage, error) {
	p := &batchNewPage{Year: r.Query("year"), Fund: r.Query("fund"), Campaign: r.Query("campaign"), References: r.Query("references")}
	p.Title, p.Breadcrumbs = "准备一批收据", []templates.Crumb{registerCrumb, batchCrumb, {Label: "准备一批"}}
	now := r.Now().In(clock.Beijing).Year()
	for y := now; y > now-6; y-- {
		p.Years = append(p.Years, templates.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y) + " 年到账的捐赠"})
	}
	if p.Year == "" && p.References == "" && p.Campaign == "" {
		p.Year = strconv.Itoa(now)
	}
	funds, err := w.Funds.List(r.Context(), r.Actor(), fund.Filter{Foundation: r.Actor().Org, Limit: 200})
	p.Funds = []templates.Option{{Label: "全部专项基金"}}
	for _, f := range funds {
		if f.State.Public() {
			p.Funds = append(p.Funds, templates.Option{Value: string(f.ID), Label: f.Name})
		}
	}
	if err != nil {
		return nil, err
	}
	campaigns, err := w.Campaigns.List(r.Context(), r.Actor(), campaign.Filter{Foundation: r.Actor().Org, Limit: 200})
	p.Campaigns = []templates.Option{{Label: "不按募捐开具"}}
	for _, x := range campaigns {
		if x.State.Public() {
			p.Campaigns = append(p.Campaigns, templates.Option{Value: string(x.ID), Label: x.Name})
		}
	}
	return p, err
}

func (w *Web) batchNew(r *edge.Request) (edge.Response, error) {
	if !w.Batches.MayPrepare(r.Actor()) {
		_, _, err := w.Batches.Freeze(r.Context(), r.Actor(), receipt.Scope{}) // says who may
		return edge.Response{}, err
	}
	p, err := w.batchNewPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "receipt/batch-new", p), nil
}

func (w *Web) batchFreeze(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	year, _ := strconv.Atoi(f.Get("year")) // what is no year is complained of as none
	sc := receipt.Scope{Year: year, Fund: id.ID(f.Get("fund")), Campaign: id.ID(f.Get("campaign")), Remark: f.Get("remark"),
		References: strings.FieldsFunc(f.Get("references"), func(c rune) bool { return strings.ContainsRune(" \t\r\n,;，；、", c) })}
	b, fresh, err := w.Batches.Freeze(r.Context(), r.Actor(), sc)
	if err != nil {
		p, perr := w.batchNewPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Year, p.Fund, p.Campaign, p.References, p.Remark = f.Get("year"), f.Get("fund"), f.Get("campaign"), f.Get("references"), f.Get("remark")
		return again("receipt/batch-new", p, err)
	}
	say := "已核对，尚未开具任何收据。请看试印，再请复核人复核"
	if !fresh {
		say = "这个范围已有一批在办，就是这一批；没有另建"
	}
	return edge.Redirect(batchHome+"/"+string(b.ID)).Flash("ok", say), nil
}

// batchPage is receipt/batch.html: what a batch would do, its progress and its
// report.
type batchPage struct {
	templates.Chrome
	Batch                                  batchView
	Rows                                   []receipt.BatchRow
	Causes                                 []causeView
	Filter                                 templates.Filter
	Pager                                  templates.Pager
	Events                                 []templates.Event
	MayApprove, MayRecheck, MayDrop, Taken bool
	Own                                    bool // prepared by who looks: somebody else reviews
	Reason                                 string
	Mails                                  receipt.Mails
	MayMail                                bool
}

// causeView is a reason with how often it holds and what mends it.
type causeView struct {
	receipt.CauseCount
	Label, Mend string
}

var causeLabels = map[receipt.Cause][2]string{
	receipt.Unconfirmed: {"还没有确认到账", "到账后由财务确认"},
	receipt.Refunded:    {"已退回捐赠人", "不需要处理"},
	receipt.Cancelled:   {"捐赠已取消", "不需要处理"},
	receipt.RefundAsked: {"已申请退回，尚未决定", "先决定是否退回"},
	receipt.Receipted:   {"已有收据", "已开具的不需要处理；还在等待复核的，请到捐赠页面复核"},
	receipt.Nameless:    {"没有收据抬头", "在捐赠页面补登捐赠人；不愿具名的不开收据"},
	receipt.Nothing:     {"到账数量为零", "不需要处理"},
	receipt.Changed:     {"核对之后有改动", "重新核对，再请复核人复核"},
}

const batchRowsShown = 100

func (w *Web) batchPage(r *edge.Request) (*batchPage, error) {
	ctx, who := r.Context(), r.Actor()
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	b, err := w.Batches.Batch(ctx, who, at)
	if err != nil {
		return nil, err
	}
	p := &batchPage{Batch: batchView{b}, MayApprove: w.Batches.Allowed(who, b, "approve") && b.Waiting > 0, MayRecheck: w.Batches.Allowed(who, b, "recheck"),
		MayDrop: w.Batches.Allowed(who, b, "drop"), Own: b.State == receipt.BatchPrepared && who.Account == b.Handler, Taken: b.Made > 0}
	p.Title, p.Breadcrumbs = b.Title, []templates.Crumb{registerCrumb, batchCrumb, {Label: b.Title}}
	f := rowFilter(r)
	if p.Rows, p.Pager.Total, err = w.Batches.Rows(ctx, who, at, f); err != nil {
		return nil, err
	}
	p.Pager.Unit = "笔"
	if len(p.Rows) == batchRowsShown {
		turn(r, &p.Pager, id.ID(strconv.Itoa(p.Rows[batchRowsShown-1].Line)))
	} else {
		turn(r, &p.Pager, "")
	}
	home := batchHome + "/" + string(at)
	p.Filter = templates.Filter{Action: home, Query: f.Text, Placeholder: "登记号或捐赠人", Active: f.Text != "" || f.State != "" || f.Cause != "" || f.Mail != "", Export: home + "/rows.csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "state", Label: "结果", Value: string(f.State), Options: []templates.Option{{Label: "全部"}, {Value: "waiting", Label: "待开具"}, {Value: "issued", Label: "已开具"}, {Value: "aside", Label: "搁置"}}}}}
	if b.State == receipt.BatchDone {
		p.Filter.Selects = append(p.Filter.Selects, templates.FilterSelect{Name: "mail", Label: "邮件", Value: string(f.Mail), Options: mailStates()})
	}
	causes, err := w.Batches.Causes(ctx, who, at)
	if err != nil {
		return nil, err
	}
	for _, c := range causes {
		p.Causes = append(p.Causes, causeView{c, causeLabels[c.Cause][0], causeLabels[c.Cause][1]})
	}
	if p.Mails, err = w.Batches.Mails(ctx, who, at); err != nil {
		return nil, err
	}
	p.MayMail = w.Batches.Allowed(who, b, "deliver")
	events, err := w.Batches.Timeline(ctx, who, at)
	p.Events = timeline(events)
	return p, err
}

func mailStates() []templates.Option {
	out := []templates.Option{{Label: "全部"}}
	for _, m := range []receipt.MailState{receipt.MailSent, receipt.MailWaiting, receipt.MailFailed, receipt.MailUnsure} {
		out = append(out, templates.Option{Value: string(m), Label: m.Name()})
	}
	return out
}

func rowFilter(r *edge.Request) receipt.RowFilter {
	f := receipt.RowFilter{State: receipt.RowState(r.Query("state")), Cause: receipt.Cause(r.Query("cause")), Mail: receipt.MailState(r.Query("mail")), Text: r.Query("q"), Limit: batchRowsShown}
	f.After, _ = strconv.Atoi(r.Query("after")) // what is no number begins at the first
	return f
}

func (w *Web) batchShow(r *edge.Request) (edge.Response, error) {
	p, err := w.batchPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "receipt/batch", p), nil
}
