package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/templates"
)

func (w *Web) listingRoutes() []edge.Route {
	return []edge.Route{
		get("/listings", "public", w.listingList),
		get("/listings/export.csv", "public", w.listingExport),
		get("/listings/{id}", "public", w.listingShow),
		post("/listings/{id}/statement", "account", w.listingState),
		post("/listings/{id}/plea", "account", w.listingPlead),
		post("/listings/{id}/decide", "authority", w.listingDecide),
		post("/listings/{id}/pleas/{plea}", "authority", w.listingAnswer),
		get("/authority/listings", "authority", w.authorityListings),
		get("/authority/listings/new", "authority", w.listingNew),
		post("/authority/listings/new", "authority", w.listingNotify),
	}
}

func listingHref(l standing.Listing) string { return "/listings/" + string(l.ID) }

// listingRow is a listing in a list.
type listingRow struct {
	standing.Listing
	Status templates.Status
	Until  string
}

// listingListPage is listing/list.html: the published ones, or an office's own.
type listingListPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []listingRow
	Pager  templates.Pager
	Office bool
	MayNew bool
}

func listingStatus(s standing.State) templates.Status {
	tone := map[standing.State]templates.Tone{standing.Noticed: templates.Warn, standing.InForce: templates.Danger}[s]
	if tone == "" {
		tone = templates.Neutral
	}
	return templates.Status{Label: s.Name(), Tone: tone}
}

func listingUntil(l standing.Listing) string {
	switch {
	case l.EndedAt != nil:
		return "至 " + l.EndedAt.In(clock.Beijing).Format("2006年1月2日")
	case l.UntilAt != nil:
		return "至 " + calendar.Until(*l.UntilAt)
	case l.State == standing.InForce:
		return "移出前有效"
	}
	return "—"
}

func listingRows(r *edge.Request, list []standing.Listing) []listingRow {
	var out []listingRow
	for _, l := range list {
		status := listingStatus(l.At(r.Now()))
		if l.At(r.Now()) == standing.InForce && !l.Runs(r.Now()) {
			status.Label = "已决定，尚未生效"
		}
		out = append(out, listingRow{l, status, listingUntil(l)})
	}
	return out
}

func listingFilter(r *edge.Request) standing.Filter {
	return standing.Filter{Kind: r.Query("kind"), State: standing.State(r.Query("state")), Text: r.Query("q"),
		Organisation: id.ID(r.Query("organisation")), After: id.ID(r.Query("after")), Limit: orgPage}
}

func listingKinds(blank bool) []templates.Option {
	var out []templates.Option
	if blank {
		out = append(out, templates.Option{Label: "全部名单"})
	}
	for _, k := range rules.Listings() {
		out = append(out, templates.Option{Value: k.ID, Label: k.Name, Hint: k.Hint})
	}
	return out
}

func listingStates(office bool) []templates.Option {
	out := []templates.Option{{Label: "全部状态"}}
	list := []standing.State{standing.InForce, standing.Expired, standing.Removed, standing.Revoked}
	if office {
		list = append([]standing.State{standing.Noticed, standing.Withdrawn}, list...)
	}
	for _, s := range list {
		out = append(out, templates.Option{Value: string(s), Label: s.Name()})
	}
	return out
}

func (w *Web) listingList(r *edge.Request) (edge.Response, error) {
	p := &listingListPage{}
	p.Title = "信用名单公示"
	p.Breadcrumbs = []templates.Crumb{{Label: "组织名录", Href: "/organisations"}, {Label: p.Title}}
	if err := w.listings(r, p, listingFilter(r), "/listings"); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "listing/list", p), nil
}

func (w *Web) authorityListings(r *edge.Request) (edge.Response, error) {
	p := &listingListPage{Office: true, MayNew: w.Standing.MayCreate(r.Actor())}
	p.Title = "信用名单办理"
	f := listingFilter(r)
	f.Authority = r.Actor().Org
	if err := w.listings(r, p, f, "/authority/listings"); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "listing/list", p), nil
}

