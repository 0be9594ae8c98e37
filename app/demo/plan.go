package demo

import (
	"fmt"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/procurement/survey"
	"gongji/app/procurement/tender"
)

// stage is how far a purchase is walked.
type stage int

const (
	placed     stage = iota // loaded as the source has it, walked by nobody
	drafted                 // 草稿
	submitted               // 待审批
	open                    // 投标中
	closed                  // 已截止，待开标
	failed                  // 不足三家
	evaluating              // 评审中
	evaluated               // 待定标
	decided                 // 结果待审批
	awarded                 // 已公布结果
	contracted              // 已签合同
	completed               // 已完成
)

// offer is one demo bid: the price in 元 and the share of full marks, in
// percent, that the panel gives it.
type offer struct {
	supplier string
	price    int64
	share    int64
}

// plan is what a record becomes. Days are counted from today. The fields that
// the record lacks are filled from the plan and marked.
type plan struct {
	id     string // of the record; "" for a made-up purchase of the demo bureau
	region string
	title  string // of a made-up one
	to     stage
	state  tender.State // where placed
	begin  int          // day of publication
	due    int          // day of the deadline
	// months of service, and how they read
	months int
	term   string

	catalogue, method string
	budget            int64 // 元, where the record has none
	what, whom        string
	unit              string // the ceiling is a price per unit
	price, count      int64
	reason            string // why longer than a year, or why cancelled
	remarks           []string
	offers            []offer

	answers  map[string]string    // of the form, beside or instead of the usual ones
	packages []tender.PackageForm // 包
	intended int                  // day its 采购意向 was published; 0: there was none
	surveyed bool                 // its 需求调查 is on file, with who was asked
	begun    bool                 // a supplier has begun a bid
	prompt   bool                 // offers come in the evening before the deadline, not days before
	tied     bool                 // a drawn expert declares a tie, and an alternate comes in
	seated   bool                 // the panel sits and has handed in nothing
	judging  bool                 // its term is over and its evaluation on the way
	under    string               // title of the 框架协议 that a 第二阶段 purchase is made under
	story    func(w *walk)        // what else happens
}

const (
	byOpen         = "open"
	byConsultation = "consultation"

	elderly  = "C05010400"
	minors   = "C05010300"
	relief   = "C05010500"
	area     = "C05020100"
	registry = "C05020200"
	meals    = "C22040000"

	rearranged = "原公告的日期已过，演示中重新安排"
	address    = "发布日期取自来源网址"
	called     = "征集类记录，不是采购；申报期已过，后续以公益创投受理"
	massBody   = "采购单位是群团组织：使用财政拨款的群团组织不作为购买主体（财政部令第102号第8条）；照来源保留，仅作历史记录"
	nonprofit  = "采购单位是敬老院：公益一类事业单位不作为购买主体（财政部令第102号第8条）；照来源保留，仅作历史记录"
	street     = "采购单位照来源保留"
	inquiry    = "来源以询价采购服务。询价只适用于货物，购买服务不得采用（政府采购法第32条），本平台不受理，故载入为“已取消”，不接受投标"
	steady     = "（演示数据）内容相对固定、连续性强、经费来源稳定、价格变化幅度小，预算有保障"
	many       = "（演示数据）辖区内符合条件的服务对象"
)

func threeOffers(budget int64, first string) []offer {
	out := []offer{{dawn, budget * 92 / 100, 84}, {neighbour, budget * 95 / 100, 88}, {together, budget * 90 / 100, 80}}
	for i := range out {
		if out[i].supplier == first {
			out[i].share = 95
		}
	}
	return out
}

