package evaluation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

func table(method string) Table {
	return Table{Method: method, PriceWeight: 10_00, Criteria: []Criterion{
		{ID: "plan", Name: "方案", Weight: 60_00, Technical: true}, {ID: "team", Name: "团队", Weight: 30_00}}}
}

func offered(name string, price money.Fen, plan, team int64) Bid {
	return Bid{ID: id.ID(name), Price: price, Conforming: true, Scores: map[string][]int64{"plan": {plan, plan}, "team": {team, team}}}
}

func order(lines []Line) string {
	var s []string
	for _, l := range lines {
		x := fmt.Sprintf("%s%d", l.Bid, l.Rank)
		if l.Tied {
			x += "="
		}
		s = append(s, x)
	}
	return strings.Join(s, " ")
}

func TestRank(t *testing.T) {
	out := offered("z", 1, 60_00, 30_00)
	out.Conforming = false
	for _, c := range []struct {
		name   string
		method string
		bids   []Bid
		want   string
	}{
		{"score decides", rules.MethodOpen, []Bid{offered("a", 100, 50_00, 20_00), offered("b", 200, 60_00, 30_00)}, "b1 a2"},
		{"equal score: the lower price", rules.MethodOpen, []Bid{offered("a", 200, 55_00, 20_00), offered("b", 100, 50_00, 20_00)}, "b1 a2"},
		{"equal score and price: tied", rules.MethodOpen, []Bid{offered("b", 100, 50_00, 20_00), offered("a", 100, 40_00, 30_00), offered("c", 100, 0, 0)}, "a1= b1= c3"},
		{"consultation: technical marks", rules.MethodConsultation, []Bid{offered("a", 100, 40_00, 30_00), offered("b", 100, 50_00, 20_00)}, "b1 a2"},
		{"consultation: all equal", rules.MethodConsultation, []Bid{offered("b", 100, 40_00, 30_00), offered("a", 100, 40_00, 30_00)}, "a1= b1="},
		{"not conforming: last, unscored, its price ignored", rules.MethodOpen, []Bid{out, offered("a", 100, 10_00, 0), offered("b", 300, 0, 0)}, "a1 b2 z0"},
		{"free of charge", rules.MethodOpen, []Bid{offered("a", 0, 10_00, 0), offered("b", 300, 10_00, 0), offered("c", 0, 10_00, 0)}, "a1= c1= b3"},
		{"none", rules.MethodOpen, nil, ""},
		{"only one that does not conform", rules.MethodOpen, []Bid{out}, "z0"},
	} {
		got, err := Rank(table(c.method), c.bids)
		if err != nil || order(got) != c.want {
			t.Errorf("%s: %s %v; want %s", c.name, order(got), err, c.want)
		}
	}
}

