package survey

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Neighbour is a street or community organisation that the payer asked to
// assess an engagement in its community.
type Neighbour struct {
	bun.BaseModel `bun:"table:engagement_neighbour"`

	Engagement   id.ID     `bun:"engagement,pk" json:"engagement"`
	Organisation id.ID     `bun:"organisation,pk" json:"organisation"`
	Name         string    `bun:"name" json:"name"`
	NamedBy      id.ID     `bun:"named_by" json:"-"`
	NamedAt      time.Time `bun:"named_at" json:"named_at"`
}

// Assessment is what one of them gave: a score and words.
type Assessment struct {
	bun.BaseModel `bun:"table:community_assessment"`

	Engagement   id.ID          `bun:"engagement,pk" json:"engagement"`
	Organisation id.ID          `bun:"organisation,pk" json:"organisation"`
	Name         string         `bun:"name" json:"name"`
	Score        int            `bun:"score" json:"score" description:"0–10000，百分之一分；各项的平均，四舍五入"`
	Parts        map[string]int `bun:"parts" json:"parts" description:"各项 0–100 分"`
	Words        string         `bun:"words" json:"words"`
	GivenBy      id.ID          `bun:"given_by" json:"-"`
	GivenAt      time.Time      `bun:"given_at" json:"given_at"`
}

// Ask names a community organisation that shall assess; the maker of surveys
// does. Once named it stays: an assessor is not unnamed for what they say.
func (s *Service) Ask(ctx context.Context, who party.Actor, of, community id.ID) (Neighbour, error) {
	var out Neighbour
	err := s.engagements.Change(ctx, who, of, "survey", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		var o organisation.Organisation
		err := tx.NewSelect().Model(&o).Where("id = ? AND kind = ? AND state = ?", community, party.Community, organisation.Approved).Scan(ctx)
		if err = db.Found(err, "街道或社区"); fault.Is(err, fault.NotFound) {
			var c fault.Check
			c.Fail("community", "请选择已在平台登记的街道或社区")
			return c.Err()
		}
		if err != nil {
			return err
		}
		out = Neighbour{Engagement: of, Organisation: o.ID, Name: o.Name, NamedBy: who.Account, NamedAt: now}
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
			if db.Duplicate(err) {
				return fault.New(fault.Conflict, "已经请“%s”评价", o.Name)
			}
			return db.Translate(err)
		}
		if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: o.ID}}, inbox.Letter{Title: "请评价“" + e.Title + "”",
			Text: "这个项目在你们社区开展，请打分并写明理由。结果公开。", Link: "/engagements/" + string(of) + "/assessment"}); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "请社区评价", Note: o.Name, Public: true})
	})
	return out, err
}

// AssessForm is an assessment as given: each criterion 0–100, and words.
type AssessForm struct {
	Parts map[string]int `json:"parts" description:"每一项 0–100 分的整数"`
	Words string         `json:"words" description:"理由，公开"`
}

// Assess gives the assessment of the actor's community organisation, or changes
// it until the evaluation is published. Score is the mean of the parts.
func (s *Service) Assess(ctx context.Context, who party.Actor, of id.ID, in AssessForm) (Assessment, error) {
	var c fault.Check
	sum, parts := 0, map[string]int{}
	for _, x := range limits.Assessment {
		n, ok := in.Parts[x.Key]
		c.Must(ok && n >= 0 && n <= 100, "parts."+x.Key, "请给“%s”打 0 到 100 分的整数", x.Name)
		parts[x.Key], sum = n, sum+n
	}
	words := strings.TrimSpace(in.Words)
	n := utf8.RuneCountInString(words)
	c.Must(n >= 10 && n <= 1000, "words", "请写明理由，10 至 1000 个字")
	if err := c.Err(); err != nil {
		return Assessment{}, err
	}
	out := Assessment{Engagement: of, Organisation: who.Org, Name: who.OrgName, Score: (sum*200 + len(parts)) / (2 * len(parts)), Parts: parts, Words: words, GivenBy: who.Account}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		e, err := engagement.ForUpdate(ctx, tx, of)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		rel, err := relations(ctx, tx, who, e)
		if err == nil {
			err = s.policy.Require(rel, engagement.Object+"."+string(e.State), "assess")
		}
		if err != nil {
			return err
		}
		if !e.Begun(now) {
			return fault.New(fault.Conflict, "履约还没有开始，开始以后再评价")
		}
		out.GivenAt = now
		if _, err := tx.NewInsert().Model(&out).On("CONFLICT (engagement, organisation) DO UPDATE").
			Set("score = EXCLUDED.score, parts = EXCLUDED.parts, words = EXCLUDED.words, given_by = EXCLUDED.given_by, given_at = EXCLUDED.given_at").Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "社区作出评价", Note: who.OrgName, Public: true})
	})
	return out, err
}

// MayAssess reports whether the actor's organisation was asked and still can.
func (s *Service) MayAssess(ctx context.Context, who party.Actor, e engagement.Engagement) bool {
	rel, err := relations(ctx, s.db, who, e)
	return err == nil && e.Begun(s.clock.Now()) && s.policy.Require(rel, engagement.Object+"."+string(e.State), "assess") == nil
}

// Neighbours are the communities asked, with what they gave; Given is nil until
// they did. It is public.
func (s *Service) Neighbours(ctx context.Context, of id.ID) ([]Voice, error) {
	var asked []Neighbour
	if err := s.db.NewSelect().Model(&asked).Where("engagement = ?", of).Order("named_at", "organisation").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	given, err := Community(ctx, s.db, of)
	out := make([]Voice, len(asked))
	for i, n := range asked {
		out[i].Neighbour = n
		for j := range given {
			if given[j].Organisation == n.Organisation {
				out[i].Given = &given[j]
			}
		}
	}
	return out, err
}

// Voice is one community organisation and what it gave.
type Voice struct {
	Neighbour
	Given *Assessment `json:"assessment,omitempty"`
}

// ToAssess lists the engagements that wait for the assessment of an actor's
// community organisation, the longest waiting first; at most 50.
func (s *Service) ToAssess(ctx context.Context, who party.Actor) ([]engagement.Engagement, error) {
	out := []engagement.Engagement{}
	if who.OrgKind != party.Community {
		return out, nil
	}
	err := s.db.NewSelect().Model(&out).
		Where("id IN (SELECT engagement FROM engagement_neighbour WHERE organisation = ?)", who.Org).
		Where("id NOT IN (SELECT engagement FROM community_assessment WHERE organisation = ?)", who.Org).
		Where("state IN (?)", bun.List([]engagement.State{engagement.Running, engagement.Closed})).
		Order("id").Limit(50).Scan(ctx)
	return out, db.Translate(err)
}
