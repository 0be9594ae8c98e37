package opening_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/document"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
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

// TestTooFewBidsNeedNoKey: 不足法定家数 ends the tender before any share is
// asked for, and the sealed bids stay sealed.
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

func TestOpeningWaitsForTheDeadlineTheKeysAndTheRightPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		holder, share := h.Share(t, x, 0)
		h.Clock.Set(x.Deadline.Add(-time.Millisecond))
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("opened before the deadline: %v", err)
		}
		if _, err := h.Openings.Give(ctx, holder, x.ID, share); !fault.Is(err, fault.Conflict) {
			t.Errorf("a share was taken before the deadline: %v", err)
		}
		h.Clock.Set(*x.Deadline)
		elsewhere := h.Org(t, party.Bureau, "别处民政局")
		strangers := map[string]party.Actor{"visitor": {}, "approver": h.Approver, "bidder": bidders[0],
			"another bureau": h.Actor(t, elsewhere, "别处民政局", party.Bureau, party.Officer)}
		for name, who := range strangers {
			if _, err := h.Openings.Start(ctx, who, x.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s started: %v", name, err)
			}
			if _, err := h.Openings.Give(ctx, who, x.ID, share); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s gave a share: %v", name, err)
			}
			if _, err := h.Openings.Close(ctx, who, x.ID, ""); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Conflict) {
				t.Errorf("%s closed: %v", name, err)
			}
		}
		second, others := h.Share(t, x, 1)
		for what, text := range map[string]string{"nothing": "", "nonsense": "gongji-share-1-1-AAAA", "another holder's": others} {
			if _, err := h.Openings.Give(ctx, holder, x.ID, text); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s was taken for a share: %v", what, err)
			}
		}
		for range 2 { // the same share twice is one share
			v, err := h.Openings.Give(ctx, holder, x.ID, share)
			if err != nil || v.Given != 1 || v.Need != 2 || v.State != opening.Gathering {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("one share opened: %v", err)
		}
		if _, err := h.Openings.Give(ctx, second, x.ID, others); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Openings.Start(ctx, h.Supervisor, x.ID); err != nil {
			t.Error(err)
		}
		if err := h.Openings.Wait(ctx, x.ID); err != nil {
			t.Fatal(err)
		}
		if v, err := h.Openings.View(ctx, party.Actor{}, x.ID); err != nil || v.State != opening.Confirming || v.Given != 0 || len(v.Lines) != 3 {
			t.Errorf("keys are kept after the last bid was read: %+v, %v", v, err)
		}
		for _, table := range []string{"opening_line", "opened_bid", "opening_event"} {
			if _, err := d.ExecContext(ctx, "DELETE FROM "+table); err == nil {
				t.Errorf("the database let %s be removed", table)
			}
		}
	})
}

// TestWhatIsReadOutIsWhatWasSealed: prices, promises, answers and files come
// out as they went in; the buyer may read them once the opening is closed.
func TestWhatIsReadOutIsWhatWasSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Openings.Wait(ctx, x.ID); err != nil {
			t.Fatal(err)
		}
		b, err := h.Bids.Mine(ctx, bidders[1], x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Bids.Content(ctx, h.Officer, b.ID, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("the buyer reads a bid while the opening runs: %v", err)
		}
		if _, err := h.Openings.Close(ctx, h.Officer, x.ID, ""); err != nil {
			t.Fatal(err)
		}
		for who, a := range map[string]party.Actor{"bidder": bidders[1], "officer": h.Officer} {
			_, c, err := h.Bids.Content(ctx, a, b.ID, 0)
			if err != nil {
				t.Fatal(who, err)
			}
			want := h.Offer(t, bidders[1], x, 610_000*money.Yuan)
			if c.Price != want.Price || c.Delivery != want.Delivery || len(c.Answers) != 2 || c.Answers[1].Text != want.Answers[1].Text || len(c.Files) != 1 {
				t.Fatalf("%s reads %+v", who, c)
			}
			f, body, err := h.Bids.OpenFile(ctx, a, b.ID, 0, c.Files[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(body)
			if _ = body.Close(); err != nil || string(text) != bidtest.PDF+bidders[1].OrgName || f.Name != "服务方案.pdf" || f.MediaType != "application/pdf" {
				t.Errorf("%s finds %q of type %s: %q, %v", who, f.Name, f.MediaType, text, err)
			}
			if _, r, err := h.Files.Open(ctx, a, c.Files[0].ID); err != nil {
				t.Errorf("%s cannot download the file: %v", who, err)
			} else {
				_ = r.Close()
			}
		}
		for who, a := range map[string]party.Actor{"visitor": {}, "rival": bidders[0]} {
			if _, _, err := h.Bids.Content(ctx, a, b.ID, 0); !fault.Is(err, fault.NotFound) {
				t.Errorf("the %s reads the whole bid: %v", who, err)
			}
		}
	})
}

