package record

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/performance"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/standing"
	"gongji/storage/db"
)

// The figures of a record that a scoring table may use.
const (
	Rating     = "record_rating"     // 1–5 for 1A–5A
	Evaluation = "record_evaluation" // mean of the published evaluations, whole points, rounded down
	InTime     = "record_on_time"    // milestones in time of those that counted, whole per cent, rounded down
)

// Value is one figure of a record; Number is nil where there is nothing to
// compute it from. Basis says in Chinese what it rests on.
type Value struct {
	Number *int64
	Basis  string
}

// ValueAt is one figure of an organisation's record as it stood at a moment,
// in somebody's transaction: what was published later does not count.
func ValueAt(ctx context.Context, d bun.IDB, figure string, org id.ID, at time.Time) (Value, error) {
	switch figure {
	case Rating:
		x, err := standing.RatingAt(ctx, d, org, at)
		if err != nil || x == nil {
			return Value{Basis: "没有在有效期内的评估等级"}, err
		}
		return Value{&x.Level, x.Says() + "，" + x.Issuer + " " + x.Number}, nil
	case Evaluation:
		var sum struct {
			N     int64 `bun:"n"`
			Total int64 `bun:"total"`
		}
		err := d.NewSelect().TableExpr("performance").ColumnExpr("COUNT(*) AS n, CAST(COALESCE(SUM(total), 0) AS BIGINT) AS total").
			Where("provider = ? AND state = ? AND published_at <= ?", org, performance.Published, at).Scan(ctx, &sum)
		if err != nil || sum.N == 0 {
			return Value{Basis: "没有已公布的绩效评价"}, db.Translate(err)
		}
		mean := sum.Total / (100 * sum.N)
		return Value{&mean, fmt.Sprintf("%d 份已公布的绩效评价，平均 %d 分", sum.N, mean)}, nil
	case InTime:
		_, p, err := MilestonesAt(ctx, d, org, at)
		if err != nil || p.Counted == 0 {
			return Value{Basis: "没有到期的节点"}, err
		}
		share := 100 * p.OnTime / p.Counted
		return Value{&share, fmt.Sprintf("%d 个到期节点中 %d 个按期", p.Counted, p.OnTime)}, nil
	}
	return Value{}, fault.New(fault.Invalid, "没有这项档案数据")
}
