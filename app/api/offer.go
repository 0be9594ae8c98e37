package api

import (
	"encoding/base64"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/offer"
)

func (a *API) offerRoutes() []edge.Route {
	const tag = "最后报价"
	out := []edge.Route{
		get("/tenders/{id}/last-offer", "account", act(a.Offers.View, plainly[offer.View]), edge.Doc{Summary: "最后报价的进展、本人能做什么；开启前看不到任何人的报价，也看不到谁已提交", Tag: tag, Out: offer.View{}}),
		post("/tenders/{id}/last-offer", "panel", sent(a.offerAsk), edge.Doc{Summary: "评审小组或采购人要求最后报价", Tag: tag, In: offerAskInput{}, Out: offer.Round{}, Status: 201}),
		post("/tenders/{id}/last-offer/sealed", "supplier", sent(a.offerSubmit), edge.Doc{Summary: "提交加密的最后报价；截止前再次提交的替换前一次，返回回执", Tag: tag, In: offerInput{}, Out: offer.Offer{}, Status: 201}),
		post("/tenders/{id}/last-offer/quit", "supplier", sent(a.offerQuit), edge.Doc{Summary: "提交最后报价之前退出", Tag: tag, In: offerQuitInput{}, Out: offer.View{}}),
		post("/tenders/{id}/last-offer/share", "account", sent(a.offerShare), edge.Doc{Summary: "截止后，持钥人交出密钥份；只留在内存中", Tag: tag, In: shareInput{}, Out: offer.View{}}),
		post("/tenders/{id}/last-offer/open", "panel", act(a.Offers.Open, plainly[offer.Round]), edge.Doc{Summary: "开启最后报价；不足法定家数的依法终止，不需要密钥", Tag: tag, Out: offer.Round{}}),
	}
	for i := range out {
		out[i] = quiet(out[i])
	}
	return out
}

type offerAskInput struct {
	Minutes int `json:"minutes" description:"提交最后报价的时间，不少于 30 分钟"`
}

type offerInput struct {
	Sealed string `json:"sealed" description:"age 文件的 Base64：内容为 gongji-last-offer-1 的 JSON 加空格到 4096 字节"`
}

type offerQuitInput struct {
	Why string `json:"why,omitempty"`
}

func (a *API) offerAsk(r *edge.Request, t id.ID, in offerAskInput) (edge.Response, error) {
	o, err := a.Offers.Ask(r.Context(), r.Actor(), t, in.Minutes)
	return answer(201, o, err)
}

func (a *API) offerSubmit(r *edge.Request, t id.ID, in offerInput) (edge.Response, error) {
	b, err := base64.StdEncoding.DecodeString(in.Sealed)
	if err != nil {
		var c fault.Check
		c.Fail("sealed", "不是有效的 Base64")
		return edge.Response{}, c.Err()
	}
	o, err := a.Offers.Submit(r.Context(), r.Actor(), t, b)
	return answer(201, o, err)
}

func (a *API) offerView(r *edge.Request, t id.ID, err error) (edge.Response, error) {
	if err != nil {
		return edge.Response{}, err
	}
	v, err := a.Offers.View(r.Context(), r.Actor(), t)
	return answer(200, v, err)
}

func (a *API) offerQuit(r *edge.Request, t id.ID, in offerQuitInput) (edge.Response, error) {
	return a.offerView(r, t, a.Offers.Quit(r.Context(), r.Actor(), t, in.Why))
}

func (a *API) offerShare(r *edge.Request, t id.ID, in shareInput) (edge.Response, error) {
	return a.offerView(r, t, a.Offers.Give(r.Context(), r.Actor(), t, in.Share))
}