// plans are the sixteen records, then the purchases that the demo bureau makes
// up so that every state can be seen.
var plans = []plan{
	{id: "T01", region: "安徽省宣城市宁国市", to: open, begin: -6, due: 16, intended: -40, months: 24, term: "两年", catalogue: elderly, method: byOpen,
		unit: "人·月", price: 120, count: 62_700, whom: "经济困难老年人", reason: steady,
		remarks: []string{"来源为 2023 年的采购意向；单价 120 元取自来源的保障标准，预计数量由预算 ÷ 单价算得", rearranged}, story: asked},
	{id: "T02", region: "江苏省常州市金坛区直溪镇", to: submitted, begin: -1, due: 27, intended: -28, months: 12, term: "合同签订后一年", catalogue: elderly, method: byOpen,
		what: "（演示数据）敬老院“公建民营”运营服务，服务内容以采购文件为准", whom: "直溪镇敬老院入住老年人", remarks: []string{"来源为 2023 年的采购意向，尚无公告，故停在待审批", street}},
	{id: "T05", region: "广东省江门市恩平市（由街道名推断）", to: placed, state: tender.Cancelled, reason: inquiry, catalogue: elderly},
	{id: "T06", region: "四川省成都市东部新区", to: evaluating, begin: -26, due: -7, months: 12, term: "自合同签订之日起一年", catalogue: meals, method: byConsultation,
		what: "（演示数据）街道办事处食堂食材配送服务", whom: "石盘街道办事处食堂", remarks: []string{rearranged, street}, offers: threeOffers(1_320_000, neighbour)},
	{id: "T07", region: "宁夏回族自治区中卫市沙坡头区", to: evaluated, begin: -34, due: -5, months: 12, term: "合同签订后一年", catalogue: minors, method: byOpen,
		whom: "未成年人、老年人和困难群众", remarks: []string{"来源有 15 家申报，名单未列；演示只用 3 家演示投标人", rearranged}, offers: threeOffers(1_899_100, dawn)},
	{id: "T08", region: "江苏省淮安市", to: placed, state: tender.Cancelled, reason: inquiry, catalogue: registry, remarks: []string{massBody}},
	{id: "T11", region: "新疆维吾尔自治区伊犁州昭苏县", to: placed, state: tender.Awarded, catalogue: meals,
		remarks: []string{nonprofit, "成交供应商是企业，照来源记录；本平台的投标人是社会组织，因此没有投标和评审记录"}},
	{id: "T15", region: "江苏省无锡市新吴区", to: open, begin: -13, due: 9, months: 24, term: "2 年", catalogue: registry, method: byOpen,
		budget: 800_000, what: "社会组织孵化服务园的委托运营管理", whom: "新吴区社会组织", reason: steady, remarks: []string{"来源为采购需求公示", rearranged}, story: corrected},
	{id: "T16", region: "四川省成都市崇州市观胜镇五桥村", to: placed, state: tender.Completed, catalogue: area, remarks: []string{called, address}},
	{id: "T17", region: "广东省深圳市罗湖区清水河街道", to: placed, state: tender.Completed, catalogue: area, remarks: []string{called}},
	{id: "T19", region: "广东省深圳市龙华区", to: placed, state: tender.Completed, catalogue: area, remarks: []string{called, address}},
	{id: "T21", region: "江苏省常州市武进区", to: placed, state: tender.Completed, catalogue: area, remarks: []string{called, address}},
	{id: "T22", region: "山东省淄博市", to: placed, state: tender.Completed, catalogue: area, remarks: []string{called, address}},
	{id: "T24", region: "湖北省武汉市", to: contracted, begin: -160, due: -136, months: 3, term: "合同签订后三个月", catalogue: registry, method: byOpen,
		whom: "全市社会组织", remarks: []string{"来源有 4 家投标；中标人和中标价取自来源，其余 3 家是演示投标人", rearranged},
		offers: append([]offer{{kaixin, 665_000, 96}}, offer{dawn, 698_000, 85}, offer{neighbour, 712_000, 82}, offer{together, 745_000, 80})},
	{id: "T26", region: "广东省广州市海珠区海幢街道", to: drafted, begin: -3, surveyed: true, catalogue: elderly,
		remarks: []string{"来源为采购需求征求意见，没有预算，不能提交审批", street}},
	{id: "T27", region: "重庆市", to: placed, state: tender.Completed, catalogue: area, remarks: []string{massBody, "来源为 2016 年的报道，没有供应商和成交结果"}},

	{title: "江滨区困境未成年人关爱服务项目（演示）", region: "湖北省武汉市", to: open, begin: -23, due: 3, months: 12, term: "合同签订后一年",
		catalogue: minors, method: byOpen, budget: 460_000, begun: true, story: queried},
	{title: "江滨区社区助餐配送服务项目（演示）", region: "湖北省武汉市", to: submitted, begin: -1, due: 26, months: 12, term: "合同签订后一年",
		catalogue: elderly, method: byOpen, budget: 380_000},
	{title: "江滨区社区志愿服务站运营项目（演示）", region: "湖北省武汉市", to: closed, begin: -28, due: -1, months: 12, term: "合同签订后一年",
		catalogue: area, method: byOpen, budget: 520_000, offers: threeOffers(520_000, together)},
	{title: "江滨区流动人口社会融入服务项目（演示）", region: "湖北省武汉市", to: failed, begin: -44, due: -20, months: 12, term: "合同签订后一年",
		catalogue: area, method: byOpen, budget: 300_000, offers: threeOffers(300_000, dawn)[:2]},
	{title: "江滨区独居老人探访关爱服务项目（演示）", region: "湖北省武汉市", to: decided, begin: -33, due: -6, months: 12, term: "合同签订后一年",
		catalogue: elderly, method: byOpen, budget: 640_000, offers: threeOffers(640_000, neighbour), story: challengedInProcess},
	{title: "江滨区社会救助家庭经济状况核查服务项目（演示）", region: "湖北省武汉市", to: awarded, begin: -52, due: -26, months: 12, term: "合同签订后一年",
		catalogue: relief, method: byOpen, budget: 420_000, offers: threeOffers(420_000, dawn)},
	{title: "江滨区社区居家养老上门服务项目（演示）", region: "湖北省武汉市", to: contracted, begin: -120, due: -96, months: 6, term: "合同签订后六个月",
		catalogue: elderly, method: byOpen, budget: 960_000, offers: threeOffers(960_000, neighbour), story: extended},
	{title: "江滨区高龄老人居家照护服务项目（演示）", region: "湖北省武汉市", to: completed, begin: -166, due: -142, months: 3, term: "合同签订后三个月",
		catalogue: elderly, method: byOpen, budget: 270_000, offers: threeOffers(270_000, neighbour)},
}

