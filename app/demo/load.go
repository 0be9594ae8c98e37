// Package demo loads the demonstration: the real tenders and disclosures of
// data/, walked through the product's own services to a fitting state, with
// accounts for every role. What the sources lack is marked 演示数据.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gongji/app"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/party/account"
)

// Password signs in every demo account; a demonstration keeps nothing secret.
const Password = "gongji-demo-2026"

// Load fills an empty database with the demonstration and returns its
// accounts; one that is loaded already only gets its clock back. A database
// with anybody else's data is refused. Call Clear before the database is
// opened.
func Load(ctx context.Context, a *app.App, c app.Config) ([]Account, error) {
	m, err := readMark(c.Data)
	if err != nil {
		return nil, err
	}
	if m == nil {
		people, err := a.DB.NewSelect().Model((*account.Account)(nil)).Count(ctx)
		if err != nil {
			return nil, err
		}
		if people > 0 {
			return nil, errors.New("这个数据库里已有别的数据，演示只能载入空的数据库，请换一个 --data")
		}
		m = &mark{Database: database(c), Home: home(a.Demo.Base.Now(), a.Calendar)}
		if err := errors.Join(os.MkdirAll(c.Data, 0o700), m.write(c.Data)); err != nil {
			return nil, err
		}
		if err := fill(ctx, a, c.Data, m.Home); err != nil {
			return nil, fmt.Errorf("载入演示: %w", err)
		}
		m.Ready, m.Shift = true, m.Home
		if err := m.write(c.Data); err != nil {
			return nil, err
		}
	}
	a.Demo.Home = m.Home
	a.Demo.Shift(m.Shift)
	a.Demo.Keep = func(by time.Duration) error {
		now := *m
		now.Shift = by
		return now.write(c.Data)
	}
	return Accounts(c.Data)
}

// The demonstration reaches this far back and ahead of its own day, and its
// working days must be in a year whose table is loaded.
const (
	reachBack  = 175 * 24 * time.Hour
	reachAhead = 30 * 24 * time.Hour
)

// usual is the day the demonstration plays on where the machine's own day has
// no table of working days around it.
var usual = time.Date(2026, 11, 20, 10, 0, 0, 0, clock.Beijing)

// emergencies are known to the law from this day on, and one of the purchases
// is one.
var emergencies = time.Date(2026, 10, 1, 0, 0, 0, 0, clock.Beijing)

// home is how far the demo clock is from the machine's: nothing, unless the
// year's working days are not known or the law of its purchases is not in force.
func home(now time.Time, days *calendar.Calendar) time.Duration {
	_, back := days.IsWorkday(now.Add(-reachBack))
	_, ahead := days.IsWorkday(now.Add(reachAhead))
	if back == nil && ahead == nil && now.Add(-30*24*time.Hour).After(emergencies) {
		return 0
	}
	return usual.Sub(now).Truncate(time.Second)
}

// fill plays the script and writes the accounts down.
func fill(ctx context.Context, a *app.App, data string, home time.Duration) error {
	s, err := newScript(a, home)
	if err != nil {
		return err
	}
	if err := s.people(ctx); err != nil {
		return err
	}
	if err := s.purchases(); err != nil {
		return err
	}
	if err := s.giving(); err != nil {
		return err
	}
	s.calls()
	s.statement()
	s.listings()
	if err := s.play(ctx); err != nil {
		return err
	}
	accounts, err := s.tokens(ctx)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(accounts, "", "  ")
	if err != nil {
		return err
	}
	return replace(filepath.Join(data, accountsFile), b)
}
