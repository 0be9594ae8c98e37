package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"

	"gongji/app"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/identity"
	"gongji/app/party/organisation"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender/tendertest"
	"gongji/app/procurement/tenderkey"
	"gongji/app/procurement/tenderkey/holder"
)

var ingestTargets = []target{
	{"bid_ingest_vs_put", ">=", 0.6},
	{"bid_ingest_memory", "<=", 64},
}

const (
	ingestBidders = 50
	ingestAtOnce  = 4
	ingestFile    = 95 << 20 // attachments of a bid; 100 MB once sealed
)

// bidIngest measures how sealed bids arrive at a server on PostgreSQL and
// MinIO, each 100 MB, by plain HTTP on loopback as a browser sends them:
//
//   - bid_ingest_vs_put (ratio): MB/s of sealed bids through the product, from
//     the first byte to the receipt, ÷ MB/s of minio-go putting the same bytes
//     into the same MinIO, both four at once, alternating; the median of five
//     rounds. At least 0.6.
//   - bid_ingest (MB/s): the product's side. For information.
//   - bid_ingest_vs_put_single (ratio): the same with one upload at a time.
//   - bid_ingest_memory (MB): how much the resident memory grows at most while
//     50 bidders send 100 MB each, all at once. At most 64: bids stream through.
func bidIngest(ctx context.Context, b *bench) error {
	env, err := b.production(ctx)
	if err != nil {
		return err
	}
	data := filepath.Join(b.dir, "ingest")
	var s *sale
	err = inside(ctx, data, env, clock.NewManual(tendertest.Start), func(a *app.App) error {
		s, err = openSale(ctx, a, ingestBidders, filepath.Join(b.dir, "bid.sealed"))
		return err
	})
	if err != nil {
		return err
	}
	p, err := b.serve(ctx, data, env)
	if err != nil {
		return err
	}
	s.url = p.url
	err = b.ingest(ctx, s, p)
	return errors.Join(err, p.stop())
}

func (b *bench) ingest(ctx context.Context, s *sale, p *product) error {
	c, err := b.objects()
	if err != nil {
		return err
	}
	bucket := "bench-put-" + strings.ToLower(string(id.New(time.Now())))
	if err := c.MakeBucket(ctx, bucket, minio.MakeBucketOptions{}); err != nil {
		return err
	}
	b.later(func() { empty(c, bucket) })
	put := func(ctx context.Context, n int) error {
		f, err := s.open()
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		_, err = c.PutObject(ctx, bucket, fmt.Sprint(n), f, s.size, minio.PutObjectOptions{})
		return err
	}
	for _, at := range []struct {
		once  int
		under string
	}{{ingestAtOnce, "bid_ingest_vs_put"}, {1, "bid_ingest_vs_put_single"}} {
		var rate, ratio []float64
		for round := range 6 { // the first warms up
			ours, err := s.rate(ctx, at.once, s.send)
			if err != nil {
				return err
			}
			plain, err := s.rate(ctx, at.once, put)
			if err != nil {
				return err
			}
			b.say("round %d, %d at once: bids %.0f MB/s, put %.0f MB/s, load %s", round, at.once, ours, plain, load())
			if round > 0 {
				rate, ratio = append(rate, ours), append(ratio, ours/plain)
			}
		}
		b.figure(at.under, median(ratio), "ratio")
		if at.once > 1 {
			b.figure("bid_ingest", median(rate), "MB/s")
		}
	}
	grew, err := p.growth(func() error { _, err := s.rate(ctx, len(s.bids), s.send); return err })
	if err == nil {
		b.figure("bid_ingest_memory", grew, "MB")
	}
	return err
}

// sale is an open tender whose bidders are about to send.
type sale struct {
	url  string
	file string // a sealed bid
	size int64
	bids []desk
	sent atomic.Uint64
}

// desk is a bidder's session and bid.
type desk struct {
	bid          id.ID
	cookie, csrf string
}

// rate sends once from n places at the same time and gives MB/s over all.
func (s *sale) rate(ctx context.Context, n int, send func(context.Context, int) error) (float64, error) {
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for i := range n {
		g.Go(func() error { return send(ctx, i) })
	}
	err := g.Wait()
	return float64(s.size) * float64(n) / 1e6 / time.Since(began).Seconds(), err
}

// open gives the sealed bid with a tail of its own, so that no two are the
// same file: only at the opening would anybody notice.
func (s *sale) open() (io.ReadCloser, error) {
	f, err := os.Open(s.file)
	if err != nil {
		return nil, err
	}
	tail := binary.BigEndian.AppendUint64(nil, s.sent.Add(1))
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(f, s.size-8), strings.NewReader(string(tail))), f}, nil
}

// send submits as the page's script does.
func (s *sale) send(ctx context.Context, i int) error {
	f, err := s.open()
	if err != nil {
		return err
	}
	d := s.bids[i]
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/bids/"+string(d.bid)+"/sealed", f)
	if err != nil {
		return err
	}
	req.ContentLength = s.size
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("X-CSRF-Token", d.csrf)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.AddCookie(&http.Cookie{Name: "gongji_session", Value: d.cookie})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	if err == nil && (res.StatusCode != http.StatusCreated || !strings.Contains(string(answer), `"receipt"`)) {
		err = fmt.Errorf("bid: status %d: %s", res.StatusCode, answer)
	}
	return err
}

const ingestPassphrase = "correct horse battery staple"

