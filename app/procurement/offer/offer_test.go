package offer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

func even(string) int64 { return 60 }

// talks is a 竞争性磋商 of n suppliers whose panel has handed in.
func talks(t *testing.T, h *bidtest.House, n int, change map[string]string, rejected ...string) (tender.Tender, []party.Actor) {
	t.Helper()
	x, _ := h.Opened(t, n, change)
	panel := h.Panel(t, x, 3)
	h.HandedIn(t, panel, x, even, rejected...)
	return x, panel
}

func consultation() map[string]string { return map[string]string{"method": "consultation"} }

func negotiation() map[string]string {
	return map[string]string{"method": "negotiation", "scoring": "lowest", "ground": "urgent", "ground_reason": "原服务机构停业，招标所需时间不能满足需要"}
}

// begun is a round that was asked for, with the suppliers who were asked.
func begun(t *testing.T, h *bidtest.House, x tender.Tender) (offer.Round, []opening.Line) {
	t.Helper()
	r, left := h.Asked(t, x)
	if r.ID == "" {
		t.Fatal("no round")
	}
	return r, left
}

func TestLastOffersOfAConsultation(t *testing.T) {
	t.Run("214号21 磋商结束后要求最后报价，排序和价格分以最后报价为准", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, panel := talks(t, h, 3, consultation())
			if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "最后报价") {
				t.Errorf("settled without last offers: %v", err)
			}
			if _, err := h.Offers.Ask(ctx, panel[0], x.ID, 29); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "财库〔2014〕214号第21条") {
				t.Errorf("29 minutes: %v", err)
			}
			// 600,000, 610,000 and 620,000 at first; the third ends lowest.
			h.LastOffers(t, x, map[string]money.Fen{"第1社会工作服务中心": 590_000_00, "第3社会工作服务中心": 550_000_00})
			h.Settled(t, x)
			_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			_, first := r.Of(r.Lines[0].Bid)
			if first.Name != "第3社会工作服务中心" || r.Lines[0].Amount != 550_000_00 || first.First == nil || *first.First != 620_000_00 {
				t.Errorf("first is %s with %s, %+v", first.Name, r.Lines[0].Amount, first.First)
			}
			if r.Lines[0].Price != r.Table.PriceWeight {
				t.Errorf("the lowest last price has %d of %d", r.Lines[0].Price, r.Table.PriceWeight)
			}
			if err := r.Replay(); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("214号21 规定时间内：到点以后不能提交，此前任何人看不到", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, panel := talks(t, h, 3, consultation())
			r, left := begun(t, h, x)
			one := h.Lead(t, left[0])
			give := func(price money.Fen) (offer.Offer, error) {
				return h.Offers.Submit(ctx, one, x.ID, h.LastOffer(t, x, r, one.Org, price))
			}
			if o, err := give(500_000_00); err != nil || o.Version != 1 || o.Receipt == nil {
				t.Fatalf("%+v, %v", o, err)
			}
			for name, who := range map[string]party.Actor{"officer": h.Officer, "member": panel[0], "another supplier": h.Lead(t, left[1]), "supervisor": h.Supervisor} {
				v, err := h.Offers.View(ctx, who, x.ID)
				if err != nil || len(v.Offers) > 0 || v.Mine != nil && (v.Mine.Supplier != who.Org || v.Mine.Version > 0) {
					t.Errorf("%s sees %+v, %v", name, v, err)
				}
			}
			if _, err := h.Offers.View(ctx, h.Supplier(t, "外人服务中心"), x.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("a stranger sees the round: %v", err)
			}
			who, share := h.Share(t, x, 0)
			if err := h.Offers.Give(ctx, who, x.ID, share); !fault.Is(err, fault.Conflict) {
				t.Errorf("a share before the moment: %v", err)
			}
			if _, err := h.Offers.Open(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
				t.Errorf("opened before the moment: %v", err)
			}
			h.Clock.Set(r.DueAt.Add(-time.Millisecond))
			if o, err := give(490_000_00); err != nil || o.Version != 2 {
				t.Fatalf("in the last millisecond: %+v, %v", o, err)
			}
			h.Clock.Set(r.DueAt)
			if _, err := give(480_000_00); !fault.Is(err, fault.TooLate) {
				t.Errorf("at the moment itself: %v", err)
			}
			if err := h.Offers.Quit(ctx, h.Lead(t, left[1]), x.ID, ""); !fault.Is(err, fault.TooLate) {
				t.Errorf("left at the moment itself: %v", err)
			}
		})
	})
	t.Run("214号22 提交最后报价之前可以退出，提交后不能", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, _ := talks(t, h, 4, consultation())
			r, left := begun(t, h, x)
			for i, l := range left {
				who := h.Lead(t, l)
				switch i {
				case 0:
					if err := h.Offers.Quit(ctx, who, x.ID, "无力承担"); err != nil {
						t.Fatal(err)
					}
					if _, err := h.Offers.Submit(ctx, who, x.ID, h.LastOffer(t, x, r, who.Org, l.Price)); !fault.Is(err, fault.Conflict) {
						t.Errorf("offered after leaving: %v", err)
					}
				case 1: // says nothing
				default:
					if _, err := h.Offers.Submit(ctx, who, x.ID, h.LastOffer(t, x, r, who.Org, l.Price-1)); err != nil {
						t.Fatal(err)
					}
					if err := h.Offers.Quit(ctx, who, x.ID, ""); !fault.Is(err, fault.Conflict) {
						t.Errorf("left after offering: %v", err)
					}
				}
			}
			h.Clock.Set(r.DueAt)
			h.GiveOffers(t, x, 2)
			if _, err := h.Offers.Open(ctx, h.Officer, x.ID); err != nil {
				t.Fatal(err)
			}
			h.Settled(t, x)
			_, rec, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
			if err != nil || rec.Conforming() != 2 {
				t.Fatalf("%d conform, %v", rec.Conforming(), err)
			}
			for i, l := range left {
				if _, who := rec.Of(l.Bid); who.Quit != (i < 2) || i < 2 && len(who.Reasons) == 0 {
					t.Errorf("%d: %+v", i, who)
				}
			}
		})
	})
	t.Run("124号 政府购买服务的磋商，最后报价两家可以继续，一家终止", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			for given, want := range map[int]tender.State{2: tender.Evaluating, 1: tender.Failed} {
				h, ctx := bidtest.New(t, d), t.Context()
				x, _ := talks(t, h, 3, consultation())
				r, left := begun(t, h, x)
				for _, l := range left[:given] {
					if _, err := h.Offers.Submit(ctx, h.Lead(t, l), x.ID, h.LastOffer(t, x, r, l.Supplier, l.Price)); err != nil {
						t.Fatal(err)
					}
				}
				h.Clock.Set(r.DueAt)
				if given == 2 {
					if _, err := h.Offers.Open(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
						t.Errorf("opened without keys: %v", err)
					}
					h.GiveOffers(t, x, 2)
				}
				if _, err := h.Offers.Open(ctx, h.Officer, x.ID); err != nil {
					t.Fatal(err)
				}
				if got := h.Again(t, x.ID); got.State != want || want == tender.Failed && !strings.Contains(got.Reason, "财库〔2015〕124号") {
					t.Errorf("%d last offers: %s, %s", given, got.State, got.Reason)
				}
			}
		})
	})
}

