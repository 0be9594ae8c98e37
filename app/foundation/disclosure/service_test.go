package disclosure_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

const dayLong = 24 * time.Hour

func TestADisclosureIsDraftedFromTheLedgerAndPublishedByAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.gave(donation.Person, "欧阳娜娜", 20_000, true)
		h.gave(donation.Organisation, "东莞市晨光电子有限公司", 600_000, false)
		h.gave(donation.Unknown, "", 1_409_50, false)
		h.pays(300_001, "第一批口罩")
		unit := "桶"
		h.gaveGoods(donation.Thing{Name: "84消毒水20L", Unit: &unit, Quantity: 134})
		h.later(80 * dayLong)
		x, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Regular)
		h.must(err)
		f := x.Figures
		if f.Period != (disclosure.Sum{Gifts: 3, Given: 760_950, In: 760_950, Payments: 1, Out: 300_001, GoodsGifts: 1}) || f.Total != f.Period ||
			f.Opening != 0 || f.Closing != 460_949 || len(f.Donors) != 3 || len(f.Payments) != 1 || f.Goods[0].In != 134 || f.Unproven != 1 {
			t.Errorf("the figures: %+v", f)
		}
		if _, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Regular); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second draft of the same: %v", err)
		}
		if _, err := h.open.Get(ctx, party.Actor{}, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a visitor sees a draft: %v", err)
		}
		if _, err := h.open.Submit(ctx, h.Officer, x.ID); !fault.Is(err, fault.Invalid) {
			t.Errorf("submitted without a word: %v", err)
		}
		if _, err := h.open.Save(ctx, h.Officer, x.ID, 7, disclosure.Form{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("saved over another's: %v", err)
		}
		x, err = h.open.Save(ctx, h.Officer, x.ID, x.Version, disclosure.Form{Words: told(summary)})
		h.must(err)
		x, err = h.open.Submit(ctx, h.Officer, x.ID)
		h.must(err)
		drafter := h.Officer // the same person, since made 秘书长
		drafter.Role = party.Approver
		for name, who := range map[string]party.Actor{"the drafter": h.Officer, "the drafter, since raised": drafter, "finance": h.Finance, "another foundation": h.Outsider, "a visitor": {}} {
			if _, err := h.open.Publish(ctx, who, x.ID); err == nil {
				t.Errorf("%s published", name)
			}
		}
		if _, err := h.open.Return(ctx, h.Approver, x.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("returned without a reason: %v", err)
		}
		x, err = h.open.Return(ctx, h.Approver, x.ID, "请写明物资发给了哪些社区")
		h.must(err)
		if !x.Returned() {
			t.Error("not returned")
		}
		_, err = h.open.Submit(ctx, h.Officer, x.ID)
		h.must(err)
		x, err = h.open.Publish(ctx, h.Approver, x.ID)
		h.must(err)
		if x.No() != "公开〔2026〕001号" || x.Late() != 0 || x.Document == nil {
			t.Errorf("published as %+v", x)
		}
		body, err := json.Marshal(x)
		h.must(err)
		doc, err := h.archive.Frozen(ctx, d, *x.Document)
		h.must(err)
		for _, name := range []string{"欧阳娜娜", "欧阳", "娜娜", "晨光电子"} {
			if strings.Contains(string(body)+doc.Content, name) {
				t.Errorf("a donor is named: %s", body)
			}
		}
		if !doc.Public || !strings.Contains(doc.Content, "晨光社会工作服务中心") {
			t.Errorf("the paper: %s", doc.Content)
		}
		if _, err := h.open.Save(ctx, h.Officer, x.ID, 0, disclosure.Form{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a published disclosure was rewritten: %v", err)
		}
		for _, by := range []string{"UPDATE disclosure SET summary = 'x'", "UPDATE disclosure SET figures = '{}'", "UPDATE disclosure SET state = 'draft'", "DELETE FROM disclosure"} {
			if _, err := d.ExecContext(ctx, by+" WHERE id = ?", x.ID); err == nil {
				t.Errorf("the database took %s", by)
			}
		}
		events, err := h.Funds.Timeline(ctx, party.Actor{}, h.Fund.ID)
		if h.must(err); events[len(events)-1].Action != "信息公开" && events[0].Action != "信息公开" {
			t.Errorf("the fund's public timeline: %+v", events)
		}
		// The next one begins where this one ended.
		h.gave(donation.Person, "李华", 500, false)
		h.later(dayLong)
		next, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Regular)
		if h.must(err); !next.From.Equal(x.To) || next.Figures.Opening != 460_949 || next.Figures.Period.Given != 500 || next.Figures.Total.Given != 761_450 {
			t.Errorf("the next: %+v", next)
		}
	})
}

