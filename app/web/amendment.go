package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/amendment"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) amendmentRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders/{id}/amendments", "public", w.amendmentList),
		get("/tenders/{id}/amendments/export.csv", "public", w.amendmentExport),
		get("/bureau/tenders/{id}/amend", "buyer", w.amendForm),
		post("/bureau/tenders/{id}/amend", "buyer", w.amendPost),
		post("/bureau/tenders/{id}/amendment/approve", "buyer", w.amendmentApprove),
		post("/bureau/tenders/{id}/amendment/return", "buyer", w.amendmentReturn),
	}
}

// amendmentsPage is tender/amendments.html.
type amendmentsPage struct {
	templates.Chrome
	T       tender.Tender
	List    []amendment.Amendment
	Filter  templates.Filter
	Pager   templates.Pager
	Waiting *amendment.Amendment // for the buyer's people
	Approve string               // where an approval is posted; "" for nobody
	Return  string
	Propose string
}

func (w *Web) amendmentsPage(r *edge.Request, t tender.Tender) (*amendmentsPage, error) {
	f := amendmentFilter(r)
	list, err := w.Amendments.Of(r.Context(), r.Actor(), t.ID, f)
	if err != nil {
		return nil, err
	}
	at := tenderPath(t.ID) + "/amendments"
	p := &amendmentsPage{T: t, List: list.Items, Pager: templates.Pager{Total: list.Total, Unit: "次"}}
	p.Filter = templates.Filter{Action: at, Query: f.Text, Placeholder: "原因或内容中的词", Active: f.Text != "", Export: at + "/export.csv" + query(r)}
	if f.After > 0 {
		p.Pager.Prev = at + query(r)
	}
	if list.Next > 0 {
		p.Pager.Next = with(r, "after", strconv.Itoa(list.Next))
	}
	p.Title = "更正与澄清"
	p.Breadcrumbs = []templates.Crumb{{Label: t.Title, Href: tenderPath(t.ID)}, {Label: p.Title}}
	if !w.Tenders.Allowed(r.Actor(), t, "follow") {
		return p, nil
	}
	a, err := w.Amendments.Waiting(r.Context(), r.Actor(), t.ID)
	switch {
	case err == nil:
		p.Waiting = &a
		if w.Tenders.Allowed(r.Actor(), t, "approve_amendment") && a.DraftedBy != r.Actor().Account {
			p.Approve, p.Return = bureauPath(t)+"/amendment/approve", bureauPath(t)+"/amendment/return"
		}
	case !fault.Is(err, fault.NotFound):
		return nil, err
	case w.Tenders.Allowed(r.Actor(), t, "amend"):
		p.Propose = bureauPath(t) + "/amend"
	}
	return p, nil
}

func amendmentFilter(r *edge.Request) amendment.Filter {
	after, _ := strconv.Atoi(r.Query("after")) // what is no number is the first page
	return amendment.Filter{Text: r.Query("q"), After: after}
}

// amendmentExport has one row for each field that changed.
func (w *Web) amendmentExport(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f := amendmentFilter(r)
	f.Limit = exportStride
	return export("更正与澄清.csv", []string{"次数", "发布时间", "采购文件版本", "原因", "改变的内容", "原来", "现在", "依据"}, func(after id.ID) ([][]string, id.ID, error) {
		f.After, _ = strconv.Atoi(string(after))
		list, err := w.Amendments.Of(r.Context(), r.Actor(), t.ID, f)
		var rows [][]string
		for _, a := range list.Items {
			for _, c := range a.Changes {
				rows = append(rows, []string{strconv.Itoa(a.Number), cellTime(a.PublishedAt), strconv.Itoa(a.Version), a.Reason, c.Label, c.Old, c.New, a.Article})
			}
		}
		if list.Next == 0 {
			return rows, "", err
		}
		return rows, id.ID(strconv.Itoa(list.Next)), err
	})
}

func (w *Web) amendmentList(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.amendmentsPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "tender/amendments", p), nil
}

// amendPage is tender/amend.html: the form, and once it was read, what it
// would do.
type amendPage struct {
	templates.Chrome
	T      tender.Tender
	V      map[string]string
	Rows   []criterionRow
	Plan   *amendment.Amendment
	Limits rules.Rule
	Moves  rules.Rule // that moves a deadline
	Back   string
}

