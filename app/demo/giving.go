package demo

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
)

// disclosed is what each disclosure becomes: a foundation and one fund.
var disclosed = []struct {
	id, foundation, region, fund string
	day                          int // of setting up, from today
	note                         string
	remarks                      []string
}{
	{"D01", "广东省德胜社区慈善基金会", "广东省佛山市顺德区", "社区公益项目资助基金", -110,
		"2018年10月30日公示：第一批43个项目共获资助1000万元（教育发展14个、社区照顾14个、文化保育5个、社区发展4个、行业支持6个；申请105个）。",
		[]string{"基金名称和资金来源", "每个项目的金额和受助方（来源只有合计）"}},
	{"D03", "上海市杨浦区定海社区公益基金会", "上海市杨浦区", "社区防疫物资专项基金", -108,
		"2022年5月10日公布：截至4月底，收到捐赠价值合计近人民币30万元，均已发放。来源没有物资的品种和数量，价值不是准确数，因此不记金额。",
		[]string{"基金名称", "物资的品种和数量"}},
	{"D03b", "上海新虹社区发展基金会", "上海市闵行区", "社区防疫物资专项基金", -107,
		"2022年5月10日公布：43万余件防疫物资。数量是约数，按43万件记入。",
		[]string{"基金名称", "物资的品种"}},
	{"D05", hengli, "广东省东莞市横沥镇", "防控新型冠状病毒肺炎专项基金", -82,
		"2020年（横沥经验文章）：六种防控物资，分四批有序分发；各批数量来源未列。口罩的计量单位来源未列，本页照录。",
		[]string{"捐赠人（公开来源未列明捐赠人）"}},
	{"D06", "成都市社区发展基金会（9家合计）", "四川省成都市", "社区基金募集合计基金", -100,
		"2023年1月3日报道：9家社区发展基金会累计募集款物4704万元，设立专项基金239支、社区基金210支，实施项目500余个。款与物来源未分开，按款记入。",
		[]string{"基金名称（来源是9家的合计）", "款与物的划分"}},
	{"D08", "临沂市罗庄区慈善总会", "山东省临沂市罗庄区", "镇街募集基金", -95, "2023年11月21日公示（单位万元）：", []string{"基金名称"}},
	{"D10", "德州市慈善总会", "山东省德州市", "疫情防控募集基金", -90,
		"2020年2月28日公示：本期134笔1054.5416万元，累计615笔4176.2801万元；物资10宗共110651件（以最小单位计入），已发放49931件；已拨付1198.9508万元。",
		[]string{"基金名称", "物资的品种", "拨付的受助方（来源只有合计）"}},
	{"D11", "成都市慈善总会", "四川省成都市武侯区肖家河街道", "肖家河街道新光社区基金", -85,
		"2020年5月15日报道：57笔捐款共6336元，达到启动资金3000元的下限。", []string{"每笔捐款的金额（来源只有合计）"}},
}

// always marks what no disclosure says and a fund needs.
var always = []string{"到账日期（演示中重新安排）", "发起人、管理委员会及成员、管理费比例、理事会决议、终止条件和剩余财产处理"}

// house is one fund with the people who work on it.
type house struct {
	*script
	name   string // of the foundation
	prefix string // of its people's logins
	fund   id.ID
	day    int
}

func (h *house) by(r party.Role) party.Actor { return h.as(h.prefix+"."+string(r), h.name) }

