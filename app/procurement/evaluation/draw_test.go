package evaluation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/storage/db/dbtest"
)

// register enters n experts of a specialty.
func register(t *testing.T, h *bidtest.House, n int, specialty, employer string) []party.Actor {
	t.Helper()
	registrar := h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Registrar)
	var out []party.Actor
	for range n {
		who := h.Expert(t, "")
		if err := h.Orgs.Enlist(t.Context(), registrar, h.Login(who.Account), account.Expertise{Employer: employer, Specialties: specialty}); err != nil {
			t.Fatal(err)
		}
		out = append(out, who)
	}
	return out
}

// seated are the actors behind the members of a panel, in the panel's order.
func seated(t *testing.T, h *bidtest.House, x id.ID) []evaluation.Member {
	t.Helper()
	list, err := h.Evaluations.Panel(t.Context(), h.Officer, x)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func actor(m evaluation.Member) party.Actor {
	return party.Actor{Account: m.Account, Name: m.Name, Expert: true}
}

// 87号令48: the pool is committed to first, the seed comes after and from
// somebody else, and whoever has the file runs it again.
func TestThePanelIsDrawnProvably(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, bidders := h.Opened(t, 3, nil)
		care, money := register(t, h, 6, "养老服务", "武汉某大学"), register(t, h, 3, "财务管理", "某会计师事务所")
		tied := register(t, h, 1, "养老服务", "第1社会工作服务中心")[0]
		paused := register(t, h, 1, "养老服务", "武汉某大学")[0]
		registrar := h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Registrar)
		if err := h.Orgs.StandExpert(ctx, registrar, paused.Account, account.Paused, "连续两次缺席"); err != nil {
			t.Fatal(err)
		}
		in := evaluation.Need{Needs: []draw.Need{{Specialty: "养老服务", Number: 3, Alternates: 2}, {Specialty: "财务管理", Number: 2, Alternates: 1}}}
		few := evaluation.Need{Needs: []draw.Need{{Specialty: "养老服务", Number: 7}}}
		if _, err := h.Evaluations.Commit(ctx, h.Officer, x.ID, few); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "回避后名单中只有 6 名") {
			t.Errorf("seven were drawn of six: %v", err)
		}
		if _, err := h.Evaluations.Draw(ctx, h.Supervisor, x.ID, "1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a seed before the commitment: %v", err)
		}
		for name, who := range map[string]party.Actor{"approver": h.Approver, "supervisor": h.Supervisor, "bidder": bidders[0], "expert": care[0], "visitor": {}} {
			if _, err := h.Evaluations.Commit(ctx, who, x.ID, in); err == nil {
				t.Errorf("%s made the pool", name)
			}
		}
		c, err := h.Evaluations.Commit(ctx, h.Officer, x.ID, in)
		if err != nil {
			t.Fatal(err)
		}
		if c.Record.Nonce != "" || c.Record.DrawnAt != nil || len(c.Record.Commitment) != 64 {
			t.Fatalf("what is committed says more than it may: %+v", c.Record)
		}
		recused(t, c.Record, tied)
		open, err := h.Evaluations.Draws(ctx, h.Supervisor, x.ID)
		if err != nil || len(open) != 1 {
			t.Fatal(open, err)
		}
		if b, _ := json.Marshal(open); strings.Contains(string(b), c.Secret.Nonce) || strings.Contains(string(b), "专家") {
			t.Errorf("before the seed the file tells the nonce or a name: %s", b)
		}
		if _, err := h.Evaluations.Commit(ctx, h.Officer, x.ID, in); !fault.Is(err, fault.Conflict) {
			t.Errorf("the pool was made again after it was shown: %v", err)
		}
		both := h.Officer
		both.Role = party.Supervisor // the same person with both roles
		if _, err := h.Evaluations.Draw(ctx, both, x.ID, "排列三 123"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("whoever made the pool typed the seed: %v", err)
		}
		for _, v := range []string{"", "  ", strings.Repeat("9", 201)} {
			if _, err := h.Evaluations.Draw(ctx, h.Supervisor, x.ID, v); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.5q: %v", v, err)
			}
		}
		out, err := h.Evaluations.Draw(ctx, h.Supervisor, x.ID, " 2026-06-22 排列三 123 ")
		if err != nil {
			t.Fatal(err)
		}
		if out.Record.Commitment != c.Record.Commitment || out.Record.Value != "2026-06-22 排列三 123" {
			t.Errorf("%+v", out.Record)
		}
		if _, err := h.Evaluations.Draw(ctx, h.Supervisor, x.ID, "排列三 124"); !fault.Is(err, fault.Conflict) {
			t.Errorf("drawn again until it suits: %v", err)
		}
		members := seated(t, h, x.ID)
		if len(members) != 5 {
			t.Fatalf("%d members", len(members))
		}
		may := map[id.ID]bool{}
		for _, who := range append(slices.Clone(care), money...) {
			may[who.Account] = true
		}
		for _, m := range members {
			if !may[m.Account] || m.Chosen != evaluation.Drawn || m.Seat != evaluation.ExpertSeat {
				t.Errorf("%+v was drawn", m)
			}
		}
		stepped(t, h, x, members[0])
		publishedDraw(t, h, x, 5)
	})
}

