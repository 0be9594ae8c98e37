package evaluation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// offers opens a tender with these prices in 元, seats five and has all hand in.
func offers(t *testing.T, h *bidtest.House, yuan ...money.Fen) (tender.Tender, []party.Actor, []party.Actor) {
	t.Helper()
	x := h.Published(t, nil)
	var bidders []party.Actor
	for i, y := range yuan {
		who := h.Supplier(t, "第"+string(rune('1'+i))+"社会工作服务中心")
		h.Submitted(t, who, x, y*money.Yuan)
		h.Clock.Advance(time.Millisecond)
		bidders = append(bidders, who)
	}
	h.Clock.Set(*x.Deadline)
	h.Open(t, x)
	x = h.Again(t, x.ID)
	panel := h.Panel(t, x, 5)
	return x, bidders, panel
}

func meeting(t *testing.T, h *bidtest.House, who party.Actor, x tender.Tender) evaluation.Meeting {
	t.Helper()
	m, err := h.Evaluations.Meeting(t.Context(), who, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// place is where a member sits: scores and votes stand in the panel's order.
func place(t *testing.T, m evaluation.Meeting, who party.Actor) int {
	t.Helper()
	for i, p := range m.Panel {
		if p.Account == who.Account {
			return i
		}
	}
	t.Fatalf("%s is not on the panel", who.Name)
	return 0
}

// 87号令64: what was handed in changes on two grounds only, by its own author,
// and stays on record as it was.
func TestAScoreIsCorrectedOnlyByItsAuthor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _, panel := offers(t, h, 600_000, 610_000, 620_000)
		h.HandedIn(t, panel[:4], x, func(string) int64 { return 80 })
		if _, err := h.Evaluations.Meeting(ctx, panel[0], x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("the sheets of others before all are in: %v", err)
		}
		h.HandedIn(t, panel[4:], x, func(string) int64 { return 20 })
		m := meeting(t, h, panel[0], x)
		row, k := m.Rows[0], m.Criteria[0]
		me, other, low := place(t, m, panel[0]), place(t, m, panel[1]), place(t, m, panel[4])
		if !row.Cells[0].Outliers[low] || row.Cells[0].Outliers[me] || row.Cells[0].Low >= row.Cells[0].High {
			t.Errorf("20 among 80s does not stand out: %+v", row.Cells[0])
		}
		odd := evaluation.Doubt{Member: m.Panel[low].ID, Bid: row.Bid, Criterion: k.ID, Ground: evaluation.OutlierGround, Question: "与其余四名成员相差较大，请说明"}
		for what, change := range map[string]func(*evaluation.Doubt){
			"87号令64 不属于畸高畸低": func(x *evaluation.Doubt) { x.Member = m.Panel[other].ID },
			"对自己的评分":         func(x *evaluation.Doubt) { x.Member = m.Panel[me].ID },
			"没有依据":           func(x *evaluation.Doubt) { x.Ground = "other" },
			"没有疑问":           func(x *evaluation.Doubt) { x.Question = " " },
			"没有这一项":          func(x *evaluation.Doubt) { x.Criterion = "9" },
		} {
			bad := odd
			change(&bad)
			if _, err := h.Evaluations.Doubt(ctx, panel[0], x.ID, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := h.Evaluations.Doubt(ctx, h.Officer, x.ID, odd); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the buyer doubts a score: %v", err)
		}
		c, err := h.Evaluations.Doubt(ctx, panel[0], x.ID, odd)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Evaluations.Doubt(ctx, panel[1], x.ID, odd); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same is asked twice: %v", err)
		}
		if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "还没有答复") {
			t.Errorf("settled over an open doubt: %v", err)
		}
		high, better := k.Weight+1, k.Weight/2
		if err := h.Evaluations.Reply(ctx, panel[1], x.ID, c.ID, evaluation.Reply{Answer: "我来答"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another member answered: %v", err)
		}
		for _, r := range []evaluation.Reply{{Score: &better}, {Score: &high, Answer: "更正"}} {
			if err := h.Evaluations.Reply(ctx, panel[4], x.ID, c.ID, r); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", r, err)
			}
		}
		if err := h.Evaluations.Reply(ctx, panel[4], x.ID, c.ID, evaluation.Reply{Score: &better, Answer: "漏看附件，更正"}); err != nil {
			t.Fatal(err)
		}
		if err := h.Evaluations.Reply(ctx, panel[4], x.ID, c.ID, evaluation.Reply{Answer: "再改"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("answered twice: %v", err)
		}
		m = meeting(t, h, panel[0], x)
		if got := m.Rows[0].Cells[0].Scores[low]; got != better {
			t.Errorf("the corrected score counts as %d", got)
		}
		if got := m.Corrections[0]; got.Was != k.Weight/5 || *got.Became != better {
			t.Errorf("what was handed in is gone: %+v", got)
		}
		if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); err != nil {
			t.Fatal(err)
		}
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil || r.Replay() != nil || len(r.Corrections) != 1 {
			t.Errorf("%v, %v, %+v", err, r.Replay(), r.Corrections)
		}
	})
}

