// Package engagementtest lays what a test about delivery needs on a real
// database: a bureau that pays, an organisation that delivers, one that judges.
package engagementtest

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/policy"
	"gongji/storage/db"
)

// Start is when every test begins: Monday 2026-06-01 09:00 in Beijing.
var Start = time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)

// House is the three parties and the engagements between them.
type House struct {
	DB          *bun.DB
	Clock       *clock.Manual
	Policy      *policy.Policy
	Engagements *engagement.Service
	Officer     party.Actor // 经办人 of the payer
	Approver    party.Actor // 审批人 of the payer
	Lead        party.Actor // 负责人 of the provider
	Evaluator   party.Actor // 负责人 of the third-party evaluator
	Stranger    party.Actor // 负责人 of another 社会组织
}

// New lays a house.
func New(t testing.TB, d *bun.DB) *House {
	t.Helper()
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := &House{DB: d, Clock: clock.NewManual(Start), Policy: p}
	h.Engagements = engagement.New(d, h.Clock, p)
	h.Engagements.From(engagement.Contract, claim.Books)
	h.Officer = h.Actor(t, h.Org(t, party.Bureau, "青山区民政局"), party.Officer)
	h.Approver = h.Actor(t, h.Officer, party.Approver)
	h.Lead = h.Actor(t, h.Org(t, party.Social, "和美社工服务中心"), party.Lead)
	h.Evaluator = h.Actor(t, h.Org(t, party.Evaluator, "公信评估中心"), party.Lead)
	h.Stranger = h.Actor(t, h.Org(t, party.Social, "暖阳养老服务中心"), party.Lead)
	return h
}

// Org adds an approved organisation; the actor that comes back stands for it
// but has no account yet.
func (h *House) Org(t testing.TB, kind party.OrgKind, name string) party.Actor {
	t.Helper()
	o := organisation.Organisation{ID: id.New(h.Clock.Now()), Kind: kind, Name: name, State: organisation.Approved,
		Region: "湖北省武汉市", CreatedAt: h.Clock.Now()}
	if _, err := h.DB.NewInsert().Model(&o).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return party.Actor{Org: o.ID, OrgName: name, OrgKind: kind}
}

// Actor adds an account that acts for somebody's organisation in a role. The
// password is not hashed: nobody signs in here.
func (h *House) Actor(t testing.TB, of party.Actor, role party.Role) party.Actor {
	t.Helper()
	now := h.Clock.Now()
	of.Account, of.Name, of.Role = id.New(now), "测试人员", role
	if _, err := h.DB.ExecContext(t.Context(), "INSERT INTO account (id, login, name, password_hash, created_at) VALUES (?, ?, ?, '', ?)",
		of.Account, "u"+string(of.Account), of.Name, now); err != nil {
		t.Fatal(err)
	}
	return of
}

// Opening is a contract of 300,000 元 from Start to 2026-06-30.
func (h *House) Opening() engagement.Opening {
	return engagement.Opening{Kind: engagement.Contract, Ref: id.New(h.Clock.Now()), Number: "合同〔2026〕1号", Source: "/tenders",
		Payer: h.Officer.Org, PayerName: h.Officer.OrgName, Provider: h.Lead.Org, ProviderName: h.Lead.OrgName,
		Title: "青山区居家养老服务", Amount: 300_000_00, Start: Start, End: time.Date(2026, 6, 30, 12, 0, 0, 0, clock.Beijing)}
}

// Open opens one as a wing does.
func (h *House) Open(t testing.TB, in engagement.Opening) engagement.Engagement {
	t.Helper()
	var e engagement.Engagement
	err := db.Tx(t.Context(), h.DB, func(ctx context.Context, tx bun.Tx) (err error) {
		e, err = h.Engagements.Open(ctx, tx, h.Approver, in)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
