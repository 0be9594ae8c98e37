package bid_test

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// TestTheDeadlineIsTheFirstMomentTooLate: 87号令 asks for bids before the
// deadline, so the deadline's own millisecond is late.
func TestTheDeadlineIsTheFirstMomentTooLate(t *testing.T) {
	for name, c := range map[string]struct {
		off  time.Duration
		late bool
	}{"1 ms before": {-time.Millisecond, false}, "at the deadline": {0, true}, "1 ms after": {time.Millisecond, true}} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *bun.DB) {
				h, ctx := bidtest.New(t, d), t.Context()
				x := h.Published(t, nil)
				who := h.Supplier(t, "晨光社会工作服务中心")
				b := h.Drafted(t, who, x, 700_000*money.Yuan)
				sent := h.Submitted(t, h.Supplier(t, "同心社会工作服务中心"), x, 650_000*money.Yuan)
				other := party.Actor{Account: who.Account, Org: sent.Supplier, OrgKind: party.Social, Role: party.Lead}
				h.Clock.Set(x.Deadline.Add(c.off))
				text := "改"
				_, saved := h.Bids.Save(ctx, who, b.ID, bid.Patch{Delivery: &text})
				_, submitted := h.Bids.Submit(ctx, who, b.ID)
				withdrawn := h.Bids.Withdraw(ctx, other, sent.ID, "")
				_, attached := h.Files.Add(ctx, who, bid.ObjectKind, b.ID, "", "补充.pdf", strings.NewReader(bidtest.PDF))
				_, begun := h.Bids.Begin(ctx, h.Supplier(t, "来迟社会工作服务中心"), x.ID)
				for what, err := range map[string]error{"save": saved, "submit": submitted, "withdraw": withdrawn, "attach": attached, "begin": begun} {
					if fault.Is(err, fault.TooLate) != c.late || (err == nil) == c.late {
						t.Errorf("%s: %v", what, err)
					}
				}
				if _, _, err := h.Bids.Content(ctx, who, b.ID, 0); c.late && err == nil {
					t.Error("a bid that came too late has content")
				}
			})
		})
	}
}

func TestSubmitTwiceAtOnceMakesOneVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b := h.Drafted(t, who, x, 700_000*money.Yuan)
		var got [2]bid.Version
		var errs [2]error
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() { got[i], errs[i] = h.Bids.Submit(ctx, who, b.ID) })
		}
		wg.Wait()
		if err := errors.Join(errs[0], errs[1]); err != nil {
			t.Fatal(err)
		}
		if got[0].ID != got[1].ID || got[0].Receipt != got[1].Receipt || got[0].Number != 1 {
			t.Errorf("two submits: %+v and %+v", got[0], got[1])
		}
		docs, err := h.Archive.Of(ctx, d, bid.ObjectKind, b.ID)
		if err != nil || len(docs) != 1 {
			t.Errorf("%d receipts, %v", len(docs), err)
		}
	})
}

func TestTwoColleaguesBeginOneBid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		var got [2]bid.Bid
		var errs [2]error
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() { got[i], errs[i] = h.Bids.Begin(ctx, who, x.ID) })
		}
		wg.Wait()
		if err := errors.Join(errs[0], errs[1]); err != nil || got[0].ID != got[1].ID {
			t.Errorf("%s and %s, %v", got[0].ID, got[1].ID, err)
		}
	})
}

