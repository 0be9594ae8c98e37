package web

import (
	"strings"
	"time"

	"gongji/app/attachment"
	"gongji/app/delivery/need"
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/schedule"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/templates"
)

// reasonForm asks for a reason and posts it.
type reasonForm struct{ Title, Hint, Post, Label, Tone string }

// tenderPage is tender/show.html.
type tenderPage struct {
	templates.Chrome
	T          tender.Tender
	Status     templates.Status
	How        string
	HowNote    string
	Facts      []templates.KV
	Dates      []templates.KV
	Files      []templates.File
	Documents  []templates.File
	Events     []templates.Event
	Needs      needsMet
	Due        *templates.Deadline
	Next       *templates.Action
	Links      []templates.Task // what has come of it so far
	Reasons    []reasonForm
	Course     course       // the law's clock, in order
	Aside      []momentLine // clocks that somebody may start
	Method     []templates.KV
	Closed     bool // the documents are for others
	Objections *objectionPart
	Sealing    *tenderkey.Notice // nil where there is no key: an imported record
	Taking     *documentCard
	Packages   []templates.Task // of the same project, this one without a link
	// Substantive is the article of the ★ requirements.
	Substantive string
	Stopped     []stop
}

// stop is what keeps a purchase from going on.
type stop struct {
	tender.Suspension
	Until string
}

// Weight is a criterion's weight in points.
func (tenderPage) Weight(c tender.Criterion) string { return tender.Points(c.Weight) }

// Points is what an interval gives, in points.
func (tenderPage) Points(v int64) string { return tender.Points(v) }

// Given is a text of the notice, or that the source of a real record is silent.
func (p tenderPage) Given(s string) string { return given(p.T, s) }

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
	return edge.HTML(200, "tender/show", p).Shared(), nil
}

func (w *Web) tenderPage(r *edge.Request, t tender.Tender) (*tenderPage, error) {
	now := r.Now()
	set, err := t.RuleSet(now)
	if err != nil {
		return nil, err
	}
	needs, err := w.needsMet(r, need.Tender, t.ID)
	if err != nil {
		return nil, err
	}
	p := &tenderPage{T: t, Needs: needs, Status: tenderStatus(t.StateAt(now)), How: given(t, how(t)), Facts: tenderFacts(t, set), Dates: tenderDates(t, set)}
	p.Title, p.Description = t.Title, t.BuyerName+" "+t.No()
	p.Breadcrumbs = []templates.Crumb{{Label: "采购公告", Href: "/tenders"}, {Label: t.Title}}
	if rule := set.Of(t.Method, "price_weight"); rule.ID != "" && t.Scoring == tender.Comprehensive {
		p.HowNote = rule.Name + rule.Label()
	}
	if t.StateAt(now) == tender.Open && t.Deadline != nil {
		rule := set.Of(t.Method, "documents_to_deadline")
		p.Due = &templates.Deadline{Label: "提交截止", At: *t.Deadline, Now: now, Article: rule.Article, Unverified: rule.ID != "" && !rule.Certain}
	}
	p.Substantive = set.Must(rules.ScoringSubstantive).Source()
	if p.Packages, err = w.packageLinks(r, t); err != nil {
		return nil, err
	}
	if err := w.tenderHangings(r, p); err != nil {
		return nil, err
	}
	if p.Sealing, err = w.TenderKeys.Notice(r.Context(), t); err != nil {
		return nil, err
	}
	p.Method = methodFacts(t)
	if p.Stopped, err = w.stops(r, t); err != nil {
		return nil, err
	}
	signed, err := w.Contracts.Ever(r.Context(), t.ID)
	if err != nil {
		return nil, err
	}
	p.Reasons, p.Links = w.tenderReasons(r, t), tenderLinks(t, signed)
	p.Next, err = w.tenderNext(r, t)
	return p, err
}

// stops words the suspensions of a tender that the actor may know of.
func (w *Web) stops(r *edge.Request, t tender.Tender) ([]stop, error) {
	list, err := w.Tenders.Suspended(r.Context(), r.Actor(), t)
	var out []stop
	for _, x := range list {
		until := "处理完毕后恢复"
		if x.Until != nil {
			until = "最长至 " + calendar.Until(*x.Until)
		}
		out = append(out, stop{x, until})
	}
	return out, err
}

// tenderHangings are the files, the documents and the timeline.
func (w *Web) tenderHangings(r *edge.Request, p *tenderPage) error {
	may, err := w.Tenders.Documents(r.Context(), r.Actor(), p.T)
	if err != nil {
		return err
	}
	var files []attachment.Attachment
	if p.Closed = !may; may {
		if p.Taking, err = w.documentCard(r, p.T); err != nil {
			return err
		}
		if files, err = w.Attachments.Listed(r.Context(), "tender", p.T.ProjectID()); err != nil {
			return err
		}
	}
	docs, err := w.Archive.Listed(r.Context(), "tender", p.T.ID, !may)
	if err != nil {
		return err
	}
	events, err := w.Tenders.TimelineOf(r.Context(), r.Actor(), p.T)
	if err != nil {
		return err
	}
	lines, err := w.Schedule.Of(r.Context(), r.Actor(), p.T)
	if err != nil {
		return err
	}
	p.Course, p.Aside = moments(lines, r.Now())
	if l := schedule.Next(lines, r.Now()); l != nil && p.Due == nil {
		p.Due = &templates.Deadline{Label: l.Name, At: *l.At, Now: r.Now(), Article: l.Article, Unverified: !l.Certain}
	}
	if p.Objections, err = w.objections(r, p.T); err != nil {
		return err
	}
	p.Files, p.Documents, p.Events = fileList(files), documentList(docs), gathered(timeline(events))
	return nil
}

// burst is how close the same things follow each other to be one line: three
// holders who rehearse are one step of a purchase.
const burst = 10 * time.Minute

// gathered makes one event of the same thing that happened in a burst.
func gathered(events []templates.Event) []templates.Event {
	var out []templates.Event
	for _, e := range events {
		n := len(out) - 1
		if n < 0 || out[n].What != e.What || out[n].Article != e.Article || out[n].Tone != e.Tone || out[n].Href != e.Href || e.At.Sub(out[n].At) >= burst {
			out = append(out, e)
			continue
		}
		out[n].Note = strings.TrimSpace(out[n].Note + "\n" + e.Note)
		if out[n].Who != e.Who {
			out[n].Who = ""
		}
	}
	return out
}

func (w *Web) tenderReasons(r *edge.Request, t tender.Tender) []reasonForm {
	var out []reasonForm
	at := "/bureau/tenders/" + string(t.ID)
	if w.Tenders.Allowed(r.Actor(), t, "correct") {
		out = append(out, reasonForm{"发布更正说明", "公开，写明更正的内容和原因。只说明情况，不改变采购文件；要改变内容的，请用“更正采购文件”。", at + "/correct", "发布更正", ""})
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
	fields, _ := t.Marked()
	return strings.Join(fields, "、")
}

// Remarks say what else must be known of a demo record.
func (p tenderPage) Remarks() []string {
	_, remarks := p.T.Marked()
	return remarks
}
