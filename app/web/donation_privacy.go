package web

import (
	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// shownOptions are the three answers to how a donor is shown.
var shownOptions = []templates.Option{
	{Value: "yes", Label: "显示部分名称，例如 张***"},
	{Value: "no", Label: "对公众显示“匿名”", Hint: "基金会的工作人员办理时看得到。"},
	{Value: "staff", Label: "对公众匿名，对基金会工作人员也保密", Hint: "只有开收据的财务和复核人看得到；其他人在页面、表格、通知里都看不到。"},
}

// privacyOf reads the answer; false where there is none.
func privacyOf(shown string) (donation.Privacy, bool) {
	switch shown {
	case "yes":
		return donation.Privacy{}, true
	case "no":
		return donation.Privacy{Hidden: true}, true
	case "staff":
		return donation.Privacy{Hidden: true, Confidential: true}, true
	}
	return donation.Privacy{}, false
}

func shownAs(d donation.Donation) string {
	switch {
	case d.Confidential:
		return "staff"
	case d.Hidden:
		return "no"
	}
	return "yes"
}

// hide is the form of the two switches, for the donor and for finance.
func (w *Web) hide(r *edge.Request, at id.ID, shown string) error {
	in, ok := privacyOf(shown)
	if !ok {
		var c fault.Check
		c.Fail("shown", "请选择怎样显示捐赠人")
		return c.Err()
	}
	_, err := w.Donations.Hide(r.Context(), r.Actor(), at, in)
	return err
}

func (w *Web) donationPrivacy(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.hide(r, at, f.Get("shown")); err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/donations/"+string(at)).Flash("ok", "隐私设置已更改，马上生效"), nil
}

func (w *Web) donationDeskPrivacy(r *edge.Request) (edge.Response, error) {
	return w.onDonation(r, "隐私设置已更改，马上生效", func(p *donationPage, f *edge.Form) error {
		return w.hide(r, p.Gift.ID, f.Get("shown"))
	})
}

func (w *Web) donationAppraise(r *edge.Request) (edge.Response, error) {
	return w.onDonation(r, "已记录清点和估值，等待另一位同事确认", func(p *donationPage, f *edge.Form) error {
		p.Desk.Valued.read(f)
		var c fault.Check
		in := donation.Appraisal{Note: p.Desk.Valued.Note}
		for _, l := range p.Desk.Valued.Goods {
			in.Goods = append(in.Goods, donation.Arrived{Line: l.Line.Line, Quantity: typedCount(&c, l.Field("quantity"), l.Quantity),
				Value: typedMoney(&c, l.Field("value"), l.Value), Basis: donation.Basis(l.Ground)})
		}
		if c.Err() != nil {
			return c.Err()
		}
		_, err := w.Donations.Appraise(r.Context(), r.Actor(), p.Gift.ID, in)
		return err
	})
}
