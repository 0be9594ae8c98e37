package demo

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/uscc"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

// sourcePrefix begins the logins of those who act for the organisations that
// the real records name.
const sourcePrefix = "source."

// The made-up organisations of the demonstration; each says so in its name.
const (
	platform   = "共济平台（演示）"
	bureau     = "江滨区民政局（演示）"
	community  = "横沥镇社区（演示）"
	riverside  = "江滨社区居民委员会（演示）"
	evaluator  = "楚评第三方评价中心（演示）"
	enterprise = "江城实业有限公司（演示）"
	dawn       = "晨光社会工作服务中心（演示）"
	neighbour  = "暖邻为老服务中心（演示）"
	together   = "同行社区服务中心（演示）"
	sprout     = "新芽青少年服务中心（演示）"
	faraway    = "远山社会服务中心（演示）" // on a credit list
	// manyPayees stands for the receivers that a disclosure adds up without
	// naming them.
	manyPayees = "公开来源未逐项列名的受助方（汇总，演示）"
)

// Organisations that real records name and that act here.
const (
	hengli = "横沥社区发展基金会"
	kaixin = "武汉楷信社会组织评估中心"
)

type member struct {
	role party.Role
	name string
}

// cast is who can be played: one account for each role. The organisations are
// opened by the platform, as state organs are.
var cast = []struct {
	kind   party.OrgKind
	name   string
	region string
	login  string
	people []member
}{
	{party.Bureau, bureau, "湖北省武汉市", "bureau", []member{{party.Officer, "经办人"}, {party.Approver, "审批人"}, {party.Finance, "财务"}, {party.Supervisor, "监督人"}, {party.Registrar, "登记审核人"}}},
	{party.Foundation, hengli, "广东省东莞市横沥镇", "foundation", []member{{party.Officer, "项目官员"}, {party.Approver, "秘书长"}, {party.Finance, "基金会财务"}, {party.Reviewer, "复核人"}, {party.Storekeeper, "仓管"}}},
	{party.Evaluator, evaluator, "湖北省武汉市", "evaluator", []member{{party.Lead, "评价机构负责人"}, {party.Staff, "评价人员"}}},
	{party.Community, community, "广东省东莞市横沥镇", "community", []member{{party.Lead, "社区负责人"}}},
	{party.Community, riverside, "湖北省武汉市", "riverside", []member{{party.Lead, "居委会主任"}}},
	{party.Enterprise, enterprise, "湖北省武汉市", "enterprise", []member{{party.Lead, "企业负责人"}}},
	{party.Platform, platform, "湖北省武汉市", "platform", []member{{party.Admin, "平台管理员"}, {party.Auditor, "安全审计员"}}},
}

// social are the social organisations that register themselves and are
// reviewed; sprout still waits.
var social = []struct {
	name, login, rating, about string
	staff                      bool
}{
	{dawn, "social1", "4A", "为困境家庭、未成年人提供社会工作服务。演示数据。", true},
	{neighbour, "social2", "3A", "为老年人提供居家和社区养老服务。演示数据。", false},
	{together, "social3", "3A", "参与社区治理、社区教育和志愿服务。演示数据。", false},
	{sprout, "social4", "", "为青少年提供成长支持。演示数据，登记待审核。", false},
	{faraway, "social5", "2A", "承接过政府购买服务，因提供虚假材料被列入名单。演示数据。", false},
}

