package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gongji/app/attachment"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

func (w *Web) planRoutes() []edge.Route {
	return []edge.Route{
		get("/engagements/{id}/plan", "public", edge.At(w.planShow)),
		get("/engagements/{id}/plan/edit", "account", edge.At(w.planEdit)),
		post("/engagements/{id}/plan", "account", edge.At(w.planSave)),
		post("/engagements/{id}/plan/autosave", "account", edge.At(w.planAutosave)),
		post("/engagements/{id}/plan/decide", "account", edge.At(w.planDecide)),
		{Method: "POST", Path: "/engagements/{id}/evidence", Gate: "account", Handle: edge.At(w.evidenceAdd), Limit: attachment.Limit + 1<<20, Timeout: 15 * time.Minute},
		post("/engagements/{id}/evidence/{evidence}/void", "account", edge.At(w.evidenceVoid)),
		post("/engagements/{id}/milestones/{n}/report", "account", edge.At(w.milestoneReport)),
		post("/engagements/{id}/milestones/{n}/confirm", "account", edge.At(w.milestoneConfirm)),
	}
}

func planHref(e id.ID) string { return engagementHref(e) + "/plan" }

func deliveryCrumbs(r *edge.Request, e engagement.Engagement, last string) []templates.Crumb {
	if !r.Actor().SignedIn() {
		return []templates.Crumb{{Label: e.Title, Href: engagementHref(e.ID)}, {Label: last}}
	}
	return []templates.Crumb{engagementDesk, {Label: e.Title, Href: engagementHref(e.ID)}, {Label: last}}
}

// planRow is a group of typed fields with their names in the form.
type planRow struct {
	No    int
	In    string // "milestones.1."
	Blank bool
	M     plan.MilestoneForm
	O     plan.OutputForm
	L     plan.LineForm
}

// blanks is how many empty rows a table ends with; those left empty do not count.
const blanks = 2

// planEditPage is engagement/plan_edit.html.
type planEditPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Plan       plan.Plan
	Form       plan.Form
	Terms      plan.Terms
	Milestones []planRow
	Outputs    []planRow
	Lines      []planRow
	Counted    []templates.Option
}

func (w *Web) planEditPage(r *edge.Request, at id.ID, typed *plan.Form) (*planEditPage, error) {
	ctx := r.Context()
	e, err := w.Engagements.Get(ctx, r.Actor(), at)
	if err != nil {
		return nil, err
	}
	if err := w.Engagements.Require(r.Actor(), e, "plan"); err != nil {
		return nil, err
	}
	p := &planEditPage{Engagement: e}
	p.Title, p.Breadcrumbs = "填写实施方案", deliveryCrumbs(r, e, "实施方案")
	if p.Plan, err = w.Plans.Get(ctx, r.Actor(), at); err != nil {
		return nil, err
	}
	if p.Terms, err = w.Plans.TermsFor(ctx, e); err != nil {
		return nil, err
	}
	p.Form = p.Plan.Form
	if typed != nil {
		p.Form = *typed
	}
	for i, m := range append(p.Form.Milestones, make([]plan.MilestoneForm, blanks)...) {
		p.Milestones = append(p.Milestones, planRow{No: i + 1, In: fmt.Sprintf("milestones.%d.", i+1), M: m, Blank: m == plan.MilestoneForm{}})
	}
	for i, o := range append(p.Form.Outputs, make([]plan.OutputForm, blanks)...) {
		p.Outputs = append(p.Outputs, planRow{No: i + 1, In: fmt.Sprintf("outputs.%d.", i+1), O: o, Blank: o == plan.OutputForm{}})
		if o.Name != "" {
			p.Counted = append(p.Counted, templates.Option{Value: o.Name, Label: o.Name})
		}
	}
	for i, l := range append(p.Form.Lines, make([]plan.LineForm, blanks)...) {
		p.Lines = append(p.Lines, planRow{No: i + 1, In: fmt.Sprintf("lines.%d.", i+1), L: l, Blank: l == plan.LineForm{}})
	}
	return p, nil
}

// planForm reads the form; rows left empty are passed over.
func planForm(f *edge.Form) plan.Form {
	return plan.Form{Communities: f.Get("communities"), Settlement: f.Get("settlement"), Counted: f.Get("counted"), UnitPrice: f.Get("unit_price"),
		Milestones: filled(f, "milestones", "name", func(at func(string) string) plan.MilestoneForm {
			return plan.MilestoneForm{Name: at("name"), Condition: at("condition"), Due: at("due"), Amount: at("amount")}
		}),
		Outputs: filled(f, "outputs", "name", func(at func(string) string) plan.OutputForm {
			return plan.OutputForm{Name: at("name"), Quantity: at("quantity"), Unit: at("unit"), Carrier: at("carrier")}
		}),
		Lines: filled(f, "lines", "name", func(at func(string) string) plan.LineForm {
			return plan.LineForm{Name: at("name"), Amount: at("amount")}
		})}
}