// recused holds the file to naming nobody: who stands aside is a code and a
// reason without the bidder's name.
func recused(t *testing.T, f draw.File, tied party.Actor) {
	t.Helper()
	if len(f.Recusals) != 1 || len(f.Pool) != 9 {
		t.Fatalf("%d recusals, %d in the pool", len(f.Recusals), len(f.Pool))
	}
	r := f.Recusals[0]
	if !strings.Contains(r.Article, "条例第9条") || strings.Contains(r.Reason, "第1") || strings.Contains(r.Code, string(tied.Account)) {
		t.Errorf("条例9 回避记录: %+v", r)
	}
}

// stepped has one drawn decline: the next alternate of their specialty comes.
func stepped(t *testing.T, h *bidtest.House, x tender.Tender, gone evaluation.Member) {
	t.Helper()
	ctx := t.Context()
	if err := h.Evaluations.Decline(ctx, h.Officer, x.ID, gone.ID, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("declined without a reason: %v", err)
	}
	if err := h.Evaluations.Decline(ctx, h.Officer, x.ID, gone.ID, "出差"); err != nil {
		t.Fatal(err)
	}
	if err := h.Evaluations.Decline(ctx, h.Officer, x.ID, gone.ID, "出差"); !fault.Is(err, fault.NotFound) {
		t.Errorf("declined twice: %v", err)
	}
	if err := h.Evaluations.Remove(ctx, h.Officer, x.ID, seated(t, h, x.ID)[0].ID); err == nil {
		t.Error("somebody drawn was taken off as if chosen")
	}
	now := seated(t, h, x.ID)
	if len(now) != 5 || slices.ContainsFunc(now, func(m evaluation.Member) bool { return m.Account == gone.Account }) {
		t.Errorf("%+v", now)
	}
	aside, err := h.Evaluations.StoodAside(ctx, h.Officer, x.ID)
	if err != nil || len(aside) != 1 || !strings.Contains(aside[0].StoodAside, "出差") {
		t.Errorf("%+v, %v", aside, err)
	}
}

// publishedDraw runs a tender to its award: only then the draw is public, with
// the names of those who sat, and it replays.
func publishedDraw(t *testing.T, h *bidtest.House, x tender.Tender, sat int) {
	t.Helper()
	ctx := t.Context()
	if _, err := h.Evaluations.PublishedDraws(ctx, x.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the draw is out before the result: %v", err)
	}
	var panel []party.Actor
	for _, m := range seated(t, h, x.ID) {
		panel = append(panel, actor(m))
	}
	h.Eligible(t, x)
	h.Begun(t, x, panel)
	h.Scored(t, panel, x, byName)
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
	list, err := h.Evaluations.PublishedDraws(ctx, x.ID)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	b, err := json.Marshal(list[0])
	if err != nil {
		t.Fatal(err)
	}
	f, err := draw.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if says := f.Replay(); len(says) != 0 {
		t.Errorf("replay differs: %v", says)
	}
	if len(f.Openings) != sat {
		t.Errorf("%d are named, %d sat", len(f.Openings), sat)
	}
	f.Value = "别的数"
	if len(f.Replay()) == 0 {
		t.Error("another seed draws the same")
	}
}

