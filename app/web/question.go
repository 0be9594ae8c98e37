package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/question"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// questionRoutes are quiet: a log must not tell who asks.
func (w *Web) questionRoutes() []edge.Route {
	return quiet([]edge.Route{
		get("/tenders/{id}/questions", "public", w.questionList),
		post("/tenders/{id}/questions", "account", w.questionAsk),
		post("/questions/{id}/answer", "buyer", w.questionAnswer),
	})
}

// questionsPage is tender/questions.html.
type questionsPage struct {
	templates.Chrome
	T         tender.Tender
	Questions []question.Question
	Due       *templates.Deadline
	MayAsk    bool
	MayAnswer bool
	Login     string // where a visitor signs in
	Text      string // as typed
	Answering id.ID  // whose answer was refused
	Answer    string
}

func (w *Web) questionsPage(r *edge.Request, t tender.Tender) (*questionsPage, error) {
	list, err := w.Questions.List(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return nil, err
	}
	p := &questionsPage{T: t, Questions: list}
	p.Title = "提问与答复"
	p.Breadcrumbs = []templates.Crumb{{Label: t.Title, Href: tenderPath(t.ID)}, {Label: p.Title}}
	until, rule := w.Questions.Until(t)
	open := t.StateAt(r.Now()) == tender.Open && until != nil && r.Now().Before(*until)
	if until != nil && t.StateAt(r.Now()) == tender.Open {
		p.Due = &templates.Deadline{Label: "提问截止", At: *until, Now: r.Now(), Article: rule.Source()}
	}
	p.MayAsk = open && w.Tenders.Allowed(r.Actor(), t, "ask") && r.Actor().Org != t.Buyer
	p.MayAnswer = w.Tenders.Allowed(r.Actor(), t, "reply")
	if open && !r.Actor().SignedIn() {
		p.Login = "/account/login?next=" + escapeQuery(r.Path())
	}
	return p, nil
}

func (w *Web) questionList(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.questionsPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "tender/questions", p), nil
}

func (w *Web) questionAsk(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Questions.Ask(r.Context(), r.Actor(), t.ID, f.Get("text")); err != nil {
		p, perr := w.questionsPage(r, t)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Text = f.Get("text")
		return again("tender/questions", p, err)
	}
	return edge.Redirect(tenderPath(t.ID)+"/questions").Flash("ok", "问题已送达采购人。不会显示是谁提问；答复后向所有人公开。"), nil
}

func (w *Web) questionAnswer(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	q, err := w.Questions.Answer(r.Context(), r.Actor(), x, f.Get("answer"))
	if err == nil {
		return edge.Redirect(tenderPath(q.Project)+"/questions").Flash("ok", "答复已公开，并通知了领取采购文件的单位"), nil
	}
	if !fault.Is(err, fault.Invalid) {
		return edge.Response{}, err
	}
	t, gerr := w.Tenders.Get(r.Context(), r.Actor(), q.Project)
	if gerr != nil {
		t, gerr = w.Tenders.Get(r.Context(), r.Actor(), id.ID(f.Get("tender")))
	}
	if gerr != nil {
		return edge.Response{}, err
	}
	p, perr := w.questionsPage(r, t)
	if perr != nil {
		return edge.Response{}, perr
	}
	p.Answering, p.Answer = x, f.Get("answer")
	return again("tender/questions", p, err)
}

// questionDesk is the unanswered questions on a buyer's desk.
func (w *Web) questionDesk(r *edge.Request) ([]DeskCard, error) {
	if !r.Actor().Is(party.Bureau, party.Officer) {
		return nil, nil
	}
	n, first, err := w.Questions.Waiting(r.Context(), r.Actor().Org)
	if err != nil || n == 0 {
		return nil, err
	}
	return []DeskCard{{Title: "待答复的提问", Href: tenderPath(first) + "/questions", Icon: "message-question", Count: n}}, nil
}