func (w *Web) planEdit(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.planEditPage(r, at, nil)
	if err != nil {
		return edge.Response{}, err
	}
	if r.Query("check") != "" {
		missing, err := w.Plans.Missing(r.Context(), p.Engagement, p.Form)
		if err != nil {
			return edge.Response{}, err
		}
		p.Fault = about(missing, func(string) bool { return true })
	}
	return edge.HTML(200, "engagement/plan_edit", p), nil
}

func (w *Web) planSave(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	form, next := planForm(f), planHref(at)+"/edit"
	_, err = w.Plans.Save(r.Context(), r.Actor(), at, number(f.Get("version")), form)
	done := "草稿已保存"
	if err == nil && f.Get("next") == "propose" {
		next, done = planHref(at), "已提交，等待付款方确认"
		_, err = w.Plans.Propose(r.Context(), r.Actor(), at)
	}
	if err != nil {
		p, perr := w.planEditPage(r, at, &form)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("engagement/plan_edit", p, err)
	}
	return edge.Redirect(next).Flash("ok", done), nil
}

func (w *Web) planAutosave(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err == nil {
		_, err = w.Plans.Save(r.Context(), r.Actor(), at, 0, planForm(f))
	}
	return edge.NoContent(), err
}

// milestoneCard is a milestone with what the viewer may do about it.
type milestoneCard struct {
	plan.Reach
	Status    templates.Status
	MayReport bool
	MayJudge  bool
}

// outputRow is an output with how much of it was done.
type outputRow struct {
	plan.Made
	Percent int64
}

// evidenceRow is an evidence with its pictures and papers.
type evidenceRow struct {
	plan.Evidence
	Unit   string
	Photos []templates.File
	Papers []templates.File
}

// planPage is engagement/plan.html.
type planPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Plan       plan.Plan
	Facts      []templates.KV
	Draft      []templates.KV // what a draft has so far
	Status     templates.Status
	Next       *templates.Action
	Steps      []milestoneCard
	Outputs    []outputRow
	People     int64
	Evidence   []evidenceRow
	More       string
	Follows    bool
	MayAgree   bool
	MayDeliver bool
	Typed      plan.EvidenceInput
	Press      string
	Text       string
	At         int64
	Today      string
	Choices    []templates.Option // milestones
	Products   []templates.Option // outputs
}

const evidencePage = 20

func (w *Web) planPage(r *edge.Request, at id.ID) (*planPage, error) {
	ctx, who := r.Context(), r.Actor()
	e, err := w.Engagements.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	p := &planPage{Press: pressKey(), Engagement: e, Follows: w.Engagements.Allowed(who, e, "follow"), Today: w.Engagements.Now().In(clock.Beijing).Format(time.DateOnly)}
	p.Title, p.Breadcrumbs = "实施方案和成果", deliveryCrumbs(r, e, "实施方案和成果")
	if p.Plan, err = w.Plans.Get(ctx, who, at); err != nil {
		return nil, err
	}
	tone := map[plan.State]templates.Tone{plan.Draft: templates.Neutral, plan.Proposed: templates.Info, plan.Agreed: templates.OK}[p.Plan.State]
	p.Status = templates.Status{Label: p.Plan.StateName(), Tone: tone}
	p.MayAgree = w.Engagements.Allowed(who, e, "agree") && p.Plan.State != plan.Draft
	p.MayDeliver = w.Engagements.Allowed(who, e, "deliver") && p.Plan.State == plan.Agreed
	p.Next = w.planNext(r, e, p.Plan)
	if p.Plan.State == plan.Draft {
		p.Draft = draftFacts(p.Plan.Form)
		return p, nil
	}
	p.Facts = planFacts(e, p.Plan.Content, w.Engagements.Now())
	progress, err := w.Plans.Progress(ctx, who, p.Plan)
	if err != nil {
		return nil, err
	}
	p.fill(progress, w.Engagements.Allowed(who, e, "agree"))
	if p.Follows {
		err = w.evidenceRows(r, p)
	}
	return p, err
}