func (p plan) made() bool { return p.id == "" }

// values fills the form of a draft: from the record where it speaks, else from
// the plan, with a mark.
func (p plan) values(n notice, due time.Time) (map[string]string, []string) {
	v := map[string]string{"region": p.region}
	var marks []string
	put := func(mark string, said bool, pairs ...string) {
		if !said {
			marks = append(marks, mark)
		}
		for i := 0; i < len(pairs); i += 2 {
			v[pairs[i]] = pairs[i+1]
		}
	}
	for i := range tender.NegativeList {
		v[fmt.Sprintf("negative_%d", i+1)] = "no"
	}
	if p.made() {
		v["title"] = p.title
		marks = append(marks, "title", "budget", "region")
	} else {
		v["title"] = n.Title
	}
	put("catalogue_code", false, "catalogue_code", p.catalogue)
	if p.to == drafted {
		if p.surveyed {
			put("need", false, "survey_basis", survey.Conducted)
		}
		return v, marks
	}
	what := n.Scope
	if what == "" && len(n.Items) > 0 {
		what = join(n.Items)
	}
	put("what", what != "" || p.what != "" && p.what[0] != "（"[0], "what", first(what, p.what, "（演示数据）按采购文件提供"+p.title+"所列服务"))
	put("from_whom", n.Qualification != "", "from_whom", first(n.Qualification, "（演示数据）依法登记的社会组织，登记状态正常，未列入失信名单"))
	put("for_whom", false, "for_whom", first(p.whom, many))
	p.money(n, put)
	put("term", n.Term != "", "term_months", fmt.Sprint(p.months), "term_note", p.term)
	if p.months > 12 {
		put("term_reason", false, "term_reason", p.reason)
	}
	put("method", n.Method != "", "method", p.method)
	put("scoring", false, "scoring", tender.Comprehensive)
	put("need", false, "public_service", "yes", "survey_basis", "within_year", "survey_note", "（演示数据）上一年度已就同一标的开展需求调查",
		"public_opinion", "（演示数据）在服务所在社区张贴公告并召开座谈会，听取服务对象和家属的意见",
		"intention_exempt", "（演示数据）预算调整后急需开展，采购需求不可预见", "contract_terms", contractTerms, "requirements", requirements)
	marks = append(marks, "criteria")
	put("documents_until", false, "documents_until", due.AddDate(0, 0, -1).Format(time.DateOnly))
	put("deadline", false, "deadline", due.In(clock.Beijing).Format("2006-01-02T15:04"))
	put("opening_place", false, "opening_place", "本平台线上开标")
	put("contact", false, "contact", "（演示数据）采购经办科室")
	if n.SMEReserved != nil && *n.SMEReserved {
		v["sme_reserved"] = "yes"
	}
	if p.surveyed {
		v["survey_basis"], v["survey_note"] = survey.Conducted, ""
	}
	for name, answer := range p.answers {
		v[name] = answer
	}
	if len(p.offers) > 0 {
		marks = append(marks, "bids")
	}
	return v, append(marks, p.remarks...)
}

