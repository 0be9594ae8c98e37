package engagement

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Task is one thing about a delivery that waits for somebody.
type Task struct {
	ID         id.ID     `bun:"id" json:"id"` // of what waits; of a milestone its number
	Engagement id.ID     `bun:"engagement" json:"engagement"`
	Title      string    `bun:"title" json:"title"` // of the engagement
	Other      string    `bun:"other" json:"other"` // who delivers it
	Since      time.Time `bun:"since" json:"since"`
}

// mostTasks is how many things of one kind somebody is shown, the oldest first.
const mostTasks = 500

// Tasks reads what waits: q selects rows of a table joined with their
// engagement as e; row is the column that names each, since when it came.
func Tasks(ctx context.Context, q *bun.SelectQuery, row, since string) ([]Task, error) {
	out := []Task{}
	err := q.ColumnExpr("CAST("+row+" AS TEXT) AS id").ColumnExpr("e.id AS engagement, e.title AS title, e.provider_name AS other").ColumnExpr(since+" AS since").
		OrderExpr(since+", "+row).Limit(mostTasks).Scan(ctx, &out)
	return out, db.Translate(err)
}
