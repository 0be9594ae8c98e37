package web

import (
	"fmt"
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

func (w *Web) reviewRoutes() []edge.Route {
	return []edge.Route{
		get("/reviews", "account", w.reviewList),
		get("/reviews/{id}", "account", w.reviewDesk),
		post("/reviews/{id}/declare", "account", w.reviewDeclare),
		get("/reviews/applications/{id}", "account", w.reviewSheet),
		post("/reviews/applications/{id}", "account", w.reviewSave),
		post("/reviews/applications/{id}/autosave", "account", w.reviewAutosave),
		post("/reviews/applications/{id}/recuse", "account", w.reviewRecuse),
	}
}

var reviewCrumb = templates.Crumb{Label: "我的评审", Href: "/reviews"}

// reviewListPage is review/list.html.
type reviewListPage struct {
	templates.Chrome
	Desks []review.Desk
}

func (w *Web) reviewList(r *edge.Request) (edge.Response, error) {
	p := &reviewListPage{}
	p.Title = "我的评审"
	var err error
	p.Desks, err = w.Reviews.Mine(r.Context(), r.Actor())
	return edge.HTML(200, "review/list", p), err
}

// reviewDeskPage is review/desk.html.
type reviewDeskPage struct {
	templates.Chrome
	Desk  review.Desk
	Years rules.Rule
	Found []review.Item // whose ties the records show
	Asked []review.Item // whose ties only the reviewer knows
	Typed map[string]string
}

func (w *Web) reviewDesk(r *edge.Request) (edge.Response, error) {
	p, err := w.reviewDeskPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "review/desk", p), nil
}

func (w *Web) reviewDeskPage(r *edge.Request) (*reviewDeskPage, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	p := &reviewDeskPage{Years: rules.At(r.Now()).Must(rules.CallRecusalYears), Typed: map[string]string{}}
	if p.Desk, err = w.Reviews.DeskOf(r.Context(), r.Actor(), at); err != nil {
		return nil, err
	}
	for _, x := range p.Desk.Items {
		if x.Tied != "" {
			p.Found = append(p.Found, x)
		} else {
			p.Asked = append(p.Asked, x)
		}
	}
	p.Title = p.Desk.Call.Title
	p.Breadcrumbs = []templates.Crumb{reviewCrumb, {Label: p.Title}}
	return p, nil
}

func (w *Web) reviewDeclare(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := review.Declaration{Agree: f.Get("agree") == "yes", Ties: map[id.ID]string{}}
	for _, app := range f.All("tied") {
		in.Ties[id.ID(app)] = f.Get("why." + app)
	}
	if err := w.Reviews.Declare(r.Context(), r.Actor(), at, in); err != nil {
		p, perr := w.reviewDeskPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		for _, app := range f.All("tied") {
			p.Typed["tied."+app] = "yes"
		}
		for _, n := range f.Names() {
			p.Typed[n] = f.Get(n)
		}
		return again("review/desk", p, err)
	}
	return edge.Redirect("/reviews/"+string(at)).Flash("ok", "声明已记录，可以开始评分"), nil
}

// markRow is one criterion on the score sheet.
type markRow struct {
	No                 int
	Name, Hint, Weight string
	Value              string
}

// Field is the name of the row's input.
func (m markRow) Field() string { return fmt.Sprintf("scores.%d", m.No) }

// reviewSheetPage is review/sheet.html.
type reviewSheetPage struct {
	templates.Chrome
	Scoring review.Scoring
	Rows    []markRow
	Comment string
	Version int64
	Handed  bool
	Why     string
	Years   rules.Rule
	Found   []application.Found // other money of the applicant over the same days
}

func (w *Web) reviewSheet(r *edge.Request) (edge.Response, error) {
	p, err := w.reviewSheetPage(r, nil)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "review/sheet", p), nil
}

