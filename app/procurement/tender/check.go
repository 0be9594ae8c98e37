package tender

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/catalogue"
)

// NegativeList is the six kinds of purchase that 财政部令第102号 10 forbids, as
// the draft asks for them: field negative_1 to negative_6.
var NegativeList = []string{
	"不属于政府职责范围的服务事项",
	"应当由政府直接履职的事项",
	"政府采购法规定的货物和工程，以及将工程和服务打包的项目",
	"融资行为",
	"购买主体的人员招、聘用，以劳务派遣方式用工，以及设置公益性岗位等事项",
	"法律、行政法规以及国务院规定的其他不得作为政府购买服务内容的事项",
}

var mobile = regexp.MustCompile(`(^|[^0-9])1[3-9][0-9]{9}([^0-9]|$)`)

// check holds a whole draft to the rules of the day. issue is when the
// documents would be issued if it were published now.
func check(c *fault.Check, form Form, x *Facts, now time.Time, cal *calendar.Calendar) {
	set := rules.At(now)
	checkBasic(c, form, x, set, now)
	for _, q := range []struct{ name, v, ask string }{
		{"what", x.What, "请写明买什么：服务内容、数量和质量要求"},
		{"from_whom", x.FromWhom, "请写明向谁买：供应商应具备的资格"},
		{"for_whom", x.ForWhom, "请写明为谁买：受益对象和人数"},
	} {
		c.Must(q.v != "", q.name, "%s", q.ask)
	}
	c.Must(x.ContractTerms != "", "contract_terms", "请写明合同主要条款：付款、考核、验收和违约责任")
	checkMoney(c, form, x)
	checkPackages(c, form, x)
	checkTerm(c, form, x, set)
	checkMethod(c, x, set, now)
	checkSmall(c, form, x, set)
	checkAbnormal(c, x, set)
	checkParties(c, form, x, set)
	checkSchedule(c, form, x, set, now, cal)
}

func checkBasic(c *fault.Check, form Form, x *Facts, set rules.Set, now time.Time) {
	c.Must(len([]rune(x.Title)) >= 4, "title", "请填写项目名称，至少 4 个字")
	c.Must(x.PublicService != nil, "public_service", "请回答是面向社会公众的公共服务，还是政府履职所需辅助性服务")
	c.Must(x.Region != "", "region", "请填写服务所在地，例如 四川省成都市武侯区")
	article := set.Must(rules.PurchaseCatalogue).Source()
	if e, ok := catalogue.At(now).Find(x.CatalogueCode); ok {
		x.CatalogueName = e.Name
	} else if x.CatalogueCode == "" {
		c.FailUnder(article, "catalogue_code", "请从指导性目录中选择品目")
	} else {
		c.FailUnder(article, "catalogue_code", "指导性目录中没有编码“%.20s”，不在目录的服务不能购买，请重新选择", x.CatalogueCode)
	}
	article = set.Must(rules.PurchaseNegativeList).Source()
	for i, what := range NegativeList {
		name := "negative_" + strconv.Itoa(i+1)
		switch form.Get(name) {
		case "no":
		case "yes":
			c.FailUnder(article, name, "“%s”不得列入政府购买服务，本项目不能这样采购", what)
		default:
			c.FailUnder(article, name, "请回答是否属于“%s”", what)
		}
	}
}

// absent complains about a value that was not given; one that was given but
// could not be read has its complaint already.
func absent(c *fault.Check, form Form, name, format string, args ...any) {
	if form.Get(name) == "" && !c.Failed(name) {
		c.Fail(name, format, args...)
	}
}

