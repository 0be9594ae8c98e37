package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/receipt"
	"gongji/templates"
)

// requestListPage is receipt/requests.html: what donors asked for.
type requestListPage struct {
	templates.Chrome
	Rows       []receipt.Due
	MayPrepare bool
	Reason     string // as typed
}

func (w *Web) requestListPage(r *edge.Request) (*requestListPage, error) {
	p := &requestListPage{MayPrepare: w.Batches.MayPrepare(r.Actor())}
	p.Title, p.Breadcrumbs = "年度收据申请", []templates.Crumb{donationDesk, registerCrumb, {Label: "年度收据申请"}}
	var err error
	p.Rows, err = w.Receipts.Requests(r.Context(), r.Actor())
	return p, err
}

func (w *Web) requestList(r *edge.Request) (edge.Response, error) {
	p, err := w.requestListPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "receipt/requests", p), nil
}

func (w *Web) requestDecide(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	to, say := "/foundation/receipts/requests", "已办理，已告知捐赠人"
	if f.Get("decision") == "refuse" {
		_, err = w.Receipts.Refuse(r.Context(), r.Actor(), at, f.Get("reason"))
	} else {
		_, err = w.Receipts.PrepareYear(r.Context(), r.Actor(), at, f.Get("remark"))
		say = "已制备，请另一位同事复核"
	}
	if err != nil {
		p, perr := w.requestListPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Reason = f.Get("reason")
		return again("receipt/requests", p, err)
	}
	return edge.Redirect(to).Flash("ok", say), nil
}
