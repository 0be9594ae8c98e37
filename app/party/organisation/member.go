package organisation

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/storage/db"
)

// Member is one person of an organisation as its own staff see them.
type Member struct {
	Membership id.ID
	Account    id.ID
	Login      string
	Name       string
	Role       party.Role
}

// Members lists who acts for an organisation; only its leads may see it.
func (s *Service) Members(ctx context.Context, who party.Actor, org id.ID) ([]Member, error) {
	if err := s.May(ctx, who, org, "staff"); err != nil {
		return nil, err
	}
	var out []Member
	err := s.db.NewSelect().TableExpr("membership AS m").
		ColumnExpr("m.id AS membership, a.id AS account, a.login, a.name, m.role").
		Join("JOIN account AS a ON a.id = m.account").
		Where("m.organisation = ? AND m.ended_at IS NULL", org).Order("m.id").Scan(ctx, &out)
	return out, db.Translate(err)
}

// AddMember lets a person act for the organisation in a role: an existing
// account by its login, or a new one when no account has the login.
func (s *Service) AddMember(ctx context.Context, who party.Actor, org id.ID, n account.NewAccount, role party.Role) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		o, err := read(ctx, tx, org, true)
		if err != nil {
			return err
		}
		if err := s.policy.Require(relations(who, o), o.object(), "staff"); err != nil {
			return err
		}
		var c fault.Check
		c.Must(slices.Contains(party.RolesOf[o.Kind], role), "role", "请选择这类组织有的角色")
		person, err := s.accounts.ByLogin(ctx, tx, n.Login)
		if fault.Is(err, fault.NotFound) {
			n.Check(&c)
			if err := c.Err(); err != nil {
				return err
			}
			person, err = s.accounts.Create(ctx, tx, n)
		}
		if err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		if _, err := s.accounts.Join(ctx, tx, person, org, role); err != nil {
			return err
		}
		return record(ctx, tx, who, s.clock.Now(), org, "加入成员", string(role))
	})
}

// EndMember takes the organisation away from a person; their account and what
// they did stay. The last person who can add others cannot be removed.
func (s *Service) EndMember(ctx context.Context, who party.Actor, org, membership id.ID) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		o, err := read(ctx, tx, org, true)
		if err != nil {
			return err
		}
		if err := s.policy.Require(relations(who, o), o.object(), "staff"); err != nil {
			return err
		}
		left, err := tx.NewSelect().Model((*account.Membership)(nil)).
			Where("organisation = ? AND ended_at IS NULL AND id <> ?", org, membership).
			Where("role IN (?)", bun.List([]party.Role{party.Lead, party.Approver})).Count(ctx)
		if err != nil {
			return err
		}
		if left == 0 {
			return fault.New(fault.Conflict, "这是组织里最后一位能管理成员的人，请先加入另一位")
		}
		if err := db.One(tx.NewUpdate().Model((*account.Membership)(nil)).Set("ended_at = ?", s.clock.Now()).
			Where("id = ? AND organisation = ? AND ended_at IS NULL", membership, org).Exec(ctx)); err != nil {
			return err
		}
		return record(ctx, tx, who, s.clock.Now(), org, "移除成员", "")
	})
}
