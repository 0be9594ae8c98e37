package api

import (
	"strconv"
	"strings"
	"time"

	"gongji/app/kernel/money"
	"gongji/app/procurement/tender"
)

// tenderInput is a draft, or the part of one to change: what is absent stays.
type tenderInput struct {
	Version       int64   `json:"version,omitempty" description:"给出时，草稿已被别人改过则拒绝（409）"`
	Title         *string `json:"title,omitempty"`
	CatalogueCode *string `json:"catalogue_code,omitempty" description:"指导性目录编码，例如 C05010400"`
	Region        *string `json:"region,omitempty"`
	// NegativeList are the six answers to 财政部令第102号 10, in its order.
	NegativeList []bool       `json:"negative_list,omitempty" minItems:"6" maxItems:"6" description:"是否属于负面清单六项，按条文顺序；任何一项为 true 则不能采购"`
	What         *string      `json:"what,omitempty" description:"买什么"`
	FromWhom     *string      `json:"from_whom,omitempty" description:"向谁买"`
	ForWhom      *string      `json:"for_whom,omitempty" description:"为谁买"`
	Method       *string      `json:"method,omitempty" enum:"open,invited,consultation,negotiation,single,framework,calloff,emergency" description:"怎么买；各方式的情形和供应商的确定见 /public/methods"`
	Ground       *string      `json:"ground,omitempty" description:"采用该方式的情形"`
	GroundReason *string      `json:"ground_reason,omitempty"`
	Way          *string      `json:"way,omitempty" description:"供应商如何确定"`
	WayReason    *string      `json:"way_reason,omitempty"`
	Invited      *[]string    `json:"invited,omitempty" description:"供应商的统一社会信用代码"`
	Framework    *string      `json:"framework_number,omitempty" description:"第二阶段所依据的框架协议的项目编号"`
	Scoring      *string      `json:"scoring,omitempty" enum:"comprehensive,lowest"`
	FixedPrice   *bool        `json:"fixed_price,omitempty"`
	SMEReserved  *bool        `json:"sme_reserved,omitempty"`
	Small        *smallIn     `json:"small,omitempty"`
	Abnormal     *abnormalIn  `json:"abnormal,omitempty" description:"采购文件提高的异常低价审查比例，万分之一；不给则用法定比例"`
	Public       *bool        `json:"public_service,omitempty" description:"面向社会公众的公共服务：需求调查必做"`
	Survey       *surveyIn    `json:"survey,omitempty"`
	Opinion      *string      `json:"public_opinion,omitempty" description:"公共服务怎样征求社会公众意见（条例15）；调查对象里登记了服务对象的可不填"`
	Intention    *string      `json:"intention,omitempty" description:"所依据的采购意向"`
	IntentionEx  *string      `json:"intention_exempt,omitempty" description:"不公开意向的理由：不可预见、急需开展；随公告公开"`
	Requirements *[]string    `json:"requirements,omitempty" description:"实质性要求（★），不满足即无效，不打分"`
	Terms        *string      `json:"contract_terms,omitempty"`
	BidFormat    *string      `json:"bid_format,omitempty"`
	Packages     *[]packageIn `json:"packages,omitempty" description:"分包：发布后每包一个采购项目"`
	PackageLimit *string      `json:"package_limits,omitempty" description:"兼投、兼中限制"`
	Budget       *money.Fen   `json:"budget,omitempty" description:"预算，分"`
	Ceiling      *ceilingIn   `json:"ceiling,omitempty"`
	TermMonths   *int         `json:"term_months,omitempty"`
	TermStart    *string      `json:"term_start,omitempty" description:"日期 2026-07-01"`
	TermEnd      *string      `json:"term_end,omitempty"`
	TermReason   *string      `json:"term_reason,omitempty" description:"超过一年时的理由"`
	TermNote     *string      `json:"term_note,omitempty"`
	Criteria     *[]criterion `json:"criteria,omitempty"`
	DocumentsFr  *time.Time   `json:"documents_from,omitempty" description:"不给则自发布起"`
	DocumentsTo  *time.Time   `json:"documents_until,omitempty"`
	Deadline     *time.Time   `json:"deadline,omitempty"`
	OpeningPlace *string      `json:"opening_place,omitempty"`
	Contact      *string      `json:"contact,omitempty" description:"联系部门和办公电话，公开"`
}

