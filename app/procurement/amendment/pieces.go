package amendment

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Piece is a stretch of a text that stayed, went or came.
type Piece struct {
	Text string `json:"text"`
	Kind string `json:"kind" enum:"same,old,new"`
}

// Pieces are the old and the new words woven together, character by character
// but for numbers and Latin words, which change whole: half a date struck out
// reads as another date.
func (c Change) Pieces() []Piece {
	code := coder{of: map[string]rune{}}
	before, after := code.encode(c.Old), code.encode(c.New)
	var out []Piece
	add := func(text, kind string) {
		if text != "" {
			out = append(out, Piece{code.decode(text), kind})
		}
	}
	at := 0
	for _, e := range udiff.Strings(before, after) {
		add(before[at:e.Start], "same")
		add(before[e.Start:e.End], "old")
		add(e.New, "new")
		at = e.End
	}
	add(before[at:], "same")
	return out
}

// coder writes each token of a text as one character of its own, so that a
// comparison by characters never cuts a token.
type coder struct {
	of   map[string]rune
	text []string
}

// firstCode begins two planes of private characters: a hundred thousand
// tokens, many times what the longest field holds.
const firstCode, lastCode = 0xF0000, 0x10FFFD

func (c *coder) encode(s string) string {
	var out strings.Builder
	for s != "" {
		n := token(s)
		r, ok := c.of[s[:n]]
		if !ok {
			r = rune(firstCode + len(c.text))
			if r > lastCode {
				r = lastCode // never reached by a text that was let in
			}
			c.of[s[:n]] = r
			c.text = append(c.text, s[:n])
		}
		out.WriteRune(r)
		s = s[n:]
	}
	return out.String()
}

func (c *coder) decode(s string) string {
	var out strings.Builder
	for _, r := range s {
		out.WriteString(c.text[r-firstCode])
	}
	return out.String()
}

// token is the length in bytes of the first token of s, which is not empty.
func token(s string) int {
	for i, r := range s {
		word := r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
		switch {
		case word:
		case i == 0:
			return len(string(r))
		default:
			return i
		}
	}
	return len(s)
}
