package objection_test

import (
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/procurement/bidtest"
	"gongji/storage/db/dbtest"
)

// 条例38: objections belong to a notice of one supplier; where a method has no
// such notice there is nothing to object to, and the sentence says what there
// is instead.
func TestOnlyANoticeIsObjectedTo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "局外社会工作服务中心")
		for _, text := range []string{"", "  ", strings.Repeat("长", 4001)} {
			if _, err := h.Objections.Raise(ctx, who, x.ID, text); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.5q: %v", text, err)
			}
		}
		_, err := h.Objections.Raise(ctx, who, x.ID, "项目应当公开竞争")
		if err == nil || !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Forbidden) {
			t.Errorf("条例38 公开招标没有单一来源公示: %v", err)
		}
		if list, err := h.Objections.Of(ctx, x); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		if err := h.Objections.Clear(ctx, d, x, h.Clock.Now()); err != nil {
			t.Errorf("条例38 没有公示的采购不因异议停下: %v", err)
		}
	})
}
