// Package account keeps the people who can sign in: passwords, sessions, API
// tokens, and the organisations they may act for.
package account

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
)

// Account is a person who can sign in.
type Account struct {
	bun.BaseModel `bun:"table:account"`

	ID           id.ID    `bun:"id,pk"`
	Login        string   `bun:"login"`
	Name         string   `bun:"name"`
	PasswordHash string   `bun:"password_hash"`
	Email        string   `bun:"email"`
	Phone        string   `bun:"phone"`
	Expert       bool     `bun:"expert"`
	Specialties  string   `bun:"specialties"`
	Employer     string   `bun:"employer"` // an expert's employer, for finding conflicts
	ExpertRegion string   `bun:"expert_region"`
	ExpertState  Standing `bun:"expert_state"` // means something only where Expert is set
	// IDTail is the last four characters of the identity document, "" where not
	// entered; it tells people of one name apart and is never shown in public.
	IDTail    string    `bun:"id_tail"`
	CreatedAt time.Time `bun:"created_at"`
}

// Membership lets an account act for an organisation in one role.
type Membership struct {
	bun.BaseModel `bun:"table:membership"`

	ID           id.ID      `bun:"id,pk"`
	Account      id.ID      `bun:"account"`
	Organisation id.ID      `bun:"organisation"`
	Role         party.Role `bun:"role"`
	CreatedAt    time.Time  `bun:"created_at"`
	EndedAt      *time.Time `bun:"ended_at"`
}

// Session is one signed-in browser. Only the hash of its token is kept.
type Session struct {
	bun.BaseModel `bun:"table:session"`

	ID         id.ID      `bun:"id,pk"`
	TokenHash  string     `bun:"token_hash"`
	Account    id.ID      `bun:"account"`
	Membership *id.ID     `bun:"membership"`
	CSRF       string     `bun:"csrf"`
	UserAgent  string     `bun:"user_agent"`
	CreatedAt  time.Time  `bun:"created_at"`
	SeenAt     time.Time  `bun:"seen_at"`
	ExpiresAt  time.Time  `bun:"expires_at"`
	EndedAt    *time.Time `bun:"ended_at"`
}

// Token is a bearer token of the API, bound to one membership.
type Token struct {
	bun.BaseModel `bun:"table:api_token"`

	ID         id.ID      `bun:"id,pk"`
	TokenHash  string     `bun:"token_hash"`
	Account    id.ID      `bun:"account"`
	Membership *id.ID     `bun:"membership"`
	Label      string     `bun:"label"`
	CreatedAt  time.Time  `bun:"created_at"`
	ExpiresAt  *time.Time `bun:"expires_at"`
	EndedAt    *time.Time `bun:"ended_at"`
}
