package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/id"
)

func (w *Web) receiptReview(r *edge.Request) (edge.Response, error) {
	return w.onReceipt(r, func(of id.ID, f *edge.Form) (string, error) {
		approve := f.Get("decision") == "approve"
		x, err := w.Receipts.Review(r.Context(), r.Actor(), of, approve, f.Get("reason"))
		if approve {
			return "已开具收据 " + x.Number(), err
		}
		return "已退回制单人", err
	})
}

func (w *Web) receiptVoid(r *edge.Request) (edge.Response, error) {
	return w.onReceipt(r, func(of id.ID, f *edge.Form) (string, error) {
		x, err := w.Receipts.Void(r.Context(), r.Actor(), of, f.Get("reason"))
		return "收据 " + x.Number() + " 已作废", err
	})
}

// onReceipt is onDesk for a route whose {id} is a receipt: its place is the
// page of its donation.
func (w *Web) onReceipt(r *edge.Request, do func(of id.ID, f *edge.Form) (string, error)) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, err := w.Receipts.Get(r.Context(), r.Actor(), of)
	if err != nil {
		return edge.Response{}, err
	}
	return w.onDesk(r, x.Of.ID, func(p *donationPage, f *edge.Form) (string, error) {
		p.Desk.Reason = f.Get("reason")
		return do(of, f)
	})
}

func views(list []receipt.Row) []receiptView {
	out := make([]receiptView, len(list))
	for i, x := range list {
		out[i] = receiptView{x}
	}
	return out
}

// giftCards are the heaps of donations on somebody's desk.
func (w *Web) giftCards(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	var out []DeskCard
	if w.may(r, "foundation") {
		l, err := w.Donations.AtFoundation(r.Context(), who, donation.Filter{State: donation.Pledged, Limit: 1})
		if err != nil {
			return nil, err
		}
		if w.Batches.MayList(who) {
			_, n, err := w.Batches.Batches(r.Context(), who, receipt.BatchPrepared, "", 1)
			if err != nil {
				return nil, err
			}
			out = append(out, DeskCard{Title: "批量开具收据", Href: "/foundation/receipts/batches?state=prepared", Icon: "receipt", Count: n, Text: "待复核的批次、进度和搁置"})
		}
		if w.Receipts.MayRequests(who) {
			due, err := w.Receipts.Requests(r.Context(), who)
			if err != nil {
				return nil, err
			}
			if len(due) > 0 {
				out = append(out, DeskCard{Title: "捐赠人申请的年度收据", Href: "/foundation/receipts/requests", Icon: "receipt", Count: len(due)})
			}
		}
		out = append(out, DeskCard{Title: "待到账的捐赠", Href: "/foundation/donations?state=pledged", Icon: "heart-handshake", Count: l.Total, Text: "确认到账、登记线下捐赠"})
		if !w.Receipts.MayRegister(who) {
			return out, nil
		}
		waiting, err := w.Receipts.Waiting(r.Context(), who)
		return append(out, DeskCard{Title: "待复核的收据", Href: "/foundation/receipts", Icon: "receipt", Count: len(waiting), Text: "复核收据、查看号码登记簿"}), err
	}
	l, err := w.Donations.Mine(r.Context(), who, donation.Filter{Limit: 1})
	if err != nil || l.Total == 0 && who.Org != "" {
		return nil, err
	}
	return append(out, DeskCard{Title: "我的捐赠", Href: "/donations", Icon: "heart", Count: l.Total, Text: "捐赠记录、收据下载、款物去向"}), nil
}
