package performance_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/survey"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
)

// delivered is a contract of 300,000 元 that was planned, delivered, reported,
// asked about and is over: 120,000 元 accepted, one of two milestones in time,
// 900 of 1,200 visits, 24 of 30 residents satisfied, 85.00 from the community.
type delivered struct {
	*apptest.Env
	officer, approver, lead, evaluator, street *apptest.Person
	g                                          engagement.Engagement
}

func (h *delivered) ok(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

func day(month time.Month, d int) time.Time {
	return time.Date(2026, month, d, 10, 0, 0, 0, clock.Beijing)
}

func deliver(t *testing.T, e *apptest.Env) *delivered {
	t.Helper()
	h := &delivered{Env: e, officer: e.Org(party.Bureau, "青山区民政局", party.Officer), lead: e.Org(party.Social, "和美社工服务中心", party.Lead),
		evaluator: e.Org(party.Evaluator, "公信评估中心", party.Lead), street: e.Org(party.Community, "江滨社区居民委员会", party.Lead)}
	h.approver = e.Colleague(h.officer, party.Approver)
	h.g = e.EngageContract(h.officer, h.lead, "青山区居家养老服务")
	h.planned()
	h.spends(day(6, 5), "A", "70000", "20000")
	h.milestone(1, day(6, 10), "600")
	h.spends(day(6, 12), "B", "30000", "")
	h.asks()
	h.milestone(2, day(6, 25), "300") // five days late
	e.Time.Set(h.g.Due())
	for _, p := range []*apptest.Person{h.officer, h.approver, h.lead, h.evaluator, h.street} {
		p.SignIn()
	}
	return h
}

func (h *delivered) planned() {
	h.T.Helper()
	ctx := h.T.Context()
	_, err := h.Plans.Save(ctx, h.lead.Actor, h.g.ID, 0, plan.Form{Communities: "江滨社区", Settlement: "milestone",
		Outputs:    []plan.OutputForm{{Name: "上门服务", Quantity: "1200", Unit: "人次"}},
		Milestones: []plan.MilestoneForm{{Name: "中期", Condition: "上门 600 人次", Due: "2026-06-15", Amount: "150000"}, {Name: "结项", Condition: "完成", Due: "2026-06-20", Amount: "150000"}},
		Lines:      []plan.LineForm{{Name: "人员经费", Amount: "200000"}, {Name: "活动经费", Amount: "100000"}}})
	h.ok(err)
	_, err = h.Plans.Propose(ctx, h.lead.Actor, h.g.ID)
	h.ok(err)
	_, err = h.Plans.Agree(ctx, h.officer.Actor, h.g.ID)
	h.ok(err)
}

// spends reports a week, which the officer accepts.
func (h *delivered) spends(at time.Time, invoice, people, things string) {
	h.T.Helper()
	ctx := h.T.Context()
	h.Time.Set(at)
	r, err := h.Expenses.Start(ctx, h.lead.Actor, h.g.ID, at)
	h.ok(err)
	f := expense.Form{Rows: []expense.Row{{Line: "人员经费", Date: at.Format(time.DateOnly), Purpose: "护理员补贴", Payee: "张记劳务", Invoice: "2442000000" + invoice + "1", Amount: people}}}
	if things != "" {
		f.Rows = append(f.Rows, expense.Row{Line: "活动经费", Date: at.Format(time.DateOnly), Purpose: "物料", Payee: "百货", Invoice: "2442000000" + invoice + "2", Amount: things})
	}
	r, _, err = h.Expenses.Save(ctx, h.lead.Actor, r.ID, 0, f)
	h.ok(err)
	for _, x := range r.Form.Rows {
		_, err = h.Attachments.Add(ctx, h.lead.Actor, expense.ObjectKind, r.ID, x.Key, "发票.pdf", bytes.NewReader([]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")))
		h.ok(err)
	}
	_, err = h.Expenses.Submit(ctx, h.lead.Actor, r.ID)
	h.ok(err)
	_, err = h.Expenses.Accept(ctx, h.officer.Actor, r.ID)
	h.ok(err)
}

func (h *delivered) milestone(n int64, at time.Time, quantity string) {
	h.T.Helper()
	ctx := h.T.Context()
	h.Time.Set(at)
	_, err := h.Plans.Add(ctx, h.lead.Actor, h.g.ID, plan.EvidenceInput{Milestone: n, Output: "上门服务", Quantity: quantity, People: "80", DoneOn: at.Format(time.DateOnly)}, nil)
	h.ok(err)
	h.ok(h.Plans.Report(ctx, h.lead.Actor, h.g.ID, n, "完成本节点的上门服务"))
	h.ok(h.Plans.Confirm(ctx, h.officer.Actor, h.g.ID, n, true, ""))
}

// asks runs a survey of forty invitations, thirty answered, and lets the
// community assess.
func (h *delivered) asks() {
	h.T.Helper()
	ctx := h.T.Context()
	h.Time.Set(day(6, 15))
	v, err := h.Residents.Save(ctx, h.officer.Actor, h.g.ID, 0, survey.Form{Title: "满意度", Questions: survey.Templates()[0].Questions, Poster: true, OpensOn: "2026-06-15", ClosesOn: "2026-06-22"})
	h.ok(err)
	_, err = h.Residents.Publish(ctx, h.officer.Actor, v.ID)
	h.ok(err)
	_, codes, err := h.Residents.Invite(ctx, h.officer.Actor, v.ID, 40, "江滨社区")
	h.ok(err)
	for i, c := range codes[:30] {
		_, err := h.Residents.Answer(ctx, c, survey.Answers{survey.Headline: map[bool]string{true: "4", false: "2"}[i < 24]})
		h.ok(err)
	}
	for i := range 12 { // loud, and in no figure
		_, err := h.Residents.AnswerOpen(ctx, v.ID, survey.Answers{survey.Headline: "1"}, fmt.Sprint("203.0.113.", i))
		h.ok(err)
	}
	_, err = h.Residents.Ask(ctx, h.officer.Actor, h.g.ID, h.street.Actor.Org)
	h.ok(err)
	_, err = h.Residents.Assess(ctx, h.street.Actor, h.g.ID, survey.AssessForm{Parts: map[string]int{"delivered": 90, "helpful": 85, "together": 80}, Words: "服务准时，换人没有提前告诉社区。"})
	h.ok(err)
}

// scoring starts the evaluation and takes it to where it is scored.
func (h *delivered) scoring(evaluator *apptest.Person) performance.Case {
	h.T.Helper()
	ctx, in := h.T.Context(), performance.Starting{Template: performance.General, SelfDue: "2026-07-15"}
	if evaluator != nil {
		in.Evaluator = evaluator.Actor.Org
	}
	x, err := h.Performance.Start(ctx, h.officer.Actor, h.g.ID, in)
	h.ok(err)
	_, err = h.Performance.SubmitSelf(ctx, h.lead.Actor, x.ID, performance.Self{Summary: "完成上门服务 900 次"})
	h.ok(err)
	x, err = h.Performance.Check(ctx, h.officer.Actor, x.ID, true, "")
	h.ok(err)
	return x
}

// computed are the leaves of the general template that the system takes.
var computed = map[string]struct {
	source performance.Source
	mark   performance.Mark
	points string
}{
	"2.1.1": {performance.Execution, performance.Mark{Got: 120_000_00, Of: 300_000_00}, "2.00"},
	"3.1.1": {performance.Outputs, performance.Mark{Got: 900, Of: 1200}, "9.00"},
	"3.3.1": {performance.Milestones, performance.Mark{Got: 1, Of: 2}, "2.00"},
	"4.3.1": {performance.Satisfaction, performance.Mark{Got: 80_00, Of: 100_00}, "6.40"},
	"4.3.2": {performance.Community, performance.Mark{Got: 85_00, Of: 100_00}, "3.40"},
}

// The figures come from what was planned, spent, reached and answered through
// the rooms of delivery; nobody types them.
func TestFactsComeFromWhatWasDelivered(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		h, ctx := deliver(t, e), t.Context()
		x := h.scoring(nil)
		d, err := e.Performance.Desk(ctx, h.officer.Actor, x)
		h.ok(err)
		for code, want := range computed {
			if f := d.Facts[want.source]; !f.Known || f.Waits || f.Short || f.Text == "" {
				t.Errorf("%s: %+v", code, f)
			}
		}
		if f := d.Facts[performance.Satisfaction]; !strings.Contains(f.Text, "发出邀请 40 份，收回 30 份") || !strings.Contains(f.Text, "公开海报答卷 12 份，不计入") {
			t.Error(f.Text)
		}
		sheet := performance.Sheet{Lines: map[string]performance.LineForm{}, Summary: "按合同完成部分服务。"}
		for _, l := range x.Tree.Leaves() {
			if _, taken := computed[l.Code]; !taken {
				sheet.Lines[l.Code] = line(l, 100_00)
			}
		}
		sheet.Lines["2.1.1"] = performance.LineForm{Reason: "六月底的支出七月报账，未计入"} // explained, not typed over
		_, err = e.Performance.SaveSheet(ctx, h.officer.Actor, x.ID, 0, sheet)
		h.ok(err)
		x, err = e.Performance.Submit(ctx, h.officer.Actor, x.ID)
		h.ok(err)
		for _, l := range x.Lines {
			want, taken := computed[l.Code]
			if !taken {
				continue
			}
			if l.Mark != want.mark || performance.Points(l.Points) != want.points || l.By != performance.System || l.Fact == "" {
				t.Errorf("%s %s: %+v", l.Code, l.Name, l)
			}
			if l.Code == "2.1.1" && l.Reason == "" {
				t.Error("the explanation is lost")
			}
		}
		// 100 − 33 that the system takes + 22.80 that they earned.
		if x.Points() != "89.80" || x.Grade != performance.Good {
			t.Errorf("%s %s", x.Points(), x.Grade)
		}
		if len(x.Course) == 0 || x.Course[0].Spent != 120_000_00 {
			t.Errorf("%+v", x.Course)
		}
	})
}

// What the system has cannot be typed over, whatever is typed and by whichever
// way it comes.
func TestFactsCannotBeTypedOver(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		h, ctx := deliver(t, e), t.Context()
		x := h.scoring(nil)
		good := sheet(x.Tree, 100_00)
		for code := range computed {
			good.Lines[code] = performance.LineForm{Reason: "以系统取数为准"}
		}
		for code := range computed {
			for what, f := range map[string]performance.LineForm{"a ratio": {Got: "100", Of: "100"}, "points": {Points: "1"}, "a value": {Value: "100"}, "an answer": {Answer: "yes"}, "a level": {Level: performance.Reached}} {
				bad := good
				bad.Lines = map[string]performance.LineForm{}
				for k, v := range good.Lines {
					bad.Lines[k] = v
				}
				bad.Lines[code] = f
				_, err := e.Performance.SaveSheet(ctx, h.officer.Actor, x.ID, 0, bad)
				h.ok(err) // a draft keeps what is typed, and says at submission that it does not count
				_, err = e.Performance.Submit(ctx, h.officer.Actor, x.ID)
				refused(t, code+" "+what, err, fault.Invalid, "lines."+code+".points")
			}
		}
		at := "/performance/" + string(x.ID)
		typed := map[string]any{"lines": map[string]any{"2.1.1": map[string]any{"got": "300000", "of": "300000"}}, "summary": "x"}
		h.officer.API("PUT", at+"/sheet", typed).Want(200)
		h.officer.API("POST", at+"/submit", nil).Want(422)
		page := h.officer.Get(at + "/sheet")
		for code := range computed {
			for _, field := range []string{"got", "of", "points", "value", "answer", "level"} {
				if page.Find(`[name="lines.`+code+`.`+field+`"]`).Length() != 0 {
					t.Errorf("the form asks for %s of %s", field, code)
				}
			}
			if page.Find(`[name="lines.`+code+`.reason"]`).Length() != 1 {
				t.Errorf("%s cannot be explained", code)
			}
		}
		in := map[string][]string{"lines.2.1.1.got": {"300000"}, "lines.2.1.1.of": {"300000"}, "summary": {"x"}, "next": {"stay"}}
		h.officer.Post(at+"/sheet", in)
		if p := h.officer.Get(at + "/sheet?check=1"); !p.Has("“预算执行率”由系统取数，不能填写得分") {
			t.Error("the form does not say that it cannot be typed over")
		}
	})
}

