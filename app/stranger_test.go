package app_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// ids are some rows of every kind, the first and the last ones of each.
func ids(t *testing.T, e *apptest.Env) []string {
	t.Helper()
	var all []string
	for _, table := range []string{"organisation", "account", "membership", "session", "api_token", "attachment", "document", "tender", "bid",
		"bid_version", "award", "contract", "evaluation", "sheet", "fund", "payment", "donation", "receipt", "goods_item", "ledger_transaction",
		"ledger_account", "engagement", "performance", "campaign", "campaign_settlement"} {
		var some []string
		err := e.DB.NewRaw("SELECT id FROM (SELECT id FROM "+table+" ORDER BY id LIMIT 1) AS a UNION SELECT id FROM (SELECT id FROM "+table+" ORDER BY id DESC LIMIT 2) AS b").
			Scan(t.Context(), &some)
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		all = append(all, some...)
	}
	return all
}

// secrets are what only somebody's own people may read.
func secrets(t *testing.T, e *apptest.Env) map[string]string {
	t.Helper()
	out := map[string]string{}
	add := func(what, query string) {
		var some []string
		if err := e.DB.NewRaw(query).Scan(t.Context(), &some); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for _, s := range some {
			var texts []string
			if json.Unmarshal([]byte(s), new(any)) == nil {
				texts = phrases(s)
			} else {
				texts = []string{s}
			}
			for _, x := range texts {
				if utf8.RuneCountInString(x) >= 6 {
					out[x] = what
				}
			}
		}
	}
	add("an account's login", "SELECT login FROM account WHERE login LIKE '%.%'")
	add("the hash of an unopened bid", "SELECT v.sha256 FROM bid_version v JOIN bid b ON b.id = v.bid JOIN tender t ON t.id = b.tender WHERE t.state = 'open'")
	add("a bidder before the opening", "SELECT b.id FROM bid b JOIN tender t ON t.id = b.tender WHERE t.state = 'open'")
	add("a receipt before the opening", "SELECT v.receipt FROM bid_version v JOIN bid b ON b.id = v.bid JOIN tender t ON t.id = b.tender WHERE t.state = 'open'")
	add("where an unopened bid is kept", "SELECT v.object_key FROM bid_version v JOIN bid b ON b.id = v.bid JOIN tender t ON t.id = b.tender WHERE t.state = 'open'")
	add("an object on its way", "SELECT object_key FROM staged_object")
	add("an unpublished tender", "SELECT title FROM tender WHERE state IN ('draft', 'review')")
	add("a donor's name", "SELECT donor_name FROM donation WHERE donor_kind = 'person' OR hidden")
	add("a payment not made", "SELECT purpose FROM payment WHERE state <> 'paid'")
	if len(out) < 10 {
		t.Fatalf("only %d secrets to look for: %v", len(out), out)
	}
	return out
}

// phrases are the longer texts inside a JSON value.
func phrases(s string) []string {
	var v any
	_ = json.Unmarshal([]byte(s), &v)
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			for _, y := range x {
				walk(y)
			}
		case []any:
			for _, y := range x {
				walk(y)
			}
		case string:
			if utf8.RuneCountInString(x) >= 15 && !id.Valid(x) {
				out = append(out, x)
			}
		}
	}
	walk(v)
	return out
}

// TestSomeoneElsesIDInEveryURL asks every route for rows of every kind as
// people who have nothing to do with them: nothing private comes back, and
// nothing can be changed.
func TestSomeoneElsesIDInEveryURL(t *testing.T) {
	e := apptest.Demo(t)
	known, hidden := ids(t, e), secrets(t, e)
	strangers := map[string]*apptest.Person{
		"visitor":    e.Visitor(),
		"supplier":   e.Org(party.Social, "陌生社会组织", party.Lead),
		"bureau":     e.Org(party.Bureau, "陌生民政局", party.Approver),
		"foundation": e.Org(party.Foundation, "陌生基金会", party.Finance),
		"evaluator":  e.Org(party.Evaluator, "陌生评价机构", party.Lead),
		"community":  e.Org(party.Community, "陌生社区", party.Lead),
		"operator":   e.Org(party.Platform, "陌生平台", party.Admin),
	}
	asked := 0
	for i := range e.Routes {
		rt := &e.Routes[i]
		if strings.Count(rt.Path, "{") != 1 || strings.HasPrefix(rt.Path, "/verify") || strings.HasPrefix(rt.Path, "/api/v1/public/verify") ||
			rt.Path == "/tenders/{id}/opening/events" { // a stream without end, public from the opening on
			continue
		}
		for who, p := range strangers {
			if rt.Method != "GET" && who == "visitor" {
				continue
			}
			for _, one := range known {
				path := braces.ReplaceAllString(rt.Path, one)
				asked++
				code, body := ask(p, rt.Method, path)
				for s, what := range hidden {
					if s != one && strings.Contains(body, s) { // what was asked with comes back in the address
						t.Errorf("%s %s shows the %s %s: %.60q", rt.Method, rt.Path, who, what, s)
					}
				}
				if rt.Method != "GET" && code < 300 && !open[rt.Path] {
					t.Errorf("%s %s lets the %s change row %s: %d", rt.Method, rt.Path, who, one, code)
				}
			}
		}
	}
	t.Logf("%d requests, %d rows, %d secrets", asked, len(known), len(hidden))
}

// open are the writes that anybody of the kind may begin on a public row.
var open = map[string]bool{
	"/tenders/{id}/bid":        true, // a supplier begins a draft of its own
	"/api/v1/tenders/{id}/bid": true,
}

func ask(p *apptest.Person, method, path string) (int, string) {
	if call, ok := strings.CutPrefix(path, "/api/v1"); ok {
		var in any
		if method != "GET" {
			in = map[string]any{}
		}
		a := p.API(method, call, in)
		return a.Code, string(a.Body)
	}
	if method == "GET" {
		page := p.Get(path)
		return page.Code, string(page.Body)
	}
	if method == "PUT" {
		return p.Put(path, nil).Code, ""
	}
	page := p.Post(path, url.Values{})
	if strings.HasPrefix(page.Path, "/account/login") {
		return 401, ""
	}
	return page.Code, string(page.Body)
}
