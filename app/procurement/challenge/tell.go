package challenge

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/tender"
)

// tell sends a letter about a case to organisations. It names no raiser: who
// may see the case reads that there.
func tell(ctx context.Context, tx bun.IDB, t tender.Tender, x Case, title, text string, now time.Time, to ...id.ID) error {
	var all []inbox.To
	for _, o := range to {
		if o == x.Buyer {
			all = append(all, inbox.Desk(o, party.Officer, party.Approver, party.Supervisor)) // who may see it
		} else {
			all = append(all, inbox.To{Organisation: o})
		}
	}
	return inbox.Send(ctx, tx, now, all, inbox.Letter{Title: title + "：" + t.Title, Text: text, Link: "/challenges/" + string(x.ID)})
}

// tellRaised tells the buyer what came, and by when it must be dealt with.
func (s *Service) tellRaised(ctx context.Context, tx bun.IDB, t tender.Tender, x Case, set rules.Set, now time.Time) error {
	clocks, err := Clocks(x, set, s.calendar)
	if err != nil {
		return err
	}
	text := x.Number + "，针对" + x.Stage.Name() + "。"
	if len(clocks) > 0 && clocks[0].At != nil {
		text += clocks[0].Label + "不迟于 " + calendar.Until(*clocks[0].At) + "（" + clocks[0].Article + "）。"
	}
	return tell(ctx, tx, t, x, "收到"+x.Kind.Name(), text, now, x.Buyer)
}

// tellClosed tells the raiser, and in a complaint the buyer too, how it ended.
func tellClosed(ctx context.Context, tx bun.IDB, t tender.Tender, x Case, title string, now time.Time) error {
	text := x.Number + "已办结，请查看全文。"
	if x.Outcome != "" {
		text = x.summary() + "。"
	}
	to := []id.ID{x.Raiser}
	if x.Kind == Complaint {
		to = append(to, x.Buyer)
	}
	return tell(ctx, tx, t, x, title, text, now, to...)
}
