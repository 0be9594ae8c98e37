package web

import (
	"strconv"
	"strings"
	"time"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func tenderStatus(s tender.State) templates.Status {
	return templates.Status{Label: s.Name(), Tone: stateTone(s)}
}

var scoringNames = map[string]string{tender.Comprehensive: "综合评分法", tender.LowestPrice: "最低评标价法"}

// how words 怎么买: the method with its scoring.
func how(t tender.Tender) string {
	s := methodName(t.Method)
	if n := scoringNames[t.Scoring]; n != "" {
		s += "，" + n
	}
	if t.FixedPrice {
		s += "；统一价格，价格不列为评审因素"
	}
	if t.SMEReserved != nil && *t.SMEReserved {
		s += "；专门面向中小企业采购"
	}
	return s
}

func yuan(f *money.Fen) string {
	if f == nil {
		return ""
	}
	return f.Yuan() + " 元"
}

func ceilingText(t tender.Tender) string {
	c := t.Ceiling
	if c.Amount == nil {
		return ""
	}
	if c.Kind != tender.UnitPrice {
		return yuan(c.Amount)
	}
	s := c.Amount.Yuan() + " 元/" + c.Unit
	if c.Quantity != nil {
		s += "，预计 " + money.Count(*c.Quantity) + " " + c.Unit
	}
	if limit := t.MostPayable(); limit != nil {
		s += "，按实结算，合计不超过 " + yuan(limit)
	}
	return s
}

func day(t time.Time) string { return t.In(clock.Beijing).Format("2006年1月2日") }

func termText(t tender.Tender) string {
	s := ""
	if t.TermMonths != nil {
		s = strconv.Itoa(*t.TermMonths) + " 个月"
	}
	if t.TermStart != nil && t.TermEnd != nil {
		if s != "" {
			s += "，"
		}
		s += day(*t.TermStart) + "至" + day(t.TermEnd.Add(-time.Microsecond))
	}
	if t.TermNote != "" && s != "" {
		s += "，"
	}
	return s + t.TermNote
}

// notGiven is what stands where the source of a real record is silent.
const notGiven = "公开来源未载明"

func given(t tender.Tender, s string) string {
	if s == "" && t.Demo {
		return notGiven
	}
	return s
}

// tenderFacts is what the notice says of the money and the contract.
func tenderFacts(t tender.Tender, set rules.Set) []templates.KV {
	term := set.Must(rules.ContractTerm)
	if t.TermReason != "" {
		term = set.Must(rules.ContractTermStable)
	}
	catalog := set.Must(rules.PurchaseCatalogue)
	out := []templates.KV{
		{Label: "采购人", Value: t.BuyerName, Href: "/organisations/" + string(t.Buyer)},
		{Label: "目录品目", Value: given(t, joined(t.CatalogueCode, t.CatalogueName)), Article: catalog.Article, Unverified: catalog.ID != "" && !catalog.Certain},
		{Label: "预算金额", Value: given(t, yuan(t.Budget))},
		{Label: "最高限价", Value: given(t, ceilingText(t))},
		{Label: "服务期限", Value: given(t, termText(t)), Note: t.TermReason, Article: term.Article, Unverified: term.ID != "" && !term.Certain},
		{Label: "服务地点", Value: given(t, t.Region)},
		{Label: "开标地点", Value: given(t, t.OpeningPlace)},
		{Label: "联系方式", Value: given(t, t.Contact)},
	}
	if s := smallText(t); s != "" {
		rule := set.Must(rules.SmallDeductionMin)
		out = append(out, templates.KV{Label: "中小企业政策", Value: s, Article: rule.Article, Unverified: !rule.Certain,
			Note: "许多社会组织不在中小企业的划分范围内；只有符合划型标准并出具声明函的供应商适用。"})
	}
	if t.PublicOpinion != "" {
		rule := set.Must(rules.SurveyPublic)
		out = append(out, templates.KV{Label: "征求社会公众意见", Value: t.PublicOpinion, Article: rule.Article, Unverified: !rule.Certain})
	}
	if s := t.AbnormalText(set); s != "" {
		rule := set.Must(rules.AbnormalMeanRate)
		out = append(out, templates.KV{Label: "异常低价审查", Value: s, Article: rule.Article, Unverified: !rule.Certain})
	}
	if t.IntentionExempt != "" {
		rule := set.Must(rules.IntentionBeforePurchase)
		out = append(out, templates.KV{Label: "未公开采购意向的理由", Value: t.IntentionExempt, Article: rule.Article, Unverified: !rule.Certain})
	}
	if t.SourceURL != "" {
		out = append(out, templates.KV{Label: "原公告", Value: t.SourceURL, Href: t.SourceURL, Note: "本条据公开的原公告录入"})
	}
	return out
}

// smallText words the policy for small firms.
func smallText(t tender.Tender) string {
	var out []string
	switch {
	case t.SMEReserved != nil && *t.SMEReserved:
		out = append(out, "整体预留，专门面向中小企业采购")
	case t.Small.Share != nil:
		out = append(out, "预算的 "+tender.Rate(t.Small.Share)+" 预留给中小企业")
	}
	if t.Small.Deduction != nil {
		out = append(out, "小微企业报价扣除 "+tender.Rate(t.Small.Deduction)+" 后参加评审")
	}
	if t.Small.Consortium != nil {
		out = append(out, "与小微企业联合体或向其分包的，报价扣除 "+tender.Rate(t.Small.Consortium))
	}
	return strings.Join(out, "；")
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// tenderDates is the schedule with the rule that binds each date.
func tenderDates(t tender.Tender, set rules.Set) []templates.KV {
	var out []templates.KV
	add := func(label, value string, r rules.Rule) {
		kv := templates.KV{Label: label, Value: value}
		if r.ID != "" {
			kv.Article, kv.Unverified, kv.Note = r.Article, !r.Certain, r.Name+r.Limit()
		}
		out = append(out, kv)
	}
	if t.PublishedAt != nil {
		add("发布", calendar.Until(*t.PublishedAt), rules.Rule{})
	}
	if t.DocumentsFrom != nil {
		add("采购文件提供自", calendar.Until(*t.DocumentsFrom), rules.Rule{})
	}
	if t.DocumentsUntil != nil {
		add("采购文件提供至", calendar.Until(*t.DocumentsUntil), set.Of(t.Method, "documents_on_offer"))
	}
	if t.Deadline != nil {
		add("提交截止、开标", calendar.Until(*t.Deadline), set.Of(t.Method, "documents_to_deadline"))
	}
	return out
}

func fileList(files []attachment.Attachment) []templates.File {
	var out []templates.File
	for _, a := range files {
		out = append(out, templates.File{ID: string(a.ID), Name: a.Name, Href: "/attachments/" + string(a.ID), SHA256: a.SHA256, Size: a.Size})
	}
	return out
}

func documentList(docs []archive.Document) []templates.File {
	var out []templates.File
	for _, d := range docs {
		out = append(out, templates.File{ID: string(d.ID), Name: d.FileName(), Href: "/documents/" + string(d.ID), SHA256: d.SHA256, Size: d.Size})
	}
	return out
}