// The provider cannot type over them in its own report either.
func TestASelfReportCannotTypeOverFacts(t *testing.T) {
	e := apptest.SQLite(t)
	h := deliver(t, e)
	x, err := e.Performance.Start(t.Context(), h.officer.Actor, h.g.ID, performance.Starting{Template: performance.General, SelfDue: "2026-07-15"})
	h.ok(err)
	at := "/performance/" + string(x.ID) + "/self-report"
	h.lead.API("POST", at, map[string]any{"summary": "x", "figures": map[string]any{"2.1.1": map[string]any{"got": "300000", "of": "300000"}}}).Want(422)
	page := h.lead.Get(at)
	for code := range computed {
		if page.Find(`[name="figures.`+code+`.got"], [name="figures.`+code+`.points"]`).Length() != 0 {
			t.Errorf("the form asks for %s", code)
		}
	}
	if p := h.lead.Post(at, map[string][]string{"summary": {"全部完成"}, "figures.2.1.1.got": {"1"}, "figures.2.1.1.of": {"1"}, "next": {"submit"}}); p.Code != 422 || !p.Has("由系统取数") {
		t.Errorf("%d %s", p.Code, p.Text())
	}
	h.lead.API("POST", at, map[string]any{"summary": "x", "figures": map[string]any{"2.1.1": map[string]any{"reason": "六月底的支出七月报账"}}}).Want(200)
}

