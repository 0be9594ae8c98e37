// Package names cleans what people enter as a name or a title, and masks
// names for public pages. It thinks in what a reader sees as one character: a
// letter with its accents, an ideograph with its variant, an emoji family.
package names

import (
	"strings"
	"unicode"
)

const (
	joiner     = '\u200d'
	star       = "*"
	personStar = 3 // a fixed number, so that the mask does not tell the length
)

// MaskPerson keeps the first character of a person's name: "欧阳娜娜" is
// "欧***", "李四" is "李*". A name of one character is hidden whole.
func MaskPerson(name string) string {
	c := clusters(Clean(name, 200))
	switch len(c) {
	case 0, 1:
		return star
	case 2:
		return c[0] + star
	default:
		return c[0] + strings.Repeat(star, personStar)
	}
}

// MaskOrganisation keeps the first two and the last two characters of an
// enterprise's name. Of a short name less is kept, so that at least half of it
// is hidden: "中国石油公司" is "中****司"; of two characters only the first.
func MaskOrganisation(name string) string {
	c := clusters(Clean(name, 200))
	n := len(c)
	switch {
	case n <= 1:
		return star
	case n <= 3:
		return c[0] + strings.Repeat(star, n-1)
	case n < 8:
		return c[0] + strings.Repeat(star, n-2) + c[n-1]
	default:
		return c[0] + c[1] + strings.Repeat(star, n-4) + c[n-2] + c[n-1]
	}
}

// Clean makes a one-line text safe to store, show and print: control
// characters, bidirectional overrides, zero-width and blank-looking
// characters go; white space becomes single spaces and is trimmed; bytes that
// are no text go. A joiner stays inside an emoji. Variation selectors stay:
// they choose the form of an ideograph. The result has at most maxRunes code
// points and is not cut inside a visible character where that can be helped.
// It does not compose (NFC): equal-looking spellings stay different.
func Clean(s string, maxRunes int) string {
	rs := tidy(s)
	if len(rs) > maxRunes {
		rs = cut(rs, maxRunes)
	}
	return strings.TrimRight(string(rs), " "+string(joiner))
}

func tidy(s string) []rune {
	var seen []rune
	for _, r := range strings.ToValidUTF8(s, "") {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			seen = append(seen, ' ')
		case r == joiner || !hidden(r):
			seen = append(seen, r)
		}
	}
	var out []rune
	for i, r := range seen {
		switch r {
		case ' ':
			if len(out) == 0 || out[len(out)-1] == ' ' {
				continue
			}
		case joiner:
			if i+1 == len(seen) || !emoji(seen[i+1]) || !endsInEmoji(out) {
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// cut keeps whole visible characters up to n runes; if the first alone is
// longer (a tower of accents), it is cut all the same.
func cut(rs []rune, n int) []rune {
	if n <= 0 {
		return nil
	}
	end := 0
	for _, c := range clusters(string(rs)) {
		k := len([]rune(c))
		if end+k > n {
			break
		}
		end += k
	}
	if end == 0 {
		end = n
	}
	return rs[:end]
}

// hidden characters have no place in a name: they draw nothing, or they change
// how their neighbours are drawn.
func hidden(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0', unicode.ReplacementChar:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Noncharacter_Code_Point)
}

func emoji(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2190 && r <= 0x2bff || r == 0x3030 || r == 0x303d || r == 0x3297 || r == 0x3299
}

func modifier(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

func endsInEmoji(rs []rune) bool {
	for i := len(rs) - 1; i >= 0; i-- {
		if rs[i] != '\ufe0f' && rs[i] != '\u20e3' {
			return emoji(rs[i])
		}
	}
	return false
}

// clusters cuts text into what a reader sees as characters: a simplification
// of UAX #29 that never cuts inside an accent, a variant, an emoji sequence
// or a flag. Hangul given as letters is cut into letters.
func clusters(s string) []string {
	var out []string
	flags := 0
	var last rune
	for _, r := range s {
		joined := len(out) > 0 && (unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) || modifier(r) ||
			r == joiner || last == joiner || regional(r) && flags%2 == 1)
		if regional(r) {
			flags++
		} else {
			flags = 0
		}
		if joined {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		last = r
	}
	return out
}
