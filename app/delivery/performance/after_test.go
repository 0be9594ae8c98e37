package performance_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/performance"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/storage/db/dbtest"
)

// noticed takes an engagement up to a result that the provider was shown.
func (h *house) noticed(share int64, change func(*performance.Sheet)) performance.Case {
	h.t.Helper()
	ctx := h.t.Context()
	x := h.scored(share)
	if change != nil {
		s := sheet(x.Tree, share)
		change(&s)
		h.must(h.perf.SaveSheet(ctx, h.Officer, x.ID, 0, s))
	}
	h.must(h.perf.Submit(ctx, h.Officer, x.ID))
	return h.must(h.perf.Approve(ctx, h.Approver, x.ID))
}

func TestAnObjectionHoldsThePublicationBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		supervisor := h.Actor(t, h.Officer, party.Supervisor)
		x := h.noticed(85_00, nil)
		// 2026-07-01 is a Wednesday: five 工作日 after it end with the 8th.
		if want := time.Date(2026, 7, 8, 16, 0, 0, 0, time.UTC); !x.ObjectionDue.Equal(want) {
			t.Errorf("due %v; want %v", x.ObjectionDue, want)
		}
		_, err := h.perf.Object(ctx, h.Lead, x.ID, " ", nil)
		refused(t, "an objection without words", err, fault.Invalid, "text")
		_, err = h.perf.Object(ctx, h.Stranger, x.ID, "x", nil)
		refused(t, "a stranger objects", err, fault.NotFound, "")
		h.must(h.perf.Object(ctx, h.Lead, x.ID, "服务量有遗漏", []string{"3.1.1", "9.9.9"}))
		_, err = h.perf.Object(ctx, h.Lead, x.ID, "再说一次", nil)
		refused(t, "twice", err, fault.Conflict, "")
		h.Clock.Set(*x.ObjectionDue)
		_, err = h.perf.Publish(ctx, h.Approver, x.ID)
		refused(t, "published over an objection", err, fault.Conflict, "")
		for what, who := range map[string]party.Actor{"who scored": h.Officer, "who approved": h.Approver, "the provider": h.Lead} {
			_, err = h.perf.Answer(ctx, who, x.ID, false, "x")
			refused(t, what+" answers", err, fault.Forbidden, "")
		}
		_, err = h.perf.Answer(ctx, supervisor, x.ID, true, "")
		refused(t, "an answer without words", err, fault.Invalid, "answer")
		x = h.must(h.perf.Answer(ctx, supervisor, x.ID, true, "台账确有遗漏"))
		if x.State != performance.Scoring || x.Total != nil || !x.Returned() {
			t.Fatalf("upheld: %+v", x.Evaluation)
		}
		h.must(h.perf.SaveSheet(ctx, h.Officer, x.ID, 0, sheet(x.Tree, 91_00)))
		h.must(h.perf.Submit(ctx, h.Officer, x.ID))
		x = h.must(h.perf.Approve(ctx, h.Approver, x.ID))
		_, err = h.perf.Publish(ctx, h.Approver, x.ID)
		refused(t, "published before the new time is over", err, fault.Conflict, "")
		h.Clock.Set(x.ObjectionDue.Add(-time.Microsecond))
		_, err = h.perf.Publish(ctx, h.Officer, x.ID)
		refused(t, "a moment too early", err, fault.Conflict, "")
		h.Clock.Set(*x.ObjectionDue)
		_, err = h.perf.Object(ctx, h.Lead, x.ID, "太晚", nil)
		refused(t, "too late", err, fault.TooLate, "")
		x = h.must(h.perf.Publish(ctx, h.Officer, x.ID))
		list, err := h.perf.Objections(ctx, party.Actor{}, x)
		if err != nil || len(list) != 1 || list[0].Total != 85_00 || !*list[0].Upheld || len(list[0].Lines) != 1 || x.Grade != performance.Excellent {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestFindingsStayUntilThePayerClosesThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.noticed(85_00, func(s *performance.Sheet) {
			s.Problems = []performance.ProblemForm{{Finding: "台账不全", Rectification: "补齐", Due: "2026-07-20"}, {Finding: "投诉未回访", Rectification: "逐一回访", Due: "2026-07-31"}}
		})
		h.must(h.perf.Accept(ctx, h.Lead, x.ID))
		x = h.must(h.perf.Publish(ctx, h.Officer, x.ID))
		list, err := h.perf.Mends(ctx, party.Actor{}, x)
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v %v", list, err)
		}
		first := list[0]
		if now := first.Due.AddDate(0, 0, 1); first.Overdue(now.Add(-time.Microsecond)) || !first.Overdue(now) || first.StateName(now) != "已逾期" {
			t.Error("overdue begins at 24:00 of the last day")
		}
		_, err = h.perf.Close(ctx, h.Officer, first.ID, true, "")
		refused(t, "closed before it was mended", err, fault.Conflict, "")
		_, err = h.perf.Mended(ctx, h.Officer, first.ID, "x")
		refused(t, "the payer mends", err, fault.Forbidden, "")
		_, err = h.perf.Mended(ctx, h.Lead, first.ID, "")
		refused(t, "mended without words", err, fault.Invalid, "answer")
		for range 2 { // it goes back once
			if _, err = h.perf.Mended(ctx, h.Lead, first.ID, "已补齐"); err != nil {
				t.Fatal(err)
			}
			if _, err = h.perf.Close(ctx, h.Officer, first.ID, false, "缺 6 月"); err != nil {
				t.Fatal(err)
			}
		}
		h.Clock.Set(first.Due.AddDate(0, 0, 3))
		if first, err = h.perf.Mended(ctx, h.Lead, first.ID, "6 月已补"); err != nil || !first.Late(h.Clock.Now()) {
			t.Errorf("%+v %v", first, err)
		}
		if first, err = h.perf.Close(ctx, h.Officer, first.ID, true, ""); err != nil || first.StateName(h.Clock.Now()) != "已销号" {
			t.Errorf("%+v %v", first, err)
		}
		_, err = h.perf.Mended(ctx, h.Lead, first.ID, "x")
		refused(t, "mended after it was closed", err, fault.Conflict, "")
		if w, err := h.perf.Waiting(ctx, h.Lead); err != nil || w.Mend != 1 {
			t.Errorf("%+v %v", w, err)
		}
	})
}

