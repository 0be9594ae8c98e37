package web

import (
	"gongji/app/edge"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// TenderSection is a card that another module puts on a tender's page.
type TenderSection struct {
	Title string
	Text  string
	Facts []templates.KV
	Files []templates.File
	Href  string // with Label: where there is more
	Label string
}

// tenderHooks are what the modules after publication add to a tender's page.
// next gives the one next action of this person, or nil to let another say;
// sections gives cards. A module appends its own functions here.
type tenderHooks struct {
	next     []func(*edge.Request, tender.Tender) (*templates.Action, error)
	sections []func(*edge.Request, tender.Tender) ([]TenderSection, error)
}

func (w *Web) tenderHooks() tenderHooks { return tenderHooks{} }

// reasonForm asks for a reason and posts it.
type reasonForm struct{ Title, Hint, Post, Label, Tone string }

// tenderPage is tender/show.html.
type tenderPage struct {
	templates.Chrome
	T         tender.Tender
	Status    templates.Status
	How       string
	HowNote   string
	Facts     []templates.KV
	Dates     []templates.KV
	Files     []templates.File
	Documents []templates.File
	Events    []templates.Event
	Due       *templates.Deadline
	Next      *templates.Action
	Sections  []TenderSection
	Reasons   []reasonForm
}

// Weight is a criterion's weight in points.
func (tenderPage) Weight(c tender.Criterion) string { return tender.Points(c.Weight) }

// Invented says which parts of a demo record are 演示数据.
func (p tenderPage) Invented() string { return invented(p.T) }

func (w *Web) tenderShow(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	t, err := w.Tenders.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	if !t.Published() {
		return edge.Redirect("/bureau/tenders/" + string(t.ID)), nil
	}
	p, err := w.tenderPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "tender/show", p), nil
}

func (w *Web) tenderPage(r *edge.Request, t tender.Tender) (*tenderPage, error) {
	now := r.Now()
	set, err := t.RuleSet(now)
	if err != nil {
		return nil, err
	}
	p := &tenderPage{T: t, Status: tenderStatus(t.StateAt(now)), How: given(t, how(t)), Facts: tenderFacts(t, set), Dates: tenderDates(t, set)}
	p.Title, p.Description = t.Title, t.BuyerName+" "+t.No()
	p.Breadcrumbs = []templates.Crumb{{Label: "采购公告", Href: "/tenders"}, {Label: t.Title}}
	if rule := set.Of(t.Method, "price_weight"); rule.ID != "" && t.Scoring == tender.Comprehensive {
		p.HowNote = rule.Name + rule.Label()
	}
	if t.StateAt(now) == tender.Open && t.Deadline != nil {
		rule := set.Of(t.Method, "documents_to_deadline")
		p.Due = &templates.Deadline{Label: "提交截止", At: *t.Deadline, Now: now, Article: rule.Article, Unverified: rule.ID != "" && !rule.Certain}
	}
	if err := w.tenderHangings(r, p); err != nil {
		return nil, err
	}
	p.Reasons = w.tenderReasons(r, t)
	return p, w.tenderOthers(r, p)
}

// tenderHangings are the files, the documents and the timeline.
func (w *Web) tenderHangings(r *edge.Request, p *tenderPage) error {
	files, err := w.Attachments.For(r.Context(), r.Actor(), "tender", p.T.ID)
	if err != nil {
		return err
	}
	docs, err := w.Archive.For(r.Context(), r.Actor(), "tender", p.T.ID)
	if err != nil {
		return err
	}
	events, err := w.Tenders.Timeline(r.Context(), r.Actor(), p.T.ID)
	if err != nil {
		return err
	}
	p.Files, p.Documents, p.Events = fileList(files), documentList(docs), timeline(events)
	return nil
}

// tenderOthers asks the other modules, then falls back on who must act.
func (w *Web) tenderOthers(r *edge.Request, p *tenderPage) error {
	hooks := w.tenderHooks()
	for _, f := range hooks.sections {
		s, err := f(r, p.T)
		if err != nil {
			return err
		}
		p.Sections = append(p.Sections, s...)
	}
	for _, f := range hooks.next {
		a, err := f(r, p.T)
		if err != nil {
			return err
		}
		if a != nil {
			p.Next = a
			return nil
		}
	}
	p.Next = tenderWaiting(r, p.T)
	return nil
}

func tenderWaiting(r *edge.Request, t tender.Tender) *templates.Action {
	state := t.StateAt(r.Now())
	if state == tender.Open && !r.Actor().SignedIn() {
		return &templates.Action{Title: "参加投标", Text: "通过登记审核的社会组织登录后即可编写和提交投标文件。", Label: "登录", Href: "/account/login?next=/tenders/" + string(t.ID)}
	}
	waiting := map[tender.State]string{
		tender.Open:       "正在接受投标。截止前，任何人（包括采购人）都看不到有没有人投标。",
		tender.Closed:     "投标已截止，等待采购人组织开标。",
		tender.Opened:     "已开标，等待采购人组成评审小组。",
		tender.Evaluating: "评审专家正在评分。",
		tender.Evaluated:  "评审已完成，等待采购人按排序定标。",
		tender.Decided:    "定标结果正在审批，批准后公布。",
		tender.Awarded:    "结果已公布，等待双方签订合同。",
		tender.Contracted: "合同正在履行。",
		tender.Completed:  "合同已履行完毕。",
		tender.Failed:     "本次采购失败：" + t.Reason,
		tender.Cancelled:  "采购已取消：" + t.Reason,
	}
	return &templates.Action{Title: state.Name(), Waiting: waiting[state]}
}

func (w *Web) tenderReasons(r *edge.Request, t tender.Tender) []reasonForm {
	var out []reasonForm
	at := "/bureau/tenders/" + string(t.ID)
	if w.Tenders.Allowed(r.Actor(), t, "correct") {
		out = append(out, reasonForm{"发布更正说明", "公开，写明更正的内容和原因。更正不改变期限和评分；会影响投标的修改请取消后重新发布。", at + "/correct", "发布更正", ""})
	}
	if w.Tenders.Allowed(r.Actor(), t, "cancel") {
		out = append(out, reasonForm{"取消采购", "取消后不能恢复，原因向社会公开。", at + "/cancel", "取消采购", "danger"})
	}
	return out
}

func invented(t tender.Tender) string {
	if !t.Demo {
		return ""
	}
	s := ""
	for _, m := range t.Marks {
		if n := fieldLabels[m]; n != "" {
			m = n
		}
		if s != "" {
			s += "、"
		}
		s += m
	}
	return s
}
