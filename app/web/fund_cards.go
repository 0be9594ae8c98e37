package web

import (
	"gongji/app/edge"
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
		n, err := w.Payments.Count(r.Context(), who, payment.Filter{State: x.payment})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			cards = append(cards, DeskCard{Title: x.title + "付款", Href: "/foundation/payments?state=" + string(x.payment), Icon: "receipt", Count: n})
		}
	}
	return append(cards, DeskCard{Title: "专项基金", Href: "/foundation/funds", Icon: "heart-handshake", Text: "基金、协议和账户明细"},
		DeskCard{Title: "付款", Href: "/foundation/payments", Icon: "receipt", Text: "起草、审批和办理"}), nil
}
