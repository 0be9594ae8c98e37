package demo

import (
	"context"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/procurement/amendment"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/survey"
)

// What happens around the documents of a purchase: the intention before it,
// the survey behind it, questions about it, amendments and corrections.

// intend drafts the 采购意向 of a purchase.
func (w *walk) intend(ctx context.Context) error {
	x, err := w.Intentions.Create(ctx, w.by(w.officer), intention.Facts{
		Title: first(w.notice.Title, w.title), Region: w.region, Budget: money.Fen(or(w.notice.Budget, w.budget)) * money.Yuan,
		What:     first(w.notice.Scope, w.what, "（演示数据）按采购文件提供服务，具体内容以采购公告为准"),
		Expected: w.on(max(w.begin, w.intended+31), 0, 0).Format("2006-01"), Note: first(w.notice.PolicyNote, "（演示数据）以实际采购公告为准")})
	w.intention = x.ID
	return err
}

// announced are intentions that no purchase has come of yet: one is public,
// one waits for approval.
func (s *script) announced() {
	create := func(ctx context.Context, title string, yuan int64, what string) (intention.Intention, error) {
		return s.Intentions.Create(ctx, s.as("bureau.officer", bureau), intention.Facts{Title: title, Region: river, Budget: money.Fen(yuan) * money.Yuan,
			What: what, Expected: s.on(30, 0, 0).Format("2006-01"), Note: "（演示数据）以实际采购公告为准"})
	}
	s.at(s.on(-12, 10, 0), "公开采购意向", func(ctx context.Context) error {
		x, err := create(ctx, "江滨区家庭养老床位建设与服务项目（演示）", 1_280_000, "（演示数据）为 160 户失能老人家庭建设养老床位，并提供为期一年的上门照护")
		if err == nil {
			_, err = s.Intentions.Publish(ctx, s.as("bureau.approver", bureau), x.ID)
		}
		return err
	})
	s.at(s.on(-1, 16, 0), "起草采购意向", func(ctx context.Context) error {
		_, err := create(ctx, "江滨区儿童主任能力提升服务项目（演示）", 95_000, "（演示数据）培训儿童主任 60 名，每人不少于 40 学时，并进行入户督导")
		return err
	})
}

// survey files whom the buyer asked, and what follows from it.
func (w *walk) survey(ctx context.Context) error {
	who := w.by(w.officer)
	for i, r := range []struct{ name, kind, says string }{
		{dawn, survey.Market, "可以承接；人力成本占报价的七成左右，建议按月结算"},
		{neighbour, survey.Market, "可以承接；建议把服务时长和签到方式写进采购文件"},
		{together, survey.Market, "可以承接；近三年同类项目的平均单价比预算低百分之五左右"},
		{"江北区民政局（演示）", survey.Peer, "去年采购过同类服务，合同期一年，服务对象满意度 92%"},
		{"服务对象代表 6 人（演示）", survey.User, "希望服务人员固定，服务时间避开午休"},
	} {
		on := calendar.Date(w.on(w.begin-14+i, 0, 0))
		if _, err := w.Surveys.Add(ctx, who, w.tender, survey.Entry{Name: r.name, Kind: r.kind, AskedOn: &on, Findings: "（演示数据）" + r.says}); err != nil {
			return err
		}
	}
	return w.Surveys.Conclude(ctx, who, w.tender, "（演示数据）市场供给充分，三家以上可以承接；预算与市场价格相当；服务时长、签到方式和验收标准写入采购文件。", "")
}

// question is one that a supplier asks; an empty answer is still waited for.
func (w *walk) question(days, hour int, org, text, answer string) {
	var x id.ID
	w.at(w.on(days, hour, 0), "提问", func(ctx context.Context) error {
		q, err := w.Questions.Ask(ctx, w.as(supplierLogin(org), org), w.tender, "（演示数据）"+text)
		x = q.ID
		return err
	})
	if answer == "" {
		return
	}
	w.at(w.on(days+1, hour, 30), "答复提问", func(ctx context.Context) error {
		_, err := w.Questions.Answer(ctx, w.by(w.officer), x, "（演示数据）"+answer)
		return err
	})
}

func asked(w *walk) {
	w.question(-4, 10, neighbour, "服务人数每月有增减，结算时以哪一天的在册人数为准？", "以当月最后一日在册且当月实际接受服务的人数为准，按实结算，不超过总额上限。")
	w.question(-1, 15, dawn, "偏远乡镇的交通费用能否单独列支？", "")
}

func corrected(w *walk) {
	w.question(-9, 10, together, "园区现有办公设备是否移交使用？", "现有设备登记后无偿移交，合同期满按清单交回。")
	w.at(w.on(-6, 11, 0), "更正公告", func(ctx context.Context) error {
		_, err := w.Tenders.Correct(ctx, w.by(w.officer), w.tender, "（演示数据）公告所附位置图有误，以园区现场踏勘时的指引为准；采购文件其他内容不变。")
		return err
	})
}

// amended is a purchase whose documents a 质疑 was right about: they are
// amended, the deadline moves, and whoever took them is told.
func amended(w *walk) {
	w.question(-12, 10, dawn, "送餐时间能否提前到上午十点半？", "可以，十点半至十二点之间送达均符合要求。")
	x := w.raise(-10, together, challenge.Challenge, challenge.Documents, point("评分表要求“近三年在本区承担过送餐服务”才得分，限定了地域", "删除地域限制",
		"采购文件评分表“同类业绩”一项", "政府采购法实施条例第20条"))
	w.answer(-6, x, challenge.Reply{Outcome: challenge.Upheld, Effect: challenge.Amend, Answer: "（演示数据）评分表的业绩不应限定地域，将发布更正，并顺延提交截止时间。",
		Grounds: "（演示数据）采购文件评分表；政府采购法实施条例第20条"})
	w.at(w.on(-5, 10, 0), "起草更正", func(ctx context.Context) error {
		changed := append(criteria[:0:0], criteria...)
		changed[len(changed)-1].Description = "演示数据：按近三年同类项目数量分档计分，不限项目所在地"
		_, err := w.Amendments.Propose(ctx, w.by(w.officer), w.tender, amendment.Input{
			Values: map[string]string{"deadline": w.on(18, 9, 30).Format("2006-01-02T15:04"), "documents_until": w.on(17, 0, 0).Format(time.DateOnly),
				"requirements": requirements + "\n★ （演示数据）餐食送达时中心温度不低于 60℃"},
			Criteria: changed, Affects: true, Reason: "质疑成立：业绩评分不限定项目所在地；并按提问答复补充餐食温度要求"})
		return err
	})
	w.at(w.on(-4, 9, 30), "发布更正", func(ctx context.Context) error {
		_, err := w.Amendments.Approve(ctx, w.by(w.approver), w.tender)
		return err
	})
	w.question(-2, 9, neighbour, "温度记录用手持设备还是保温箱自带的记录？", "")
}
