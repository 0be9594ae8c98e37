package web

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/documents"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// documentRoutes are quiet: who takes documents must be read in no log but the
// buyer's own.
func (w *Web) documentRoutes() []edge.Route {
	return quiet([]edge.Route{
		get("/tenders/{id}/document", "public", w.documentTake),
		get("/tenders/{id}/takes", "buyer", w.documentTakes),
		get("/tenders/{id}/takes/export.csv", "buyer", w.documentTakesExport),
	})
}

// documentTake hands out the 采购文件; ?version names an older one.
func (w *Web) documentTake(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	version := 0
	if s := r.Query("version"); s != "" {
		if version, err = strconv.Atoi(s); err != nil || version < 1 {
			return edge.Response{}, fault.New(fault.NotFound, "没有这一版采购文件")
		}
	}
	doc, body, err := w.Documents.Take(r.Context(), r.Actor(), x, version)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(doc.FileName(), "application/pdf", doc.Size, body, true), nil
}

// takesPage is tender/takes.html.
type takesPage struct {
	templates.Chrome
	T      tender.Tender
	Log    documents.Page
	Filter templates.Filter
	Pager  templates.Pager
}

func takeFilter(r *edge.Request) documents.TakeFilter {
	version, _ := strconv.Atoi(r.Query("version")) // what is no number narrows nothing
	return documents.TakeFilter{Text: r.Query("q"), Kind: r.Query("kind"), Version: version, After: id.ID(r.Query("after"))}
}

func (w *Web) documentTakes(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f := takeFilter(r)
	log, err := w.Documents.Takes(r.Context(), r.Actor(), t.ID, f)
	if err != nil {
		return edge.Response{}, err
	}
	p := &takesPage{T: t, Log: log, Pager: templates.Pager{Total: log.Total, Unit: "次"}}
	versions := []templates.Option{{Label: "全部版本"}}
	for v := t.Documents; v > 0; v-- {
		versions = append(versions, templates.Option{Value: strconv.Itoa(v), Label: "第 " + strconv.Itoa(v) + " 版"})
	}
	p.Filter = templates.Filter{Action: r.Path(), Query: f.Text, Placeholder: "单位名称", Active: f.Text != "" || f.Kind != "" || f.Version > 0, Export: r.Path() + "/export.csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "kind", Label: "性质", Value: f.Kind, Options: []templates.Option{{Label: "全部"}, {Value: documents.BySuppliers, Label: "供应商领取"}, {Value: documents.ByOthers, Label: "查阅"}}},
			{Name: "version", Label: "版本", Value: r.Query("version"), Options: versions}}}
	p.Title = "采购文件领取记录"
	p.Breadcrumbs = []templates.Crumb{{Label: t.Title, Href: tenderPath(t.ID)}, {Label: p.Title}}
	if r.Query("after") != "" {
		p.Pager.Prev = r.Path() + query(r)
	}
	if log.Next != "" {
		p.Pager.Next = with(r, "after", string(log.Next))
	}
	return edge.HTML(200, "tender/takes", p), nil
}

// documentTakesExport is the log under its filters, for the file of the purchase.
func (w *Web) documentTakesExport(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f := takeFilter(r)
	f.Limit = exportStride
	return export("采购文件领取记录.csv", []string{"时间", "领取人", "版本", "性质"}, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		log, err := w.Documents.Takes(r.Context(), r.Actor(), t.ID, f)
		var rows [][]string
		for _, x := range log.Items {
			kind := "查阅"
			if x.Supplier {
				kind = "供应商领取"
			}
			rows = append(rows, []string{cellTime(&x.At), x.Name, strconv.Itoa(x.Version), kind})
		}
		return rows, log.Next, err
	})
}

// documentCard is what the notice says of its documents.
type documentCard struct {
	Versions []documentRow
	Taken    string // when the reader's own organisation took them
	Stale    bool   // took an older version than the one in force
	Log      string // address of the log, for the buyer
	Amend    string // address of the amendment form, for the buyer's officer
	Tender   id.ID
}

type documentRow struct {
	documents.Version
	Href string
	Now  bool // in force
}

func (w *Web) documentCard(r *edge.Request, t tender.Tender) (*documentCard, error) {
	if t.Documents == 0 {
		return nil, nil
	}
	list, err := w.Documents.Versions(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return nil, err
	}
	c := &documentCard{Tender: t.ID}
	for _, v := range list {
		c.Versions = append(c.Versions, documentRow{v, tenderPath(t.ID) + "/document?version=" + strconv.Itoa(v.Version), v.Version == t.Documents})
	}
	take, err := w.Documents.Taken(r.Context(), r.Actor(), t)
	if err != nil {
		return nil, err
	}
	if take != nil {
		c.Taken, c.Stale = "您的单位领取过第 "+strconv.Itoa(take.Version)+" 版", take.Version < t.Documents
	}
	if w.Tenders.Allowed(r.Actor(), t, "takes") {
		c.Log = tenderPath(t.ID) + "/takes"
	}
	if w.Tenders.Allowed(r.Actor(), t, "amend") {
		c.Amend = bureauPath(t) + "/amend"
	}
	return c, nil
}