// The figure waits for a survey that runs, and rests on enough answers.
func TestASurveyThatRunsOrHasTooFewAnswers(t *testing.T) {
	e := apptest.SQLite(t)
	h := &delivered{Env: e, officer: e.Org(party.Bureau, "青山区民政局", party.Officer), lead: e.Org(party.Social, "和美社工服务中心", party.Lead)}
	h.g = e.EngageContract(h.officer, h.lead, "青山区居家养老服务")
	ctx := t.Context()
	e.Time.Set(day(6, 29))
	v, err := e.Residents.Save(ctx, h.officer.Actor, h.g.ID, 0, survey.Form{Title: "满意度", Questions: survey.Templates()[0].Questions, OpensOn: "2026-06-29", ClosesOn: "2026-07-05"})
	h.ok(err)
	_, err = e.Residents.Publish(ctx, h.officer.Actor, v.ID)
	h.ok(err)
	_, codes, err := e.Residents.Invite(ctx, h.officer.Actor, v.ID, 40, "")
	h.ok(err)
	for _, c := range codes[:29] { // one short of thirty
		_, err := e.Residents.Answer(ctx, c, survey.Answers{survey.Headline: "5"})
		h.ok(err)
	}
	e.Time.Set(h.g.Due())
	x := h.scoring(nil)
	s := sheet(x.Tree, 100_00)
	s.Lines["4.3.1"] = performance.LineForm{}
	_, err = e.Performance.SaveSheet(ctx, h.officer.Actor, x.ID, 0, s)
	h.ok(err)
	_, err = e.Performance.Submit(ctx, h.officer.Actor, x.ID)
	refused(t, "while the survey runs", err, fault.Invalid, "lines.4.3.1.points")
	e.Time.Set(v.ClosesAt)
	x, err = e.Performance.Submit(ctx, h.officer.Actor, x.ID)
	h.ok(err)
	for _, l := range x.Lines {
		if l.Code == "4.3.1" && (!l.Mark.Out || l.Points != 0 || !strings.Contains(l.Fact, "样本不足")) {
			t.Errorf("%+v", l)
		}
	}
	if x.Points() != "100.00" {
		t.Errorf("the points of what does not count are not shared out: %s", x.Points())
	}
}

