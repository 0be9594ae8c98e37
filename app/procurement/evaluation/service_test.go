package evaluation_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// byName gives the second bidder most, so that the ranking is not the order of arrival.
func byName(supplier string) int64 {
	switch {
	case strings.HasPrefix(supplier, "第2"):
		return 90
	case strings.HasPrefix(supplier, "第1"):
		return 60
	}
	return 50
}

func TestAnEvaluationFromPanelToRanking(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := h.Opened(t, 3, nil)
		panel := h.Panel(t, x, 5)
		h.Scored(t, panel[:4], x, byName)
		if got := h.Again(t, x.ID); got.State != tender.Evaluating {
			t.Fatalf("four of five handed in and the tender is %s", got.State)
		}
		if _, _, err := h.Evaluations.Result(ctx, h.Officer, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a ranking before all are in: %v", err)
		}
		h.Scored(t, panel[4:], x, byName)
		if got := h.Again(t, x.ID); got.State != tender.Evaluated {
			t.Fatalf("all handed in and the tender is %s", got.State)
		}
		for name, who := range map[string]party.Actor{"officer": h.Officer, "approver": h.Approver, "member": panel[0]} {
			e, r, err := h.Evaluations.Result(ctx, who, x.ID)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if e.Outcome != evaluation.Ranked || len(r.Lines) != 3 || r.Lines[0].Rank != 1 {
				t.Fatalf("%+v %+v", e, r.Lines)
			}
			_, first := r.Of(r.Lines[0].Bid)
			if first.Name != "第2社会工作服务中心" {
				t.Errorf("first is %s", first.Name)
			}
			// 价格 600,000 ÷ 610,000 × 10 = 9.836…, 方案 45, 经验 90% of 40, down to 30.
			if l := r.Lines[0]; l.Price != 984 || l.Total != 984+4500+3000 {
				t.Errorf("the first has %+v", l)
			}
			if err := r.Replay(); err != nil {
				t.Error(err)
			}
			r.Bids[0].Price--
			if r.Replay() == nil {
				t.Error("a changed price replays the same")
			}
		}
		for name, who := range map[string]party.Actor{"visitor": {}, "bidder": bidders[0], "another expert": h.Expert(t, "")} {
			if _, _, err := h.Evaluations.Result(ctx, who, x.ID); err == nil {
				t.Errorf("%s sees the ranking before the award", name)
			}
		}
	})
}

func TestMembersSeeTheirOwnSheetAndHandInOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := h.Opened(t, 3, nil)
		panel := h.Panel(t, x, 5)
		one, two := panel[0], panel[1]
		marks := h.Marks(t, one, x, byName)
		if err := h.Evaluations.Save(ctx, one, x.ID, marks); err != nil {
			t.Fatal(err)
		}
		desk, err := h.Evaluations.Desk(ctx, two, x.ID)
		if err != nil || len(desk.Sheets) != 0 || len(desk.Bids) != 3 {
			t.Errorf("a member sees %d sheets that are not theirs, %v", len(desk.Sheets), err)
		}
		if err := h.Evaluations.HandIn(ctx, two, x.ID); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty sheet was handed in: %v", err)
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() { errs[i] = h.Evaluations.HandIn(ctx, one, x.ID) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("handed in twice at once: %v, %v", errs[0], errs[1])
		}
		if err := h.Evaluations.Save(ctx, one, x.ID, marks); !fault.Is(err, fault.Conflict) {
			t.Errorf("changed after handing in: %v", err)
		}
		for name, who := range map[string]party.Actor{"officer": h.Officer, "stranger": h.Expert(t, "")} {
			if err := h.Evaluations.Save(ctx, who, x.ID, marks); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s scored: %v", name, err)
			}
			if _, err := h.Evaluations.Desk(ctx, who, x.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s has a desk: %v", name, err)
			}
		}
	})
}

func TestScoresAreHeldToTheTable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := h.Opened(t, 3, nil)
		one := h.Panel(t, x, 5)[0]
		desk, err := h.Evaluations.Desk(ctx, one, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		b := desk.Bids[0].Bid
		for _, m := range []evaluation.Marking{
			{Bid: b, Scores: map[string]int64{"1": 50_01}}, {Bid: b, Scores: map[string]int64{"1": -1}},
			{Bid: b, Scores: map[string]int64{"0": 1}}, {Bid: b, Scores: map[string]int64{"9": 1}},
			{Bid: id.New(time.Now()), Scores: map[string]int64{"1": 1}}, {Bid: b, Comment: strings.Repeat("长", 1001)},
		} {
			if err := h.Evaluations.Save(ctx, one, x.ID, []evaluation.Marking{m}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", m, err)
			}
		}
		no, evil := false, "'; DROP TABLE sheet; --<b>𠮷</b>"
		if err := h.Evaluations.Save(ctx, one, x.ID, []evaluation.Marking{{Bid: b, Conforming: &no, Reason: evil, Scores: map[string]int64{"1": 0, "2": 40_00}}}); err != nil {
			t.Fatal(err)
		}
		if desk, err = h.Evaluations.Desk(ctx, one, x.ID); err != nil || desk.Sheets[b].Reason != evil || desk.Sheets[b].Scores["2"] != 40_00 {
			t.Errorf("%+v, %v", desk.Sheets[b], err)
		}
	})
}

