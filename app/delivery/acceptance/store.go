package acceptance

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/storage/db"
)

const noun = "验收"

func read(ctx context.Context, d bun.IDB, acceptance id.ID) (Acceptance, error) {
	var x Acceptance
	err := d.NewSelect().Model(&x).Where("id = ?", acceptance).Scan(ctx)
	return x, db.Found(err, noun)
}

// all lists the acceptances of an engagement, oldest first.
func all(ctx context.Context, d bun.IDB, of id.ID) ([]Acceptance, error) {
	out := []Acceptance{}
	err := d.NewSelect().Model(&out).Where("engagement = ?", of).Order("seq").Scan(ctx)
	return out, db.Translate(err)
}

// Get reads an acceptance: its parties always; everybody once it is published,
// with the residents' names masked.
func (s *Service) Get(ctx context.Context, who party.Actor, acceptance id.ID) (Case, error) {
	x, err := read(ctx, s.db, acceptance)
	if err != nil {
		return Case{}, err
	}
	e, err := s.engagements.Get(ctx, who, x.Engagement)
	if err != nil {
		return Case{}, err
	}
	if s.engagements.Allowed(who, e, "follow") {
		if who.Org != e.Payer && x.State != Published { // what the payer is still deciding
			x.Content, x.Form, x.Result = Content{}, Form{}, ""
		}
		return Case{x, e}, nil
	}
	if x.State != Published {
		return Case{}, fault.New(fault.NotFound, "没有这次验收，或者还没有公布")
	}
	x.Form = Form{}
	return Case{x.masked(), e}, nil
}

// List gives the acceptances of an engagement, newest first, as Get gives each.
func (s *Service) List(ctx context.Context, who party.Actor, of id.ID) ([]Case, error) {
	e, err := s.engagements.Get(ctx, who, of)
	if err != nil {
		return nil, err
	}
	rows, err := all(ctx, s.db, of)
	out := []Case{}
	for i := len(rows) - 1; i >= 0; i-- {
		x := rows[i]
		if !s.engagements.Allowed(who, e, "follow") {
			if x.State != Published {
				continue
			}
			x = x.masked()
		} else if who.Org != e.Payer && x.State != Published {
			x.Content, x.Result = Content{}, ""
		}
		x.Form = Form{}
		out = append(out, Case{x, e})
	}
	return out, err
}

// May is the access function of an acceptance, its signed pages and its
// document: the two sides see them, the officer attaches while it is open.
func (s *Service) May(ctx context.Context, who party.Actor, acceptance id.ID, action string) error {
	x, err := read(ctx, s.db, acceptance)
	if err != nil {
		return err
	}
	switch action {
	case "view":
		return s.engagements.May(ctx, who, x.Engagement, "follow")
	case "attach":
		if x.State != Asked {
			return fault.New(fault.Conflict, "验收%s，不能再增减文件", x.StateName())
		}
		return s.engagements.May(ctx, who, x.Engagement, "inspect")
	}
	return s.engagements.May(ctx, who, x.Engagement, action)
}

// PassedOf reports whether the whole delivery was accepted, or one milestone of
// it (from 1; 0 asks for the whole only).
func PassedOf(ctx context.Context, d bun.IDB, of id.ID, milestone int64) (bool, error) {
	ok, err := d.NewSelect().Model((*Acceptance)(nil)).
		Where("engagement = ? AND state = ? AND result = ? AND (milestone IS NULL OR milestone = ?)", of, Published, Passed, milestone).Exists(ctx)
	return ok, db.Translate(err)
}

// Settle is the gate before the last instalment of a contract: nothing is paid
// off before the whole delivery was accepted (财库〔2016〕205号). field is what the
// complaint belongs to.
func (s *Service) Settle(ctx context.Context, tx bun.Tx, e engagement.Engagement, field string) error {
	ok, err := PassedOf(ctx, tx, e.ID, 0)
	if err != nil || ok {
		return err
	}
	terms, err := s.terms(ctx, tx, e, s.clock.Now())
	if err != nil {
		return err
	}
	rule := terms.Rules.Must(rules.AcceptancePayment)
	if rule.ID == "" { // a contract from before the rule was written down
		rule = rules.At(s.clock.Now()).Must(rules.AcceptancePayment)
	}
	var c fault.Check
	c.FailUnder(rule.Source(), field, "这是最后一笔款项，验收合格并公布以后才能申请；请先申请验收")
	return c.Err()
}

// Waiting is what waits for the actor: acceptances to organise for the
// payer's officer, to publish for its approver.
func (s *Service) Waiting(ctx context.Context, who party.Actor) ([]engagement.Task, error) {
	state := map[party.Role]State{party.Officer: Asked, party.Approver: Review}[who.Role]
	if who.Org == "" || state == "" {
		return nil, nil
	}
	return engagement.Tasks(ctx, s.db.NewSelect().Model((*Acceptance)(nil)).Join("JOIN engagement AS e ON e.id = acceptance.engagement").
		Where("e.payer = ? AND e.state IN (?, ?) AND acceptance.state = ?", who.Org, engagement.Running, engagement.Closed, state), "acceptance.id", "acceptance.asked_at")
}

// Ready reports whether an acceptance can be asked for now.
func (s *Service) Ready(ctx context.Context, of id.ID) (bool, error) {
	p, err := plan.Of(ctx, s.db, of)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil || p.State != plan.Agreed {
		return false, err
	}
	open, err := s.db.NewSelect().Model((*Acceptance)(nil)).Where("engagement = ? AND state IN (?, ?)", of, Asked, Review).Exists(ctx)
	if err != nil || open {
		return false, db.Translate(err)
	}
	done, err := s.db.NewSelect().Model((*Acceptance)(nil)).Where("engagement = ? AND state = ? AND result = ? AND milestone IS NULL", of, Published, Passed).Exists(ctx)
	return !done, db.Translate(err)
}
