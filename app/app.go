// Package app puts the house together: the only place that knows every room.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"gongji/app/api"
	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/check"
	"gongji/app/delivery/acceptance"
	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/need"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/reconciliation"
	"gongji/app/delivery/record"
	"gongji/app/delivery/reminder"
	"gongji/app/delivery/revision"
	resident "gongji/app/delivery/survey"
	"gongji/app/disclosure/giving"
	"gongji/app/disclosure/ocds"
	"gongji/app/document"
	"gongji/app/edge"
	"gongji/app/foundation/annual"
	"gongji/app/foundation/application"
	"gongji/app/foundation/bank"
	"gongji/app/foundation/call"
	"gongji/app/foundation/campaign"
	"gongji/app/foundation/disclosure"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/handout"
	"gongji/app/foundation/ledger"
	"gongji/app/foundation/payment"
	"gongji/app/foundation/receipt"
	"gongji/app/foundation/review"
	"gongji/app/foundation/trace"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/credential"
	"gongji/app/party/identity"
	"gongji/app/party/inbox"
	"gongji/app/party/keyring"
	"gongji/app/party/notice"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/app/procurement/amendment"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/challenge"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/documents"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/intention"
	"gongji/app/procurement/objection"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/question"
	"gongji/app/procurement/schedule"
	"gongji/app/procurement/survey"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/staging"
	"gongji/app/trust/access"
	"gongji/app/trust/signature"
	"gongji/app/trust/workday"
	"gongji/app/web"
	"gongji/policy"
	"gongji/storage/db"
	"gongji/storage/mail"
	"gongji/storage/object"
	"gongji/storage/queue"
	"gongji/templates"
)

// Parts are what New builds on; Connect makes the real ones.
type Parts struct {
	DB    *bun.DB
	Store object.Store
	Clock clock.Clock
	Log   *slog.Logger
	// Poll is how often the queue looks for jobs; 0 is the production pace.
	Poll time.Duration
	// NoLimits takes off rate limits, for tests that hammer on purpose.
	NoLimits bool
	// WeakKeys takes personal keys with a light lock, for tests and the
	// demonstration, whose people are made by the hundred.
	WeakKeys bool
}

// App is the assembled product.
type App struct {
	web.Deps

	DB     *bun.DB
	Store  object.Store
	Staged *staging.Service
	// Reminders looks for dates of deliveries that come.
	Reminders *reminder.Service
	Access    access.Registry
	Routes    []edge.Route
	Server    *edge.Server
}

// Connect opens the database and the object store of a configuration and
// brings the schema up to date.
func Connect(ctx context.Context, c Config, log *slog.Logger) (Parts, error) {
	d, err := db.Open(ctx, c.DatabaseURL, db.Options{})
	if err != nil {
		return Parts{}, err
	}
	if err := Migrate(ctx, d); err != nil {
		return Parts{}, errors.Join(err, d.Close())
	}
	st, err := openStore(ctx, c)
	if err != nil {
		return Parts{}, errors.Join(err, d.Close())
	}
	return Parts{DB: d, Store: st, Clock: clock.System{}, Log: log}, nil
}

// Existing refuses a configuration under which nothing is kept yet. What only
// reads asks it first: a check of an empty database that it made itself would
// find everything in order.
func Existing(ctx context.Context, c Config) error {
	if file, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:"); ok {
		file, _, _ = strings.Cut(file, "?")
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("%s 不存在，这里没有共济的数据，请核对 --data 或 GONGJI_DATA", file)
		}
	}
	d, err := db.Open(ctx, c.DatabaseURL, db.Options{})
	if err != nil {
		return err
	}
	if _, err := d.ExecContext(ctx, "SELECT 1 FROM organisation WHERE 1 = 0"); err != nil {
		err = errors.New("这个数据库里没有共济的数据，请核对 GONGJI_DATABASE_URL")
		return errors.Join(err, d.Close())
	}
	return d.Close()
}

// Migrate brings the schema and the queue's tables up to date.
func Migrate(ctx context.Context, d *bun.DB) error {
	if _, err := db.Migrate(ctx, d); err != nil {
		return err
	}
	if err := queue.Migrate(ctx, d); err != nil {
		return err
	}
	return ocds.Settle(ctx, d, clock.System{}.Now())
}

