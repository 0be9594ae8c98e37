package api

import (
	"gongji/app/edge"
	"gongji/app/party/notice"
)

func (a *API) noticeRoutes() []edge.Route {
	const tag = "消息"
	return []edge.Route{
		get("/account/notices", "account", a.noticeShow, edge.Doc{Summary: "我怎样接收消息", Tag: tag, Out: notice.Settings{}}),
		put("/account/notices", "account", a.noticeChoose, edge.Doc{Summary: "选择怎样接收各类消息；有法律效力的站内不能关闭", Tag: tag, In: noticeChoices{}, Out: notice.Settings{}}),
		put("/account/notices/address", "account", a.noticeAddress, edge.Doc{Summary: "填写邮箱，验证码发到那里；空则删除", Tag: tag, In: noticeAddress{}, Status: 204}),
		post("/account/notices/confirm", "account", a.noticeConfirm, edge.Doc{Summary: "填写验证码", Tag: tag, In: noticeCode{}, Status: 204}),
	}
}

type noticeChoices struct {
	Choices []notice.Choice `json:"choices"`
}

type noticeAddress struct {
	Address string `json:"address"`
}

type noticeCode struct {
	Code string `json:"code"`
}

func (a *API) noticeShow(r *edge.Request) (edge.Response, error) {
	s, err := a.Notices.Of(r.Context(), r.Actor())
	return answer(200, s, err)
}

func (a *API) noticeChoose(r *edge.Request) (edge.Response, error) {
	var in noticeChoices
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	s, err := a.Notices.Choose(r.Context(), r.Actor(), in.Choices)
	return answer(200, s, err)
}

func (a *API) noticeAddress(r *edge.Request) (edge.Response, error) {
	var in noticeAddress
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), a.Notices.SetAddress(r.Context(), r.Actor(), in.Address)
}

func (a *API) noticeConfirm(r *edge.Request) (edge.Response, error) {
	var in noticeCode
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), a.Notices.Confirm(r.Context(), r.Actor(), in.Code)
}
