package organisation

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/inbox"
	"gongji/storage/db"
)

// Member is one person of an organisation as its own staff see them.
type Member struct {
	Membership id.ID      `json:"membership"`
	Account    id.ID      `json:"account"`
	Login      string     `json:"login"`
	Name       string     `json:"name"`
	Role       party.Role `json:"role"`
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

// administrators are the roles that admit and remove the members of their own
// organisation: it must not be left without one.
var administrators = []party.Role{party.Lead, party.Approver, party.Admin}

// AddMember opens an account for a person who has none and lets them act for
// the organisation in a role. Whoever has an account is invited, see Invite;
// only the system itself, which loads a demonstration, seats them unasked.
func (s *Service) AddMember(ctx context.Context, who party.Actor, org id.ID, n account.NewAccount, role party.Role) error {
	return s.staffed(ctx, who, org, func(ctx context.Context, tx bun.Tx, o Organisation) error {
		var c fault.Check
		c.Must(slices.Contains(party.RolesOf[o.Kind], role), "role", "请选择这类组织有的角色")
		n.Check(&c)
		if err := c.Err(); err != nil {
			return err
		}
		person, err := s.newcomer(ctx, tx, who, n)
		if err != nil {
			return err
		}
		if _, err := s.accounts.Join(ctx, tx, person, org, role); err != nil {
			return err
		}
		return record(ctx, tx, who, s.clock.Now(), org, "加入成员", string(role))
	})
}

func (s *Service) newcomer(ctx context.Context, tx bun.Tx, who party.Actor, n account.NewAccount) (id.ID, error) {
	if who.System {
		if person, err := s.accounts.ByLogin(ctx, tx, n.Login); !fault.Is(err, fault.NotFound) {
			return person, err
		}
	}
	return s.accounts.Create(ctx, tx, n)
}

// staffed runs what only those who manage an organisation's members may do,
// with its row locked.
func (s *Service) staffed(ctx context.Context, who party.Actor, org id.ID, do func(context.Context, bun.Tx, Organisation) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		o, err := read(ctx, tx, org, true)
		if err != nil {
			return err
		}
		if err := s.policy.Require(relations(who, o), o.object(), "staff"); err != nil {
			return err
		}
		return do(ctx, tx, o)
	})
}

// live reads a membership of an organisation that has not ended.
func live(ctx context.Context, tx bun.Tx, org, membership id.ID) (account.Membership, error) {
	var m account.Membership
	err := tx.NewSelect().Model(&m).Where("id = ? AND organisation = ? AND ended_at IS NULL", membership, org).Scan(ctx)
	return m, db.Found(err, "成员")
}

// spare refuses to take away the last person who can admit and remove members;
// the organisation's row is locked.
func spare(ctx context.Context, tx bun.Tx, m account.Membership) error {
	if !slices.Contains(administrators, m.Role) {
		return nil
	}
	left, err := tx.NewSelect().Model((*account.Membership)(nil)).
		Where("organisation = ? AND ended_at IS NULL AND id <> ?", m.Organisation, m.ID).
		Where("role IN (?)", bun.List(administrators)).Exists(ctx)
	if err != nil {
		return db.Translate(err)
	}
	if !left {
		return fault.New(fault.Conflict, "这是组织里最后一位能管理成员的人，请先让另一位担任这个角色")
	}
	return nil
}

// ChangeRole gives a member another role, and tells the person.
func (s *Service) ChangeRole(ctx context.Context, who party.Actor, org, membership id.ID, role party.Role) error {
	return s.staffed(ctx, who, org, func(ctx context.Context, tx bun.Tx, o Organisation) error {
		var c fault.Check
		c.Must(slices.Contains(party.RolesOf[o.Kind], role), "role", "请选择这类组织有的角色")
		if err := c.Err(); err != nil {
			return err
		}
		m, err := live(ctx, tx, org, membership)
		if err != nil || m.Role == role {
			return err
		}
		if !slices.Contains(administrators, role) {
			if err := spare(ctx, tx, m); err != nil {
				return err
			}
		}
		if err := db.One(tx.NewUpdate().Model((*account.Membership)(nil)).Set("role = ?", role).Where("id = ?", m.ID).Exec(ctx)); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := inbox.Send(ctx, tx, now, inbox.Persons(m.Account), inbox.Letter{Title: "您在“" + o.Name + "”的角色已改变", Link: "/account",
			Text: "该组织管理成员的人改变了您的角色，您能办的事随之改变。有疑问请直接与该组织联系。"}); err != nil {
			return err
		}
		return record(ctx, tx, who, now, org, "改变成员角色", string(m.Role)+" → "+string(role))
	})
}

// EndMember takes the organisation away from a person, and tells them; their
// account and what they did stay. The last person who can add others cannot be
// removed.
func (s *Service) EndMember(ctx context.Context, who party.Actor, org, membership id.ID) error {
	return s.staffed(ctx, who, org, func(ctx context.Context, tx bun.Tx, o Organisation) error {
		m, err := live(ctx, tx, org, membership)
		if err == nil {
			err = spare(ctx, tx, m)
		}
		if err == nil {
			err = s.accounts.Part(ctx, tx, m)
		}
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := inbox.Send(ctx, tx, now, inbox.Persons(m.Account), inbox.Letter{Title: "您不再代表“" + o.Name + "”", Link: "/account",
			Text: "该组织已把您移出成员，您不能再以它的名义办理事项；您的账号和经办过的记录不变。"}); err != nil {
			return err
		}
		return record(ctx, tx, who, now, org, "移除成员", "")
	})
}

// Leave ends the actor's own membership, and tells those who manage the members.
func (s *Service) Leave(ctx context.Context, who party.Actor, membership id.ID) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var m account.Membership
		err := tx.NewSelect().Model(&m).Where("id = ? AND account = ? AND ended_at IS NULL", membership, who.Account).Scan(ctx)
		if err := db.Found(err, "成员身份"); err != nil {
			return err
		}
		o, err := read(ctx, tx, m.Organisation, true)
		if err == nil {
			err = spare(ctx, tx, m)
		}
		if err == nil {
			err = s.accounts.Part(ctx, tx, m)
		}
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := inbox.Send(ctx, tx, now, []inbox.To{inbox.Desk(o.ID, administrators...)}, inbox.Letter{Title: who.Name + "已退出“" + o.Name + "”",
			Text: "此人不能再代表本单位办理事项。", Link: "/organisations/" + string(o.ID) + "/members"}); err != nil {
			return err
		}
		return record(ctx, tx, acting(who, o, m.Role), now, o.ID, "成员退出", "")
	})
}

// acting is a person as a member of an organisation, whichever they act for now.
func acting(who party.Actor, o Organisation, role party.Role) party.Actor {
	who.Org, who.OrgName, who.OrgKind, who.Role = o.ID, o.Name, o.Kind, role
	return who
}
