package api

import (
	"gongji/app/edge"
)

func (a *API) fileRoutes() []edge.Route {
	return []edge.Route{
		get("/attachments/{id}", "public", a.attachmentDownload, edge.Doc{Summary: "下载附件", Tag: "文件", OutKind: "application/octet-stream"}),
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
