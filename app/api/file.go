package api

import (
	"gongji/app/archive"
	"gongji/app/edge"
)

func (a *API) fileRoutes() []edge.Route {
	return []edge.Route{
		get("/attachments/{id}", "public", a.attachmentDownload, edge.Doc{Summary: "下载附件", Tag: "文件", OutKind: "application/octet-stream"}),
		get("/documents/{id}", "public", a.documentShow, edge.Doc{Summary: "一份文书：状态、编号、校验码、PDF 的 SHA-256", Tag: "文件", Out: archive.Document{}}),
		get("/documents/{id}/pdf", "public", a.documentDownload, edge.Doc{Summary: "下载文书的 PDF", Tag: "文件", OutKind: "application/pdf"}),
	}
}

func (a *API) attachmentDownload(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, body, err := a.Attachments.Open(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(f.Name, f.MediaType, f.Size, body, false), nil
}

func (a *API) documentShow(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	d, err := a.Archive.Get(r.Context(), r.Actor(), x)
	return answer(200, d, err)
}

func (a *API) documentDownload(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	d, body, err := a.Archive.Download(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(d.FileName(), "application/pdf", d.Size, body, false), nil
}