func TestFiguresThatChangedAreNotPublished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		g := h.gave(donation.Person, "李华", 20_000, false)
		h.later(time.Hour)
		x, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Regular)
		h.must(err)
		_, err = h.open.Save(ctx, h.Officer, x.ID, 0, disclosure.Form{Words: told(summary)})
		h.must(err)
		_, err = h.open.Submit(ctx, h.Officer, x.ID)
		h.must(err)
		if err := h.open.SetLabels(ctx, h.Finance, h.Fund.ID, []disclosure.Label{{Donation: g.ID, Line: "李华的捐款", Heading: "筹款数"}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a label names the donor: %v", err)
		}
		h.must(h.open.SetLabels(ctx, h.Finance, h.Fund.ID, []disclosure.Label{{Donation: g.ID, Line: "罗庄街道", Heading: "筹款数"}}))
		if _, err := h.open.Publish(ctx, h.Approver, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("published what had changed: %v", err)
		}
		_, err = h.open.Return(ctx, h.Approver, x.ID, "分组有变化，请重新保存")
		h.must(err)
		x = h.finish(x2(h, x), told(summary))
		if got := x.Table(); len(got) != 3 || got[1][0] != "罗庄街道" || got[2][2] != "200.00" {
			t.Errorf("the table: %v", got)
		}
	})
}

func x2(h *house, x disclosure.Disclosure) disclosure.Disclosure {
	x, err := h.open.Get(h.t.Context(), h.Officer, x.ID)
	h.must(err)
	return x
}

// 81号令: a correction is another edition with its reason; the first stays.
func TestACorrectionIsPublic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		wrong := h.gave(donation.Person, "李华", 20_000, false)
		h.gave(donation.Person, "王芳", 30_000, false)
		h.later(dayLong)
		x := h.told(disclosure.Regular, told(summary))
		h.later(dayLong)
		_, err := h.Donations.AskRefund(ctx, h.Finance, wrong.ID, "汇款人误转，已书面申请退回")
		h.must(err)
		_, err = h.Donations.DecideRefund(ctx, h.Approver, wrong.ID, true, "", "")
		h.must(err)
		h.gave(donation.Person, "赵敏", 100, false)
		h.later(dayLong)
		for who, want := range map[*party.Actor]fault.Kind{{}: fault.Forbidden, &h.Approver: fault.Forbidden} {
			if _, err := h.open.Correct(ctx, *who, x.ID, "笔误"); !fault.Is(err, want) && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s corrected: %v", who.Role, err)
			}
		}
		if _, err := h.open.Correct(ctx, h.Officer, x.ID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("corrected without a reason: %v", err)
		}
		const why = "一笔误转的捐款已经退回，原公布的接收金额多计 200.00 元"
		c, err := h.open.Correct(ctx, h.Officer, x.ID, why)
		h.must(err)
		if _, err := h.open.Correct(ctx, h.Officer, x.ID, why); !fault.Is(err, fault.Conflict) {
			t.Errorf("corrected twice at once: %v", err)
		}
		if old := x2(h, x); old.State != disclosure.Published {
			t.Errorf("the draft of a correction marks the first: %s", old.State)
		}
		c = h.finish(c, told(summary))
		if c.No() != "公开〔2026〕001号（第2版）" || c.Figures.Period.Given != 30_000 || c.Figures.Period.Gifts != 1 || c.Figures.Closing != 30_000 {
			t.Errorf("the correction: %s %+v", c.No(), c.Figures)
		}
		old, err := h.open.Get(ctx, party.Actor{}, x.ID)
		if h.must(err); old.State != disclosure.Corrected || old.Figures.Period.Given != 50_000 || old.CorrectedAt == nil {
			t.Errorf("the first edition: %+v", old)
		}
		all, err := h.open.Editions(ctx, party.Actor{}, c)
		if h.must(err); len(all) != 2 || all[0].ID != x.ID || all[1].ID != c.ID {
			t.Errorf("the editions: %+v", all)
		}
		if doc, err := h.archive.Get(ctx, party.Actor{}, *x.Document); err != nil || doc.State != archive.Void || !strings.Contains(doc.VoidWhy, "更正") {
			t.Errorf("the first PDF: %+v, %v", doc, err)
		}
		// The next period says what earlier periods lost; nothing counts twice.
		next, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Regular)
		if h.must(err); next.Figures.Opening != 50_000 || next.Figures.Prior != -20_000 || next.Figures.Period.Given != 100 || next.Figures.Closing != 30_100 || next.Figures.Total.Given != 30_100 {
			t.Errorf("the next: %+v", next.Figures)
		}
	})
}

func TestLateIsSaidAndFoundationsAreTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		letters := func(part string) int {
			n, err := d.NewSelect().Model((*inbox.Message)(nil)).Where("organisation = ? AND title LIKE ?", h.Foundation, "%"+part+"%").Count(ctx)
			h.must(err)
			return int(n)
		}
		h.must(h.open.Remind(ctx))
		h.later(85 * dayLong)
		h.must(h.open.Remind(ctx))
		h.must(h.open.Remind(ctx))
		if letters("将到期") != 1 || letters("逾期") != 0 {
			t.Errorf("told %d times that it is due", letters("将到期"))
		}
		h.later(10 * dayLong) // 2026-09-04: due on 09-01
		h.must(h.open.Remind(ctx))
		h.must(h.open.Remind(ctx))
		if letters("将到期") != 1 || letters("已逾期") != 1 {
			t.Errorf("told %d times that it is late", letters("已逾期"))
		}
		list, err := h.open.Of(ctx, party.Actor{}, h.Fund.ID)
		if h.must(err); list[0].Kind != disclosure.Regular || list[0].Late(h.Clock.Now()) != 3 {
			t.Errorf("the public calendar: %+v", list[0])
		}
		x := h.told(disclosure.Regular, told(summary))
		if x.Late() != 3 {
			t.Errorf("late by %d", x.Late())
		}
		if late, err := h.open.List(ctx, party.Actor{}, disclosure.Filter{Late: true}); err != nil || len(late) != 1 {
			t.Errorf("%d are late, %v", len(late), err)
		}
	})
}

// 慈善法72: five days in an emergency, from its beginning to its end.
func TestAnEmergency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.gave(donation.Person, "李华", 10_000, false)
		if _, err := h.open.Declare(ctx, h.Finance, h.Fund.ID, "台风"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("finance declared: %v", err)
		}
		if _, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Emergency); !fault.Is(err, fault.Conflict) {
			t.Errorf("drafted without an emergency: %v", err)
		}
		h.later(dayLong)
		_, err := h.open.Declare(ctx, h.Officer, h.Fund.ID, "特大暴雨灾害救援")
		h.must(err)
		if _, err := h.open.Declare(ctx, h.Officer, h.Fund.ID, "又一次"); !fault.Is(err, fault.Conflict) {
			t.Errorf("declared twice: %v", err)
		}
		h.gave(donation.Person, "王芳", 20_000, false)
		h.later(dayLong)
		x := h.told(disclosure.Emergency, told(summary))
		if x.Figures.Period.Given != 20_000 || x.Figures.Total.Given != 30_000 || x.Article != "慈善法第72条" {
			t.Errorf("%+v", x)
		}
		h.later(dayLong)
		_, err = h.open.End(ctx, h.Officer, h.Fund.ID)
		h.must(err)
		h.later(dayLong)
		if x = h.told(disclosure.Emergency, told(summary)); x.Late() != 0 {
			t.Errorf("late by %d", x.Late())
		}
		list, err := h.open.Of(ctx, h.Officer, h.Fund.ID)
		if h.must(err); list[0].Kind != disclosure.Regular {
			t.Errorf("after the emergency: %+v", list)
		}
	})
}

