package survey_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/engagement/engagementtest"
	"gongji/app/delivery/survey"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

// house is an engagement with its survey published for June.
type house struct {
	*engagementtest.House
	s *survey.Service
	e engagement.Engagement
	v survey.Survey
}

func form() survey.Form {
	x := survey.Templates()[0]
	return survey.Form{Title: "居家养老服务满意度", Intro: x.Intro, Questions: x.Questions, Poster: true, OpensOn: "2026-06-01", ClosesOn: "2026-06-10"}
}

func draft(t *testing.T, d *bun.DB) *house {
	t.Helper()
	h := &house{House: engagementtest.New(t, d)}
	var err error
	if h.s, err = survey.New(d, h.Clock, h.Policy, h.Engagements); err != nil {
		t.Fatal(err)
	}
	h.e = h.Open(t, h.Opening())
	if h.v, err = h.s.Save(t.Context(), h.Officer, h.e.ID, 0, form()); err != nil {
		t.Fatal(err)
	}
	return h
}

func published(t *testing.T, d *bun.DB) *house {
	t.Helper()
	h := draft(t, d)
	var err error
	if h.v, err = h.s.Publish(t.Context(), h.Officer, h.v.ID); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) invite(t *testing.T, n int) []string {
	t.Helper()
	_, codes, err := h.s.Invite(t.Context(), h.Officer, h.v.ID, n, "江滨社区")
	if err != nil || len(codes) != n {
		t.Fatal(len(codes), err)
	}
	return codes
}

func said(score int) survey.Answers {
	return survey.Answers{survey.Headline: fmt.Sprint(score), "received": "yes", "often": "1"}
}

func TestThePayerAsksNeverTheProvider(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := draft(t, d), t.Context()
		for _, who := range []party.Actor{h.Lead, h.Stranger, h.Approver, {}} {
			if _, err := h.s.Save(ctx, who, h.e.ID, 0, form()); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: %v", who.OrgName, err)
			}
		}
		if _, err := h.s.Get(ctx, h.Lead, h.v.ID); err == nil {
			t.Error("the provider read the draft")
		}
		if _, _, err := h.s.Invite(ctx, h.Officer, h.v.ID, 1, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("invited to a draft: %v", err)
		}
		for name, change := range map[string]func(*survey.Form){
			"no headline":   func(f *survey.Form) { f.Questions = f.Questions[1:] },
			"closes first":  func(f *survey.Form) { f.ClosesOn = "2026-05-01" },
			"too short":     func(f *survey.Form) { f.ClosesOn = "2026-06-01" },
			"no title":      func(f *survey.Form) { f.Title = " " },
			"bad date":      func(f *survey.Form) { f.OpensOn = "明天" },
			"too many":      func(f *survey.Form) { f.Questions = append(f.Questions, make([]survey.Question, 20)...) },
			"a lone option": func(f *survey.Form) { f.Questions[2].Options = []string{"只有一个"} },
		} {
			f := form()
			f.Questions = append([]survey.Question{}, f.Questions...)
			change(&f)
			if _, err := h.s.Save(ctx, h.Officer, h.e.ID, 0, f); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.s.Save(ctx, h.Officer, h.e.ID, 7, form()); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old version was saved: %v", err)
		}
		if _, err := h.s.Publish(ctx, h.Officer, h.v.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Save(ctx, h.Officer, h.e.ID, 0, form()); !fault.Is(err, fault.Conflict) {
			t.Errorf("changed after it was published: %v", err)
		}
		if _, err := h.s.Extend(ctx, h.Officer, h.v.ID, "2026-06-05", "早点结束"); !fault.Is(err, fault.Invalid) {
			t.Errorf("made shorter: %v", err)
		}
		if v, err := h.s.Extend(ctx, h.Officer, h.v.ID, "2026-06-20", "雨天走访慢"); err != nil || !v.ClosesAt.Equal(h.v.ClosesAt.AddDate(0, 0, 10)) {
			t.Errorf("%v %v", v.ClosesAt, err)
		}
	})
}

func TestACodeAnswersOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := published(t, d), t.Context()
		codes := h.invite(t, 2)
		if _, err := h.s.Answer(ctx, codes[0], survey.Answers{"often": "9"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("took rubbish: %v", err)
		}
		var wg sync.WaitGroup
		out := make([]error, 12)
		for i := range out {
			wg.Go(func() { _, out[i] = h.s.Answer(ctx, codes[0], said(5)) })
		}
		wg.Wait()
		taken := 0
		for _, err := range out {
			switch {
			case err == nil:
				taken++
			case !fault.Is(err, fault.Conflict):
				t.Error(err)
			}
		}
		if taken != 1 {
			t.Errorf("one code was taken %d times", taken)
		}
		if _, err := h.s.ByCode(ctx, codes[0]); !fault.Is(err, fault.Conflict) {
			t.Errorf("a used code opens the form: %v", err)
		}
		if v, err := h.s.ByCode(ctx, strings.ToLower(survey.Spaced(codes[1]))); err != nil || v.ID != h.v.ID {
			t.Errorf("as printed: %v", err)
		}
		for _, bad := range []string{"", "0", "AAAA-AAAA-AAAA", strings.Repeat("A", 1000), "'; DROP TABLE resident_ticket;--"} {
			if _, err := h.s.Answer(ctx, bad, said(5)); !fault.Is(err, fault.NotFound) {
				t.Errorf("%.20q: %v", bad, err)
			}
		}
		h.Clock.Set(h.v.ClosesAt)
		if _, err := h.s.Answer(ctx, codes[1], said(5)); !fault.Is(err, fault.TooLate) {
			t.Errorf("at the closing moment: %v", err)
		}
		var used int
		if err := d.NewSelect().TableExpr("resident_ticket").ColumnExpr("COUNT(*)").Where("used").Scan(ctx, &used); err != nil || used != 1 {
			t.Errorf("a refused answer used up its code: %d %v", used, err)
		}
	})
}

// TestNobodyCanReadWhoSaidWhat looks into the tables as an operator could.
func TestNobodyCanReadWhoSaidWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := published(t, d), t.Context()
		codes := h.invite(t, 1)
		in := said(2)
		in["words"] = "我是三栋的，电话13900001111"
		if _, err := h.s.Answer(ctx, codes[0], in); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.AnswerOpen(ctx, h.v.ID, said(1), "203.0.113.77"); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"resident_ticket", "resident_answer", "resident_remark", "resident_batch", "resident_salt", "trail"} {
			var rows []map[string]any
			if err := d.NewSelect().TableExpr(table).Scan(ctx, &rows); err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprint(rows)
			for _, secret := range []string{codes[0], survey.Spaced(codes[0]), "13900001111", "203.0.113.77"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s has %s", table, secret)
				}
			}
			if table == "resident_answer" {
				for _, row := range rows {
					at := fmt.Sprint(row["received"])
					if fmt.Sprint(row["way"]) == "invited" && !strings.Contains(at, "16:00:00") {
						t.Errorf("an invited answer has its hour: %s", at)
					}
				}
			}
		}
	})
}

func TestAPosterThatIsHammered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := published(t, d), t.Context()
		l := survey.Rules()
		taken := 0
		for range l.OpenPerAddress + 5 {
			if _, err := h.s.AnswerOpen(ctx, h.v.ID, said(1), "203.0.113.1"); err == nil {
				taken++
			} else if !fault.Is(err, fault.TooMany) {
				t.Fatal(err)
			}
		}
		if taken != l.OpenPerAddress {
			t.Errorf("one address was taken %d times", taken)
		}
		for i := range l.OpenPerHour {
			if _, err := h.s.AnswerOpen(ctx, h.v.ID, said(1), fmt.Sprint("2001:db8::", i)); err == nil {
				taken++
			}
		}
		if taken != l.OpenPerHour {
			t.Errorf("the survey took %d in an hour", taken)
		}
		h.Clock.Set(h.Clock.Now().AddDate(0, 0, 1))
		if _, err := h.s.AnswerOpen(ctx, h.v.ID, said(1), "203.0.113.1"); err != nil {
			t.Errorf("the next day: %v", err)
		}
		h.Clock.Set(h.v.ClosesAt)
		r, err := h.s.Result(ctx, party.Actor{}, h.v.ID)
		if err != nil {
			t.Fatal(err)
		}
		if r.Figure.Open != l.OpenPerHour+1 || r.Figure.Answered != 0 || r.Figure.Percent != 0 || r.Figure.Enough {
			t.Errorf("the hammering moved the figure: %+v", r.Figure)
		}
		if len(r.Bursts) != 1 || r.Bursts[0].Taken != l.OpenPerHour || r.Bursts[0].Refused != 15 || len(r.Invited) != 0 || len(r.Open) == 0 {
			t.Errorf("%+v %d", r.Bursts, len(r.Open))
		}
	})
}

