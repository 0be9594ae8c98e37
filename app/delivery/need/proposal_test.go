package need_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/delivery/need"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

func (h *house) proposing() need.Proposing {
	return need.Proposing{Community: h.street.Org, Title: "楼道里没有扶手", Body: "三号楼没有电梯，老人上下楼没有扶手可以扶。", People: "老人十几位"}
}

func (h *house) propose(t *testing.T, address string) (need.Proposal, string) {
	t.Helper()
	p, code, err := h.s.Propose(t.Context(), h.proposing(), address)
	must(t, err)
	return p, code
}

// A proposal is read by the community's people alone, and answered to whoever
// has the code.
func TestAProposalIsHeldUntilTheCommunityDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := laid(t, d), t.Context()
		other := h.Actor(t, h.Org(t, party.Community, "沿江社区居民委员会"), party.Lead)
		in := h.proposing()
		in.Body = "三号楼没有扶手，请打 13800138000 找我，或者写信到 a@b.cn。"
		p, code, err := h.s.Propose(ctx, in, "203.0.113.1")
		must(t, err)
		if len(code) != 12 || !p.Masked || strings.Contains(p.Body, "138") || strings.Contains(p.Body, "@") {
			t.Fatalf("%q %+v", code, p)
		}
		for who, actor := range map[string]party.Actor{"a visitor": {}, "another community": other, "a bureau": h.Officer, "a provider": h.Lead} {
			if _, err := h.s.GetProposal(ctx, actor, p.ID); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s reads it: %v", who, err)
			}
			if list, _, err := h.s.Proposals(ctx, actor, need.ProposalFilter{}); len(list) != 0 {
				t.Errorf("%s lists it: %v %v", who, list, err)
			}
			for what, do := range map[string]func() error{
				"adopts": func() error {
					_, err := h.s.Adopt(ctx, actor, p.ID, need.Form{Title: "扶手", Body: p.Body, People: "老人"})
					return err
				},
				"merges":   func() error { _, err := h.s.Merge(ctx, actor, p.ID, h.n.ID, ""); return err },
				"declines": func() error { _, err := h.s.Decline(ctx, actor, p.ID, "不归我们管理"); return err },
			} {
				if do() == nil {
					t.Errorf("%s %s", who, what)
				}
			}
		}
		if list, _, err := h.s.Find(ctx, need.Filter{Text: "扶手"}); err != nil || len(list) != 0 {
			t.Errorf("it is public: %v %v", list, err)
		}
		for _, typed := range []string{code, strings.ToLower(code[:4] + "-" + code[4:8] + " " + code[8:])} {
			if seen, n, err := h.s.Proposed(ctx, typed); err != nil || seen.State != need.Waiting || n != nil {
				t.Errorf("%q: %+v %v", typed, seen, err)
			}
		}
		for _, wrong := range []string{"", "AAAA-AAAA-AAAA", string(p.ID), "' OR 1=1 --", strings.Repeat("A", 4000)} {
			if _, _, err := h.s.Proposed(ctx, wrong); !fault.Is(err, fault.NotFound) {
				t.Errorf("%.20q: %v", wrong, err)
			}
		}
		var rows []map[string]any
		must(t, d.NewSelect().TableExpr("need_proposal").Scan(ctx, &rows))
		if text := fmt.Sprint(rows); strings.Contains(text, code) || strings.Contains(text, "203.0.113") || strings.Contains(text, "138001") {
			t.Error("a code, an address or a number is kept")
		}
		if n, err := h.s.Undecided(ctx, h.street); err != nil || n != 1 {
			t.Errorf("%d %v", n, err)
		}
		_, err = h.s.Decline(ctx, h.street, p.ID, "不")
		refusedAt(t, "no reason", err, "reason")
		_, err = h.s.Decline(ctx, h.street, p.ID, "三号楼已列入今年的加装计划，八月动工。")
		must(t, err)
		if seen, _, err := h.s.Proposed(ctx, code); err != nil || seen.State != need.TurnedDown || !strings.Contains(seen.Answer, "八月动工") {
			t.Errorf("%+v %v", seen, err)
		}
		if _, err := h.s.Decline(ctx, h.street, p.ID, "再说一次也是不行"); !fault.Is(err, fault.Conflict) {
			t.Errorf("answered twice: %v", err)
		}
	})
}

