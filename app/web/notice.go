package web

import (
	"gongji/app/edge"
	"gongji/app/party/inbox"
	"gongji/app/party/notice"
	"gongji/templates"
)

func (w *Web) noticeRoutes() []edge.Route {
	return quiet([]edge.Route{
		get("/account/notices", "account", w.noticeShow),
		post("/account/notices", "account", w.noticeChoose),
		post("/account/notices/address", "account", w.noticeAddress),
		post("/account/notices/confirm", "account", w.noticeConfirm),
	})
}

// noticeRow is a kind of message with how it comes.
type noticeRow struct {
	notice.Choice
	Name string
	Mine bool // it may be switched off in the app
}

// noticePage is inbox/notices.html.
type noticePage struct {
	templates.Chrome
	Settings notice.Settings
	Rows     []noticeRow
	Address  string
	Code     string
	Ways     []templates.Option
}

func (w *Web) noticePage(r *edge.Request) (*noticePage, error) {
	s, err := w.Notices.Of(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	p := &noticePage{Settings: s, Address: s.Address, Ways: []templates.Option{{Value: string(notice.None), Label: "不发邮件"}, {Value: string(notice.Now), Label: "马上发邮件"}, {Value: string(notice.Daily), Label: "每天汇总一封"}}}
	p.Title = "怎样接收消息"
	p.Breadcrumbs = []templates.Crumb{{Label: "消息", Href: "/inbox"}, {Label: p.Title}}
	for _, c := range s.Choices {
		p.Rows = append(p.Rows, noticeRow{c, c.Kind.Name(), !c.Legal()})
	}
	return p, nil
}

func (w *Web) noticeShow(r *edge.Request) (edge.Response, error) {
	p, err := w.noticePage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "inbox/notices", p), nil
}

func (w *Web) noticeBack(r *edge.Request, done string, fix func(*noticePage), err error) (edge.Response, error) {
	if err != nil {
		p, perr := w.noticePage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		fix(p)
		return again("inbox/notices", p, err)
	}
	return edge.Redirect("/account/notices").Flash("ok", done), nil
}

func (w *Web) noticeChoose(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	var list []notice.Choice
	for _, k := range inbox.Kinds() {
		c := notice.Choice{Kind: k, Mail: notice.Mail(f.Get("mail." + string(k)))}
		c.App = c.Legal() || f.Get("app."+string(k)) == "yes"
		list = append(list, c)
	}
	_, err = w.Notices.Choose(r.Context(), r.Actor(), list)
	return w.noticeBack(r, "已保存", func(*noticePage) {}, err)
}

func (w *Web) noticeAddress(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	to, done := f.Get("address"), "验证码已发送，30 分钟内填写"
	if f.Get("decision") == "remove" {
		to, done = "", "邮箱已删除，不再发邮件"
	}
	err = w.Notices.SetAddress(r.Context(), r.Actor(), to)
	return w.noticeBack(r, done, func(p *noticePage) { p.Address = to }, err)
}

func (w *Web) noticeConfirm(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	err = w.Notices.Confirm(r.Context(), r.Actor(), f.Get("code"))
	return w.noticeBack(r, "邮箱已验证", func(p *noticePage) { p.Code = f.Get("code") }, err)
}
