package demo

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	delivery "gongji/app/delivery/plan"
	"gongji/app/delivery/reconciliation"
	"gongji/app/kernel/clock"
)

// deliver walks the delivery of a contract that was made up: its plan, what
// was done, a week of expenses and the payment of its first milestone.
func (w *walk) deliver() {
	provider := w.winner()
	lead := supplierLogin(provider)
	var e engagement.Engagement
	day := func(t time.Time) string { return t.In(clock.Beijing).Format(time.DateOnly) }
	start := w.due + 12
	w.at(w.on(start, 10, 0), "实施方案", func(ctx context.Context) error {
		c, err := w.Contracts.Of(ctx, w.tender)
		if err != nil {
			return err
		}
		if e, err = w.Engagements.Find(ctx, w.by(w.officer), engagement.Contract, c.ID); err != nil {
			return err
		}
		first, third := e.Amount/3, e.Amount/3
		if _, err = w.Plans.Save(ctx, w.as(lead, provider), e.ID, 0, delivery.Form{Communities: "江滨社区\n沿江社区（演示数据）", Settlement: string(delivery.ByMilestone),
			Outputs:    []delivery.OutputForm{{Name: "上门照护", Quantity: "1200", Unit: "人次"}, {Name: "健康讲座", Quantity: "6", Unit: "场", Carrier: "江滨社区卫生服务中心（演示）"}},
			Milestones: []delivery.MilestoneForm{{Name: "首月服务", Condition: "（演示数据）完成上门照护 400 人次", Due: day(e.Start.AddDate(0, 0, 30)), Amount: first.Plain()}, {Name: "服务期满", Condition: "（演示数据）完成全部产出并通过验收", Due: day(e.End), Amount: (e.Amount - first).Plain()}},
			Lines:      []delivery.LineForm{{Name: "人员经费", Amount: (e.Amount - third).Plain()}, {Name: "活动和物料", Amount: third.Plain()}}}); err != nil {
			return err
		}
		if _, err = w.Plans.Propose(ctx, w.as(lead, provider), e.ID); err == nil {
			_, err = w.Plans.Agree(ctx, w.by(w.officer), e.ID)
		}
		return err
	})
	w.at(w.on(start+20, 17, 0), "提交成果", func(ctx context.Context) error {
		who := w.as(lead, provider)
		if _, err := w.Plans.Add(ctx, who, e.ID, delivery.EvidenceInput{Milestone: 1, Output: "上门照护", Quantity: "412", People: "86", DoneOn: day(w.Clock.Now()), Place: "江滨社区", Note: "（演示数据）首月上门照护"}, nil); err != nil {
			return err
		}
		return w.Plans.Report(ctx, who, e.ID, 1, "（演示数据）首月上门照护 412 人次，服务 86 位老人。")
	})
	w.at(w.on(start+21, 10, 0), "确认节点", func(ctx context.Context) error {
		if err := w.Plans.Confirm(ctx, w.by(w.officer), e.ID, 1, true, ""); err != nil {
			return err
		}
		_, err := w.Claims.Ask(ctx, w.as(lead, provider), e.ID, claim.Input{Milestone: 1})
		return err
	})
	w.at(w.on(start+27, 10, 0), "支付首月款", func(ctx context.Context) error { return w.pay(ctx, e.ID) })
	w.spending(&e, lead, provider)
	w.work(&e, lead, provider)
	var x acceptance.Case
	w.at(w.on(start+23, 9, 0), "申请验收", func(ctx context.Context) (err error) {
		x, err = w.Acceptances.Ask(ctx, w.as(lead, provider), e.ID, acceptance.Input{Milestone: 1, Report: "（演示数据）首月上门照护 412 人次，覆盖两个社区。"})
		return err
	})
	w.at(w.on(start+23, 15, 0), "组织验收", func(ctx context.Context) error { return w.inspect(ctx, x) })
	w.at(w.on(start+24, 10, 0), "公布验收", func(ctx context.Context) error {
		_, err := w.Acceptances.Publish(ctx, w.by(w.approver), x.ID)
		return err
	})
	w.at(w.on(start+25, 10, 0), "月对账", func(ctx context.Context) error { return w.reconcile(ctx, e, lead, provider) })
}

// reconcile closes the first month of a delivery: each side explains what is
// its, and finance closes what the officer began.
func (w *walk) reconcile(ctx context.Context, e engagement.Engagement, lead, provider string) error {
	m, err := w.Months.Start(ctx, w.by(w.officer), e.ID)
	if err != nil {
		return err
	}
	if m, err = w.Months.Enter(ctx, w.by(w.officer), m.ID, 0); err != nil {
		return err
	}
	for _, d := range m.Content.Differences {
		who, words := w.by(w.officer), "（演示数据）首月款项按节点在下月支付。"
		if d.Side == reconciliation.Provider {
			who, words = w.as(lead, provider), "（演示数据）这一周刚开始筹备，没有支出。"
		}
		if _, err := w.Months.Explain(ctx, who, m.ID, d.Key, words); err != nil {
			return err
		}
	}
	_, err = w.Months.Close(ctx, w.as("bureau.finance", w.buyer), m.ID)
	return err
}

// inspect records an acceptance in which two people of the communities took
// part, one of them not of everybody's opinion.
func (w *walk) inspect(ctx context.Context, x acceptance.Case) error {
	who := w.by(w.officer)
	f := acceptance.Form{On: w.Clock.Now().In(clock.Beijing).Format(time.DateOnly), Place: "江滨社区活动室，现场查看台账并入户回访 10 户（演示）", Result: string(acceptance.Passed),
		Summary: "（演示数据）首月服务达到约定。换人要提前告知的意见，承接方已改为提前一天电话告知，由社区抽查。",
		Members: []acceptance.MemberForm{{Name: "周正（演示）", Role: string(acceptance.OfPayer), Unit: x.Of.PayerName, Opinion: "agree"},
			{Name: "李桂芳", Role: string(acceptance.Resident), Unit: "江滨社区", Opinion: "agree", Words: "（演示数据）来得准时，说话也和气，盼着冬天能多来几次。"},
			{Name: "王德海", Role: string(acceptance.Resident), Unit: "沿江社区", Opinion: "dissent", Words: "（演示数据）有一次换了人没有提前说。"}}}
	for _, l := range x.Lines {
		k := acceptance.CheckForm{Met: "yes"}
		if l.Counted() {
			k.Confirmed = strconv.FormatInt(l.Shown, 10)
		}
		f.Checks = append(f.Checks, k)
	}
	if _, err := w.Acceptances.Save(ctx, who, x.ID, 0, f); err != nil {
		return err
	}
	if _, err := w.Attachments.Add(ctx, who, acceptance.Object, x.ID, "signed", "签名的意见页（演示）.pdf", bytes.NewReader([]byte(paper))); err != nil {
		return err
	}
	_, err := w.Acceptances.Submit(ctx, who, x.ID)
	return err
}

// paper is a file that a person would have scanned.
const paper = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
