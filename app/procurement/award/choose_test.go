package award_test

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
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// equals is a settled evaluation with two bids alike in the first place.
func equals(t *testing.T, h *bidtest.House, change map[string]string) (tender.Tender, evaluation.Record) {
	t.Helper()
	x := h.Published(t, change)
	for i, yuan := range []money.Fen{600_000, 600_000, 700_000} {
		h.Submitted(t, h.Supplier(t, "第"+string(rune('1'+i))+"社会工作服务中心"), x, yuan*money.Yuan)
		h.Clock.Advance(time.Millisecond)
	}
	h.Clock.Set(*x.Deadline)
	h.Open(t, x)
	x = h.Again(t, x.ID)
	h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
	_, r, err := h.Evaluations.Result(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Lines[0].Tied || !r.Lines[1].Tied || r.Lines[1].Rank != 1 || r.Lines[2].Rank != 3 {
		t.Fatalf("%+v", r.Lines)
	}
	return x, r
}

// lots draws between the equals and gives their order.
func lots(t *testing.T, h *bidtest.House, x tender.Tender) (*draw.File, []id.ID) {
	t.Helper()
	ctx := t.Context()
	if err := h.Evaluations.DrawLots(ctx, h.Supervisor, x.ID, "排列三 123"); !fault.Is(err, fault.NotFound) {
		t.Errorf("lots before they were announced: %v", err)
	}
	if err := h.Evaluations.CommitLots(ctx, h.Supervisor, x.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the supervisor announced: %v", err)
	}
	if err := h.Evaluations.CommitLots(ctx, h.Officer, x.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.Evaluations.CommitLots(ctx, h.Officer, x.ID); err == nil {
		t.Error("announced twice")
	}
	both := h.Officer
	both.Role = party.Supervisor
	if err := h.Evaluations.DrawLots(ctx, both, x.ID, "排列三 123"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("whoever announced typed the seed: %v", err)
	}
	if err := h.Evaluations.DrawLots(ctx, h.Supervisor, x.ID, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("no seed: %v", err)
	}
	if err := h.Evaluations.DrawLots(ctx, h.Supervisor, x.ID, "2026-06-22 排列三 123"); err != nil {
		t.Fatal(err)
	}
	if err := h.Evaluations.DrawLots(ctx, h.Supervisor, x.ID, "排列三 124"); !fault.Is(err, fault.Conflict) {
		t.Errorf("drawn until it suits: %v", err)
	}
	f, err := h.Evaluations.Lots(ctx, h.Officer, x.ID)
	if err != nil || f == nil || len(f.Replay()) != 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	order, err := evaluation.LotOrder(ctx, h.DB, x.ID)
	if err != nil || len(order) != 2 {
		t.Fatal(order, err)
	}
	return f, order
}

// Equals in score and price are tied (87号令57); then as the documents say, or
// lots, which bind whoever gives no other reason (87号令68).
func TestEqualsAreDrawnByLot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, r := equals(t, h, nil)
		propose := func(b id.ID, reason string) error {
			_, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: b, Reason: reason})
			return err
		}
		if err := propose(r.Lines[0].Bid, ""); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "第68条") {
			t.Errorf("87号令68 并列第一既不按文件也没有抽签: %v", err)
		}
		f, order := lots(t, h, x)
		if f.Purpose != draw.Tie || len(f.Pool) != 2 {
			t.Errorf("87号令57 抽签名单: %+v", f)
		}
		if err := propose(order[1], ""); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "抽签第一的是另一家") {
			t.Errorf("87号令68 不按抽签结果: %v", err)
		}
		if err := propose(order[0], ""); err != nil {
			t.Error("87号令68 按抽签结果确定", err)
		}
	})
}

// Nobody draws lots where nobody is tied.
func TestNoLotsWithoutATie(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := bidtest.New(t, d)
		x, _ := evaluated(t, h, nil)
		if err := h.Evaluations.CommitLots(t.Context(), h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("%v", err)
		}
	})
}

// 214号: a buyer in a 竞争性磋商 who chooses nobody in five working days has
// chosen rank 1; equals wait for lots. In a tender silence chooses nobody.
func TestASilentBuyer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		for _, c := range []struct {
			method string
			days   int // calendar days after the report, which comes on a Monday
			kind   fault.Kind
			says   string // "" where rank 1 is chosen
		}{
			{"consultation", 6, fault.Conflict, "期限还没有过"},
			{"consultation", 8, fault.Conflict, ""},
			{"open", 30, fault.Conflict, "期限还没有过"},
		} {
			h, ctx := bidtest.New(t, d), t.Context()
			x, _ := evaluated(t, h, map[string]string{"method": c.method})
			e, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			h.Clock.Set(e.ReportedAt.AddDate(0, 0, c.days))
			if _, err := h.Awards.Lapse(ctx, h.Officer, x.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("the officer made it known: %v", err)
			}
			a, err := h.Awards.Lapse(ctx, h.Approver, x.ID)
			if c.says != "" {
				if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("214号 %+v: %v", c, err)
				}
				continue
			}
			if err != nil || !a.Silent || a.Rank != 1 || a.Bid != r.Lines[0].Bid || a.State != award.Approved || !strings.Contains(a.Reason, "财库〔2014〕214号") {
				t.Errorf("214号 %+v: %+v, %v", c, a, err)
			}
			if got := h.Again(t, x.ID); got.State != tender.Awarded {
				t.Errorf("the tender is %s", got.State)
			}
		}
		h, ctx := bidtest.New(t, d), t.Context()
		x, r := equals(t, h, map[string]string{"method": "consultation"})
		h.Clock.Advance(9 * 24 * time.Hour)
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[2].Bid, Reason: "第一名有瑕疵"}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "视为确定排名第一") {
			t.Errorf("214号 逾期后另选: %v", err)
		}
		if _, err := h.Awards.Lapse(ctx, h.Approver, x.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "请先抽签") {
			t.Errorf("214号 并列第一: %v", err)
		}
		_, order := lots(t, h, x)
		if a, err := h.Awards.Lapse(ctx, h.Approver, x.ID); err != nil || a.Bid != order[0] {
			t.Errorf("214号 抽签之后: %+v, %v", a, err)
		}
	})
}
