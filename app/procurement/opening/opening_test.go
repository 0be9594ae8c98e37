package opening_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/document"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// Test87号令第41条: fewer than three bidders, no opening; in a 竞争性磋商 for
// services two may go on and one may not (财库〔2015〕124号).
func Test87号令第41条(t *testing.T) {
	for _, c := range []struct {
		method  string
		bidders int
		want    tender.State
		article string
	}{
		{"open", 0, tender.Failed, "财政部令第87号第41条"}, {"open", 2, tender.Failed, "财政部令第87号第41条"}, {"open", 3, tender.Opened, ""},
		{"consultation", 1, tender.Failed, "财库〔2015〕124号"}, {"consultation", 2, tender.Opened, ""},
	} {
		t.Run(c.method+string(rune('0'+c.bidders)), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *bun.DB) {
				h, ctx := bidtest.New(t, d), t.Context()
				x, bidders := h.Opened(t, c.bidders, map[string]string{"method": c.method})
				if x.State != c.want {
					t.Fatalf("%s with %d bidders is %s", c.method, c.bidders, x.State)
				}
				o, lines, err := h.Openings.Of(ctx, x.ID)
				if err != nil || o.Bidders != c.bidders {
					t.Fatalf("%+v, %v", o, err)
				}
				if _, err := h.Archive.Get(ctx, party.Actor{}, o.Record); err != nil {
					t.Errorf("the public cannot have the record: %v", err)
				}
				record := frozen(t, d, string(o.Record))
				if c.want == tender.Opened {
					if len(lines) != c.bidders || len(record.Bids) != c.bidders || record.NotOpened != nil || *record.Bids[0].Price != lines[0].Price {
						t.Errorf("lines %+v, record %+v", lines, record)
					}
					if _, got, err := h.Bids.Content(ctx, h.Officer, lines[0].Bid, 0); err != nil || got.Price != lines[0].Price {
						t.Errorf("the buyer reads %+v, %v", got, err)
					}
					return
				}
				if len(lines) != 0 || len(record.Bids) != 0 || !strings.Contains(record.NotOpened.Article, c.article) || record.Received != c.bidders {
					t.Errorf("lines %+v, record %+v", lines, record)
				}
				if !strings.Contains(x.Reason, c.article) {
					t.Errorf("the tender's reason is %q", x.Reason)
				}
				for _, who := range bidders {
					b, err := h.Bids.Mine(ctx, who, x.ID)
					if err != nil {
						t.Fatal(err)
					}
					if _, _, err := h.Bids.Content(ctx, h.Officer, b.ID, 0); !fault.Is(err, fault.NotFound) {
						t.Errorf("the buyer reads a bid that was never opened: %v", err)
					}
					if _, _, err := h.Bids.Content(ctx, who, b.ID, 0); err != nil {
						t.Errorf("the bidder cannot read their own: %v", err)
					}
				}
			})
		})
	}
}

func frozen(t *testing.T, d *bun.DB, doc string) document.OpeningRecord {
	t.Helper()
	var kind, content string
	if err := d.NewSelect().Table("document").Column("kind", "content").Where("id = ?", doc).Scan(t.Context(), &kind, &content); err != nil {
		t.Fatal(err)
	}
	var r document.OpeningRecord
	if err := json.Unmarshal([]byte(content), &r); err != nil {
		t.Fatal(err)
	}
	pdf, err := document.Render(kind, []byte(content))
	if err != nil || len(pdf) < 1000 {
		t.Errorf("the record does not print: %d bytes, %v", len(pdf), err)
	}
	return r
}

func TestTwoOfficersOpenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 3)
		h.Clock.Set(*x.Deadline)
		var got [4]opening.Opening
		var wg sync.WaitGroup
		for i := range got {
			who := h.Officer
			if i%2 == 1 {
				who = h.Supervisor
			}
			wg.Go(func() {
				var err error
				if got[i], err = h.Openings.Open(ctx, who, x.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, o := range got {
			if o.ID != got[0].ID {
				t.Errorf("two openings: %+v and %+v", got[0], o)
			}
		}
		docs, err := h.Archive.Of(ctx, d, "tender", x.ID)
		if err != nil || len(docs) != 1 {
			t.Errorf("%d records, %v", len(docs), err)
		}
	})
}

func TestOpeningWaitsForTheDeadlineAndForTheRightPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		h.Clock.Set(x.Deadline.Add(-time.Millisecond))
		if _, err := h.Openings.Open(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("opened before the deadline: %v", err)
		}
		h.Clock.Set(*x.Deadline)
		elsewhere := h.Org(t, party.Bureau, "别处民政局")
		for name, who := range map[string]party.Actor{"visitor": {}, "approver": h.Approver, "bidder": bidders[0],
			"another bureau": h.Actor(t, elsewhere, "别处民政局", party.Bureau, party.Officer)} {
			if _, err := h.Openings.Open(ctx, who, x.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.Openings.Open(ctx, h.Supervisor, x.ID); err != nil {
			t.Error(err)
		}
		// What is not opened never shows: a draft, and a bid that was withdrawn.
		if _, err := d.ExecContext(ctx, "DELETE FROM opening_line"); err == nil {
			t.Error("the database let the record of an opening be removed")
		}
	})
}

func TestDraftsAndWithdrawnBidsAreNotOpened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 3)
		drafter := h.Supplier(t, "草稿社会工作服务中心")
		draft := h.Drafted(t, drafter, x, 1)
		gone := h.Supplier(t, "撤回社会工作服务中心")
		withdrawn := h.Submitted(t, gone, x, 100)
		if err := h.Bids.Withdraw(ctx, gone, withdrawn.ID, ""); err != nil {
			t.Fatal(err)
		}
		h.Clock.Set(*x.Deadline)
		o, err := h.Openings.Open(ctx, h.Officer, x.ID)
		if err != nil || o.Bidders != 3 {
			t.Fatal(o, err)
		}
		for _, b := range []bid.Bid{draft, withdrawn} {
			if _, _, err := h.Bids.Content(ctx, h.Officer, b.ID, 0); !fault.Is(err, fault.NotFound) {
				t.Errorf("the buyer reads %s: %v", b.State, err)
			}
		}
	})
}

// TestADamagedBidIsNotRead: what was stored no longer matches its hash, so the
// opening stops whole and nothing is half opened.
func TestADamagedBidIsNotRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		b, err := h.Bids.Mine(ctx, bidders[2], x.ID)
		if err != nil {
			t.Fatal(err)
		}
		drop := []string{"DROP TRIGGER bid_version_no_update"}
		if d.Dialect().Name().String() == "pg" {
			drop = []string{"ALTER TABLE bid_version DISABLE TRIGGER bid_version_append_only"}
		}
		for _, q := range append(drop, "UPDATE bid_version SET payload = REPLACE(payload, '62000000', '1') WHERE bid = '"+string(b.ID)+"'") {
			if _, err := d.ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		h.Clock.Set(*x.Deadline)
		if _, err := h.Openings.Open(ctx, h.Officer, x.ID); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a bid that was tampered with was read out: %v", err)
		}
		if got := h.Again(t, x.ID); got.State != tender.Open {
			t.Errorf("the tender is %s", got.State)
		}
	})
}
