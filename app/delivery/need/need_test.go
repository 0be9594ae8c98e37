package need_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement/engagementtest"
	"gongji/app/delivery/need"
	"gongji/app/delivery/survey"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db/dbtest"
)

type house struct {
	*engagementtest.House
	s      *need.Service
	street party.Actor
	n      need.Need
}

func laid(t *testing.T, d *bun.DB) *house {
	t.Helper()
	h := &house{House: engagementtest.New(t, d)}
	voices, err := survey.New(d, h.Clock, h.Policy, h.Engagements)
	if err != nil {
		t.Fatal(err)
	}
	h.s = need.New(d, h.Clock, h.Policy, voices)
	h.s.Met(need.Engagement, func(ctx context.Context, who party.Actor, ref id.ID) (string, error) {
		e, err := h.Engagements.Get(ctx, who, ref)
		return e.Title, err
	})
	h.street = h.Actor(t, h.Org(t, party.Community, "江滨社区居民委员会"), party.Lead)
	if h.n, err = h.s.List(t.Context(), h.street, need.Form{Title: "周末没有老人食堂", Body: "工作日有助餐点，周末停业，独居老人没有地方吃饭。", People: "八十岁以上独居老人约 60 人"}); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestSixSteps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := laid(t, d), t.Context()
		other := h.Actor(t, h.Org(t, party.Community, "沿江社区居民委员会"), party.Lead)
		for _, who := range []party.Actor{other, h.Officer, h.Lead, {}} {
			if _, err := h.s.Take(ctx, who, h.n.ID, need.Taking{Step: need.Settled, Note: "确定为今年的议题"}); err == nil {
				t.Errorf("%s took a step of another's need", who.OrgName)
			}
		}
		if _, err := h.s.List(ctx, h.Lead, need.Form{Title: "一", Body: strings.Repeat("二", 20), People: "三"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("no community listed a need: %v", err)
		}
		take := func(in need.Taking) error {
			if in.Note == "" {
				in.Note = "按约定办理并公开"
			}
			_, err := h.s.Take(ctx, h.street, h.n.ID, in)
			return err
		}
		if err := take(need.Taking{Step: need.Decided}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a step was left out: %v", err)
		}
		must(t, take(need.Taking{Step: need.Settled}))
		for _, in := range []need.Taking{{Step: need.Consulted}, {Step: need.Consulted, HeldOn: "2026-05-30"}, {Step: need.Consulted, HeldOn: "2026-05-30", People: "1"},
			{Step: need.Consulted, HeldOn: "2026-05-30", People: "很多"}, {Step: need.Consulted, HeldOn: "2027-05-30", People: "20"}, {Step: need.Consulted, HeldOn: "2026-05-30", People: "99999999999999999999"}} {
			if err := take(in); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", in, err)
			}
		}
		must(t, take(need.Taking{Step: need.Consulted, HeldOn: "2026-05-28", People: "24"}))
		must(t, take(need.Taking{Step: need.Consulted, HeldOn: "2026-05-30", People: "31"}))
		must(t, take(need.Taking{Step: need.Decided}))
		if err := take(need.Taking{Step: need.Declined}); !fault.Is(err, fault.Conflict) {
			t.Errorf("declined after the decision: %v", err)
		}
		if err := take(need.Taking{Step: need.Supervised}); !fault.Is(err, fault.Conflict) {
			t.Errorf("supervised without anything to supervise: %v", err)
		}
		e := h.Open(t, h.Opening())
		for _, bad := range []string{"", "https://example.org", "/engagements/" + string(id.New(h.Clock.Now())), "/engagements/x", "/funds/" + string(e.ID)} {
			if _, err := h.s.Tie(ctx, h.street, h.n.ID, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		_, err := h.s.Tie(ctx, h.street, h.n.ID, "https://gongji.example/engagements/"+string(e.ID)+"/plan?x=1")
		must(t, err)
		must(t, take(need.Taking{Step: need.Supervised}))
		must(t, take(need.Taking{Step: need.Judged}))
		if err := take(need.Taking{Step: need.Judged}); err == nil {
			t.Error("a step after the last")
		}
		met, err := h.s.Of(ctx, need.Engagement, e.ID)
		if err != nil || len(met) != 1 || met[0].ID != h.n.ID {
			t.Errorf("%+v %v", met, err)
		}
		x, err := h.s.Get(ctx, party.Actor{}, h.n.ID)
		if err != nil || len(x.Records) != 7 || x.Records[3].People != 31 || x.Step != need.Judged || len(x.Links) != 1 {
			t.Errorf("%+v %v", x, err)
		}
	})
}

func TestSupportCountsBrowsersNotPresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := laid(t, d), t.Context()
		mark := strings.Repeat("A", 26)
		for range 3 {
			must(t, h.s.Support(ctx, h.n.ID, mark, "203.0.113.9"))
		}
		refused := 0
		for i := range 30 {
			if err := h.s.Support(ctx, h.n.ID, fmt.Sprintf("%026d", i), "203.0.113.9"); fault.Is(err, fault.TooMany) {
				refused++
			}
		}
		x, err := h.s.Get(ctx, party.Actor{}, h.n.ID)
		if err != nil || x.Supports != 20 || refused != 11 {
			t.Errorf("%d supports, %d refused, %v", x.Supports, refused, err)
		}
		if err := h.s.Support(ctx, h.n.ID, "", "203.0.113.10"); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a cookie: %v", err)
		}
		var rows []map[string]any
		must(t, d.NewSelect().TableExpr("need_support").Scan(ctx, &rows))
		if text := fmt.Sprint(rows); strings.Contains(text, mark) || strings.Contains(text, "203.0.113") {
			t.Error("a cookie or an address is kept")
		}
	})
}

func TestResidentsWordsAreHeld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := laid(t, d), t.Context()
		must(t, h.s.Say(ctx, h.n.ID, "我家老人也要，电话13800138000", "203.0.113.1"))
		for _, bad := range []string{"", " ", strings.Repeat("长", 501)} {
			if err := h.s.Say(ctx, h.n.ID, bad, "203.0.113.1"); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.10q: %v", bad, err)
			}
		}
		for range 2 {
			must(t, h.s.Say(ctx, h.n.ID, "再说一句", "203.0.113.1"))
		}
		if err := h.s.Say(ctx, h.n.ID, "又来一句", "203.0.113.1"); !fault.Is(err, fault.TooMany) {
			t.Errorf("hammered: %v", err)
		}
		x, err := h.s.Get(ctx, party.Actor{}, h.n.ID)
		if err != nil || len(x.Words) != 0 || len(x.Held) != 0 || x.Waiting != 3 {
			t.Fatalf("%+v %v", x, err)
		}
		x, err = h.s.Get(ctx, h.street, h.n.ID)
		if err != nil || len(x.Held) != 3 || strings.Contains(fmt.Sprint(x.Held), "13800138000") {
			t.Fatalf("%+v %v", x.Held, err)
		}
		if _, err := h.s.Hear(ctx, h.street, h.n.ID, x.Held[0].ID, false, "不爱听"); !fault.Is(err, fault.Invalid) {
			t.Errorf("refused for no reason: %v", err)
		}
		if _, err := h.s.Hear(ctx, h.Officer, h.n.ID, x.Held[0].ID, true, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another organisation decided: %v", err)
		}
		_, err = h.s.Hear(ctx, h.street, h.n.ID, x.Held[0].ID, true, "")
		must(t, err)
		_, err = h.s.Hear(ctx, h.street, h.n.ID, x.Held[1].ID, false, survey.Grounds[2])
		must(t, err)
		if _, err := h.s.Hear(ctx, h.street, h.n.ID, x.Held[1].ID, true, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided twice: %v", err)
		}
		x, err = h.s.Get(ctx, party.Actor{}, h.n.ID)
		if err != nil || len(x.Words) != 1 || x.Refused[survey.Grounds[2]] != 1 || x.Waiting != 1 {
			t.Errorf("%+v %v", x, err)
		}
	})
}

func TestFind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := laid(t, d), t.Context()
		for f, want := range map[need.Filter]int{{}: 1, {Text: "食堂"}: 1, {Text: "%"}: 0, {Step: need.Judged}: 0, {Community: h.street.Org}: 1, {Text: "江滨"}: 1, {After: "0"}: 0} {
			list, total, err := h.s.Find(ctx, f)
			if err != nil || len(list) != want || f.After == "" && int(total) != want {
				t.Errorf("%+v: %d %d %v", f, len(list), total, err)
			}
		}
		if list, err := h.s.Menu(ctx); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
