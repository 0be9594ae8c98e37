package api

import (
	"strconv"

	"gongji/app/disclosure/giving"
	"gongji/app/disclosure/ocds"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

func (a *API) openDataRoutes() []edge.Route {
	const tag = "开放数据"
	return []edge.Route{
		get("/public/360giving.json", "public", a.giving360, edge.Doc{Summary: "全部公开资助，360Giving 1.4 数据包；一笔也没有时为 404", Tag: tag, Out: giving.Package{}, Public: true}),
		get("/public/ocds/releases", "public", a.ocdsReleases, edge.Doc{Summary: "OCDS 1.1 发布包，按提交次序；从 links.next 接着读，不漏不重", Tag: tag,
			Query: ocdsPage{}, Out: ocds.Package{}, Public: true}),
		get("/public/ocds/releases/{id}", "public", edge.At(a.ocdsRelease), edge.Doc{Summary: "一条 OCDS 发布", Tag: tag, Out: ocds.Package{}, Public: true}),
		get("/public/ocds/records", "public", a.ocdsRecords, edge.Doc{Summary: "OCDS 1.1 记录包：有新发布的采购项目，含合并后的 compiledRelease", Tag: tag,
			Query: ocdsPage{}, Out: ocds.Package{}, Public: true}),
		get("/public/ocds/record/{ocid}", "public", a.ocdsRecord, edge.Doc{Summary: "一个采购项目的 OCDS 记录", Tag: tag, Out: ocds.Package{}, Public: true}),
	}
}

// ocdsPage is how the feeds are read.
type ocdsPage struct {
	After string `query:"after" description:"上一页 links.next 中的位置；不填从头读起"`
	Limit int    `query:"limit" description:"每页发布数，1–200，默认 100"`
}

func ocdsLimit(r *edge.Request) (int, error) {
	s := r.Query("limit")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > ocds.Most {
		return 0, fault.New(fault.Invalid, "limit 应为 1–%d 之间的整数", ocds.Most)
	}
	return n, nil
}

// giving360 is the same for everybody until something is written.
func (a *API) giving360(r *edge.Request) (edge.Response, error) {
	p, err := a.OpenGrants.Package(r.Context())
	if err != nil {
		return edge.Response{}, err
	}
	return edge.JSON(200, p).Shared(), nil
}

func (a *API) ocdsReleases(r *edge.Request) (edge.Response, error) {
	n, err := ocdsLimit(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := a.OpenData.Releases(r.Context(), r.Query("after"), n)
	return answer(200, p, err)
}

func (a *API) ocdsRecords(r *edge.Request) (edge.Response, error) {
	n, err := ocdsLimit(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := a.OpenData.Records(r.Context(), r.Query("after"), n)
	return answer(200, p, err)
}

func (a *API) ocdsRelease(r *edge.Request, at id.ID) (edge.Response, error) {
	p, err := a.OpenData.Release(r.Context(), at)
	return answer(200, p, err)
}

func (a *API) ocdsRecord(r *edge.Request) (edge.Response, error) {
	p, err := a.OpenData.Record(r.Context(), r.Param("ocid"))
	return answer(200, p, err)
}
