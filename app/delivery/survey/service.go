package survey

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service keeps surveys and assessments.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	policy      *policy.Policy
	engagements *engagement.Service

	mu   sync.Mutex
	salt salt // today's

	box box
}

// New makes the service, unless the rules that ship cannot be used.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, e *engagement.Service) (*Service, error) {
	err := unreadable
	if err == nil {
		err = sound(limits, templates)
	}
	if err != nil {
		return nil, fmt.Errorf("居民问卷的规则不能用: %w", err)
	}
	return &Service{db: d, clock: c, policy: p, engagements: e}, nil
}

// Form is a survey as typed.
type Form struct {
	Title     string     `json:"title"`
	Intro     string     `json:"intro,omitempty"`
	Questions []Question `json:"questions"`
	Poster    bool       `json:"poster,omitempty" description:"另设公开海报入口，其答卷单独统计，不计入满意度"`
	OpensOn   string     `json:"opens_on" description:"第一天，如 2026-06-01"`
	ClosesOn  string     `json:"closes_on" description:"最后一天，到当日 24:00"`
}

// check turns what was typed into the survey's own fields.
func (f Form) check(v *Survey) error {
	var c fault.Check
	v.Title, v.Intro, v.Poster = strings.TrimSpace(f.Title), strings.TrimSpace(f.Intro), f.Poster
	c.Must(v.Title != "" && utf8.RuneCountInString(v.Title) <= 60, "title", "请填写问卷标题，不超过 60 个字")
	c.Must(utf8.RuneCountInString(v.Intro) <= 200, "intro", "说明不超过 200 个字")
	v.Questions = make([]Question, len(f.Questions))
	for i, q := range f.Questions {
		q.Text = strings.TrimSpace(q.Text)
		for j := range q.Options {
			q.Options[j] = strings.TrimSpace(q.Options[j])
		}
		v.Questions[i] = q
	}
	checkQuestions(&c, v.Questions)
	first, last := dated(&c, "opens_on", "开始日期", f.OpensOn), dated(&c, "closes_on", "结束日期", f.ClosesOn)
	v.OpensAt, v.ClosesAt = first, last.AddDate(0, 0, 1)
	if c.Err() == nil {
		c.Must(!last.Before(first), "closes_on", "结束日期不能早于开始日期")
		c.Must(!v.ClosesAt.Before(first.AddDate(0, 0, limits.LeastDays)), "closes_on", "至少开放 %d 日，让居民来得及回答", limits.LeastDays)
		c.Must(!v.ClosesAt.After(first.AddDate(0, 0, limits.MostDays)), "closes_on", "最多开放 %d 日", limits.MostDays)
	}
	return c.Err()
}

func dated(c *fault.Check, field, name, typed string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(typed), clock.Beijing)
	c.Must(err == nil, field, "请填写%s，如 2026-06-01", name)
	return clock.Trunc(t)
}

// Save makes the survey of an engagement or changes its draft. version is the
// one that was read, 0 to overwrite whatever is there.
func (s *Service) Save(ctx context.Context, who party.Actor, of id.ID, version int64, in Form) (Survey, error) {
	var out Survey
	err := s.engagements.Change(ctx, who, of, "survey", func(ctx context.Context, tx bun.Tx, _ engagement.Engagement, now time.Time) error {
		v, err := byEngagement(ctx, tx, of)
		fresh := fault.Is(err, fault.NotFound)
		switch {
		case fresh:
			v = Survey{ID: id.New(now), Engagement: of, Maker: who.Org, MakerName: who.OrgName, MadeAt: now}
		case err != nil:
			return err
		case v.Published():
			return fault.New(fault.Conflict, "问卷已经发布，问题不能再改；结束日期可以延后")
		case version != 0 && version != v.Version:
			return fault.New(fault.Conflict, "问卷刚被别人改动，请刷新后再改")
		}
		if err := in.check(&v); err != nil {
			return err
		}
		v.Version++
		out = v
		if fresh {
			if _, err := tx.NewInsert().Model(&v).Exec(ctx); err != nil {
				return db.Translate(err)
			}
			return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "起草居民问卷"})
		}
		return db.One(tx.NewUpdate().Model(&v).ExcludeColumn("id", "engagement", "maker", "maker_name", "made_at", "published_by", "published_at").WherePK().Exec(ctx))
	})
	return out, err
}

// change locks the engagement, reads its survey and lets do decide.
func (s *Service) change(ctx context.Context, who party.Actor, survey id.ID, action string, do func(ctx context.Context, tx bun.Tx, e engagement.Engagement, v *Survey, now time.Time) error) (Survey, error) {
	v, err := read(ctx, s.db, survey)
	if err != nil {
		return v, err
	}
	err = s.engagements.Change(ctx, who, v.Engagement, action, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		if v, err = read(ctx, tx, survey); err != nil {
			return err
		}
		return do(ctx, tx, e, &v, now)
	})
	return v, err
}