func TestAProposalBecomesANeedOrIsMerged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := laid(t, d), t.Context()
		p, code := h.propose(t, "203.0.113.1")
		_, err := h.s.Adopt(ctx, h.street, p.ID, need.Form{Title: "三号楼加装扶手", Body: "短", People: "老人"})
		refusedAt(t, "too short", err, "body")
		n, err := h.s.Adopt(ctx, h.street, p.ID, need.Form{Title: "三号楼加装扶手", Body: "没有电梯的楼道没有扶手，老人上下楼危险。", People: "老人约 12 位", NextBy: "2026-07-10"})
		must(t, err)
		seen, became, err := h.s.Proposed(ctx, code)
		if err != nil || seen.State != need.TakenUp || became == nil || became.ID != n.ID {
			t.Fatalf("%+v %+v %v", seen, became, err)
		}
		again, _ := h.propose(t, "203.0.113.2")
		other := h.Actor(t, h.Org(t, party.Community, "沿江社区居民委员会"), party.Lead)
		foreign, err := h.s.List(ctx, other, need.Form{Title: "别的社区", Body: "别的社区的议题，不能并进去。", People: "居民"})
		must(t, err)
		over, err := h.s.List(ctx, h.street, need.Form{Title: "已经结束", Body: "这个议题没有采纳，已经结束。", People: "居民"})
		must(t, err)
		_, err = h.s.Take(ctx, h.street, over.ID, need.Taking{Step: need.Declined, Note: "重复的议题不采纳"})
		must(t, err)
		for what, at := range map[string]id.ID{"none": "", "another community's": foreign.ID, "one that is over": over.ID, "nothing": id.New(h.Clock.Now())} {
			_, err := h.s.Merge(ctx, h.street, again.ID, at, "")
			refusedAt(t, what, err, "need")
		}
		_, err = h.s.Merge(ctx, h.street, again.ID, n.ID, "")
		must(t, err)
		x, err := h.s.Get(ctx, party.Actor{}, n.ID)
		if err != nil || x.Proposals != 2 || !strings.Contains(x.Records[0].Note, "公开入口") || x.NextBy == nil {
			t.Errorf("%+v %v", x, err)
		}
	})
}

// A community has fifteen days; the last ends at 24:00.
func TestAProposalIsAnsweredWithin15Days(t *testing.T) {
	h := laid(t, dbtest.SQLite(t))
	p, _ := h.propose(t, "203.0.113.1")
	if want := p.OnDay.AddDate(0, 0, 16); !p.AnswerDue.Equal(want) {
		t.Errorf("%v, want %v", p.AnswerDue, want)
	}
	if p.Overdue(p.AnswerDue.Add(-1)) || !p.Overdue(p.AnswerDue) {
		t.Error("the fifteenth day is not the community's")
	}
}

func TestProposalsAreLimitedByAddressAndDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := laid(t, d), t.Context()
		var mu sync.Mutex
		kept, refused := 0, 0
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, _, err := h.s.Propose(ctx, h.proposing(), "203.0.113.9")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					kept++
				case fault.Is(err, fault.TooMany):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if kept != 3 || refused != 5 {
			t.Errorf("%d kept, %d refused", kept, refused)
		}
		for i := range 57 {
			h.propose(t, fmt.Sprint("198.51.100.", i))
		}
		if _, _, err := h.s.Propose(ctx, h.proposing(), "198.51.100.200"); !fault.Is(err, fault.TooMany) {
			t.Errorf("the sixty-first of a day: %v", err)
		}
		h.Clock.Set(h.Clock.Now().AddDate(0, 0, 1))
		h.propose(t, "203.0.113.9")
		in := h.proposing()
		for what, spoil := range map[string]func(*need.Proposing){
			"community": func(x *need.Proposing) { x.Community = h.Lead.Org }, "title": func(x *need.Proposing) { x.Title = strings.Repeat("长", 41) },
			"body": func(x *need.Proposing) { x.Body = "短" }, "people": func(x *need.Proposing) { x.People = strings.Repeat("长", 61) }} {
			bad := in
			spoil(&bad)
			_, _, err := h.s.Propose(ctx, bad, "203.0.113.77")
			refusedAt(t, what, err, what)
		}
	})
}

// The promised day of the next step is public, goes with the step, and finds
// what is late.
func TestTheNextStepHasItsDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := laid(t, d), t.Context()
		for _, bad := range []string{"昨天", "2020-01-01", "2031-01-01"} {
			_, err := h.s.List(ctx, h.street, need.Form{Title: "一", Body: "一二三四五六七八九十", People: "居民", NextBy: bad})
			refusedAt(t, bad, err, "next_by")
		}
		day := h.Clock.Now().AddDate(0, 0, 3).Format("2006-01-02")
		n, err := h.s.Take(ctx, h.street, h.n.ID, need.Taking{Step: need.Settled, Note: "居民代表会议选出", NextBy: day})
		must(t, err)
		find := func(f need.Filter, want int) {
			t.Helper()
			if list, total, err := h.s.Find(ctx, f); err != nil || len(list) != want || int(total) != want {
				t.Errorf("%+v: %d of %d, want %d, %v", f, len(list), total, want, err)
			}
		}
		find(need.Filter{Due: need.Soon}, 1)
		find(need.Filter{Due: need.Late}, 0)
		find(need.Filter{Met: "no"}, 1)
		find(need.Filter{Met: "yes"}, 0)
		h.Clock.Set(*n.NextBy)
		find(need.Filter{Due: need.Soon}, 0)
		find(need.Filter{Due: need.Late}, 1)
		n, err = h.s.Take(ctx, h.street, h.n.ID, need.Taking{Step: need.Declined, Note: "居民商量以后不办了", NextBy: h.Clock.Now().AddDate(0, 0, 3).Format("2006-01-02")})
		if err != nil || n.NextBy != nil {
			t.Errorf("what is over has no next step: %+v %v", n.NextBy, err)
		}
		find(need.Filter{Due: need.Late}, 0)
	})
}

func refusedAt(t *testing.T, what string, err error, field string) {
	t.Helper()
	fields, _ := fault.Complaints(err)
	for _, f := range fields {
		if f.Name == field {
			return
		}
	}
	t.Errorf("%s: no complaint about %s in %v", what, field, err)
}
