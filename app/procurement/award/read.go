package award

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// May is the one authorisation function of an award, for its 中标通知书: the
// winner's people and the buyer's, once it is approved.
func (s *Service) May(ctx context.Context, who party.Actor, award id.ID, action string) error {
	var a Award
	if err := db.Found(s.db.NewSelect().Model(&a).Where("id = ?", award).Scan(ctx), "定标结果"); err != nil {
		return err
	}
	return s.policy.Require(winning(who, a), ObjectKind+"."+string(a.State), action)
}

// Live is the proposal or the award of a tender, for its buyer.
func (s *Service) Live(ctx context.Context, who party.Actor, tenderID id.ID) (Award, error) {
	a, err := live(ctx, s.db, tenderID)
	if err != nil {
		return a, err
	}
	return a, s.May(ctx, who, a.ID, "view")
}

// Rounds lists every proposal, the returned ones too, for the buyer.
func (s *Service) Rounds(ctx context.Context, who party.Actor, tenderID id.ID) ([]Award, error) {
	out := []Award{}
	if err := s.tenders.May(ctx, who, tenderID, "follow"); err != nil {
		return out, err
	}
	err := s.db.NewSelect().Model(&out).Where("tender = ?", tenderID).Order("round").Scan(ctx)
	return out, db.Translate(err)
}

// Allowed reports whether an action on the award of a tender is open to the
// actor: "propose" or "decide", for showing buttons.
func (s *Service) Allowed(ctx context.Context, who party.Actor, t tender.Tender, action string) bool {
	rel := tender.Relations(who, t)
	if proposer, err := proposerOf(ctx, s.db, t.ID); err != nil {
		return false
	} else if proposer == who.Account {
		rel = without(rel, "buyer.approver")
	}
	return s.policy.Any(rel, t.Object(s.clock.Now()), action)
}

// ApprovedOf is the approved award of a tender for the sibling packages of
// procurement; NotFound before there is one.
func ApprovedOf(ctx context.Context, d bun.IDB, tenderID id.ID) (Award, error) {
	a, err := live(ctx, d, tenderID)
	if err == nil && a.State != Approved {
		err = fault.New(fault.NotFound, "结果尚未公布")
	}
	return a, err
}

// Result is the published result; NotFound until it is approved.
func (s *Service) Result(ctx context.Context, tenderID id.ID) (Result, error) {
	a, err := ApprovedOf(ctx, s.db, tenderID)
	if err != nil {
		return Result{}, err
	}
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return Result{}, err
	}
	e, r, err := evaluation.Read(ctx, s.db, tenderID)
	if err != nil {
		return Result{}, err
	}
	out := Result{Award: a, Standings: []Standing{}, Record: e.SHA256, PublicAt: *a.DecidedAt}
	out.Award.Reason, out.Award.DecisionNote = "", "" // the buyer's own deliberation
	if t.Ceiling.Kind == tender.UnitPrice {
		out.Unit = t.Ceiling.Unit
	}
	for _, l := range r.Lines {
		_, b := r.Of(l.Bid)
		if l.Rank == 0 {
			out.Rejected++
			continue
		}
		if l.Bid == a.Bid {
			out.First = b.First
		}
		out.Standings = append(out.Standings, Standing{Supplier: b.Supplier, Name: b.Name, Price: l.Amount, First: b.First, Total: l.Total, Rank: l.Rank, Tied: l.Tied, Winner: l.Bid == a.Bid})
	}
	for _, j := range r.Panel {
		out.Panel = append(out.Panel, j.Name)
	}
	out.Changes, err = changes(ctx, s.db, tenderID)
	return out, err
}

// Mine tells a bidder how their own bid fared; NotFound before the result is
// public, or where their bid was not opened.
func (s *Service) Mine(ctx context.Context, who party.Actor, tenderID id.ID) (Own, error) {
	missing := fault.New(fault.NotFound, "没有找到这条记录，或您无权查看")
	a, err := ApprovedOf(ctx, s.db, tenderID)
	if err != nil {
		return Own{}, err
	}
	lines, err := opening.Lines(ctx, s.db, tenderID)
	if err != nil {
		return Own{}, err
	}
	var mine *opening.Line
	for i := range lines {
		if who.Org != "" && lines[i].Supplier == who.Org {
			mine = &lines[i]
		}
	}
	if mine == nil {
		return Own{}, missing
	}
	_, r, err := evaluation.Read(ctx, s.db, tenderID)
	if err != nil {
		return Own{}, err
	}
	return own(r, a, mine.Bid), nil
}

func own(r evaluation.Record, a Award, mine id.ID) Own {
	line, bidder := r.Of(mine)
	best, winner := r.Of(a.Bid)
	out := Own{Won: mine == a.Bid, Passed: line.Rank > 0, Total: line.Total, Rank: line.Rank, Of: r.Conforming(), Marks: []Mark{}}
	if !out.Passed {
		out.Reasons = bidder.Reasons
		out.Why = fmt.Sprintf("未通过资格和符合性审查：%d 名评审成员中 %d 名认为不符合", len(r.Panel), len(bidder.Reasons))
		return out
	}
	for _, k := range r.Table.Criteria {
		out.Marks = append(out.Marks, Mark{Name: k.Name, Weight: k.Weight, Score: line.Marks[k.ID], Best: best.Marks[k.ID]})
	}
	if r.Table.PriceWeight > 0 {
		out.Marks = append(out.Marks, Mark{Name: "价格", Weight: r.Table.PriceWeight, Score: line.Price, Best: best.Price})
	}
	switch {
	case out.Won:
		out.Why = "您单位为中标（成交）供应商"
	case line.Rank > best.Rank:
		out.Why = fmt.Sprintf("总得分 %s 分，排名第 %d；中标供应商“%s”总得分 %s 分，排名第 %d%s",
			tender.Points(line.Total), line.Rank, winner.Name, tender.Points(best.Total), best.Rank, gaps(out.Marks))
	case line.Rank == best.Rank:
		out.Why = "与中标供应商排名并列，采购人按采购文件规定的方式确定了另一家：" + a.Reason
	default:
		out.Why = fmt.Sprintf("排名第 %d，采购人说明的理由：%s", line.Rank, a.Reason)
	}
	return out
}

// gaps names the two lines on which a bid lost most.
func gaps(marks []Mark) string {
	var worst, next *Mark
	for i := range marks {
		m := &marks[i]
		switch {
		case m.Best <= m.Score:
		case worst == nil || m.Best-m.Score > worst.Best-worst.Score:
			worst, next = m, worst
		case next == nil || m.Best-m.Score > next.Best-next.Score:
			next = m
		}
	}
	var parts []string
	for _, m := range []*Mark{worst, next} {
		if m != nil {
			parts = append(parts, fmt.Sprintf("“%s”低 %s 分", m.Name, tender.Points(m.Best-m.Score)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "。差距主要在" + strings.Join(parts, "、")
}
