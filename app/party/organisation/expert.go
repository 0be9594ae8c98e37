package organisation

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Enlist enters the account with a login in the expert register, or amends its
// entry. Registrars and the platform's administrators may; the employer is
// what conflicts of interest are found by (政府采购法实施条例第9条).
func (s *Service) Enlist(ctx context.Context, who party.Actor, login string, x account.Expertise) error {
	if err := s.policy.Require(who.Relations(), "expert.new", "enlist"); err != nil {
		return err
	}
	x.Employer, x.Specialties = strings.TrimSpace(x.Employer), strings.TrimSpace(x.Specialties)
	var c fault.Check
	c.Must(x.Employer != "" && utf8.RuneCountInString(x.Employer) <= 120, "employer", "请填写工作单位全称，没有单位请写“无”；据此发现利害关系")
	c.Must(utf8.RuneCountInString(x.Specialties) <= 200, "specialties", "专业不超过 200 个字")
	if err := c.Err(); err != nil {
		return err
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		person, err := s.accounts.ByLogin(ctx, tx, login)
		if fault.Is(err, fault.NotFound) {
			c.Fail("login", "没有这个登录名。请专家先以个人身份注册，再录入其登录名")
			return c.Err()
		}
		if err != nil {
			return err
		}
		if err := s.accounts.Enlist(ctx, tx, person, x); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, s.clock.Now(), trail.Event{ObjectKind: "account", ObjectID: person, Action: "录入评审专家库"})
	})
}

// Expert is one entry of the register, as registrars see it.
type Expert struct {
	Account     id.ID  `bun:"id" json:"account"`
	Name        string `bun:"name" json:"name"`
	Employer    string `bun:"employer" json:"employer"`
	Specialties string `bun:"specialties" json:"specialties"`
}

// Experts lists the register for those who keep it, by name.
func (s *Service) Experts(ctx context.Context, who party.Actor) ([]Expert, error) {
	if err := s.policy.Require(who.Relations(), "expert.new", "enlist"); err != nil {
		return nil, err
	}
	var out []Expert
	err := s.db.NewSelect().TableExpr("account").Column("id", "name", "employer", "specialties").
		Where("expert = ?", true).Order("name", "id").Limit(500).Scan(ctx, &out)
	return out, db.Translate(err)
}
