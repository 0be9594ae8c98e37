package demo

import (
	"context"
	"fmt"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/survey"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
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
