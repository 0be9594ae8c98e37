package tender

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
)

// Gate is what a sibling package demands of a draft before the public may see
// it: it adds its complaints, each with how to mend it. d is the deciding
// transaction, or the pool when a page only asks.
type Gate func(ctx context.Context, d bun.IDB, t Tender, now time.Time, c *fault.Check) error

// News is something a published purchase tells those who follow it.
type News struct {
	Tender Tender // as it is now; with packages, the one that it happened to
	Title  string // 采购已取消
	Text   string // the reason, public
}

// Demand adds a gate that is asked on the check page, at submission and again
// at publication.
func (s *Service) Demand(g Gate) { s.gates = append(s.gates, g) }

// DemandAtPublication adds a gate that only publication asks.
func (s *Service) DemandAtPublication(g Gate) { s.lastGates = append(s.lastGates, g) }

// Published adds what is done in the transaction of a publication, once per
// project: packages are all its tenders, the first of them the draft.
func (s *Service) Published(do func(ctx context.Context, tx bun.Tx, packages []Tender, now time.Time) error) {
	s.published = append(s.published, do)
}

// Tell adds who hears the news, in the transaction that makes it.
func (s *Service) Tell(do func(ctx context.Context, tx bun.Tx, n News) error) {
	s.told = append(s.told, do)
}

func ask(ctx context.Context, d bun.IDB, gates []Gate, t Tender, now time.Time, c *fault.Check) error {
	for _, g := range gates {
		if err := g(ctx, d, t, now, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tell(ctx context.Context, tx bun.Tx, n News) error {
	for _, do := range s.told {
		if err := do(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}
