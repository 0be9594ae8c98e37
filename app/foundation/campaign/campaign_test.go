package campaign_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/storage/db/dbtest"
)

const code = "91654026MA78WT2Q66"

type house struct {
	*donationtest.House
	Campaigns *campaign.Service
}

func open(t *testing.T, d *bun.DB) *house {
	t.Helper()
	h := &house{House: donationtest.New(t, d)}
	h.Campaigns = campaign.New(d, h.Clock, h.Policy, campaign.Rooms{Organisations: h.Orgs, Funds: h.Funds, Donations: h.Donations, Attachments: h.Attachments})
	h.Access[campaign.ObjectKind], h.Access[campaign.SettlementKind] = h.Campaigns.May, h.Campaigns.MaySettlement
	return h
}

func (h *house) form() campaign.Form {
	return campaign.Form{Name: "社区助老公开募捐", Purpose: "为独居老人购买上门照料服务和应急物资", Fund: string(h.Fund.ID), Platform: "某指定平台",
		URL: "https://gongyi.example.cn/donate/1", Filing: code + "A26001", Qualification: "粤募证字第0001号", StartsOn: "2026-05-01", EndsOn: "2026-08-31"}
}

func (h *house) attach(t *testing.T, kind string, who party.Actor, x campaign.Campaign, y campaign.Settlement) error {
	owner := x.ID
	if kind == campaign.SettlementKind {
		owner = y.ID
	}
	_, err := h.Attachments.Add(t.Context(), who, kind, owner, "paper", "证明.pdf", bytes.NewReader(fundtest.Agreement))
	return err
}

func (h *house) running(t *testing.T) campaign.Campaign {
	t.Helper()
	x, err := h.Campaigns.Create(t.Context(), h.Officer, h.form())
	if err == nil {
		err = h.attach(t, campaign.ObjectKind, h.Officer, x, campaign.Settlement{})
	}
	if err == nil {
		_, err = h.Campaigns.Submit(t.Context(), h.Officer, x.ID)
	}
	if err == nil {
		x, err = h.Campaigns.Approve(t.Context(), h.Approver, x.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func paper() campaign.SettlementForm {
	return campaign.SettlementForm{Reference: "JS-2026-05", From: "2026-05-01", To: "2026-05-31", Gross: "10,000.00", Fee: "60", Net: "9940", Gifts: "412"}
}

func fields(err error) []string {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return nil
	}
	var out []string
	for _, x := range f.Fields {
		out = append(out, x.Name)
	}
	return out
}

func want(t *testing.T, what string, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%s: got %v, want kind %d", what, err, k)
	}
}

func TestACampaignIsPublicOnlyAfterASecondPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := open(t, d), t.Context()
		x, err := h.Campaigns.Create(ctx, h.Officer, h.form())
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Campaigns.Submit(ctx, h.Officer, x.ID)
		if !slices.Equal(fields(err), []string{"papers"}) {
			t.Errorf("without the certificate: %v", err)
		}
		_, err = h.Campaigns.Get(ctx, party.Actor{}, x.ID)
		want(t, "a visitor sees a draft", err, fault.NotFound)
		want(t, "another foundation attaches", h.attach(t, campaign.ObjectKind, h.Outsider, x, campaign.Settlement{}), fault.NotFound)
		if err := h.attach(t, campaign.ObjectKind, h.Officer, x, campaign.Settlement{}); err != nil {
			t.Fatal(err)
		}
		if _, err = h.Campaigns.Submit(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		both := h.Officer
		both.Role = party.Approver
		_, err = h.Campaigns.Approve(ctx, both, x.ID)
		want(t, "the drafter approves", err, fault.Forbidden)
		if _, err = h.Campaigns.Return(ctx, h.Approver, x.ID, "备案编号写错了"); err != nil {
			t.Fatal(err)
		}
		if x, err = h.Campaigns.Save(ctx, h.Officer, x.ID, 0, h.form()); err != nil || !x.Returned() {
			t.Errorf("returned: %+v, %v", x, err)
		}
		if _, err = h.Campaigns.Submit(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if x, err = h.Campaigns.Approve(ctx, h.Approver, x.ID); err != nil || !x.Open(h.Clock.Now()) {
			t.Fatalf("approved: %+v, %v", x, err)
		}
		seen, err := h.Campaigns.List(ctx, party.Actor{}, campaign.Filter{Fund: h.Fund.ID})
		if err != nil || len(seen) != 1 || seen[0].ID != x.ID {
			t.Errorf("public list: %v, %v", seen, err)
		}
		events, err := h.Campaigns.Timeline(ctx, party.Actor{}, x.ID)
		if err != nil || len(events) != 1 || events[0].Action != "批准公开" || !strings.Contains(events[0].Article, "27") {
			t.Errorf("public timeline: %+v, %v", events, err)
		}
		again, err := h.Campaigns.Create(ctx, h.Officer, h.form())
		if err != nil {
			t.Fatal(err)
		}
		missing, err := h.Campaigns.Missing(ctx, again)
		if err != nil || !slices.ContainsFunc(missing, func(f fault.Field) bool { return f.Name == "filing_number" }) {
			t.Errorf("the same filing number twice: %v, %v", missing, err)
		}
		if x, err = h.Campaigns.End(ctx, h.Approver, x.ID, "募捐期满"); err != nil || x.State != campaign.Ended {
			t.Errorf("ended: %+v, %v", x, err)
		}
	})
}

