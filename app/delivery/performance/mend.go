package performance

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// MendKind is the kind of a finding to be mended, and of its files, which only
// the parties see.
const MendKind = "rectification"

// Mend is one finding on the list to be mended (整改), from the publication of
// the report until the payer closes it. Due is 00:00 of the last day, Beijing.
type Mend struct {
	bun.BaseModel `bun:"table:performance_rectification"`

	ID            id.ID      `bun:"id,pk" json:"id"`
	Evaluation    id.ID      `bun:"evaluation" json:"evaluation"`
	Seq           int64      `bun:"seq" json:"seq"` // from 1
	Finding       string     `bun:"finding" json:"finding"`
	Rectification string     `bun:"rectification" json:"rectification"`
	Responsible   string     `bun:"responsible" json:"responsible,omitempty"`
	Due           time.Time  `bun:"due" json:"due"`
	Answer        string     `bun:"answer" json:"answer,omitempty"`
	AnsweredBy    *id.ID     `bun:"answered_by" json:"-"`
	AnsweredAt    *time.Time `bun:"answered_at" json:"answered_at,omitempty"`
	Reason        string     `bun:"reason" json:"reason,omitempty"` // why an answer went back
	ClosedBy      *id.ID     `bun:"closed_by" json:"-"`
	ClosedAt      *time.Time `bun:"closed_at" json:"closed_at,omitempty"`
}

// Overdue reports whether it is not closed and its last day is over at now.
func (m Mend) Overdue(now time.Time) bool {
	return m.ClosedAt == nil && !now.Before(m.Due.AddDate(0, 0, 1))
}

// Late reports whether it was answered, or is still to be, after its last day.
func (m Mend) Late(now time.Time) bool {
	if m.AnsweredAt != nil {
		now = *m.AnsweredAt
	}
	return !now.Before(m.Due.AddDate(0, 0, 1))
}

// StateName is where it stands at now, as people read it.
func (m Mend) StateName(now time.Time) string {
	switch {
	case m.ClosedAt != nil:
		return "已销号"
	case m.AnsweredAt != nil:
		return "已整改，待核查"
	case m.Overdue(now):
		return "已逾期"
	case m.Reason != "":
		return "核查未通过，继续整改"
	}
	return "整改中"
}

// toMend puts the findings of a published evaluation on the list.
func (x *Case) toMend(ctx context.Context, tx bun.Tx, now time.Time) error {
	for i, p := range x.Problems {
		m := Mend{ID: id.New(now), Evaluation: x.ID, Seq: int64(i + 1), Finding: p.Finding, Rectification: p.Rectification, Responsible: p.Responsible, Due: p.Due}
		if _, err := tx.NewInsert().Model(&m).Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	if len(x.Problems) == 0 {
		return nil
	}
	return tell(ctx, tx, now, x.Provider, *x, "“"+x.Of.Title+"”有问题需要整改", "请按期整改并提交说明，由付款方核查销号。")
}

// Mends lists what is to be mended after an evaluation the actor may view.
func (s *Service) Mends(ctx context.Context, who party.Actor, x Case) ([]Mend, error) {
	out := []Mend{}
	if err := s.require(ctx, s.db, who, x, "view"); err != nil {
		return out, err
	}
	err := s.db.NewSelect().Model(&out).Where("evaluation = ?", x.ID).Order("seq").Scan(ctx)
	return out, db.Translate(err)
}

// MayMend fits access.Registry: a finding's files are for the parties.
func (s *Service) MayMend(ctx context.Context, who party.Actor, mend id.ID, action string) error {
	var m Mend
	if err := db.Found(s.db.NewSelect().Model(&m).Where("id = ?", mend).Scan(ctx), "整改事项"); err != nil {
		return err
	}
	action = map[string]string{"view": "evidence", "attach": "mend"}[action]
	if action == "mend" && m.ClosedAt != nil {
		return fault.New(fault.Conflict, "这个问题已经销号，不再增减材料")
	}
	return s.May(ctx, who, m.Evaluation, action)
}

// Mended says how the provider mended a finding.
func (s *Service) Mended(ctx context.Context, who party.Actor, mend id.ID, text string) (Mend, error) {
	text = strings.TrimSpace(text)
	var c fault.Check
	c.Must(text != "", "answer", "请写明怎样整改、改到什么程度")
	fits(&c, "answer", text, longText)
	if err := c.Err(); err != nil {
		return Mend{}, err
	}
	return s.mend(ctx, who, mend, "mend", func(ctx context.Context, tx bun.Tx, x Case, m *Mend, now time.Time) error {
		m.Answer, m.AnsweredBy, m.AnsweredAt, m.Reason = text, &who.Account, &now, ""
		if err := tell(ctx, tx, now, x.Payer, x, "“"+x.Of.Title+"”的整改待核查", m.Finding); err != nil {
			return err
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "提交整改", Note: m.Finding, Public: true})
	})
}

// Close says that a finding is mended, or with a reason that it is not yet.
func (s *Service) Close(ctx context.Context, who party.Actor, mend id.ID, accept bool, reason string) (Mend, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(accept || reason != "", "reason", "请写明还差什么，承接方据此继续整改")
	fits(&c, "reason", reason, longText)
	if err := c.Err(); err != nil {
		return Mend{}, err
	}
	return s.mend(ctx, who, mend, "close", func(ctx context.Context, tx bun.Tx, x Case, m *Mend, now time.Time) error {
		if m.AnsweredAt == nil {
			return fault.New(fault.Conflict, "承接方还没有提交整改说明，请等待")
		}
		if accept {
			m.ClosedBy, m.ClosedAt = &who.Account, &now
			return record(ctx, tx, who, now, x, trail.Event{Action: "整改销号", Note: m.Finding, Public: true})
		}
		m.AnsweredBy, m.AnsweredAt, m.Reason = nil, nil, reason
		if err := tell(ctx, tx, now, x.Provider, x, "“"+x.Of.Title+"”的整改没有通过核查", reason); err != nil {
			return err
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "整改未通过核查", Note: m.Finding})
	})
}

func (s *Service) mend(ctx context.Context, who party.Actor, mend id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, x Case, m *Mend, now time.Time) error) (Mend, error) {
	var m Mend
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := db.Found(tx.NewSelect().Model(&m).Where("id = ?", mend).Scan(ctx), "整改事项"); err != nil {
			return err
		}
		x, err := s.forUpdate(ctx, tx, m.Evaluation) // the evaluation's lock orders what happens to its findings
		if err != nil {
			return err
		}
		if err := s.require(ctx, tx, who, x, action); err != nil {
			return err
		}
		m = Mend{}
		if err := db.Found(tx.NewSelect().Model(&m).Where("id = ?", mend).Scan(ctx), "整改事项"); err != nil {
			return err
		}
		if m.ClosedAt != nil {
			return fault.New(fault.Conflict, "这个问题已经销号")
		}
		if err := do(ctx, tx, x, &m, s.clock.Now()); err != nil {
			return err
		}
		return db.One(tx.NewUpdate().Model(&m).Column("answer", "answered_by", "answered_at", "reason", "closed_by", "closed_at").WherePK().Exec(ctx))
	})
	return m, err
}