// TestABidSpoiledByItsBidderCountsAsWithdrawn (电子招标投标办法): what its bidder spoiled counts as withdrawn,
// with its reason, and the others go on.
func TestABidSpoiledByItsBidderCountsAsWithdrawn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, other := h.Published(t, nil), h.Published(t, nil)
		h.Bidders(t, x, 3)
		spoiled := map[string]string{}
		spoil := func(name, reason string, sealed func(who party.Actor) []byte) {
			who := h.Supplier(t, name)
			h.Clock.Advance(time.Second)
			h.Sent(t, who, x, sealed(who))
			spoiled[name] = reason
		}
		spoil("投错社会工作服务中心", "另一个采购项目", func(who party.Actor) []byte {
			form, err := h.Bids.Form(ctx, who, other.ID)
			if err != nil {
				t.Fatal(err)
			}
			mine, err := h.Bids.Form(ctx, who, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			form.Recipient = mine.Recipient
			var b bytes.Buffer
			if _, err := seal.Pack(&b, form, h.Offer(t, who, other, 700_000*money.Yuan), nil, nil); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		})
		spoil("冒名社会工作服务中心", "另一个供应商", func(who party.Actor) []byte {
			m := h.Offer(t, who, x, 700_000*money.Yuan)
			m.Supplier = h.Supplier(t, "别人").Org
			return h.Pack(t, who, x, m)
		})
		spoil("错钥社会工作服务中心", "公钥", func(who party.Actor) []byte { return h.Pack(t, who, other, h.Offer(t, who, other, 700_000*money.Yuan)) })
		spoil("改动社会工作服务中心", "改动", func(who party.Actor) []byte {
			sealed := h.Sealed(t, who, x, 700_000*money.Yuan)
			sealed[len(sealed)-1] ^= 1
			return sealed
		})
		h.Clock.Set(*x.Deadline)
		before := h.Objects(t)
		o := h.Open(t, x)
		if o.Outcome != opening.Done || o.Bidders != 7 {
			t.Fatalf("%+v", o)
		}
		if n := h.Objects(t); n != before+3 {
			t.Errorf("the opening left %d objects, three files came out of three bids", n-before)
		}
		listed, err := opening.Listed(ctx, d, x.ID)
		if err != nil || len(listed) != 7 {
			t.Fatal(listed, err)
		}
		record := frozen(t, d, string(*o.Record))
		for i, l := range listed {
			want := spoiled[l.SupplierName]
			if (l.Failed != "") != (want != "") || !strings.Contains(l.Failed, want) || record.Bids[i].Failed != l.Failed {
				t.Errorf("%s failed with %q", l.SupplierName, l.Failed)
			}
			if _, _, err := h.Bids.Content(ctx, h.Officer, l.Bid, 0); (err == nil) != (want == "") {
				t.Errorf("%s: the buyer reads it: %v", l.SupplierName, err)
			}
		}
		if standing, err := opening.Lines(ctx, d, x.ID); err != nil || len(standing) != 3 {
			t.Errorf("%d bids stand, %v", len(standing), err)
		}
	})
}

