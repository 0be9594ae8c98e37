// Package givingtest holds packages against the schemas of 360Giving 1.4.3.
package givingtest

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gongji/app/disclosure/giving"
)

// The addresses under which the schemas know themselves and each other: the
// package schema of 1.4.3 still names the grant schema of 1.4.2.
const at = "https://raw.githubusercontent.com/ThreeSixtyGiving/standard/"

// compiled is the package schema. Nothing is fetched.
var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	const grant, pkg = "schema/360-giving-schema.json", "schema/360-giving-package-schema.json"
	for url, name := range map[string]string{at + "1.4.3/" + grant: grant, at + "1.4.2/" + grant: grant, at + "1.4.3/" + pkg: pkg} {
		data, err := giving.Schemas.ReadFile(name)
		if err != nil {
			return nil, err
		}
		// $schema names the meta-schema by an address it never had.
		data = bytes.Replace(data, []byte("http://json-schema.org/draft/2020-12/schema"), []byte("https://json-schema.org/draft/2020-12/schema"), 1)
		if strings.Contains(url, "1.4.2") {
			data = bytes.Replace(data, []byte(at+"1.4.3/"+grant), []byte(url), 1)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if err := c.AddResource(url, doc); err != nil {
			return nil, err
		}
	}
	return c.Compile(at + "1.4.3/" + pkg)
})

// Grant is what tests ask of a grant; amounts are in 元.
type Grant struct {
	ID, Title, Currency, FromOpenCall, URL     string
	AmountAwarded, AmountDisbursed             float64
	RecipientOrganization, FundingOrganization []giving.Organization
	DisbursementTransaction                    []struct{ Value float64 }
}

// Package fails the test where a package, given as JSON, is not as the schema
// says, or breaks what the schema cannot say: ids are unique, amounts are not
// negative, organisations have ids, nobody is a person.
func Package(t testing.TB, body []byte) []Grant {
	t.Helper()
	if err := Valid(body); err != nil {
		t.Errorf("not a valid package: %v\n%s", err, body)
	}
	var p struct{ Grants []Grant }
	var raw struct{ Grants []map[string]any }
	if err := json.Unmarshal(body, &raw); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, g := range p.Grants {
		if seen[g.ID] || g.ID == "" {
			t.Errorf("the id %q is not unique", g.ID)
		}
		seen[g.ID] = true
		for _, o := range append(g.RecipientOrganization, g.FundingOrganization...) {
			if o.ID == "" || o.Name == "" || o.Code != "" && o.ID != "CN-USCI-"+o.Code {
				t.Errorf("%s names %+v", g.ID, o)
			}
		}
		for _, person := range []string{"recipientIndividual", "toIndividualsDetails"} {
			if _, there := raw.Grants[i][person]; there {
				t.Errorf("%s has %s", g.ID, person)
			}
		}
		if negative(raw.Grants[i]) {
			t.Errorf("%s has a negative amount: %v", g.ID, raw.Grants[i])
		}
	}
	return p.Grants
}

func negative(v any) bool {
	switch v := v.(type) {
	case float64:
		return v < 0
	case []any:
		for _, x := range v {
			if negative(x) {
				return true
			}
		}
	case map[string]any:
		for _, x := range v {
			if negative(x) {
				return true
			}
		}
	}
	return false
}

// Valid holds JSON against the package schema.
func Valid(body []byte) error {
	s, err := compiled()
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}
