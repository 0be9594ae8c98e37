package web

import (
	"testing"
	"time"

	proved "gongji/app/check"
	"gongji/app/foundation/call"
	"gongji/app/foundation/fund"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/app/procurement/award"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/tender"
	"gongji/templates"
	"gongji/templates/templatetest"
)

// TestPagesFitTheirTemplates type-checks each template against its page.
func TestPagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	code := "91654026MA78WT2Q66"
	org := organisation.Organisation{ID: "X", Name: "晨光社会工作服务中心", USCC: &code, Rating: "3A", Summary: "为老服务", CreatedAt: now}
	check := func(name string, page templates.Framed) {
		t.Helper()
		templatetest.Check(t, name, page)
	}
	checkGifts(t, now)
	check("home/desk", &deskPage{Cards: []DeskCard{{Title: "待审批", Href: "/x", Count: 3, Due: &templates.Deadline{At: now, Now: now}}}})
	check("home/public", &homePage{Calls: []call.Call{{ID: "C", Facts: call.Facts{Kind: call.Venture, Title: "创投", Deadline: &now}, Demo: true}}, Calling: 1, Planned: []intention.Intention{{ID: "I", BuyerName: "民政局"}}, Results: []award.Announced{{Tender: "X", Title: "项目", Supplier: "晨光", Unit: "人次", At: now, Demo: true}},
		Decided: []challenge.Decision{{Tender: "X", Title: "项目", Letter: "财采决〔2026〕1号", Outcome: challenge.Upheld, Effect: challenge.Reselect, At: now}},
		Closing: []tenderRow{{Tender: tender.Tender{ID: "X"}, Href: "/x", Due: &templates.Deadline{At: now, Now: now}}},
		Funds:   []fund.Item{{Full: "社区基金"}}, Charts: []templates.Chart{{ID: "c", Kind: "hbar", Labels: []string{"养老服务"}, Series: []templates.Series{{Values: []float64{1}}}}}})
	check("organisation/experts", &expertsPage{Experts: []expertRow{{Expert: organisation.Expert{Name: "张三", Employer: "大学"}}}})
	check("platform/show", &platformPage{FailedJobs: 1, Unrendered: []unrendered{{"捐赠收据", "无法"}}, Found: true,
		Check: &proved.Run{Parts: []proved.Part{{Name: "编号", Problems: []string{"缺第 3 号"}}}}})
	check("platform/organisation", newFounding(organisation.Founding{}))
	check("account/show", &accountPage{Seats: []account.Seat{{Org: "X", OrgName: "晨光"}}, Sessions: []account.Session{{ID: "S", CreatedAt: now, SeenAt: now}},
		Tokens: []account.Token{{ID: "T", CreatedAt: now, ExpiresAt: &now}}, Fresh: "gj_x"})
	checkKeys(t, now)
	check("organisation/list", &organisationListPage{Items: []organisation.Organisation{org}, Review: true, Pager: templates.Pager{Total: 1}})
	check("organisation/show", &organisationPage{Org: org, Facts: orgFacts(org), Status: orgStatus(org.State), MayEdit: true, Staff: true,
		Review: &templates.Action{Title: "x", Post: "/x"}, Record: sampleRecord, Events: []templates.Event{{At: now, What: "提交登记"}}})
	check("organisation/edit", editPage(org, organisation.Profile{Name: org.Name}))
	check("organisation/members", &membersPage{Org: org, Members: []memberRow{{Member: organisation.Member{Name: "张三"}}}})
}
