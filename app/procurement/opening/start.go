package opening

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/storage/db"
)

// Start begins to read the bids of a tender whose deadline has passed, or goes
// on after a stop or a kill. Where too few bids came it ends the tender, with
// the bids closed and no key. Whoever comes second is given the opening that
// is there. Conflict while shares are missing.
//
// It returns as soon as reading has begun; Wait waits for its end.
func (s *Service) Start(ctx context.Context, who party.Actor, tenderID id.ID) (Opening, error) {
	k, set, err := keyOf(ctx, s.db, tenderID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Opening{}, err
	}
	r := s.room(tenderID)
	var o Opening
	var opener *seal.Opener
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		opener = nil
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now, rel := s.clock.Now(), tender.Relations(who, t)
		o, err = read(ctx, tx, t.ID)
		fresh := fault.Is(err, fault.NotFound)
		if err != nil && !fresh {
			return err
		}
		if !fresh && (o.State == Closed || o.State == Confirming || r.loop() != nil) && s.policy.Any(rel, "tender."+string(tender.Closed), "open") {
			return nil
		}
		if err := s.require(rel, t, "open", now); err != nil {
			return err
		}
		if err := tender.NotSuspended(ctx, tx, t.ID, now, tender.OpeningStep); err != nil {
			return err
		}
		if fresh {
			o = Opening{ID: id.New(now), Tender: t.ID, State: Reading, OpenedAt: now, OpenedBy: who.Account, OpenerName: who.Name, OpenerRole: roleName(who)}
			enough, err := s.count(ctx, tx, who, &t, &o)
			if err != nil || !enough {
				return err
			}
		}
		if opener, err = r.opener(k); err != nil {
			return err
		}
		return s.begin(ctx, tx, who, t, &o, fresh, present(set, r.given(k)))
	})
	if err != nil || opener == nil {
		s.watched.wake(tenderID)
		return o, err
	}
	s.launch(who, tenderID, r, opener)
	return o, nil
}

// count fills in how many bids came and how many the law asks for, and ends
// the tender where they are too few.
func (s *Service) count(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, o *Opening) (bool, error) {
	received, err := bid.AtDeadline(ctx, tx, *t, o.OpenedAt)
	if err != nil {
		return false, err
	}
	set, err := t.RuleSet(o.OpenedAt)
	if err != nil {
		return false, err
	}
	least := LeastBidders(set, t.Method)
	o.Bidders, o.Least, o.Article, o.Holders = len(received), least.Value, least.Source(), []Person{}
	if least.AtLeast(int64(len(received)), 0) {
		return true, nil
	}
	why := fmt.Sprintf("至投标截止时间收到投标 %d 份，不足 %d 家，不予开标", o.Bidders, o.Least)
	return false, s.fail(ctx, tx, who, t, o, why, least)
}

// begin writes down that reading starts or goes on.
func (s *Service) begin(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, o *Opening, fresh bool, holders []Person) error {
	now := s.clock.Now()
	o.State, o.StoppedWhy = Reading, ""
	for _, p := range holders {
		if !has(o.Holders, p) {
			o.Holders = append(o.Holders, p)
		}
	}
	text := fmt.Sprintf("开始开标，共 %d 份投标", o.Bidders)
	if !fresh {
		if err := save(ctx, tx, o, "state", "stopped_why", "holders"); err != nil {
			return err
		}
		return say(ctx, tx, t.ID, now, ReadingNow, Facts{Text: "继续开标", Total: o.Bidders})
	}
	if _, err := tx.NewInsert().Model(o).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	if err := say(ctx, tx, t.ID, now, ReadingNow, Facts{Text: text, Total: o.Bidders}); err != nil {
		return err
	}
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	return note(ctx, tx, who, now, t.ID, "开始开标", fmt.Sprintf("收到投标 %d 份", o.Bidders), set.Of(t.Method, "opening_at_deadline").Source())
}

func has(list []Person, p Person) bool {
	for _, x := range list {
		if x == p {
			return true
		}
	}
	return false
}

// present are the holders whose shares are here.
func present(set tenderkey.Key, given map[int]bool) []Person {
	var out []Person
	for _, h := range set.Holders {
		if given[h.Place] {
			out = append(out, Person{Name: h.Name, Role: h.Post()})
		}
	}
	return out
}
