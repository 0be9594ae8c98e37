package web

import (
	"fmt"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/credential"
	"gongji/templates"
)

func (w *Web) credentialRoutes() []edge.Route {
	return []edge.Route{
		get("/credentials", "supplier", w.credentialList),
		post("/credentials", "supplier", w.credentialAdd),
		post("/credentials/{id}/end", "supplier", w.credentialEnd),
	}
}

// credentialRow is a certificate with its files.
type credentialRow struct {
	credential.Credential
	Files   []templates.File
	Expired bool
	Soon    string // how long it still counts, where that is not long
}

// credentialPage is credential/list.html.
type credentialPage struct {
	templates.Chrome
	Rows  []credentialRow
	Kinds []templates.Option
	Form  credential.Input
}

func (w *Web) credentialPage(r *edge.Request) (*credentialPage, error) {
	p := &credentialPage{}
	p.Title = "证书库"
	list, err := w.Credentials.Mine(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	if p.Rows, err = w.credentialRows(r, list); err != nil {
		return nil, err
	}
	for _, k := range credential.Kinds() {
		p.Kinds = append(p.Kinds, templates.Option{Value: string(k), Label: k.Name()})
	}
	return p, nil
}

// papers are an organisation's certificates for the registrar.
func (w *Web) papers(r *edge.Request, org id.ID) ([]credentialRow, error) {
	list, err := w.Credentials.For(r.Context(), r.Actor(), org)
	if err != nil {
		return nil, err
	}
	return w.credentialRows(r, list)
}

func (w *Web) credentialRows(r *edge.Request, list []credential.Credential) (rows []credentialRow, err error) {
	for _, c := range list {
		row := credentialRow{Credential: c, Expired: !c.Valid(r.Now())}
		if left, ends := c.Left(r.Now()); ends && left >= 0 && left <= 90 {
			row.Soon = fmt.Sprintf("还有 %d 天到期", left)
		}
		if row.Files, err = w.files(r, credential.ObjectKind, c.ID); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (w *Web) credentialList(r *edge.Request) (edge.Response, error) {
	p, err := w.credentialPage(r)
	return edge.HTML(200, "credential/list", p), err
}

func (w *Web) credentialAdd(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := credential.Input{Kind: credential.Kind(f.Get("kind")), Number: f.Get("number"), Issuer: f.Get("issuer"), IssuedOn: f.Get("issued_on"), ValidUntil: f.Get("valid_until")}
	if _, err := w.Credentials.Add(r.Context(), r.Actor(), in); err != nil {
		p, perr := w.credentialPage(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Form = in
		return again("credential/list", p, err)
	}
	return edge.Redirect("/credentials").Flash("ok", "证书已登记，请上传扫描件"), nil
}

func (w *Web) credentialEnd(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err == nil {
		err = w.Credentials.End(r.Context(), r.Actor(), at)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/credentials").Flash("ok", "证书已移出"), nil
}
