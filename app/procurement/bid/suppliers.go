package bid

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Suppliers are the organisations with a bid, draft or sent, for a project or
// one of its packages. It is for messages to their own boxes only: nothing
// that others can see may come of it.
func Suppliers(ctx context.Context, d bun.IDB, project id.ID) ([]id.ID, error) {
	var out []id.ID
	err := d.NewSelect().Table("bid").ColumnExpr("DISTINCT bid.supplier").Join("JOIN tender AS t ON t.id = bid.tender").
		Where("t.id = ? OR t.project = ?", project, project).Scan(ctx, &out)
	return out, db.Translate(err)
}
