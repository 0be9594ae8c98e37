package web

import (
	"fmt"
	"strconv"

	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/templates"
)

// scoreGroup is one first-level indicator with its leaves.
type scoreGroup struct {
	Name   string
	Weight int64 // hundredths of a point
	Points string
	Rows   []scoreRow
}

// scoreRow is one leaf: as typed on the sheet, or as it was scored.
type scoreRow struct {
	Code, Second, Name, Standard string
	Weight                       int64
	Quantitative                 bool
	Form                         performance.LineForm
	Points                       string // computed; "" while it cannot be
	Figure                       performance.Figure
}

// lineGroups are the lines as they were submitted.
func lineGroups(x performance.Case) []scoreGroup {
	var out []scoreGroup
	for _, p := range x.Pillars {
		g := scoreGroup{Name: p.Name, Weight: p.Weight, Points: performance.Points(p.Points)}
		for _, l := range x.Lines {
			if l.First == p.Name {
				g.Rows = append(g.Rows, scoreRow{Code: l.Code, Second: l.Second, Name: l.Name, Standard: l.Standard, Weight: l.Weight,
					Form: performance.LineForm{Reason: l.Reason}, Points: performance.Points(l.Points)})
			}
		}
		out = append(out, g)
	}
	return out
}

// scoreSheetPage is performance/sheet.html.
type scoreSheetPage struct {
	templates.Chrome
	Case      performance.Case
	Sheet     performance.Sheet
	Groups    []scoreGroup
	Total     string
	Done, All int
	Problems  []problemRow
}

type problemRow struct {
	Field string // "problems.0."
	No    int
	performance.ProblemForm
}

// spare is how many empty rows stand below the problems already written.
const spare = 2

func newScoreSheetPage(x performance.Case, s performance.Sheet) *scoreSheetPage {
	total, points, done := s.Progress(x.Tree)
	p := &scoreSheetPage{Case: x, Sheet: s, Total: performance.Points(total), Done: done, All: len(x.Tree.Leaves())}
	p.Title = "绩效评分表"
	p.Breadcrumbs = []templates.Crumb{{Label: x.Of.Title, Href: engagementHref(x.Engagement)}, {Label: "绩效评价", Href: performanceHref(x.ID)}, {Label: p.Title}}
	for _, a := range x.Tree.Indicators {
		g := scoreGroup{Name: a.Name, Weight: a.Weight}
		for _, l := range x.Tree.Leaves() {
			if l.First != a.Name {
				continue
			}
			row := scoreRow{l.Code, l.Second, l.Name, l.Standard, l.Weight, l.Kind == performance.Quantitative, s.Lines[l.Code], "", x.Self.Figures[l.Code]}
			if n, ok := points[l.Code]; ok {
				row.Points = performance.Points(n)
			}
			g.Rows = append(g.Rows, row)
		}
		p.Groups = append(p.Groups, g)
	}
	for i := range len(s.Problems) + spare {
		row := problemRow{Field: fmt.Sprintf("problems.%d.", i), No: i + 1}
		if i < len(s.Problems) {
			row.ProblemForm = s.Problems[i]
		}
		p.Problems = append(p.Problems, row)
	}
	return p
}

func readScores(f *edge.Form, t performance.Tree) performance.Sheet {
	s := performance.Sheet{Lines: map[string]performance.LineForm{}, Summary: f.Get("summary"), Achievements: f.Get("achievements"),
		Suggestions: f.Get("suggestions")}
	for _, l := range t.Leaves() {
		at := "lines." + l.Code + "."
		s.Lines[l.Code] = performance.LineForm{Points: f.Get(at + "points"), Got: f.Get(at + "got"), Of: f.Get(at + "of"), Reason: f.Get(at + "reason")}
	}
	for i := 0; f.Has(fmt.Sprintf("problems.%d.finding", i)); i++ {
		at := fmt.Sprintf("problems.%d.", i)
		s.Problems = append(s.Problems, performance.ProblemForm{Finding: f.Get(at + "finding"), Rectification: f.Get(at + "rectification"),
			Responsible: f.Get(at + "responsible"), Due: f.Get(at + "due")})
	}
	return s
}

