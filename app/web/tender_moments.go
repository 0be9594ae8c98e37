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
	To    *time.Time // what is counted down to; nil counts nothing
}

// course is the law's clock of a purchase in three parts: what is over, what
// runs, and what waits for a step before it.
type course struct{ Over, Now, Later []momentLine }

// Icon is the mark beside the line; its words say the same.
func (m momentLine) Icon() string {
	switch m.Tone {
	case templates.OK:
		return "circle-check"
	case templates.Danger:
		return "alert-triangle"
	default:
		return "clock"
	}
}

// moments splits a schedule into the course of the purchase and the clocks
// that somebody may start, and words each line as at now.
func moments(lines []schedule.Line, now time.Time) (c course, aside []momentLine) {
	for _, l := range lines {
		m := worded(l, now)
		switch {
		case !l.Main:
			aside = append(aside, m)
		case l.At == nil:
			c.Later = append(c.Later, m)
		case m.Tone == templates.OK || m.Tone == templates.Neutral:
			c.Over = append(c.Over, m)
		default:
			c.Now = append(c.Now, m)
		}
	}
	return c, aside
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
		m.State, m.Tone, m.To = "定于 "+calendar.Until(*l.Done), templates.Info, l.Done
	case now.Before(*l.At):
		m.Tone, m.To = templates.Info, l.At
	case l.Latest && l.Tracked:
		m.State, m.Tone = "已逾期，尚未办理", templates.Danger
	case l.Latest:
		m.State = "期限已到"
	default:
		m.State, m.Tone = "期限已满", templates.OK
	}
	return m
}
