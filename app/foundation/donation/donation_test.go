package donation_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

func fen(n money.Fen) *money.Fen { return &n }

func unit(s string) *string { return &s }

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

func TestMoneyExistsOnlyOnceConfirmed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		x, err := h.Donations.Pledge(ctx, h.Donor, h.Pledge(20000))
		if err != nil {
			t.Fatal(err)
		}
		if x.State != donation.Pledged || x.DonorName != "欧阳娜娜" || x.Foundation != h.Fund.Foundation || !strings.Contains(x.Terms, h.Fund.FullName()) {
			t.Errorf("pledged: %+v", x)
		}
		if h.Balance() != 0 {
			t.Errorf("a pledge made money: %s", h.Balance())
		}
		h.Clock.Advance(time.Hour)
		short := h.Came(15000)
		_, err = h.Donations.Confirm(ctx, h.Finance, x.ID, short)
		if !slices.Equal(fields(err), []string{"note"}) {
			t.Errorf("another amount than pledged without a word: %v", err)
		}
		short.Note = "银行扣了手续费"
		if x, err = h.Donations.Confirm(ctx, h.Finance, x.ID, short); err != nil {
			t.Fatal(err)
		}
		if h.Balance() != 15000 || *x.Arrived != 15000 || *x.Amount != 20000 || x.LedgerTx == nil {
			t.Errorf("balance %s after %+v", h.Balance(), x)
		}
		post, err := h.Ledger.Get(ctx, d, *x.LedgerTx)
		if err != nil || post.CauseKind != "donation" || post.CauseID != x.ID || strings.Contains(post.Memo, x.DonorName) {
			t.Errorf("posting %+v, %v", post, err)
		}
		_, err = h.Donations.Confirm(ctx, h.Finance, x.ID, short)
		want(t, "confirmed again", err, fault.Forbidden)
		_, err = h.Donations.Cancel(ctx, h.Donor, x.ID, "")
		want(t, "withdrawn after it arrived", err, fault.Forbidden)
		events, err := h.Donations.Timeline(ctx, h.Donor, x.ID)
		if err != nil || len(events) != 2 || events[1].Action != "确认到账" {
			t.Errorf("timeline %+v, %v", events, err)
		}
		given, err := h.Donations.GivenTo(ctx, h.Fund.ID, "", 10)
		if err != nil || len(given) != 1 || given[0].Donor != "欧***" || *given[0].Amount != 15000 {
			t.Errorf("public list %+v, %v", given, err)
		}
	})
}

func TestWhoMayDoWhatToADonation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		x, err := h.Donations.Pledge(ctx, h.Company, h.Pledge(100))
		if err != nil {
			t.Fatal(err)
		}
		if x.DonorName != h.Company.OrgName || x.DonorUSCC == nil || x.DonorKind != donation.Organisation {
			t.Errorf("the enterprise's donation: %+v", x)
		}
		nobody := party.Actor{}
		asPerson := party.Actor{Account: h.Company.Account, Name: h.Company.Name}
		for _, c := range []struct {
			name, action string
			who          party.Actor
			want         fault.Kind
		}{
			{"donor views", "view", h.Company, 0},
			{"donor withdraws", "withdraw", h.Company, 0},
			{"donor confirms", "confirm", h.Company, fault.Forbidden},
			{"the lead in private", "view", asPerson, fault.NotFound},
			{"finance confirms", "confirm", h.Finance, 0},
			{"officer confirms", "confirm", h.Officer, fault.Forbidden},
			{"reviewer attaches", "attach", h.Reviewer, fault.Forbidden},
			{"storekeeper attaches", "attach", h.Storekeeper, 0},
			{"another foundation's finance", "confirm", h.Outsider, fault.NotFound},
			{"another donor", "view", h.Donor, fault.NotFound},
			{"the public", "view", nobody, fault.NotFound},
		} {
			if err := h.Donations.May(ctx, c.who, x.ID, c.action); (c.want == 0) != (err == nil) || c.want != 0 && !fault.Is(err, c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		_, err = h.Donations.Pledge(ctx, nobody, h.Pledge(100))
		want(t, "a visitor gives", err, fault.NotFound)
		_, err = h.Donations.Pledge(ctx, h.Finance, h.Pledge(100))
		want(t, "a foundation gives to itself", err, fault.Forbidden)
		_, err = h.Donations.AtFoundation(ctx, h.Company, donation.Filter{})
		want(t, "a donor lists a foundation's donations", err, fault.NotFound)
		mine, err := h.Donations.Mine(ctx, h.Company, donation.Filter{})
		if err != nil || mine.Total != 1 || mine.Items[0].ID != x.ID {
			t.Errorf("mine: %+v, %v", mine, err)
		}
		if none, err := h.Donations.Mine(ctx, asPerson, donation.Filter{}); err != nil || none.Total != 0 {
			t.Errorf("the lead's own: %+v, %v", none, err)
		}
	})
}

func TestNobodyConfirmsTheirOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		private := party.Actor{Account: h.Finance.Account, Name: h.Finance.Name}
		own, err := h.Donations.Pledge(ctx, private, h.Pledge(100))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Donations.Confirm(ctx, h.Finance, own.ID, h.Came(100))
		want(t, "confirming one's own", err, fault.Forbidden)
		h.Join(h.Finance, h.Company.Org, party.Staff)
		theirs, err := h.Donations.Pledge(ctx, h.Company, h.Pledge(100))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Donations.Confirm(ctx, h.Finance, theirs.ID, h.Came(100))
		want(t, "confirming one's employer's", err, fault.Forbidden)
		if h.Balance() != 0 {
			t.Errorf("balance %s", h.Balance())
		}
	})
}

func TestAPledgeIsHeldToTheRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		for _, c := range []struct {
			name  string
			wreck func(*donation.Pledge)
			field string
		}{
			{"nothing", func(p *donation.Pledge) { p.Amount = nil }, "amount"},
			{"zero", func(p *donation.Pledge) { p.Amount = fen(0) }, "amount"},
			{"negative", func(p *donation.Pledge) { p.Amount = fen(-1) }, "amount"},
			{"10^13 元", func(p *donation.Pledge) { p.Amount = fen(donation.MostAmount + 1) }, "amount"},
			{"no agreement", func(p *donation.Pledge) { p.Agree = false }, "agree"},
			{"for a benefit", func(p *donation.Pledge) { p.NoBenefit = false }, "no_benefit"},
			{"no declaration", func(p *donation.Pledge) { p.Relation = "" }, "relation"},
			{"a relation unexplained", func(p *donation.Pledge) { p.Relation = donation.Declared }, "relation_note"},
			{"neither money nor goods", func(p *donation.Pledge) { p.Kind = "labour" }, "kind"},
			{"goods without goods", func(p *donation.Pledge) { p.Kind = donation.Goods }, "goods.1.name"},
			{"no quantity", func(p *donation.Pledge) { *p = h.Things(donation.Thing{Name: "口罩"}) }, "goods.1.quantity"},
			{"a negative value", func(p *donation.Pledge) {
				*p = h.Things(donation.Thing{Name: "口罩", Quantity: 1}, donation.Thing{Name: "米", Quantity: 1, Value: fen(-5)})
			}, "goods.2.value"},
			{"a name of nothing visible", func(p *donation.Pledge) { *p = h.Things(donation.Thing{Name: " \u200b\u202e ", Quantity: 1}) }, "goods.1.name"},
			{"a long purpose", func(p *donation.Pledge) { p.Purpose = strings.Repeat("长", 501) }, "purpose"},
		} {
			p := h.Pledge(100)
			c.wreck(&p)
			if _, err := h.Donations.Pledge(ctx, h.Donor, p); !slices.Equal(fields(err), []string{c.field}) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		p := h.Pledge(donation.MostAmount)
		if _, err := h.Donations.Pledge(ctx, h.Donor, p); err != nil {
			t.Errorf("the most that may be given: %v", err)
		}
		p.Fund = id.New(h.Clock.Now())
		_, err := h.Donations.Pledge(ctx, h.Donor, p)
		want(t, "no such fund", err, fault.NotFound)
		_, err = d.NewUpdate().Model((*fund.Fund)(nil)).Set("state = ?", fund.Ended).Where("id = ?", h.Fund.ID).Exec(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Donations.Pledge(ctx, h.Donor, h.Pledge(1))
		want(t, "an ended fund", err, fault.Conflict)
	})
}

