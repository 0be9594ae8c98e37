package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// moment is one line of rules dates.
type moment struct {
	Rule    string     `json:"rule"`
	Says    string     `json:"says"`  // 不少于20日
	Bound   string     `json:"bound"` // "earliest" or "latest"
	At      *time.Time `json:"at"`    // null where the year has no table of working days
	Missing string     `json:"missing,omitempty"`
	Unit    string     `json:"unit"`
	Article string     `json:"article"`
	Certain bool       `json:"certain"` // false: 待核
}

// dates prints every earliest and latest moment that publishing a tender at a
// moment makes, by the rules in force then.
func dates(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("rules dates", flag.ContinueOnError)
	method := fs.String("method", "", "采购方式：open、consultation 或中文名称")
	publish := fs.String("publish", "", "公告发布时间，例如 2026-06-01 或 2026-06-01T09:00")
	asJSON := fs.Bool("json", false, "JSON 数组")
	if err := fs.Parse(args); err != nil {
		return err
	}
	at, err := beijing(*publish)
	if err != nil || fs.NArg() > 0 {
		return errUsage
	}
	name := *method
	for _, m := range rules.Methods() {
		if m.Name == name {
			name = m.ID
		}
	}
	if _, err := rules.Offered(name); err != nil {
		return reason(err)
	}
	list, err := rules.Deadlines(name, at, calendar.Default())
	if err != nil {
		return reason(err)
	}
	lines := make([]moment, len(list))
	for i, m := range list {
		lines[i] = moment{Rule: m.Rule.ID, Says: m.Rule.Limit(), Bound: "earliest", At: m.At, Missing: m.Missing,
			Unit: string(m.Rule.Unit), Article: m.Rule.Article, Certain: m.Rule.Certain}
		if m.Latest {
			lines[i].Bound = "latest"
		}
	}
	if *asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(lines)
	}
	for _, m := range list {
		if _, err := fmt.Fprintln(out, m.Text()); err != nil {
			return err
		}
	}
	return nil
}

// beijing reads a day or a moment as people in China write it.
func beijing(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, s, clock.Beijing); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "时间应形如 2026-06-01T09:00")
}
