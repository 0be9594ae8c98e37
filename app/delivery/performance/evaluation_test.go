package performance_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/engagement/engagementtest"
	"gongji/app/delivery/performance"
	"gongji/app/document"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/app/trust/access"
	"gongji/app/trust/signature"
	"gongji/storage/db/dbtest"
	"gongji/storage/object"
	"gongji/storage/queue"
)

type house struct {
	*engagementtest.House
	perf *performance.Service
	t    *testing.T
}

func lay(t *testing.T, d *bun.DB) *house {
	t.Helper()
	h := engagementtest.New(t, d)
	st, err := object.OpenDir(filepath.Join(t.TempDir(), "objects"))
	if err != nil {
		t.Fatal(err)
	}
	q := queue.New(d, queue.Options{Log: slog.New(slog.DiscardHandler)})
	sign, err := signature.Load("", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	a, err := archive.New(d, h.Clock, st, q, access.Registry{}, document.Render, sign, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Open(); err != nil {
		t.Fatal(err)
	}
	accounts, err := account.New(d, h.Clock)
	if err != nil {
		t.Fatal(err)
	}
	orgs := organisation.New(d, h.Clock, h.Policy, accounts)
	return &house{h, performance.New(d, h.Clock, h.Policy, orgs, h.Engagements, a, calendar.Default(), "https://gongji.example"), t}
}

func (h *house) must(x performance.Case, err error) performance.Case {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return x
}

func refused(t *testing.T, what string, err error, k fault.Kind, field string) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%s: %v", what, err)
		return
	}
	var f *fault.Fault
	if errors.As(err, &f) && field != "" {
		for _, x := range f.Fields {
			if x.Name == field {
				return
			}
		}
		t.Errorf("%s: no complaint about %s in %v", what, field, err)
	}
}

// over is an engagement whose term has ended.
func (h *house) over() engagement.Engagement {
	h.t.Helper()
	e := h.Open(h.t, h.Opening())
	if now := h.Clock.Now(); now.Before(e.Due()) {
		h.Clock.Set(e.Due())
	}
	return e
}

var starting = performance.Starting{Template: performance.General, SelfDue: "2026-07-15"}

// line gives a leaf this share of its points, in hundredths of a per cent, as
// its kind is typed.
func line(l performance.Leaf, share int64) performance.LineForm {
	f := performance.LineForm{Reason: "核查服务台账"}
	switch l.Kind {
	case performance.Ratio:
		f.Got, f.Of = performance.Points(share), "100"
	case performance.Interval:
		f.Value = performance.Points(share)
	case performance.YesNo:
		f.Answer = "yes"
	default:
		f.Points = performance.Points(l.Weight * share / 100_00)
	}
	return f
}

func sheet(t performance.Tree, share int64) performance.Sheet {
	s := performance.Sheet{Lines: map[string]performance.LineForm{}, Summary: "项目按合同完成，服务对象普遍满意。"}
	for _, l := range t.Leaves() {
		s.Lines[l.Code] = line(l, share)
	}
	return s
}

// scored takes an engagement up to a sheet ready to be submitted.
func (h *house) scored(share int64) performance.Case {
	h.t.Helper()
	ctx := h.t.Context()
	x := h.must(h.perf.Start(ctx, h.Officer, h.over().ID, starting))
	x = h.must(h.perf.SubmitSelf(ctx, h.Lead, x.ID, performance.Self{Summary: "完成入户服务 1180 次"}))
	x = h.must(h.perf.Check(ctx, h.Officer, x.ID, true, ""))
	return h.must(h.perf.SaveSheet(ctx, h.Officer, x.ID, 0, sheet(x.Tree, share)))
}

func TestNotBeforeTheTermIsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := lay(t, d)
		e := h.Open(t, h.Opening())
		for _, at := range []struct {
			by time.Duration
			ok bool
		}{{-time.Microsecond, false}, {0, true}} {
			h.Clock.Set(e.Due().Add(at.by))
			_, err := h.perf.Start(t.Context(), h.Officer, e.ID, starting)
			if (err == nil) != at.ok {
				t.Errorf("%v after the term: %v", at.by, err)
			}
			if !at.ok && (!fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "2026年6月30日")) {
				t.Errorf("the refusal does not say when: %v", err)
			}
		}
		_, err := h.perf.Start(t.Context(), h.Officer, e.ID, starting)
		refused(t, "a second evaluation", err, fault.Conflict, "")
	})
}

func TestStartRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := lay(t, d)
		e := h.over()
		for who, actor := range map[string]party.Actor{"approver": h.Approver, "provider": h.Lead, "stranger": h.Stranger, "visitor": {}} {
			_, err := h.perf.Start(t.Context(), actor, e.ID, starting)
			refused(t, who, err, fault.Forbidden, "")
		}
		tree, _ := performance.Template(performance.General)
		tree.Indicators[2].Children[0].Children[0].Weight -= 1
		for what, c := range map[string]struct {
			in    performance.Starting
			field string
		}{
			"no tree":          {performance.Starting{SelfDue: "2026-07-15"}, "template"},
			"past date":        {performance.Starting{Template: performance.General, SelfDue: "2026-06-30"}, "self_due"},
			"weights off":      {performance.Starting{Tree: &tree, SelfDue: "2026-07-15"}, "indicators.3.1.weight"},
			"evaluator a 社会组织": {performance.Starting{Template: performance.General, SelfDue: "2026-07-15", Evaluator: h.Stranger.Org}, "evaluator"},
			"evaluator nobody": {performance.Starting{Template: performance.General, SelfDue: "2026-07-15", Evaluator: id.New(time.Unix(0, 0))}, "evaluator"},
		} {
			_, err := h.perf.Start(t.Context(), h.Officer, e.ID, c.in)
			refused(t, what, err, fault.Invalid, c.field)
		}
	})
}

func TestFromSelfReportToPublication(t *testing.T) {
	t.Run("102号令20 购买主体对购买的服务实施绩效管理，结果公开并记入承接方", func(t *testing.T) { dbtest.Each(t, toPublication) })
}

func toPublication(t *testing.T, d *bun.DB) {
	h, ctx := lay(t, d), t.Context()
	x := h.scored(85_00)
	if seen := h.must(h.perf.Get(ctx, h.Lead, x.ID)); seen.Sheet.Lines != nil || seen.Self.Summary == "" {
		t.Errorf("before publication the provider sees %+v", seen.Sheet)
	}
	for who, actor := range map[string]party.Actor{"visitor": {}, "stranger": h.Stranger} {
		_, err := h.perf.Get(ctx, actor, x.ID)
		refused(t, who, err, fault.NotFound, "")
	}
	_, err := h.perf.Submit(ctx, h.Lead, x.ID)
	refused(t, "the provider submits", err, fault.Forbidden, "")
	_, err = h.perf.Approve(ctx, h.Approver, x.ID)
	refused(t, "approved before it is submitted", err, fault.Forbidden, "")
	x = h.must(h.perf.Submit(ctx, h.Officer, x.ID))
	if *x.Total != 85_00 || x.Grade != performance.Good {
		t.Errorf("%s %s", x.Points(), x.Grade)
	}
	_, err = h.perf.Return(ctx, h.Approver, x.ID, " ")
	refused(t, "returned without a reason", err, fault.Invalid, "reason")
	x = h.must(h.perf.Return(ctx, h.Approver, x.ID, "产出得分依据不足"))
	if !x.Returned() || x.Total != nil {
		t.Errorf("returned: %+v", x.Evaluation)
	}
	h.must(h.perf.Submit(ctx, h.Officer, x.ID))
	x = h.must(h.perf.Approve(ctx, h.Approver, x.ID))
	if x.State != performance.Notice || x.Number != nil {
		t.Errorf("approved: %+v", x.Evaluation)
	}
	_, err = h.perf.Get(ctx, party.Actor{}, x.ID)
	refused(t, "the public before publication", err, fault.NotFound, "")
	_, err = h.perf.Publish(ctx, h.Approver, x.ID)
	refused(t, "published while the provider may object", err, fault.Conflict, "")
	if seen := h.must(h.perf.Accept(ctx, h.Lead, x.ID)); seen.Grade != performance.Good {
		t.Errorf("the provider is shown %+v", seen.Evaluation)
	}
	x = h.must(h.perf.Publish(ctx, h.Approver, x.ID))
	if x.No() != "绩评〔2026〕0001号" || x.Document == nil || x.Code == "" {
		t.Errorf("published: %+v", x.Evaluation)
	}
	seen := h.must(h.perf.Get(ctx, party.Actor{}, x.ID))
	if len(seen.Lines) != len(x.Tree.Leaves()) || seen.Grade != performance.Good {
		t.Errorf("the public sees %+v", seen)
	}
	g, err := h.Engagements.Get(ctx, party.Actor{}, x.Engagement)
	if err != nil || g.State != engagement.Evaluated {
		t.Errorf("%+v %v", g, err)
	}
	st, err := h.perf.StandingOf(ctx, h.Lead.Org)
	if err != nil || st.Count != 1 || st.Grades[performance.Good] != 1 || len(st.Entries) != 1 || st.Entries[0].Number != x.No() {
		t.Errorf("%+v %v", st, err)
	}
}