type abnormalIn struct {
	Mean    *int64 `json:"mean,omitempty" description:"有效报价平均价的比例，万分之一，不超过 6500"`
	Second  *int64 `json:"second,omitempty" description:"次低有效报价的比例"`
	Ceiling *int64 `json:"ceiling,omitempty" description:"最高限价（没有的为预算）的比例"`
}

type ceilingIn struct {
	Kind     string     `json:"kind" enum:"total,unit"`
	Amount   money.Fen  `json:"amount" description:"总价或单价，分"`
	Unit     string     `json:"unit,omitempty" description:"单价的计价单位，例如 人次"`
	Quantity *int64     `json:"quantity,omitempty" description:"预计数量"`
	Cap      *money.Fen `json:"cap,omitempty" description:"结算上限，分"`
}

type band struct {
	Text   string `json:"text" description:"情形，例如 3–5 个"`
	Points int64  `json:"points" description:"百分之一分"`
	Least  *int64 `json:"least,omitempty" description:"百分之一分；分值为范围时的最低分，评委在 least 到 points 之间打分"`
}

// packageIn is one 包.
type packageIn struct {
	Name     string    `json:"name"`
	What     string    `json:"what"`
	Budget   money.Fen `json:"budget" description:"分"`
	Ceiling  money.Fen `json:"ceiling" description:"总价，或有 unit 时的单价，分"`
	Unit     string    `json:"unit,omitempty"`
	Quantity *int64    `json:"quantity,omitempty"`
}

// surveyIn says how 需求调查 was done.
type surveyIn struct {
	Basis string `json:"basis" enum:"conducted,within_year,feasibility,not_required" description:"conducted：另用 /survey 逐个登记调查对象"`
	Note  string `json:"note,omitempty"`
}

// smallIn is the policy for small firms, in basis points.
type smallIn struct {
	Policy     string `json:"policy" enum:"no,part,yes" description:"不预留、部分预留、整体预留"`
	Share      *int64 `json:"share,omitempty" description:"万分之一；部分预留的份额"`
	Deduction  *int64 `json:"deduction,omitempty" description:"万分之一；1000 到 2000"`
	Consortium *int64 `json:"consortium,omitempty" description:"万分之一；400 到 600"`
}

type criterion struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Weight      int64  `json:"weight" description:"百分之一分：1000 是 10 分，合计 10000"`
	Kind        string `json:"kind" enum:"price,expert"`
	Bands       []band `json:"bands,omitempty" description:"专家评分项的分值区间，至少两档，最高一档等于 weight"`
}

