package tender_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

// twoPackages is a draft of 770,000 元 in two 包, the second by the visit.
func twoPackages() tender.Patch {
	p := tendertest.Complete()
	p.Values["package_limits"] = "最多投两个包，最多中一个包"
	delete(p.Values, "ceiling_kind")
	delete(p.Values, "ceiling")
	p.Packages = []tender.PackageForm{
		{Name: "助餐", What: "为 250 位老人送餐", Budget: "400000", Ceiling: "390000"},
		{Name: "助洁", What: "每月两次上门助洁", Budget: "370000", Ceiling: "60", Unit: "人次", Quantity: "6000"},
	}
	return p
}

func hear(into *[]tender.Tender) func(context.Context, bun.Tx, []tender.Tender, time.Time) error {
	return func(_ context.Context, _ bun.Tx, all []tender.Tender, _ time.Time) error {
		*into = append(*into, all...)
		return nil
	}
}

func TestPackagesBecomeTendersOfTheirOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		var heard []tender.Tender
		h.Tenders.Published(hear(&heard))
		x, err := h.Tenders.Create(ctx, h.Officer, twoPackages())
		if err == nil {
			h.Keyed(t, x)
			x, err = h.Tenders.Submit(ctx, h.Officer, x.ID)
		}
		if err == nil {
			x, err = h.Tenders.Publish(ctx, h.Approver, x.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		all, err := h.Tenders.Siblings(ctx, x)
		if err != nil || len(all) != 2 || len(heard) != 2 {
			t.Fatalf("%d packages, %d heard, %v", len(all), len(heard), err)
		}
		one, two := all[0], all[1]
		if one.ID != x.ID || !strings.HasSuffix(one.No(), "号-1包") || !strings.HasSuffix(two.No(), "号-2包") || two.ProjectID() != x.ID {
			t.Errorf("numbers %s %s project %s", one.No(), two.No(), two.ProjectID())
		}
		if two.Ceiling.Kind != tender.UnitPrice || two.Ceiling.Amount.Yuan() != "60.00" || two.MostPayable().Yuan() != "370,000.00" || one.Budget.Yuan() != "400,000.00" {
			t.Errorf("the second package's money: %+v", two.Ceiling)
		}
		if list, err := h.Tenders.List(ctx, tender.Filter{Text: "助洁"}); err != nil || list.Total < 1 {
			t.Errorf("a package is not found: %+v %v", list, err)
		}
		if y := h.Published(t, nil); y.ProjectID() != y.ID || strings.Contains(y.No(), "包") {
			t.Errorf("a whole purchase: %s", y.No())
		}
	})
}

func TestPackagesMustAddUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := tendertest.New(t, d)
		for _, c := range []struct {
			name, field string
			change      func(*tender.Patch)
		}{
			{"budgets do not add up", "packages", func(p *tender.Patch) { p.Packages[0].Budget = "399999" }},
			{"a single package", "packages", func(p *tender.Patch) { p.Packages = p.Packages[:1] }},
			{"more than its budget", "packages.1.ceiling", func(p *tender.Patch) { p.Packages[1].Quantity = "7000" }},
			{"no count for a unit price", "packages.1.quantity", func(p *tender.Patch) { p.Packages[1].Quantity = "" }},
			{"the same name twice", "packages.1.name", func(p *tender.Patch) { p.Packages[1].Name = "助餐" }},
			{"no limits said", "package_limits", func(p *tender.Patch) { p.Values["package_limits"] = "" }},
			{"a count that overflows", "packages.1.quantity", func(p *tender.Patch) { p.Packages[1].Ceiling, p.Packages[1].Quantity = "99999999999", "999999999" }},
		} {
			p := twoPackages()
			c.change(&p)
			x, err := h.Tenders.Create(t.Context(), h.Officer, p)
			if err != nil {
				t.Fatal(err)
			}
			missing, err := h.Tenders.Missing(t.Context(), x)
			if err != nil || !complains(missing, c.field) {
				t.Errorf("%s: %+v %v", c.name, missing, err)
			}
		}
	})
}

func complains(list []fault.Field, field string) bool {
	for _, f := range list {
		if f.Name == field {
			return true
		}
	}
	return false
}

func TestADraftCanBeDeletedAndANoticeCannot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		x := h.Draft(t, nil)
		if err := h.Tenders.Delete(ctx, h.Approver, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an approver deleted it: %v", err)
		}
		if err := h.Tenders.Delete(ctx, h.Officer, x.ID); err != nil {
			t.Error(err)
		}
		if _, err := h.Tenders.Get(ctx, h.Officer, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("still there: %v", err)
		}
		if err := h.Tenders.Delete(ctx, h.Officer, h.Published(t, nil).ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a notice was deleted: %v", err)
		}
	})
}
