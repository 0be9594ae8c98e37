package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/party"
)

// fundDesk is what waits for somebody of a foundation in its funds and
// payments, and the doors to both.
func (w *Web) fundDesk(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	if who.OrgKind != party.Foundation || !w.may(r, "foundation") {
		return nil, nil
	}
	cards := []DeskCard{}
	wait := map[party.Role]struct {
		fund    fund.State
		payment payment.State
		title   string
	}{
		party.Officer: {fund.Draft, payment.Draft, "待完成的"}, party.Approver: {fund.Review, payment.Review, "待审批的"},
		party.Finance: {"", payment.Approved, "待付款的"},
	}
	if x, ok := wait[who.Role]; ok {
		if x.fund != "" {
			n, err := w.Funds.Totals(r.Context(), who, fund.Filter{Foundation: who.Org, State: x.fund})
			if err != nil {
				return nil, err
			}
			if n.Count > 0 {
				cards = append(cards, DeskCard{Title: x.title + "专项基金", Href: "/foundation/funds?state=" + string(x.fund), Icon: "heart-handshake", Count: int(n.Count)})
			}
		}
		n, err := w.Payments.Count(r.Context(), who, payment.Filter{State: x.payment, Mine: true})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			cards = append(cards, DeskCard{Title: x.title + "付款", Href: "/foundation/payments?mine=1&state=" + string(x.payment), Icon: "receipt", Count: n})
		}
	}
	if who.Role == party.Approver {
		n, err := w.Campaigns.Count(r.Context(), who, campaign.Filter{Foundation: who.Org, State: campaign.Review})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			cards = append(cards, DeskCard{Title: "待审批的公开募捐", Href: "/foundation/campaigns?state=review", Icon: "heart-handshake", Count: n})
		}
	}
	more, err := w.fundWaits(r)
	if err != nil {
		return nil, err
	}
	return append(append(cards, more...), DeskCard{Title: "专项基金", Href: "/foundation/funds", Icon: "heart-handshake", Text: "基金、协议和账户明细"},
		DeskCard{Title: "付款", Href: "/foundation/payments", Icon: "receipt", Text: "起草、审批和办理"},
		DeskCard{Title: "公开募捐", Href: "/foundation/campaigns", Icon: "heart-handshake", Text: "备案的募捐和平台结算单"}), nil
}

// fundWaits are the budgets, endings and approval limits that wait for this
// person, each with the way to the oldest.
func (w *Web) fundWaits(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	budgets, err := w.Funds.BudgetsWaiting(r.Context(), who)
	if err != nil {
		return nil, err
	}
	endings, err := w.Funds.EndingsWaiting(r.Context(), who)
	if err != nil {
		return nil, err
	}
	limits, err := w.Payments.Limits(r.Context(), who)
	if err != nil {
		return nil, err
	}
	budget, ending := "退回待修改的预算", "清算中的基金"
	if who.Role == party.Approver {
		budget, ending = "待审批的预算", "待决定的终止"
	}
	var out []DeskCard
	if budgets.Count > 0 {
		out = append(out, DeskCard{Title: budget, Href: budgetHref(fund.Fund{ID: budgets.Fund}, budgets.Year), Icon: "heart-handshake", Count: budgets.Count})
	}
	if endings.Count > 0 {
		out = append(out, DeskCard{Title: ending, Href: "/foundation/funds/" + string(endings.Fund) + "/closing", Icon: "heart-handshake", Count: endings.Count})
	}
	if limits.Waiting != nil && w.Payments.MayDecide(who, *limits.Waiting) {
		out = append(out, DeskCard{Title: "待决定的审批限额", Href: "/foundation/payment-limits", Icon: "receipt", Count: 1})
	}
	return out, nil
}
