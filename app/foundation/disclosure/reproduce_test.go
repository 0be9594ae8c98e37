package disclosure_test

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/money"
	"gongji/storage/db/dbtest"
)

// record is a real disclosure, as far as these tests ask of it.
type record struct {
	ID           string                          `json:"id"`
	InKindValue  string                          `json:"in_kind_value"`
	Rows         [][]any                         `json:"rows"`
	Totals       []float64                       `json:"totals"`
	Columns      []string                        `json:"columns"`
	Check        string                          `json:"check"`
	PeriodCount  int64                           `json:"period_count"`
	PeriodWan    float64                         `json:"period_amount"`
	AllCount     int64                           `json:"cumulative_count"`
	AllWan       float64                         `json:"cumulative_amount"`
	RemittedWan  float64                         `json:"remitted"`
	IssuedPieces int64                           `json:"issued_pieces"`
	InKind       struct{ Batches, Pieces int64 } `json:"in_kind"`
	Count        int64                           `json:"count"`
	Raised       int64                           `json:"raised_yuan"`
	Minimum      int64                           `json:"minimum_start_yuan"`
	Quote        string                          `json:"quote"`
}

func published(t *testing.T, id string) record {
	t.Helper()
	b, err := os.ReadFile("../../demo/data/disclosures.json")
	if err != nil {
		t.Fatal(err)
	}
	var in struct{ Records []record }
	if err := json.Unmarshal(b, &in); err != nil {
		t.Fatal(err)
	}
	for _, r := range in.Records {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no record %s", id)
	return record{}
}

// wan is a published figure in 万元 as 分.
func wan(f float64) money.Fen { return money.Fen(math.Round(f*10_000)) * money.Yuan }

// split divides a sum into n donations that are not all the same; the source
// says only how many there were and what they came to.
func split(t *testing.T, sum money.Fen, n int64) []money.Fen {
	t.Helper()
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = 1 + int64(i*7919%97)
	}
	out, err := money.Split(sum, weights)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// line finds a line of the money table: what, period, total.
func line(t *testing.T, x disclosure.Disclosure, what string) [2]string {
	t.Helper()
	for _, l := range x.Sums() {
		if l[0] == what {
			return [2]string{l[1], l[2]}
		}
	}
	t.Fatalf("no line %s in %v", what, x.Sums())
	return [2]string{}
}

// D11: 57 donations in half an hour, 6,336 元, above the 3,000 元 a community
// fund starts with.
func TestD11ComesOut(t *testing.T) {
	r := published(t, "D11")
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := newHouse(t, d)
		for _, f := range split(t, money.Fen(r.Raised)*money.Yuan, r.Count) {
			h.gave(donation.Unknown, "", f, false)
		}
		h.later(time.Hour)
		x := h.told(disclosure.Regular, told("短短半小时收到57笔捐款，达到社区基金启动资金3000元的下限。"))
		if line(t, x, "接收捐款笔数") != [2]string{"57 笔", "57 笔"} || line(t, x, "接收捐款金额") != [2]string{"6,336.00", "6,336.00"} {
			t.Errorf("published as %v; the source: %s", x.Sums(), r.Quote)
		}
		if x.Figures.Period.Given < money.Fen(r.Minimum)*money.Yuan || x.Figures.Closing != 633_600 || len(x.Differences()) != 0 {
			t.Errorf("%+v %v", x.Figures, x.Differences())
		}
	})
}

