package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/review"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/organisation"
)

// board is one call of the demonstration with what is needed to play it.
type board struct {
	*house
	call call.Call
	apps map[string]application.Application // by organisation
}

// calls writes into the script a 公益创投 that has come to its grants, one that
// takes applications now, one in review, and an incubation. All of it is made up.
func (s *script) calls() {
	h := &house{script: s, name: hengli, prefix: "foundation", day: -79}
	s.at(s.on(-79, 9, 0), "证书库", func(ctx context.Context) error {
		for i, name := range []string{dawn, neighbour, together} {
			if err := s.vault(ctx, s.as(fmt.Sprintf("social%d.lead", i+1), name)); err != nil {
				return err
			}
		}
		return s.DB.NewSelect().TableExpr("fund").Column("id").Where("name = ?", "社区助老专项基金（演示）").Scan(ctx, &h.fund)
	})
	done := &board{house: h, apps: map[string]application.Application{}}
	done.open(call.Venture, "社区助老公益创投（演示）", -50, -35)
	done.apply(-40, dawn, "独居老人探访关爱", 12_000, true)
	done.apply(-38, neighbour, "长者助浴上门", 10_000, true)
	done.apply(-37, together, "楼道适老小改造", 28_000, true)
	done.review(-33, map[string][]int64{dawn: {88, 84, 90}, neighbour: {82, 80, 79}, together: {58, 66, 52}}, true)
	done.decide(-25)
	now := &board{house: h, apps: map[string]application.Application{}}
	now.open(call.Venture, "一老一小社区公益创投（演示）", -6, 12)
	now.apply(-3, neighbour, "周末亲子食堂", 18_000, true)
	now.apply(-2, dawn, "放学后来站坐坐", 20_000, false)
	reading := &board{house: h, apps: map[string]application.Application{}}
	reading.open(call.Venture, "社区营造微创投（演示）", -22, -4)
	reading.apply(-10, dawn, "楼栋议事客厅", 12_000, true)
	reading.apply(-9, together, "旧物新生集市", 9_000, true)
	reading.review(-3, map[string][]int64{dawn: {80, 76}, together: {85, 78}}, false)
	called := &board{house: h, apps: map[string]application.Application{}}
	called.open(call.Venture, "社区体育角公益创投（演示）", -30, 20)
	called.apply(-25, together, "天台羽毛球角", 8_000, true)
	called.cancel(-18, "演示数据：与镇里同期的体育设施更新重复，经费改投社区助老。")
	office := &board{house: &house{script: s, name: bureau, prefix: "bureau", day: -79}, apps: map[string]application.Application{}}
	office.open(call.Venture, "福彩公益金社区服务创投（演示）", -48, -36)
	office.apply(-44, neighbour, "老年人防跌倒小组", 16_000, true)
	office.apply(-43, together, "楼组调解志愿队", 9_000, true)
	office.review(-34, map[string][]int64{neighbour: {86, 80, 83}, together: {60, 64, 58}}, true)
	office.spend(-28)
	young := &board{house: h, apps: map[string]application.Application{}}
	young.open(call.Incubation, "社区社会组织孵化营（演示）", -70, -60)
	young.apply(-66, together, "同行者成长计划", 0, true)
	young.review(-58, map[string][]int64{together: {80, 82, 84}}, true)
	young.cohort(-50)
}

// vault enters an organisation's registration certificate with its scan.
func (s *script) vault(ctx context.Context, who party.Actor) error {
	paper, err := files.ReadFile("data/paper.pdf")
	if err != nil {
		return err
	}
	x, err := s.Credentials.Add(ctx, who, credential.Input{Kind: credential.Registration, Number: "演示", Issuer: "演示登记管理机关", IssuedOn: "2019-05-20"})
	if err != nil {
		return err
	}
	_, err = s.Attachments.Add(ctx, who, credential.ObjectKind, x.ID, "", "法人登记证书（演示）.pdf", bytes.NewReader(paper))
	return err
}

