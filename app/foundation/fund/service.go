package fund

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Kind is a fund's object kind: of its trail, and of the attachments anyone
// may read. AgreementKind is the kind of the signed agreement, which carries
// private persons' data and stays within the foundation (慈善法第82条); the
// public page shows what it settles.
const (
	Kind          = "fund"
	AgreementKind = "fund_agreement"
	// ResolutionKind is the kind of the resolutions about a fund's ending, seen
	// as the agreement is.
	ResolutionKind = "fund_resolution"
)

// Service decides what happens to funds.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	policy      *policy.Policy
	orgs        *organisation.Service
	ledger      *ledger.Service
	attachments *attachment.Service

	// Archive freezes the printed agreement when a fund is approved, and Site is
	// the address its code is verified at; nil in a test without documents.
	Archive *archive.Service
	Site    string
	// Charged is what payments charge to each line of a fund's budget of a year;
	// payment sets it.
	Charged func(ctx context.Context, d bun.IDB, fund id.ID, year int) (map[string]Charge, error)
	// Open lists what a fund must settle before it ends; each room that holds
	// such things adds its own.
	Open []func(ctx context.Context, d bun.IDB, fund id.ID) ([]Loose, error)
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, o *organisation.Service, l *ledger.Service, a *attachment.Service) *Service {
	return &Service{db: d, clock: c, policy: p, orgs: o, ledger: l, attachments: a}
}

// Relations are what an actor is to a fund. Whoever drafted it is never its
// approver.
func Relations(who party.Actor, f Fund) []string {
	return who.To("fund", f.Foundation, f.DraftedBy)
}

// Require is the one authorisation function, for a fund already read.
func (s *Service) Require(who party.Actor, f Fund, action string) error {
	return s.policy.Require(Relations(who, f), Kind+"."+string(f.State), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, f Fund, action string) bool {
	return s.Require(who, f, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, fund id.ID, action string) error {
	f, err := Read(ctx, s.db, fund)
	if err != nil {
		return err
	}
	return s.Require(who, f, action)
}

// MayAgreement guards the signed agreement: whoever may follow the fund from
// the inside may read it, whoever may edit the draft may attach it.
func (s *Service) MayAgreement(ctx context.Context, who party.Actor, fund id.ID, action string) error {
	switch action {
	case "view":
		return s.May(ctx, who, fund, "follow")
	case "attach":
		return s.May(ctx, who, fund, "edit")
	}
	return s.May(ctx, who, fund, action)
}

// MayResolution guards the resolutions about the ending: attached while it is
// being prepared and decided.
func (s *Service) MayResolution(ctx context.Context, who party.Actor, fund id.ID, action string) error {
	switch action {
	case "view":
		return s.May(ctx, who, fund, "follow")
	case "attach":
		return s.May(ctx, who, fund, "paper")
	}
	return s.May(ctx, who, fund, action)
}

// Get reads a fund that the actor may view: the public from approval on, its
// foundation always.
func (s *Service) Get(ctx context.Context, who party.Actor, fund id.ID) (Fund, error) {
	f, err := Read(ctx, s.db, fund)
	if err == nil {
		err = s.Require(who, f, "view")
	}
	if err != nil {
		return Fund{}, err
	}
	return f, nil
}

// Active reads a fund and refuses unless it is running: the gate of every
// donation and payment. In a transaction it holds the fund's row, so that the
// fund cannot end meanwhile.
func (s *Service) Active(ctx context.Context, d bun.IDB, fund id.ID) (Fund, error) {
	f, err := ForUpdate(ctx, d, fund)
	if err == nil && (f.State != Active || f.CashAccount == nil) {
		err = fault.New(fault.Conflict, "“%s”现在是“%s”，不能收支款物", f.FullName(), f.StateName())
	}
	return f, err
}

// Settling is Active, and open also to a fund whose ending was proposed: the
// gate of what was begun before and is to be settled.
func (s *Service) Settling(ctx context.Context, d bun.IDB, fund id.ID) (Fund, error) {
	f, err := ForUpdate(ctx, d, fund)
	if err == nil && (f.State != Active && f.State != Winding || f.CashAccount == nil) {
		err = fault.New(fault.Conflict, "“%s”现在是“%s”，不能收支款物", f.FullName(), f.StateName())
	}
	return f, err
}

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, fund id.ID) ([]trail.Event, error) {
	f, err := s.Get(ctx, who, fund)
	if err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, Kind, fund, !s.Allowed(who, f, "follow"))
}

