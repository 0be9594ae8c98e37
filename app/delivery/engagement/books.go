package engagement

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/money"
)

// Money is what the books of a wing say of an engagement before a moment, in 分.
type Money struct {
	Paid     money.Fen `json:"paid"`
	Approved money.Fen `json:"approved"` // and not paid yet
	// Ledger is what the ledger has of what was paid; nil where the payer keeps
	// its books elsewhere.
	Ledger *money.Fen `json:"ledger,omitempty"`
}

// Books is how a wing reads them, inside or outside a transaction.
type Books func(ctx context.Context, d bun.IDB, e Engagement, until time.Time) (Money, error)

// From sets whose books a kind stands in; called while the product is put
// together, once a kind.
func (s *Service) From(k Kind, b Books) { s.books[k] = b }

// Money reads the books of an engagement before a moment; the caller has
// authorised. Nothing was paid where a kind has none.
func (s *Service) Money(ctx context.Context, d bun.IDB, e Engagement, until time.Time) (Money, error) {
	if b := s.books[e.Kind]; b != nil {
		return b(ctx, d, e, until)
	}
	return Money{}, nil
}

// Account is Money as it stands now, for a page whose viewer was authorised.
func (s *Service) Account(ctx context.Context, e Engagement) (Money, error) {
	return s.Money(ctx, s.db, e, s.clock.Now().Add(time.Microsecond))
}
