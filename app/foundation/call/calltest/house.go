package calltest

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/revision"
	"gongji/app/document"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/review"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/credential"
	"gongji/app/trust/signature"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// House is a foundation with money for a call, and those who apply and review.
type House struct {
	*fundtest.House
	T            testing.TB
	Credentials  *credential.Service
	Calls        *call.Service
	Applications *application.Service
	Reviews      *review.Service
	Grants       *grant.Service
	Payments     *payment.Service
	Engagements  *engagement.Service
	Archive      *archive.Service
	Plans        *plan.Service
	Acceptances  *acceptance.Service
	Revisions    *revision.Service
	Fund         fund.Fund
	people       int
}

// New lays one, with 100,000 元 in its fund.
func New(t testing.TB, d *bun.DB) *House {
	t.Helper()
	h := &House{House: fundtest.New(t, d), T: t}
	st, err := object.OpenDir(filepath.Join(t.TempDir(), "documents"))
	h.Must(err)
	q := queue.New(d, queue.Options{Log: slog.New(slog.DiscardHandler)})
	sign, err := signature.Load(t.TempDir(), "", "gongji.test")
	h.Must(err)
	h.Archive, err = archive.New(d, h.Clock, st, q, h.Access, document.Render, sign, slog.New(slog.DiscardHandler))
	h.Must(err)
	h.Must(q.Open())
	h.Engagements = engagement.New(d, h.Clock, h.Policy)
	h.Payments = payment.New(d, h.Clock, h.Policy, h.Orgs, h.Funds, h.Ledger, h.Attachments, h.Engagements)
	h.Access[payment.Kind] = h.Payments.May
	h.Credentials = credential.New(d, h.Clock, h.Policy)
	h.Calls = call.New(d, h.Clock, h.Policy, h.Orgs, h.Funds)
	h.Applications = application.New(d, h.Clock, h.Policy, h.Attachments)
	h.Reviews = review.New(d, h.Clock, h.Policy, h.Accounts, h.Applications)
	h.Grants = grant.New(d, h.Clock, h.Policy, grant.Rooms{Calls: h.Calls, Applications: h.Applications, Reviews: h.Reviews, Funds: h.Funds,
		Payments: h.Payments, Engagements: h.Engagements, Archive: h.Archive}, calendar.Default(), "https://gongji.test")
	h.Plans = plan.New(d, h.Clock, h.Engagements, h.Attachments)
	h.Plans.From(engagement.Grant, grant.Terms, grant.Reached)
	h.Acceptances = acceptance.New(d, h.Clock, h.Engagements, h.Attachments, h.Archive, "https://gongji.test")
	h.Access[acceptance.Object] = h.Acceptances.May
	h.Revisions = revision.New(d, h.Clock, h.Engagements)
	h.Revisions.Tell(engagement.Grant, h.Grants.Amended)
	h.Engagements.From(engagement.Grant, grant.Books)
	h.Engagements.Watch(engagement.Grant, h.Grants.Follow)
	h.Access[credential.ObjectKind], h.Access[call.ObjectKind], h.Access[application.ObjectKind] = h.Credentials.May, h.Calls.May, h.Applications.May
	h.Access[grant.ObjectKind], h.Access[grant.FileKind] = h.Grants.May, h.Grants.MayFile
	h.Fund = h.Active(t, "社区助老专项基金")
	h.Give(t, h.Fund, 100_000*money.Yuan)
	return h
}

// Must stops the test at an error.
func (h *House) Must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Published is an open call of a form; the form's deadline must lie ahead.
func (h *House) Published(f call.Form) call.Call {
	h.T.Helper()
	h.Clock.Advance(time.Second)
	c, err := h.Calls.Create(h.T.Context(), h.Officer, f)
	h.Must(err)
	_, err = h.Calls.Submit(h.T.Context(), h.Officer, c.ID)
	h.Must(err)
	c, err = h.Calls.Publish(h.T.Context(), h.Approver, c.ID)
	h.Must(err)
	return c
}

// Open is a published 公益创投 that closes in ten days.
func (h *House) Open() call.Call {
	h.T.Helper()
	return h.Published(Form(h.Fund.ID, h.Clock.Now().Add(10*24*time.Hour)))
}

