package evaluation

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/trust/number"
	"gongji/storage/db"
)

// ObjectKind is what documents call an evaluation.
const ObjectKind = "evaluation"

// MayReport is the one authorisation function of an evaluation's report: the
// buyer's officer and supervisor and the panel at once, the approver too, for
// it is they who decide on it.
func (s *Service) MayReport(ctx context.Context, who party.Actor, evaluation id.ID, action string) error {
	var e Evaluation
	if err := db.Found(s.db.NewSelect().Model(&e).Column("tender").Where("id = ?", evaluation).Scan(ctx), "评审报告"); err != nil {
		return err
	}
	return s.May(ctx, who, e.Tender, "report_"+action)
}

// report numbers and freezes the 评审报告 and starts the buyer's clock.
func (s *Service) report(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, e Evaluation, r Record, members []Member, now time.Time) error {
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	year := now.In(clock.Beijing).Year()
	n, err := number.Next(ctx, tx, number.Scope("evaluation", string(t.Buyer), year))
	if err != nil {
		return err
	}
	e.Number, e.ReportedAt = fmt.Sprintf("评审〔%d〕%04d号", year, n), &now
	code := archive.NewCode()
	opened, err := openedAt(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	c := reportOf(*t, e, r, members, opened)
	c.Issue = document.Issue{Number: e.Number, Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: t.BuyerName, IssuedAt: now, Demo: t.Demo}
	doc, err := s.archive.Issue(ctx, tx, archive.Item{Kind: c.Kind(), OwnerKind: ObjectKind, OwnerID: e.ID, Title: "评审报告 " + t.Title,
		Number: e.Number, Issuer: t.BuyerName, Code: code, Content: c,
		Facts: []archive.Fact{{Label: "项目", Value: t.Title}, {Label: "项目编号", Value: t.No()}, {Label: "评审记录校验值", Value: e.SHA256}}})
	if err != nil {
		return err
	}
	e.Report = &doc.ID
	if err := db.One(tx.NewUpdate().Model(&e).Column("number", "report", "reported_at").WherePK().Exec(ctx)); err != nil {
		return err
	}
	if err := tellReported(ctx, tx, *t, now); err != nil {
		return err
	}
	return note(ctx, tx, who, now, t.ID, "评审报告送交采购人", e.Number, set.Must(rules.AwardReport).Source(), false)
}

// openedAt is when the bids of a tender were opened; zero where there is no
// record of it.
func openedAt(ctx context.Context, d bun.IDB, tenderID id.ID) (time.Time, error) {
	var at []time.Time
	if err := d.NewSelect().TableExpr("opening").Column("opened_at").Where("tender = ?", tenderID).Scan(ctx, &at); err != nil || len(at) == 0 {
		return time.Time{}, db.Translate(err)
	}
	return at[0], nil
}

// reportOf words a record as the report prints it.
func reportOf(t tender.Tender, e Evaluation, r Record, members []Member, opened time.Time) document.EvaluationReport {
	method, _ := rules.MethodByID(t.Method)
	out := document.EvaluationReport{TenderNumber: t.No(), TenderTitle: t.Title, Buyer: t.BuyerName, Method: method.Name, EvaluatedAt: e.EvaluatedAt,
		SHA256: e.SHA256, Scoring: "综合评分法", Unit: "元"}
	out.NoticeAt, out.OpeningPlace = t.PublishedAt, t.OpeningPlace
	if !opened.IsZero() {
		out.OpenedAt = &opened
	}
	if t.Scoring == tender.LowestPrice {
		out.Scoring = "最低评标价法"
	}
	if t.Ceiling.Kind == tender.UnitPrice && t.Ceiling.Unit != "" {
		out.Unit += "/" + t.Ceiling.Unit
	}
	for _, m := range members {
		x := document.ReportMember{Name: m.Name, Seat: "评审专家", Employer: m.Employer, Dissent: m.Dissent, SignedAt: m.SignedAt}
		if m.Seat == BuyerSeat {
			x.Seat = "采购人代表"
		} else if m.Chosen == Drawn {
			x.Seat = "评审专家（随机抽取）"
		}
		out.Members = append(out.Members, x)
	}
	for _, k := range r.Table.Criteria {
		out.Criteria = append(out.Criteria, document.ReportCriterion{Name: k.Name, Weight: int(k.Weight)})
	}
	if r.Table.PriceWeight > 0 && len(r.Table.Criteria) > 0 {
		out.PriceWeight = int(r.Table.PriceWeight)
	}
	for _, l := range r.Lines {
		_, who := r.Of(l.Bid)
		x := document.ReportBid{Bidder: who.Name, Price: l.Amount, Rank: l.Rank, Tied: l.Tied, Total: int(l.Total), PriceScore: int(l.Price), Rejected: who.Reasons}
		if l.Rank > 0 {
			x.Rejected = nil
			b := r.Bids[r.at(l.Bid)]
			for _, k := range r.Table.Criteria {
				x.Scores = append(x.Scores, document.ReportScore{Mean: int(l.Marks[k.ID]), Each: ints(b.Scores[k.ID])})
			}
		}
		switch {
		case who.Ineligible:
			x.Stage = "资格审查不合格"
		case who.Quit:
			x.Stage = "没有有效的最后报价"
		case who.Unproved:
			x.Stage = "不能证明报价合理"
		case l.Rank == 0:
			x.Stage = fmt.Sprintf("符合性审查不通过（%d 名成员中 %d 名认为不符合）", len(r.Panel), len(r.Panel)-who.Passed)
		}
		if who.First != nil {
			last := "没有有效的最后报价，视为退出"
			if !who.Quit {
				last = "最后报价 " + l.Amount.Yuan() + " " + out.Unit
			}
			out.Offers = append(out.Offers, who.Name+"：首次报价 "+who.First.Yuan()+" "+out.Unit+"，"+last)
		}
		out.Bids = append(out.Bids, x)
	}
	for _, x := range r.Suspicions {
		_, who := r.Of(x.Bid)
		for _, y := range x.Reasons {
			out.Abnormal = append(out.Abnormal, document.ReportAbnormal{Bidder: who.Name, Text: fmt.Sprintf("报价 %s 元，%s；对比 %s 元，比例 %s%%（%s）", x.Price.Yuan(), y.Rule.Name, y.Against.Yuan(), points(y.Rate), y.Rule.Source())})
		}
	}
	for _, x := range r.Explained {
		_, who := r.Of(x.Bid)
		text := "已要求说明，供应商"
		if x.Answered {
			text += "作出说明；"
		} else {
			text += "没有在规定时间内说明；"
		}
		if x.Accepted {
			text += "评审小组认为报价合理"
		} else {
			text += "评审小组认为不能证明报价合理，投标无效"
		}
		out.Abnormal = append(out.Abnormal, document.ReportAbnormal{Bidder: who.Name, Text: text})
	}
	for _, x := range r.Corrections {
		_, who := r.Of(x.Bid)
		name := x.Criterion
		for _, k := range r.Table.Criteria {
			if k.ID == x.Criterion {
				name = k.Name
			}
		}
		out.Corrections = append(out.Corrections, fmt.Sprintf("%s对“%s”的“%s”：%s 分更正为 %s 分（%s）", r.Panel[x.Expert].Name, who.Name, name, points(x.Was), points(x.Became), x.Ground.Name()))
	}
	if e.Outcome == Void {
		out.Void = t.Reason
	}
	return out
}

func ints(in []int64) []int {
	out := make([]int, len(in))
	for i, v := range in {
		out[i] = int(v)
	}
	return out
}
