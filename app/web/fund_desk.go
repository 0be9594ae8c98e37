package web

import (
	"fmt"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

func (w *Web) fundDeskRoutes() []edge.Route {
	return []edge.Route{
		get("/foundation/funds", "foundation", w.fundOwn),
		get("/foundation/funds/new", "foundation", w.fundNew),
		post("/foundation/funds", "foundation", w.fundCreate),
		get("/foundation/funds/{id}", "foundation", w.fundManage),
		get("/foundation/funds/{id}/edit", "foundation", w.fundEdit),
		post("/foundation/funds/{id}/edit", "foundation", w.fundSave),
		post("/foundation/funds/{id}/autosave", "foundation", w.fundAutosave),
		post("/foundation/funds/{id}/submit", "foundation", w.fundSubmit),
		post("/foundation/funds/{id}/decide", "foundation", w.fundDecide),
		get("/foundation/funds/{id}/ledger", "foundation", w.fundLedger),
	}
}

func fundHref(f fund.Fund) string { return "/foundation/funds/" + string(f.ID) }

var fundDesk = templates.Crumb{Label: "本会专项基金", Href: "/foundation/funds"}

func (w *Web) fundOwn(r *edge.Request) (edge.Response, error) {
	p := &fundListPage{Own: true, MayAdd: w.Funds.MayCreate(r.Actor())}
	p.Title = "本会专项基金"
	return w.fundsPage(r, p, fund.Filter{Foundation: r.Actor().Org}, fund.Draft, fund.Review, fund.Active, fund.Winding, fund.Ended)
}

// fundEditPage is fund/edit.html; Fund is the zero value for a new one.
type fundEditPage struct {
	templates.Chrome
	Fund   fund.Fund
	Action string
	Form   fund.Form
	Rows   []seatRow
	Target []templates.Option
	Name   rules.Rule
	Fee    rules.Rule
	Board  rules.Rule
}

// seatRow is one of the committee as typed.
type seatRow struct {
	No int
	fund.Member
}

// Field is the name of one of the row's inputs.
func (m seatRow) Field(name string) string { return fmt.Sprintf("members.%d.%s", m.No, name) }

func fundEditPageOf(r *edge.Request, f fund.Fund, form fund.Form) *fundEditPage {
	law := rules.At(r.Now())
	p := &fundEditPage{Fund: f, Action: "/foundation/funds", Form: form, Name: law.Must(rules.FundFullName), Fee: law.Must(rules.FoundationPublicManagement),
		Board: law.Must(rules.FundAgreement)}
	for _, t := range []fund.Target{fund.ToFund, fund.ToCharity} {
		p.Target = append(p.Target, templates.Option{Value: string(t), Label: t.Name()})
	}
	for i := 0; i < max(len(form.Members)+2, 5) && i < fund.MostMembers; i++ {
		row := seatRow{No: i + 1}
		if i < len(form.Members) {
			row.Member = form.Members[i]
		}
		p.Rows = append(p.Rows, row)
	}
	p.Title = "新建专项基金"
	p.Breadcrumbs = []templates.Crumb{fundDesk, {Label: p.Title}}
	if f.ID != "" {
		p.Title, p.Action = "修改基金草稿", fundHref(f)+"/edit"
		p.Breadcrumbs = []templates.Crumb{fundDesk, {Label: fundTitle(f), Href: fundHref(f)}, {Label: "修改"}}
	}
	return p
}

// fundTitle names a fund that may have no name yet.
func fundTitle(f fund.Fund) string {
	if f.Name == "" {
		return "未命名的基金"
	}
	return f.Name
}

func (w *Web) fundNew(r *edge.Request) (edge.Response, error) {
	if !w.Funds.MayCreate(r.Actor()) {
		return edge.Response{}, fault.New(fault.Forbidden, "专项基金由项目官员起草，请切换到项目官员身份")
	}
	return edge.HTML(200, "fund/edit", fundEditPageOf(r, fund.Fund{}, fund.Form{})), nil
}

func fundForm(r *edge.Request) (fund.Form, string, error) {
	f, err := r.Form()
	if err != nil {
		return fund.Form{}, "", err
	}
	return fund.Form{Name: f.Get("name"), Region: f.Get("region"), Purpose: f.Get("purpose"), Use: f.Get("use"), Sponsor: f.Get("sponsor"),
		Committee: f.Get("committee"), Fee: f.Get("fee"), Ending: f.Get("ending"), Surplus: f.Get("surplus"), Members: fundMembers(f),
		MembersPublic: f.Get("members_public") == "yes", EndsOn: f.Get("ends_on"), SurplusTo: fund.Target(f.Get("surplus_to")),
		BoardOn: f.Get("board_on"), BoardNo: f.Get("board_no")}, f.Get("version"), nil
}

func fundMembers(f *edge.Form) []fund.Member {
	out := []fund.Member{}
	for i := 1; i <= fund.MostMembers && f.Has(fmt.Sprintf("members.%d.name", i)); i++ {
		at := func(name string) string { return f.Get(fmt.Sprintf("members.%d.%s", i, name)) }
		if m := (fund.Member{Name: at("name"), Side: at("side"), Seat: at("seat")}); m != (fund.Member{}) {
			out = append(out, m)
		}
	}
	return out
}

func (w *Web) fundCreate(r *edge.Request) (edge.Response, error) {
	form, _, err := fundForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := w.Funds.Create(r.Context(), r.Actor(), form)
	if err != nil {
		return again("fund/edit", fundEditPageOf(r, fund.Fund{}, form), err)
	}
	return edge.Redirect(fundHref(f)).Flash("ok", "草稿已保存，请核对并上传基金协议"), nil
}

func (w *Web) fundEdit(r *edge.Request) (edge.Response, error) {
	f, err := w.fund(r)
	if err == nil {
		err = w.Funds.Require(r.Actor(), f, "edit")
	}
	if err != nil {
		return edge.Response{}, err
	}
	p := fundEditPageOf(r, f, f.Form)
	if r.Query("check") != "" { // come from the check page: show every complaint at its field
		missing, err := w.Funds.Missing(r.Context(), f)
		if err != nil {
			return edge.Response{}, err
		}
		p.Fault = about(missing, func(field string) bool { return field != "agreement" }) // asked on its own page
	}
	return edge.HTML(200, "fund/edit", p), nil
}

func (w *Web) fundSave(r *edge.Request) (edge.Response, error) {
	f, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	form, version, err := fundForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	saved, err := w.Funds.Save(r.Context(), r.Actor(), f, number(version), form)
	if err != nil {
		return again("fund/edit", fundEditPageOf(r, fund.Fund{ID: f}, form), err)
	}
	return edge.Redirect(fundHref(saved)).Flash("ok", "草稿已保存"), nil
}

// fundAutosave keeps what is being typed. It saves over whatever is there:
// the page that types does not know the version the last autosave made.
func (w *Web) fundAutosave(r *edge.Request) (edge.Response, error) {
	f, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	form, _, err := fundForm(r)
	if err == nil {
		_, err = w.Funds.Save(r.Context(), r.Actor(), f, 0, form)
	}
	return edge.NoContent(), err
}

func (w *Web) fundSubmit(r *edge.Request) (edge.Response, error) {
	return w.fundStep(r, "已提交，等待秘书长审批", func(f id.ID, _ *edge.Form) error {
		_, err := w.Funds.Submit(r.Context(), r.Actor(), f)
		return err
	})
}

func (w *Web) fundDecide(r *edge.Request) (edge.Response, error) {
	return w.fundStep(r, "决定已记录", func(f id.ID, form *edge.Form) error {
		var err error
		if form.Get("decision") == "approve" {
			_, err = w.Funds.Approve(r.Context(), r.Actor(), f)
		} else {
			_, err = w.Funds.Return(r.Context(), r.Actor(), f, form.Get("reason"))
		}
		return err
	})
}

// fundStep does one decision and comes back to the fund's page, with the
// complaints where there are some.
func (w *Web) fundStep(r *edge.Request, done string, step func(f id.ID, form *edge.Form) error) (edge.Response, error) {
	f, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	form, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := step(f, form); err != nil {
		p, perr := w.fundManagePage(r, f)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason = form.Get("reason")
		return again("fund/manage", p, err)
	}
	return edge.Redirect("/foundation/funds/"+string(f)).Flash("ok", done), nil
}
