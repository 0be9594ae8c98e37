package document

import (
	"strings"
	"unicode"
)

// style is how a run of text looks.
type style struct {
	size  float64 // points
	bold  bool
	color color
}

type color [3]uint8

var (
	black = color{0, 0, 0}
	grey  = color{96, 96, 96}
	pale  = color{236, 236, 236}
	red   = color{192, 0, 0}
)

// clean takes out of text whatever would not be drawn or would change the
// direction or the place of what is: controls, bidirectional marks, joiners,
// variation selectors, tags. Newlines stay, tabs become spaces.
func clean(s string) string {
	dirty := false
	for _, r := range s {
		if unwanted(r) || r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u00a0' {
			dirty = true
			break
		}
	}
	if !dirty {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\u00a0':
			return ' '
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unwanted(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func unwanted(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7F && r < 0xA0, r == 0xAD:
		return true
	case r < 0x600:
		return false
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0000 && r <= 0xE0FFF, r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return true
	}
	return r != '\u2028' && r != '\u2029' && unicode.Is(unicode.Cf, r)
}

// Characters that must not begin a line, and those that must not end one.
const (
	notFirst = "，。、；：！？）》」』】〕〉”’…—·％%,.;:!?)]}"
	notLast  = "（《「『【〔〈“‘([{¥￥"
)

// wrap breaks clean text into lines no wider than width points. A word of
// Latin letters or digits stays whole unless it is wider than a line; no line
// begins with closing or ends with opening punctuation if that can be helped.
func (k *ink) wrap(s string, st style, width float64) []string {
	limit := int(width * 1000 / st.size)
	var lines []string
	for _, para := range strings.Split(s, "\n") {
		lines = k.wrapLine(lines, strings.TrimRight(para, " "), st.bold, limit)
	}
	return lines
}

func (k *ink) wrapLine(lines []string, s string, heavy bool, limit int) []string {
	start, used := 0, 0     // the line so far is s[start:at]
	last, lastUsed := -1, 0 // where it may be broken, and its width up to there
	prev := rune(0)
	for at, r := range s {
		w := int(k.mark(r, heavy).width)
		if at > start && mayBreak(prev, r) {
			last, lastUsed = at, used
		}
		if used+w > limit && at > start {
			cut, cutUsed := at, used
			if last > start {
				cut, cutUsed = last, lastUsed
			}
			lines = append(lines, strings.TrimRight(s[start:cut], " "))
			start, used, last = cut, used-cutUsed, -1
			if r == ' ' && cut == at {
				start, w = at+1, 0
			}
		}
		used += w
		prev = r
	}
	return append(lines, s[min(start, len(s)):])
}

// fit is as much of one line as width points hold, with an ellipsis where
// something is left out. For what is said in full elsewhere on the document.
func (k *ink) fit(s string, st style, width float64) string {
	return k.few(s, st, width, 1)[0]
}

// few wraps to at most n lines, the last with an ellipsis if there were more.
func (k *ink) few(s string, st style, width float64, n int) []string {
	lines := k.wrap(s, st, width)
	if len(lines) <= n {
		return lines
	}
	lines = lines[:n]
	room := width - k.width("…", st)
	lines[n-1] = k.wrap(lines[n-1], st, room)[0] + "…"
	return lines
}

// mayBreak reports whether a line may end after a and the next begin with b.
func mayBreak(a, b rune) bool {
	if b == ' ' || strings.ContainsRune(notFirst, b) || strings.ContainsRune(notLast, a) || unicode.Is(unicode.Mn, b) {
		return false
	}
	return a == ' ' || !wordy(a) || !wordy(b)
}

// wordy characters cling together: Latin and the like, digits, their marks.
func wordy(r rune) bool {
	return r > ' ' && r < 0x2E80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:@%+#,", r))
}
