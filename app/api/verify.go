package api

import (
	"time"

	"gongji/app/archive"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/trust/signature"
)

func (a *API) verifyRoutes() []edge.Route {
	const tag = "文书"
	routes := []edge.Route{
		get("/public/verify/{code}", "public", a.verify, edge.Doc{Summary: "凭核验码查验文书", Tag: tag, Out: verified{}, Public: true}),
		get("/documents/{id}", "public", edge.At(a.documentDownload), edge.Doc{Summary: "下载文书 PDF（公开的，或与您有关的）", Tag: tag, OutKind: "application/pdf", Public: true}),
		get("/documents/{id}/signed", "public", edge.At(a.documentSigned), edge.Doc{Summary: "下载文书的平台签名（JSON），用 gongji verify 离线核对；公钥在 /.well-known/gongji-key", Tag: tag, Out: signature.Signed{}, Public: true}),
	}
	for i := range routes {
		routes[i].Quiet = true // a receipt that is fetched before the deadline tells of a bid
	}
	return routes
}

// verified is a document as anyone with its code may see it: no ids of what
// it belongs to.
type verified struct {
	State    archive.State  `json:"state" description:"issued 正在生成，ready 有效，void 已作废"`
	Valid    bool           `json:"valid"`
	Kind     string         `json:"kind"`
	Title    string         `json:"title"`
	Number   string         `json:"number,omitempty"`
	Issuer   string         `json:"issuer"`
	Code     string         `json:"code"`
	Facts    []archive.Fact `json:"facts"`
	SHA256   string         `json:"sha256,omitempty" description:"PDF 文件的校验值"`
	Content  string         `json:"content_sha256" description:"内容校验值，印在文书每页页脚；手中只有纸件时用它比对"`
	Size     int64          `json:"size,omitempty"`
	IssuedAt time.Time      `json:"issued_at"`
	VoidAt   *time.Time     `json:"void_at,omitempty"`
	VoidWhy  string         `json:"void_reason,omitempty"`
}

func (a *API) verify(r *edge.Request) (edge.Response, error) {
	d, err := a.Archive.Verify(r.Context(), r.Param("code"))
	return answer(200, verified{State: d.State, Valid: d.State != archive.Void, Kind: d.Kind, Title: d.Title, Number: d.Number, Issuer: d.Issuer,
		Code: d.Code, Facts: d.Facts, SHA256: d.SHA256, Content: d.Frozen, Size: d.Size, IssuedAt: d.IssuedAt, VoidAt: d.VoidAt, VoidWhy: d.VoidWhy}, err)
}

func (a *API) documentDownload(r *edge.Request, at id.ID) (edge.Response, error) {
	d, body, err := a.Archive.Download(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(d.FileName(), "application/pdf", d.Size, body, false), nil
}

// documentSigned answers the very bytes that were signed over; written anew
// they would not verify.
func (a *API) documentSigned(r *edge.Request, at id.ID) (edge.Response, error) {
	d, b, err := a.Archive.Signed(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File(d.SignedName(), "application/json", b, true), nil
}