func TestTheFigureIsOfTheInvitedOfAClosedSurvey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := published(t, d), t.Context()
		codes := h.invite(t, 50)
		for i, c := range codes[:40] {
			if _, err := h.s.Answer(ctx, c, said(5-i%4)); err != nil { // ten each of 5, 4, 3, 2
				t.Fatal(err)
			}
		}
		if _, err := h.s.AnswerOpen(ctx, h.v.ID, said(1), "203.0.113.1"); err != nil {
			t.Fatal(err)
		}
		if f, err := survey.Satisfaction(ctx, d, h.e.ID, h.Clock.Now()); err != nil || f != (survey.Figure{}) {
			t.Errorf("a figure before the survey closed: %+v %v", f, err)
		}
		if r, err := h.s.Result(ctx, h.Officer, h.v.ID); err != nil || r.Figure.Answered != 40 || r.Figure.Percent != 0 || len(r.Invited) != 0 {
			t.Errorf("the payer sees a result before the survey closed: %+v %v", r.Figure, err)
		}
		h.Clock.Set(h.v.ClosesAt)
		f, err := survey.Satisfaction(ctx, d, h.e.ID, h.Clock.Now())
		want := survey.Figure{Asked: 50, Answered: 40, Open: 1, Percent: 5000, Enough: true, Survey: h.v.ID}
		want.Low, want.High = survey.Wilson(20, 40)
		if err != nil || f != want {
			t.Errorf("%+v %v, want %+v", f, err, want)
		}
		r, err := h.s.Result(ctx, party.Actor{}, h.v.ID)
		// Nobody answered the fourth; of too few answers nothing is shown.
		if err != nil || len(r.Invited) != 3 || r.Invited[0].Mean != 350 || r.Invited[0].Bars[0].Count != 10 || r.Invited[0].Bars[0].Label != "非常满意" {
			t.Errorf("%+v %v", r.Invited, err)
		}
		if f, err := survey.Satisfaction(ctx, d, id.New(time.Now()), h.Clock.Now()); err != nil || f.Survey != "" {
			t.Errorf("of nothing: %+v %v", f, err)
		}
	})
}

func TestOwnWordsAreHeldForASecondPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := published(t, d), t.Context()
		for i, c := range h.invite(t, 3) {
			in := said(3)
			in["words"] = fmt.Sprintf("第 %d 个人说的话", i+1)
			if _, err := h.s.Answer(ctx, c, in); err != nil {
				t.Fatal(err)
			}
		}
		for _, who := range []party.Actor{h.Officer, h.Lead, h.Stranger, {}} {
			if _, err := h.s.Held(ctx, who, h.v.ID); err == nil {
				t.Errorf("%s %s reads what is held", who.OrgName, who.Role)
			}
		}
		held, err := h.s.Held(ctx, h.Approver, h.v.ID)
		if err != nil || len(held) != 3 {
			t.Fatal(held, err)
		}
		if _, err := h.s.Review(ctx, h.Approver, h.v.ID, []survey.Verdict{{Remark: held[0].ID, Ground: "不爱听"}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("refused for its opinion: %v", err)
		}
		in := []survey.Verdict{{Remark: held[0].ID, Show: true}, {Remark: held[1].ID, Ground: survey.Grounds[0]}}
		if n, err := h.s.Review(ctx, h.Approver, h.v.ID, in); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		if _, err := h.s.Review(ctx, h.Approver, h.v.ID, in); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided twice: %v", err)
		}
		if r, err := h.s.Result(ctx, h.Officer, h.v.ID); err != nil || len(r.Remarks) != 0 {
			t.Errorf("words are shown before the survey closed: %+v %v", r.Remarks, err)
		}
		h.Clock.Set(h.v.ClosesAt)
		r, err := h.s.Result(ctx, party.Actor{}, h.v.ID)
		if err != nil || len(r.Remarks) != 1 || r.Remarks[0].Text != held[0].Text || r.Held != 1 || r.Refused[survey.Grounds[0]] != 1 {
			t.Errorf("%+v %v", r, err)
		}
	})
}

