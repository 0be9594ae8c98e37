package tender

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// Read reads a tender for the sibling packages of procurement, which
// authorise by their own object; everybody else uses Service.Get.
func Read(ctx context.Context, d bun.IDB, tender id.ID) (Tender, error) { return read(ctx, d, tender) }
