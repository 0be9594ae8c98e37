package account

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Holders are the accounts that act for an organisation in one of the roles
// now, but for one of them (who has just acted; "" leaves nobody out).
func Holders(ctx context.Context, d bun.IDB, org, but id.ID, roles ...party.Role) ([]id.ID, error) {
	var people []id.ID
	err := d.NewSelect().Model((*Membership)(nil)).Column("account").
		Where("organisation = ? AND ended_at IS NULL AND role IN (?) AND account <> ?", org, bun.List(roles), but).
		Order("account").Scan(ctx, &people)
	return people, db.Translate(err)
}
