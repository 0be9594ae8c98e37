package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party/credential"
	"gongji/templates"
)

func (w *Web) applicationRoutes() []edge.Route {
	return []edge.Route{
		get("/applications", "supplier", w.applicationList),
		get("/applications/{id}", "supplier", w.applicationShow),
		get("/applications/{id}/parts/{part}", "supplier", w.applicationPart),
		post("/applications/{id}/parts/{part}", "supplier", w.applicationSave),
		post("/applications/{id}/parts/{part}/autosave", "supplier", w.applicationAutosave),
		get("/applications/{id}/check", "supplier", w.applicationCheck),
		post("/applications/{id}/submit", "supplier", w.applicationSubmit),
		post("/applications/{id}/withdraw", "supplier", w.applicationWithdraw),
		post("/applications/{id}/resume", "supplier", w.applicationResume),
		post("/applications/{id}/appeal", "supplier", w.applicationAppeal),
		get("/applications/{id}/papers/{file}", "account", w.applicationPaper),
	}
}

var applicationDesk = templates.Crumb{Label: "我的申请", Href: "/applications"}

func applicationStatus(a application.Application) templates.Status {
	return templates.Status{Label: a.State.Name(), Tone: map[application.State]templates.Tone{application.Draft: templates.Warn, application.Submitted: templates.Info,
		application.Withdrawn: templates.Neutral, application.Granted: templates.OK, application.Declined: templates.Neutral, application.Ended: templates.Danger}[a.State]}
}

// applicationRow is an application in a list.
type applicationRow struct {
	application.Application
	Href   string
	Call   string
	Status templates.Status
}

// applicationListPage is application/list.html.
type applicationListPage struct {
	templates.Chrome
	Filter templates.Filter
	Rows   []applicationRow
	Pager  templates.Pager
}

func (w *Web) applicationList(r *edge.Request) (edge.Response, error) {
	x := application.Filter{State: application.State(r.Query("state")), Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: callPage}
	p := &applicationListPage{}
	p.Title = "我的申请"
	list, err := w.Applications.List(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	for _, a := range list {
		c, err := w.Calls.Get(r.Context(), r.Actor(), a.Call)
		if err != nil {
			return edge.Response{}, err
		}
		p.Rows = append(p.Rows, applicationRow{a, "/applications/" + string(a.ID), c.Title, applicationStatus(a)})
	}
	if p.Pager.Total, err = w.Applications.Count(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	p.Pager.Unit = "份"
	if x.After != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if len(list) == callPage {
		p.Pager.Next = with(r, "after", string(list[callPage-1].ID))
	}
	p.Filter = applicationFilter(r, x)
	return edge.HTML(200, "application/list", p), nil
}

func applicationFilter(r *edge.Request, x application.Filter) templates.Filter {
	opts := []templates.Option{{Label: "全部状态"}}
	for _, s := range []application.State{application.Draft, application.Submitted, application.Granted, application.Declined, application.Withdrawn, application.Ended} {
		opts = append(opts, templates.Option{Value: string(s), Label: s.Name()})
	}
	return templates.Filter{Action: r.Path(), Query: x.Text, Placeholder: "项目、组织或编号", Active: x.Text != "" || x.State != "",
		Selects: []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(x.State), Options: opts}}}
}

// application reads the application of the address with its call.
func (w *Web) application(r *edge.Request) (application.Application, call.Call, error) {
	at, err := r.ID("id")
	if err != nil {
		return application.Application{}, call.Call{}, err
	}
	return w.Applications.Get(r.Context(), r.Actor(), at)
}

func applicationTitle(a application.Application) string {
	if a.Title == "" {
		return "未命名的申请"
	}
	return a.Title
}

