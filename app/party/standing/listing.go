// Package standing keeps what an organisation's record does to what it may do:
// credit listings (严重违法失信名单, 政府采购法第77条的禁止, 活动异常名录) are
// decisions of an authority, told beforehand, heard, decided by another person,
// published, and ended; while one runs, every gate of a purchase or a grant
// asks Clear and is refused.
package standing

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/trust/trail"
)

// ObjectKind is what the trail, the access registry and attachments call a
// listing.
const ObjectKind = "listing"

// State is where a listing stands; Expired is never stored: it is what a
// listing in force is called once its term is over.
type State string

// The states of a listing.
const (
	Noticed   State = "noticed"   // 已告知，听取陈述申辩
	Withdrawn State = "withdrawn" // 不予列入
	InForce   State = "in_force"  // 生效（或者已决定、未到生效日）
	Removed   State = "removed"   // 已移出
	Revoked   State = "revoked"   // 经异议撤销
	Expired   State = "expired"   // 期满
)

var stateNames = map[State]string{Noticed: "已告知，听取陈述申辩", Withdrawn: "不予列入", InForce: "在列", Removed: "已移出", Revoked: "决定已撤销", Expired: "期限届满"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Use is what a listing may bar from.
type Use string

// The uses that a gate asks for.
const (
	Purchase Use = rules.BarsPurchase
	Funding  Use = rules.BarsFunding
)

// Listing is one listing of one organisation.
type Listing struct {
	bun.BaseModel `bun:"table:listing"`

	ID             id.ID  `bun:"id,pk" json:"id"`
	Number         string `bun:"number" json:"number,omitempty"` // of the decision; "" before it
	Kind           string `bun:"kind" json:"kind"`               // of rules.Listings
	Organisation   id.ID  `bun:"organisation" json:"organisation"`
	OrgName        string `bun:"org_name" json:"organisation_name"`
	Authority      id.ID  `bun:"authority" json:"authority"`
	AuthorityName  string `bun:"authority_name" json:"authority_name"`
	Article        string `bun:"article" json:"article"` // what it stands on
	Effect         string `bun:"effect" json:"effect"`   // the text that makes it bar
	BlocksPurchase bool   `bun:"blocks_purchase" json:"blocks_purchase"`
	BlocksFunding  bool   `bun:"blocks_funding" json:"blocks_funding"`
	// Scope is the region whose buyers and funders are bound, where a local text
	// makes the listing bar; "" is everywhere.
	Scope          string     `bun:"scope" json:"scope,omitempty"`
	Reason         string     `bun:"reason" json:"reason"`
	Months         *int64     `bun:"months" json:"months,omitempty"` // the term; nil: until it is removed
	State          State      `bun:"state" json:"state"`
	DraftedBy      id.ID      `bun:"drafted_by" json:"-"`
	NoticedAt      time.Time  `bun:"noticed_at" json:"noticed_at"`
	StatementUntil *time.Time `bun:"statement_until" json:"statement_until,omitempty"` // exclusive
	Statement      string     `bun:"statement" json:"-"`
	StatementBy    *id.ID     `bun:"statement_by" json:"-"`
	StatementAt    *time.Time `bun:"statement_at" json:"-"`
	Answer         string     `bun:"answer" json:"answer,omitempty"` // to the statement, and why it was decided so
	DecidedBy      *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt      *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	BeginsAt       *time.Time `bun:"begins_at" json:"begins_at,omitempty"`
	UntilAt        *time.Time `bun:"until_at" json:"until,omitempty"` // exclusive; nil: until it is removed
	EndedAt        *time.Time `bun:"ended_at" json:"ended_at,omitempty"`
	EndedWhy       string     `bun:"ended_why" json:"ended_why,omitempty"`
	Demo           bool       `bun:"demo" json:"demo"`
}

// KindName is the list in Chinese.
func (l Listing) KindName() string {
	k, _ := rules.ListingByID(l.Kind)
	return k.Name
}

// At is the state at a moment: a term that is over has expired.
func (l Listing) At(now time.Time) State {
	if l.State == InForce && l.UntilAt != nil && !now.Before(*l.UntilAt) {
		return Expired
	}
	return l.State
}

// Runs reports whether the listing is in force at a moment. One that begins
// with its decision runs for whoever can read it.
func (l Listing) Runs(now time.Time) bool {
	return l.At(now) == InForce && l.BeginsAt != nil && (!l.BeginsAt.After(now) || l.BeginsAt.Equal(*l.DecidedAt))
}

// Blocks reports whether the listing bars from a use while it runs.
func (l Listing) Blocks(u Use) bool {
	return u == Purchase && l.BlocksPurchase || u == Funding && l.BlocksFunding
}

// PleaKind is what is asked against a listing in force.
type PleaKind string

// The kinds of plea.
const (
	Objection PleaKind = "objection" // 对决定的异议
	Removal   PleaKind = "removal"   // 移出申请
)

// Name is the kind in Chinese.
func (k PleaKind) Name() string {
	if k == Objection {
		return "异议"
	}
	return "移出申请"
}

// PleaState is where a plea stands.
type PleaState string

// The states of a plea.
const (
	Open    PleaState = "open"
	Granted PleaState = "granted"
	Refused PleaState = "refused"
)

// Plea is an objection to a listing, or the wish to have it removed.
type Plea struct {
	bun.BaseModel `bun:"table:listing_plea"`

	ID        id.ID      `bun:"id,pk" json:"id"`
	Listing   id.ID      `bun:"listing" json:"-"`
	Kind      PleaKind   `bun:"kind" json:"kind"`
	Org       id.ID      `bun:"by_org" json:"organisation"`
	Account   id.ID      `bun:"by_account" json:"-"`
	Text      string     `bun:"body" json:"text"`
	At        time.Time  `bun:"made_at" json:"at"`
	State     PleaState  `bun:"state" json:"state"`
	Answer    string     `bun:"answer" json:"answer,omitempty"`
	DecidedBy *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
}

// Case is a listing with what its reader may know of it: the statement and the
// pleas are the parties' own.
type Case struct {
	Listing
	StateNow  State         `json:"state_now"`
	Statement string        `json:"statement,omitempty"`
	Pleas     []Plea        `json:"pleas,omitempty"`
	Timeline  []trail.Event `json:"timeline"`
}