// patch words the input as it would be typed, so that one set of rules reads
// both.
func (in tenderInput) patch() tender.Patch {
	v := map[string]string{}
	text := func(name string, s *string) {
		if s != nil {
			v[name] = *s
		}
	}
	yes := func(name string, b *bool) {
		if b != nil {
			v[name] = map[bool]string{true: "yes", false: "no"}[*b]
		}
	}
	moment := func(name string, t *time.Time) {
		if t != nil {
			v[name] = t.Format(time.RFC3339Nano)
		}
	}
	text("title", in.Title)
	text("catalogue_code", in.CatalogueCode)
	text("region", in.Region)
	for i := range in.NegativeList[:min(len(in.NegativeList), len(tender.NegativeList))] {
		yes("negative_"+strconv.Itoa(i+1), &in.NegativeList[i])
	}
	text("what", in.What)
	text("from_whom", in.FromWhom)
	text("for_whom", in.ForWhom)
	text("method", in.Method)
	text("ground", in.Ground)
	text("ground_reason", in.GroundReason)
	text("way", in.Way)
	text("way_reason", in.WayReason)
	text("framework", in.Framework)
	if in.Invited != nil {
		v["invited"] = strings.Join(*in.Invited, "\n")
	}
	text("scoring", in.Scoring)
	yes("fixed_price", in.FixedPrice)
	yes("sme_reserved", in.SMEReserved)
	if in.Budget != nil {
		v["budget"] = in.Budget.Plain()
	}
	in.Ceiling.put(v)
	if in.TermMonths != nil {
		v["term_months"] = strconv.Itoa(*in.TermMonths)
	}
	text("term_start", in.TermStart)
	text("term_end", in.TermEnd)
	text("term_reason", in.TermReason)
	text("term_note", in.TermNote)
	moment("documents_from", in.DocumentsFr)
	moment("documents_until", in.DocumentsTo)
	moment("deadline", in.Deadline)
	text("opening_place", in.OpeningPlace)
	text("contact", in.Contact)
	in.prepared(v)
	p := tender.Patch{Values: v, Packages: in.packages()}
	if in.Criteria != nil {
		p.Criteria = []tender.CriterionForm{}
		for _, c := range *in.Criteria {
			p.Criteria = append(p.Criteria, tender.CriterionForm{Name: c.Name, Description: c.Description, Kind: c.Kind, Weight: tender.Points(c.Weight), Bands: levels(c.Bands)})
		}
	}
	return p
}

// prepared words what is decided before the documents are written.
func (in tenderInput) prepared(v map[string]string) {
	put := func(name string, s *string) {
		if s != nil {
			v[name] = *s
		}
	}
	put("public_opinion", in.Opinion)
	put("intention", in.Intention)
	put("intention_exempt", in.IntentionEx)
	put("contract_terms", in.Terms)
	put("bid_format", in.BidFormat)
	put("package_limits", in.PackageLimit)
	if in.Public != nil {
		v["public_service"] = map[bool]string{true: "yes", false: "no"}[*in.Public]
	}
	if in.Survey != nil {
		v["survey_basis"], v["survey_note"] = in.Survey.Basis, in.Survey.Note
	}
	if in.Requirements != nil {
		v["requirements"] = strings.Join(*in.Requirements, "\n")
	}
	if x := in.Abnormal; x != nil {
		v["abnormal_mean"], v["abnormal_second"], v["abnormal_ceiling"] = tender.Rate(x.Mean), tender.Rate(x.Second), tender.Rate(x.Ceiling)
	}
	if x := in.Small; x != nil {
		v["sme_reserved"], v["sme_share"], v["sme_deduction"], v["sme_consortium"] = x.Policy, tender.Rate(x.Share), tender.Rate(x.Deduction), tender.Rate(x.Consortium)
	}
}

func (in tenderInput) packages() []tender.PackageForm {
	if in.Packages == nil {
		return nil
	}
	out := []tender.PackageForm{}
	for _, x := range *in.Packages {
		p := tender.PackageForm{Name: x.Name, What: x.What, Budget: x.Budget.Plain(), Ceiling: x.Ceiling.Plain(), Unit: x.Unit}
		if x.Quantity != nil {
			p.Quantity = strconv.FormatInt(*x.Quantity, 10)
		}
		out = append(out, p)
	}
	return out
}

func levels(list []band) string {
	var out []string
	for _, b := range list {
		out = append(out, b.Text+" = "+tender.Band{Points: b.Points, Least: b.Least}.Score())
	}
	return strings.Join(out, "\n")
}

func (c *ceilingIn) put(v map[string]string) {
	if c == nil {
		return
	}
	v["ceiling_kind"], v["ceiling"], v["ceiling_unit"], v["ceiling_quantity"], v["ceiling_cap"] = c.Kind, c.Amount.Plain(), c.Unit, "", ""
	if c.Quantity != nil {
		v["ceiling_quantity"] = strconv.FormatInt(*c.Quantity, 10)
	}
	if c.Cap != nil {
		v["ceiling_cap"] = c.Cap.Plain()
	}
}
