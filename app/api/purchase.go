package api

import (
	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/award"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
)

func (a *API) purchaseRoutes() []edge.Route {
	const panel, result, signed = "评审", "定标", "合同"
	return []edge.Route{
		get("/tenders/{id}/panel", "panel", edge.At(a.panelShow), edge.Doc{Summary: "评审小组", Tag: panel, Out: []evaluation.Member{}}),
		get("/tenders/{id}/panel/candidates", "buyer", edge.At(a.panelCandidates), edge.Doc{Summary: "可选的专家和采购人代表，以及须回避的理由", Tag: panel, Query: candidateQuery{}, Out: []evaluation.Candidate{}}),
		post("/tenders/{id}/panel", "buyer", sent(a.panelName), edge.Doc{Summary: "加入评审小组成员", Tag: panel, In: evaluation.Naming{}, Out: evaluation.Member{}, Status: 201}),
		post("/tenders/{id}/panel/{member}/remove", "buyer", edge.At(a.panelRemove), edge.Doc{Summary: "移出评审小组成员", Tag: panel, Out: []evaluation.Member{}}),
		post("/tenders/{id}/panel/begin", "buyer", edge.At(a.panelBegin), edge.Doc{Summary: "开始评审", Tag: panel, Out: []evaluation.Member{}}),
		get("/panels", "panel", a.duties, edge.Doc{Summary: "我参加的评审", Tag: panel, Query: dutyQuery{}, Out: []evaluation.Duty{}}),
		get("/panels/{id}", "panel", edge.At(a.desk), edge.Doc{Summary: "我的评分表；id 为采购项目", Tag: panel, Out: evaluation.Desk{}}),
		put("/panels/{id}", "panel", sent(a.sheetSave), edge.Doc{Summary: "保存评分，可以不完整", Tag: panel, In: sheetsInput{}, Out: evaluation.Desk{}}),
		post("/panels/{id}/submit", "panel", edge.At(a.sheetHandIn), edge.Doc{Summary: "提交评分，不能再改", Tag: panel, Out: evaluation.Desk{}}),
		get("/tenders/{id}/ranking", "panel", edge.At(a.ranking), edge.Doc{Summary: "排序和可重算的评审记录", Tag: panel, Out: rankingView{}}),

		get("/public/tenders/{id}/award", "public", edge.At(a.awardShow), edge.Doc{Summary: "公布的定标结果", Tag: result, Out: award.Result{}, Public: true}),
		get("/tenders/{id}/award", "buyer", edge.At(a.awardRounds), edge.Doc{Summary: "历次定标提请", Tag: result, Out: []award.Award{}}),
		post("/tenders/{id}/award", "buyer", sent(a.awardPropose), edge.Doc{Summary: "提请确定供应商", Tag: result, In: award.Proposal{}, Out: award.Award{}, Status: 201}),
		get("/tenders/{id}/award/forfeits", "buyer", edge.At(a.forfeits), edge.Doc{Summary: "历次提请的结果变更", Tag: result, Out: []award.Forfeit{}}),
		post("/tenders/{id}/award/forfeit", "buyer", sent(a.forfeit), edge.Doc{Summary: "中标供应商不能签约：提请确定下一候选人或者重新开展采购", Tag: result, In: award.ForfeitInput{}, Out: award.Forfeit{}, Status: 201}),
		post("/tenders/{id}/award/forfeit/decide", "buyer", sent(a.forfeitDecide), edge.Doc{Summary: "批准变更采购结果并公布，或退回", Tag: result, In: decision{}, Out: award.Forfeit{}}),
		post("/tenders/{id}/award/refuse", "supplier", sent(a.awardRefuse), edge.Doc{Summary: "中标供应商书面表示不签订合同", Tag: result, In: reason{}, Out: award.Refusal{}, Status: 201}),
		post("/tenders/{id}/award/decide", "buyer", sent(a.awardDecide), edge.Doc{Summary: "批准并公布，或退回", Tag: result, In: decision{}, Out: []award.Award{}}),

		get("/public/tenders/{id}/contract", "public", edge.At(a.contractShow), edge.Doc{Summary: "公告的合同", Tag: signed, Out: contractView{}, Public: true}),
		get("/public/tenders/{id}/contracts", "public", edge.At(a.contractsOf), edge.Doc{Summary: "签订过的全部合同，含因质疑、投诉撤销的", Tag: signed, Out: []contract.Contract{}, Public: true}),
		post("/tenders/{id}/contract", "buyer", sent(a.contractRecord), edge.Doc{Summary: "登记已签订的合同", Tag: signed, In: contract.Input{}, Out: contractView{}, Status: 201}),
		post("/tenders/{id}/contract/text", "buyer", sent(a.contractPrepare), edge.Doc{Summary: "生成供签订的合同文本", Tag: signed, In: contract.Input{}, Out: archive.Document{}, Status: 201}),
		get("/public/contracts/{id}/amendments", "public", edge.At(a.contractAmendments), edge.Doc{Summary: "合同变更", Tag: signed, Out: []contract.Amendment{}, Public: true}),
		post("/contracts/{id}/amendments", "buyer", sent(a.contractAmend), edge.Doc{Summary: "提出合同变更，交审批", Tag: signed, In: contract.AmendInput{}, Out: contract.Amendment{}, Status: 201}),
		post("/contracts/{id}/amendments/decide", "buyer", sent(a.contractAmendDecide), edge.Doc{Summary: "批准或退回合同变更", Tag: signed, In: decision{}, Out: contract.Contract{}}),
		post("/contracts/{id}/filing", "buyer", sent(a.contractFile), edge.Doc{Summary: "登记合同备案", Tag: signed, In: filing{}, Out: contract.Contract{}}),
	}
}

