package web

import (
	"slices"
	"strconv"
	"time"

	"gongji/app/delivery/need"
	"gongji/app/delivery/survey"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/catalogue"
	"gongji/templates"
)

func (w *Web) communityRoutes() []edge.Route {
	return append(w.proposalRoutes(), []edge.Route{
		get("/menu", "public", w.menuShow),
		get("/needs", "public", w.needList),
		get("/needs/export.csv", "public", w.needExport),
		get("/needs/new", "account", w.needNew),
		post("/needs", "account", w.needAdd),
		get("/needs/{id}", "public", edge.At(w.needShow)),
		post("/needs/{id}/support", "public", edge.At(w.needSupport)),
		post("/needs/{id}/words", "public", edge.At(w.needSay)),
		post("/needs/{id}/take", "account", edge.At(w.needTake)),
		post("/needs/{id}/ties", "account", edge.At(w.needTie)),
		post("/needs/{id}/hear", "account", edge.At(w.needHear)),
	}...)
}

func needHref(n id.ID) string { return "/needs/" + string(n) }

// markCookie holds a browser's random word: the only thing by which a support
// is counted once.
const markCookie = "gongji_support"

// needFormPage is need/new.html.
type needFormPage struct {
	templates.Chrome
	Form    need.Form
	Options []templates.Option
}

func newNeedForm(now time.Time, in need.Form) *needFormPage {
	p := &needFormPage{Form: in}
	p.Title = "列出议题"
	p.Breadcrumbs = []templates.Crumb{{Label: "社区议题", Href: "/needs"}, {Label: p.Title}}
	for _, e := range catalogue.At(now).CivilAffairs() {
		p.Options = append(p.Options, templates.Option{Value: e.Code, Label: e.Name})
	}
	return p
}

func (w *Web) needNew(r *edge.Request) (edge.Response, error) {
	if r.Actor().OrgKind != party.Community {
		return edge.Response{}, fault.New(fault.Forbidden, "议题由街道和社区列出。居民可以告诉社区，也可以在议题页上说想法")
	}
	return edge.HTML(200, "need/new", newNeedForm(r.Now(), need.Form{Service: r.Query("service")})), nil
}

// readNeed reads a need as typed.
func readNeed(r *edge.Request, f *edge.Form) need.Form {
	in := need.Form{Title: f.Get("title"), Body: f.Get("body"), People: f.Get("people"), Service: f.Get("service"), NextBy: f.Get("next_by")}
	if e, ok := catalogue.At(r.Now()).Find(in.Service); ok {
		in.ServiceName = e.Name
	}
	return in
}

func (w *Web) needAdd(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := readNeed(r, f)
	n, err := w.Needs.List(r.Context(), r.Actor(), in)
	if err != nil {
		return again("need/new", newNeedForm(r.Now(), in), err)
	}
	return edge.Redirect(needHref(n.ID)).Flash("ok", "议题已公开，居民可以表示支持、说想法"), nil
}

// needPage is need/show.html.
type needPage struct {
	templates.Chrome
	Need     need.Detail
	Status   templates.Status
	Steps    []needStep
	Next     need.Step
	MayTake  bool
	MayTie   bool
	MayHear  bool
	Down     bool // it may still be declined
	Open     bool // residents may still support and say
	Verdicts []verdictRow
	Due      *templates.Deadline
	Refused  []templates.KV
	Grounds  []templates.Option
	Typed    map[string]string
}

type needStep struct {
	Name, Tone string
	Done, Now  bool
}

