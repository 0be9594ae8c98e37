package trace_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

// Whatever came and went: the parts of a donation and what is left of it are
// the donation, and the parts of all donations with one payment are the payment.
func TestEverySharedFenIsCountedOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 20261122))
	for range 2000 {
		var ins []money.Fen
		var in, out money.Fen
		for range 1 + r.IntN(12) {
			n := money.Fen(1 + r.Int64N(1_000))
			ins, in = append(ins, n), in+n
		}
		var outs []trace.Out
		for range r.IntN(12) {
			if n := money.Fen(1 + r.Int64N(1_000)); out+n <= in {
				out += n
				outs = append(outs, trace.Out{Tx: id.ID(fmt.Sprint(len(outs))), Amount: n, Until: out})
			}
		}
		paid := map[id.ID]money.Fen{}
		var from, left money.Fen
		for _, n := range ins {
			parts, rest := trace.Share(from, n, outs)
			sum := rest
			for _, p := range parts {
				if p.Part <= 0 {
					t.Fatalf("a part of %s", p.Part)
				}
				sum += p.Part
				paid[p.Tx] += p.Part
			}
			if sum != n || rest < 0 {
				t.Fatalf("%s became %s, %s left", n, sum, rest)
			}
			from, left = from+n, left+rest
		}
		for _, o := range outs {
			if paid[o.Tx] != o.Amount {
				t.Fatalf("of %s paid, donors gave %s", o.Amount, paid[o.Tx])
			}
		}
		if left != in-out {
			t.Fatalf("%s left of %s less %s", left, in, out)
		}
	}
}

func TestTracesAddUpAfterRefundsAndReversals(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		s := trace.New(d, h.Donations)
		r := rand.New(rand.NewPCG(9, 20261122))
		var gifts []donation.Donation
		paid := map[id.ID]money.Fen{}
		pay := func(n money.Fen) {
			err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
				to, err := h.Ledger.Open(ctx, tx, h.Fund.Foundation, ledger.Owner{Kind: "organisation", ID: h.Company.Org}, ledger.PayeeReceived)
				if err != nil {
					return err
				}
				key := fmt.Sprint("pay/", len(paid), n)
				x, err := h.Ledger.Post(ctx, tx, h.Finance, ledger.Posting{Book: h.Fund.Foundation, Cause: ledger.Cause{Kind: "payment", ID: id.ID(key)}, Memo: "付款", Key: key, Lines: ledger.Move(*h.Fund.CashAccount, to.ID, n)})
				if err != nil {
					return err
				}
				if r.IntN(4) == 0 {
					_, err = h.Ledger.Reverse(ctx, tx, h.Finance, x.ID, ledger.Cause{Kind: "payment", ID: id.ID(key)}, "冲销", "undo/"+key)
					return err
				}
				paid[x.ID] = n
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 14 {
			h.Clock.Advance(time.Minute)
			g := h.Given(h.Donor, money.Fen(1+r.Int64N(50_000)))
			gifts = append(gifts, g)
			switch held := h.Balance(); {
			case r.IntN(3) == 0 && *g.Arrived <= held:
				if _, err := h.Donations.AskRefund(ctx, h.Finance, g.ID, "误转"); err != nil {
					t.Fatal(err)
				}
				if _, err := h.Donations.DecideRefund(ctx, h.Approver, g.ID, true, "", ""); err != nil {
					t.Fatal(err)
				}
			case r.IntN(2) == 0 && held > 1:
				pay(1 + money.Fen(r.Int64N(int64(held))))
			}
		}
		with := map[id.ID]money.Fen{}
		var left money.Fen
		for _, g := range gifts {
			x, err := s.Of(ctx, h.Donor, g.ID)
			now, _ := h.Donations.Get(ctx, h.Donor, g.ID)
			if now.State == donation.Cancelled {
				if !fault.Is(err, fault.Conflict) {
					t.Errorf("a refunded donation has a trace: %v", err)
				}
				continue
			}
			if err != nil || x.Used+x.Left != *g.Arrived {
				t.Fatalf("%+v, %v", x, err)
			}
			for _, p := range x.Parts {
				with[p.Tx] += p.Part
			}
			left += x.Left
		}
		if len(with) != len(paid) || left != h.Balance() {
			t.Errorf("%d payments traced of %d; %s left, the fund holds %s", len(with), len(paid), left, h.Balance())
		}
		for tx, n := range paid {
			if with[tx] != n {
				t.Errorf("of a payment of %s the donors gave %s", n, with[tx])
			}
		}
		if _, err := s.Of(ctx, h.Company, gifts[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another donor reads the trace: %v", err)
		}
	})
}