func TestReplaceKeepsWhatWasSentAndWithdrawTakesItBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b := h.Submitted(t, who, x, 700_000*money.Yuan)
		files, err := h.Bids.Files(ctx, who, b.ID)
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		if _, err := h.Files.Remove(ctx, who, files[0].ID); err != nil {
			t.Fatal(err)
		}
		lower := 690_000 * money.Yuan
		if _, err := h.Bids.Save(ctx, who, b.ID, bid.Patch{Price: &lower}); err != nil {
			t.Fatal(err)
		}
		if _, c, err := h.Bids.Content(ctx, who, b.ID, 0); err != nil || c.Price != 700_000*money.Yuan {
			t.Errorf("a saved draft changed what was sent: %s, %v", c.Price, err)
		}
		v, err := h.Bids.Submit(ctx, who, b.ID)
		if err != nil || v.Number != 2 {
			t.Fatal(v, err)
		}
		_, first, err := h.Bids.Content(ctx, who, b.ID, 1)
		if err != nil || first.Price != 700_000*money.Yuan || len(first.Files) != 1 {
			t.Errorf("version 1 is now %+v, %v", first, err)
		}
		_, second, err := h.Bids.Content(ctx, who, b.ID, 2)
		if err != nil || second.Price != lower || len(second.Files) != 0 {
			t.Errorf("version 2 is %+v, %v", second, err)
		}
		_, body, err := h.Bids.OpenFile(ctx, who, b.ID, 1, files[0].ID)
		if err != nil {
			t.Fatal("the file of version 1 is gone: ", err)
		}
		text, _ := io.ReadAll(body)
		_ = body.Close()
		if !strings.HasPrefix(string(text), bidtest.PDF) {
			t.Errorf("the file reads %q", text)
		}
		if _, _, err := h.Bids.OpenFile(ctx, who, b.ID, 2, files[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("version 2 hands out a file it does not have: %v", err)
		}
		if err := h.Bids.Withdraw(ctx, who, b.ID, "内部调整"); err != nil {
			t.Fatal(err)
		}
		if err := h.Bids.Withdraw(ctx, who, b.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("withdrawn twice: %v", err)
		}
		if v, err = h.Bids.Submit(ctx, who, b.ID); err != nil || v.Number != 3 {
			t.Errorf("sent again after withdrawing: %+v, %v", v, err)
		}
		if _, err := d.ExecContext(ctx, "UPDATE bid_version SET payload = '{}' WHERE bid = ?", b.ID); err == nil {
			t.Error("the database let a version be changed")
		}
	})
}

func TestSubmitNamesEveryFieldThatIsWrong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b, err := h.Bids.Begin(ctx, who, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Bids.Submit(ctx, who, b.ID)
		if got := names(err); got != "price delivery answers.1 answers.2" {
			t.Errorf("an empty draft: %s (%v)", got, err)
		}
		for typed, want := range map[string]string{
			"0": "price", "-5": "price", "1.234": "price", "七十万": "price", "760000.01": "price", "1000000000000000": "price", "760000": "", "￥759,999.99元": "",
		} {
			full := bid.Patch{Typed: &typed, Delivery: &typed, Answers: map[string]string{"1": "<script>alert(1)</script>", "2": "'; DROP TABLE bid; --"}}
			if _, err := h.Bids.Save(ctx, who, b.ID, full); err != nil {
				t.Fatalf("%q was not kept: %v", typed, err)
			}
			_, err := h.Bids.Submit(ctx, who, b.ID)
			if got := names(err); got != want {
				t.Errorf("%q: %q, want %q (%v)", typed, got, want, err)
			}
		}
		long := strings.Repeat("长", bid.MaxAnswer+1)
		_, err = h.Bids.Save(ctx, who, b.ID, bid.Patch{Answers: map[string]string{"1": long, "0": "价格不作答", "x": "没有"}})
		if f, ok := errors.AsType[*fault.Fault](err); !ok || len(f.Fields) != 3 {
			t.Errorf("answers too long and to nothing: %v", err)
		}
	})
}

func names(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return ""
	}
	var out []string
	for _, x := range f.Fields {
		out = append(out, x.Name)
	}
	return strings.Join(out, " ")
}

func TestAUnitCeilingBindsTheUnitPrice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, map[string]string{"ceiling_kind": "unit", "ceiling": "120", "ceiling_unit": "人次", "ceiling_quantity": "6000", "ceiling_cap": "720000"})
		who := h.Supplier(t, "晨光社会工作服务中心")
		b := h.Drafted(t, who, x, 120*money.Yuan+1)
		if _, err := h.Bids.Submit(ctx, who, b.ID); names(err) != "price" {
			t.Errorf("one 分 above the unit ceiling: %v", err)
		}
		fine := 120 * money.Yuan
		if _, err := h.Bids.Save(ctx, who, b.ID, bid.Patch{Price: &fine}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Bids.Submit(ctx, who, b.ID); err != nil {
			t.Error(err)
		}
	})
}