func (w *Web) scoreForm(r *edge.Request) (edge.Response, error) {
	x, err := w.performanceCase(r, "score")
	if err != nil {
		return edge.Response{}, err
	}
	p := newScoreSheetPage(x, x.Sheet)
	if r.Query("check") != "" {
		fields, err := w.Performance.Missing(x)
		if err != nil {
			return edge.Response{}, err
		}
		if len(fields) > 0 {
			p.Fault = &fault.Fault{Kind: fault.Invalid, Message: "还有 " + strconv.Itoa(len(fields)) + " 处需要填写或修改", Fields: fields}
		}
	}
	return edge.HTML(200, "performance/sheet", p), nil
}

func (w *Web) scoreSave(r *edge.Request) (edge.Response, error) {
	x, s, err := w.keepScores(r)
	if err != nil {
		if x.ID == "" {
			return edge.Response{}, err
		}
		return again("performance/sheet", newScoreSheetPage(x, s), err)
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("next") == "stay" {
		return edge.Redirect(performanceHref(x.ID)+"/sheet").Flash("ok", "评分表已保存"), nil
	}
	return edge.Redirect(performanceHref(x.ID) + "/check"), nil
}

func (w *Web) scoreDraft(r *edge.Request) (edge.Response, error) {
	_, _, err := w.keepScores(r)
	return edge.NoContent(), err
}

// keepScores saves what was typed; the case is empty when it may not be seen.
func (w *Web) keepScores(r *edge.Request) (performance.Case, performance.Sheet, error) {
	x, err := w.performanceCase(r, "score")
	if err != nil {
		return performance.Case{}, performance.Sheet{}, err
	}
	f, err := r.Form()
	if err != nil {
		return performance.Case{}, performance.Sheet{}, err
	}
	s := readScores(f, x.Tree)
	_, err = w.Performance.SaveSheet(r.Context(), r.Actor(), x.ID, 0, s)
	return x, s, err
}

// scoreCheckPage is performance/check.html.
type scoreCheckPage struct {
	templates.Chrome
	Case    performance.Case
	Groups  []scoreGroup
	Total   string
	Missing []fault.Field
	Answers []templates.Answer
}

func (w *Web) scoreCheck(r *edge.Request) (edge.Response, error) {
	x, err := w.performanceCase(r, "score")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.scoreCheckPage(x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "performance/check", p), nil
}

func (w *Web) scoreCheckPage(x performance.Case) (*scoreCheckPage, error) {
	s := newScoreSheetPage(x, x.Sheet)
	p := &scoreCheckPage{Case: x, Groups: s.Groups, Total: s.Total}
	p.Title = "核对评分"
	p.Breadcrumbs = append(s.Breadcrumbs[:2:2], templates.Crumb{Label: "绩效评分表", Href: performanceHref(x.ID) + "/sheet"}, templates.Crumb{Label: p.Title})
	at := performanceHref(x.ID) + "/sheet#f-"
	p.Answers = []templates.Answer{{Label: "评价结论", Value: x.Sheet.Summary, Change: at + "summary"},
		{Label: "主要成效", Value: x.Sheet.Achievements, Change: at + "achievements"},
		{Label: "有关建议", Value: x.Sheet.Suggestions, Change: at + "suggestions"}}
	for i, q := range x.Sheet.Problems {
		p.Answers = append(p.Answers, templates.Answer{Label: "问题 " + strconv.Itoa(i+1), Change: fmt.Sprintf("%sproblems.%d.finding", at, i),
			Value: q.Finding + "\n整改：" + q.Rectification + "\n责任：" + q.Responsible + "　期限：" + q.Due})
	}
	var err error
	p.Missing, err = w.Performance.Missing(x)
	return p, err
}

func (w *Web) performanceSubmit(r *edge.Request) (edge.Response, error) {
	x, err := w.performanceCase(r, "submit")
	if err == nil {
		_, err = r.Form()
	}
	if err != nil {
		return edge.Response{}, err
	}
	if _, err = w.Performance.Submit(r.Context(), r.Actor(), x.ID); err == nil {
		return edge.Redirect(performanceHref(x.ID)).Flash("ok", "已提交审批"), nil
	}
	if fault.Is(err, fault.Invalid) {
		return edge.Redirect(performanceHref(x.ID) + "/sheet?check=1"), nil
	}
	return edge.Response{}, err
}

// figureRow is one leaf on the provider's report.
type figureRow struct {
	Code, Name, Standard string
	performance.Figure
}

// figureRows lists the quantitative leaves, or only those with a figure.
func figureRows(x performance.Case, all bool) []figureRow {
	var out []figureRow
	for _, l := range x.Tree.Leaves() {
		f, ok := x.Self.Figures[l.Code]
		if all && l.Kind == performance.Quantitative || ok {
			out = append(out, figureRow{l.Code, l.Name, l.Standard, f})
		}
	}
	return out
}

// selfPage is performance/self.html.
type selfPage struct {
	templates.Chrome
	Case    performance.Case
	Form    performance.Self
	Figures []figureRow
	Files   []templates.File
}

func (w *Web) selfPage(r *edge.Request) (*selfPage, error) {
	x, err := w.performanceCase(r, "report")
	if err != nil {
		return nil, err
	}
	p := &selfPage{Case: x, Form: x.Self, Figures: figureRows(x, true)}
	p.Title = "填写自评"
	p.Breadcrumbs = []templates.Crumb{{Label: x.Of.Title, Href: engagementHref(x.Engagement)}, {Label: "绩效评价", Href: performanceHref(x.ID)}, {Label: p.Title}}
	p.Files, err = w.files(r, performance.EvidenceKind, x.ID)
	return p, err
}

func (w *Web) selfForm(r *edge.Request) (edge.Response, error) {
	p, err := w.selfPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "performance/self", p), nil
}

