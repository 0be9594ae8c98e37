package rules

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

// Set is the rules in force together. It never changes. The zero Set is
// empty.
type Set struct {
	day   string
	rules map[string]Rule
}

// At is the law on the Beijing day of t.
func At(t time.Time) Set {
	return on(shipped(), t.In(clock.Beijing).Format(time.DateOnly))
}

func on(all []Rule, day string) Set {
	s := Set{day: day, rules: map[string]Rule{}}
	for _, r := range all {
		if r.inForce(day) {
			s.rules[r.ID] = r
		}
	}
	return s
}

// Day is the Beijing date the set was taken on, "2026-11-21".
func (s Set) Day() string { return s.day }

// Get is a rule by id, if one is in force.
func (s Set) Get(id string) (Rule, bool) {
	r, ok := s.rules[id]
	return r, ok
}

// Must is a rule whose id is one of the constants of this package. These are
// all in force on any date from 2026-02-01, which a test proves, so the zero
// Rule comes back only for an earlier day or a wrong id; it never panics.
func (s Set) Must(id string) Rule { return s.rules[id] }

// Of is the rule of a method: Of("open", "panel_size") is open.panel_size; of a
// method that is run like another, that one's, where it applies; or else the
// general panel_size. It is the zero Rule where there is none.
func (s Set) Of(method, rest string) Rule {
	if r, ok := s.rules[method+"."+rest]; ok {
		return r
	}
	if m, _ := MethodByID(method); m.Like != "" {
		if r, ok := s.rules[m.Like+"."+rest]; ok && r.applies(method) {
			return r
		}
	}
	return s.rules[rest]
}

// All is every rule of the set by id.
func (s Set) All() []Rule {
	all := make([]Rule, 0, len(s.rules))
	for _, r := range s.rules {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// For is the part of the set that a tender by a method is run under, which is
// what it freezes: the rules of procurement that are general or that method's.
func (s Set) For(method string) Set {
	part := Set{day: s.day, rules: map[string]Rule{}}
	for k, r := range s.rules {
		if r.Topic == "procurement" && r.applies(method) {
			part.rules[k] = r
		}
	}
	return part
}

// Topic is the part of the set that came from one file: "performance" is what
// an evaluation freezes.
func (s Set) Topic(topic string) Set {
	out := Set{day: s.day, rules: map[string]Rule{}}
	for id, r := range s.rules {
		if r.Topic == topic {
			out.rules[id] = r
		}
	}
	return out
}

type frozen struct {
	Day   string `json:"day"`
	Rules []Rule `json:"rules"`
}

// Freeze is the set as JSON, the same bytes for the same set.
func (s Set) Freeze() ([]byte, error) {
	return json.Marshal(frozen{s.day, s.All()})
}

// Thaw reads back what Freeze wrote. Damaged data is an error that is no
// fault of the reader's: its Kind is Unknown.
func Thaw(data []byte) (Set, error) {
	var f frozen
	if err := json.Unmarshal(data, &f); err != nil {
		return Set{}, fault.Wrap(fault.Unknown, err, "冻结的规则无法读取")
	}
	s := Set{day: f.Day, rules: map[string]Rule{}}
	for _, r := range f.Rules {
		if r.ID == "" || r.Article == "" {
			return Set{}, fault.New(fault.Unknown, "冻结的规则缺少编号或依据")
		}
		s.rules[r.ID] = r
	}
	return s, nil
}

// thawed remembers sets by the hash of their frozen form: there are few, one a
// day and method at most, and a public page would read one for every visitor.
var thawed = struct {
	sync.RWMutex
	sets map[[sha256.Size]byte]Set
}{sets: map[[sha256.Size]byte]Set{}}

// mostThawed bounds what is remembered; each set is some 30 KB.
const mostThawed = 256

// Recall is Thaw, remembered by content.
func Recall(data string) (Set, error) {
	key := sha256.Sum256([]byte(data))
	thawed.RLock()
	s, ok := thawed.sets[key]
	thawed.RUnlock()
	if ok {
		return s, nil
	}
	s, err := Thaw([]byte(data))
	if err != nil {
		return s, err
	}
	thawed.Lock()
	defer thawed.Unlock()
	if len(thawed.sets) >= mostThawed {
		clear(thawed.sets)
	}
	thawed.sets[key] = s
	return s, nil
}
