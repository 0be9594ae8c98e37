package opening_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/opening"
	"gongji/storage/db/dbtest"
)

func TestThePlatformsFaultStopsAndGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		for i := range 3 {
			who := h.Supplier(t, fmt.Sprintf("第%d社会工作服务中心", i+1))
			h.Submitted(t, who, x, 600_000*money.Yuan)
			h.Clock.Advance(time.Second)
		}
		var key string
		if err := d.NewSelect().Table("bid_version").Column("object_key").OrderExpr("submitted_at DESC").Limit(1).Scan(ctx, &key); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(h.Dir, "objects", key)
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		run := func() opening.View {
			t.Helper()
			if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
				t.Fatal(err)
			}
			if err := h.Openings.Wait(ctx, x.ID); err != nil {
				t.Fatal(err)
			}
			v, err := h.Openings.View(ctx, h.Officer, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		h.Store.Down(true)
		if v := run(); v.State != opening.Stopped || len(v.Lines) != 0 || v.Opening.StoppedWhy == "" || v.Given != 2 {
			t.Errorf("with the store away: %+v", v)
		}
		h.Store.Down(false)
		damaged := bytes.Clone(whole)
		damaged[len(damaged)-1] ^= 1
		for what, bytes := range map[string][]byte{"damaged": damaged, "cut short": whole[:len(whole)/2], "empty": nil} {
			if err := os.WriteFile(file, bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			if v := run(); v.State != opening.Stopped || len(v.Lines) != 2 || !strings.Contains(v.Opening.StoppedWhy, "第 3 份") {
				t.Errorf("with an object that is %s: %+v", what, v)
			}
		}
		if _, err := h.Openings.Close(ctx, h.Officer, x.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed with a bid unread: %v", err)
		}
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		if v := run(); v.State != opening.Confirming || len(v.Lines) != 3 {
			t.Errorf("after mending: %+v", v)
		}
	})
}

func TestAnotherProcessGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		h.Bidders(t, x, 4)
		h.Clock.Set(*x.Deadline)
		h.Give(t, x, 2)
		if _, err := h.Openings.Start(ctx, h.Officer, x.ID); err != nil {
			t.Fatal(err)
		}
		h.Openings.Shutdown() // after none, some or all of them
		h.Reopen(t)
		v, err := h.Openings.View(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.State != opening.Confirming {
			if !v.Waiting || v.Given != 0 {
				t.Errorf("after a restart: %+v", v)
			}
			if _, err := h.Openings.Start(ctx, h.Officer, x.ID); !fault.Is(err, fault.Conflict) {
				t.Errorf("went on without shares: %v", err)
			}
		}
		if v.State == opening.Confirming {
			_, err = h.Openings.Close(ctx, h.Officer, x.ID, "")
		} else {
			h.Open(t, x)
		}
		if err != nil {
			t.Fatal(err)
		}
		lines, err := opening.Listed(ctx, d, x.ID)
		if err != nil || len(lines) != 4 {
			t.Fatal(lines, err)
		}
		for i, l := range lines {
			if l.Position != i+1 || l.Failed != "" {
				t.Errorf("%+v", l)
			}
		}
	})
}