func TestABatchIsTakenBackOnlyUnused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := published(t, d), t.Context()
		first := h.invite(t, 3)
		h.invite(t, 4)
		if _, err := h.s.Answer(ctx, first[1], said(4)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.VoidBatch(ctx, h.Officer, h.v.ID, 1, "打印不清"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a used batch was voided: %v", err)
		}
		if _, err := h.s.VoidBatch(ctx, h.Officer, h.v.ID, 2, "打印不清"); err != nil {
			t.Fatal(err)
		}
		r, err := h.s.Result(ctx, h.Officer, h.v.ID)
		if err != nil || r.Figure.Asked != 3 || r.Figure.Answered != 1 {
			t.Errorf("%+v %v", r.Figure, err)
		}
		if _, err := h.s.Answer(ctx, first[0], said(4)); err != nil {
			t.Errorf("the refused voiding took codes away: %v", err)
		}
	})
}

func TestACommunityAssesses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := draft(t, d), t.Context()
		street := h.Actor(t, h.Org(t, party.Community, "江滨社区居民委员会"), party.Lead)
		other := h.Actor(t, h.Org(t, party.Community, "沿江社区居民委员会"), party.Lead)
		in := survey.AssessForm{Parts: map[string]int{"delivered": 90, "helpful": 85, "together": 80}, Words: "服务准时，老人反映好，沟通及时。"}
		if _, err := h.s.Assess(ctx, street, h.e.ID, in); !fault.Is(err, fault.Forbidden) {
			t.Errorf("assessed without being asked: %v", err)
		}
		if _, err := h.s.Ask(ctx, h.Lead, h.e.ID, street.Org); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the provider chose its assessor: %v", err)
		}
		if _, err := h.s.Ask(ctx, h.Officer, h.e.ID, h.Stranger.Org); !fault.Is(err, fault.Invalid) {
			t.Errorf("asked no community: %v", err)
		}
		if _, err := h.s.Ask(ctx, h.Officer, h.e.ID, street.Org); err != nil {
			t.Fatal(err)
		}
		if list, err := h.s.ToAssess(ctx, street); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
		for name, bad := range map[string]survey.AssessForm{"no words": {Parts: in.Parts}, "101": {Parts: map[string]int{"delivered": 101, "helpful": 1, "together": 1}, Words: in.Words},
			"one left out": {Parts: map[string]int{"delivered": 1}, Words: in.Words}} {
			if _, err := h.s.Assess(ctx, street, h.e.ID, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.s.Assess(ctx, other, h.e.ID, in); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another community assessed: %v", err)
		}
		a, err := h.s.Assess(ctx, street, h.e.ID, in)
		if err != nil || a.Score != 8500 {
			t.Fatalf("%+v %v", a, err)
		}
		in.Parts["together"] = 81
		if a, err = h.s.Assess(ctx, street, h.e.ID, in); err != nil || a.Score != 8533 {
			t.Errorf("%+v %v", a, err)
		}
		list, err := survey.Community(ctx, d, h.e.ID)
		if err != nil || len(list) != 1 || list[0].Score != 8533 || list[0].Name != street.OrgName {
			t.Errorf("%+v %v", list, err)
		}
	})
}
