package templates

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Chart is a picture and the table beside it, from the same figures. Kind is
// "bar", "hbar", "line", "pie" or "radar".
type Chart struct {
	ID     string // unique on the page
	Kind   string
	Title  string
	Unit   string // 元, 万元, 次…
	Labels []string
	Series []Series
	Max    float64 // of each axis of a radar; 0 means 100
	Stack  bool
	Places int    // digits after the point in the table; 0 means as many as there are
	Note   string // where the figures come from
}

// Series is one row of figures, as many as there are labels.
type Series struct {
	Name   string
	Values []float64
}

// JSON is what charts.js reads from the data attribute.
func (c Chart) JSON() (string, error) {
	b, err := json.Marshal(map[string]any{
		"kind": c.Kind, "title": c.Title, "unit": c.Unit, "labels": c.Labels,
		"series": c.Series, "max": c.Max, "stack": c.Stack,
	})
	return string(b), err
}

// Cell is the figure of series s at label i, grouped by thousands; "—" where
// there is none.
func (c Chart) Cell(s, i int) string {
	if s < 0 || s >= len(c.Series) || i < 0 || i >= len(c.Series[s].Values) {
		return "—"
	}
	places := -1
	if c.Places > 0 {
		places = c.Places
	}
	return groupDecimal(strconv.FormatFloat(c.Series[s].Values[i], 'f', places, 64))
}

// Empty reports whether there is nothing to draw.
func (c Chart) Empty() bool {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if v != 0 {
				return false
			}
		}
	}
	return true
}

func groupDecimal(s string) string {
	sign, rest := "", s
	if strings.HasPrefix(rest, "-") {
		sign, rest = "-", rest[1:]
	}
	whole, frac, dot := strings.Cut(rest, ".")
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if dot {
		return sign + b.String() + "." + frac
	}
	return sign + b.String()
}
