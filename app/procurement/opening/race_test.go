package opening_test

import (
	"bytes"
	"fmt"
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
	"gongji/app/procurement/opening"
	"gongji/storage/db/dbtest"
)

// TestTwoHundredBiddersInTheLastSecond on PostgreSQL: all send at once while
// the clock runs over the deadline. Each either has a receipt and is in the
// opening, or was too late; nobody both, nobody neither.
func TestTwoHundredBiddersInTheLastSecond(t *testing.T) {
	d := dbtest.Postgres(t)
	h, ctx := bidtest.New(t, d), t.Context()
	x := h.Published(t, nil)
	type entrant struct {
		who    party.Actor
		bid    id.ID
		sealed []byte
		got    bid.Version
		err    error
	}
	all := make([]entrant, 200)
	for i := range all {
		e := &all[i]
		e.who = h.Supplier(t, fmt.Sprintf("第%d社会工作服务中心", i+1))
		b, err := h.Bids.Begin(ctx, e.who, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		e.bid, e.sealed = b.ID, h.Pack(t, e.who, x, h.Offer(t, e.who, x, 600_000*money.Yuan))
	}
	h.Clock.Set(x.Deadline.Add(-time.Second))
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for i := range all {
		e := &all[i]
		wg.Go(func() {
			<-gate
			e.got, e.err = h.Bids.Submit(ctx, e.who, e.bid, bytes.NewReader(e.sealed), -1)
			h.Clock.Advance(8 * time.Millisecond) // the deadline comes when 125 are through
		})
	}
	close(gate)
	wg.Wait()
	h.Clock.Set(x.Deadline.Add(time.Minute))
	h.Open(t, x)
	listed, err := opening.Listed(ctx, d, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	in := map[id.ID]opening.Line{}
	for _, l := range listed {
		in[l.Bid] = l
	}
	sent, late := 0, 0
	for _, e := range all {
		l, opened := in[e.bid]
		_, receipt := h.Archive.Get(ctx, e.who, e.got.Receipt)
		switch {
		case e.err == nil && opened && receipt == nil && l.SHA256 == e.got.SHA256 && l.Failed == "" && l.SubmittedAt.Before(*x.Deadline):
			sent++
		case fault.Is(e.err, fault.TooLate) && !opened:
			late++
		default:
			t.Errorf("%s: %v, in the opening %t, receipt %v", e.who.OrgName, e.err, opened, receipt)
		}
	}
	if sent == 0 || late == 0 {
		t.Errorf("%d sent and %d late: the deadline was not run over", sent, late)
	}
	receipts, err := d.NewSelect().Table("document").Where("owner_kind = 'bid'").Count(ctx)
	if err != nil || int(receipts) != sent || len(listed) != sent {
		t.Errorf("%d sent, %d receipts, %d read out, %v", sent, receipts, len(listed), err)
	}
	if n := h.Objects(t); n != sent {
		t.Errorf("%d objects for %d bids", n, sent)
	}
	t.Logf("%d in time, %d too late", sent, late)
}

func TestTwoOfficersOpenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 5)
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		var got [6]opening.Opening
		both := func(do func(party.Actor) (opening.Opening, error)) {
			t.Helper()
			var wg sync.WaitGroup
			for i := range got {
				who := h.Officer
				if i%2 == 1 {
					who = h.Supervisor
				}
				wg.Go(func() {
					var err error
					if got[i], err = do(who); err != nil {
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
		}
		both(func(who party.Actor) (opening.Opening, error) { return h.Openings.Start(ctx, who, x.ID) })
		if err := h.Openings.Wait(ctx, x.ID); err != nil {
			t.Fatal(err)
		}
		both(func(who party.Actor) (opening.Opening, error) { return h.Openings.Close(ctx, who, x.ID, "") })
		_, lines, err := h.Openings.Of(ctx, x.ID)
		if err != nil || len(lines) != 5 {
			t.Errorf("%d lines, %v", len(lines), err)
		}
		docs, err := h.Archive.Of(ctx, d, "tender", x.ID)
		if err != nil || len(docs) != 1 {
			t.Errorf("%d records, %v", len(docs), err)
		}
	})
}

// TestTwoReplicasReadOnce: both processes were given the shares and an officer
// starts in each at once. Every bid is read out once, and there is one record.
func TestTwoReplicasReadOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		one, ctx := bidtest.New(t, d), t.Context()
		x := one.Published(t, nil)
		one.Bidders(t, x, 6)
		one.Clock.Set(*x.Deadline)
		before, other := one.Objects(t), *one
		other.Reopen(t)
		two := &other
		var wg sync.WaitGroup
		for _, h := range []*bidtest.House{one, two} {
			h.Give(t, x, 2)
		}
		for _, h := range []*bidtest.House{one, two} {
			wg.Go(func() {
				if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
					t.Error(err)
				}
				if err := h.Openings.Wait(ctx, x.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, h := range []*bidtest.House{one, two} {
			wg.Go(func() {
				if _, err := h.Openings.Close(ctx, h.Officer, x.ID, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		events, err := one.Openings.Events(ctx, x.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		count := map[opening.EventKind]int{}
		for _, e := range events {
			count[e.Kind]++
		}
		if count[opening.LineRead] != 6 || count[opening.AllRead] != 1 || count[opening.Ended] != 1 || count[opening.Interrupted] != 0 {
			t.Errorf("%v", count)
		}
		lines, err := opening.Lines(ctx, d, x.ID)
		if err != nil || len(lines) != 6 {
			t.Errorf("%d lines, %v", len(lines), err)
		}
		if n := one.Objects(t) - before; n != 6 {
			t.Errorf("%d files came out of six bids with one file each", n)
		}
		if docs, err := one.Archive.Of(ctx, d, "tender", x.ID); err != nil || len(docs) != 1 {
			t.Errorf("%d records, %v", len(docs), err)
		}
	})
}