func TestADeclaredRelationIsLookedInto(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		p := h.Pledge(100)
		p.Relation, p.RelationNote = donation.Declared, "受益社区的居委会主任是我姐姐"
		x, err := h.Donations.Pledge(ctx, h.Donor, p)
		if err != nil {
			t.Fatal(err)
		}
		a := h.Came(100)
		if _, err := h.Donations.Confirm(ctx, h.Finance, x.ID, a); !slices.Equal(fields(err), []string{"relation_checked"}) {
			t.Errorf("confirmed unseen: %v", err)
		}
		a.RelationChecked = true
		if _, err := h.Donations.Confirm(ctx, h.Finance, x.ID, a); err != nil {
			t.Error(err)
		}
	})
}

func TestWithdrawnOrNeverArrived(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		x, _ := h.Donations.Pledge(ctx, h.Donor, h.Pledge(100))
		if x, err := h.Donations.Cancel(ctx, h.Donor, x.ID, ""); err != nil || x.State != donation.Cancelled {
			t.Errorf("withdraw: %+v, %v", x, err)
		}
		_, err := h.Donations.Confirm(ctx, h.Finance, x.ID, h.Came(100))
		want(t, "confirm what was withdrawn", err, fault.Forbidden)
		y, _ := h.Donations.Pledge(ctx, h.Donor, h.Pledge(100))
		if _, err := h.Donations.Cancel(ctx, h.Finance, y.ID, " "); !slices.Equal(fields(err), []string{"reason"}) {
			t.Errorf("not arrived, no reason: %v", err)
		}
		_, err = h.Donations.Cancel(ctx, h.Officer, y.ID, "没来")
		want(t, "the officer cancels", err, fault.Forbidden)
		if y, err = h.Donations.Cancel(ctx, h.Finance, y.ID, "三十日内未到账"); err != nil || y.Reason != "三十日内未到账" {
			t.Errorf("not arrived: %+v, %v", y, err)
		}
	})
}

func TestGoodsBecomeStockAndNeedProofForAValue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		p := h.Things(
			donation.Thing{Name: "一次性口罩", Quantity: 28240},
			donation.Thing{Name: "84消毒水20L", Unit: unit("桶"), Quantity: 134, Value: fen(1340000)},
			donation.Thing{Name: "护目镜", Unit: unit("个"), Quantity: 649})
		x, err := h.Donations.Pledge(ctx, h.Company, p)
		if err != nil {
			t.Fatal(err)
		}
		a := donation.Arrival{On: h.Clock.Now(), Goods: []donation.Arrived{{Line: 1, Quantity: 28240}, {Line: 2, Quantity: 130, Value: fen(1300000)}, {Line: 3, Quantity: 0}}}
		if _, err := h.Donations.Confirm(ctx, h.Finance, x.ID, a); !slices.Equal(fields(err), []string{"goods.2.value", "note"}) {
			t.Errorf("a value without proof and a quantity that differs: %v", err)
		}
		h.Prove(x, 2)
		a.Note = "四桶破损，护目镜未送到"
		h.Valued(x, a.Goods...)
		if x, err = h.Donations.Confirm(ctx, h.Finance, x.ID, a); err != nil {
			t.Fatal(err)
		}
		if sum, err := x.Receiptable(); err != nil || sum == nil || *sum != 1300000 {
			t.Errorf("receiptable %v, %v", sum, err)
		}
		if h.Balance() != 0 || x.LedgerTx != nil {
			t.Errorf("goods made money: %s", h.Balance())
		}
		stock, err := h.Goods.OfFund(ctx, h.Fund.ID)
		if err != nil || len(stock) != 2 || stock[0].Quantity != 130 || stock[0].Measure() != "桶" || stock[1].Quantity != 28240 || stock[1].Unit != nil {
			t.Errorf("stock %+v, %v", stock, err)
		}
		given, err := h.Donations.GivenTo(ctx, h.Fund.ID, "", 0)
		if err != nil || len(given) != 1 || len(given[0].Goods) != 2 || given[0].Donor != "东莞*******公司" {
			t.Errorf("public list %+v, %v", given, err)
		}
		for _, wrong := range [][]donation.Arrived{{{Line: 4, Quantity: 1}}, {{Line: 1, Quantity: 1}, {Line: 1, Quantity: 1}}, {{Line: 1}}, {{Line: 1, Quantity: -1}}} {
			y, _ := h.Donations.Pledge(ctx, h.Company, h.Things(donation.Thing{Name: "米", Quantity: 2}))
			_, err := h.Donations.Confirm(ctx, h.Finance, y.ID, donation.Arrival{On: h.Clock.Now(), Goods: wrong, Note: "少了"})
			want(t, fmt.Sprint("arrived ", wrong), err, fault.Invalid)
		}
	})
}

