package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/procurement/bid"
)

// bidSealedRoutes carry ciphertext to and from the bidder's browser.
func (w *Web) bidSealedRoutes() []edge.Route {
	limit := w.Bids.Limit() + 1<<20
	return []edge.Route{
		get("/tenders/{id}/bid-form.json", "public", w.bidRules),
		get("/bids/{id}/draft", "supplier", w.bidDraft),
		{Method: "PUT", Path: "/bids/{id}/draft", Gate: "supplier", Handle: w.bidSaveDraft, Limit: bid.MaxDraft + 1<<10},
		{Method: "POST", Path: "/bids/{id}/sealed", Gate: "supplier", Handle: w.bidSealed, Limit: limit, Timeout: time.Hour},
		{Method: "POST", Path: "/bids/{id}/sealed-file", Gate: "supplier", Handle: w.bidSealedFile, Limit: limit, Timeout: time.Hour},
		get("/bids/{id}/versions/{number}/sealed", "supplier", w.bidSealedCopy),
	}
}

// bidRules is the tender's public form, for browsers and for gongji seal.
func (w *Web) bidRules(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := w.Bids.Form(r.Context(), r.Actor(), x)
	return edge.JSON(200, f), err
}

// bidDraft is the draft as ciphertext, with its revision as ETag; 204 before
// the first.
func (w *Web) bidDraft(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	if _, _, err := w.Bids.Get(r.Context(), r.Actor(), x); err != nil {
		return edge.Response{}, err
	}
	d, err := w.Bids.Draft(r.Context(), r.Actor(), x)
	if missing(err) {
		return edge.NoContent(), nil
	}
	return edge.Bytes(200, "application/octet-stream", d.Body).Header("ETag", draftTag(d)).Header("Cache-Control", "no-store"), err
}

func draftTag(d bid.Saved) string { return fmt.Sprintf(`"%d"`, d.Revision) }

// bidSaveDraft keeps the draft where nobody saved another since: If-Match names
// the revision it was made from, and without it there must be none yet.
func (w *Web) bidSaveDraft(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	base := int64(-1)
	if tag := strings.Trim(r.Header("If-Match"), `"`); tag != "" {
		if base, err = strconv.ParseInt(tag, 10, 64); err != nil {
			return edge.Response{}, fault.New(fault.Invalid, "草稿的版本不对，请刷新页面")
		}
	}
	var d bid.Saved
	err = r.Upload(func(p edge.Part) error {
		var err error
		d, err = w.Bids.SaveDraft(r.Context(), r.Actor(), x, base, p.Reader)
		return err
	})
	return edge.NoContent().Header("ETag", draftTag(d)), err
}

// bidSealed takes a bid that the browser sealed, and answers with its receipt.
func (w *Web) bidSealed(r *edge.Request) (edge.Response, error) {
	v, err := w.bidTaken(r)
	return edge.JSON(201, v), err
}

func (w *Web) bidTaken(r *edge.Request) (bid.Version, error) {
	x, err := r.ID("id")
	if err != nil {
		return bid.Version{}, err
	}
	var v bid.Version
	came := false
	err = r.Upload(func(p edge.Part) error {
		if p.FileName == "" && p.Field != "" {
			return nil
		}
		came = true
		var err error
		v, err = w.Bids.Submit(r.Context(), r.Actor(), x, p.Reader, -1)
		return err
	})
	if err == nil && !came {
		var c fault.Check
		c.Fail("file", "请选择密封好的投标文件")
		err = c.Err()
	}
	return v, err
}

// bidSealedFile takes a bid that gongji seal sealed, from a form; it works
// without scripts.
func (w *Web) bidSealedFile(r *edge.Request) (edge.Response, error) {
	_, err := w.bidTaken(r)
	if err != nil {
		p, perr := w.bidShowPage(r)
		if perr != nil {
			return edge.Response{}, err
		}
		return again("bid/show", p, err)
	}
	return edge.Redirect("/bids/" + r.Param("id") + "/receipt"), nil
}

// bidSealedCopy is a version as it was sent, for its bidder.
func (w *Web) bidSealedCopy(r *edge.Request) (edge.Response, error) {
	x, n, err := versionOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	v, body, size, err := w.Bids.Sealed(r.Context(), r.Actor(), x, n)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(bid.SealedName(v), "application/octet-stream", size, body, false), nil
}
