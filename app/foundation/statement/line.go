package statement

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/kernel/names"
)

// Line is one movement on the foundation's bank account.
type Line struct {
	Row     int       `json:"row"`    // in the file, from 1
	Date    time.Time `json:"date"`   // Beijing day, 00:00
	Amount  money.Fen `json:"amount"` // 分; positive came in, negative went out or back
	Name    string    `json:"name,omitempty"`
	Account string    `json:"account,omitempty"` // last four characters only
	Memo    string    `json:"memo,omitempty"`
	Serial  string    `json:"serial,omitempty"`
}

// Bad is a row that could not be read.
type Bad struct {
	Row  int    `json:"row"`
	Text string `json:"text"` // what stood there, shortened
	Why  string `json:"why"`  // Chinese, how to mend it
}

// Lines reads the rows below the headings. Rows that are neither money nor
// mistakes (totals, page footers) are left out silently only where they have
// no date; anything with a date is a line or is bad.
func (c Columns) Lines(rows []Row, head int) ([]Line, []Bad) {
	at := func(name string) int {
		if name == "" {
			return -1
		}
		return slices.Index(rows[head].Cells, name)
	}
	k := struct{ date, amount, in, out, name, account, memo, serial int }{
		at(c.Date), at(c.Amount), at(c.In), at(c.Out), at(c.Name), at(c.Account), at(c.Memo), at(c.Serial)}
	var lines []Line
	var bad []Bad
	for _, r := range rows[head+1:] {
		get := func(i int) string {
			if i < 0 || i >= len(r.Cells) {
				return ""
			}
			return r.Cells[i]
		}
		if footer(get(k.date)) {
			continue
		}
		x := Line{Row: r.Number, Name: names.Clean(get(k.name), 200), Account: tail(get(k.account)),
			Memo: names.Clean(get(k.memo), 500), Serial: names.Clean(get(k.serial), 100)}
		var err error
		if x.Date, err = day(get(k.date)); err == nil {
			x.Amount, err = moved(get(k.amount), get(k.in), get(k.out), k.amount >= 0)
		}
		if err != nil {
			bad = append(bad, Bad{r.Number, short(strings.Join(r.Cells, " ")), say(err)})
			continue
		}
		lines = append(lines, x)
	}
	return lines, bad
}

// footer tells a total or a remark under the table from a row whose date is
// wrong: a date cell without a single digit.
func footer(date string) bool {
	return !strings.ContainsAny(date, "0123456789０１２３４５６７８９")
}

func tail(account string) string {
	r := []rune(strings.ReplaceAll(account, " ", ""))
	if len(r) > 4 {
		r = r[len(r)-4:]
	}
	return string(r)
}

func short(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// moved is the signed amount of a row: one column with signs, or in less out.
func moved(amount, in, out string, one bool) (money.Fen, error) {
	if one {
		f, err := sum(amount)
		if err == nil && f == 0 {
			return 0, fault.New(fault.Invalid, "金额为零，请核对这一行")
		}
		return f, err
	}
	i, err := sum(in)
	if err != nil {
		return 0, err
	}
	o, err := sum(out)
	if err != nil {
		return 0, err
	}
	if i != 0 && o != 0 {
		return 0, fault.New(fault.Invalid, "同一行既有收入又有支出，请核对列的对应关系")
	}
	if i == 0 && o == 0 {
		return 0, fault.New(fault.Invalid, "这一行没有金额，请核对")
	}
	return i - o, nil
}

// sum reads an amount as banks write it: thousands separators, ￥, full-width
// digits, a minus or brackets for what went back. Empty and "-" are zero.
func sum(s string) (money.Fen, error) {
	s = strings.TrimSpace(s)
	if s == "" || s == "-" || s == "--" {
		return 0, nil
	}
	negative := false
	for _, pair := range [][2]string{{"(", ")"}, {"（", "）"}} {
		if rest, ok := strings.CutPrefix(s, pair[0]); ok && strings.HasSuffix(rest, pair[1]) {
			s, negative = strings.TrimSuffix(rest, pair[1]), true
		}
	}
	s = strings.TrimLeft(s, "¥￥ +")
	for _, sign := range []string{"-", "－", "−"} {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			s, negative = rest, !negative
			break
		}
	}
	f, err := money.Parse(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "金额“%s”无法识别：%s", short(s), say(err))
	}
	if negative {
		f = -f
	}
	return f, nil
}

func say(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Message
	}
	return "这一行无法识别"
}

var layouts = []string{"2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2006年1月2日", "1-2-06", "01-02-06"}

// day reads a date as banks and Excel write it, with or without a time.
func day(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 20_000 && n < 80_000 {
		// Excel counts days from 1899-12-30.
		return time.Date(1899, 12, 30, 0, 0, 0, 0, clock.Beijing).AddDate(0, 0, int(n)), nil
	}
	date, _, _ := strings.Cut(strings.ReplaceAll(s, "T", " "), " ")
	if len(date) == 14 && strings.Trim(date, "0123456789") == "" {
		date = date[:8] // 20260102103000
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, date, clock.Beijing); err == nil && t.Year() >= 1990 && t.Year() < 2100 {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "日期“%s”无法识别，应为 2026-01-02 这样的日期", short(s))
}
