// Package organisation keeps the register of organisations: who they are, how
// they registered, and the review that lets them take part.
package organisation

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
)

// State is where an organisation's registration stands.
type State string

// The states of a registration.
const (
	Pending  State = "pending"  // 待审核
	Approved State = "approved" // 已通过
	Rejected State = "rejected" // 已退回
)

// Organisation is anybody that is not a private person.
type Organisation struct {
	bun.BaseModel `bun:"table:organisation"`

	ID          id.ID         `bun:"id,pk" json:"id"`
	Kind        party.OrgKind `bun:"kind" json:"kind"`
	Name        string        `bun:"name" json:"name"`
	USCC        *string       `bun:"uscc" json:"uscc,omitempty"` // 统一社会信用代码; null where the source lacks it
	State       State         `bun:"state" json:"state"`
	Region      string        `bun:"region" json:"region"`
	Address     string        `bun:"address" json:"address"`
	LegalPerson string        `bun:"legal_person" json:"-"` // a person's name: never public
	Summary     string        `bun:"summary" json:"summary"`
	Rating      string        `bun:"rating" json:"rating"` // 评估等级 "5A" … "1A"; "" = 未评
	// TaxQualified is 公益性捐赠税前扣除资格, entered by the registrar.
	TaxQualified bool       `bun:"public_charity_qualified" json:"tax_qualified"`
	ReviewedAt   *time.Time `bun:"reviewed_at" json:"reviewed_at,omitempty"`
	ReviewedBy   *id.ID     `bun:"reviewed_by" json:"-"`
	Reason       string     `bun:"reason" json:"-"` // why it was sent back
	Demo         bool       `bun:"demo" json:"demo"`
	CreatedAt    time.Time  `bun:"created_at" json:"created_at"`
}

// Code is the 统一社会信用代码, "" where none is recorded.
func (o Organisation) Code() string {
	if o.USCC == nil {
		return ""
	}
	return *o.USCC
}