// D10: 134 donations in the period and 615 in all, ten lots of goods with
// 110,651 pieces of which 49,931 were given out, 1,198.9508 万元 remitted.
func TestD10ComesOut(t *testing.T) {
	r := published(t, "D10")
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := newHouse(t, d)
		for _, f := range split(t, wan(r.AllWan)-wan(r.PeriodWan), r.AllCount-r.PeriodCount) {
			h.gave(donation.Unknown, "", f, false)
		}
		h.later(time.Hour)
		h.told(disclosure.Regular, disclosure.Words{Summary: "往期的接收情况，按来源的累计数减本期数记入。", Unit: disclosure.Wan4})
		for _, f := range split(t, wan(r.PeriodWan), r.PeriodCount) {
			h.gave(donation.Unknown, "", f, false)
		}
		unit, left := "件", r.InKind.Pieces
		for i := range r.InKind.Batches {
			n := r.InKind.Pieces / r.InKind.Batches
			if i == r.InKind.Batches-1 {
				n = left
			}
			left -= n
			h.gaveGoods(donation.Thing{Name: "防疫物资（来源未列明细）", Unit: &unit, Quantity: n})
		}
		h.give("防疫物资（来源未列明细）", &unit, r.IssuedPieces)
		h.pays(wan(r.RemittedWan), "拨付（来源只有合计）")
		h.later(time.Hour)
		x := h.told(disclosure.Regular, disclosure.Words{Summary: "募集和使用情况公示，截至2020年2月28日。", Unit: disclosure.Wan4})
		for what, want := range map[string][2]string{
			"接收捐款笔数": {"134 笔", "615 笔"}, "接收捐款金额": {"1,054.5416", "4,176.2801"}, "支出金额": {"1,198.9508", "1,198.9508"},
			"接收物资宗数": {"10 宗", "10 宗"}, "接收物资件数（以最小单位计入）": {"110,651 件", "110,651 件"}, "发放物资件数（以最小单位计入）": {"49,931 件", "49,931 件"},
			"期末结存": {"2,977.3293", "—"},
		} {
			if got := line(t, x, what); got != want {
				t.Errorf("%s is published as %v; the source has %v", what, got, want)
			}
		}
		if len(x.Differences()) != 0 || x.Figures.Total.Given != wan(r.AllWan) || x.Figures.Goods[0].Left != 110_651-49_931 {
			t.Errorf("%+v %v", x.Figures, x.Differences())
		}
	})
}

// odd is what a published figure of D08 in 万元 left away, in 元: the source
// rounds, and these are one set of amounts with which every figure of it comes
// out as published.
var odd = map[string][2]money.Fen{"傅庄街道": {-40, 0}, "册山街道": {25, 28}, "褚墩镇": {25, 28}}

// D08: eight townships, raised and matched, in 万元 with two decimals. Every
// figure comes out as published, and where the published ones do not add up the
// disclosure says what the record's check says.
func TestD08ComesOutAndSaysWhereItDoesNotAddUp(t *testing.T) {
	r := published(t, "D08")
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := newHouse(t, d), t.Context()
		var labels []disclosure.Label
		want := [][]string{{"分组", r.Columns[0], r.Columns[1], r.Columns[2]}}
		for _, row := range r.Rows {
			name := row[0].(string)
			for j := range 2 {
				g := h.gave(donation.Organisation, name+"慈善工作站", wan(row[j+1].(float64))+odd[name][j]*money.Yuan, false)
				labels = append(labels, disclosure.Label{Donation: g.ID, Line: name, Heading: r.Columns[j]})
			}
			want = append(want, []string{name, two(row[1]), two(row[2]), two(row[3])})
		}
		want = append(want, []string{"总计", two(r.Totals[0]), two(r.Totals[1]), two(r.Totals[2])})
		h.must(h.open.SetLabels(ctx, h.Finance, h.Fund.ID, labels))
		h.later(time.Hour)
		x, err := h.open.Start(ctx, h.Officer, h.Fund.ID, disclosure.Regular)
		h.must(err)
		if len(x.Differences()) != 0 {
			t.Errorf("in 元 it does not add up: %v", x.Differences())
		}
		x = h.finish(x, disclosure.Words{Summary: "捐赠情况公示：各镇街筹款与配捐。", Explanation: "按万元公布，有四处因四舍五入相加不等于合计。", Unit: disclosure.Wan2})
		if !reflect.DeepEqual(x.Table(), want) {
			t.Errorf("published\n%v\nthe source has\n%v", x.Table(), want)
		}
		var said []string
		for _, d := range x.Differences() {
			said = append(said, d.Text())
		}
		if !reflect.DeepEqual(said, []string{"册山街道：31.05＋6.78＝37.83，公布为37.84", "褚墩镇：27.40＋5.45＝32.85，公布为32.86",
			"配捐数一列各行相加为64.02，公布为64.03", "合计一列各行相加为426.09，公布为426.08"}) {
			t.Errorf("the differences: %v", said)
		}
		for _, part := range []string{"册山 31.05+6.78=37.83 vs 37.84", "褚墩 27.40+5.45=32.85 vs 32.86", "64.02 vs 64.03", "426.09 vs 426.08"} {
			if !strings.Contains(r.Check, part) {
				t.Errorf("the record's check has no %s: %s", part, r.Check)
			}
		}
		doc, err := h.archive.Frozen(ctx, d, *x.Document)
		if h.must(err); !strings.Contains(doc.Content, "册山街道：31.05＋6.78＝37.83，公布为37.84") {
			t.Errorf("the paper does not say it: %s", doc.Content)
		}
		if sum := x.Figures.Groups.Total(); sum != x.Figures.Period.Given || disclosure.Wan2.Show(sum) != "426.08" {
			t.Errorf("in 分 the table has %d, the ledger %d", sum, x.Figures.Period.Given)
		}
	})
}

func two(v any) string { return wanText(v.(float64)) }

func wanText(f float64) string { return disclosure.Wan2.Show(wan(f)) }

// D03: goods worth nearly 300,000 元, all of them given out by the end of
// April. The source has no amount to the 分 and no list, so none is booked: the
// lot is counted, its value is words, and nothing is left in stock.
func TestD03ComesOut(t *testing.T) {
	r := published(t, "D03")
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := newHouse(t, d)
		unit := "批"
		h.gaveGoods(donation.Thing{Name: "防疫物资（来源未列明细）", Unit: &unit, Quantity: 1})
		h.give("防疫物资（来源未列明细）", &unit, 1)
		h.later(time.Hour)
		x := h.told(disclosure.Regular, disclosure.Words{Summary: "截至4月底，收到捐赠价值合计" + r.InKindValue + "，均已发放。", Unit: disclosure.Yuan,
			Explanation: "价值是来源公布的约数，没有凭证，因此账上只记物资、不记金额。"})
		g := x.Figures.Goods
		if len(g) != 1 || g[0].In != 1 || g[0].Out != 1 || g[0].Left != 0 {
			t.Errorf("the goods: %+v", g)
		}
		if x.Figures.Proven != nil || x.Figures.Period.In != 0 || x.GoodsNote() != "本期收到的物资没有价值凭证，只列数量，不计金额。" {
			t.Errorf("a value that nobody proved is booked: %+v, %s", x.Figures, x.GoodsNote())
		}
		doc, err := h.archive.Frozen(t.Context(), d, *x.Document)
		if h.must(err); !strings.Contains(doc.Content, "近人民币30万元") || len(x.Differences()) != 0 {
			t.Errorf("the paper: %s", doc.Content)
		}
	})
}

// Amounts are shown in the unit, rounded half away from zero.
func TestUnits(t *testing.T) {
	for _, c := range []struct {
		unit disclosure.Unit
		fen  money.Fen
		want string
	}{
		{disclosure.Yuan, 140_950, "1,409.50"}, {disclosure.Wan2, 37_835_300, "37.84"}, {disclosure.Wan2, 37_834_999, "37.83"}, {disclosure.Wan2, 37_835_000, "37.84"},
		{disclosure.Wan2, -37_835_000, "-37.84"}, {disclosure.Wan2, 4_999, "0.00"}, {disclosure.Wan4, 1_054_541_600, "1,054.5416"}, {disclosure.Wan4, 149, "0.0001"},
		{disclosure.Wan4, -10_000_050, "-10.0001"}, {disclosure.Wan4, 0, "0.0000"},
	} {
		if got := c.unit.Show(c.fen); got != c.want {
			t.Errorf("%d in %s is %s; want %s", c.fen, c.unit, got, c.want)
		}
	}
}