func (b *board) form(kind call.Kind, title string, deadline time.Time) call.Form {
	day := func(after int) string { return deadline.In(clock.Beijing).AddDate(0, 0, after).Format(time.DateOnly) }
	f := call.Form{Kind: string(kind), Title: title, Summary: "演示数据：支持社会组织回应社区里老人、儿童和邻里的真实需求，鼓励小而具体、能看到变化的项目。",
		Region: "广东省东莞市横沥镇", Fund: string(b.fund), Deadline: deadline.In(clock.Beijing).Format("2006-01-02T15:04"), Total: "60000", Most: "30000", Places: "3",
		Start: day(10), End: day(400), Contact: "演示数据：0769-00000000", Eligibility: call.Eligibility{Years: "2"},
		Questions: []call.Question{
			{Group: "需求与做法", Title: "服务对象有什么需求，您是怎样知道的", Hint: "写具体的人和事，不写个人信息。", Type: call.Text, Limit: "800"},
			{Group: "需求与做法", Title: "预计服务多少人次", Type: call.Number, Unit: "人次", Limit: "100000"},
			{Group: "需求与做法", Title: "怎样知道有了变化", Type: call.Text, Limit: "500"},
			{Group: "团队与资源", Title: "项目团队", Type: call.Table, Options: "称呼、分工、每周投入", Limit: "10"},
			{Group: "团队与资源", Title: "有没有社区居委会或物业的支持", Type: call.Choice, Options: "已书面支持、已口头支持、还没有"},
		},
		Budget:    []call.Line{{Name: "服务活动"}, {Name: "人员补贴", Cap: "40"}, {Name: "管理和杂项", Cap: "10"}},
		Documents: []call.Document{{Name: "法人登记证书", Credential: credential.Registration}, {Name: "项目计划书", Optional: true}},
		Rounds: []call.Round{{Name: "书面评审", Criteria: []call.Criterion{{Name: "需求真实具体", Hint: "说得清为谁、为什么", Weight: "35"},
			{Name: "做法可行", Hint: "步骤、人手、时间对得上", Weight: "35"}, {Name: "预算合理", Hint: "单价和数量讲得通", Weight: "15"}, {Name: "可持续", Hint: "结束以后怎么办", Weight: "15"}}}},
	}
	if b.name == bureau {
		f.Fund, f.Region, f.Source = "", "湖北省武汉市", "演示数据：2026年市级福彩公益金"
		f.Summary = "演示数据：用福彩公益金支持社会组织在社区开展为老、助残和调解服务。"
	}
	if kind == call.Incubation {
		f.Summary, f.Fund, f.Total, f.Most, f.Budget = "演示数据：陪伴成立不久的社区社会组织，从能力评估到独立承接项目。不提供资金，提供场地、督导和培训。", "", "", "", nil
		f.Eligibility = call.Eligibility{Pending: true}
	}
	return f
}

// open publishes the call on a day, to close at 17:00 of another.
func (b *board) open(kind call.Kind, title string, day, closes int) {
	b.at(b.on(day, 9, 30), "征集 "+title, func(ctx context.Context) error {
		c, err := b.Calls.Create(ctx, b.by(party.Officer), b.form(kind, title, b.on(closes, 17, 0)))
		if err == nil {
			_, err = b.Calls.Mark(ctx, organisation.System, c.ID)
		}
		if err == nil {
			_, err = b.Calls.Submit(ctx, b.by(party.Officer), c.ID)
		}
		if err == nil {
			b.call, err = b.Calls.Publish(ctx, b.by(party.Approver), c.ID)
		}
		return err
	})
}

func lead(name string) string {
	return map[string]string{dawn: "social1.lead", neighbour: "social2.lead", together: "social3.lead"}[name]
}

