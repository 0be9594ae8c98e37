// Package calltest lays what a test about calls needs on a real database: a
// published call with its fund, organisations that apply, reviewers.
package calltest

import (
	"time"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/grant"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party/credential"
)

// Form is a complete 公益创投: two groups of questions, a budget with a cap, two
// papers, one round.
func Form(fund id.ID, deadline time.Time) call.Form {
	return call.Form{Kind: string(call.Venture), Title: "2026年社区助老公益创投", Summary: "支持社会组织为社区里的独居、高龄老人提供上门照料和陪伴。",
		Region: "广东省东莞市横沥镇", Fund: string(fund), Deadline: deadline.In(clock.Beijing).Format("2006-01-02T15:04"), Total: "100000", Most: "50000",
		Places: "3", Start: "2026-07-01", End: "2027-06-30", Contact: "0769-00000000",
		Questions: []call.Question{
			{Group: "需求与做法", Title: "服务对象有什么需求，怎样知道的", Type: call.Text, Limit: "500"},
			{Group: "需求与做法", Title: "服务多少人次", Type: call.Number, Unit: "人次", Limit: "100000"},
			{Group: "团队", Title: "项目团队", Type: call.Table, Options: "姓名、分工", Limit: "10"},
			{Group: "团队", Title: "有无同类项目经验", Type: call.Choice, Options: "有、没有"},
		},
		Budget:    []call.Line{{Name: "服务活动"}, {Name: "人员补贴"}, {Name: "管理费", Cap: "10"}},
		Documents: []call.Document{{Name: "法人登记证书", Credential: credential.Registration}, {Name: "项目计划书"}},
		Rounds: []call.Round{{Name: "书面评审", Criteria: []call.Criterion{
			{Name: "需求真实", Weight: "40"}, {Name: "方案可行", Weight: "35"}, {Name: "预算合理", Weight: "25"}}}},
	}
}

// Answers is a complete application to Form, but for its papers.
func Answers(title string) application.Form {
	return application.Form{Title: title, Summary: "组织社工和志愿者每周上门探访独居老人，建立需求档案并转介服务。", Beneficiaries: "横沥镇独居老人 60 人",
		Start: "2026-07-15", End: "2027-05-31", Confirmed: true,
		Answers: map[string]string{"1": "入户走访 80 户，半数老人每周无人探望。", "2": "2400", "4": "有"},
		Tables:  map[string][][]string{"3": {{"王芳", "项目主管"}, {"李强", "社工"}}},
		Budget: []application.Row{{Line: "服务活动", Item: "探访物料 60 人", Amount: "20000"}, {Line: "人员补贴", Item: "社工 2 人 10 个月", Amount: "16000"},
			{Line: "管理费", Item: "办公分摊", Amount: "4000"}}}
}

// Steps are milestones that add up to 40,000 元.
func Steps() []grant.Step {
	return []grant.Step{{Name: "启动", Condition: "签约并提交实施计划", Due: "2026-08-31", Amount: "20000"},
		{Name: "中期", Condition: "服务满 1200 人次", Due: "2026-12-31", Amount: "12000"}, {Name: "结项", Condition: "通过结项评价", Due: "2027-06-30", Amount: "8000"}}
}