type candidateQuery struct {
	Text string `query:"q" description:"姓名、单位或专业中的字"`
}

type sheetsInput struct {
	Sheets []evaluation.Marking `json:"sheets"`
}

type rankingView struct {
	evaluation.Evaluation
	Record evaluation.Record `json:"record"`
}

type contractView struct {
	contract.Contract
	Attachments []attachment.Attachment `json:"attachments"`
}

func (a *API) panelAnswer(r *edge.Request, t id.ID, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	list, err := a.Evaluations.Panel(r.Context(), r.Actor(), t)
	return answer(200, list, err)
}

func (a *API) panelShow(r *edge.Request, t id.ID) (edge.Response, error) {
	return a.panelAnswer(r, t, nil)
}

func (a *API) panelCandidates(r *edge.Request, t id.ID) (edge.Response, error) {
	list, err := a.Evaluations.Candidates(r.Context(), r.Actor(), t, r.Query("q"))
	return answer(200, list, err)
}

func (a *API) panelName(r *edge.Request, t id.ID, in evaluation.Naming) (edge.Response, error) {
	m, err := a.Evaluations.Name(r.Context(), r.Actor(), t, in)
	return answer(201, m, err)
}

func (a *API) panelRemove(r *edge.Request, t id.ID) (edge.Response, error) {
	m, err := r.ID("member")
	if err == nil {
		err = a.Evaluations.Remove(r.Context(), r.Actor(), t, m)
	}
	return a.panelAnswer(r, t, err)
}

func (a *API) panelBegin(r *edge.Request, t id.ID) (edge.Response, error) {
	return a.panelAnswer(r, t, a.Evaluations.Begin(r.Context(), r.Actor(), t))
}

// dutyQuery narrows the panels of a person.
type dutyQuery struct {
	Text  string `query:"q" description:"项目、编号或采购人"`
	Open  bool   `query:"open" description:"只列没有结束的"`
	After string `query:"after" description:"上一页最后一项的 member"`
}

func (a *API) duties(r *edge.Request) (edge.Response, error) {
	list, err := a.Evaluations.Duties(r.Context(), r.Actor(), evaluation.DutyFilter{Text: r.Query("q"), Open: r.Query("open") == "true", After: id.ID(r.Query("after"))})
	return answer(200, list, err)
}