// openSale publishes a tender whose key three people hold, and gives each of n
// bidders a session and a bid; past HTTP, in June 2026, whose working days are
// known. Its deadline is moved afterwards, for the server runs today.
func openSale(ctx context.Context, a *app.App, n int, file string) (*sale, error) {
	officer, _, err := settle(ctx, a, party.Bureau, "青山区民政局", party.Officer, "bench-officer")
	if err != nil {
		return nil, err
	}
	x, err := a.Tenders.Create(ctx, officer, tendertest.Complete())
	if err != nil {
		return nil, err
	}
	if err := locked(ctx, a, officer, x.ID); err != nil {
		return nil, err
	}
	approver, err := join(ctx, a, officer, party.Approver, "bench-approver")
	if err != nil {
		return nil, err
	}
	if _, err := a.Tenders.Submit(ctx, officer, x.ID); err != nil {
		return nil, err
	}
	if _, err := a.Tenders.Publish(ctx, approver, x.ID); err != nil {
		return nil, err
	}
	s := &sale{file: file}
	for i := range n {
		who, cookie, err := settle(ctx, a, party.Social, fmt.Sprintf("投标单位%02d", i), party.Lead, fmt.Sprintf("bench-bidder%02d", i))
		if err != nil {
			return nil, err
		}
		bid, err := a.Bids.Begin(ctx, who, x.ID)
		if err != nil {
			return nil, err
		}
		s.bids = append(s.bids, desk{bid.ID, cookie, who.CSRF})
		if i == 0 {
			if err := s.seal(ctx, a, who, x.ID); err != nil {
				return nil, err
			}
		}
	}
	now := time.Now()
	if _, err := a.DB.ExecContext(ctx, "UPDATE tender SET deadline = ? WHERE id = ?", now.AddDate(0, 0, 1), x.ID); err != nil {
		return nil, err
	}
	_, err = a.DB.ExecContext(ctx, "UPDATE session SET expires_at = ?, seen_at = ?", now.AddDate(0, 0, 1), now)
	return s, err
}

// settle makes an organisation with one person, signed in.
func settle(ctx context.Context, a *app.App, kind party.OrgKind, name string, role party.Role, login string) (party.Actor, string, error) {
	_, _, err := a.Organisations.Establish(ctx, organisation.System, organisation.Founding{Kind: kind,
		Profile: organisation.Profile{Name: name, Region: "湖北省武汉市"}, Person: newcomer(login), Role: role})
	if err != nil {
		return party.Actor{}, "", err
	}
	cookie, who, err := a.Accounts.SignIn(ctx, login, ingestPassphrase, account.From{UserAgent: "bench"})
	return who, cookie, err
}

// join adds a colleague, signed in.
func join(ctx context.Context, a *app.App, of party.Actor, role party.Role, login string) (party.Actor, error) {
	if err := a.Organisations.AddMember(ctx, organisation.System, of.Org, newcomer(login), role); err != nil {
		return party.Actor{}, err
	}
	_, who, err := a.Accounts.SignIn(ctx, login, ingestPassphrase, account.From{UserAgent: "bench"})
	return who, err
}

// locked gives a tender its key: personal keys, the ceremony, the rehearsals.
func locked(ctx context.Context, a *app.App, officer party.Actor, x id.ID) error {
	supervisor, err := join(ctx, a, officer, party.Supervisor, "bench-supervisor")
	if err != nil {
		return err
	}
	agency, _, err := settle(ctx, a, party.Enterprise, "招标代理公司", party.Lead, "bench-agency")
	if err != nil {
		return err
	}
	in := tenderkey.Default()
	people := []party.Actor{officer, supervisor, agency}
	for i, login := range []string{"bench-officer", "bench-supervisor", "bench-agency"} {
		in.Holders[i].Login = login
		recipient, file, err := identity.New(ingestPassphrase, identity.WorkFactor)
		if err != nil {
			return err
		}
		if _, err := a.Keys.Put(ctx, people[i], recipient, file); err != nil {
			return err
		}
	}
	if _, err := a.TenderKeys.Name(ctx, officer, x, in); err != nil {
		return err
	}
	if _, err := a.TenderKeys.Generate(ctx, officer, x); err != nil {
		return err
	}
	for _, who := range people {
		if err := (holder.Person{Actor: who, Passphrase: ingestPassphrase}).Rehearse(ctx, a.TenderKeys, x); err != nil {
			return err
		}
	}
	return nil
}

// seal writes the one sealed bid that everybody sends.
func (s *sale) seal(ctx context.Context, a *app.App, who party.Actor, x id.ID) error {
	form, err := a.Bids.Form(ctx, who, x)
	if err != nil {
		return err
	}
	m := seal.Manifest{Supplier: who.Org, Price: 700_000 * money.Yuan, Delivery: "合同签订后 10 日内进场"}
	for _, q := range form.Questions {
		m.Answers = append(m.Answers, seal.Answer{Criterion: q.Key, Text: "见附件"})
	}
	body := filepath.Join(filepath.Dir(s.file), "attachment")
	f, err := os.Create(body)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(f, rand.Reader, ingestFile); err != nil {
		return errors.Join(err, f.Close())
	}
	out, err := os.Create(s.file)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	_, err = seal.Pack(out, form, m, []seal.Source{{Name: "方案.pdf", Open: func() (io.ReadCloser, error) { return os.Open(body) }}}, nil)
	if err == nil {
		s.size, err = out.Seek(0, io.SeekCurrent)
	}
	return errors.Join(err, out.Close())
}

func newcomer(login string) account.NewAccount {
	return account.NewAccount{Login: login, Password: ingestPassphrase, Name: "测试人员"}
}
