package standing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/credential"
	"gongji/storage/db"
)

// Against lists what bars an organisation from a use now, where "by" buys or
// gives: a local listing binds those of its region only.
func Against(ctx context.Context, d bun.IDB, org, by id.ID, u Use, now time.Time) ([]Listing, error) {
	var rows, out []Listing
	if err := d.NewSelect().Model(&rows).Where("organisation = ? AND state = ?", org, InForce).Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for _, l := range rows {
		if !l.Runs(now) || !l.Blocks(u) {
			continue
		}
		binds, err := l.binds(ctx, d, by)
		if err != nil {
			return nil, err
		}
		if binds {
			out = append(out, l)
		}
	}
	return out, nil
}

// binds reports whether the listing is heeded where an organisation is.
func (l Listing) binds(ctx context.Context, d bun.IDB, by id.ID) (bool, error) {
	if l.Scope == "" {
		return true, nil
	}
	region, _, err := home(ctx, d, by)
	return strings.HasPrefix(region, l.Scope), err
}

// Clear is the gate of every purchase and grant: it refuses, inside the
// deciding transaction, an organisation that a listing bars from the use, and
// names the listing, the article and until when; "by" is who buys or gives. A
// plea that waits changes nothing: the decision stands until it is taken back.
// Once the gate was passed no listing begins before the transaction is over.
func Clear(ctx context.Context, d bun.IDB, org, by id.ID, u Use, now time.Time) error {
	if db.Postgres(d) {
		// Decide takes the row FOR UPDATE; many gates may hold it together.
		if err := d.NewSelect().TableExpr("organisation").ColumnExpr("id").Where("id = ?", org).For("SHARE").Scan(ctx, new(string)); err != nil {
			return db.Found(err, "组织")
		}
	}
	list, err := Against(ctx, d, org, by, u, now)
	if err != nil || len(list) == 0 {
		return err
	}
	return Refusal(list, u)
}

// Funded is the gate of those that give: no listing bars the organisation from
// their funding, and its registration has not run out.
func (s *Service) Funded(ctx context.Context, d bun.IDB, org, by id.ID) error {
	now := s.clock.Now()
	if err := Clear(ctx, d, org, by, Funding, now); err != nil {
		return err
	}
	return credential.Registered(ctx, d, org, now)
}

// Refusal is the fault that a gate answers with.
func Refusal(list []Listing, u Use) error {
	what := "不能参加采购、成交、入围和签订合同"
	if u == Funding {
		what = "不能获得资助"
	}
	var says []string
	for _, l := range list {
		says = append(says, l.Says())
	}
	return fault.New(fault.Forbidden, "“%s”%s，其间%s", list[0].OrgName, strings.Join(says, "；又"), what).Under(list[0].Effect)
}

// Says is the listing in one clause: by whom, on which list, under which
// article, until when.
func (l Listing) Says() string {
	until := "移出前有效"
	if l.UntilAt != nil {
		until = "至 " + calendar.Until(*l.UntilAt)
	}
	if l.Scope != "" {
		until += "，限" + l.Scope
	}
	return fmt.Sprintf("被%s列入“%s”（%s，%s，%s）", l.AuthorityName, l.KindName(), l.Number, l.Article, until)
}
