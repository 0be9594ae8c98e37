package document

import (
	"time"

	"gongji/app/kernel/money"
)

func pointer(v int) *int { return &v }

func fen(v money.Fen) *money.Fen { return &v }

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.000 -0700", s+" +0800")
	if err != nil {
		panic(err)
	}
	return t
}

func issue(number, issuer string) Issue {
	return Issue{
		Number: number, Code: "7QK3-M9TX-2HWF", Issuer: issuer, IssuedAt: at("2026-11-21 09:30:00.000"),
		VerifyURL: "https://gongji.example.cn/verify/7QK3M9TX2HWF",
	}
}

const hash64 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func receipt() DonationReceipt {
	return DonationReceipt{
		Issue: issue("HL2026-000128", "东莞市横沥镇社区发展基金会"),
		Donor: "东莞市某某电子科技有限公司", DonorUSCC: "914419**********66", DonatedAt: at("2026-11-20 10:00:00.000"),
		Method: "银行转账、实物", ProjectCode: "HLZX-2026-03", Project: "横沥镇新冠肺炎疫情防控专项基金",
		Lines: []ReceiptLine{
			{Item: "定向捐赠款", Unit: "元", Quantity: "1", Standard: "100,000.00", Amount: fen(10000000)},
			{Item: "一次性医用外科口罩", Unit: "只", Quantity: "28,240", Standard: "0.25", Amount: fen(706000), Goods: true},
			{Item: "防护雨衣", Unit: "件", Quantity: "2,183", Goods: true},
		},
		Total: fen(10706000), Remark: "指定用于横沥镇各社区疫情防控物资采购与发放。", Reviewer: "陈静", Handler: "李志强",
	}
}

func annual() AnnualStatement {
	return AnnualStatement{Issue: issue("汇总2026-000012", "东莞市横沥镇社区发展基金会"), Donor: "欧阳𠮷䶮", Year: 2026, Total: 20140950, Receipted: 20000000,
		Lines: []AnnualGift{{On: at("2026-03-01 10:00:00.000"), Reference: "K7M2QXAB", Project: "横沥镇新冠肺炎疫情防控专项基金", What: "资金", Amount: fen(20000000), Receipt: "2026-000128", Fiscal: "0012345678"},
			{On: at("2026-06-01 10:00:00.000"), Reference: "EJMPHN14", Project: "社区助老专项基金", What: "资金", Amount: fen(140950)},
			{On: at("2026-07-01 10:00:00.000"), Reference: "W2P4CB7Q", Project: "社区助老专项基金", What: "棉被 40床、护目镜 649个"}}}
}

func bidReceipt() BidReceipt {
	return BidReceipt{
		Issue:        issue("TB2026110900012", "共济购买服务平台"),
		TenderNumber: "MZ-GK-2026-0031", TenderTitle: "2026—2027年度居家养老上门服务采购项目", Package: "包1（城东片区）",
		Buyer: "义马市民政局", Bidder: "义马市常青社会工作服务中心", BidderUSCC: "52411281MJY123456X", SubmittedBy: "王芳",
		SubmittedAt: at("2026-11-09 16:59:59.037"), Deadline: at("2026-11-09 17:00:00.000"), Version: 3, Documents: 2, SHA256: hash64,
	}
}

func opening() OpeningRecord {
	return OpeningRecord{
		Issue:        issue("KB-MZ-GK-2026-0031", "义马市民政局"),
		TenderNumber: "MZ-GK-2026-0031", TenderTitle: "2026—2027年度居家养老上门服务采购项目", Method: "公开招标", Buyer: "义马市民政局",
		Ceiling: fen(98000000), Deadline: at("2026-11-09 17:00:00.000"), OpenedAt: at("2026-11-09 17:00:03.412"), Place: "线上（共济购买服务平台）",
		Openers: []Person{{"赵敏", "经办人"}, {"孙立", "监督"}}, Received: 3,
		Bids: []OpenedBid{
			{Bidder: "义马市常青社会工作服务中心", Price: fen(89500000), Duration: "12个月", SubmittedAt: at("2026-11-09 16:59:59.037"), SHA256: hash64},
			{Bidder: "三门峡市夕阳红养老服务促进会", Price: fen(92000000), Duration: "12个月", SubmittedAt: at("2026-11-08 10:12:01.500"), SHA256: hash64},
			{Bidder: "义马市爱邻社区服务中心", PriceText: "每人次 45.00", Duration: "12个月", SubmittedAt: at("2026-11-07 09:00:00.001"), SHA256: hash64, Remark: "小微企业声明"},
		},
	}
}

func award() AwardNotice {
	score := 9137
	return AwardNotice{
		Issue:        issue("ZB-MZ-GK-2026-0031", "义马市民政局"),
		TenderNumber: "MZ-GK-2026-0031", TenderTitle: "2026—2027年度居家养老上门服务采购项目", Package: "包1（城东片区）", Method: "公开招标",
		Buyer: "义马市民政局", Winner: "义马市常青社会工作服务中心", WinnerUSCC: "52411281MJY123456X", Price: fen(89500000), Duration: "自合同签订之日起12个月",
		Score: &score, ConfirmedAt: at("2026-11-16 15:00:00.000"), SignBefore: at("2026-12-21 00:00:00.000"), Contact: "赵敏　0398-0000000",
	}
}