func openStore(ctx context.Context, c Config) (object.Store, error) {
	if c.S3.Endpoint == "" {
		return object.OpenDir(filepath.Join(c.Data, "objects"))
	}
	return object.OpenMinIO(ctx, object.MinIOConfig{Endpoint: c.S3.Endpoint, AccessKey: c.S3.AccessKey,
		SecretKey: c.S3.SecretKey, Bucket: c.S3.Bucket, TLS: c.S3.TLS})
}

// New wires the services, their jobs and their routes.
func New(c Config, p Parts) (*App, error) {
	pol, err := policy.Load()
	if err != nil {
		return nil, err
	}
	var writes edge.Writes
	p.DB = db.OnWrite(p.DB, writes.Note) // before any room gets it
	a := &App{DB: p.DB, Store: p.Store, Access: access.Registry{}}
	a.Clock, a.Policy = p.Clock, pol
	if c.Demo {
		a.Demo = &clock.Shifted{Base: p.Clock}
		a.Clock = a.Demo
	}
	a.Queue = queue.New(p.DB, queue.Options{Log: p.Log, Poll: p.Poll})
	if err := a.services(c, p); err != nil {
		return nil, err
	}
	if err := a.Queue.Open(); err != nil {
		return nil, err
	}
	return a, a.serve(c, p, &writes)
}

// services makes every room and enters its objects in the access registry.
func (a *App) services(c Config, p Parts) (err error) {
	if a.Accounts, err = account.New(p.DB, a.Clock); err != nil {
		return err
	}
	a.Inbox = inbox.New(p.DB, a.Clock)
	a.Organisations = organisation.New(p.DB, a.Clock, a.Policy, a.Accounts)
	a.Access["organisation"] = a.Organisations.May
	a.Attachments = attachment.New(p.DB, a.Clock, p.Store, a.Access)
	if a.Staged, err = staging.New(p.DB, a.Clock, p.Store, a.Queue); err != nil {
		return err
	}
	sign, err := signature.Load(c.Data, c.SigningKey, c.host())
	if err != nil {
		return err
	}
	if a.Archive, err = archive.New(p.DB, a.Clock, p.Store, a.Queue, a.Access, document.Render, sign, p.Log); err != nil {
		return err
	}
	a.Engagements = engagement.New(p.DB, a.Clock, a.Policy)
	a.Access[engagement.Object] = a.Engagements.May
	a.Plans = plan.New(p.DB, a.Clock, a.Engagements, a.Attachments)
	a.Access[plan.EvidenceKind] = a.Plans.MayEvidence
	a.Plans.From(engagement.Contract, contract.Terms, nil)
	a.Plans.From(engagement.Grant, grant.Terms, grant.Reached)
	a.Expenses = expense.New(p.DB, a.Clock, a.Engagements, a.Attachments)
	a.Access[expense.ObjectKind] = a.Expenses.May
	a.Plans.Spent = expense.SpentOf
	a.Claims = claim.New(p.DB, a.Clock, a.Engagements, a.Plans)
	a.Acceptances = acceptance.New(p.DB, a.Clock, a.Engagements, a.Attachments, a.Archive, c.PublicURL)
	a.Access[acceptance.Object] = a.Acceptances.May
	a.Acceptances.From(engagement.Contract, contract.Inspection, contract.Inspected)
	a.Claims.Settle = a.Acceptances.Settle
	a.Engagements.From(engagement.Contract, claim.Books)
	a.Engagements.From(engagement.Grant, grant.Books)
	a.Months = reconciliation.New(p.DB, a.Clock, a.Engagements)
	a.Revisions = revision.New(p.DB, a.Clock, a.Engagements)
	a.Claims.Most = revision.SettledOf
	var letters notice.Letters
	if sender := mail.New(c.SMTP); sender != nil {
		letters = sender
	}
	a.Notices = notice.New(p.DB, a.Clock, letters, c.PublicURL)
	a.Reminders = reminder.New(p.DB, a.Clock)
	if a.Residents, err = resident.New(p.DB, a.Clock, a.Policy, a.Engagements); err != nil {
		return err
	}
	a.Access[resident.Object] = a.Residents.May
	a.Calendar = calendar.Default().With() // its own: a year's table may be imported
	a.Performance = performance.New(p.DB, a.Clock, a.Policy, a.Organisations, a.Engagements, a.Archive, a.Calendar, c.PublicURL)
	a.Access[performance.Object], a.Access[performance.EvidenceKind] = a.Performance.May, a.Performance.MayEvidence
	a.Access[performance.MendKind] = a.Performance.MayMend
	a.Needs = need.New(p.DB, a.Clock, a.Policy, a.Residents)
	a.Access[need.Object], a.Access[need.ProposalKind] = a.Needs.May, a.Needs.MayProposal
	a.meeting()
	a.OpenData = ocds.New(p.DB, a.Clock, ocds.Settings{Prefix: c.OCDSPrefix, Publisher: c.Publisher, Site: c.PublicURL})
	a.procurement(c, p)
	soon, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err = a.Workdays.Reload(soon); err != nil {
		return err
	}
	if err = a.giving(c, p); err != nil {
		return err
	}
	a.Check, err = check.New(p.DB, a.Clock, a.Policy, p.Store, a.Queue, a.Ledger, a.Goods)
	return err
}

