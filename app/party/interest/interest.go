// Package interest finds ties (利害关系) between people and organisations, and
// between organisations, from what is on record: employers, accounts, posts and
// control within the years that a rule looks back. A panel of a purchase and the
// reviewers of a call are asked about in the same way.
package interest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

// Tie is one found between a person and an organisation, or between two
// organisations.
type Tie struct {
	Org   id.ID      `json:"organisation"`
	Name  string     `json:"name"` // of the organisation
	Why   string     `json:"why"`  // 曾任理事…, without the organisation's name
	Rule  rules.Rule `json:"rule"`
	Staff bool       `json:"staff,omitempty"` // acts for it here, now
}

// Same compares the names of organisations as people write them: spaces and
// the two kinds of brackets make no difference.
func Same(a, b string) bool { return a != "" && normal(a) == normal(b) }

var plain = strings.NewReplacer(" ", "", "\u3000", "", "(", "（", ")", "）", "【", "（", "】", "）", "［", "（", "］", "）")

func normal(s string) string { return strings.ToUpper(plain.Replace(strings.TrimSpace(s))) }

// person is somebody as ties are looked for: by name, with the last four
// characters of the identity document where both sides have them.
type person struct{ name, tail string }

func (p person) is(q person) bool {
	if p.name == "" || !Same(p.name, q.name) {
		return false
	}
	return p.tail == "" || q.tail == "" || p.tail == q.tail
}

// book is everything on record about some organisations.
type book struct {
	since    time.Time
	orgs     map[id.ID]organisation.Organisation
	people   map[id.ID][]organisation.Person
	controls map[id.ID][]organisation.Control
}

func within(until *time.Time, since time.Time) bool { return until == nil || until.After(since) }

func open(ctx context.Context, d bun.IDB, orgs []id.ID, since time.Time) (book, error) {
	b := book{since: since, orgs: map[id.ID]organisation.Organisation{}, people: map[id.ID][]organisation.Person{}, controls: map[id.ID][]organisation.Control{}}
	if len(orgs) == 0 {
		return b, nil
	}
	var rows []organisation.Organisation
	if err := d.NewSelect().Model(&rows).Where("id IN (?)", bun.List(orgs)).Scan(ctx); err != nil {
		return b, db.Translate(err)
	}
	people, controls, err := organisation.TiesOf(ctx, d, orgs...)
	if err != nil {
		return b, err
	}
	for _, o := range rows {
		b.orgs[o.ID] = o
	}
	for _, p := range people {
		if within(p.Until, since) {
			b.people[p.Organisation] = append(b.people[p.Organisation], p)
		}
	}
	for _, o := range rows {
		// The profile names its head without an identity document; where the same
		// head is on record with one, that tells namesakes apart.
		known := slices.ContainsFunc(b.people[o.ID], func(p organisation.Person) bool {
			return p.Post == organisation.HeadPost && Same(p.Name, o.LegalPerson)
		})
		if o.LegalPerson != "" && !known {
			b.people[o.ID] = append(b.people[o.ID], organisation.Person{Organisation: o.ID, Name: o.LegalPerson, Post: organisation.HeadPost})
		}
	}
	for _, c := range controls {
		if within(c.Until, since) {
			b.controls[c.Organisation] = append(b.controls[c.Organisation], c)
		}
	}
	return b, nil
}

// controls reports whether an organisation of a name controls o.
func (b book) controlled(o id.ID, name, code string) (organisation.Control, bool) {
	for _, c := range b.controls[o] {
		if Same(c.Controller, name) || code != "" && c.USCC == code {
			return c, true
		}
	}
	return organisation.Control{}, false
}

