package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/inbox"
	"gongji/templates"
)

func (w *Web) inboxRoutes() []edge.Route {
	return quiet([]edge.Route{
		get("/inbox", "account", w.inboxList),
		get("/inbox/export.csv", "account", w.inboxExport),
		post("/inbox/read", "account", w.inboxReadAll),
		post("/inbox/{id}/open", "account", w.inboxOpen),
	})
}

// inboxPage is inbox/list.html.
type inboxPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []inbox.Message
	Unread int
	Pager  templates.Pager
}

func (w *Web) inboxList(r *edge.Request) (edge.Response, error) {
	f := inbox.Filter{Text: r.Query("q"), Unread: r.Query("unread") == "yes", After: id.ID(r.Query("after"))}
	found, err := w.Inbox.List(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	p := &inboxPage{Items: found.Items, Unread: found.Unread, Pager: templates.Pager{Total: found.Total}}
	p.Title = "消息"
	p.Filter = templates.Filter{Action: "/inbox", Query: f.Text, Placeholder: "标题或内容", Active: f.Text != "" || f.Unread, Export: "/inbox/export.csv" + query(r),
		Selects: []templates.FilterSelect{{Name: "unread", Label: "是否已读", Value: r.Query("unread"), Options: []templates.Option{{Label: "全部消息"}, {Value: "yes", Label: "只看未读"}}}}}
	if f.After != "" {
		p.Pager.Prev = r.Path() + query(r)
	}
	if found.Next != "" {
		p.Pager.Next = with(r, "after", string(found.Next))
	}
	return edge.HTML(200, "inbox/list", p), nil
}

func (w *Web) inboxExport(r *edge.Request) (edge.Response, error) {
	f := inbox.Filter{Text: r.Query("q"), Unread: r.Query("unread") == "yes", Limit: 100}
	return export("消息.csv", []string{"时间", "发给", "标题", "内容", "是否已读", "地址"}, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		found, err := w.Inbox.List(r.Context(), r.Actor(), f)
		var rows [][]string
		for _, m := range found.Items {
			to, read := "本人", "未读"
			if m.Organisation != nil {
				to = "本单位"
			}
			if m.Read {
				read = "已读"
			}
			rows = append(rows, []string{cellTime(&m.At), to, m.Title, m.Text, read, r.PublicURL() + m.Link})
		}
		return rows, found.Next, err
	})
}

// inboxOpen marks a message as read and goes where it points.
func (w *Web) inboxOpen(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err != nil {
		return edge.Response{}, err
	}
	m, err := w.Inbox.Read(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	if !edge.LocalPath(m.Link) {
		return edge.Redirect("/inbox"), nil
	}
	return edge.Redirect(m.Link), nil
}

func (w *Web) inboxReadAll(r *edge.Request) (edge.Response, error) {
	if _, err := r.Form(); err != nil {
		return edge.Response{}, err
	}
	if err := w.Inbox.ReadAll(r.Context(), r.Actor()); err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/inbox").Flash("ok", "全部标为已读"), nil
}
