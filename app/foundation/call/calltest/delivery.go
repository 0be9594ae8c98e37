package calltest

import (
	"bytes"
	"strconv"
	"time"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/grant"
	"gongji/app/kernel/clock"
	"gongji/app/party"
)

// Granted is a grant of Ruling in force, with its engagement.
func (h *House) Granted(who party.Actor) (grant.Grant, engagement.Engagement) {
	h.T.Helper()
	ctx := h.T.Context()
	c := h.Open()
	a := h.Sent(who, c, "暖邻行动")
	h.Reviewed(c, a)
	_, err := h.Grants.Decide(ctx, h.Approver, a.ID, Ruling())
	h.Must(err)
	g, err := h.Grants.OfApplication(ctx, who, a.ID)
	h.Must(err)
	g, err = h.Grants.Accept(ctx, who, g.ID)
	h.Must(err)
	return g, h.Engagement(g)
}

// Engagement is the delivery of a grant as it stands.
func (h *House) Engagement(g grant.Grant) engagement.Engagement {
	h.T.Helper()
	e, err := engagement.ByRef(h.T.Context(), h.DB, engagement.Grant, g.ID)
	h.Must(err)
	return e
}

// PlanForm is a plan of a grant as its agreement begins it, made complete.
func (h *House) PlanForm(who party.Actor, e engagement.Engagement) plan.Form {
	h.T.Helper()
	p, err := h.Plans.Get(h.T.Context(), who, e.ID)
	h.Must(err)
	f := p.Form
	f.Communities, f.Outputs = "隔坑社区", []plan.OutputForm{{Name: "上门探访", Quantity: "2400", Unit: "人次"}}
	last := e.End.In(clock.Beijing).Format(time.DateOnly)
	for i := range f.Milestones {
		f.Milestones[i].Due = min(f.Milestones[i].Due, last)
	}
	return f
}

// Planned puts the plan of a grant into force.
func (h *House) Planned(who party.Actor, e engagement.Engagement, f plan.Form) {
	h.T.Helper()
	ctx := h.T.Context()
	_, err := h.Plans.Save(ctx, who, e.ID, 0, f)
	h.Must(err)
	_, err = h.Plans.Propose(ctx, who, e.ID)
	h.Must(err)
	_, err = h.Plans.Agree(ctx, h.Officer, e.ID)
	h.Must(err)
}

// Accepted takes the whole delivery of a grant, its plan in force, through its
// acceptance.
func (h *House) Accepted(who party.Actor, e engagement.Engagement) {
	h.T.Helper()
	ctx := h.T.Context()
	x, err := h.Acceptances.Ask(ctx, who, e.ID, acceptance.Input{Report: "已经完成"})
	h.Must(err)
	f := acceptance.Form{On: h.Clock.Now().In(clock.Beijing).Format(time.DateOnly), Place: "社区活动室", Result: "passed", Summary: "达到协议要求。",
		Members: []acceptance.MemberForm{{Name: "陈官员", Role: "payer", Unit: e.PayerName, Opinion: "agree"}, {Name: "李桂芳", Role: "resident", Unit: "隔坑社区", Opinion: "agree", Words: "每周都来。"}}}
	for _, l := range x.Lines {
		f.Checks = append(f.Checks, acceptance.CheckForm{Confirmed: strconv.FormatInt(l.Shown, 10), Met: "yes", Note: "按实际完成"})
	}
	_, err = h.Acceptances.Save(ctx, h.Officer, x.ID, 0, f)
	h.Must(err)
	_, err = h.Attachments.Add(ctx, h.Officer, acceptance.Object, x.ID, "signed", "签名页.pdf", bytes.NewReader(fundtest.Agreement))
	h.Must(err)
	_, err = h.Acceptances.Submit(ctx, h.Officer, x.ID)
	h.Must(err)
	_, err = h.Acceptances.Publish(ctx, h.Approver, x.ID)
	h.Must(err)
}
