package goods

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/kernel/id"
)

// Loose is what a fund still has in stock: it must be handed out, or named,
// before the fund ends.
func (s *Service) Loose(ctx context.Context, d bun.IDB, of id.ID) ([]fund.Loose, error) {
	stock, err := s.Stock(ctx, d, of)
	var out []fund.Loose
	for _, x := range stock {
		if x.Quantity > 0 {
			unit := ""
			if x.Unit != nil {
				unit = " " + *x.Unit
			}
			out = append(out, fund.Loose{What: fmt.Sprintf("库存物资 %s %d%s", x.Name, x.Quantity, unit)})
		}
	}
	return out, err
}
