package documents

import (
	"strconv"
	"strings"
	"time"

	"gongji/app/document"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
)

// BidWord is how a bid is sent; it stands in every 采购文件.
const BidWord = "投标文件在供应商自己的设备上加密后提交，开标前任何人（包括采购人和平台）都不能解密；未加密的投标文件不予接收。因供应商自身原因不能解密的，视为撤回，其他供应商的开标继续进行。"

func versionName(n int) string { return "第 " + strconv.Itoa(n) + " 版" }

// assemble words a project as its documents. all are its packages, in order.
func assemble(all []tender.Tender, c Change, now time.Time) (document.TenderDocument, error) {
	t := all[0]
	set, err := t.RuleSet(now)
	if err != nil {
		return document.TenderDocument{}, err
	}
	title, number, what := t.Title, t.No(), t.What
	if t.Project != nil {
		title, number, what = t.Form.Get("title"), strings.TrimSuffix(number, "-1包"), t.Form.Get("what")
	}
	method, _ := rules.MethodByID(t.Method)
	d := document.TenderDocument{Issue: document.Issue{Number: number + "（" + versionName(c.Version) + "）", Issuer: t.BuyerName, IssuedAt: now, Demo: t.Demo},
		Version: c.Version, Title: title, Buyer: t.BuyerName, Method: method.Name, Scoring: scoringName(t), Notice: notice(t, all, set), Dates: dates(t, set),
		What: what, FromWhom: t.FromWhom, ForWhom: t.ForWhom, Limits: t.PackageLimits, Requirements: t.Requirements, Small: small(t, set), Abnormal: abnormal(t, set),
		Terms: t.ContractTerms, Settlement: settlement(all), BidFormat: t.BidFormat, Sealing: BidWord, Reason: c.Reason, Changes: c.Changes, IssuedOn: now}
	if t.Project != nil {
		for i, x := range all {
			p := t.Packages[i]
			d.Packages = append(d.Packages, document.TenderPackage{Number: strconv.Itoa(x.Package) + "包", Name: p.Name, What: p.What, Budget: yuan(x.Budget), Ceiling: Ceiling(x)})
		}
	}
	for _, k := range t.Criteria {
		d.Criteria = append(d.Criteria, criterion(k))
	}
	if t.Scoring == tender.Comprehensive {
		d.PriceRule = set.Of(t.Method, "price_score").Name
	}
	return d, nil
}

func scoringName(t tender.Tender) string {
	if t.Scoring == tender.LowestPrice {
		return "最低评标价法"
	}
	return "综合评分法"
}

func yuan(f *money.Fen) string {
	if f == nil {
		return ""
	}
	return f.Yuan()
}

// Ceiling words 最高限价, with the count and the cap of a unit price.
func Ceiling(t tender.Tender) string {
	c := t.Ceiling
	switch {
	case c.Amount == nil:
		return ""
	case c.Kind != tender.UnitPrice:
		return c.Amount.Yuan() + " 元"
	}
	s := c.Amount.Yuan() + " 元/" + c.Unit
	if c.Quantity != nil {
		s += "，预计 " + money.Count(*c.Quantity) + " " + c.Unit
	}
	if most := t.MostPayable(); most != nil {
		s += "，按实结算，合计不超过 " + most.Yuan() + " 元"
	}
	return s
}

func notice(t tender.Tender, all []tender.Tender, set rules.Set) []document.TenderFact {
	budget := yuan(t.Budget)
	var sum money.Fen
	if t.Project != nil {
		for _, x := range all {
			if x.Budget != nil {
				sum += *x.Budget
			}
		}
		budget = sum.Yuan()
	}
	out := []document.TenderFact{
		{Label: "采购人", Value: t.BuyerName},
		{Label: "目录品目", Value: strings.TrimSpace(t.CatalogueCode + " " + t.CatalogueName), Article: set.Must(rules.PurchaseCatalogue).Source()},
		{Label: "预算金额", Value: budget + " 元"},
	}
	if t.Project == nil {
		out = append(out, document.TenderFact{Label: "最高限价", Value: Ceiling(t)})
	}
	out = append(out, document.TenderFact{Label: "服务期限", Value: term(t), Article: set.Must(rules.ContractTerm).Source()},
		document.TenderFact{Label: "服务地点", Value: t.Region}, document.TenderFact{Label: "开标地点", Value: t.OpeningPlace},
		document.TenderFact{Label: "联系方式", Value: t.Contact})
	if t.IntentionExempt != "" && t.Intention == nil {
		out = append(out, document.TenderFact{Label: "未公开采购意向的理由", Value: t.IntentionExempt, Article: set.Must(rules.IntentionBeforePurchase).Source()})
	}
	return out
}