func contract() ContractSummary {
	return ContractSummary{
		Issue:        issue("HT2026-0018", "义马市民政局"),
		TenderNumber: "MZ-GK-2026-0031", TenderTitle: "2026—2027年度居家养老上门服务采购项目", ContractNo: "YMMZ-2026-HT-018",
		Buyer: "义马市民政局", Provider: "义马市常青社会工作服务中心", ProviderUSCC: "52411281MJY123456X", Amount: fen(89500000),
		SignedOn: at("2026-11-25 00:00:00.000"), From: at("2026-12-01 00:00:00.000"), To: at("2027-11-30 00:00:00.000"),
		Scope:    "为城东片区 320 名经评估的老年人提供每月不少于 4 次的居家上门服务，内容包括助餐、助浴、助洁、助医和精神慰藉。",
		Payments: []ContractPayment{{"首付款", "合同签订后10个工作日内", fen(35800000)}, {"中期款", "中期考核合格后", fen(35800000)}, {"尾款", "绩效评价合格后按结果支付", fen(17900000)}},
	}
}

func report() PerformanceReport {
	r := PerformanceReport{
		Issue:   issue("JX-2027-0007", "河南中评咨询有限公司"),
		Project: "2026—2027年度居家养老上门服务采购项目", ProjectNumber: "MZ-GK-2026-0031", Buyer: "义马市民政局",
		Organisation: "义马市常青社会工作服务中心", OrgUSCC: "52411281MJY123456X", Evaluator: "河南中评咨询有限公司",
		From: at("2026-12-01 00:00:00.000"), To: at("2027-11-30 00:00:00.000"), Contract: fen(89500000), Paid: fen(71600000),
		Score: 8650, Band: "良",
		Summary: "项目决策依据充分，过程管理总体规范，产出数量与质量达到合同约定，服务对象满意度较高；但绩效目标的量化程度、财务凭证的及时性以及服务覆盖的持续性仍有改进空间。经综合评价，本项目得分 86.5 分，等级为“良”。",
		Parts:   []PerformancePart{{"决策", 2000, 1800}, {"过程", 2000, 1650}, {"产出", 3000, 2700}, {"效益", 3000, 2500}},
		Survey:  &Survey{Sent: 320, Valid: 301, Rate: 9210},
		Achievements: []string{
			"全年上门服务 15,842 人次，完成合同约定量的 103.1%，覆盖老年人 326 名。",
			"建立“一人一档”服务台账，服务记录与定位签到一致率达到 98%。",
		},
		Problems: []Problem{
			{"部分绩效目标未细化、量化，年度调整后未及时重新备案。", "重新梳理绩效目标，按季度分解到人，报民政局备案。", "常青社工中心 王芳", at("2028-01-31 00:00:00.000")},
			{"第三季度部分支出凭证附件不全，周报账两次逾期。", "补齐凭证，指定专人负责周报账。", "常青社工中心 财务", at("2027-12-31 00:00:00.000")},
		},
		Rounding: "各项得分精确计算，总分只在最后舍去一次，保留两位小数：79.995 分记 79.99 分，等级为“中”。样本不足的指标不计分，其分值按比例分摊到其余指标。",
		Figures: []ReportFigure{{"预算执行率（周报账、付款）", "周报账已核对支出 716,000.00 元 ÷ 约定金额 895,000.00 元"},
			{"居民满意度（问卷调查）", "发出邀请 320 份，收回 301 份；另有公开海报答卷 45 份，不计入，满意率 92.10%（95% 置信区间 88.47%–94.66%）"},
			{"社区街道评价", "城东街道 88.00 分，新村社区 90.50 分"}},
		Self: "全年按约完成上门服务，建立一人一档。", SelfScore: pointer(9025),
		Objections:  []ReportObjection{{"第三季度凭证已于评价后补齐，请复核。", at("2027-12-18 09:00:00.000"), 8650, "不采纳，维持原结果", "补齐晚于约定，扣分依据充分。", at("2027-12-20 09:00:00.000")}},
		Suggestions: []string{"将尾款支付与绩效评价等级挂钩，优先续签等级为优、良的承接主体。", "增加失能老年人助浴服务的频次。"},
		Team:        []Person{{"周海", "评价组组长"}, {"吴倩", "评价组成员"}, {"郑涛", "评价组成员"}},
	}
	for m := range 12 {
		r.Course = append(r.Course, CoursePoint{at("2026-12-01 00:00:00.000").AddDate(0, m, 0), money.Fen(5_966_667 * int64(m+1)), money.Fen(17_900_000 * int64((m+3)/3))})
	}
	tree := []struct {
		one, two, three string
		weight, score   int
		reason          string
	}{
		{"决策\n（20分）", "项目立项", "立项依据充分性", 500, 500, "符合指导性目录和本级预算安排。"},
		{"决策\n（20分）", "项目立项", "立项程序规范性", 500, 500, ""},
		{"决策\n（20分）", "绩效目标", "绩效目标合理性", 500, 400, "目标与实际需求基本匹配，个别目标偏低，扣 1 分。"},
		{"决策\n（20分）", "绩效目标", "绩效指标明确性", 500, 400, "两项指标未量化，扣 1 分。"},
		{"过程\n（20分）", "资金管理", "预算执行率", 700, 600, "执行率 80%，按比例得分。"},
		{"过程\n（20分）", "资金管理", "资金使用合规性", 600, 450, "第三季度 6 笔支出凭证附件不全，每笔扣 0.25 分。"},
		{"过程\n（20分）", "组织实施", "制度健全与执行", 700, 600, "周报账两次逾期，扣 1 分。"},
		{"产出\n（30分）", "产出数量", "上门服务人次", 1000, 1000, "完成 15,842 人次，合同约定 15,360 人次。"},
		{"产出\n（30分）", "产出质量", "服务达标率", 1000, 850, "抽查 200 次，达标 189 次。"},
		{"产出\n（30分）", "产出时效", "响应及时率", 1000, 850, "24 小时内响应率 94%。"},
		{"效益\n（30分）", "社会效益", "老年人生活质量改善", 1500, 1200, "入户访谈显示助餐、助洁作用明显，精神慰藉覆盖不足。"},
		{"效益\n（30分）", "满意度", "服务对象满意度", 1000, 920, "满意率 92.1%。"},
		{"效益\n（30分）", "可持续影响", "人员与机制稳定性", 500, 380, "一线人员流动率 22%，高于目标。"},
	}
	for _, l := range tree {
		r.Indicators = append(r.Indicators, Indicator{Level1: l.one, Level2: l.two, Level3: l.three, Weight: l.weight, Score: l.score,
			Standard: "完全达到得满分，基本达到得 60%—80%，未达到的按比例扣分，扣完为止。", Reason: l.reason})
	}
	return r
}

