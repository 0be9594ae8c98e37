package evaluation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party/standing"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

// rated is a scoring table with 20 points from the 评估等级.
func rated(bands string) tender.Patch {
	p := tendertest.Complete()
	p.Criteria[1].Weight, p.Criteria[1].Bands = "30", "完整可行 = 20–30\n一般 = 0–19.99"
	p.Criteria = append(p.Criteria, tender.CriterionForm{Name: "评估等级", Weight: "20", Kind: tender.RatingCriterion, Bands: bands})
	return p
}

const ratedBands = "5A = 20\n3–4A = 15\n1–2A = 5\n无记录 = 8"

func rate(t *testing.T, h *bidtest.House, org id.ID, level int64, published time.Time, until *time.Time) {
	t.Helper()
	x := standing.Recognition{ID: id.New(h.Clock.Now()), Kind: standing.Rating, Organisation: org, OrgName: "x", Level: level, Issuer: "市民政局",
		IssuedOn: published, ValidUntil: until, State: standing.Published, DraftedBy: h.Officer.Account, DraftedAt: published, DecidedAt: &published}
	if _, err := h.DB.NewInsert().Model(&x).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAFactorFromTheRecord(t *testing.T) {
	t.Run("87号令55 按公开档案计算的因素量化到每个数值", func(t *testing.T) {
		h := bidtest.New(t, dbtest.SQLite(t))
		for bands, says := range map[string]string{"5A = 20\n3–4A = 15\n1–2A = 5": "没有记录的投标人", "5A = 20\n3A = 15\n1–2A = 5\n无记录 = 8": "没有包含数值 4",
			"优秀 = 20\n无记录 = 8": "不能计算", "5A = 10–20\n1–4A = 5\n无记录 = 8": "不能计算"} {
			x, err := h.Tenders.Create(t.Context(), h.Officer, rated(bands))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Tenders.Submit(t.Context(), h.Officer, x.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
				t.Errorf("%q: %v", bands, err)
			}
		}
	})
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, err := h.Tenders.Create(ctx, h.Officer, rated(ratedBands))
		if err != nil {
			t.Fatal(err)
		}
		h.Keyed(t, x)
		if _, err = h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if x, err = h.Tenders.Publish(ctx, h.Approver, x.ID); err != nil {
			t.Fatal(err)
		}
		if qs := len(h.Offer(t, h.Supplier(t, "局外社会工作服务中心"), x, money.Yuan).Answers); qs != 2 {
			t.Errorf("a bidder is asked about its own record: %d questions", qs)
		}
		bidders := h.Bidders(t, x, 4)
		long, short := x.Deadline.AddDate(3, 0, 0), x.Deadline.Add(-time.Hour)
		before := h.Clock.Now()
		rate(t, h, bidders[0].Org, 5, before, &long)
		rate(t, h, bidders[1].Org, 4, before, &short)                     // runs out before the deadline
		rate(t, h, bidders[2].Org, 5, x.Deadline.Add(time.Second), &long) // published after it
		rate(t, h, bidders[3].Org, 3, before, &long)
		h.Clock.Set(*x.Deadline)
		h.Open(t, x)
		x = h.Again(t, x.ID)
		panel := h.Panel(t, x, 5)
		h.Clock.Advance(time.Minute)
		desk, err := h.Evaluations.Desk(ctx, panel[0], x.ID)
		if err != nil || len(desk.Questions) != 2 || len(desk.Computed) != 4 {
			t.Fatalf("the panel's desk: %d questions, %+v, %v", len(desk.Questions), desk.Computed, err)
		}
		typed := h.Marks(t, panel[0], x, func(string) int64 { return 80 })
		typed[0].Scores["3"] = 20_00
		if err := h.Evaluations.Save(ctx, panel[0], x.ID, typed); !fault.Is(err, fault.Invalid) {
			t.Errorf("a member typed over what is computed: %v", err)
		}
		h.Scored(t, panel, x, func(string) int64 { return 80 })
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := map[id.ID]int64{bidders[0].Org: 20_00, bidders[1].Org: 8_00, bidders[2].Org: 8_00, bidders[3].Org: 15_00}
		for i, b := range r.Bidders {
			for _, s := range r.Bids[i].Scores["3"] {
				if s != want[b.Supplier] {
					t.Errorf("%s: %d, want %d", b.Name, s, want[b.Supplier])
				}
			}
		}
		first, _ := r.Of(r.Lines[0].Bid)
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: first.Bid}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Approve(ctx, h.Approver, x.ID); err != nil {
			t.Fatal(err)
		}
		p, err := h.Evaluations.Published(ctx, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := evaluation.ReadPublication(data)
		if err != nil || len(again.Replay()) != 0 || len(again.Computed) != 4 {
			t.Fatalf("replayed: %v, %v", again.Replay(), err)
		}
		five := int64(5)
		again.Computed[1].Value = &five
		if out := again.Replay(); len(out) == 0 || !strings.Contains(strings.Join(out, ""), "按档案数值重算的不一致") {
			t.Errorf("a value that was changed: %v", out)
		}
	})
}
