package web_test

import (
	"strings"
	"testing"

	"gongji/app/apptest"
	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/claim"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/revision"
	"gongji/app/party"
)

// Every card about deliveries counts what its list shows, and leads to it; what
// is done is gone from both.
func TestEveryCardOfADeliveryLeadsToItsList(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		for _, kind := range []party.OrgKind{party.Bureau, party.Foundation} {
			officer, lead := e.Org(kind, "付款单位"+string(kind), party.Officer), e.Org(party.Social, "承接单位"+string(kind), party.Lead)
			approver, finance := e.Colleague(officer, party.Approver), e.Colleague(officer, party.Finance)
			one, two, three := e.EngageContract(officer, lead, "居家养老"), e.EngageContract(officer, lead, "社区食堂"), e.EngageContract(officer, lead, "社区花园")
			f := plan.Form{Communities: "和美社区", Settlement: "milestone", Outputs: []plan.OutputForm{{Name: "上门服务", Quantity: "600", Unit: "人次"}},
				Milestones: []plan.MilestoneForm{{Name: "中期", Condition: "半数", Due: "2026-06-15", Amount: "100000"}, {Name: "结项", Condition: "完成", Due: "2026-07-01", Amount: "200000"}},
				Lines:      []plan.LineForm{{Name: "人员经费", Amount: "300000"}}}
			cards := func(who *apptest.Person, want ...string) {
				t.Helper()
				var got []string
				desk := who.Get("/desk")
				for _, c := range desk.Find(`a.tile[href^="/desk/deliveries"]`).EachIter() {
					name := c.Find(".tile-label").Text()
					got = append(got, name)
					list := who.Get(c.AttrOr("href", ""))
					if n := list.Find("tbody tr").Length(); list.Code != 200 || list.Find("h1").Text() != name || c.Find(".tile-number").Text() != string(rune('0'+n)) {
						t.Errorf("%s counts %s, and its list has %d: %d %s", name, c.Find(".tile-number").Text(), n, list.Code, list.Text())
					}
					if page := who.Get(list.Find("tbody a").First().AttrOr("href", "")); page.Code != 200 {
						t.Errorf("%s leads to %d", name, page.Code)
					}
				}
				if strings.Join(got, " ") != strings.Join(want, " ") {
					t.Errorf("%s has %v, not %v", who.Actor.Role, got, want)
				}
			}
			cards(lead, "待填写的实施方案")
			cards(officer)
			must(t, second(e.Plans.Save(ctx, lead.Actor, one.ID, 0, f)))
			must(t, second(e.Plans.Propose(ctx, lead.Actor, one.ID)))
			must(t, second(e.Plans.Save(ctx, lead.Actor, two.ID, 0, f)))
			must(t, second(e.Plans.Propose(ctx, lead.Actor, two.ID)))
			cards(lead, "待填写的实施方案")
			cards(officer, "待确认的实施方案")
			must(t, second(e.Plans.Agree(ctx, officer.Actor, one.ID)))
			must(t, second(e.Plans.Agree(ctx, officer.Actor, two.ID)))
			must(t, e.Plans.Report(ctx, lead.Actor, one.ID, 1, "已完成半数"))
			must(t, e.Plans.Report(ctx, lead.Actor, two.ID, 1, "已完成半数"))
			cards(officer, "待确认的节点")
			must(t, e.Plans.Confirm(ctx, officer.Actor, one.ID, 1, true, ""))
			x, err := e.Claims.Ask(ctx, lead.Actor, one.ID, claim.Input{Milestone: 1})
			must(t, err)
			must(t, second(e.Acceptances.Ask(ctx, lead.Actor, two.ID, acceptance.Input{Report: "完成"})))
			must(t, second(e.Revisions.Propose(ctx, lead.Actor, one.ID, revision.Input{Kind: revision.Terminate, Reason: "场地收回", Clause: "第六条", Delivered: "半数", Settled: "100000", StatementBy: "2026-06-10"})))
			cards(officer, "待确认的节点", "待办理的付款申请", "待组织的验收", "变更、延期和终止")
			cards(approver)
			must(t, second(e.Claims.Verify(ctx, officer.Actor, x.ID)))
			cards(approver, "待办理的付款申请")
			must(t, second(e.Claims.Release(ctx, approver.Actor, x.ID)))
			cards(finance, "待办理的付款申请")
			must(t, second(e.Claims.Pay(ctx, finance.Actor, x.ID, "GK1")))
			cards(finance)
			_ = three
			if page := officer.Get("/desk/deliveries?what=claims"); page.Code != 200 || !page.Has("没有等待您办理的") {
				t.Errorf("%d %s", page.Code, page.Text())
			}
			if page := officer.Get("/desk/deliveries?what=x"); page.Code != 404 {
				t.Errorf("%d", page.Code)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }
