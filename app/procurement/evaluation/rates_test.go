package evaluation_test

import (
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/storage/db/dbtest"
)

// TestRatesOfTheDocuments: the documents may raise the rates of 财库〔2026〕2号
// to 65%; a price is abnormal strictly below them.
func TestRatesOfTheDocuments(t *testing.T) {
	raised := map[string]string{"abnormal_mean": "65", "abnormal_second": "65", "abnormal_ceiling": "65"}
	for name, c := range map[string]struct {
		change map[string]string
		low    money.Fen
		want   []string // the lines of the rule that are met
	}{
		// The ceiling and the two other prices are 760,000 元: 65% is 494,000.
		"2号 文件提高到65%，正好65%不触发": {raised, 494_000_00, nil},
		"2号 文件提高到65%，低一分触发":    {raised, 493_999_99, []string{rules.AbnormalSecondRate, rules.AbnormalCeilingRate}},
		"2号 只提高最高限价的比例":        {map[string]string{"abnormal_ceiling": "65"}, 493_999_99, []string{rules.AbnormalCeilingRate}},
		"2号 文件没有提高，用法定比例":      {nil, 493_999_99, nil},
		"2号 法定次低报价50%，正好不触发":   {nil, 380_000_00, nil},
		"2号 法定次低报价50%，低一分触发":   {nil, 379_999_99, []string{rules.AbnormalSecondRate}},
		"2号 法定最高限价45%，低一分触发两项": {nil, 341_999_99, []string{rules.AbnormalSecondRate, rules.AbnormalCeilingRate}},
		"2号 提高平均价的比例，按平均价精确比较": {map[string]string{"abnormal_mean": "65"}, 420_425_53, []string{rules.AbnormalMeanRate}},
		"2号 平均价的65%以上一分不触发":    {map[string]string{"abnormal_mean": "65"}, 420_425_54, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *bun.DB) {
				h, ctx := bidtest.New(t, d), t.Context()
				x := h.Published(t, c.change)
				for i, price := range []money.Fen{c.low, 760_000_00, 760_000_00} {
					h.Submitted(t, h.Supplier(t, "第"+string(rune('1'+i))+"社会工作服务中心"), x, price)
					h.Clock.Advance(time.Millisecond)
				}
				h.Clock.Set(*x.Deadline)
				h.Open(t, x)
				x = h.Again(t, x.ID)
				panel := h.Panel(t, x, 5)
				h.HandedIn(t, panel, x, byName)
				m, err := h.Evaluations.Meeting(ctx, panel[0], x.ID)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, s := range m.Suspicions {
					for _, r := range s.Reasons {
						got = append(got, r.Rule.ID)
					}
				}
				if len(got) != len(c.want) {
					t.Fatalf("%v, not %v", got, c.want)
				}
				for i := range got {
					if got[i] != c.want[i] {
						t.Errorf("%v, not %v", got, c.want)
					}
				}
				h.Settled(t, x)
				_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
				if err != nil {
					t.Fatal(err)
				}
				want := evaluation.LawfulRates(rules.At(h.Clock.Now()))
				for field, rate := range map[string]*int64{"abnormal_mean": &want.Mean, "abnormal_second": &want.Second, "abnormal_ceiling": &want.Ceiling} {
					if c.change[field] != "" {
						*rate = 65_00
					}
				}
				if r.Rates != want {
					t.Errorf("the record says %+v, the documents %+v", r.Rates, want)
				}
				if err := r.Replay(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
