package contract

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// RevokedBy is the article that takes an unperformed contract away, and lets a
// performed one stand with the responsible party bearing compensation.
var RevokedBy = law.Cite("财政部令第94号第32条")

// Standing is a contract that binds, and since when it is performed.
type Standing struct {
	Contract Contract
	Begun    bool      // delivery has begun: it can no longer be revoked
	Starts   time.Time // the first day of the term, 00:00 in Beijing
}

// StandingOf is where the contract of a tender stands at now; NotFound where
// none binds.
func StandingOf(ctx context.Context, d bun.IDB, tenderID id.ID, now time.Time) (Standing, error) {
	c, err := SignedOf(ctx, d, tenderID)
	if err != nil {
		return Standing{}, err
	}
	e, err := engagement.ByRef(ctx, d, engagement.Contract, c.ID)
	return Standing{Contract: c, Begun: e.Begun(now), Starts: e.Start}, err
}

// Revoke takes away the contract of a tender in the transaction of the decision
// that says so, before it is performed: its papers are void, its delivery ends,
// the open data, the supplier and the buyer are told. The caller holds the
// tender's row, authorises and moves its state; another may be signed then.
func (s *Service) Revoke(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, reason string, now time.Time) (Contract, error) {
	c, err := SignedOf(ctx, tx, t.ID)
	if err != nil {
		return c, err
	}
	c.State, c.RevokedAt, c.Why = Revoked, &now, reason
	if err := db.One(tx.NewUpdate().Model(&c).Column("state", "revoked_at", "revoked_reason").Where("id = ? AND state = ?", c.ID, Signed).Exec(ctx)); err != nil {
		return c, err
	}
	papers := []id.ID{c.Summary}
	if c.Text != nil {
		papers = append(papers, *c.Text)
	}
	for _, doc := range papers {
		if err := s.archive.Revoke(ctx, tx, doc, reason); err != nil {
			return c, err
		}
	}
	if _, err := s.delivery.Void(ctx, tx, who, engagement.Contract, c.ID, reason, now); err != nil {
		return c, err
	}
	text := reason + "。合同尚未履行，自即日起不再履行"
	if c.Bond != nil {
		text += "，已收取的履约保证金应当退还"
	}
	if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: c.Supplier}, {Organisation: c.Buyer}},
		inbox.Letter{Title: "合同已撤销：" + t.Title, Text: text + "（" + RevokedBy + "）。", Link: "/tenders/" + string(t.ID) + "/contract"}); err != nil {
		return c, err
	}
	return c, trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "tender", ObjectID: t.ID, Action: "撤销合同", Note: "合同编号 " + c.Number + "。" + reason,
		Article: RevokedBy, Public: true})
}

// All are the contracts of a tender, the oldest first; those that were revoked
// stay public.
func (s *Service) All(ctx context.Context, tenderID id.ID) ([]Contract, error) {
	out := []Contract{}
	err := s.db.NewSelect().Model(&out).Where("tender = ?", tenderID).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// Standing is StandingOf now, for pages; contracts are public.
func (s *Service) Standing(ctx context.Context, tenderID id.ID) (Standing, error) {
	return StandingOf(ctx, s.db, tenderID, s.clock.Now())
}

// Ever reports whether a contract of a tender was signed, whatever became of it.
func (s *Service) Ever(ctx context.Context, tenderID id.ID) (bool, error) {
	ok, err := s.db.NewSelect().Model((*Contract)(nil)).Where("tender = ?", tenderID).Exists(ctx)
	return ok, db.Translate(err)
}
