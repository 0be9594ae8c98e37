package award

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/rules"
	"gongji/app/party/inbox"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// tellResult tells every bidder that the result is public, winner and buyer
// that there is a contract to sign, and whom bonds are due back to.
func (s *Service) tellResult(ctx context.Context, tx bun.IDB, t tender.Tender, a Award, set rules.Set, now time.Time) error {
	at := "/tenders/" + string(t.ID)
	if err := opening.Tell(ctx, tx, t, inbox.Letter{Title: "采购结果已公布：" + t.Title, Link: at + "/award",
		Text: "可以查看结果和本单位的得分。对结果有异议的，可以在质疑期限内提出质疑。"}, now); err != nil {
		return err
	}
	text := "请不迟于 " + s.signBefore(set, now).In(clock.Beijing).Format("2006年1月2日") + "签订合同（" + set.Must(rules.ContractSign).Source() + "）。"
	if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: a.Supplier}, {Organisation: t.Buyer}},
		inbox.Letter{Title: "待签订合同：" + t.Title, Text: text, Link: at + "/contract"}); err != nil {
		return err
	}
	return tellBonds(ctx, tx, s.calendar, t, a, set, nil, "supplier <> ?", now)
}

// TellSigned tells the winner and the buyer that the winner's bond is due back.
func TellSigned(ctx context.Context, tx bun.IDB, cal *calendar.Calendar, t tender.Tender, a Award, set rules.Set, signed, now time.Time) error {
	return tellBonds(ctx, tx, cal, t, a, set, &signed, "supplier = ?", now)
}

// tellBonds tells each holder of a bond that waits by when it must be back, and
// the buyer once of them all: who left before the last offer may be due first.
func tellBonds(ctx context.Context, tx bun.IDB, cal *calendar.Calendar, t tender.Tender, a Award, set rules.Set, signed *time.Time, whose string, now time.Time) error {
	var list []Bond
	if err := tx.NewSelect().Model(&list).Where("tender = ? AND returned_on IS NULL", t.ID).Where(whose, a.Supplier).Order("id").Scan(ctx); err != nil || len(list) == 0 {
		return db.Translate(err)
	}
	quit, err := quits(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	var dues []bondsDue
	for i := range list {
		b, until := &list[i], "规定期限内"
		if b.run(cal, t, a, set, signed, quit[b.Supplier]); b.Due != nil {
			until = calendar.Until(*b.Due) + "前"
		}
		dues = owing(dues, until, *b)
		if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: b.Supplier}}, inbox.Letter{Title: "投标保证金应退还：" + t.Title, Link: "/tenders/" + string(t.ID) + "/award",
			Text: "采购人应在" + until + "退还贵单位的投标保证金（" + b.Article + "）。"}); err != nil {
			return err
		}
	}
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: t.Buyer}}, inbox.Letter{Title: "请退还投标保证金：" + t.Title, Link: "/tenders/" + string(t.ID) + "/bonds",
		Text: bondText(dues)})
}

// bondsDue are the bonds that must be back by one date under one article.
type bondsDue struct {
	until, article string
	at             *time.Time
	names          []string
}

// last is the end of the time, far off where the year's table is missing.
func (d bondsDue) last() time.Time {
	if d.at == nil {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return *d.at
}

// owing adds a bond to those of its date.
func owing(dues []bondsDue, until string, b Bond) []bondsDue {
	i := slices.IndexFunc(dues, func(d bondsDue) bool { return d.until == until && d.article == b.Article })
	if i < 0 {
		dues, i = append(dues, bondsDue{until: until, article: b.Article, at: b.Due}), len(dues)
	}
	dues[i].names = append(dues[i].names, b.SupplierName)
	return dues
}

// bondText is what the buyer reads: the earliest date first, and by name whom
// it is owed where the dates differ.
func bondText(dues []bondsDue) string {
	slices.SortStableFunc(dues, func(a, b bondsDue) int { return a.last().Compare(b.last()) })
	text := "请"
	for i, d := range dues {
		if i > 0 {
			text += "，"
		}
		whose := "应退的投标保证金"
		if len(dues) > 1 {
			whose = some(d.names) + "的投标保证金"
		}
		text += "在" + d.until + "退还" + whose + "（" + d.article + "）"
	}
	return text + "，并登记凭证。"
}

// some names the first few and counts the rest.
func some(names []string) string {
	const few = 5
	if len(names) <= few {
		return strings.Join(names, "、")
	}
	return strings.Join(names[:few], "、") + fmt.Sprintf("等 %d 家", len(names))
}

// tellRevoked tells bidders and buyer that a result is no more, and why.
func tellRevoked(ctx context.Context, tx bun.IDB, t tender.Tender, reason string, now time.Time) error {
	l := inbox.Letter{Title: "采购结果已撤销：" + t.Title, Text: reason + "。原中标（成交）通知书不再有效。", Link: "/tenders/" + string(t.ID)}
	if err := opening.Tell(ctx, tx, t, l, now); err != nil {
		return err
	}
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: t.Buyer}}, l)
}
