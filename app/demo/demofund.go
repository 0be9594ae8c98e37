package demo

import (
	"context"
	"fmt"
	"time"

	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// demoFund is made up as a whole and says so: what a donor, a company and the
// foundation's people do, with something waiting on every desk.
func (s *script) demoFund() {
	h := &house{script: s, name: hengli, prefix: "foundation", day: -80}
	h.open(fund.Form{Name: "社区助老专项基金（演示）", Region: "广东省东莞市横沥镇",
		Purpose: "演示数据：支持社区独居、高龄老人的上门照料和应急帮扶。", Use: "演示数据：用于购买上门照料服务和老年人应急物资。",
		Sponsor: enterprise, Committee: "演示数据：五人委员会，由捐赠人、社区和基金会代表组成，每季度开会。", Fee: "5",
		Ending: "演示数据：目的实现或资金用完后终止。", Surplus: "演示数据：用于横沥镇其他助老项目。"},
		fund.Provenance{Demo: true, Marks: []string{"全部内容（没有对应的公开来源）"}})
	donor, company := party.Actor{}, party.Actor{}
	s.at(s.on(h.day, 17, 0), "捐赠人就位", func(context.Context) error {
		donor, company = s.as("donor", ""), s.as("enterprise.lead", enterprise)
		return nil
	})
	h.given(-70, &company, 60_000*money.Yuan, true)
	h.given(-52, &donor, 200*money.Yuan, true)
	h.given(-38, &company, 36_000*money.Yuan, true)
	h.given(-34, &company, 10_000*money.Yuan, true)
	h.given(-30, &donor, 1_409*money.Yuan+50, true)
	h.given(-6, &donor, 500*money.Yuan, false)
	h.gift(-20, &company)
	s.at(s.on(-2, 15, 0), "认捐待到账", func(ctx context.Context) error {
		_, err := s.Donations.Pledge(ctx, donor, h.promise(300*money.Yuan))
		return err
	})
	s.at(s.on(-45, 10, 0), "付款", func(ctx context.Context) error {
		return h.pay(ctx, neighbour, 30_000*money.Yuan, "第一期上门照料服务", payment.Paid)
	})
	s.at(s.on(-25, 10, 0), "年度预算", h.budget)
	s.at(s.on(-24, 10, 0), "审批限额", h.limits)
	s.at(s.on(-15, 10, 0), "付款", func(ctx context.Context) error {
		return h.charge(ctx, care, neighbour, 25_000*money.Yuan, "第二期上门照料服务", payment.Paid)
	})
	s.at(s.on(-3, 10, 0), "待付款", func(ctx context.Context) error {
		return h.charge(ctx, aid, dawn, 8_000*money.Yuan, "高龄老人应急帮扶", payment.Approved)
	})
	first := h.told(-18, disclosure.Words{Unit: disclosure.Yuan, Summary: "演示数据：第一期上门照料服务已经付款，便携应急呼叫器和冬季保暖包入库待发。"})
	h.corrected(-11, first, "演示数据：说明里漏写了呼叫器的去向，补充说明；数字不变。", disclosure.Words{Unit: disclosure.Yuan,
		Summary: "演示数据：第一期上门照料服务已经付款；便携应急呼叫器 30 台已入库，随上门照料逐户安装，冬季保暖包待发。"})
	h.campaign()
	h.handouts(-7)
	s.at(s.on(-1, 10, 0), "待审批付款", func(ctx context.Context) error {
		return h.charge(ctx, helpers, together, 6_000*money.Yuan, "社区助老志愿服务", payment.Review)
	})
	s.at(s.on(-1, 11, 0), "待第二位审批的付款", func(ctx context.Context) error {
		if err := h.charge(ctx, care, neighbour, 20_500*money.Yuan, "第三期上门照料服务", payment.Review); err != nil {
			return err
		}
		list, err := h.Payments.List(ctx, h.by(party.Approver), payment.Filter{Fund: h.fund, State: payment.Review, Limit: 1})
		if err == nil && len(list) == 1 {
			_, err = h.Payments.Approve(ctx, h.by(party.Approver), list[0].ID)
		}
		return err
	})
	s.ended()
}

func (h *house) promise(amount money.Fen) donation.Pledge {
	return donation.Pledge{Fund: h.fund, Kind: donation.Money, Amount: &amount, Method: "银行转账", Purpose: "演示数据",
		Relation: donation.NoRelation, Agree: true, NoBenefit: true}
}

// given is a gift of money that arrived; reviewed says whether its
// receipt has been through the second person.
func (h *house) given(day int, who *party.Actor, amount money.Fen, reviewed bool) {
	h.at(h.on(day, 10, 0), "捐赠", func(ctx context.Context) error {
		d, err := h.Donations.Pledge(ctx, *who, h.promise(amount))
		if err != nil {
			return err
		}
		if _, err = h.Donations.Confirm(ctx, h.by(party.Finance), d.ID, donation.Arrival{Amount: &amount, On: d.CreatedAt}); err != nil {
			return err
		}
		return h.receipt(ctx, d, reviewed)
	})
}

// gift is a gift of goods, one line of it with a voucher for its value.
func (h *house) gift(day int, who *party.Actor) {
	h.at(h.on(day, 10, 0), "捐赠物资", func(ctx context.Context) error {
		worth := 4_500 * money.Yuan
		p := h.promise(1)
		p.Kind, p.Amount, p.Method = donation.Goods, nil, ""
		p.Goods = []donation.Thing{{Name: "便携应急呼叫器", Unit: text("台"), Quantity: 30, Value: &worth}, {Name: "老年人冬季保暖包", Unit: text("份"), Quantity: 120}}
		d, err := h.Donations.Pledge(ctx, *who, p)
		if err != nil {
			return err
		}
		if err := h.attach(ctx, donation.ObjectKind, d.ID, d.Lines[0].ProofSlot(), "购货发票（演示）.pdf"); err != nil {
			return err
		}
		a := donation.Arrival{On: d.CreatedAt, Goods: []donation.Arrived{{Line: 1, Quantity: 30, Value: &worth}, {Line: 2, Quantity: 120}}}
		valued := []donation.Arrived{{Line: 1, Quantity: 30, Value: &worth, Basis: donation.Voucher}, {Line: 2, Quantity: 120}}
		if _, err := h.Donations.Appraise(ctx, h.by(party.Officer), d.ID, donation.Appraisal{Goods: valued, Note: "按发票金额"}); err != nil {
			return err
		}
		if d, err = h.Donations.Confirm(ctx, h.by(party.Finance), d.ID, a); err != nil {
			return err
		}
		return h.receipt(ctx, d, true)
	})
}

func (h *house) receipt(ctx context.Context, d donation.Donation, reviewed bool) error {
	r, err := h.Receipts.Prepare(ctx, h.by(party.Finance), d.ID, "演示数据")
	if err != nil || !reviewed {
		return err
	}
	_, err = h.Receipts.Review(ctx, h.by(party.Reviewer), r.ID, true, "")
	return err
}

// The lines of the demonstration's budget.
const (
	care    = "上门照料"
	aid     = "应急帮扶"
	helpers = "志愿服务"
)

// budget drafts this year's budget of the fund and has it approved.
func (h *house) budget(ctx context.Context) error {
	year := fund.Year(h.Clock.Now())
	rows := []fund.BudgetRow{{Name: care, Amount: "60000"}, {Name: aid, Amount: "12000"}, {Name: helpers, Amount: "8000"}}
	if _, err := h.Funds.SaveBudget(ctx, h.by(party.Officer), h.fund, year, 0, rows); err != nil {
		return err
	}
	if _, err := h.Funds.SubmitBudget(ctx, h.by(party.Officer), h.fund, year); err != nil {
		return err
	}
	_, err := h.Funds.ApproveBudget(ctx, h.by(party.Approver), h.fund, year)
	return err
}

// limits has two approve what is above 20,000 元 and the committee resolve on
// what is above 100,000.
func (h *house) limits(ctx context.Context) error {
	l, err := h.Payments.ProposeLimits(ctx, h.by(party.Finance), payment.LimitForm{TwoAbove: "20000", BoardAbove: "100000"})
	if err == nil {
		_, err = h.Payments.DecideLimits(ctx, h.by(party.Approver), l.ID, true, "")
	}
	return err
}

// ended is a small fund that did what it was for: its surplus went to the
// fund above.
func (s *script) ended() {
	h := &house{script: s, name: hengli, prefix: "foundation", day: -120}
	h.open(fund.Form{Name: "冬季送暖专项基金（演示）", Region: "广东省东莞市横沥镇",
		Purpose: "演示数据：给独居老人送冬衣和取暖用品。", Use: "演示数据：购买冬衣和取暖用品，送到老人家中。",
		Sponsor: enterprise, Committee: "演示数据：三人委员会，冬季每月开会。", Fee: "0",
		Ending: "演示数据：当年冬季结束后终止。", Surplus: "演示数据：用于横沥镇其他助老项目。"},
		fund.Provenance{Demo: true, Marks: []string{"全部内容（没有对应的公开来源）"}})
	company := party.Actor{}
	s.at(s.on(-119, 9, 0), "捐赠人就位", func(context.Context) error { company = s.as("enterprise.lead", enterprise); return nil })
	h.given(-118, &company, 12_000*money.Yuan, true)
	s.at(s.on(-110, 10, 0), "付款", func(ctx context.Context) error {
		return h.pay(ctx, together, 10_800*money.Yuan, "冬衣和取暖用品", payment.Paid)
	})
	s.at(s.on(-40, 10, 0), "提出终止", func(ctx context.Context) error {
		if err := h.attach(ctx, fund.ResolutionKind, h.fund, "", "管理委员会决议（演示）.pdf"); err != nil {
			return err
		}
		takers, err := h.Funds.List(ctx, h.by(party.Officer), fund.Filter{Text: "社区助老专项基金（演示）", State: fund.Active})
		if err != nil || len(takers) != 1 {
			return fmt.Errorf("takers: %d, %w", len(takers), err)
		}
		_, err = h.Funds.Propose(ctx, h.by(party.Officer), h.fund, fund.ClosingForm{Reason: "冬季已经结束，送暖的目的已经实现", SurplusTo: string(fund.ToFund),
			ToFund: takers[0].ID, Likeness: "两只基金都帮助横沥镇的高龄、独居老人", BoardOn: h.Clock.Now().In(clock.Beijing).Format(time.DateOnly), BoardNo: "演示管委会第三次会议"})
		return err
	})
	s.at(s.on(-39, 10, 0), "决定终止", func(ctx context.Context) error {
		_, err := h.Funds.End(ctx, h.by(party.Approver), h.fund)
		return err
	})
}
