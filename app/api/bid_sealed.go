package api

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/bid"
)

// bidUpload is a route that takes ciphertext as the raw body, or as the file of
// a form.
func (a *API) bidUpload(method, path string, limit int64, take func(*edge.Request, id.ID, io.Reader) (any, error), d edge.Doc) edge.Route {
	d.Upload = true
	return edge.Route{Method: method, Path: "/api/v1" + path, Gate: "supplier", Limit: limit, Timeout: time.Hour, Doc: &d,
		Handle: edge.At(func(r *edge.Request, x id.ID) (edge.Response, error) {
			var v any
			err := r.Upload(func(p edge.Part) error {
				if p.FileName == "" && p.Field != "" {
					return nil
				}
				var err error
				v, err = take(r, x, p.Reader)
				return err
			})
			if err == nil && v == nil {
				err = fault.New(fault.Invalid, "没有收到文件，请把密封好的文件作为请求体发送，或放在 multipart 的 file 部分")
			}
			return answer(max(d.Status, http.StatusOK), v, err)
		})}
}

func (a *API) bidForm(r *edge.Request, t id.ID) (edge.Response, error) {
	f, err := a.Bids.Form(r.Context(), r.Actor(), t)
	return answer(200, f, err)
}

func (a *API) bidDraft(r *edge.Request, x id.ID) (edge.Response, error) {
	d, err := a.Bids.Draft(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Bytes(200, "application/octet-stream", d.Body).Header("ETag", fmt.Sprintf(`"%d"`, d.Revision)).Header("Cache-Control", "no-store"), nil
}

func (a *API) bidSaveDraft(r *edge.Request, x id.ID, body io.Reader) (any, error) {
	var base int64
	if tag := strings.Trim(r.Header("If-Match"), `"`); tag != "" {
		var err error
		if base, err = strconv.ParseInt(tag, 10, 64); err != nil {
			return nil, fault.New(fault.Invalid, "If-Match 应为读取草稿时的 ETag")
		}
	}
	return a.Bids.SaveDraft(r.Context(), r.Actor(), x, base, body)
}

func (a *API) bidSubmit(r *edge.Request, x id.ID, body io.Reader) (any, error) {
	return a.Bids.Submit(r.Context(), r.Actor(), x, body, -1)
}

func (a *API) bidSealed(r *edge.Request) (edge.Response, error) {
	x, n, err := versionOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	v, body, size, err := a.Bids.Sealed(r.Context(), r.Actor(), x, n)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(bid.SealedName(v), "application/octet-stream", size, body, false), nil
}
