package evaluation_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/money"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/storage/db/dbtest"
)

// lastOffered is the published evaluation of a 竞争性磋商 with four suppliers:
// one leaves before the last offer, three name another price.
func lastOffered(t *testing.T) []byte {
	t.Helper()
	d := dbtest.SQLite(t) // what is shown is arithmetic on a file
	h, ctx := bidtest.New(t, d), t.Context()
	x, _ := h.Opened(t, 4, map[string]string{"method": "consultation"})
	h.HandedIn(t, h.Panel(t, x, 3), x, func(string) int64 { return 80 })
	r, left := h.Asked(t, x)
	if err := h.Offers.Quit(ctx, h.Lead(t, left[0]), x.ID, "无力承担"); err != nil {
		t.Fatal(err)
	}
	for i, l := range left[1:] {
		if _, err := h.Offers.Submit(ctx, h.Lead(t, l), x.ID, h.LastOffer(t, x, r, l.Supplier, []money.Fen{590_000_00, 580_000_00, 585_000_00}[i])); err != nil {
			t.Fatal(err)
		}
	}
	h.Clock.Advance(r.DueAt.Sub(h.Clock.Now()) + time.Millisecond)
	h.GiveOffers(t, x, 2)
	if _, err := h.Offers.Open(ctx, h.Officer, x.ID); err != nil {
		t.Fatal(err)
	}
	h.Settled(t, x)
	_, rec, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: rec.Lines[0].Bid}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Approve(ctx, h.Approver, x.ID); err != nil {
		t.Fatal(err)
	}
	p, err := h.Evaluations.Published(ctx, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnEvaluationOfLastOffersReplays(t *testing.T) {
	file := lastOffered(t)
	read := func() (evaluation.Publication, int, int) {
		p, err := evaluation.ReadPublication(file)
		if err != nil {
			t.Fatal(err)
		}
		first := slices.IndexFunc(p.Bids, func(b evaluation.Bid) bool { return b.ID == p.Lines[0].Bid })
		return p, first, slices.IndexFunc(p.Bidders, func(b evaluation.PublicBidder) bool { return b.NoOffer })
	}
	p, first, quit := read()
	if d := p.Replay(); len(d) != 0 {
		t.Fatalf("%v", d)
	}
	if quit < 0 || first < 0 || p.Bids[first].Price != 580_000_00 || p.Bidders[first].First == nil || *p.Bidders[first].First == p.Bids[first].Price {
		t.Fatalf("first is %d, who left %d: %+v", first, quit, p.Bidders)
	}
	for what, c := range map[string]struct {
		change func(p *evaluation.Publication)
		says   string
	}{
		"last offer":             {func(p *evaluation.Publication) { p.Bids[first].Price -= 10_000_00 }, "“" + p.Bidders[first].Name + "”的最后报价：文件为 580000.00，重算为 570000.00"},
		"the first price put in": {func(p *evaluation.Publication) { p.Bids[first].Price = *p.Bidders[first].First }, "“" + p.Bidders[first].Name + "”的最后报价"},
		"last offer in the line": {func(p *evaluation.Publication) { p.Lines[0].Amount++ }, "“" + p.Bidders[first].Name + "”的最后报价：文件为 580000.01，重算为 580000.00"},
		"who left, let in": {func(p *evaluation.Publication) {
			p.Bidders[quit].Conforming, p.Bids[quit].Conforming = true, true
		}, "“" + p.Bidders[quit].Name + "”是否通过审查：文件为是，重算为否"},
		"who left, as if not":    {func(p *evaluation.Publication) { p.Bidders[quit].NoOffer = false }, "“" + p.Bidders[quit].Name + "”是否通过审查：文件为否，重算为是"},
		"who stayed, as if left": {func(p *evaluation.Publication) { p.Bidders[first].NoOffer = true }, "“" + p.Bidders[first].Name + "”是否通过审查：文件为是，重算为否"},
	} {
		q, _, _ := read()
		c.change(&q)
		if got := strings.Join(q.Replay(), "\n"); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q does not say %q", what, got, c.says)
		}
	}
}