// Money without a bank's line and without the donor's own word stands on what
// staff say: on two of them.
func TestWhoWroteMoneyDownDoesNotConfirmIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		x, err := h.Donations.Record(ctx, h.Finance, donation.Offline{Pledge: h.Pledge(100), DonorKind: donation.Person, DonorName: "王芳"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Donations.Confirm(ctx, h.Finance, x.ID, h.Came(100))
		want(t, "alone", err, fault.Forbidden)
		if h.Balance() != 0 {
			t.Errorf("%d 分 were posted on one person's word", h.Balance())
		}
		chief := h.Join(h.Person("秘书长丁"), h.Foundation, party.Approver)
		if _, err := h.Donations.Confirm(ctx, chief, x.ID, h.Came(100)); err != nil || h.Balance() != 100 {
			t.Errorf("%d 分 after the second person: %v", h.Balance(), err)
		}
	})
}

func TestOfflineDonors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		o := donation.Offline{Pledge: h.Pledge(100), DonorKind: donation.Person, DonorName: "𠮷田䶮"}
		x, err := h.Donations.Record(ctx, h.Officer, o)
		if err != nil || x.Name() != "𠮷田䶮" || x.Masked() != "𠮷***" {
			t.Errorf("recorded %+v (%s), %v", x, x.Masked(), err)
		}
		o.Hidden = true
		x, err = h.Donations.Record(ctx, h.Finance, o)
		if err != nil || x.Masked() != donation.Anonymous {
			t.Errorf("hidden %s, %v", x.Masked(), err)
		}
		o.DonorKind = donation.Unknown
		x, err = h.Donations.Record(ctx, h.Finance, o)
		if err != nil || x.DonorName != "" || x.Name() != donation.Anonymous {
			t.Errorf("unknown %+v, %v", x, err)
		}
		o.DonorKind, o.DonorName, o.DonorUSCC = donation.Organisation, "\u202e\u200b", "91654026MA78WT2Q67"
		if _, err = h.Donations.Record(ctx, h.Finance, o); !slices.Equal(fields(err), []string{"donor_name", "donor_uscc"}) {
			t.Errorf("no visible name, wrong code: %v", err)
		}
		o.DonorKind = donation.Unknown
		for _, who := range []party.Actor{h.Outsider, h.Donor, h.Reviewer} {
			if _, err := h.Donations.Record(ctx, who, o); err == nil {
				t.Errorf("%s recorded a donation", who.Name)
			}
		}
		l, err := h.Donations.AtFoundation(ctx, h.Reviewer, donation.Filter{Text: "𠮷", Limit: 1})
		if err != nil || l.Total != 2 || len(l.Items) != 1 || l.Next == "" {
			t.Errorf("search %+v, %v", l, err)
		}
		l, err = h.Donations.AtFoundation(ctx, h.Reviewer, donation.Filter{Text: "%", State: donation.Pledged})
		if err != nil || l.Total != 0 {
			t.Errorf("a wildcard matched %d, %v", l.Total, err)
		}
	})
}

// race runs fn n times at once and gives the errors.
func race(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			errs[i] = fn(i)
		})
	}
	start.Done()
	done.Wait()
	return errs
}

