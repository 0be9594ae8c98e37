package expense

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// LineSum is what stands under one budget line, in 分.
type LineSum struct {
	Name     string    `json:"name"`
	Budget   money.Fen `json:"budget"`
	Accepted money.Fen `json:"accepted"` // checked by the payer
	Waiting  money.Fen `json:"waiting"`  // sent, not checked yet
	Now      money.Fen `json:"now"`      // of the report at hand
}

// Left is what is left of a line.
func (l LineSum) Left() money.Fen { return l.Budget - l.Accepted - l.Waiting - l.Now }

// Sent is what was reported under a line, checked by the payer or not.
func (l LineSum) Sent() money.Fen { return l.Accepted + l.Waiting }

// Checked is what a report that is being typed comes to.
type Checked struct {
	Items    []Item        `json:"-"`
	Lines    []LineSum     `json:"lines"`
	Total    money.Fen     `json:"total"`
	Problems []fault.Field `json:"problems"`
}

// readRows takes what can be read of the rows and complains of the rest: the
// fields "rows.2.invoice".
func readRows(f Form, e engagement.Engagement, week time.Time, now time.Time, c *fault.Check) []Item {
	var out []Item
	seen := map[string]int{}
	for i, r := range f.Rows {
		if r.Blank() {
			continue
		}
		at := func(s string) string { return fmt.Sprintf("rows.%d.%s", i+1, s) }
		x := Item{Seq: int64(i + 1), Line: strings.TrimSpace(r.Line), Purpose: strings.TrimSpace(r.Purpose), Payee: strings.TrimSpace(r.Payee), Invoice: invoiceKey(r.Invoice)}
		c.Must(x.Purpose != "" && utf8.RuneCountInString(x.Purpose) <= 200, at("purpose"), "第 %d 行：请写事由，不超过 200 个字", i+1)
		c.Must(x.Payee != "" && utf8.RuneCountInString(x.Payee) <= 100, at("payee"), "第 %d 行：请写收款方，不超过 100 个字", i+1)
		c.Must(x.Invoice != "" && utf8.RuneCountInString(x.Invoice) <= 40, at("invoice"), "第 %d 行：请写发票号码", i+1)
		if before := seen[x.Invoice]; before > 0 && x.Invoice != "" {
			c.Fail(at("invoice"), "第 %d 行：发票 %s 和第 %d 行是同一张，请删去一行", i+1, x.Invoice, before)
		}
		seen[x.Invoice] = i + 1
		x.SpentOn = spentOn(r.Date, i+1, at("date"), e, week, now, c)
		amount, err := money.Parse(r.Amount)
		if err != nil {
			c.Fail(at("amount"), "第 %d 行：%s", i+1, sentence(err))
		} else {
			c.Must(amount > 0, at("amount"), "第 %d 行：金额应大于 0 元", i+1)
		}
		x.Amount = amount
		out = append(out, x)
	}
	c.Must(len(out) > 0 || strings.TrimSpace(f.Note) != "", "note", "本周没有支出的，请在说明里写明，作为零报账提交")
	c.Must(len(out) <= mostRows, "note", "一周最多 %d 张发票，其余请并入下一周", mostRows)
	return out
}

func spentOn(typed string, row int, field string, e engagement.Engagement, week, now time.Time, c *fault.Check) time.Time {
	d, err := plan.Day(typed)
	switch {
	case err != nil:
		c.Fail(field, "第 %d 行：请填写开票日期，例如 2026-06-05", row)
	case d.Before(e.Start) || d.After(e.End):
		c.Fail(field, "第 %d 行：%s 不在履约期 %s 至 %s 之内，不能在本项目报账", row, word(d), word(e.Start), word(e.End))
	case d.After(now):
		c.Fail(field, "第 %d 行：日期还没有到，请核对", row)
	case !d.Before(week.AddDate(0, 0, 7)):
		c.Fail(field, "第 %d 行：这张发票在本周以后，请放到那一周的报账里", row)
	}
	return d
}

func word(t time.Time) string { return t.In(clock.Beijing).Format("2006年1月2日") }

func sentence(err error) string {
	fields, _ := fault.Complaints(err)
	if len(fields) > 0 {
		return fields[0].Message
	}
	return strings.TrimSpace(err.Error())
}

// check is the whole check of a form against the plan, the lines and every
// invoice that the organisation ever reported. The error is of the database
// or that there is no plan.
func check(ctx context.Context, d bun.IDB, e engagement.Engagement, r Report, now time.Time) (Checked, *fault.Check, error) {
	var out Checked
	var c fault.Check
	p, err := plan.AgreedOf(ctx, d, e.ID)
	if err != nil {
		return out, &c, err
	}
	out.Items = readRows(r.Form, e, r.Week, now, &c)
	if out.Lines, err = linesOf(ctx, d, p, r.ID); err != nil {
		return out, &c, err
	}
	for _, x := range out.Items {
		out.Total += x.Amount
		found := false
		for i := range out.Lines {
			l := &out.Lines[i]
			if l.Name != x.Line {
				continue
			}
			found, l.Now = true, l.Now+x.Amount
			if l.Left() < 0 {
				c.Fail(fmt.Sprintf("rows.%d.amount", x.Seq), "第 %d 行：“%s”预算 %s 元，加上这一行超出 %s 元", x.Seq, l.Name, l.Budget.Yuan(), (-l.Left()).Yuan())
			}
		}
		c.Must(found, fmt.Sprintf("rows.%d.line", x.Seq), "第 %d 行：请从方案的预算科目里选择", x.Seq)
	}
	if err := duplicates(ctx, d, e, r.ID, out.Items, &c); err != nil {
		return out, &c, err
	}
	out.Problems, err = fault.Complaints(c.Err())
	return out, &c, err
}