// procurement makes the rooms of a purchase, from the notice to the contract.
func (a *App) procurement(c Config, p Parts) {
	days := a.Calendar
	a.Workdays = workday.New(p.DB, a.Clock, a.Policy, days, p.Log)
	a.Tenders = tender.New(p.DB, a.Clock, a.Policy, days)
	a.Access["tender"] = a.Tenders.May
	a.preparing(p, c, days)
	a.Keys = keyring.New(p.DB, a.Clock, leastLock(c, p))
	a.TenderKeys = tenderkey.New(p.DB, a.Clock, a.Policy)
	a.Access[tenderkey.ObjectKind] = a.TenderKeys.May
	a.Tenders.Demand(tenderkey.Gate)
	a.Attachments.Require(bid.ObjectKind, bid.SealedFile)
	a.Bids = bid.New(p.DB, a.Clock, a.Policy, bid.Rooms{Organisations: a.Organisations, Files: a.Attachments, Archive: a.Archive,
		Staged: a.Staged, Store: p.Store}, bid.Options{Site: c.PublicURL, Limit: c.BidLimit})
	a.Access[bid.ObjectKind], a.Access[bid.OpenedKind] = a.Bids.May, a.Bids.MayOpened
	a.Objections = objection.New(p.DB, a.Clock, a.Policy, days)
	a.Bids.Before(a.Objections.Clear)
	a.Schedule = schedule.New(p.DB, a.Clock, days)
	a.Frameworks = framework.New(p.DB, a.Clock, a.Policy, a.Tenders)
	a.Openings = opening.New(p.DB, a.Clock, a.Policy, opening.Rooms{Tenders: a.Tenders, Files: a.Attachments, Archive: a.Archive,
		Store: p.Store, Log: p.Log}, c.PublicURL)
	a.Evaluations = evaluation.New(p.DB, a.Clock, a.Policy, a.Tenders, a.Archive, c.PublicURL)
	a.Access[evaluation.ObjectKind], a.Access[evaluation.ExplanationKind] = a.Evaluations.MayReport, a.Evaluations.MayExplain
	a.Offers = offer.New(p.DB, a.Clock, a.Policy, offer.Rooms{Tenders: a.Tenders, Organisations: a.Organisations, Archive: a.Archive,
		Remaining: a.Evaluations.Remaining}, c.PublicURL)
	a.Access[offer.ObjectKind] = a.Offers.May
	a.Awards = award.New(p.DB, a.Clock, a.Policy, a.Tenders, a.Organisations, a.Archive, days, c.PublicURL)
	a.Access[award.ObjectKind] = a.Awards.May
	a.Access[award.BondKind] = a.Awards.MayBond
	a.Contracts = contract.New(p.DB, a.Clock, a.Policy, a.Organisations, a.Tenders, a.Archive, a.Attachments, a.Engagements, days, c.PublicURL)
	a.Access[contract.ObjectKind] = a.Contracts.May
	a.Challenges = challenge.New(p.DB, a.Clock, a.Policy, challenge.Rooms{Organisations: a.Organisations, Tenders: a.Tenders,
		Awards: a.Awards, Frameworks: a.Frameworks, Contracts: a.Contracts, Archive: a.Archive, Files: a.Attachments}, days, c.PublicURL)
	a.Challenges.Took(documents.Took)
	a.Access[challenge.ObjectKind] = a.Challenges.May
	a.Schedule.Ask(intention.Moments)
	a.Schedule.Ask(a.Challenges.Moments)
	a.Engagements.Watch(engagement.Contract, a.Contracts.Follow)
}

