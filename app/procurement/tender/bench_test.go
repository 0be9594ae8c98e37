package tender_test

import (
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

// BenchmarkSearch reports the 99th percentile of two-character searches over
// 1,000 and 100,000 tenders; run it with -benchtime 1x.
func BenchmarkSearch(b *testing.B) {
	lite := func(b *testing.B) *bun.DB {
		d, err := db.Open(b.Context(), "sqlite:"+dbtest.SQLiteFile(b), db.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = d.Close() })
		return d
	}
	for name, open := range map[string]func(*testing.B) *bun.DB{"sqlite": lite, "postgres": func(b *testing.B) *bun.DB { return dbtest.Postgres(b) }} {
		for _, n := range []int{1_000, 100_000} {
			b.Run(name+"/"+map[int]string{1_000: "1k", 100_000: "100k"}[n], func(b *testing.B) {
				d := open(b)
				h := tendertest.New(b, d)
				began := time.Now()
				if err := tender.Fill(b.Context(), d, h.Bureau, h.Officer.Account, n, tendertest.Start); err != nil {
					b.Fatal(err)
				}
				b.Logf("filled %d in %v", n, time.Since(began))
				if db.Postgres(d) {
					_, _ = d.ExecContext(b.Context(), "ANALYZE")
				}
				for b.Loop() {
					for kind, words := range map[string][]string{
						"two":  {"养老", "社区", "项目", "民政", "儿童", "助餐", "五桥", "没有", "评估", "武汉"},
						"long": {"居家养老", "养老 青山", "社区居民托育", "心理 五桥", "应急救援"},
					} {
						for _, list := range []bool{false, true} {
							var took []time.Duration
							for range 300 / len(words) {
								for _, w := range words {
									t0 := time.Now()
									var err error
									if list {
										_, err = h.Tenders.List(b.Context(), tender.Filter{Text: w})
									} else {
										_, err = search.Find(b.Context(), d, search.Tender, w, search.Most)
									}
									if err != nil {
										b.Fatal(err)
									}
									took = append(took, time.Since(t0))
								}
							}
							slices.Sort(took)
							what := map[bool]string{false: "find", true: "list"}[list]
							b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, kind+"-"+what+"-p99-ms")
							b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, kind+"-"+what+"-p50-ms")
						}
					}
				}
			})
		}
	}
}
