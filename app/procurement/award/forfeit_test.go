package award_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/standing"
	"gongji/app/party/standing/standingtest"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/storage/db/dbtest"
)

// won is a published result of n bidders; the first won.
func won(t *testing.T, h *bidtest.House, n int) (tender.Tender, []party.Actor, award.Award) {
	t.Helper()
	x, bidders := h.Opened(t, n, nil)
	h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
	a := given(t, h, x, 0)
	if a.Supplier != bidders[0].Org {
		t.Fatal("another won")
	}
	return h.Again(t, x.ID), bidders, a
}

// given awards a tender to a rank, from 0, with no reason of the buyer's own.
func given(t *testing.T, h *bidtest.House, x tender.Tender, rank int) award.Award {
	t.Helper()
	_, r, err := h.Evaluations.Result(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Propose(t.Context(), h.Officer, x.ID, award.Proposal{Bid: r.Lines[rank].Bid}); err != nil {
		t.Fatal(err)
	}
	a, err := h.Awards.Approve(t.Context(), h.Approver, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func heard(t *testing.T, h *bidtest.House, who party.Actor, title string) bool {
	t.Helper()
	p, err := inbox.New(h.DB, h.Clock).List(t.Context(), who, inbox.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(p.Items, func(m inbox.Message) bool { return strings.HasPrefix(m.Title, title) })
}

func forfeit(c award.Cause, o award.Course) award.ForfeitInput {
	return award.ForfeitInput{Cause: c, Reason: "书面通知后仍未到场签订合同。", Course: o}
}

// complains fails unless an error complains about a field and says something.
func complains(t *testing.T, what string, err error, field, says string) {
	t.Helper()
	list, _ := fault.Complaints(err)
	if !slices.ContainsFunc(list, func(f fault.Field) bool { return f.Name == field && strings.Contains(f.Message, says) }) {
		t.Errorf("%s: %v", what, err)
	}
}

func TestAResultThatIsGivenUp(t *testing.T) {
	t.Run("条例49 拒绝签订合同的，按候选人排序确定下一候选人", func(t *testing.T) { dbtest.Each(t, following) })
	t.Run("条例49 也可以重新开展政府采购活动", func(t *testing.T) { dbtest.Each(t, anew) })
	t.Run("条例49 被列入名单的不签合同，名单上的候选人跳过", func(t *testing.T) { dbtest.Each(t, listedFirst) })
	t.Run("政府采购法46 三十日内没有签订的，期满后才能变更", func(t *testing.T) { dbtest.Each(t, unsigned) })
}

func following(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders, first := won(t, h, 4)
	for _, who := range []party.Actor{bidders[1], h.Officer, {}} {
		if _, err := h.Awards.Refuse(ctx, who, x.ID, "人员离职，无法履行。"); err == nil {
			t.Errorf("%s refused for the winner", who.OrgName)
		}
	}
	_, err := h.Awards.Refuse(ctx, bidders[0], x.ID, "不")
	complains(t, "refused without a reason", err, "refusal", "理由")
	if _, err := h.Awards.Refuse(ctx, bidders[0], x.ID, "骨干人员离职，无法按承诺履行。"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Refuse(ctx, bidders[0], x.ID, "骨干人员离职，无法按承诺履行。"); !fault.Is(err, fault.Conflict) {
		t.Errorf("refused twice: %v", err)
	}
	if !heard(t, h, h.Officer, "“"+bidders[0].OrgName+"”表示不签订合同") {
		t.Error("the buyer was not told")
	}
	if u, err := h.Awards.Unsigned(ctx, h.Officer, x); err != nil || u.Refusal == nil || u.Next != bidders[1].OrgName || !u.Forfeit || u.Refuse {
		t.Errorf("the officer sees %+v, %v", u, err)
	}
	if _, err := h.Awards.Unsigned(ctx, bidders[1], x); !fault.Is(err, fault.NotFound) {
		t.Errorf("another bidder sees why: %v", err)
	}

	for _, who := range []party.Actor{h.Approver, h.Supervisor, bidders[0], bidders[1], {}} {
		if _, err := h.Awards.Forfeit(ctx, who, x.ID, forfeit(award.RefusedToSign, award.Following)); err == nil {
			t.Errorf("put forward by %s %s", who.OrgName, who.Role)
		}
	}
	bad := forfeit("x", "y")
	bad.Reason = "无"
	_, err = h.Awards.Forfeit(ctx, h.Officer, x.ID, bad)
	for _, field := range []string{"cause", "course", "forfeit_reason"} {
		complains(t, "an empty form", err, field, "")
	}
	_, err = h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.Listed, award.Following))
	complains(t, "nobody is listed", err, "cause", "没有被列入")
	if _, err := h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.RefusedToSign, award.Following)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.RefusedToSign, award.Following)); !fault.Is(err, fault.Conflict) {
		t.Errorf("put forward twice: %v", err)
	}
	if list, err := h.Awards.Changes(ctx, x.ID); err != nil || len(list) != 0 {
		t.Errorf("public before it is decided: %+v, %v", list, err)
	}
	same := h.Officer
	same.Role = party.Approver
	if _, err := h.Awards.DecideForfeit(ctx, same, x.ID, true, ""); err == nil {
		t.Error("decided by who put it forward")
	}
	_, err = h.Awards.DecideForfeit(ctx, h.Approver, x.ID, false, " ")
	complains(t, "sent back without a reason", err, "forfeit_note", "原因")
	if _, err := h.Awards.DecideForfeit(ctx, h.Approver, x.ID, false, "请附书面催告"); err != nil {
		t.Fatal(err)
	}
	if got := h.Again(t, x.ID); got.State != tender.Awarded {
		t.Errorf("sent back, and the tender is %s", got.State)
	}
	if _, err := h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.RefusedToSign, award.Following)); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(15 * 24 * time.Hour) // the window of the first result is over
	if _, err := h.Challenges.Raise(ctx, bidders[2], x.ID, against(challenge.Result)); err == nil {
		t.Error("a challenge of the first result after its window")
	}
	f, err := h.Awards.DecideForfeit(ctx, h.Approver, x.ID, true, "")
	if err != nil || !strings.Contains(f.Basis, "书面表示不签订合同") {
		t.Fatal(f, err)
	}
	if x = h.Again(t, x.ID); x.State != tender.Evaluated {
		t.Fatalf("the tender is %s", x.State)
	}
	if doc, err := h.Archive.Frozen(ctx, d, *first.Notice); err != nil || doc.State != archive.Void {
		t.Errorf("the notice: %s %v", doc.State, err)
	}
	if !heard(t, h, bidders[0], "贵单位不再是中标（成交）供应商") || !heard(t, h, bidders[2], "采购结果已撤销") || heard(t, h, bidders[2], "贵单位不再是") {
		t.Error("the bidders were not told")
	}
	events, err := h.Tenders.Timeline(ctx, party.Actor{}, x.ID)
	if err != nil || !slices.ContainsFunc(events, func(e trail.Event) bool {
		return e.Action == "撤销采购结果" && strings.Contains(e.Article, "第49条")
	}) {
		t.Errorf("the public timeline: %+v, %v", events, err)
	}
	_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid})
	complains(t, "the same again", err, "bid", "已撤销")
	_, err = h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[2].Bid})
	complains(t, "past the next", err, "reason", "按评审顺序")
	if turn, err := h.Awards.Turn(ctx, x); err != nil || turn != r.Lines[1].Bid {
		t.Errorf("whose turn: %s %v", turn, err)
	}
	second := given(t, h, x, 1)
	if second.Supplier != bidders[1].Org || !strings.Contains(second.Reason, "按评审排序确定下一候选人") || second.Number == first.Number {
		t.Errorf("%+v", second)
	}
	res, err := h.Awards.Result(ctx, x.ID)
	if err != nil || len(res.Changes) != 1 || res.Changes[0].SupplierName != bidders[0].OrgName || !strings.Contains(res.Changes[0].Says(), "书面通知后仍未到场") {
		t.Errorf("the result says %+v, %v", res.Changes, err)
	}
	if own, err := h.Awards.Mine(ctx, bidders[0], x.ID); err != nil || own.Won {
		t.Errorf("the first reads %+v, %v", own, err)
	}
	if _, err := h.Challenges.Raise(ctx, bidders[2], x.ID, against(challenge.Result)); err != nil {
		t.Errorf("法52 the changed result opens no window: %v", err)
	}
	p := ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"})
	if got := ocdstest.Tags(ocdstest.All(t, p), string(x.ID)); !strings.HasSuffix(got, " award awardCancellation award") {
		t.Errorf("releases:%s", got)
	}
}

