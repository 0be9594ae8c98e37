package bank

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// Candidate is something a line may be.
type Candidate struct {
	Kind      Kind      `json:"kind"`
	Target    id.ID     `json:"target"`
	Label     string    `json:"label"` // for people: who, what for
	Reference string    `json:"reference,omitempty"`
	Name      string    `json:"name,omitempty"`
	Amount    money.Fen `json:"amount"` // 分, positive
	Day       string    `json:"day"`    // from when on it can have come
	Settled   bool      `json:"settled,omitempty"`
	Score     int       `json:"score"` // of 100
	Why       string    `json:"why"`   // Chinese
	// Secret: its donor hides from the staff. Why never says their name, for it
	// is kept with the line.
	Secret bool `json:"-"`
}

// book of candidates, by what a line may know of them.
type index struct {
	byReference map[string]*Candidate
	byAmount    map[money.Fen][]*Candidate
	byName      map[string][]*Candidate
}

func newIndex(all []Candidate) *index {
	x := &index{map[string]*Candidate{}, map[money.Fen][]*Candidate{}, map[string][]*Candidate{}}
	for n := range all {
		c := &all[n]
		if r := squeeze(c.Reference); r != "" {
			x.byReference[r] = c
		}
		x.byAmount[c.Amount] = append(x.byAmount[c.Amount], c)
		if n := squeeze(c.Name); n != "" {
			x.byName[n] = append(x.byName[n], c)
		}
	}
	return x
}

// rank gives the likeliest of what a line may be, the surest first, at most
// limit. It never books anything.
func (x *index) rank(l Line, limit int) []Candidate {
	seen := map[id.ID]bool{}
	var out []Candidate
	take := func(c *Candidate) {
		if c != nil && !seen[c.Target] {
			seen[c.Target] = true
			if s := x.score(l, *c); s.Score > 0 {
				out = append(out, s)
			}
		}
	}
	for _, word := range words(l.Memo + " " + l.Serial) {
		take(x.byReference[word])
	}
	for _, c := range x.byName[squeeze(l.Name)] {
		take(c)
	}
	for n, c := range x.byAmount[l.Size()] {
		if n >= 50 {
			break // of so many with one amount none is telling
		}
		take(c)
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return b.Score - a.Score })
	return out[:min(len(out), limit)]
}

// score says how sure it is that a line is a candidate, and why.
func (x *index) score(l Line, c Candidate) Candidate {
	amount := l.Size() == c.Amount
	name := likeness(l.Name, c.Name)
	reference := c.Reference != "" && slices.Contains(words(l.Memo+" "+l.Serial), squeeze(c.Reference))
	var why []string
	say := func(ok bool, yes, no string) {
		if ok && yes != "" {
			why = append(why, yes)
		} else if !ok && no != "" {
			why = append(why, no)
		}
	}
	say(reference, "附言含登记号 "+c.Reference, "")
	say(amount, "金额相同", fmt.Sprintf("金额不同（%s 元）", c.Amount.Yuan()))
	switch {
	case name == 2:
		why = append(why, "户名相同")
	case name == 1:
		why = append(why, "户名相近")
	case l.Name != "" && c.Name != "" && c.Secret:
		why = append(why, "户名不同")
	case l.Name != "" && c.Name != "":
		why = append(why, "户名不同（"+c.Name+"）")
	}
	late := l.Day >= c.Day
	say(late, "", "早于登记日期 "+c.Day)
	switch {
	case reference && amount && (name > 0 || l.Name == "" || c.Name == ""):
		c.Score = 100
	case reference && amount: // somebody else paid for the donor: the receipt's name must be looked at
		c.Score = 85
	case reference:
		c.Score = 80
	case amount && name == 2 && x.alone(c):
		c.Score = Sure
	case amount && name == 2:
		c.Score = 75
		why = append(why, "同名同额的不止一笔")
	case amount && name == 1:
		c.Score = 65
	case name == 2:
		c.Score = 50
	case amount:
		c.Score = 30
	}
	if !late && !reference && c.Score > 0 { // only a donor who has pledged knows the reference
		c.Score = max(c.Score-25, 10)
	}
	c.Why = strings.Join(why, "；")
	return c
}

// alone reports whether no other candidate has the same name and amount.
func (x *index) alone(c Candidate) bool {
	n := 0
	for _, o := range x.byName[squeeze(c.Name)] {
		if o.Amount == c.Amount {
			n++
		}
	}
	return n == 1
}

// squeeze is a name or a reference as it is compared: no spaces or marks,
// capital letters, narrow forms.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			r -= 0xfee0
		case r == '＊':
			r = '*'
		}
		if unicode.IsSpace(r) || unicode.IsPunct(r) && r != '*' || unicode.IsSymbol(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

// likeness of two names: 2 the same, 1 the same as far as the bank shows it
// (欧阳**), 0 not, also where one is not known.
func likeness(a, b string) int {
	a, b = squeeze(a), squeeze(b)
	if a == "" || b == "" {
		return 0
	}
	if a == b {
		return 2
	}
	if strings.Contains(b, "*") {
		a, b = b, a
	}
	if !strings.Contains(a, "*") || strings.Trim(a, "*") == "" {
		return 0
	}
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return 0
	}
	for i := range x {
		if x[i] != '*' && x[i] != y[i] {
			return 0
		}
	}
	return 1
}

// words are the runs of letters and digits in a memo, in capitals, and each
// stretch of the length of a reference in a longer one: "捐K7M2QXAB谢谢".
func words(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToUpper(narrowed(s)), func(r rune) bool { return r > 'Z' || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out = append(out, w)
		for i := 0; len(w) > reference && i+reference <= len(w) && i < 60; i++ {
			out = append(out, w[i:i+reference])
		}
	}
	return out
}

const reference = 8 // letters of a donation's reference

func narrowed(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xff01 && r <= 0xff5e {
			return r - 0xfee0
		}
		return r
	}, s)
}
