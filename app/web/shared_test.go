package web_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/party"
)

// What visitors share is never older than the last write, whoever made it and
// however: here past HTTP, as a job would.
func TestAVisitorSeesTheLastWrite(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		v := e.Visitor()
		for _, name := range []string{"晨光社会工作服务中心", "暖邻为老服务中心", "同行社区服务中心"} {
			if v.Get("/organisations").Has(name) {
				t.Fatalf("%s is listed before it exists", name)
			}
			p := e.Org(party.Social, name, party.Lead)
			if !v.Get("/organisations").Has(name) {
				t.Errorf("%s is not listed: an old page was given", name)
			}
			own := p.Get("/organisations/" + string(p.Actor.Org))
			if seen := v.Get("/organisations/" + string(p.Actor.Org)); !own.Has("退出登录") || seen.Has("退出登录") {
				t.Error("a page with a name on it was shared")
			}
		}
	})
}
