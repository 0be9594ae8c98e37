package performance

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/interest"
	"gongji/storage/db"
)

// recusal is the rule that says how far back ties are looked for: the one
// frozen when the evaluation began, or the one in force.
func recusal(law rules.Set, now time.Time) rules.Rule {
	if r, ok := law.Get(rules.EvaluationRecusal); ok {
		return r
	}
	return rules.At(now).Must(rules.EvaluationRecusal)
}

// independent refuses an evaluator that is tied to who is evaluated: the same
// person in charge, control of one by the other, or somebody who acts for the
// evaluator here and is tied to the provider themselves.
func independent(ctx context.Context, d bun.IDB, evaluator, provider id.ID, now time.Time) error {
	var c fault.Check
	found, err := interest.Affiliated(ctx, d, []id.ID{evaluator, provider}, now)
	if err != nil {
		return err
	}
	for _, x := range found {
		c.Fail("evaluator", "这家机构与被评价单位有利害关系（%s），不能担任评价机构，请另选", x.Why)
	}
	var staff []account.Membership
	if err := d.NewSelect().Model(&staff).Where("organisation = ? AND ended_at IS NULL", evaluator).Scan(ctx); err != nil {
		return db.Translate(err)
	}
	for _, m := range staff {
		why, err := tied(ctx, d, m.Account, provider, recusal(rules.Set{}, now), now)
		if err != nil {
			return err
		}
		c.Must(why == "", "evaluator", "这家机构有人员与被评价单位有利害关系（%s），不能担任评价机构，请另选", why)
	}
	return c.Err()
}

// tied is why somebody may not judge an organisation, "" when nothing is on
// record: they act for it or did, work there, hold a post in it or did, within
// the years that the rule looks back.
func tied(ctx context.Context, d bun.IDB, who, provider id.ID, rule rules.Rule, now time.Time) (string, error) {
	var a account.Account
	if err := db.Found(d.NewSelect().Model(&a).Where("id = ?", who).Scan(ctx), "账号"); err != nil {
		return "", err
	}
	found, err := interest.OfPerson(ctx, d, a, []id.ID{provider}, rule, now)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].Why, nil
}

// judged are the actions that judge; whoever is tied to the provider takes no
// part in them, on either side of the desk.
var judged = []string{"check", "score", "submit", "return", "approve", "answer", "close"}

// unbiased refuses a person who is tied to who is evaluated.
func (s *Service) unbiased(ctx context.Context, d bun.IDB, who party.Actor, x Case) error {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return err
	}
	now := s.clock.Now()
	rule := recusal(law, now)
	why, err := tied(ctx, d, who.Account, x.Provider, rule, now)
	if err == nil && why == "" && x.Of.Evaluator != nil && who.Org == *x.Of.Evaluator {
		// What was declared after the appointment counts from then on.
		var found []interest.Affiliation
		if found, err = interest.Affiliated(ctx, d, []id.ID{who.Org, x.Provider}, now); len(found) > 0 {
			why = found[0].Why
		}
	}
	if err != nil || why == "" {
		return err
	}
	return fault.New(fault.Forbidden, "您与被评价单位有利害关系（%s），应当回避，请由其他人办理", why).Under(rule.Source())
}