func (a *API) deskAnswer(r *edge.Request, t id.ID, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	d, err := a.Evaluations.Desk(r.Context(), r.Actor(), t)
	return answer(200, d, err)
}

func (a *API) desk(r *edge.Request, t id.ID) (edge.Response, error) {
	return a.deskAnswer(r, t, nil)
}

func (a *API) sheetSave(r *edge.Request, t id.ID, in sheetsInput) (edge.Response, error) {
	return a.deskAnswer(r, t, a.Evaluations.Save(r.Context(), r.Actor(), t, in.Sheets))
}

func (a *API) sheetHandIn(r *edge.Request, t id.ID) (edge.Response, error) {
	return a.deskAnswer(r, t, a.Evaluations.HandIn(r.Context(), r.Actor(), t))
}

func (a *API) ranking(r *edge.Request, t id.ID) (edge.Response, error) {
	e, rec, err := a.Evaluations.Result(r.Context(), r.Actor(), t)
	return answer(200, rankingView{e, rec}, err)
}

func (a *API) awardShow(r *edge.Request, t id.ID) (edge.Response, error) {
	res, err := a.Awards.Result(r.Context(), t)
	return answer(200, res, err)
}

func (a *API) awardRounds(r *edge.Request, t id.ID) (edge.Response, error) {
	list, err := a.Awards.Rounds(r.Context(), r.Actor(), t)
	return answer(200, list, err)
}

func (a *API) awardPropose(r *edge.Request, t id.ID, in award.Proposal) (edge.Response, error) {
	x, err := a.Awards.Propose(r.Context(), r.Actor(), t, in)
	return answer(201, x, err)
}

func (a *API) awardDecide(r *edge.Request, t id.ID, in decision) (edge.Response, error) {
	var err error
	if in.Approve {
		_, err = a.Awards.Approve(r.Context(), r.Actor(), t)
	} else {
		err = a.Awards.Return(r.Context(), r.Actor(), t, in.Reason)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return a.awardRounds(r, t)
}

func (a *API) forfeits(r *edge.Request, t id.ID) (edge.Response, error) {
	list, err := a.Awards.Forfeits(r.Context(), r.Actor(), t)
	return answer(200, list, err)
}

func (a *API) forfeit(r *edge.Request, t id.ID, in award.ForfeitInput) (edge.Response, error) {
	x, err := a.Awards.Forfeit(r.Context(), r.Actor(), t, in)
	return answer(201, x, err)
}

func (a *API) forfeitDecide(r *edge.Request, t id.ID, in decision) (edge.Response, error) {
	x, err := a.Awards.DecideForfeit(r.Context(), r.Actor(), t, in.Approve, in.Reason)
	return answer(200, x, err)
}

func (a *API) awardRefuse(r *edge.Request, t id.ID, in reason) (edge.Response, error) {
	x, err := a.Awards.Refuse(r.Context(), r.Actor(), t, in.Reason)
	return answer(201, x, err)
}

func (a *API) contractAnswer(r *edge.Request, status int, t id.ID) (edge.Response, error) {
	c, err := a.Contracts.Of(r.Context(), t)
	if err != nil {
		return edge.Response{}, err
	}
	files, err := a.Contracts.Files(r.Context(), r.Actor(), c.ID)
	return answer(status, contractView{c, append([]attachment.Attachment{}, files...)}, err)
}

func (a *API) contractShow(r *edge.Request, t id.ID) (edge.Response, error) {
	return a.contractAnswer(r, 200, t)
}

func (a *API) contractsOf(r *edge.Request, t id.ID) (edge.Response, error) {
	if err := a.Tenders.May(r.Context(), r.Actor(), t, "view"); err != nil {
		return edge.Response{}, err
	}
	list, err := a.Contracts.All(r.Context(), t)
	return answer(200, list, err)
}

func (a *API) contractRecord(r *edge.Request, t id.ID, in contract.Input) (edge.Response, error) {
	if _, err := a.Contracts.Record(r.Context(), r.Actor(), t, in); err != nil {
		return edge.Response{}, err
	}
	return a.contractAnswer(r, 201, t)
}
