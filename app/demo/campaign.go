package demo

import (
	"context"
	"strings"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// campaign is a made-up public campaign for the fund on a made-up platform: one
// settlement has come and was told of, one waits for a second person.
func (h *house) campaign() {
	var x campaign.Campaign
	h.at(h.on(-25, 10, 0), "公开募捐", func(ctx context.Context) (err error) {
		x, err = h.Campaigns.Create(ctx, h.by(party.Officer), campaign.Form{Name: "一键呼叫进家门（演示）",
			Purpose: "演示数据：为横沥镇独居老人配备便携应急呼叫器，并支付一年的接听服务。", Fund: string(h.fund),
			Platform: "演示公益平台", URL: "https://gongyi.example.com/campaigns/1", Filing: demoCode(party.Foundation, 1) + "A26001",
			Qualification: "演示募证字第0001号", StartsOn: h.day10(-24), EndsOn: h.day10(216)})
		if err == nil {
			err = h.attach(ctx, campaign.ObjectKind, x.ID, "paper", "公开募捐资格证书（演示）.pdf")
		}
		if err == nil {
			_, err = h.Campaigns.Submit(ctx, h.by(party.Officer), x.ID)
		}
		return err
	})
	h.at(h.on(-25, 15, 0), "批准公开募捐", func(ctx context.Context) error {
		_, err := h.Campaigns.Approve(ctx, h.by(party.Approver), x.ID)
		return err
	})
	settled := func(day int, no string, gross, fee money.Fen, gifts string, from, to int, came bool) {
		h.at(h.on(day, 11, 0), "平台结算", func(ctx context.Context) error {
			net := gross - fee
			y, err := h.Campaigns.Settle(ctx, h.by(party.Officer), x.ID, campaign.SettlementForm{Reference: no, From: h.day10(from), To: h.day10(to),
				Gross: gross.Yuan(), Fee: fee.Yuan(), Net: net.Yuan(), Gifts: gifts})
			if err == nil {
				err = h.attach(ctx, campaign.SettlementKind, y.ID, "statement", "平台结算单（演示）.pdf")
			}
			if err == nil && came {
				_, err = h.Campaigns.Enlist(ctx, h.by(party.Officer), y.ID, "演示名单.csv", strings.NewReader("票据抬头,金额,订单号\n演示捐赠人甲,2000,P0001\n演示捐赠人乙,800.50,P0002\n演示捐赠人丙,300,P0003\n"))
			}
			if err == nil {
				y, err = h.Campaigns.Enter(ctx, h.by(party.Officer), y.ID)
			}
			if err != nil || !came {
				return err
			}
			_, err = h.Donations.Confirm(ctx, h.by(party.Finance), *y.Donation, donation.Arrival{Amount: &net, On: y.CreatedAt})
			return err
		})
	}
	settled(-9, "演示结算-01", 12_480*money.Yuan, 0, "386", -24, -11, true)
	h.at(h.on(-8, 16, 0), "公开募捐的信息公开", func(ctx context.Context) error {
		y, err := h.Disclosures.Start(ctx, h.by(party.Officer), x.ID, disclosure.Regular)
		if err != nil {
			return err
		}
		return h.publish(ctx, y, disclosure.Words{Unit: disclosure.Yuan, Summary: "演示数据：募捐开始两周，平台第一次结算已经到账，正在选定呼叫器的供应单位。"})
	})
	settled(-3, "演示结算-02", 5_216*money.Yuan+50, 30*money.Yuan, "171", -10, -4, false)
}
