package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/templates"
)

// registrable are the kinds that register themselves; state organs are opened
// by the platform.
var registrable = []party.OrgKind{party.Social, party.Foundation, party.Enterprise, party.Community, party.Evaluator}

func registerPage(f templates.RegisterForm) *templates.RegisterPage {
	p := &templates.RegisterPage{Form: f}
	p.Title = "注册"
	for _, k := range registrable {
		p.Kinds = append(p.Kinds, templates.Option{Value: string(k), Label: kindNames[k]})
	}
	return p
}

func (w *Web) registerForm(r *edge.Request) (edge.Response, error) {
	return edge.HTML(200, "account/register", registerPage(templates.RegisterForm{Who: r.Query("who"), OrgKind: r.Query("kind")})), nil
}

func (w *Web) register(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	typed := templates.RegisterForm{Who: f.Get("who"), Name: f.Get("name"), Login: f.Get("login"), Phone: f.Get("phone"),
		Email: f.Get("email"), OrgKind: f.Get("org_kind"), OrgName: f.Get("org_name"), USCC: f.Get("uscc"),
		Region: f.Get("region"), Agree: f.Has("agree")}
	n := account.NewAccount{Login: typed.Login, Password: f.Get("password"), Name: typed.Name, Email: typed.Email, Phone: typed.Phone}
	if err := w.admit(r, typed, n); err != nil {
		return again("account/register", registerPage(typed), err)
	}
	token, who, err := w.Accounts.SignIn(r.Context(), n.Login, n.Password, from(r))
	if err != nil {
		return edge.Response{}, err
	}
	return w.entered(r, who, edge.Redirect(home(who)).SignIn(token, 0).Flash("ok", "注册成功，已为您登录"))
}

// admit makes the account, with its organisation where there is one.
func (w *Web) admit(r *edge.Request, typed templates.RegisterForm, n account.NewAccount) error {
	var c fault.Check
	c.Must(typed.Agree, "agree", "请阅读并勾选")
	c.Must(typed.Who == "person" || typed.Who == "organisation", "who", "请选择您代表谁注册")
	if err := c.Err(); err != nil {
		return err
	}
	if typed.Who == "person" {
		_, err := w.Accounts.Register(r.Context(), n)
		return err
	}
	_, err := w.Organisations.Register(r.Context(), organisation.Registration{NewAccount: n, Kind: party.OrgKind(typed.OrgKind),
		Profile: organisation.Profile{Name: typed.OrgName, USCC: typed.USCC, Region: typed.Region}})
	return err
}

func (w *Web) logout(r *edge.Request) (edge.Response, error) {
	if _, err := r.Form(); err != nil {
		return edge.Response{}, err
	}
	if err := w.Accounts.SignOut(r.Context(), r.Actor(), r.Actor().Session); err != nil && !fault.Is(err, fault.Conflict) {
		return edge.Response{}, err
	}
	return edge.Redirect("/").SignOut().Flash("ok", "您已退出登录"), nil
}

// actFor switches the organisation the session acts for; "" is the person.
func (w *Web) actFor(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.Accounts.Act(r.Context(), r.Actor(), id.ID(f.Get("org"))); err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/desk"), nil
}
