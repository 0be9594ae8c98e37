package credential_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/standing"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/app/trust/access"
	"gongji/storage/db/dbtest"
)

// vault tries a gate with an expired registration, which it names, and again
// with a new one.
type vault struct {
	t     *testing.T
	keep  *credential.Service
	clock *clock.Manual
	who   party.Actor
	files *attachment.Service
}

func (v vault) hold(gate string, try func() error) {
	v.t.Helper()
	ctx := v.t.Context()
	all, err := v.keep.Mine(ctx, v.who)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range all {
		if c.Kind == credential.Registration {
			if err := v.keep.End(ctx, v.who, c.ID); err != nil {
				v.t.Fatal(err)
			}
		}
	}
	day := calendar.Date(v.clock.Now()).AddDate(0, 0, -1)
	in := credential.Input{Kind: credential.Registration, Issuer: "东莞市民政局", Number: "粤民证字第0417号", IssuedOn: "2019-05-20", ValidUntil: day.Format(time.DateOnly)}
	if _, err := v.keep.Add(ctx, v.who, in); err != nil {
		v.t.Fatal(err)
	}
	err = try()
	f, _ := fault.Complaints(err)
	for _, want := range []string{"法人登记证书", "粤民证字第0417号", day.Format("2006年1月2日") + "到期", "向东莞市民政局换证", "/credentials"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			v.t.Fatalf("%s: %v %v lacks %s", gate, err, f, want)
		}
	}
	in.ValidUntil, in.Number = "", "粤民证字第0988号"
	c, err := v.keep.Add(ctx, v.who, in)
	if err == nil {
		_, err = v.files.Add(ctx, v.who, credential.ObjectKind, c.ID, "", "登记证书.pdf", bytes.NewReader(fundtest.Agreement))
	}
	if err != nil {
		v.t.Fatal(err)
	}
	if err := try(); err != nil {
		f, _ := fault.Complaints(err)
		v.t.Fatalf("%s, renewed: %v %v", gate, err, f)
	}
}

func TestAnExpiredRegistrationBlocksTheContract(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := h.Opened(t, 3, nil)
		h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err == nil {
			_, err = h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid})
		}
		if err == nil {
			_, err = h.Awards.Approve(ctx, h.Approver, x.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		keep := credential.New(d, h.Clock, h.Policy)
		v := vault{t, keep, h.Clock, bidders[0], attachment.New(d, h.Clock, h.Store, access.Registry{credential.ObjectKind: keep.May})}
		on := h.Clock.Now()
		end := on.AddDate(0, 6, 0)
		in := contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end}
		v.hold("the contract's text", func() error { _, err := h.Contracts.Prepare(ctx, h.Officer, x.ID, in); return err })
		var c contract.Contract
		v.hold("signing", func() (err error) { c, err = h.Contracts.Record(ctx, h.Officer, x.ID, in); return err })
		more := contract.AmendInput{Change: "增加 20 名服务对象", Reason: "辖区新增高龄老人", Added: 40_000 * money.Yuan}
		v.hold("an additional purchase", func() error { _, err := h.Contracts.Amend(ctx, h.Officer, c.ID, more); return err })
		v.hold("approving it", func() error { _, err := h.Contracts.DecideAmendment(ctx, h.Approver, c.ID, true, ""); return err })
	})
}

func TestAnExpiredRegistrationBlocksFunding(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		h.Applications.Listed = standing.New(d, h.Clock, h.Policy, h.Orgs, calendar.Default()).Funded
		c, who := h.Open(), h.Applicant("晨光社会工作服务中心")
		v := vault{t, h.Credentials, h.Clock, who, h.Attachments}
		a := h.Sent(who, c, "暖邻行动")
		h.Reviewed(c, a)
		v.hold("deciding", func() error { _, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling()); return err })
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)
		v.hold("the agreement", func() error { _, err := h.Grants.Accept(ctx, who, g.ID); return err })
		_, err = h.Grants.Report(ctx, who, g.ID, 1, "已签约并提交实施计划")
		h.Must(err)
		_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, 1, true, "")
		h.Must(err)
		p, err := h.Grants.Draw(ctx, h.Officer, g.ID, 1)
		h.Must(err)
		plain, err := h.Payments.Create(ctx, h.Officer, h.Fund.ID, payment.Form{Payee: who.OrgName, Purpose: "不经征集的资助", Amount: "100"})
		h.Must(err)
		_, err = h.Attachments.Add(ctx, h.Officer, payment.Kind, plain.ID, "proof", "依据.pdf", bytes.NewReader(fundtest.Agreement))
		h.Must(err)
		for name, p := range map[string]payment.Payment{"an instalment": p, "a payment without a call": plain} {
			v.hold("submitting "+name, func() error { _, err := h.Payments.Submit(ctx, h.Officer, p.ID); return err })
			v.hold("approving "+name, func() error { _, err := h.Payments.Approve(ctx, h.Approver, p.ID); return err })
			v.hold("paying "+name, func() error { _, err := h.Payments.Pay(ctx, h.Finance, p.ID, payment.Paying{}); return err })
		}
	})
}
