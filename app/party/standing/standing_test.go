package standing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/standing"
	"gongji/app/party/standing/standingtest"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

type house struct {
	*tendertest.House
	standing   *standing.Service
	supervisor party.Actor
	registrar  party.Actor
	lead       party.Actor
}

func lay(t *testing.T, d *bun.DB) *house {
	h := &house{House: tendertest.New(t, d)}
	h.standing = standing.New(d, h.Clock, h.Policy, h.Orgs, calendar.Default())
	h.supervisor = h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Supervisor)
	h.registrar = h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Registrar)
	h.lead = h.Supplier(t, "失信社会工作服务中心")
	return h
}

func draft(h *house, kind, months string) standing.Intent {
	return standing.Intent{Kind: kind, Organisation: string(h.lead.Org), Months: months, Reason: "提供虚假材料谋取成交，经查证属实。"}
}

func TestAListingIsToldHeardAndDecidedByAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		for what, in := range map[string]standing.Intent{"no reason": {Kind: "serious", Organisation: string(h.lead.Org)},
			"no such list": {Kind: "x", Organisation: string(h.lead.Org), Reason: "提供虚假材料谋取成交，经查证属实。"},
			"nobody":       {Kind: "serious", Organisation: "x", Reason: "提供虚假材料谋取成交，经查证属实。"},
			"a term":       draft(h, "serious", "12")} {
			if _, err := h.standing.Notify(ctx, h.supervisor, in); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := h.standing.Notify(ctx, h.Officer, draft(h, "serious", "")); err == nil {
			t.Errorf("an officer listed: %v", err)
		}
		l, err := h.standing.Notify(ctx, h.supervisor, draft(h, "serious", ""))
		if err != nil || !l.BlocksPurchase || !l.BlocksFunding || l.Article != "民政部令第60号" {
			t.Fatalf("%+v, %v", l, err)
		}
		if _, err := h.standing.Notify(ctx, h.registrar, draft(h, "serious", "")); !fault.Is(err, fault.Conflict) {
			t.Errorf("told twice: %v", err)
		}
		if _, err := h.standing.Get(ctx, party.Actor{}, l.ID); err == nil {
			t.Error("the public reads a notice")
		}
		if err := standing.Clear(ctx, d, h.lead.Org, h.Bureau, standing.Purchase, h.Clock.Now()); err != nil {
			t.Errorf("a notice bars: %v", err)
		}
		yes := standing.Ruling{List: true, Answer: "事实清楚，予以列入。"}
		if _, err := h.standing.Decide(ctx, h.Approver, l.ID, yes); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "陈述") {
			t.Errorf("decided before it was heard: %v", err)
		}
		drafter := h.supervisor
		drafter.Role = party.Approver
		if _, err := h.standing.State(ctx, h.lead, l.ID, "材料由他人代办，请从轻处理。"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.standing.Decide(ctx, drafter, l.ID, yes); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the drafter decided: %v", err)
		}
		l, err = h.standing.Decide(ctx, h.Approver, l.ID, yes)
		if err != nil || l.Number != "信用决定〔2026〕0001号" || !l.Runs(h.Clock.Now()) {
			t.Fatalf("%+v, %v", l, err)
		}
		seen, err := h.standing.Get(ctx, party.Actor{}, l.ID)
		if err != nil || seen.Statement != "" || seen.Pleas != nil || len(seen.Timeline) != 1 {
			t.Errorf("the public reads %+v, %v", seen, err)
		}
		for _, u := range []standing.Use{standing.Purchase, standing.Funding} {
			err := standing.Clear(ctx, d, h.lead.Org, h.Bureau, u, h.Clock.Now())
			if !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "严重违法失信名单") || !strings.Contains(err.Error(), "民政部令第60号") || !strings.Contains(err.Error(), l.Number) {
				t.Errorf("%s: %v", u, err)
			}
		}
	})
}