// 2号: half an hour at least, nobody judges before it is over or the answer
// came, and a price that stays unproved is out.
func TestALowPriceIsExplainedBeforeItIsJudged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders, panel := offers(t, h, 300_000, 250_000, 700_000, 710_000, 720_000)
		h.HandedIn(t, panel, x, func(string) int64 { return 80 })
		m := meeting(t, h, panel[0], x)
		if len(m.Suspicions) != 2 {
			t.Fatalf("%+v", m.Suspicions)
		}
		low, lowest, dear := m.Rows[0].Bid, m.Rows[1].Bid, m.Rows[2].Bid
		if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "还没有要求其说明") {
			t.Errorf("2号 没有要求说明就汇总: %v", err)
		}
		for what, in := range map[string]evaluation.Ask{
			"2号 不足 30 分钟": {Bid: low, Minutes: 29}, "2号 没有触发又没有理由": {Bid: dear, Minutes: 30},
			"longer than a day": {Bid: low, Minutes: 24*60 + 1}, "no such bid": {Bid: id.New(h.Clock.Now()), Minutes: 30},
		} {
			if _, err := h.Evaluations.Ask(ctx, panel[0], x.ID, in); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		a, err := h.Evaluations.Ask(ctx, panel[0], x.ID, evaluation.Ask{Bid: low, Minutes: 30})
		if err != nil || len(a.Reasons) == 0 || !a.DueAt.Equal(h.Clock.Now().Add(30*time.Minute)) {
			t.Fatalf("%+v, %v", a, err)
		}
		b, err := h.Evaluations.Ask(ctx, panel[1], x.ID, evaluation.Ask{Bid: lowest, Minutes: 30})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Evaluations.Ask(ctx, panel[1], x.ID, evaluation.Ask{Bid: low, Minutes: 60}); !fault.Is(err, fault.Conflict) {
			t.Errorf("asked twice: %v", err)
		}
		yes, no := evaluation.Ballot{Accept: true, Reason: "成本构成完整"}, evaluation.Ballot{Reason: "人工成本低于当地最低工资"}
		h.Clock.Advance(30*time.Minute - time.Second)
		if err := h.Evaluations.Judge(ctx, panel[0], x.ID, b.ID, no); !fault.Is(err, fault.Conflict) {
			t.Errorf("2号 时间没有到就判断: %v", err)
		}
		if _, err := h.Evaluations.Explain(ctx, bidders[1], a.ID, "不是我的"); err == nil {
			t.Error("another bidder answered")
		}
		if _, _, err := h.Evaluations.Explanation(ctx, bidders[1], a.ID); err == nil {
			t.Error("another bidder reads what was asked")
		}
		if _, err := h.Evaluations.Explain(ctx, bidders[0], a.ID, "  "); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty explanation: %v", err)
		}
		if _, err := h.Evaluations.Explain(ctx, bidders[0], a.ID, "场地由本单位自有，不计租金"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Evaluations.Explain(ctx, bidders[0], a.ID, "补充"); !fault.Is(err, fault.Conflict) {
			t.Errorf("explained twice: %v", err)
		}
		// The answer came, so that judging need not wait for the time.
		for _, who := range panel[:3] {
			if err := h.Evaluations.Judge(ctx, who, x.ID, a.ID, yes); err != nil {
				t.Fatal(err)
			}
		}
		h.Clock.Advance(time.Second)
		if _, err := h.Evaluations.Explain(ctx, bidders[1], b.ID, "刚好到点"); !fault.Is(err, fault.TooLate) {
			t.Errorf("2号 到点后说明: %v", err)
		}
		if err := h.Evaluations.Judge(ctx, panel[0], x.ID, b.ID, evaluation.Ballot{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("judged without a reason: %v", err)
		}
		for _, who := range panel[:2] {
			if err := h.Evaluations.Judge(ctx, who, x.ID, b.ID, no); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Evaluations.Judge(ctx, panel[0], x.ID, b.ID, yes); !fault.Is(err, fault.Conflict) {
			t.Errorf("a vote was changed: %v", err)
		}
		if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "还没有作出判断") {
			t.Errorf("settled on two votes of five: %v", err)
		}
		if err := h.Evaluations.Judge(ctx, panel[2], x.ID, b.ID, no); err != nil {
			t.Fatal(err)
		}
		if e, _, err := h.Evaluations.Explanation(ctx, bidders[1], b.ID); err != nil || e.Votes != nil || e.Accepted == nil || *e.Accepted {
			t.Errorf("the bidder reads %+v, %v", e, err)
		}
		if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); err != nil {
			t.Fatal(err)
		}
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if l, who := r.Of(lowest); l.Rank != 0 || !who.Unproved {
			t.Errorf("2号 不能证明合理的报价有名次: %+v %+v", l, who)
		}
		if l, _ := r.Of(low); l.Rank != 1 || l.Price != r.Table.PriceWeight {
			t.Errorf("the lowest price that stands: %+v", l)
		}
	})
}

