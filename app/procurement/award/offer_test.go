package award_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/money"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/storage/db/dbtest"
)

// TestTheLastPriceIsTheDeal: award, contract and open data carry the last
// price, the result shows the first beside it, and a bond of who left is due.
func TestTheLastPriceIsTheDeal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := h.Opened(t, 4, map[string]string{"method": "consultation"})
		h.HandedIn(t, h.Panel(t, x, 3), x, share)
		r, left := h.Asked(t, x)
		news := 0
		if err := d.NewSelect().TableExpr("message").ColumnExpr("count(*)").Where("title LIKE ?", "请参加开启最后报价%").Scan(ctx, &news); err != nil || news < 2 {
			t.Errorf("%d holders were told, %v", news, err)
		}
		quitter := left[0].Supplier
		on := *x.Deadline
		for _, l := range left[1:] {
			if _, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, award.BondInput{Supplier: l.Supplier, Amount: 10_000 * money.Yuan, Form: "转账", ReceivedOn: &on}); err != nil {
				t.Fatal(err)
			}
		}
		bond, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, award.BondInput{Supplier: quitter, Amount: 10_000 * money.Yuan, Form: "转账", ReceivedOn: &on})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Offers.Quit(ctx, h.Lead(t, left[0]), x.ID, "无力承担"); err != nil {
			t.Fatal(err)
		}
		due := func() award.Bond {
			t.Helper()
			list, err := h.Awards.Bonds(ctx, h.Officer, x.ID)
			i := slices.IndexFunc(list, func(b award.Bond) bool { return b.ID == bond.ID })
			if err != nil || len(list) != len(left) || i < 0 {
				t.Fatalf("%+v, %v", list, err)
			}
			return list[i]
		}
		if b := due(); b.Due != nil || strings.Contains(b.Why, "退出") {
			t.Errorf("who left is told before the round is read: %+v", b)
		}
		for i, l := range left[1:] {
			price := []money.Fen{590_000_00, 480_000_00, 585_000_00}[i]
			if _, err := h.Offers.Submit(ctx, h.Lead(t, l), x.ID, h.LastOffer(t, x, r, l.Supplier, price)); err != nil {
				t.Fatal(err)
			}
		}
		h.Clock.Advance(r.DueAt.Sub(h.Clock.Now()))
		h.GiveOffers(t, x, 2)
		if _, err := h.Offers.Open(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if b := due(); b.Due == nil || !strings.Contains(b.Why, "退出") || !strings.Contains(b.Article, "214号第22条") || b.Due.Before(h.Clock.Now().Add(5*24*time.Hour)) {
			t.Errorf("214号22 退出的保证金: %+v", b)
		}
		h.Clock.Advance(48 * time.Hour) // who left is owed first
		h.Settled(t, x)
		_, rec, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		first, who := rec.Of(rec.Lines[0].Bid)
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: first.Bid}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Approve(ctx, h.Approver, x.ID); err != nil {
			t.Fatal(err)
		}
		list, err := h.Awards.Bonds(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		quits, others, names := calendar.Until(*due().Due), "", []string{} // the winner's waits for the contract
		for _, b := range list {
			if b.ID != bond.ID && b.Due != nil {
				others, names = calendar.Until(*b.Due), append(names, b.SupplierName)
			}
		}
		var says string
		if err := d.NewSelect().TableExpr("message").Column("body").Where("title LIKE ?", "请退还投标保证金%").Limit(1).Scan(ctx, &says); err != nil {
			t.Fatal(err)
		}
		if at, then := strings.Index(says, quits+"前退还"+bond.SupplierName+"的"), strings.Index(says, others+"前退还"+strings.Join(names, "、")+"的"); quits == others || at < 0 || then < at {
			t.Errorf("%s is due by %s, %v by %s; the buyer reads: %s", bond.SupplierName, quits, names, others, says)
		}
		res, err := h.Awards.Result(ctx, x.ID)
		if err != nil || who.First == nil || res.Award.Amount != first.Amount || res.First == nil || *res.First != *who.First || *res.First == res.Award.Amount {
			t.Fatalf("%+v, %v", res, err)
		}
		day, end := h.Clock.Now(), h.Clock.Now().AddDate(0, 6, 0)
		c, err := h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &day, StartsOn: &day, EndsOn: &end})
		if err != nil || c.Amount != first.Amount {
			t.Fatalf("contract over %+v, %v", c.Amount, err)
		}
		deal, said := `"amount":`+strings.TrimSuffix(strings.ReplaceAll(first.Amount.Yuan(), ",", ""), ".00"), 0
		for _, rel := range ocdstest.All(t, openData(h)) {
			if (strings.Contains(rel.Raw, `"awards"`) || strings.Contains(rel.Raw, `"contracts"`)) && strings.Contains(rel.Raw, deal) {
				said++
			}
		}
		if said != 2 {
			t.Errorf("%d releases say %s", said, deal)
		}
	})
}