func TestRoundsOnceHalfUp(t *testing.T) {
	for _, c := range []struct {
		lowest, own money.Fen
		weight      int64
		want        int64
	}{
		{1, 3, 10_00, 3_33}, {2, 3, 10_00, 6_67}, {1, 8, 1_00, 13}, {1, 8, 12, 2}, {999, 1000, 10_00, 9_99}, {0, 5, 10_00, 0}, {0, 0, 10_00, 10_00},
		{money.Max - 1, money.Max, 100_00, 100_00}, {12345, 67890, 0, 0},
	} {
		if got := priceScore(c.lowest, c.own, c.weight); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	for want, in := range map[int64][]int64{333: {333, 333, 334}, 334: {333, 334}, 5: {5}, 1: {0, 1}, 0: {0, 0, 1}} {
		if got := mean(in); got != want {
			t.Errorf("mean %v = %d", in, got)
		}
	}
}

func TestRankRefuses(t *testing.T) {
	good := table(rules.MethodOpen)
	for name, c := range map[string]struct {
		change func(*Table, *[]Bid)
		field  string
	}{
		"99.99":             {func(t *Table, _ *[]Bid) { t.PriceWeight-- }, "criteria"},
		"100.01":            {func(t *Table, _ *[]Bid) { t.PriceWeight++ }, "criteria"},
		"negative":          {func(t *Table, _ *[]Bid) { t.Criteria[0].Weight, t.Criteria[1].Weight = -10_00, 100_00 }, "criteria.0.weight"},
		"wraps":             {func(t *Table, _ *[]Bid) { t.Criteria[0].Weight = 1 << 62; t.Criteria[1].Weight = 1 << 62 }, "criteria"},
		"repeated":          {func(t *Table, _ *[]Bid) { t.Criteria[1].ID = "plan" }, "criteria.1.id"},
		"score too high":    {func(_ *Table, b *[]Bid) { (*b)[0].Scores["plan"][1] = 60_01 }, "bids.a.plan"},
		"score negative":    {func(_ *Table, b *[]Bid) { (*b)[0].Scores["plan"][1] = -1 }, "bids.a.plan"},
		"an expert missing": {func(_ *Table, b *[]Bid) { (*b)[0].Scores["team"] = []int64{1} }, "bids.a.team"},
		"nobody scored":     {func(_ *Table, b *[]Bid) { (*b)[0].Scores = nil }, "bids.a.plan"},
		"negative price":    {func(_ *Table, b *[]Bid) { (*b)[0].Price = -1 }, "bids.a.price"},
		"twice":             {func(_ *Table, b *[]Bid) { *b = append(*b, (*b)[0]) }, "bids.a"},
	} {
		tb := good
		tb.Criteria = append([]Criterion(nil), good.Criteria...)
		bids := []Bid{offered("a", 100, 1, 1), offered("b", 100, 1, 1)}
		c.change(&tb, &bids)
		_, err := Rank(tb, bids)
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Kind != fault.Invalid {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, x := range f.Fields {
			found = found || x.Name == c.field
		}
		if !found {
			t.Errorf("%s: %v; want %s", name, f.Fields, c.field)
		}
	}
	if err := CheckTable(good); err != nil {
		t.Error(err)
	}
}

func randomBids(r *rand.Rand) []Bid {
	bids := make([]Bid, r.IntN(9))
	experts := 1 + r.IntN(5)
	for i := range bids {
		scores := func(top int64) []int64 {
			s := make([]int64, experts)
			for j := range s {
				s[j] = r.Int64N(4) * top / 3 // few values, so that ties occur
			}
			return s
		}
		bids[i] = Bid{ID: id.ID(fmt.Sprintf("b%d", i)), Price: money.Fen(r.Int64N(4) * 1000), Conforming: r.IntN(5) > 0,
			Scores: map[string][]int64{"plan": scores(60_00), "team": scores(30_00)}}
	}
	return bids
}

func TestRankingProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 3000 {
		tb := table([]string{rules.MethodOpen, rules.MethodConsultation}[i%2])
		bids := randomBids(r)
		first, err := Rank(tb, bids)
		if err != nil {
			t.Fatal(err)
		}
		r.Shuffle(len(bids), func(i, j int) { bids[i], bids[j] = bids[j], bids[i] })
		again, _ := Rank(tb, bids)
		if !reflect.DeepEqual(first, again) {
			t.Fatalf("the order of input matters: %s / %s", order(first), order(again))
		}
		lowest := lowestPrice(bids)
		for i, l := range first {
			sum := l.Price
			for _, m := range l.Marks {
				sum += m
			}
			if sum != l.Total || l.Total > FullMarks || l.Price < 0 || l.Price > tb.PriceWeight {
				t.Fatalf("%+v does not add up", l)
			}
			if l.Rank > 0 && l.Amount == lowest && l.Price != tb.PriceWeight {
				t.Fatalf("the lowest price has %d", l.Price)
			}
			if i == 0 {
				continue
			}
			p := first[i-1]
			if l.Rank == 0 {
				continue
			}
			if p.Rank == 0 || p.Total < l.Total || p.Total == l.Total && p.Amount > l.Amount || l.Rank != p.Rank && l.Rank != i+1 {
				t.Fatalf("%+v stands before %+v", p, l)
			}
			if (l.Rank == p.Rank) && (p.Total != l.Total || p.Amount != l.Amount) {
				t.Fatalf("%+v is tied with %+v", p, l)
			}
		}
	}
}

func TestAbnormalPrices(t *testing.T) {
	s := rules.At(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	rates := LawfulRates(s)
	prices := func(ps ...money.Fen) []Bid {
		var bids []Bid
		for i, p := range ps {
			bids = append(bids, Bid{ID: id.ID(fmt.Sprint(i)), Price: p, Conforming: true})
		}
		return bids
	}
	for _, c := range []struct {
		name    string
		bids    []Bid
		ceiling money.Fen
		want    string
	}{
		{"exactly half of the second lowest, and of no other line", prices(50, 100, 100), 111, ""},
		{"just below 45% of the ceiling", prices(4499, 5000, 5100), 10000, "0:ceiling"},
		{"exactly 45% of the ceiling", prices(45, 50, 46), 100, ""},
		{"below half of the second lowest", prices(499, 1000, 1000), 0, "0:second"},
		{"exactly half of the mean", prices(300, 600, 900), 0, ""},
		{"below half of the mean only", prices(299, 590, 910), 0, "0:mean"},
		{"one bid has no second", prices(10), 20, ""},
		{"one bid under the ceiling", prices(8), 20, "0:ceiling"},
		{"free", prices(0, 10), 0, "0:mean,second"},
		{"all free", prices(0, 0), 0, ""},
		{"none", nil, 100, ""},
	} {
		var got []string
		for _, x := range AbnormalPrices(c.bids, c.ceiling, rates, s) {
			var why []string
			for _, r := range x.Reasons {
				why = append(why, strings.TrimSuffix(strings.TrimPrefix(r.Rule.ID, "abnormal."), "_rate"))
			}
			got = append(got, string(x.Bid)+":"+strings.Join(why, ","))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v; want %s", c.name, got, c.want)
		}
	}
	low := prices(1, 1000, 1000)
	low[0].Conforming = false
	if got := AbnormalPrices(low, 0, rates, s); len(got) != 0 {
		t.Errorf("a bid that does not conform counts: %v", got)
	}
	if got := AbnormalPrices(prices(1, 1000), 1000, LawfulRates(rules.At(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))), s); len(got) != 0 {
		t.Errorf("the law reaches back: %v", got)
	}
}

func TestRatesCheck(t *testing.T) {
	s := rules.At(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	for r, ok := range map[Rates]bool{
		{5000, 5000, 4500}: true, {6500, 6500, 6500}: true, {6501, 5000, 4500}: false, {4999, 5000, 4500}: false, {5000, 5000, 4499}: false, {}: false,
	} {
		if err := r.Check(s); (err == nil) != ok {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
