package web

import (
	"context"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/intention"
	"gongji/templates"
)

func (w *Web) intentionRoutes() []edge.Route {
	return []edge.Route{
		get("/intentions", "public", w.intentionList),
		get("/intentions/export.csv", "public", w.intentionExport(false)),
		get("/intentions/{id}", "public", w.intentionShow),
		get("/bureau/intentions", "buyer", w.intentionMine),
		get("/bureau/intentions/export.csv", "buyer", w.intentionExport(true)),
		get("/bureau/intentions/new", "buyer", w.intentionNew),
		post("/bureau/intentions", "buyer", w.intentionCreate),
		get("/bureau/intentions/{id}/edit", "buyer", w.intentionEdit),
		post("/bureau/intentions/{id}/edit", "buyer", w.intentionAmend),
		post("/bureau/intentions/{id}/publish", "buyer", w.intentionPublish),
		post("/bureau/intentions/{id}/return", "buyer", w.intentionReturn),
	}
}

// intentionListPage is intention/list.html.
type intentionListPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []intention.Intention
	Pager  templates.Pager
	Bureau bool
	May    bool
	Rule   rules.Rule
}

func (w *Web) intentionListPage(r *edge.Request, f intention.Filter, found intention.Page) *intentionListPage {
	p := &intentionListPage{Items: found.Items, Pager: templates.Pager{Total: found.Total}, Rule: rules.At(r.Now()).Must(rules.IntentionBeforePurchase)}
	p.Title = "采购意向"
	p.Filter = templates.Filter{Action: r.Path(), Query: f.Text, Placeholder: "项目、采购人或编号", Active: f.Text != "" || f.Region != "" || f.State != "" && p.Bureau, Export: r.Path() + "/export.csv" + query(r)}
	if f.After != "" {
		p.Pager.Prev = r.Path() + query(r)
	}
	if found.Next != "" {
		p.Pager.Next = with(r, "after", string(found.Next))
	}
	return p
}

