package receipt

import (
	"strconv"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
)

// face is what the receipt says: everything of it is frozen at issue.
func face(r, before Receipt, d donation.Donation, f fund.Fund, issue document.Issue) document.DonationReceipt {
	c := document.DonationReceipt{Issue: issue, Donor: d.Name(), DonatedAt: *d.ArrivedAt, Method: d.Method,
		ProjectCode: f.No(), Project: f.FullName(), Lines: lines(d), Total: r.Amount, Remark: r.Remark,
		Other: reference(before, d), Reviewer: r.ReviewerName, Handler: r.HandlerName}
	if d.DonorUSCC != nil {
		c.DonorUSCC = *d.DonorUSCC
	}
	if c.Method == "" && d.Kind == donation.Goods {
		c.Method = "实物捐赠"
	}
	return c
}

// reference says which donation it is, and which void receipt was there before.
func reference(before Receipt, d donation.Donation) string {
	if before.ID == "" {
		return "捐赠登记号 " + d.Reference
	}
	return "捐赠登记号 " + d.Reference + "；替代已作废的收据 " + before.Number()
}

func lines(d donation.Donation) []document.ReceiptLine {
	if d.Kind == donation.Money {
		return []document.ReceiptLine{{Item: "货币资金（定向捐赠）", Amount: d.Arrived}}
	}
	var out []document.ReceiptLine
	for _, l := range d.Lines {
		if l.Arrived == nil || *l.Arrived == 0 {
			continue
		}
		out = append(out, document.ReceiptLine{Item: l.Name, Unit: l.Measure(), Quantity: strconv.FormatInt(*l.Arrived, 10),
			Standard: each(l.Proven, *l.Arrived), Amount: l.Proven, Goods: true})
	}
	return out
}

// each is the unit price where it comes out in whole 分, else "".
func each(total *money.Fen, n int64) string {
	if total == nil || int64(*total)%n != 0 {
		return ""
	}
	return (*total / money.Fen(n)).Yuan()
}

// natureLabel says on the verification page what kind of paper it is.
const natureLabel = "票据性质"

// facts are what the public verification page shows: the donor masked.
func facts(r, before Receipt, d donation.Donation, f fund.Fund, issue document.Issue) []archive.Fact {
	out := []archive.Fact{{Label: "捐赠人", Value: d.Masked()}, {Label: "捐赠项目", Value: f.FullName()}}
	if d.Kind == donation.Goods {
		for _, l := range lines(d) {
			out = append(out, archive.Fact{Label: "物资", Value: l.Item + " " + l.Quantity + l.Unit})
		}
	}
	if r.Amount == nil {
		out = append(out, archive.Fact{Label: "金额", Value: "无价值凭证，仅列实物，不计金额（财综〔2024〕1号）"})
	} else {
		out = append(out, archive.Fact{Label: "金额", Value: r.Amount.Yuan() + " 元"}, archive.Fact{Label: "金额大写", Value: r.Amount.Upper()})
	}
	if before.ID != "" {
		out = append(out, archive.Fact{Label: "替代收据", Value: before.Number() + "（已作废）"})
	}
	const day = "2006年1月2日"
	return append(out,
		archive.Fact{Label: "捐赠日期", Value: d.ArrivedAt.In(clock.Beijing).Format(day)},
		archive.Fact{Label: "出具日期", Value: issue.IssuedAt.In(clock.Beijing).Format(day)},
		archive.Fact{Label: natureLabel, Value: "捐赠收据，非财政票据"})
}
