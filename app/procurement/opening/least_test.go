package opening_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

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
				if _, err := h.Archive.Get(ctx, party.Actor{}, *o.Record); err != nil {
					t.Errorf("the public cannot have the record: %v", err)
				}
				record := frozen(t, d, string(*o.Record))
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
					if _, _, err := h.Bids.Content(ctx, who, b.ID, 0); !fault.Is(err, fault.NotFound) {
						t.Errorf("a bid that was never opened can be read: %v", err)
					}
					if _, r, _, err := h.Bids.Sealed(ctx, who, b.ID, 0); err != nil {
						t.Errorf("the bidder cannot have their own: %v", err)
					} else {
						_ = r.Close()
					}
				}
			})
		})
	}
}

func TestTooFewBidsNeedNoKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 2)
		h.Clock.Set(*x.Deadline)
		o, err := h.Openings.Start(ctx, h.Officer, x.ID)
		if err != nil || o.State != opening.Closed || o.Outcome != opening.TooFew || o.Record == nil {
			t.Errorf("%+v, %v", o, err)
		}
		if got := h.Again(t, x.ID); got.State != tender.Failed {
			t.Errorf("the tender is %s", got.State)
		}
	})
}

func Test政府采购法第36条(t *testing.T) {
	for _, c := range []struct {
		method       string
		good, spoilt int
		want         tender.State
		article      string
	}{{"open", 2, 1, tender.Failed, "政府采购法第36条"}, {"open", 3, 1, tender.Opened, ""}, {"consultation", 1, 1, tender.Failed, "财库〔2015〕124号"}} {
		t.Run(fmt.Sprintf("%s %d of %d", c.method, c.good, c.good+c.spoilt), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *bun.DB) {
				h := bidtest.New(t, d)
				x := h.Published(t, map[string]string{"method": c.method})
				h.Bidders(t, x, c.good)
				for range c.spoilt {
					who := h.Supplier(t, "改动社会工作服务中心")
					sealed := h.Sealed(t, who, x, 700_000*money.Yuan)
					sealed[len(sealed)-1] ^= 1
					h.Sent(t, who, x, sealed)
				}
				h.Clock.Set(*x.Deadline)
				o := h.Open(t, x)
				got := h.Again(t, x.ID)
				if got.State != c.want || !strings.Contains(got.Reason, c.article) {
					t.Errorf("the tender is %s: %s", got.State, got.Reason)
				}
				record := frozen(t, d, string(*o.Record))
				if (c.article != "") != (record.Ended != nil) || c.article != "" && !strings.Contains(record.Ended.Article, c.article) {
					t.Errorf("the record says %+v", record.Ended)
				}
			})
		})
	}
}
