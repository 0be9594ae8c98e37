package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// TestBiddingLeavesNoTrace reads every page and every list that a tender's
// other people, a rival, the platform's administrator and the public can open,
// the log and the figures, before and after three bidders work on their bids:
// nothing may differ.
func TestBiddingLeavesNoTrace(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		at, keys := published(e, officer, approver)
		rival := e.Org(party.Social, "同行社会工作服务中心", party.Lead)
		rival.API("POST", at+"/bid", nil).Want(201)
		people := map[string]*apptest.Person{"officer": officer, "supervisor": keys.Holders[1], "agency": keys.Holders[2],
			"admin": e.Org(party.Platform, "平台", party.Admin), "rival": rival, "expert": e.Expert("评审专家", "武汉某大学"), "visitor": e.Visitor()}
		var bidders []*apptest.Person
		for i := range 3 {
			p := e.Org(party.Social, fmt.Sprintf("第%d社会工作服务中心", i+1), party.Lead)
			p.Key()
			bidders = append(bidders, p)
		}
		e.Settle()
		before := seen(t, e, people, keys.Tender)
		figures, log := figuresOf(e), e.Log.String()
		for i, p := range bidders {
			sendBid(t, e, p, keys.Tender, 700_000*money.Yuan+money.Fen(i))
		}
		var list struct{ Items []struct{ ID string } }
		bidders[2].API("GET", "/bids", nil).Want(200).Into(&list)
		bidders[2].API("POST", "/bids/"+list.Items[0].ID+"/withdraw", m{}).Want(200)
		bidders[1].Get("/bids")
		e.Settle()
		if got := figuresOf(e); got != figures {
			t.Errorf("the figures tell of bids:\n%s", differ(figures, got))
		}
		rest := strings.TrimPrefix(e.Log.String(), log)
		for line := range strings.Lines(rest) {
			if !strings.Contains(line, `"route":"/metrics"`) {
				t.Errorf("the log tells of bids: %s", line)
			}
		}
		after := seen(t, e, people, keys.Tender)
		for page, text := range before {
			if after[page] != text {
				t.Errorf("%s tells of bids: %s", page, differ(text, after[page]))
			}
		}
		if len(before) < 400 || len(after) != len(before) {
			t.Errorf("%d pages were read, then %d", len(before), len(after))
		}
	})
}

// figuresOf is /metrics but for what reading it does to it.
func figuresOf(e *apptest.Env) string {
	var out []string
	for line := range strings.Lines(string(e.Visitor().Get("/metrics").Body)) {
		if !strings.Contains(line, `route="/metrics"`) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// seen is every answer that people get to what can be read of a tender or
// without naming anything, by person and address.
func seen(t *testing.T, e *apptest.Env, people map[string]*apptest.Person, tender id.ID) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range e.Routes {
		path := strings.Replace(r.Path, "/tenders/{id}", "/tenders/"+string(tender), 1)
		path = strings.Replace(path, "/panels/{id}", "/panels/"+string(tender), 1)
		stream := strings.HasSuffix(path, "/opening/events") && !strings.HasPrefix(path, "/api")
		taken := strings.HasSuffix(path, "/document") // reading it is itself on record
		if r.Method != http.MethodGet || strings.ContainsAny(path, "{*") || stream || taken {
			continue
		}
		for name, p := range people {
			if api, ok := strings.CutPrefix(path, "/api/v1"); ok {
				a := p.API("GET", api, nil)
				out[name+" "+path] = fmt.Sprint(a.Code)
				if a.Code == 200 {
					out[name+" "+path] += " " + string(a.Body)
				}
				continue
			}
			page := p.Get(path)
			out[name+" "+path] = fmt.Sprint(page.Code, " ", page.Path)
			if page.Code == 200 {
				out[name+" "+path] += " " + page.Text()
			}
		}
	}
	return out
}

// differ is where two texts begin to differ.
func differ(a, b string) string {
	x, y := []rune(a), []rune(b)
	i := 0
	for i < min(len(x), len(y)) && x[i] == y[i] {
		i++
	}
	cut := func(s []rune) string { return string(slices.Clone(s[max(0, i-60):min(len(s), i+60)])) }
	return fmt.Sprintf("%q became %q", cut(x), cut(y))
}
