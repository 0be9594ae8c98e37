package web

import (
	"strconv"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/disclosure"
	"gongji/app/kernel/id"
	"gongji/templates"
)

func (w *Web) disclosureRoutes() []edge.Route {
	return []edge.Route{
		get("/disclosures", "public", w.disclosureList),
		get("/disclosures/export.csv", "public", w.disclosureExport),
		get("/disclosures/{id}", "public", w.disclosureShow),
		get("/foundation/disclosures", "foundation", w.disclosureDesk),
		post("/foundation/disclosures", "foundation", w.disclosureStart),
		get("/foundation/disclosures/export.csv", "foundation", w.disclosureOwnExport),
		get("/foundation/disclosures/{id}", "foundation", w.disclosureManage),
		post("/foundation/disclosures/{id}/edit", "foundation", w.disclosureSave),
		post("/foundation/disclosures/{id}/submit", "foundation", w.disclosureSubmit),
		post("/foundation/disclosures/{id}/decide", "foundation", w.disclosureDecide),
		post("/foundation/disclosures/{id}/drop", "foundation", w.disclosureDrop),
		post("/foundation/disclosures/{id}/correct", "foundation", w.disclosureCorrect),
		get("/foundation/funds/{id}/labels", "foundation", w.labelsShow),
		post("/foundation/funds/{id}/labels", "foundation", w.labelsSave),
		post("/foundation/funds/{id}/emergency", "foundation", w.emergency),
		post("/foundation/campaigns/{id}/emergency", "foundation", w.emergency),
	}
}

const disclosurePage = 20

func disclosureStatus(x disclosure.Disclosure) templates.Status {
	tone := map[disclosure.State]templates.Tone{disclosure.Draft: templates.Neutral, disclosure.Review: templates.Info, disclosure.Published: templates.OK, disclosure.Corrected: templates.Danger}[x.State]
	if x.Returned() {
		tone = templates.Warn
	}
	return templates.Status{Label: x.StateName(), Tone: tone}
}

// disclosureRow is a disclosure in a list.
type disclosureRow struct {
	disclosure.Disclosure
	Href   string
	Status templates.Status
}

// disclosureListPage is disclosure/list.html, everybody's list.
type disclosureListPage struct {
	templates.Chrome
	Filter templates.Filter
	Rows   []disclosureRow
	Pager  templates.Pager
}

func disclosureFilter(r *edge.Request) disclosure.Filter {
	return disclosure.Filter{Kind: disclosure.Kind(r.Query("kind")), State: disclosure.State(r.Query("state")), Late: r.Query("late") == "yes",
		Subject: id.ID(r.Query("subject")), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: disclosurePage}
}

func (w *Web) disclosureList(r *edge.Request) (edge.Response, error) {
	p := &disclosureListPage{}
	p.Title, p.Description = "基金信息公开", "专项基金和公开募捐按期公布的收支、物资和更正"
	var err error
	p.Filter, p.Rows, p.Pager, err = w.disclosures(r, disclosureFilter(r), "/disclosures/", disclosure.Published, disclosure.Corrected)
	p.Filter.Export = "/disclosures/export.csv" + query(r)
	return edge.HTML(200, "disclosure/list", p).Shared(), err
}

// disclosures is a page of a list with its filters.
func (w *Web) disclosures(r *edge.Request, x disclosure.Filter, base string, states ...disclosure.State) (f templates.Filter, rows []disclosureRow, pager templates.Pager, err error) {
	list, err := w.Disclosures.List(r.Context(), r.Actor(), x)
	if err != nil {
		return f, nil, pager, err
	}
	for _, d := range list {
		rows = append(rows, disclosureRow{d, base + string(d.ID), disclosureStatus(d)})
	}
	pager.Unit = "份"
	if x.After != "" {
		pager.Prev = with(r, "after", "")
	}
	if len(list) == x.Limit {
		pager.Next = with(r, "after", string(list[len(list)-1].ID))
	}
	kinds, opts := []templates.Option{{Label: "全部种类"}}, []templates.Option{{Label: "全部状态"}}
	for _, k := range disclosure.Kinds() {
		kinds = append(kinds, templates.Option{Value: string(k), Label: k.Name()})
	}
	for _, s := range states {
		opts = append(opts, templates.Option{Value: string(s), Label: s.Name()})
	}
	late := ""
	if x.Late {
		late = "yes"
	}
	f = templates.Filter{Action: r.Path(), Query: x.Text, Placeholder: "基金、募捐、编号或说明中的字", Active: x.Text != "" || x.Kind != "" || x.State != "" || x.Late || x.Subject != "",
		Selects: []templates.FilterSelect{{Name: "kind", Label: "种类", Value: string(x.Kind), Options: kinds}, {Name: "state", Label: "状态", Value: string(x.State), Options: opts},
			{Name: "late", Label: "是否按期", Value: late, Options: []templates.Option{{Label: "全部"}, {Value: "yes", Label: "逾期公布"}}}}}
	if x.Subject != "" {
		f.Keep = []templates.Hidden{{Name: "subject", Value: string(x.Subject)}}
	}
	pager.Total, err = w.Disclosures.Count(r.Context(), r.Actor(), x)
	return f, rows, pager, err
}

func (w *Web) disclosureExport(r *edge.Request) (edge.Response, error) {
	return w.disclosuresExport(r, disclosureFilter(r))
}

func (w *Web) disclosureOwnExport(r *edge.Request) (edge.Response, error) {
	x := disclosureFilter(r)
	x.Foundation = r.Actor().Org
	return w.disclosuresExport(r, x)
}

