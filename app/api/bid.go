package api

import (
	"strconv"

	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/seal"
	"gongji/app/trust/trail"
)

func (a *API) bidRoutes() []edge.Route {
	const tag = "投标"
	routes := []edge.Route{
		post("/tenders/{id}/bid", "supplier", edge.At(a.bidBegin), edge.Doc{Summary: "开始编制投标文件；已有的给出原来那份", Tag: tag, Out: bidView{}, Status: 201}),
		get("/bids", "supplier", a.bidList, edge.Doc{Summary: "本单位的投标", Tag: tag, Query: bidQuery{}, Out: Page[bid.Entry]{}}),
		get("/bids/{id}", "supplier", edge.At(a.bidShow), edge.Doc{Summary: "本单位的一份投标：版本、回执和经过", Tag: tag, Out: bidView{}}),
		get("/public/tenders/{id}/bid-form", "public", edge.At(a.bidForm), edge.Doc{Summary: "投标格式文件：项目公钥、要回答的问题、限价；gongji seal 用它离线密封", Tag: tag, Out: seal.Form{}, Public: true}),
		get("/bids/{id}/draft", "supplier", edge.At(a.bidDraft), edge.Doc{Summary: "草稿密文；ETag 为它的修订号", Tag: tag, OutKind: "application/octet-stream"}),
		a.bidUpload("PUT", "/bids/{id}/draft", bid.MaxDraft+1<<10, a.bidSaveDraft, edge.Doc{Summary: "保存草稿密文（age 文件，不超过 1 MB）；If-Match 带上所依据的修订号，同事改过则 409", Tag: tag, Out: bid.Saved{}}),
		a.upload("/bids/{id}/attachments", "supplier", a.attach(bid.ObjectKind, ""), edge.Doc{Summary: "上传草稿的附件，只收加密的 age 文件", Tag: tag}),
		post("/bids/{id}/attachments/{attachment}/remove", "supplier", edge.At(a.bidDetach), edge.Doc{Summary: "从草稿中移除附件；已提交的版本不受影响", Tag: tag, Out: attachment.Attachment{}}),
		a.bidUpload("POST", "/bids/{id}/sealed", a.Bids.Limit()+1<<20, a.bidSubmit, edge.Doc{Summary: "提交或替换投标：密封好的文件，未加密的不收；同一文件重复提交得到同一版", Tag: tag, Out: bid.Version{}, Status: 201}),
		post("/bids/{id}/withdraw", "supplier", sent(a.bidWithdraw), edge.Doc{Summary: "截止前撤回投标", Tag: tag, In: bidReason{}, Out: bidView{}}),
		get("/bids/{id}/versions/{number}", "account", a.bidRead, edge.Doc{Summary: "开启后的投标内容；0 为被开启的一版。开标前没有人读得到", Tag: tag, Out: bidVersion{}}),
		get("/bids/{id}/versions/{number}/sealed", "supplier", a.bidSealed, edge.Doc{Summary: "本单位提交的密封文件原样；0 为最后一版", Tag: tag, OutKind: "application/octet-stream"}),
		get("/bids/{id}/versions/{number}/files/{file}", "account", a.bidFile, edge.Doc{Summary: "一版投标文件中的附件", Tag: tag}),
		get("/bids/{id}/result", "supplier", edge.At(a.bidResult), edge.Doc{Summary: "本单位的得分、排名和理由，结果公布后可查", Tag: tag, Out: award.Own{}}),
	}
	for i := range routes {
		routes[i].Quiet = true // what is done with bids shows in no log and no figure
	}
	return routes
}

type bidQuery struct {
	Q     string `query:"q" description:"项目、编号或采购人"`
	State string `query:"state" enum:"draft,submitted,withdrawn"`
	After string `query:"after"`
}

type bidReason struct {
	Reason string `json:"reason,omitempty" description:"选填，只有本单位能看到"`
}

