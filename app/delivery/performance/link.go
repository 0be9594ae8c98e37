package performance

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/expense"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/storage/db"
)

// mostOffered is how many pieces of one kind are offered as evidence.
const mostOffered = 60

// links are what may be named as evidence of a score: the milestones of the
// plan, what was recorded for them, weekly reports that were handed in, and the
// files of the self-evaluation. Labels name nobody, as they are published.
func links(ctx context.Context, d bun.IDB, x Case) ([]Link, error) {
	out, err := done(ctx, d, x)
	if err != nil {
		return nil, err
	}
	var weeks []expense.Report
	if err := d.NewSelect().Model(&weeks).Where("engagement = ? AND state <> ?", x.Engagement, expense.Draft).Order("week").Limit(mostOffered).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for _, w := range weeks {
		out = append(out, Link{"expense:" + string(w.ID), "周报账 " + w.Title() + "，" + w.Total.Yuan() + " 元"})
	}
	var files []string
	err = d.NewSelect().TableExpr("attachment").ColumnExpr("id").Where("owner_kind = ? AND owner_id = ? AND removed_at IS NULL", EvidenceKind, x.ID).
		OrderExpr("id").Limit(mostOffered).Scan(ctx, &files)
	for i, f := range files {
		out = append(out, Link{"file:" + f, fmt.Sprintf("自评佐证材料 %d", i+1)})
	}
	return out, db.Translate(err)
}

// done are the milestones with their evidence.
func done(ctx context.Context, d bun.IDB, x Case) ([]Link, error) {
	p, agreed, err := progress(ctx, d, x.Of, time.Time{})
	if err != nil || !agreed {
		return []Link{}, err
	}
	var rows []plan.Evidence
	if err := d.NewSelect().Model(&rows).Where("engagement = ? AND void_at IS NULL", x.Engagement).Order("milestone", "id").Limit(mostOffered).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := []Link{}
	for _, m := range p.Milestones {
		out = append(out, Link{fmt.Sprintf("milestone:%d", m.Seq), fmt.Sprintf("节点 %d %s", m.Seq, m.Name)})
		for _, r := range rows {
			if r.Milestone == m.Seq {
				out = append(out, Link{"evidence:" + string(r.ID), evidenceLabel(r)})
			}
		}
	}
	return out, nil
}

func evidenceLabel(r plan.Evidence) string {
	s := "成果 " + r.DoneOn.In(clock.Beijing).Format("2006年1月2日")
	if r.Output != "" {
		s += fmt.Sprintf(" %s %d", r.Output, r.Quantity)
	}
	if r.People > 0 {
		s += fmt.Sprintf("，%d 人", r.People)
	}
	return s
}
