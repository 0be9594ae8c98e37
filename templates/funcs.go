package templates

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	"gongji/app/kernel/fault"
)

// funcs is everything a template can call. docs/pages.md lists it for page
// authors; keep both the same.
func funcs() template.FuncMap {
	return template.FuncMap{
		"yuan": yuan, "wan": wan, "num": num, "percent": percent, "bytes": bytesSize,
		"date": date, "datetime": datetime, "isotime": isotime, "remaining": remaining,
		"countdown": countdown,
		"dict":      dict, "list": list, "options": options, "has": has, "add": add, "json": toJSON,
		"value": value, "fieldID": fieldID, "fieldError": fieldError, "describedBy": describedBy,
		"icon": icon, "asset": AssetPath, "article": article, "badge": badge, "statusBadge": statusBadge,
		"mask": mask, "short": short, "chartJSON": func(c Chart) (string, error) { return c.JSON() },
		"chartOf": chartOf, "csrfField": func() string { return CSRFField },
	}
}

// dict builds the parameters of a partial: dict "name" "title" "label" "名称".
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d arguments, want pairs", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: key %v is not a string", pairs[i])
		}
		m[k] = pairs[i+1]
	}
	return m, nil
}

func list(items ...any) []any { return items }

// options builds choices in place: options "open" "公开招标" "consult" "竞争性磋商".
func options(pairs ...string) ([]Option, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("options: %d arguments, want pairs", len(pairs))
	}
	out := make([]Option, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, Option{Value: pairs[i], Label: pairs[i+1]})
	}
	return out, nil
}

// has reports whether a list of strings holds s; it ticks checkboxes.
func has(in any, s string) bool {
	switch v := in.(type) {
	case []string:
		for _, x := range v {
			if x == s {
				return true
			}
		}
	case []any:
		for _, x := range v {
			if value(x) == s {
				return true
			}
		}
	case nil:
	default:
		return value(v) == s
	}
	return false
}

func add(a, b int) int { return a + b }

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// fieldID is the id of a field's input; the error summary links to it.
func fieldID(name any) string { return "f-" + value(name) }

// asFault takes what a template has: a *fault.Fault, or a page's Chrome.
func asFault(v any) *fault.Fault {
	switch x := v.(type) {
	case *fault.Fault:
		return x
	case Framed:
		return x.Frame().Fault
	}
	return nil
}

// fieldError is every complaint about one field, one a line; "" if none.
func fieldError(f, name any) string {
	ft := asFault(f)
	if ft == nil {
		return ""
	}
	var out []string
	for _, x := range ft.Fields {
		if x.Name == value(name) {
			out = append(out, x.Message)
		}
	}
	return strings.Join(out, "\n")
}

// describedBy is the ids of the hint, the article and the error of a field,
// for aria-describedby.
func describedBy(p map[string]any) string {
	id := fieldID(p["name"])
	var ids []string
	if s, _ := p["hint"].(string); s != "" {
		ids = append(ids, id+"-hint")
	}
	if s, _ := p["article"].(string); s != "" {
		ids = append(ids, id+"-article")
	}
	if fieldError(p["fault"], p["name"]) != "" {
		ids = append(ids, id+"-error")
	}
	if b, _ := p["count"].(bool); b {
		ids = append(ids, id+"-count")
	}
	return strings.Join(ids, " ")
}

// mask hides the middle of a name or code on a public page: the first
// character stays, and the last too from three characters on.
func mask(s string) string {
	r := []rune(strings.TrimSpace(s))
	switch len(r) {
	case 0:
		return ""
	case 1:
		return "*"
	case 2:
		return string(r[0]) + "*"
	}
	return string(r[0]) + strings.Repeat("*", len(r)-2) + string(r[len(r)-1])
}

// short cuts s to n characters, with "…" when something was cut.
func short(n int, s string) string {
	if n < 1 || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

func chartOf(v any) (Chart, error) {
	switch c := v.(type) {
	case Chart:
		return c, nil
	case *Chart:
		if c != nil {
			return *c, nil
		}
	}
	return Chart{}, fmt.Errorf("chart: %T is not a templates.Chart", v)
}
