package web

import (
	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/templates"
)

// performanceNext says who must do what now; nil when there is nothing to say.
func (w *Web) performanceNext(r *edge.Request, x performance.Case) *templates.Action {
	can := func(action string) bool { return w.Performance.Allowed(r.Context(), r.Actor(), x, action) }
	at := performanceHref(x.ID)
	switch x.State {
	case performance.SelfReport:
		switch {
		case can("report"):
			return &templates.Action{Title: "填写自评", Text: "请在 " + day(x.SelfDue.Add(-1)) + " 前说明做了什么、成效如何，逾期对方可以直接评分。", Label: "填写自评", Href: at + "/self-report"}
		case can("skip") && x.SelfLate(r.Now()):
			return &templates.Action{Title: "承接方逾期未自评", Label: "不等自评，直接评分", Post: at + "/skip", CSRF: r.Actor().CSRF, Confirm: "承接方将不能再提交自评，确定直接评分吗？"}
		}
		return &templates.Action{Title: "等待承接方自评", Waiting: "承接方可以在 " + day(x.SelfDue.Add(-1)) + " 24:00 前提交自评；逾期未交的，付款方可以直接评分。"}
	case performance.Checking:
		if can("check") {
			return nil
		}
		return &templates.Action{Title: "等待审核自评", Waiting: "由付款方的经办人审核自评，通过后开始评分。"}
	case performance.Scoring:
		if can("score") {
			return &templates.Action{Title: "逐项评分", Text: x.Reason, Label: "打开评分表", Href: at + "/sheet"}
		}
		return &templates.Action{Title: "等待评分", Waiting: "由" + scorerOf(x) + "评分，提交后再由付款方的审批人审批。"}
	case performance.Review:
		if can("approve") {
			return nil
		}
		return &templates.Action{Title: "等待审批", Waiting: "由付款方另一位审批人审批；评分的人不能审批自己的评分。"}
	case performance.Notice, performance.Published: // the page's own forms say it
	}
	return nil
}

// noticeWaits says who must act while the provider may object; nil when the
// page has the form for it.
func noticeWaits(p *performancePage) *templates.Action {
	x := p.Case
	if x.State != performance.Notice {
		return nil
	}
	if n := len(p.Against); n > 0 && p.Against[n-1].AnsweredAt == nil {
		if p.May["answer"] {
			return nil
		}
		return &templates.Action{Title: "等待答复异议", Waiting: "由付款方没有参加评分和批准的人答复；答复以前不公布。"}
	}
	if x.Clear(p.Now) {
		if p.May["publish"] {
			return nil
		}
		return &templates.Action{Title: "等待公布", Waiting: "由付款方公布评价结果和报告。"}
	}
	if p.May["object"] {
		return nil
	}
	return &templates.Action{Title: "等待异议期满", Waiting: "承接方可以提出异议；期满或承接方表示无异议后公布。"}
}

func scorerOf(x performance.Case) string {
	if x.Of.EvaluatorName != "" {
		return "第三方评价机构“" + x.Of.EvaluatorName + "”的负责人"
	}
	return "付款方的经办人"
}
