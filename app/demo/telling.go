package demo

import (
	"context"

	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// odd is what the figures of D08 left away when they were rounded to 0.01 万元,
// in 元: one set of amounts with which every published figure comes out.
var odd = map[string][2]money.Fen{"傅庄街道": {-40, 0}, "册山街道": {25, 28}, "褚墩镇": {25, 28}}

// towns books D08: what each township raised and what was matched, labelled so
// that the disclosure lays it out as the source did.
func (h *house) towns(r report) {
	headings := []string{"筹款数", "配捐数"}
	for i, x := range r.Rows {
		for j, heading := range headings {
			h.came(1+i, wan(x.wan[j])+odd[x.name][j]*money.Yuan, x.name+heading)
		}
	}
	h.at(h.on(h.day+12, 9, 0), "分组", func(ctx context.Context) error {
		list, err := h.Donations.AtFoundation(ctx, h.by(party.Finance), donation.Filter{Fund: h.fund, Limit: 200})
		if err != nil {
			return err
		}
		var labels []disclosure.Label
		for _, d := range list.Items {
			for _, x := range r.Rows {
				for _, heading := range headings {
					if d.Purpose == disclosedAs+x.name+heading {
						labels = append(labels, disclosure.Label{Donation: d.ID, Line: x.name, Heading: heading})
					}
				}
			}
		}
		return h.Disclosures.SetLabels(ctx, h.by(party.Finance), h.fund, labels)
	})
}

// told publishes what is due of a fund, by its two people.
func (h *house) told(day int, w disclosure.Words) *id.ID {
	var out id.ID
	h.at(h.on(day, 10, 0), "信息公开", func(ctx context.Context) error {
		x, err := h.Disclosures.Start(ctx, h.by(party.Officer), h.fund, disclosure.Regular)
		if err != nil {
			return err
		}
		out = x.ID
		return h.publish(ctx, x, w)
	})
	return &out
}

func (h *house) publish(ctx context.Context, x disclosure.Disclosure, w disclosure.Words) error {
	if _, err := h.Disclosures.Save(ctx, h.by(party.Officer), x.ID, 0, disclosure.Form{Words: w}); err != nil {
		return err
	}
	if _, err := h.Disclosures.Submit(ctx, h.by(party.Officer), x.ID); err != nil {
		return err
	}
	_, err := h.Disclosures.Publish(ctx, h.by(party.Approver), x.ID)
	return err
}

// corrected publishes another edition of what was told.
func (h *house) corrected(day int, first *id.ID, why string, w disclosure.Words) {
	h.at(h.on(day, 10, 0), "更正公开", func(ctx context.Context) error {
		x, err := h.Disclosures.Correct(ctx, h.by(party.Officer), *first, why)
		if err != nil {
			return err
		}
		return h.publish(ctx, x, w)
	})
}

// telling is what the demonstration publishes of the real sources' funds.
func (h *house) telling(record, note string) {
	w := disclosure.Words{Summary: "按公开来源记入：" + note, Unit: disclosure.Yuan}
	switch record {
	case "D05":
		return // its next disclosure is due soon
	case "D08":
		w.Summary = "2023年11月21日捐赠情况公示：八个镇街的筹款和配捐，按来源以万元公布。"
		w.Explanation = "来源按万元四舍五入公布，有四处相加不等于合计，与来源一致；每笔的零头来源没有，取使各公布数都成立的一组（演示数据）。"
		w.Unit = disclosure.Wan2
	case "D10":
		w.Unit = disclosure.Wan4
	}
	h.told(-30, w)
}
