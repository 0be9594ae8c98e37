package web

import (
	"fmt"
	"strconv"

	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/templates"
)

// scoreSheetPage is performance/sheet.html.
type scoreSheetPage struct {
	templates.Chrome
	Case      performance.Case
	Sheet     performance.Sheet
	Groups    []scoreGroup
	Total     string
	Done, All int
	Problems  []problemRow
	Levels    string // what the levels of qualitative leaves are worth
}

type problemRow struct {
	Field string // "problems.0."
	No    int
	performance.ProblemForm
}

// spare is how many empty rows stand below the problems already written.
const spare = 2

func newScoreSheetPage(x performance.Case, d performance.Desk, s performance.Sheet) *scoreSheetPage {
	total, _, done := s.Progress(x.Tree, d.Facts, d.Law)
	p := &scoreSheetPage{Case: x, Sheet: s, Total: performance.Points(total), Done: done, All: len(x.Tree.Leaves()), Levels: performance.LevelsOf(d.Law),
		Groups: formGroups(x, d, "lines.", s.Lines, false)}
	p.Title = "绩效评分表"
	p.Breadcrumbs = []templates.Crumb{{Label: x.Of.Title, Href: engagementHref(x.Engagement)}, {Label: "绩效评价", Href: performanceHref(x.ID)}, {Label: p.Title}}
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
	s := performance.Sheet{Lines: readLines(f, t, "lines."), Summary: f.Get("summary"), Achievements: f.Get("achievements"), Suggestions: f.Get("suggestions")}
	for i := 0; f.Has(fmt.Sprintf("problems.%d.finding", i)); i++ {
		at := fmt.Sprintf("problems.%d.", i)
		s.Problems = append(s.Problems, performance.ProblemForm{Finding: f.Get(at + "finding"), Rectification: f.Get(at + "rectification"),
			Responsible: f.Get(at + "responsible"), Due: f.Get(at + "due")})
	}
	return s
}

func (w *Web) scorePage(r *edge.Request, x performance.Case, s performance.Sheet) (*scoreSheetPage, error) {
	d, err := w.Performance.Desk(r.Context(), r.Actor(), x)
	return newScoreSheetPage(x, d, s), err
}

func (w *Web) scoreForm(r *edge.Request) (edge.Response, error) {
	x, err := w.performanceCase(r, "score")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.scorePage(r, x, x.Sheet)
	if err != nil {
		return edge.Response{}, err
	}
	if r.Query("check") != "" {
		fields, err := w.Performance.Missing(r.Context(), x)
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
		p, perr := w.scorePage(r, x, s)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("performance/sheet", p, err)
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
	p, err := w.scoreCheckPage(r, x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "performance/check", p), nil
}

func (w *Web) scoreCheckPage(r *edge.Request, x performance.Case) (*scoreCheckPage, error) {
	s, err := w.scorePage(r, x, x.Sheet)
	if err != nil {
		return nil, err
	}
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
	p.Missing, err = w.Performance.Missing(r.Context(), x)
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
