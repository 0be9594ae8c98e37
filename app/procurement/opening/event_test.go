package opening_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/storage/db/dbtest"
)

func TestWatchersMissNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 3)
		var seen [4][]opening.Event
		var wg sync.WaitGroup
		watch := func(i int) {
			wg.Go(func() {
				err := h.Openings.Watch(ctx, x.ID, 0, func(e opening.Event) error {
					seen[i] = append(seen[i], e)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		watch(0)
		watch(1)
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		watch(2)
		h.Give(t, x, 2)
		h.Open(t, x)
		watch(3)
		wg.Wait()
		for i, list := range seen {
			var kinds []string
			for n, e := range list {
				if e.Seq != int64(n+1) || e.Data.Text == "" {
					t.Errorf("watcher %d: event %d is %+v", i, n, e)
				}
				kinds = append(kinds, string(e.Kind))
			}
			got := strings.Join(kinds, " ")
			if !strings.HasSuffix(got, "reading line line line confirming closed") {
				t.Errorf("watcher %d saw %s", i, got)
			}
		}
	})
}