func (p *planPage) fill(x plan.Progress, judges bool) {
	p.People = x.People
	for i, m := range x.Milestones {
		tone := map[string]templates.Tone{"已达成": templates.OK, "待确认": templates.Info, "已逾期": templates.Danger}[m.State]
		if tone == "" {
			tone = templates.Neutral
		}
		p.Steps = append(p.Steps, milestoneCard{Reach: m, Status: templates.Status{Label: m.State, Tone: tone},
			MayReport: p.MayDeliver && m.AcceptedAt == nil, MayJudge: judges && m.ReportedAt != nil && m.AcceptedAt == nil})
		if m.AcceptedAt == nil {
			p.Choices = append(p.Choices, templates.Option{Value: strconv.Itoa(i + 1), Label: m.Name})
		}
	}
	for _, o := range x.Outputs {
		p.Outputs = append(p.Outputs, outputRow{o, o.Done * 100 / max(1, o.Quantity)})
		p.Products = append(p.Products, templates.Option{Value: o.Name, Label: o.Name + "（" + o.Unit + "）"})
	}
}

func (w *Web) evidenceRows(r *edge.Request, p *planPage) error {
	list, err := w.Plans.List(r.Context(), r.Actor(), p.Engagement.ID, id.ID(r.Query("after")), evidencePage)
	for _, x := range list {
		row := evidenceRow{Evidence: x.Evidence}
		o, _ := p.Plan.Content.Output(x.Output)
		row.Unit = o.Unit
		for _, f := range x.Files {
			y := templates.File{ID: string(f.ID), Name: f.Name, Href: "/attachments/" + string(f.ID), Size: f.Size}
			if f.MediaType == "image/jpeg" {
				row.Photos = append(row.Photos, y)
			} else {
				row.Papers = append(row.Papers, y)
			}
		}
		p.Evidence = append(p.Evidence, row)
	}
	if len(list) == evidencePage {
		p.More = with(r, "after", string(list[len(list)-1].ID))
	}
	return err
}

// draftFacts is what a draft says so far, in the words that were typed.
func draftFacts(f plan.Form) []templates.KV {
	var out []templates.KV
	add := func(label string, list []string) {
		if len(list) > 0 {
			out = append(out, templates.KV{Label: label, Value: strings.Join(list, "；")})
		}
	}
	var steps, made, lines []string
	for _, m := range f.Milestones {
		steps = append(steps, strings.TrimSpace(m.Name+" "+m.Due))
	}
	for _, o := range f.Outputs {
		made = append(made, strings.TrimSpace(o.Name+" "+o.Quantity+" "+o.Unit))
	}
	for _, l := range f.Lines {
		lines = append(lines, l.Name+" "+l.Amount+" 元")
	}
	add("节点", steps)
	add("产出", made)
	add("预算", lines)
	add("受益社区", strings.Fields(f.Communities))
	return out
}

func planFacts(e engagement.Engagement, c plan.Content, now time.Time) []templates.KV {
	out := []templates.KV{{Label: "结算方式", Value: "按节点付款"}}
	if c.Settlement == plan.ByCount {
		o, _ := c.Output(c.Counted)
		out[0] = templates.KV{Label: "结算方式", Value: "按实际数量：" + c.UnitPrice.Yuan() + " 元/" + o.Unit, Note: "按“" + c.Counted + "”的数量，合计不超过合同金额"}
	}
	for _, o := range c.Outputs {
		if o.Carrier != "" {
			out = append(out, templates.KV{Label: "协作单位", Value: o.Carrier, Note: "协助完成“" + o.Name + "”；主要产出由承接方自己完成，不得转包",
				Article: plan.NoTransfer(e.Kind, now).Source()})
		}
	}
	return out
}

func (w *Web) planNext(r *edge.Request, e engagement.Engagement, p plan.Plan) *templates.Action {
	can := func(a string) bool { return w.Engagements.Allowed(r.Actor(), e, a) }
	switch {
	case p.State == plan.Draft && can("plan"):
		return &templates.Action{Title: "填写实施方案", Text: "写明节点、产出、预算和受益社区，交付款方确认。", Label: "填写实施方案", Href: planHref(e.ID) + "/edit"}
	case p.State == plan.Draft:
		return &templates.Action{Title: "等待实施方案", Waiting: "由承接方“" + e.ProviderName + "”填写，付款方确认后公开。"}
	case p.State == plan.Proposed && !can("agree"):
		return &templates.Action{Title: "等待确认", Waiting: "由付款方“" + e.PayerName + "”的经办人确认实施方案。"}
	}
	return nil
}

func (w *Web) planShow(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.planPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "engagement/plan", p), nil
}

