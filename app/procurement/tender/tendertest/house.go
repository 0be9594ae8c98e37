// Package tendertest lays what a test about a tender needs on a real database:
// a bureau with its people, a complete draft, a published tender.
package tendertest

import (
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/identity"
	"gongji/app/party/keyring"
	"gongji/app/party/organisation"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/procurement/tenderkey/holder"
	"gongji/policy"
)

// Start is when every test begins: Monday 2026-06-01 09:00 in Beijing.
var Start = time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)

// House is a bureau and its tenders.
type House struct {
	DB       *bun.DB
	Clock    *clock.Manual
	Policy   *policy.Policy
	Accounts *account.Service
	Orgs     *organisation.Service
	Tenders  *tender.Service
	Bureau   id.ID
	Officer  party.Actor
	Approver party.Actor

	Keys       *keyring.Service
	TenderKeys *tenderkey.Service
	holders    []holder.Person
}

// New lays a house.
func New(t testing.TB, d *bun.DB) *House {
	t.Helper()
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := &House{DB: d, Clock: clock.NewManual(Start), Policy: p}
	if h.Accounts, err = account.New(d, h.Clock); err != nil {
		t.Fatal(err)
	}
	h.Orgs = organisation.New(d, h.Clock, p, h.Accounts)
	h.Tenders = tender.New(d, h.Clock, p, calendar.Default())
	h.Keys = keyring.New(d, h.Clock, identity.WeakFactor)
	h.TenderKeys = tenderkey.New(d, h.Clock, p)
	h.Tenders.Demand(tenderkey.Gate)
	h.Bureau = h.Org(t, party.Bureau, "青山区民政局")
	h.Officer = h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Officer)
	h.Approver = h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Approver)
	return h
}

// Org adds an approved organisation.
func (h *House) Org(t testing.TB, kind party.OrgKind, name string) id.ID {
	t.Helper()
	o := organisation.Organisation{ID: id.New(h.Clock.Now()), Kind: kind, Name: name, State: organisation.Approved,
		Region: "湖北省武汉市", CreatedAt: h.Clock.Now()}
	if _, err := h.DB.NewInsert().Model(&o).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o.ID
}

// Actor adds an account that acts for an organisation in a role. The password
// is not hashed: nobody signs in here.
func (h *House) Actor(t testing.TB, org id.ID, orgName string, kind party.OrgKind, role party.Role) party.Actor {
	t.Helper()
	now := h.Clock.Now()
	who := party.Actor{Account: id.New(now), Name: "测试人员", Org: org, OrgName: orgName, OrgKind: kind, Role: role}
	if _, err := h.DB.ExecContext(t.Context(), "INSERT INTO account (id, login, name, password_hash, created_at) VALUES (?, ?, ?, '', ?)",
		who.Account, Login(who), who.Name, now); err != nil {
		t.Fatal(err)
	}
	m := account.Membership{ID: id.New(now), Account: who.Account, Organisation: org, Role: role, CreatedAt: now}
	if _, err := h.DB.NewInsert().Model(&m).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return who
}

// Supplier adds an approved 社会组织 and its lead.
func (h *House) Supplier(t testing.TB, name string) party.Actor {
	t.Helper()
	return h.Actor(t, h.Org(t, party.Social, name), name, party.Social, party.Lead)
}

// Complete is everything a 公开招标 needs at Start; its deadline is
// 2026-06-22 09:00 in Beijing.
func Complete() tender.Patch {
	v := map[string]string{
		"title": "青山区居家养老上门服务项目", "catalogue_code": "C05010400", "region": "湖北省武汉市青山区",
		"what": "为高龄老人提供每月两次上门助洁、助餐服务", "from_whom": "依法登记的社会组织，具有养老服务经验", "for_whom": "辖区 80 岁以上老人约 250 人",
		"budget": "770,000", "ceiling_kind": "total", "ceiling": "760000", "term_months": "12",
		"method": "open", "scoring": "comprehensive", "public_service": "yes",
		"survey_basis": "within_year", "survey_note": "2025 年 12 月已就居家养老上门服务开展需求调查",
		"public_opinion":   "2026 年 4 月在三个社区听取老人和家属意见，采纳了增加助浴的建议",
		"intention_exempt": "原服务机构突然停业，采购需求不可预见",
		"requirements":     "★ 上门人员持有健康证明\n★ 每次服务留有服务对象签字的记录", "contract_terms": "按季度考核后支付；不得转包。",
		"documents_until": "2026-06-08", "deadline": "2026-06-22T09:00", "opening_place": "本平台线上开标", "contact": "养老服务科 027-86860000",
	}
	for i := range tender.NegativeList {
		v["negative_"+string(rune('1'+i))] = "no"
	}
	return tender.Patch{Values: v, Criteria: []tender.CriterionForm{
		{Name: "价格", Weight: "10", Kind: tender.PriceCriterion},
		{Name: "服务方案", Description: "按方案是否完整可行分档", Bands: "完整可行 = 35–50\n较完整 = 20–34.99\n一般 = 0–19.99", Weight: "50", Kind: tender.ExpertCriterion},
		{Name: "团队经验", Description: "近三年同类项目数量", Bands: "0 个 = 0\n1 个 = 10\n2 个 = 20\n3 个 = 30\n4 个及以上 = 40", Weight: "40", Kind: tender.ExpertCriterion},
	}}
}

// Draft is a complete draft.
func (h *House) Draft(t testing.TB, change map[string]string) tender.Tender {
	t.Helper()
	p := Complete()
	for k, v := range change {
		p.Values[k] = v
	}
	x, err := h.Tenders.Create(t.Context(), h.Officer, p)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Published is a tender open for bids; change replaces answers of Complete.
func (h *House) Published(t testing.TB, change map[string]string) tender.Tender {
	t.Helper()
	x := h.Draft(t, change)
	h.Keyed(t, x)
	if _, err := h.Tenders.Submit(t.Context(), h.Officer, x.ID); err != nil {
		t.Fatal(err)
	}
	x, err := h.Tenders.Publish(t.Context(), h.Approver, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return x
}