func TestWhatADraftLacksIsSaidAtItsField(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := open(t, d), t.Context()
		other := "12100000000018032M"
		for _, c := range []struct {
			field string
			wreck func(*campaign.Form)
		}{
			{"name", func(f *campaign.Form) { f.Name = " " }},
			{"purpose", func(f *campaign.Form) { f.Purpose = "助老" }},
			{"fund", func(f *campaign.Form) { f.Fund = "x" }},
			{"fund", func(f *campaign.Form) { f.Fund = string(h.Foundation) }},
			{"platform", func(f *campaign.Form) { f.Platform = "" }},
			{"url", func(f *campaign.Form) { f.URL = "http://gongyi.example.cn/1" }},
			{"url", func(f *campaign.Form) { f.URL = "javascript:alert(1)" }},
			{"url", func(f *campaign.Form) { f.URL = "https://gongyi.qq.com@evil.example/1" }},
			{"url", func(f *campaign.Form) { f.URL = "https://10.0.0.1/1" }},
			{"url", func(f *campaign.Form) { f.URL = "https://localhost/1" }},
			{"filing_number", func(f *campaign.Form) { f.Filing = code }},
			{"filing_number", func(f *campaign.Form) { f.Filing = "91654026MA78WT2Q67A26001" }},
			{"filing_number", func(f *campaign.Form) { f.Filing = code + "B26001" }},
			{"filing_number", func(f *campaign.Form) { f.Filing = other + "A26001" }},
			{"qualification", func(f *campaign.Form) { f.Qualification = "" }},
			{"starts_on", func(f *campaign.Form) { f.StartsOn = "" }},
			{"ends_on", func(f *campaign.Form) { f.EndsOn = "2026-04-30" }},
			{"ends_on", func(f *campaign.Form) { f.EndsOn = "2026-05-30" }}, // over on 1 June
		} {
			f := h.form()
			_, err := d.NewUpdate().Model((*organisation.Organisation)(nil)).Set("uscc = ?", code).Where("id = ? AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.uscc = ?)", h.Foundation, code).Exec(ctx)
			if err != nil {
				t.Fatal(err)
			}
			c.wreck(&f)
			x, err := h.Campaigns.Create(ctx, h.Officer, f)
			if err != nil {
				t.Fatal(err)
			}
			missing, err := h.Campaigns.Missing(ctx, x)
			if err != nil || !slices.ContainsFunc(missing, func(m fault.Field) bool { return m.Name == c.field }) {
				t.Errorf("%s with %+v: %v, %v", c.field, f, missing, err)
			}
		}
	})
}

