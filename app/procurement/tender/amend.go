package tender

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Amendable are the fields that may change after publication. What is bought,
// from whom, the money and the method may not (财政部令第87号 27).
var Amendable = []string{"what", "for_whom", "requirements", "contract_terms", "bid_format", "term_note", "package_limits",
	"documents_until", "deadline", "opening_place", "contact"}

// Amend changes a published tender's own words by a patch; the caller holds
// its row and writes it with Rewrite. A complaint names the field.
func (t *Tender) Amend(p Patch, now time.Time) error {
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	var c fault.Check
	limits := set.Must(rules.AmendmentLimits)
	if limits.ID == "" {
		limits = rules.At(now).Must(rules.AmendmentLimits)
	}
	for name := range p.Values {
		if !slices.Contains(Amendable, name) {
			c.FailUnder(limits.Source(), name, "更正不能改变采购标的、资格条件、预算和采购方式；确需改变的，请取消后重新采购")
		}
	}
	if p.Packages != nil {
		c.FailUnder(limits.Source(), "packages", "更正不能改变分包；确需改变的，请取消后重新采购")
	}
	if err := c.Err(); err != nil {
		return err
	}
	form := Form{Values: map[string]string{}, Criteria: t.Form.Criteria, Packages: t.Form.Packages}
	for k, v := range t.Form.Values {
		form.Values[k] = v
	}
	if err := form.apply(p); err != nil {
		return err
	}
	var all fault.Check
	x := form.facts(&all)
	x.Method, x.Scoring, x.FixedPrice = t.Method, t.Scoring, t.FixedPrice
	if p.Criteria != nil {
		checkCriteria(&all, &x, set)
	}
	c.Must(x.What != "" && x.ForWhom != "", "what", "采购需求不能为空")
	c.Must(x.ContractTerms != "", "contract_terms", "合同主要条款不能为空")
	c.Must(!mobile.MatchString(x.Contact) && x.Contact != "", "contact", "请填写联系部门和办公电话，不要填写个人手机号")
	c.Must(x.OpeningPlace != "", "opening_place", "请填写开标地点")
	amendDates(&c, t, x, p, now)
	complaints, err := fault.Complaints(all.Err())
	if err != nil {
		return err
	}
	for _, f := range complaints {
		_, typed := p.Values[f.Name]
		if typed || p.Criteria != nil && strings.HasPrefix(f.Name, "criteria") {
			c.Fail(f.Name, "%s", f.Message)
		}
	}
	if err := c.Err(); err != nil {
		return err
	}
	t.take(form, x)
	return nil
}

func amendDates(c *fault.Check, t *Tender, x Facts, p Patch, now time.Time) {
	if _, typed := p.Values["deadline"]; typed && x.Deadline != nil && t.Deadline != nil {
		c.Must(!x.Deadline.Before(*t.Deadline), "deadline", "截止时间只能顺延，不能提前")
		c.Must(x.Deadline.After(now), "deadline", "截止时间已经过去，请改为将来的时间")
	}
	if _, typed := p.Values["documents_until"]; typed && x.DocumentsUntil != nil && t.DocumentsUntil != nil {
		c.Must(!x.DocumentsUntil.Before(*t.DocumentsUntil), "documents_until", "采购文件提供期限只能延长，不能缩短")
		c.Must(x.Deadline == nil || !x.DocumentsUntil.After(*x.Deadline), "documents_until", "采购文件提供的截止不能晚于提交截止时间")
	}
}

// take puts the amended facts on the row; a package keeps what is its own.
func (t *Tender) take(form Form, x Facts) {
	what := x.What
	if t.Project != nil && t.Package >= 1 && t.Package <= len(t.Packages) {
		what = packageWhat(t.Package, t.Packages[t.Package-1], x.What)
	}
	t.Form = form
	t.What, t.ForWhom, t.Requirements, t.ContractTerms, t.BidFormat = what, x.ForWhom, x.Requirements, x.ContractTerms, x.BidFormat
	t.TermNote, t.PackageLimits, t.Criteria = x.TermNote, x.PackageLimits, x.Criteria
	t.OpeningPlace, t.Contact = x.OpeningPlace, x.Contact
	if x.DocumentsUntil != nil {
		t.DocumentsUntil = x.DocumentsUntil
	}
	if x.Deadline != nil {
		t.Deadline = x.Deadline
	}
}

