package keyring

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Of reads the current keys of accounts; one without a key is not in the
// answer. It authorises nothing: what is encrypted to a recipient is decided
// by who asks.
func Of(ctx context.Context, d bun.IDB, accounts ...id.ID) (map[id.ID]Key, error) {
	out := map[id.ID]Key{}
	if len(accounts) == 0 {
		return out, nil
	}
	var keys []Key
	err := d.NewSelect().Model(&keys).Where("account IN (?)", bun.List(accounts)).Where("retired_at IS NULL").Scan(ctx)
	for _, k := range keys {
		out[k.Account] = k
	}
	return out, db.Translate(err)
}

// Owners maps keys, current or retired, to what they are.
func Owners(ctx context.Context, d bun.IDB, keys ...id.ID) (map[id.ID]Key, error) {
	out := map[id.ID]Key{}
	if len(keys) == 0 {
		return out, nil
	}
	var list []Key
	err := d.NewSelect().Model(&list).Where("id IN (?)", bun.List(keys)).Scan(ctx)
	for _, k := range list {
		out[k.ID] = k
	}
	return out, db.Translate(err)
}

// Colleague is somebody of the actor's organisation who has a key.
type Colleague struct {
	Account   id.ID  `json:"account"`
	Name      string `json:"name"`
	Recipient string `json:"recipient"`
}

// Colleagues are the people of the actor's organisation who have a key, the
// actor among them, in the order they joined: those to whom the organisation's
// own copies are encrypted.
func (s *Service) Colleagues(ctx context.Context, who party.Actor) ([]Colleague, error) {
	out := []Colleague{}
	if who.Org == "" {
		return out, nil
	}
	err := s.db.NewSelect().TableExpr("membership AS m").ColumnExpr("a.id AS account, a.name AS name, k.recipient AS recipient").
		Join("JOIN account AS a ON a.id = m.account").
		Join("JOIN personal_key AS k ON k.account = m.account AND k.retired_at IS NULL").
		Where("m.organisation = ? AND m.ended_at IS NULL", who.Org).Order("m.id").Scan(ctx, &out)
	return out, db.Translate(err)
}