// OfPerson finds every tie between a person and organisations at a moment, one
// an organisation: they act for it here or did, work there or did, hold a post
// in it or did, or their employer controls it or is controlled by it. The rule
// says how many years are looked back.
func OfPerson(ctx context.Context, d bun.IDB, a account.Account, orgs []id.ID, rule rules.Rule, now time.Time) ([]Tie, error) {
	since := now.AddDate(-int(rule.Value), 0, 0)
	b, err := open(ctx, d, orgs, since)
	if err != nil {
		return nil, err
	}
	var seats []account.Membership
	if err := d.NewSelect().Model(&seats).Where("account = ?", a.ID).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	jobs, err := account.Employments(ctx, d, a.ID)
	if err != nil {
		return nil, err
	}
	jobs = append(jobs, account.Employment{Employer: a.Employer})
	own, err := employers(ctx, d, jobs, seats, since)
	if err != nil {
		return nil, err
	}
	var out []Tie
	for _, org := range orgs {
		o, ok := b.orgs[org]
		if !ok {
			continue
		}
		t := Tie{Org: org, Name: o.Name, Rule: rule}
		for _, m := range seats {
			if m.Organisation == org && within(m.EndedAt, since) {
				t.Staff = t.Staff || m.EndedAt == nil
				t.Why = worked(m.EndedAt, rule)
			}
		}
		if t.Staff {
			t.Why = worked(nil, rule)
		}
		for _, j := range jobs {
			if t.Why == "" && within(j.Until, since) && Same(j.Employer, o.Name) {
				t.Why = "工作单位"
				if j.Until != nil {
					t.Why = rule.Quantity() + "内的工作单位"
				}
			}
		}
		if t.Why == "" {
			t.Why = b.post(org, person{a.Name, a.IDTail}, now, rule)
		}
		if t.Why == "" {
			t.Why = b.through(o, own)
		}
		if t.Why != "" {
			out = append(out, t)
		}
	}
	return out, nil
}

func worked(ended *time.Time, rule rules.Rule) string {
	if ended == nil {
		return "工作人员"
	}
	return rule.Quantity() + "内曾是其工作人员"
}

// post words the post a person holds or held in an organisation.
func (b book) post(org id.ID, who person, now time.Time, rule rules.Rule) string {
	for _, p := range b.people[org] {
		if !who.is(person{p.Name, p.IDTail}) {
			continue
		}
		why := "担任" + p.Post.Name()
		if p.Until != nil && !p.Until.After(now) {
			why = rule.Quantity() + "内曾" + why
		}
		if who.tail == "" || p.IDTail == "" {
			why = "与其" + p.Post.Name() + "同名；如不是同一人，请登记审核人补录双方证件后四位"
		}
		return why
	}
	return ""
}

// employer is where a person works or worked.
type employer struct {
	name, code string
	book       book
	id         id.ID
}

// employers are the units a person works or worked for, as this register knows
// them.
func employers(ctx context.Context, d bun.IDB, jobs []account.Employment, seats []account.Membership, since time.Time) ([]employer, error) {
	var ids []id.ID
	for _, m := range seats {
		if within(m.EndedAt, since) {
			ids = append(ids, m.Organisation)
		}
	}
	var names []string
	for _, j := range jobs {
		if j.Employer != "" && within(j.Until, since) {
			names = append(names, j.Employer, normal(j.Employer))
		}
	}
	if len(names) > 0 {
		var known []id.ID
		if err := d.NewSelect().Model((*organisation.Organisation)(nil)).Column("id").Where("name IN (?)", bun.List(names)).Scan(ctx, &known); err != nil {
			return nil, db.Translate(err)
		}
		ids = append(ids, known...)
	}
	b, err := open(ctx, d, ids, since)
	if err != nil {
		return nil, err
	}
	var out []employer
	for _, o := range b.orgs {
		if o.Kind != party.Bureau { // a bureau registers and supervises; that is no control in the sense of 第9条
			out = append(out, employer{o.Name, o.Code(), b, o.ID})
		}
	}
	for _, n := range names {
		out = append(out, employer{name: n})
	}
	return out, nil
}

// through finds control between an employer of the person and the organisation.
func (b book) through(o organisation.Organisation, own []employer) string {
	for _, e := range own {
		if c, ok := b.controlled(o.ID, e.name, e.code); ok {
			return "工作单位“" + e.name + "”与其有控制关系（" + c.How + "）"
		}
		if e.id == "" {
			continue
		}
		if c, ok := e.book.controlled(e.id, o.Name, o.Code()); ok {
			return "工作单位“" + e.name + "”受其控制（" + c.How + "）"
		}
	}
	return ""
}
