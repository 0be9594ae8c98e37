package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) openingRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders/{id}/opening", "public", w.openingShow),
		get("/tenders/{id}/opening/events", "public", w.openingEvents),
		post("/tenders/{id}/opening/share", "account", w.openingShare),
		post("/tenders/{id}/opening/start", "buyer", w.openingStart),
		post("/tenders/{id}/opening/answer", "supplier", w.openingAnswer),
		post("/tenders/{id}/opening/close", "buyer", w.openingClose),
		get("/tenders/{id}/bids", "panel", w.bidCompare),
		get("/tenders/{id}/bids/export.csv", "panel", w.bidCompareExport),
	}
}

// stageNext is the one next thing to do on a published tender for this actor,
// or who must act; the tender's own page shows it too.
func (w *Web) stageNext(r *edge.Request, t tender.Tender) templates.Action {
	at, who := tenderPath(t.ID), r.Actor()
	may := func(action string) bool { return w.Evaluations.May(r.Context(), who, t.ID, action) == nil }
	switch s := t.StateAt(r.Now()); s {
	case tender.Open:
		if w.Tenders.Allowed(who, t, "bid") {
			return templates.Action{Title: "参加投标", Label: "编制投标文件", Href: at + "/bid"}
		}
		return templates.Action{Title: "投标中", Waiting: "已通过审核的社会组织登录后可以投标。"}
	case tender.Closed:
		return w.openingDoor(r, t)
	case tender.Opened:
		if may("panel") {
			return templates.Action{Title: "资格审查和评审小组", Text: "先完成资格审查，再从专家库抽取评审专家。", Label: "确定评审小组", Href: at + "/panel"}
		}
		if may("draw") {
			return templates.Action{Title: "抽取评审专家", Text: "经办人公布名单后，由监督人输入种子。", Label: "查看评审小组", Href: at + "/panel"}
		}
		return templates.Action{Title: "等待评审", Waiting: "由采购人组建评审小组。"}
	case tender.Evaluating:
		if a, err := w.offerNext(r, t); err == nil && a != nil {
			return *a
		}
		if may("score") {
			return templates.Action{Title: "请您评分", Label: "去评分", Href: "/panels/" + string(t.ID)}
		}
		return templates.Action{Title: "评审中", Waiting: "评审小组正在独立评分，全部提交后汇总。"}
	case tender.Evaluated:
		if e, _, err := w.Evaluations.Result(r.Context(), who, t.ID); err == nil && e.ReportedAt == nil {
			return templates.Action{Title: "签署评审报告", Label: "查看签署情况", Href: "/panels/" + string(t.ID) + "/report"}
		}
		if w.Awards.Allowed(r.Context(), who, t, "propose") {
			return templates.Action{Title: "确定中标供应商", Label: "查看排序并定标", Href: at + "/award"}
		}
		return templates.Action{Title: "待定标", Waiting: "由采购人按评审排序确定供应商。"}
	case tender.Decided:
		if w.Awards.Allowed(r.Context(), who, t, "decide") {
			return templates.Action{Title: "审批定标结果", Label: "去审批", Href: at + "/award"}
		}
		return templates.Action{Title: "结果待审批", Waiting: "由采购人的另一位审批人批准后公布。"}
	case tender.Awarded:
		if a, err := w.unsignedNext(r, t); err == nil && a != nil {
			return *a
		}
		if w.Tenders.Allowed(who, t, "contract") {
			return templates.Action{Title: "登记合同", Label: "登记合同", Href: at + "/contract"}
		}
		return templates.Action{Title: "结果已公布", Label: "查看结果", Href: at + "/award"}
	case tender.Contracted, tender.Completed:
		return templates.Action{Title: s.Name(), Label: "查看合同", Href: at + "/contract"}
	default:
		return templates.Action{Title: s.Name(), Waiting: t.Reason}
	}
}

func methodName(method string) string {
	m, _ := rules.MethodByID(method)
	return m.Name
}

// isBuyer reports whether the actor acts for the buyer of a tender.
func isBuyer(who party.Actor, t tender.Tender) bool { return who.Org != "" && who.Org == t.Buyer }