func term(t tender.Tender) string {
	var out []string
	if t.TermMonths != nil {
		out = append(out, strconv.Itoa(*t.TermMonths)+" 个月")
	}
	if t.TermStart != nil && t.TermEnd != nil {
		out = append(out, calendar.Until(*t.TermStart)+" 至 "+calendar.Until(*t.TermEnd))
	}
	if t.TermNote != "" {
		out = append(out, t.TermNote)
	}
	return strings.Join(out, "，")
}

func dates(t tender.Tender, set rules.Set) []document.TenderDate {
	var out []document.TenderDate
	add := func(label string, at *time.Time, r rules.Rule) {
		if at == nil {
			return
		}
		d := document.TenderDate{Label: label, At: calendar.Until(*at)}
		if r.ID != "" {
			d.Rule, d.Article = r.Name+r.Limit(), r.Source()
		}
		out = append(out, d)
	}
	add("发布公告和采购文件", t.PublishedAt, rules.Rule{})
	add("采购文件提供至", t.DocumentsUntil, set.Of(t.Method, "documents_on_offer"))
	add("提交截止、开标", t.Deadline, set.Of(t.Method, "documents_to_deadline"))
	return out
}

func criterion(k tender.Criterion) document.TenderCriterion {
	out := document.TenderCriterion{Name: k.Name, How: k.Description, Points: tender.Points(k.Weight)}
	if k.Kind == tender.PriceCriterion && out.How == "" {
		out.How = "按报价计算，不由评审专家打分"
	}
	if tender.Recorded(k.Kind) {
		out.How = strings.TrimPrefix(out.How+"\n", "\n") + tender.CriterionKindName(k.Kind) + "，以投标截止时已经公布的为准，系统计算，评审专家不能改动。"
	}
	for _, b := range k.Bands {
		out.Bands = append(out.Bands, document.TenderBand{Text: b.Text, Points: b.Score()})
	}
	return out
}

func settlement(all []tender.Tender) string {
	for _, t := range all {
		if t.Ceiling.Kind == tender.UnitPrice {
			return "以单价报价的，按实际完成并经核实的数量结算，合计不超过最高限价中载明的上限；超出上限的部分不予支付。"
		}
	}
	return ""
}

func abnormal(t tender.Tender, set rules.Set) string {
	if s := t.AbnormalText(set); s != "" {
		return s + "（" + set.Must(rules.AbnormalMeanRate).Source() + "）。"
	}
	return ""
}

func small(t tender.Tender, set rules.Set) string {
	var out []string
	if t.SMEReserved != nil && *t.SMEReserved {
		out = append(out, "本项目专门面向中小企业采购")
	}
	if t.Small.Share != nil {
		out = append(out, "预算的 "+tender.Rate(t.Small.Share)+" 预留给中小企业")
	}
	if t.Small.Deduction != nil {
		out = append(out, "小微企业的报价扣除 "+tender.Rate(t.Small.Deduction)+" 后参加评审（"+set.Must(rules.SmallDeductionMin).Source()+"）")
	}
	if t.Small.Consortium != nil {
		out = append(out, "与小微企业联合体或者向其分包达到规定份额的，报价扣除 "+tender.Rate(t.Small.Consortium)+"（"+set.Must(rules.SmallConsortiumMin).Source()+"）")
	}
	return strings.Join(out, "；")
}