func (w *Web) amendPage(r *edge.Request, t tender.Tender) (*amendPage, error) {
	set, err := t.RuleSet(r.Now())
	p := &amendPage{T: t, V: formValues(t), Rows: criterionRows(t.Form.Criteria), Limits: rules.At(r.Now()).Must(rules.AmendmentLimits),
		Moves: set.Of(t.Method, "clarification_before_deadline"), Back: bureauPath(t)}
	p.V["affects"] = "yes" // what may affect bids is the safe answer
	p.Title = "更正采购文件"
	p.Breadcrumbs = []templates.Crumb{{Label: t.Title, Href: tenderPath(t.ID)}, {Label: "更正与澄清", Href: tenderPath(t.ID) + "/amendments"}, {Label: p.Title}}
	return p, err
}

func (w *Web) amendForm(r *edge.Request) (edge.Response, error) {
	t, err := w.own(r, "amend")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.amendPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "tender/amend", p), nil
}

// amendInput is what differs from the notice as the form showed it.
func amendInput(t tender.Tender, f *edge.Form) amendment.Input {
	in := amendment.Input{Values: map[string]string{}, Reason: f.Get("reason"), Affects: f.Get("affects") != "no"}
	shown := formValues(t)
	for _, name := range tender.Amendable {
		if f.Has(name) && lined(f.Get(name)) != lined(shown[name]) {
			in.Values[name] = f.Get(name)
		}
	}
	rows := criteriaOf(f)
	same := func(a, b tender.CriterionForm) bool {
		return lined(a.Name) == lined(b.Name) && lined(a.Description) == lined(b.Description) && a.Weight == b.Weight && a.Kind == b.Kind && lined(a.Bands) == lined(b.Bands)
	}
	if len(rows) > 0 && !slices.EqualFunc(rows, t.Form.Criteria, same) {
		in.Criteria = rows
	}
	return in
}

// lined is a text with the line ends that a browser does not change.
func lined(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// amendPost first shows what the amendment would do, then, confirmed, hands it
// to the approver.
func (w *Web) amendPost(r *edge.Request) (edge.Response, error) {
	t, err := w.own(r, "follow") // what was typed is shown again should the deadline have passed meanwhile
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.amendPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	in := amendInput(t, f)
	for _, name := range f.Names() {
		p.V[name] = f.Get(name)
	}
	if rows := criteriaOf(f); len(rows) > 0 {
		p.Rows = criterionRows(rows)
	}
	if f.Get("step") == "confirm" {
		if _, err = w.Amendments.Propose(r.Context(), r.Actor(), t.ID, in); err == nil {
			return edge.Redirect(tenderPath(t.ID)+"/amendments").Flash("ok", "更正已提交，等待审批人批准"), nil
		}
		return again("tender/amend", p, err)
	}
	plan, err := w.Amendments.Plan(r.Context(), r.Actor(), t.ID, in)
	if err != nil {
		return again("tender/amend", p, err)
	}
	p.Plan = &plan
	return edge.HTML(200, "tender/amend", p), nil
}

func (w *Web) amendmentApprove(r *edge.Request) (edge.Response, error) {
	return w.amendmentDecide(r, "更正已发布，领取采购文件的单位都收到了通知", func(ctx context.Context, who party.Actor, t id.ID, _ string) (amendment.Amendment, error) {
		return w.Amendments.Approve(ctx, who, t)
	})
}

func (w *Web) amendmentReturn(r *edge.Request) (edge.Response, error) {
	return w.amendmentDecide(r, "更正已退回", w.Amendments.Return)
}

func (w *Web) amendmentDecide(r *edge.Request, done string, do func(context.Context, party.Actor, id.ID, string) (amendment.Amendment, error)) (edge.Response, error) {
	t, err := w.own(r, "follow")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := do(r.Context(), r.Actor(), t.ID, f.Get("reason")); err != nil {
		p, perr := w.amendmentsPage(r, t)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("tender/amendments", p, err)
	}
	return edge.Redirect(tenderPath(t.ID)+"/amendments").Flash("ok", done), nil
}