// meeting lets purchases, calls and engagements meet communities' needs.
func (a *App) meeting() {
	a.Needs.Met(need.Tender, func(ctx context.Context, who party.Actor, ref id.ID) (string, error) {
		t, err := a.Tenders.Get(ctx, who, ref)
		if err == nil && !t.Published() {
			err = fault.New(fault.NotFound, "公告还没有发布")
		}
		return t.Title, err
	})
	a.Needs.Met(need.Call, func(ctx context.Context, who party.Actor, ref id.ID) (string, error) {
		c, err := a.Calls.Get(ctx, who, ref)
		return c.Title, err
	})
	a.Needs.Met(need.Engagement, func(ctx context.Context, who party.Actor, ref id.ID) (string, error) {
		e, err := a.Engagements.Get(ctx, who, ref)
		return e.Title, err
	})
}

// leastLock is the weakest lock of a personal key that is taken.
func leastLock(c Config, p Parts) int {
	if c.Demo || p.WeakKeys {
		return identity.WeakFactor
	}
	return identity.WorkFactor
}

// preparing makes the rooms between a need and the documents of a purchase.
func (a *App) preparing(p Parts, c Config, days *calendar.Calendar) {
	a.Standing = standing.New(p.DB, a.Clock, a.Policy, a.Organisations, a.Calendar)
	a.Access[standing.ObjectKind], a.Access[standing.RecognitionKind] = a.Standing.May, a.Standing.MayRecognition
	a.Standing.Answerable(performance.Object, record.EvaluationEntry)
	a.Standing.Answerable(record.EngagementKind, record.EngagementEntry)
	a.Record = record.New(p.DB, a.Clock)
	a.Surveys = survey.New(p.DB, a.Clock, a.Tenders)
	a.Access[survey.ObjectKind] = a.Surveys.May
	a.Intentions = intention.New(p.DB, a.Clock, a.Policy, days, a.Tenders)
	a.Access[intention.ObjectKind] = a.Intentions.May
	a.Documents = documents.New(p.DB, a.Clock, a.Tenders, a.Archive, c.PublicURL)
	a.Access[documents.ObjectKind] = a.Documents.May
	a.Documents.Concerns(bid.Suppliers)
	a.Documents.Concerns(tender.InvitedTo)
	a.Questions = question.New(p.DB, a.Clock, days, a.Tenders, a.Documents)
	a.Amendments = amendment.New(p.DB, a.Clock, days, a.Tenders, a.Documents)
	a.Amendments.Published(bid.TellOutdated)
	a.Amendments.Published(a.Challenges.Amended)
}

