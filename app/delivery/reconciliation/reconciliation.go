// Package reconciliation is 月对账: the payer lays the weekly reports, the
// payments and the books of a month side by side, every difference is named
// until its person explains it in words, and a second person closes the month.
// A closed month never changes; what changes afterwards is a difference of the
// next one.
package reconciliation

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// State is where a month stands.
type State string

// The states.
const (
	Open   State = "open"
	Closed State = "closed"
)

// Side is whose person explains a difference.
type Side string

// The sides.
const (
	Payer    Side = "payer"
	Provider Side = "provider"
)

// Name is the side in Chinese.
func (s Side) Name() string { return map[Side]string{Payer: "付款方", Provider: "承接方"}[s] }

// Difference is one thing that does not match.
type Difference struct {
	Key    string     `json:"key"` // what it is about; the same as long as it stays
	Says   string     `json:"says"`
	Amount *money.Fen `json:"amount,omitempty"` // 分, where it is one of money
	Side   Side       `json:"side"`
	Words  string     `json:"words,omitempty"` // the explanation; "" until there is one
	By     string     `json:"by,omitempty"`
	At     *time.Time `json:"at,omitempty"`
}

// Week is one week of a month and its report.
type Week struct {
	Monday time.Time `json:"monday"`
	Report *id.ID    `json:"report,omitempty"`
	State  string    `json:"state,omitempty"` // of the report
	Total  money.Fen `json:"total"`
}

// Title names the week: 6月1日至6月7日.
func (w Week) Title() string {
	from, to := w.Monday.In(clock.Beijing), w.Monday.AddDate(0, 0, 6).In(clock.Beijing)
	return from.Format("1月2日") + "至" + to.Format("1月2日")
}

// LineMonth is a budget line up to the end of a month, in 分.
type LineMonth struct {
	Name   string    `json:"name"`
	Budget money.Fen `json:"budget"`
	Before money.Fen `json:"before"` // accepted in earlier months
	Month  money.Fen `json:"month"`  // accepted in this one
}

// Left is what is left of the line; it may be negative.
func (l LineMonth) Left() money.Fen { return l.Budget - l.Before - l.Month }

// Figures are the sums of one month, in 分.
type Figures struct {
	Accepted money.Fen `json:"accepted"` // reported and checked
	Waiting  money.Fen `json:"waiting"`  // reported, not checked yet
	Paid     money.Fen `json:"paid"`     // by payment requests or the fund's payments
	Ledger   money.Fen `json:"ledger"`   // in the books
}

// Content is a month as it was computed: frozen when it is closed.
type Content struct {
	Figures
	AcceptedAll money.Fen          `json:"accepted_all"` // up to the end of the month
	PaidAll     money.Fen          `json:"paid_all"`
	Approved    money.Fen          `json:"approved"`            // approved and not paid
	Own         bool               `json:"own_books,omitempty"` // the payer's books are kept elsewhere
	Weeks       []Week             `json:"weeks"`
	Lines       []LineMonth        `json:"lines"`
	Earlier     map[string]Figures `json:"earlier"` // the earlier months as they stood, "2026-06"
	Differences []Difference       `json:"differences"`
}

// Unexplained counts the differences without words.
func (c Content) Unexplained() int {
	n := 0
	for _, d := range c.Differences {
		if d.Words == "" {
			n++
		}
	}
	return n
}

// Month is the reconciliation of one month of one engagement.
type Month struct {
	bun.BaseModel `bun:"table:delivery_month,alias:month"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Engagement id.ID      `bun:"engagement" json:"engagement"`
	Month      time.Time  `bun:"month" json:"month"` // 00:00 of its first day, Beijing
	State      State      `bun:"state" json:"state"`
	Booked     *money.Fen `bun:"booked" json:"booked,omitempty"` // what the payer's own books paid in the month
	BookedBy   *id.ID     `bun:"booked_by" json:"-"`
	BookedAt   *time.Time `bun:"booked_at" json:"booked_at,omitempty"`
	OpenedBy   id.ID      `bun:"opened_by" json:"-"`
	OpenedAt   time.Time  `bun:"opened_at" json:"opened_at"`
	Content    Content    `bun:"content" json:"content"`
	ClosedBy   *id.ID     `bun:"closed_by" json:"-"`
	ClosedAt   *time.Time `bun:"closed_at" json:"closed_at,omitempty"`
}

// Name is the month: 2026年6月.
func (m Month) Name() string { return m.Month.In(clock.Beijing).Format("2006年1月") }

// StateName is the state as people read it.
func (m Month) StateName() string {
	switch {
	case m.State == Closed:
		return "已对平"
	case m.Content.Unexplained() > 0:
		return "有差异待说明"
	}
	return "待结账"
}

// Until is the first moment after the month.
func (m Month) Until() time.Time { return following(m.Month) }

// Case is a month with its engagement.
type Case struct {
	Month
	Of engagement.Engagement `json:"-"`
}

// OwnBooks reports whether the month is compared with books that the payer
// keeps elsewhere; else with the fund's ledger. Months of contracts that were
// closed before it was written down say nothing of it.
func (x Case) OwnBooks() bool { return x.Content.Own || x.Of.Kind == engagement.Contract }

type note struct {
	bun.BaseModel `bun:"table:delivery_month_note"`

	ID    id.ID     `bun:"id,pk"`
	Month id.ID     `bun:"month"`
	Key   string    `bun:"key"`
	Says  string    `bun:"says"`
	Words string    `bun:"words"`
	By    id.ID     `bun:"written_by"`
	Name  string    `bun:"name"`
	At    time.Time `bun:"at"`
}

// first is 00:00 in Beijing of the first day of the month of t.
func first(t time.Time) time.Time {
	y, m, _ := t.In(clock.Beijing).Date()
	return clock.Trunc(time.Date(y, m, 1, 0, 0, 0, 0, clock.Beijing))
}

func monthKey(t time.Time) string { return t.In(clock.Beijing).Format("2006-01") }

// following is the first day of the month after one; in Beijing, for a month is
// a month there.
func following(month time.Time) time.Time {
	return clock.Trunc(month.In(clock.Beijing).AddDate(0, 1, 0))
}
