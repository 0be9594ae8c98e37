package application_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/call/calltest"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/storage/db/dbtest"
)

func TestWhatIsKnownIsNotAskedAndWhatWasSentStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		who := h.Applicant("晨光社会工作服务中心")
		a := h.Filled(who, c, "暖邻行动")
		known, err := h.Applications.Known(ctx, who)
		if err != nil || len(known.Facts) < 3 || known.Facts[len(known.Facts)-1].From != "证书库" {
			t.Fatalf("known: %+v, %v", known.Facts, err)
		}
		if _, _, err := h.Applications.Get(ctx, h.Officer, a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the foundation sees a draft: %v", err)
		}
		a, err = h.Applications.Submit(ctx, who, a.ID)
		if err != nil || a.No() != "申请〔2026〕0001号" || a.Asked == nil || *a.Asked != 4_000_000 {
			t.Fatalf("sent %+v, %v", a, err)
		}
		copies, err := h.Applications.Copies(ctx, h.Officer, a.ID)
		if err != nil || len(copies) != 1 || len(copies[0].Content.Papers) != 2 || copies[0].Content.Papers[0].From != "证书库" {
			t.Fatalf("the copy: %+v, %v", copies, err)
		}
		creds, err := h.Credentials.Mine(ctx, who)
		h.Must(err)
		h.Must(h.Credentials.End(ctx, who, creds[0].ID))
		paper := copies[0].Content.Papers[0].Attachment
		_, body, err := h.Applications.OpenPaper(ctx, who, a.ID, paper)
		if err != nil {
			t.Fatalf("a paper that left the vault cannot be read any more: %v", err)
		}
		_ = body.Close()
		stranger := h.Applicant("暖邻为老服务中心")
		if _, _, err := h.Applications.OpenPaper(ctx, stranger, a.ID, paper); !fault.Is(err, fault.NotFound) {
			t.Errorf("another applicant reads a paper: %v", err)
		}
		if _, err := h.Applications.Save(ctx, who, a.ID, application.Project, -1, calltest.Answers("改名")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a sent application was changed: %v", err)
		}
		if _, err := h.Applications.Withdraw(ctx, who, a.ID); err != nil {
			t.Fatal(err)
		}
		h.Close(c)
		if _, err := h.Applications.Resume(ctx, who, a.ID); !fault.Is(err, fault.TooLate) {
			t.Errorf("taken up again after the deadline: %v", err)
		}
		if copies, err = h.Applications.Copies(ctx, who, a.ID); err != nil || len(copies) != 1 {
			t.Errorf("what was sent is gone: %v", err)
		}
	})
}

func TestTwoColleaguesInOnePart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		who := h.Applicant("晨光社会工作服务中心")
		other := h.Actor(t, who.Org, who.OrgName, party.Social, party.Staff)
		a, err := h.Applications.Start(ctx, who, c.ID)
		h.Must(err)
		again, err := h.Applications.Start(ctx, other, c.ID)
		if err != nil || again.ID != a.ID {
			t.Errorf("a colleague started another: %v", err)
		}
		in := calltest.Answers("暖邻行动")
		if a, err = h.Applications.Save(ctx, who, a.ID, "q1", 0, in); err != nil || a.Versions["q1"] != 1 {
			t.Fatal(a.Versions, err)
		}
		if _, err := h.Applications.Save(ctx, other, a.ID, "q1", 0, application.Form{}); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "需求与做法") {
			t.Errorf("a colleague's words were overwritten: %v", err)
		}
		if a, err = h.Applications.Save(ctx, other, a.ID, application.Project, 0, in); err != nil || a.Form.Answers["1"] == "" || a.Title != "暖邻行动" {
			t.Errorf("another part: %+v, %v", a.Form, err)
		}
	})
}

func TestWhatKeepsAnApplicationFromBeingSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		f := calltest.Form(h.Fund.ID, h.Clock.Now().Add(240*time.Hour))
		f.Eligibility = call.Eligibility{Rating: "3A", Region: "四川省", Years: "8", Credentials: []credential.Kind{credential.Tax}}
		c := h.Published(f)
		who := h.Applicant("晨光社会工作服务中心")
		a := h.Filled(who, c, "暖邻行动")
		in := calltest.Answers("暖邻行动")
		in.Budget = []application.Row{{Line: "管理费", Item: "办公室租金", Amount: "6000"}, {Line: "服务活动", Item: "物料", Amount: "50000"}}
		in.Answers["2"] = "很多"
		in.Tables["3"] = [][]string{{"王芳", ""}}
		in.End = "2028-01-01"
		var err error
		for _, p := range []string{application.Project, "q1", "q2", application.Budget} {
			a, err = h.Applications.Save(ctx, who, a.ID, p, -1, in)
			h.Must(err)
		}
		missing, err := h.Applications.Missing(ctx, a, c)
		h.Must(err)
		said := ""
		for _, m := range missing {
			said += m.Name + ": " + m.Message + "\n"
		}
		for _, want := range []string{"评估等级不低于 3A", "登记地在四川省", "成立满 8 年", "免税或税前扣除资格", "answers.2: 请填 0 到", "answers.3: 第 1 行缺少“分工”",
			"end: 不能晚于", "超过单个项目的上限 50,000.00 元", "“管理费”占 6,000.00 元，超过申请总额的 10%"} {
			if !strings.Contains(said, want) {
				t.Errorf("nothing is said of %q in\n%s", want, said)
			}
		}
		if _, err := h.Applications.Submit(ctx, who, a.ID); !fault.Is(err, fault.Invalid) {
			t.Errorf("sent: %v", err)
		}
	})
}

// The deadline is compared after the rows are locked: of many organisations
// that send while the clock crosses it, those before it are in and the others
// are told that it is too late, and every number is used once.
func TestSubmitAtTheDeadline(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		c := h.Open()
		const n = 8
		drafts := make([]application.Application, n)
		people := make([]party.Actor, n)
		for i := range drafts {
			people[i] = h.Applicant("服务中心" + string(rune('甲'+i)))
			drafts[i] = h.Filled(people[i], c, "暖邻行动")
		}
		h.Clock.Set(c.Deadline.Add(-time.Microsecond))
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range drafts {
			wg.Go(func() {
				if i == n/2 {
					h.Clock.Set(*c.Deadline)
				}
				_, errs[i] = h.Applications.Submit(ctx, people[i], drafts[i].ID)
			})
		}
		wg.Wait()
		in := map[string]bool{}
		for i, err := range errs {
			a, rerr := application.Read(ctx, d, drafts[i].ID)
			h.Must(rerr)
			switch {
			case err == nil:
				if a.State != application.Submitted || !a.SubmittedAt.Before(*c.Deadline) || in[a.No()] {
					t.Errorf("sent as %+v", a)
				}
				in[a.No()] = true
			case !fault.Is(err, fault.TooLate) || a.State != application.Draft || a.Sent != 0:
				t.Errorf("refused with %v, state %s", err, a.State)
			}
		}
		if _, err := h.Applications.Submit(ctx, people[n/2], drafts[n/2].ID); err == nil {
			t.Error("sent after the deadline")
		}
	})
}
