package web

import (
	"time"

	"gongji/app/kernel/calendar"
	"gongji/app/procurement/schedule"
	"gongji/templates"
)

// momentLine is one moment of the law's clock as a page shows it.
type momentLine struct {
	schedule.Line
	Now   time.Time
	State string // words: 已完成, 逾期, 还有…
	Tone  templates.Tone
	Count bool // show what is left
}

// Icon is the mark beside the line; its words say the same.
func (m momentLine) Icon() string {
	switch m.Tone {
	case templates.OK:
		return "circle-check"
	case templates.Danger:
		return "alert-triangle"
	}
	return "clock"
}

// moments splits a schedule into the course of the purchase and the clocks
// that somebody may start, and words each line as at now.
func moments(lines []schedule.Line, now time.Time) (course, aside []momentLine) {
	for _, l := range lines {
		m := worded(l, now)
		if l.Main {
			course = append(course, m)
		} else {
			aside = append(aside, m)
		}
	}
	return course, aside
}

func worded(l schedule.Line, now time.Time) momentLine {
	m := momentLine{Line: l, Now: now, Tone: templates.Neutral}
	happened := l.Done != nil && !l.Done.After(now)
	switch {
	case l.At == nil:
		m.State = "等待前一步"
	case l.Done != nil && l.Late:
		m.State, m.Tone = "不合期限："+calendar.Until(*l.Done), templates.Danger
	case happened:
		m.State, m.Tone = "已完成，"+calendar.Until(*l.Done), templates.OK
	case l.Done != nil:
		m.State, m.Tone, m.Count = "定于 "+calendar.Until(*l.Done), templates.Info, now.Before(*l.At)
	case now.Before(*l.At):
		m.State, m.Tone, m.Count = "", templates.Info, true
	case l.Latest && l.Tracked:
		m.State, m.Tone = "已逾期，尚未办理", templates.Danger
	case l.Latest:
		m.State = "期限已到"
	default:
		m.State, m.Tone = "期限已满", templates.OK
	}
	return m
}
