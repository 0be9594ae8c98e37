package templates

import (
	"html/template"
	"strings"
	"time"

	"gongji/app/kernel/law"
)

// The functions here return HTML. Each escapes every value it is given; no
// other code in the product makes template.HTML.

func esc(s string) string { return template.HTMLEscapeString(s) }

// icon draws one symbol of the sprite. It is decoration: the words beside it
// carry the meaning.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" aria-hidden="true" focusable="false"><use href="` +
		esc(AssetPath("icons.svg")) + `#` + esc(name) + `"/></svg>`)
}

// article shows the rule that makes a date or a limit, with 待核 where its text
// was not read; a second argument true says so of a number whose article was.
func article(ref string, unverified ...bool) template.HTML {
	if strings.TrimSpace(ref) == "" {
		return ""
	}
	ref, open := law.Split(ref)
	s := `<span class="article"><span class="article-word">依据</span> ` + esc(ref)
	if open || len(unverified) > 0 && unverified[0] {
		s += ` <span class="article-open" title="此条款尚待核对原文">待核</span>`
	}
	return template.HTML(s + `</span>`)
}

// badge is a state in words on a colour.
func badge(tone Tone, label string) template.HTML {
	switch tone {
	case Info, OK, Warn, Danger:
	default:
		tone = Neutral
	}
	return template.HTML(`<span class="status status-` + string(tone) + `">` + esc(label) + `</span>`)
}

// statusBadge draws a Status; a value with a Status() method is asked for it.
func statusBadge(v any) template.HTML {
	switch x := v.(type) {
	case Status:
		return badge(x.Tone, x.Label)
	case *Status:
		if x != nil {
			return badge(x.Tone, x.Label)
		}
		return ""
	case interface{ Status() Status }:
		s := x.Status()
		return badge(s.Tone, s.Label)
	}
	return badge(Neutral, value(v))
}

// countdown says how long is left, and keeps saying it when scripts run.
func countdown(now, at time.Time) template.HTML {
	iso, err := isotime(at)
	if err != nil || at.IsZero() {
		return template.HTML(none)
	}
	class := "countdown"
	switch left := at.Sub(now); {
	case left <= 0:
		class += " countdown-past"
	case left < 24*time.Hour:
		class += " countdown-soon"
	}
	return template.HTML(`<time class="` + class + `" data-deadline="` + esc(iso) + `" datetime="` + esc(iso) + `">` +
		esc(remaining(now, at)) + `</time>`)
}
