// Package party knows who people are: accounts and their sessions, the
// organisations they act for, credentials and standing.
package party

import "gongji/app/kernel/id"

// OrgKind is the kind of an organisation; it decides which roles exist in it.
type OrgKind string

// The kinds of organisation, in the words of the mission.
const (
	Bureau     OrgKind = "bureau"     // 购买主体（民政局等国家机关）
	Foundation OrgKind = "foundation" // 基金会、慈善会
	Social     OrgKind = "social"     // 社会组织（承接主体）
	Evaluator  OrgKind = "evaluator"  // 第三方评价机构
	Community  OrgKind = "community"  // 街道、社区、物业
	Enterprise OrgKind = "enterprise" // 企业捐赠人
	Platform   OrgKind = "platform"   // 平台运营
)

// Role is what a person does inside one organisation.
type Role string

// The roles; which kind of organisation has which is in RolesOf.
const (
	Officer     Role = "officer"     // 经办人、项目官员
	Approver    Role = "approver"    // 审批人（民政局）、秘书长（基金会）
	Finance     Role = "finance"     // 财务
	Reviewer    Role = "reviewer"    // 复核人（基金会收据复核）
	Supervisor  Role = "supervisor"  // 监督
	Registrar   Role = "registrar"   // 登记管理机关审核人
	Storekeeper Role = "storekeeper" // 仓管
	Lead        Role = "lead"        // 负责人
	Staff       Role = "staff"       // 项目人员、工作人员
	Admin       Role = "admin"       // 平台管理员
	Auditor     Role = "auditor"     // 安全审计员
)

// RolesOf lists the roles that exist in each kind of organisation.
var RolesOf = map[OrgKind][]Role{
	Bureau:     {Officer, Approver, Finance, Supervisor, Registrar},
	Foundation: {Officer, Approver, Finance, Reviewer, Storekeeper},
	Social:     {Lead, Staff},
	Evaluator:  {Lead, Staff},
	Community:  {Lead, Staff},
	Enterprise: {Lead, Staff},
	Platform:   {Admin, Auditor},
}

// Actor is who is asking: an account, acting for at most one of the
// organisations it belongs to. The zero Actor is a visitor.
type Actor struct {
	Account id.ID
	Name    string
	Session id.ID // the browser session; "" when asked through an API token
	CSRF    string

	Org     id.ID // "" when the person acts for themselves (a donor, an expert)
	OrgName string
	OrgKind OrgKind
	Role    Role

	// System is the product acting by itself: bootstrap, the demonstration, jobs.
	System bool

	// Expert is set when the account is in the expert register (评审专家).
	Expert bool
}

// SignedIn reports whether somebody is there at all.
func (a Actor) SignedIn() bool { return a.Account != "" }

// Is reports whether the actor acts in a role of a kind of organisation.
func (a Actor) Is(k OrgKind, r Role) bool { return a.OrgKind == k && a.Role == r }

// Relations are the relations an actor has to the product as a whole, before
// any object is looked at: "visitor", then "account", "expert", the kind
// ("bureau") and the kind with the role ("bureau.officer"). The system has one
// relation of its own and none of theirs.
func (a Actor) Relations() []string {
	if a.System {
		return []string{"system"}
	}
	rel := []string{"visitor"}
	if !a.SignedIn() {
		return rel
	}
	rel = append(rel, "account")
	if a.Expert {
		rel = append(rel, "expert")
	}
	if a.Org == "" {
		return append(rel, "person")
	}
	return append(rel, string(a.OrgKind), string(a.OrgKind)+"."+string(a.Role))
}

// To are the relations an actor has to an object of an organisation: those of
// Relations and, for its own people, "kind.member" and "kind.role". Whoever
// drafted the object is never its approver.
func (a Actor) To(kind string, org, drafter id.ID) []string {
	rel := a.Relations()
	if a.Org == "" || a.Org != org {
		return rel
	}
	rel = append(rel, kind+".member")
	if a.Role != Approver || a.Account != drafter {
		rel = append(rel, kind+"."+string(a.Role))
	}
	return rel
}