// wholeNumber is how long the number of a 数电发票 is: there is one of it in the
// whole country. Older ones are told apart by their code, which is not asked for.
const wholeNumber = 20

// claimed is an invoice as it was written down with a report.
type claimed struct {
	Invoice    string    `bun:"invoice"`
	Engagement id.ID     `bun:"engagement"`
	Provider   id.ID     `bun:"provider"`
	Amount     money.Fen `bun:"amount"`
	SpentOn    time.Time `bun:"spent_on"`
	Week       time.Time `bun:"week"`
	Title      string    `bun:"title"`
}

// same reports whether an invoice with the same number is the same one: by the
// number alone in one organisation or where it is one of the whole country, else
// by its day and amount, too.
func (u claimed) same(x Item, provider id.ID) bool {
	return u.Invoice == x.Invoice && (u.Provider == provider || len(x.Invoice) == wholeNumber || u.Amount == x.Amount && u.SpentOn.Equal(x.SpentOn))
}

// duplicates names every invoice that was reported before: in this engagement,
// in another, or by another organisation, of which nothing is told.
func duplicates(ctx context.Context, d bun.IDB, e engagement.Engagement, self id.ID, items []Item, c *fault.Check) error {
	keys := []string{""}
	for _, x := range items {
		keys = append(keys, x.Invoice)
	}
	var used []claimed
	err := d.NewSelect().TableExpr("expense_item AS i").Join("JOIN expense_report AS r ON r.id = i.report").Join("JOIN engagement AS e ON e.id = i.engagement").
		ColumnExpr("i.invoice, i.engagement, i.provider, i.amount, i.spent_on, r.week, e.title").Where("i.report <> ?", self).Where("i.invoice IN (?)", bun.List(keys)).Scan(ctx, &used)
	for _, u := range used {
		for _, x := range items {
			if u.same(x, e.Provider) {
				where := Report{Week: u.Week}.Title() + "的周报账"
				switch {
				case u.Provider != e.Provider:
					where = "另一个组织的周报账"
				case u.Engagement != e.ID:
					where = "“" + u.Title + "”" + where
				}
				c.Fail(fmt.Sprintf("rows.%d.invoice", x.Seq), "第 %d 行：发票 %s 已在%s里报过，同一张发票只能报一次", x.Seq, x.Invoice, where)
			}
		}
	}
	return db.Translate(err)
}

// linesOf is the budget with what was sent under each line, one report left out.
func linesOf(ctx context.Context, d bun.IDB, p plan.Plan, without id.ID) ([]LineSum, error) {
	var sums []struct {
		Line   string    `bun:"line"`
		State  State     `bun:"state"`
		Amount money.Fen `bun:"amount"`
	}
	err := d.NewSelect().TableExpr("expense_item AS i").Join("JOIN expense_report AS r ON r.id = i.report").
		ColumnExpr("i.line, r.state, CAST(SUM(i.amount) AS BIGINT) AS amount").Where("i.engagement = ? AND i.report <> ?", p.Engagement, without).
		GroupExpr("i.line, r.state").Scan(ctx, &sums)
	out := []LineSum{}
	for _, l := range p.Content.Lines {
		x := LineSum{Name: l.Name, Budget: l.Amount}
		for _, s := range sums {
			if s.Line == l.Name && s.State == Accepted {
				x.Accepted = s.Amount
			} else if s.Line == l.Name {
				x.Waiting = s.Amount
			}
		}
		out = append(out, x)
	}
	return out, db.Translate(err)
}

// SpentOf is what was sent under each line of an engagement; it is plan.Spent.
func SpentOf(ctx context.Context, d bun.IDB, of id.ID) (map[string]money.Fen, error) {
	var sums []struct {
		Line   string    `bun:"line"`
		Amount money.Fen `bun:"amount"`
	}
	err := d.NewSelect().TableExpr("expense_item").ColumnExpr("line, CAST(SUM(amount) AS BIGINT) AS amount").Where("engagement = ?", of).GroupExpr("line").Scan(ctx, &sums)
	out := map[string]money.Fen{}
	for _, s := range sums {
		out[s.Line] = s.Amount
	}
	return out, db.Translate(err)
}

// LinesUntil is what was accepted under each line of invoices dated before a
// day, in 分.
func LinesUntil(ctx context.Context, d bun.IDB, of id.ID, until time.Time) (map[string]money.Fen, error) {
	var sums []struct {
		Line   string    `bun:"line"`
		Amount money.Fen `bun:"amount"`
	}
	err := d.NewSelect().TableExpr("expense_item AS i").Join("JOIN expense_report AS r ON r.id = i.report").
		ColumnExpr("i.line, CAST(SUM(i.amount) AS BIGINT) AS amount").Where("i.engagement = ? AND r.state = ? AND i.spent_on < ?", of, Accepted, until).GroupExpr("i.line").Scan(ctx, &sums)
	out := map[string]money.Fen{}
	for _, s := range sums {
		out[s.Line] = s.Amount
	}
	return out, db.Translate(err)
}

// Waiting are the weekly reports that wait for the actor's check.
func (s *Service) Waiting(ctx context.Context, who party.Actor) ([]engagement.Task, error) {
	if who.Org == "" || who.Role != party.Officer && who.Role != party.Finance {
		return nil, nil
	}
	return engagement.Tasks(ctx, s.db.NewSelect().Model((*Report)(nil)).Join("JOIN engagement AS e ON e.id = report.engagement").
		Where("e.payer = ? AND report.state = ?", who.Org, Submitted), "report.id", "report.submitted_at")
}
