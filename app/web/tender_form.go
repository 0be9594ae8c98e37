package web

import (
	"strconv"
	"strings"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// fieldLabels are the words for the questions of a draft.
var fieldLabels = map[string]string{
	"ground": "采用这种方式的情形", "ground_reason": "符合该情形的说明", "way": "供应商如何确定", "way_reason": "选定供应商的说明",
	"invited": "供应商", "framework": "所依据的框架协议",
	"title": "项目名称", "catalogue_code": "目录品目", "region": "服务地点",
	"negative_1": "负面清单 1", "negative_2": "负面清单 2", "negative_3": "负面清单 3",
	"negative_4": "负面清单 4", "negative_5": "负面清单 5", "negative_6": "负面清单 6",
	"what": "买什么", "from_whom": "向谁买", "for_whom": "为谁买",
	"budget": "预算金额", "ceiling_kind": "限价方式", "ceiling": "最高限价", "ceiling_unit": "计价单位",
	"ceiling_quantity": "预计数量", "ceiling_cap": "结算上限", "term_months": "服务期限（月）", "term_start": "服务开始",
	"term_end": "服务结束", "term_reason": "超过一年的理由", "term_note": "期限说明",
	"method": "采购方式", "scoring": "评审方法", "fixed_price": "价格是否统一", "sme_reserved": "专门面向中小企业",
	"documents_from": "采购文件提供自", "documents_until": "采购文件提供至", "deadline": "提交截止时间",
	"public_service": "服务性质", "survey_basis": "需求调查", "survey_note": "需求调查的说明", "public_opinion": "征求社会公众意见", "intention": "采购意向", "intention_exempt": "不公开采购意向的理由",
	"requirements": "实质性要求（★）", "contract_terms": "合同主要条款", "bid_format": "投标文件的组成和格式", "package_limits": "兼投兼中",
	"sme_share": "预留份额", "sme_deduction": "小微企业价格扣除", "sme_consortium": "联合体、分包的价格扣除",
	"abnormal_mean": "异常低价：平均价的比例", "abnormal_second": "异常低价：次低报价的比例", "abnormal_ceiling": "异常低价：最高限价的比例",
	"opening_place": "开标地点", "contact": "联系方式", "number": "编号", "criteria": "评分表",
}

var pageNames = map[string]string{
	tender.PageBasic: "基本信息", tender.PageFour: "买什么、向谁买、为谁买", tender.PageMoney: "预算、限价与期限",
	tender.PagePrepare: "需求调查与采购意向", tender.PageNeed: "实质性要求与合同", tender.PagePackages: "分包",
	tender.PageMethod: "怎么买", tender.PageParties: "情形与供应商", tender.PageScoring: "评分表", tender.PageSchedule: "时间与联系",
}

// formValues are the answers as a form shows them: what was typed, with dates
// that could be read in the shape that date inputs take.
func formValues(t tender.Tender) map[string]string {
	v := map[string]string{}
	for k, s := range t.Form.Values {
		v[k] = s
	}
	put := func(name string, at *time.Time, layout string, back time.Duration) {
		if at != nil {
			v[name] = at.Add(-back).In(clock.Beijing).Format(layout)
		}
	}
	put("deadline", t.Deadline, "2006-01-02T15:04", 0)
	put("documents_from", t.DocumentsFrom, time.DateOnly, 0)
	put("documents_until", t.DocumentsUntil, time.DateOnly, time.Microsecond)
	put("term_start", t.TermStart, time.DateOnly, 0)
	put("term_end", t.TermEnd, time.DateOnly, time.Microsecond)
	return v
}

// criterionRow is one row of the scoring table's form.
type criterionRow struct {
	tender.CriterionForm
	Index int
}

// Field is the name of one of the row's fields.
func (c criterionRow) Field(name string) string {
	return "criteria." + strconv.Itoa(c.Index) + "." + name
}

// Row is the row's number as people count.
func (c criterionRow) Row() int { return c.Index + 1 }

func criterionRows(list []tender.CriterionForm) []criterionRow {
	var out []criterionRow
	for i, c := range list {
		out = append(out, criterionRow{c, i})
	}
	return out
}

// tenderPatch reads one page of the form.
func tenderPatch(page string, f *edge.Form) tender.Patch {
	p := tender.Patch{Values: map[string]string{}}
	for _, name := range tender.FieldsOf(page) {
		if f.Has(name) {
			p.Values[name] = f.Get(name)
		}
	}
	if page == tender.PageScoring {
		p.Criteria = criteriaOf(f)
	}
	if page == tender.PagePackages {
		p.Packages = packagesOf(f)
	}
	return p
}

// criteriaOf reads the rows in order; "remove" names one to leave out, "add"
// asks for an empty one more. Rows left wholly empty are dropped.
func criteriaOf(f *edge.Form) []tender.CriterionForm {
	out := []tender.CriterionForm{}
	for i := 0; i < 60; i++ {
		at := "criteria." + strconv.Itoa(i) + "."
		if !f.Has(at+"name") || f.Get("remove") == strconv.Itoa(i) {
			continue
		}
		c := tender.CriterionForm{Name: f.Get(at + "name"), Description: f.Get(at + "description"), Weight: f.Get(at + "weight"), Kind: f.Get(at + "kind"), Bands: f.Get(at + "bands")}
		if c.Name+c.Description+c.Weight+c.Bands != "" {
			out = append(out, c)
		}
	}
	if f.Has("add") {
		out = append(out, tender.CriterionForm{Kind: tender.ExpertCriterion})
	}
	return out
}

// answersOf is "check your answers" for one page of a draft; change adds the
// links back.
func answersOf(t tender.Tender, page string, change bool) []templates.Answer {
	var out []templates.Answer
	at := "/bureau/tenders/" + string(t.ID) + "/edit/" + page
	add := func(name, label, value string) {
		a := templates.Answer{Label: label, Value: value}
		if change {
			a.Change = at + "#f-" + name
		}
		out = append(out, a)
	}
	for _, name := range tender.FieldsOf(page) {
		v := t.Form.Get(name)
		label := fieldLabels[name]
		if n, ok := strings.CutPrefix(name, "negative_"); ok {
			i, _ := strconv.Atoi(n)
			label = "是否属于：" + tender.NegativeList[i-1]
		}
		if v == "" && optionalFields[name] || strings.HasPrefix(name, "ceiling_") && name != "ceiling_kind" && t.Ceiling.Kind != tender.UnitPrice {
			continue
		}
		add(name, label, answerText(t, name, v))
	}
	if page == tender.PageScoring {
		for i, c := range t.Form.Criteria {
			kind := tender.CriterionKindName(c.Kind)
			add("criteria."+strconv.Itoa(i)+".name", strconv.Itoa(i+1)+". "+c.Name, c.Weight+" 分，"+kind+"\n"+c.Description+"\n"+c.Bands)
		}
		if len(t.Form.Criteria) == 0 && t.Scoring != tender.LowestPrice {
			add("criteria", "评分表", "")
		}
	}
	if page == tender.PagePackages {
		packageAnswers(t, add)
	}
	return out
}

var optionalFields = map[string]bool{"invited": true, "way_reason": true, "framework": true, "ground": true, "ground_reason": true, "way": true, "term_start": true, "term_end": true, "term_reason": true, "term_note": true, "term_months": true,
	"documents_from": true, "sme_reserved": true, "fixed_price": true, "ceiling_cap": true,
	"survey_note": true, "public_opinion": true, "intention": true, "intention_exempt": true, "bid_format": true, "requirements": true, "package_limits": true, "sme_share": true, "sme_deduction": true, "sme_consortium": true,
	"abnormal_mean": true, "abnormal_second": true, "abnormal_ceiling": true}

// answerText words a stored value; what could not be read is shown as typed.
func answerText(t tender.Tender, name, v string) string {
	if v == "" {
		return ""
	}
	words := map[string]map[string]string{
		"ceiling_kind": {tender.TotalPrice: "总价", tender.UnitPrice: "单价，按实结算"}, "scoring": scoringNames,
		"fixed_price": {"yes": "统一价格，价格不列为评审因素", "no": "由供应商报价"}, "sme_reserved": reservedNames, "public_service": {"yes": "面向社会公众的公共服务", "no": "政府履职所需辅助性服务"}, "survey_basis": surveyNames,
		"method": {t.Method: methodName(t.Method)}, "ground": {t.Ground: groundText(t)}, "way": {t.Way: wayText(t)}, "catalogue_code": {v: joined(v, t.CatalogueName)},
	}
	if w := words[name][v]; w != "" {
		return w
	}
	switch {
	case strings.HasPrefix(name, "negative_"):
		return map[string]string{"yes": "是", "no": "否"}[v]
	case name == "budget" && t.Budget != nil:
		return yuan(t.Budget)
	case name == "ceiling" && t.Ceiling.Amount != nil && t.Ceiling.Kind == tender.UnitPrice:
		return yuan(t.Ceiling.Amount) + "/" + t.Ceiling.Unit
	case name == "ceiling" && t.Ceiling.Amount != nil:
		return yuan(t.Ceiling.Amount)
	case name == "ceiling_cap" && t.Ceiling.Cap != nil:
		return yuan(t.Ceiling.Cap)
	}
	return dateText(t, name, v)
}

func dateText(t tender.Tender, name, v string) string {
	at := map[string]*time.Time{"deadline": t.Deadline, "documents_from": t.DocumentsFrom, "documents_until": t.DocumentsUntil,
		"term_start": t.TermStart, "term_end": t.TermEnd}[name]
	if at == nil {
		return v
	}
	if name == "deadline" {
		return at.In(clock.Beijing).Format("2006年1月2日 15:04")
	}
	if strings.HasSuffix(name, "_from") || strings.HasSuffix(name, "_start") {
		return day(*at)
	}
	return day(at.Add(-time.Microsecond)) + "（含当日）"
}
