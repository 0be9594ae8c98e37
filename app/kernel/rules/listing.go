package rules

import (
	"slices"
	"strings"
	"sync"
	"time"

	"gongji/app/kernel/clock"
)

// What a listing may bar an organisation from.
const (
	BarsPurchase = "purchase" // 参加采购、成交、签订合同、入围
	BarsFunding  = "funding"  // 申请、接受资助和付款
)

// Listing is one kind of credit listing, as data: what it bars from, under
// which rule, for how long, and when its removal may be asked.
type Listing struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Rule   string   `json:"rule"` // the id of the rule that it stands on
	Blocks []string `json:"blocks"`
	// TermMin and TermMax are the ids of the rules on its term, in years;
	// without them it runs until it is removed.
	TermMin string `json:"term_min,omitempty"`
	TermMax string `json:"term_max,omitempty"`
	// Removal is the id of the rule on how long it must have run before its
	// removal may be asked; without it, at any time.
	Removal string  `json:"removal,omitempty"`
	Local   []Local `json:"local,omitempty"`
	Hint    string  `json:"hint"`
}

// Local is what one region lets a listing bar from instead: the authorities
// whose region begins with Region go by it.
type Local struct {
	Region        string   `json:"region"`
	Blocks        []string `json:"blocks"`
	Article       string   `json:"article"`
	Certain       bool     `json:"certain"`
	EffectiveFrom string   `json:"effective_from"`
}

// Source is the local text, with 待核 where it was not read.
func (l Local) Source() string { return source(l.Article, l.Certain) }

var listings = sync.OnceValue(func() []Listing {
	var all []Listing
	if data, err := files.ReadFile("data/listings.json"); err == nil {
		_ = strict(data, &all) // a test proves it
	}
	return all
})

// Listings are the kinds of credit listing.
func Listings() []Listing { return slices.Clone(listings()) }

// ListingByID is one kind of credit listing.
func ListingByID(id string) (Listing, bool) {
	all := listings()
	i := slices.IndexFunc(all, func(l Listing) bool { return l.ID == id })
	if i < 0 {
		return Listing{}, false
	}
	return all[i], true
}

// Effect is what the listing bars from where an authority of a region decides
// it on a day, and the text that says so: the longest region that fits counts,
// the national rule where none does. A local text binds in its scope, whose
// region begins so; "" is everywhere.
func (l Listing) Effect(region string, at time.Time) (blocks []string, article, scope string) {
	blocks, article = l.Blocks, At(at).Must(l.Rule).Source()
	day := at.In(clock.Beijing).Format(time.DateOnly)
	for _, x := range l.Local {
		if strings.HasPrefix(region, x.Region) && len(x.Region) > len(scope) && x.EffectiveFrom <= day {
			blocks, article, scope = x.Blocks, x.Source(), x.Region
		}
	}
	return slices.Clone(blocks), article, scope
}
