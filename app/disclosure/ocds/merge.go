package ocds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gongji/app/kernel/fault"
)

// Merge makes the compiled release of a purchase by the merge rules of OCDS
// 1.1: releases are taken by date, then as given; a later value replaces an
// earlier one and null removes it; objects are merged field by field; objects
// in an array by their id, where one without an id is always new; an array
// that holds anything but objects, or that the schema marks wholeListMerge, is
// replaced whole; what the schema marks omitWhenMerged is left out. An empty
// object or array says nothing. Numbers keep their digits.
func Merge(releases []json.RawMessage) (json.RawMessage, error) {
	rules, err := mergeRules()
	if err != nil {
		return nil, err
	}
	if len(releases) == 0 {
		return nil, fault.New(fault.NotFound, "没有可以合并的发布")
	}
	type dated struct {
		at   time.Time
		text string
		body map[string]any
	}
	all := make([]dated, 0, len(releases))
	for _, raw := range releases {
		d := dated{}
		if d.body, err = object(raw); err != nil {
			return nil, err
		}
		d.text, _ = d.body["date"].(string)
		if d.at, err = time.Parse(time.RFC3339, d.text); err != nil {
			return nil, fmt.Errorf("ocds: a release without a date cannot be merged: %w", err)
		}
		if len(all) > 0 && all[0].body["ocid"] != d.body["ocid"] {
			return nil, fmt.Errorf("ocds: releases of %v and %v cannot be merged", all[0].body["ocid"], d.body["ocid"])
		}
		all = append(all, d)
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.at.Compare(b.at) })
	out := map[string]any{}
	for _, d := range all {
		mergeObject(out, d.body, rules)
	}
	last := all[len(all)-1]
	out["tag"], out["date"] = []Tag{compiled}, last.text
	out["id"] = fmt.Sprintf("%v-%s", last.body["ocid"], last.text)
	return json.Marshal(out)
}

// object reads a JSON object, its numbers as they are written.
func object(raw []byte) (map[string]any, error) {
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err := dec.Decode(&m)
	return m, err
}

func mergeObject(into, from map[string]any, r *rule) {
	for field, v := range from {
		f := r.of(field)
		if f != nil && f.omit {
			continue
		}
		switch v := v.(type) {
		case nil:
			delete(into, field)
		case map[string]any:
			if len(v) == 0 {
				continue
			}
			sub, ok := into[field].(map[string]any)
			if !ok {
				sub = map[string]any{}
				into[field] = sub
			}
			mergeObject(sub, v, f)
		case []any:
			objects := objectsOf(v)
			if (f != nil && f.whole) || objects == nil {
				into[field] = v
			} else if len(objects) > 0 {
				old, _ := into[field].([]any)
				into[field] = mergeByID(old, objects, f)
			}
		default:
			into[field] = v
		}
	}
}

// objectsOf is the objects of an array; nil where it holds anything else.
func objectsOf(list []any) []map[string]any {
	out := make([]map[string]any, 0, len(list))
	for _, x := range list {
		m, ok := x.(map[string]any)
		if !ok {
			return nil
		}
		out = append(out, m)
	}
	return out
}

func mergeByID(old []any, fresh []map[string]any, r *rule) []any {
	for _, x := range fresh {
		var same map[string]any
		if key := x["id"]; key != nil {
			for _, o := range old {
				if m, ok := o.(map[string]any); ok && m["id"] != nil && fmt.Sprint(m["id"]) == fmt.Sprint(key) {
					same = m
					break
				}
			}
		}
		if same == nil {
			same = map[string]any{}
			old = append(old, same)
		}
		id, had := same["id"]
		mergeObject(same, x, r)
		if had {
			same["id"] = id // "1" and 1 are the same object; the first spelling stays
		}
	}
	return old
}
