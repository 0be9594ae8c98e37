package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// moment is one line of rules dates.
type moment struct {
	Rule    string     `json:"rule"`
	Name    string     `json:"name"`
	Says    string     `json:"says"`  // 不少于20日
	Bound   string     `json:"bound"` // "earliest" or "latest"
	From    string     `json:"from"`  // the event the period runs from
	At      *time.Time `json:"at"`    // null where it waits for an event, or the year has no table of working days
	Assumed bool       `json:"assumed,omitempty"`
	// Relative stands for At where the event is not known: 评审报告送交后5个工作日内.
	Relative string `json:"relative,omitempty"`
	Missing  string `json:"missing,omitempty"`
	Value    int64  `json:"value"`
	Unit     string `json:"unit"`
	Article  string `json:"article"`
	Certain  bool   `json:"certain"` // false: 待核
	Text     string `json:"text"`
}

// dates prints every earliest and latest moment that publishing a tender at a
// moment makes, by the rules in force then, in order.
func dates(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("rules dates", flag.ContinueOnError)
	method := fs.String("method", "", "采购方式：open、consultation 或中文名称")
	publish := fs.String("publish", "", "公告发布时间，例如 2026-06-01 或 2026-06-01T09:00")
	until := fs.String("documents-until", "", "采购文件提供到哪一刻；只写日期的含当日")
	table := fs.String("calendar", "", "另一年工作日表的文件")
	asJSON := fs.Bool("json", false, "JSON 数组")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *publish == "" {
		return errUsage
	}
	if fs.NArg() > 0 {
		return reason(fault.New(fault.Invalid, "多出了“%s”；时间中有空格的，请用引号括起来，例如 --publish \"2026-06-01 09:00\"", strings.Join(fs.Args(), " ")))
	}
	at, _, err := beijing(*publish)
	if err != nil {
		return reason(err)
	}
	cal, err := workdays(*table)
	if err != nil {
		return reason(err)
	}
	known := rules.Known{rules.Published: at}
	if *until != "" {
		end, wholeDay, err := beijing(*until)
		if err != nil {
			return reason(err)
		}
		if wholeDay {
			end = end.AddDate(0, 0, 1)
		}
		known[rules.DocumentsUntil] = end
	}
	list, err := schedule(methodOf(*method), known, cal)
	if err != nil {
		return reason(err)
	}
	return printMoments(out, list, *asJSON)
}

// methodOf takes a method's name for its id.
func methodOf(name string) string {
	for _, m := range rules.Methods() {
		if m.Name == name {
			return m.ID
		}
	}
	return name
}

// workdays is the calendar that ships with the program and, where a file is
// named, the table in it.
func workdays(file string) (*calendar.Calendar, error) {
	if file == "" {
		return calendar.Default(), nil
	}
	data, err := os.ReadFile(file) //nolint:gosec // the user named it
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "无法读取工作日表 %s", file)
	}
	t, err := calendar.Load(data)
	if err == nil {
		err = calendar.CheckWhole(t)
	}
	return calendar.Default().With(t), err
}

// schedule refuses a method that is not offered, a day in a year without a
// table, and documents on offer for too short a time.
func schedule(method string, known rules.Known, cal *calendar.Calendar) ([]rules.Moment, error) {
	at := known[rules.Published]
	if _, err := rules.Offered(method, at); err != nil {
		return nil, err
	}
	if _, err := cal.IsWorkday(at); err != nil {
		return nil, err
	}
	set := rules.At(at)
	end, given := known[rules.DocumentsUntil]
	if given {
		last := end
		if m, err := set.Clock(set.Of(method, "notice_period").ID, at, cal); err == nil && m.At != nil && m.At.After(last) {
			last = *m.At
		}
		known[rules.DocumentsKnown] = last.Add(-time.Second) // the end is exclusive: the last day counts
	}
	list, err := set.Schedule(method, known, cal)
	for _, m := range list {
		if given && m.Rule.Until == rules.DocumentsUntil && m.At != nil && end.Before(*m.At) {
			return nil, fault.New(fault.Invalid, "采购文件提供期限%s，最早到 %s（%s）", m.Rule.Limit(), calendar.Until(*m.At), m.Rule.Source())
		}
	}
	return list, err
}

func printMoments(out io.Writer, list []rules.Moment, asJSON bool) error {
	lines := make([]moment, len(list))
	for i, m := range list {
		lines[i] = moment{Rule: m.Rule.ID, Name: m.Rule.Name, Says: m.Rule.Limit(), Bound: "earliest", From: m.Rule.Anchor, At: m.At, Assumed: m.Assumed,
			Relative: m.Relative, Missing: m.Missing, Value: m.Rule.Value, Unit: string(m.Rule.Unit), Article: m.Rule.Article, Certain: m.Rule.Certain, Text: m.Text()}
		if m.Latest {
			lines[i].Bound = "latest"
		}
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(lines)
	}
	for _, m := range lines {
		text := m.Text
		if m.Assumed {
			text += "，按最早的截止时间推算"
		}
		if _, err := fmt.Fprintf(out, "%s：%s；%s\n", m.Name, m.Says, text); err != nil {
			return err
		}
	}
	return nil
}

// beijing reads a day or a moment as people in China write it, and says
// whether it was a whole day.
func beijing(s string) (at time.Time, day bool, err error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(s), clock.Beijing); err == nil {
			return t, layout == time.DateOnly, nil
		}
	}
	return time.Time{}, false, fault.New(fault.Invalid, "看不懂时间“%s”，请写成 2026-06-01 或 2026-06-01 09:00", s)
}
