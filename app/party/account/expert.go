package account

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Expertise is what the register of 评审专家 knows of a person. The employer is
// compared with the parties of a tender to find conflicts.
type Expertise struct {
	Employer    string
	Specialties string
}

// Enlist enters an account in the expert register, or amends its entry there,
// in the caller's transaction; the caller authorises.
func (s *Service) Enlist(ctx context.Context, tx bun.Tx, account id.ID, x Expertise) error {
	return db.One(tx.NewUpdate().Model((*Account)(nil)).
		Set("expert = ?, employer = ?, specialties = ?", true, x.Employer, x.Specialties).Where("id = ?", account).Exec(ctx))
}