// An evaluator is refused that works for, leads or controls who is evaluated.
func TestAnEvaluatorTiedToTheProviderIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		now := h.Clock.Now()
		enter := func(model any) {
			t.Helper()
			if _, err := d.NewInsert().Model(model).Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		with := func(kind string) id.ID {
			ev := h.Actor(t, h.Org(t, party.Evaluator, kind), party.Lead)
			if _, err := d.ExecContext(ctx, "INSERT INTO membership (id, account, organisation, role, created_at) VALUES (?, ?, ?, 'lead', ?)", id.New(now), ev.Account, ev.Org, now); err != nil {
				t.Fatal(err)
			}
			switch kind {
			case "同一负责人":
				for _, org := range []id.ID{ev.Org, h.Lead.Org} {
					enter(&organisation.Person{ID: id.New(now), Organisation: org, Name: "周正", Post: organisation.HeadPost, IDTail: "1234", EnteredBy: h.Officer.Account, EnteredAt: now})
				}
			case "被承接方控制":
				enter(&organisation.Control{ID: id.New(now), Organisation: ev.Org, Controller: h.Lead.OrgName, How: organisation.ControlWays[0], EnteredBy: h.Officer.Account, EnteredAt: now})
			case "人员在承接方任职":
				if _, err := d.ExecContext(ctx, "INSERT INTO membership (id, account, organisation, role, created_at) VALUES (?, ?, ?, 'staff', ?)", id.New(now), ev.Account, h.Lead.Org, now); err != nil {
					t.Fatal(err)
				}
			}
			return ev.Org
		}
		tied := []id.ID{with("同一负责人"), with("被承接方控制"), with("人员在承接方任职")}
		free := with("没有关系")
		g := h.over()
		for _, org := range tied {
			in := starting
			in.Evaluator = org
			_, err := h.perf.Start(ctx, h.Officer, g.ID, in)
			refused(t, string(org), err, fault.Invalid, "evaluator")
			if err == nil || !strings.Contains(err.Error(), "利害关系") {
				t.Errorf("the refusal does not say why: %v", err)
			}
		}
		in := starting
		in.Evaluator = free
		x := h.must(h.perf.Start(ctx, h.Officer, g.ID, in))
		if x.Of.EvaluatorName != "没有关系" {
			t.Errorf("%+v", x.Of)
		}
	})
}