func (w *Web) reviewSheetPage(r *edge.Request, f *edge.Form) (*reviewSheetPage, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := w.Reviews.Scoring(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	found, err := w.Applications.Overlaps(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	p := &reviewSheetPage{Scoring: x, Found: found, Years: rules.At(r.Now()).Must(rules.CallRecusalYears)}
	p.Title = x.Application.Title
	p.Breadcrumbs = []templates.Crumb{reviewCrumb, {Label: x.Call.Title, Href: "/reviews/" + string(x.Call.ID)}, {Label: x.Application.OrgName}}
	if x.Sheet != nil {
		p.Comment, p.Version, p.Handed = x.Sheet.Comment, x.Sheet.Version, x.Sheet.HandedAt != nil
	}
	for i, k := range x.Rubric.Criteria {
		row := markRow{No: i + 1, Name: k.Name, Hint: k.Hint, Weight: k.Weight}
		if x.Sheet != nil && i < len(x.Sheet.Scores) && x.Sheet.Scores[i] != nil {
			row.Value = strconv.FormatInt(*x.Sheet.Scores[i], 10)
		}
		if f != nil {
			row.Value = f.Get(row.Field())
		}
		p.Rows = append(p.Rows, row)
	}
	if f != nil {
		p.Comment, p.Why = f.Get("comment"), f.Get("why")
		if f.Has("version") {
			p.Version = number(f.Get("version"))
		}
	}
	return p, nil
}

// typedMarks reads a score sheet; what is no whole number is refused by name.
func typedMarks(f *edge.Form) (review.Marks, error) {
	in := review.Marks{Comment: f.Get("comment"), Version: number(f.Get("version"))}
	var k fault.Check
	for i := 1; f.Has(fmt.Sprintf("scores.%d", i)) && i <= 20; i++ {
		name := fmt.Sprintf("scores.%d", i)
		typed := strings.TrimSpace(f.Get(name))
		if typed == "" {
			in.Scores = append(in.Scores, nil)
			continue
		}
		n, err := strconv.ParseInt(typed, 10, 64)
		k.Must(err == nil, name, "请打 0 到 100 的整数")
		in.Scores = append(in.Scores, &n)
	}
	return in, k.Err()
}

func (w *Web) reviewMarks(r *edge.Request, hand bool) (*edge.Form, id.ID, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, at, err
	}
	f, err := r.Form()
	if err != nil {
		return nil, at, err
	}
	in, err := typedMarks(f)
	if err != nil {
		return f, at, err
	}
	if hand && f.Get("step") == "hand" {
		return f, at, w.Reviews.HandIn(r.Context(), r.Actor(), at, in)
	}
	return f, at, w.Reviews.Save(r.Context(), r.Actor(), at, in)
}

func (w *Web) reviewSave(r *edge.Request) (edge.Response, error) {
	f, at, err := w.reviewMarks(r, true)
	if err != nil {
		return w.reviewAgain(r, f, err)
	}
	x, err := w.Reviews.Scoring(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("step") == "hand" {
		return edge.Redirect("/reviews/"+string(x.Call.ID)).Flash("ok", "“"+x.Application.OrgName+"”的评分已提交"), nil
	}
	return edge.Redirect("/reviews/applications/"+string(at)).Flash("ok", "评分已保存，还没有提交"), nil
}

func (w *Web) reviewAgain(r *edge.Request, f *edge.Form, err error) (edge.Response, error) {
	if f == nil || fault.Is(err, fault.NotFound) {
		return edge.Response{}, err
	}
	p, perr := w.reviewSheetPage(r, f)
	if perr != nil {
		return edge.Response{}, perr
	}
	return again("review/sheet", p, err)
}

func (w *Web) reviewAutosave(r *edge.Request) (edge.Response, error) {
	f, _, err := w.reviewMarks(r, false)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.JSON(200, map[string]int64{"version": number(f.Get("version")) + 1}), nil
}

func (w *Web) reviewRecuse(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	x, err := w.Reviews.Scoring(r.Context(), r.Actor(), at)
	if err == nil {
		err = w.Reviews.Recuse(r.Context(), r.Actor(), at, f.Get("why"))
	}
	if err != nil {
		return w.reviewAgain(r, f, err)
	}
	return edge.Redirect("/reviews/"+string(x.Call.ID)).Flash("ok", "已回避，这份申请不再对您打开"), nil
}
