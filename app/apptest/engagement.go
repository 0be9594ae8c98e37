package apptest

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/engagement"
	"gongji/app/kernel/clock"
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
	e.Acceptances.From(engagement.Contract, nil, nil)
	e.Engagements.Watch(engagement.Contract, nil)
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

// Accept takes an engagement with an agreed plan through the acceptance of the
// whole of it: everything that was shown is confirmed.
func (e *Env) Accept(g engagement.Engagement, officer, approver, lead *Person) acceptance.Case {
	e.T.Helper()
	ctx := e.T.Context()
	x, err := e.Acceptances.Ask(ctx, lead.Actor, g.ID, acceptance.Input{Report: "全部完成"})
	if err != nil {
		e.T.Fatal(err)
	}
	f := acceptance.Form{On: e.Time.Now().In(clock.Beijing).Format(time.DateOnly), Place: "社区活动室，现场查看", Result: "passed", Summary: "达到合同要求。",
		Members: []acceptance.MemberForm{{Name: "周正", Role: "payer", Unit: officer.Actor.OrgName, Opinion: "agree"},
			{Name: "李桂芳", Role: "resident", Unit: "和美社区", Opinion: "agree", Words: "来得准时，说话也和气。"}}}
	for _, l := range x.Lines {
		k := acceptance.CheckForm{Met: "yes", Note: "按实际数量结算"}
		if l.Counted() {
			k.Confirmed = strconv.FormatInt(l.Shown, 10)
		}
		f.Checks = append(f.Checks, k)
	}
	if _, err = e.Acceptances.Save(ctx, officer.Actor, x.ID, 0, f); err == nil {
		e.Sign(officer, x.ID)
		_, err = e.Acceptances.Submit(ctx, officer.Actor, x.ID)
	}
	if err == nil {
		x, err = e.Acceptances.Publish(ctx, approver.Actor, x.ID)
	}
	if err != nil {
		e.T.Fatal(err)
	}
	return x
}

// Sign attaches the page that the group of an acceptance signed.
func (e *Env) Sign(officer *Person, x id.ID) {
	e.T.Helper()
	pdf := strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
	if _, err := e.Attachments.Add(e.T.Context(), officer.Actor, acceptance.Object, x, "signed", "签名页.pdf", pdf); err != nil {
		e.T.Fatal(err)
	}
}
