package application

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/foundation/call"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// Found is other money that the same organisation gets, or asks for, over days
// that overlap: a contract, a grant, an application to another call.
type Found struct {
	Kind   string     `json:"kind"` // 购买服务合同, 资助, 申请
	Title  string     `json:"title"`
	Payer  string     `json:"payer"`
	Number string     `json:"number,omitempty"`
	Amount *money.Fen `json:"amount,omitempty"` // 分
	Start  time.Time  `json:"start"`
	End    time.Time  `json:"end"`
	Href   string     `json:"href,omitempty"`
	Alike  int        `json:"alike"`  // likeness of the titles, %
	Funded bool       `json:"funded"` // money is agreed, not only asked for
	Same   bool       `json:"same"`   // the same project, funded already: blocks
}

// sameFrom is how alike two titles are, in %, to be taken for one project.
const sameFrom = 85

// award is what the check needs of a grant that is not an engagement.
type award struct {
	bun.BaseModel `bun:"table:grant_award"`

	ID             id.ID     `bun:"id,pk"`
	Kind           call.Kind `bun:"kind"`
	FoundationName string    `bun:"foundation_name"`
	Number         string    `bun:"number"`
	Title          string    `bun:"title"`
	Amount         money.Fen `bun:"amount"`
	Start          time.Time `bun:"start_on"`
	End            time.Time `bun:"end_on"`
}

// Double looks for money that overlaps with an application, across calls,
// grants and purchases: both wings' deliveries are engagements. The caller
// authorises.
func Double(ctx context.Context, d bun.IDB, a Application) ([]Found, error) {
	out := []Found{}
	if a.Start == nil || a.End == nil {
		return out, nil
	}
	var running []engagement.Engagement
	if err := d.NewSelect().Model(&running).Where("provider = ? AND start_on <= ? AND end_on >= ?", a.Organisation, *a.End, *a.Start).Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for _, e := range running {
		out = append(out, Found{Kind: e.Kind.Name(), Title: e.Title, Payer: e.PayerName, Number: e.Number, Amount: &e.Amount, Start: e.Start, End: e.End,
			Href: "/engagements/" + string(e.ID), Funded: true})
	}
	var offered []award // a signed one with money is an engagement
	if err := d.NewSelect().Model(&offered).Where("organisation = ? AND application <> ? AND start_on <= ? AND end_on >= ?", a.Organisation, a.ID, *a.End, *a.Start).
		Where("(state = ? OR state = ? AND amount = 0)", "offered", "signed").Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for _, g := range offered {
		out = append(out, Found{Kind: g.Kind.Name(), Title: g.Title, Payer: g.FoundationName, Number: g.Number, Amount: &g.Amount, Start: g.Start, End: g.End,
			Href: "/grants/" + string(g.ID), Funded: true})
	}
	var asked []Application
	if err := d.NewSelect().Model(&asked).Where("organisation = ? AND id <> ? AND state = ? AND start_on <= ? AND end_on >= ?", a.Organisation, a.ID,
		Submitted, *a.End, *a.Start).Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for _, x := range asked {
		c, err := call.Read(ctx, d, x.Call)
		if err != nil {
			return nil, err
		}
		out = append(out, Found{Kind: "申请", Title: x.Title, Payer: c.FoundationName, Number: x.No(), Amount: x.Asked, Start: *x.Start, End: *x.End, Href: "/calls/" + string(c.ID)})
	}
	for i := range out {
		out[i].Alike = alike(a.Title, out[i].Title)
		out[i].Same = out[i].Funded && out[i].Alike >= sameFrom
	}
	return out, nil
}

// alike is twice the pairs of neighbouring characters that two titles share,
// over all their pairs, in whole percent (Dice); 100 for the same words.
func alike(a, b string) int {
	x, y := pairs(a), pairs(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	seen := map[string]int{}
	for _, p := range x {
		seen[p]++
	}
	shared := 0
	for _, p := range y {
		if seen[p] > 0 {
			seen[p]--
			shared++
		}
	}
	return 200 * shared / (len(x) + len(y))
}

func pairs(s string) []string {
	r := []rune(strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, s))
	var out []string
	for i := 0; i+1 < len(r); i++ {
		out = append(out, string(r[i:i+2]))
	}
	return out
}

// Overlaps is what the check finds for an application now, for who may view it.
func (s *Service) Overlaps(ctx context.Context, who party.Actor, application id.ID) ([]Found, error) {
	if err := s.May(ctx, who, application, "view"); err != nil {
		return nil, err
	}
	a, err := Read(ctx, s.db, application)
	if err != nil {
		return nil, err
	}
	return Double(ctx, s.db, a)
}

// foundIn words what was found as a row of the copy that is sent.
func foundIn(all []Found) [][]string {
	var out [][]string
	for _, f := range all {
		amount := ""
		if f.Amount != nil {
			amount = f.Amount.Yuan()
		}
		out = append(out, []string{f.Kind, f.Title, f.Payer, amount, day(f.Start) + " 至 " + day(f.End)})
	}
	return out
}

func day(t time.Time) string { return t.In(clock.Beijing).Format(time.DateOnly) }
