package demo

import (
	"context"
	"fmt"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/need"
	"gongji/app/delivery/survey"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/catalogue"
)

// voices asks the residents of a made-up contract, from a day on, for long
// days: invitations of which some are answered, a poster, words, and the
// assessment of the community.
func (w *walk) voices(from, long, invited, answered int) {
	var v survey.Survey
	var codes []string
	on := func(days int) string { return w.on(days, 12, 0).In(clock.Beijing).Format(time.DateOnly) }
	w.at(w.on(from, 9, 0), "居民问卷", func(ctx context.Context) error {
		who := w.by(w.officer)
		c, err := w.Contracts.Of(ctx, w.tender)
		if err != nil {
			return err
		}
		e, err := w.Engagements.Find(ctx, who, engagement.Contract, c.ID)
		if err != nil {
			return err
		}
		t := survey.Templates()[1]
		if v, err = w.Residents.Save(ctx, who, e.ID, 0, survey.Form{Title: "上门养老服务，请您评一评（演示）", Intro: t.Intro, Questions: t.Questions,
			Poster: true, OpensOn: on(from), ClosesOn: on(from + long - 1)}); err != nil {
			return err
		}
		if v, err = w.Residents.Publish(ctx, who, v.ID); err != nil {
			return err
		}
		if _, codes, err = w.Residents.Invite(ctx, who, v.ID, invited, "江滨社区居委会（演示）"); err != nil {
			return err
		}
		_, err = w.Residents.Ask(ctx, who, e.ID, w.orgs[riverside])
		return err
	})
	w.at(w.on(from+1, 10, 0), "居民答卷", func(ctx context.Context) error {
		for i := range answered {
			if _, err := w.Residents.Answer(ctx, codes[i], opinion(i)); err != nil {
				return err
			}
		}
		for i := range 14 {
			if _, err := w.Residents.AnswerOpen(ctx, v.ID, survey.Answers{survey.Headline: fmt.Sprint(5 - i%3)}, fmt.Sprint("192.0.2.", i)); err != nil {
				return err
			}
		}
		return nil
	})
	w.at(w.on(from+2, 10, 0), "审核居民留言", func(ctx context.Context) error { return w.heard(ctx, v.ID) })
	w.at(w.on(from+2, 11, 0), "社区评价", func(ctx context.Context) error {
		_, err := w.Residents.Assess(ctx, w.as("riverside.lead", riverside), v.Engagement, survey.AssessForm{
			Parts: map[string]int{"delivered": 92, "helpful": 88, "together": 85}, Words: "（演示数据）护理员按时上门，独居老人反映好；两次换人没有提前告诉社区，已当面沟通。"})
		return err
	})
}

// opinion is what the i-th made-up resident answers.
func opinion(i int) survey.Answers {
	score := 5
	switch {
	case i%17 == 0:
		score = 2
	case i%9 == 0:
		score = 3
	case i%2 == 0:
		score = 4
	}
	in := survey.Answers{survey.Headline: fmt.Sprint(score), "on_time": "yes", "skill": fmt.Sprint(max(score, 3)), "charged": "no", "most": fmt.Sprint(i%5 + 1)}
	if score == 2 {
		in["on_time"] = "no"
	}
	if i < len(remarks) {
		in["words"] = remarks[i]
	}
	return in
}

var remarks = []string{"（演示数据）有两次来晚了半个钟头，最好提前打个电话。", "（演示数据）小护理员手脚麻利，陪我妈说话，谢谢。",
	"（演示数据）请打 13800000000 找我，我住得远。", "（演示数据）希望周末也能来。", "（演示数据）换人要提前说一声。", "（演示数据）助浴很好，能不能多几次？"}

// heard decides on the words that wait, but for the last, which the visitor of
// the demonstration may.
func (w *walk) heard(ctx context.Context, v id.ID) error {
	who := w.by(w.approver)
	held, err := w.Residents.Held(ctx, who, v)
	if err != nil || len(held) == 0 {
		return err
	}
	var in []survey.Verdict
	for _, x := range held[1:] {
		in = append(in, survey.Verdict{Remark: x.ID, Show: !x.Masked, Ground: survey.Grounds[0]})
	}
	_, err = w.Residents.Review(ctx, who, v, in)
	return err
}