// A settlement is one donation without names; the one who entered it does not
// confirm it, and only the net amount reaches the fund.
func TestASettlementBecomesOneDonation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := open(t, d), t.Context()
		x := h.running(t)
		_, err := h.Campaigns.Settle(ctx, h.Outsider, x.ID, paper())
		want(t, "another foundation's", err, fault.Forbidden)
		_, err = h.Campaigns.Settle(ctx, h.Reviewer, x.ID, paper())
		want(t, "a reviewer", err, fault.Forbidden)
		y, err := h.Campaigns.Settle(ctx, h.Finance, x.ID, paper())
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Campaigns.Settle(ctx, h.Officer, x.ID, paper())
		if !slices.Equal(fields(err), []string{"reference"}) {
			t.Errorf("the same statement twice: %v", err)
		}
		_, err = h.Campaigns.Enter(ctx, h.Finance, y.ID)
		if !slices.Equal(fields(err), []string{"statement"}) {
			t.Errorf("without the platform's statement: %v", err)
		}
		if err := h.attach(t, campaign.SettlementKind, h.Finance, x, y); err != nil {
			t.Fatal(err)
		}
		if y, err = h.Campaigns.Enter(ctx, h.Finance, y.ID); err != nil || y.State != donation.Pledged {
			t.Fatalf("entered: %+v, %v", y, err)
		}
		_, err = h.Campaigns.Enter(ctx, h.Finance, y.ID)
		want(t, "entered again", err, fault.Conflict)
		_, err = h.Campaigns.Discard(ctx, h.Finance, y.ID)
		want(t, "discarded after it was entered", err, fault.Conflict)
		want(t, "another paper afterwards", h.attach(t, campaign.SettlementKind, h.Finance, x, y), fault.Conflict)
		want(t, "a stranger reads the statement", h.Campaigns.MaySettlement(ctx, h.Company, y.ID, "view"), fault.NotFound)
		if h.Balance() != 0 {
			t.Errorf("money before it came: %s", h.Balance())
		}
		came := donation.Arrival{Amount: new(money.Fen), On: h.Clock.Now()}
		*came.Amount = 994_000
		_, err = h.Donations.Confirm(ctx, h.Finance, *y.Donation, came)
		want(t, "confirmed by who entered it", err, fault.Forbidden)
		second := h.Join(h.Person("财务戊"), h.Foundation, party.Finance)
		*came.Amount = 993_000
		came.Note = "少了"
		_, err = h.Donations.Confirm(ctx, second, *y.Donation, came)
		if !slices.Equal(fields(err), []string{"amount"}) {
			t.Errorf("another amount than the statement's: %v", err)
		}
		*came.Amount = 994_000
		g, err := h.Donations.Confirm(ctx, second, *y.Donation, came)
		if err != nil {
			t.Fatal(err)
		}
		if h.Balance() != 994_000 || g.Gathered == nil || *g.Gathered != 412 || g.DonorKind != donation.Unknown || g.Nameless() {
			t.Errorf("balance %s, donation %+v", h.Balance(), g)
		}
		given, err := h.Donations.GivenTo(ctx, h.Fund.ID, "", 10)
		if err != nil || len(given) != 1 || given[0].Donor != "公众（经某指定平台，412 人次）" {
			t.Errorf("on the fund's page: %+v, %v", given, err)
		}
		sum, err := h.Campaigns.Total(ctx, x.ID)
		if err != nil || sum != (campaign.Total{Count: 1, Gross: 1_000_000, Fee: 6_000, Net: 994_000, Gifts: 412}) {
			t.Errorf("total %+v, %v", sum, err)
		}
		arrived, err := h.Campaigns.Arrived(ctx, x.ID)
		if err != nil || len(arrived) != 1 || arrived[0].Net != 994_000 || arrived[0].Gifts != 412 {
			t.Errorf("arrived %+v, %v", arrived, err)
		}
	})
}

func TestASettlementMustAddUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := open(t, d), t.Context()
		x := h.running(t)
		h.Clock.Advance(time.Hour)
		for _, c := range []struct {
			field string
			wreck func(*campaign.SettlementForm)
		}{
			{"reference", func(f *campaign.SettlementForm) { f.Reference = "" }},
			{"gross", func(f *campaign.SettlementForm) { f.Gross = "一万" }},
			{"platform_fee", func(f *campaign.SettlementForm) { f.Fee = "10000" }},
			{"platform_fee", func(f *campaign.SettlementForm) { f.Fee = "-1" }},
			{"net", func(f *campaign.SettlementForm) { f.Net = "9940.01" }},
			{"gifts", func(f *campaign.SettlementForm) { f.Gifts = "0" }},
			{"gifts", func(f *campaign.SettlementForm) { f.Gifts = "1000001" }},
			{"from", func(f *campaign.SettlementForm) { f.From = "2026-04-30" }},
			{"to", func(f *campaign.SettlementForm) { f.To = "2026-06-02" }},
			{"to", func(f *campaign.SettlementForm) { f.To = "" }},
		} {
			f := paper()
			c.wreck(&f)
			if _, err := h.Campaigns.Settle(ctx, h.Finance, x.ID, f); !slices.Contains(fields(err), c.field) {
				t.Errorf("%s: %v", c.field, err)
			}
		}
		y, err := h.Campaigns.Settle(ctx, h.Finance, x.ID, paper())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Campaigns.Discard(ctx, h.Officer, y.ID); err != nil {
			t.Fatal(err)
		}
		// What the bank never saw is cancelled and may be written down again.
		if y, err = h.Campaigns.Settle(ctx, h.Officer, x.ID, paper()); err != nil {
			t.Fatal(err)
		}
		if err := h.attach(t, campaign.SettlementKind, h.Officer, x, y); err != nil {
			t.Fatal(err)
		}
		if y, err = h.Campaigns.Enter(ctx, h.Officer, y.ID); err != nil {
			t.Fatal(err)
		}
		if _, err = h.Donations.Cancel(ctx, h.Finance, *y.Donation, "平台退回"); err != nil {
			t.Fatal(err)
		}
		if y, _, err = h.Campaigns.GetSettlement(ctx, h.Officer, y.ID); err != nil || y.StateName() != "已取消" {
			t.Errorf("%+v, %v", y, err)
		}
		if _, err = h.Campaigns.Settle(ctx, h.Officer, x.ID, paper()); err != nil {
			t.Errorf("again after it was cancelled: %v", err)
		}
	})
}

// The public finds a campaign by what its page says, from the moment it is
// approved, also after it ended; nobody finds a draft that is not theirs.
func TestACampaignIsFoundBySearch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := open(t, d), t.Context()
		find := func(who party.Actor, f campaign.Filter) []campaign.Campaign {
			t.Helper()
			list, err := h.Campaigns.List(ctx, who, f)
			n, cerr := h.Campaigns.Count(ctx, who, f)
			if err != nil || cerr != nil || n != len(list) {
				t.Fatalf("%d of %d, %v, %v", len(list), n, err, cerr)
			}
			return list
		}
		draft, err := h.Campaigns.Create(ctx, h.Officer, h.form())
		if err != nil {
			t.Fatal(err)
		}
		if len(find(party.Actor{}, campaign.Filter{Text: "独居老人"})) != 0 {
			t.Error("a draft is found")
		}
		if own := find(h.Officer, campaign.Filter{Foundation: h.Foundation, Text: "社区助老"}); len(own) != 1 || own[0].ID != draft.ID {
			t.Errorf("the foundation does not find its own draft: %+v", own)
		}
		x := h.running(t)
		for _, text := range []string{"独居老人", "照料 社区助老", "某指定平台", x.Filing, strings.ToLower(x.Filing[18:]), "老人 公开募捐"} {
			if got := find(party.Actor{}, campaign.Filter{Text: text}); len(got) != 1 || got[0].ID != x.ID {
				t.Errorf("%q finds %+v", text, got)
			}
		}
		if got := find(party.Actor{}, campaign.Filter{Text: "100%"}); len(got) != 0 {
			t.Errorf("what is typed is taken for a pattern: %+v", got)
		}
		if x, err = h.Campaigns.End(ctx, h.Approver, x.ID, "募捐期满，募得款项已全部结算"); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"独居老人", "全部结算"} {
			if got := find(party.Actor{}, campaign.Filter{Text: text}); len(got) != 1 || got[0].State != campaign.Ended {
				t.Errorf("ended: %q finds %+v", text, got)
			}
		}
		if got := find(party.Actor{}, campaign.Filter{Text: "独居老人", State: campaign.Running}); len(got) != 0 {
			t.Errorf("ended and found as running: %+v", got)
		}
	})
}
