package rules

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"gongji/app/kernel/fault"
)

//go:embed data/*.json
var files embed.FS

// shipped is every version of every rule in the program. A file that does not
// load leaves its rules out; a test proves that all load.
var shipped = sync.OnceValue(func() []Rule {
	all, _ := load()
	return all
})

func load() ([]Rule, error) {
	var all []Rule
	for _, name := range []string{"cn-procurement", "cn-performance", "cn-charity"} {
		data, err := files.ReadFile("data/" + name + ".json")
		if err != nil {
			return all, err
		}
		var f struct {
			Topic  string `json:"topic"`
			Origin string `json:"origin"`
			Rules  []Rule `json:"rules"`
		}
		if err := strict(data, &f); err != nil {
			return all, fmt.Errorf("%s: %w", name, err)
		}
		for _, r := range f.Rules {
			r.Topic = f.Topic
			if err := check(r, all); err != nil {
				return all, fmt.Errorf("%s: %s: %w", name, r.ID, err)
			}
			all = append(all, r)
		}
	}
	return all, nil
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// check refuses a rule that could not be shown or applied, or that is in
// force together with another version of itself.
func check(r Rule, others []Rule) error {
	var c fault.Check
	c.Must(r.ID != "" && r.Name != "" && r.Article != "" && r.Jurisdiction == "CN", "rule", "编号、名称、依据、适用地域不能为空")
	switch r.Bound {
	case Is:
		c.Must(r.Value == 0 && r.Unit == "", "value", "没有数值的规则不应有数值")
	case Min, Max, Below, Equal, By:
		c.Must(r.Value > 0, "value", "数值应大于零")
		c.Must(known(r.Unit), "unit", "单位“%s”不在列", r.Unit)
	default:
		c.Fail("bound", "界限“%s”不在列", r.Bound)
	}
	_, err := time.Parse(time.DateOnly, r.EffectiveFrom)
	c.Must(err == nil, "effective_from", "日期格式不对")
	if r.EffectiveTo != nil {
		_, err := time.Parse(time.DateOnly, *r.EffectiveTo)
		c.Must(err == nil && *r.EffectiveTo >= r.EffectiveFrom, "effective_to", "日期格式不对或早于生效日期")
	}
	for _, o := range others {
		if o.ID == r.ID && (o.EffectiveTo == nil || r.EffectiveFrom <= *o.EffectiveTo) &&
			(r.EffectiveTo == nil || o.EffectiveFrom <= *r.EffectiveTo) {
			c.Fail("effective_from", "与同一规则的另一版本同时有效")
		}
	}
	return c.Err()
}

func known(u Unit) bool {
	switch u {
	case Days, Workdays, Minutes, Months, Years, BasisPoint, Points, YuanUnit, Suppliers, People, Thirds, RatingA, MonthDay:
		return true
	}
	return false
}
