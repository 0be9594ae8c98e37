package web

import (
	"fmt"
	"time"

	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

var donationDesk = templates.Crumb{Label: "捐赠管理", Href: "/foundation/donations"}

func beijingDay(t time.Time) string { return t.In(clock.Beijing).Format("2006年1月2日") }

// writtenDay writes a day given as 2026-05-31 the way people read it; anything
// else (a day half typed, nothing) stays as it was typed.
func writtenDay(day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, clock.Beijing)
	if err != nil {
		return day
	}
	return beijingDay(t)
}

// donationListPage is donation/list.html.
type donationListPage struct {
	templates.Chrome
	Filter                 templates.Filter
	Items                  []gift
	Pager                  templates.Pager
	MayRecord, MayRegister bool
}

func donationFilter(r *edge.Request) donation.Filter {
	return donation.Filter{State: donation.State(r.Query("state")), Kind: donation.Kind(r.Query("kind")), Text: r.Query("q"), After: id.ID(r.Query("after"))}
}

func (w *Web) donationList(r *edge.Request) (edge.Response, error) {
	f := donationFilter(r)
	l, err := w.Donations.AtFoundation(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := &donationListPage{Pager: templates.Pager{Total: l.Total, Unit: "笔"}, MayRecord: w.Donations.MayRecord(r.Actor()), MayRegister: w.Receipts.MayRegister(r.Actor())}
	p.Filter = templates.Filter{Action: "/foundation/donations", Query: f.Text, Placeholder: "登记号或捐赠人", Active: f.Text != "" || f.State != "" || f.Kind != "",
		Export: "/foundation/donations/export.csv" + query(r),
		Selects: []templates.FilterSelect{
			{Name: "state", Label: "状态", Value: string(f.State), Options: []templates.Option{{Label: "全部状态"}, {Value: "pledged", Label: "待到账"}, {Value: "confirmed", Label: "已到账"}, {Value: "cancelled", Label: "已取消"}}},
			{Name: "kind", Label: "种类", Value: string(f.Kind), Options: []templates.Option{{Label: "资金和物资"}, {Value: "money", Label: "资金"}, {Value: "goods", Label: "物资"}}}}}
	p.Title = "捐赠管理"
	turn(r, &p.Pager, l.Next)
	if p.Items, err = w.gifts(r, l.Items, false); err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "donation/list", p), nil
}

// deskActions are what staff may do to the donation now, with what they typed.
type deskActions struct {
	Confirm, Reject, Prepare bool
	Appraise                 bool
	Appraised                bool // somebody has counted and valued the goods
	Valued                   arrivalForm
	Hide                     bool
	Shown                    string
	Shows                    []templates.Option
	Bases                    []templates.Option
	Review, Void             *receiptView
	Own                      bool // the receipt waits for somebody else's review
	Form                     arrivalForm
	Reason                   string
	Remark                   string
	Today                    time.Time
	Key                      string // of the forms that move money: pressed twice, they do it once
	RefundAsk, RefundDecide  bool
	RefundReason             string
	Name                     bool // the donor is not known and can be written down
	Donor                    donation.Identity
}

type arrivalForm struct {
	Amount, On, Note, Key string
	Goods                 []arrivalLine
	Checked               bool
}

// arrivalLine is one line of goods as finance types it.
type arrivalLine struct {
	donation.Line
	Quantity, Value, Ground string
}

// Field is the name of one of the line's inputs.
func (l arrivalLine) Field(name string) string { return fmt.Sprintf("goods.%d.%s", l.Line.Line, name) }

