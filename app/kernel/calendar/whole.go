package calendar

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/kernel/fault"
)

// festivals are the holidays of 全国年节及纪念日放假办法 that every year's notice
// names. 中秋 is missing where it falls into the days of 国庆.
var festivals = []string{"元旦", "春节", "清明", "劳动", "端午", "国庆"}

// statutory is how many days off on balance a year has since 2025: holidays on
// weekdays less working days on weekends.
const statutory = 13

// CheckWhole refuses a table that cannot be a whole year's arrangement: without
// a source, without one of the festivals, without a day that is always off, or
// with more 调休 working days than holidays.
func CheckWhole(t Table) error {
	var c fault.Check
	c.Must(utf8.RuneCountInString(strings.TrimSpace(t.Origin)) >= 6, "origin",
		"请在 origin 中写明来源，例如 国务院办公厅关于 %d 年部分节假日安排的通知（国办发明电〔%d〕×号）", t.Year, t.Year-1)
	off, on := t.balance()
	c.Must(on < off, "exceptions", "调休上班 %d 天、放假 %d 天，上班日不应多于放假日，请核对", on, off)
	for _, f := range festivals {
		found := false
		for _, d := range t.Exceptions {
			found = found || !d.Work && strings.Contains(d.Name, f)
		}
		c.Must(found, "exceptions", "表中没有%s的放假日，请核对是否为全年的安排", f)
	}
	for _, day := range []string{"-01-01", "-05-01", "-10-01", "-10-02", "-10-03"} {
		at, _ := time.Parse(time.DateOnly, fmt.Sprintf("%d%s", t.Year, day))
		work, err := New(t).IsWorkday(at)
		c.Must(err == nil && !work, "exceptions", "%d%s 是法定节日，表中却是上班日，请核对", t.Year, day)
	}
	return c.Err()
}

// Doubts are what is unusual about a table that is not refused; whoever
// imports it confirms that it is so in the notice.
func (t Table) Doubts() []string {
	var out []string
	off, on := t.balance()
	if off-on != statutory {
		out = append(out, fmt.Sprintf("放假的工作日 %d 天减去调休上班 %d 天为 %d 天，通常为 %d 天", off, on, off-on, statutory))
	}
	named := false
	for _, d := range t.Exceptions {
		named = named || strings.Contains(d.Name, "中秋")
	}
	if !named {
		out = append(out, "没有列出中秋节，只有中秋在国庆假期内或周末的年份才会这样")
	}
	return out
}

// balance counts the weekdays off and the weekend days worked.
func (t Table) balance() (off, on int) {
	for _, d := range t.Exceptions {
		if d.Work {
			on++
		} else {
			off++
		}
	}
	return off, on
}

// Workdays is how many working days the table's year has.
func (t Table) Workdays() int {
	n, c := 0, New(t)
	for d := time.Date(t.Year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == t.Year; d = d.AddDate(0, 0, 1) {
		if work, err := c.IsWorkday(d); err == nil && work {
			n++
		}
	}
	return n
}