// A yearly disclosure is of its year, and a final one of everything.
func TestTheYearAndTheEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.gave(donation.Person, "李华", 10_000, false)
		if _, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Yearly); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "年度结束后") {
			t.Errorf("drafted before the year was over: %v", err)
		}
		h.Clock.Set(day("2027-02-01 09:00"))
		h.gave(donation.Person, "李华", 1, false)
		x := h.told(disclosure.Yearly, told(summary))
		if x.Figures.Total.Given != 10_000 || x.Title() != h.Fund.FullName()+"信息公开（2026年度）" || x.Period() != "2026年6月1日至2026年12月31日" {
			t.Errorf("the year: %s, %s, %+v", x.Title(), x.Period(), x.Figures)
		}
		// However a fund comes to its end, it owes a final disclosure then.
		h.pays(10_001, "剩余物资采购")
		_, err := d.NewUpdate().Model((*fund.Fund)(nil)).Set("state = ?, ended_at = ?", fund.Ended, h.Clock.Now()).Where("id = ?", h.Fund.ID).Exec(ctx)
		h.must(err)
		if _, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Regular); !fault.Is(err, fault.Conflict) {
			t.Errorf("a regular one after the end: %v", err)
		}
		h.later(dayLong)
		x = h.told(disclosure.Final, told(summary))
		if x.Figures.Period.Given != 10_001 || x.Figures.Period.Out != 10_001 || x.Figures.Closing != 0 || x.Late() != 0 {
			t.Errorf("the end: %+v", x.Figures)
		}
		if list, err := h.open.Of(ctx, party.Actor{}, h.Fund.ID); err != nil || len(list) != 1 || list[0].Kind != disclosure.Yearly {
			t.Errorf("after the end: %+v, %v", list, err)
		}
	})
}

func TestLabelsAreOfTheFundsOwnDonations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		g := h.gaveGoods(donation.Thing{Name: "口罩", Quantity: 3})
		for name, c := range map[string]struct {
			who  party.Actor
			list []disclosure.Label
			want fault.Kind
		}{
			"none": {h.Finance, nil, fault.Invalid}, "goods": {h.Finance, []disclosure.Label{{Donation: g.ID, Line: "a", Heading: "b"}}, fault.NotFound},
			"unknown":    {h.Finance, []disclosure.Label{{Donation: "x", Line: "a", Heading: "b"}}, fault.NotFound},
			"a stranger": {h.Outsider, []disclosure.Label{{Donation: g.ID, Line: "a", Heading: "b"}}, fault.Forbidden},
		} {
			if err := h.open.SetLabels(ctx, c.who, h.Fund.ID, c.list); !fault.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// give moves goods out of the fund's stock, as a distribution does.
func (h *house) give(name string, unit *string, n int64) {
	h.t.Helper()
	h.later(time.Second)
	h.must(db.Tx(h.t.Context(), h.DB, func(ctx context.Context, tx bun.Tx) error {
		_, err := h.Goods.Move(ctx, tx, h.Storekeeper, goods.Thing{Foundation: h.Foundation, Fund: h.Fund.ID, Name: name, Unit: unit}, -n,
			goods.Cause{Kind: "relief", ID: h.Fund.ID, Line: int(n)})
		return err
	}))
}