func TestAListingIsDecidedWithoutAWordAfterTheTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		l, err := h.standing.Notify(ctx, h.registrar, draft(h, "serious", ""))
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Set(*l.StatementUntil)
		if _, err := h.standing.State(ctx, h.lead, l.ID, "材料由他人代办。"); !fault.Is(err, fault.TooLate) {
			t.Errorf("stated too late: %v", err)
		}
		l, err = h.standing.Decide(ctx, h.Approver, l.ID, standing.Ruling{Answer: "已经整改，不予列入。"})
		if err != nil || l.State != standing.Withdrawn {
			t.Fatal(l, err)
		}
		if _, err := h.standing.Get(ctx, party.Actor{}, l.ID); err == nil {
			t.Error("the public reads what was dropped")
		}
	})
}

func TestTheLawOfListings(t *testing.T) {
	t.Run("法77 禁止一至三年参加政府采购", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := lay(t, d), t.Context()
			for _, months := range []string{"", "11", "37", "一年", "12.5"} {
				if _, err := h.standing.Notify(ctx, h.supervisor, draft(h, "ban", months)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "一至三年") {
					t.Errorf("%q months: %v", months, err)
				}
			}
			l := standingtest.Listed(t, h.standing, h.supervisor, h.Approver, h.lead, "ban")
			if l.Article != "政府采购法第77条" || l.BlocksFunding || l.UntilAt == nil {
				t.Fatalf("%+v", l)
			}
			if got := calendar.Until(*l.UntilAt); got != "2027年6月1日 24:00" {
				t.Errorf("a ban of a year from %s ends %s", h.Clock.Now().In(clock.Beijing), got)
			}
			if err := standing.Clear(ctx, d, h.lead.Org, h.Bureau, standing.Funding, h.Clock.Now()); err != nil {
				t.Errorf("a purchase ban bars funding: %v", err)
			}
			for _, c := range []struct {
				at time.Time
				ok bool
			}{{*l.BeginsAt, false}, {l.UntilAt.Add(-time.Microsecond), false}, {*l.UntilAt, true}} {
				err := standing.Clear(ctx, d, h.lead.Org, h.Bureau, standing.Purchase, c.at)
				if (err == nil) != c.ok {
					t.Errorf("at %s: %v", c.at, err)
				}
				if err != nil && (!strings.Contains(err.Error(), "2027年6月1日 24:00") || !strings.Contains(err.Error(), "政府采购法第77条")) {
					t.Errorf("the refusal does not name the end and the article: %v", err)
				}
			}
			h.Clock.Set(*l.UntilAt)
			if seen, err := h.standing.Get(ctx, party.Actor{}, l.ID); err != nil || seen.StateNow != standing.Expired {
				t.Errorf("after the term: %+v, %v", seen.StateNow, err)
			}
		})
	})
	t.Run("60号 满2年可以申请移出", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := lay(t, d), t.Context()
			l := standingtest.Listed(t, h.standing, h.supervisor, h.Approver, h.lead, "serious")
			from, _ := standing.RemovalFrom(l)
			h.Clock.Set(from.Add(-time.Second))
			if _, err := h.standing.Plead(ctx, h.lead, l.ID, standing.Removal, "已经整改，连续守法。"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "2028年6月2日") {
				t.Errorf("asked too early: %v", err)
			}
			h.Clock.Set(from)
			p, err := h.standing.Plead(ctx, h.lead, l.ID, standing.Removal, "已经整改，连续守法。")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.standing.Plead(ctx, h.registrar, l.ID, standing.Removal, "建议移出名单。"); !fault.Is(err, fault.Conflict) {
				t.Errorf("asked twice: %v", err)
			}
			if l, err = h.standing.Answer(ctx, h.Approver, l.ID, p.ID, true, "情况属实，移出。"); err != nil || l.State != standing.Removed {
				t.Fatal(l, err)
			}
			if err := standing.Clear(ctx, d, h.lead.Org, h.Bureau, standing.Purchase, h.Clock.Now()); err != nil {
				t.Errorf("removed, and still barred: %v", err)
			}
		})
	})
}

func TestAnObjectionIsJudgedByAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		l := standingtest.Listed(t, h.standing, h.supervisor, h.Approver, h.lead, "serious")
		p, err := h.standing.Plead(ctx, h.lead, l.ID, standing.Objection, "认定的事实有误，附有证据。")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.standing.Answer(ctx, h.Approver, l.ID, p.ID, true, "理由成立，撤销。"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("whoever decided judged the objection: %v", err)
		}
		other := h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Approver)
		if _, err := h.standing.Answer(ctx, other, l.ID, p.ID, false, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if l, err = h.standing.Answer(ctx, other, l.ID, p.ID, true, "理由成立，撤销。"); err != nil || l.State != standing.Revoked {
			t.Fatal(l, err)
		}
		l = standingtest.Listed(t, h.standing, h.supervisor, h.Approver, h.lead, "abnormal")
		if l.BlocksFunding || l.BlocksPurchase {
			t.Errorf("where no local text says so, the 异常名录 bars: %+v", l)
		}
		by, _ := h.standing.ObjectBy(l)
		h.Clock.Set(*by)
		if _, err := h.standing.Plead(ctx, h.lead, l.ID, standing.Objection, "认定的事实有误。"); !fault.Is(err, fault.TooLate) {
			t.Errorf("objected too late: %v", err)
		}
	})
}

// The effect of the 异常名录 is what the authority's region made it.
func TestTheLocalEffectIsData(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := lay(t, d)
		if _, err := d.NewUpdate().TableExpr("organisation").Set("region = ?", "四川省成都市武侯区").Where("id = ?", h.Bureau).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		l := standingtest.Listed(t, h.standing, h.supervisor, h.Approver, h.lead, "abnormal")
		if !l.BlocksFunding || l.BlocksPurchase || !strings.Contains(l.Effect, "成都市") || !strings.Contains(l.Effect, "待核") {
			t.Errorf("%+v", l)
		}
		elsewhere := h.Org(t, party.Foundation, "横沥社区发展基金会")
		for by, want := range map[id.ID]bool{h.Bureau: true, elsewhere: false} {
			if err := standing.Clear(t.Context(), d, h.lead.Org, by, standing.Funding, h.Clock.Now()); (err != nil) != want {
				t.Errorf("a text of Chengdu, where %s gives: %v", by, err)
			}
		}
	})
}

// A listing decided for a later day bars from that day on.
func TestAListingMayBeginLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		l, err := h.standing.Notify(ctx, h.supervisor, draft(h, "ban", "36"))
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Set(*l.StatementUntil)
		if l, err = h.standing.Decide(ctx, h.Approver, l.ID, standing.Ruling{List: true, Answer: "予以列入。", Begins: "2026-06-20"}); err != nil {
			t.Fatal(err)
		}
		if err := standing.Clear(ctx, d, h.lead.Org, h.Bureau, standing.Purchase, l.BeginsAt.Add(-time.Second)); err != nil {
			t.Error(err)
		}
		if err := standing.Clear(ctx, d, h.lead.Org, h.Bureau, standing.Purchase, *l.BeginsAt); err == nil {
			t.Error("it does not bar on its first day")
		}
	})
}

// Whoever passed a gate is through before a listing can begin.
func TestAGateHoldsOffAListing(t *testing.T) {
	h := lay(t, dbtest.Postgres(t))
	l, err := h.standing.Notify(t.Context(), h.supervisor, draft(h, "serious", ""))
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Set(*l.StatementUntil)
	tx, err := h.DB.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := standing.Clear(t.Context(), tx, h.lead.Org, h.Bureau, standing.Purchase, h.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func(l id.ID) {
		_, err := h.standing.Decide(t.Context(), h.Approver, l, standing.Ruling{List: true, Answer: "予以列入。"})
		done <- err
	}(l.ID)
	select {
	case err := <-done:
		t.Errorf("listed while a gate was open: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
