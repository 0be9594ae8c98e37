package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/interest"
	"gongji/storage/db"
)

// find looks for ties between a reviewer and the applicants, and writes down
// the ones that are new.
func (s *Service) find(ctx context.Context, tx bun.Tx, r Reviewer, a account.Account, apps []application.Application, now time.Time) error {
	orgs, of := []id.ID{}, map[id.ID]application.Application{}
	for _, x := range apps {
		orgs, of[x.Organisation] = append(orgs, x.Organisation), x
	}
	ties, err := interest.OfPerson(ctx, tx, a, orgs, rules.At(now).Must(rules.CallRecusalYears), now)
	if err != nil {
		return err
	}
	for _, t := range ties {
		x := Conflict{Reviewer: r.ID, Application: of[t.Org].ID, Why: t.Why, At: now}
		if _, err := tx.NewInsert().Model(&x).On("CONFLICT (reviewer, application) DO NOTHING").Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	return nil
}

// findFor is find for a reviewer that was named before; into gets the ties.
func (s *Service) findFor(ctx context.Context, tx bun.Tx, into *Reviewer, r Reviewer, apps []application.Application, now time.Time) error {
	var a account.Account
	if err := tx.NewSelect().Model(&a).Where("id = ?", r.Account).Scan(ctx); err != nil {
		return db.Translate(err)
	}
	if err := s.find(ctx, tx, r, a, apps, now); err != nil {
		return err
	}
	into.Conflicts = nil
	err := tx.NewSelect().Model(&into.Conflicts).Where("reviewer = ?", r.ID).Order("application").Scan(ctx)
	return db.Translate(err)
}

// seat finds the actor's place in the round of a call that is open or was
// opened last; NotFound where they have none.
func seat(ctx context.Context, d bun.IDB, who party.Actor, to id.ID, round int64) (Reviewer, error) {
	var r Reviewer
	if who.Account == "" {
		return r, fault.New(fault.NotFound, "没有找到这个评审")
	}
	q := d.NewSelect().Model(&r).Where("call = ? AND account = ? AND removed_at IS NULL", to, who.Account).
		Where("EXISTS (SELECT 1 FROM review_round AS o WHERE o.call = reviewer.call AND o.round = reviewer.round)")
	if round > 0 {
		q = q.Where("round = ?", round)
	}
	if err := q.Order("round DESC").Limit(1).Scan(ctx); err != nil {
		return r, db.Found(err, "这个评审")
	}
	err := d.NewSelect().Model(&r.Conflicts).Where("reviewer = ?", r.ID).Scan(ctx)
	return r, db.Translate(err)
}

// reads answers application.Service.Reads: the actor was named for a round that
// opened and that the application is in, has declared, and has no tie to its
// organisation, on record at this moment or declared. The question is asked at
// every look, of every file.
func (s *Service) reads(ctx context.Context, d bun.IDB, who party.Actor, a application.Application) (bool, error) {
	r, err := seat(ctx, d, who, a.Call, 0)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil || r.DeclaredAt == nil {
		return false, err
	}
	if _, tied := r.conflict(a.ID); tied {
		return false, nil
	}
	if in, err := isIn(ctx, d, a, r.Round); !in || err != nil {
		return false, err
	}
	ties, err := s.ties(ctx, d, who.Account, a.Organisation)
	return err == nil && ties[a.Organisation] == "", err
}

// isIn reports whether a round is about an application: it was sent, and passed
// the round before.
func isIn(ctx context.Context, d bun.IDB, a application.Application, round int64) (bool, error) {
	if !slices.Contains(reviewed, a.State) || round == 1 {
		return slices.Contains(reviewed, a.State), nil
	}
	ok, err := d.NewSelect().Model((*Outcome)(nil)).Where("call = ? AND round = ? AND application = ? AND passed = ?", a.Call, round-1, a.ID, true).Exists(ctx)
	return ok, db.Translate(err)
}

// ties words what ties a person to organisations now; those without a tie are
// not in it.
func (s *Service) ties(ctx context.Context, d bun.IDB, person id.ID, orgs ...id.ID) (map[id.ID]string, error) {
	var a account.Account
	if err := d.NewSelect().Model(&a).Where("id = ?", person).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	now := s.clock.Now()
	found, err := interest.OfPerson(ctx, d, a, orgs, rules.At(now).Must(rules.CallRecusalYears), now)
	out := map[id.ID]string{}
	for _, t := range found {
		out[t.Org] = t.Why
	}
	return out, err
}

// Declaration is what a reviewer says of their own ties, before anything opens.
type Declaration struct {
	Ties  map[id.ID]string `json:"ties,omitempty" description:"键是申请，值是有什么关系"`
	Agree bool             `json:"agree" description:"除已列明的以外没有利害关系，并对评审内容保密"`
}

// Declare opens to a reviewer the applications that no tie blocks.
func (s *Service) Declare(ctx context.Context, who party.Actor, to id.ID, in Declaration) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		c, err := call.ForUpdate(ctx, tx, to)
		if err != nil {
			return err
		}
		b, err := s.board(ctx, tx, c)
		if err != nil {
			return err
		}
		r, err := seat(ctx, tx, who, to, b.round)
		if err != nil {
			return err
		}
		if r.DeclaredAt != nil {
			return fault.New(fault.Conflict, "您已经声明过；后来发现的利害关系请在那份申请的评分页提出回避")
		}
		var k fault.Check
		k.Must(in.Agree, "agree", "请确认声明后再开始评审")
		now := s.clock.Now()
		for _, a := range b.apps {
			why, said := in.Ties[a.ID]
			if !said {
				continue
			}
			if why = strings.TrimSpace(why); why == "" {
				k.Fail("why."+string(a.ID), "请写明与“%s”有什么关系", a.OrgName)
				continue
			}
			if err := recuse(ctx, tx, r.ID, a.ID, why, now); err != nil {
				return err
			}
		}
		if err := k.Err(); err != nil {
			return err
		}
		if err := s.findFor(ctx, tx, &r, r, b.apps, now); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model((*Reviewer)(nil)).Set("declared_at = ?", now).Where("id = ? AND declared_at IS NULL", r.ID).Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, to, "评审人声明", "回避 "+count(len(r.Conflicts)))
	})
}

// Recuse declares a tie that a reviewer saw only after declaring; what they
// scored of that application no longer counts.
func (s *Service) Recuse(ctx context.Context, who party.Actor, app id.ID, why string) error {
	why = strings.TrimSpace(why)
	var k fault.Check
	k.Must(why != "" && len([]rune(why)) <= 500, "why", "请写明有什么关系，不超过 500 字")
	if err := k.Err(); err != nil {
		return err
	}
	return s.sheet(ctx, who, app, func(ctx context.Context, tx bun.Tx, x desk, now time.Time) error {
		if err := recuse(ctx, tx, x.seat.ID, app, why, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, x.app.Call, "评审人回避", x.app.No())
	})
}

func recuse(ctx context.Context, tx bun.Tx, reviewer, app id.ID, why string, now time.Time) error {
	x := Conflict{Reviewer: reviewer, Application: app, Why: "本人声明：" + why, Declared: true, At: now}
	_, err := tx.NewInsert().Model(&x).On("CONFLICT (reviewer, application) DO NOTHING").Exec(ctx)
	return db.Translate(err)
}
