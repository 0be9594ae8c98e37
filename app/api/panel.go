package api

import (
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/procurement/award"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
)

func (a *API) panelRoutes() []edge.Route {
	const pool, panel, result = "专家抽取", "评审", "定标"
	return []edge.Route{
		post("/tenders/{id}/draw", "buyer", sent(a.drawCommit), edge.Doc{Summary: "冻结回避后的专家名单并公布校验值", Tag: pool, In: evaluation.Need{}, Out: []draw.File{}, Status: 201}),
		post("/tenders/{id}/draw/seed", "buyer", sent(a.drawSeed), edge.Doc{Summary: "监督人输入公布之后才产生的数，随机抽取", Tag: pool, In: seedInput{}, Out: []draw.File{}}),
		get("/tenders/{id}/draw", "buyer", edge.At(a.drawList), edge.Doc{Summary: "历次抽取的记录，只有编号", Tag: pool, Out: []draw.File{}}),
		post("/tenders/{id}/panel/{member}/decline", "buyer", sent(a.panelDecline), edge.Doc{Summary: "抽中的专家不能参加，候补按顺序替换", Tag: pool, In: reason{}, Out: []evaluation.Member{}}),
		get("/public/tenders/{id}/draws", "public", edge.At(a.drawsPublished), edge.Doc{Summary: "随结果公布的抽取记录，可用 gongji replay draw 重算", Tag: pool, Out: []draw.File{}, Public: true}),

		get("/tenders/{id}/eligibility", "buyer", edge.At(a.eligibility), edge.Doc{Summary: "资格审查和系统核对到的利害关系", Tag: panel, Out: evaluation.Eligibility{}}),
		put("/tenders/{id}/eligibility", "buyer", sent(a.eligibilityCheck), edge.Doc{Summary: "记录资格审查结论", Tag: panel, In: checksInput{}, Out: evaluation.Eligibility{}}),
		post("/panels/{id}/enter", "panel", sent(a.panelEnter), edge.Doc{Summary: "作出回避和保密承诺，或声明利害关系并回避", Tag: panel, In: evaluation.Declaration{}, Out: evaluation.Member{}}),
		get("/panels/{id}/meeting", "panel", edge.At(a.meeting), edge.Doc{Summary: "汇总：全部提交后各成员的评分、差距和待办", Tag: panel, Out: evaluation.Meeting{}}),
		post("/panels/{id}/meeting/doubts", "panel", sent(a.meetingDoubt), edge.Doc{Summary: "对其他成员的一处评分提出疑问", Tag: panel, In: evaluation.Doubt{}, Out: evaluation.Correction{}, Status: 201}),
		post("/panels/{id}/meeting/doubts/{of}/reply", "panel", sent(a.meetingReply), edge.Doc{Summary: "答复疑问；更正的原评分留存", Tag: panel, In: evaluation.Reply{}, Out: evaluation.Meeting{}}),
		post("/panels/{id}/meeting/explanations", "panel", sent(a.meetingAsk), edge.Doc{Summary: "要求供应商说明异常低价", Tag: panel, In: evaluation.Ask{}, Out: evaluation.Explanation{}, Status: 201}),
		post("/panels/{id}/meeting/explanations/{of}/judge", "panel", sent(a.meetingJudge), edge.Doc{Summary: "判断供应商的说明，过半数为准", Tag: panel, In: evaluation.Ballot{}, Out: evaluation.Meeting{}}),
		post("/panels/{id}/meeting/settle", "panel", edge.At(a.meetingSettle), edge.Doc{Summary: "完成汇总，冻结评审记录并排序", Tag: panel, Out: evaluation.Evaluation{}}),
		post("/panels/{id}/sign", "panel", sent(a.reportSign), edge.Doc{Summary: "签署评审报告或写明不同意见", Tag: panel, In: evaluation.Signing{}, Out: []evaluation.Member{}}),
		post("/tenders/{id}/report", "buyer", edge.At(a.reportSend), edge.Doc{Summary: "过半数签署后送交评审报告；其余视为同意", Tag: panel, Out: rankingView{}}),
		get("/explanations", "account", a.explanationList, edge.Doc{Summary: "要求本单位说明的报价", Tag: panel, Out: []evaluation.Explanation{}}),
		get("/explanations/{id}", "account", edge.At(a.explanationShow), edge.Doc{Summary: "一项报价说明", Tag: panel, Out: evaluation.Explanation{}}),
		post("/explanations/{id}/answer", "account", sent(a.explanationAnswer), edge.Doc{Summary: "提交报价说明，只有一次", Tag: panel, In: explainInput{}, Out: evaluation.Explanation{}}),
		get("/public/tenders/{id}/evaluation", "public", edge.At(a.evaluationPublished), edge.Doc{Summary: "随结果公布的评审数据，可用 gongji replay evaluation 重算", Tag: panel, Out: evaluation.Publication{}, Public: true}),

		post("/tenders/{id}/void", "buyer", sent(a.void), edge.Doc{Summary: "废标，写明情形和理由", Tag: result, In: evaluation.Voiding{}, Status: 204}),
		post("/tenders/{id}/award/lapse", "buyer", edge.At(a.awardLapse), edge.Doc{Summary: "竞争性磋商采购人逾期未确定的，确认排名第一并公布", Tag: result, Out: award.Award{}}),
		post("/tenders/{id}/award/lots", "buyer", edge.At(a.lotsCommit), edge.Doc{Summary: "公布并列候选人抽签的校验值", Tag: result, Out: draw.File{}, Status: 201}),
		post("/tenders/{id}/award/lots/seed", "buyer", sent(a.lotsSeed), edge.Doc{Summary: "监督人输入种子，抽签", Tag: result, In: seedInput{}, Out: draw.File{}}),
		get("/tenders/{id}/bonds", "buyer", edge.At(a.bonds), edge.Doc{Summary: "投标保证金和退还期限", Tag: result, Out: []award.Bond{}}),
		post("/tenders/{id}/bonds", "buyer", sent(a.bondRecord), edge.Doc{Summary: "登记收到的保证金（开标以后）", Tag: result, In: award.BondInput{}, Out: award.Bond{}, Status: 201}),
		post("/tenders/{id}/bonds/{bond}/return", "buyer", sent(a.bondReturn), edge.Doc{Summary: "登记退还和凭证", Tag: result, In: returnInput{}, Out: []award.Bond{}}),
	}
}

