package review_test

import (
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/account"
	"gongji/storage/db/dbtest"
)

func TestAConflictIsFoundAndBlocksBeforeFilesOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		dawn, warm := h.Applicant("晨光社会工作服务中心"), h.Applicant("暖邻为老服务中心")
		a, b := h.Sent(dawn, c, "暖邻行动"), h.Sent(warm, c, "银龄食堂")
		file := copyOf(t, h, a).Papers[1].Attachment
		h.Close(c)
		tied, login := h.Person("林教授", "晨光社会工作服务中心")
		h.Must(h.Reviews.Name(ctx, h.Officer, c.ID, login))
		if err := h.Reviews.Open(ctx, h.Officer, c.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "不少于3人") {
			t.Fatalf("opened with too few: %v", err)
		}
		if _, err := h.Reviews.Scoring(ctx, tied, b.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("read before the round opened: %v", err)
		}
		panel := h.Panel(c)
		desk, err := h.Reviews.DeskOf(ctx, tied, c.ID)
		if err != nil || desk.Declared || desk.Items[0].Tied != "工作单位" || desk.Items[1].Title != "" {
			t.Fatalf("the desk before declaring: %+v, %v", desk.Items, err)
		}
		if _, _, err := h.Applications.OpenPaper(ctx, tied, b.ID, copyOf(t, h, b).Papers[1].Attachment); !fault.Is(err, fault.NotFound) {
			t.Errorf("a file opened before the declaration: %v", err)
		}
		h.Must(h.Reviews.Declare(ctx, tied, c.ID, review.Declaration{Agree: true}))
		if _, _, err := h.Applications.Get(ctx, tied, a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the tied application opened: %v", err)
		}
		if _, _, err := h.Applications.OpenPaper(ctx, tied, a.ID, file); !fault.Is(err, fault.NotFound) {
			t.Errorf("its file opened: %v", err)
		}
		if _, _, err := h.Attachments.Open(ctx, tied, file); !fault.Is(err, fault.NotFound) {
			t.Errorf("its file opened as an attachment: %v", err)
		}
		if err := h.Reviews.HandIn(ctx, tied, a.ID, calltest.Marks(100)); !fault.Is(err, fault.NotFound) {
			t.Errorf("scored in spite of the tie: %v", err)
		}
		if _, err := h.Reviews.Scoring(ctx, tied, b.ID); err != nil {
			t.Errorf("the other application is closed too: %v", err)
		}
		// A tie that comes up later closes the application at once.
		m := account.Membership{ID: id.New(h.Clock.Now()), Account: panel[0].Account, Organisation: warm.Org, Role: "staff", CreatedAt: h.Clock.Now()}
		_, err = d.NewInsert().Model(&m).Exec(ctx)
		h.Must(err)
		if _, err := h.Reviews.Scoring(ctx, panel[0], b.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a new tie does not close the application: %v", err)
		}
		if err := h.Reviews.Recuse(ctx, panel[1], a.ID, "曾是理事长的研究生"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Reviews.Scoring(ctx, panel[1], a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a declared tie does not close the application: %v", err)
		}
	})
}

func copyOf(t *testing.T, h *calltest.House, a application.Application) application.Content {
	t.Helper()
	x, err := application.Last(t.Context(), h.DB, a.ID)
	h.Must(err)
	return x.Content
}

func TestARoundIsScoredOnceAndSettledWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		a, b := h.Sent(h.Applicant("晨光社会工作服务中心"), c, "暖邻行动"), h.Sent(h.Applicant("暖邻为老服务中心"), c, "银龄食堂")
		h.Close(c)
		panel := h.Panel(c)
		for i, who := range panel {
			h.Mark(who, a.ID, int64(70+10*i))
		}
		if err := h.Reviews.HandIn(ctx, panel[0], a.ID, calltest.Marks(99)); !fault.Is(err, fault.Conflict) {
			t.Errorf("a sheet was handed in twice: %v", err)
		}
		ruling := map[id.ID]review.Ruling{a.ID: {Passed: true}, b.ID: {Reason: "方案不够具体"}}
		if err := h.Reviews.Settle(ctx, h.Officer, c.ID, ruling); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "3 份评分") {
			t.Errorf("settled with sheets missing: %v", err)
		}
		for _, who := range panel {
			h.Mark(who, b.ID, 60)
		}
		if err := h.Reviews.Settle(ctx, h.Officer, c.ID, map[id.ID]review.Ruling{a.ID: {Passed: true}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("settled without a word on one: %v", err)
		}
		if err := h.Reviews.Settle(ctx, h.Approver, c.ID, ruling); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the approver settled: %v", err)
		}
		h.Must(h.Reviews.Settle(ctx, h.Officer, c.ID, ruling))
		board, err := h.Reviews.Board(ctx, h.Officer, c.ID, 0)
		if err != nil || !board.Over || board.Standings[0].Mean != 8000 || board.Standings[0].Spread != 2000 || board.Standings[1].Rank != 2 || board.Standings[1].Outcome.Reason == "" {
			t.Errorf("the board: %+v, %v", board, err)
		}
		if err := h.Reviews.Save(ctx, panel[0], a.ID, calltest.Marks(10)); !fault.Is(err, fault.TooLate) {
			t.Errorf("scored after the round: %v", err)
		}
	})
}
