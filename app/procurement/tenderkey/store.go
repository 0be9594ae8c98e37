package tenderkey

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/keyring"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// current reads the set in force of a tender, and incoming the next one; nil
// where there is none.
func current(ctx context.Context, d bun.IDB, tender id.ID) (*Key, error) {
	return one(ctx, d, tender, Named, Made)
}

func incoming(ctx context.Context, d bun.IDB, tender id.ID) (*Key, error) {
	return one(ctx, d, tender, Incoming)
}

func one(ctx context.Context, d bun.IDB, tender id.ID, states ...State) (*Key, error) {
	var list []Key
	if err := d.NewSelect().Model(&list).Where("tender = ? AND state IN (?)", tender, bun.List(states)).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	if err := withHolders(ctx, d, list[:1]); err != nil {
		return nil, err
	}
	return &list[0], nil
}

// withHolders fills the holders of sets, each with whether their personal key
// is there and is the one their part was made for.
func withHolders(ctx context.Context, d bun.IDB, list []Key) error {
	if len(list) == 0 {
		return nil
	}
	at, keys := map[id.ID]*Key{}, []id.ID{}
	for i := range list {
		at[list[i].ID], keys = &list[i], append(keys, list[i].ID)
	}
	var holders []Holder
	if err := d.NewSelect().Model(&holders).Where("tender_key IN (?)", bun.List(keys)).Order("tender_key", "place").Scan(ctx); err != nil {
		return db.Translate(err)
	}
	var accounts []id.ID
	for _, h := range holders {
		accounts = append(accounts, h.Account)
	}
	personal, err := keyring.Of(ctx, d, accounts...)
	if err != nil {
		return err
	}
	for _, h := range holders {
		p, ok := personal[h.Account]
		h.Ready, h.Stale = ok, h.PersonalKey != nil && (!ok || p.ID != *h.PersonalKey)
		k := at[h.Key]
		k.Holders = append(k.Holders, h)
	}
	return nil
}

func insert(ctx context.Context, tx bun.Tx, k *Key) error {
	if _, err := tx.NewInsert().Model(k).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	_, err := tx.NewInsert().Model(&k.Holders).Exec(ctx)
	return db.Translate(err)
}

func saveKey(ctx context.Context, tx bun.Tx, k *Key) error {
	return db.One(tx.NewUpdate().Model(k).ExcludeColumn("id", "tender", "named_by", "named_at").WherePK().Exec(ctx))
}

func saveHolder(ctx context.Context, tx bun.Tx, h *Holder) error {
	return db.One(tx.NewUpdate().Model(h).Column("personal_key", "recipient", "share_file", "word_sha256", "rehearsed_at").WherePK().Exec(ctx))
}

// forget deletes the parts of a set that is over. The rows stay, so that it is
// known who held one.
func forget(ctx context.Context, tx bun.Tx, k *Key) error {
	if _, err := tx.NewUpdate().Model((*Holder)(nil)).Set("share_file = '', word_sha256 = ''").Where("tender_key = ?", k.ID).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	k.Wrapped = ""
	return saveKey(ctx, tx, k)
}

// find looks candidates up by login. One that does not exist is complained of
// and comes back without an account.
func find(ctx context.Context, d bun.IDB, c *fault.Check, seats []Seat) ([]candidate, error) {
	var out []candidate
	for i, s := range seats {
		x := candidate{Seat: s}
		x.Login = strings.ToLower(strings.TrimSpace(s.Login))
		var rows []struct {
			Account, Name string
			Org           *id.ID
			OrgName       *string
			Kind          *party.OrgKind
			Role          *party.Role
		}
		err := d.NewSelect().TableExpr("account AS a").
			ColumnExpr("a.id AS account, a.name AS name, o.id AS org, o.name AS org_name, o.kind AS kind, m.role AS role").
			Join("LEFT JOIN membership AS m ON m.account = a.id AND m.ended_at IS NULL").
			Join("LEFT JOIN organisation AS o ON o.id = m.organisation").
			Where("a.login = ?", x.Login).Order("m.id").Scan(ctx, &rows)
		if err != nil {
			return nil, db.Translate(err)
		}
		if len(rows) == 0 {
			c.Fail(fmt.Sprintf("holders.%d.login", i), "%s", unknown(x.Login))
		}
		for _, r := range rows {
			x.account, x.name = id.ID(r.Account), r.Name
			if r.Org != nil {
				x.posts = append(x.posts, post{*r.Org, *r.OrgName, *r.Kind, *r.Role})
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// judging marks the candidates who sit on the panel of a tender, or of another
// package of its project: they share the key.
func judging(ctx context.Context, d bun.IDB, t tender.Tender, list []candidate) error {
	var on []id.ID
	if err := d.NewSelect().TableExpr("panel_member").Column("account").Where("stood_aside = ''").
		Where("tender IN (SELECT id FROM tender WHERE id = ? OR project = ?)", t.ProjectID(), t.ProjectID()).Scan(ctx, &on); err != nil {
		return db.Translate(err)
	}
	for i := range list {
		list[i].judges = list[i].account != "" && slices.Contains(on, list[i].account)
	}
	return nil
}

func unknown(login string) string {
	if login == "" {
		return "请填写这位持钥人的登录名"
	}
	return fmt.Sprintf("没有登录名为“%.40s”的账号，请向本人核对；没有账号的先注册", login)
}
