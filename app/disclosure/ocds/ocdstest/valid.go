// Package ocdstest holds packages against the schemas of OCDS 1.1.5.
package ocdstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gongji/app/disclosure/ocds"
)

// compiled is the release package and the record package schema. What they
// refer to by URL is in the folder; nothing is fetched.
var compiled = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range []string{"release-schema.json", "versioned-release-validation-schema.json", "release-package-schema.json", "record-package-schema.json"} {
		data, err := ocds.Schemas.ReadFile("schema/" + name)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if err := c.AddResource("https://standard.open-contracting.org/schema/1__1__5/"+path.Base(name), doc); err != nil {
			return nil, err
		}
	}
	out := map[string]*jsonschema.Schema{}
	for _, kind := range []string{"release", "record"} {
		s, err := c.Compile("https://standard.open-contracting.org/schema/1__1__5/" + kind + "-package-schema.json")
		if err != nil {
			return nil, err
		}
		out[kind] = s
	}
	return out, nil
})

// Valid fails the test where a package, given as JSON, is not as the schema
// says; kind is "release" or "record".
func Valid(t testing.TB, kind string, body []byte) {
	t.Helper()
	schemas, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := schemas[kind].Validate(doc); err != nil {
		t.Errorf("not a valid %s package: %v", kind, err)
	}
}

// All reads a publisher's feed to its end and checks every page of releases
// and of records. It returns the releases in the order of the feed.
func All(t testing.TB, p *ocds.Publisher) []Release {
	t.Helper()
	Settled(t, p)
	var out []Release
	for after := ""; ; {
		pkg, err := p.Releases(t.Context(), after, ocds.Most)
		if err != nil {
			t.Fatal(err)
		}
		if len(pkg.Releases) == 0 {
			return out // nothing new: an empty page is no package
		}
		check(t, "release", pkg)
		records, err := p.Records(t.Context(), after, ocds.Most)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "record", records)
		for _, raw := range pkg.Releases {
			var r Release
			if err := json.Unmarshal(raw, &r); err != nil {
				t.Fatal(err)
			}
			r.Raw = string(raw)
			out = append(out, r)
		}
		after = pkg.Next()
	}
}

// Settled waits until everything committed is shown: on a PostgreSQL server
// that others use, their transactions hold the feed back too.
func Settled(t testing.TB, p *ocds.Publisher) {
	t.Helper()
	for {
		if n, err := p.Held(t.Context()); err != nil {
			t.Fatal(err)
		} else if n == 0 {
			return
		}
	}
}

func check(t testing.TB, kind string, pkg ocds.Package) {
	t.Helper()
	body, err := json.Marshal(pkg)
	if err != nil {
		t.Fatal(err)
	}
	Valid(t, kind, body)
}

// Release is what tests ask of a release.
type Release struct {
	OCID, ID, Date string
	Tag            []string
	Tender         struct {
		Status            string
		NumberOfTenderers *int
		Tenderers         []struct{ ID, Name string }
	}
	Parties []struct {
		ID    string
		Roles []string
	}
	Awards    []struct{ ID, Status string }
	Contracts []struct{ ID, Status string }
	Raw       string
}

// Tags are the first tags of the releases of one process, in order.
func Tags(all []Release, process string) string {
	out := ""
	for _, r := range all {
		if bytes.HasSuffix([]byte(r.OCID), []byte(process)) {
			out += fmt.Sprintf(" %s", r.Tag[0])
		}
	}
	return out
}
