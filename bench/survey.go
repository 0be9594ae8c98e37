package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"github.com/valyala/fasthttp"

	"gongji/app"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/survey"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

var surveyTargets = []target{{"survey_burst", ">=", 0.5}}

const surveyRound = 3 * time.Second

// surveyBurst measures survey_burst: residents' answers a second, each with a
// code of its own, sent as the form of the page to one `gongji serve` on
// PostgreSQL over eight kept connections and from as many addresses as there
// are answers, divided by the transactions a second of pgbench's built-in TPC-B
// (eight clients, a scale of eight) on the same server. Rounds alternate, each
// on a survey of its own; the median of the rounds' ratios counts. Afterwards
// every answer that was thanked for must be in the figure.
func surveyBurst(ctx context.Context, b *bench) error {
	env, err := b.production(ctx)
	if err != nil {
		return err
	}
	env = append(env, "GONGJI_PROXY_HEADER=X-Forwarded-For")
	dsn, err := b.postgres(ctx)
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "pgbench", "-i", "-q", "-s", "8", dsn).CombinedOutput(); err != nil {
		return fmt.Errorf("pgbench -i: %w: %s", err, out)
	}
	data := filepath.Join(b.dir, "survey")
	var polls []poll
	if err := inside(ctx, data, env, clock.System{}, func(a *app.App) (err error) {
		polls, err = openPolls(ctx, a, 3)
		return err
	}); err != nil {
		return err
	}
	p, err := b.serve(ctx, data, env)
	if err != nil {
		return err
	}
	var ratio, own []float64
	for i := range polls {
		base, err := pgbench(ctx, dsn, "-b", "tpcb-like", "-c", "8", "-j", "2", "-T", fmt.Sprint(surveyRound.Seconds()))
		if err != nil {
			return errors.Join(err, p.stop())
		}
		got, err := polls[i].burst(p.url, i)
		if err != nil {
			return errors.Join(err, p.stop())
		}
		b.say("pgbench TPC-B %.0f tps, answers %.0f/s, load %s", base, got, load())
		ratio, own = append(ratio, got/base), append(own, got)
	}
	if err := p.stop(); err != nil {
		return err
	}
	if err := inside(ctx, data, env, clock.System{}, func(a *app.App) error {
		for _, x := range polls {
			r, err := a.Residents.Result(ctx, party.Actor{}, x.survey)
			if err != nil || int64(r.Figure.Answered) != x.taken {
				return fmt.Errorf("%d answers were thanked for, %d are kept: %w", x.taken, r.Figure.Answered, err)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	b.figure("survey_burst", median(ratio), "ratio")
	b.figure("survey_answers", median(own), "answers/s")
	return nil
}

// poll is a survey with its codes.
type poll struct {
	survey id.ID
	codes  []string
	taken  int64
}

// openPolls makes surveys of twenty thousand invitations each, past HTTP.
func openPolls(ctx context.Context, a *app.App, n int) ([]poll, error) {
	now := time.Now().UTC()
	org := func(kind party.OrgKind, name string) (party.Actor, error) {
		o := organisation.Organisation{ID: id.New(now), Kind: kind, Name: name, State: organisation.Approved, CreatedAt: now}
		if _, err := a.DB.NewInsert().Model(&o).Exec(ctx); err != nil {
			return party.Actor{}, err
		}
		who := party.Actor{Account: id.New(now), Org: o.ID, OrgName: name, OrgKind: kind, Role: party.Officer}
		_, err := a.DB.ExecContext(ctx, "INSERT INTO account (id, login, name, password_hash, created_at) VALUES (?, ?, ?, '', ?)", who.Account, "u"+string(who.Account), name, now)
		return who, err
	}
	payer, err := org(party.Bureau, "民政局")
	if err != nil {
		return nil, err
	}
	provider, err := org(party.Social, "社工中心")
	if err != nil {
		return nil, err
	}
	var out []poll
	for i := range n {
		var e engagement.Engagement
		if err := db.Tx(ctx, a.DB, func(ctx context.Context, tx bun.Tx) (err error) {
			e, err = a.Engagements.Open(ctx, tx, payer, engagement.Opening{Kind: engagement.Contract, Ref: id.New(now), Number: fmt.Sprint(i), Source: "/tenders", Payer: payer.Org, PayerName: payer.OrgName,
				Provider: provider.Org, ProviderName: provider.OrgName, Title: "居家养老", Amount: 300_000 * money.Yuan, Start: now.AddDate(0, 0, -1), End: now.AddDate(0, 2, 0)})
			return err
		}); err != nil {
			return nil, err
		}
		v, err := a.Residents.Save(ctx, payer, e.ID, 0, survey.Form{Title: "满意度", Questions: survey.Templates()[0].Questions, OpensOn: now.AddDate(0, 0, -1).Format(time.DateOnly), ClosesOn: now.AddDate(0, 1, 0).Format(time.DateOnly)})
		if err == nil {
			v, err = a.Residents.Publish(ctx, payer, v.ID)
		}
		x := poll{survey: v.ID}
		for range 10 {
			if err != nil {
				return nil, err
			}
			var codes []string
			_, codes, err = a.Residents.Invite(ctx, payer, v.ID, survey.Rules().MostBatch, "")
			x.codes = append(x.codes, codes...)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// burst answers for a round, each code once.
func (x *poll) burst(base string, round int) (float64, error) {
	u, err := url.Parse(base)
	if err != nil {
		return 0, err
	}
	client := &fasthttp.HostClient{Addr: u.Host, MaxConns: connections, NoDefaultUserAgentHeader: true, ReadTimeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	failed := make([]error, connections)
	var wg sync.WaitGroup
	began := time.Now()
	for c := range connections {
		wg.Go(func() {
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			defer fasthttp.ReleaseRequest(req)
			defer fasthttp.ReleaseResponse(res)
			for time.Since(began) < surveyRound {
				i := next.Add(1) - 1
				if i >= int64(len(x.codes)) {
					failed[c] = errors.New("the codes did not last for a round")
					return
				}
				form := url.Values{"a.satisfaction": {fmt.Sprint(i%5 + 1)}, "a.received": {"yes"}, "a.often": {"1"}, "a.attitude": {"4"}}
				if i%10 == 0 {
					form.Set("a.words", "希望周末也能来，"+strings.Repeat("好", 20))
				}
				req.SetRequestURI(base + "/s/" + x.codes[i])
				req.Header.SetMethod("POST")
				req.Header.SetContentType("application/x-www-form-urlencoded")
				req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", round, i/250, i%250))
				req.SetBodyString(form.Encode())
				if err := client.Do(req, res); err != nil {
					failed[c] = err
					return
				}
				if res.StatusCode() != fasthttp.StatusSeeOther {
					failed[c] = fmt.Errorf("status %d: %s", res.StatusCode(), res.Body())
					return
				}
				atomic.AddInt64(&x.taken, 1)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	return float64(x.taken) / took.Seconds(), errors.Join(failed...)
}
