// Package catalogue is the guidance catalogue (指导性目录) of services that may
// be bought: data with a source and a date, never code. A purchase that is not
// in the loaded catalogue cannot be published (财政部令第102号 11, 14).
package catalogue

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gongji/app/kernel/clock"
)

// Entry is one row. Description was attached to its row by position when the
// PDF was read: check it before quoting it as law.
type Entry struct {
	Code         string `json:"code"`
	Name         string `json:"name"`
	Level        int    `json:"level"` // 1 to 4
	Parent       string `json:"parent"`
	Description  string `json:"description"`
	PDFPage      int    `json:"pdf_page"`
	CivilAffairs bool   `json:"civil_affairs"` // what a 民政局 usually buys; listed first
}

// Catalogue is one edition. It never changes once loaded.
type Catalogue struct {
	ID            string `json:"id"`
	Title         string `json:"title"`
	EffectiveFrom string `json:"effective_from"` // a Beijing date
	// Certain is whether the date was read in the text; else it is 待核.
	Certain  bool `json:"effective_from_certain"`
	Note     string
	Relation string `json:"relation_to_guidance_catalogue"`
	Source   Source `json:"source"`
	Caution  []string
	Civil    []string `json:"civil_affairs_codes"`
	Entries  []Entry

	byCode map[string]int
}

// Source says where an edition was read.
type Source struct {
	Repository string `json:"repository"`
	Commit     string `json:"commit"`
	Path       string `json:"path"`
	SHA256     string `json:"sha256"`
	Metadata   string `json:"metadata"`
}

//go:embed cn-2022.json
var cn2022 []byte

var shipped = sync.OnceValues(func() (*Catalogue, error) { return Load(cn2022) })

// Load reads an edition and refuses one whose codes repeat or whose rows hang
// on no parent.
func Load(data []byte) (*Catalogue, error) {
	var c Catalogue
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return nil, fmt.Errorf("目录不是有效的 JSON: %w", err)
	}
	if _, err := time.Parse(time.DateOnly, c.EffectiveFrom); err != nil {
		return nil, fmt.Errorf("目录 %s 的生效日期: %w", c.ID, err)
	}
	c.byCode = make(map[string]int, len(c.Entries))
	for i, e := range c.Entries {
		if _, twice := c.byCode[e.Code]; twice || e.Name == "" {
			return nil, fmt.Errorf("目录 %s 的 %s 重复或没有名称", c.ID, e.Code)
		}
		if _, ok := c.byCode[e.Parent]; !ok && e.Level > 1 {
			return nil, fmt.Errorf("目录 %s 的 %s 没有上级", c.ID, e.Code)
		}
		c.byCode[e.Code] = i
		c.Entries[i].CivilAffairs = slices.Contains(c.Civil, e.Code)
	}
	return &c, nil
}

// At is the edition in force on the Beijing day of t, or nil before the first.
func At(t time.Time) *Catalogue {
	c, err := shipped()
	if err != nil || t.In(clock.Beijing).Format(time.DateOnly) < c.EffectiveFrom {
		return nil // a test proves that the shipped edition loads
	}
	return c
}

// Find is the row with a code.
func (c *Catalogue) Find(code string) (Entry, bool) {
	if c == nil {
		return Entry{}, false
	}
	i, ok := c.byCode[strings.ToUpper(strings.TrimSpace(code))]
	if !ok {
		return Entry{}, false
	}
	return c.Entries[i], true
}

// Children are the rows directly under a code; under "C" are the top ones.
func (c *Catalogue) Children(code string) []Entry {
	if c == nil {
		return nil
	}
	var out []Entry
	for _, e := range c.Entries {
		if e.Parent == code {
			out = append(out, e)
		}
	}
	return civilFirst(out)
}

// CivilAffairs are the rows a 民政局 usually buys by, in order of code.
func (c *Catalogue) CivilAffairs() []Entry {
	if c == nil {
		return nil
	}
	var out []Entry
	for _, e := range c.Entries {
		if e.CivilAffairs {
			out = append(out, e)
		}
	}
	return out
}

// Path is a row with its parents, the top one first, for showing where it is.
func (c *Catalogue) Path(code string) []Entry {
	var out []Entry
	for e, ok := c.Find(code); ok; e, ok = c.Find(e.Parent) {
		out = append(out, e)
	}
	slices.Reverse(out)
	return out
}

// Search finds at most limit rows whose code starts with the text or whose
// name, else description, contains every word of it: civil affairs first, then
// names before descriptions, then by code. No text gives the civil rows.
func (c *Catalogue) Search(text string, limit int) []Entry {
	if c == nil {
		return nil
	}
	words := strings.Fields(strings.ToUpper(text))
	if len(words) == 0 {
		out := c.CivilAffairs()
		return out[:min(limit, len(out))]
	}
	var names, rest []Entry
	for _, e := range c.Entries {
		switch {
		case len(words) == 1 && strings.HasPrefix(e.Code, words[0]), all(e.Name, words):
			names = append(names, e)
		case all(e.Name+e.Description, words):
			rest = append(rest, e)
		}
	}
	out := append(civilFirst(names), civilFirst(rest)...)
	return out[:min(limit, len(out))]
}

func all(s string, words []string) bool {
	s = strings.ToUpper(s)
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

func civilFirst(list []Entry) []Entry {
	slices.SortStableFunc(list, func(a, b Entry) int {
		if a.CivilAffairs != b.CivilAffairs {
			if a.CivilAffairs {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Code, b.Code)
	})
	return list
}
