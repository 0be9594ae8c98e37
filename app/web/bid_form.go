package web

import (
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// bidFormPage is bid/offer.html, bid/answers.html, bid/files.html and
// bid/check.html: empty forms. What is typed into them is the browser's alone;
// it comes here as ciphertext, in bid_sealed.go.
type bidFormPage struct {
	purchasePage
	Bid       bid.Bid
	Desk      bidDesk
	Hour      *lastHour
	PriceHint string
	Questions []questionField
	Accept    string
	Again     bool // a version was sent before
	Before    *templates.Deadline
}

type questionField struct {
	bid.Question
	Field string // name of the form field
	Full  string // full marks in points
}

// bidForm is one page of the task list.
func (w *Web) bidForm(page, name, title string) edge.Handler {
	return func(r *edge.Request) (edge.Response, error) {
		b, t, err := w.bidOf(r)
		if err != nil {
			return edge.Response{}, err
		}
		if t.StateAt(r.Now()) != tender.Open {
			return edge.Redirect("/bids/"+string(b.ID)).Flash("warn", "投标截止时间已过，投标文件不能再修改"), nil
		}
		p := &bidFormPage{purchasePage: w.bidChrome(r, t, b, title), Bid: b, Hour: hourBefore(r, t), PriceHint: priceHint(t), Accept: attachment.Accept, Again: b.State == bid.Submitted}
		if p.Desk, err = w.deskOf(r, page, t, b); err != nil {
			return edge.Response{}, err
		}
		if t.Deadline != nil {
			p.Before = &templates.Deadline{Label: "投标截止", At: *t.Deadline, Now: r.Now()}
		}
		for _, q := range bid.Questions(t) {
			p.Questions = append(p.Questions, questionField{q, "answers." + q.Key, tender.Points(q.Weight)})
		}
		return edge.HTML(200, name, p), nil
	}
}

func priceHint(t tender.Tender) string {
	switch {
	case t.Ceiling.Amount != nil:
		return "最高限价 " + t.Ceiling.Amount.Yuan() + " " + unitOf(t) + "，超过的报价无效。"
	case t.Budget != nil:
		return "采购预算 " + t.Budget.Yuan() + " 元，超过的报价无效。"
	}
	return ""
}

// bidWithdrawView is bid/withdraw.html.
type bidWithdrawView struct {
	purchasePage
	Bid    bid.Bid
	Hour   *lastHour
	Reason string
}

func (w *Web) bidWithdrawPage(r *edge.Request) (edge.Response, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bid/withdraw", &bidWithdrawView{purchasePage: w.bidChrome(r, t, b, "撤回投标"), Bid: b, Hour: hourBefore(r, t)}), nil
}

func (w *Web) bidWithdraw(r *edge.Request) (edge.Response, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p := &bidWithdrawView{purchasePage: w.bidChrome(r, t, b, "撤回投标"), Bid: b, Hour: hourBefore(r, t), Reason: f.Get("reason")}
	if err := w.Bids.Withdraw(r.Context(), r.Actor(), b.ID, p.Reason); err != nil {
		return again("bid/withdraw", p, err)
	}
	return edge.Redirect("/bids/"+string(b.ID)).Flash("ok", "投标已撤回；截止前仍可重新提交"), nil
}