// giving writes the disclosures and the demo fund into the script.
func (s *script) giving() error {
	all, err := reports()
	if err != nil {
		return err
	}
	for _, d := range disclosed {
		r := all[strings.TrimSuffix(d.id, "b")]
		h := &house{script: s, name: d.foundation, prefix: sourcePrefix + "foundation", day: d.day}
		if d.foundation == hengli {
			h.prefix = "foundation"
		}
		note := d.note
		if d.id == "D08" {
			for _, x := range r.Rows {
				note += fmt.Sprintf("\n%s 筹款 %.2f＋配捐 %.2f＝公布 %.2f", x.name, x.wan[0], x.wan[1], x.wan[2])
			}
			note += "\n" + rounding(r.Rows, r.Totals) + "。"
		}
		form := fund.Form{Name: d.fund, Region: d.region, Purpose: note, Use: "照来源公布的用途使用；来源未列明的为演示数据",
			Sponsor: d.foundation, Committee: "（演示数据）由基金会指定的管理委员会管理", Fee: "0", Ending: "（演示数据）目的实现后终止", Surplus: "（演示数据）用于相同或相近的目的"}
		source := r.Source
		if !strings.HasPrefix(source, "http") {
			source = ""
		}
		h.open(form, fund.Provenance{Demo: true, SourceURL: source, Marks: append(append([]string{}, d.remarks...), always...)})
		h.figures(d.id, r)
		h.telling(strings.TrimSuffix(d.id, "b"), d.note)
	}
	s.demoFund()
	return nil
}

// open sets the fund up, from the draft to the approval.
func (h *house) open(form fund.Form, p fund.Provenance) {
	form.Members = []fund.Member{{Name: "演示主任", Side: "基金会", Seat: "主任"}, {Name: "演示委员甲", Side: "捐赠人"}, {Name: "演示委员乙", Side: "社区"}}
	form.MembersPublic, form.SurplusTo = true, fund.ToFund
	form.BoardOn, form.BoardNo = h.on(h.day-7, 9, 0).In(clock.Beijing).Format(time.DateOnly), "演示理事会第一次会议"
	h.at(h.on(h.day, 9, 0), "设立 "+form.Name, func(ctx context.Context) error {
		f, err := h.Funds.Create(ctx, h.by(party.Officer), form)
		if err != nil {
			return err
		}
		h.fund = f.ID
		if _, err := h.Funds.Mark(ctx, organisation.System, f.ID, p); err != nil {
			return err
		}
		if err := h.attach(ctx, fund.AgreementKind, f.ID, "agreement", "基金协议（演示）.pdf"); err != nil {
			return err
		}
		_, err = h.Funds.Submit(ctx, h.by(party.Officer), f.ID)
		return err
	})
	h.at(h.on(h.day, 16, 0), "批准 "+form.Name, func(ctx context.Context) error {
		_, err := h.Funds.Approve(ctx, h.by(party.Approver), h.fund)
		return err
	})
}

// attach hangs the demonstration's one sheet of paper on something.
func (h *house) attach(ctx context.Context, kind string, owner id.ID, slot, name string) error {
	paper, err := files.ReadFile("data/paper.pdf")
	if err != nil {
		return err
	}
	_, err = h.Attachments.Add(ctx, h.by(party.Officer), kind, owner, slot, name, bytes.NewReader(paper))
	return err
}

// figures books what a disclosure says came in and went out.
func (h *house) figures(record string, r report) {
	switch record {
	case "D01":
		h.came(1, *fen(r.Amount), "来源只有支出合计，收入按同额记入（演示数据）")
		h.paid(3, *fen(r.Amount), "第一批43个项目资助（来源合计）")
	case "D03":
		h.things(1, "价值合计近30万元", item{"防疫物资（来源未列明细，近30万元）", 1, text("批")})
	case "D03b":
		h.things(1, "43万余件", item{"防疫物资（来源未列明细，43万余件）", 430_000, text("件")})
	case "D05":
		h.things(1, "公开来源未列明捐赠人", r.Items...)
	case "D06":
		h.came(1, *fen(r.Raised), "9家累计募集款物合计")
	case "D08":
		h.towns(r)
	case "D10":
		h.came(1, wan(r.AllWan)-wan(r.PeriodWan), fmt.Sprintf("往期 %d 笔合计", r.AllCount-r.PeriodCount))
		h.came(2, wan(r.PeriodWan), fmt.Sprintf("本期 %d 笔合计", r.PeriodCount))
		h.things(2, "10 宗，以最小单位计入", item{"防疫物资（来源未列明细，10 宗）", r.InKind.Pieces, text("件")})
		h.paid(4, wan(r.RemittedWan), "已拨付（来源合计）")
	case "D11":
		parts, err := money.Split(*fen(r.Raised), slices.Repeat([]int64{3, 1, 2}, int(r.Count)/3))
		if err != nil {
			return
		}
		for i, amount := range parts {
			h.came(1, amount, fmt.Sprintf("第 %d 笔", i+1))
		}
	}
}