func anew(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders, _ := won(t, h, 3)
	if _, err := h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.Unable, award.Anew)); err != nil {
		t.Fatal(err)
	}
	if n, first, err := h.Awards.ForfeitsDue(ctx, h.Bureau); err != nil || n != 1 || first != x.ID {
		t.Errorf("what waits: %d %s %v", n, first, err)
	}
	if err := tender.Suspend(ctx, d, tender.Suspension{Tender: x.ID, Cause: id.New(h.Clock.Now()), Whole: true, From: h.Clock.Now(), Reason: "投诉处理期间", Article: "政府采购法第57条"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.DecideForfeit(ctx, h.Approver, x.ID, true, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("while the purchase is suspended: %v", err)
	}
	if _, err := d.NewDelete().TableExpr("suspension").Where("tender = ?", x.ID).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.DecideForfeit(ctx, h.Approver, x.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	if x = h.Again(t, x.ID); x.State != tender.Failed || !strings.Contains(x.Reason, "重新开展采购活动") || !strings.Contains(x.Reason, "第49条") {
		t.Fatalf("%s: %s", x.State, x.Reason)
	}
	for _, who := range bidders {
		if !heard(t, h, who, "采购已终止") {
			t.Errorf("%s was not told", who.OrgName)
		}
	}
	p := ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"})
	ocdstest.All(t, p)
	rec, err := p.Record(ctx, p.OCID(x.ID))
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Tender struct{ Status string }
		Awards []struct{ Status string }
	}
	if err := json.Unmarshal(rec.Records[0].Compiled, &c); err != nil || c.Tender.Status != "unsuccessful" || len(c.Awards) != 1 || c.Awards[0].Status != "cancelled" {
		t.Errorf("%+v, %v", c, err)
	}
}

func listedFirst(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders, _ := won(t, h, 4)
	s := standing.New(d, h.Clock, h.Policy, h.Orgs, calendar.Default())
	l := standingtest.Listed(t, s, h.Supervisor, h.Approver, bidders[0], "ban")
	standingtest.Listed(t, s, h.Supervisor, h.Approver, bidders[1], "serious")
	f, err := h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.Listed, award.Following))
	if err != nil || !strings.Contains(f.Basis, l.Number) {
		t.Fatal(f, err)
	}
	if u, err := h.Awards.Unsigned(ctx, h.Approver, x); err != nil || len(u.Listed) != 1 || u.Next != bidders[2].OrgName || !u.Decide {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := h.Awards.DecideForfeit(ctx, h.Approver, x.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	x = h.Again(t, x.ID)
	_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if turn, err := h.Awards.Turn(ctx, x); err != nil || turn != r.Lines[2].Bid {
		t.Errorf("whose turn: %s %v", turn, err)
	}
	if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[1].Bid}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the second is listed too: %v", err)
	}
	standingtest.Listed(t, s, h.Supervisor, h.Approver, bidders[3], "ban")
	if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[2].Bid, Reason: "第二名被列入严重违法失信名单。"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Approve(ctx, h.Approver, x.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.Unable, award.Following))
	complains(t, "nobody is left", err, "course", "重新开展采购")
}

