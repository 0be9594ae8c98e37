package api

import (
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/foundation/campaign"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
)

func (a *API) campaignRoutes() []edge.Route {
	const tag = "公开募捐"
	list := post("/settlements/{id}/list", "foundation", edge.At(a.settlementEnlist), edge.Doc{Summary: "读入平台名单（CSV 或 XLSX）：申请开票的捐赠人，各记一笔捐赠；坏行报告，好行保留", Tag: tag, Upload: true, Out: campaign.Listed{}})
	list.Limit = campaign.ListBytes + 1<<20
	return []edge.Route{
		list,
		get("/settlements/{id}/list", "foundation", edge.At(a.settlementListing), edge.Doc{Summary: "名单读入了多少、哪些行没有读入", Tag: tag, Out: campaign.Listed{}}),
		get("/public/campaigns", "public", a.campaignPublic, edge.Doc{Summary: "在指定平台上的公开募捐；本平台不收捐款（慈善法第27条）", Tag: tag, Query: campaignQuery{}, Out: Page[campaign.Campaign]{}, Public: true}),
		get("/public/campaigns/{id}", "public", act(a.Campaigns.Get, a.campaignAnswer), edge.Doc{Summary: "一项募捐：备案编号、平台地址、已到账的结算", Tag: tag, Out: campaignView{}, Public: true}),
		get("/campaigns", "foundation", a.campaignOwn, edge.Doc{Summary: "本会的公开募捐", Tag: tag, Query: campaignQuery{}, Out: Page[campaign.Campaign]{}}),
		post("/campaigns", "foundation", a.campaignCreate, edge.Doc{Summary: "登记募捐草稿", Tag: tag, In: campaign.Form{}, Out: campaignView{}, Status: 201}),
		get("/campaigns/{id}", "account", act(a.Campaigns.Get, a.campaignAnswer), edge.Doc{Summary: "一项募捐", Tag: tag, Out: campaignView{}}),
		put("/campaigns/{id}", "foundation", sent(a.campaignSave), edge.Doc{Summary: "修改草稿，整份替换", Tag: tag, In: campaignInput{}, Out: campaignView{}}),
		a.upload("/campaigns/{id}/attachments", "foundation", a.attach(campaign.ObjectKind, "paper"), edge.Doc{Summary: "上传资格证书或备案证明（随募捐公开）", Tag: tag}),
		post("/campaigns/{id}/submit", "foundation", act(a.Campaigns.Submit, a.campaignAnswer), edge.Doc{Summary: "提交审批", Tag: tag, Out: campaignView{}}),
		post("/campaigns/{id}/approve", "foundation", act(a.Campaigns.Approve, a.campaignAnswer), edge.Doc{Summary: "批准公开", Tag: tag, Out: campaignView{}}),
		post("/campaigns/{id}/return", "foundation", because(a.Campaigns.Return, a.campaignAnswer), edge.Doc{Summary: "退回修改", Tag: tag, In: reason{}, Out: campaignView{}}),
		post("/campaigns/{id}/end", "foundation", because(a.Campaigns.End, a.campaignAnswer), edge.Doc{Summary: "结束募捐，说明公开", Tag: tag, In: reason{}, Out: campaignView{}}),
		get("/campaigns/{id}/settlements", "foundation", edge.At(a.settlementList), edge.Doc{Summary: "平台结算单，新的在前", Tag: tag, Out: []campaign.Settlement{}}),
		post("/campaigns/{id}/settlements", "foundation", sent(a.settlementCreate), edge.Doc{Summary: "登记平台结算单，不含捐赠人姓名", Tag: tag, In: campaign.SettlementForm{}, Out: campaign.Settlement{}, Status: 201}),
		get("/settlements/{id}", "foundation", edge.At(a.settlementShow), edge.Doc{Summary: "一张结算单", Tag: tag, Out: settlementView{}}),
		a.upload("/settlements/{id}/attachments", "foundation", a.attach(campaign.SettlementKind, "statement"), edge.Doc{Summary: "上传平台出具的结算单（不公开）", Tag: tag}),
		post("/settlements/{id}/enter", "foundation", edge.At(a.settlementEnter), edge.Doc{Summary: "登记为一笔捐赠；由另一位财务确认到账（/donations/{id}/confirm）或与银行流水匹配", Tag: tag, Out: campaign.Settlement{}}),
		post("/settlements/{id}/discard", "foundation", act(a.Campaigns.Discard, a.campaignAnswer), edge.Doc{Summary: "删除还没有登记的结算单", Tag: tag, Out: campaignView{}}),
	}
}

type campaignQuery struct {
	Text  string `query:"q" description:"活动、基金会、平台或备案编号中的字"`
	State string `query:"state" enum:"draft,review,running,ended"`
	Fund  string `query:"fund"`
	After string `query:"after"`
}

