package ocds_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"gongji/app/disclosure/ocds"
)

// TestMerge walks the merge rules of the OCDS 1.1 documentation one by one:
// two releases each, and what they come to.
func TestMerge(t *testing.T) {
	for name, c := range map[string]struct{ first, second, want string }{
		"a later value replaces":          {`"tender":{"id":"1","status":"active","title":"甲"}`, `"tender":{"id":"1","status":"complete"}`, `"tender":{"id":"1","status":"complete","title":"甲"}`},
		"null removes":                    {`"tender":{"id":"1","title":"甲"}`, `"tender":{"id":"1","title":null}`, `"tender":{"id":"1"}`},
		"a null at first is nothing":      {`"tender":{"id":"1","title":null}`, `"tender":{"id":"1"}`, `"tender":{"id":"1"}`},
		"an empty object says nothing":    {`"planning":{"rationale":"因"}`, `"planning":{}`, `"planning":{"rationale":"因"}`},
		"an empty list of objects too":    {`"awards":[{"id":"1","title":"甲"}]`, `"awards":[]`, `"awards":[{"id":"1","title":"甲"}]`},
		"objects meet by id":              {`"awards":[{"id":"1","status":"active"},{"id":"2"}]`, `"awards":[{"id":"3"},{"id":"1","title":"甲"}]`, `"awards":[{"id":"1","status":"active","title":"甲"},{"id":"2"},{"id":"3"}]`},
		"an object without id is new":     {`"tender":{"id":"1","amendments":[{"rationale":"一"}]}`, `"tender":{"id":"1","amendments":[{"rationale":"二"}]}`, `"tender":{"id":"1","amendments":[{"rationale":"一"},{"rationale":"二"}]}`},
		"deep down too":                   {`"contracts":[{"id":"1","implementation":{"milestones":[{"id":"a","status":"scheduled"}]}}]`, `"contracts":[{"id":"1","implementation":{"milestones":[{"id":"a","status":"met"}]}}]`, `"contracts":[{"id":"1","implementation":{"milestones":[{"id":"a","status":"met"}]}}]`},
		"a list of words is replaced":     {`"parties":[{"id":"p","roles":["buyer","payer"]}]`, `"parties":[{"id":"p","roles":["buyer"]}]`, `"parties":[{"id":"p","roles":["buyer"]}]`},
		"a wholeListMerge is replaced":    {`"parties":[{"id":"p","additionalIdentifiers":[{"id":"1"},{"id":"2"}]}]`, `"parties":[{"id":"p","additionalIdentifiers":[{"id":"2","scheme":"x"}]}]`, `"parties":[{"id":"p","additionalIdentifiers":[{"id":"2","scheme":"x"}]}]`},
		"and an empty one empties it":     {`"parties":[{"id":"p","additionalIdentifiers":[{"id":"1"}]}]`, `"parties":[{"id":"p","additionalIdentifiers":[]}]`, `"parties":[{"id":"p","additionalIdentifiers":[]}]`},
		"of one id twice the last stays":  {`"awards":[{"id":"1","title":"甲"},{"id":"1","title":"乙"}]`, `"language":"zh"`, `"awards":[{"id":"1","title":"乙"}],"language":"zh"`},
		"a number keeps its digits":       {`"planning":{"budget":{"amount":{"amount":99999999999999.01}}}`, `"language":"zh"`, `"planning":{"budget":{"amount":{"amount":99999999999999.01}}},"language":"zh"`},
		"an id of a nested object is not": {`"tender":{"id":"1","items":[{"id":"1","classification":{"scheme":"A","id":"9"}}]}`, `"tender":{"id":"1","items":[{"id":"1","classification":{"scheme":"B","id":"8"}}]}`, `"tender":{"id":"1","items":[{"id":"1","classification":{"scheme":"B","id":"8"}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			release := func(id, date, body string) json.RawMessage {
				return json.RawMessage(`{"ocid":"ocds-x-1","id":"` + id + `","date":"` + date + `","tag":["tender"],"initiationType":"tender",` + body + `}`)
			}
			// Given the wrong way round: the moments decide, not the order or the text.
			got, err := ocds.Merge([]json.RawMessage{release("b", "2026-06-02T02:00:00+08:00", c.second), release("a", "2026-06-01T17:00:00Z", c.first)})
			if err != nil {
				t.Fatal(err)
			}
			want := `{"ocid":"ocds-x-1","id":"ocds-x-1-2026-06-02T02:00:00+08:00","date":"2026-06-02T02:00:00+08:00","tag":["compiled"],"initiationType":"tender",` + c.want + `}`
			if !same(t, got, []byte(want)) {
				t.Errorf("merged to %s\nwant %s", got, want)
			}
		})
	}
}

func TestMergeRefusesWhatDoesNotBelongTogether(t *testing.T) {
	a := json.RawMessage(`{"ocid":"x","id":"1","date":"2026-06-01T00:00:00Z"}`)
	for name, list := range map[string][]json.RawMessage{"nothing": nil, "two processes": {a, json.RawMessage(`{"ocid":"y","id":"1","date":"2026-06-01T00:00:00Z"}`)},
		"no date": {json.RawMessage(`{"ocid":"x"}`)}, "no JSON": {json.RawMessage(`x`)}} {
		if _, err := ocds.Merge(list); err == nil {
			t.Errorf("%s was merged", name)
		}
	}
}

func same(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

// FuzzMerge: merging a release with itself changes nothing but what merging
// always sets, whatever the release holds.
func FuzzMerge(f *testing.F) {
	f.Add(`{"ocid":"x","id":"1","date":"2026-06-01T00:00:00Z","tender":{"id":"1","items":[{"id":1},{"id":"1"}],"x":[1,{"id":2}]}}`)
	f.Fuzz(func(t *testing.T, s string) {
		once, err := ocds.Merge([]json.RawMessage{json.RawMessage(s)})
		if err != nil {
			return
		}
		if !json.Valid(once) {
			t.Fatalf("not JSON: %s", once)
		}
	})
}
