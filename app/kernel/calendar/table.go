package calendar

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"sync"
	"time"

	"gongji/app/kernel/fault"
)

// Table is one year's working days: the days whose status differs from plain
// Monday to Friday.
type Table struct {
	// Year may be left out of a file: it is the year of the dates.
	Year       int    `json:"year"`
	Origin     string `json:"origin"` // where the dates were taken from
	Note       string `json:"note,omitempty"`
	Exceptions []Day  `json:"exceptions"`
}

// Day is one exception: a holiday on a weekday, or a 调休 working day on a
// weekend. Date is "2026-01-01"; Name is what the notice calls it.
type Day struct {
	Date string `json:"date"`
	Work bool   `json:"work"`
	Name string `json:"name"`
}

//go:embed 2026.json
var y2026 []byte

// Default is the calendar of the tables that ship with the program.
var Default = sync.OnceValue(func() *Calendar {
	t, err := Load(y2026)
	if err != nil {
		return New() // refuses every year; a test proves the shipped table loads
	}
	return New(t)
})

// Load reads a table that an administrator imports. It is refused, with every
// complaint, where a date is not one, is of another year, occurs twice, or
// says of a day only what its weekday says already (a sign of a wrong table).
func Load(data []byte) (Table, error) {
	var t Table
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&t); err != nil {
		return Table{}, fault.Wrap(fault.Invalid, err, "工作日表不是有效的 JSON，请按样例格式重新导出后导入")
	}
	if t.Year == 0 && len(t.Exceptions) > 0 {
		if first, err := time.Parse(time.DateOnly, t.Exceptions[0].Date); err == nil {
			t.Year = first.Year()
		}
	}
	var c fault.Check
	c.Must(t.Year >= 2000 && t.Year <= 2100, "year", "年份 %d 不对，请填写四位年份", t.Year)
	c.Must(len(t.Exceptions) > 0, "exceptions", "表中没有任何放假或调休日期，请核对是否导入了正确的文件")
	seen := map[string]bool{}
	for _, d := range t.Exceptions {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			c.Fail("exceptions", "“%.20s”不是日期，请写成 2026-01-01 的格式", d.Date)
			continue
		}
		weekday := at.Weekday() != time.Saturday && at.Weekday() != time.Sunday
		c.Must(at.Year() == t.Year, "exceptions", "%s 不是 %d 年的日期，请核对", d.Date, t.Year)
		c.Must(!seen[d.Date], "exceptions", "%s 出现了两次，请只保留一条", d.Date)
		c.Must(d.Work != weekday, "exceptions", "%s 的安排与平常的星期相同，不必列出，请核对日期", d.Date)
		seen[d.Date] = true
	}
	return t, c.Err()
}
