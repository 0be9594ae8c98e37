package web

import (
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// templatesFen words an amount that is kept as a plain number of 分.
func templatesFen(v int64) string { return money.Fen(v).Yuan() }

func attachedFiles(list []attachment.Attachment) []templates.File {
	var out []templates.File
	for _, a := range list {
		out = append(out, templates.File{ID: string(a.ID), Name: a.Name, Href: "/attachments/" + string(a.ID), Size: a.Size, SHA256: a.SHA256})
	}
	return out
}

// reportPage is evaluation/report.html: the result to be signed.
type reportPage struct {
	rankingPage
	Members []evaluation.Member
	Me      *evaluation.Member
	May     bool // sign
	Send    bool // the officer, while somebody has not signed
	Void    string
	Dissent string
}

func (w *Web) reportPage(r *edge.Request) (*reportPage, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	t, err := w.Tenders.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return nil, err
	}
	p := &reportPage{rankingPage: rankingPage{purchasePage: w.purchase(r, t, "评审报告")}}
	if err := w.fillRanking(r, t, &p.rankingPage); err != nil {
		return nil, err
	}
	if p.Members, err = w.Evaluations.Panel(r.Context(), r.Actor(), x); err != nil {
		return nil, err
	}
	for i := range p.Members {
		if p.Members[i].Account == r.Actor().Account {
			p.Me = &p.Members[i]
		}
	}
	sent := p.Evaluation.ReportedAt != nil
	p.May = p.Me != nil && p.Me.SignedAt == nil && !sent && w.Evaluations.May(r.Context(), r.Actor(), x, "sign") == nil
	p.Send = !sent && w.Evaluations.May(r.Context(), r.Actor(), x, "report") == nil
	if t.State == tender.Failed {
		p.Void = t.Reason
	}
	p.Next = w.reportNext(r, p)
	return p, nil
}

func (w *Web) reportNext(r *edge.Request, p *reportPage) templates.Action {
	switch {
	case p.May:
		return templates.Action{Title: "请您签署", Text: "看过排序和理由后在本页签署；有不同意见的写明理由。", Label: "去签署", Href: "#f-dissent"}
	case p.Send:
		return templates.Action{Title: "送交评审报告", Text: "全体成员签署后自动送交。过半数已签署时，可以现在送交：没有签署也没有写明不同意见的，视为同意。", Label: "送交采购人",
			Post: tenderPath(p.Tender.ID) + "/report", CSRF: r.CSRF(), Confirm: "送交后成员不能再签署，确定吗？"}
	case p.Evaluation.ReportedAt == nil:
		return templates.Action{Title: "等待其他成员签署", Waiting: "全体成员签署后，评审报告自动送交采购人。"}
	}
	return w.stageNext(r, p.Tender)
}

func (w *Web) reportShow(r *edge.Request) (edge.Response, error) {
	p, err := w.reportPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "evaluation/report", p), nil
}

func (w *Web) reportSign(r *edge.Request) (edge.Response, error) {
	p, err := w.reportPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Dissent = f.Get("dissent")
	if err := w.Evaluations.Sign(r.Context(), r.Actor(), p.Tender.ID, evaluation.Signing{Dissent: p.Dissent}); err != nil {
		return again("evaluation/report", p, err)
	}
	return edge.Redirect(r.Path()).Flash("ok", "已签署"), nil
}

func (w *Web) reportSend(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		err = w.Evaluations.Report(r.Context(), r.Actor(), x)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/panels/"+string(x)+"/report").Flash("ok", "评审报告已送交采购人"), nil
}

// sheetEnter takes a member's declaration.
func (w *Web) sheetEnter(r *edge.Request) (edge.Response, error) {
	p, err := w.sheetPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Tie = f.Get("tie")
	m, err := w.Evaluations.Enter(r.Context(), r.Actor(), p.Desk.Tender.ID, evaluation.Declaration{Clear: f.Get("clear") != "", Tie: p.Tie})
	if err != nil {
		return again("evaluation/sheet", p, err)
	}
	if m.StoodAside != "" {
		return edge.Redirect("/panels").Flash("warn", "您已回避本项目："+m.StoodAside), nil
	}
	return edge.Redirect("/panels/"+string(p.Desk.Tender.ID)).Flash("ok", "承诺已记录，可以查看投标文件"), nil
}

// explanationPage is evaluation/explanation.html: what a bidder is asked about
// its price, on its own people's phone.
type explanationPage struct {
	purchasePage
	Explanation evaluation.Explanation
	Reasons     []string
	Status      templates.Status
	Due         *templates.Deadline
	Files       []templates.File
	May         bool
	Answer      string
}

func (w *Web) explanationPage(r *edge.Request) (*explanationPage, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	e, t, err := w.Evaluations.Explanation(r.Context(), r.Actor(), x)
	if err != nil {
		return nil, err
	}
	p := &explanationPage{purchasePage: w.purchase(r, t, "报价说明"), Explanation: e, Reasons: reasonsOf(e.Reasons, e.Price.Yuan()), Status: explanationStatus(e, r)}
	rule := w.rule(r, t, rules.AbnormalExplain)
	p.Due = &templates.Deadline{Label: "说明截止", At: e.DueAt, Now: r.Now(), Article: rule.Source()}
	p.May = e.Open(r.Now()) && w.Evaluations.MayExplain(r.Context(), r.Actor(), x, "answer") == nil
	files, err := w.Attachments.For(r.Context(), r.Actor(), evaluation.ExplanationKind, x)
	p.Files = attachedFiles(files)
	return p, err
}

func (w *Web) explanationShow(r *edge.Request) (edge.Response, error) {
	p, err := w.explanationPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "evaluation/explanation", p), nil
}

func (w *Web) explanationAnswer(r *edge.Request) (edge.Response, error) {
	p, err := w.explanationPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Answer = f.Get("answer")
	if _, err := w.Evaluations.Explain(r.Context(), r.Actor(), p.Explanation.ID, p.Answer); err != nil {
		return again("evaluation/explanation", p, err)
	}
	return edge.Redirect(r.Path()).Flash("ok", "说明已提交，评审小组将据此判断"), nil
}
