package web

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/templates"
)

// settlementNewPage is campaign/settlement-new.html.
type settlementNewPage struct {
	templates.Chrome
	Campaign campaign.Campaign
	Form     campaign.SettlementForm
}

func settlementNewPageOf(x campaign.Campaign, form campaign.SettlementForm) *settlementNewPage {
	p := &settlementNewPage{Campaign: x, Form: form}
	p.Title = "登记平台结算单"
	p.Breadcrumbs = []templates.Crumb{campaignDesk, {Label: x.Name, Href: campaignHref(x)}, {Label: p.Title}}
	return p
}

func (w *Web) settlementNew(r *edge.Request) (edge.Response, error) {
	x, err := w.campaign(r, "settle")
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "campaign/settlement-new", settlementNewPageOf(x, campaign.SettlementForm{Fee: "0"})), nil
}

func (w *Web) settlementCreate(r *edge.Request) (edge.Response, error) {
	x, err := w.campaign(r, "settle")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	form := campaign.SettlementForm{Reference: f.Get("reference"), From: f.Get("from"), To: f.Get("to"), Gross: f.Get("gross"),
		Fee: f.Get("platform_fee"), Net: f.Get("net"), Gifts: f.Get("gifts")}
	y, err := w.Campaigns.Settle(r.Context(), r.Actor(), x.ID, form)
	if err != nil {
		return again("campaign/settlement-new", settlementNewPageOf(x, form), err)
	}
	return edge.Redirect(settlementHref(y)).Flash("ok", "已保存，请上传平台出具的结算单"), nil
}

func settlementHref(y campaign.Settlement) string { return "/foundation/settlements/" + string(y.ID) }

// settlementPage is campaign/settlement.html.
type settlementPage struct {
	templates.Chrome
	Campaign   campaign.Campaign
	Settlement campaign.Settlement
	Status     templates.Status
	Facts      []templates.KV
	Files      []templates.File
	Next       templates.Action
	MayChange  bool
	MayReceipt bool
	Listed     campaign.Listed // who asked the platform for a receipt
}

func settlementStatus(y campaign.Settlement) templates.Status {
	tone, ok := map[donation.State]templates.Tone{donation.Pledged: templates.Info, donation.Confirmed: templates.OK, donation.Cancelled: templates.Neutral}[y.State]
	if !ok {
		tone = templates.Warn
	}
	return templates.Status{Label: y.StateName(), Tone: tone}
}

func (w *Web) settlementShow(r *edge.Request) (edge.Response, error) {
	p, err := w.settlementPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "campaign/settlement", p), nil
}

func (w *Web) settlementPage(r *edge.Request) (*settlementPage, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	y, x, err := w.Campaigns.GetSettlement(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	p := &settlementPage{Campaign: x, Settlement: y, Status: settlementStatus(y), MayReceipt: w.Batches.MayPrepare(r.Actor()), MayChange: y.Donation == nil && w.Campaigns.Allowed(r.Actor(), x, "settle")}
	p.Title = "结算单 " + y.Reference
	p.Breadcrumbs = []templates.Crumb{campaignDesk, {Label: x.Name, Href: campaignHref(x)}, {Label: p.Title}}
	if p.Listed, err = w.Campaigns.Listing(r.Context(), r.Actor(), y.ID); err != nil {
		return nil, err
	}
	p.Files, err = w.files(r, campaign.SettlementKind, y.ID)
	p.Facts = []templates.KV{{Label: "平台", Value: x.Platform}, {Label: "结算期间", Value: beijingDay(y.From) + " 至 " + beijingDay(y.To)},
		{Label: "捐赠人次", Value: strconv.FormatInt(y.Gifts, 10)}, {Label: "捐赠总额", Value: y.Gross.Yuan() + " 元"},
		{Label: "平台费用", Value: y.Fee.Yuan() + " 元"}, {Label: "结算净额", Value: y.Net.Yuan() + " 元（" + y.Net.Upper() + "）"}}
	if y.Donation != nil {
		p.Facts = append(p.Facts, templates.KV{Label: "登记为捐赠", Value: y.DonationReference, Href: "/foundation/donations/" + string(*y.Donation)})
	}
	p.Next = settlementNext(p)
	return p, err
}

// settlementNext says who must do what now.
func settlementNext(p *settlementPage) templates.Action {
	y := p.Settlement
	switch {
	case y.Donation == nil && !p.MayChange:
		return templates.Action{Title: "等待登记", Waiting: "由项目官员或财务上传结算单并登记。"}
	case y.Donation == nil && len(p.Files) == 0:
		return templates.Action{Title: "上传平台的结算单", Text: "没有结算单不能登记。", Label: "去上传", Href: "#statement"}
	case y.Donation == nil:
		return templates.Action{Title: "登记为一笔捐赠", Text: "按净额登记；名单里申请开票的捐赠人各记一笔，其余合为一笔未具名的捐赠。登记后不能再改。", Label: "登记", Post: settlementHref(y) + "/enter"}
	case y.State == donation.Pledged:
		return templates.Action{Title: "等待确认到账", Text: "由登记人以外的财务核对银行流水后确认；导入银行流水后也可以在那里匹配。",
			Label: "去确认到账", Href: "/foundation/donations/" + string(*y.Donation)}
	}
	return templates.Action{}
}

// settlementList takes the platform's list of those who asked for a receipt.
func (w *Web) settlementList(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	var done *campaign.Listed
	err = r.Upload(func(part edge.Part) error {
		if part.FileName == "" || done != nil {
			return nil
		}
		x, err := w.Campaigns.Enlist(r.Context(), r.Actor(), at, part.FileName, part.Reader)
		done = &x
		return err
	})
	if err == nil && done == nil {
		var c fault.Check
		c.Fail("list", "请选择从平台导出的名单")
		err = c.Err()
	}
	if err != nil {
		p, perr := w.settlementPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("campaign/settlement", p, err)
	}
	say := "已读入 " + strconv.Itoa(done.Count) + " 人次，合计 " + done.Amount.Yuan() + " 元"
	if n := len(done.Bad); n > 0 {
		say += "；另有 " + strconv.Itoa(n) + " 行没有读入，原因见名单下方"
	}
	return edge.Redirect("/foundation/settlements/"+string(at)+"#listed").Flash("ok", say), nil
}

func (w *Web) settlementEnter(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	y, err := w.Campaigns.Enter(r.Context(), r.Actor(), at)
	if err != nil {
		p, perr := w.settlementPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("campaign/settlement", p, err)
	}
	return edge.Redirect(settlementHref(y)).Flash("ok", "已登记，等待另一位财务确认到账"), nil
}

func (w *Web) settlementDiscard(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, err := w.Campaigns.Discard(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect(campaignHref(x)).Flash("ok", "结算单已删除"), nil
}
