package schedule_test

import (
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/schedule"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// house is a bureau, its purchases and their schedule.
type house struct {
	*bidtest.House
	t *testing.T
	s *schedule.Service
}

func (h house) lines(who party.Actor, x tender.Tender) []schedule.Line {
	h.t.Helper()
	list, err := h.s.Of(h.t.Context(), who, h.Again(h.t, x.ID))
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func (h house) line(x tender.Tender, rule string) schedule.Line {
	h.t.Helper()
	list := h.lines(party.Actor{}, x)
	i := slices.IndexFunc(list, func(l schedule.Line) bool { return l.Rule == rule })
	if i < 0 {
		h.t.Fatalf("no line of %s", rule)
	}
	return list[i]
}

// next is what the purchase waits for: the rule, and until when.
func (h house) next(x tender.Tender) (string, time.Time) {
	h.t.Helper()
	l := schedule.Next(h.lines(party.Actor{}, x), h.Clock.Now())
	if l == nil {
		return "", time.Time{}
	}
	return l.Rule, *l.At
}

func (h house) wait(x tender.Tender, rule string, workdays int) {
	h.t.Helper()
	end, err := calendar.Default().AddWorkdays(h.Clock.Now(), workdays)
	if err != nil {
		h.t.Fatal(err)
	}
	if got, at := h.next(x); got != rule || !at.Equal(end) {
		h.t.Errorf("the next is %s until %v, want %s until %v", got, at, rule, end)
	}
}

// TestEachStepNamesTheNext walks a purchase; after every step the schedule
// says what is due next, by which rule, and what came of the steps before.
func TestEachStepNamesTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		b, ctx := bidtest.New(t, d), t.Context()
		h := house{b, t, schedule.New(d, b.Clock, calendar.Default())}
		h.s.Ask(intention.Moments)
		h.s.Ask(b.Challenges.Moments)
		x, _ := h.Opened(t, 3, nil)
		panel := h.Panel(t, x, 5)
		h.HandedIn(t, panel, x, func(string) int64 { return 80 })
		if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); err != nil {
			t.Fatal(err)
		}
		h.wait(x, rules.AwardReport, 2)
		if l := h.line(x, rules.AwardReport); l.Done != nil {
			t.Errorf("reported before anybody signed: %+v", l)
		}
		h.Clock.Advance(24 * time.Hour)
		for _, who := range panel {
			if err := h.Evaluations.Sign(ctx, who, x.ID, evaluation.Signing{}); err != nil {
				t.Fatal(err)
			}
		}
		reported := h.Clock.Now()
		if l := h.line(x, rules.AwardReport); l.Done == nil || !l.Done.Equal(reported) || l.Late {
			t.Errorf("the report: %+v", l)
		}
		h.wait(x, rules.AwardChoose, 5)
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Approve(ctx, h.Approver, x.ID); err != nil {
			t.Fatal(err)
		}
		if l := h.line(x, rules.ContractSign); l.At == nil || !l.At.Equal(contract.SignBy(rules.At(h.Clock.Now()), h.Clock.Now(), calendar.Default())) || l.Done != nil {
			t.Errorf("the contract: %+v", l)
		}
		on := h.Clock.Now()
		end := on.AddDate(0, 6, 0)
		c, err := h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end})
		if err != nil {
			t.Fatal(err)
		}
		if l := h.line(x, rules.ContractFile); l.At == nil || l.Done != nil || !l.Tracked || l.Article != "政府采购法第47条" {
			t.Errorf("before it is filed: %+v", l)
		}
		h.Clock.Advance(20 * 24 * time.Hour)
		if _, err := h.Contracts.File(ctx, h.Officer, c.ID, "青财备1号"); err != nil {
			t.Fatal(err)
		}
		if l := h.line(x, rules.ContractFile); l.Done == nil || !l.Late {
			t.Errorf("filed after seven working days: %+v", l)
		}
	})
}

