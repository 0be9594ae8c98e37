package challenge_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/document"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

func letter(stage challenge.Stage) challenge.Input {
	return challenge.Input{Kind: challenge.Challenge, Stage: stage, Contact: "王某 027-86861111 青山区", Points: []challenge.Point{
		{Matter: "第一中标候选人的业绩证明不实", Request: "撤销中标结果", Facts: "其所附合同的甲方称没有签过", Basis: "政府采购法第77条"},
		{Matter: "评分与评分表不符", Request: "另行确定供应商", Facts: "见公布的得分"}}}
}

func reply(o challenge.Outcome, e challenge.Effect) challenge.Reply {
	return challenge.Reply{Outcome: o, Effect: e, Answer: "经向合同甲方核实，情况如下。", Grounds: "合同甲方的回函；政府采购法第36条"}
}

// awarded is a purchase with n bidders whose result is published: the 22nd of
// June 2026, a Monday, 09:00. The winner is the first in rank.
func awarded(t *testing.T, h *bidtest.House, n int) (tender.Tender, []party.Actor) {
	t.Helper()
	x, bidders := h.Opened(t, n, nil)
	h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
	give(t, h, x, 0)
	return h.Again(t, x.ID), bidders
}

func give(t *testing.T, h *bidtest.House, x tender.Tender, rank int) award.Award {
	t.Helper()
	_, r, err := h.Evaluations.Result(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	reason := ""
	if rank > 0 {
		reason = "原第一名的结果已撤销"
	}
	if _, err := h.Awards.Propose(t.Context(), h.Officer, x.ID, award.Proposal{Bid: r.Lines[rank].Bid, Reason: reason}); err != nil {
		t.Fatal(err)
	}
	a, err := h.Awards.Approve(t.Context(), h.Approver, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func raise(t *testing.T, h *bidtest.House, who party.Actor, x tender.Tender, stage challenge.Stage) challenge.Case {
	t.Helper()
	c, err := h.Challenges.Raise(t.Context(), who, x.ID, letter(stage))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answered(t *testing.T, h *bidtest.House, c challenge.Case, in challenge.Reply) challenge.Case {
	t.Helper()
	if _, err := h.Challenges.Answer(t.Context(), h.Officer, c.ID, in); err != nil {
		t.Fatal(err)
	}
	c, err := h.Challenges.Approve(t.Context(), h.Approver, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// workdays is the first moment after the n-th working day from a day.
func workdays(t *testing.T, from time.Time, n int) time.Time {
	t.Helper()
	end, err := calendar.Default().AddWorkdays(from, n)
	if err != nil {
		t.Fatal(err)
	}
	return end
}

func refused(t *testing.T, what string, err error, kind fault.Kind, article string) {
	t.Helper()
	if kind == fault.Forbidden && fault.Is(err, fault.NotFound) {
		return // whoever may not even see it is told that nothing is there
	}
	if !fault.Is(err, kind) || article != "" && !strings.Contains(describe(err), article) {
		t.Errorf("%s: %v, want %v under %s", what, describe(err), kind, article)
	}
}

func describe(err error) string {
	if err == nil {
		return "<nil>"
	}
	out := err.Error()
	if fields, e := fault.Complaints(err); e == nil {
		for _, f := range fields {
			out += " " + f.Name + ": " + f.Message
		}
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		out += " " + f.Article
	}
	return out
}

func TestTheLawOfChallenges(t *testing.T) {
	t.Run("条例52 询问在3个工作日内答复", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x := h.Published(t, nil)
			who := h.Supplier(t, "询问社会工作服务中心")
			q, err := h.Challenges.Raise(ctx, who, x.ID, challenge.Input{Kind: challenge.Query, Stage: challenge.Documents, Contact: "王某", Points: []challenge.Point{{Matter: "服务地点在哪里？"}}})
			if err != nil {
				t.Fatal(err)
			}
			clocks, err := h.Challenges.Clocks(ctx, q)
			if err != nil || len(clocks) != 1 || !clocks[0].At.Equal(workdays(t, h.Clock.Now(), 3)) || clocks[0].Article != "政府采购法实施条例第52条" {
				t.Errorf("%+v, %v", clocks, err)
			}
			if q, err = h.Challenges.Answer(ctx, h.Officer, q.ID, challenge.Reply{Answer: "在青山区"}); err != nil || q.State != challenge.Answered {
				t.Fatal(q.State, err)
			}
			if q, err = h.Challenges.Get(ctx, who, q.ID); err != nil || q.Answer != "在青山区" {
				t.Error(q.Answer, err)
			}
			for name, other := range map[string]party.Actor{"visitor": {}, "another supplier": h.Supplier(t, "局外社会工作服务中心")} {
				if _, err := h.Challenges.Get(ctx, other, q.ID); !fault.Is(err, fault.NotFound) {
					t.Errorf("%s reads it: %v", name, err)
				}
			}
		})
	})
	t.Run("法52 质疑在7个工作日内提出，各环节分别起算（条例53）", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, bidders := awarded(t, h, 4)
			ends := workdays(t, workdays(t, h.Clock.Now(), 1).Add(-time.Second), 7) // the notice period first
			h.Clock.Set(ends.Add(-time.Microsecond))
			raise(t, h, bidders[1], x, challenge.Result)
			h.Clock.Set(ends)
			_, err := h.Challenges.Raise(ctx, bidders[2], x.ID, letter(challenge.Result))
			refused(t, "after the window", err, fault.TooLate, "第5")
			_, err = h.Challenges.Raise(ctx, bidders[2], x.ID, letter(challenge.Documents))
			refused(t, "documents after theirs", err, fault.TooLate, "")
		})
	})
	t.Run("94号令第11条 谁可以质疑", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x := h.Published(t, nil)
			who := h.Supplier(t, "潜在社会工作服务中心")
			_, err := h.Challenges.Raise(ctx, who, x.ID, letter(challenge.Documents))
			refused(t, "who has no documents", err, fault.Forbidden, "94号")
			_, err = h.Challenges.Raise(ctx, who, x.ID, letter(challenge.Result))
			refused(t, "a result that is not there", err, fault.Invalid, "实施条例第53条")
			h.Drafted(t, who, x)
			raise(t, h, who, x, challenge.Documents)
			_, err = h.Challenges.Raise(ctx, who, x.ID, letter(challenge.Documents))
			refused(t, "twice for one stage", err, fault.Conflict, "94号")
			_, err = h.Challenges.Raise(ctx, h.Officer, x.ID, letter(challenge.Documents))
			refused(t, "the buyer", err, fault.Forbidden, "")
		})
	})
	t.Run("94号令第12条 质疑函的内容", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, bidders := awarded(t, h, 3)
			in := letter(challenge.Result)
			in.Points, in.Contact = []challenge.Point{{Matter: "不公平"}}, ""
			_, err := h.Challenges.Raise(ctx, bidders[1], x.ID, in)
			for _, field := range []string{"points.1.request", "points.1.facts", "contact"} {
				refused(t, field, err, fault.Invalid, field)
			}
		})
	})
	t.Run("法53 质疑在7个工作日内答复，期间不签合同（条例54）", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, bidders := awarded(t, h, 4)
			c := raise(t, h, bidders[1], x, challenge.Result)
			clocks, err := h.Challenges.Clocks(ctx, c)
			if err != nil || !clocks[0].At.Equal(workdays(t, h.Clock.Now(), 7)) || clocks[0].Article != "政府采购法第53条" {
				t.Errorf("%+v, %v", clocks, err)
			}
			on := h.Clock.Now()
			end := on.AddDate(0, 6, 0)
			sign := contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end}
			_, err = h.Contracts.Record(ctx, h.Officer, x.ID, sign)
			refused(t, "a contract while it runs", err, fault.Conflict, "实施条例第54条")
			if _, err := h.Challenges.Answer(ctx, h.Officer, c.ID, reply(challenge.Dismissed, "")); err != nil {
				t.Fatal(err)
			}
			if got, err := h.Challenges.Get(ctx, bidders[1], c.ID); err != nil || got.Answer != "" || got.Outcome != "" {
				t.Errorf("the challenger reads a draft: %+v, %v", got, err)
			}
			drafter := h.Officer
			drafter.Role = party.Approver
			_, err = h.Challenges.Approve(ctx, drafter, c.ID)
			refused(t, "approved by its drafter", err, fault.Forbidden, "")
			if out, err := h.Challenges.Outcomes(ctx, x.ID); err != nil || len(out) != 0 {
				t.Errorf("public before it is answered: %+v, %v", out, err)
			}
			if c, err = h.Challenges.Approve(ctx, h.Approver, c.ID); err != nil {
				t.Fatal(err)
			}
			if out, err := h.Challenges.Outcomes(ctx, x.ID); err != nil || len(out) != 1 || out[0].Raiser != "" || out[0].Answer != "" {
				t.Errorf("public: %+v, %v", out, err)
			}
			printed(t, d, string(*c.Document))
			for name, who := range map[string]party.Actor{"visitor": {}, "another bidder": bidders[2]} {
				if _, err := h.Archive.Get(ctx, who, *c.Document); err == nil {
					t.Errorf("%s has the answer", name)
				}
			}
			if _, err := h.Archive.Get(ctx, bidders[1], *c.Document); err != nil {
				t.Error(err)
			}
			if _, err := h.Contracts.Record(ctx, h.Officer, x.ID, sign); err != nil {
				t.Errorf("after the answer: %v", err)
			}
		})
	})
	t.Run("94号令第16条 质疑成立的处理", func(t *testing.T) { dbtest.Each(t, upheld) })
	t.Run("投诉", func(t *testing.T) { dbtest.Each(t, complaint) })
}