func TestOnlyApprovedSocialOrganisationsBid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		waiting := h.Supplier(t, "待审社会工作服务中心")
		b := h.Drafted(t, waiting, x, 700_000*money.Yuan)
		if _, err := d.ExecContext(ctx, "UPDATE organisation SET state = 'pending' WHERE id = ?", waiting.Org); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Bids.Submit(ctx, waiting, b.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an organisation under review submitted: %v", err)
		}
		foundation := h.Actor(t, h.Org(t, party.Foundation, "社区基金会"), "社区基金会", party.Foundation, party.Officer)
		for who, a := range map[string]party.Actor{"foundation": foundation, "buyer": h.Officer, "visitor": {}, "person": {Account: waiting.Account}} {
			if _, err := h.Bids.Begin(ctx, a, x.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s began a bid: %v", who, err)
			}
		}
		draft := h.Draft(t, nil)
		if _, err := h.Bids.Begin(ctx, h.Supplier(t, "早到社会工作服务中心"), draft.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a bid for an unpublished tender: %v", err)
		}
	})
}

// TestNobodyElseLearnsOfABid asks everything of a bid as everybody who might
// be curious, before the opening.
func TestNobodyElseLearnsOfABid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b := h.Submitted(t, who, x, 700_000*money.Yuan)
		files, err := h.Bids.Files(ctx, who, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		versions, err := h.Bids.Versions(ctx, who, b.ID)
		if err != nil || len(versions) != 1 {
			t.Fatal(versions, err)
		}
		platform := h.Org(t, party.Platform, "平台")
		curious := map[string]party.Actor{
			"visitor": {}, "officer": h.Officer, "approver": h.Approver, "supervisor": h.Supervisor, "expert": h.Expert(t, ""),
			"admin":   h.Actor(t, platform, "平台", party.Platform, party.Admin),
			"auditor": h.Actor(t, platform, "平台", party.Platform, party.Auditor),
			"rival":   h.Supplier(t, "对手社会工作服务中心"),
		}
		nothing := id.New(h.Clock.Now())
		look := func() {
			t.Helper()
			for name, a := range curious {
				_, _, got := h.Bids.Get(ctx, a, b.ID)
				_, _, none := h.Bids.Get(ctx, a, nothing)
				if !fault.Is(got, fault.NotFound) || got.Error() != none.Error() {
					t.Errorf("%s can tell a bid from none: %v / %v", name, got, none)
				}
				_, _, content := h.Bids.Content(ctx, a, b.ID, 1)
				_, _, file := h.Bids.OpenFile(ctx, a, b.ID, 1, files[0].ID)
				_, _, attachment := h.Files.Open(ctx, a, files[0].ID)
				_, receipt := h.Archive.Get(ctx, a, versions[0].Receipt)
				_, timeline := h.Bids.Timeline(ctx, a, b.ID)
				_, list := h.Bids.Versions(ctx, a, b.ID)
				_, mine := h.Bids.Mine(ctx, a, x.ID)
				for what, err := range map[string]error{"content": content, "file": file, "attachment": attachment, "receipt": receipt, "timeline": timeline, "versions": list, "mine": mine} {
					if !fault.Is(err, fault.NotFound) {
						t.Errorf("%s asked for the %s and got %v", name, what, err)
					}
				}
				events, err := h.Tenders.Timeline(ctx, a, x.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range events {
					if strings.Contains(e.Action, "投标") {
						t.Errorf("%s reads “%s” on the tender's timeline", name, e.Action)
					}
				}
				if all, err := h.Bids.List(ctx, a, bid.Filter{}); err != nil || len(all) != 0 {
					t.Errorf("%s lists %d bids, %v", name, len(all), err)
				}
			}
		}
		look()
		h.Clock.Set(x.Deadline.Add(time.Hour)) // closed, not yet opened: still nothing
		look()
	})
}

func TestTheListIsOnesOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		who := h.Supplier(t, "晨光社会工作服务中心")
		for range 3 {
			h.Submitted(t, who, h.Published(t, nil), 700_000*money.Yuan)
			h.Clock.Advance(time.Millisecond)
		}
		first, err := h.Bids.List(ctx, who, bid.Filter{Limit: 2})
		if err != nil || len(first) != 2 {
			t.Fatal(first, err)
		}
		rest, err := h.Bids.List(ctx, who, bid.Filter{Limit: 2, After: first[1].Bid})
		if err != nil || len(rest) != 1 || rest[0].TenderState != tender.Open || rest[0].Won != nil {
			t.Errorf("%+v, %v", rest, err)
		}
	})
}
