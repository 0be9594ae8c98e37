package organisation

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/inbox"
	"gongji/storage/db"
)

const (
	// invitationFor is how long an invitation waits for its answer.
	invitationFor = 14 * 24 * time.Hour
	// An organisation may invite so many a day, and one login so many times
	// while an invitation would wait: an inbox is not for nagging.
	invitationsADay, invitationsALogin = 20, 3
)

// Invitation asks a person who has an account to become a member. Who invites
// learns nothing of a login, not even whether it exists, before it accepts: an
// invitation that was declined, or that nobody can answer, waits until it ends.
type Invitation struct {
	bun.BaseModel `bun:"table:member_invitation"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Organisation id.ID      `bun:"organisation" json:"organisation"`
	Login        string     `bun:"login" json:"login"`
	Role         party.Role `bun:"role" json:"role"`
	InvitedBy    id.ID      `bun:"invited_by" json:"-"`
	InvitedAt    time.Time  `bun:"invited_at" json:"invited_at"`
	EndsAt       time.Time  `bun:"ends_at" json:"ends_at"`
	Answer       answer     `bun:"answer" json:"-"`
	AnsweredAt   *time.Time `bun:"answered_at" json:"-"`
}

// answer is what became of an invitation; "" while it waits.
type answer string

const (
	accepted  answer = "accepted"
	declined  answer = "declined"
	withdrawn answer = "withdrawn"
)

// Asked is an invitation as the invited see it.
type Asked struct {
	Invitation
	OrgName string        `bun:"org_name" json:"organisation_name"`
	OrgKind party.OrgKind `bun:"org_kind" json:"organisation_kind"`
}

// Invite asks whoever has a login to become a member in a role. It answers
// alike whether the login exists or not.
func (s *Service) Invite(ctx context.Context, who party.Actor, org id.ID, login string, role party.Role) error {
	return s.staffed(ctx, who, org, func(ctx context.Context, tx bun.Tx, o Organisation) error {
		now := s.clock.Now()
		if o.State != Approved {
			return fault.New(fault.Conflict, "登记通过审核后才能邀请已有账号的人")
		}
		var c fault.Check
		c.Must(slices.Contains(party.RolesOf[o.Kind], role), "role", "请选择这类组织有的角色")
		login, ok := account.Login(login)
		c.Must(ok, "login", "请填写对方的登录名，例如 lihua 或 lihua@example.cn")
		if err := c.Err(); err != nil {
			return err
		}
		if err := mayInvite(ctx, tx, org, login, now); err != nil {
			return err
		}
		i := Invitation{ID: id.New(now), Organisation: org, Login: login, Role: role, InvitedBy: who.Account, InvitedAt: now, EndsAt: now.Add(invitationFor)}
		if _, err := tx.NewInsert().Model(&i).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		person, err := s.accounts.ByLogin(ctx, tx, login)
		if err == nil {
			err = inbox.Send(ctx, tx, now, inbox.Persons(person), inbox.Letter{Title: "“" + o.Name + "”邀请您成为其成员", Link: "/account#invitations",
				Text: "同意之后您可以代表它办事，平台也会认为您与它有关联。不认识它就谢绝；对方不会知道您谢绝了。"})
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		return record(ctx, tx, who, now, org, "邀请成员", string(role))
	})
}

func mayInvite(ctx context.Context, tx bun.Tx, org id.ID, login string, now time.Time) error {
	member, err := tx.NewSelect().TableExpr("membership AS m").Join("JOIN account AS a ON a.id = m.account").
		Where("m.organisation = ? AND m.ended_at IS NULL AND a.login = ?", org, login).Exists(ctx)
	if err != nil {
		return db.Translate(err)
	}
	var sent []Invitation
	if err := tx.NewSelect().Model(&sent).Where("organisation = ? AND invited_at > ?", org, now.Add(-invitationFor)).Scan(ctx); err != nil {
		return db.Translate(err)
	}
	today, again, waits := 0, 0, false
	for _, i := range sent {
		if i.InvitedAt.After(now.AddDate(0, 0, -1)) {
			today++
		}
		if i.Login == login {
			again++
			waits = waits || i.Answer == "" || i.Answer == declined
		}
	}
	var c fault.Check
	switch {
	case member:
		c.Fail("login", "此人已经是成员，要换角色请在上面的名单里改变角色")
	case waits:
		c.Fail("login", "已经邀请过这个登录名，请等对方答复")
	case today >= invitationsADay || again >= invitationsALogin:
		return fault.New(fault.TooMany, "邀请得太多了：一天最多 %d 人，同一个登录名 14 天内最多 %d 次，请以后再邀请", invitationsADay, invitationsALogin)
	}
	return c.Err()
}

// Invited lists an organisation's invitations that wait, or seem to, for those
// who manage its members.
func (s *Service) Invited(ctx context.Context, who party.Actor, org id.ID) ([]Invitation, error) {
	if err := s.May(ctx, who, org, "staff"); err != nil {
		return nil, err
	}
	out := []Invitation{}
	err := s.db.NewSelect().Model(&out).Where("organisation = ? AND answer IN ('', 'declined') AND ends_at > ?", org, s.clock.Now()).
		Order("id DESC").Scan(ctx)
	return out, db.Translate(err)
}

// Withdraw takes an invitation back.
func (s *Service) Withdraw(ctx context.Context, who party.Actor, org, invitation id.ID) error {
	return s.staffed(ctx, who, org, func(ctx context.Context, tx bun.Tx, _ Organisation) error {
		now := s.clock.Now()
		if err := db.One(tx.NewUpdate().Model((*Invitation)(nil)).Set("answer = ?, answered_at = ?", withdrawn, now).
			Where("id = ? AND organisation = ? AND answer IN ('', 'declined') AND ends_at > ?", invitation, org, now).Exec(ctx)); err != nil {
			return err
		}
		return record(ctx, tx, who, now, org, "撤回邀请", "")
	})
}

// Invitations lists those that wait for the actor's answer.
func (s *Service) Invitations(ctx context.Context, who party.Actor) ([]Asked, error) {
	out := []Asked{}
	err := s.db.NewSelect().TableExpr("member_invitation AS i").ColumnExpr("i.*, o.name AS org_name, o.kind AS org_kind").
		Join("JOIN account AS a ON a.login = i.login").Join("JOIN organisation AS o ON o.id = i.organisation").
		Where("a.id = ? AND i.answer = '' AND i.ends_at > ?", who.Account, s.clock.Now()).OrderExpr("i.id DESC").Scan(ctx, &out)
	return out, db.Translate(err)
}

// Answer accepts or declines an invitation of the actor's own. Only accepting
// is told to the organisation.
func (s *Service) Answer(ctx context.Context, who party.Actor, invitation id.ID, accept bool) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		now := s.clock.Now()
		var i Invitation
		err := db.Lock(tx.NewSelect().Model(&i).Where("id = ? AND login = (SELECT login FROM account WHERE id = ?)", invitation, who.Account)).Scan(ctx)
		if err := db.Found(err, "邀请"); err != nil {
			return err
		}
		if i.Answer != "" || !now.Before(i.EndsAt) {
			return fault.New(fault.Conflict, "这份邀请已经答复、撤回或过期")
		}
		i.Answer, i.AnsweredAt = declined, &now
		if accept {
			i.Answer = accepted
		}
		if err := db.One(tx.NewUpdate().Model(&i).Column("answer", "answered_at").WherePK().Exec(ctx)); err != nil || !accept {
			return err
		}
		o, err := read(ctx, tx, i.Organisation, true)
		if err != nil {
			return err
		}
		if _, err := s.accounts.Join(ctx, tx, who.Account, o.ID, i.Role); err != nil {
			return err
		}
		if err := inbox.Send(ctx, tx, now, []inbox.To{inbox.Desk(o.ID, administrators...)}, inbox.Letter{Title: who.Name + "接受了邀请",
			Text: "此人现在是本单位的成员，可以按角色办理事项。", Link: "/organisations/" + string(o.ID) + "/members"}); err != nil {
			return err
		}
		return record(ctx, tx, acting(who, o, i.Role), now, o.ID, "接受邀请，加入成员", string(i.Role))
	})
}
