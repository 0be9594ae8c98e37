package bank

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/inbox"
	"gongji/storage/db"
)

// tell writes to everybody of a foundation who may be the second person:
// finance and the 秘书长, but for who did the first part.
func (s *Service) tell(ctx context.Context, tx bun.Tx, who party.Actor, l inbox.Letter) error {
	people, err := account.Holders(ctx, tx, who.Org, who.Account, party.Finance, party.Approver)
	if err != nil {
		return err
	}
	return inbox.Send(ctx, tx, s.clock.Now(), inbox.Persons(people...), l)
}

// firstWaits tells that matches wait for confirmation, once: while one waits
// unread in somebody's heap, the next needs no letter.
func (s *Service) firstWaits(ctx context.Context, tx bun.Tx, who party.Actor) error {
	n, err := tx.NewSelect().Model((*Line)(nil)).Where("foundation = ? AND state = ?", who.Org, Proposed).Count(ctx)
	if err != nil || n != 1 {
		return db.Translate(err)
	}
	return s.tell(ctx, tx, who, inbox.Letter{Title: "有银行流水的匹配等待确认", Text: who.Name + "匹配了银行流水，须由另一位同事确认后才记账。",
		Link: "/foundation/bank/lines?mine=confirm"})
}