func TestTheSameFormTwiceAtOnceIsOneDonation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		p := h.Pledge(100)
		p.Key = "form-1"
		ids := make([]id.ID, 8)
		for _, err := range race(len(ids), func(i int) error {
			x, err := h.Donations.Pledge(ctx, h.Donor, p)
			ids[i] = x.ID
			return err
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		if len(slices.Compact(ids)) != 1 {
			t.Errorf("made %v", ids)
		}
		if l, err := h.Donations.Mine(ctx, h.Donor, donation.Filter{}); err != nil || l.Total != 1 {
			t.Errorf("%d donations, %v", l.Total, err)
		}
	})
}

func TestTwoWhoConfirmAtOncePostOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		x, _ := h.Donations.Pledge(ctx, h.Donor, h.Pledge(777))
		g, _ := h.Donations.Pledge(ctx, h.Donor, h.Things(donation.Thing{Name: "米", Unit: unit("袋"), Quantity: 7}))
		good := 0
		for _, err := range race(8, func(i int) error {
			if i%2 == 0 {
				_, err := h.Donations.Confirm(ctx, h.Finance, x.ID, h.Came(777))
				return err
			}
			_, err := h.Donations.Confirm(ctx, h.Finance, g.ID, donation.Arrival{On: h.Clock.Now(), Goods: []donation.Arrived{{Line: 1, Quantity: 7}}})
			return err
		}) {
			if err == nil {
				good++
			} else if !fault.Is(err, fault.Forbidden) {
				t.Error(err)
			}
		}
		stock, err := h.Goods.OfFund(ctx, h.Fund.ID)
		if good != 2 || h.Balance() != 777 || err != nil || stock[0].Quantity != 7 {
			t.Errorf("%d confirmed, balance %s, stock %+v, %v", good, h.Balance(), stock, err)
		}
	})
}

// Whatever is pledged, confirmed and cancelled in whatever order: the fund
// holds the sum of what arrived, and stock is the sum of the movements.
func TestSumsHoldWhateverHappens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		r := rand.New(rand.NewPCG(7, 20261121))
		var cash money.Fen
		stock := map[string]int64{}
		for range 40 {
			h.Clock.Advance(time.Minute)
			who := []party.Actor{h.Donor, h.Company}[r.IntN(2)]
			if r.IntN(2) == 0 {
				n := money.Fen(1 + r.Int64N(1_000_000))
				x, err := h.Donations.Pledge(ctx, who, h.Pledge(n))
				if err != nil {
					t.Fatal(err)
				}
				switch r.IntN(3) {
				case 0:
					_, err = h.Donations.Cancel(ctx, who, x.ID, "")
				case 1:
					n = money.Fen(1 + r.Int64N(1_000_000))
					a := h.Came(n)
					a.Note = "与认捐不同"
					_, err = h.Donations.Confirm(ctx, h.Finance, x.ID, a)
					cash += n
				}
				if err != nil {
					t.Fatal(err)
				}
				continue
			}
			name := []string{"口罩", "手套", "酒精"}[r.IntN(3)]
			q := 1 + r.Int64N(1000)
			x, err := h.Donations.Pledge(ctx, who, h.Things(donation.Thing{Name: name, Quantity: q}, donation.Thing{Name: name, Quantity: q}))
			if err != nil {
				t.Fatal(err)
			}
			came := r.Int64N(q + 1)
			_, err = h.Donations.Confirm(ctx, h.Finance, x.ID, donation.Arrival{On: h.Clock.Now(), Note: "部分",
				Goods: []donation.Arrived{{Line: 1, Quantity: q}, {Line: 2, Quantity: came}}})
			if err != nil {
				t.Fatal(err)
			}
			stock[name] += q + came
		}
		if h.Balance() != cash {
			t.Errorf("balance %s, arrived %s", h.Balance(), cash)
		}
		levels, err := h.Goods.OfFund(ctx, h.Fund.ID)
		for _, l := range levels {
			if l.Quantity != stock[l.Name] || l.In != l.Quantity {
				t.Errorf("%s: %+v, want %d", l.Name, l, stock[l.Name])
			}
		}
		if off, err2 := h.Goods.Unbalanced(ctx); err != nil || err2 != nil || len(off) > 0 || len(levels) != len(stock) {
			t.Errorf("unbalanced %v, %v, %v", off, err, err2)
		}
	})
}
