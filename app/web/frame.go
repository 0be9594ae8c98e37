package web

import (
	"strings"

	"gongji/app/edge"
	"gongji/app/party"
	"gongji/templates"
)

// kindNames and roleNames are the words for what people are.
var kindNames = map[party.OrgKind]string{
	party.Bureau: "民政局（购买主体）", party.Foundation: "基金会、慈善会", party.Social: "社会组织",
	party.Evaluator: "第三方评价机构", party.Community: "街道、社区、物业", party.Enterprise: "企业", party.Platform: "平台",
}

func roleName(k party.OrgKind, r party.Role) string {
	switch {
	case k == party.Foundation && r == party.Officer:
		return "项目官员"
	case k == party.Foundation && r == party.Approver:
		return "秘书长"
	}
	return map[party.Role]string{
		party.Officer: "经办人", party.Approver: "审批人", party.Finance: "财务", party.Reviewer: "复核人",
		party.Supervisor: "监督", party.Registrar: "登记审核", party.Storekeeper: "仓管", party.Lead: "负责人",
		party.Staff: "工作人员", party.Admin: "平台管理员", party.Auditor: "安全审计员",
	}[r]
}

type entry struct{ gate, label, href, icon string }

// menu is the main navigation; who may not enter a gate does not see its entry.
var menu = []entry{
	{"public", "采购公告", "/tenders", "gavel"},
	{"public", "采购意向", "/intentions", "calendar-event"},
	{"public", "专项基金", "/funds", "heart-handshake"},
	{"public", "公益创投", "/calls", "sparkles"},
	{"public", "社区议题", "/needs", "messages"},
	{"public", "组织名录", "/organisations", "building-community"},
	{"public", "查验文书", "/verify", "shield-check"},
	{"platform", "平台运行", "/platform", "server"},
	{"account", "工作台", "/desk", "layout-dashboard"},
}

// Frame fills what a page shows around its content; edge calls it for every
// page.
func (w *Web) Frame(r *edge.Request, page any) {
	framed, ok := page.(templates.Framed)
	if !ok {
		return
	}
	c, who := framed.Frame(), r.Actor()
	if who.Org != "" {
		c.Actor.RoleName = roleName(who.OrgKind, who.Role)
	}
	for _, e := range menu {
		if w.Policy.Any(who.Relations(), "route."+e.gate, "enter") {
			c.Nav = append(c.Nav, templates.NavItem{Label: e.label, Href: e.href, Icon: e.icon,
				Current: r.Path() == e.href || strings.HasPrefix(r.Path(), e.href+"/")})
		}
	}
	if who.SignedIn() {
		// As with the seats: a page whose bell does not ring still works.
		c.Unread, _ = w.Inbox.Unread(r.Context(), who)
		c.Bell = true
		// A page that cannot list the seats still works; the switcher is left out.
		seats, _ := w.Accounts.Seats(r.Context(), who.Account)
		for _, s := range seats {
			c.Orgs = append(c.Orgs, templates.OrgChoice{ID: string(s.Membership), Name: s.OrgName,
				RoleName: roleName(s.OrgKind, s.Role), Current: s.Org == who.Org})
		}
	}
	if w.Demo != nil {
		c.Demo = &templates.DemoBar{Now: r.Now(), CSRF: c.CSRF}
	}
}
