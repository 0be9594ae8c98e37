package web

import (
	"strings"

	"gongji/app/archive"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/templates"
)

func (w *Web) verifyRoutes() []edge.Route {
	return []edge.Route{
		get("/verify", "public", w.verifyForm),
		get("/verify/{code}", "public", w.verify),
	}
}

// verifyPage is verify/form.html and verify/show.html.
type verifyPage struct {
	templates.Chrome
	Code  string
	Found templates.Verification
	Doc   archive.Document
}

// verifyForm asks for a code and leads to the page of that code, which is
// what the QR code on the paper opens.
func (w *Web) verifyForm(r *edge.Request) (edge.Response, error) {
	p := &verifyPage{Code: r.Query("code")}
	p.Title = "查验文书"
	if p.Code == "" {
		return edge.HTML(200, "verify/form", p), nil
	}
	d, err := w.Archive.Verify(r.Context(), p.Code)
	if err != nil {
		return unverified(p, err)
	}
	return edge.Redirect("/verify/" + d.Code), nil
}

func (w *Web) verify(r *edge.Request) (edge.Response, error) {
	p := &verifyPage{Code: r.Param("code")}
	p.Title = "查验文书"
	var err error
	if p.Doc, err = w.Archive.Verify(r.Context(), p.Code); err != nil {
		return unverified(p, err)
	}
	p.Found = verification(p.Doc)
	p.Title = "查验：" + p.Doc.Title
	p.Breadcrumbs = []templates.Crumb{{Label: "查验文书", Href: "/verify"}, {Label: p.Doc.Code}}
	return edge.HTML(200, "verify/show", p), nil
}

// unverified says what it means that no document has the code.
func unverified(p *verifyPage, err error) (edge.Response, error) {
	if !fault.Is(err, fault.NotFound) {
		return edge.Response{}, err
	}
	p.Found = templates.Verification{State: "unknown", Text: "没有与这个核验码对应的文书。请先对照文书上的核验码逐字核对；核对无误仍查不到的，这份文书不是本平台出具的，或核验码被改动过，请向出具单位核实。"}
	p.Breadcrumbs = []templates.Crumb{{Label: "查验文书", Href: "/verify"}, {Label: "查无此件"}}
	return edge.HTML(404, "verify/form", p), nil
}

func verification(d archive.Document) templates.Verification {
	v := templates.Verification{State: "valid", Title: d.Title, Code: grouped(d.Code), SHA256: d.SHA256, Printed: d.Frozen,
		Text:  "这份文书由本平台出具，目前有效。请核对下列内容与您手中的文书一致。",
		Facts: []templates.KV{{Label: "出具单位", Value: d.Issuer}}}
	if d.State == archive.Void {
		v.State, v.Text = "void", "这份文书已经作废，不能再作为凭据使用。作废原因："+d.VoidWhy
		if d.VoidAt != nil {
			v.Facts = append(v.Facts, templates.KV{Label: "作废日期", Value: beijingDay(*d.VoidAt)})
		}
	}
	if d.State == archive.Issued {
		v.Text += "文件正在生成，稍后可以比对文件。"
	}
	if d.Number != "" {
		v.Facts = append(v.Facts, templates.KV{Label: "编号", Value: d.Number, Mono: true})
	}
	dated := false
	for _, f := range d.Facts {
		dated = dated || strings.HasPrefix(f.Label, "出具")
		v.Facts = append(v.Facts, templates.KV{Label: f.Label, Value: f.Value})
	}
	if !dated {
		v.Facts = append(v.Facts, templates.KV{Label: "出具日期", Value: beijingDay(d.IssuedAt)})
	}
	return v
}

// grouped writes a code in fours, as people read it out.
func grouped(code string) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}
