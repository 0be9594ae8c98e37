package disclosure

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// issue freezes the PDF of a disclosure that is being published.
func (s *Service) issue(ctx context.Context, tx bun.Tx, x Disclosure) (id.ID, error) {
	code := archive.NewCode()
	paper := x.paper()
	paper.Issue = document.Issue{Number: x.No(), Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: x.FoundationName, IssuedAt: *x.PublishedAt, Demo: x.Demo}
	facts := []archive.Fact{{Label: "公开对象", Value: x.SubjectName}, {Label: "统计期间", Value: x.Period()}}
	for _, l := range paper.Sums {
		facts = append(facts, archive.Fact{Label: "本期" + l[0], Value: l[1]})
	}
	if x.Why != "" {
		facts = append(facts, archive.Fact{Label: "更正理由", Value: x.Why})
	}
	doc, err := s.Archive.Issue(ctx, tx, archive.Item{Kind: paper.Kind(), OwnerKind: ObjectKind, OwnerID: x.ID, Title: x.Title(), Number: x.No(),
		Issuer: x.FoundationName, Code: code, Content: paper, Facts: facts, Public: true})
	return doc.ID, err
}

// Sums are the money lines of a disclosure: what, in the period, altogether.
func (x Disclosure) Sums() [][3]string {
	f, u := x.Figures, x.Unit
	n := func(n int64, unit string) string { return money.Count(n) + " " + unit }
	if f.Raised != nil {
		return x.raisedSums()
	}
	out := [][3]string{{"接收捐款笔数", n(f.Period.Gifts, "笔"), n(f.Total.Gifts, "笔")}, {"接收捐款金额", u.Show(f.Period.Given), u.Show(f.Total.Given)}}
	if f.Total.In != f.Total.Given || f.Period.In != f.Period.Given {
		out = append(out, [3]string{"其他收入", u.Show(f.Period.In - f.Period.Given), u.Show(f.Total.In - f.Total.Given)})
	}
	out = append(out, [3]string{"支出笔数", n(f.Period.Payments, "笔"), n(f.Total.Payments, "笔")}, [3]string{"支出金额", u.Show(f.Period.Out), u.Show(f.Total.Out)})
	if f.Prior != 0 {
		out = append(out, [3]string{"冲正以前期间的收支", u.Show(f.Prior), "—"})
	}
	out = append(out, [3]string{"期初结存", u.Show(f.Opening), "—"}, [3]string{"期末结存", u.Show(f.Closing), "—"})
	if f.Total.GoodsGifts > 0 {
		in, went, totalIn, totalOut := f.Pieces()
		out = append(out, [3]string{"接收物资宗数", n(f.Period.GoodsGifts, "宗"), n(f.Total.GoodsGifts, "宗")},
			[3]string{"接收物资件数（以最小单位计入）", n(in, "件"), n(totalIn, "件")}, [3]string{"发放物资件数（以最小单位计入）", n(went, "件"), n(totalOut, "件")})
	}
	return out
}

// raisedSums are the money lines of a campaign's disclosure.
func (x Disclosure) raisedSums() [][3]string {
	f, u, r := x.Figures, x.Unit, x.Figures.Raised
	n := func(n int64, unit string) string { return money.Count(n) + " " + unit }
	out := [][3]string{{"平台结算次数", n(r.Period.Settlements, "次"), n(r.Total.Settlements, "次")}, {"捐赠人次", n(f.Period.Gifts, "人次"), n(f.Total.Gifts, "人次")},
		{"公众捐出总额", u.Show(r.Period.Gross), u.Show(r.Total.Gross)}, {"平台费用", u.Show(r.Period.Fee), u.Show(r.Total.Fee)},
		{"结算到账净额", u.Show(f.Period.In), u.Show(f.Total.In)}, {"使用笔数", n(f.Period.Payments, "笔"), n(f.Total.Payments, "笔")},
		{"使用金额", u.Show(f.Period.Out), u.Show(f.Total.Out)}}
	if f.Prior != 0 {
		out = append(out, [3]string{"冲正以前期间的收支", u.Show(f.Prior), "—"})
	}
	return append(out, [3]string{"期初未使用", u.Show(f.Opening), "—"}, [3]string{"期末未使用", u.Show(f.Closing), "—"})
}