// Create starts a draft of the actor's own foundation; nothing need be filled in.
func (s *Service) Create(ctx context.Context, who party.Actor, in Form) (Fund, error) {
	if err := s.policy.Require(who.Relations(), "fund.new", "create"); err != nil {
		return Fund{}, err
	}
	if err := in.storable(); err != nil {
		return Fund{}, err
	}
	now := s.clock.Now()
	f := Fund{ID: id.New(now), Foundation: who.Org, FoundationName: who.OrgName, State: Draft, Version: 1,
		Facts: in.facts(), Form: in, DraftedBy: who.Account, Marks: []string{}, CreatedAt: now, UpdatedAt: now}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&f).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, f.ID, trail.Event{Action: "新建草稿"})
	})
	return f, err
}

// Save keeps what was typed, valid or not. A version of 0 saves over whatever
// is there; another must be the draft's.
func (s *Service) Save(ctx context.Context, who party.Actor, fund id.ID, version int64, in Form) (Fund, error) {
	if err := in.storable(); err != nil {
		return Fund{}, err
	}
	return s.change(ctx, who, fund, "edit", func(_ context.Context, _ bun.Tx, f *Fund, _ time.Time) error {
		if version != 0 && version != f.Version {
			return fault.New(fault.Conflict, "这份草稿刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		f.Form, f.Facts = in, in.facts()
		return nil
	})
}

// Missing lists everything that keeps a draft from being submitted now.
func (s *Service) Missing(ctx context.Context, f Fund) ([]fault.Field, error) {
	return fault.Complaints(s.complete(ctx, s.db, &f, s.clock.Now()))
}

// complete is the full check of a draft, as at now.
func (s *Service) complete(ctx context.Context, d bun.IDB, f *Fund, now time.Time) error {
	var c fault.Check
	law := rules.At(now)
	f.Form.check(&c, law, f.FoundationName, now)
	f.Facts = f.Form.facts()
	if f.Sponsor != "" {
		of, err := sponsoring(ctx, d, f.Foundation, f.Sponsor, f.ID)
		if err != nil {
			return err
		}
		if of {
			c.FailUnder(law.Must(rules.FundNoSub).Source(), "sponsor", "发起人“%s”本身是专项基金，专项基金下不得再设立专项基金", f.Sponsor)
		}
	}
	over, err := below(ctx, d, f.Foundation, f.Name, f.ID)
	if err != nil {
		return err
	}
	if over != "" && !c.Failed("name") {
		c.FailUnder(law.Must(rules.FundNoSub).Source(), "name", "名称说它设在“%s”下面；专项基金下不得再设立专项基金", over)
	}
	files, err := s.attachments.Of(ctx, d, AgreementKind, f.ID)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		c.FailUnder(law.Must(rules.FundAgreement).Source(), "agreement", "请上传已签署的基金协议")
	}
	taken, err := d.NewSelect().Model((*Fund)(nil)).
		Where("foundation = ? AND name = ? AND id <> ? AND state <> ?", f.Foundation, f.Name, f.ID, Draft).Exists(ctx)
	if err != nil {
		return db.Translate(err)
	}
	c.Must(!taken, "name", "本基金会已有同名的基金，请换一个名称")
	return c.Err()
}

// change is the frame of every mutation: lock, authorise, decide, write.
func (s *Service) change(ctx context.Context, who party.Actor, fund id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, f *Fund, now time.Time) error) (Fund, error) {
	var out Fund
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		f, err := ForUpdate(ctx, tx, fund)
		if err != nil {
			return err
		}
		if err := s.Require(who, f, action); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := do(ctx, tx, &f, now); err != nil {
			return err
		}
		f.UpdatedAt = now
		if err := save(ctx, tx, &f); err != nil {
			return err
		}
		out = f
		return nil
	})
	return out, err
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, fund id.ID, e trail.Event) error {
	e.ObjectKind, e.ObjectID = Kind, fund
	return trail.Append(ctx, tx, who, at, e)
}
