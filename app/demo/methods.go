package demo

import (
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
)

// codeOf is the 统一社会信用代码 of one of the made-up social organisations.
func codeOf(name string) string {
	for i, x := range social {
		if x.name == name {
			return demoCode(party.Social, 10+i)
		}
	}
	return ""
}

const (
	river  = "湖北省武汉市"
	flood  = "江滨区洪涝受灾群众安置点陪护服务项目（演示）"
	bath   = "江滨区社区助浴服务框架协议（演示）"
	noDate = "" // the method asks for no period of the documents
)

// methods are made-up purchases by the methods that the records have none of,
// and with what happens between a need and a contract besides.
var methods = []plan{
	{title: "江滨区社区市民学校建设项目（演示）", region: river, to: open, begin: -9, due: 18, intended: -45, surveyed: true, months: 12, term: "合同签订后一年",
		catalogue: area, method: byOpen, budget: 660_000, answers: map[string]string{"package_limits": "最多可投 3 个包，最多可中 2 个包"},
		remarks: []string{"分包方式仿照 T27（社区市民学校建设项目，10 包），名称、金额和数量均为演示数据"},
		packages: []tender.PackageForm{
			{Name: "课程开发与师资", What: "开发社区课程不少于 12 门，培训社区讲师不少于 30 名", Budget: "180000", Ceiling: "180000"},
			{Name: "教学点运营", What: "在 8 个社区教学点开课，每个教学点每月不少于 4 次", Budget: "336000", Ceiling: "840", Unit: "课次", Quantity: "400"},
			{Name: "督导与评估", What: "按季度督导并出具评估报告", Budget: "144000", Ceiling: "140000"}}},
	{title: "江滨区失能老人助餐送餐服务项目（演示）", region: river, to: open, begin: -19, due: 4, surveyed: true, months: 12, term: "合同签订后一年",
		catalogue: elderly, method: byOpen, unit: "人次", price: 22, count: 36_000, budget: 792_000, whom: "辖区失能、半失能老人约 120 人", story: amended},
	{title: "江滨区未成年人心理关爱服务项目（演示）", region: river, to: evaluating, begin: -18, due: -2, months: 12, term: "合同签订后一年",
		catalogue: minors, method: byConsultation, budget: 350_000, seated: true, tied: true,
		remarks: []string{"提交响应文件的只有两家：政府购买服务的竞争性磋商，两家可以继续进行（财库〔2015〕124号）"},
		offers:  []offer{{dawn, 332_000, 92}, {together, 318_500, 86}}},
	{title: "江滨区养老机构安全风险评估服务项目（演示）", region: river, to: open, begin: -13, due: 2, months: 6, term: "合同签订后六个月",
		catalogue: elderly, method: rules.MethodNegotiation, budget: 240_000, begun: true, answers: map[string]string{"scoring": tender.LowestPrice, "documents_until": noDate,
			"ground": "price", "ground_reason": "（演示数据）评估的床位数随机构改造进度变化，不能事先计算出价格总额"}},
	{title: "江滨区救助管理站寻亲技术服务续购项目（演示）", region: river, to: open, begin: -3, due: 9, months: 12, term: "合同签订后一年",
		catalogue: relief, method: rules.MethodSingle, budget: 90_000, story: objected, answers: map[string]string{"scoring": tender.LowestPrice, "documents_until": noDate,
			"ground": "addition", "ground_reason": "（演示数据）上一年度已建成的寻亲档案须由原机构继续维护，追加金额不超过原合同的百分之十", "invited": codeOf(dawn) + " " + dawn}},
	{title: bath, region: river, to: awarded, begin: -78, due: -54, months: 24, term: "框架协议有效期两年", reason: steady,
		catalogue: elderly, method: rules.MethodFramework, unit: "人次", price: 98, count: 9_000, budget: 882_000,
		offers: []offer{{dawn, 96, 80}, {neighbour, 92, 94}, {together, 94, 88}}},
	{title: "江滨区东片社区助浴服务（演示）", region: river, to: contracted, begin: -34, due: -31, months: 6, term: "合同签订后六个月", prompt: true,
		catalogue: elderly, method: rules.MethodCallOff, budget: 184_000, under: bath, offers: []offer{{neighbour, 180_000, 94}},
		answers: map[string]string{"scoring": tender.LowestPrice, "documents_until": noDate, "way": "direct", "invited": codeOf(neighbour) + " " + neighbour}},
	{title: "江滨区江滨社区助浴服务（演示）", region: river, to: contracted, begin: -50, due: -47, months: 1, term: "合同签订后一个月", prompt: true, judging: true,
		catalogue: elderly, method: rules.MethodCallOff, budget: 42_000, under: bath, offers: []offer{{neighbour, 38_600, 94}},
		answers: map[string]string{"scoring": tender.LowestPrice, "documents_until": noDate, "way": "direct", "invited": codeOf(neighbour) + " " + neighbour}},
	{title: "江滨区西片社区助浴服务（演示）", region: river, to: open, begin: -2, due: 5, months: 6, term: "合同签订后六个月",
		catalogue: elderly, method: rules.MethodCallOff, budget: 196_000, under: bath,
		answers: map[string]string{"scoring": tender.LowestPrice, "documents_until": noDate, "way": "compete"}},
	{title: flood, region: river, to: contracted, begin: -24, due: -23, months: 2, term: "安置点撤除为止，不超过两个月", prompt: true,
		catalogue: relief, method: rules.MethodEmergency, budget: 150_000, offers: []offer{{together, 138_000, 90}, {dawn, 144_000, 84}}, story: enlarged,
		answers: map[string]string{"scoring": tender.LowestPrice, "documents_until": noDate, "way": "competitive", "ground": "emergency",
			"ground_reason": "（演示数据）强降雨后启用三处临时安置点，受灾群众当夜入住，常规程序来不及"}},
	{title: "江滨区困难家庭儿童课后托管服务项目（演示）", region: river, to: awarded, begin: -52, due: -27, months: 12, term: "合同签订后一年",
		catalogue: minors, method: byOpen, budget: 480_000, offers: threeOffers(480_000, dawn), story: disputed},
}