// planStep does one decision and comes back to the plan, with the complaints
// where there are some.
func (w *Web) planStep(r *edge.Request, at id.ID, done string, fix func(*planPage), err error) (edge.Response, error) {
	if err != nil {
		p, perr := w.planPage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		fix(p)
		return again("engagement/plan", p, err)
	}
	return edge.Redirect(planHref(at)).Flash("ok", done), nil
}

func (w *Web) planDecide(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("decision") == "agree" {
		_, err = w.Plans.Agree(r.Context(), r.Actor(), at)
		return w.planStep(r, at, "实施方案已确认并公开", func(*planPage) {}, err)
	}
	_, err = w.Plans.Return(r.Context(), r.Actor(), at, f.Get("reason"))
	return w.planStep(r, at, "已退回承接方修改", func(p *planPage) { p.Text = f.Get("reason") }, err)
}

// evidenceParts reads the words and puts the files of an evidence aside.
func (w *Web) evidenceParts(r *edge.Request) (plan.EvidenceInput, []attachment.Attachment, error) {
	var in plan.EvidenceInput
	var files []attachment.Attachment
	into := map[string]*string{"output": &in.Output, "quantity": &in.Quantity, "people": &in.People, "done_on": &in.DoneOn, "place": &in.Place, "note": &in.Note, "key": &in.Key}
	err := r.Upload(func(p edge.Part) error {
		if p.FileName != "" {
			a, err := w.Plans.Keep(r.Context(), p.FileName, p.Reader)
			if err == nil {
				files = append(files, a)
			}
			return err
		}
		if p.Field == "photos" {
			return nil // no file was chosen
		}
		s, err := p.Text()
		if p.Field == "milestone" {
			in.Milestone = number(s)
		} else if to := into[p.Field]; to != nil {
			*to = s
		}
		return err
	})
	return in, files, err
}

func (w *Web) evidenceAdd(r *edge.Request, at id.ID) (edge.Response, error) {
	if err := w.Plans.MayDeliver(r.Context(), r.Actor(), at); err != nil {
		return edge.Response{}, err
	}
	in, files, err := w.evidenceParts(r)
	if err == nil {
		_, err = w.Plans.Add(r.Context(), r.Actor(), at, in, files)
	}
	if err != nil {
		w.Plans.Discard(r.Context(), files)
	}
	return w.planStep(r, at, "成果已提交", func(p *planPage) { p.Typed = in }, err)
}

func (w *Web) evidenceVoid(r *edge.Request, at id.ID) (edge.Response, error) {
	x, err := r.ID("evidence")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err == nil {
		err = w.Plans.Void(r.Context(), r.Actor(), at, x, f.Get("reason"))
	}
	return w.planStep(r, at, "成果记录已作废", func(*planPage) {}, err)
}

func (w *Web) milestoneReport(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	n := number(r.Param("n"))
	err = w.Plans.Report(r.Context(), r.Actor(), at, n, f.Get("report"))
	return w.planStep(r, at, "已报告，等待付款方确认", func(p *planPage) { p.At, p.Text = n, f.Get("report") }, err)
}

func (w *Web) milestoneConfirm(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	n := number(r.Param("n"))
	err = w.Plans.Confirm(r.Context(), r.Actor(), at, n, f.Get("decision") == "accept", f.Get("note"))
	return w.planStep(r, at, "意见已记录", func(p *planPage) { p.At, p.Text = n, f.Get("note") }, err)
}

// deliveryRooms are the pages of a delivery that the viewer may enter, with
// where each stands.
func (w *Web) deliveryRooms(r *edge.Request, e engagement.Engagement) ([]templates.KV, error) {
	p, err := w.Plans.Get(r.Context(), r.Actor(), e.ID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := []templates.KV{{Label: "实施方案和成果", Href: planHref(e.ID), Value: p.StateName(), Note: "节点、产出、预算、受益社区，每个节点的成果"}}
	if p.State == plan.Agreed && w.Engagements.Allowed(r.Actor(), e, "follow") {
		out = append(out, templates.KV{Label: "周报账", Href: engagementHref(e.ID) + "/expenses", Note: "每周按预算科目报支出，附发票；预算和支出对比"},
			claimRoom(e),
			templates.KV{Label: "月对账", Href: monthsHref(e.ID), Note: "每月把周报账、付款和账本放在一起核对，差异逐项说明"})
	}
	if p.State == plan.Agreed {
		out = append(out, templates.KV{Label: revisionsName(e), Href: revisionsHref(e.ID), Note: "一方提出，对方陈述意见，审批人决定，决定公开"})
	}
	more, err := w.acceptanceRoom(r, e, p)
	return append(out, more...), err
}