func (w *Web) deskPage(r *edge.Request, of id.ID) (*donationPage, error) {
	p, err := w.donationPage(r, of, false)
	if err != nil {
		return nil, err
	}
	who, d := r.Actor(), p.Gift.Donation
	a := deskActions{Today: r.Now(), Key: pressKey(), Confirm: w.Donations.Allowed(who, d, "confirm"), Reject: w.Donations.Allowed(who, d, "reject"),
		Prepare: w.Donations.Allowed(who, d, "receipt") && !d.Nameless(), Name: w.Donations.Allowed(who, d, "name") && d.Nameless()}
	a.RefundAsk = d.Kind == donation.Money && !d.RefundAsked() && w.Donations.Allowed(who, d, "refund_ask")
	a.RefundDecide = d.RefundAsked() && *d.RefundAskedBy != who.Account && w.Donations.Allowed(who, d, "refund_decide")
	a.Prepare = a.Prepare && !d.RefundAsked()
	for i, x := range p.Gift.Receipts {
		live := x.State == receipt.Prepared || x.State == receipt.Issued
		a.Prepare = a.Prepare && !live
		a.Own = a.Own || x.State == receipt.Prepared
		if w.Receipts.Allowed(who, x.Receipt, d, "review") {
			a.Review, a.Own = &p.Gift.Receipts[i], false
		}
		if w.Receipts.Allowed(who, x.Receipt, d, "void") {
			a.Void = &p.Gift.Receipts[i]
		}
	}
	a.Form.On = r.Now().In(clock.Beijing).Format(time.DateOnly)
	if d.Amount != nil {
		a.Form.Amount = d.Amount.Plain()
	}
	for _, l := range d.Lines {
		x, v := arrivalLine{Line: l, Quantity: fmt.Sprint(l.Quantity)}, arrivalLine{Line: l, Quantity: fmt.Sprint(l.Quantity), Ground: string(l.Basis)}
		if l.Counted != nil {
			x.Quantity = fmt.Sprint(*l.Counted)
			v.Quantity = x.Quantity
		}
		if l.Appraised != nil {
			x.Value = l.Appraised.Plain()
			v.Value = x.Value
		} else if l.Value != nil && len(p.Files) > 0 {
			v.Value, v.Ground = l.Value.Plain(), string(donation.Voucher)
		}
		a.Form.Goods, a.Valued.Goods = append(a.Form.Goods, x), append(a.Valued.Goods, v)
	}
	a.Valued.Note = d.AppraisalNote
	a.Appraise, a.Appraised = d.Kind == donation.Goods && !d.Withheld && w.Donations.Allowed(who, d, "appraise"), d.AppraisedAt != nil
	a.Bases = []templates.Option{{Value: string(donation.Voucher), Label: donation.Voucher.Name()}, {Value: string(donation.Fair), Label: donation.Fair.Name()}}
	a.Hide, a.Shown, a.Shows = d.Offline && d.DonorKind != donation.Unknown && w.Donations.Allowed(who, d, "hide"), shownAs(d), shownOptions
	p.Desk = a
	p.Breadcrumbs = []templates.Crumb{donationDesk, {Label: d.Reference}}
	return p, nil
}

func (w *Web) donationDesk(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.deskPage(r, of)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "donation/desk", p), nil
}

// onDonation is onDesk for a route whose {id} is the donation.
func (w *Web) onDonation(r *edge.Request, done string, do func(p *donationPage, f *edge.Form) error) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	return w.onDesk(r, of, func(p *donationPage, f *edge.Form) (string, error) { return done, do(p, f) })
}

// onDesk is the frame of staff's actions on one donation: do decides and says
// what was done; what can be mended is shown on the same page with what was
// typed.
func (w *Web) onDesk(r *edge.Request, of id.ID, do func(p *donationPage, f *edge.Form) (string, error)) (edge.Response, error) {
	p, err := w.deskPage(r, of)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	done, err := do(p, f)
	if err != nil {
		return again("donation/desk", p, err)
	}
	return edge.Redirect("/foundation/donations/"+string(p.Gift.ID)).Flash("ok", done), nil
}