// bidView is a bid as its bidder sees it.
type bidView struct {
	bid.Bid
	Draft    *bid.Saved              `json:"draft,omitempty"` // nil before it was first saved
	Files    []attachment.Attachment `json:"files" description:"草稿的附件，都是密文"`
	Versions []bid.Version           `json:"versions"`
	Current  int                     `json:"documents_in_force" description:"现行采购文件的版本；大于所提交版本的 documents 时，请核对后重新提交"`
	Timeline []trail.Event           `json:"timeline"`
}

// bidVersion is one version, opened.
type bidVersion struct {
	bid.Version
	Content bid.Content `json:"content"`
}

func (a *API) bidAnswer(r *edge.Request, status int, x id.ID) (edge.Response, error) {
	ctx, who := r.Context(), r.Actor()
	b, t, err := a.Bids.Get(ctx, who, x)
	if err != nil {
		return edge.Response{}, err
	}
	v := bidView{Bid: b, Current: t.Documents}
	d, err := a.Bids.Draft(ctx, who, x)
	if err == nil {
		v.Draft = &d
	} else if !fault.Is(err, fault.NotFound) {
		return edge.Response{}, err
	}
	if v.Files, err = a.Attachments.For(ctx, who, bid.ObjectKind, x); err != nil {
		return edge.Response{}, err
	}
	if v.Files == nil {
		v.Files = []attachment.Attachment{}
	}
	if v.Versions, err = a.Bids.Versions(ctx, who, x); err != nil {
		return edge.Response{}, err
	}
	v.Timeline, err = a.Bids.Timeline(ctx, who, x)
	return answer(status, v, err)
}

func (a *API) bidBegin(r *edge.Request, t id.ID) (edge.Response, error) {
	b, err := a.Bids.Begin(r.Context(), r.Actor(), t)
	if err != nil {
		return edge.Response{}, err
	}
	return a.bidAnswer(r, 201, b.ID)
}

func (a *API) bidList(r *edge.Request) (edge.Response, error) {
	list, err := a.Bids.List(r.Context(), r.Actor(), bid.Filter{Text: r.Query("q"), State: bid.State(r.Query("state")), After: id.ID(r.Query("after")), Limit: perPage})
	return answer(200, paged(list, perPage, func(x bid.Entry) string { return string(x.Bid) }), err)
}

func (a *API) bidShow(r *edge.Request, x id.ID) (edge.Response, error) {
	return a.bidAnswer(r, 200, x)
}

func (a *API) bidDetach(r *edge.Request, x id.ID) (edge.Response, error) {
	f, err := r.ID("attachment")
	if err != nil {
		return edge.Response{}, err
	}
	if err := a.Bids.May(r.Context(), r.Actor(), x, "attach"); err != nil {
		return edge.Response{}, err
	}
	out, err := a.Attachments.Remove(r.Context(), r.Actor(), f)
	return answer(200, out, err)
}

func (a *API) bidWithdraw(r *edge.Request, x id.ID, in bidReason) (edge.Response, error) {
	if err := a.Bids.Withdraw(r.Context(), r.Actor(), x, in.Reason); err != nil {
		return edge.Response{}, err
	}
	return a.bidAnswer(r, 200, x)
}

func versionOf(r *edge.Request) (id.ID, int, error) {
	x, err := r.ID("id")
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.Atoi(r.Param("number"))
	if err != nil || n < 0 {
		return "", 0, fault.New(fault.NotFound, "没有找到这个投标版本")
	}
	return x, n, nil
}

func (a *API) bidRead(r *edge.Request) (edge.Response, error) {
	x, n, err := versionOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	v, c, err := a.Bids.Content(r.Context(), r.Actor(), x, n)
	return answer(200, bidVersion{v, c}, err)
}

func (a *API) bidFile(r *edge.Request) (edge.Response, error) {
	x, n, err := versionOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	file, err := r.ID("file")
	if err != nil {
		return edge.Response{}, err
	}
	f, body, err := a.Bids.OpenFile(r.Context(), r.Actor(), x, n, file)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(f.Name, f.MediaType, f.Size, body, false), nil
}

func (a *API) bidResult(r *edge.Request, x id.ID) (edge.Response, error) {
	b, _, err := a.Bids.Get(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	own, err := a.Awards.Mine(r.Context(), r.Actor(), b.Tender)
	return answer(200, own, err)
}