func accepted() AcceptanceReport {
	return AcceptanceReport{Issue: issue("验收〔2026〕0003号", "义马市民政局"), Kind_: "购买服务", Project: "2026年度居家养老上门服务", ProjectNumber: "YMMZ-2026-HT-018",
		Payer: "义马市民政局", Provider: "义马市常青社会工作服务中心", Amount: fen(89500000), From: at("2026-01-01 00:00:00.000"), To: at("2026-12-31 00:00:00.000"),
		Scope: "整个项目", On: at("2026-12-28 00:00:00.000"), Place: "和美社区活动室，现场查看并入户回访 20 户", Basis: "依据政府采购法实施条例第45条组织验收并向社会公告。",
		Members: []AcceptanceMember{{Name: "周正", Role: "付款方", Unit: "义马市民政局", Opinion: "同意"}, {Name: "李***", Role: "服务对象", Unit: "和美社区", Opinion: "同意", Words: "来得准时，说话也和气，就是盼着冬天能多来几次。"},
			{Name: "王***", Role: "服务对象", Unit: "江滨社区", Opinion: "有不同意见", Words: "有两次换人没有提前说。"}},
		Checks: []AcceptanceCheck{{Name: "上门照护", Promised: "1200 人次", Shown: "1236 人次", Confirmed: "1230 人次", Met: true, Note: "6 人次签到不全，未计"},
			{Name: "服务期满", Standard: "完成全部产出，服务对象满意率不低于 90%", Met: true}},
		Result: "合格", Summary: "全部产出达到合同要求。换人未提前告知的意见，承接方已承诺提前一天电话告知，由社区抽查。"}
}

func samples() map[string]Content {
	demo, fiscal, void, notOpened, deal := receipt(), receipt(), receipt(), opening(), award()
	demo.Demo = true
	fiscal.Fiscal = &FiscalNumbers{Code: "44060126", Number: "0012345678", Check: "a1b2c3"}
	void.Void = &Void{At: at("2026-11-22 11:00:00.000"), Reason: "捐赠人名称有误，重新开具（HL2026-000129）。", By: "陈静"}
	notOpened.NotOpened = &NotOpened{Reason: "至投标截止时间，提交投标文件的投标人为 2 家，不足三家，不予开标。", Article: "《政府采购货物和服务招标投标管理办法》（财政部令第87号）第四十一条"}
	notOpened.Received, notOpened.Bids = 2, nil
	deal.Deal, deal.Method, deal.Demo = true, "竞争性磋商", true
	return map[string]Content{
		"acceptance_report": accepted(),
		"donation_receipt":  receipt(), "donation_receipt_demo": demo, "donation_receipt_fiscal": fiscal, "donation_receipt_void": void,
		"bid_receipt": bidReceipt(), "opening_record": opening(), "opening_record_closed": notOpened,
		"award_notice": award(), "award_notice_deal": deal, "contract_summary": contract(), "annual_statement": annual(), "performance_report": report(),
	}
}
