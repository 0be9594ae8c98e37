package intention

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
)

// Moments is when the intention behind a purchase was published, for its
// schedule; that is public.
func Moments(ctx context.Context, d bun.IDB, _ party.Actor, t tender.Tender) (rules.Known, error) {
	x, err := find(ctx, d, t)
	if err != nil || x == nil {
		return nil, err
	}
	return rules.Known{}.With(rules.IntentionPublished, x.PublishedAt), nil
}