func (p plan) money(n notice, put func(string, bool, ...string)) {
	budget, ceiling := n.Budget, n.Ceiling
	put("budget", budget != nil || p.made(), "budget", fmt.Sprint(or(budget, p.budget)))
	if p.unit != "" {
		put("ceiling_quantity", false, "ceiling_kind", tender.UnitPrice, "ceiling", fmt.Sprint(p.price), "ceiling_unit", p.unit,
			"ceiling_quantity", fmt.Sprint(p.count), "ceiling_cap", fmt.Sprint(or(budget, p.budget)))
		return
	}
	put("ceiling", ceiling != nil, "ceiling_kind", tender.TotalPrice, "ceiling", fmt.Sprint(or(ceiling, or(budget, p.budget))))
}

const (
	contractTerms = "（演示数据）一、合同签订后十个工作日内支付合同金额的 30%，中期考核合格后支付 40%，验收合格后支付 30%。\n二、承接主体不得转包；按月报送服务台账。\n三、验收邀请服务对象参与，结果向社会公告。"
	requirements  = "★ （演示数据）项目负责人为本单位在职人员，持有社会工作者职业资格证书\n★ （演示数据）每次服务有服务对象签字或者留痕记录"
)

// criteria is the demo scoring table: one price line, three that people score.
var criteria = []tender.CriterionForm{
	{Name: "报价", Description: "最低有效报价 ÷ 本投标报价 × 分值", Weight: "20", Kind: tender.PriceCriterion},
	{Name: "服务方案", Description: "演示数据：按需求响应程度分档计分", Bands: "全部响应且有保障措施 = 40\n全部响应 = 30\n部分响应 = 15\n未响应 = 0", Weight: "40", Kind: tender.ExpertCriterion},
	{Name: "人员配备", Description: "演示数据：按持证人数分档计分", Bands: "0–2 人 = 5\n3–5 人 = 15\n6 人及以上 = 25", Weight: "25", Kind: tender.ExpertCriterion},
	{Name: "同类业绩", Description: "演示数据：按近三年同类项目数量分档计分", Bands: "0 个 = 0\n1–2 个 = 7\n3 个及以上 = 15", Weight: "15", Kind: tender.ExpertCriterion},
}

func or(v *int64, other int64) int64 {
	if v == nil {
		return other
	}
	return *v
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
