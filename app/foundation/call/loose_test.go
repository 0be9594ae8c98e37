package call_test

import (
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/call/calltest"
	"gongji/storage/db/dbtest"
)

// A fund that a call promises money from does not end before the call has a
// result; once it is cancelled nothing is open.
func TestAnOpenCallIsOpenOnItsFund(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		h.Funds.Open = append(h.Funds.Open, h.Calls.Loose)
		if list, err := h.Funds.StillOpen(ctx, h.Officer, h.Fund.ID); err != nil || len(list) != 0 {
			t.Fatalf("before: %+v, %v", list, err)
		}
		c := h.Open()
		list, err := h.Funds.StillOpen(ctx, h.Officer, h.Fund.ID)
		if err != nil || len(list) != 1 || !list[0].Firm || list[0].What != "接受申请的公益创投："+c.Title || list[0].Href != "/funder/calls/"+string(c.ID) {
			t.Fatalf("open: %+v, %v", list, err)
		}
		h.Close(c)
		if list, err = h.Funds.StillOpen(ctx, h.Officer, h.Fund.ID); err != nil || len(list) != 1 {
			t.Errorf("under review: %+v, %v", list, err)
		}
		_, err = h.Calls.Cancel(ctx, h.Approver, c.ID, "经费调整，本次不再进行")
		h.Must(err)
		if list, err = h.Funds.StillOpen(ctx, h.Officer, h.Fund.ID); err != nil || len(list) != 0 {
			t.Errorf("cancelled: %+v, %v", list, err)
		}
	})
}
