package web

import (
	"context"
	"errors"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) bureauRoutes() []edge.Route {
	return []edge.Route{
		get("/bureau/tenders", "buyer", w.bureauList),
		get("/bureau/tenders/new", "buyer", w.bureauNew),
		post("/bureau/tenders", "buyer", w.bureauCreate),
		get("/bureau/tenders/{id}", "buyer", w.bureauShow),
		get("/bureau/tenders/{id}/edit/{page}", "buyer", w.bureauEdit),
		post("/bureau/tenders/{id}/edit/{page}", "buyer", w.bureauSave),
		get("/bureau/tenders/{id}/files", "buyer", w.bureauFiles),
		get("/bureau/tenders/{id}/check", "buyer", w.bureauCheck),
		post("/bureau/tenders/{id}/submit", "buyer", w.bureauSubmit),
		post("/bureau/tenders/{id}/publish", "buyer", w.bureauPublish),
		post("/bureau/tenders/{id}/delete", "buyer", w.bureauDelete),
		post("/bureau/tenders/{id}/return", "buyer", w.bureauReturn),
		post("/bureau/tenders/{id}/cancel", "buyer", w.bureauReason(w.cancelTender, "采购已取消，原因已公开")),
		post("/bureau/tenders/{id}/correct", "buyer", w.bureauReason(w.correctTender, "更正说明已发布")),
	}
}

