package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gongji/app"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
)

// step is something that somebody did at a moment.
type step struct {
	at   time.Time
	what string
	do   func(ctx context.Context) error
}

// script is everything that happened before the demonstration's day. Its
// steps are played in the order of their moments, whatever order they are
// written in: numbers, ledgers and the trail then run as they do in life.
type script struct {
	*app.App
	today  time.Time // 00:00 in Beijing
	home   time.Duration
	hashed string // Password, hashed once
	steps  []step

	orgs   map[string]id.ID       // by name
	actors map[string]party.Actor // by login and organisation
	lines  []seat                 // in the order they are printed
}

// seat is a line of the printed accounts.
type seat struct {
	kind, org, role, login string
	account                id.ID
}

func newScript(a *app.App, home time.Duration) (*script, error) {
	hashed, err := account.Hash(Password)
	return &script{App: a, home: home, hashed: hashed, today: calendar.Date(a.Demo.Base.Now().Add(home)),
		orgs: map[string]id.ID{}, actors: map[string]party.Actor{}}, err
}

// on is a moment: days from today, at an hour of Beijing.
func (s *script) on(days, hour, minute int) time.Time {
	return s.today.AddDate(0, 0, days).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// at adds a step.
func (s *script) at(when time.Time, what string, do func(ctx context.Context) error) {
	s.steps = append(s.steps, step{when, what, do})
}

// play takes the clock from step to step and then home. Steps of one moment
// keep their order and get a second each.
func (s *script) play(ctx context.Context) error {
	slices.SortStableFunc(s.steps, func(a, b step) int { return a.at.Compare(b.at) })
	var last time.Time
	for _, x := range s.steps {
		when := x.at
		if !when.After(last) {
			when = last.Add(time.Second)
		}
		last = when
		s.Demo.Shift(when.Sub(s.Demo.Base.Now()))
		if err := x.do(ctx); err != nil {
			return fmt.Errorf("%s %s: %w", when.In(clock.Beijing).Format(time.DateTime), x.what, err)
		}
	}
	s.Demo.Shift(s.home)
	return nil
}

// as is who acts for an organisation under a login; org "" for a person.
func (s *script) as(login, org string) party.Actor { return s.actors[login+"@"+org] }

// tokens gives every seat its token, on the demonstration's day.
func (s *script) tokens(ctx context.Context) ([]Account, error) {
	var out []Account
	for _, x := range s.lines {
		seats, err := s.Accounts.Seats(ctx, x.account)
		if err != nil {
			return nil, err
		}
		var membership *id.ID
		for _, m := range seats {
			if m.OrgName == x.org {
				membership = &m.Membership
			}
		}
		token, err := s.Accounts.IssueToken(ctx, x.account, membership, "演示")
		if err != nil {
			return nil, err
		}
		out = append(out, Account{Kind: x.kind, Organisation: x.org, Role: x.role, Login: x.login, Password: Password, Token: token})
	}
	return out, nil
}