// Who, when, why and on which evidence stands on every line, and a stranger
// computes the same; whatever is changed in the file is named.
func TestAStrangersReplay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.noticed(87_65, nil)
		_, err := h.perf.Publication(ctx, x.ID)
		refused(t, "before it is published", err, fault.NotFound, "")
		h.must(h.perf.Accept(ctx, h.Lead, x.ID))
		x = h.must(h.perf.Publish(ctx, h.Officer, x.ID))
		p, err := h.perf.Publication(ctx, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lines {
			if l.By != h.Officer.OrgName || l.At == nil || l.Reason == "" {
				t.Fatalf("%+v", l)
			}
		}
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), string(h.Officer.Account)) || strings.Contains(string(data), h.Officer.Name) {
			t.Error("the publication names a person")
		}
		again, err := performance.ReadPublication(data)
		if err != nil || len(again.Replay()) != 0 {
			t.Fatalf("%v %v", again.Replay(), err)
		}
		for what, c := range map[string]struct {
			spoil func(*performance.Publication)
			says  string
		}{
			"the total":      {func(p *performance.Publication) { p.Total++ }, "总分：文件为"},
			"the band":       {func(p *performance.Publication) { p.Grade = performance.Excellent }, "等级：文件为 优，重算为 良"},
			"a line":         {func(p *performance.Publication) { p.Lines[3].Points += 5 }, "“" + x.Lines[3].Name + "”的得分"},
			"a mark":         {func(p *performance.Publication) { p.Lines[0].Mark.Got = 0 }, "“立项依据充分性”的得分"},
			"a mark beyond":  {func(p *performance.Publication) { p.Lines[0].Mark.Got = 9999 }, "立项依据充分性"},
			"a weight":       {func(p *performance.Publication) { p.Lines[1].Weight++ }, "“立项程序规范性”的满分"},
			"a part":         {func(p *performance.Publication) { p.Pillars[2].Points-- }, "“产出”得分"},
			"a line gone":    {func(p *performance.Publication) { p.Lines = p.Lines[1:] }, "没有评分"},
			"a level":        {func(p *performance.Publication) { p.Lines[0].Level = performance.Not }, "的档次"},
			"the tree":       {func(p *performance.Publication) { p.Tree.Indicators[0].Weight++ }, "权重应等于"},
			"left out":       {func(p *performance.Publication) { p.Lines[13].Mark = performance.Mark{Out: true} }, "不能不计分"},
			"out of nothing": {func(p *performance.Publication) { p.Lines[15].Mark = performance.Mark{Out: true} }, "是否不计分"},
		} {
			p, _ := performance.ReadPublication(data)
			c.spoil(&p)
			if got := strings.Join(p.Replay(), "\n"); !strings.Contains(got, c.says) {
				t.Errorf("%s: %q", what, got)
			}
		}
		if _, err := performance.ReadPublication(append(data, '1')); err == nil {
			t.Error("what follows the data was let pass")
		}
	})
}
