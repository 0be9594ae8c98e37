package web

import (
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/survey"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) surveyRoutes() []edge.Route {
	return []edge.Route{
		get("/bureau/tenders/{id}/survey", "buyer", w.surveyShow),
		get("/bureau/tenders/{id}/survey/export.csv", "buyer", w.surveyExport),
		post("/bureau/tenders/{id}/survey", "buyer", w.surveyAdd),
		post("/bureau/tenders/{id}/survey/conclusion", "buyer", w.surveyConclude),
		post("/bureau/tenders/{id}/survey/{respondent}/remove", "buyer", w.surveyRemove),
	}
}

// surveyPage is tender/survey.html.
type surveyPage struct {
	templates.Chrome
	T      tender.Tender
	S      survey.Survey
	Rows   []surveyRow
	Filter templates.Filter
	Pager  templates.Pager
	Rule   rules.Rule
	Kinds  []templates.Option
	May    bool
	V      map[string]string // as typed
	Back   string
}

func surveyFilter(r *edge.Request) survey.Filter {
	return survey.Filter{Text: r.Query("q"), Kind: r.Query("kind"), After: id.ID(r.Query("after"))}
}

// list adds one page of respondents, with its filters.
func (p *surveyPage) list(r *edge.Request) []survey.Respondent {
	f, at := surveyFilter(r), p.Back+"/survey"
	found := p.S.Page(f)
	p.Pager = templates.Pager{Total: found.Total, Unit: "个"}
	p.Filter = templates.Filter{Action: at, Query: f.Text, Placeholder: "名称或了解到的情况", Active: f.Text != "" || f.Kind != "", Export: at + "/export.csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "kind", Label: "类别", Value: f.Kind, Options: append([]templates.Option{{Label: "全部类别"}}, p.Kinds...)}}}
	if f.After != "" {
		p.Pager.Prev = at + query(r)
	}
	if found.Next != "" {
		p.Pager.Next = with(r, "after", string(found.Next))
	}
	return found.Items
}

func (w *Web) surveyExport(r *edge.Request) (edge.Response, error) {
	t, err := w.own(r, "follow")
	if err != nil {
		return edge.Response{}, err
	}
	s, err := w.Surveys.Of(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return edge.Response{}, err
	}
	f := surveyFilter(r)
	f.Limit = exportStride
	return export("需求调查.csv", []string{"调查对象", "类别", "调查日期", "了解到的情况", "登记时间"}, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		found := s.Page(f)
		var rows [][]string
		for _, x := range found.Items {
			rows = append(rows, []string{x.Name, survey.KindNames[x.Kind], cellDay(&x.AskedOn), x.Findings, cellTime(&x.CreatedAt)})
		}
		return rows, found.Next, nil
	})
}

// surveyRow is a respondent with its files.
type surveyRow struct {
	survey.Respondent
	KindName string
	Files    []templates.File
}

func (w *Web) surveyPage(r *edge.Request, t tender.Tender) (*surveyPage, error) {
	s, err := w.Surveys.Of(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return nil, err
	}
	p := &surveyPage{T: t, S: s, Rule: rules.At(r.Now()).Must(rules.SurveyRespondents), May: w.Tenders.Allowed(r.Actor(), t, "edit"), Back: bureauPath(t),
		V: map[string]string{"conclusion": s.Conclusion, "few": s.Few}}
	for _, k := range []string{survey.Market, survey.Peer, survey.Expert, survey.User} {
		p.Kinds = append(p.Kinds, templates.Option{Value: k, Label: survey.KindNames[k]})
	}
	for _, x := range p.list(r) {
		files, err := w.Attachments.For(r.Context(), r.Actor(), survey.ObjectKind, x.ID)
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, surveyRow{x, survey.KindNames[x.Kind], fileList(files)})
	}
	p.Title = "需求调查"
	p.Breadcrumbs = []templates.Crumb{{Label: "本单位的采购", Href: "/bureau/tenders"}, {Label: titleOf(t), Href: bureauPath(t)}, {Label: p.Title}}
	return p, nil
}

func (w *Web) surveyShow(r *edge.Request) (edge.Response, error) {
	t, err := w.own(r, "follow")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.surveyPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "tender/survey", p), nil
}

// surveyEntry reads the form of one respondent.
func surveyEntry(f *edge.Form) survey.Entry {
	e := survey.Entry{Name: f.Get("name"), Kind: f.Get("kind"), Findings: f.Get("findings")}
	if at, err := time.ParseInLocation(time.DateOnly, f.Get("asked_on"), clock.Beijing); err == nil {
		e.AskedOn = &at
	}
	return e
}

func (w *Web) surveyAdd(r *edge.Request) (edge.Response, error) {
	return w.surveyDo(r, "已登记，可以继续登记下一个", func(t id.ID, f *edge.Form) error {
		_, err := w.Surveys.Add(r.Context(), r.Actor(), t, surveyEntry(f))
		return err
	})
}

func (w *Web) surveyConclude(r *edge.Request) (edge.Response, error) {
	return w.surveyDo(r, "调查结论已保存", func(t id.ID, f *edge.Form) error {
		return w.Surveys.Conclude(r.Context(), r.Actor(), t, f.Get("conclusion"), f.Get("few"))
	})
}

func (w *Web) surveyRemove(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("respondent")
	if err != nil {
		return edge.Response{}, err
	}
	return w.surveyDo(r, "已移除", func(t id.ID, _ *edge.Form) error {
		return w.Surveys.Remove(r.Context(), r.Actor(), t, x)
	})
}

// surveyDo is the frame of the three forms of the page.
func (w *Web) surveyDo(r *edge.Request, done string, do func(id.ID, *edge.Form) error) (edge.Response, error) {
	t, err := w.own(r, "follow")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(t.ID, f); err != nil {
		if !fault.Is(err, fault.Invalid) {
			return edge.Response{}, err
		}
		p, perr := w.surveyPage(r, t)
		if perr != nil {
			return edge.Response{}, perr
		}
		for _, name := range f.Names() {
			p.V[name] = f.Get(name)
		}
		return again("tender/survey", p, err)
	}
	return edge.Redirect(bureauPath(t)+"/survey").Flash("ok", done), nil
}
