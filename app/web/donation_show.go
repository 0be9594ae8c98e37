package web

import (
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/receipt"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/id"
	"gongji/templates"
)

func donationStatus(s donation.State) templates.Status {
	switch s {
	case donation.Confirmed:
		return templates.Status{Label: "已到账", Tone: templates.OK}
	case donation.Cancelled:
		return templates.Status{Label: "已取消", Tone: templates.Neutral}
	case donation.Pledged:
	}
	return templates.Status{Label: "待到账", Tone: templates.Info}
}

func receiptStatus(r receipt.Row) templates.Status {
	switch {
	case r.State == receipt.Void:
		return templates.Status{Label: "已作废", Tone: templates.Danger}
	case r.State == receipt.Prepared:
		return templates.Status{Label: "待复核", Tone: templates.Info}
	case r.State == receipt.Returned:
		return templates.Status{Label: "复核退回", Tone: templates.Warn}
	case r.Ready():
		return templates.Status{Label: "有效", Tone: templates.OK}
	}
	return templates.Status{Label: "正在生成", Tone: templates.Info}
}

// gift is a donation with what a page shows beside it.
type gift struct {
	donation.Donation
	FundName string
	Receipts []receiptView
}

// Status is the badge.
func (g gift) Status() templates.Status { return donationStatus(g.State) }

type receiptView struct{ receipt.Row }

// Status is the badge.
func (r receiptView) Status() templates.Status { return receiptStatus(r.Row) }

