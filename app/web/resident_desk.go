package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/survey"
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/templates"
)

func (w *Web) voiceRoutes() []edge.Route {
	return []edge.Route{
		get("/surveys/{id}", "public", edge.At(w.voiceResult)),
		get("/engagements/{id}/survey", "account", edge.At(w.voiceDesk)),
		post("/engagements/{id}/survey", "account", edge.At(w.voiceSave)),
		post("/engagements/{id}/neighbours", "account", edge.At(w.neighbourAsk)),
		get("/engagements/{id}/assessment", "account", edge.At(w.assessForm)),
		post("/engagements/{id}/assessment", "account", edge.At(w.assessSend)),
		post("/surveys/{id}/publish", "account", edge.At(w.voicePublish)),
		post("/surveys/{id}/extend", "account", edge.At(w.voiceExtend)),
		post("/surveys/{id}/invitations", "account", edge.At(w.voiceInvite)),
		post("/surveys/{id}/void", "account", edge.At(w.voiceVoid)),
		get("/surveys/{id}/poster.pdf", "account", edge.At(w.voicePoster)),
		get("/surveys/{id}/remarks", "account", edge.At(w.remarkList)),
		post("/surveys/{id}/remarks", "account", edge.At(w.remarkReview)),
	}
}

// questionRow is a question of the form, as typed.
type questionRow struct {
	N                                int
	Field, Key, Kind, Text, Options  string
	Optional, First                  bool
	NameKind, NameText, NameOptions  string
	NameOptional, NameKey, NumberTag string
}

// voiceDeskPage is resident/desk.html.
type voiceDeskPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Has        bool
	Survey     survey.Survey
	Status     templates.Status
	Next       *templates.Action
	Figure     survey.Figure
	Held       int
	Form       survey.Form // as typed
	Rows       []questionRow
	Kinds      []templates.Option
	Templates  []survey.Template
	Batches    []survey.Batch
	MayEdit    bool
	MayAct     bool
	Moderates  bool
	Limits     survey.Limits
	Last       string // the last day, for the field of the extension
	Voices     []survey.Voice
	Choices    []templates.Option
	PosterURL  string
	Typed      map[string]string
}

func (w *Web) voicePage(r *edge.Request, at id.ID) (*voiceDeskPage, error) {
	ctx, who := r.Context(), r.Actor()
	e, err := w.Engagements.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	p := &voiceDeskPage{Engagement: e, Limits: survey.Rules(), Templates: survey.Templates(), MayAct: w.Engagements.Allowed(who, e, "survey"), Typed: map[string]string{}}
	p.Title = "居民评价"
	p.Breadcrumbs = []templates.Crumb{engagementDesk, {Label: e.Title, Href: engagementHref(at)}, {Label: p.Title}}
	for _, k := range []survey.Kind{survey.Scale, survey.YesNo, survey.Choice, survey.Text} {
		p.Kinds = append(p.Kinds, templates.Option{Value: string(k), Label: k.Name()})
	}
	if err := w.Engagements.Require(who, e, "follow"); err != nil {
		return nil, err
	}
	if err := w.voiceSurvey(r, p); err != nil {
		return nil, err
	}
	if p.Voices, err = w.Residents.Neighbours(ctx, at); err != nil {
		return nil, err
	}
	return p, w.neighbourChoices(r, p)
}

// voiceSurvey adds the survey as far as the viewer may know of it.
func (w *Web) voiceSurvey(r *edge.Request, p *voiceDeskPage) error {
	ctx, who := r.Context(), r.Actor()
	v, err := w.Residents.Of(ctx, who, p.Engagement.ID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
		p.MayEdit = p.MayAct
		p.begin(r.Query("template"))
		if !p.MayAct {
			p.Next = &templates.Action{Title: "等待付款方组织问卷", Waiting: "居民问卷由付款方或第三方评价机构制作，承接方不参与。"}
		}
		return nil
	}
	if err != nil {
		return err
	}
	p.Has, p.Survey, p.MayEdit = true, v, p.MayAct && !v.Published()
	p.Moderates = w.Residents.Moderates(ctx, who, v)
	p.Status = voiceStatus(v, w.Residents.Now())
	p.PosterURL = r.PublicURL() + "/s/open/" + string(v.ID)
	p.Last = v.ClosesAt.AddDate(0, 0, -1).In(clock.Beijing).Format("2006-01-02")
	p.fill(v)
	res, err := w.Residents.Result(ctx, who, v.ID)
	if err != nil {
		return err
	}
	p.Figure, p.Held = res.Figure, res.Held
	if p.Batches, err = w.Residents.Batches(ctx, who, v.ID); err != nil {
		return err
	}
	p.Next = voiceNext(r, p)
	return nil
}

