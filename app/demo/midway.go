package demo

import (
	"context"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	delivery "gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
)

// midway delivers a short made-up contract whose term is just over, and leaves
// its evaluation where people still work on it: the provider has reported on
// itself, the evaluator has scored the half.
func (w *walk) midway() {
	provider := w.winner()
	lead := supplierLogin(provider)
	var e engagement.Engagement
	day := func(t time.Time) string { return t.In(clock.Beijing).Format(time.DateOnly) }
	start := w.due + 11
	w.at(w.on(start, 10, 0), "实施方案", func(ctx context.Context) error {
		c, err := w.Contracts.Of(ctx, w.tender)
		if err != nil {
			return err
		}
		if e, err = w.Engagements.Find(ctx, w.by(w.officer), engagement.Contract, c.ID); err != nil {
			return err
		}
		half, things := e.Amount/2, e.Amount/4
		if _, err = w.Plans.Save(ctx, w.as(lead, provider), e.ID, 0, delivery.Form{Communities: "江滨社区（演示数据）", Settlement: string(delivery.ByMilestone),
			Outputs: []delivery.OutputForm{{Name: "助浴", Quantity: "420", Unit: "人次"}},
			Milestones: []delivery.MilestoneForm{{Name: "半程", Condition: "（演示数据）完成助浴 200 人次", Due: day(e.Start.AddDate(0, 0, 14)), Amount: half.Plain()},
				{Name: "期满", Condition: "（演示数据）完成全部助浴", Due: day(e.End), Amount: (e.Amount - half).Plain()}},
			Lines: []delivery.LineForm{{Name: "人员经费", Amount: (e.Amount - things).Plain()}, {Name: "活动和物料", Amount: things.Plain()}}}); err != nil {
			return err
		}
		if _, err = w.Plans.Propose(ctx, w.as(lead, provider), e.ID); err == nil {
			_, err = w.Plans.Agree(ctx, w.by(w.officer), e.ID)
		}
		return err
	})
	for n, x := range []struct {
		day            int
		quantity, note string
		spent          [2]string
	}{{start + 12, "208", "（演示数据）前半程助浴 208 人次。", [2]string{"12600", "4180"}}, {start + 26, "196", "（演示数据）后半程助浴 196 人次，两位老人住院未能完成。", [2]string{"13250", "3920.50"}}} {
		w.at(w.on(x.day, 16, 0), "周报账", func(ctx context.Context) error {
			return w.week(ctx, e.ID, lead, provider, 100+n, x.spent)
		})
		w.at(w.on(x.day, 17, 0), "提交成果", func(ctx context.Context) error {
			who, m := w.as(lead, provider), int64(n+1)
			if _, err := w.Plans.Add(ctx, who, e.ID, delivery.EvidenceInput{Milestone: m, Output: "助浴", Quantity: x.quantity, People: "52", DoneOn: day(w.Clock.Now()), Place: "江滨社区", Note: x.note}, nil); err != nil {
				return err
			}
			if err := w.Plans.Report(ctx, who, e.ID, m, x.note); err != nil {
				return err
			}
			return w.Plans.Confirm(ctx, w.by(w.officer), e.ID, m, true, "")
		})
	}
	w.voices(start+14, 9, 42, 34)
	w.underReview(&e, provider)
}

// underReview starts the evaluation and scores what was decided and how it was
// run; what came of it is left to the visitor of the demonstration.
func (w *walk) underReview(e *engagement.Engagement, provider string) {
	var x id.ID
	w.at(w.on(-4, 10, 0), "开始绩效评价", func(ctx context.Context) error {
		v, err := w.Performance.Start(ctx, w.by(w.officer), e.ID, performance.Starting{Template: performance.ElderlyHomeCare,
			SelfDue: w.on(3, 0, 0).Format(time.DateOnly), Evaluator: w.orgs[evaluator]})
		x = v.ID
		return err
	})
	w.at(w.on(-3, 15, 0), "提交自评", func(ctx context.Context) error {
		_, err := w.Performance.SubmitSelf(ctx, w.as(supplierLogin(provider), provider), x, performance.Self{
			Summary:  "（演示数据）一个月内为 52 位失能老人上门助浴 404 人次，每次两人到场，未发生安全事故。",
			Problems: "（演示数据）两位老人中途住院，助浴少做 16 人次，已与社区商定顺延。"})
		return err
	})
	w.at(w.on(-2, 10, 0), "审核自评", func(ctx context.Context) error {
		_, err := w.Performance.Check(ctx, w.by(w.officer), x, true, "（演示数据）助浴人次与成果记录一致")
		return err
	})
	w.at(w.on(-1, 15, 0), "评分", func(ctx context.Context) error {
		v, s, err := w.scoring(ctx, x)
		if err != nil {
			return err
		}
		s.Summary, s.Achievements, s.Suggestions = "", "", ""
		for _, l := range v.Tree.Leaves() {
			if l.First != v.Tree.Indicators[0].Name && l.First != v.Tree.Indicators[1].Name {
				delete(s.Lines, l.Code)
			}
		}
		_, err = w.Performance.SaveSheet(ctx, w.as("evaluator.lead", evaluator), x, 0, s)
		return err
	})
}