// Test政府采购法第36条: bids fell out through their bidders' own fault until
// fewer than three were left.
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
				o, got := h.Open(t, x), tender.Tender{}
				if got = h.Again(t, x.ID); got.State != c.want || !strings.Contains(got.Reason, c.article) {
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

// TestThePlatformsFaultStopsAndGoesOn: the store is away, or an object is not
// what its receipt says. Nothing is laid at a bidder's door, what was read
// stays read, and the opening goes on once that is mended.
func TestThePlatformsFaultStopsAndGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		for i := range 3 {
			who := h.Supplier(t, fmt.Sprintf("第%d社会工作服务中心", i+1))
			h.Submitted(t, who, x, 600_000*money.Yuan)
			h.Clock.Advance(time.Second)
		}
		var key string
		if err := d.NewSelect().Table("bid_version").Column("object_key").OrderExpr("submitted_at DESC").Limit(1).Scan(ctx, &key); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(h.Dir, "objects", key)
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		run := func() opening.View {
			t.Helper()
			if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
				t.Fatal(err)
			}
			if err := h.Openings.Wait(ctx, x.ID); err != nil {
				t.Fatal(err)
			}
			v, err := h.Openings.View(ctx, h.Officer, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		h.Store.Down(true)
		if v := run(); v.State != opening.Stopped || len(v.Lines) != 0 || v.Opening.StoppedWhy == "" || v.Given != 2 {
			t.Errorf("with the store away: %+v", v)
		}
		h.Store.Down(false)
		damaged := bytes.Clone(whole)
		damaged[len(damaged)-1] ^= 1
		for what, bytes := range map[string][]byte{"damaged": damaged, "cut short": whole[:len(whole)/2], "empty": nil} {
			if err := os.WriteFile(file, bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			if v := run(); v.State != opening.Stopped || len(v.Lines) != 2 || !strings.Contains(v.Opening.StoppedWhy, "第 3 份") {
				t.Errorf("with an object that is %s: %+v", what, v)
			}
		}
		if _, err := h.Openings.Close(ctx, h.Officer, x.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed with a bid unread: %v", err)
		}
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		if v := run(); v.State != opening.Confirming || len(v.Lines) != 3 {
			t.Errorf("after mending: %+v", v)
		}
	})
}

// TestAnotherProcessGoesOn: this one ends after some bids; its memory is gone,
// so the holders give their shares again, to another, which reads the rest and
// nothing twice.
func TestAnotherProcessGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 4)
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		h.Openings.Shutdown() // after none, some or all of them
		h.Reopen(t)
		v, err := h.Openings.View(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.State != opening.Confirming {
			if !v.Waiting || v.Given != 0 {
				t.Errorf("after a restart: %+v", v)
			}
			if _, err := h.Openings.Start(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
				t.Errorf("went on without shares: %v", err)
			}
		}
		if v.State == opening.Confirming {
			_, err = h.Openings.Close(ctx, h.Officer, x.ID, "")
		} else {
			h.Open(t, x)
		}
		if err != nil {
			t.Fatal(err)
		}
		lines, err := opening.Listed(ctx, d, x.ID)
		if err != nil || len(lines) != 4 {
			t.Fatal(lines, err)
		}
		for i, l := range lines {
			if l.Position != i+1 || l.Failed != "" {
				t.Errorf("%+v", l)
			}
		}
	})
}