func (w *Web) donationConfirm(r *edge.Request) (edge.Response, error) {
	return w.onDonation(r, "已确认到账", func(p *donationPage, f *edge.Form) error {
		p.Desk.Form.read(f)
		var c fault.Check
		a := p.Desk.Form.arrival(&c, p.Gift.Donation)
		if c.Err() != nil {
			return c.Err()
		}
		_, err := w.Donations.Confirm(r.Context(), r.Actor(), p.Gift.ID, a)
		return err
	})
}

func (a *arrivalForm) read(f *edge.Form) {
	a.Amount, a.On, a.Note, a.Checked = f.Get("amount"), f.Get("on"), f.Get("note"), f.Get("relation_checked") == "yes"
	a.Key = f.Get("key")
	for i := range a.Goods {
		l := &a.Goods[i]
		l.Quantity, l.Value, l.Ground = f.Get(l.Field("quantity")), f.Get(l.Field("value")), f.Get(l.Field("basis"))
	}
}

func (a *arrivalForm) arrival(c *fault.Check, d donation.Donation) donation.Arrival {
	out := donation.Arrival{Note: a.Note, RelationChecked: a.Checked, Key: a.Key}
	if a.On != "" {
		on, err := time.ParseInLocation(time.DateOnly, a.On, clock.Beijing)
		if err != nil {
			c.Fail("on", "请填写日期，例如 2026-06-01")
		}
		out.On = on
	}
	if d.Kind == donation.Money {
		out.Amount = typedMoney(c, "amount", a.Amount)
		return out
	}
	for _, l := range a.Goods {
		out.Goods = append(out.Goods, donation.Arrived{Line: l.Line.Line, Quantity: typedCount(c, l.Field("quantity"), l.Quantity),
			Value: typedMoney(c, l.Field("value"), l.Value)})
	}
	return out
}

func (w *Web) donationReject(r *edge.Request) (edge.Response, error) {
	return w.onDonation(r, "已记录为未到账", func(p *donationPage, f *edge.Form) error {
		p.Desk.Reason = f.Get("reason")
		_, err := w.Donations.Cancel(r.Context(), r.Actor(), p.Gift.ID, p.Desk.Reason)
		return err
	})
}

func (w *Web) donationName(r *edge.Request) (edge.Response, error) {
	return w.onDonation(r, "已补登捐赠人", func(p *donationPage, f *edge.Form) error {
		p.Desk.Donor = donation.Identity{Kind: donation.DonorKind(f.Get("donor_kind")), Name: f.Get("donor_name"), USCC: f.Get("donor_uscc")}
		_, err := w.Donations.Identify(r.Context(), r.Actor(), p.Gift.ID, p.Desk.Donor)
		return err
	})
}

func (w *Web) receiptPrepare(r *edge.Request) (edge.Response, error) {
	return w.onDonation(r, "收据已制备，等待复核人复核", func(p *donationPage, f *edge.Form) error {
		p.Desk.Remark = f.Get("remark")
		_, err := w.Receipts.Prepare(r.Context(), r.Actor(), p.Gift.ID, p.Desk.Remark)
		return err
	})
}

func (w *Web) donationRefund(r *edge.Request) (edge.Response, error) {
	return w.onDonation(r, "已申请退回，等待另一位同事决定", func(p *donationPage, f *edge.Form) error {
		p.Desk.RefundReason = f.Get("refund_reason")
		_, err := w.Donations.AskRefund(r.Context(), r.Actor(), p.Gift.ID, p.Desk.RefundReason)
		return err
	})
}

func (w *Web) donationRefundDecide(r *edge.Request) (edge.Response, error) {
	return w.onDonation(r, "退回的决定已记录", func(p *donationPage, f *edge.Form) error {
		p.Desk.Reason = f.Get("reason")
		_, err := w.Donations.DecideRefund(r.Context(), r.Actor(), p.Gift.ID, f.Get("decision") == "approve", p.Desk.Reason, f.Get("key"))
		return err
	})
}