func (w *Web) intentionList(r *edge.Request) (edge.Response, error) {
	f := intention.Filter{Text: r.Query("q"), Region: r.Query("region"), After: id.ID(r.Query("after"))}
	found, err := w.Intentions.List(r.Context(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := w.intentionListPage(r, f, found)
	p.Filter.Selects = []templates.FilterSelect{{Name: "region", Label: "地区", Value: f.Region, Options: regionOptions()}}
	return edge.HTML(200, "intention/list", p).Shared(), nil
}

func (w *Web) intentionMine(r *edge.Request) (edge.Response, error) {
	f := intention.Filter{Text: r.Query("q"), State: r.Query("state"), After: id.ID(r.Query("after"))}
	found, err := w.Intentions.Mine(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := w.intentionListPage(r, f, found)
	p.Title, p.Bureau, p.May = "本单位的采购意向", true, w.Policy.Any(r.Actor().Relations(), "intention.new", "create")
	p.Filter.Active = f.Text != "" || f.State != ""
	p.Filter.Selects = []templates.FilterSelect{{Name: "state", Label: "状态", Value: f.State,
		Options: []templates.Option{{Label: "全部状态"}, {Value: intention.Draft, Label: "待公开"}, {Value: intention.Published, Label: "已公开"}}}}
	return edge.HTML(200, "intention/list", p), nil
}

// intentionExport is the public list, or the actor's own with its drafts.
func (w *Web) intentionExport(mine bool) edge.Handler {
	head := []string{"编号", "项目", "采购人", "地区", "预算（元）", "预计采购", "状态", "公开时间", "需求概况"}
	return func(r *edge.Request) (edge.Response, error) {
		f := intention.Filter{Text: r.Query("q"), Region: r.Query("region"), State: r.Query("state"), Limit: exportStride}
		return export("采购意向.csv", head, func(after id.ID) ([][]string, id.ID, error) {
			f.After = after
			var found intention.Page
			var err error
			if mine {
				found, err = w.Intentions.Mine(r.Context(), r.Actor(), f)
			} else {
				found, err = w.Intentions.List(r.Context(), f)
			}
			var rows [][]string
			for _, x := range found.Items {
				state := "已公开"
				if x.State == intention.Draft {
					state = "待公开"
				}
				rows = append(rows, []string{x.No(), x.Title, x.BuyerName, x.Region, cellYuan(&x.Budget), x.Expected, state, cellTime(x.PublishedAt), x.What})
			}
			return rows, found.Next, err
		})
	}
}

// intentionPage is intention/show.html.
type intentionPage struct {
	templates.Chrome
	I         intention.Intention
	Facts     []templates.KV
	Purchases []templates.Task
	Events    []templates.Event
	Due       *templates.Deadline
	Next      *templates.Action
	Return    string // where a return is posted; "" for nobody
}

func (w *Web) intentionPage(r *edge.Request, x intention.Intention) (*intentionPage, error) {
	set := rules.At(r.Now())
	rule := set.Must(rules.IntentionBeforePurchase)
	p := &intentionPage{I: x, Facts: []templates.KV{
		{Label: "采购人", Value: x.BuyerName, Href: "/organisations/" + string(x.Buyer)},
		{Label: "预算金额", Value: x.Budget.Yuan() + " 元"}, {Label: "预计采购时间", Value: x.Month()},
		{Label: "服务地点", Value: x.Region}, {Label: "备注", Value: or(x.Note, "无")}}}
	p.Title, p.Breadcrumbs = x.Title, []templates.Crumb{{Label: "采购意向", Href: "/intentions"}, {Label: x.Title}}
	at, err := x.Begins(set, w.Calendar)
	if err != nil {
		return nil, err
	}
	if at != nil {
		p.Due = &templates.Deadline{Label: "最早可以开始采购", At: *at, Now: r.Now(), Article: rule.Source(), Unverified: !rule.Certain}
	}
	list, err := w.Intentions.Purchases(r.Context(), x.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		p.Purchases = append(p.Purchases, templates.Task{Title: t.Title, Hint: t.No(), Href: tenderPath(t.ID)})
	}
	events, err := w.Intentions.Timeline(r.Context(), r.Actor(), x)
	p.Events = timeline(events)
	w.intentionNext(r, p)
	return p, err
}

func (w *Web) intentionNext(r *edge.Request, p *intentionPage) {
	x, at := p.I, "/bureau/intentions/"+string(p.I.ID)
	switch {
	case x.State == intention.Published:
		p.Next = &templates.Action{Title: "已公开", Waiting: "采购意向只供供应商提前了解，以采购公告为准。"}
	case w.Intentions.Allowed(r.Actor(), x, "publish"):
		p.Next = &templates.Action{Title: "核对后公开", Text: "公开后不能修改；满 30 日后可以发布采购公告。", Post: at + "/publish", Label: "批准并公开", Confirm: "立即向社会公开，确定吗？"}
		p.Return = at + "/return"
	case w.Intentions.Allowed(r.Actor(), x, "edit"):
		p.Next = &templates.Action{Title: "等待审批", Text: "由本单位的审批人公开；公开前可以修改。", Href: at + "/edit", Label: "修改"}
	default:
		p.Next = &templates.Action{Title: "等待审批", Waiting: "由本单位的审批人公开。"}
	}
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func (w *Web) intentionShow(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	i, err := w.Intentions.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.intentionPage(r, i)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "intention/show", p), nil
}

// intentionForm is intention/edit.html.
type intentionForm struct {
	templates.Chrome
	V    map[string]string
	Post string
	Rule rules.Rule
}

func (w *Web) intentionForm(r *edge.Request, title, at string, v map[string]string) *intentionForm {
	p := &intentionForm{V: v, Post: at, Rule: rules.At(r.Now()).Must(rules.IntentionBeforePurchase)}
	p.Title, p.Breadcrumbs = title, []templates.Crumb{{Label: "本单位的采购意向", Href: "/bureau/intentions"}, {Label: title}}
	return p
}

func (w *Web) intentionNew(r *edge.Request) (edge.Response, error) {
	if !w.Policy.Any(r.Actor().Relations(), "intention.new", "create") {
		return edge.Response{}, fault.New(fault.Forbidden, "采购意向由经办人起草，请切换到经办人身份")
	}
	return edge.HTML(200, "intention/edit", w.intentionForm(r, "新建采购意向", "/bureau/intentions", map[string]string{})), nil
}

func (w *Web) intentionEdit(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	i, err := w.Intentions.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "intention/edit", w.intentionForm(r, "修改采购意向", "/bureau/intentions/"+string(x)+"/edit", map[string]string{"title": i.Title, "what": i.What,
		"region": i.Region, "budget": i.Budget.Plain(), "expected": i.Expected, "note": i.Note})), nil
}

// intentionFacts reads the form; a budget that cannot be read is a complaint.
func intentionFacts(f *edge.Form) (intention.Facts, error) {
	x := intention.Facts{Title: f.Get("title"), What: f.Get("what"), Region: f.Get("region"), Expected: f.Get("expected"), Note: f.Get("note")}
	var c fault.Check
	if s := f.Get("budget"); s != "" {
		b, err := money.Parse(s)
		if err != nil {
			c.Adopt("budget", err)
		}
		x.Budget = b
	}
	return x, c.Err()
}

func (w *Web) intentionCreate(r *edge.Request) (edge.Response, error) {
	return w.intentionSave(r, "新建采购意向", "/bureau/intentions", func(f intention.Facts) (intention.Intention, error) {
		return w.Intentions.Create(r.Context(), r.Actor(), f)
	})
}

func (w *Web) intentionAmend(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	return w.intentionSave(r, "修改采购意向", "/bureau/intentions/"+string(x)+"/edit", func(f intention.Facts) (intention.Intention, error) {
		return w.Intentions.Amend(r.Context(), r.Actor(), x, f)
	})
}

func (w *Web) intentionSave(r *edge.Request, title, at string, do func(intention.Facts) (intention.Intention, error)) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	facts, err := intentionFacts(f)
	var i intention.Intention
	if err == nil {
		i, err = do(facts)
	}
	if err != nil {
		v := map[string]string{}
		for _, name := range f.Names() {
			v[name] = f.Get(name)
		}
		return again("intention/edit", w.intentionForm(r, title, at, v), err)
	}
	return edge.Redirect("/intentions/"+string(i.ID)).Flash("ok", "已保存，等待审批人公开"), nil
}

func (w *Web) intentionPublish(r *edge.Request) (edge.Response, error) {
	return w.intentionDecide(r, "已公开", func(ctx context.Context, who party.Actor, x id.ID, _ string) (intention.Intention, error) {
		return w.Intentions.Publish(ctx, who, x)
	})
}

func (w *Web) intentionReturn(r *edge.Request) (edge.Response, error) {
	return w.intentionDecide(r, "已退回给经办人", w.Intentions.Return)
}

func (w *Web) intentionDecide(r *edge.Request, done string, do func(context.Context, party.Actor, id.ID, string) (intention.Intention, error)) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	i, err := do(r.Context(), r.Actor(), x, f.Get("reason"))
	if err == nil {
		return edge.Redirect("/intentions/"+string(i.ID)).Flash("ok", done), nil
	}
	if i, gerr := w.Intentions.Get(r.Context(), r.Actor(), x); gerr == nil && fault.Is(err, fault.Invalid) {
		p, perr := w.intentionPage(r, i)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("intention/show", p, err)
	}
	return edge.Response{}, err
}

// intentOptions are the published intentions that a draft of this bureau may
// name, each with the day from which it may.
func (w *Web) intentOptions(r *edge.Request) ([]templates.Option, error) {
	found, err := w.Intentions.Mine(r.Context(), r.Actor(), intention.Filter{State: intention.Published, Limit: 200})
	var out []templates.Option
	set := rules.At(r.Now())
	for _, x := range found.Items {
		label := x.No() + " " + x.Title
		if at, err := x.Begins(set, w.Calendar); err == nil && at != nil && r.Now().Before(*at) {
			label += "（" + day(*at) + "起可以发布公告）"
		}
		out = append(out, templates.Option{Value: string(x.ID), Label: label})
	}
	return out, err
}
