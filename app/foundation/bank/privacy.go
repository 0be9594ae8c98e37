package bank

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// secret are the lines of a foundation whose money is, or by name or memo may
// be, of a donor who hides from its staff (慈善法82).
const secret = `SELECT l.id FROM bank_line AS l WHERE l.foundation = ? AND EXISTS (SELECT 1 FROM donation AS d
	WHERE d.foundation = l.foundation AND d.confidential AND (d.id = l.guess
	OR REPLACE(l.name, ' ', '') = REPLACE(d.donor_name, ' ', '')
	OR UPPER(l.memo) LIKE '%' || d.reference || '%' OR l.memo LIKE '%' || d.donor_name || '%'
	OR EXISTS (SELECT 1 FROM bank_match AS m WHERE m.line = l.id AND m.target = d.id)))`

// knowsAll reports whether no donor is hidden from the actor: see
// donation.Knows.
func (s *Service) knowsAll(who party.Actor) bool { return donation.KnowsAll(s.policy, who, who.Org) }

// cover takes from lines who is on the other side, where that is hidden from
// the actor; day, amount and reference are enough to confirm what another
// proposed. The keys of the answer are the lines it covered.
func (s *Service) cover(ctx context.Context, who party.Actor, lines ...*Line) (map[id.ID]bool, error) {
	if len(lines) == 0 || s.knowsAll(who) {
		return nil, nil
	}
	ids := make([]id.ID, 0, len(lines))
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	var found []id.ID
	if err := s.db.NewRaw(secret+" AND l.id IN (?)", who.Org, bun.List(ids)).Scan(ctx, &found); err != nil {
		return nil, db.Translate(err)
	}
	out := map[id.ID]bool{}
	for _, f := range found {
		out[f] = true
	}
	for _, l := range lines {
		if out[l.ID] {
			l.Name, l.Tail, l.Memo, l.Serial, l.Why, l.Note = donation.Withheld, "", "", "", "", ""
		}
	}
	return out, nil
}

// seen is a line as the actor may see it.
func (s *Service) seen(ctx context.Context, who party.Actor, l Line, err error) (Line, error) {
	if err == nil {
		_, err = s.cover(ctx, who, &l)
	}
	return l, err
}

// hide takes the words out of a match whose line is covered.
func (m *Match) hide() { m.Why, m.Note, m.Reason, m.UndoReason = "", "", "", "" }

// hidden is Show with what people wrote about a covered line taken out.
func (x *Show) hidden() {
	for i := range x.Matches {
		x.Matches[i].hide()
	}
	if x.Live != nil {
		x.Live.hide()
	}
	x.Relation = ""
	for i := range x.Timeline {
		x.Timeline[i] = trail.Event{ID: x.Timeline[i].ID, At: x.Timeline[i].At, Account: x.Timeline[i].Account, OrgName: x.Timeline[i].OrgName,
			Role: x.Timeline[i].Role, Action: x.Timeline[i].Action}
	}
}
