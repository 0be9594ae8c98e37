// Package fundtest lays what a test about foundation money needs on a real
// database: a foundation with its people, an approved fund, money in it.
package fundtest

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/app/trust/access"
	"gongji/policy"
	"gongji/storage/db"
	"gongji/storage/object"
)

// Start is when every test begins: Monday 2026-06-01 09:00 in Beijing.
var Start = time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)

// House is a foundation and its funds.
type House struct {
	DB          *bun.DB
	Clock       *clock.Manual
	Policy      *policy.Policy
	Access      access.Registry
	Accounts    *account.Service
	Orgs        *organisation.Service
	Attachments *attachment.Service
	Ledger      *ledger.Service
	Funds       *fund.Service

	Foundation                 id.ID
	Officer, Approver, Finance party.Actor

	people, keys int
}

// New lays a house.
func New(t testing.TB, d *bun.DB) *House {
	t.Helper()
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	st, err := object.OpenDir(filepath.Join(t.TempDir(), "objects"))
	if err != nil {
		t.Fatal(err)
	}
	h := &House{DB: d, Clock: clock.NewManual(Start), Policy: p, Access: access.Registry{}}
	if h.Accounts, err = account.New(d, h.Clock); err != nil {
		t.Fatal(err)
	}
	h.Orgs = organisation.New(d, h.Clock, p, h.Accounts)
	h.Attachments = attachment.New(d, h.Clock, st, h.Access)
	h.Ledger = ledger.New(d, h.Clock)
	h.Funds = fund.New(d, h.Clock, p, h.Orgs, h.Ledger, h.Attachments)
	h.Access[fund.Kind], h.Access[fund.AgreementKind] = h.Funds.May, h.Funds.MayAgreement
	h.Access[fund.ResolutionKind] = h.Funds.MayResolution
	const name = "横沥社区发展基金会"
	h.Foundation = h.Org(t, party.Foundation, name)
	h.Officer = h.Actor(t, h.Foundation, name, party.Foundation, party.Officer)
	h.Approver = h.Actor(t, h.Foundation, name, party.Foundation, party.Approver)
	h.Finance = h.Actor(t, h.Foundation, name, party.Foundation, party.Finance)
	return h
}

// Org adds an approved organisation.
func (h *House) Org(t testing.TB, kind party.OrgKind, name string) id.ID {
	t.Helper()
	o := organisation.Organisation{ID: id.New(h.Clock.Now()), Kind: kind, Name: name, State: organisation.Approved,
		Region: "广东省东莞市", CreatedAt: h.Clock.Now()}
	if _, err := h.DB.NewInsert().Model(&o).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o.ID
}

// Actor adds a person who acts for an organisation in a role.
func (h *House) Actor(t testing.TB, org id.ID, name string, kind party.OrgKind, role party.Role) party.Actor {
	t.Helper()
	h.people++
	a := account.Account{ID: id.New(h.Clock.Now()), Login: fmt.Sprintf("p%04d", h.people), Name: "某人", CreatedAt: h.Clock.Now()}
	if _, err := h.DB.NewInsert().Model(&a).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return party.Actor{Account: a.ID, Name: a.Name, Org: org, OrgName: name, OrgKind: kind, Role: role}
}

// Form is a complete draft.
func Form(name string) fund.Form {
	return fund.Form{Name: name, Region: "广东省东莞市横沥镇", Purpose: "支持社区防控物资的采购和发放",
		Use: "购买口罩、消毒水等防控物资并发放到社区", Sponsor: "横沥社区发展基金会", Committee: "管理委员会五人，由捐赠人和社区代表组成",
		Fee: "5", Ending: "目的实现后终止，由管理委员会决定", Surplus: "剩余财产用于横沥镇其他社区公益项目",
		Members:   []fund.Member{{Name: "陈主任", Side: "基金会", Seat: "主任"}, {Name: "李委员", Side: "捐赠人"}, {Name: "王委员", Side: "社区"}},
		SurplusTo: fund.ToFund, BoardOn: "2026-05-20", BoardNo: "第二届理事会第五次会议"}
}

// Agreement is a small file that passes for a signed agreement.
var Agreement = []byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")

// Review makes a fund that waits for the approver. The clock moves on, so that
// lists have an order.
func (h *House) Review(t testing.TB, name string) fund.Fund {
	t.Helper()
	h.Clock.Advance(time.Second)
	f, err := h.Funds.Create(t.Context(), h.Officer, Form(name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = h.Attachments.Add(t.Context(), h.Officer, fund.AgreementKind, f.ID, "agreement", "协议.pdf", bytes.NewReader(Agreement)); err != nil {
		t.Fatal(err)
	}
	if f, err = h.Funds.Submit(t.Context(), h.Officer, f.ID); err != nil {
		t.Fatal(err)
	}
	return f
}

// Active makes an approved fund.
func (h *House) Active(t testing.TB, name string) fund.Fund {
	t.Helper()
	f, err := h.Funds.Approve(t.Context(), h.Approver, h.Review(t, name).ID)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Give puts money into a fund's account, straight through the ledger.
func (h *House) Give(t testing.TB, f fund.Fund, amount money.Fen) {
	t.Helper()
	h.keys++
	err := db.Tx(t.Context(), h.DB, func(ctx context.Context, tx bun.Tx) error {
		donor, err := h.Ledger.Open(ctx, tx, f.Foundation, ledger.Owner{Kind: "account", ID: h.Officer.Account}, ledger.DonorGiven)
		if err != nil {
			return err
		}
		_, err = h.Ledger.Post(ctx, tx, h.Finance, ledger.Posting{Book: f.Foundation, Cause: ledger.Cause{Kind: "test", ID: f.ID},
			Memo: "测试捐赠", Key: fmt.Sprintf("give/%d", h.keys), Lines: ledger.Move(donor.ID, *f.CashAccount, amount)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