// Person is somebody with an account who can be named; employer may be "".
func (h *House) Person(name, employer string) (party.Actor, string) {
	h.T.Helper()
	h.people++
	a := account.Account{ID: id.New(h.Clock.Now()), Login: fmt.Sprintf("reviewer%03d", h.people), Name: name, Employer: employer, Expert: true, CreatedAt: h.Clock.Now()}
	_, err := h.DB.NewInsert().Model(&a).Exec(h.T.Context())
	h.Must(err)
	return party.Actor{Account: a.ID, Name: name, Expert: true}, a.Login
}

// Applicant is an approved organisation's lead, its registration certificate
// in the vault.
func (h *House) Applicant(name string) party.Actor {
	h.T.Helper()
	who := h.Actor(h.T, h.Org(h.T, party.Social, name), name, party.Social, party.Lead)
	h.Vault(who)
	return who
}

// Vault puts a registration certificate of 2019 into an organisation's vault.
func (h *House) Vault(who party.Actor) {
	h.T.Helper()
	x, err := h.Credentials.Add(h.T.Context(), who, credential.Input{Kind: credential.Registration, Issuer: "东莞市民政局", IssuedOn: "2019-05-20"})
	h.Must(err)
	_, err = h.Attachments.Add(h.T.Context(), who, credential.ObjectKind, x.ID, "", "登记证书.pdf", bytes.NewReader(fundtest.Agreement))
	h.Must(err)
}

// Filled is a complete draft.
func (h *House) Filled(who party.Actor, c call.Call, title string) application.Application {
	h.T.Helper()
	h.Clock.Advance(time.Second)
	a, err := h.Applications.Start(h.T.Context(), who, c.ID)
	h.Must(err)
	for _, p := range application.Parts(c) {
		a, err = h.Applications.Save(h.T.Context(), who, a.ID, p.Key, a.Versions[p.Key], Answers(title))
		h.Must(err)
	}
	for i, d := range c.Form.Documents {
		if d.Credential == "" {
			_, err = h.Attachments.Add(h.T.Context(), who, application.ObjectKind, a.ID, fmt.Sprintf("d%d", i+1), d.Name+".pdf", bytes.NewReader(fundtest.Agreement))
			h.Must(err)
		}
	}
	return a
}

// Sent is an application that was sent.
func (h *House) Sent(who party.Actor, c call.Call, title string) application.Application {
	h.T.Helper()
	a, err := h.Applications.Submit(h.T.Context(), who, h.Filled(who, c, title).ID)
	h.Must(err)
	return a
}

// Close moves the clock past the deadline.
func (h *House) Close(c call.Call) { h.Clock.Set(c.Deadline.Add(time.Second)) }

// Panel names three reviewers without ties, opens the round and declares.
func (h *House) Panel(c call.Call) []party.Actor {
	h.T.Helper()
	var out []party.Actor
	for _, n := range []string{"评审甲", "评审乙", "评审丙"} {
		who, login := h.Person(n, "某大学")
		h.Must(h.Reviews.Name(h.T.Context(), h.Officer, c.ID, login))
		out = append(out, who)
	}
	h.Must(h.Reviews.Open(h.T.Context(), h.Officer, c.ID))
	for _, who := range out {
		h.Declare(who, c)
	}
	return out
}

// Declare says that a reviewer has no ties beyond those found.
func (h *House) Declare(who party.Actor, c call.Call) {
	h.T.Helper()
	h.Must(h.Reviews.Declare(h.T.Context(), who, c.ID, review.Declaration{Agree: true}))
}

// Mark hands in a sheet with the same score for every criterion.
func (h *House) Mark(who party.Actor, app id.ID, score int64) {
	h.T.Helper()
	h.Must(h.Reviews.HandIn(h.T.Context(), who, app, Marks(score)))
}

// Marks is a sheet with the same score for the three criteria of Form.
func Marks(score int64) review.Marks {
	return review.Marks{Scores: []*int64{&score, &score, &score}, Comment: "需求清楚，方案可行。"}
}

// Reviewed closes a call, has its applications scored and passes them all.
func (h *House) Reviewed(c call.Call, apps ...application.Application) {
	h.T.Helper()
	h.Close(c)
	in := map[id.ID]review.Ruling{}
	for _, who := range h.Panel(c) {
		for _, a := range apps {
			h.Mark(who, a.ID, 80)
			in[a.ID] = review.Ruling{Passed: true}
		}
	}
	h.Must(h.Reviews.Settle(h.T.Context(), h.Officer, c.ID, in))
}

// Ruling supports an application to Form with 40,000 元.
func Ruling() grant.Ruling {
	return grant.Ruling{Funded: true, Amount: "40000", Reason: "需求真实，做法可行，予以支持。", Steps: Steps()}
}