func checkMoney(c *fault.Check, form Form, x *Facts) {
	absent(c, form, "budget", "请填写预算金额，没有预算的服务不能购买（财政部令第102号第14条）")
	c.Must(x.Budget == nil || *x.Budget > 0, "budget", "预算应大于 0 元")
	if len(x.Packages) > 0 {
		return // each package has its own ceiling
	}
	y := &x.Ceiling
	if y.Kind != TotalPrice && y.Kind != UnitPrice {
		c.Fail("ceiling_kind", "请选择最高限价是总价还是单价")
		return
	}
	absent(c, form, "ceiling", "请填写最高限价")
	c.Must(y.Amount == nil || *y.Amount > 0, "ceiling", "最高限价应大于 0 元")
	if y.Kind == TotalPrice {
		c.Must(over(y.Amount, x.Budget) <= 0, "ceiling", "最高限价不能超过预算，请调低最高限价或提高预算")
		return
	}
	c.Must(y.Unit != "", "ceiling_unit", "请填写计价单位，例如 人次、小时")
	absent(c, form, "ceiling_quantity", "请填写预计数量")
	c.Must(over(y.Cap, x.Budget) <= 0, "ceiling_cap", "结算上限不能超过预算，请调低结算上限")
	c.Must(y.Cap == nil || *y.Cap > 0, "ceiling_cap", "结算上限应大于 0 元")
	if y.Amount == nil || y.Quantity == nil {
		return
	}
	most := y.Cap
	if most == nil {
		most = x.Budget
	}
	total, err := y.Amount.Times(*y.Quantity)
	if err != nil || over(&total, most) > 0 {
		c.Fail("ceiling_quantity", "单价 × 预计数量超过了预算或结算上限，请减少数量、调低单价或提高预算")
	}
}

// over compares two amounts; what is not known is not over anything.
func over(a, b *money.Fen) int {
	if a == nil || b == nil || *a <= *b {
		return 0
	}
	return 1
}

func checkTerm(c *fault.Check, form Form, x *Facts, set rules.Set) {
	dates := x.TermStart != nil && x.TermEnd != nil
	if x.TermMonths == nil && !dates {
		absent(c, form, "term_months", "请填写服务期限的月数，或填写起止日期")
		return
	}
	var year, three bool // longer than the usual, than the most
	usual, most := set.Must(rules.ContractTerm), set.Must(rules.ContractTermStable)
	if own := set.Of(x.Method, "term"); own.ID != "" {
		usual, most = own, own // 框架协议
	}
	if x.TermMonths != nil {
		year, three = int64(*x.TermMonths) > usual.Value*12, int64(*x.TermMonths) > most.Value*12
	}
	at := "term_months"
	if dates {
		if !x.TermEnd.After(*x.TermStart) {
			c.Fail("term_end", "结束日期应晚于开始日期")
			return
		}
		if x.TermMonths == nil {
			at = "term_end"
		}
		start := x.TermStart.In(clock.Beijing)
		year = year || x.TermEnd.After(start.AddDate(int(usual.Value), 0, 0))
		three = three || x.TermEnd.After(start.AddDate(int(most.Value), 0, 0))
	}
	switch {
	case three:
		c.FailUnder(most.Source(), at, "服务期限最长 %s，请缩短", most.Quantity())
	case year && x.TermReason == "":
		c.FailUnder(usual.Source(), "term_reason",
			"期限超过 %s，请说明内容固定、连续性强、经费稳定、价格变化小且预算有保障的理由，或缩短期限", usual.Quantity())
	}
}

func checkMethod(c *fault.Check, x *Facts, set rules.Set, now time.Time) {
	if _, err := rules.Offered(x.Method, now); err != nil {
		c.Adopt("method", err)
		return
	}
	m, _ := rules.MethodByID(x.Method)
	switch {
	case x.Scoring == "":
		c.Fail("scoring", "请选择评审方法")
	case !slices.Contains(m.Scoring, x.Scoring):
		c.FailUnder(m.Source(), "scoring", "%s采用%s，请修改评审方法", m.Name, ScoringNames[m.Scoring[0]])
	case x.Scoring == LowestPrice:
		c.Must(len(x.Criteria) == 0, "criteria", "最低评标价法按价格由低到高排序，不设评分表，请删除评分项或改用综合评分法")
		c.Must(!x.FixedPrice, "fixed_price", "采用统一价格的项目不能用最低评标价法")
	default:
		checkCriteria(c, x, set)
	}
}