// apply writes an application; one that is not sent lacks its budget.
func (b *board) apply(day int, org, title string, yuan int64, sent bool) {
	b.at(b.on(day, 10, 0), "申请 "+title, func(ctx context.Context) error {
		who := b.as(lead(org), org)
		a, err := b.Applications.Start(ctx, who, b.call.ID)
		if err != nil {
			return err
		}
		in := application.Form{Title: title, Summary: "演示数据：由社工带着居民志愿者一起做，每周固定时间，留下记录，每月向居民公布一次。", Beneficiaries: "横沥镇 3 个社区的 80 位居民",
			Start: b.call.Form.Start, End: b.call.Form.End, Confirmed: true,
			Answers: map[string]string{"1": "演示数据：走访 120 户，近半数家庭提到这件事没有人管。", "2": "1600", "3": "演示数据：看参加的人次、回头率和居民的话。", "5": "已口头支持"},
			Tables:  map[string][][]string{"4": {{"王社工", "统筹", "2 天"}, {"李志愿者", "活动", "1 天"}}}}
		if yuan > 0 {
			total := money.Fen(yuan) * money.Yuan
			in.Budget = []application.Row{{Line: "服务活动", Item: "物料和场地", Amount: (total / 100 * 60).Plain()}, {Line: "人员补贴", Item: "社工补贴 10 个月", Amount: (total / 100 * 32).Plain()},
				{Line: "管理和杂项", Item: "办公分摊", Amount: (total / 100 * 8).Plain()}}
		}
		for _, p := range application.Parts(b.call) {
			if !sent && p.Key == application.Budget {
				continue
			}
			if a, err = b.Applications.Save(ctx, who, a.ID, p.Key, -1, in); err != nil {
				return err
			}
		}
		found, err := b.Applications.Overlaps(ctx, who, a.ID)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			in.Overlap = "演示数据：同期项目的服务对象、内容和地点都不同，人员工时分开记录。"
			if a, err = b.Applications.Save(ctx, who, a.ID, application.Project, -1, in); err != nil {
				return err
			}
		}
		if sent {
			a, err = b.Applications.Submit(ctx, who, a.ID)
		}
		b.apps[org] = a
		return err
	})
}

// review names three experts and has them score; without settled, some sheets
// are still to come.
func (b *board) review(day int, scores map[string][]int64, settled bool) {
	b.at(b.on(day, 10, 0), "评审", func(ctx context.Context) error {
		var people []party.Actor
		for i := range 3 {
			if err := b.Reviews.Name(ctx, b.by(party.Officer), b.call.ID, expert(i)); err != nil {
				return err
			}
			people = append(people, b.as(expert(i), ""))
		}
		if err := b.Reviews.Open(ctx, b.by(party.Officer), b.call.ID); err != nil {
			return err
		}
		in := map[id.ID]review.Ruling{}
		for i, who := range people {
			if !settled && i == 2 {
				break // the third has not begun
			}
			if err := b.Reviews.Declare(ctx, who, b.call.ID, review.Declaration{Agree: true}); err != nil {
				return err
			}
			for org, list := range scores {
				v := list[i]
				if err := b.Reviews.HandIn(ctx, who, b.apps[org].ID, review.Marks{Scores: []*int64{&v, &v, &v, &v}, Comment: "演示数据：需求清楚，做法可以再具体一些。"}); err != nil {
					return err
				}
				in[b.apps[org].ID] = review.Ruling{Passed: v >= 70, Reason: map[bool]string{true: "", false: "演示数据：与物业的分工还没有谈妥，建议下一期再申请。"}[v >= 70]}
			}
		}
		if !settled {
			return nil
		}
		return b.Reviews.Settle(ctx, b.by(party.Officer), b.call.ID, in)
	})
}

// decide supports two of the first call and declines the third; one grant runs
// and has its first instalment, the other waits to be accepted.
func (b *board) decide(day int) {
	b.at(b.on(day, 10, 0), "决定", func(ctx context.Context) error {
		for _, org := range []string{dawn, neighbour} {
			if err := b.support(ctx, org, []int64{60, 40}); err != nil {
				return err
			}
		}
		if _, err := b.Grants.DeclineRest(ctx, b.by(party.Approver), b.call.ID); err != nil {
			return err
		}
		_, err := b.accepted(ctx, dawn, 1)
		return err
	})
}

