package goods_test

import (
	"context"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/goods"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

func TestStockNeverGoesBelowZero(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		box := "箱"
		masks := goods.Thing{Foundation: h.Fund.Foundation, Fund: h.Fund.ID, Name: "口罩", Unit: &box}
		move := func(x goods.Thing, n int64, line int) error {
			return db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
				_, err := h.Goods.Move(ctx, tx, h.Storekeeper, x, n, goods.Cause{Kind: "test", ID: "1", Line: line})
				return err
			})
		}
		if err := move(masks, 100, 1); err != nil {
			t.Fatal(err)
		}
		if err := move(masks, 100, 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same line of a cause moved twice: %v", err)
		}
		loose := masks
		loose.Unit = nil
		if err := move(loose, -1, 2); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same name without a unit is the same item: %v", err)
		}
		for _, n := range []int64{0, goods.MostQuantity + 1, -goods.MostQuantity - 1, goods.MostQuantity, -1 << 63} {
			if err := move(masks, n, 3); !fault.Is(err, fault.Invalid) {
				t.Errorf("moved %d: %v", n, err)
			}
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for i := range 30 {
			all.Go(func() {
				if err := move(masks, -7, 10+i); err == nil {
					mu.Lock()
					good++
					mu.Unlock()
				} else if !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		stock, err := h.Goods.OfFund(ctx, h.Fund.ID)
		if err != nil || good != 14 || len(stock) != 1 || stock[0].Quantity != 2 || stock[0].In != 100 || stock[0].Out != 98 {
			t.Errorf("%d went out, left %+v, %v", good, stock, err)
		}
	})
}

func TestMovementsStand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		if err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
			_, err := h.Goods.Move(ctx, tx, h.Storekeeper, goods.Thing{Foundation: h.Fund.Foundation, Fund: h.Fund.ID, Name: "米"}, 5,
				goods.Cause{Kind: "test", ID: id.New(h.Clock.Now())})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{"UPDATE goods_movement SET quantity = 6", "DELETE FROM goods_movement"} {
			if _, err := d.ExecContext(ctx, q); err == nil {
				t.Errorf("%s was let through", q)
			}
		}
		if _, err := d.ExecContext(ctx, "UPDATE goods_item SET quantity = 6"); err != nil {
			t.Fatal(err)
		}
		if off, err := h.Goods.Unbalanced(ctx); err != nil || len(off) != 1 {
			t.Errorf("a stock written by hand goes unnoticed: %v, %v", off, err)
		}
	})
}
