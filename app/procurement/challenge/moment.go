package challenge

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Moments is when queries, challenges and complaints about a purchase came and
// were answered, for its schedule. Only its parties learn of a case while it
// runs: the buyer, and its raiser of their own. Of several of a kind the one
// that was received first and still waits counts, or else the last. That the
// whole purchase is suspended is public.
func (s *Service) Moments(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender) (rules.Known, error) {
	now := s.clock.Now()
	set, err := t.RuleSet(now)
	if err != nil {
		return nil, err
	}
	k := rules.Known{}
	_, from, _, err := began(ctx, d, t, set, Documents, s.calendar)
	if err != nil {
		return nil, err
	}
	k = k.With(rules.DocumentsKnown, from)
	stops, err := tender.Suspensions(ctx, d, t.ID, now)
	if err != nil {
		return nil, err
	}
	for _, x := range stops {
		if x.Whole && x.Until != nil { // the authority's; that for an amendment has no end of its own
			k = k.With(rules.Suspended, &x.From)
		}
	}
	if who.Org == "" {
		return k, nil
	}
	var all []Case
	err = d.NewSelect().Model(&all).Where("tender = ? AND (raiser = ? OR buyer = ?) AND state <> ?", t.ID, who.Org, who.Org, Withdrawn).Order("received_at", "id").Scan(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	at := map[Kind]Case{}
	for _, x := range all {
		if was, ok := at[x.Kind]; s.Allowed(who, x, "view") && (!ok || was.Over()) {
			at[x.Kind] = x
		}
	}
	for kind, events := range map[Kind][2]string{Query: {rules.QueryReceived, rules.QueryAnswered}, Challenge: {rules.ChallengeReceived, rules.ChallengeAnswered},
		Complaint: {rules.ComplaintReceived, rules.ComplaintDecided}} {
		if x, ok := at[kind]; ok {
			k = k.With(events[0], &x.ReceivedAt).With(events[1], x.DecidedAt)
		}
	}
	if x, ok := at[Complaint]; ok {
		reviewed := x.AcceptedAt
		if x.State == Refused {
			reviewed = x.DecidedAt
		}
		k = k.With(rules.ComplaintReviewed, reviewed).With(rules.ComplaintCopied, x.CopiedAt)
	}
	if x, ok := at[Challenge]; ok && at[Complaint].ID == "" {
		_, from, err := complaintWindow(x, set, s.calendar)
		if err != nil {
			return nil, err
		}
		k = k.With(rules.ChallengeAnswerDue, from)
	}
	return k, nil
}
