package check

import (
	"context"
	"fmt"
	"strings"

	"gongji/storage/db"
)

// series says where the numbers of one kind of thing are kept: which column
// holds what the counter gave, or the text that was printed with it, and which
// column holds the issuer, where every issuer has a series of its own.
type series struct {
	name, noun, table, issuer string
	// no is SQL for the number itself; year for its year. Empty where text is a
	// printed number with both: "GJ采〔2026〕0007号".
	no, year, text string
}

var all = []series{
	{name: "receipt", noun: "捐赠收据", table: "receipt", issuer: "foundation", no: "no", year: "year"},
	{name: "tender", noun: "采购项目", table: "tender", text: "number"},
	{name: "contract", noun: "合同", table: "contract", text: "number"},
	{name: "award", noun: "中标通知", table: "award", issuer: "buyer", text: "number"},
	{name: "fund", noun: "专项基金", table: "fund", issuer: "foundation", text: "number"},
	{name: "payment", noun: "付款", table: "payment", issuer: "foundation", text: "number"},
	{name: "performance", noun: "绩效评价", table: "performance", issuer: "payer", text: "number"},
}

// numbers holds every counter to what was issued under it: each number from 1
// to the counter once, none beyond, none missing.
func (s *Service) numbers(ctx context.Context, p *Part) error {
	var counters []struct {
		Scope string
		Value int64
	}
	if err := s.db.NewSelect().TableExpr("counter").ColumnExpr("scope, value").OrderExpr("scope").Scan(ctx, &counters); err != nil {
		return db.Translate(err)
	}
	upTo := map[string]int64{}
	for _, c := range counters {
		upTo[c.Scope] = c.Value
	}
	for _, x := range all {
		issued, err := s.issued(ctx, x)
		if err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
		for scope, end := range upTo {
			if strings.HasPrefix(scope, x.name+"/") {
				held(p, x.noun, scope, end, issued[scope])
				delete(issued, scope)
			}
		}
		for scope := range issued {
			p.problem("%s：有编号，却没有计数器 %s", x.noun, scope)
		}
	}
	return nil
}

func held(p *Part, noun, scope string, end int64, times map[int64]int) {
	for n := int64(1); n <= end; n++ {
		switch times[n] {
		case 0:
			p.problem("%s：计数器 %s 已用到 %d，缺第 %d 号", noun, scope, end, n)
		case 1:
		default:
			p.problem("%s：计数器 %s 的第 %d 号用了 %d 次", noun, scope, n, times[n])
		}
		delete(times, n)
	}
	for n := range times {
		p.problem("%s：第 %d 号超出计数器 %s 的 %d", noun, n, scope, end)
	}
}

// issued reads the numbers of a series: how often each was used, by scope.
func (s *Service) issued(ctx context.Context, x series) (map[string]map[int64]int, error) {
	var rows []struct {
		Issuer string
		Year   int
		No     int64
		Text   string
	}
	issuer := "'platform'"
	if x.issuer != "" {
		issuer = x.issuer
	}
	q := s.db.NewSelect().TableExpr(x.table).ColumnExpr(issuer + " AS issuer")
	if x.text != "" {
		q = q.ColumnExpr(x.text + " AS text").Where(x.text + " <> ''")
	} else {
		q = q.ColumnExpr(x.no + " AS no, " + x.year + " AS year").Where(x.no + " IS NOT NULL")
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, db.Translate(err)
	}
	out, seen := map[string]map[int64]int{}, map[string]bool{}
	for _, r := range rows {
		if x.text != "" {
			var ok bool
			if r.Year, r.No, ok = printed(r.Text); !ok || seen[r.Issuer+r.Text[:strings.Index(r.Text, "号")]] && strings.Contains(r.Text, "号-") {
				continue // a number of another system, or another package (包) of a project
			}
			seen[r.Issuer+r.Text[:strings.Index(r.Text, "号")]] = true
		}
		scope := fmt.Sprintf("%s/%s/%d", x.name, r.Issuer, r.Year)
		if out[scope] == nil {
			out[scope] = map[int64]int{}
		}
		out[scope][r.No]++
	}
	return out, nil
}

// printed reads the year and number of "GJ采〔2026〕0007号" and the like.
func printed(s string) (year int, no int64, ok bool) {
	_, rest, found := strings.Cut(s, "〔")
	if !found {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(rest, "%d〕%d号", &year, &no)
	return year, no, err == nil && n == 2
}
