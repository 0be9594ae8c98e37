package evaluation

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Conflict is a tie between a person and a party to the tender.
type Conflict struct {
	Why    string
	Rule   rules.Rule
	Buyer  bool // the tie is to the buyer, which its own representative has by nature
	Member bool // the person acts for that organisation here, now
}

// conflicts finds ties: the employer a person declares is the buyer or a
// bidder, or the person acts for one here, or did within the years that
// 条例第9条 names.
func conflicts(ctx context.Context, d bun.IDB, t tender.Tender, a account.Account, set rules.Set, now time.Time) ([]Conflict, error) {
	rule := set.Must(rules.RecusalYears)
	orgs, err := interestedIn(ctx, d, t)
	if err != nil {
		return nil, err
	}
	var tied []struct {
		Organisation id.ID      `bun:"organisation"`
		EndedAt      *time.Time `bun:"ended_at"`
	}
	err = d.NewSelect().Model((*account.Membership)(nil)).Column("organisation", "ended_at").
		Where("account = ? AND (ended_at IS NULL OR ended_at > ?)", a.ID, now.AddDate(-int(rule.Value), 0, 0)).Scan(ctx, &tied)
	if err != nil {
		return nil, db.Translate(err)
	}
	var out []Conflict
	for _, o := range orgs {
		x := Conflict{Rule: rule, Buyer: o.ID == t.Buyer}
		role := "投标人"
		if x.Buyer {
			role = "采购人"
		}
		for _, m := range tied {
			if m.Organisation != o.ID {
				continue
			}
			x.Member, x.Why = m.EndedAt == nil, "是"+role+"“"+o.Name+"”的工作人员"
			if m.EndedAt != nil {
				x.Why = rule.Quantity() + "内曾是" + role + "“" + o.Name + "”的工作人员"
			}
		}
		if x.Why == "" && sameName(a.Employer, o.Name) {
			x.Why = "工作单位是" + role + "“" + o.Name + "”"
		}
		if x.Why != "" {
			out = append(out, x)
		}
	}
	return out, nil
}

// interested is a party to a conflict: the buyer, or a bidder that was opened.
type interested struct {
	ID   id.ID  `bun:"id"`
	Name string `bun:"name"`
}

func interestedIn(ctx context.Context, d bun.IDB, t tender.Tender) ([]interested, error) {
	var out []interested
	err := d.NewSelect().Model((*organisation.Organisation)(nil)).Column("id", "name").
		Where("id = ? OR id IN (SELECT supplier FROM opening_line WHERE tender = ?)", t.Buyer, t.ID).Scan(ctx, &out)
	return out, db.Translate(err)
}
