package grant_test

import (
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/review"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db/dbtest"
)

// An officer with four hundred applications: the round is settled by a line,
// the board and the desks are read in a handful of queries, those that failed
// are told in batches, and a second press has nothing left to do.
func TestFourHundredApplications(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		const n = 400
		apps := calltest.Crowd(t, h.DB, c, h.Officer.Account, h.Clock.Now(), n)
		h.Close(c)
		panel := h.Panel(c)
		board, err := h.Reviews.Board(ctx, h.Officer, c.ID, 0)
		if err != nil || len(board.Standings) != n || board.Unfinished != 3*n {
			t.Fatalf("the board: %d, %d waiting, %v", len(board.Standings), board.Unfinished, err)
		}
		var sheets []review.Sheet
		now := h.Clock.Now()
		for i, a := range apps {
			for _, r := range board.Reviewers {
				total := review.Score(100 * (40 + i%60)) // 40 to 99
				v := int64(40 + i%60)
				sheets = append(sheets, review.Sheet{Reviewer: r.ID, Application: a.ID, Version: 1, Scores: []*int64{&v, &v, &v}, Comment: "需求清楚。", Total: &total, SavedAt: now, HandedAt: &now})
			}
		}
		_, err = d.NewInsert().Model(&sheets).Exec(ctx)
		h.Must(err)
		err = h.Reviews.Settle(ctx, h.Officer, c.ID, nil)
		if said, _ := fault.Complaints(err); len(said) != 1 || said[0].Name != "line" {
			t.Errorf("400 complaints in place of one: %d, %v", len(said), err)
		}
		err = h.Reviews.Settle(ctx, h.Officer, c.ID, nil, review.Cut{Line: "70"})
		if said, _ := fault.Complaints(err); len(said) == 0 {
			t.Errorf("a line without a reason: %v", err)
		}
		own := map[id.ID]review.Ruling{apps[0].ID: {Passed: true}, apps[59].ID: {Reason: "与其他申请重复"}} // 40 and 99 points
		from := time.Now()
		h.Must(h.Reviews.Settle(ctx, h.Officer, c.ID, own, review.Cut{Line: "70", Reason: "平均分没有达到 70 分"}))
		settled := time.Since(from)
		for _, r := range []string{"passed", "failed", "none"} {
			got, err := h.Applications.Count(ctx, h.Officer, application.Filter{Call: c.ID, Review: r})
			want := map[string]int{"passed": 190, "failed": 210, "none": 0}[r] // 30 of 60 in each of six, none of the last 40; one each way
			if err != nil || got != want {
				t.Errorf("%s: %d, not %d, %v", r, got, want, err)
			}
		}
		from = time.Now()
		desk, err := h.Reviews.DeskOf(ctx, panel[0], c.ID)
		if err != nil || len(desk.Items) != n || desk.Left != 0 {
			t.Errorf("the desk: %d, %v", len(desk.Items), err)
		}
		read := time.Since(from)
		from = time.Now()
		told, err := h.Grants.DeclineRest(ctx, h.Approver, c.ID)
		t.Logf("settled in %s, a desk read in %s, %d told in %s", settled, read, told, time.Since(from))
		if err != nil || told != 210 {
			t.Errorf("%d were told, %v", told, err)
		}
		if again, err := h.Grants.DeclineRest(ctx, h.Approver, c.ID); err != nil || again != 0 {
			t.Errorf("told twice: %d, %v", again, err)
		}
		got, err := h.Grants.Decisions(ctx, apps[59].ID)
		if err != nil || len(got) != 1 || got[0].Reason != "与其他申请重复" {
			t.Errorf("the reason: %+v, %v", got, err)
		}
		if left, err := application.Undecided(ctx, d, c.ID); err != nil || left != 190 {
			t.Errorf("%d wait, %v", left, err)
		}
		letters, err := d.NewSelect().TableExpr("message").Where("title LIKE ?", "%未获支持").Count(ctx)
		if err != nil || letters != 210 {
			t.Errorf("%d letters, %v", letters, err)
		}
	})
}
