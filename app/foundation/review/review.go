// Package review is the reading of a call's applications in rounds: reviewers
// named, their ties found and blocked before anything opens, a score sheet for
// each application handed in once, and an outcome that says how far the
// reviewers were apart.
package review

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// ObjectKind is what the policy calls the review of a call.
const ObjectKind = "review"

// Round is a round that was opened. Rounds count from 1.
type Round struct {
	bun.BaseModel `bun:"table:review_round"`

	Call      id.ID      `bun:"call,pk" json:"call"`
	Round     int64      `bun:"round,pk" json:"round"`
	OpenedBy  id.ID      `bun:"opened_by" json:"-"`
	OpenedAt  time.Time  `bun:"opened_at" json:"opened_at"`
	SettledBy *id.ID     `bun:"settled_by" json:"-"`
	SettledAt *time.Time `bun:"settled_at" json:"settled_at,omitempty"`
}

// Reviewer is a person named for one round of one call.
type Reviewer struct {
	bun.BaseModel `bun:"table:reviewer"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Call       id.ID      `bun:"call" json:"call"`
	Round      int64      `bun:"round" json:"round"`
	Account    id.ID      `bun:"account" json:"account"`
	Name       string     `bun:"name" json:"name"`
	NamedBy    id.ID      `bun:"named_by" json:"-"`
	NamedAt    time.Time  `bun:"named_at" json:"named_at"`
	DeclaredAt *time.Time `bun:"declared_at" json:"declared_at,omitempty"` // nil: nothing is open to them yet
	RemovedAt  *time.Time `bun:"removed_at" json:"removed_at,omitempty"`
	Reason     string     `bun:"reason" json:"reason,omitempty"` // why removed

	Conflicts []Conflict `bun:"-" json:"conflicts,omitempty"`
}

// Conflict is a tie between a reviewer and an applicant: found on record, or
// declared. It blocks the application to the reviewer and is never taken back.
type Conflict struct {
	bun.BaseModel `bun:"table:review_conflict"`

	Reviewer    id.ID     `bun:"reviewer,pk" json:"reviewer"`
	Application id.ID     `bun:"application,pk" json:"application"`
	Why         string    `bun:"why" json:"why"`
	Declared    bool      `bun:"declared" json:"declared"`
	At          time.Time `bun:"at" json:"at"`
}

// Sheet is one reviewer's scores for one application, by criterion in order.
type Sheet struct {
	bun.BaseModel `bun:"table:review_sheet"`

	Reviewer    id.ID      `bun:"reviewer,pk" json:"reviewer"`
	Application id.ID      `bun:"application,pk" json:"application"`
	Version     int64      `bun:"version" json:"version"`
	Scores      []*int64   `bun:"scores" json:"scores"` // 0–100; nil: not given yet
	Comment     string     `bun:"comment" json:"comment"`
	Total       *Score     `bun:"total" json:"total,omitempty"` // once handed in
	SavedAt     time.Time  `bun:"saved_at" json:"saved_at"`
	HandedAt    *time.Time `bun:"handed_at" json:"handed_at,omitempty"`
}

// Outcome is what a round came to for one application.
type Outcome struct {
	bun.BaseModel `bun:"table:review_outcome,alias:outcome"`

	Call        id.ID  `bun:"call,pk" json:"call"`
	Round       int64  `bun:"round,pk" json:"round"`
	Application id.ID  `bun:"application,pk" json:"application"`
	Passed      bool   `bun:"passed" json:"passed"`
	Mean        Score  `bun:"mean" json:"mean"`
	Spread      Score  `bun:"spread" json:"spread"` // highest less lowest
	Sheets      int64  `bun:"sheets" json:"sheets"`
	Reason      string `bun:"reason" json:"reason,omitempty"`
}
