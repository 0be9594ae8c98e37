package tender

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Package is one 包 of a draft. At publication each becomes a tender of its
// own: bids, opening, panel, award and contract are per package.
type Package struct {
	Name     string     `json:"name"`
	What     string     `json:"what"`
	Budget   *money.Fen `json:"budget,omitempty"`  // 分
	Ceiling  *money.Fen `json:"ceiling,omitempty"` // 分; of the whole, or of one Unit
	Unit     string     `json:"unit,omitempty"`    // set: the ceiling is a unit price
	Quantity *int64     `json:"quantity,omitempty"`
}

// PackageForm is a package as typed.
type PackageForm struct {
	Name     string `json:"name"`
	What     string `json:"what"`
	Budget   string `json:"budget"`
	Ceiling  string `json:"ceiling"`
	Unit     string `json:"unit"`
	Quantity string `json:"quantity"`
}

const maxPackages = 20

// ProjectID is the id that the packages of one purchase share: the draft's. The
// documents, questions, amendments and the tender key are the project's; a
// purchase without packages is its own project.
func (t Tender) ProjectID() id.ID {
	if t.Project == nil {
		return t.ID
	}
	return *t.Project
}

// Siblings are all packages of a tender's project, in order, itself included;
// a purchase without packages is alone.
func Siblings(ctx context.Context, d bun.IDB, t Tender) ([]Tender, error) {
	if t.Project == nil {
		return []Tender{t}, nil
	}
	out := []Tender{}
	err := d.NewSelect().Model(&out).Where("project = ?", *t.Project).Order("package").Scan(ctx)
	return out, db.Translate(err)
}

// Siblings are the published packages of the same project, in order.
func (s *Service) Siblings(ctx context.Context, t Tender) ([]Tender, error) {
	return Siblings(ctx, s.db, t)
}

func (r reader) packages() []Package {
	var out []Package
	for i, row := range r.form.Packages {
		at := "packages." + strconv.Itoa(i) + "."
		sub := reader{Form{Values: map[string]string{at + "budget": row.Budget, at + "ceiling": row.Ceiling, at + "quantity": row.Quantity}}, r.c}
		p := Package{Name: strings.TrimSpace(row.Name), What: strings.TrimSpace(row.What), Unit: strings.TrimSpace(row.Unit),
			Budget: sub.amount(at + "budget"), Ceiling: sub.amount(at + "ceiling")}
		if n := sub.count(at + "quantity"); n != nil {
			q := int64(*n)
			p.Quantity = &q
		}
		out = append(out, p)
	}
	return out
}

// checkPackages holds the packages to the budget; with packages, the ceilings
// are theirs.
func checkPackages(c *fault.Check, form Form, x *Facts) {
	switch {
	case len(x.Packages) == 0:
		return
	case len(x.Packages) == 1:
		c.Fail("packages", "分包采购至少两个包；只有一个包时请删除它，按整体采购")
		return
	}
	var sum money.Fen
	known, names := true, map[string]bool{}
	for i, p := range x.Packages {
		at := "packages." + strconv.Itoa(i) + "."
		c.Must(p.Name != "" && len([]rune(p.Name)) <= 60, at+"name", "第 %d 包：请填写名称，不超过 60 个字", i+1)
		c.Must(!names[p.Name], at+"name", "第 %d 包：名称与另一个包相同", i+1)
		names[p.Name] = true
		c.Must(p.What != "" && len([]rune(p.What)) <= 4000, at+"what", "第 %d 包：请写明采购内容，不超过 4000 个字", i+1)
		if p.Budget == nil || p.Ceiling == nil {
			c.Must(p.Budget != nil || c.Failed(at+"budget"), at+"budget", "第 %d 包：请填写预算", i+1)
			c.Must(p.Ceiling != nil || c.Failed(at+"ceiling"), at+"ceiling", "第 %d 包：请填写最高限价", i+1)
			known = false
			continue
		}
		c.Must(*p.Budget > 0 && *p.Ceiling > 0, at+"budget", "第 %d 包：预算和最高限价应大于 0 元", i+1)
		sum += *p.Budget
		most := *p.Ceiling
		if p.Unit != "" {
			if p.Quantity == nil {
				c.Must(c.Failed(at+"quantity"), at+"quantity", "第 %d 包：单价的包请填写预计数量", i+1)
				continue
			}
			var err error
			if most, err = p.Ceiling.Times(*p.Quantity); err != nil {
				c.Fail(at+"quantity", "第 %d 包：单价 × 预计数量太大，请核对", i+1)
				continue
			}
		}
		c.Must(most <= *p.Budget, at+"ceiling", "第 %d 包：最高限价（单价 × 预计数量）%s 元超过了本包预算 %s 元", i+1, most.Yuan(), p.Budget.Yuan())
	}
	if known && x.Budget != nil && sum != *x.Budget {
		c.Fail("packages", "各包预算之和是 %s 元，应等于项目预算 %s 元", sum.Yuan(), x.Budget.Yuan())
	}
	c.Must(form.Get("package_limits") != "", "package_limits", "请写明一个供应商最多可投几个包、最多可中几个包，不限制请写“不限制”")
}

// packageWhat is 买什么 of one package: its own part, then the whole.
func packageWhat(n int, p Package, whole string) string {
	return fmt.Sprintf("%d包“%s”：%s\n\n项目整体：%s", n, p.Name, p.What, whole)
}

// split makes the tender of each package out of an approved draft. The first
// is the draft's own row; number is the project's.
func (t Tender) split(number string, fresh func() id.ID) []Tender {
	project := t.ID
	out := make([]Tender, len(t.Packages))
	ids := make([]id.ID, len(t.Packages)-1)
	for i := range ids {
		ids[i] = fresh()
	}
	slices.Sort(ids) // lists go by id, and the packages in their order
	for i, p := range t.Packages {
		x := t
		no := fmt.Sprintf("%s-%d包", number, i+1)
		if i > 0 {
			x.ID = ids[i-1]
		}
		x.Project, x.Package, x.Number = &project, i+1, &no
		x.Title = fmt.Sprintf("%s（%d包：%s）", t.Title, i+1, p.Name)
		x.What = packageWhat(i+1, p, t.What)
		x.Budget, x.Ceiling = p.Budget, Ceiling{Kind: TotalPrice, Amount: p.Ceiling}
		if p.Unit != "" {
			x.Ceiling = Ceiling{Kind: UnitPrice, Amount: p.Ceiling, Unit: p.Unit, Quantity: p.Quantity}
		}
		out[i] = x
	}
	return out
}
