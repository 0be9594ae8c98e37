package evaluation

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/party/inbox"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
)

// tellSeated asks a new member of the panel to come: what, where and when, and
// not who bids.
func tellSeated(ctx context.Context, tx bun.IDB, t tender.Tender, m Member, now time.Time) error {
	text := "采购人：" + t.BuyerName + "。地点：" + t.OpeningPlace + "。"
	if t.Deadline != nil {
		text += "开标时间：" + calendar.Until(*t.Deadline) + "，开标后评审。"
	}
	text += "到场时间请与采购人确认：" + t.Contact + "。不能参加，或者与采购人有利害关系的，请立即告知采购人。请对评审工作保密。"
	return inbox.Send(ctx, tx, now, []inbox.To{{Account: m.Account}}, inbox.Letter{Title: "请参加评审：" + t.Title, Text: text, Link: "/panels"})
}

// tellSigning asks every member to sign the report.
func tellSigning(ctx context.Context, tx bun.IDB, t tender.Tender, members []Member, now time.Time) error {
	var to []inbox.To
	for _, m := range members {
		to = append(to, inbox.To{Account: m.Account})
	}
	return inbox.Send(ctx, tx, now, to, inbox.Letter{Title: "请签署评审报告：" + t.Title, Link: "/panels/" + string(t.ID) + "/report",
		Text: "评审结果已经汇总。请核对后签署，或者写明不同意见和理由；报告应在评审结束之日起两个工作日内送交采购人。"})
}

// tellExplain asks one bidder, and nobody else, to explain its price.
func tellExplain(ctx context.Context, tx bun.IDB, t tender.Tender, e Explanation, now time.Time) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: e.Supplier}}, inbox.Letter{Title: "请说明报价：" + t.Title, Link: "/explanations/" + string(e.ID),
		Text: "评审小组要求贵单位说明报价的合理性，请在 " + calendar.Until(e.DueAt) + "前提交书面说明和证明材料。要求说明不等于报价无效；逾期不说明或者不能证明合理的，投标无效。"})
}

// tellEnded tells buyer and bidders that a purchase failed, and why.
func tellEnded(ctx context.Context, tx bun.IDB, t tender.Tender, now time.Time) error {
	l := inbox.Letter{Title: "采购失败：" + t.Title, Text: t.Reason, Link: "/tenders/" + string(t.ID)}
	if err := opening.Tell(ctx, tx, t, l, now); err != nil {
		return err
	}
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: t.Buyer}}, l)
}

// tellReported tells the buyer that the report came and its time runs.
func tellReported(ctx context.Context, tx bun.IDB, t tender.Tender, now time.Time) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: t.Buyer}}, inbox.Letter{Title: "评审报告已送交：" + t.Title,
		Text: "请自收到报告之日起五个工作日内，按评审报告中的顺序确定供应商。", Link: "/tenders/" + string(t.ID) + "/award"})
}
