// Package bidtest lays what a test about bids and what follows needs on a real
// database and a real object store: a published tender, suppliers, a panel.
package bidtest

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/delivery/engagement"
	"gongji/app/document"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/objection"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/app/staging"
	"gongji/app/trust/access"
	"gongji/app/trust/signature"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// House is a bureau, its tenders and everything that happens to them.
type House struct {
	*tendertest.House
	Supervisor  party.Actor
	Dir         string // of the object store
	Store       *Store
	Staged      *staging.Service
	Files       *attachment.Service
	Archive     *archive.Service
	Bids        *bid.Service
	Objections  *objection.Service
	Frameworks  *framework.Service
	Openings    *opening.Service
	Evaluations *evaluation.Service
	Offers      *offer.Service
	Awards      *award.Service
	Contracts   *contract.Service
	Engagements *engagement.Service
	Challenges  *challenge.Service
	experts     int
	panels      map[id.ID][]party.Actor // by tender
}

const site = "https://gongji.example.cn"

// Reopen makes the opening's service anew, as another process would have it:
// with nothing in memory.
func (h *House) Reopen(t testing.TB) {
	t.Helper()
	h.Openings = opening.New(h.DB, h.Clock, h.Policy, opening.Rooms{Tenders: h.Tenders, Files: h.Files, Archive: h.Archive, Store: h.Store,
		Log: slog.New(slog.DiscardHandler)}, site)
	t.Cleanup(h.Openings.Shutdown)
}

