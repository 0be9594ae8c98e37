package main

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/procurement/tender"
	"gongji/policy"
	"gongji/storage/db"
)

var policyTargets = []target{
	{"policy_decision", "<=", 2},
	{"policy_decision_1", "<=", 2},
}

// policyDecision measures one decision (us): an actor's relations to a tender
// are computed and the policy is asked whether they allow an action, as every
// page, call and download does.
//
//   - policy_decision: with 10,000 organisations and their accounts in the
//     database and among those who ask. At most 2.
//   - policy_decision_1: with one. At most 2; the two should be the same.
func policyDecision(ctx context.Context, b *bench) error {
	d, err := b.database(ctx, "sqlite")
	if err != nil {
		return err
	}
	p, err := policy.Load()
	if err != nil {
		return err
	}
	s := tender.New(d, clock.System{}, p, calendar.Default())
	many, err := crowd(ctx, d, 10_000)
	if err != nil {
		return err
	}
	t := tender.Tender{ID: id.New(time.Now()), Buyer: many[0].Org, State: tender.Open, DraftedBy: many[0].Account}
	var all, one []float64
	for range 5 {
		one = append(one, decide(s, t, many[:1]))
		all = append(all, decide(s, t, many))
	}
	b.figure("policy_decision", median(all), "us")
	b.figure("policy_decision_1", median(one), "us")
	return nil
}

// decide is the mean time of a decision in microseconds; half of them are a no.
func decide(s *tender.Service, t tender.Tender, asking []party.Actor) float64 {
	const n = 200_000
	began := time.Now()
	for i := range n {
		s.Allowed(asking[i%len(asking)], t, []string{"view", "bid.submit", "correct", "approve"}[i&3])
	}
	return float64(time.Since(began).Nanoseconds()) / n / 1000
}

// crowd puts n organisations with one account each into the database.
func crowd(ctx context.Context, d *bun.DB, n int) ([]party.Actor, error) {
	roles := []struct {
		kind party.OrgKind
		role party.Role
	}{{party.Bureau, party.Officer}, {party.Social, party.Lead}, {party.Bureau, party.Approver}, {party.Foundation, party.Finance}, {party.Social, party.Staff}}
	var out []party.Actor
	err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
		out = out[:0]
		now := clock.System{}.Now()
		for i := range n {
			as := roles[i%len(roles)]
			a := party.Actor{Account: id.New(now), Name: "测试人员", Org: id.New(now), OrgName: fmt.Sprintf("测试单位%05d", i), OrgKind: as.kind, Role: as.role}
			if _, err := tx.ExecContext(ctx, "INSERT INTO account (id, login, name, password_hash, created_at) VALUES (?, ?, ?, '', ?)",
				a.Account, fmt.Sprintf("bench%05d", i), a.Name, now); err != nil {
				return err
			}
			if err := addOrganisation(ctx, tx, a.Org, a.OrgKind, a.OrgName, now); err != nil {
				return err
			}
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

func addOrganisation(ctx context.Context, d bun.IDB, org id.ID, kind party.OrgKind, name string, at time.Time) error {
	o := organisation.Organisation{ID: org, Kind: kind, Name: name, State: organisation.Approved, Region: "湖北省武汉市", CreatedAt: at}
	_, err := d.NewInsert().Model(&o).Exec(ctx)
	return db.Translate(err)
}
