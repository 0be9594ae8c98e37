package api

import (
	"net/http"
	"time"

	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

// quiet keeps a route out of the access log and the figures.
func quiet(r edge.Route) edge.Route { r.Quiet = true; return r }

func (a *API) fileRoutes() []edge.Route {
	return []edge.Route{
		quiet(get("/attachments/{id}", "public", edge.At(a.attachmentDownload), edge.Doc{Summary: "下载附件", Tag: "文件", OutKind: "application/octet-stream"})), // a sealed draft's too
	}
}

func (a *API) attachmentDownload(r *edge.Request, x id.ID) (edge.Response, error) {
	f, body, err := a.Attachments.Open(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(f.Name, f.MediaType, f.Size, body, false), nil
}

// upload is a route that takes files for what the address names.
func (a *API) upload(path, gate string, h func(*edge.Request, id.ID) (edge.Response, error), d edge.Doc) edge.Route {
	d.Upload, d.Out, d.Status = true, attachment.Attachment{}, 201
	return edge.Route{Method: http.MethodPost, Path: "/api/v1" + path, Gate: gate, Handle: edge.At(h), Doc: &d,
		Limit: attachment.Limit + 1<<20, Timeout: 15 * time.Minute}
}

// attach hangs every file that comes on an object of a kind and answers with
// the last.
func (a *API) attach(kind, slot string) func(*edge.Request, id.ID) (edge.Response, error) {
	return func(r *edge.Request, owner id.ID) (edge.Response, error) {
		var added *attachment.Attachment
		err := r.Upload(func(p edge.Part) error {
			if p.FileName == "" {
				return nil
			}
			x, err := a.Attachments.Add(r.Context(), r.Actor(), kind, owner, slot, p.FileName, p.Reader)
			added = &x
			return err
		})
		if err == nil && added == nil {
			err = fault.New(fault.Invalid, "没有收到文件，请把文件放在 multipart 的 file 部分")
		}
		return answer(http.StatusCreated, added, err)
	}
}
