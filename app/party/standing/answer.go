package standing

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// AnswerKind is what the policy calls an organisation's public answer.
const AnswerKind = "answer"

// Answer is one version of what an organisation says in public about one entry
// of its record. The newest published one counts; the earlier ones stay.
type Answer struct {
	bun.BaseModel `bun:"table:record_answer"`

	ID           id.ID      `bun:"id,pk" json:"-"`
	Organisation id.ID      `bun:"organisation" json:"-"`
	About        string     `bun:"about" json:"about"` // kind of the entry: performance, listing, engagement
	Subject      id.ID      `bun:"subject" json:"subject"`
	Version      int64      `bun:"version" json:"version"` // from 1
	Text         string     `bun:"body" json:"text"`
	DraftedBy    id.ID      `bun:"drafted_by" json:"-"`
	DraftedAt    time.Time  `bun:"drafted_at" json:"-"`
	PublishedBy  *id.ID     `bun:"published_by" json:"-"`
	PublishedAt  *time.Time `bun:"published_at" json:"published_at,omitempty"`
}

// Entry reports whose a public entry of the record is, and what it is called;
// NotFound where it is not public.
type Entry func(ctx context.Context, d bun.IDB, subject id.ID) (org id.ID, title string, err error)

// Answerable lets entries of a kind be answered; called while the product is
// put together.
func (s *Service) Answerable(about string, e Entry) {
	s.entries[about] = e
}

// entry is a listing that was decided.
func (s *Service) entry(ctx context.Context, d bun.IDB, subject id.ID) (id.ID, string, error) {
	l, err := read(ctx, d, subject, false)
	if err == nil && (l.State == Noticed || l.State == Withdrawn) {
		err = fault.New(fault.NotFound, "没有找到这条记录")
	}
	return l.Organisation, "列入“" + l.KindName() + "”", err
}

func answering(who party.Actor, org id.ID) []string {
	rel := who.Relations()
	if who.Org != "" && who.Org == org {
		rel = append(rel, "holder", "holder."+string(who.Role))
	}
	return rel
}

// MayAnswer reports whether the actor may draft, or publish, answers of an
// organisation.
func (s *Service) MayAnswer(who party.Actor, org id.ID, action string) bool {
	return s.policy.Any(answering(who, org), AnswerKind+".any", action)
}

// about finds an entry of the actor's own record.
func (s *Service) about(ctx context.Context, d bun.IDB, who party.Actor, about string, subject id.ID, action string) (id.ID, string, error) {
	e, ok := s.entries[about]
	if !ok {
		return "", "", fault.New(fault.NotFound, "没有找到这条记录")
	}
	org, title, err := e(ctx, d, subject)
	if err == nil {
		err = s.policy.Require(answering(who, org), AnswerKind+".any", action)
	}
	return org, title, err
}

// Thread is what an organisation said about one entry.
type Thread struct {
	Organisation id.ID    `json:"organisation"`
	Title        string   `json:"title"` // of the entry
	Versions     []Answer `json:"versions"`
	Draft        *Answer  `json:"draft,omitempty"`
}

// Thread reads an entry with its answers, for the organisation's own people.
func (s *Service) Thread(ctx context.Context, who party.Actor, about string, subject id.ID) (Thread, error) {
	var t Thread
	var err error
	if t.Organisation, t.Title, err = s.about(ctx, s.db, who, about, subject, "draft"); err != nil {
		return t, err
	}
	t.Versions, t.Draft, err = versions(ctx, s.db, about, subject)
	return t, err
}

func versions(ctx context.Context, d bun.IDB, about string, subject id.ID) ([]Answer, *Answer, error) {
	var rows []Answer
	err := d.NewSelect().Model(&rows).Where("about = ? AND subject = ?", about, subject).Order("version").Scan(ctx)
	out := []Answer{}
	var draft *Answer
	for i := range rows {
		if rows[i].PublishedAt == nil {
			draft = &rows[i]
		} else {
			out = append(out, rows[i])
		}
	}
	return out, draft, db.Translate(err)
}

// Draft keeps what the organisation means to say about an entry; nothing is
// public yet. After an answer was published the draft is its correction.
func (s *Service) Draft(ctx context.Context, who party.Actor, about string, subject id.ID, text string) (Answer, error) {
	text = strings.TrimSpace(text)
	var c fault.Check
	n := utf8.RuneCountInString(text)
	c.Must(n >= 5 && n <= 1000, "text", "请写 5–1000 个字；不写个人姓名、证件号和联系方式")
	if err := c.Err(); err != nil {
		return Answer{}, err
	}
	var a Answer
	return a, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		org, _, err := s.about(ctx, tx, who, about, subject, "draft")
		if err != nil {
			return err
		}
		if err := lockOrg(ctx, tx, org); err != nil {
			return err
		}
		done, draft, err := versions(ctx, tx, about, subject)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if draft != nil {
			a = *draft
			a.Text, a.DraftedBy, a.DraftedAt = text, who.Account, now
			return db.One(tx.NewUpdate().Model(&a).Column("body", "drafted_by", "drafted_at").WherePK().Exec(ctx))
		}
		a = Answer{ID: id.New(now), Organisation: org, About: about, Subject: subject, Version: int64(len(done)) + 1, Text: text, DraftedBy: who.Account, DraftedAt: now}
		_, err = tx.NewInsert().Model(&a).Exec(ctx)
		return db.Translate(err)
	})
}

// Publish confirms the draft: from now on it stands beside the entry. What it
// corrects stays to be read.
func (s *Service) Publish(ctx context.Context, who party.Actor, about string, subject id.ID) (Answer, error) {
	var a Answer
	return a, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		org, title, err := s.about(ctx, tx, who, about, subject, "publish")
		if err != nil {
			return err
		}
		if err := lockOrg(ctx, tx, org); err != nil {
			return err
		}
		_, draft, err := versions(ctx, tx, about, subject)
		if err != nil {
			return err
		}
		if draft == nil {
			return fault.New(fault.Conflict, "没有待发布的回应，请先写草稿")
		}
		now := s.clock.Now()
		a = *draft
		a.PublishedBy, a.PublishedAt = &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(&a).Column("published_by", "published_at").Where("id = ? AND published_at IS NULL", a.ID).Exec(ctx)); err != nil {
			return err
		}
		action := "公开回应"
		if a.Version > 1 {
			action = "更正公开回应"
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "organisation", ObjectID: org, Action: action, Note: title, Public: true})
	})
}

// Answers are the published answers of an organisation by entry
// ("performance/ID"), each with its versions in order; they are public.
func (s *Service) Answers(ctx context.Context, org id.ID) (map[string][]Answer, error) {
	var rows []Answer
	err := s.db.NewSelect().Model(&rows).Where("organisation = ? AND published_at IS NOT NULL", org).Order("version").Scan(ctx)
	out := map[string][]Answer{}
	for _, a := range rows {
		key := a.About + "/" + string(a.Subject)
		out[key] = append(out[key], a)
	}
	return out, db.Translate(err)
}
