// Package record adds up what an organisation delivered: its milestones and
// whether each came in time, from the plans that both sides agreed. Every
// figure is a list that can be opened.
package record

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Outcome is how a milestone counts.
type Outcome string

// The outcomes. A milestone whose day is still ahead, or whose report waits
// for the payer, does not count yet.
const (
	OnTime Outcome = "on_time"
	Late   Outcome = "late"
	Open   Outcome = "open"
)

// Name is the outcome in Chinese.
func (o Outcome) Name() string {
	return map[Outcome]string{OnTime: "按期达成", Late: "逾期", Open: "未到期或待确认"}[o]
}

// Milestone is one step of one engagement.
type Milestone struct {
	Engagement id.ID      `json:"engagement"`
	Title      string     `json:"title"`
	PayerName  string     `json:"payer_name"`
	Seq        int64      `json:"seq"`
	Name       string     `json:"name"`
	Due        time.Time  `json:"due"` // 00:00 of the last day, which counts
	ReportedAt *time.Time `json:"reported_at,omitempty"`
	Outcome    Outcome    `json:"outcome"`
}

// Punctuality is how many milestones counted, and how many came in time.
type Punctuality struct {
	OnTime  int64 `json:"on_time"`
	Counted int64 `json:"counted"`
}

// Service reads the record.
type Service struct {
	db    *bun.DB
	clock clock.Clock
}

// New makes the service.
func New(d *bun.DB, c clock.Clock) *Service { return &Service{d, c} }

// Milestones lists an organisation's milestones, the latest due first, with
// what they come to; it is public, as the plans are.
func (s *Service) Milestones(ctx context.Context, provider id.ID) ([]Milestone, Punctuality, error) {
	return MilestonesAt(ctx, s.db, provider, s.clock.Now())
}

// MilestonesAt is Milestones as the record stood at a moment, in somebody's
// transaction: what was reported or accepted later does not count.
func MilestonesAt(ctx context.Context, d bun.IDB, provider id.ID, at time.Time) ([]Milestone, Punctuality, error) {
	out, sum := []Milestone{}, Punctuality{}
	var deals []engagement.Engagement
	err := d.NewSelect().Model(&deals).Where("provider = ? AND state <> ? AND opened_at <= ?", provider, engagement.Void, at).Order("id").Scan(ctx)
	if err != nil || len(deals) == 0 {
		return out, sum, db.Translate(err)
	}
	ids := make([]id.ID, len(deals))
	for i, e := range deals {
		ids[i] = e.ID
	}
	var plans []plan.Plan
	if err := d.NewSelect().Model(&plans).Where("engagement IN (?) AND state = ? AND agreed_at <= ?", bun.List(ids), plan.Agreed, at).Scan(ctx); err != nil {
		return out, sum, db.Translate(err)
	}
	var steps []plan.Step
	if err := d.NewSelect().Model(&steps).Where("engagement IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return out, sum, db.Translate(err)
	}
	for _, p := range plans {
		e := deals[slices.Index(ids, p.Engagement)]
		for i, m := range p.Content.Milestones {
			x := Milestone{Engagement: e.ID, Title: e.Title, PayerName: e.PayerName, Seq: int64(i + 1), Name: m.Name, Due: m.Due}
			var step plan.Step
			if j := slices.IndexFunc(steps, func(s plan.Step) bool { return s.Engagement == e.ID && s.Seq == x.Seq }); j >= 0 {
				step = steps[j]
			}
			x.ReportedAt, x.Outcome = step.ReportedAt, outcome(m.Due.AddDate(0, 0, 1), step, at)
			out = append(out, x)
			switch x.Outcome {
			case OnTime:
				sum.OnTime++
				sum.Counted++
			case Late:
				sum.Counted++
			case Open:
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Milestone) int { return b.Due.Compare(a.Due) })
	return out, sum, nil
}

// outcome judges a milestone by the day its accepted report came; end is the
// end of its last day, exclusive.
func outcome(end time.Time, s plan.Step, at time.Time) Outcome {
	reported := s.ReportedAt != nil && !s.ReportedAt.After(at)
	switch {
	case reported && s.AcceptedAt != nil && !s.AcceptedAt.After(at) && s.ReportedAt.Before(end):
		return OnTime
	case reported && !s.ReportedAt.Before(end):
		return Late
	case !reported && !at.Before(end):
		return Late
	}
	return Open
}

// EngagementKind is what a public answer calls an engagement.
const EngagementKind = "engagement"

// EngagementEntry is an engagement as an entry of the record; they are public.
func EngagementEntry(ctx context.Context, d bun.IDB, subject id.ID) (org id.ID, title string, err error) {
	err = d.NewSelect().TableExpr("engagement").Column("provider", "title").Where("id = ?", subject).Scan(ctx, &org, &title)
	return org, "履约项目：" + title, db.Found(err, "履约项目")
}

// EvaluationEntry is a published evaluation as an entry of the record: whose it is
// and what it is called. NotFound before it is published.
func EvaluationEntry(ctx context.Context, d bun.IDB, subject id.ID) (org id.ID, title string, err error) {
	err = d.NewSelect().TableExpr("performance AS p").ColumnExpr("p.provider, e.title").Join("JOIN engagement AS e ON e.id = p.engagement").
		Where("p.id = ? AND p.state = ?", subject, performance.Published).Scan(ctx, &org, &title)
	return org, "绩效评价：" + title, db.Found(err, "绩效评价")
}
