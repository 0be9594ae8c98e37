package ocds

import (
	"embed"
	"encoding/json"
	"strings"
	"sync"
)

// Schemas are the JSON schemas of OCDS 1.1.5, as published.
//
//go:embed schema/*.json
var Schemas embed.FS

// rule is how a field is merged. The zero rule: an object field by field, an
// array of objects by their ids, anything else by the newest value.
type rule struct {
	omit, whole bool
	fields      map[string]*rule // nil: the schema says nothing further down
}

func (r *rule) of(field string) *rule {
	if r == nil {
		return nil
	}
	return r.fields[field]
}

// mergeRules reads omitWhenMerged and wholeListMerge out of the release schema.
var mergeRules = sync.OnceValues(func() (*rule, error) {
	data, err := Schemas.ReadFile("schema/release-schema.json")
	if err != nil {
		return nil, err
	}
	var root node
	if err := json.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	return root.rules(root.Definitions), nil
})

// node is the little of a JSON schema that merging depends on.
type node struct {
	Ref         string           `json:"$ref"`
	Omit        bool             `json:"omitWhenMerged"`
	Whole       bool             `json:"wholeListMerge"`
	Properties  map[string]*node `json:"properties"`
	Items       *node            `json:"items"`
	Definitions map[string]*node `json:"definitions"`
}

func (n *node) rules(defs map[string]*node) *rule {
	r := &rule{omit: n.Omit, whole: n.Whole}
	for n.Ref != "" || n.Items != nil {
		if n.Ref == "" {
			n = n.Items
		} else if n = defs[strings.TrimPrefix(n.Ref, "#/definitions/")]; n == nil {
			return r
		}
	}
	if len(n.Properties) > 0 {
		r.fields = make(map[string]*rule, len(n.Properties))
		for name, p := range n.Properties {
			r.fields[name] = p.rules(defs)
		}
	}
	return r
}
