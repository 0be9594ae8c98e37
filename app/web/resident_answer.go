package web

import (
	"errors"
	"net/http"
	"net/url"

	"gongji/app/delivery/survey"
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// residentRoutes are what a resident enters without an account. They are Quiet:
// a log of who opened which code when would undo what is promised.
func (w *Web) residentRoutes() []edge.Route {
	out := []edge.Route{
		get("/s", "public", w.codeForm),
		get("/s/thanks/{id}", "public", edge.At(w.thanks)),
		get("/s/open/{id}", "public", edge.At(w.posterForm)),
		post("/s/open/{id}", "public", edge.At(w.posterAnswer)),
		get("/s/{code}", "public", w.answerForm),
		post("/s/{code}", "public", w.answerSend),
	}
	for i := range out {
		out[i].Quiet = true
	}
	return out
}

// codePage is resident/code.html.
type codePage struct {
	templates.Chrome
	Code string
}

// answerPage is resident/answer.html.
type answerPage struct {
	templates.Chrome
	Survey    survey.Survey
	Questions []askedQuestion
	Action    string
	Until     string
	Poster    bool
}

// askedQuestion is a question with what was typed. Its field is not the bare
// key, which could be a name of ours.
type askedQuestion struct {
	survey.Question
	Number  int
	Field   string
	Value   string
	Choices []templates.Option
}

// stopPage is resident/stop.html: why there is nothing to answer, or thanks.
type stopPage struct {
	templates.Chrome
	Text   string
	Result string // address of the survey's page
	Word   string // of the link there
	Again  bool
}

const answerField = "a."

func newAnswerPage(v survey.Survey, action string, typed survey.Answers) *answerPage {
	p := &answerPage{Survey: v, Action: action, Until: calendar.Until(v.ClosesAt)}
	p.Title = v.Title
	for i, q := range v.Questions {
		a := askedQuestion{Question: q, Number: i + 1, Field: answerField + q.Key, Value: typed[q.Key]}
		values, labels := q.Labels()
		for j, v := range values {
			a.Choices = append(a.Choices, templates.Option{Value: v, Label: labels[j]})
		}
		p.Questions = append(p.Questions, a)
	}
	return p
}

// stopped is the small page for why an answer cannot be taken.
func stopped(err error, v survey.Survey) (edge.Response, error) {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return edge.Response{}, err
	}
	what, ok := map[fault.Kind]struct {
		status int
		title  string
	}{fault.NotFound: {404, "没有找到"}, fault.Conflict: {409, "不能回答"}, fault.TooLate: {410, "问卷已结束"}, fault.TooMany: {429, "请稍后再来"}}[f.Kind]
	if !ok {
		return edge.Response{}, err
	}
	p := &stopPage{Text: f.Message, Again: f.Kind != fault.TooMany}
	p.Title = what.title
	if v.Published() {
		p.Result = surveyHref(v.ID)
	}
	return edge.HTML(what.status, "resident/stop", p), nil
}

func (w *Web) codeForm(r *edge.Request) (edge.Response, error) {
	p := &codePage{Code: r.Query("code")}
	p.Title = "输入邀请码"
	if p.Code == "" {
		return edge.HTML(200, "resident/code", p), nil
	}
	switch v, err := w.Residents.ByCode(r.Context(), p.Code); {
	case err == nil:
		return edge.Redirect("/s/" + url.PathEscape(survey.Folded(p.Code))), nil
	case fault.Is(err, fault.NotFound):
		var c fault.Check
		c.Fail("code", "没有这个邀请码，请对照纸条再输一次")
		return again("resident/code", p, c.Err())
	default:
		return stopped(err, v)
	}
}

func (w *Web) answerForm(r *edge.Request) (edge.Response, error) {
	code := r.Param("code")
	v, err := w.Residents.ByCode(r.Context(), code)
	if err != nil {
		return stopped(err, v)
	}
	return edge.HTML(200, "resident/answer", newAnswerPage(v, "/s/"+url.PathEscape(code), nil)), nil
}

func (w *Web) answerSend(r *edge.Request) (edge.Response, error) {
	in, err := typedAnswers(r)
	if err != nil {
		return edge.Response{}, err
	}
	code := r.Param("code")
	v, err := w.Residents.Answer(r.Context(), code, in)
	return answered(v, err, func() *answerPage { return newAnswerPage(v, "/s/"+url.PathEscape(code), in) })
}

func (w *Web) posterForm(r *edge.Request, at id.ID) (edge.Response, error) {
	v, err := w.Residents.Posted(r.Context(), at)
	if err != nil {
		return stopped(err, v)
	}
	p := newAnswerPage(v, "/s/open/"+string(at), nil)
	p.Poster = true
	return edge.HTML(200, "resident/answer", p), nil
}

func (w *Web) posterAnswer(r *edge.Request, at id.ID) (edge.Response, error) {
	in, err := typedAnswers(r)
	if err != nil {
		return edge.Response{}, err
	}
	v, err := w.Residents.AnswerOpen(r.Context(), at, in, r.IP())
	return answered(v, err, func() *answerPage {
		p := newAnswerPage(v, "/s/open/"+string(at), in)
		p.Poster = true
		return p
	})
}

// typedAnswers are the form's answers; a question answered twice counts once.
func typedAnswers(r *edge.Request) (survey.Answers, error) {
	f, err := r.Form()
	if err != nil {
		return nil, err
	}
	in := survey.Answers{}
	for _, name := range f.Names() {
		if len(name) > len(answerField) && name[:len(answerField)] == answerField {
			in[name[len(answerField):]] = f.Get(name)
		}
	}
	return in, nil
}

// answered is the common end: thanks, the form once more, or why not.
func answered(v survey.Survey, err error, page func() *answerPage) (edge.Response, error) {
	switch {
	case err == nil:
		return edge.Redirect("/s/thanks/" + string(v.ID)), nil
	case !fault.Is(err, fault.Invalid):
		return stopped(err, v)
	}
	complaints, _ := fault.Complaints(err)
	var c fault.Check
	for _, x := range complaints {
		c.Fail(answerField+x.Name, "%s", x.Message)
	}
	return again("resident/answer", page(), c.Err())
}

func (w *Web) thanks(r *edge.Request, at id.ID) (edge.Response, error) {
	v, err := w.Residents.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return stopped(err, survey.Survey{})
	}
	p := &stopPage{Text: "您的回答已经收到。问卷到 " + calendar.Until(v.ClosesAt) + " 结束，随后公布结果，谁都可以看。", Result: surveyHref(at)}
	p.Title = "谢谢您"
	return edge.HTML(http.StatusOK, "resident/stop", p), nil
}

func surveyHref(v id.ID) string { return "/surveys/" + string(v) }
