package search

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"gongji/app/kernel/clock"
)

// fold brings a text to the form that is compared: full-width ASCII narrowed,
// letters lower-cased, everything that is neither letter, digit nor symbol of
// a script made one space.
func fold(s string) string {
	var b strings.Builder
	space := true
	for _, r := range s {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		b.WriteRune(unicode.ToLower(r))
		space = false
	}
	return strings.TrimRight(b.String(), " ")
}

// pair packs two neighbouring characters into one integer: no collation, half
// the bytes. A single character is a pair with nothing.
func pair(a, b rune) int64 { return int64(a)<<21 | int64(b) }

// pairs are the distinct pairs of a folded word or text; none spans a space.
func pairs(s string) []int64 {
	var out []int64
	seen := map[int64]bool{}
	var prev rune
	for _, r := range s {
		if r == ' ' {
			prev = 0
			continue
		}
		if prev != 0 {
			if g := pair(prev, r); !seen[g] {
				seen[g] = true
				out = append(out, g)
			}
		}
		prev = r
	}
	return out
}

// span is the room a class has for moments: milliseconds until the year 2109.
const span = 1 << 42

// rank sorts better text first, then newer first, then as the id decides.
func rank(class int, at time.Time) int64 {
	return int64(class)*span + span - 1 - at.UnixMilli()
}

// postings are the rows of an entry: for each pair the best text it is in, and
// the single characters of the title.
func postings(e Entry) (entryRow, []gramRow) {
	texts := make([]string, 0, len(e.Texts))
	for _, t := range e.Texts[:min(len(e.Texts), maxTexts)] {
		texts = append(texts, fold(t))
	}
	at := clock.Trunc(e.At).Truncate(time.Millisecond)
	stored, _ := json.Marshal(texts) // strings cannot fail
	row := entryRow{Kind: e.Kind, ObjectID: e.ID, At: at, Texts: string(stored)}
	var out []gramRow
	seen := map[int64]bool{}
	add := func(g int64, class int) {
		if !seen[g] {
			seen[g] = true
			out = append(out, gramRow{Kind: e.Kind, Gram: g, Rank: rank(class, at), ObjectID: e.ID})
		}
	}
	for class, t := range texts {
		if class == 0 {
			for _, r := range t {
				if r != ' ' {
					add(pair(r, 0), 0)
				}
			}
		}
		for _, g := range pairs(t) {
			add(g, class)
		}
	}
	return row, out
}
