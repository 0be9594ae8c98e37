package web

import (
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/app/procurement/catalogue"
	"gongji/templates"
)

func (w *Web) expertRoutes() []edge.Route {
	return []edge.Route{
		get("/registrar/experts", "registrar", w.expertList),
		post("/registrar/experts", "registrar", w.expertEnlist),
		get("/registrar/experts/{id}", "registrar", w.expertShow),
		post("/registrar/experts/{id}", "registrar", w.expertAmend),
		post("/registrar/experts/{id}/state", "registrar", w.expertStand),
		post("/registrar/experts/{id}/employers", "registrar", w.expertWorked),
	}
}

var standings = map[account.Standing]templates.Status{
	account.Active:  {Label: "在库", Tone: templates.OK},
	account.Paused:  {Label: "暂停抽取", Tone: templates.Warn},
	account.Retired: {Label: "已退出", Tone: templates.Neutral},
}

// expertsPage is organisation/experts.html.
type expertsPage struct {
	templates.Chrome
	Filter      templates.Filter
	Experts     []expertRow
	Pager       templates.Pager
	Login       string
	Form        account.Expertise
	Professions []string // suggestions for the specialty
}

type expertRow struct {
	organisation.Expert
	Status templates.Status
}

// professions are suggestions for a specialty: the civil-affairs branches of
// the catalogue and the professions a panel asks for beside them.
func professions(at time.Time) []string {
	out := []string{"财务管理", "法律", "社会工作", "项目管理", "信息技术"}
	if c := catalogue.At(at); c != nil {
		for _, e := range c.CivilAffairs() {
			out = append(out, e.Name)
		}
	}
	return out
}

func (w *Web) expertsPage(r *edge.Request) (*expertsPage, error) {
	f := organisation.ExpertFilter{Text: r.Query("q"), Specialty: r.Query("specialty"), Region: r.Query("region"),
		State: account.Standing(r.Query("state")), After: id.ID(r.Query("after")), Limit: orgPage}
	list, err := w.Organisations.Experts(r.Context(), r.Actor(), f)
	if err != nil {
		return nil, err
	}
	total, err := w.Organisations.CountExperts(r.Context(), r.Actor(), f)
	if err != nil {
		return nil, err
	}
	known, err := w.Organisations.Specialties(r.Context())
	if err != nil {
		return nil, err
	}
	p := &expertsPage{Professions: professions(r.Now()), Pager: templates.Pager{Total: total, Unit: "名"}}
	p.Title = "评审专家库"
	specialties := []templates.Option{{Label: "全部专业"}}
	for _, s := range known {
		specialties = append(specialties, templates.Option{Value: s, Label: s})
	}
	p.Filter = templates.Filter{Action: r.Path(), Query: f.Text, Placeholder: "姓名或工作单位", Active: f.Text+f.Specialty+f.Region+string(f.State) != "",
		Selects: []templates.FilterSelect{{Name: "specialty", Label: "专业", Value: f.Specialty, Options: specialties},
			{Name: "state", Label: "状态", Value: string(f.State), Options: []templates.Option{{Label: "全部状态"}, {Value: "active", Label: "在库"}, {Value: "paused", Label: "暂停抽取"}, {Value: "retired", Label: "已退出"}}}}}
	for _, x := range list {
		p.Experts = append(p.Experts, expertRow{x, standings[x.State]})
	}
	if f.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == f.Limit {
		p.Pager.Next = with(r, "after", string(list[len(list)-1].Account))
	}
	return p, nil
}

func (w *Web) expertList(r *edge.Request) (edge.Response, error) {
	p, err := w.expertsPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "organisation/experts", p), nil
}

func expertiseOf(f *edge.Form) account.Expertise {
	return account.Expertise{Employer: f.Get("employer"), Specialties: f.Get("specialties"), Region: f.Get("region"), IDTail: f.Get("id_tail")}
}

func (w *Web) expertEnlist(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.expertsPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	p.Login, p.Form = f.Get("login"), expertiseOf(f)
	if err := w.Organisations.Enlist(r.Context(), r.Actor(), p.Login, p.Form); err != nil {
		return again("organisation/experts", p, err)
	}
	return edge.Redirect("/registrar/experts").Flash("ok", "已录入专家库"), nil
}

// expertPage is organisation/expert.html: one entry of the register.
type expertPage struct {
	templates.Chrome
	Expert      organisation.ExpertEntry
	Status      templates.Status
	Form        account.Expertise
	Professions []string
	States      []templates.Option
	State       string
	Reason      string
	Past        pastForm
	Events      []templates.Event
}

// pastForm is a former employer as typed.
type pastForm struct{ Employer, From, Until string }

func (w *Web) expertPage(r *edge.Request) (*expertPage, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	e, err := w.Organisations.ExpertOf(r.Context(), r.Actor(), x)
	if err != nil {
		return nil, err
	}
	p := &expertPage{Expert: e, Status: standings[e.State], Professions: professions(r.Now()), State: string(e.State), Events: timeline(e.Events),
		Form:   account.Expertise{Employer: e.Employer, Specialties: e.Specialties, Region: e.Region, IDTail: e.IDTail},
		States: []templates.Option{{Value: "active", Label: "在库，可以抽取"}, {Value: "paused", Label: "暂停抽取"}, {Value: "retired", Label: "退出专家库"}}}
	p.Title = e.Name
	p.Breadcrumbs = []templates.Crumb{{Label: "评审专家库", Href: "/registrar/experts"}, {Label: e.Name}}
	return p, nil
}

func (w *Web) expertShow(r *edge.Request) (edge.Response, error) {
	p, err := w.expertPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "organisation/expert", p), nil
}

// expertDo runs one change of an entry and shows it again where it is refused.
func (w *Web) expertDo(r *edge.Request, done string, do func(p *expertPage, f *edge.Form) error) (edge.Response, error) {
	p, err := w.expertPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(p, f); err != nil {
		return again("organisation/expert", p, err)
	}
	return edge.Redirect("/registrar/experts/"+string(p.Expert.Account)).Flash("ok", done), nil
}

func (w *Web) expertAmend(r *edge.Request) (edge.Response, error) {
	return w.expertDo(r, "已保存", func(p *expertPage, f *edge.Form) error {
		p.Form = expertiseOf(f)
		return w.Organisations.Enlist(r.Context(), r.Actor(), p.Expert.Login, p.Form)
	})
}

func (w *Web) expertStand(r *edge.Request) (edge.Response, error) {
	return w.expertDo(r, "已记录", func(p *expertPage, f *edge.Form) error {
		p.State, p.Reason = f.Get("state"), f.Get("reason")
		return w.Organisations.StandExpert(r.Context(), r.Actor(), p.Expert.Account, account.Standing(p.State), p.Reason)
	})
}

func (w *Web) expertWorked(r *edge.Request) (edge.Response, error) {
	return w.expertDo(r, "已录入过往单位", func(p *expertPage, f *edge.Form) error {
		p.Past = pastForm{f.Get("past_employer"), f.Get("from"), f.Get("until")}
		return w.Organisations.AddEmployment(r.Context(), r.Actor(), p.Expert.Account,
			organisation.Worked{Employer: p.Past.Employer, From: dayOf(p.Past.From), Until: dayOf(p.Past.Until)})
	})
}

// dayOf reads a day as a date field sends it; nil where it is empty or no day.
func dayOf(s string) *time.Time {
	t, err := time.ParseInLocation(time.DateOnly, s, clock.Beijing)
	if err != nil {
		return nil
	}
	return &t
}