func TestBandsAtTheirEdges(t *testing.T) {
	h := lay(t, dbtest.SQLite(t))
	ctx := t.Context()
	tree, _ := performance.Template(performance.General)
	due := map[string]performance.Grade{"59.99": "差", "60.00": "中", "79.99": "中", "80.00": "良", "89.99": "良", "90.00": "优"}
	for _, c := range []struct {
		got  string // done of 1200 due on 3.1.1, which weighs 12 points
		rest int64  // share of every other leaf
		want string
	}{
		{"0", 60_00, "52.80"}, {"720", 60_00, "60.00"}, {"719", 60_00, "59.99"},
		{"960", 80_00, "80.00"}, {"959.5", 80_00, "79.99"}, {"1080", 90_00, "90.00"}, {"1079.99", 90_00, "89.99"},
	} {
		x := h.must(h.perf.Start(ctx, h.Officer, h.over().ID, performance.Starting{Template: performance.General, SelfDue: "2026-07-15"}))
		h.must(h.perf.SubmitSelf(ctx, h.Lead, x.ID, performance.Self{Summary: "x"}))
		h.must(h.perf.Check(ctx, h.Officer, x.ID, true, ""))
		s := sheet(tree, c.rest)
		s.Lines["3.1.1"] = performance.LineForm{Got: c.got, Of: "1200", Reason: "少于约定"}
		h.must(h.perf.SaveSheet(ctx, h.Officer, x.ID, 0, s))
		x = h.must(h.perf.Submit(ctx, h.Officer, x.ID))
		if x.Points() != c.want {
			t.Errorf("%s of 1200: %s; want %s", c.got, x.Points(), c.want)
		}
		if want, ok := due[c.want]; ok && x.Grade != want {
			t.Errorf("%s is %s; want %s", c.want, x.Grade, want)
		}
	}
}

func TestSheetRefuses(t *testing.T) {
	h := lay(t, dbtest.SQLite(t))
	ctx := t.Context()
	x := h.scored(100_00)
	for what, c := range map[string]struct {
		change func(*performance.Sheet)
		field  string
	}{
		"over the weight": {func(s *performance.Sheet) { s.Lines["1.1.1"] = performance.LineForm{Points: "4.01"} }, "lines.1.1.1.points"},
		"negative":        {func(s *performance.Sheet) { s.Lines["1.1.1"] = performance.LineForm{Points: "-1"} }, "lines.1.1.1.points"},
		"three decimals":  {func(s *performance.Sheet) { s.Lines["1.1.1"] = performance.LineForm{Points: "3.999"} }, "lines.1.1.1.points"},
		"words":           {func(s *performance.Sheet) { s.Lines["1.1.1"] = performance.LineForm{Points: "<b>4</b>"} }, "lines.1.1.1.points"},
		"unscored":        {func(s *performance.Sheet) { delete(s.Lines, "1.1.1") }, "lines.1.1.1.points"},
		"no reason":       {func(s *performance.Sheet) { s.Lines["1.1.1"] = performance.LineForm{Points: "3.99"} }, "lines.1.1.1.reason"},
		"of nothing":      {func(s *performance.Sheet) { s.Lines["3.1.1"] = performance.LineForm{Got: "1", Of: "0"} }, "lines.3.1.1.points"},
		"half a figure":   {func(s *performance.Sheet) { s.Lines["3.1.1"] = performance.LineForm{Got: "1"} }, "lines.3.1.1.points"},
		"no summary":      {func(s *performance.Sheet) { s.Summary = " " }, "summary"},
		"problem undated": {func(s *performance.Sheet) { s.Problems = []performance.ProblemForm{{Finding: "台账不全"}} }, "problems.0.due"},
		"problem in the past": {func(s *performance.Sheet) {
			s.Problems = []performance.ProblemForm{{Finding: "a", Rectification: "b", Due: "2026-06-30"}}
		}, "problems.0.due"},
	} {
		s := sheet(x.Tree, 100_00)
		c.change(&s)
		h.must(h.perf.SaveSheet(ctx, h.Officer, x.ID, 0, s))
		_, err := h.perf.Submit(ctx, h.Officer, x.ID)
		refused(t, what, err, fault.Invalid, c.field)
	}
	s := sheet(x.Tree, 100_00)
	s.Lines["9.9.9"] = performance.LineForm{Points: "1"}
	_, err := h.perf.SaveSheet(ctx, h.Officer, x.ID, 0, s)
	refused(t, "unknown leaf", err, fault.Invalid, "lines.9.9.9")
	_, err = h.perf.SaveSheet(ctx, h.Officer, x.ID, 1, sheet(x.Tree, 100_00))
	refused(t, "an old copy", err, fault.Conflict, "")
}