func (w *Web) bureauList(r *edge.Request) (edge.Response, error) {
	f := tenderFilter(r)
	found, err := w.Tenders.Mine(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := w.tenderListPage(r, f, found)
	p.Title, p.Bureau, p.May = "本单位的采购", true, w.mayDraft(r)
	p.Filter.Placeholder = "项目名称"
	states := append([]tender.State{tender.Draft, tender.Review}, tender.PublicStates...)
	p.Filter.Selects = []templates.FilterSelect{{Name: "state", Label: "状态", Value: string(f.State), Options: stateOptions(states...)},
		{Name: "method", Label: "方式", Value: f.Method, Options: methodOptions()}}
	for i, t := range p.Items {
		if !t.Published() {
			p.Items[i].Href = "/bureau/tenders/" + string(t.ID)
		}
	}
	return edge.HTML(200, "tender/list", p), nil
}

func (w *Web) mayDraft(r *edge.Request) bool {
	return w.Policy.Any(r.Actor().Relations(), "tender.new", "create")
}

// newTenderPage is tender/new.html.
type newTenderPage struct {
	templates.Chrome
	Name string
}

func newTender(name string) *newTenderPage {
	p := &newTenderPage{Name: name}
	p.Title = "新建采购项目"
	p.Breadcrumbs = []templates.Crumb{{Label: "本单位的采购", Href: "/bureau/tenders"}, {Label: p.Title}}
	return p
}

func (w *Web) bureauNew(r *edge.Request) (edge.Response, error) {
	if !w.mayDraft(r) {
		return edge.Response{}, fault.New(fault.Forbidden, "采购项目由经办人新建，请切换到经办人身份")
	}
	return edge.HTML(200, "tender/new", newTender("")), nil
}

func (w *Web) bureauCreate(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var c fault.Check
	c.Must(f.Get("title") != "", "title", "请填写项目名称，以后还可以改")
	if err := c.Err(); err != nil {
		return again("tender/new", newTender(""), err)
	}
	t, err := w.Tenders.Create(r.Context(), r.Actor(), tender.Patch{Values: map[string]string{"title": f.Get("title")}})
	if err != nil {
		return again("tender/new", newTender(f.Get("title")), err)
	}
	return edge.Redirect(bureauPath(t)), nil
}

func bureauPath(t tender.Tender) string { return "/bureau/tenders/" + string(t.ID) }

// own reads a tender of the buyer's for a bureau page.
func (w *Web) own(r *edge.Request, action string) (tender.Tender, error) {
	x, err := r.ID("id")
	if err != nil {
		return tender.Tender{}, err
	}
	t, err := w.Tenders.Get(r.Context(), r.Actor(), x)
	if err == nil {
		err = w.Tenders.Require(r.Actor(), t, action)
	}
	return t, err
}

// draftPage is tender/draft.html: the task list of a draft.
type draftPage struct {
	templates.Chrome
	T      tender.Tender
	Tasks  []templates.Task
	Left   int    // pages still to do
	Delete string // where a deletion is posted; "" for nobody
	Next   *templates.Action
	Events []templates.Event
}

func (w *Web) bureauShow(r *edge.Request) (edge.Response, error) {
	t, err := w.own(r, "follow")
	switch {
	case err != nil:
		return edge.Response{}, err
	case t.Published():
		return edge.Redirect("/tenders/" + string(t.ID)), nil
	case t.State == tender.Review:
		return w.review(r, t, nil)
	}
	p := &draftPage{T: t, Next: &templates.Action{Title: "草稿", Waiting: "经办人正在填写，提交后由审批人审批。"}}
	p.Title = titleOf(t)
	p.Breadcrumbs = []templates.Crumb{{Label: "本单位的采购", Href: "/bureau/tenders"}, {Label: p.Title}}
	events, err := w.Tenders.Timeline(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return edge.Response{}, err
	}
	p.Events = timeline(events)
	if p.Tasks, p.Left, err = w.tasks(r, t); err != nil {
		return edge.Response{}, err
	}
	if w.Tenders.Allowed(r.Actor(), t, "delete") {
		p.Delete = bureauPath(t) + "/delete"
	}
	if w.Tenders.Allowed(r.Actor(), t, "submit") {
		p.Next = &templates.Action{Title: "还有内容要填", Waiting: "各项都填完后，就可以核对并提交审批。"}
		if p.Left == 0 {
			p.Next = &templates.Action{Title: "核对后提交审批", Href: bureauPath(t) + "/check", Label: "核对填写内容"}
		}
	}
	return edge.HTML(200, "tender/draft", p), nil
}

func titleOf(t tender.Tender) string {
	if t.Title == "" {
		return "（未命名的采购）"
	}
	return t.Title
}

// tasks are the pages of a draft and how far each is.
func (w *Web) tasks(r *edge.Request, t tender.Tender) ([]templates.Task, int, error) {
	missing := map[string]int{}
	gaps, err := w.Tenders.Missing(r.Context(), t)
	if err != nil {
		return nil, 0, err
	}
	keys := templates.Task{Title: "持钥人与投标密钥", Hint: "投标文件加密给他们共同保管的密钥；每位演练过才能发布", State: "done", Href: tenderPath(t.ID) + "/keys"}
	left := 0
	for _, f := range gaps {
		missing[tender.PageOf(f.Name)]++
		if f.Name == "keys" {
			keys.State, keys.Hint = "todo", f.Message // no page of the draft: it can be checked meanwhile
		}
	}
	may := w.Tenders.Allowed(r.Actor(), t, "edit")
	var out []templates.Task
	for _, page := range t.Pages() {
		task := templates.Task{Title: pageNames[page], State: "done", Href: bureauPath(t) + "/edit/" + page}
		if missing[page] > 0 || page == tender.PageScoring && unscored(t) {
			left++
			task.State = "doing"
			if untouched(t, page) {
				task.State = "todo"
			}
		}
		if !may {
			task.Href = ""
		}
		out = append(out, task)
	}
	files, err := w.Attachments.For(r.Context(), r.Actor(), "tender", t.ID)
	task := templates.Task{Title: "附件", Hint: "采购文件、需求调查等，选填", State: "todo", Href: bureauPath(t) + "/files"}
	if len(files) > 0 {
		task.State = "done"
	}
	return append(out, task, keys), left, err
}

// unscored reports that a scoring table is still to be made, or that nobody
// said yet that none is needed.
func unscored(t tender.Tender) bool {
	return len(t.Form.Criteria) == 0 && t.Scoring != tender.LowestPrice
}

func untouched(t tender.Tender, page string) bool {
	if page == tender.PageScoring {
		return unscored(t)
	}
	if page == tender.PagePackages && len(t.Form.Packages) > 0 {
		return false
	}
	for _, name := range tender.FieldsOf(page) {
		if name != "title" && t.Form.Get(name) != "" {
			return false
		}
	}
	return true
}

// filesPage is tender/files.html.
type filesPage struct {
	templates.Chrome
	T     tender.Tender
	Files []templates.File
	May   bool
}

func (w *Web) bureauFiles(r *edge.Request) (edge.Response, error) {
	t, err := w.own(r, "follow")
	if err != nil {
		return edge.Response{}, err
	}
	files, err := w.Attachments.For(r.Context(), r.Actor(), "tender", t.ID)
	if err != nil {
		return edge.Response{}, err
	}
	p := &filesPage{T: t, Files: fileList(files), May: w.Tenders.Allowed(r.Actor(), t, "attach")}
	p.Title = "附件"
	p.Breadcrumbs = []templates.Crumb{{Label: titleOf(t), Href: bureauPath(t)}, {Label: p.Title}}
	return edge.HTML(200, "tender/files", p), nil
}

// bureauDelete removes a draft for good.
func (w *Web) bureauDelete(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		err = w.Tenders.Delete(r.Context(), r.Actor(), x)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/bureau/tenders").Flash("ok", "草稿已删除"), nil
}

func (w *Web) cancelTender(ctx context.Context, who party.Actor, t id.ID, why string) (tender.Tender, error) {
	return w.Tenders.Cancel(ctx, who, t, why)
}

func (w *Web) correctTender(ctx context.Context, who party.Actor, t id.ID, why string) (tender.Tender, error) {
	return w.Tenders.Correct(ctx, who, t, why)
}

// bureauReason does what a public page's form with a reason asks for.
func (w *Web) bureauReason(do func(context.Context, party.Actor, id.ID, string) (tender.Tender, error), done string) edge.Handler {
	return func(r *edge.Request) (edge.Response, error) {
		x, err := r.ID("id")
		if err != nil {
			return edge.Response{}, err
		}
		f, err := r.Form()
		if err != nil {
			return edge.Response{}, err
		}
		t, err := do(r.Context(), r.Actor(), x, f.Get("reason"))
		if err == nil {
			return edge.Redirect("/tenders/"+string(t.ID)).Flash("ok", done), nil
		}
		if !fault.Is(err, fault.Invalid) {
			return edge.Response{}, err
		}
		t, gerr := w.Tenders.Get(r.Context(), r.Actor(), x)
		if gerr != nil {
			return edge.Response{}, gerr
		}
		p, perr := w.tenderPage(r, t)
		if perr != nil {
			return edge.Response{}, errors.Join(perr, err)
		}
		return again("tender/show", p, err)
	}
}

// tenderDesk is what waits for a buyer's people.
func (w *Web) tenderDesk(r *edge.Request) ([]DeskCard, error) {
	if r.Actor().OrgKind != party.Bureau || !w.may(r, "buyer") {
		return nil, nil
	}
	n, err := w.Tenders.Tally(r.Context(), r.Actor().Org)
	if err != nil {
		return nil, err
	}
	at := "/bureau/tenders?state="
	out := []DeskCard{{Title: "本单位的采购", Href: "/bureau/tenders", Icon: "clipboard-list", Text: "草稿、进行中和已完成的项目"}}
	card := func(s tender.State, title, icon string) {
		if n[s] > 0 {
			out = append(out, DeskCard{Title: title, Href: at + string(s), Icon: icon, Count: int(n[s])})
		}
	}
	switch r.Actor().Role {
	case party.Officer:
		card(tender.Draft, "采购草稿", "edit")
		card(tender.Closed, "已截止，待开标", "clock")
		card(tender.Opened, "已开标，待组成评审小组", "users")
		card(tender.Evaluated, "待定标", "gavel")
		signing, due, err := w.firstSigning(r)
		if err != nil {
			return nil, err
		}
		if signing > 0 {
			out = append(out, DeskCard{Title: "待签合同", Href: at + string(tender.Awarded), Icon: "file-text", Count: signing, Due: due})
		}
	case party.Approver:
		card(tender.Review, "待审批的采购", "checklist")
		card(tender.Decided, "待审批的结果", "checklist")
	case party.Supervisor:
		card(tender.Closed, "已截止，待开标", "clock")
	default: // a purchase waits for none of the others
	}
	return out, nil
}