// 87号令40: whoever holds a part of the key, or ran the opening, does not sit
// on the panel; and whoever sits on it is not given a part.
func TestThePanelAndTheOpeningAreApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x, _ := h.Opened(t, 3, nil)
		agent := h.Holders(t)[2].Actor
		if _, err := d.ExecContext(ctx, "UPDATE account SET expert = ? WHERE id = ?", true, agent.Account); err != nil {
			t.Fatal(err)
		}
		apart := func(what string, err error) {
			t.Helper()
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "财政部令第87号第40条") {
				t.Errorf("%s: %v", what, err)
			}
		}
		name := func(who party.Actor, seat evaluation.Seat) error {
			_, err := h.Evaluations.Name(ctx, h.Officer, x.ID, evaluation.Naming{Login: h.Login(who.Account), Seat: seat, Reason: "主管预算单位同意"})
			return err
		}
		apart("87号令40 持钥的专家进入评审小组", name(agent, evaluation.ExpertSeat))
		apart("87号令40 持钥的采购人代表进入评审小组", name(h.Officer, evaluation.BuyerSeat))
		candidates, err := h.Evaluations.Candidates(ctx, h.Officer, x.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range candidates {
			if c.Login == h.Login(agent.Account) && !strings.Contains(c.Refusal, "第40条") {
				t.Errorf("87号令40 候选名单没有说明: %+v", c)
			}
		}
		register(t, h, 5, "养老服务", "武汉某大学")
		c, err := h.Evaluations.Commit(ctx, h.Officer, x.ID, evaluation.Need{Needs: []draw.Need{{Number: 5}}})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Record.Pool) != 5 || len(c.Record.Recusals) != 1 || c.Record.Recusals[0].Article != "财政部令第87号第40条" {
			t.Errorf("87号令40 抽取名单: %d 人，%+v", len(c.Record.Pool), c.Record.Recusals)
		}
		if _, err := h.Evaluations.Draw(ctx, h.Supervisor, x.ID, "排列三 123"); err != nil {
			t.Fatal(err)
		}
		member := seated(t, h, x.ID)[0]
		// Another package of the project may still be sealed, so its key can change hands.
		if _, err := d.ExecContext(ctx, "UPDATE tender SET state = ? WHERE id = ?", tender.Closed, x.ID); err != nil {
			t.Fatal(err)
		}
		in := h.Naming(t)
		in.Holders[2].Login = h.Login(member.Account)
		_, err = h.TenderKeys.HandOver(ctx, h.Officer, x.ID, tenderkey.HandoverInput{Naming: in, Reason: "持钥人调离"})
		apart("87号令40 评审成员持钥", err)
	})
}

// The larger panel of 87号令47 and the share of experts in words that say what
// to do.
func TestThePanelSaysWhatItLacks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		for _, c := range []struct {
			name   string
			change map[string]string
			n      int
			says   string
		}{
			{"87号令47 不足五人", nil, 3, "评审小组现有 3 人，应不少于 5 人"},
			{"87号令47 双数", nil, 6, "应为单数，现为 6 人"},
			{"87号令47 一千万元以上不足七人", map[string]string{"budget": "10000000"}, 5, "应不少于 7 人"},
			{"214号14 磋商不足三人", map[string]string{"method": "consultation"}, 1, "应不少于 3 人"},
		} {
			h := bidtest.New(t, d)
			x, _ := h.Opened(t, 3, c.change)
			h.Seated(t, x, c.n)
			h.Eligible(t, x)
			err := h.Evaluations.Begin(t.Context(), h.Officer, x.ID)
			fields, _ := fault.Complaints(err)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(strings.ReplaceAll(fmt.Sprint(fields), " ", ""), strings.ReplaceAll(c.says, " ", "")) {
				t.Errorf("%s: %v", c.name, fields)
			}
		}
	})
}
