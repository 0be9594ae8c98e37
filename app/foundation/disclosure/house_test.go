package disclosure_test

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/delivery/engagement"
	"gongji/app/document"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/signature"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// house is a foundation that takes donations, pays and publishes.
type house struct {
	*donationtest.House
	t         testing.TB
	payments  *payment.Service
	archive   *archive.Service
	queue     *queue.Queue
	campaigns *campaign.Service
	open      *disclosure.Service
}

func newHouse(t testing.TB, d *bun.DB) *house {
	t.Helper()
	h := &house{House: donationtest.New(t, d), t: t}
	st, err := object.OpenDir(filepath.Join(t.TempDir(), "documents"))
	h.must(err)
	h.queue = queue.New(d, queue.Options{Log: slog.New(slog.DiscardHandler)})
	sign, err := signature.Load(t.TempDir(), "", "gongji.test")
	h.must(err)
	h.archive, err = archive.New(d, h.Clock, st, h.queue, h.Access, document.Render, sign, slog.New(slog.DiscardHandler))
	h.must(err)
	h.campaigns = campaign.New(d, h.Clock, h.Policy, campaign.Rooms{Organisations: h.Orgs, Funds: h.Funds, Donations: h.Donations, Attachments: h.Attachments})
	h.Access[campaign.ObjectKind], h.Access[campaign.SettlementKind] = h.campaigns.May, h.campaigns.MaySettlement
	h.open = disclosure.New(d, h.Clock, h.Policy, disclosure.Rooms{Funds: h.Funds, Campaigns: h.campaigns, Ledger: h.Ledger, Archive: h.archive}, calendar.Default(), "https://gongji.test")
	h.must(h.open.Nightly(h.queue))
	h.must(h.queue.Open())
	h.Access[disclosure.ObjectKind] = h.open.May
	h.payments = payment.New(d, h.Clock, h.Policy, h.Orgs, h.Funds, h.Ledger, h.Attachments, engagement.New(d, h.Clock, h.Policy))
	h.Access[payment.Kind] = h.payments.May
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// later moves the clock on; it is always on between two things that happen.
func (h *house) later(d time.Duration) { h.Clock.Advance(d) }

// gave enters a donation of money by somebody without an account and confirms
// it, as staff do.
func (h *house) gave(kind donation.DonorKind, name string, amount money.Fen, hidden bool) donation.Donation {
	h.t.Helper()
	h.later(time.Second)
	o := donation.Offline{Pledge: h.Pledge(amount), DonorKind: kind, DonorName: name}
	o.Hidden = hidden
	d, err := h.Donations.Record(h.t.Context(), h.Officer, o)
	h.must(err)
	d, err = h.Donations.Confirm(h.t.Context(), h.Finance, d.ID, h.Came(amount))
	h.must(err)
	return d
}

// gaveGoods is gave for things.
func (h *house) gaveGoods(list ...donation.Thing) donation.Donation {
	h.t.Helper()
	h.later(time.Second)
	d, err := h.Donations.Record(h.t.Context(), h.Officer, donation.Offline{Pledge: h.Things(list...), DonorKind: donation.Unknown})
	h.must(err)
	a := donation.Arrival{On: h.Clock.Now()}
	for i, x := range list {
		a.Goods = append(a.Goods, donation.Arrived{Line: i + 1, Quantity: x.Quantity})
	}
	d, err = h.Donations.Confirm(h.t.Context(), h.Finance, d.ID, a)
	h.must(err)
	return d
}

// pays pays a social organisation through its three people.
func (h *house) pays(amount money.Fen, purpose string) payment.Payment {
	h.t.Helper()
	h.later(time.Second)
	const payee = "晨光社会工作服务中心"
	if n, err := h.DB.NewSelect().TableExpr("organisation").Where("name = ?", payee).Count(h.t.Context()); err != nil || n == 0 {
		h.must(err)
		h.Org(h.t, party.Social, payee)
	}
	ctx := h.t.Context()
	p, err := h.payments.Create(ctx, h.Officer, h.Fund.ID, payment.Form{Payee: payee, Purpose: purpose, Amount: amount.Yuan()})
	h.must(err)
	_, err = h.Attachments.Add(ctx, h.Officer, payment.Kind, p.ID, "proof", "依据.pdf", bytes.NewReader(fundtest.Agreement))
	h.must(err)
	_, err = h.payments.Submit(ctx, h.Officer, p.ID)
	h.must(err)
	_, err = h.payments.Approve(ctx, h.Approver, p.ID)
	h.must(err)
	p, err = h.payments.Pay(ctx, h.Finance, p.ID, payment.Paying{})
	h.must(err)
	return p
}

// told drafts, submits and publishes the next disclosure of a kind.
func (h *house) told(kind disclosure.Kind, w disclosure.Words) disclosure.Disclosure {
	h.t.Helper()
	h.later(time.Second)
	x, err := h.open.Start(h.t.Context(), h.Officer, h.Fund.ID, kind)
	h.must(err)
	return h.finish(x, w)
}

func (h *house) finish(x disclosure.Disclosure, w disclosure.Words) disclosure.Disclosure {
	h.t.Helper()
	ctx := h.t.Context()
	x, err := h.open.Save(ctx, h.Officer, x.ID, x.Version, disclosure.Form{Words: w})
	h.must(err)
	_, err = h.open.Submit(ctx, h.Officer, x.ID)
	h.must(err)
	x, err = h.open.Publish(ctx, h.Approver, x.ID)
	h.must(err)
	return x
}

func told(summary string) disclosure.Words {
	return disclosure.Words{Summary: summary, Unit: disclosure.Yuan}
}

const summary = "接收捐款并向社区发放防控物资，支付第一批服务费。"
