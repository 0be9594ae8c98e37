package reconciliation

import (
	"fmt"
	"slices"
	"time"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
)

// facts is everything that is laid side by side.
type facts struct {
	of     engagement.Engagement
	month  Month
	now    time.Time
	live   Content            // computed, without differences
	was    map[string]Figures // the earlier months as the last closed one knew them
	weekly bool               // reports were expected: the plan was agreed before the month ended
}

// differences names everything that does not match, in a fixed order.
func (f facts) differences() []Difference {
	var out []Difference
	add := func(key string, side Side, amount *money.Fen, format string, args ...any) {
		out = append(out, Difference{Key: key, Says: fmt.Sprintf(format, args...), Amount: amount, Side: side})
	}
	for _, w := range f.live.Weeks {
		key := "week/" + w.Monday.In(clock.Beijing).Format(time.DateOnly)
		switch {
		case w.Report == nil && f.weekly:
			add(key, Provider, nil, "%s没有周报账", w.Title())
		case w.State == string(expense.Draft):
			add(key, Provider, &w.Total, "%s的周报账还没有提交", w.Title())
		case w.State == string(expense.Submitted):
			add(key, Payer, &w.Total, "%s的周报账还没有核对", w.Title())
		}
	}
	for _, l := range f.live.Lines {
		if over := -l.Left(); over > 0 {
			add("line/"+l.Name, Provider, &over, "“%s”累计支出超过预算 %s 元", l.Name, over.Yuan())
		}
	}
	if n := f.live.Approved; n > 0 {
		add("approved", Payer, &n, "已批准、还没有付的款 %s 元", n.Yuan())
	}
	if n := f.live.AcceptedAll - f.live.PaidAll; n > 0 {
		add("unpaid", Payer, &n, "累计核对支出 %s 元，累计付款 %s 元：%s 元已核对未付", f.live.AcceptedAll.Yuan(), f.live.PaidAll.Yuan(), n.Yuan())
	} else if n < 0 {
		n = -n
		add("advance", Payer, &n, "累计付款 %s 元，累计核对支出 %s 元：%s 元付了款、没有核对的支出", f.live.PaidAll.Yuan(), f.live.AcceptedAll.Yuan(), n.Yuan())
	}
	f.books(add)
	f.late(add)
	return out
}

// books compares the payments with what the books say: the fund's ledger, or
// the sum that the payer's finance entered from its own.
func (f facts) books(add func(string, Side, *money.Fen, string, ...any)) {
	booked, name := f.month.Booked, "本单位账面"
	if !f.live.Own {
		booked, name = &f.live.Ledger, "基金账本"
	}
	if booked == nil {
		add("books", Payer, nil, "还没有填写本单位账面在%s的付款额", f.month.Name())
	} else if n := *booked - f.live.Paid; n != 0 {
		if n < 0 {
			n = -n
		}
		add("books", Payer, &n, "%s%s付款 %s 元，付款记录 %s 元，相差 %s 元", name, f.month.Name(), booked.Yuan(), f.live.Paid.Yuan(), n.Yuan())
	}
}

// late names what changed in a month after it was closed.
func (f facts) late(add func(string, Side, *money.Fen, string, ...any)) {
	keys := []string{}
	for k := range f.was {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		was, is := f.was[k], f.live.Earlier[k]
		for _, x := range []struct {
			key, name string
			was, is   money.Fen
		}{{"accepted", "核对支出", was.Accepted, is.Accepted}, {"paid", "付款", was.Paid, is.Paid}, {"ledger", "账本付款", was.Ledger, is.Ledger}} {
			if n := x.is - x.was; n != 0 {
				if n < 0 {
					n = -n
				}
				add("late/"+k+"/"+x.key, Payer, &n, "%s 结账以后有变化：%s由 %s 元变为 %s 元", k, x.name, x.was.Yuan(), x.is.Yuan())
			}
		}
	}
}

// explained puts each difference's words to it; words about something that
// changed since do not count.
func explained(list []Difference, notes []note) []Difference {
	for i := range list {
		for _, n := range notes { // the latest wins
			if n.Key == list[i].Key && n.Says == list[i].Says {
				at := n.At
				list[i].Words, list[i].By, list[i].At = n.Words, n.Name, &at
			}
		}
	}
	return list
}

// lastDay is the last moment of an engagement: of its term, or when it was
// ended before.
func lastDay(e engagement.Engagement) time.Time {
	end := e.Due().Add(-time.Microsecond)
	if e.ClosedAt != nil && e.ClosedAt.Before(end) {
		end = *e.ClosedAt
	}
	return end
}

// weeksOf are the Mondays of the weeks that a month answers for: each week
// belongs to the month that its Sunday is in, the last one to that of the last
// day.
func weeksOf(e engagement.Engagement, month time.Time) []time.Time {
	var out []time.Time
	end := lastDay(e)
	for w := expense.Monday(e.Start); !w.After(end); w = w.AddDate(0, 0, 7) {
		sunday := w.AddDate(0, 0, 7).Add(-time.Microsecond)
		if sunday.After(end) {
			sunday = end
		}
		if first(sunday).Equal(month) {
			out = append(out, w)
		}
	}
	return out
}

// monthsOf are the months of an engagement that can be reconciled at now,
// oldest first: those that are over, and the last one once the term is.
func monthsOf(e engagement.Engagement, now time.Time) []time.Time {
	end := lastDay(e)
	var out []time.Time
	for m := first(e.Start); !m.After(end) && len(out) < 240; m = following(m) {
		if following(m).After(now) && !e.Over(now) {
			break
		}
		if m.After(now) {
			break
		}
		out = append(out, m)
	}
	return out
}
