package reminder_test

import (
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/plan"
	"gongji/app/party"
	"gongji/app/party/inbox"
)

func TestDatesAreToldOnceAndInTime(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		g := e.EngageContract(officer, lead, "居家养老")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := e.Plans.Save(ctx, lead.Actor, g.ID, 0, plan.Form{Communities: "和美社区", Settlement: "milestone", Outputs: []plan.OutputForm{{Name: "上门服务", Quantity: "600", Unit: "人次"}},
			Milestones: []plan.MilestoneForm{{Name: "中期", Condition: "300 人次", Due: "2026-06-12", Amount: "300000"}}, Lines: []plan.LineForm{{Name: "人员经费", Amount: "300000"}}})
		must(err)
		_, err = e.Plans.Propose(ctx, lead.Actor, g.ID)
		must(err)
		_, err = e.Plans.Agree(ctx, officer.Actor, g.ID)
		must(err)
		_, err = e.Acceptances.Ask(ctx, lead.Actor, g.ID, acceptance.Input{Report: "x"})
		must(err)
		told := func(who *apptest.Person) string {
			t.Helper()
			must(e.Reminders.Work(ctx))
			must(e.Reminders.Work(ctx)) // nothing twice
			p, err := e.Inbox.List(ctx, who.Actor, inbox.Filter{Limit: 100})
			must(err)
			var out []string
			for _, m := range p.Items {
				if m.Kind == inbox.Reminder {
					out = append(out, m.Title)
				}
			}
			return strings.Join(out, "|")
		}
		if got := told(lead) + told(officer); got != "" {
			t.Errorf("on the first day: %s", got)
		}
		e.Time.Advance(4 * 24 * time.Hour) // Friday the 5th
		if got := told(officer); got != "“居家养老”的验收等了三天" {
			t.Errorf("the payer: %s", got)
		}
		e.Time.Advance(24 * time.Hour) // Saturday the 6th
		if got := told(lead); got != "“居家养老”节点“中期”将于 6月12日 到期" {
			t.Errorf("seven days before: %s", got)
		}
		e.Time.Advance(2 * 24 * time.Hour) // Monday the 8th
		if got := told(lead); strings.Count(got, "上周的周报账还没有提交") != 1 || strings.Count(got, "将于") != 1 {
			t.Errorf("on Monday: %s", got)
		}
		e.Time.Advance(4 * 24 * time.Hour) // Friday the 12th, the last day
		if got := told(lead); strings.Count(got, "将于") != 2 {
			t.Errorf("on the last day: %s", got)
		}
	})
}