func (w *Web) needPage(r *edge.Request, at id.ID) (*needPage, error) {
	x, err := w.Needs.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	may := func(action string) bool { return w.Needs.Allowed(r.Actor(), x.Need, action) }
	p := &needPage{Need: x, Status: needStatus(x.Step), Next: x.Next(), MayTake: may("take"), MayTie: may("tie"), MayHear: may("hear"), Typed: map[string]string{},
		Down: slices.Contains([]need.Step{need.Collected, need.Settled, need.Consulted}, x.Step), Open: x.Step != need.Declined && x.Step != need.Judged}
	p.Title, p.Description, p.Due = x.Title, x.CommunityName, needDue(r, x.Need)
	p.Breadcrumbs = []templates.Crumb{{Label: "社区议题", Href: "/needs"}, {Label: x.Title}}
	reached := slices.Index(need.Steps, x.Step)
	for i, s := range need.Steps {
		row := needStep{Name: s.Name(), Done: i < reached, Now: i == reached}
		if row.Done {
			row.Tone = "done"
		} else if row.Now {
			row.Tone = "now"
		}
		p.Steps = append(p.Steps, row)
	}
	for _, g := range survey.Grounds {
		p.Grounds = append(p.Grounds, templates.Option{Value: g, Label: "不公开：" + g})
		if n := x.Refused[g]; n > 0 {
			p.Refused = append(p.Refused, templates.KV{Label: g, Value: strconv.Itoa(n) + " 条"})
		}
	}
	for _, l := range x.Links {
		v, err := w.verdicts(r, l.Kind, l.Ref)
		if err != nil {
			return nil, err
		}
		p.Verdicts = append(p.Verdicts, verdictRow{l, v})
	}
	return p, nil
}

func (w *Web) needShow(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.needPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return marked(r, edge.HTML(200, "need/show", p)), nil
}

// marked gives the browser its word, unless it has one.
func marked(r *edge.Request, out edge.Response) edge.Response {
	if r.Cookie(markCookie) != "" {
		return out
	}
	return out.Cookie(markCookie, id.Code(26), 365*24*time.Hour)
}

// needDid goes back to a need, or shows it with what was wrong.
func (w *Web) needDid(r *edge.Request, at id.ID, err error, done string) (edge.Response, error) {
	if err == nil {
		return edge.Redirect(needHref(at)).Flash("ok", done), nil
	}
	p, perr := w.needPage(r, at)
	if perr != nil {
		return edge.Response{}, perr
	}
	if f, ferr := r.Form(); ferr == nil {
		for _, name := range []string{"note", "held_on", "people", "next_by", "address", "text"} {
			p.Typed[name] = f.Get(name)
		}
	}
	out, err := again("need/show", p, err)
	if err != nil {
		return out, err
	}
	return marked(r, out), nil
}

func (w *Web) needSupport(r *edge.Request, at id.ID) (edge.Response, error) {
	if _, err := r.Form(); err != nil {
		return edge.Response{}, err
	}
	var err error
	if r.Cookie(markCookie) == "" {
		var c fault.Check
		c.Fail("support", "请打开浏览器的 Cookie 再按一次：同一台手机只算一次")
		err = c.Err()
	} else {
		err = w.Needs.Support(r.Context(), at, r.Cookie(markCookie), r.IP())
	}
	return w.needDid(r, at, err, "已记下您的支持，同一个浏览器只算一次")
}

func (w *Web) needSay(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	return w.needDid(r, at, w.Needs.Say(r.Context(), at, f.Get("text"), r.IP()), "收到了。社区看过、不含个人信息的就会公开")
}

func (w *Web) needTake(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	_, err = w.Needs.Take(r.Context(), r.Actor(), at, need.Taking{Step: need.Step(f.Get("step")), HeldOn: f.Get("held_on"), People: f.Get("people"), Note: f.Get("note"), NextBy: f.Get("next_by")})
	return w.needDid(r, at, err, "已记录并公开")
}

func (w *Web) needTie(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	_, err = w.Needs.Tie(r.Context(), r.Actor(), at, f.Get("address"))
	return w.needDid(r, at, err, "已关联，两边的页面都能看到")
}

func (w *Web) needHear(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	decision := f.Get("decision")
	_, err = w.Needs.Hear(r.Context(), r.Actor(), at, id.ID(f.Get("word")), decision == "show", f.Get("ground"))
	return w.needDid(r, at, err, "已处理")
}
