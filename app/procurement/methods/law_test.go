package methods_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

func TestRankingByTheLaw(t *testing.T) {
	bid := func(name string, price money.Fen, score int64) evaluation.Bid {
		return evaluation.Bid{ID: id.ID(name), Price: price, Conforming: true, Scores: map[string][]int64{"k": {score}}}
	}
	for _, c := range []struct {
		name   string
		method string
		price  int64
		bids   []evaluation.Bid
		want   string
	}{
		{"87号令56 最低评标价法按报价排列，相同的并列", rules.MethodOpen, evaluation.FullMarks, []evaluation.Bid{bid("a", 300, 0), bid("b", 200, 0), bid("c", 200, 0)}, "b1 c1 a3"},
		{"87号令57 得分相同的按报价由低到高", rules.MethodOpen, 5000, []evaluation.Bid{bid("a", 200, 5000), bid("b", 100, 2500)}, "b1 a2"},
		{"87号令57 得分和报价都相同的并列", rules.MethodOpen, 5000, []evaluation.Bid{bid("a", 100, 3000), bid("b", 100, 3000)}, "a1 b1"},
		{"214号25 得分相同的按最后报价由低到高", rules.MethodConsultation, 3000, []evaluation.Bid{bid("a", 200, 6500), bid("b", 100, 5000)}, "b1 a2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table := evaluation.Table{Method: c.method, PriceWeight: c.price, Criteria: []evaluation.Criterion{}}
			if c.price < evaluation.FullMarks {
				table.Criteria = append(table.Criteria, evaluation.Criterion{ID: "k", Name: "方案", Weight: evaluation.FullMarks - c.price, Technical: true})
			}
			lines, err := evaluation.Rank(table, c.bids)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range lines {
				got = append(got, string(l.Bid)+strconv.Itoa(l.Rank))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v; want %s", got, c.want)
			}
		})
	}
}

// Only an organ of state draws up a purchase.
func TestWhoMayBuy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		for name, kind := range map[string]party.OrgKind{"102号令5 购买主体是国家机关": party.Foundation, "102号令8 群团和事业单位不作购买主体": party.Community} {
			t.Run(name, func(t *testing.T) {
				who := h.Actor(t, h.Org(t, kind, "别的单位"), "别的单位", kind, party.RolesOf[kind][0])
				if _, err := h.Tenders.Create(ctx, who, tendertest.Complete()); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s drew up a purchase: %v", kind, err)
				}
			})
		}
	})
}

// The law of the day of publication rules to the end, whatever becomes law in
// between.
func TestTheLawIsFrozenAtPublication(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 3)
		// Another law comes into force between publication and opening: five must
		// bid. What was published is not touched by it; what it froze decides.
		other := strings.Replace(x.Rules, `"id":"open.min_bidders","name":"投标人","bound":"min","value":3`, `"id":"open.min_bidders","name":"投标人","bound":"min","value":4`, 1)
		if other == x.Rules {
			t.Fatal("the frozen rules have another shape")
		}
		y := h.Published(t, nil)
		if _, err := h.DB.ExecContext(ctx, "UPDATE tender SET rules = ? WHERE id = ?", other, y.ID); err != nil {
			t.Fatal(err)
		}
		h.Bidders(t, y, 3)
		h.Clock.Set(*x.Deadline)
		for _, c := range []struct {
			x    tender.Tender
			want tender.State
		}{{x, tender.Opened}, {y, tender.Failed}} {
			h.Open(t, c.x)
			if got := h.Again(t, c.x.ID).State; got != c.want {
				t.Errorf("%s; want %s", got, c.want)
			}
		}
		if now := rules.At(h.Clock.Now()).Of(rules.MethodOpen, "min_bidders").Value; now != 3 {
			t.Errorf("the law of the day says %d", now)
		}
	})
}