// 条例43, 53: an admission is a published result: its steps are done, and the
// window for doubting it is open.
func TestAnAdmissionIsAResult(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		b, ctx := bidtest.New(t, d), t.Context()
		h := house{b, t, schedule.New(d, b.Clock, calendar.Default())}
		h.s.Ask(b.Challenges.Moments)
		x, _ := h.Opened(t, 4, map[string]string{"method": "framework", "term_months": "24"})
		h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
		if _, err := h.Frameworks.Propose(ctx, h.Officer, x.ID, 2); err != nil {
			t.Fatal(err)
		}
		h.wait(x, rules.AwardChoose, 5)
		if err := h.Frameworks.Approve(ctx, h.Approver, x.ID); err != nil {
			t.Fatal(err)
		}
		for _, rule := range []string{rules.AwardChoose, rules.AwardNotify} {
			if l := h.line(x, rule); l.Done == nil || !l.Done.Equal(h.Clock.Now()) || l.Late {
				t.Errorf("%s: %+v", rule, l)
			}
		}
		for _, l := range h.lines(party.Actor{}, x) {
			if l.Rule == rules.BidBondReturnLoser {
				t.Errorf("nobody gave a bond: %+v", l)
			}
			if l.Rule == rules.ContractSign && (l.Tracked || l.At == nil) {
				t.Errorf("the agreement is signed elsewhere: %+v", l)
			}
		}
		if got, _ := h.next(x); got != rules.ChallengeWindowResult {
			t.Errorf("the next is %s", got)
		}
	})
}

// An intention that a purchase names stands on its schedule, with the wait of
// thirty days that it began.
func TestTheIntentionIsTheFirstMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		b, ctx := bidtest.New(t, d), t.Context()
		h := house{b, t, schedule.New(d, b.Clock, calendar.Default())}
		h.s.Ask(intention.Moments)
		in := intention.New(d, h.Clock, h.Policy, calendar.Default(), h.Tenders)
		i, err := in.Create(ctx, h.Officer, intention.Facts{Title: "青山区居家养老上门服务", What: "为 250 位高龄老人提供每月两次上门服务", Region: "湖北省武汉市青山区", Budget: 77_000_000, Expected: "2026-07"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Publish(ctx, h.Approver, i.ID); err != nil {
			t.Fatal(err)
		}
		began := h.Clock.Now()
		h.Clock.Set(time.Date(2026, 7, 1, 1, 0, 0, 0, time.UTC))
		x := h.Published(t, map[string]string{"intention": string(i.ID), "intention_exempt": "", "documents_until": "2026-07-15", "deadline": "2026-08-03T09:00"})
		known, err := intention.Moments(ctx, d, party.Actor{}, x)
		if err != nil || !known[rules.IntentionPublished].Equal(began) {
			t.Errorf("%v %v", known, err)
		}
		if l := h.line(x, rules.IntentionBeforePurchase); l.Done == nil || l.Late || l.Article != "财库〔2020〕10号" {
			t.Errorf("%+v", l)
		}
		other := h.Published(t, map[string]string{"documents_until": "2026-07-15", "deadline": "2026-08-03T09:00"})
		if k, err := intention.Moments(ctx, d, party.Actor{}, other); err != nil || len(k) != 0 {
			t.Errorf("a purchase without one: %v %v", k, err)
		}
	})
}

// 条例33: the line of a bond is done when the bond is back, overdue when it is
// not, and absent where nobody gave one.
func TestBondsThatAreBackAreDone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		b, ctx := bidtest.New(t, d), t.Context()
		h := house{b, t, schedule.New(d, b.Clock, calendar.Default())}
		x, bidders := h.Opened(t, 3, nil)
		h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
		paid := *x.Deadline
		var bonds []award.Bond
		for _, who := range bidders[1:] {
			k, err := h.Awards.RecordBond(ctx, h.Officer, x.ID, award.BondInput{Supplier: who.Org, Amount: 100_000, Form: "转账", ReceivedOn: &paid})
			if err != nil {
				t.Fatal(err)
			}
			bonds = append(bonds, k)
		}
		_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid}); err != nil {
			t.Fatal(err)
		}
		a, err := h.Awards.Approve(ctx, h.Approver, x.ID)
		if err != nil || a.Supplier != bidders[0].Org {
			t.Fatal(a, err)
		}
		for i, k := range bonds {
			if l := h.line(x, rules.BidBondReturnLoser); l.Done != nil || !l.Tracked || l.At == nil {
				t.Errorf("条例33 %d of 2 are back: %+v", i, l)
			}
			on := h.Clock.Now()
			if err := h.Awards.ReturnBond(ctx, h.Officer, x.ID, k.ID, &on, "回单"); err != nil {
				t.Fatal(err)
			}
		}
		if l := h.line(x, rules.BidBondReturnLoser); l.Done == nil || l.Late {
			t.Errorf("条例33 all are back: %+v", l)
		}
		on := h.Clock.Now()
		end := on.AddDate(0, 6, 0)
		if _, err := h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end}); err != nil {
			t.Fatal(err)
		}
		for _, l := range h.lines(party.Actor{}, x) {
			if l.Rule == rules.BidBondReturnWinner {
				t.Errorf("a bond that the winner never gave: %+v", l)
			}
		}
	})
}