// needs are what a community asks for: one on its way, one met by the made-up
// contract that the walk is about.
func (w *walk) needs() {
	community := func() party.Actor { return w.as("riverside.lead", riverside) }
	var met need.Need
	w.at(w.on(-170, 9, 0), "社区议题", func(ctx context.Context) (err error) {
		met, err = w.Needs.List(ctx, community(), need.Form{Title: "高龄独居老人没有人上门照看", People: "八十岁以上独居老人约 86 人",
			Body: "（演示数据）社区八十岁以上独居老人多，子女不在身边，做饭、洗澡有危险，希望有人定期上门。", Service: elderly, ServiceName: named(elderly, w.Clock.Now())})
		return err
	})
	for i, x := range []need.Taking{{Step: need.Settled, Note: "（演示数据）居民代表会议从 11 个议题中选出，列为今年第一项。"}, {Step: need.Consulted, HeldOn: "", People: "37", Note: "（演示数据）老人、家属、社工一起商量：每周两次，助浴须两人上门。"},
		{Step: need.Decided, Note: "（演示数据）社区没有专业人员，报请区民政局购买服务；自办和志愿服务达不到助浴的安全要求。"}} {
		w.at(w.on(-169+i, 9, 0), "社区议题", func(ctx context.Context) error {
			if x.Step == need.Consulted {
				x.HeldOn = w.Clock.Now().In(clock.Beijing).Format(time.DateOnly)
			}
			_, err := w.Needs.Take(ctx, community(), met.ID, x)
			return err
		})
	}
	w.at(w.on(-160, 9, 0), "居民支持", func(ctx context.Context) error {
		for i := range 23 {
			if err := w.Needs.Support(ctx, met.ID, fmt.Sprintf("demo-browser-%013d", i), fmt.Sprint("192.0.2.", i)); err != nil {
				return err
			}
		}
		return nil
	})
	w.at(w.on(w.due+11, 9, 0), "议题关联采购", func(ctx context.Context) error {
		if _, err := w.Needs.Tie(ctx, community(), met.ID, "/tenders/"+string(w.tender)); err != nil {
			return err
		}
		_, err := w.Needs.Take(ctx, community(), met.ID, need.Taking{Step: need.Supervised, Note: "（演示数据）每月由居民监督小组随访五户，情况贴在公示栏。"})
		return err
	})
	w.at(w.on(-10, 9, 0), "议题评价", func(ctx context.Context) error {
		_, err := w.Needs.Take(ctx, community(), met.ID, need.Taking{Step: need.Judged, Note: "（演示数据）问卷和绩效评价已经公布，居民小组认为达到当初的约定，建议明年增加周末上门。"})
		return err
	})
	w.at(w.on(-12, 9, 0), "社区议题", func(ctx context.Context) error {
		n, err := w.Needs.List(ctx, community(), need.Form{Title: "周末没有老人食堂", People: "老年居民约 140 人", Body: "（演示数据）助餐点只开工作日，周末关门，行动不便的老人吃饭成问题。", NextBy: w.on(5, 0, 0).In(clock.Beijing).Format(time.DateOnly)})
		if err != nil {
			return err
		}
		for i := range 9 {
			if err := w.Needs.Support(ctx, n.ID, fmt.Sprintf("demo-browser-%013d", i), fmt.Sprint("192.0.2.", i)); err != nil {
				return err
			}
		}
		for i, x := range []need.Proposing{{Title: "三号楼楼道没有扶手", Body: "（演示数据）三号楼没有电梯，老人上下楼没有地方扶，希望装上。", People: "老人十几位"},
			{Title: "社区活动室晚上也开", Body: "（演示数据）上班的人白天去不了，能不能每周开两个晚上。"}} {
			x.Community = w.orgs[riverside]
			if _, _, err := w.Needs.Propose(ctx, x, fmt.Sprint("192.0.2.", i)); err != nil {
				return err
			}
		}
		return w.Needs.Say(ctx, n.ID, "（演示数据）我妈周六也要吃饭，能不能先开半天？", "192.0.2.9")
	})
}

func named(code string, at time.Time) string {
	e, _ := catalogue.At(at).Find(code)
	return e.Name
}