// Publish fixes the questions and the dates. It cannot be taken back: the
// result of what was asked is published whatever it is.
func (s *Service) Publish(ctx context.Context, who party.Actor, survey id.ID) (Survey, error) {
	return s.change(ctx, who, survey, "survey", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, v *Survey, now time.Time) error {
		if v.Published() {
			return fault.New(fault.Conflict, "问卷已经发布")
		}
		if !e.Begun(now) {
			return fault.New(fault.Conflict, "履约 %s才开始，开始以后再请居民评价", at(e.Start))
		}
		if !now.Before(v.ClosesAt.AddDate(0, 0, -limits.LeastDays)) {
			var c fault.Check
			c.Fail("closes_on", "距结束已不足 %d 日，请先把结束日期延后", limits.LeastDays)
			return c.Err()
		}
		v.PublishedBy, v.PublishedAt = &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(v).Column("published_by", "published_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, e.ID, trail.Event{Action: "发布居民问卷", Note: v.Title, Public: true})
	})
}

// Extend moves the last day of a survey that is not over later, for a reason
// that is public. It never becomes earlier.
func (s *Service) Extend(ctx context.Context, who party.Actor, survey id.ID, closesOn, reason string) (Survey, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	until := dated(&c, "closes_on", "新的结束日期", closesOn).AddDate(0, 0, 1)
	c.Must(reason != "" && utf8.RuneCountInString(reason) <= 200, "reason", "请写明延后的原因，不超过 200 个字")
	if err := c.Err(); err != nil {
		return Survey{}, err
	}
	return s.change(ctx, who, survey, "survey", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, v *Survey, now time.Time) error {
		if !v.Published() || v.Closed(now) {
			return fault.New(fault.Conflict, "只有已发布、还没有结束的问卷可以延后")
		}
		var c fault.Check
		c.Must(until.After(v.ClosesAt), "closes_on", "新的结束日期应晚于原来的日期")
		c.Must(!until.After(v.OpensAt.AddDate(0, 0, limits.MostDays)), "closes_on", "从开始起最多开放 %d 日", limits.MostDays)
		if err := c.Err(); err != nil {
			return err
		}
		v.ClosesAt = until
		if err := db.One(tx.NewUpdate().Model(v).Column("closes_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, e.ID, trail.Event{Action: "延长居民问卷", Note: "到 " + closesOn + "：" + reason, Public: true})
	})
}

// relations are what an actor is to an engagement, with the communities that
// were asked to assess it.
func relations(ctx context.Context, d bun.IDB, who party.Actor, e engagement.Engagement) ([]string, error) {
	rel := engagement.Relations(who, e)
	if who.OrgKind != party.Community {
		return rel, nil
	}
	asked, err := d.NewSelect().Model((*Neighbour)(nil)).Where("engagement = ? AND organisation = ?", e.ID, who.Org).Exists(ctx)
	if asked {
		rel = append(rel, "neighbour", "neighbour."+string(who.Role))
	}
	return rel, db.Translate(err)
}

// May says whether somebody may do something about a survey; it fits
// access.Registry. A published one may be viewed by anyone.
func (s *Service) May(ctx context.Context, who party.Actor, survey id.ID, action string) error {
	v, err := read(ctx, s.db, survey)
	if err != nil {
		return err
	}
	if action == "view" && !v.Published() {
		action = "survey"
	}
	return s.engagements.May(ctx, who, v.Engagement, action)
}

// Allowed is May without the reason, for showing buttons.
func (s *Service) Allowed(ctx context.Context, who party.Actor, v Survey, action string) bool {
	return s.May(ctx, who, v.ID, action) == nil
}

// Get reads a survey for who may view it.
func (s *Service) Get(ctx context.Context, who party.Actor, survey id.ID) (Survey, error) {
	if err := s.May(ctx, who, survey, "view"); err != nil {
		return Survey{}, err
	}
	return read(ctx, s.db, survey)
}

// Of reads the survey of an engagement for who may view it; NotFound when there
// is none yet.
func (s *Service) Of(ctx context.Context, who party.Actor, of id.ID) (Survey, error) {
	v, err := byEngagement(ctx, s.db, of)
	if err != nil {
		return v, err
	}
	return s.Get(ctx, who, v.ID)
}

// Now is the moment the service decides by.
func (s *Service) Now() time.Time { return s.clock.Now() }
