package apptest

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Engage opens an engagement of 300,000 元 that ends in thirty days, as a wing
// does when it decides a contract.
func (e *Env) Engage(payer, provider *Person, title string) engagement.Engagement {
	e.T.Helper()
	return e.engage(engagement.Grant, payer, provider, title)
}

// EngageContract is Engage for a contract whose wing settles nothing
// beforehand: the plan says it all.
func (e *Env) EngageContract(payer, provider *Person, title string) engagement.Engagement {
	e.T.Helper()
	e.Plans.From(engagement.Contract, nil, nil)
	return e.engage(engagement.Contract, payer, provider, title)
}

func (e *Env) engage(kind engagement.Kind, payer, provider *Person, title string) engagement.Engagement {
	e.T.Helper()
	var out engagement.Engagement
	now := e.Time.Now()
	err := db.Tx(e.T.Context(), e.DB, func(ctx context.Context, tx bun.Tx) (err error) {
		out, err = e.Engagements.Open(ctx, tx, payer.Actor, engagement.Opening{Kind: kind, Ref: id.New(now), Number: "资助〔2026〕1号",
			Source: "/funds", Payer: payer.Actor.Org, PayerName: payer.Actor.OrgName, Provider: provider.Actor.Org,
			ProviderName: provider.Actor.OrgName, Title: title, Amount: 300_000 * money.Yuan, Start: now, End: now.AddDate(0, 0, 30)})
		return err
	})
	if err != nil {
		e.T.Fatal(err)
	}
	return out
}
