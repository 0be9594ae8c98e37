package web

import (
	"fmt"
	"strconv"

	"gongji/app/edge"
	"gongji/app/procurement/challenge"
	"gongji/templates"
)

// letterPoints is how many matters a form has places for.
const letterPoints = 3

// letterPage is challenge/write.html: a query, a 质疑 or a complaint as it is
// written.
type letterPage struct {
	purchasePage
	Kind      challenge.Kind
	Stage     string
	Stages    []templates.Option
	Points    []letterPoint
	Contact   string
	Authority string
	About     *challenge.Case // what a complaint is about
	Mend      bool
	Dues      []Due
	Post      string
}

// letterPoint is one matter as typed; its fields are "points.1.matter".
type letterPoint struct {
	N                                   int
	Field                               string
	Matter, Request, Facts, Basis, From string
	Froms                               []templates.Option
}

// Name is the field of one part of the point.
func (p letterPoint) Name(part string) string { return p.Field + part }

func (p *letterPage) read(f *edge.Form) []challenge.Point {
	var out []challenge.Point
	p.Points = nil
	for i := range letterPoints {
		at := fmt.Sprintf("points.%d.", i+1)
		x := letterPoint{N: i + 1, Field: at, Matter: f.Get(at + "matter"), Request: f.Get(at + "request"), Facts: f.Get(at + "facts"), Basis: f.Get(at + "basis"), From: f.Get(at + "from")}
		from, _ := strconv.Atoi(x.From) // what is no number belongs to no point of the 质疑
		out = append(out, challenge.Point{Matter: x.Matter, Request: x.Request, Facts: x.Facts, Basis: x.Basis, From: from})
		p.Points = append(p.Points, x)
	}
	p.Contact, p.Stage, p.Authority = f.Get("contact"), f.Get("stage"), f.Get("authority")
	p.froms()
	return out
}

// froms are the points of the 质疑 that a complaint may carry on.
func (p *letterPage) froms() {
	if p.About == nil {
		return
	}
	for i := range p.Points {
		p.Points[i].Froms = nil
		for n, x := range p.About.Points {
			p.Points[i].Froms = append(p.Points[i].Froms, templates.Option{Value: strconv.Itoa(n + 1), Label: fmt.Sprintf("质疑第 %d 项：%s", n+1, short(x.Matter, 30))})
		}
		p.Points[i].Froms = append(p.Points[i].Froms, templates.Option{Value: "0", Label: "基于质疑答复内容提出"})
	}
}

func (w *Web) letterPage(r *edge.Request) (*letterPage, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return nil, err
	}
	kind := challenge.Challenge
	if r.Query("kind") == string(challenge.Query) {
		kind = challenge.Query
	}
	p := &letterPage{purchasePage: w.purchase(r, t, "提出"+kind.Name()), Kind: kind, Stage: r.Query("stage"), Post: tenderPath(t.ID) + "/challenges/new?kind=" + string(kind)}
	for i := range letterPoints {
		p.Points = append(p.Points, letterPoint{N: i + 1, Field: fmt.Sprintf("points.%d.", i+1)})
	}
	windows, err := w.Challenges.Windows(r.Context(), t)
	for _, x := range windows {
		o := templates.Option{Value: string(x.Stage), Label: x.Stage.Name()}
		if kind == challenge.Challenge {
			o.Hint = windowWords(x)
		}
		p.Stages = append(p.Stages, o)
	}
	return p, err
}

func windowWords(x challenge.Window) string {
	switch {
	case x.From == nil:
		return "还没有发生，现在不能质疑"
	case x.Ends == nil:
		return "现在可以质疑"
	case !x.Open:
		return "质疑期限已过"
	}
	return "现在可以质疑，自" + x.Start + "起 7 个工作日"
}

func (w *Web) challengeNew(r *edge.Request) (edge.Response, error) {
	p, err := w.letterPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "challenge/write", p), nil
}

func (w *Web) challengeRaise(r *edge.Request) (edge.Response, error) {
	p, err := w.letterPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	points := p.read(f)
	x, err := w.Challenges.Raise(r.Context(), r.Actor(), p.Tender.ID, challenge.Input{Kind: p.Kind, Stage: challenge.Stage(p.Stage), Points: points, Contact: p.Contact})
	if err != nil {
		return again("challenge/write", p, err)
	}
	return edge.Redirect(challengeHref(x.ID)).Flash("ok", x.Kind.Name()+"已提出，编号 "+x.Number), nil
}

// complainPage is the form of a complaint about a 质疑, or of the same
// complaint sent back to be mended.
func (w *Web) complainPage(r *edge.Request) (*letterPage, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := w.Challenges.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	t, err := w.Tenders.Get(r.Context(), r.Actor(), x.Tender)
	if err != nil {
		return nil, err
	}
	p := &letterPage{purchasePage: w.purchase(r, t, "提起投诉"), Kind: challenge.Complaint, Post: challengeHref(x.ID) + "/complain"}
	typed := x.Points
	if x.Kind == challenge.Complaint {
		p.Mend, p.Contact, p.Authority = true, x.Contact, x.Authority
		if x, err = w.Challenges.Get(r.Context(), r.Actor(), *x.Parent); err != nil {
			return nil, err
		}
	}
	p.About = &x
	for i := range letterPoints {
		q := letterPoint{N: i + 1, Field: fmt.Sprintf("points.%d.", i+1)}
		if i < len(typed) {
			q.Matter, q.Request, q.Facts, q.Basis, q.From = typed[i].Matter, typed[i].Request, typed[i].Facts, typed[i].Basis, strconv.Itoa(i+1)
			if p.Mend {
				q.From = strconv.Itoa(typed[i].From)
			}
		}
		p.Points = append(p.Points, q)
	}
	p.froms()
	if until, _, err := w.Challenges.ComplainUntil(r.Context(), x); err == nil && !p.Mend {
		p.Dues = clockDues(r, []challenge.Clock{until})
	}
	return p, nil
}

func (w *Web) complainForm(r *edge.Request) (edge.Response, error) {
	p, err := w.complainPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "challenge/write", p), nil
}

func (w *Web) complain(r *edge.Request) (edge.Response, error) {
	p, err := w.complainPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	in := challenge.ComplaintInput{Points: p.read(f), Contact: p.Contact, Authority: p.Authority}
	do := w.Challenges.Complain
	if p.Mend {
		do = w.Challenges.Mend
	}
	x, err := do(r.Context(), r.Actor(), at, in)
	if err != nil {
		return again("challenge/write", p, err)
	}
	return edge.Redirect(challengeHref(x.ID)).Flash("ok", "投诉已提交，编号 "+x.Number), nil
}