// giving makes the rooms of funds, donations with their receipts, payments and
// the bank's statements.
func (a *App) giving(c Config, p Parts) (err error) {
	a.Ledger = ledger.New(p.DB, a.Clock)
	a.Funds = fund.New(p.DB, a.Clock, a.Policy, a.Organisations, a.Ledger, a.Attachments)
	a.Access[fund.Kind], a.Access[fund.AgreementKind] = a.Funds.May, a.Funds.MayAgreement
	a.Access[fund.ResolutionKind] = a.Funds.MayResolution
	a.Funds.Archive, a.Funds.Site = a.Archive, c.PublicURL
	a.Goods = goods.New(p.DB, a.Clock)
	a.Donations = donation.New(p.DB, a.Clock, a.Policy, donation.Rooms{Organisations: a.Organisations, Ledger: a.Ledger, Goods: a.Goods, Attachments: a.Attachments})
	a.Access[donation.ObjectKind] = a.Donations.MayProofs
	a.Receipts = receipt.New(p.DB, a.Clock, a.Policy, a.Archive, c.PublicURL)
	a.Access[receipt.ObjectKind] = a.Receipts.May
	if a.Batches, err = receipt.NewBulk(a.Receipts, a.Queue, mail.New(c.SMTP)); err != nil {
		return err
	}
	a.Access[receipt.BatchKind] = a.Batches.May
	if a.FiscalPapers, err = receipt.NewPapers(a.Receipts, receipt.PaperRooms{Staged: a.Staged, Store: p.Store, Queue: a.Queue}); err != nil {
		return err
	}
	a.Payments = payment.New(p.DB, a.Clock, a.Policy, a.Organisations, a.Funds, a.Ledger, a.Attachments, a.Engagements)
	a.Access[payment.Kind] = a.Payments.May
	a.Handouts = handout.New(p.DB, a.Clock, a.Policy, a.Goods, a.Funds)
	a.Access[handout.ObjectKind] = a.Handouts.May
	a.Traces = trace.New(p.DB, a.Donations)
	a.Annual = annual.New(p.DB, a.Clock, a.Receipts, a.Archive, c.PublicURL)
	a.Access[annual.ObjectKind] = a.Annual.May
	a.Payments.Donors = a.tied
	if err = a.granting(c, p); err != nil {
		return err
	}
	a.OpenGrants = OpenGrants(c, p)
	a.Campaigns = campaign.New(p.DB, a.Clock, a.Policy, campaign.Rooms{Organisations: a.Organisations, Funds: a.Funds, Donations: a.Donations, Attachments: a.Attachments})
	a.Disclosures = disclosure.New(p.DB, a.Clock, a.Policy, disclosure.Rooms{Funds: a.Funds, Campaigns: a.Campaigns, Ledger: a.Ledger, Archive: a.Archive}, a.Calendar, c.PublicURL)
	a.Access[disclosure.ObjectKind] = a.Disclosures.May
	if err = errors.Join(a.Notices.Post(a.Queue), a.Reminders.Post(a.Queue)); err != nil {
		return err
	}
	if err = a.Disclosures.Nightly(a.Queue); err != nil {
		return err
	}
	a.Funds.Open = append(a.Funds.Open, a.Donations.Loose, a.Goods.Loose, a.Grants.Loose)
	a.Access[campaign.ObjectKind], a.Access[campaign.SettlementKind] = a.Campaigns.May, a.Campaigns.MaySettlement
	a.Donations.BeforeRefund(a.Receipts.Live)
	a.Bank, err = bank.New(p.DB, a.Clock, a.Policy, bank.Rooms{Ledger: a.Ledger, Donations: a.Donations, Staged: a.Staged, Store: p.Store, Queue: a.Queue})
	a.Access[bank.LineKind] = a.Bank.May
	return err
}

// OpenGrants publishes the grants and payments of funds in the 360Giving
// standard; it needs no other room.
func OpenGrants(c Config, p Parts) *giving.Publisher {
	return giving.New(p.Clock, giving.Settings{Prefix: c.GivingID, Publisher: c.Publisher, Site: c.PublicURL},
		disclosure.Grants(p.DB), disclosure.Payments(p.DB))
}

// tied lets a payment ask for donors of its fund who are tied to its payee. A
// namesake is no tie that a donor's wish may rest on, but is looked into.
func (a *App) tied(ctx context.Context, d bun.IDB, p payment.Payment) ([]payment.Tied, error) {
	ties, err := donation.Related(ctx, d, p.Fund, *p.Payee, a.Clock.Now())
	out := make([]payment.Tied, 0, len(ties))
	for _, t := range ties {
		out = append(out, payment.Tied{Reference: t.Reference, Why: t.Why, Named: t.Named && !t.Namesake})
	}
	return out, err
}

// granting makes the rooms of calls: applications, their review, grants. An
// organisation that a listing bars is refused by Applications.Listed.
func (a *App) granting(c Config, p Parts) (err error) {
	a.Credentials = credential.New(p.DB, a.Clock, a.Policy)
	a.Access[credential.ObjectKind] = a.Credentials.May
	a.Calls = call.New(p.DB, a.Clock, a.Policy, a.Organisations, a.Funds)
	a.Funds.Open = append(a.Funds.Open, a.Handouts.Loose, a.Calls.Loose)
	a.Access[call.ObjectKind] = a.Calls.May
	a.Applications = application.New(p.DB, a.Clock, a.Policy, a.Attachments)
	a.Applications.Listed = a.Standing.Funded
	if err = a.Credentials.Nightly(a.Queue); err != nil {
		return err
	}
	a.Access[application.ObjectKind] = a.Applications.May
	a.Reviews = review.New(p.DB, a.Clock, a.Policy, a.Accounts, a.Applications)
	a.Grants = grant.New(p.DB, a.Clock, a.Policy, grant.Rooms{Calls: a.Calls, Applications: a.Applications, Reviews: a.Reviews, Funds: a.Funds,
		Payments: a.Payments, Engagements: a.Engagements, Archive: a.Archive}, a.Calendar, c.PublicURL)
	a.Access[grant.ObjectKind], a.Access[grant.FileKind] = a.Grants.May, a.Grants.MayFile
	a.Engagements.Watch(engagement.Grant, a.Grants.Follow)
	a.Revisions.Tell(engagement.Grant, a.Grants.Amended)
	return nil
}