// Test87号令第55条: scored items are quantified by intervals, and a member gives
// the points of one of them: exactly those where a number is stated, anything
// within where a range is.
func Test87号令第55条(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := h.Opened(t, 3, nil)
		one := h.Panel(t, x, 5)[0]
		b := h.Marks(t, one, x, byName)[0].Bid
		// 服务方案 (1): 35–50, 20–34.99, 0–19.99. 团队经验 (2): 0, 10, 20, 30, 40.
		for _, c := range []struct {
			key    string
			points int64
			ok     bool
		}{
			{"1", 35_00, true}, {"1", 34_99, true}, {"1", 42_17, true}, {"1", 50_00, true}, {"1", 0, true}, {"1", 50_01, false},
			{"2", 0, true}, {"2", 10_00, true}, {"2", 40_00, true}, {"2", 10_01, false}, {"2", 9_99, false}, {"2", 36_00, false}, {"2", 40_01, false}, {"2", -1, false},
		} {
			err := h.Evaluations.Save(ctx, one, x.ID, []evaluation.Marking{{Bid: b, Scores: map[string]int64{c.key: c.points}}})
			if (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", c, err)
			}
			if c.points == 36_00 && (err == nil || !strings.Contains(err.Error(), "0、10、20、30、40") || !strings.Contains(err.Error(), "第55条")) {
				t.Errorf("refused without what is allowed or its article: %v", err)
			}
		}
	})
}

// Test政府采购法第36条: fewer than three conforming bids end the purchase; in a
// consultation for services two may go on.
func Test政府采购法第36条(t *testing.T) {
	for _, c := range []struct {
		method   string
		bidders  int
		rejected []string
		want     tender.State
	}{
		{"open", 3, []string{"第3社会工作服务中心"}, tender.Failed},
		{"open", 4, []string{"第3社会工作服务中心"}, tender.Evaluated},
		{"consultation", 3, []string{"第3社会工作服务中心"}, tender.Evaluated},
		{"consultation", 2, []string{"第1社会工作服务中心"}, tender.Failed},
	} {
		t.Run(c.method+strconv.Itoa(c.bidders), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *bun.DB) {
				h := bidtest.New(t, d)
				x, _ := h.Opened(t, c.bidders, map[string]string{"method": c.method})
				h.Scored(t, h.Panel(t, x, 5), x, byName, c.rejected...)
				got := h.Again(t, x.ID)
				if got.State != c.want {
					t.Fatalf("%+v is %s", c, got.State)
				}
				if c.want == tender.Failed && !strings.Contains(got.Reason, "条") && !strings.Contains(got.Reason, "号") {
					t.Errorf("no article in %q", got.Reason)
				}
			})
		})
	}
}

func TestConformityIsTheMajoritys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := h.Opened(t, 4, nil)
		panel := h.Panel(t, x, 5)
		h.Scored(t, panel[:2], x, byName, "第4社会工作服务中心") // two against: passes
		h.Scored(t, panel[2:], x, byName)
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil || r.Conforming() != 4 {
			t.Fatalf("%d conform, %v", r.Conforming(), err)
		}
		for _, b := range r.Bidders {
			if b.Name == "第4社会工作服务中心" && (b.Passed != 3 || len(b.Reasons) != 2) {
				t.Errorf("%+v", b)
			}
		}
	})
}