// An evaluator that is tied to who is evaluated is refused wherever it would
// judge: when it is appointed, and whoever acts for it at each later step.
func TestATiedEvaluatorIsRefusedAtEachStep(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		h, ctx := deliver(t, e), t.Context()
		x := h.scoring(h.evaluator)
		s := sheet(x.Tree, 90_00)
		for code := range computed {
			s.Lines[code] = performance.LineForm{}
		}
		_, err := e.Performance.SaveSheet(ctx, h.evaluator.Actor, x.ID, 0, s)
		h.ok(err)
		ties := map[string]func(p *apptest.Person) func(){
			"works for the provider":                            func(p *apptest.Person) func() { return h.seat(p, true) },
			"worked for the provider in June":                   func(p *apptest.Person) func() { return h.seat(p, false) },
			"its organisation is declared to be the provider's": func(p *apptest.Person) func() { return h.owned(p) },
		}
		for why, tie := range ties {
			t.Run(why, func(t *testing.T) {
				loose := tie(h.evaluator)
				at := "/performance/" + string(x.ID)
				_, err := e.Performance.SaveSheet(ctx, h.evaluator.Actor, x.ID, 0, s)
				refused(t, "scores", err, fault.Forbidden, "")
				_, err = e.Performance.Submit(ctx, h.evaluator.Actor, x.ID)
				refused(t, "submits", err, fault.Forbidden, "")
				for _, path := range []string{"/sheet", "/check"} {
					if p := h.evaluator.Get(at + path); p.Code != 403 || !p.Has("利害关系") {
						t.Errorf("%s: %d %s", path, p.Code, p.Text())
					}
				}
				if p := h.evaluator.Post(at+"/sheet", map[string][]string{"summary": {"x"}}); p.Code != 403 {
					t.Errorf("the form: %d", p.Code)
				}
				h.evaluator.API("PUT", at+"/sheet", map[string]any{"summary": "x"}).Want(403)
				h.evaluator.API("POST", at+"/submit", nil).Want(403)
				loose()
			})
		}
		// The payer's own people are held to it too: who approves, answers, closes.
		loose := h.seat(h.approver, true)
		_, err = e.Performance.Submit(ctx, h.evaluator.Actor, x.ID)
		h.ok(err)
		_, err = e.Performance.Approve(ctx, h.approver.Actor, x.ID)
		refused(t, "a tied approver approves", err, fault.Forbidden, "")
		_, err = e.Performance.Return(ctx, h.approver.Actor, x.ID, "重评")
		refused(t, "a tied approver returns", err, fault.Forbidden, "")
		loose()
		_, err = e.Performance.Approve(ctx, h.approver.Actor, x.ID)
		h.ok(err)
	})
}