// begin fills the form of a new survey from a template.
func (p *voiceDeskPage) begin(template string) {
	x := p.Templates[0]
	for _, t := range p.Templates {
		if t.ID == template {
			x = t
		}
	}
	p.Form = survey.Form{Title: p.Engagement.Title + "：请您评一评", Intro: x.Intro, Questions: x.Questions}
	p.rows()
}

func (p *voiceDeskPage) fill(v survey.Survey) {
	p.Form = survey.Form{Title: v.Title, Intro: v.Intro, Questions: v.Questions, Poster: v.Poster,
		OpensOn: v.OpensAt.In(clock.Beijing).Format("2006-01-02"), ClosesOn: p.Last}
	p.rows()
}

// rows are the questions typed and three empty ones.
func (p *voiceDeskPage) rows() {
	p.Rows = nil
	for i := range min(len(p.Form.Questions)+3, p.Limits.MostQuestions) {
		f := "questions." + strconv.Itoa(i)
		row := questionRow{N: i + 1, Field: f, First: i == 0, NameKind: f + ".kind", NameText: f + ".text", NameOptions: f + ".options", NameOptional: f + ".optional", NameKey: f + ".key"}
		if i < len(p.Form.Questions) {
			q := p.Form.Questions[i]
			row.Key, row.Kind, row.Text, row.Options, row.Optional = q.Key, string(q.Kind), q.Text, strings.Join(q.Options, "\n"), q.Optional
		} else {
			row.Optional = true
		}
		p.Rows = append(p.Rows, row)
	}
}

func voiceNext(r *edge.Request, p *voiceDeskPage) *templates.Action {
	v, now := p.Survey, r.Now()
	switch {
	case !v.Published() && p.MayAct:
		return &templates.Action{Title: "发布问卷", Text: "发布以后题目不能改，结果无论好坏都会公布。", Label: "发布问卷", Post: surveyHref(v.ID) + "/publish", CSRF: r.CSRF(), Confirm: "发布以后题目不能再改，确定发布吗？"}
	case !v.Published():
		return &templates.Action{Title: "等待发布", Waiting: "由付款方或第三方评价机构发布问卷。"}
	case !v.Closed(now) && p.MayAct && p.Figure.Asked == 0:
		return &templates.Action{Title: "制作邀请", Text: "满意度只数凭邀请码的答卷，请先制作邀请，交社区随机发给服务对象。", Label: "制作邀请", Href: "#invite"}
	case p.Held > 0 && p.Moderates:
		return &templates.Action{Title: fmt.Sprintf("审核 %d 条居民留言", p.Held), Text: "看过、不含个人信息的才公开。", Label: "审核留言", Href: surveyHref(v.ID) + "/remarks"}
	case !v.Closed(now):
		return &templates.Action{Title: "正在收集答卷", Waiting: "到 " + calendar.Until(v.ClosesAt) + " 结束，结果随即公开；在此以前谁都看不到结果。"}
	}
	return &templates.Action{Title: "结果已经公布", Label: "查看结果", Href: surveyHref(v.ID)}
}

// neighbourChoices are the communities that can still be asked.
func (w *Web) neighbourChoices(r *edge.Request, p *voiceDeskPage) error {
	if !p.MayAct {
		return nil
	}
	orgs, err := w.Organisations.List(r.Context(), r.Actor(), organisation.Filter{Kind: party.Community, State: organisation.Approved, Limit: 200})
	for _, o := range orgs {
		if !slices.ContainsFunc(p.Voices, func(v survey.Voice) bool { return v.Organisation == o.ID }) {
			p.Choices = append(p.Choices, templates.Option{Value: string(o.ID), Label: o.Name})
		}
	}
	return err
}

