package opening_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/storage/db/dbtest"
)

func Test87号令第42条(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		bidders := h.Bidders(t, x, 3)
		h.Clock.Set(x.Deadline.Add(90 * time.Minute))
		if _, err := h.Openings.Answer(ctx, bidders[0], x.ID, opening.Confirmed, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an answer to nothing: %v", err)
		}
		h.Give(t, x, 2)
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Openings.Wait(ctx, x.ID); err != nil {
			t.Fatal(err)
		}
		for name, who := range map[string]party.Actor{"visitor": {}, "officer": h.Officer, "another supplier": h.Supplier(t, "旁观社会工作服务中心")} {
			if _, err := h.Openings.Answer(ctx, who, x.ID, opening.Confirmed, ""); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s answered: %v", name, err)
			}
		}
		if _, err := h.Openings.Answer(ctx, bidders[1], x.ID, opening.Objected, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("an objection without a word: %v", err)
		}
		for _, a := range []struct {
			who  party.Actor
			kind opening.AnswerKind
			text string
		}{{bidders[0], opening.Objected, "先说错了"}, {bidders[0], opening.Confirmed, ""}, {bidders[1], opening.Objected, "唱出的服务期限有误"}} {
			h.Clock.Advance(time.Second)
			if _, err := h.Openings.Answer(ctx, a.who, x.ID, a.kind, a.text); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Openings.Close(ctx, h.Officer, x.ID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("closed without a word on the objection: %v", err)
		}
		o, err := h.Openings.Close(ctx, h.Officer, x.ID, "已当场核对，唱标无误")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Openings.Answer(ctx, bidders[2], x.ID, opening.Objected, "来迟的异议"); !fault.Is(err, fault.TooLate) {
			t.Errorf("an objection after closing: %v", err)
		}
		r := frozen(t, d, string(*o.Record))
		if len(r.Objections) != 1 || r.Objections[0].Text != "唱出的服务期限有误" || r.Remark != "已当场核对，唱标无误" || len(r.Holders) != 2 ||
			r.Bids[0].Remark != "已确认" || !strings.Contains(r.Bids[2].Remark, "视为认可") {
			t.Errorf("%+v", r)
		}
		t.Run("87号令39 迟开标在记录中说明", func(t *testing.T) {
			if !strings.Contains(r.Late, "1 小时 30 分钟") || !strings.Contains(r.Late, "39") {
				t.Errorf("an opening an hour and a half late: %q", r.Late)
			}
		})
	})
}
