package api

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/keyring"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tenderkey"
)

func (a *API) keyRoutes() []edge.Route {
	const mine, tag = "账号", "投标密钥"
	return []edge.Route{
		get("/me/key", "account", a.keyMine, edge.Doc{Summary: "我的密钥：公钥和口令加密的私钥文件", Tag: mine, Out: keyring.Key{}}),
		put("/me/key", "account", a.keyPut, edge.Doc{Summary: "保存在本机生成的密钥；公钥不变是更换口令，公钥变了是换新密钥", Tag: mine, In: keyInput{}, Out: keyring.Key{}}),
		get("/me/keys", "account", a.keyHistory, edge.Doc{Summary: "我用过的全部密钥，新的在前", Tag: mine, Out: []keyring.Key{}}),
		get("/me/colleagues", "account", a.keyColleagues, edge.Doc{Summary: "本单位有密钥的人及其公钥，投标副本加密给他们", Tag: mine, Out: []keyring.Colleague{}}),
		get("/me/holdings", "account", a.keyTasks, edge.Doc{Summary: "我保管的投标密钥和等我办的事", Tag: tag, Out: []tenderkey.Task{}}),
		get("/tenders/{id}/keys", "buyer", edge.At(a.keysShow), edge.Doc{Summary: "谁持有投标密钥，是否都已演练", Tag: tag, Out: tenderkey.View{}}),
		put("/tenders/{id}/keys", "buyer", sent(a.keysName), edge.Doc{Summary: "发布前确定持钥人", Tag: tag, In: tenderkey.Naming{}, Out: tenderkey.Key{}}),
		post("/tenders/{id}/keys/generate", "buyer", act(a.TenderKeys.Generate, shownKey), edge.Doc{Summary: "生成投标密钥并拆分给持钥人", Tag: tag, Out: tenderkey.Key{}}),
		get("/tenders/{id}/keys/mine", "account", edge.At(a.keysMine), edge.Doc{Summary: "我的密钥份（密文）", Tag: tag, Out: tenderkey.Holding{}}),
		post("/tenders/{id}/keys/rehearse", "account", sent(a.keysRehearse), edge.Doc{Summary: "演练：交出密钥份里的口令词", Tag: tag, In: wordInput{}, Out: tenderkey.Key{}}),
		post("/tenders/{id}/keys/handover", "buyer", sent(a.keysHandOver), edge.Doc{Summary: "发布后移交给新的持钥人", Tag: tag, In: tenderkey.HandoverInput{}, Out: tenderkey.Key{}}),
		post("/tenders/{id}/keys/handover/cancel", "buyer", because(a.TenderKeys.CancelHandover, shownKey), edge.Doc{Summary: "取消没有完成的移交", Tag: tag, In: reason{}, Out: tenderkey.Key{}}),
		post("/tenders/{id}/keys/deal", "account", sent(a.keysDeal), edge.Doc{Summary: "移交自己的一份：拆分后的密文", Tag: tag, In: seal.Contribution{}, Out: tenderkey.Key{}}),
		post("/tenders/{id}/keys/combine", "account", sent(a.keysCombine), edge.Doc{Summary: "接收合成后的密钥份，随后演练", Tag: tag, In: seal.SealedShare{}, Out: tenderkey.Key{}}),
	}
}

type keyInput struct {
	Recipient string `json:"recipient" description:"age1 开头的公钥"`
	File      string `json:"file" description:"口令加密的私钥，age 文本格式；没有加密的不收"`
}

type wordInput struct {
	Word string `json:"word" description:"打开密钥份后读到的口令词"`
}

func shownKey(_ *edge.Request, status int, k tenderkey.Key, err error) (edge.Response, error) {
	return answer(status, k, err)
}

func (a *API) keyMine(r *edge.Request) (edge.Response, error) {
	k, err := a.Keys.Mine(r.Context(), r.Actor())
	return answer(200, k, err)
}

func (a *API) keyPut(r *edge.Request) (edge.Response, error) {
	var in keyInput
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	k, err := a.Keys.Put(r.Context(), r.Actor(), in.Recipient, in.File)
	return answer(200, k, err)
}

func (a *API) keyHistory(r *edge.Request) (edge.Response, error) {
	list, err := a.Keys.History(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) keyColleagues(r *edge.Request) (edge.Response, error) {
	list, err := a.Keys.Colleagues(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) keyTasks(r *edge.Request) (edge.Response, error) {
	list, err := a.TenderKeys.Tasks(r.Context(), r.Actor())
	return answer(200, list, err)
}

func (a *API) keysShow(r *edge.Request, t id.ID) (edge.Response, error) {
	v, err := a.TenderKeys.Of(r.Context(), r.Actor(), t)
	return answer(200, v, err)
}

func (a *API) keysName(r *edge.Request, t id.ID, in tenderkey.Naming) (edge.Response, error) {
	k, err := a.TenderKeys.Name(r.Context(), r.Actor(), t, in)
	return answer(200, k, err)
}

func (a *API) keysMine(r *edge.Request, t id.ID) (edge.Response, error) {
	h, err := a.TenderKeys.Mine(r.Context(), r.Actor(), t)
	return answer(200, h, err)
}

func (a *API) keysRehearse(r *edge.Request, t id.ID, in wordInput) (edge.Response, error) {
	k, err := a.TenderKeys.Rehearse(r.Context(), r.Actor(), t, in.Word)
	return answer(200, k, err)
}

func (a *API) keysHandOver(r *edge.Request, t id.ID, in tenderkey.HandoverInput) (edge.Response, error) {
	k, err := a.TenderKeys.HandOver(r.Context(), r.Actor(), t, in)
	return answer(200, k, err)
}

func (a *API) keysDeal(r *edge.Request, t id.ID, in seal.Contribution) (edge.Response, error) {
	k, err := a.TenderKeys.Deal(r.Context(), r.Actor(), t, in)
	return answer(200, k, err)
}

func (a *API) keysCombine(r *edge.Request, t id.ID, in seal.SealedShare) (edge.Response, error) {
	k, err := a.TenderKeys.Combine(r.Context(), r.Actor(), t, in)
	return answer(200, k, err)
}