// campaignInput replaces a draft; version 0 replaces whatever is there.
type campaignInput struct {
	campaign.Form
	Version int64 `json:"version,omitempty" description:"读到的版本；0 或不填则不检查"`
}

type campaignView struct {
	campaign.Campaign
	Total    campaign.Total          `json:"total"`
	Arrived  []campaign.Arrived      `json:"arrived" description:"已到账的结算，不含捐赠人姓名"`
	Files    []attachment.Attachment `json:"attachments"`
	Missing  []fault.Field           `json:"missing,omitempty" description:"提交前还要补全的"`
	Timeline []trail.Event           `json:"timeline"`
}

type settlementView struct {
	campaign.Settlement
	Files []attachment.Attachment `json:"attachments"`
}

func (a *API) campaignAnswer(r *edge.Request, status int, x campaign.Campaign, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	ctx, v := r.Context(), campaignView{Campaign: x}
	for _, step := range []func() error{
		func() (err error) { v.Total, err = a.Campaigns.Total(ctx, x.ID); return },
		func() (err error) { v.Arrived, err = a.Campaigns.Arrived(ctx, x.ID); return },
		func() (err error) {
			v.Files, err = a.Attachments.For(ctx, r.Actor(), campaign.ObjectKind, x.ID)
			return
		},
		func() (err error) { v.Timeline, err = a.Campaigns.Timeline(ctx, r.Actor(), x.ID); return },
		func() (err error) {
			if x.State == campaign.Draft {
				v.Missing, err = a.Campaigns.Missing(ctx, x)
			}
			return
		},
	} {
		if err := step(); err != nil {
			return edge.Response{}, err
		}
	}
	return edge.JSON(status, v), nil
}

func (a *API) campaignPublic(r *edge.Request) (edge.Response, error) {
	return a.campaignPage(r, party.Actor{}, "")
}

func (a *API) campaignOwn(r *edge.Request) (edge.Response, error) {
	return a.campaignPage(r, r.Actor(), r.Actor().Org)
}

func (a *API) campaignPage(r *edge.Request, who party.Actor, of id.ID) (edge.Response, error) {
	list, err := a.Campaigns.List(r.Context(), who, campaign.Filter{Foundation: of, Fund: id.ID(r.Query("fund")), State: campaign.State(r.Query("state")),
		Text: r.Query("q"), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x campaign.Campaign) string { return string(x.ID) }), err)
}

func (a *API) campaignCreate(r *edge.Request) (edge.Response, error) {
	var in campaign.Form
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	x, err := a.Campaigns.Create(r.Context(), r.Actor(), in)
	return a.campaignAnswer(r, 201, x, err)
}

func (a *API) campaignSave(r *edge.Request, at id.ID, in campaignInput) (edge.Response, error) {
	x, err := a.Campaigns.Save(r.Context(), r.Actor(), at, in.Version, in.Form)
	return a.campaignAnswer(r, 200, x, err)
}

func (a *API) settlementList(r *edge.Request, of id.ID) (edge.Response, error) {
	list, err := a.Campaigns.Settlements(r.Context(), r.Actor(), of)
	return answer(200, list, err)
}

func (a *API) settlementCreate(r *edge.Request, of id.ID, in campaign.SettlementForm) (edge.Response, error) {
	y, err := a.Campaigns.Settle(r.Context(), r.Actor(), of, in)
	return answer(201, y, err)
}

func (a *API) settlementShow(r *edge.Request, at id.ID) (edge.Response, error) {
	y, _, err := a.Campaigns.GetSettlement(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	files, err := a.Attachments.For(r.Context(), r.Actor(), campaign.SettlementKind, at)
	return answer(200, settlementView{y, files}, err)
}

func (a *API) settlementEnter(r *edge.Request, at id.ID) (edge.Response, error) {
	y, err := a.Campaigns.Enter(r.Context(), r.Actor(), at)
	return answer(200, y, err)
}

func (a *API) settlementEnlist(r *edge.Request, at id.ID) (edge.Response, error) {
	var done *campaign.Listed
	err := r.Upload(func(p edge.Part) error {
		if p.FileName == "" || done != nil {
			return nil
		}
		x, err := a.Campaigns.Enlist(r.Context(), r.Actor(), at, p.FileName, p.Reader)
		done = &x
		return err
	})
	if err == nil && done == nil {
		var c fault.Check
		c.Fail("list", "请上传一个 CSV 或 XLSX 文件，并带文件名")
		err = c.Err()
	}
	return answer(200, done, err)
}

func (a *API) settlementListing(r *edge.Request, at id.ID) (edge.Response, error) {
	out, err := a.Campaigns.Listing(r.Context(), r.Actor(), at)
	return answer(200, out, err)
}
