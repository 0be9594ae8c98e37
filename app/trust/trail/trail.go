// Package trail records who did what, when and under which rule. Rows are only
// ever added; both databases refuse to change or remove one.
package trail

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Event is one thing that happened to one object.
type Event struct {
	bun.BaseModel `bun:"table:trail"`

	ID           id.ID     `bun:"id,pk" json:"id"`
	At           time.Time `bun:"at" json:"at"`
	Account      id.ID     `bun:"account" json:"-"`
	Organisation id.ID     `bun:"organisation" json:"organisation,omitempty"`
	OrgName      string    `bun:"org_name" json:"organisation_name,omitempty"`
	Role         string    `bun:"role" json:"role,omitempty"`
	ObjectKind   string    `bun:"object_kind" json:"object_kind"`
	ObjectID     id.ID     `bun:"object_id" json:"object_id"`
	Action       string    `bun:"action" json:"action"` // Chinese, as shown on a timeline: 提交审批
	Note         string    `bun:"note" json:"note,omitempty"`
	Article      string    `bun:"article" json:"article,omitempty"`
	Public       bool      `bun:"public" json:"-"` // shown on the public timeline
}

// Append adds an event in the deciding transaction. Who and when are filled
// from the actor; the zero actor stands for the system itself.
func Append(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, e Event) error {
	e.ID, e.At = id.New(at), clock.Trunc(at)
	e.Account, e.Organisation, e.OrgName, e.Role = who.Account, who.Org, who.OrgName, string(who.Role)
	_, err := tx.NewInsert().Model(&e).Exec(ctx)
	return db.Translate(err)
}

// AppendAll is Append for many events of one actor and moment.
func AppendAll(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, list []Event) error {
	if len(list) == 0 {
		return nil
	}
	for i := range list {
		e := &list[i]
		e.ID, e.At = id.New(at), clock.Trunc(at)
		e.Account, e.Organisation, e.OrgName, e.Role = who.Account, who.Org, who.OrgName, string(who.Role)
	}
	_, err := tx.NewInsert().Model(&list).Exec(ctx)
	return db.Translate(err)
}

// Of lists the events of one object, oldest first; publicOnly leaves out those
// that only its parties may see.
func Of(ctx context.Context, d bun.IDB, kind string, object id.ID, publicOnly bool) ([]Event, error) {
	var out []Event
	q := d.NewSelect().Model(&out).Where("object_kind = ? AND object_id = ?", kind, object).Order("at", "id")
	if publicOnly {
		q = q.Where("public = ?", true)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}