// seat gives somebody a seat in the provider, that runs or has ended, and gives
// back what takes it away again.
func (h *delivered) seat(p *apptest.Person, runs bool) func() {
	h.T.Helper()
	ctx, at := h.T.Context(), "M"+string(p.Actor.Account)[1:]
	var ended any
	if !runs {
		ended = h.Time.Now().AddDate(0, 0, -10)
	}
	_, err := h.DB.ExecContext(ctx, "INSERT INTO membership (id, account, organisation, role, created_at, ended_at) VALUES (?, ?, ?, 'staff', ?, ?)", at, p.Actor.Account, h.lead.Actor.Org, day(6, 1), ended)
	h.ok(err)
	return func() {
		_, err := h.DB.ExecContext(ctx, "DELETE FROM membership WHERE id = ?", at)
		h.ok(err)
	}
}

// owned declares that the provider controls somebody's organisation.
func (h *delivered) owned(p *apptest.Person) func() {
	h.T.Helper()
	ctx, now := h.T.Context(), h.Time.Now()
	c := organisation.Control{ID: id.New(now), Organisation: p.Actor.Org, Controller: h.lead.Actor.OrgName, How: organisation.ControlWays[0], EnteredBy: h.officer.Actor.Account, EnteredAt: now}
	_, err := h.DB.NewInsert().Model(&c).Exec(ctx)
	h.ok(err)
	return func() {
		_, err := h.DB.NewDelete().Model(&c).WherePK().Exec(ctx)
		h.ok(err)
	}
}