// applicationShowPage is application/show.html: the task list of a draft, what
// was sent afterwards.
type applicationShowPage struct {
	templates.Chrome
	Expiring  []credential.Credential // gone by the deadline, with nothing in their place
	App       application.Application
	Call      call.Call
	Status    templates.Status
	Deadline  templates.Deadline
	Next      templates.Action
	Tasks     []templates.Task
	Done      int
	Missing   []fault.Field
	Copies    []application.Copy
	Verdicts  []review.Verdict
	Decisions []grant.Decision
	Grant     *grant.Grant
	Events    []templates.Event
	Appeal    rules.Rule
	MayAppeal bool
	Grounds   string
	MayResume bool
	MayLeave  bool // withdraw
}

func (w *Web) applicationShow(r *edge.Request) (edge.Response, error) {
	a, c, err := w.application(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.applicationPage(r, a, c)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "application/show", p), nil
}

func (w *Web) applicationPage(r *edge.Request, a application.Application, c call.Call) (*applicationShowPage, error) {
	ctx, who := r.Context(), r.Actor()
	can := func(action string) bool { return w.Applications.Allowed(ctx, who, a, action) }
	p := &applicationShowPage{App: a, Call: c, Status: applicationStatus(a), Appeal: w.Grants.AppealRule(), MayResume: can("resume") && c.Open(r.Now()), MayLeave: can("withdraw")}
	p.Title = applicationTitle(a)
	p.Breadcrumbs = []templates.Crumb{applicationDesk, {Label: p.Title}}
	p.Deadline = templates.Deadline{Label: "征集公告定的申请截止时间", At: *c.Deadline, Now: r.Now()}
	var err error
	if a.State == application.Draft {
		if p.Missing, err = w.Applications.Missing(ctx, a, c); err != nil {
			return nil, err
		}
		if p.Expiring, err = w.Credentials.Lacking(ctx, a.Organisation, *c.Deadline); err != nil {
			return nil, err
		}
		p.Tasks, p.Done = applicationTasks(a, c, p.Missing)
	}
	if p.Copies, err = w.Applications.Copies(ctx, who, a.ID); err != nil {
		return nil, err
	}
	if p.Decisions, err = w.Grants.Decisions(ctx, a.ID); err != nil {
		return nil, err
	}
	if len(p.Decisions) > 0 && p.Decisions[0].OverturnedAt == nil {
		if p.Verdicts, err = w.Reviews.Verdicts(ctx, a); err != nil {
			return nil, err
		}
		d := p.Decisions[0]
		p.MayAppeal = can("appeal") && d.Appeal == nil && r.Now().Before(d.AppealUntil)
	}
	if g, err := w.Grants.OfApplication(ctx, who, a.ID); err == nil {
		p.Grant = &g
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	events, err := w.Applications.Timeline(ctx, who, a.ID)
	p.Events = timeline(events)
	p.Next = applicationNext(r, p)
	return p, err
}

// applicationNext says what the applicant does next.
func applicationNext(r *edge.Request, p *applicationShowPage) templates.Action {
	at := "/applications/" + string(p.App.ID)
	switch {
	case p.Call.Stored == call.Cancelled:
		return templates.Action{Title: "征集已取消", Waiting: "原因：" + p.Call.Reason + "。您填写和提交的内容仍可查看。"}
	case p.App.State == application.Draft && !p.Call.Open(r.Now()):
		return templates.Action{Title: "已经截止，没有提交", Waiting: "填写的内容仍可查看，不能再提交。"}
	case p.App.State == application.Draft && len(p.Missing) > 0:
		return templates.Action{Title: "还有 " + strconv.Itoa(len(p.Missing)) + " 处要填写或修改", Label: "继续填写", Href: at + "/parts/" + firstOpen(p.Tasks)}
	case p.App.State == application.Draft:
		return templates.Action{Title: "都填好了", Text: "核对一遍再提交。", Label: "核对并提交", Href: at + "/check"}
	case p.App.State == application.Submitted:
		return templates.Action{Title: "已提交，等待评审", Waiting: "截止后由评审人评审，主办单位作出决定，结果和理由会在这里告知。"}
	case p.Grant != nil:
		return templates.Action{Title: "获得支持", Text: p.Grant.State.Name(), Label: "打开资助页", Href: "/grants/" + string(p.Grant.ID)}
	}
	return templates.Action{}
}

func firstOpen(tasks []templates.Task) string {
	for _, t := range tasks {
		if t.State != "done" {
			return t.Href[strings.LastIndex(t.Href, "/")+1:]
		}
	}
	return application.Profile
}

// applicationTasks lists the parts with what is done and what is left.
func applicationTasks(a application.Application, c call.Call, missing []fault.Field) ([]templates.Task, int) {
	var out []templates.Task
	done := 0
	for _, p := range application.Parts(c) {
		left := slices.DeleteFunc(slices.Clone(missing), func(f fault.Field) bool { return partOfField(c, f.Name) != p.Key })
		t := templates.Task{Title: p.Title, Href: "/applications/" + string(a.ID) + "/parts/" + p.Key, State: "done"}
		if len(left) > 0 {
			t.State, t.Hint = "todo", fmt.Sprintf("还有 %d 处", len(left))
			if a.Versions[p.Key] > 0 {
				t.State = "doing"
			}
			if left[0].Name == "eligibility" {
				t.State, t.Hint = "error", left[0].Message
			}
		} else {
			done++
		}
		out = append(out, t)
	}
	return out, done
}

// partOfField finds the part on whose page a complaint is mended.
func partOfField(c call.Call, field string) string {
	head, rest, _ := strings.Cut(field, ".")
	switch head {
	case "confirmed", "eligibility":
		return application.Profile
	case "budget":
		return application.Budget
	case "papers":
		return application.Papers
	case "answers":
		n, _ := strconv.Atoi(rest)
		for _, p := range application.Parts(c) {
			for _, q := range application.Questions(c, p) {
				if q.No == n {
					return p.Key
				}
			}
		}
	}
	return application.Project
}

func (w *Web) applicationSubmit(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	a, err := w.Applications.Submit(r.Context(), r.Actor(), at)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLate) || fault.Is(err, fault.Conflict) {
		p, perr := w.applicationCheckPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("application/check", p, err)
	} else if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/applications/"+string(a.ID)).Flash("ok", "已提交，编号 "+a.No()), nil
}