func TestTheEvaluatorScoresWhenAppointed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		in := starting
		in.Evaluator = h.Evaluator.Org
		x := h.must(h.perf.Start(ctx, h.Officer, h.over().ID, in))
		_, err := h.perf.Skip(ctx, h.Officer, x.ID)
		refused(t, "skipped too early", err, fault.Conflict, "")
		h.Clock.Set(x.SelfDue)
		h.must(h.perf.Skip(ctx, h.Officer, x.ID))
		_, err = h.perf.SaveSheet(ctx, h.Officer, x.ID, 0, sheet(x.Tree, 90_00))
		refused(t, "the officer scores", err, fault.Forbidden, "")
		h.must(h.perf.SaveSheet(ctx, h.Evaluator, x.ID, 0, sheet(x.Tree, 90_00)))
		if _, err := d.ExecContext(ctx, "INSERT INTO membership (id, account, organisation, role, created_at) VALUES (?, ?, ?, 'staff', ?)",
			id.New(h.Clock.Now()), h.Evaluator.Account, h.Lead.Org, h.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		_, err = h.perf.Submit(ctx, h.Evaluator, x.ID)
		refused(t, "an evaluator who works for the provider", err, fault.Forbidden, "")
	})
}

func TestWhoScoredDoesNotApprove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.scored(90_00)
		colleague := h.Actor(t, h.Officer, party.Officer)
		h.must(h.perf.Submit(ctx, colleague, x.ID))
		for _, who := range []party.Actor{h.Officer, colleague} {
			who.Role = party.Approver // the same person in another seat
			_, err := h.perf.Approve(ctx, who, x.ID)
			refused(t, "a scorer approves", err, fault.Forbidden, "")
		}
		h.must(h.perf.Approve(ctx, h.Approver, x.ID))
	})
}

// Many publications at once publish each evaluation once, and the numbers of the
// payer are 1…n without a gap.
func TestPublicationsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		second := h.Actor(t, h.Approver, party.Approver)
		var ready []id.ID
		for range 4 {
			x := h.scored(80_00)
			h.must(h.perf.Submit(ctx, h.Officer, x.ID))
			h.must(h.perf.Approve(ctx, h.Approver, x.ID))
			h.must(h.perf.Accept(ctx, h.Lead, x.ID))
			ready = append(ready, x.ID)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		numbers, lost := map[string]int{}, 0
		for _, e := range ready {
			for _, who := range []party.Actor{h.Approver, second} {
				wg.Go(func() {
					x, err := h.perf.Publish(ctx, who, e)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						numbers[x.No()]++
					} else {
						lost++
					}
				})
			}
		}
		wg.Wait()
		if lost != len(ready) || len(numbers) != len(ready) {
			t.Fatalf("%v, %d refused", numbers, lost)
		}
		for i := range ready {
			if numbers[fmt.Sprintf("绩评〔2026〕%04d号", i+1)] != 1 {
				t.Errorf("numbers %v", numbers)
			}
		}
	})
}
