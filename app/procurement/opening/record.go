package opening

import (
	"fmt"
	"time"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
)

// content is the 开标记录 but for what was read out.
func (s *Service) content(t tender.Tender, o Opening, set rules.Set) document.OpeningRecord {
	code := archive.NewCode()
	c := document.OpeningRecord{
		Issue: document.Issue{Number: t.No(), Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: t.BuyerName,
			IssuedAt: *o.ClosedAt, Demo: t.Demo},
		TenderNumber: t.No(), TenderTitle: t.Title, Method: methodName(t.Method), Buyer: t.BuyerName,
		OpenedAt: o.OpenedAt, Place: t.OpeningPlace, Received: o.Bidders,
		Openers: []document.Person{{Name: o.OpenerName, Role: o.OpenerRole}},
	}
	for _, h := range o.Holders {
		c.Holders = append(c.Holders, document.Person(h))
	}
	if c.Place == "" {
		c.Place = "线上"
	}
	if t.Deadline != nil {
		c.Deadline = *t.Deadline
		c.Late = late(o.OpenedAt.Sub(*t.Deadline), set.Of(t.Method, "opening_at_deadline").Source())
	}
	if t.Ceiling.Kind != tender.UnitPrice {
		c.Ceiling = t.Ceiling.Amount
	}
	c.Remark = o.Remark
	return c
}

// late is what the record remarks on an opening that did not begin at the
// moment of the deadline (87号令第39条).
func late(by time.Duration, article string) string {
	m := int(by / time.Minute)
	if m < 1 {
		return ""
	}
	span := fmt.Sprintf("%d 分钟", m)
	if h := m / 60; h > 0 {
		span = fmt.Sprintf("%d 小时 %d 分钟", h, m%60)
	}
	if d := m / (24 * 60); d > 0 {
		span = fmt.Sprintf("%d 日 %d 小时 %d 分钟", d, m/60%24, m%60)
	}
	return fmt.Sprintf("开标应在投标截止时间的同一时间进行；本次开标迟 %s开始（%s）。", span, article)
}

// readOut are the lines as the record prints them.
func readOut(t tender.Tender, lines []Line, answers map[id.ID]Answer) []document.OpenedBid {
	var out []document.OpenedBid
	for _, l := range lines {
		b := document.OpenedBid{Bidder: l.SupplierName, Duration: l.Delivery, SubmittedAt: l.SubmittedAt, SHA256: l.SHA256, Failed: l.Failed}
		switch {
		case l.Failed != "":
		case t.Ceiling.Kind == tender.UnitPrice:
			b.PriceText = l.Price.Yuan() + "元/" + t.Ceiling.Unit
		default:
			b.Price = &l.Price
		}
		switch answers[l.Bid].Kind {
		case Confirmed:
			b.Remark = "已确认"
		case Objected:
			b.Remark = "有异议，见后"
		default:
			b.Remark = "未答复，视为认可"
		}
		out = append(out, b)
	}
	return out
}

func objections(lines []Line, answers map[id.ID]Answer) []document.Objection {
	var out []document.Objection
	for _, l := range lines {
		if a := answers[l.Bid]; a.Kind == Objected {
			out = append(out, document.Objection{Bidder: l.SupplierName, Text: a.Text, At: a.At})
		}
	}
	return out
}

func methodName(method string) string {
	m, _ := rules.MethodByID(method)
	return m.Name
}
