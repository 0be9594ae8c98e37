package evaluation

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/account"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/storage/db"
)

// openers are the accounts that opened the bids of a tender or could have: the
// holders of its key, and who started the opening. None of them sits on the
// panel (财政部令第87号第40条).
func openers(ctx context.Context, d bun.IDB, t tender.Tender) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	var ran []id.ID
	if err := d.NewSelect().TableExpr("opening").Column("opened_by").Where("tender = ?", t.ID).Scan(ctx, &ran); err != nil {
		return nil, db.Translate(err)
	}
	for _, who := range ran {
		out[who] = true
	}
	k, err := tenderkey.Current(ctx, d, t.ID)
	if fault.Is(err, fault.NotFound) {
		return out, nil // an imported record has no key
	} else if err != nil {
		return nil, err
	}
	for _, h := range k.Holders {
		out[h.Account] = true
	}
	return out, nil
}

// apart refuses a person who opened the bids, or holds a part of their key.
func apart(ctx context.Context, d bun.IDB, t tender.Tender, a account.Account) error {
	who, err := openers(ctx, d, t)
	if err != nil || !who[a.ID] {
		return err
	}
	return fault.New(fault.Invalid, "%s持有本项目的投标密钥或者主持了开标；参加开标的人不能进入评审小组，请改选其他人（%s）", a.Name, tenderkey.ArticleApart).
		Under(tenderkey.ArticleApart)
}
