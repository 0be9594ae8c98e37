package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Step is one press of a button that moves money, as its client names it: the
// key is made with the form, or sent by a program. The same key is answered
// with what the first press did.
type Step struct {
	Key    string // "" always counts
	Verb   string // what is done: "donation.confirm"
	Object id.ID  // to what
	Input  any    // with what; compared as JSON
}

type step struct {
	bun.BaseModel `bun:"table:ledger_step"`

	Account id.ID     `bun:"account,pk"`
	Key     string    `bun:"idem_key,pk"`
	Verb    string    `bun:"verb"`
	Object  id.ID     `bun:"object"`
	Content string    `bun:"content"`
	At      time.Time `bun:"at"`
}

// Once claims a step in the deciding transaction; done says that this person
// took it before, with the same key and input, so that there is nothing to do
// but answer. The caller holds the object's row. Conflict where the key was
// used for something else.
func Once(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, x Step) (done bool, err error) {
	if x.Key == "" {
		return false, nil
	}
	if len(x.Key) > 255 {
		return false, fault.New(fault.Invalid, "防重复键不超过 255 个字节")
	}
	in, err := json.Marshal(x.Input)
	if err != nil {
		return false, err
	}
	row := step{Account: who.Account, Key: x.Key, Verb: x.Verb, Object: x.Object, Content: sum(string(in)), At: at}
	var first step
	err = tx.NewSelect().Model(&first).Where("account = ? AND idem_key = ?", row.Account, row.Key).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.NewInsert().Model(&row).Exec(ctx)
		return false, db.Translate(err)
	}
	if err != nil {
		return false, db.Translate(err)
	}
	if first.Verb != row.Verb || first.Object != row.Object || first.Content != row.Content {
		return false, fault.New(fault.Conflict, "同一个防重复键已用于另一项内容不同的操作，没有重复入账；请刷新页面后再办理")
	}
	return true, nil
}