type seedInput struct {
	Value string `json:"value" description:"公布名单之后才产生的数，例如当天的彩票开奖号码和期号"`
}

type checksInput struct {
	Checks []evaluation.Checking `json:"checks"`
}

type explainInput struct {
	Answer string `json:"answer"`
}

type returnInput struct {
	On    *time.Time `json:"on" description:"退还日期"`
	Proof string     `json:"proof" description:"银行回单号或凭证"`
}

func (a *API) drawAnswer(r *edge.Request, status int, t id.ID, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	list, err := a.Evaluations.Draws(r.Context(), r.Actor(), t)
	return answer(status, list, err)
}

func (a *API) drawCommit(r *edge.Request, t id.ID, in evaluation.Need) (edge.Response, error) {
	_, err := a.Evaluations.Commit(r.Context(), r.Actor(), t, in)
	return a.drawAnswer(r, 201, t, err)
}

func (a *API) drawSeed(r *edge.Request, t id.ID, in seedInput) (edge.Response, error) {
	_, err := a.Evaluations.Draw(r.Context(), r.Actor(), t, in.Value)
	return a.drawAnswer(r, 200, t, err)
}

func (a *API) drawList(r *edge.Request, t id.ID) (edge.Response, error) {
	return a.drawAnswer(r, 200, t, nil)
}

func (a *API) drawsPublished(r *edge.Request, t id.ID) (edge.Response, error) {
	list, err := a.Evaluations.PublishedDraws(r.Context(), t)
	return answer(200, list, err)
}

func (a *API) panelDecline(r *edge.Request, t id.ID, in reason) (edge.Response, error) {
	m, err := r.ID("member")
	if err == nil {
		err = a.Evaluations.Decline(r.Context(), r.Actor(), t, m, in.Reason)
	}
	return a.panelAnswer(r, t, err)
}

func (a *API) eligibility(r *edge.Request, t id.ID) (edge.Response, error) {
	e, err := a.Evaluations.Eligibility(r.Context(), r.Actor(), t)
	return answer(200, e, err)
}

func (a *API) eligibilityCheck(r *edge.Request, t id.ID, in checksInput) (edge.Response, error) {
	if err := a.Evaluations.Check(r.Context(), r.Actor(), t, in.Checks); err != nil {
		return edge.Response{}, err
	}
	return a.eligibility(r, t)
}

func (a *API) panelEnter(r *edge.Request, t id.ID, in evaluation.Declaration) (edge.Response, error) {
	m, err := a.Evaluations.Enter(r.Context(), r.Actor(), t, in)
	return answer(200, m, err)
}

func (a *API) meetingAnswer(r *edge.Request, t id.ID, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	m, err := a.Evaluations.Meeting(r.Context(), r.Actor(), t)
	return answer(200, m, err)
}