// OfCampaign reports whether it tells of a campaign, not of a whole fund.
func (x Disclosure) OfCampaign() bool { return x.SubjectKind == campaign.ObjectKind }

// SubjectAt is the public page of what it is about.
func (x Disclosure) SubjectAt() string { return at(x.SubjectKind, x.Subject) }

// At is the public page of what is due to be told of.
func (s Subject) At() string { return at(s.Kind, s.ID) }

func at(kind string, of id.ID) string {
	if kind == campaign.ObjectKind {
		return "/campaigns/" + string(of)
	}
	return "/funds/" + string(of)
}

// UsedNote says how it is known what a campaign's money was used for; "" for a
// fund, whose whole book it is.
func (x Disclosure) UsedNote() string {
	if x.Figures.Raised == nil {
		return ""
	}
	return "募得款进入专项基金后的使用，按基金账本算出。" + trace.Rule + "每笔只列由本次募捐的款项承担的部分。"
}

// Table is the grouped table with its head and its totals, as it is shown; nil
// where nothing is grouped.
func (x Disclosure) Table() [][]string {
	g, u := x.Figures.Groups, x.Unit
	if len(g.Lines) == 0 {
		return nil
	}
	out := [][]string{append(append([]string{"分组"}, g.Headings...), "合计")}
	for i, l := range g.Lines {
		row := []string{l}
		for _, c := range g.Cells[i] {
			row = append(row, u.Show(c))
		}
		out = append(out, append(row, u.Show(g.Line(i))))
	}
	last := []string{"总计"}
	for j := range g.Headings {
		last = append(last, u.Show(g.Column(j)))
	}
	return append(out, append(last, u.Show(g.Total())))
}

// GoodsNote says what the goods of the period are worth, as far as vouchers
// prove it; "" without goods.
func (x Disclosure) GoodsNote() string {
	f := x.Figures
	if f.Period.GoodsGifts == 0 {
		return ""
	}
	out := "本期收到的物资没有价值凭证，只列数量，不计金额。"
	if f.Proven != nil {
		out = "本期收到的物资中，有凭证证明的价值 " + x.Unit.Show(*f.Proven) + " " + x.Unit.Name() + "。"
		if f.Unproven > 0 {
			out += "另有 " + strconv.FormatInt(f.Unproven, 10) + " 项没有价值凭证，只列数量。"
		}
	}
	return out
}

func (x Disclosure) paper() document.Disclosure {
	f, u := x.Figures, x.Unit
	out := document.Disclosure{Title: map[bool]string{true: "公开募捐信息公开", false: ""}[x.OfCampaign()], UsedNote: x.UsedNote(), Heading: x.Kind.Name(), Foundation: x.FoundationName, Subject: x.SubjectName, Period: x.Period(), Late: x.Late(), Article: x.Article,
		Unit: u.Name(), Sums: x.Sums(), Groups: x.Table(), GoodsNote: x.GoodsNote(), Summary: x.Summary, Explanation: x.Explanation, Edition: int(x.Edition), Correction: x.Why}
	if x.DueAt != nil {
		out.Due = *x.DueAt
	}
	for _, d := range f.Donors {
		out.Donors = append(out.Donors, [3]string{d.Name(), money.Count(d.Gifts), u.Show(d.Amount)})
	}
	for _, g := range f.Goods {
		out.Goods = append(out.Goods, [6]string{g.Name, g.Unit, money.Count(g.In), money.Count(g.Out), money.Count(g.TotalIn), money.Count(g.Left)})
	}
	for _, p := range f.Payments {
		out.Payments = append(out.Payments, [4]string{p.On.In(clock.Beijing).Format("2006年1月2日"), p.Payee, p.Purpose, u.Show(p.Amount)})
	}
	for _, d := range x.Differences() {
		out.Differences = append(out.Differences, d.Text())
	}
	if len(out.Differences) > 0 {
		out.Why = u.Why()
	}
	return out
}