func (a *App) serve(c Config, p Parts, writes *edge.Writes) error {
	set, err := templates.New()
	if err != nil {
		return err
	}
	pages := web.New(a.Deps)
	calls := api.New(api.Deps{Clock: a.Clock, Policy: a.Policy, Accounts: a.Accounts, Organisations: a.Organisations, Standing: a.Standing, Record: a.Record,
		Archive: a.Archive, Attachments: a.Attachments, Inbox: a.Inbox, Tenders: a.Tenders, Surveys: a.Surveys, Intentions: a.Intentions,
		Documents: a.Documents, Questions: a.Questions, Amendments: a.Amendments, Bids: a.Bids, Openings: a.Openings, Objections: a.Objections, Schedule: a.Schedule, Workdays: a.Workdays, Frameworks: a.Frameworks,
		Keys: a.Keys, TenderKeys: a.TenderKeys, Evaluations: a.Evaluations, Offers: a.Offers, Awards: a.Awards, Contracts: a.Contracts, Ledger: a.Ledger, Funds: a.Funds,
		Goods: a.Goods, Donations: a.Donations, Receipts: a.Receipts, Traces: a.Traces, Handouts: a.Handouts, Annual: a.Annual, Batches: a.Batches, FiscalPapers: a.FiscalPapers, Payments: a.Payments, Campaigns: a.Campaigns, Bank: a.Bank,
		Engagements: a.Engagements, Plans: a.Plans, Expenses: a.Expenses, Claims: a.Claims, Performance: a.Performance, Residents: a.Residents, Needs: a.Needs, OpenData: a.OpenData, OpenGrants: a.OpenGrants, Challenges: a.Challenges,
		Acceptances: a.Acceptances, Months: a.Months, Revisions: a.Revisions, Notices: a.Notices,
		Disclosures: a.Disclosures,
		Credentials: a.Credentials, Calls: a.Calls, Applications: a.Applications, Reviews: a.Reviews, Grants: a.Grants})
	a.Routes = slices.Concat(pages.Routes(), api.Described(calls.Routes()))
	registry := prometheus.NewRegistry()
	a.Server, err = edge.New(edge.Config{
		Routes: a.Routes, Can: a.Policy.Can, Sessions: a.Accounts, Tokens: account.Tokens{Service: a.Accounts},
		Renderer: set, Decorate: pages.Frame, Clock: a.Clock, Log: p.Log, Metrics: registry, Ready: a.ready,
		Writes: writes.Count, Idempotency: replayed{p.DB, a.Clock}, Static: templates.Static(), PublicURL: c.PublicURL,
		TrustedProxyHeader: c.ProxyHeader, Limits: edge.Limits{Off: p.NoLimits}, LoginPath: "/account/login",
		LoginPaths: []string{"/account/register", "/account/password", "/api/v1/tokens"},
	})
	return err
}

// ready says whether requests can be served: both stores answer.
func (a *App) ready(ctx context.Context) error {
	if err := a.DB.PingContext(ctx); err != nil {
		return err
	}
	return a.Store.Ping(ctx)
}

// workdaysEvery is how soon a table of working days that was imported on one
// replica counts on the others.
const workdaysEvery = 15 * time.Second

// Run works jobs and serves until ctx ends, then finishes what it started.
func (a *App) Run(ctx context.Context, ln net.Listener) error {
	begun := time.Now()
	if err := a.Queue.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	if err := errors.Join(a.Batches.Resume(ctx), a.Batches.ResumeMail(ctx, begun), a.FiscalPapers.Resume(ctx)); err != nil {
		return err
	}
	go a.Workdays.Follow(ctx, workdaysEvery)
	failed := make(chan error, 1)
	go func() { failed <- a.Server.Serve(ln) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err = errors.Join(err, a.Server.Shutdown(end))
	a.Offers.Shutdown()
	a.Openings.Shutdown() // nothing opens any more, and no key outlives the server
	return errors.Join(err, a.Queue.Stop(end), a.DB.Close())
}
