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
		get("/tenders/{id}/questions/export.csv", "public", w.questionExport),
		post("/tenders/{id}/questions", "account", w.questionAsk),
		post("/questions/{id}/answer", "buyer", w.questionAnswer),
	})
}

// questionsPage is tender/questions.html.
type questionsPage struct {
	templates.Chrome
	T         tender.Tender
	Questions []question.Question
	Filter    templates.Filter
	Pager     templates.Pager
	Waiting   int // not answered yet, of those the reader sees
	Due       *templates.Deadline
	Open      bool // questions are still taken
	MayAsk    bool
	MayAnswer bool
	Login     string // where a visitor signs in
	Text      string // as typed
	Answering id.ID  // whose answer was refused
	Answer    string
}

func (w *Web) questionsPage(r *edge.Request, t tender.Tender) (*questionsPage, error) {
	f := questionFilter(r)
	list, err := w.Questions.List(r.Context(), r.Actor(), t.ID, f)
	if err != nil {
		return nil, err
	}
	p := &questionsPage{T: t, Questions: list.Items, Waiting: list.Waiting, Pager: templates.Pager{Total: list.Total}}
	p.list(r, t, f, list.Next)
	p.Title = "提问与答复"
	p.Breadcrumbs = []templates.Crumb{{Label: t.Title, Href: tenderPath(t.ID)}, {Label: p.Title}}
	until, rule := w.Questions.Until(t)
	open := t.StateAt(r.Now()) == tender.Open && until != nil && r.Now().Before(*until)
	if until != nil && t.StateAt(r.Now()) == tender.Open {
		p.Due = &templates.Deadline{Label: "提问截止", At: *until, Now: r.Now(), Article: rule.Source(), Ends: true}
	}
	p.Open = open
	p.MayAsk = open && w.Tenders.Allowed(r.Actor(), t, "ask") && r.Actor().Org != t.Buyer
	p.MayAnswer = w.Tenders.Allowed(r.Actor(), t, "reply")
	if open && !r.Actor().SignedIn() {
		p.Login = "/account/login?next=" + escapeQuery(r.Path())
	}
	return p, nil
}

func questionFilter(r *edge.Request) question.Filter {
	return question.Filter{Text: r.Query("q"), State: r.Query("state"), After: id.ID(r.Query("after"))}
}

// list adds the filters and the way to the next page.
func (p *questionsPage) list(r *edge.Request, t tender.Tender, f question.Filter, next id.ID) {
	at := tenderPath(t.ID) + "/questions"
	p.Filter = templates.Filter{Action: at, Query: f.Text, Placeholder: "问题或答复中的词", Active: f.Text != "" || f.State != ""}
	states := []templates.Option{{Label: "全部提问"}, {Value: question.Answered, Label: "已答复"}, {Value: question.Unanswered, Label: "待答复"}}
	if r.Actor().SignedIn() {
		states = append(states, templates.Option{Value: question.Mine, Label: "我提的"})
	}
	p.Filter.Selects = []templates.FilterSelect{{Name: "state", Label: "状态", Value: f.State, Options: states}}
	if p.Pager.Total > 0 {
		p.Filter.Export = at + "/export.csv" + query(r)
	}
	if f.After != "" {
		p.Pager.Prev = at + query(r)
	}
	if next != "" {
		p.Pager.Next = with(r, "after", string(next))
	}
}

// questionExport is the list under its filters; it has no column for who asked.
func (w *Web) questionExport(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f := questionFilter(r)
	f.Limit = exportStride
	return export("提问与答复.csv", []string{"提问时间", "问题", "答复", "答复时间"}, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		list, err := w.Questions.List(r.Context(), r.Actor(), t.ID, f)
		var rows [][]string
		for _, q := range list.Items {
			rows = append(rows, []string{cellTime(&q.AskedAt), q.Text, q.Answer, cellTime(q.AnsweredAt)})
		}
		return rows, list.Next, err
	})
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

// questionDesk is the unanswered questions on a buyer's desk, a card for each
// purchase.
func (w *Web) questionDesk(r *edge.Request) ([]DeskCard, error) {
	if !r.Actor().Is(party.Bureau, party.Officer) {
		return nil, nil
	}
	heaps, err := w.Questions.Waiting(r.Context(), r.Actor().Org)
	var cards []DeskCard
	for _, h := range heaps {
		cards = append(cards, DeskCard{Title: "待答复的提问", Href: tenderPath(h.Tender) + "/questions?state=" + question.Unanswered,
			Icon: "message-question", Count: h.Count, Text: h.Title})
	}
	return cards, err
}
