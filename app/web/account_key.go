package web

import (
	"gongji/app/edge"
	"gongji/app/party/keyring"
	"gongji/app/procurement/tenderkey"
	"gongji/templates"
)

func (w *Web) keyRoutes() []edge.Route {
	return []edge.Route{
		get("/account/key", "account", w.keyShow),
		post("/account/key", "account", w.keyPut),
		get("/account/key/{id}/file", "account", w.keyFile),
		get("/keys", "account", w.keyTasks),
		get("/tenders/{id}/keys", "account", w.keysShow),
		post("/tenders/{id}/keys", "buyer", w.keysName),
		post("/tenders/{id}/keys/generate", "buyer", w.keysGenerate),
		post("/tenders/{id}/keys/rehearse", "account", w.keysRehearse),
		post("/tenders/{id}/keys/handover", "buyer", w.keysHandOver),
		post("/tenders/{id}/keys/handover/cancel", "buyer", w.keysCancel),
		post("/tenders/{id}/keys/deal", "account", w.keysDeal),
		post("/tenders/{id}/keys/combine", "account", w.keysCombine),
	}
}

// keyPage is account/key.html.
type keyPage struct {
	templates.Chrome
	Key   *keyring.Key // nil: none yet
	Old   []keyring.Key
	Tasks []tenderkey.Task // what the key is needed for
	Next  string           // where to go on once there is a key
}

func (w *Web) keyPage(r *edge.Request) (*keyPage, error) {
	p := &keyPage{Next: next(r.Query("next"))}
	p.Title = "我的密钥"
	p.Breadcrumbs = []templates.Crumb{{Label: "账号与安全", Href: "/account"}, {Label: p.Title}}
	list, err := w.Keys.History(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	for i, k := range list {
		if k.Current() {
			p.Key = &list[i]
		} else {
			p.Old = append(p.Old, k)
		}
	}
	p.Tasks, err = w.TenderKeys.Tasks(r.Context(), r.Actor())
	return p, err
}

// next is a local address to go on to, "" for any other.
func next(s string) string {
	if !edge.LocalPath(s) {
		return ""
	}
	return s
}

func (w *Web) keyShow(r *edge.Request) (edge.Response, error) {
	p, err := w.keyPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "account/key", p), nil
}

func (w *Web) keyPut(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Keys.Put(r.Context(), r.Actor(), f.Get("recipient"), f.Get("file")); err != nil {
		p, perr := w.keyPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		return again("account/key", p, err)
	}
	to := "/account/key"
	if at := next(f.Get("next")); at != "" {
		to = at
	}
	return edge.Redirect(to).Flash("ok", "密钥已保存。请现在就下载备份，并记牢口令：平台不知道口令，也找不回来"), nil
}

// keyFile is the backup of one's own key: still locked by the passphrase.
func (w *Web) keyFile(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	k, err := w.Keys.One(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File("gongji-key-"+k.CreatedAt.Format("20060102")+".age", "application/octet-stream", []byte(k.File), false), nil
}

// keyTasksPage is account/keys.html.
type keyTasksPage struct {
	templates.Chrome
	Tasks   []tenderkey.Task
	Waiting int
}

func (w *Web) keyTasks(r *edge.Request) (edge.Response, error) {
	list, err := w.TenderKeys.Tasks(r.Context(), r.Actor())
	if err != nil {
		return edge.Response{}, err
	}
	p := &keyTasksPage{Tasks: list, Waiting: waiting(list)}
	p.Title = "我保管的投标密钥"
	return edge.HTML(200, "account/keys", p), nil
}

func waiting(list []tenderkey.Task) int {
	n := 0
	for _, x := range list {
		if x.Next != "" {
			n++
		}
	}
	return n
}

// keyDesk is what waits for somebody who holds keys.
func (w *Web) keyDesk(r *edge.Request) ([]DeskCard, error) {
	list, err := w.TenderKeys.Tasks(r.Context(), r.Actor())
	if err != nil || len(list) == 0 {
		return nil, err
	}
	c := DeskCard{Title: "我保管的投标密钥", Href: "/keys", Icon: "key", Count: waiting(list), Text: "都已演练"}
	if c.Count > 0 {
		c.Title, c.Text = "等您演练密钥", "演练、生成个人密钥或移交，打开看看要做什么"
	}
	return []DeskCard{c}, nil
}