// New lays a house.
func New(t testing.TB, d *bun.DB) *House {
	t.Helper()
	h := &House{House: tendertest.New(t, d)}
	h.Supervisor = h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Supervisor)
	h.Dir = filepath.Join(t.TempDir(), "objects")
	dir, err := object.OpenDir(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	h.Store = &Store{Store: dir}
	st := h.Store
	reg, q, log := access.Registry{}, queue.New(d, queue.Options{Poll: 10 * time.Millisecond}), slog.New(slog.DiscardHandler)
	sign, err := signature.Load("", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	if h.Archive, err = archive.New(d, h.Clock, st, q, reg, document.Render, sign, log); err != nil {
		t.Fatal(err)
	}
	if h.Staged, err = staging.New(d, h.Clock, st, q); err != nil {
		t.Fatal(err)
	}
	if err := q.Open(); err != nil {
		t.Fatal(err)
	}
	h.Files = attachment.New(d, h.Clock, st, reg)
	h.Files.Require(bid.ObjectKind, bid.SealedFile)
	h.Bids = bid.New(d, h.Clock, h.Policy, bid.Rooms{Organisations: h.Orgs, Files: h.Files, Archive: h.Archive, Staged: h.Staged, Store: st}, bid.Options{Site: site})
	h.Objections = objection.New(d, h.Clock, h.Policy, calendar.Default())
	h.Bids.Before(h.Objections.Clear)
	h.Frameworks = framework.New(d, h.Clock, h.Policy, h.Tenders)
	h.Reopen(t)
	h.Evaluations = evaluation.New(d, h.Clock, h.Policy, h.Tenders, h.Archive, site)
	h.Offers = offer.New(d, h.Clock, h.Policy, offer.Rooms{Tenders: h.Tenders, Organisations: h.Orgs, Archive: h.Archive, Remaining: h.Evaluations.Remaining}, site)
	t.Cleanup(h.Offers.Shutdown)
	reg[offer.ObjectKind] = h.Offers.May
	h.Awards = award.New(d, h.Clock, h.Policy, h.Tenders, h.Orgs, h.Archive, calendar.Default(), site)
	h.Engagements = engagement.New(d, h.Clock, h.Policy)
	h.Contracts = contract.New(d, h.Clock, h.Policy, h.Orgs, h.Tenders, h.Archive, h.Files, h.Engagements, calendar.Default(), site)
	h.Challenges = challenge.New(d, h.Clock, h.Policy, challenge.Rooms{Organisations: h.Orgs, Tenders: h.Tenders, Awards: h.Awards, Frameworks: h.Frameworks, Contracts: h.Contracts, Archive: h.Archive, Files: h.Files}, calendar.Default(), site)
	reg[challenge.ObjectKind] = h.Challenges.May
	reg[evaluation.ObjectKind], reg[evaluation.ExplanationKind] = h.Evaluations.MayReport, h.Evaluations.MayExplain
	reg[award.BondKind] = h.Awards.MayBond
	h.Engagements.Watch(engagement.Contract, h.Contracts.Follow)
	reg["tender"], reg[bid.ObjectKind], reg[bid.OpenedKind], reg[award.ObjectKind], reg[contract.ObjectKind] = h.Tenders.May, h.Bids.May, h.Bids.MayOpened, h.Awards.May, h.Contracts.May
	return h
}

// Bidders are n suppliers who bid 600,000 元, 610,000 元 and so on.
func (h *House) Bidders(t testing.TB, x tender.Tender, n int) []party.Actor {
	t.Helper()
	var out []party.Actor
	for i := range n {
		who := h.Supplier(t, fmt.Sprintf("第%d社会工作服务中心", i+1))
		h.Submitted(t, who, x, money.Fen(600_000+10_000*i)*money.Yuan)
		h.Clock.Advance(time.Millisecond) // bids are read out in the order they came
		out = append(out, who)
	}
	return out
}

// Again reads a tender afresh.
func (h *House) Again(t testing.TB, x id.ID) tender.Tender {
	t.Helper()
	out, err := tender.Read(t.Context(), h.DB, x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Expert adds an account to the expert register.
func (h *House) Expert(t testing.TB, employer string) party.Actor {
	t.Helper()
	h.experts++
	now := h.Clock.Now()
	who := id.New(now)
	if _, err := h.DB.ExecContext(t.Context(), "INSERT INTO account (id, login, name, password_hash, expert, employer, created_at) VALUES (?, ?, ?, '', ?, ?, ?)",
		who, h.Login(who), fmt.Sprintf("专家%d", h.experts), true, employer, now); err != nil {
		t.Fatal(err)
	}
	return party.Actor{Account: who, Name: fmt.Sprintf("专家%d", h.experts), Expert: true}
}

// Login is the login of an account that this package made.
func (h *House) Login(account id.ID) string { return tendertest.Login(party.Actor{Account: account}) }

// Eligible passes every bidder's eligibility.
func (h *House) Eligible(t testing.TB, x tender.Tender) {
	t.Helper()
	e, err := h.Evaluations.Eligibility(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	var in []evaluation.Checking
	for _, l := range e.Bids {
		in = append(in, evaluation.Checking{Bid: l.Bid, Passed: true})
	}
	if err := h.Evaluations.Check(t.Context(), h.Officer, x.ID, in); err != nil {
		t.Fatal(err)
	}
}

// Seated puts n experts of a neutral employer on the panel.
func (h *House) Seated(t testing.TB, x tender.Tender, n int) []party.Actor {
	t.Helper()
	var out []party.Actor
	for range n {
		who := h.Expert(t, "武汉某大学")
		if _, err := h.Evaluations.Name(t.Context(), h.Officer, x.ID, evaluation.Naming{Login: h.Login(who.Account), Seat: evaluation.ExpertSeat, Reason: "主管预算单位同意自行选定"}); err != nil {
			t.Fatal(err)
		}
		out = append(out, who)
	}
	return out
}

// Panel seats n experts, has every bidder pass, begins the evaluation and has
// every member declare that they have no tie.
func (h *House) Panel(t testing.TB, x tender.Tender, n int) []party.Actor {
	t.Helper()
	out := h.Seated(t, x, n)
	h.Eligible(t, x)
	h.Begun(t, x, out)
	return out
}

// Begun begins the evaluation with a panel that was seated and has it declare.
func (h *House) Begun(t testing.TB, x tender.Tender, panel []party.Actor) {
	t.Helper()
	if err := h.Evaluations.Begin(t.Context(), h.Officer, x.ID); err != nil {
		t.Fatal(err)
	}
	for _, who := range panel {
		if _, err := h.Evaluations.Enter(t.Context(), who, x.ID, evaluation.Declaration{Clear: true}); err != nil {
			t.Fatal(err)
		}
	}
	if h.panels == nil {
		h.panels = map[id.ID][]party.Actor{}
	}
	h.panels[x.ID] = panel
}

// Marks are the sheets of one member: every bid passes unless rejected says
// so, and is given the share of each line's full marks in per cent, down to its
// intervals.
func (h *House) Marks(t testing.TB, who party.Actor, x tender.Tender, share func(supplier string) int64, rejected ...string) []evaluation.Marking {
	t.Helper()
	desk, err := h.Evaluations.Desk(t.Context(), who, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []evaluation.Marking
	for _, l := range desk.Bids {
		yes, m := true, evaluation.Marking{Bid: l.Bid, Scores: map[string]int64{}}
		for _, name := range rejected {
			if name == l.SupplierName {
				yes, m.Reason, m.Failed = false, "缺少登记证书", []string{desk.Items[0].Key}
			}
		}
		m.Conforming = &yes
		for _, q := range desk.Questions {
			m.Scores[q.Key] = Banded(q, q.Weight*share(l.SupplierName)/100)
		}
		out = append(out, m)
	}
	return out
}

// Banded is the most that the intervals of a line allow up to points, both in
// hundredths.
func Banded(q bid.Question, points int64) int64 {
	k := tender.Criterion{Weight: q.Weight, Bands: q.Bands}
	for ; !k.Allows(points); points-- {
	}
	return points
}

// Scored has members save and hand in the same sheets; after the last of the
// panel the result is settled and signed.
func (h *House) Scored(t testing.TB, panel []party.Actor, x tender.Tender, share func(supplier string) int64, rejected ...string) {
	t.Helper()
	h.HandedIn(t, panel, x, share, rejected...)
	if d, err := h.Evaluations.Desk(t.Context(), panel[0], x.ID); err != nil {
		t.Fatal(err)
	} else if d.Handed == d.Panel {
		h.Settled(t, x)
	}
}

// HandedIn has members save and hand in the same sheets.
func (h *House) HandedIn(t testing.TB, panel []party.Actor, x tender.Tender, share func(supplier string) int64, rejected ...string) {
	t.Helper()
	for _, who := range panel {
		if err := h.Evaluations.Save(t.Context(), who, x.ID, h.Marks(t, who, x, share, rejected...)); err != nil {
			t.Fatal(err)
		}
		if err := h.Evaluations.HandIn(t.Context(), who, x.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// Settled has the panel settle the result, every suspicious price found
// reasonable, and every member sign.
func (h *House) Settled(t testing.TB, x tender.Tender) {
	t.Helper()
	ctx, panel := t.Context(), h.panels[x.ID]
	h.LastOffers(t, x, nil)
	m, err := h.Evaluations.Meeting(ctx, panel[0], x.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range m.Suspicions {
		e, err := h.Evaluations.Ask(ctx, panel[0], x.ID, evaluation.Ask{Bid: s.Bid, Minutes: 30})
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(30 * time.Minute)
		for _, who := range panel[:len(panel)/2+1] {
			if err := h.Evaluations.Judge(ctx, who, x.ID, e.ID, evaluation.Ballot{Accept: true, Reason: "成本说明合理"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); err != nil {
		t.Fatal(err)
	}
	for _, who := range panel {
		if err := h.Evaluations.Sign(ctx, who, x.ID, evaluation.Signing{}); err != nil {
			t.Fatal(err)
		}
	}
}