func upheld(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders := awarded(t, h, 4)
	told(t, h, bidders[2], "采购结果已公布")
	told(t, h, bidders[0], "待签订合同")
	c := raise(t, h, bidders[1], x, challenge.Result)
	told(t, h, h.Officer, "收到质疑")
	_, err := h.Challenges.Answer(ctx, h.Officer, c.ID, reply(challenge.Upheld, challenge.Amend))
	refused(t, "documents amended after the result", err, fault.Invalid, "effect")
	_, err = h.Challenges.Answer(ctx, h.Officer, c.ID, reply(challenge.Upheld, ""))
	refused(t, "upheld without an effect", err, fault.Invalid, "effect")
	answered(t, h, c, reply(challenge.Upheld, challenge.Reselect))
	if x = h.Again(t, x.ID); x.State != tender.Evaluated {
		t.Fatalf("the tender is %s", x.State)
	}
	told(t, h, bidders[1], "质疑已答复")
	for _, who := range bidders { // the winner that lost it, and everybody else
		told(t, h, who, "采购结果已撤销")
	}
	if _, err := h.Awards.Result(ctx, x.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the revoked result is still there: %v", err)
	}
	_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid})
	refused(t, "the same winner", err, fault.Invalid, "撤销")
	next := give(t, h, x, 1)
	if next.Rank != 2 {
		t.Errorf("%+v", next)
	}
	// Of the four, two are left without a winner: too few to choose again.
	h.Clock.Advance(time.Hour)
	second := raise(t, h, bidders[2], x, challenge.Result)
	_, err = h.Challenges.Answer(ctx, h.Officer, second.ID, reply(challenge.Upheld, challenge.Restart))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Challenges.Approve(ctx, h.Approver, second.ID); err != nil {
		t.Fatal(err)
	}
	told(t, h, bidders[3], "采购已终止")
	if x = h.Again(t, x.ID); x.State != tender.Failed || !strings.Contains(x.Reason, second.Number) {
		t.Errorf("the tender is %s: %s", x.State, x.Reason)
	}
	p := ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"})
	if got := ocdstest.Tags(ocdstest.All(t, p), string(x.ID)); got != " tender tenderUpdate award tenderUpdate awardCancellation award tenderUpdate awardCancellation tenderUpdate" {
		t.Errorf("releases:%s", got)
	}
}