// A member who stands aside takes their vote on an explanation along, and the
// rest judge it again.
func TestAVoteLeavesWithItsMember(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _, panel := offers(t, h, 250_000, 700_000, 710_000, 720_000)
		h.HandedIn(t, panel, x, func(string) int64 { return 80 })
		m := meeting(t, h, panel[0], x)
		e, err := h.Evaluations.Ask(ctx, panel[0], x.ID, evaluation.Ask{Bid: m.Suspicions[0].Bid, Minutes: 30})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Evaluations.Doubt(ctx, panel[1], x.ID, evaluation.Doubt{Member: m.Panel[place(t, m, panel[0])].ID, Bid: m.Rows[0].Bid, Criterion: m.Criteria[0].ID,
			Ground: evaluation.ObjectiveGround, Question: "业绩数量与投标文件不一致"}); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(30 * time.Minute)
		for _, who := range panel[:3] {
			if err := h.Evaluations.Judge(ctx, who, x.ID, e.ID, evaluation.Ballot{Reason: "没有说明"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Evaluations.Enter(ctx, panel[0], x.ID, evaluation.Declaration{Tie: "配偶在第2中心任职"}); err != nil {
			t.Fatal(err)
		}
		if e, _, err = h.Evaluations.Explanation(ctx, h.Officer, e.ID); err != nil || e.DecidedAt != nil || len(e.Votes) != 2 {
			t.Fatalf("%+v, %v", e, err)
		}
		next := h.Expert(t, "武汉某大学")
		if _, err := h.Evaluations.Name(ctx, h.Officer, x.ID, evaluation.Naming{Login: h.Login(next.Account), Seat: evaluation.ExpertSeat, Reason: "补充"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Evaluations.Enter(ctx, next, x.ID, evaluation.Declaration{Clear: true}); err != nil {
			t.Fatal(err)
		}
		h.HandedIn(t, []party.Actor{next}, x, func(string) int64 { return 80 })
		if err := h.Evaluations.Judge(ctx, next, x.ID, e.ID, evaluation.Ballot{Reason: "没有说明"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Evaluations.Settle(ctx, panel[1], x.ID); err != nil { // the doubt about whoever left no longer waits
			t.Fatal(err)
		}
	})
}

// 87号令61: the report is signed by each, a dissent is written down with its
// reason, and whoever is silent is taken to agree.
func TestTheReportIsSignedAndDissentStands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders, panel := offers(t, h, 600_000, 610_000, 620_000)
		if err := h.Evaluations.Sign(ctx, panel[0], x.ID, evaluation.Signing{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("signed before there is a report: %v", err)
		}
		h.HandedIn(t, panel, x, byName)
		if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Evaluations.Settle(ctx, panel[1], x.ID); err == nil {
			t.Error("settled twice")
		}
		sign := func(who party.Actor, dissent string) {
			t.Helper()
			if err := h.Evaluations.Sign(ctx, who, x.ID, evaluation.Signing{Dissent: dissent}); err != nil {
				t.Fatal(err)
			}
		}
		sign(panel[0], "")
		sign(panel[1], "第2中心的业绩证明是复印件，不应计分")
		if err := h.Evaluations.Sign(ctx, panel[1], x.ID, evaluation.Signing{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a signature was taken back: %v", err)
		}
		if err := h.Evaluations.Report(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("87号令61 两人签署就送交: %v", err)
		}
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid}); !fault.Is(err, fault.Conflict) {
			t.Errorf("条例43 报告没有送交就定标: %v", err)
		}
		sign(panel[2], "")
		if err := h.Evaluations.Report(ctx, panel[0], x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a member sent the report: %v", err)
		}
		if err := h.Evaluations.Report(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Evaluations.Sign(ctx, panel[3], x.ID, evaluation.Signing{Dissent: "迟到的意见"}); !fault.Is(err, fault.TooLate) {
			t.Errorf("87号令61 送交之后签署: %v", err)
		}
		if err := h.Evaluations.Report(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("sent twice: %v", err)
		}
		e, _, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil || e.Number == "" || e.Report == nil || e.ReportedAt == nil {
			t.Fatalf("%+v, %v", e, err)
		}
		for name, c := range map[string]struct {
			who party.Actor
			ok  bool
		}{"officer": {h.Officer, true}, "approver": {h.Approver, true}, "supervisor": {h.Supervisor, true}, "member": {panel[4], true},
			"bidder": {bidders[0], false}, "another expert": {h.Expert(t, ""), false}, "visitor": {party.Actor{}, false}} {
			if _, err := h.Archive.Get(ctx, c.who, *e.Report); (err == nil) != c.ok {
				t.Errorf("the report for the %s: %v", name, err)
			}
		}
		dissents, signed := 0, 0
		for _, m := range seated(t, h, x.ID) {
			if m.Dissent != "" {
				dissents++
			}
			if m.SignedAt != nil {
				signed++
			}
		}
		if dissents != 1 || signed != 3 {
			t.Errorf("%d dissent, %d signed", dissents, signed)
		}
	})
}

// 法36: the buyer ends a purchase on the grounds of the article only, with the
// reason, which everybody reads; that all prices are too high is counted.
func TestVoid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := h.Opened(t, 3, nil)
		why := evaluation.Voiding{Ground: evaluation.IllegalGround, Reason: "经查有供应商串通投标"}
		for name, who := range map[string]party.Actor{"officer": h.Officer, "supervisor": h.Supervisor, "bidder": bidders[0], "visitor": {}} {
			if err := h.Evaluations.Void(ctx, who, x.ID, why); err == nil {
				t.Errorf("%s ended the purchase", name)
			}
		}
		for what, in := range map[string]evaluation.Voiding{
			"no ground": {Reason: "x"}, "another ground": {Ground: "dislike", Reason: "x"}, "no reason": {Ground: evaluation.TaskGround, Reason: " "},
			"法36 有报价没有超过预算": {Ground: evaluation.BudgetGround, Reason: "均超预算"},
		} {
			if err := h.Evaluations.Void(ctx, h.Approver, x.ID, in); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		void := func(x tender.Tender, in evaluation.Voiding) {
			t.Helper()
			if err := h.Evaluations.Void(ctx, h.Approver, x.ID, in); err != nil {
				t.Fatalf("%+v: %v", in, err)
			}
			if got := h.Again(t, x.ID); got.State != tender.Failed || !strings.Contains(got.Reason, in.Reason) || !strings.Contains(got.Reason, "政府采购法第36条") {
				t.Errorf("%s, %q", got.State, got.Reason)
			}
			if err := h.Evaluations.Void(ctx, h.Approver, x.ID, in); !fault.Is(err, fault.Forbidden) {
				t.Errorf("ended twice: %v", err)
			}
		}
		void(x, why)
		h2 := bidtest.New(t, d)
		h, ctx = h2, t.Context()
		y, _ := h.Opened(t, 3, nil)
		// A bid above the ceiling is not sealed here, so the ceiling comes down.
		if _, err := d.NewUpdate().Model((*tender.Tender)(nil)).Set("ceiling_amount = ?", 599_999_99).Where("id = ?", y.ID).Exec(ctx); err != nil {
			t.Fatal(err)
		}
		void(y, evaluation.Voiding{Ground: evaluation.BudgetGround, Reason: "三家报价均高于最高限价"})
		h = bidtest.New(t, d)
		z, _ := h.Opened(t, 3, nil)
		panel := h.Panel(t, z, 5)
		h.Scored(t, panel, z, byName)
		void(z, evaluation.Voiding{Ground: evaluation.TaskGround, Reason: "区划调整，服务任务取消"})
	})
}