func text(s string) *string { return &s }

// disclosedAs begins the purpose of what a disclosure lists.
const disclosedAs = "公开披露："

// pledge is a gift that the source adds up without naming its givers.
func (h *house) pledge(kind donation.Kind, why string) donation.Offline {
	return donation.Offline{DonorKind: donation.Unknown, Pledge: donation.Pledge{Fund: h.fund, Kind: kind, Purpose: disclosedAs + why,
		Method: "公开披露", Relation: donation.NoRelation, Agree: true, NoBenefit: true}}
}

// came books money, days after the fund was set up.
func (h *house) came(after int, amount money.Fen, why string) {
	h.at(h.on(h.day+after, 10, 0), why, func(ctx context.Context) error {
		p := h.pledge(donation.Money, why)
		p.Amount = &amount
		d, err := h.Donations.Record(ctx, h.by(party.Officer), p)
		if err != nil {
			return err
		}
		_, err = h.Donations.Confirm(ctx, h.by(party.Finance), d.ID, donation.Arrival{Amount: &amount, On: d.CreatedAt, Note: why})
		return err
	})
}

// things books goods; none has a value that is proved.
func (h *house) things(after int, why string, list ...item) {
	h.at(h.on(h.day+after, 11, 0), why, func(ctx context.Context) error {
		p, a := h.pledge(donation.Goods, why), donation.Arrival{Note: why}
		for i, x := range list {
			p.Goods = append(p.Goods, donation.Thing{Name: x.Name, Unit: x.Unit, Quantity: x.Quantity})
			a.Goods = append(a.Goods, donation.Arrived{Line: i + 1, Quantity: x.Quantity})
		}
		d, err := h.Donations.Record(ctx, h.by(party.Officer), p)
		if err != nil {
			return err
		}
		a.On = d.CreatedAt
		_, err = h.Donations.Confirm(ctx, h.by(party.Finance), d.ID, a)
		return err
	})
}

// paid pays what a disclosure says was paid, to nobody it does not name.
func (h *house) paid(after int, amount money.Fen, why string) {
	h.at(h.on(h.day+after, 10, 0), why, func(ctx context.Context) error { return h.pay(ctx, manyPayees, amount, why, payment.Paid) })
}

// pay takes a payment as far as it should go.
func (h *house) pay(ctx context.Context, to string, amount money.Fen, why string, until payment.State) error {
	return h.charge(ctx, "", to, amount, why, until)
}

// charge is pay out of a line of the year's budget; "" where there is none.
func (h *house) charge(ctx context.Context, line, to string, amount money.Fen, why string, until payment.State) error {
	if line != "" {
		line = fmt.Sprintf("%d/%s", fund.Year(h.Clock.Now()), line)
	}
	p, err := h.Payments.Create(ctx, h.by(party.Officer), h.fund, payment.Form{Payee: string(h.orgs[to]), Purpose: why, Amount: amount.Yuan(), Line: line})
	if err != nil {
		return err
	}
	if err := h.attach(ctx, payment.Kind, p.ID, "proof", "付款依据（演示）.pdf"); err != nil {
		return err
	}
	if _, err := h.Payments.Submit(ctx, h.by(party.Officer), p.ID); err != nil || until == payment.Review {
		return err
	}
	if p, err = h.Payments.Approve(ctx, h.by(party.Approver), p.ID); err != nil {
		return err
	}
	if p.State == payment.Review { // above the limit
		if _, err := h.Payments.Approve(ctx, h.as("foundation.deputy", h.name), p.ID); err != nil {
			return err
		}
	}
	if until == payment.Approved {
		return nil
	}
	_, err = h.Payments.Pay(ctx, h.by(party.Finance), p.ID, payment.Paying{Reference: "演示流水"})
	return err
}