func checkCriteria(c *fault.Check, x *Facts, set rules.Set) {
	if len(x.Criteria) == 0 {
		c.Fail("criteria", "请填写评分表，各项分值之和应为 100 分")
		return
	}
	var total, price int64
	prices, broken := 0, false
	for i, k := range x.Criteria {
		total += k.Weight
		at := "criteria." + strconv.Itoa(i) + "."
		broken = broken || c.Failed(at+"weight")
		checkBands(c, at, i, k, set)
		checkRecorded(c, at, i, k, set)
		if k.Kind == PriceCriterion {
			price += k.Weight
			prices++
		}
	}
	if broken {
		return
	}
	switch {
	case total < FullWeight:
		c.Fail("criteria", "各项分值之和是 %s 分，还差 %s 分，应正好 100 分", Points(total), Points(FullWeight-total))
	case total > FullWeight:
		c.Fail("criteria", "各项分值之和是 %s 分，多了 %s 分，应正好 100 分", Points(total), Points(total-FullWeight))
	}
	rule := set.Of(x.Method, "price_weight")
	if x.FixedPrice {
		if prices > 0 {
			c.FailUnder(rule.Source(), "criteria", "统一价格的项目，价格不列为评分项，请删除价格分")
		}
		return
	}
	if prices != 1 {
		c.FailUnder(rule.Source(), "criteria", "评分表应有且只有一项价格分，现有 %d 项", prices)
		return
	}
	if price < rule.Value {
		c.FailUnder(rule.Source(), "criteria", "价格分 %s 分，服务项目应%s", Points(price), rule.Limit())
	}
	if most, ok := set.Get(x.Method + ".price_weight_max"); ok && price > most.Value {
		c.FailUnder(most.Source(), "criteria", "价格分 %s 分，服务项目应%s", Points(price), most.Limit())
	}
}

func checkSchedule(c *fault.Check, form Form, x *Facts, set rules.Set, now time.Time, cal *calendar.Calendar) {
	if set.Of(x.Method, "documents_on_offer").ID != "" || x.Method == "" {
		absent(c, form, "documents_until", "请填写采购文件提供到哪一天")
	}
	absent(c, form, "deadline", "请填写提交截止时间")
	c.Must(x.OpeningPlace != "", "opening_place", "请填写开标地点，线上开标请填“本平台线上开标”")
	c.Must(x.Contact != "", "contact", "请填写联系部门和办公电话")
	c.Must(!mobile.MatchString(x.Contact), "contact", "这是公开信息，请填写办公电话，不要填写个人手机号")
	issue := now
	if x.DocumentsFrom != nil && x.DocumentsFrom.After(now) {
		issue = *x.DocumentsFrom
	}
	if x.Deadline != nil && !x.Deadline.After(now) {
		c.Fail("deadline", "截止时间已经过去，请改为将来的时间")
	} else {
		earliest(c, set, x.Method, "documents_to_deadline", "deadline", "截止时间", x.Deadline, issue, cal)
	}
	if m, _ := rules.MethodByID(x.Method); m.Notice != "" && !c.Failed("deadline") {
		earliest(c, set, x.Method, m.Notice, "deadline", "公示期满后才能提交响应文件，截止时间", x.Deadline, now, cal)
	}
	earliest(c, set, x.Method, "documents_on_offer", "documents_until", "采购文件提供的截止", x.DocumentsUntil, issue, cal)
	c.Must(x.Deadline == nil || x.DocumentsUntil == nil || !x.DocumentsUntil.After(*x.Deadline), "documents_until",
		"采购文件提供的截止不能晚于提交截止时间")
}

func earliest(c *fault.Check, set rules.Set, method, rest, name, what string, at *time.Time, from time.Time, cal *calendar.Calendar) {
	rule := set.Of(method, rest)
	if at == nil || rule.ID == "" {
		return
	}
	m, err := set.Clock(rule.ID, from, cal)
	if err != nil {
		c.Adopt(name, err)
		return
	}
	if m.At == nil {
		c.FailUnder(rule.Source(), name, "%s", m.Missing)
	} else if at.Before(*m.At) {
		day := calendar.Until(*m.At)
		if rule.Unit == rules.Days {
			day = m.At.In(clock.Beijing).Format("2006年1月2日")
		}
		c.FailUnder(rule.Source(), name, "%s最早为 %s：文件发出之日起%s，请改晚", what, day, rule.Limit())
	}
}
