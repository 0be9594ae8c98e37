package web

import (
	"strings"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/templates"
)

var disclosureCrumb = templates.Crumb{Label: "信息公开", Href: "/foundation/disclosures"}

// disclosureDeskPage is disclosure/desk.html: what is due and what was made.
type disclosureDeskPage struct {
	templates.Chrome
	Dues     []dueRow
	Late     int // how many are
	Filter   templates.Filter
	Rows     []disclosureRow
	Pager    templates.Pager
	MayDraft bool
	MayLabel bool
}

func (w *Web) disclosureDesk(r *edge.Request) (edge.Response, error) {
	p, err := w.disclosureDeskPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "disclosure/desk", p), nil
}

func (w *Web) disclosureDeskPage(r *edge.Request) (*disclosureDeskPage, error) {
	p := &disclosureDeskPage{MayDraft: w.Disclosures.MayDraft(r.Actor()), MayLabel: w.Disclosures.MayLabel(r.Actor())}
	p.Title = "信息公开"
	p.Breadcrumbs = []templates.Crumb{{Label: "工作台", Href: "/desk"}, {Label: p.Title}}
	dues, err := w.Disclosures.Own(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	p.Dues = dueRows(dues, r.Now())
	for _, d := range p.Dues {
		if d.Late > 0 {
			p.Late++
		}
	}
	x := disclosureFilter(r)
	x.Foundation = r.Actor().Org
	p.Filter, p.Rows, p.Pager, err = w.disclosures(r, x, "/foundation/disclosures/", disclosure.Draft, disclosure.Review, disclosure.Published, disclosure.Corrected)
	p.Filter.Action = "/foundation/disclosures"
	p.Filter.Export = "/foundation/disclosures/export.csv" + query(r)
	return p, err
}

func (w *Web) disclosureStart(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	x, err := w.Disclosures.Start(r.Context(), r.Actor(), id.ID(f.Get("subject")), disclosure.Kind(f.Get("kind")))
	if err != nil {
		p, perr := w.disclosureDeskPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("disclosure/desk", p, err)
	}
	return edge.Redirect("/foundation/disclosures/" + string(x.ID)), nil
}

// disclosureManagePage is disclosure/manage.html: a disclosure from the inside,
// in any state.
type disclosureManagePage struct {
	templates.Chrome
	Item       disclosure.Disclosure
	Status     templates.Status
	Facts      []templates.KV
	Deadline   *templates.Deadline
	Form       disclosure.Form
	Units      []templates.Option
	Missing    []fault.Field
	Next       templates.Action
	Reason     string
	Why        string
	Events     []templates.Event
	MayEdit    bool
	MayDecide  bool
	MayCorrect bool
	Yearly     bool
}

func (w *Web) disclosureOf(r *edge.Request) (disclosure.Disclosure, error) {
	at, err := r.ID("id")
	if err != nil {
		return disclosure.Disclosure{}, err
	}
	x, err := w.Disclosures.Get(r.Context(), r.Actor(), at)
	if err == nil {
		err = w.Disclosures.Require(r.Actor(), x, "follow")
	}
	return x, err
}

func (w *Web) disclosureManage(r *edge.Request) (edge.Response, error) {
	x, err := w.disclosureOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.disclosureManagePage(r, x)
	return edge.HTML(200, "disclosure/manage", p), err
}

func (w *Web) disclosureManagePage(r *edge.Request, x disclosure.Disclosure) (*disclosureManagePage, error) {
	can := func(action string) bool { return w.Disclosures.Allowed(r.Actor(), x, action) }
	p := &disclosureManagePage{Item: x, Status: disclosureStatus(x), Facts: disclosureFacts(x), Form: disclosure.Form{Words: x.Words}, Yearly: x.Kind == disclosure.Yearly || x.Corrects != nil,
		MayEdit: can("edit"), MayDecide: can("publish"), MayCorrect: can("correct"),
		Units: []templates.Option{{Value: string(disclosure.Yuan), Label: "元，到分"}, {Value: string(disclosure.Wan2), Label: "万元，两位小数（四舍五入）"}, {Value: string(disclosure.Wan4), Label: "万元，四位小数（到元）"}}}
	p.Title = x.Title()
	p.Breadcrumbs = []templates.Crumb{disclosureCrumb, {Label: x.SubjectName}}
	if x.DueAt != nil && !x.State.Public() {
		p.Deadline = &templates.Deadline{Label: "最迟公布", At: *x.DueAt, Now: r.Now(), Article: x.Article, Ends: true, Owed: true}
	}
	if x.State == disclosure.Draft {
		p.Missing = x.Missing()
	}
	p.Next = disclosureNext(p)
	p.Next.CSRF = r.CSRF()
	events, err := w.Disclosures.Timeline(r.Context(), r.Actor(), x)
	p.Events = timeline(events)
	return p, err
}

// disclosureNext says who must do what now.
func disclosureNext(p *disclosureManagePage) templates.Action {
	at := "/foundation/disclosures/" + string(p.Item.ID)
	switch {
	case p.Item.State == disclosure.Draft && !p.MayEdit:
		return templates.Action{Title: "等待项目官员完成草稿", Waiting: "草稿由项目官员填写说明并提交。"}
	case p.Item.State == disclosure.Draft && len(p.Missing) > 0:
		return templates.Action{}
	case p.Item.State == disclosure.Draft:
		return templates.Action{Title: "核对无误后提交审核", Text: "提交时数字从账上再算一次；由另一位同事审核公布。", Label: "提交审核", Post: at + "/submit"}
	case p.Item.State == disclosure.Review && !p.MayDecide:
		return templates.Action{Title: "等待秘书长审核公布", Waiting: "由本会秘书长身份的另一位人员审核；起草人不能公布自己的草稿。"}
	case p.Item.State.Public():
		return templates.Action{Title: "已公布", Label: "打开公开页面", Href: "/disclosures/" + string(p.Item.ID)}
	}
	return templates.Action{}
}

// disclosureStep does one decision and comes back, with the complaints and what
// was typed where there are some.
func (w *Web) disclosureStep(r *edge.Request, done string, step func(x disclosure.Disclosure, f *edge.Form) (disclosure.Disclosure, error)) (edge.Response, error) {
	x, err := w.disclosureOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	y, err := step(x, f)
	if err != nil {
		p, perr := w.disclosureManagePage(r, x)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason, p.Why = f.Get("reason"), f.Get("why")
		if f.Has("summary") {
			p.Form = typedDisclosure(f)
		}
		return again("disclosure/manage", p, err)
	}
	return edge.Redirect("/foundation/disclosures/"+string(y.ID)).Flash("ok", done), nil
}

func typedDisclosure(f *edge.Form) disclosure.Form {
	return disclosure.Form{Until: f.Get("until"), Words: disclosure.Words{Summary: f.Get("summary"), Explanation: f.Get("explanation"), Unit: disclosure.Unit(f.Get("unit"))}}
}

func (w *Web) disclosureSave(r *edge.Request) (edge.Response, error) {
	return w.disclosureStep(r, "已保存，数字已按账重新计算", func(x disclosure.Disclosure, f *edge.Form) (disclosure.Disclosure, error) {
		return w.Disclosures.Save(r.Context(), r.Actor(), x.ID, number(f.Get("version")), typedDisclosure(f))
	})
}

func (w *Web) disclosureSubmit(r *edge.Request) (edge.Response, error) {
	return w.disclosureStep(r, "已提交审核", func(x disclosure.Disclosure, _ *edge.Form) (disclosure.Disclosure, error) {
		return w.Disclosures.Submit(r.Context(), r.Actor(), x.ID)
	})
}

func (w *Web) disclosureDecide(r *edge.Request) (edge.Response, error) {
	return w.disclosureStep(r, "已办理", func(x disclosure.Disclosure, f *edge.Form) (disclosure.Disclosure, error) {
		if f.Get("decision") == "return" {
			return w.Disclosures.Return(r.Context(), r.Actor(), x.ID, f.Get("reason"))
		}
		return w.Disclosures.Publish(r.Context(), r.Actor(), x.ID)
	})
}

func (w *Web) disclosureCorrect(r *edge.Request) (edge.Response, error) {
	return w.disclosureStep(r, "已起草更正，核对后提交审核；公布前原公开不变", func(x disclosure.Disclosure, f *edge.Form) (disclosure.Disclosure, error) {
		return w.Disclosures.Correct(r.Context(), r.Actor(), x.ID, f.Get("why"))
	})
}

func (w *Web) disclosureDrop(r *edge.Request) (edge.Response, error) {
	x, err := w.disclosureOf(r)
	if err == nil {
		_, err = w.Disclosures.Drop(r.Context(), r.Actor(), x.ID)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/foundation/disclosures").Flash("ok", "草稿已放弃"), nil
}

// emergency begins or ends the time in which a fund publishes every five days.
func (w *Web) emergency(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("action") == "end" {
		_, err = w.Disclosures.End(r.Context(), r.Actor(), at)
	} else {
		_, err = w.Disclosures.Declare(r.Context(), r.Actor(), at, f.Get("why"))
	}
	if err != nil {
		return w.emergencyAgain(r, f.Get("why"), err)
	}
	return edge.Redirect("/foundation/disclosures").Flash("ok", "已办理，公开日历已更新"), nil
}

// emergencyAgain shows the form again, of a campaign or of a fund.
func (w *Web) emergencyAgain(r *edge.Request, why string, err error) (edge.Response, error) {
	if x, cerr := w.campaign(r, "disclose"); cerr == nil {
		p, perr := w.campaignManagePage(r, x)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Why = why
		return again("campaign/manage", p, err)
	}
	p, perr := w.labelsPage(r)
	if perr != nil {
		return edge.Response{}, perr
	}
	p.Why = why
	return again("disclosure/labels", p, err)
}

// labelRow is a donation with its label.
type labelRow struct {
	donation.Donation
	Line, Heading string
}

// labelsPage is disclosure/labels.html: how a fund discloses, and in which lines
// of the table its donations stand.
type labelsPage struct {
	templates.Chrome
	FundID   id.ID
	FundName string
	Rows     []labelRow
	Pager    templates.Pager
	Dues     []dueRow
	Crisis   *disclosure.Crisis // while one lasts
	Why      string
	MayPlan  bool
}

func (w *Web) labelsPage(r *edge.Request) (*labelsPage, error) {
	f, err := w.fund(r)
	if err != nil {
		return nil, err
	}
	set, err := w.Disclosures.Labels(r.Context(), r.Actor(), f.ID)
	if err != nil {
		return nil, err
	}
	p := &labelsPage{FundID: f.ID, FundName: f.FullName(), MayPlan: w.Funds.Allowed(r.Actor(), f, "disclose")}
	p.Title = "公开方式与分组"
	p.Breadcrumbs = []templates.Crumb{disclosureCrumb, {Label: f.Name, Href: fundHref(f)}, {Label: p.Title}}
	list, err := w.Donations.AtFoundation(r.Context(), r.Actor(), donation.Filter{Fund: f.ID, Kind: donation.Money, State: donation.Confirmed, After: id.ID(r.Query("after")), Limit: 50})
	if err != nil {
		return nil, err
	}
	for _, d := range list.Items {
		p.Rows = append(p.Rows, labelRow{d, set[d.ID].Line, set[d.ID].Heading})
	}
	p.Pager = templates.Pager{Total: list.Total, Unit: "笔"}
	if r.Query("after") != "" {
		p.Pager.Prev = with(r, "after", "")
	}
	if list.Next != "" {
		p.Pager.Next = with(r, "after", string(list.Next))
	}
	dues, err := w.Disclosures.Of(r.Context(), r.Actor(), f.ID)
	if err != nil {
		return nil, err
	}
	p.Dues = dueRows(dues, r.Now())
	p.Crisis, err = w.crisis(r, f.ID)
	return p, err
}

// crisis is the emergency that a fund or a campaign serves now, nil where none.
func (w *Web) crisis(r *edge.Request, of id.ID) (*disclosure.Crisis, error) {
	list, err := w.Disclosures.Crises(r.Context(), r.Actor(), of)
	if err != nil || len(list) == 0 || list[0].Until != nil {
		return nil, err
	}
	return &list[0], nil
}

func (w *Web) labelsShow(r *edge.Request) (edge.Response, error) {
	p, err := w.labelsPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "disclosure/labels", p), nil
}

func (w *Web) labelsSave(r *edge.Request) (edge.Response, error) {
	p, err := w.labelsPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var list []disclosure.Label
	for i, row := range p.Rows {
		line, heading := strings.TrimSpace(f.Get("line."+string(row.ID))), strings.TrimSpace(f.Get("heading."+string(row.ID)))
		if f.Has("line."+string(row.ID)) && (line != row.Line || heading != row.Heading) {
			list = append(list, disclosure.Label{Donation: row.ID, Line: line, Heading: heading})
			p.Rows[i].Line, p.Rows[i].Heading = line, heading
		}
	}
	if len(list) > 0 {
		if err := w.Disclosures.SetLabels(r.Context(), r.Actor(), p.FundID, list); err != nil {
			return again("disclosure/labels", p, err)
		}
	}
	return edge.Redirect(with(r, "", "")).Flash("ok", "分组已保存"), nil
}

// disclosureCards is what must be published next, and what waits for the
// person.
func (w *Web) disclosureCards(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	if who.OrgKind != party.Foundation || !w.may(r, "foundation") {
		return nil, nil
	}
	dues, err := w.Disclosures.Own(r.Context(), who)
	if err != nil {
		return nil, err
	}
	var out []DeskCard
	near := 0
	for _, d := range dues {
		if d.At.Before(r.Now().Add(14 * 24 * time.Hour)) {
			near++
		}
	}
	if who.Role == party.Approver {
		n, err := w.Disclosures.Count(r.Context(), who, disclosure.Filter{Foundation: who.Org, State: disclosure.Review})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, DeskCard{Title: "待审核的信息公开", Href: "/foundation/disclosures?state=review", Icon: "speakerphone", Count: n})
		}
	}
	card := DeskCard{Title: "信息公开", Href: "/foundation/disclosures", Icon: "speakerphone", Text: "按期公布基金和公开募捐的收支、物资"}
	if near > 0 {
		card.Title, card.Count, card.Text = "两周内要公布的", near, ""
	}
	if len(dues) > 0 {
		card.Due = &templates.Deadline{Label: dues[0].Subject.Name, At: dues[0].At, Now: r.Now(), Article: dues[0].Rule.Article, Ends: true, Owed: true}
	}
	return append(out, card), nil
}
