package web

import (
	"slices"
	"strconv"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/survey"
	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// voiceResultPage is resident/result.html: what residents think, for anyone.
type voiceResultPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Result     survey.Result
	Status     templates.Status
	Due        *templates.Deadline
	Bursts     []burstRow
	Refused    []templates.KV
	Batches    []survey.Batch
	Voices     []survey.Voice
	Criteria   []survey.Criterion
	Asked      map[string]string // a question's words by its key
	Desk       bool
}

type burstRow struct {
	Hour           string
	Taken, Refused int
}

func voiceStatus(v survey.Survey, now time.Time) templates.Status {
	tone := templates.Info
	if v.Closed(now) {
		tone = templates.OK
	}
	return templates.Status{Label: v.StateName(now), Tone: tone}
}

func (w *Web) voiceResult(r *edge.Request, at id.ID) (edge.Response, error) {
	ctx, who := r.Context(), r.Actor()
	res, err := w.Residents.Result(ctx, who, at)
	if err != nil {
		return edge.Response{}, err
	}
	e, err := w.Engagements.Get(ctx, who, res.Survey.Engagement)
	if err != nil {
		return edge.Response{}, err
	}
	p := &voiceResultPage{Engagement: e, Result: res, Status: voiceStatus(res.Survey, r.Now()), Criteria: survey.Rules().Assessment, Asked: map[string]string{},
		Desk: w.Engagements.Allowed(who, e, "follow")}
	p.Title = res.Survey.Title
	p.Breadcrumbs = []templates.Crumb{{Label: e.Title, Href: engagementHref(e.ID)}, {Label: "居民评价"}}
	if !res.Closed {
		p.Due = &templates.Deadline{Label: "问卷结束、公布结果", At: res.Survey.ClosesAt, Now: r.Now(), Ends: true}
	}
	for _, b := range res.Bursts {
		p.Bursts = append(p.Bursts, burstRow{day(b.Hour) + b.Hour.In(clock.Beijing).Format(" 15:04"), b.Taken, b.Refused})
	}
	for _, g := range survey.Grounds {
		if n := res.Refused[g]; n > 0 {
			p.Refused = append(p.Refused, templates.KV{Label: g, Value: strconv.Itoa(n) + " 条"})
		}
	}
	for _, q := range res.Survey.Questions {
		p.Asked[q.Key] = q.Text
	}
	if p.Batches, err = w.Residents.Batches(ctx, who, at); err != nil {
		return edge.Response{}, err
	}
	if p.Voices, err = w.Residents.Neighbours(ctx, e.ID); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "resident/result", p).Shared(), nil
}

// remarkPage is resident/remarks.html.
type remarkPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Survey     survey.Survey
	Rows       []remarkRow
	Grounds    []templates.Option
}

type remarkRow struct {
	survey.Remark
	Asked          string
	Field, Decided string
}

func (w *Web) remarkPage(r *edge.Request, at id.ID) (*remarkPage, error) {
	ctx, who := r.Context(), r.Actor()
	held, err := w.Residents.Held(ctx, who, at)
	if err != nil {
		return nil, err
	}
	v, err := w.Residents.Get(ctx, who, at)
	if err != nil {
		return nil, err
	}
	e, err := w.Engagements.Get(ctx, who, v.Engagement)
	if err != nil {
		return nil, err
	}
	p := &remarkPage{Engagement: e, Survey: v}
	p.Title = "审核居民留言"
	p.Breadcrumbs = []templates.Crumb{engagementDesk, {Label: e.Title, Href: engagementHref(e.ID)}, {Label: "居民评价", Href: engagementHref(e.ID) + "/survey"}, {Label: p.Title}}
	p.Grounds = []templates.Option{{Value: "", Label: "以后再看"}, {Value: "show", Label: "公开"}}
	for _, g := range survey.Grounds {
		p.Grounds = append(p.Grounds, templates.Option{Value: g, Label: "不公开：" + g})
	}
	for _, x := range held {
		i := slices.IndexFunc(v.Questions, func(q survey.Question) bool { return q.Key == x.Question })
		row := remarkRow{Remark: x, Field: "remark." + string(x.ID)}
		if i >= 0 {
			row.Asked = v.Questions[i].Text
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

func (w *Web) remarkList(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.remarkPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "resident/remarks", p), nil
}

func (w *Web) remarkReview(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.remarkPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	var in []survey.Verdict
	for i := range p.Rows {
		x := &p.Rows[i]
		switch x.Decided = f.Get(x.Field); x.Decided {
		case "":
		case "show":
			in = append(in, survey.Verdict{Remark: x.ID, Show: true})
		default:
			in = append(in, survey.Verdict{Remark: x.ID, Ground: x.Decided})
		}
	}
	n, err := w.Residents.Review(r.Context(), r.Actor(), at, in)
	if err != nil {
		return again("resident/remarks", p, err)
	}
	return edge.Redirect(surveyHref(at)+"/remarks").Flash("ok", "已处理 "+strconv.Itoa(n)+" 条"), nil
}

// assessPage is resident/assess.html: a community organisation scores.
type assessPage struct {
	templates.Chrome
	Engagement engagement.Engagement
	Criteria   []assessRow
	Words      string
	Given      *survey.Assessment
	May        bool
}

type assessRow struct {
	survey.Criterion
	Field, Value string
}

func (w *Web) assessPage(r *edge.Request, at id.ID) (*assessPage, error) {
	e, err := w.Engagements.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	voices, err := w.Residents.Neighbours(r.Context(), at)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(voices, func(v survey.Voice) bool { return v.Organisation == r.Actor().Org })
	if i < 0 {
		return nil, fault.New(fault.Forbidden, "付款方还没有请本单位评价这个项目")
	}
	p := &assessPage{Engagement: e, Given: voices[i].Given, May: w.Residents.MayAssess(r.Context(), r.Actor(), e)}
	p.Title = "社区评价"
	p.Breadcrumbs = []templates.Crumb{{Label: e.Title, Href: engagementHref(at)}, {Label: p.Title}}
	for _, c := range survey.Rules().Assessment {
		row := assessRow{Criterion: c, Field: "parts." + c.Key}
		if p.Given != nil {
			row.Value, p.Words = strconv.Itoa(p.Given.Parts[c.Key]), p.Given.Words
		}
		p.Criteria = append(p.Criteria, row)
	}
	return p, nil
}

func (w *Web) assessForm(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := w.assessPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "resident/assess", p), nil
}

func (w *Web) assessSend(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.assessPage(r, at)
	if err != nil {
		return edge.Response{}, err
	}
	in := survey.AssessForm{Parts: map[string]int{}, Words: f.Get("words")}
	p.Words = in.Words
	for i := range p.Criteria {
		c := &p.Criteria[i]
		c.Value = f.Get(c.Field)
		if n, err := strconv.Atoi(c.Value); err == nil {
			in.Parts[c.Key] = n
		}
	}
	if _, err := w.Residents.Assess(r.Context(), r.Actor(), at, in); err != nil {
		return again("resident/assess", p, err)
	}
	return edge.Redirect(engagementHref(at)).Flash("ok", "评价已公开；绩效评价公布以前可以修改"), nil
}

func (w *Web) neighbourAsk(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	n, err := w.Residents.Ask(r.Context(), r.Actor(), at, id.ID(f.Get("community")))
	if err == nil {
		return edge.Redirect(engagementHref(at)+"/survey").Flash("ok", "已请“"+n.Name+"”评价"), nil
	}
	p, perr := w.voicePage(r, at)
	if perr != nil {
		return edge.Response{}, perr
	}
	return again("resident/desk", p, err)
}