// Rewrite writes a tender that was read ForUpdate and amended in this
// transaction, and tells the search. The caller authorises and records.
func (s *Service) Rewrite(ctx context.Context, tx bun.Tx, t *Tender) error {
	t.UpdatedAt = s.clock.Now()
	if err := save(ctx, tx, t); err != nil {
		return err
	}
	return search.Put(ctx, tx, t.entry())
}

// Postponed is the earliest lawful deadline for an amendment published now
// that affects bids: the old one, or if too little time is left, a later one.
// The rule is empty where the method has none.
func Postponed(t Tender, set rules.Set, now time.Time, cal *calendar.Calendar) (time.Time, rules.Rule, error) {
	rule := set.Of(t.Method, "clarification_before_deadline")
	if t.Deadline == nil || rule.ID == "" {
		return now, rules.Rule{}, nil
	}
	least := calendar.Earliest(now, int(rule.Value))
	if rule.Unit == rules.Workdays {
		var err error
		if least, err = cal.AddWorkdays(now, int(rule.Value)); err != nil {
			return least, rule, err
		}
	}
	if !t.Deadline.Before(least) {
		return *t.Deadline, rule, nil
	}
	day, err := cal.NextWorkday(least)
	if err != nil {
		return least, rule, err
	}
	// The hour of the old deadline is kept: an opening happens in office hours.
	return day.Add(t.Deadline.Sub(calendar.Date(*t.Deadline))), rule, nil
}

// Asked is the last moment a question can still lead to a lawful
// clarification; it is exclusive. Without a rule, the deadline.
func Asked(t Tender, set rules.Set, cal *calendar.Calendar) (*time.Time, rules.Rule) {
	rule := set.Of(t.Method, "clarification_before_deadline")
	if t.Deadline == nil || rule.ID == "" || rule.Unit != rules.Days {
		return t.Deadline, rules.Rule{}
	}
	m, err := set.Clock(rule.ID, *t.Deadline, cal)
	if err != nil || m.At == nil {
		return t.Deadline, rules.Rule{}
	}
	return m.At, rule
}

// Difference is one field that two versions of a tender say differently.
type Difference struct{ Field, Old, New string }

// Differences compares what an amendment may change, in words.
func Differences(before, after Tender) []Difference {
	var out []Difference
	a, b := before.words(), after.words()
	for _, name := range append(slices.Clone(Amendable), "criteria") {
		if a[name] != b[name] {
			out = append(out, Difference{name, a[name], b[name]})
		}
	}
	return out
}

func (t Tender) words() map[string]string {
	moment := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return calendar.Until(*at)
	}
	lines := func(list []string) string {
		var out []string
		for _, l := range list {
			out = append(out, "★ "+l)
		}
		return strings.Join(out, "\n")
	}
	var criteria []string
	for i, k := range t.Criteria {
		s := strconv.Itoa(i+1) + ". " + k.Name + "（" + Points(k.Weight) + " 分）"
		if k.Description != "" {
			s += "：" + k.Description
		}
		if len(k.Bands) > 0 {
			s += "\n" + k.Levels()
		}
		criteria = append(criteria, s)
	}
	return map[string]string{"what": t.What, "for_whom": t.ForWhom, "requirements": lines(t.Requirements), "contract_terms": t.ContractTerms,
		"bid_format": t.BidFormat, "term_note": t.TermNote, "package_limits": t.PackageLimits, "documents_until": moment(t.DocumentsUntil),
		"deadline": moment(t.Deadline), "opening_place": t.OpeningPlace, "contact": t.Contact, "criteria": strings.Join(criteria, "\n")}
}
