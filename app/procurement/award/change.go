package award

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/standing"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Unsigning is what stands between a published result and its contract, for
// the two who would sign it.
type Unsigning struct {
	SignBy  time.Time          // exclusive
	Over    bool               // the time to sign has passed
	Listed  []standing.Listing // what bars the supplier now
	Refusal *Refusal           // nil: it has not refused
	Waiting *Forfeit           // put forward, not decided
	Next    string             // the candidate who would follow, by name; "" where there is none
	Forfeit bool               // the actor may put it forward
	Decide  bool               // or decide on it
	Refuse  bool               // or, for the supplier, refuse
}

// Unsigned reads what keeps a published result from becoming a contract;
// NotFound for whoever is neither side, and where no result waits for one.
func (s *Service) Unsigned(ctx context.Context, who party.Actor, t tender.Tender) (Unsigning, error) {
	var out Unsigning
	missing := fault.New(fault.NotFound, "没有找到这条记录，或您无权查看")
	if t.State != tender.Awarded {
		return out, missing
	}
	a, err := ApprovedOf(ctx, s.db, t.ID)
	if err != nil {
		return out, err
	}
	if s.May(ctx, who, a.ID, "view") != nil {
		return out, missing
	}
	now := s.clock.Now()
	set, err := t.RuleSet(now)
	if err != nil {
		return out, err
	}
	out.SignBy = SignBy(set, *a.DecidedAt, s.calendar)
	out.Over = !now.Before(out.SignBy)
	if out.Listed, err = standing.Against(ctx, s.db, a.Supplier, t.Buyer, standing.Purchase, now); err != nil {
		return out, err
	}
	if out.Refusal, err = refusalOf(ctx, s.db, a.ID); err != nil {
		return out, err
	}
	out.Refuse = out.Refusal == nil && s.policy.Any(winning(who, a), ObjectKind+"."+string(a.State), "refuse")
	if who.Org != t.Buyer {
		return out, nil
	}
	var f Forfeit
	err = db.Found(s.db.NewSelect().Model(&f).Where("tender = ? AND state = ?", t.ID, Proposed).Scan(ctx), "结果变更")
	if err == nil {
		out.Waiting = &f
	} else if !fault.Is(err, fault.NotFound) {
		return out, err
	}
	if _, out.Next, err = candidate(ctx, s.db, t, a.Bid, now); err != nil {
		return out, err
	}
	out.Forfeit = out.Waiting == nil && s.Allowed(ctx, who, t, "forfeit")
	out.Decide = out.Waiting != nil && out.Waiting.ProposedBy != who.Account && s.Allowed(ctx, who, t, "forfeit_decide")
	return out, nil
}

// Turn is the bid whose turn it is in the ranking: the best that has not lost an
// award and that no listing bars; "" where there is none. The caller authorises.
func (s *Service) Turn(ctx context.Context, t tender.Tender) (id.ID, error) {
	bid, _, err := candidate(ctx, s.db, t, "", s.clock.Now())
	return bid, err
}

// Changes are the results of a purchase that were given up, in order; they are
// public.
func (s *Service) Changes(ctx context.Context, tenderID id.ID) ([]Forfeit, error) {
	return changes(ctx, s.db, tenderID)
}

func changes(ctx context.Context, d bun.IDB, tenderID id.ID) ([]Forfeit, error) {
	out := []Forfeit{}
	err := d.NewSelect().Model(&out).Where("tender = ? AND state = ?", tenderID, Approved).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// Forfeits lists every one that was put forward, the returned too, for the
// buyer.
func (s *Service) Forfeits(ctx context.Context, who party.Actor, tenderID id.ID) ([]Forfeit, error) {
	out := []Forfeit{}
	if err := s.tenders.May(ctx, who, tenderID, "follow"); err != nil {
		return out, err
	}
	err := s.db.NewSelect().Model(&out).Where("tender = ?", tenderID).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// ForfeitsDue counts what waits for a bureau's approver, and names the purchase
// of the oldest.
func (s *Service) ForfeitsDue(ctx context.Context, buyer id.ID) (n int, first id.ID, err error) {
	var rows []id.ID
	err = s.db.NewSelect().TableExpr("award_forfeit AS f").Join("JOIN tender AS t ON t.id = f.tender").ColumnExpr("f.tender").
		Where("t.buyer = ? AND f.state = ?", buyer, Proposed).OrderExpr("f.id").Limit(100).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return 0, "", db.Translate(err)
	}
	return len(rows), rows[0], nil
}
