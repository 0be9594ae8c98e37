package demo

import (
	"context"

	"gongji/app/foundation/handout"
	"gongji/app/party"
)

// handouts gives the goods of the gift out: one is signed for with three things
// broken, one is on its way.
func (h *house) handouts(day int) {
	give := func(day int, calls, warm int64, why string, counted []handout.Counted) {
		h.at(h.on(day, 9, 0), "发放物资", func(ctx context.Context) error {
			stock, err := h.Goods.OfFund(ctx, h.fund)
			if err != nil {
				return err
			}
			f := handout.Form{Fund: h.fund, Recipient: community, Purpose: why}
			for _, l := range stock {
				n := warm
				if l.Name == "便携应急呼叫器" {
					n = calls
				}
				f.Lines = append(f.Lines, handout.Want{Item: l.ID, Quantity: n})
			}
			x, err := h.Handouts.Create(ctx, h.by(party.Officer), f)
			if err == nil {
				x, err = h.Handouts.Approve(ctx, h.by(party.Approver), x.ID)
			}
			if err == nil {
				x, err = h.Handouts.Ship(ctx, h.by(party.Storekeeper), x.ID)
			}
			if err != nil || counted == nil {
				return err
			}
			for i, l := range x.Lines {
				counted[i].Line = l.Line
				if counted[i].Accepted == 0 {
					counted[i].Accepted = l.Quantity
				}
			}
			_, err = h.Handouts.Sign(ctx, h.as("community.lead", community), x.ID, counted)
			return err
		})
	}
	give(day, 20, 60, "演示数据：发给社区内独居老人家庭", []handout.Counted{{Accepted: 17, Why: "三台外壳破损"}, {}})
	give(day+2, 6, 20, "演示数据：补发给新登记的独居老人家庭", nil)
}
