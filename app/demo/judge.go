package demo

import (
	"context"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/kernel/id"
)

// scoring is an evaluation with the evaluator's sheet filled in.
func (w *walk) scoring(ctx context.Context, x id.ID) (performance.Case, performance.Sheet, error) {
	who := w.as("evaluator.lead", evaluator)
	v, err := w.Performance.Get(ctx, who, x)
	if err != nil {
		return v, performance.Sheet{}, err
	}
	d, err := w.Performance.Desk(ctx, who, v)
	return v, marks(v.Tree, d), err
}

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
	w.at(w.on(-23, 10, 0), "审核自评", func(ctx context.Context) error {
		_, err := w.Performance.Check(ctx, w.by(w.officer), x, true, "（演示数据）与台账核对一致")
		return err
	})
	w.at(w.on(-20, 10, 0), "评分", func(ctx context.Context) error {
		who := w.as("evaluator.lead", evaluator)
		_, s, err := w.scoring(ctx, x)
		if err != nil {
			return err
		}
		s.Problems = []performance.ProblemForm{{Finding: "（演示数据）部分服务记录缺少家属签字", Rectification: "补签并逐月抽查", Responsible: "项目部", Due: w.on(10, 0, 0).Format(time.DateOnly)},
			{Finding: "（演示数据）更换护理员没有提前告知老人和社区", Rectification: "换人提前一天电话告知，并在台账中留痕", Responsible: "项目部", Due: w.on(18, 0, 0).Format(time.DateOnly)}}
		if _, err := w.Performance.SaveSheet(ctx, who, x, 0, s); err != nil {
			return err
		}
		_, err = w.Performance.Submit(ctx, who, x)
		return err
	})
	w.at(w.on(-18, 10, 0), "批准评价结果", func(ctx context.Context) error {
		_, err := w.Performance.Approve(ctx, w.by(w.approver), x)
		return err
	})
	w.object(provider, &x)
	w.at(w.on(-13, 10, 0), "公布评价", func(ctx context.Context) error {
		_, err := w.Performance.Publish(ctx, w.by(w.approver), x)
		return err
	})
	w.at(w.on(-9, 10, 0), "提交整改", func(ctx context.Context) error {
		who := w.as(supplierLogin(provider), provider)
		v, err := w.Performance.Get(ctx, who, x)
		if err != nil {
			return err
		}
		list, err := w.Performance.Mends(ctx, who, v)
		if err != nil {
			return err
		}
		_, err = w.Performance.Mended(ctx, who, list[0].ID, "（演示数据）已全部补签，并建立每月抽查制度")
		return err
	})
}

// object is what the provider has against the result, and the answer of
// somebody who neither scored nor approved.
func (w *walk) object(provider string, x *id.ID) {
	w.at(w.on(-17, 10, 0), "提出异议", func(ctx context.Context) error {
		_, err := w.Performance.Object(ctx, w.as(supplierLogin(provider), provider), *x, "（演示数据）服务档案是按街道统一格式建立的，请核对。", nil)
		return err
	})
	w.at(w.on(-15, 10, 0), "答复异议", func(ctx context.Context) error {
		_, err := w.Performance.Answer(ctx, w.by(w.officer), *x, false, "（演示数据）复核抽查记录，扣分依据充分，维持原结果。")
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
// something is counted, and nothing where the system knows.
func marks(t performance.Tree, d performance.Desk) performance.Sheet {
	out := performance.Sheet{Lines: map[string]performance.LineForm{}, Summary: "（演示数据）服务按合同完成，台账完整，服务对象满意度较高，少数指标有改进空间。",
		Achievements: "（演示数据）服务对象满意度高于约定值", Suggestions: "（演示数据）稳定服务人员，完善服务记录"}
	for i, l := range t.Leaves() {
		f := performance.LineForm{Points: performance.Points(l.Weight)}
		switch {
		case d.Facts[l.Source].Known:
			f = performance.LineForm{}
		case l.Kind == performance.Ratio:
			f = performance.LineForm{Got: "1180", Of: "1200", Reason: "（演示数据）台账核对，少完成 20 人次"}
		case l.Kind == performance.Interval:
			f = performance.LineForm{Value: "85", Reason: "（演示数据）核对证书原件"}
		case l.Kind == performance.YesNo:
			f = performance.LineForm{Answer: "yes"}
		case i%4 == 1:
			f = performance.LineForm{Points: performance.Points(l.Weight * 9 / 10), Reason: "（演示数据）记录不够完整，扣一成"}
		}
		for k := range min(2, len(d.Links)) {
			f.Evidence = append(f.Evidence, d.Links[(i+k)%len(d.Links)].Key)
		}
		out.Lines[l.Code] = f
	}
	return out
}