// Test条例第9条: whoever is tied to a bidder or, as an expert, to the buyer
// stands aside.
func Test条例第9条(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := h.Opened(t, 3, nil)
		name := func(who party.Actor, seat evaluation.Seat) error {
			_, err := h.Evaluations.Name(ctx, h.Officer, x.ID, evaluation.Naming{Login: h.Login(who.Account), Seat: seat, Reason: "主管预算单位同意"})
			return err
		}
		join := func(org id.ID, ended *time.Time) party.Actor {
			who := h.Expert(t, "")
			if _, err := d.ExecContext(ctx, "INSERT INTO membership (id, account, organisation, role, created_at, ended_at) VALUES (?, ?, ?, 'staff', ?, ?)",
				id.New(h.Clock.Now()), who.Account, org, h.Clock.Now(), ended); err != nil {
				t.Fatal(err)
			}
			return who
		}
		lately, longAgo := h.Clock.Now().AddDate(-2, 0, 0), h.Clock.Now().AddDate(-3, 0, -1)
		clerk := join(h.Bureau, nil)
		for what, c := range map[string]struct {
			who  party.Actor
			seat evaluation.Seat
			ok   bool
		}{
			"employed by a bidder":         {h.Expert(t, " 第1社会工作服务中心 "), evaluation.ExpertSeat, false},
			"acts for a bidder":            {join(bidders[1].Org, nil), evaluation.ExpertSeat, false},
			"acted for one two years ago":  {join(bidders[1].Org, &lately), evaluation.ExpertSeat, false},
			"acted for one long ago":       {join(bidders[1].Org, &longAgo), evaluation.ExpertSeat, true},
			"employed by the buyer":        {h.Expert(t, "青山区民政局"), evaluation.ExpertSeat, false},
			"acts for the buyer":           {clerk, evaluation.ExpertSeat, false},
			"represents the buyer":         {clerk, evaluation.BuyerSeat, true},
			"represents a buyer not their": {h.Expert(t, ""), evaluation.BuyerSeat, false},
			"no expert":                    {h.Actor(t, h.Bureau, "", party.Bureau, party.Finance), evaluation.ExpertSeat, false},
			"no seat":                      {h.Expert(t, ""), "chair", false},
			"neutral":                      {h.Expert(t, "武汉某大学"), evaluation.ExpertSeat, true},
		} {
			err := name(c.who, c.seat)
			if (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
			if err != nil && strings.Contains(what, "bidder") && !strings.Contains(err.Error(), "条例第9条") {
				t.Errorf("%s is refused without its article: %v", what, err)
			}
		}
		if err := name(party.Actor{Account: "nobody"}, evaluation.ExpertSeat); !fault.Is(err, fault.Invalid) {
			t.Errorf("an unknown login: %v", err)
		}
		list, err := h.Evaluations.Candidates(ctx, h.Officer, x.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for _, c := range list {
			if c.Refusal != "" {
				refused++
			}
		}
		if len(list) < 5 || refused < 4 {
			t.Errorf("%d candidates, %d refused", len(list), refused)
		}
		if _, err := h.Evaluations.Candidates(ctx, bidders[0], x.ID, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a bidder reads the expert register: %v", err)
		}
	})
}

// Test87号令第47条: at least five, odd, two thirds experts; three will do in a
// 竞争性磋商 (财库〔2014〕214号第14条).
func Test87号令第47条(t *testing.T) {
	for _, c := range []struct {
		method          string
		budget          string
		experts, buyers int
		ok              bool
	}{
		{"open", "770000", 3, 0, false}, {"open", "770000", 4, 0, false}, {"open", "770000", 5, 0, true}, {"open", "770000", 6, 0, false},
		{"open", "770000", 4, 1, true}, {"open", "770000", 3, 2, false}, {"open", "10000000", 5, 0, false}, {"open", "10000000", 7, 0, true},
		{"consultation", "770000", 3, 0, true}, {"consultation", "770000", 2, 1, true}, {"consultation", "770000", 1, 2, false},
	} {
		d := dbtest.SQLite(t) // the rule is pure; its table is in the rules data
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := h.Opened(t, 3, map[string]string{"method": c.method, "budget": c.budget})
		for i := range c.experts + c.buyers {
			seat, who := evaluation.ExpertSeat, h.Expert(t, "")
			if i >= c.experts {
				seat = evaluation.BuyerSeat
				if _, err := d.ExecContext(ctx, "INSERT INTO membership (id, account, organisation, role, created_at) VALUES (?, ?, ?, 'staff', ?)",
					id.New(h.Clock.Now()), who.Account, h.Bureau, h.Clock.Now()); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := h.Evaluations.Name(ctx, h.Officer, x.ID, evaluation.Naming{Login: h.Login(who.Account), Seat: seat, Reason: "主管预算单位同意"}); err != nil {
				t.Fatal(err)
			}
		}
		h.Eligible(t, x)
		err := h.Evaluations.Begin(ctx, h.Officer, x.ID)
		if (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestThePanelReadsBidsOnlyOnceItHasBegun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := h.Opened(t, 3, nil)
		early := h.Expert(t, "")
		m, err := h.Evaluations.Name(ctx, h.Officer, x.ID, evaluation.Naming{Login: h.Login(early.Account), Seat: evaluation.ExpertSeat, Reason: "主管预算单位同意"})
		if err != nil {
			t.Fatal(err)
		}
		_, lines, err := h.Openings.Of(ctx, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Bids.Content(ctx, early, lines[0].Bid, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("a member reads a bid before the evaluation: %v", err)
		}
		if err := h.Evaluations.Remove(ctx, h.Officer, x.ID, m.ID); err != nil {
			t.Fatal(err)
		}
		panel := h.Panel(t, x, 5)
		if _, c, err := h.Bids.Content(ctx, panel[0], lines[0].Bid, 0); err != nil || len(c.Answers) != 2 {
			t.Errorf("a member reads %+v, %v", c, err)
		}
		if _, _, err := h.Bids.Content(ctx, early, lines[0].Bid, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("whoever was taken off the panel reads a bid: %v", err)
		}
		if err := h.Evaluations.Remove(ctx, h.Officer, x.ID, m.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("the panel changed after it began: %v", err)
		}
	})
}
