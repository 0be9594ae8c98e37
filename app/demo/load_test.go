package demo_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongji/app"
	"gongji/app/apptest"
	"gongji/app/demo"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/object"
)

// product is a demonstration on one set of parts, its machine's clock at now.
type product struct {
	*app.App
	config app.Config
}

func put(t *testing.T, dsn, data string, st object.Store, now time.Time) product {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, db.Options{MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	c := app.Config{Data: data, DatabaseURL: dsn, PublicURL: "http://127.0.0.1:1", Demo: true}
	a, err := app.New(c, app.Parts{DB: d, Store: st, Clock: clock.NewManual(now), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return product{a, c}
}

func (p product) load(t *testing.T) []demo.Account {
	t.Helper()
	list, err := demo.Load(t.Context(), p.App, p.config)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var day = time.Date(2026, 11, 21, 22, 0, 0, 0, clock.Beijing)

// each loads the demonstration on SQLite with a folder and on PostgreSQL with
// MinIO.
func each(t *testing.T, run func(t *testing.T, p product, accounts []demo.Account)) {
	t.Run("sqlite", func(t *testing.T) {
		p := put(t, "sqlite:"+dbtest.SQLiteFile(t), t.TempDir(), folder(t), day)
		run(t, p, p.load(t))
	})
	t.Run("postgres", func(t *testing.T) {
		p := put(t, dbtest.PostgresURL(t), t.TempDir(), apptest.MinIO(t), day)
		run(t, p, p.load(t))
	})
}

func folder(t *testing.T) object.Store {
	t.Helper()
	st, err := object.OpenDir(filepath.Join(t.TempDir(), "objects"))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestTheDemonstration(t *testing.T) {
	each(t, func(t *testing.T, p product, accounts []demo.Account) {
		t.Run("every record is there and what is made up is marked", func(t *testing.T) { records(t, p, accounts) })
		t.Run("the funds hold the published figures", func(t *testing.T) { figures(t, p, accounts) })
		t.Run("everything in it is proved", func(t *testing.T) {
			r, err := p.Check.Everything(t.Context())
			if err != nil || !r.Sound {
				t.Errorf("%+v, %v", r.Parts, err)
			}
		})
		t.Run("every way of buying and everything around it is there", func(t *testing.T) { whole(t, p) })
		t.Run("no real organisation is graded", func(t *testing.T) { grades(t, p, accounts) })
	})
}

func records(t *testing.T, p product, accounts []demo.Account) {
	ctx := t.Context()
	var all []tender.Tender
	if err := p.DB.NewSelect().Model(&all).Scan(ctx); err != nil {
		t.Fatal(err)
	}
	real, states := 0, map[tender.State]int{}
	for _, x := range all {
		fields, _ := x.Marked()
		if !x.Demo || len(fields) == 0 {
			t.Errorf("%s is not marked as a demonstration", x.Title)
		}
		states[x.StateAt(p.Clock.Now())]++
		if x.SourceURL != "" {
			real++
		} else if !strings.Contains(x.Title, "（演示）") || !strings.HasSuffix(x.BuyerName, "（演示）") {
			t.Errorf("%q of %q passes for real", x.Title, x.BuyerName)
		}
	}
	if real != 16 {
		t.Errorf("%d of 16 records became tenders", real)
	}
	for _, s := range []tender.State{tender.Draft, tender.Review, tender.Open, tender.Closed, tender.Failed, tender.Evaluating, tender.Evaluated,
		tender.Decided, tender.Awarded, tender.Contracted, tender.Completed, tender.Cancelled} {
		if states[s] == 0 {
			t.Errorf("no tender is %s", s.Name())
		}
	}
	roles := map[string]bool{}
	for _, a := range accounts {
		roles[a.Kind+"."+a.Role] = true
	}
	for kind, list := range party.RolesOf {
		for _, r := range list {
			if name := string(kind) + "." + string(r); !roles[name] && name != "enterprise.staff" && name != "community.staff" {
				t.Errorf("nobody is %s", name)
			}
		}
	}
}

// whole asks for one of everything that a page of procurement shows.
func whole(t *testing.T, p product) {
	for what, query := range map[string]string{
		"a consultation of two":              "SELECT count(*) FROM tender WHERE method = 'consultation' AND state = 'evaluating' AND (SELECT count(*) FROM bid WHERE bid.tender = tender.id AND version > 0) = 2",
		"a negotiation":                      "SELECT count(*) FROM tender WHERE method = 'negotiation' AND state = 'open'",
		"a single source with an objection":  "SELECT count(*) FROM objection JOIN tender ON tender.id = objection.tender WHERE method = 'single' AND answered_at IS NULL",
		"a framework with who is admitted":   "SELECT count(*) FROM framework_member",
		"a call-off":                         "SELECT count(*) FROM tender WHERE method = 'calloff' AND framework IS NOT NULL AND published_at IS NOT NULL",
		"an emergency":                       "SELECT count(*) FROM tender WHERE method = 'emergency' AND state = 'contracted'",
		"three packages":                     "SELECT count(*) / 3 FROM tender WHERE package > 0",
		"an intention that became a tender":  "SELECT count(*) FROM tender JOIN intention ON intention.id = tender.intention",
		"an intention that did not yet":      "SELECT count(*) FROM intention WHERE published_at IS NOT NULL AND id NOT IN (SELECT intention FROM tender WHERE intention IS NOT NULL)",
		"an intention that waits":            "SELECT count(*) FROM intention WHERE state = 'draft'",
		"a survey":                           "SELECT count(*) FROM survey_respondent",
		"a question that waits":              "SELECT count(*) FROM question WHERE answered_at IS NULL",
		"an answered question":               "SELECT count(*) FROM question WHERE answered_at IS NOT NULL",
		"an amendment":                       "SELECT count(*) FROM amendment WHERE state = 'published'",
		"a query that waits":                 "SELECT count(*) FROM challenge WHERE kind = 'query' AND state = 'open'",
		"a 质疑 that waits":                    "SELECT count(*) FROM challenge WHERE kind = 'challenge' AND state = 'open'",
		"a 质疑 that was right":                "SELECT count(*) FROM challenge WHERE kind = 'challenge' AND outcome = 'upheld'",
		"a complaint that stops its tender":  "SELECT count(*) FROM challenge JOIN suspension ON suspension.cause = challenge.id WHERE kind = 'complaint' AND challenge.state = 'accepted'",
		"an amended contract":                "SELECT count(*) FROM contract_amendment WHERE state = 'approved'",
		"a change of a contract that waits":  "SELECT count(*) FROM contract_amendment WHERE state = 'proposed'",
		"a panel member who declared a tie":  "SELECT count(*) FROM panel_member WHERE stood_aside <> ''",
		"an expert whom the draw left aside": "SELECT count(*) FROM draw WHERE CAST(record AS TEXT) LIKE '%受雇%'",
	} {
		var n int
		if err := p.DB.NewRaw(query).Scan(t.Context(), &n); err != nil || n == 0 {
			t.Errorf("there is not %s: %d, %v", what, n, err)
		}
	}
}

func figures(t *testing.T, p product, _ []demo.Account) {
	ctx := t.Context()
	funds, err := p.Funds.List(ctx, party.Actor{}, fund.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]money.Fen{ // in, out
		"广东省德胜社区慈善基金会":     {1_000 * money.Wan, 1_000 * money.Wan},
		"成都市社区发展基金会（9家合计）": {4_704 * money.Wan, 0},
		"临沂市罗庄区慈善总会":       {4_260_766 * money.Yuan, 0},
		"德州市慈善总会":          {41_762_801 * money.Yuan, 11_989_508 * money.Yuan},
		"成都市慈善总会":          {6_336 * money.Yuan, 0},
	}
	stock := map[string]int64{}
	for _, f := range funds {
		if w, ok := want[f.FoundationName]; ok && (f.In != w[0] || f.Out != w[1]) {
			t.Errorf("%s took in %s and paid %s", f.FullName(), f.In.Yuan(), f.Out.Yuan())
		}
		delete(want, f.FoundationName)
		if !f.Demo || len(f.Marks) == 0 {
			t.Errorf("%s is not marked", f.FullName())
		}
		if r, err := p.Ledger.Verify(ctx, f.Foundation); err != nil || !r.Sound() {
			t.Errorf("%s: %v %v", f.FullName(), r.Problems, err)
		}
		levels, err := p.Goods.Stock(ctx, p.DB, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range levels {
			stock[f.FoundationName+l.Name+l.Measure()] = l.In
		}
	}
	if len(want) > 0 {
		t.Errorf("no fund of %v", want)
	}
	for name, n := range map[string]int64{"一次性口罩": 28_240, "84消毒水20L桶": 134, "75%医用酒精20L桶": 50, "一次性橡胶手套双": 11_050, "一次性雨衣件": 2_183, "护目镜个": 649} {
		if stock["横沥社区发展基金会"+name] != n {
			t.Errorf("%s: %d in stock, want %d", name, stock["横沥社区发展基金会"+name], n)
		}
	}
}

func grades(t *testing.T, p product, _ []demo.Account) {
	var graded []string
	err := p.DB.NewSelect().TableExpr("performance AS x").Join("JOIN organisation AS o ON o.id = x.provider").ColumnExpr("o.name").Scan(t.Context(), &graded)
	if err != nil || len(graded) == 0 {
		t.Fatal(graded, err)
	}
	for _, name := range graded {
		if !strings.HasSuffix(name, "（演示）") {
			t.Errorf("%s was given a grade that nobody gave it", name)
		}
	}
}

// A restart finds the demonstration, its tokens and its clock where they were.
func TestTheClockStaysWhereItWasSet(t *testing.T) {
	dsn, data, st := "sqlite:"+dbtest.SQLiteFile(t), t.TempDir(), folder(t)
	p := put(t, dsn, data, st, day)
	first := p.load(t)
	if err := p.Demo.Advance(72 * time.Hour); err != nil {
		t.Fatal(err)
	}
	again := put(t, dsn, data, st, day)
	if list := again.load(t); len(list) != len(first) || list[0] != first[0] {
		t.Error("the demonstration was loaded twice")
	}
	if now := again.Demo.Now(); !now.Equal(day.Add(72 * time.Hour)) {
		t.Errorf("the clock says %s", now)
	}
	if err := again.Demo.Reset(); err != nil {
		t.Fatal(err)
	}
	if last := put(t, dsn, data, st, day); len(last.load(t)) == 0 || !last.Demo.Now().Equal(day) {
		t.Error("the clock was not reset")
	}
}

// In a year whose working days nobody has loaded, the demonstration plays on
// its usual day.
func TestTheDemonstrationPlaysInAnyYear(t *testing.T) {
	for _, now := range []time.Time{day.AddDate(-1, 0, 0), day.AddDate(0, 1, 5), day.AddDate(3, 0, 0)} {
		p := put(t, "sqlite:"+dbtest.SQLiteFile(t), t.TempDir(), folder(t), now)
		p.load(t)
		if y := p.Demo.Now().Year(); y != 2026 {
			t.Errorf("from %s the clock is in %d", now, y)
		}
	}
}

// Data that is not a demonstration's is neither mixed with it nor removed.
func TestOtherDataIsLeftAlone(t *testing.T) {
	dsn, data := "sqlite:"+dbtest.SQLiteFile(t), t.TempDir()
	p := put(t, dsn, data, folder(t), day)
	if _, err := p.DB.ExecContext(t.Context(), "INSERT INTO account (id, login, name, password_hash, created_at) VALUES ('A', 'somebody', '某人', '', ?)", day); err != nil {
		t.Fatal(err)
	}
	if err := demo.Clear(p.config); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Load(t.Context(), p.App, p.config); err == nil || !strings.Contains(err.Error(), "已有别的数据") {
		t.Errorf("loaded into somebody's data: %v", err)
	}
	n, err := p.DB.NewSelect().TableExpr("account").Count(t.Context())
	if err != nil || n != 1 {
		t.Errorf("%d accounts, %v", n, err)
	}
}