func (w *Web) disclosuresExport(r *edge.Request, x disclosure.Filter) (edge.Response, error) {
	head := []string{"编号", "基金或公开募捐", "种类", "统计期间", "本期接收捐款（元）", "本期支出（元）", "期末结存（元）", "最迟公布", "公布时间", "逾期天数", "状态", "更正理由"}
	return export("基金信息公开.csv", head, func(after id.ID) ([][]string, id.ID, error) {
		x.After, x.Limit = after, exportStride
		list, err := w.Disclosures.List(r.Context(), r.Actor(), x)
		var rows [][]string
		for _, d := range list {
			due := d.DueAt
			if due != nil { // said as the last day
				at := due.Add(-time.Second)
				due = &at
			}
			rows = append(rows, []string{d.No(), d.SubjectName, d.Kind.Name(), d.Period(), d.Figures.Period.Given.Plain(), d.Figures.Period.Out.Plain(), d.Figures.Closing.Plain(),
				cellDay(due), cellTime(d.PublishedAt), strconv.Itoa(d.Late()), d.StateName(), d.Why})
		}
		return rows, last(list, func(d disclosure.Disclosure) id.ID { return d.ID }), err
	})
}

// disclosureShowPage is disclosure/show.html.
type disclosureShowPage struct {
	templates.Chrome
	Item     disclosure.Disclosure
	Status   templates.Status
	Facts    []templates.KV
	Files    []templates.File
	Editions []disclosureRow
	Newer    string // the edition that stands instead
	Events   []templates.Event
	Manage   string
}

func (w *Web) disclosureShow(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, err := w.Disclosures.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	if !x.State.Public() {
		return edge.Redirect("/foundation/disclosures/" + string(x.ID)), nil
	}
	p := &disclosureShowPage{Item: x, Status: disclosureStatus(x), Facts: disclosureFacts(x)}
	p.Title, p.Description = x.Title(), short(x.Summary, 80)
	p.Breadcrumbs = []templates.Crumb{{Label: "基金信息公开", Href: "/disclosures"}, {Label: x.No()}}
	if w.Disclosures.Allowed(r.Actor(), x, "follow") {
		p.Manage = "/foundation/disclosures/" + string(x.ID)
	}
	if err := w.disclosureHangs(r, p); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "disclosure/show", p).Shared(), nil
}

// disclosureHangs reads what hangs on a disclosure.
func (w *Web) disclosureHangs(r *edge.Request, p *disclosureShowPage) error {
	editions, err := w.Disclosures.Editions(r.Context(), r.Actor(), p.Item)
	if err != nil {
		return err
	}
	for _, e := range editions {
		if !e.State.Public() {
			continue
		}
		p.Editions = append(p.Editions, disclosureRow{e, "/disclosures/" + string(e.ID), disclosureStatus(e)})
		if e.State == disclosure.Published && p.Item.State == disclosure.Corrected {
			p.Newer = "/disclosures/" + string(e.ID)
		}
	}
	if p.Item.Document != nil {
		d, err := w.Archive.Get(r.Context(), r.Actor(), *p.Item.Document)
		if err != nil {
			return err
		}
		p.Files = []templates.File{{ID: string(d.ID), Name: d.FileName(), Href: "/documents/" + string(d.ID), Size: d.Size, SHA256: d.SHA256}}
		p.Facts = append(p.Facts, templates.KV{Label: "核验", Value: d.Code, Href: "/verify/" + d.Code})
	}
	events, err := w.Disclosures.Timeline(r.Context(), r.Actor(), p.Item)
	p.Events = timeline(events)
	return err
}

func disclosureFacts(x disclosure.Disclosure) []templates.KV {
	of := "基金"
	if x.OfCampaign() {
		of = "公开募捐"
	}
	out := []templates.KV{{Label: of, Value: x.SubjectName, Href: x.SubjectAt()}, {Label: "公布单位", Value: x.FoundationName, Href: "/organisations/" + string(x.Foundation)},
		{Label: "统计期间", Value: x.Period()}, {Label: "依据", Value: x.Article}}
	if x.DueAt != nil {
		d := templates.Deadline{At: *x.DueAt, Ends: true}
		out = append(out, templates.KV{Label: "最迟公布", Value: d.Says()})
	}
	if x.PublishedAt != nil {
		said := templates.Deadline{At: *x.PublishedAt}.Says()
		if n := x.Late(); n > 0 {
			said += "（逾期 " + strconv.Itoa(n) + " 天）"
		}
		out = append(out, templates.KV{Label: "公布时间", Value: said})
	}
	return out
}

// dueRow is a line of a calendar.
type dueRow struct {
	disclosure.Due
	Deadline templates.Deadline
	Late     int
	Ready    bool // its time is over: it can be drafted
}

func dueRows(list []disclosure.Due, now time.Time) []dueRow {
	out := make([]dueRow, 0, len(list))
	for _, d := range list {
		out = append(out, dueRow{d, templates.Deadline{Label: d.Name(), At: d.At, Now: now, Article: d.Rule.Article, Unverified: !d.Rule.Certain, Ends: true, Owed: true},
			d.Late(now), d.To == nil || !now.Before(*d.To)})
	}
	return out
}

// ownDisclosures is what the public page of a fund or a campaign shows: the
// next deadlines and the last that were published.
func (w *Web) ownDisclosures(r *edge.Request, of id.ID) ([]dueRow, []disclosureRow, error) {
	dues, err := w.Disclosures.Of(r.Context(), r.Actor(), of)
	if err != nil {
		return nil, nil, err
	}
	list, err := w.Disclosures.List(r.Context(), r.Actor(), disclosure.Filter{Subject: of, Limit: 5})
	var told []disclosureRow
	for _, x := range list {
		told = append(told, disclosureRow{x, "/disclosures/" + string(x.ID), disclosureStatus(x)})
	}
	return dueRows(dues, r.Now()), told, err
}