func (w *Web) applicationWithdraw(r *edge.Request) (edge.Response, error) {
	return w.applicationStep(r, "申请已撤回", func(at id.ID, _ *edge.Form) error {
		_, err := w.Applications.Withdraw(r.Context(), r.Actor(), at)
		return err
	})
}

func (w *Web) applicationResume(r *edge.Request) (edge.Response, error) {
	return w.applicationStep(r, "可以继续填写，截止前再次提交", func(at id.ID, _ *edge.Form) error {
		_, err := w.Applications.Resume(r.Context(), r.Actor(), at)
		return err
	})
}

func (w *Web) applicationAppeal(r *edge.Request) (edge.Response, error) {
	return w.applicationStep(r, "申诉已提交", func(at id.ID, f *edge.Form) error {
		_, err := w.Grants.Raise(r.Context(), r.Actor(), at, f.Get("grounds"))
		return err
	})
}

func (w *Web) applicationStep(r *edge.Request, done string, step func(at id.ID, f *edge.Form) error) (edge.Response, error) {
	a, c, err := w.application(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := step(a.ID, f); err != nil {
		p, perr := w.applicationPage(r, a, c)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Grounds = f.Get("grounds")
		return again("application/show", p, err)
	}
	return edge.Redirect("/applications/"+string(a.ID)).Flash("ok", done), nil
}

func (w *Web) applicationPaper(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	file, err := r.ID("file")
	if err != nil {
		return edge.Response{}, err
	}
	x, body, err := w.Applications.OpenPaper(r.Context(), r.Actor(), at, file)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(x.Name, x.MediaType, x.Size, body, true), nil
}