// told fails unless a letter whose title begins so lies in somebody's box, and
// unless no letter names a supplier that is not its reader.
func told(t *testing.T, h *bidtest.House, who party.Actor, title string) {
	t.Helper()
	p, err := inbox.New(h.DB, h.Clock).List(t.Context(), who, inbox.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, m := range p.Items {
		found = found || strings.HasPrefix(m.Title, title)
		if who.OrgKind == party.Social && strings.Contains(m.Title+m.Text, "社会工作服务中心") {
			t.Errorf("a letter names a supplier: %s %s", m.Title, m.Text)
		}
	}
	if !found {
		t.Errorf("%s lacks a letter “%s”: %+v", who.OrgName, title, p.Items)
	}
}

func complaint(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders := awarded(t, h, 4)
	who := bidders[1]
	c := raise(t, h, who, x, challenge.Result)
	in := challenge.ComplaintInput{Contact: "王某", Authority: "青山区财政局", Points: []challenge.Point{{Matter: "业绩不实", Request: "撤销", Facts: "回函", From: 1}}}
	_, err := h.Challenges.Complain(ctx, who, c.ID, in)
	refused(t, "before the answer is due", err, fault.Conflict, "第55条")
	due := workdays(t, h.Clock.Now(), 7)
	answered(t, h, c, reply(challenge.Dismissed, ""))
	t.Run("条例55 投诉事项不得超出已质疑事项的范围", func(t *testing.T) {
		beyond := in
		for from, ok := range map[int]bool{-1: false, 0: true, 2: true, 3: false} { // two points; 0 is what the answer gave rise to
			beyond.Points = []challenge.Point{{Matter: "另一件事", Request: "撤销", Facts: "无", From: from}}
			if _, err = h.Challenges.Complain(ctx, bidders[2], c.ID, beyond); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Forbidden) {
				t.Errorf("somebody else: %v", err)
			}
			if !ok {
				_, err = h.Challenges.Complain(ctx, who, c.ID, beyond)
				refused(t, "beyond the 质疑", err, fault.Invalid, "实施条例第55条")
			}
		}
	})
	var k challenge.Case
	t.Run("法55 质疑答复期满后15个工作日内投诉", func(t *testing.T) {
		last := workdays(t, due.Add(-time.Second), 15)
		h.Clock.Set(last)
		_, err = h.Challenges.Complain(ctx, who, c.ID, in)
		refused(t, "after 15 working days", err, fault.TooLate, "第55条")
		h.Clock.Set(last.Add(-time.Microsecond))
		if k, err = h.Challenges.Complain(ctx, who, c.ID, in); err != nil {
			t.Fatal(err)
		}
		_, err = h.Challenges.Complain(ctx, who, c.ID, in)
		refused(t, "twice", err, fault.Conflict, "94号")
	})
	t.Run("法56 投诉30个工作日内处理，94号令 5个工作日审查、8个工作日送达副本", func(t *testing.T) {
		clocks, err := h.Challenges.Clocks(ctx, k)
		if err != nil || len(clocks) != 3 {
			t.Fatalf("%+v, %v", clocks, err)
		}
		for i, n := range []int{5, 8, 30} {
			if !clocks[i].At.Equal(workdays(t, h.Clock.Now(), n)) {
				t.Errorf("%s ends %v", clocks[i].Label, clocks[i].At)
			}
		}
	})
	if _, err := h.Challenges.Review(ctx, h.Officer, k.ID, challenge.Review{Decision: "accept"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the officer it is about reviewed it: %v", err)
	}
	_, err = h.Challenges.Review(ctx, h.Supervisor, k.ID, challenge.Review{Decision: "accept", SuspendDays: 31})
	refused(t, "suspended for 31 days", err, fault.Invalid, "第57条")
	if _, err := h.Challenges.Review(ctx, h.Supervisor, k.ID, challenge.Review{Decision: "mend", Reason: "缺少授权书"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Challenges.Mend(ctx, who, k.ID, in); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Challenges.Review(ctx, h.Supervisor, k.ID, challenge.Review{Decision: "accept", Letter: "青财采〔2026〕1号", SuspendDays: 30}); err != nil {
		t.Fatal(err)
	}
	on := h.Clock.Now()
	end := on.AddDate(0, 6, 0)
	_, err = h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end})
	refused(t, "a contract while suspended", err, fault.Conflict, "第57条")
	if err := tender.NotSuspended(ctx, d, x.ID, h.Clock.Now(), tender.OpeningStep); !fault.Is(err, fault.Conflict) {
		t.Errorf("an opening while suspended: %v", err)
	}
	t.Run("法57 暂停不超过30日", func(t *testing.T) {
		end := calendar.Date(on).AddDate(0, 0, 31)
		if err := tender.NotSuspended(ctx, d, x.ID, end.Add(-time.Microsecond), tender.ContractStep); !fault.Is(err, fault.Conflict) {
			t.Errorf("on the thirtieth day: %v", err)
		}
		if err := tender.NotSuspended(ctx, d, x.ID, end, tender.ContractStep); err != nil {
			t.Errorf("after 30 days: %v", err)
		}
	})
	if _, err := h.Challenges.Copied(ctx, h.Supervisor, k.ID); err != nil {
		t.Fatal(err)
	}
	decision := reply(challenge.Upheld, challenge.Reselect)
	_, err = h.Challenges.Decide(ctx, h.Supervisor, k.ID, decision)
	refused(t, "without its number", err, fault.Invalid, "letter")
	decision.Letter = "青财采决〔2026〕2号"
	if _, err := h.Challenges.Decide(ctx, h.Supervisor, k.ID, decision); err != nil {
		t.Fatal(err)
	}
	told(t, h, h.Officer, "收到投诉")
	told(t, h, who, "投诉书需要补正")
	told(t, h, who, "投诉已处理")
	if last, err := h.Challenges.Latest(ctx, 5); err != nil || len(last) != 1 || last[0].Tender != x.ID || last[0].Letter != decision.Letter || last[0].Outcome != challenge.Upheld {
		t.Errorf("the decisions published last: %+v, %v", last, err)
	}
	out, err := h.Challenges.Outcomes(ctx, x.ID)
	if err != nil || len(out) != 2 || out[1].Raiser != who.OrgName || out[1].Letter != decision.Letter {
		t.Errorf("%+v, %v", out, err)
	}
	if x = h.Again(t, x.ID); x.State != tender.Evaluated {
		t.Errorf("the tender is %s", x.State)
	}
}

func printed(t *testing.T, d *bun.DB, doc string) {
	t.Helper()
	var kind, content string
	if err := d.NewSelect().Table("document").Column("kind", "content").Where("id = ?", doc).Scan(t.Context(), &kind, &content); err != nil {
		t.Fatal(err)
	}
	if pdf, err := document.Render(kind, []byte(content)); err != nil || len(pdf) < 1000 {
		t.Errorf("%d bytes, %v", len(pdf), err)
	}
}