func TestLastOffersOfANegotiation(t *testing.T) {
	t.Run("74号令33 谈判的最后报价不少于三家，最低的成交", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, _ := talks(t, h, 3, negotiation())
			h.LastOffers(t, x, map[string]money.Fen{"第2社会工作服务中心": 540_000_00})
			h.Settled(t, x)
			_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, first := r.Of(r.Lines[0].Bid); first.Name != "第2社会工作服务中心" {
				t.Errorf("first is %s", first.Name)
			}
			h2 := bidtest.New(t, d)
			x, _ = talks(t, h2, 3, negotiation())
			round, left := begun(t, h2, x)
			for _, l := range left[:2] {
				if _, err := h2.Offers.Submit(ctx, h2.Lead(t, l), x.ID, h2.LastOffer(t, x, round, l.Supplier, l.Price)); err != nil {
					t.Fatal(err)
				}
			}
			h2.Clock.Set(round.DueAt)
			if _, err := h2.Offers.Open(ctx, h2.Officer, x.ID); err != nil {
				t.Fatal(err)
			}
			if got := h2.Again(t, x.ID); got.State != tender.Failed {
				t.Errorf("two last offers: %s", got.State)
			}
		})
	})
	t.Run("74号令34 提交最后报价之前可以退出谈判", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, _ := talks(t, h, 3, negotiation())
			_, left := begun(t, h, x)
			if err := h.Offers.Quit(ctx, h.Lead(t, left[0]), x.ID, "人员不足"); err != nil {
				t.Fatal(err)
			}
			if v, err := h.Offers.View(ctx, h.Lead(t, left[0]), x.ID); err != nil || v.Mine == nil || v.Mine.QuitAt == nil || len(v.May) > 0 {
				t.Errorf("%+v, %v", v, err)
			}
		})
	})
}

// TestWhoseFaultALastOfferIs: what does not open is its supplier's fault, and
// what is not what the receipt says is ours.
func TestWhoseFaultALastOfferIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := talks(t, h, 4, consultation())
		r, left := begun(t, h, x)
		form, err := h.Bids.Form(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range left {
			price, of := l.Price, l.Supplier
			switch i {
			case 0:
				of = left[1].Supplier // in another's name
			case 1:
				price = 760_000_01 // a fen above the ceiling
			}
			b, err := seal.PackOffer(seal.LastOffer{Tender: x.ID, Supplier: of, Round: r.ID, Price: price}, form.Recipient, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Offers.Submit(ctx, h.Lead(t, l), x.ID, b); err != nil {
				t.Fatal(err)
			}
		}
		for name, b := range map[string][]byte{"plain": []byte(`{"price":1}`), "another size": bidtest.Cipher(t, "1")} {
			if _, err := h.Offers.Submit(ctx, h.Lead(t, left[0]), x.ID, b); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s was taken: %v", name, err)
			}
		}
		h.Clock.Set(r.DueAt)
		h.GiveOffers(t, x, 2)
		if _, err := d.ExecContext(ctx, "UPDATE last_offer SET sha256 = 'x' WHERE bid = ?", left[3].Bid); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Offers.Open(ctx, h.Officer, x.ID); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("bytes that are not the receipt's: %v", err)
		}
		if _, err := d.ExecContext(ctx, "UPDATE last_offer SET sha256 = (SELECT sha256 FROM last_offer WHERE bid = ?) WHERE bid = ?", left[2].Bid, left[3].Bid); err != nil {
			t.Fatal(err)
		}
		if got := h.Again(t, x.ID); got.State != tender.Evaluating {
			t.Fatalf("a fault of ours moved the tender to %s", got.State)
		}
	})
}