// cancel withdraws the call.
func (b *board) cancel(day int, reason string) {
	b.at(b.on(day, 11, 0), "取消 "+b.call.Title, func(ctx context.Context) error {
		_, err := b.Calls.Cancel(ctx, b.by(party.Approver), b.call.ID, reason)
		return err
	})
}

// spend decides for a bureau: one is supported and has been paid once, the
// other is told why not.
func (b *board) spend(day int) {
	b.at(b.on(day, 10, 0), "决定", func(ctx context.Context) error {
		if err := b.support(ctx, neighbour, []int64{60, 40}); err != nil {
			return err
		}
		if _, err := b.Grants.DeclineRest(ctx, b.by(party.Approver), b.call.ID); err != nil {
			return err
		}
		_, err := b.accepted(ctx, neighbour, 1)
		return err
	})
	b.at(b.on(day+6, 15, 0), "登记付款", func(ctx context.Context) error {
		g, err := b.Grants.OfApplication(ctx, b.by(party.Officer), b.apps[neighbour].ID)
		if err == nil {
			_, err = b.Grants.Settle(ctx, b.by(party.Finance), g.ID, 1, grant.Settlement{On: b.on(day+6, 0, 0).In(clock.Beijing).Format(time.DateOnly), Voucher: "演示国付〔2026〕0312号"})
		}
		return err
	})
}

// support decides for an application, its amount split into milestones by
// whole percent.
func (b *board) support(ctx context.Context, org string, parts []int64) error {
	a := b.apps[org]
	in := grant.Ruling{Funded: true, Reason: "演示数据：需求具体，做法可行，预算合理。"}
	amount := money.Fen(0)
	if a.Asked != nil {
		amount = *a.Asked
		in.Amount = amount.Plain()
	}
	found, err := b.Applications.Overlaps(ctx, b.by(party.Officer), a.ID)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		in.FoundReason = "演示数据：同期项目的服务内容和对象不同，逐项核对过。"
	}
	for i, p := range parts {
		s := grant.Step{Name: []string{"启动", "结项"}[min(i, 1)], Condition: []string{"演示数据：团队到位，开展首次活动", "演示数据：完成全部服务并通过评价"}[min(i, 1)],
			Due: a.Start.In(clock.Beijing).AddDate(0, 0, 30+150*i).Format(time.DateOnly)}
		if amount > 0 {
			s.Amount = (amount / 100 * money.Fen(p)).Plain()
		}
		in.Steps = append(in.Steps, s)
	}
	_, err = b.Grants.Decide(ctx, b.by(party.Approver), a.ID, in)
	return err
}

// accepted puts an organisation's grant into force and has its first
// milestones reached; the first instalment is drafted where there is money.
func (b *board) accepted(ctx context.Context, org string, reached int) (grant.Grant, error) {
	who := b.as(lead(org), org)
	g, err := b.Grants.OfApplication(ctx, who, b.apps[org].ID)
	if err == nil {
		g, err = b.Grants.Accept(ctx, who, g.ID)
	}
	for i := 1; err == nil && i <= reached; i++ {
		if _, err = b.Grants.Report(ctx, who, g.ID, int64(i), "演示数据：首次活动已开展，记录和签到表已上传。"); err == nil {
			_, err = b.Grants.Confirm(ctx, b.by(party.Officer), g.ID, int64(i), true, "演示数据：记录齐全。")
		}
	}
	if err == nil && g.Fund != nil && g.Amount > 0 && reached > 0 {
		_, err = b.Grants.Draw(ctx, b.by(party.Officer), g.ID, 1)
	}
	return g, err
}

// cohort takes the incubation's organisation in, half way to its graduation.
func (b *board) cohort(day int) {
	b.at(b.on(day, 10, 0), "入壳", func(ctx context.Context) error {
		if err := b.support(ctx, together, []int64{0, 0}); err != nil {
			return err
		}
		_, err := b.accepted(ctx, together, 1)
		return err
	})
}