func (a *API) meeting(r *edge.Request, t id.ID) (edge.Response, error) {
	return a.meetingAnswer(r, t, nil)
}

func (a *API) meetingDoubt(r *edge.Request, t id.ID, in evaluation.Doubt) (edge.Response, error) {
	x, err := a.Evaluations.Doubt(r.Context(), r.Actor(), t, in)
	return answer(201, x, err)
}

func (a *API) meetingReply(r *edge.Request, t id.ID, in evaluation.Reply) (edge.Response, error) {
	of, err := r.ID("of")
	if err == nil {
		err = a.Evaluations.Reply(r.Context(), r.Actor(), t, of, in)
	}
	return a.meetingAnswer(r, t, err)
}

func (a *API) meetingAsk(r *edge.Request, t id.ID, in evaluation.Ask) (edge.Response, error) {
	x, err := a.Evaluations.Ask(r.Context(), r.Actor(), t, in)
	return answer(201, x, err)
}

func (a *API) meetingJudge(r *edge.Request, t id.ID, in evaluation.Ballot) (edge.Response, error) {
	of, err := r.ID("of")
	if err == nil {
		err = a.Evaluations.Judge(r.Context(), r.Actor(), t, of, in)
	}
	return a.meetingAnswer(r, t, err)
}

func (a *API) meetingSettle(r *edge.Request, t id.ID) (edge.Response, error) {
	e, err := a.Evaluations.Settle(r.Context(), r.Actor(), t)
	return answer(200, e, err)
}

func (a *API) reportSign(r *edge.Request, t id.ID, in evaluation.Signing) (edge.Response, error) {
	return a.panelAnswer(r, t, a.Evaluations.Sign(r.Context(), r.Actor(), t, in))
}

func (a *API) reportSend(r *edge.Request, t id.ID) (edge.Response, error) {
	if err := a.Evaluations.Report(r.Context(), r.Actor(), t); err != nil {
		return edge.Response{}, err
	}
	return a.ranking(r, t)
}

func (a *API) explanationList(r *edge.Request) (edge.Response, error) {
	list, err := a.Evaluations.Asked(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) explanationShow(r *edge.Request, x id.ID) (edge.Response, error) {
	e, _, err := a.Evaluations.Explanation(r.Context(), r.Actor(), x)
	return answer(200, e, err)
}

func (a *API) explanationAnswer(r *edge.Request, x id.ID, in explainInput) (edge.Response, error) {
	e, err := a.Evaluations.Explain(r.Context(), r.Actor(), x, in.Answer)
	return answer(200, e, err)
}

func (a *API) evaluationPublished(r *edge.Request, t id.ID) (edge.Response, error) {
	p, err := a.Evaluations.Published(r.Context(), t)
	return answer(200, p, err)
}

func (a *API) void(r *edge.Request, t id.ID, in evaluation.Voiding) (edge.Response, error) {
	err := a.Evaluations.Void(r.Context(), r.Actor(), t, in)
	return edge.NoContent(), err
}

func (a *API) awardLapse(r *edge.Request, t id.ID) (edge.Response, error) {
	x, err := a.Awards.Lapse(r.Context(), r.Actor(), t)
	return answer(200, x, err)
}

func (a *API) lotsAnswer(r *edge.Request, status int, t id.ID, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	d, err := a.Evaluations.Lots(r.Context(), r.Actor(), t)
	return answer(status, d, err)
}

func (a *API) lotsCommit(r *edge.Request, t id.ID) (edge.Response, error) {
	return a.lotsAnswer(r, 201, t, a.Evaluations.CommitLots(r.Context(), r.Actor(), t))
}

func (a *API) lotsSeed(r *edge.Request, t id.ID, in seedInput) (edge.Response, error) {
	return a.lotsAnswer(r, 200, t, a.Evaluations.DrawLots(r.Context(), r.Actor(), t, in.Value))
}

func (a *API) bonds(r *edge.Request, t id.ID) (edge.Response, error) {
	list, err := a.Awards.Bonds(r.Context(), r.Actor(), t)
	return answer(200, list, err)
}

func (a *API) bondRecord(r *edge.Request, t id.ID, in award.BondInput) (edge.Response, error) {
	b, err := a.Awards.RecordBond(r.Context(), r.Actor(), t, in)
	return answer(201, b, err)
}

func (a *API) bondReturn(r *edge.Request, t id.ID, in returnInput) (edge.Response, error) {
	b, err := r.ID("bond")
	if err == nil {
		err = a.Awards.ReturnBond(r.Context(), r.Actor(), t, b, in.On, in.Proof)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return a.bonds(r, t)
}
