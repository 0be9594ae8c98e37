package demo

import (
	"context"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/kernel/id"
)

// judge evaluates a contract at its end: the provider's own report, the third
// party's sheet, the buyer's approval. Only made-up purchases come here: no
// real organisation is given a grade that nobody gave it.
func (w *walk) judge() {
	var x id.ID
	provider := w.winner()
	w.at(w.on(-30, 10, 0), "开始绩效评价", func(ctx context.Context) error {
		who := w.by(w.officer)
		c, err := w.Contracts.Of(ctx, w.tender)
		if err != nil {
			return err
		}
		e, err := w.Engagements.Find(ctx, who, engagement.Contract, c.ID)
		if err != nil {
			return err
		}
		v, err := w.Performance.Start(ctx, who, e.ID, performance.Starting{Template: performance.ElderlyHomeCare,
			SelfDue: w.on(-24, 0, 0).Format(time.DateOnly), Evaluator: w.orgs[evaluator]})
		x = v.ID
		return err
	})
	w.at(w.on(-26, 10, 0), "提交自评", func(ctx context.Context) error {
		_, err := w.Performance.SubmitSelf(ctx, w.as(supplierLogin(provider), provider), x, performance.Self{
			Summary:  "（演示数据）三个月内按约完成上门服务，建立了服务台账，回访满意度较高。",
			Problems: "（演示数据）个别月份人员变动较大，已补充培训。"})
		return err
	})
	w.at(w.on(-20, 10, 0), "评分", func(ctx context.Context) error {
		who := w.as("evaluator.lead", evaluator)
		v, err := w.Performance.Get(ctx, who, x)
		if err != nil {
			return err
		}
		if _, err := w.Performance.SaveSheet(ctx, who, x, 0, marks(v.Tree)); err != nil {
			return err
		}
		_, err = w.Performance.Submit(ctx, who, x)
		return err
	})
	w.at(w.on(-18, 10, 0), "公布评价", func(ctx context.Context) error {
		_, err := w.Performance.Approve(ctx, w.by(w.approver), x)
		return err
	})
}

// winner is the offer that the panel likes best.
func (w *walk) winner() string {
	best := w.offers[0]
	for _, o := range w.offers {
		if o.share > best.share {
			best = o
		}
	}
	return best.supplier
}

// marks is a whole sheet: nine tenths where people judge, 1180 of 1200 where
// something is counted.
func marks(t performance.Tree) performance.Sheet {
	out := performance.Sheet{Lines: map[string]performance.LineForm{}, Summary: "（演示数据）服务按合同完成，台账完整，服务对象满意度较高，少数指标有改进空间。",
		Achievements: "（演示数据）服务对象满意度高于约定值", Suggestions: "（演示数据）稳定服务人员，完善服务记录"}
	for i, l := range t.Leaves() {
		f := performance.LineForm{Points: performance.Points(l.Weight)}
		switch {
		case l.Kind == performance.Quantitative && i%2 == 0:
			f = performance.LineForm{Got: "1180", Of: "1200", Reason: "（演示数据）台账核对，少完成 20 人次"}
		case i%4 == 1:
			f = performance.LineForm{Points: performance.Points(l.Weight * 9 / 10), Reason: "（演示数据）记录不够完整，扣一成"}
		}
		out.Lines[l.Code] = f
	}
	return out
}
