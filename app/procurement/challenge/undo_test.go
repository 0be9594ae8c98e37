package challenge_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/delivery/engagement"
	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// signed is a contract signed today whose service starts days later.
func signed(t *testing.T, h *bidtest.House, x tender.Tender, days int) contract.Contract {
	t.Helper()
	on := h.Clock.Now()
	start, end, bond := on.AddDate(0, 0, days), on.AddDate(0, 6, 0), 10_000*money.Yuan
	c, err := h.Contracts.Record(t.Context(), h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &start, EndsOn: &end, Bond: &bond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// complained is a complaint that was accepted, after a 质疑 was dismissed and
// before was done.
func complained(t *testing.T, h *bidtest.House, who party.Actor, x tender.Tender, before func()) challenge.Case {
	t.Helper()
	ctx := t.Context()
	c := answered(t, h, raise(t, h, who, x, challenge.Result), reply(challenge.Dismissed, ""))
	before()
	k, err := h.Challenges.Complain(ctx, who, c.ID, challenge.ComplaintInput{Contact: "王某", Authority: "青山区财政局",
		Points: []challenge.Point{{Matter: "业绩不实", Request: "撤销", Facts: "回函", From: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if k, err = h.Challenges.Review(ctx, h.Supervisor, k.ID, challenge.Review{Decision: "accept", Letter: "青财采〔2026〕1号"}); err != nil {
		t.Fatal(err)
	}
	return k
}

func decided(e challenge.Effect) challenge.Reply {
	in := reply(challenge.Upheld, e)
	in.Letter = "青财采决〔2026〕2号"
	return in
}

func TestAContractThatIsNotPerformedIsRevoked(t *testing.T) {
	t.Run("94号令第32条 合同尚未履行的，撤销合同，另行确定", func(t *testing.T) { dbtest.Each(t, revoked) })
	t.Run("94号令第32条 合同尚未履行、不能另行确定的，撤销合同，重新开展", func(t *testing.T) { dbtest.Each(t, restarted) })
	t.Run("94号令第32条 合同已经履行的，由责任人承担赔偿责任", func(t *testing.T) { dbtest.Each(t, performed) })
}

func revoked(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders := awarded(t, h, 4)
	var first contract.Contract
	var draft archive.Document
	k := complained(t, h, bidders[1], x, func() {
		start, end, bond := h.Clock.Now().AddDate(0, 0, 60), h.Clock.Now().AddDate(0, 6, 0), 10_000*money.Yuan
		var err error
		if draft, err = h.Contracts.Prepare(ctx, h.Officer, x.ID, contract.Input{StartsOn: &start, EndsOn: &end, Bond: &bond}); err != nil {
			t.Fatal(err)
		}
		first = signed(t, h, x, 60)
		if _, err := h.Contracts.Amend(ctx, h.Officer, first.ID, contract.AmendInput{Change: "增加一个服务点", Reason: "服务对象增加", Added: 10_000 * money.Yuan}); err != nil {
			t.Fatal(err)
		}
	})
	_, err := h.Challenges.Decide(ctx, h.Supervisor, k.ID, decided(challenge.Compensate))
	refused(t, "compensation for what nobody performed", err, fault.Invalid, "第32条，待核")
	if k, err = h.Challenges.Decide(ctx, h.Supervisor, k.ID, decided(challenge.Reselect)); err != nil {
		t.Fatal(err)
	}
	if x = h.Again(t, x.ID); x.State != tender.Evaluated || !strings.Contains(k.Follows(), "合同一并撤销") {
		t.Fatalf("the tender is %s: %s", x.State, k.Follows())
	}
	gone(t, h, first)
	if draft, err = h.Archive.Frozen(ctx, d, draft.ID); err != nil || draft.State != archive.Void {
		t.Errorf("the text prepared for signing: %s, %v", draft.State, err)
	}
	for _, who := range []party.Actor{bidders[0], h.Officer} {
		told(t, h, who, "合同已撤销")
	}
	if _, err := h.Contracts.DecideAmendment(ctx, h.Approver, first.ID, true, ""); err == nil {
		t.Error("a revoked contract was amended")
	}
	if n, _, err := h.Contracts.Due(ctx, h.Bureau); err != nil || n != 0 {
		t.Errorf("%d changes wait, %v", n, err)
	}
	next := give(t, h, x, 1)
	second := signed(t, h, h.Again(t, x.ID), 60)
	if got, err := h.Contracts.Of(ctx, x.ID); err != nil || got.ID != second.ID || got.Supplier != next.Supplier || got.Supplier == first.Supplier {
		t.Errorf("the contract now: %+v, %v", got, err)
	}
	list, err := h.Contracts.All(ctx, x.ID)
	if i := slices.IndexFunc(list, func(c contract.Contract) bool { return c.State == contract.Revoked }); err != nil || len(list) != 2 || i < 0 || list[i].ID != first.ID || !strings.Contains(list[i].Why, k.Number) {
		t.Errorf("its contracts: %+v, %v", list, err)
	}
	if sums, err := h.Contracts.ByCatalogue(ctx, 5); err != nil || len(sums) != 1 || sums[0].Count != 1 || sums[0].Amount != second.Amount {
		t.Errorf("bought: %+v, %v", sums, err)
	}
	p := ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"})
	if got := ocdstest.Tags(ocdstest.All(t, p), string(x.ID)); !strings.HasSuffix(got, " contract tenderUpdate contractTermination awardCancellation award contract") {
		t.Errorf("releases:%s", got)
	}
	awards, contracts := compiled(t, p, x.ID)
	if !slices.Equal(awards, []string{"cancelled", "active"}) || !slices.Equal(contracts, []string{"terminated", "active"}) {
		t.Errorf("compiled: awards %v, contracts %v", awards, contracts)
	}
}

// gone fails unless a contract is revoked with everything that came of it.
func gone(t *testing.T, h *bidtest.House, c contract.Contract) {
	t.Helper()
	ctx := t.Context()
	if got, err := h.Contracts.Get(ctx, c.ID); err != nil || got.State != contract.Revoked || got.RevokedAt == nil || !got.RevokedAt.Equal(h.Clock.Now()) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, doc := range []id.ID{c.Summary, *c.Text} {
		if got, err := h.Archive.Get(ctx, party.Actor{}, doc); err != nil || got.State != archive.Void {
			t.Errorf("its paper is %s, %v", got.State, err)
		}
	}
	e, err := h.Engagements.Find(ctx, party.Actor{}, engagement.Contract, c.ID)
	if err != nil || e.State != engagement.Void || !e.Over(h.Clock.Now()) || h.Engagements.Allowed(h.Officer, e, "evaluate") {
		t.Errorf("its delivery: %+v, %v", e, err)
	}
	if sum, err := h.Engagements.Total(ctx, engagement.Filter{Provider: c.Supplier}); err != nil || sum.Amount != 0 || sum.Count != 1 {
		t.Errorf("its supplier is said to have been paid %+v, %v", sum, err)
	}
}

// compiled is the status of each award and each contract of a purchase in its
// compiled release, in order.
func compiled(t *testing.T, p *ocds.Publisher, x id.ID) (awards, contracts []string) {
	t.Helper()
	rec, err := p.Record(t.Context(), p.OCID(x))
	if err != nil {
		t.Fatal(err)
	}
	type stood struct {
		Status string `json:"status"`
	}
	var c struct {
		Tender    stood   `json:"tender"`
		Awards    []stood `json:"awards"`
		Contracts []stood `json:"contracts"`
	}
	if err := json.Unmarshal(rec.Records[0].Compiled, &c); err != nil {
		t.Fatal(err)
	}
	for _, a := range c.Awards {
		awards = append(awards, a.Status)
	}
	for _, a := range c.Contracts {
		contracts = append(contracts, a.Status)
	}
	return awards, contracts
}

func restarted(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders := awarded(t, h, 3)
	c := signed(t, h, x, 30)
	q := raise(t, h, bidders[1], x, challenge.Result) // the buyer signed before the window was over
	_, err := h.Challenges.Answer(ctx, h.Officer, q.ID, reply(challenge.Upheld, challenge.Reselect))
	refused(t, "two that are left", err, fault.Invalid, "effect")
	q = answered(t, h, q, reply(challenge.Upheld, challenge.Restart))
	if x = h.Again(t, x.ID); x.State != tender.Failed || !strings.Contains(x.Reason, q.Number) {
		t.Fatalf("the tender is %s: %s", x.State, x.Reason)
	}
	gone(t, h, c)
	told(t, h, bidders[0], "合同已撤销")
	told(t, h, bidders[2], "采购已终止")
	if _, err := h.Contracts.Of(ctx, x.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("it still binds: %v", err)
	}
	p := ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"})
	ocdstest.All(t, p)
	if awards, contracts := compiled(t, p, x.ID); !slices.Equal(awards, []string{"cancelled"}) || !slices.Equal(contracts, []string{"terminated"}) {
		t.Errorf("compiled: awards %v, contracts %v", awards, contracts)
	}
}

func performed(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders := awarded(t, h, 4)
	var c contract.Contract
	k := complained(t, h, bidders[1], x, func() { c = signed(t, h, x, 3) })
	e, err := h.Engagements.Find(ctx, party.Actor{}, engagement.Contract, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Set(e.Start.Add(-time.Microsecond))
	if s, err := h.Contracts.Standing(ctx, x.ID); err != nil || s.Begun {
		t.Errorf("performed the day before: %+v, %v", s, err)
	}
	h.Clock.Set(e.Start)
	for _, effect := range []challenge.Effect{challenge.Reselect, challenge.Restart} {
		_, err := h.Challenges.Decide(ctx, h.Supervisor, k.ID, decided(effect))
		refused(t, string(effect), err, fault.Invalid, "第32条")
	}
	if _, err = h.Challenges.Decide(ctx, h.Supervisor, k.ID, decided(challenge.Compensate)); err != nil {
		t.Fatal(err)
	}
	if x = h.Again(t, x.ID); x.State != tender.Contracted {
		t.Errorf("the tender is %s", x.State)
	}
	if got, err := h.Contracts.Of(ctx, x.ID); err != nil || got.ID != c.ID || got.State != contract.Signed {
		t.Errorf("%+v, %v", got, err)
	}
	for _, who := range append(bidders, h.Officer) {
		told(t, h, who, "合同继续履行")
	}
	out, err := h.Challenges.Outcomes(ctx, x.ID)
	i := slices.IndexFunc(out, func(p challenge.Public) bool { return p.Kind == challenge.Complaint })
	if err != nil || i < 0 || out[i].Effect != challenge.Compensate || !strings.Contains(out[i].Follows, "赔偿责任") {
		t.Errorf("public: %+v, %v", out, err)
	}
}

// Who chooses again was not silent: the next candidate is taken although the
// time to choose is long over.
func TestChoosingAgainIsNotSilence(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := bidtest.New(t, d)
		x, bidders := h.Opened(t, 4, map[string]string{"method": "consultation"})
		h.Scored(t, h.Panel(t, x, 3), x, func(string) int64 { return 80 })
		give(t, h, x, 0)
		c := raise(t, h, bidders[1], x, challenge.Result)
		h.Clock.Set(workdays(t, h.Clock.Now(), 7))
		answered(t, h, c, reply(challenge.Upheld, challenge.Reselect))
		if lapsed, err := h.Awards.Lapsed(t.Context(), h.Again(t, x.ID)); err != nil || lapsed {
			t.Errorf("the law chooses the revoked winner: %v %v", lapsed, err)
		}
		if a := give(t, h, x, 1); a.Rank != 2 {
			t.Errorf("%+v", a)
		}
	})
}

func TestAFrameworkIsChallengedLikeAnyResult(t *testing.T) {
	t.Run("条例53 入围结果公布后可以质疑", func(t *testing.T) { dbtest.Each(t, frameworkEnds) })
}

func frameworkEnds(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x, bidders := h.Opened(t, 4, map[string]string{"method": "framework", "term_months": "24"})
	h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
	if _, err := h.Frameworks.Propose(ctx, h.Officer, x.ID, 2); err != nil {
		t.Fatal(err)
	}
	_, err := h.Challenges.Raise(ctx, bidders[3], x.ID, letter(challenge.Result))
	refused(t, "before it is public", err, fault.Invalid, "")
	if err := h.Frameworks.Approve(ctx, h.Approver, x.ID); err != nil {
		t.Fatal(err)
	}
	x = h.Again(t, x.ID)
	ends := workdays(t, workdays(t, h.Clock.Now(), 1).Add(-time.Second), 7) // the notice period first
	windows, err := h.Challenges.Windows(ctx, x)
	if err != nil || !windows[2].Open || windows[2].Ends == nil || !windows[2].Ends.Equal(ends) {
		t.Fatalf("%+v, %v", windows, err)
	}
	c := raise(t, h, bidders[3], x, challenge.Result)
	_, err = h.Challenges.Answer(ctx, h.Officer, c.ID, reply(challenge.Upheld, challenge.Reselect))
	refused(t, "one admitted instead of another", err, fault.Invalid, "effect")
	answered(t, h, c, reply(challenge.Upheld, challenge.Restart))
	if x = h.Again(t, x.ID); x.State != tender.Failed {
		t.Errorf("the tender is %s", x.State)
	}
	if _, err := framework.ApprovedOf(ctx, d, x.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("its suppliers are still admitted: %v", err)
	}
	for _, who := range append(bidders, h.Officer) {
		told(t, h, who, "入围结果已撤销")
	}
	p := ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"})
	if got := ocdstest.Tags(ocdstest.All(t, p), string(x.ID)); !strings.HasSuffix(got, " award tenderUpdate awardCancellation tenderUpdate") {
		t.Errorf("releases:%s", got)
	}
	if awards, _ := compiled(t, p, x.ID); !slices.Equal(awards, []string{"cancelled"}) {
		t.Errorf("compiled: %v", awards)
	}
}