func readSelf(f *edge.Form, t performance.Tree) performance.Self {
	s := performance.Self{Summary: f.Get("summary"), Problems: f.Get("problems"), Figures: map[string]performance.Figure{}}
	for _, l := range t.Leaves() {
		at := "figures." + l.Code + "."
		v := performance.Figure{Got: f.Get(at + "got"), Of: f.Get(at + "of"), Note: f.Get(at + "note")}
		if v != (performance.Figure{}) {
			s.Figures[l.Code] = v
		}
	}
	return s
}

func (w *Web) selfSubmit(r *edge.Request) (edge.Response, error) {
	p, err := w.selfPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Form = readSelf(f, p.Case.Tree)
	p.Case.Self = p.Form
	p.Figures = figureRows(p.Case, true)
	if f.Get("next") == "stay" {
		_, err = w.Performance.SaveSelf(r.Context(), r.Actor(), p.Case.ID, p.Form)
	} else {
		_, err = w.Performance.SubmitSelf(r.Context(), r.Actor(), p.Case.ID, p.Form)
	}
	switch {
	case err != nil:
		return again("performance/self", p, err)
	case f.Get("next") == "stay":
		return edge.Redirect(performanceHref(p.Case.ID)+"/self-report").Flash("ok", "草稿已保存"), nil
	}
	return edge.Redirect(performanceHref(p.Case.ID)).Flash("ok", "自评已提交，等待评分"), nil
}

func (w *Web) selfDraft(r *edge.Request) (edge.Response, error) {
	x, err := w.performanceCase(r, "report")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	_, err = w.Performance.SaveSelf(r.Context(), r.Actor(), x.ID, readSelf(f, x.Tree))
	return edge.NoContent(), err
}
