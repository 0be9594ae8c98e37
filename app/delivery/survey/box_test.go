package survey_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/delivery/survey"
	"gongji/app/kernel/fault"
	"gongji/storage/db/dbtest"
)

// A street answers in the same minute: some more than once, some with a code
// that is none, some with answers that are none. Each is told what is true of
// the own answer, and nobody's falls for another's sake.
func TestAStreetAnswersAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := published(t, d), t.Context()
		codes := h.invite(t, 60)
		h.Clock.Set(h.v.OpensAt)
		const twice = 3
		kept, used := make([]int, len(codes)), make([]int, len(codes))
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i, code := range codes {
			for range twice {
				wg.Go(func() {
					in := said(i%5 + 1)
					in["words"] = fmt.Sprintf("第%d户", i)
					_, err := h.s.Answer(ctx, code, in)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						kept[i]++
					case fault.Is(err, fault.Conflict):
						used[i]++
					default:
						t.Errorf("%d: %v", i, err)
					}
				})
			}
			wg.Go(func() {
				if _, err := h.s.Answer(ctx, "AAAA-AAAA-AAAA", said(1)); !fault.Is(err, fault.NotFound) {
					t.Errorf("a code that is none: %v", err)
				}
			})
			wg.Go(func() {
				if _, err := h.s.Answer(ctx, code, survey.Answers{"often": "9"}); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
					t.Errorf("rubbish: %v", err)
				}
			})
		}
		wg.Wait()
		for i := range codes {
			if kept[i] != 1 || used[i] != twice-1 {
				t.Errorf("code %d: taken %d times, refused %d times", i, kept[i], used[i])
			}
		}
		var answers, remarks int
		if err := d.NewRaw("SELECT (SELECT COUNT(*) FROM resident_answer), (SELECT COUNT(*) FROM resident_remark)").Scan(ctx, &answers, &remarks); err != nil {
			t.Fatal(err)
		}
		if answers != len(codes) || remarks != len(codes) {
			t.Errorf("%d answers and %d remarks of %d codes", answers, remarks, len(codes))
		}
	})
}
