package api

import (
	"strconv"

	"gongji/app/attachment"
	"gongji/app/delivery/plan"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

func (a *API) planRoutes() []edge.Route {
	const tag = "履约"
	return []edge.Route{
		get("/engagements/{id}/plan", "public", edge.At(a.planShow), edge.Doc{Summary: "实施方案和进度；确认后公开", Tag: tag, Out: planView{}, Public: true}),
		put("/engagements/{id}/plan", "supplier", sent(a.planSave), edge.Doc{Summary: "保存实施方案草稿，整份替换", Tag: tag, In: planChange{}, Out: planView{}}),
		post("/engagements/{id}/plan/propose", "supplier", act(a.Plans.Propose, a.planAnswer), edge.Doc{Summary: "提交付款方确认", Tag: tag, Out: planView{}}),
		post("/engagements/{id}/plan/agree", "account", act(a.Plans.Agree, a.planAnswer), edge.Doc{Summary: "付款方确认实施方案", Tag: tag, Out: planView{}}),
		post("/engagements/{id}/plan/return", "account", because(a.Plans.Return, a.planAnswer), edge.Doc{Summary: "付款方退回实施方案", Tag: tag, In: reason{}, Out: planView{}}),
		get("/engagements/{id}/evidence", "account", edge.At(a.evidenceList), edge.Doc{Summary: "成果记录，双方可见", Tag: tag, Query: afterQuery{}, Out: Page[plan.Listed]{}}),
		post("/engagements/{id}/evidence", "supplier", sent(a.evidenceAdd), edge.Doc{Summary: "提交成果，不带文件", Tag: tag, In: plan.EvidenceInput{}, Out: plan.Evidence{}, Status: 201}),
		a.shown(),
		post("/engagements/{id}/evidence/{evidence}/void", "supplier", sent(a.evidenceVoid), edge.Doc{Summary: "作废一条成果记录", Tag: tag, In: reason{}, Status: 204}),
		post("/engagements/{id}/milestones/{n}/report", "supplier", sent(a.milestoneReport), edge.Doc{Summary: "报告达成节点（从 1 起）", Tag: tag, In: reason{}, Status: 204}),
		post("/engagements/{id}/milestones/{n}/confirm", "account", sent(a.milestoneConfirm), edge.Doc{Summary: "付款方确认节点达成，或退回补充", Tag: tag, In: judged{}, Status: 204}),
	}
}

type planChange struct {
	plan.Form
	Version int64 `json:"version,omitempty" description:"读到的版本；0 或不填则不检查"`
}

type planView struct {
	plan.Plan
	Progress plan.Progress `json:"progress"`
	Missing  []fault.Field `json:"missing,omitempty" description:"提交前还要补全的"`
}

func (a *API) planAnswer(r *edge.Request, status int, p plan.Plan, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v := planView{Plan: p}
	if p.State == plan.Draft {
		e, err := a.Engagements.Get(r.Context(), r.Actor(), p.Engagement)
		if err != nil {
			return edge.Response{}, err
		}
		if v.Missing, err = a.Plans.Missing(r.Context(), e, p.Form); err != nil {
			return edge.Response{}, err
		}
	}
	v.Progress, err = a.Plans.Progress(r.Context(), r.Actor(), p)
	return answer(status, v, err)
}

func (a *API) planShow(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := a.Plans.Get(r.Context(), r.Actor(), at)
	return a.planAnswer(r, 200, p, err)
}

func (a *API) planSave(r *edge.Request, at id.ID, in planChange) (edge.Response, error) {
	p, err := a.Plans.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return a.planAnswer(r, 200, p, err)
}

func (a *API) evidenceList(r *edge.Request, at id.ID) (edge.Response, error) {
	list, err := a.Plans.List(r.Context(), r.Actor(), at, id.ID(r.Query("after")), perPage)
	return answer(200, paged(list, perPage, func(x plan.Listed) string { return string(x.ID) }), err)
}

func (a *API) evidenceAdd(r *edge.Request, at id.ID, in plan.EvidenceInput) (edge.Response, error) {
	x, err := a.Plans.Add(r.Context(), r.Actor(), at, in, []attachment.Attachment{})
	return answer(201, x, err)
}

func (a *API) evidenceVoid(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	x, err := r.ID("evidence")
	if err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), a.Plans.Void(r.Context(), r.Actor(), at, x, in.Reason)
}

func (a *API) milestoneReport(r *edge.Request, at id.ID, in reason) (edge.Response, error) {
	return edge.NoContent(), a.Plans.Report(r.Context(), r.Actor(), at, milestone(r), in.Reason)
}

func (a *API) milestoneConfirm(r *edge.Request, at id.ID, in judged) (edge.Response, error) {
	return edge.NoContent(), a.Plans.Confirm(r.Context(), r.Actor(), at, milestone(r), in.Accept, in.Note)
}

// shown takes an evidence with its photographs and papers in one multipart body.
func (a *API) shown() edge.Route {
	r := a.upload("/engagements/{id}/evidence/files", "supplier", a.evidenceShow, edge.Doc{Summary: "提交成果和照片、材料：字段与不带文件的相同，照片里的位置和设备信息会去掉", Tag: "履约"})
	r.Doc.Out = plan.Evidence{}
	return r
}

func (a *API) evidenceShow(r *edge.Request, at id.ID) (edge.Response, error) {
	if err := a.Plans.MayDeliver(r.Context(), r.Actor(), at); err != nil {
		return edge.Response{}, err
	}
	var in plan.EvidenceInput
	var files []attachment.Attachment
	into := map[string]*string{"output": &in.Output, "quantity": &in.Quantity, "people": &in.People, "done_on": &in.DoneOn, "place": &in.Place, "note": &in.Note}
	err := r.Upload(func(p edge.Part) error {
		if p.FileName != "" {
			x, err := a.Plans.Keep(r.Context(), p.FileName, p.Reader)
			if err == nil {
				files = append(files, x)
			}
			return err
		}
		s, err := p.Text()
		if p.Field == "milestone" {
			in.Milestone, _ = strconv.ParseInt(s, 10, 64) // 0 is refused as no milestone
		} else if to := into[p.Field]; to != nil {
			*to = s
		}
		return err
	})
	var x plan.Evidence
	if err == nil {
		x, err = a.Plans.Add(r.Context(), r.Actor(), at, in, files)
	}
	if err != nil {
		a.Plans.Discard(r.Context(), files)
	}
	return answer(201, x, err)
}
