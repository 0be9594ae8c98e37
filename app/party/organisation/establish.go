package organisation

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/uscc"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/storage/db"
)

// Founding is an organisation that the platform opens itself: a state organ,
// the platform's own, or one whose papers were checked on the spot.
type Founding struct {
	Kind    party.OrgKind
	Profile Profile // USCC may be "" where none is known
	Demo    bool
	Person  account.NewAccount
	Role    party.Role
	// Member is an account that exists already and takes the place of Person;
	// only the system may name one.
	Member id.ID
}

// Establish adds an approved organisation and its first account. Only the
// platform's administrator may; the system itself (bootstrap, demonstration)
// acts as one.
func (s *Service) Establish(ctx context.Context, who party.Actor, in Founding) (Organisation, id.ID, error) {
	if err := s.policy.Require(who.Relations(), "organisation.new", "establish"); err != nil {
		return Organisation{}, "", err
	}
	var c fault.Check
	known := in.Member != "" && who.System
	if !known {
		in.Person.Check(&c)
	}
	in.Profile.tidy()
	if in.Profile.USCC != "" {
		code, err := uscc.Check(in.Profile.USCC)
		c.Adopt("uscc", err)
		in.Profile.USCC = code
	}
	c.Must(in.Profile.Name != "", "org_name", "请填写全称")
	c.Must(slices.Contains(party.RolesOf[in.Kind], in.Role), "role", "请选择这类组织有的角色")
	if err := c.Err(); err != nil {
		return Organisation{}, "", err
	}
	now := s.clock.Now()
	o := Organisation{ID: id.New(now), Kind: in.Kind, State: Approved, Demo: in.Demo, CreatedAt: now, ReviewedAt: &now}
	o.put(in.Profile)
	if in.Profile.USCC == "" {
		o.USCC = nil
	}
	var person id.ID
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if o.USCC != nil {
			if err := s.free(ctx, tx, o); err != nil {
				return err
			}
		}
		var err error
		if person = in.Member; !known {
			if person, err = s.accounts.Create(ctx, tx, in.Person); err != nil {
				return err
			}
		}
		if _, err := tx.NewInsert().Model(&o).Exec(ctx); err != nil {
			return err
		}
		if _, err := s.accounts.Join(ctx, tx, person, o.ID, in.Role); err != nil {
			return err
		}
		return record(ctx, tx, who, now, o.ID, "平台开通", "")
	})
	return o, person, err
}

// System is the platform acting by itself, not on behalf of a person.
var System = party.Actor{System: true, OrgName: "平台"}