// gifts adds the funds' names and the receipts to donations the actor may
// view.
func (w *Web) gifts(r *edge.Request, list []donation.Donation, forDonor bool) ([]gift, error) {
	ids := make([]id.ID, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	receipts, err := w.Receipts.Of(r.Context(), r.Actor(), ids, forDonor)
	if err != nil {
		return nil, err
	}
	names := map[id.ID]string{}
	out := make([]gift, len(list))
	for i, d := range list {
		if _, ok := names[d.Fund]; !ok {
			f, err := w.Funds.Get(r.Context(), r.Actor(), d.Fund)
			if err != nil {
				return nil, err
			}
			names[d.Fund] = f.FullName()
		}
		out[i] = gift{Donation: d, FundName: names[d.Fund]}
		for _, x := range receipts[d.ID] {
			out[i].Receipts = append(out[i].Receipts, receiptView{x})
		}
	}
	return out, nil
}

// turn sets the links of a keyset pager: back to the newest, on to the next.
func turn(r *edge.Request, p *templates.Pager, next id.ID) {
	if r.Query("after") != "" {
		p.Prev = with(r, "after", "")
	}
	if next != "" {
		p.Next = with(r, "after", string(next))
	}
}

// donationPage is donation/show.html for the donor and donation/desk.html for
// the foundation's staff.
type donationPage struct {
	templates.Chrome
	ReceiptAddress string // where the receipt is sent
	MayAddress     bool
	Gift           gift
	Fund           fund.Fund
	Facts          []templates.KV
	Pay            []templates.KV // where to pay or deliver
	Events         []templates.Event
	Files          []proof
	Slots          []templates.Option
	Accept         string
	MayAttach      bool
	Withdraw       *templates.Action
	Trace          *traced
	Things         *trace.GoodsTrace // of a gift of goods that came
	MayHide        bool
	Shown          string
	Shows          []templates.Option
	Desk           deskActions
}

// proof is one voucher with what it proves.
type proof struct {
	templates.File
	Of string
}

func (w *Web) donationPage(r *edge.Request, of id.ID, forDonor bool) (*donationPage, error) {
	d, err := w.Donations.Get(r.Context(), r.Actor(), of)
	if err != nil {
		return nil, err
	}
	p := &donationPage{Accept: attachment.Accept, MayAttach: d.Kind == donation.Goods && w.Donations.Allowed(r.Actor(), d, "attach")}
	list, err := w.gifts(r, []donation.Donation{d}, forDonor)
	if err != nil {
		return nil, err
	}
	p.Gift = list[0]
	if p.Fund, err = w.Funds.Get(r.Context(), r.Actor(), d.Fund); err != nil {
		return nil, err
	}
	events, err := w.Donations.Timeline(r.Context(), r.Actor(), of)
	if err != nil {
		return nil, err
	}
	p.Events = timeline(events)
	p.Facts, p.Pay = donationFacts(d, p.Fund), payFacts(d, p.Fund)
	p.Title = "捐赠 " + d.Reference
	if p.MayAddress = d.State != donation.Cancelled && !d.Nameless() && w.Batches.MayAddress(r.Actor(), d); p.MayAddress {
		if p.ReceiptAddress, err = w.Batches.Address(r.Context(), r.Actor(), of); err != nil {
			return nil, err
		}
	}
	return p, w.proofs(r, p)
}

func (w *Web) proofs(r *edge.Request, p *donationPage) error {
	if p.Gift.Kind != donation.Goods || p.Gift.Withheld {
		p.MayAttach = false
		return nil
	}
	files, err := w.Donations.Proofs(r.Context(), r.Actor(), p.Gift.ID)
	if err != nil {
		return err
	}
	of := map[string]string{"proof": "全部物资"}
	p.Slots = []templates.Option{{Value: "proof", Label: "全部物资"}}
	for _, l := range p.Gift.Lines {
		of[l.ProofSlot()] = l.Name
		p.Slots = append(p.Slots, templates.Option{Value: l.ProofSlot(), Label: l.Name})
	}
	for _, f := range files {
		p.Files = append(p.Files, proof{templates.File{ID: string(f.ID), Name: f.Name, Href: "/attachments/" + string(f.ID), SHA256: f.SHA256, Size: f.Size}, of[f.Slot]})
	}
	return nil
}

// payFacts say where the donor pays or delivers to. The platform does not know
// foundations' bank accounts; it says so instead of inventing one.
func payFacts(d donation.Donation, f fund.Fund) []templates.KV {
	if d.Kind == donation.Goods {
		return []templates.KV{{Label: "接收单位", Value: f.FoundationName}, {Label: "送达地点", Value: "请与基金会约定", Note: "送达时由仓管清点、签收。"}}
	}
	note := "请只向登记在基金会名下的账户付款，并注明下面的附言，到账后由财务确认。"
	if f.Demo {
		note = "演示环境不设真实账户，请勿真的付款。"
	}
	return []templates.KV{{Label: "收款户名", Value: f.FoundationName},
		{Label: "开户行和账号", Value: "请向基金会索取", Note: note}, {Label: "附言", Value: d.Reference, Mono: true}}
}

func donationFacts(d donation.Donation, f fund.Fund) []templates.KV {
	out := []templates.KV{{Label: "登记号", Value: d.Reference, Mono: true}, {Label: "捐赠人", Value: d.Name()},
		{Label: "专项基金", Value: f.FullName(), Href: "/funds/" + string(f.ID)}}
	if d.DonorUSCC != nil {
		out = append(out, templates.KV{Label: "统一社会信用代码", Value: *d.DonorUSCC, Mono: true})
	}
	if d.Kind == donation.Money {
		out = append(out, templates.KV{Label: "认捐金额", Value: d.Amount.Yuan() + " 元"})
		if d.Arrived != nil {
			out = append(out, templates.KV{Label: "到账金额", Value: d.Arrived.Yuan() + " 元", Note: d.Arrived.Upper()})
		}
	}
	if d.ArrivedAt != nil {
		out = append(out, templates.KV{Label: "到账（签收）日期", Value: beijingDay(*d.ArrivedAt)})
	}
	add := func(label, value, article string) {
		if value != "" {
			out = append(out, templates.KV{Label: label, Value: value, Article: article})
		}
	}
	add("捐赠方式", d.Method, "")
	add("希望用于", d.Purpose, "")
	add("财务说明", d.Note, "")
	add("取消原因", d.Reason, "")
	add("希望受益的单位", d.BeneficiaryName, "慈善法第40条")
	add("公开页面显示", d.Masked(), "慈善法第82条")
	if d.Confidential {
		add("对工作人员", "保密；只有收据经办人（财务、复核人）看得到捐赠人", "慈善法第82条")
	}
	if d.AppraisedAt != nil {
		add("清点估值", d.Appraiser+" "+beijingDay(*d.AppraisedAt), "")
		add("估值说明", d.AppraisalNote, "")
	}
	if d.Relation == donation.Declared {
		add("声明的利害关系", d.RelationNote, "慈善法第40条")
	}
	return out
}

func (w *Web) donationShow(r *edge.Request) (edge.Response, error) {
	of, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.donationPage(r, of, true)
	if err != nil {
		return edge.Response{}, err
	}
	d := p.Gift.Donation
	if p.Things, err = w.things(r, d); err != nil {
		return edge.Response{}, err
	}
	if p.Trace, err = w.trace(r, d); err != nil {
		return edge.Response{}, err
	}
	if w.Donations.Allowed(r.Actor(), d, "withdraw") {
		p.Withdraw = &templates.Action{Label: "撤回认捐", Tone: templates.Danger, Post: "/donations/" + string(d.ID) + "/withdraw", CSRF: r.CSRF(),
			Confirm: "撤回后本次捐赠即告结束，确定撤回吗？"}
	}
	p.MayHide, p.Shown, p.Shows = d.DonorKind != donation.Unknown && w.Donations.Allowed(r.Actor(), d, "hide"), shownAs(d), shownOptions
	p.Breadcrumbs = []templates.Crumb{{Label: "我的捐赠", Href: "/donations"}, {Label: d.Reference}}
	return edge.HTML(200, "donation/show", p), nil
}

func (w *Web) donationWithdraw(r *edge.Request) (edge.Response, error) {
	d, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		_, err = w.Donations.Cancel(r.Context(), r.Actor(), d, "")
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/donations/"+string(d)).Flash("ok", "已撤回"), nil
}
