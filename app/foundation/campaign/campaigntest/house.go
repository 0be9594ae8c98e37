// Package campaigntest makes campaigns of public fundraising for tests, through
// the services.
package campaigntest

import (
	"bytes"
	"strings"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/fund/fundtest"
)

// House is a foundation that runs campaigns.
type House struct {
	*donationtest.House
	Campaigns *campaign.Service
}

// New adds campaigns to a foundation that takes donations.
func New(h *donationtest.House) *House {
	s := campaign.New(h.DB, h.Clock, h.Policy, campaign.Rooms{Organisations: h.Orgs, Funds: h.Funds, Donations: h.Donations, Attachments: h.Attachments})
	h.Access[campaign.ObjectKind], h.Access[campaign.SettlementKind] = s.May, s.MaySettlement
	return &House{h, s}
}

func (h *House) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Running is a campaign of May to August 2026 that takes gifts.
func (h *House) Running() campaign.Campaign {
	h.T.Helper()
	ctx := h.T.Context()
	x, err := h.Campaigns.Create(ctx, h.Officer, campaign.Form{Name: "社区助老公开募捐", Purpose: "为独居老人购买上门照料服务和应急物资", Fund: string(h.Fund.ID), Platform: "某指定平台",
		URL: "https://gongyi.example.cn/donate/1", Filing: "91654026MA78WT2Q66A26001", Qualification: "粤募证字第0001号", StartsOn: "2026-05-01", EndsOn: "2026-08-31"})
	h.must(err)
	_, err = h.Attachments.Add(ctx, h.Officer, campaign.ObjectKind, x.ID, "paper", "证书.pdf", bytes.NewReader(fundtest.Agreement))
	h.must(err)
	_, err = h.Campaigns.Submit(ctx, h.Officer, x.ID)
	h.must(err)
	x, err = h.Campaigns.Approve(ctx, h.Approver, x.ID)
	h.must(err)
	return x
}

// Entered is its settlement of May: 10,000 元 by 412 gifts, 60 元 kept by the
// platform, with the platform's list of those who asked for a receipt (CSV; ""
// for none). Finance entered it; the money has not come.
func (h *House) Entered(x campaign.Campaign, list string) campaign.Settlement {
	h.T.Helper()
	ctx := h.T.Context()
	y, err := h.Campaigns.Settle(ctx, h.Officer, x.ID, campaign.SettlementForm{Reference: "JS-2026-05", From: "2026-05-01", To: "2026-05-31", Gross: "10,000.00", Fee: "60", Net: "9940", Gifts: "412"})
	h.must(err)
	_, err = h.Attachments.Add(ctx, h.Officer, campaign.SettlementKind, y.ID, "statement", "结算单.pdf", bytes.NewReader(fundtest.Agreement))
	h.must(err)
	if list != "" {
		_, err = h.Campaigns.Enlist(ctx, h.Officer, y.ID, "名单.csv", strings.NewReader(list))
		h.must(err)
	}
	y, err = h.Campaigns.Enter(ctx, h.Officer, y.ID)
	h.must(err)
	return y
}
