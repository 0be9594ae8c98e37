package evaluation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Declaration is what a member says on entering: that they have no tie to the
// buyer or a bidder and will keep the evaluation secret, or the tie they have.
type Declaration struct {
	Clear bool   `json:"clear" description:"本人与采购人、投标人没有利害关系，并对评审情况保密"`
	Tie   string `json:"tie,omitempty" description:"有利害关系的，写明是什么；提交后即回避"`
}

// Enter takes a member's declaration. Before it no file of a bid opens for
// them. A tie they declare, or one that is found now, takes them off the panel
// (政府采购法实施条例第9条) and the next alternate of the draw comes in. Whoever
// finds a tie later declares it then; what they scored no longer counts.
func (s *Service) Enter(ctx context.Context, who party.Actor, tenderID id.ID, in Declaration) (Member, error) {
	in.Tie = strings.TrimSpace(in.Tie)
	var m Member
	err := s.change(ctx, who, tenderID, "enter", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var err error
		if m, err = memberOf(ctx, tx, t.ID, who.Account); err != nil {
			return err
		}
		if m.DeclaredAt != nil && in.Tie == "" {
			return fault.New(fault.Conflict, "您已经作过承诺；发现新的利害关系，请写明后声明回避")
		}
		var c fault.Check
		c.Must(in.Clear != (in.Tie != ""), "clear", "请确认没有利害关系，或者写明有什么利害关系，二者选一")
		c.Must(utf8.RuneCountInString(in.Tie) <= 500, "tie", "不超过 500 字")
		if err := c.Err(); err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		why := in.Tie
		if why == "" {
			var a account.Account
			if err := db.Found(tx.NewSelect().Model(&a).Where("id = ?", m.Account).Scan(ctx), "账号"); err != nil {
				return err
			}
			err := s.eligible(ctx, tx, *t, a, m.Seat, now)
			if fault.Is(err, fault.Invalid) {
				why = "系统核对：" + err.Error()
			} else if err != nil {
				return err
			}
		}
		m.DeclaredAt = &now
		if why == "" {
			if err := db.One(tx.NewUpdate().Model(&m).Column("declared_at").WherePK().Exec(ctx)); err != nil {
				return err
			}
			return note(ctx, tx, who, now, t.ID, "评审成员作出无利害关系承诺", "", set.Must(rules.RecusalYears).Source(), false)
		}
		if err := unvote(ctx, tx, m); err != nil {
			return err
		}
		m.StoodAside = why
		if err := db.One(tx.NewUpdate().Model(&m).Column("declared_at", "stood_aside").WherePK().Exec(ctx)); err != nil {
			return err
		}
		if err := note(ctx, tx, who, now, t.ID, "评审成员回避", why, set.Must(rules.RecusalYears).Source(), false); err != nil {
			return err
		}
		return s.stepIn(ctx, tx, who, *t, m, "回避："+why, now)
	})
	return m, err
}

// unvote takes a member's votes on explanations back; what their vote decided is
// judged again by the panel as it then is.
func unvote(ctx context.Context, tx bun.Tx, m Member) error {
	list, err := explanationsOf(ctx, tx, m.Tender)
	if err != nil {
		return err
	}
	for _, e := range list {
		if _, voted := e.Votes[m.ID]; !voted {
			continue
		}
		delete(e.Votes, m.ID)
		e.Accepted, e.DecidedAt = nil, nil
		if err := db.One(tx.NewUpdate().Model(&e).Column("votes", "accepted", "decided_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// declared refuses a member who has not made their declaration yet.
func declared(m Member) error {
	if m.DeclaredAt == nil {
		return fault.New(fault.Forbidden, "请先作出回避和保密承诺，再查看投标文件")
	}
	return nil
}
