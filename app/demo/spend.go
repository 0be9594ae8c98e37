package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	delivery "gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
)

// weeks are what the provider spent from its fourth week on, in 元: people,
// then things. The last weeks of the term stay to be spent, as they do in life.
var weeks = [][2]string{{"8600", "1260.50"}, {"16800", "6420"}, {"17200", "9380"}, {"16950", "7260.80"}, {"17400", "8150"},
	{"17100", "9640"}, {"16800", "6890"}, {"17350", "8420.60"}, {"16900", "7980"}, {"14200", "9150"}}

// spending reports the weeks of a delivery, each checked by the buyer.
func (w *walk) spending(e *engagement.Engagement, lead, provider string) {
	for n, sum := range weeks {
		w.at(w.on(w.due+34+7*n, 16, 0), "周报账", func(ctx context.Context) error {
			return w.week(ctx, e.ID, lead, provider, n, sum)
		})
	}
}

// work is what was done after the first month; the last milestone waits for
// the buyer.
func (w *walk) work(e *engagement.Engagement, lead, provider string) {
	for n, x := range []struct{ name, quantity, people, place string }{
		{"上门照护", "396", "88", "江滨社区"}, {"健康讲座", "3", "74", "江滨社区"},
		{"上门照护", "365", "87", "沿江社区"}, {"健康讲座", "3", "69", "沿江社区"}} {
		w.at(w.on(w.due+62+14*(n/2), 16, n), "提交成果", func(ctx context.Context) error {
			_, err := w.Plans.Add(ctx, w.as(lead, provider), e.ID, delivery.EvidenceInput{Milestone: 2, Output: x.name, Quantity: x.quantity, People: x.people,
				DoneOn: w.Clock.Now().In(clock.Beijing).Format(time.DateOnly), Place: x.place, Note: "（演示数据）按月汇总的服务台账"}, nil)
			return err
		})
	}
}

// pay takes the first claim through the hands of three people.
func (w *walk) pay(ctx context.Context, e id.ID) error {
	book, err := w.Claims.Book(ctx, w.by(w.officer), e)
	if err != nil {
		return err
	}
	x := book.Claims[0].ID
	if _, err = w.Claims.Verify(ctx, w.by(w.officer), x); err != nil {
		return err
	}
	if _, err = w.Claims.Release(ctx, w.by(w.approver), x); err != nil {
		return err
	}
	_, err = w.Claims.Pay(ctx, w.as("bureau.finance", w.buyer), x, "演示-国库-000001")
	return err
}

// week reports one week of expenses, which the buyer checks.
func (w *walk) week(ctx context.Context, e id.ID, lead, provider string, n int, sum [2]string) error {
	who, now := w.as(lead, provider), w.Clock.Now()
	r, err := w.Expenses.Start(ctx, who, e, now)
	if err != nil {
		return err
	}
	on := now.In(clock.Beijing).Format(time.DateOnly)
	r, _, err = w.Expenses.Save(ctx, who, r.ID, 0, expense.Form{Note: "（演示数据）", Rows: []expense.Row{
		{Line: "人员经费", Date: on, Purpose: "护理员补贴（演示）", Payee: "演示劳务", Invoice: fmt.Sprintf("%020d", 2*n+1), Amount: sum[0]},
		{Line: "活动和物料", Date: on, Purpose: "护理用品和活动材料（演示）", Payee: "演示百货", Invoice: fmt.Sprintf("%020d", 2*n+2), Amount: sum[1]}}})
	if err != nil {
		return err
	}
	for _, row := range r.Form.Rows {
		if _, err := w.Attachments.Add(ctx, who, expense.ObjectKind, r.ID, row.Key, "发票（演示）.pdf", bytes.NewReader([]byte(paper))); err != nil {
			return err
		}
	}
	if _, err = w.Expenses.Submit(ctx, who, r.ID); err == nil {
		_, err = w.Expenses.Accept(ctx, w.by(w.officer), r.ID)
	}
	return err
}