// Test87号令第42条: bidders confirm or object to what was read out until the
// opening is closed; who says nothing is taken to agree.
func Test87号令第42条(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		h.Clock.Set(x.Deadline.Add(90 * time.Minute))
		if _, err := h.Openings.Answer(ctx, bidders[0], x.ID, opening.Confirmed, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an answer to nothing: %v", err)
		}
		h.Give(t, x, 2)
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Openings.Wait(ctx, x.ID); err != nil {
			t.Fatal(err)
		}
		for name, who := range map[string]party.Actor{"visitor": {}, "officer": h.Officer, "another supplier": h.Supplier(t, "旁观社会工作服务中心")} {
			if _, err := h.Openings.Answer(ctx, who, x.ID, opening.Confirmed, ""); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s answered: %v", name, err)
			}
		}
		if _, err := h.Openings.Answer(ctx, bidders[1], x.ID, opening.Objected, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("an objection without a word: %v", err)
		}
		for _, a := range []struct {
			who  party.Actor
			kind opening.AnswerKind
			text string
		}{{bidders[0], opening.Objected, "先说错了"}, {bidders[0], opening.Confirmed, ""}, {bidders[1], opening.Objected, "唱出的服务期限有误"}} {
			h.Clock.Advance(time.Second)
			if _, err := h.Openings.Answer(ctx, a.who, x.ID, a.kind, a.text); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Openings.Close(ctx, h.Officer, x.ID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("closed without a word on the objection: %v", err)
		}
		o, err := h.Openings.Close(ctx, h.Officer, x.ID, "已当场核对，唱标无误")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Openings.Answer(ctx, bidders[2], x.ID, opening.Objected, "来迟的异议"); !fault.Is(err, fault.TooLate) {
			t.Errorf("an objection after closing: %v", err)
		}
		r := frozen(t, d, string(*o.Record))
		if len(r.Objections) != 1 || r.Objections[0].Text != "唱出的服务期限有误" || r.Remark != "已当场核对，唱标无误" || len(r.Holders) != 2 ||
			r.Bids[0].Remark != "已确认" || !strings.Contains(r.Bids[2].Remark, "视为认可") {
			t.Errorf("%+v", r)
		}
		t.Run("87号令39 迟开标在记录中说明", func(t *testing.T) {
			if !strings.Contains(r.Late, "1 小时 30 分钟") || !strings.Contains(r.Late, "39") {
				t.Errorf("an opening an hour and a half late: %q", r.Late)
			}
		})
	})
}

// TestWatchersMissNothing: events are numbered without a gap, whoever comes
// late is sent all, and the stream ends with the opening.
func TestWatchersMissNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 3)
		var seen [4][]opening.Event
		var wg sync.WaitGroup
		watch := func(i int) {
			wg.Go(func() {
				err := h.Openings.Watch(ctx, x.ID, 0, func(e opening.Event) error {
					seen[i] = append(seen[i], e)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		watch(0)
		watch(1)
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		watch(2)
		h.Give(t, x, 2)
		h.Open(t, x)
		watch(3)
		wg.Wait()
		for i, list := range seen {
			var kinds []string
			for n, e := range list {
				if e.Seq != int64(n+1) || e.Data.Text == "" {
					t.Errorf("watcher %d: event %d is %+v", i, n, e)
				}
				kinds = append(kinds, string(e.Kind))
			}
			got := strings.Join(kinds, " ")
			if !strings.HasSuffix(got, "reading line line line confirming closed") {
				t.Errorf("watcher %d saw %s", i, got)
			}
		}
	})
}

func TestDraftsAndWithdrawnBidsAreNotOpened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 3)
		draft := h.Drafted(t, h.Supplier(t, "草稿社会工作服务中心"), x)
		gone := h.Supplier(t, "撤回社会工作服务中心")
		withdrawn := h.Submitted(t, gone, x, 700_000*money.Yuan)
		if err := h.Bids.Withdraw(ctx, gone, withdrawn.ID, ""); err != nil {
			t.Fatal(err)
		}
		h.Clock.Set(*x.Deadline)
		if o := h.Open(t, x); o.Bidders != 3 {
			t.Fatal(o)
		}
		for _, b := range []bid.Bid{draft, withdrawn} {
			if _, _, err := h.Bids.Content(ctx, h.Officer, b.ID, 0); !fault.Is(err, fault.NotFound) {
				t.Errorf("the buyer reads %s: %v", b.State, err)
			}
		}
	})
}