// people opens every account and organisation, half a year ago.
func (s *script) people(ctx context.Context) error {
	s.Demo.Shift(s.on(-178, 9, 0).Sub(s.Demo.Base.Now()))
	for i, c := range cast {
		code := ""
		if c.kind == party.Evaluator || c.kind == party.Enterprise {
			code = demoCode(c.kind, i)
		}
		p := organisation.Profile{Name: c.name, USCC: code, Region: c.region}
		for _, m := range c.people {
			if err := s.seat(ctx, c.kind, p, c.login+"."+string(m.role), m); err != nil {
				return err
			}
		}
	}
	// A payment above the foundation's limit takes a second 秘书长.
	if err := s.seat(ctx, party.Foundation, organisation.Profile{Name: hengli}, "foundation.deputy", member{party.Approver, "副秘书长"}); err != nil {
		return err
	}
	for _, x := range []func(context.Context) error{s.registrations, s.persons, s.sources, s.keyed} {
		if err := x(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *script) account(login, name string) account.NewAccount {
	return account.NewAccount{Login: login, Password: Password, Hashed: s.hashed, Name: "演示" + name}
}

// seat lets a login act for an organisation; the first one opens it.
func (s *script) seat(ctx context.Context, kind party.OrgKind, p organisation.Profile, login string, m member) error {
	n := s.account(login, m.name)
	org, there := s.orgs[p.Name]
	if there {
		if err := s.Organisations.AddMember(ctx, organisation.System, org, n, m.role); err != nil {
			return fmt.Errorf("%s: %w", login, err)
		}
	} else {
		f := organisation.Founding{Kind: kind, Profile: p, Demo: true, Person: n, Role: m.role}
		var err error
		if f.Member, err = s.Accounts.ByLogin(ctx, s.DB, login); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		o, _, err := s.Organisations.Establish(ctx, organisation.System, f)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		s.orgs[p.Name], org = o.ID, o.ID
	}
	return s.enter(ctx, kind, p.Name, org, login, m.role, n.Name)
}

// enter notes who a login is, to act and to be printed.
func (s *script) enter(ctx context.Context, kind party.OrgKind, org string, orgID id.ID, login string, role party.Role, name string) error {
	who, err := s.Accounts.ByLogin(ctx, s.DB, login)
	if err != nil {
		return err
	}
	s.actors[login+"@"+org] = party.Actor{Account: who, Name: name, Org: orgID, OrgName: org, OrgKind: kind, Role: role}
	s.lines = append(s.lines, seat{string(kind), org, string(role), login, who})
	return nil
}

// registrations are the social organisations' own, through the registrar.
func (s *script) registrations(ctx context.Context) error {
	registrar := s.as("bureau.registrar", bureau)
	for i, x := range social {
		n := s.account(x.login+".lead", "负责人")
		o, err := s.Organisations.Register(ctx, organisation.Registration{NewAccount: n, Kind: party.Social, Profile: organisation.Profile{
			Name: x.name, USCC: demoCode(party.Social, 10+i), Region: "湖北省武汉市", LegalPerson: string([]rune(x.name)[:2]) + "负责人", Summary: x.about, Rating: x.rating}})
		if err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
		s.orgs[x.name] = o.ID
		if err := s.enter(ctx, party.Social, x.name, o.ID, n.Login, party.Lead, n.Name); err != nil {
			return err
		}
		if x.name == sprout {
			continue
		}
		if err := s.Organisations.Decide(ctx, registrar, o.ID, true, ""); err != nil {
			return err
		}
		if x.staff {
			if err := s.seat(ctx, party.Social, organisation.Profile{Name: x.name}, x.login+".staff", member{party.Staff, "项目人员"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// experts is how many 评审专家 there are: enough for a panel of five with its
// alternates when one must stand aside.
const experts = 9

// employer is where an expert works. The last works for a supplier, so that
// every draw where it bids finds the tie.
func employer(i int) string {
	if i == experts-1 {
		return neighbour
	}
	return "江城大学（演示）"
}

// persons are the donor and the experts, who act for themselves.
func (s *script) persons(ctx context.Context) error {
	if err := s.person(ctx, "donor", "捐赠人", "donor", nil); err != nil {
		return err
	}
	for i := range experts {
		x := account.Expertise{Employer: employer(i), Specialties: []string{"养老服务", "社会工作", "社区治理", "财务管理"}[i%4]}
		if err := s.person(ctx, expert(i), fmt.Sprintf("评审专家%d", i+1), "expert", &x); err != nil {
			return err
		}
	}
	return nil
}

func expert(i int) string { return fmt.Sprintf("expert%d", i+1) }

func (s *script) person(ctx context.Context, login, name, role string, x *account.Expertise) error {
	n := s.account(login, name)
	who, err := s.Accounts.Register(ctx, n)
	if err != nil {
		return fmt.Errorf("%s: %w", login, err)
	}
	if x != nil {
		err = db.Tx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error { return s.Accounts.Enlist(ctx, tx, who, *x) })
	}
	s.actors[login+"@"] = party.Actor{Account: who, Name: n.Name, Expert: x != nil}
	s.lines = append(s.lines, seat{"person", "", role, login, who})
	return err
}

// demoCode is a 统一社会信用代码 whose check character is right and whose place
// (999999) no real organisation can have.
func demoCode(kind party.OrgKind, n int) string {
	head := map[party.OrgKind]string{party.Social: "52", party.Evaluator: "52", party.Foundation: "53", party.Enterprise: "91"}[kind]
	stem := fmt.Sprintf("%s999999MJDEM%04d", head, n)
	for _, c := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if code, err := uscc.Check(stem + string(c)); err == nil {
			return code
		}
	}
	return ""
}