func (w *Web) voiceDesk(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.voicePage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "resident/desk", p), nil
}

// typedSurvey reads the form; a row without a question is left out.
func typedSurvey(f *edge.Form) survey.Form {
	in := survey.Form{Title: f.Get("title"), Intro: f.Get("intro"), Poster: f.Has("poster"), OpensOn: f.Get("opens_on"), ClosesOn: f.Get("closes_on")}
	taken := map[string]bool{}
	for i := range survey.Rules().MostQuestions + 1 {
		at := "questions." + strconv.Itoa(i)
		text := strings.TrimSpace(f.Get(at + ".text"))
		if text == "" {
			continue
		}
		q := survey.Question{Key: f.Get(at + ".key"), Kind: survey.Kind(f.Get(at + ".kind")), Text: text, Optional: f.Has(at + ".optional")}
		if q.Kind == survey.Choice {
			q.Options = lines(f.Get(at + ".options"))
		}
		if i == 0 {
			q.Key, q.Kind, q.Optional = survey.Headline, survey.Scale, false
		}
		for n := i + 1; q.Key == "" || taken[q.Key]; n++ {
			q.Key = "q" + strconv.Itoa(n)
		}
		taken[q.Key] = true
		in.Questions = append(in.Questions, q)
	}
	return in
}

// lines are the lines of a text that are not blank.
func lines(text string) (out []string) {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func (w *Web) voiceSave(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := typedSurvey(f)
	version, _ := strconv.ParseInt(f.Get("version"), 10, 64)
	if _, err = w.Residents.Save(r.Context(), r.Actor(), at, version, in); err == nil {
		return edge.Redirect(engagementHref(at)+"/survey").Flash("ok", "问卷草稿已保存，核对后发布"), nil
	}
	p, perr := w.voicePage(r, at)
	if perr != nil {
		return edge.Response{}, perr
	}
	p.Form = in
	p.rows()
	return again("resident/desk", p, err)
}

// voiceDid goes back to the desk of a survey, or shows it with what was wrong.
func (w *Web) voiceDid(r *edge.Request, v survey.Survey, err error, done string) (edge.Response, error) {
	if err == nil {
		return edge.Redirect(engagementHref(v.Engagement)+"/survey").Flash("ok", done), nil
	}
	at, perr := r.ID("id")
	if perr == nil {
		v, perr = w.Residents.Get(r.Context(), r.Actor(), at)
	}
	if perr != nil {
		return edge.Response{}, err
	}
	p, perr := w.voicePage(r, v.Engagement)
	if perr != nil {
		return edge.Response{}, perr
	}
	if f, ferr := r.Form(); ferr == nil {
		for _, name := range []string{"count", "note", "closes_on", "reason"} {
			p.Typed[name] = f.Get(name)
		}
	}
	return again("resident/desk", p, err)
}

func (w *Web) voicePublish(r *edge.Request, at id.ID) (edge.Response, error) {
	if _, err := r.Form(); err != nil {
		return edge.Response{}, err
	}
	v, err := w.Residents.Publish(r.Context(), r.Actor(), at)
	return w.voiceDid(r, v, err, "问卷已发布。接着制作邀请，交社区发给居民")
}

func (w *Web) voiceExtend(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	v, err := w.Residents.Extend(r.Context(), r.Actor(), at, f.Get("closes_on"), f.Get("reason"))
	return w.voiceDid(r, v, err, "结束日期已延后，原因已公开")
}

func (w *Web) voiceVoid(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	seq, _ := strconv.ParseInt(f.Get("seq"), 10, 64)
	v, err := w.Residents.VoidBatch(r.Context(), r.Actor(), at, seq, f.Get("reason"))
	return w.voiceDid(r, v, err, "这一批邀请已作废")
}
