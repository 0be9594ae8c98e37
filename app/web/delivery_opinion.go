package web

import (
	"errors"
	"net/url"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/survey"
	"gongji/app/document"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// opinionRoutes are what those whom a service is for enter at its acceptance,
// without an account. They are Quiet, as a survey's are.
func (w *Web) opinionRoutes() []edge.Route {
	return append(quiet([]edge.Route{
		get("/o", "public", w.opinionCode),
		get("/o/{code}", "public", w.opinionForm),
		post("/o/{code}", "public", w.opinionSend),
	}), post("/acceptances/{id}/invitations", "account", edge.At(w.opinionInvite)))
}

// opinionPage is resident/opinion.html.
type opinionPage struct {
	templates.Chrome
	Case   acceptance.Case
	Action string
	Typed  acceptance.OpinionForm
}

func (w *Web) opinionCode(r *edge.Request) (edge.Response, error) {
	p := &codePage{Code: r.Query("code")}
	p.Title = "输入意见码"
	if p.Code == "" {
		return edge.HTML(200, "resident/opinion_code", p), nil
	}
	_, err := w.Acceptances.ByCode(r.Context(), p.Code)
	switch {
	case err == nil:
		return edge.Redirect("/o/" + url.PathEscape(survey.Folded(p.Code))), nil
	case fault.Is(err, fault.NotFound):
		var c fault.Check
		c.Fail("code", "没有这个意见码，请对照纸条再输一次")
		return again("resident/opinion_code", p, c.Err())
	}
	return opinionStopped(err)
}

// opinionStopped is the small page for why an opinion cannot be taken.
func opinionStopped(err error) (edge.Response, error) {
	var f *fault.Fault
	status := map[fault.Kind]int{fault.NotFound: 404, fault.Conflict: 409, fault.TooLate: 410}
	if !errors.As(err, &f) || status[f.Kind] == 0 {
		return edge.Response{}, err
	}
	p := &stopPage{Text: f.Message}
	p.Title = "不能提交"
	return edge.HTML(status[f.Kind], "resident/stop", p), nil
}

func (w *Web) opinionForm(r *edge.Request) (edge.Response, error) {
	x, err := w.Acceptances.ByCode(r.Context(), r.Param("code"))
	if err != nil {
		return opinionStopped(err)
	}
	p := &opinionPage{Case: x, Action: "/o/" + url.PathEscape(r.Param("code"))}
	p.Title = "您对服务的意见"
	return edge.HTML(200, "resident/opinion", p), nil
}

func (w *Web) opinionSend(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := acceptance.OpinionForm{Opinion: f.Get("opinion"), Words: f.Get("words"), Name: f.Get("name"), Community: f.Get("community")}
	x, err := w.Acceptances.Opine(r.Context(), r.Param("code"), in)
	switch {
	case fault.Is(err, fault.Invalid):
		p := &opinionPage{Case: x, Action: "/o/" + url.PathEscape(r.Param("code")), Typed: in}
		p.Title = "您对服务的意见"
		return again("resident/opinion", p, err)
	case err != nil:
		return opinionStopped(err)
	}
	p := &stopPage{Text: "您的意见已经收到，会计入验收记录。姓名不会公开。验收结果公布以后，可以在项目页看到。", Result: engagementHref(x.Of.ID) + "/acceptances", Word: "查看验收结果"}
	p.Title = "谢谢您"
	return edge.HTML(200, "resident/stop", p), nil
}

// opinionInvite prints the codes, this once.
func (w *Web) opinionInvite(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	x, codes, err := w.Acceptances.Invite(r.Context(), r.Actor(), at, int(number(f.Get("count"))))
	if err != nil {
		p, perr := w.acceptancePage(r, at)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("engagement/acceptance", p, err)
	}
	slips := document.SurveySlips{Issue: document.Issue{IssuedAt: w.Engagements.Now(), Demo: w.Demo != nil}, Title: "请您说说：" + x.Of.Title, Maker: x.Of.PayerName, Site: r.PublicURL() + "/o", Batch: "验收意见"}
	for _, c := range codes {
		slips.Codes = append(slips.Codes, survey.Spaced(c))
		slips.URLs = append(slips.URLs, r.PublicURL()+"/o/"+c)
	}
	return printed(slips, "验收意见码.pdf")
}
