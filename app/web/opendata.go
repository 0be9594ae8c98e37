package web

import (
	"gongji/app/disclosure/giving"
	"gongji/app/disclosure/ocds"
	"gongji/app/edge"
	"gongji/templates"
)

func (w *Web) openDataRoutes() []edge.Route {
	return []edge.Route{get(ocds.PolicyPath, "public", w.openData)}
}

// openDataLatest is how many releases the page shows.
const openDataLatest = 20

// openDataPage is home/opendata.html.
type openDataPage struct {
	templates.Chrome
	Prefix     string
	Registered bool
	Facts      []templates.KV
	Latest     []ocds.Entry
	Releases   string
	Records    string
	Grants     []templates.KV
	GrantsOpen bool // there is a grant to be read
	GrantsHave bool // the ids have a registered prefix
}

func (w *Web) openData(r *edge.Request) (edge.Response, error) {
	p := &openDataPage{Prefix: w.OpenData.Prefix, Registered: w.OpenData.Registered(),
		Releases: ocds.ReleasesPath, Records: ocds.RecordsPath}
	p.Title, p.Description = "开放数据", "采购全过程的开放数据，国际通用的 OCDS 1.1 格式"
	p.Facts = []templates.KV{{Label: "发布（逐件事）", Value: p.Releases, Href: p.Releases}, {Label: "记录（逐个项目，已合并）", Value: p.Records, Href: p.Records},
		{Label: "格式", Value: "OCDS 1.1，JSON；金额为人民币元，精确到分；单位以统一社会信用代码（CN-USCI）标识"}, {Label: "发布者", Value: w.OpenData.Publisher}}
	p.Grants = []templates.KV{{Label: "全部公开资助", Value: giving.Path, Href: giving.Path}, {Label: "前缀", Value: w.OpenGrants.Prefix},
		{Label: "格式", Value: "360Giving 1.4，JSON；金额为人民币元，精确到分；单位以统一社会信用代码（CN-USCI）标识；没有个人"}}
	p.GrantsHave = w.OpenGrants.Registered()
	var err error
	if p.GrantsOpen, err = w.OpenGrants.Any(r.Context()); err != nil {
		return edge.Response{}, err
	}
	p.Latest, err = w.OpenData.Latest(r.Context(), openDataLatest)
	return edge.HTML(200, "home/opendata", p), err
}