func (w *Web) listings(r *edge.Request, p *listingListPage, f standing.Filter, at string) error {
	p.Filter = templates.Filter{Action: at, Query: f.Text, Placeholder: "组织名称或决定文号", Active: f.Text != "" || f.Kind != "" || f.State != "" || f.Organisation != "",
		Selects: []templates.FilterSelect{{Name: "kind", Label: "名单", Value: f.Kind, Options: listingKinds(true)},
			{Name: "state", Label: "状态", Value: string(f.State), Options: listingStates(p.Office)}}}
	if !p.Office {
		p.Filter.Export = "/listings/export.csv" + query(r)
	}
	list, err := w.Standing.List(r.Context(), r.Actor(), f)
	if err != nil {
		return err
	}
	p.Items = listingRows(r, list)
	total, err := w.Standing.Count(r.Context(), r.Actor(), f)
	p.Pager = templates.Pager{Total: total, Unit: "件"}
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == f.Limit {
		p.Pager.Next = with(r, "after", string(list[len(list)-1].ID))
	}
	return err
}

func (w *Web) listingExport(r *edge.Request) (edge.Response, error) {
	f := listingFilter(r)
	f.Limit = exportStride
	return export("信用名单.csv", []string{"决定文号", "组织", "名单", "依据", "决定机关", "生效", "期限", "状态", "地址"},
		func(after id.ID) ([][]string, id.ID, error) {
			f.After = after
			list, err := w.Standing.List(r.Context(), r.Actor(), f)
			var out [][]string
			for _, x := range listingRows(r, list) {
				out = append(out, []string{x.Number, x.OrgName, x.KindName(), x.Article, x.AuthorityName, cellTime(x.BeginsAt), x.Until, x.Status.Label, r.PublicURL() + listingHref(x.Listing)})
			}
			return out, last(list, func(l standing.Listing) id.ID { return l.ID }), err
		})
}

// listingNewPage is listing/new.html: the notice before a decision.
type listingNewPage struct {
	templates.Chrome
	Form  standing.Intent
	Kinds []templates.Option
	Org   *organisation.Organisation
}

func (w *Web) listingNewPage(r *edge.Request, form standing.Intent) *listingNewPage {
	p := &listingNewPage{Form: form, Kinds: listingKinds(false)}
	p.Title = "发出列入名单的告知书"
	p.Breadcrumbs = []templates.Crumb{{Label: "信用名单办理", Href: "/authority/listings"}, {Label: p.Title}}
	if o, err := w.Organisations.Get(r.Context(), r.Actor(), id.ID(form.Organisation)); err == nil {
		p.Org = &o
	}
	return p
}

func (w *Web) listingNew(r *edge.Request) (edge.Response, error) {
	return edge.HTML(200, "listing/new", w.listingNewPage(r, standing.Intent{Organisation: r.Query("organisation")})), nil
}

func (w *Web) listingNotify(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	form := standing.Intent{Kind: f.Get("kind"), Organisation: f.Get("organisation"), Reason: f.Get("reason"), Months: f.Get("months")}
	l, err := w.Standing.Notify(r.Context(), r.Actor(), form)
	if err != nil {
		return again("listing/new", w.listingNewPage(r, form), err)
	}
	return edge.Redirect(listingHref(l)).Flash("ok", "告知书已发出，对方可以在期限内陈述申辩"), nil
}

// listingDesk is what waits for an office or for an organisation that was told.
func (w *Web) listingDesk(r *edge.Request) ([]DeskCard, error) {
	list, err := w.Standing.Waiting(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	office := w.may(r, "authority")
	if len(list) == 0 && !office {
		return nil, nil
	}
	c := DeskCard{Title: "信用名单", Href: "/authority/listings", Icon: "list-check", Text: "告知、决定和公布列入信用名单", Count: len(list)}
	if !office && len(list) > 0 {
		c.Title, c.Href, c.Text = "收到列入名单的告知", listingHref(list[0]), "请在期限内陈述申辩"
		c.Due = &templates.Deadline{Label: "陈述申辩截止", At: *list[0].StatementUntil, Ends: true, Owed: true, Now: r.Now(), Article: rules.At(r.Now()).Must(rules.StandingStatement).Article, Unverified: true}
	}
	out := []DeskCard{c}
	if proofs, err := w.Standing.ToCheck(r.Context(), r.Actor()); err != nil {
		return nil, err
	} else if len(proofs) > 0 {
		out = append(out, DeskCard{Title: "待核实的评估等级和表彰", Href: "/authority/recognitions", Icon: "award", Text: "核对证明后公布", Count: len(proofs)})
	}
	return out, nil
}
