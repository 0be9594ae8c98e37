package grant_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/standing"
	"gongji/app/party/standing/standingtest"
	"gongji/storage/db/dbtest"
)

// Each gate between a call and its money refuses an organisation that is on a
// list of 严重失信 while it is (民政部令第60号), and lets it through after.
func TestAListedOrganisationGetsNoFunding(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		s := standing.New(d, h.Clock, h.Policy, h.Orgs, calendar.Default())
		h.Applications.Listed = s.Funded
		supervisor, approver, other := office(t, h)
		c := h.Open()
		who := h.Applicant("晨光社会工作服务中心")
		list := func() func() {
			t.Helper()
			l := standingtest.Listed(t, s, supervisor, approver, who, "serious")
			return func() {
				t.Helper()
				p, err := s.Plead(ctx, who, l.ID, standing.Objection, "认定的事实有误，附有证据。")
				h.Must(err)
				_, err = s.Answer(ctx, other, l.ID, p.ID, true, "理由成立，撤销。")
				h.Must(err)
			}
		}
		refused := func(gate string, err error) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), "严重违法失信名单") || !strings.Contains(err.Error(), "民政部令第60号") || !strings.Contains(err.Error(), "移出前有效") {
				t.Errorf("%s: %v", gate, err)
			}
		}

		a := h.Filled(who, c, "暖邻行动")
		off := list()
		_, err := h.Applications.Submit(ctx, who, a.ID)
		refused("applying", err)
		off()
		a, err = h.Applications.Submit(ctx, who, a.ID)
		h.Must(err)
		h.Reviewed(c, a)

		off = list()
		_, err = h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling())
		refused("deciding", err)
		off()
		_, err = h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling())
		h.Must(err)
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)

		off = list()
		_, err = h.Grants.Accept(ctx, who, g.ID)
		refused("the agreement", err)
		off()
		_, err = h.Grants.Accept(ctx, who, g.ID)
		h.Must(err)
		_, err = h.Grants.Report(ctx, who, g.ID, 1, "已签约并提交实施计划")
		h.Must(err)
		_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, 1, true, "")
		h.Must(err)
		p, err := h.Grants.Draw(ctx, h.Officer, g.ID, 1)
		h.Must(err)

		off = list()
		_, err = h.Payments.Submit(ctx, h.Officer, p.ID)
		refused("submitting a payment", err)
		off()
		_, err = h.Payments.Submit(ctx, h.Officer, p.ID)
		h.Must(err)
		off = list()
		_, err = h.Payments.Approve(ctx, h.Approver, p.ID)
		refused("approving a payment", err)
		off()
		_, err = h.Payments.Approve(ctx, h.Approver, p.ID)
		h.Must(err)
		off = list()
		_, err = h.Payments.Pay(ctx, h.Finance, p.ID, payment.Paying{})
		refused("paying", err)
		off()
		_, err = h.Payments.Pay(ctx, h.Finance, p.ID, payment.Paying{})
		h.Must(err)

		list()
		plain, err := h.Payments.Create(ctx, h.Officer, h.Fund.ID, payment.Form{Payee: who.OrgName, Purpose: "不经征集的资助", Amount: "100"})
		h.Must(err)
		_, err = h.Attachments.Add(ctx, h.Officer, payment.Kind, plain.ID, "proof", "依据.pdf", bytes.NewReader(fundtest.Agreement))
		h.Must(err)
		_, err = h.Payments.Submit(ctx, h.Officer, plain.ID)
		refused("a payment without a call", err)
		if mine, _, err := h.Applications.Get(ctx, who, a.ID); err != nil || mine.State != application.Granted {
			t.Errorf("what was granted stays granted: %+v, %v", mine.State, err)
		}
	})
}

// office is a bureau's supervisor and two of its approvers.
func office(t *testing.T, h *calltest.House) (supervisor, approver, other party.Actor) {
	t.Helper()
	now := h.Clock.Now()
	org := id.New(now)
	_, err := h.DB.ExecContext(t.Context(), "INSERT INTO organisation (id, kind, name, state, region, address, legal_person, summary, rating, reason, created_at) VALUES (?, 'bureau', '横沥镇民政局', 'approved', '广东省东莞市', '', '', '', '', '', ?)", org, now)
	h.Must(err)
	seat := func(role party.Role) party.Actor {
		who, _ := h.Person("监管人员"+string(role), "")
		m := account.Membership{ID: id.New(now), Account: who.Account, Organisation: org, Role: role, CreatedAt: now}
		_, err := h.DB.NewInsert().Model(&m).Exec(t.Context())
		h.Must(err)
		who.Org, who.OrgName, who.OrgKind, who.Role, who.Expert = org, "横沥镇民政局", party.Bureau, role, false
		return who
	}
	return seat(party.Supervisor), seat(party.Approver), seat(party.Approver)
}
