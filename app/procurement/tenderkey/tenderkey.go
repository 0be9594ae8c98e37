// Package tenderkey says who holds the key of a tender's bids.
//
// Before publication the officer names holders; the ceremony makes an age key
// in memory, splits what opens it among them and forgets it; each holder
// proves in their own browser that they can open their part. A tender is not
// published until every one of them has. When a holder leaves afterwards, those
// who stay split their parts anew for the next set of holders: the tender's
// recipient, to which bids are sealed, stays the same.
//
// The server keeps what a holder's passphrase alone opens, and nothing else.
package tenderkey

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// State is where a set of holders stands.
type State string

// The states. Of named and made a tender has one at most, and one incoming.
const (
	Named    State = "named"    // chosen; there is no key yet
	Made     State = "made"     // the key exists, each holder has a part
	Incoming State = "incoming" // the next holders, to whom the key is being handed over
	Retired  State = "retired"  // replaced; the parts are deleted
)

// Duty is why somebody holds a part.
type Duty string

// The duties.
const (
	Buyer      Duty = "buyer"      // 采购人代表
	Supervisor Duty = "supervisor" // 监督
	Agency     Duty = "agency"     // 代理机构, or another organisation
)

// Duties are all of them, in the order pages list them.
var Duties = []Duty{Buyer, Supervisor, Agency}

// Name is the duty in Chinese.
func (d Duty) Name() string {
	return map[Duty]string{Buyer: "采购人代表", Supervisor: "监督", Agency: "代理机构或其他单位"}[d]
}

// Key is a set of holders with the key they hold.
type Key struct {
	bun.BaseModel `bun:"table:tender_key"`

	ID        id.ID  `bun:"id,pk" json:"id"`
	Tender    id.ID  `bun:"tender" json:"tender"`
	State     State  `bun:"state" json:"state" enum:"named,made,incoming,retired"`
	Threshold int    `bun:"threshold" json:"threshold" description:"开启所需的人数"`
	Recipient string `bun:"recipient" json:"recipient,omitempty" description:"采购项目的公钥，投标文件加密给它；发布后不变"`
	// Generation is 1 after the ceremony and one more after each handover; 0
	// while there is no key.
	Generation int `bun:"generation" json:"generation"`
	// Wrapped is the identity, encrypted under the secret that the holders
	// share, in base64.
	Wrapped string `bun:"wrapped" json:"-"`
	// Commitment lets anyone check a part without learning it.
	Commitment [][]byte   `bun:"commitment" json:"commitment,omitempty" description:"各份密钥的承诺值，用于核对而不泄露密钥"`
	Reason     string     `bun:"reason" json:"reason,omitempty" description:"移交或作废的原因"`
	NamedBy    id.ID      `bun:"named_by" json:"-"`
	NamedAt    time.Time  `bun:"named_at" json:"named_at"`
	MadeAt     *time.Time `bun:"made_at" json:"made_at,omitempty"`
	RetiredAt  *time.Time `bun:"retired_at" json:"retired_at,omitempty"`

	Holders []Holder `bun:"-" json:"holders"`
}

// Holder is one person of a set.
type Holder struct {
	bun.BaseModel `bun:"table:key_holder"`

	ID           id.ID  `bun:"id,pk" json:"-"`
	Key          id.ID  `bun:"tender_key" json:"-"`
	Place        int    `bun:"place" json:"place" description:"份号，从 1 起"`
	Account      id.ID  `bun:"account" json:"account"`
	Name         string `bun:"name" json:"name"`
	Organisation *id.ID `bun:"organisation" json:"organisation,omitempty"`
	OrgName      string `bun:"org_name" json:"organisation_name"`
	Duty         Duty   `bun:"duty" json:"duty" enum:"buyer,supervisor,agency"`
	// PersonalKey is the key ShareFile was encrypted to, Recipient its public
	// half; the holder may have made another since.
	PersonalKey *id.ID `bun:"personal_key" json:"-"`
	Recipient   string `bun:"recipient" json:"recipient,omitempty" description:"密钥份加密给的个人公钥"`
	ShareFile   string `bun:"share_file" json:"-"` // a binary age file, in base64
	// WordSHA256 is the hash, in hexadecimal, of the word that only whoever
	// opens ShareFile can say.
	WordSHA256  string     `bun:"word_sha256" json:"-"`
	RehearsedAt *time.Time `bun:"rehearsed_at" json:"rehearsed_at,omitempty" description:"最近一次演练成功的时间"`

	// Ready and Stale are read with the holder: a personal key exists; it is
	// no longer the one that the part was made for.
	Ready bool `bun:"-" json:"ready" description:"已有个人密钥"`
	Stale bool `bun:"-" json:"stale" description:"换了新的个人密钥，打不开原来的密钥份"`
}

// Post is the holder without a name, as the public reads it: 监督（某单位）.
func (h Holder) Post() string {
	if h.OrgName == "" {
		return h.Duty.Name()
	}
	return h.Duty.Name() + "（" + h.OrgName + "）"
}

// Rehearsed counts the holders who have proved that they can open.
func (k Key) Rehearsed() int {
	n := 0
	for _, h := range k.Holders {
		if h.RehearsedAt != nil {
			n++
		}
	}
	return n
}

// Ready reports whether bids can be sealed to the key and opened again.
func (k Key) Ready() bool {
	return k.State == Made && len(k.Holders) > 0 && k.Rehearsed() == len(k.Holders) && !k.Stale()
}

// Stale reports whether a holder has changed to a new personal key since the
// parts were made, so that the ceremony has to be held again.
func (k Key) Stale() bool {
	for _, h := range k.Holders {
		if h.Stale {
			return true
		}
	}
	return false
}

// Holder finds somebody in the set; nil for others.
func (k Key) Holder(account id.ID) *Holder {
	for i := range k.Holders {
		if account != "" && k.Holders[i].Account == account {
			return &k.Holders[i]
		}
	}
	return nil
}

// Subshare is what one holder of the old set gave to the next.
type Subshare struct {
	bun.BaseModel `bun:"table:key_subshare"`

	ID         id.ID     `bun:"id,pk"`
	Key        id.ID     `bun:"tender_key"` // the next set
	Dealer     id.ID     `bun:"dealer"`     // the holder of the old set
	Place      int       `bun:"place"`      // the dealer's
	Commitment [][]byte  `bun:"commitment"`
	Files      [][]byte  `bun:"files"` // Files[i] is to the new holder in place i+1
	CreatedAt  time.Time `bun:"created_at"`
}
