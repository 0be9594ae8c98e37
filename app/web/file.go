package web

import (
	"errors"
	"time"

	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
)

// fileRoutes leaves uploads out of the log and the metrics: how many files
// arrive before a deadline would tell how many bids there are.
func (w *Web) fileRoutes() []edge.Route {
	return []edge.Route{
		{Method: "GET", Path: "/attachments/{id}", Gate: "public", Handle: w.attachmentDownload, Quiet: true}, // a sealed draft's too
		{Method: "POST", Path: "/attachments/{kind}/{owner}", Gate: "account", Handle: w.attachmentAdd,
			Limit: attachment.Limit + 1<<20, Timeout: 15 * time.Minute, Quiet: true},
		{Method: "POST", Path: "/attachments/{id}/remove", Gate: "account", Handle: w.attachmentRemove, Quiet: true},
		// A receipt that is fetched before the deadline tells of a bid.
		{Method: "GET", Path: "/documents/{id}", Gate: "public", Handle: w.documentDownload, Quiet: true},
		{Method: "GET", Path: "/documents/{id}/signed.json", Gate: "public", Handle: w.documentSigned, Quiet: true},
		get("/.well-known/gongji-key", "public", w.signingKey),
	}
}

func (w *Web) attachmentDownload(r *edge.Request) (edge.Response, error) {
	a, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, body, err := w.Attachments.Open(r.Context(), r.Actor(), a)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(x.Name, x.MediaType, x.Size, body, true), nil
}

// attachmentAdd takes the files of one upload form, one after another as they
// arrive. Scripts send one file and read JSON; a plain form comes back to the
// page it names.
func (w *Web) attachmentAdd(r *edge.Request) (edge.Response, error) {
	owner, err := r.ID("owner")
	if err != nil {
		return edge.Response{}, err
	}
	var slot, back string
	var added []attachment.Attachment
	err = r.Upload(func(p edge.Part) error {
		switch {
		case p.FileName != "":
			a, err := w.Attachments.Add(r.Context(), r.Actor(), r.Param("kind"), owner, slot, p.FileName, p.Reader)
			added = append(added, a)
			return err
		case p.Field == "slot":
			slot, err = p.Text()
		case p.Field == "back":
			back, err = p.Text()
		}
		return err
	})
	if err == nil && len(added) == 0 {
		err = fault.New(fault.Invalid, "没有收到文件，请重新选择")
	}
	var f *fault.Fault
	if edge.LocalPath(back) && errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge) {
		return edge.Redirect(back).Flash("danger", "文件没有上传："+complaint(f)), nil
	}
	if err != nil {
		return edge.Response{}, err
	}
	if edge.LocalPath(back) {
		return edge.Redirect(back).Flash("ok", "附件已上传"), nil
	}
	return edge.JSON(201, added[0]), nil
}

// complaint is what a fault says where there is no field to say it at.
func complaint(f *fault.Fault) string {
	if len(f.Fields) > 0 {
		return f.Fields[0].Message
	}
	return f.Message
}

func (w *Web) attachmentRemove(r *edge.Request) (edge.Response, error) {
	a, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if _, err := w.Attachments.Remove(r.Context(), r.Actor(), a); err != nil {
		return edge.Response{}, err
	}
	if back := f.Get("back"); edge.LocalPath(back) {
		return edge.Redirect(back).Flash("ok", "附件已移除"), nil
	}
	return edge.NoContent(), nil
}

func (w *Web) documentDownload(r *edge.Request) (edge.Response, error) {
	d, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	x, body, err := w.Archive.Download(r.Context(), r.Actor(), d)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(x.FileName(), "application/pdf", x.Size, body, true), nil
}

// documentSigned is what the platform signs of a document, for gongji verify.
func (w *Web) documentSigned(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	d, b, err := w.Archive.Signed(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File(d.SignedName(), "application/json", b, false), nil
}

// signingKey is the public half of the platform's signing key.
func (w *Web) signingKey(*edge.Request) (edge.Response, error) {
	return edge.Text(200, w.Archive.PublicKey()+"\n"), nil
}