func unsigned(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders, a := won(t, h, 3)
	_, err := h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.Unsigned, award.Following))
	complains(t, "the time to sign runs", err, "cause", "第46条")
	set, err := x.RuleSet(h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	by := award.SignBy(set, *a.DecidedAt, calendar.Default())
	h.Clock.Set(by.Add(-time.Microsecond))
	_, err = h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.Unsigned, award.Following))
	complains(t, "in the last moment", err, "cause", "期满后")
	h.Clock.Set(by)
	if u, err := h.Awards.Unsigned(ctx, h.Officer, x); err != nil || !u.Over || u.Next != bidders[1].OrgName {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := h.Awards.Forfeit(ctx, h.Officer, x.ID, forfeit(award.Unsigned, award.Following)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.DecideForfeit(ctx, h.Approver, x.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	if b := given(t, h, h.Again(t, x.ID), 1); b.Supplier != bidders[1].Org {
		t.Errorf("%+v", b)
	}
}

func against(stage challenge.Stage) challenge.Input {
	return challenge.Input{Kind: challenge.Challenge, Stage: stage, Contact: "王某 0769-00000000 横沥镇", Points: []challenge.Point{{Matter: "候选人资格不符", Request: "重新评审", Facts: "其登记的业务范围不含本项目", Basis: "政府采购法第22条"}}}
}
