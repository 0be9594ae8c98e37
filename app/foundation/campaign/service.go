package campaign

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/disclosure/search"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
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

// ObjectKind is a campaign's object kind: of its trail, and of its papers (the
// certificate of qualification, the filing), which are public with it.
// SettlementKind is that of the platform's statements, which stay inside.
const (
	ObjectKind     = "campaign"
	SettlementKind = "campaign_settlement"
)

// Rooms are the services a campaign needs.
type Rooms struct {
	Organisations *organisation.Service
	Funds         *fund.Service
	Donations     *donation.Service
	Attachments   *attachment.Service
}

// Service decides what happens to campaigns.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	Rooms
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, r Rooms) *Service { return &Service{d, c, p, r} }

// Relations are what an actor is to a campaign. Whoever drafted it is never its
// approver.
func Relations(who party.Actor, x Campaign) []string {
	return who.To("campaign", x.Foundation, x.DraftedBy)
}

// Require is the one authorisation function, for a campaign already read.
func (s *Service) Require(who party.Actor, x Campaign, action string) error {
	return s.policy.Require(Relations(who, x), ObjectKind+"."+string(x.State), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, x Campaign, action string) bool {
	return s.Require(who, x, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, campaign id.ID, action string) error {
	x, err := read(ctx, s.db, campaign, false)
	if err != nil {
		return err
	}
	return s.Require(who, x, action)
}

// MayCreate reports whether the actor may draft a campaign, for showing the button.
func (s *Service) MayCreate(who party.Actor) bool {
	return s.policy.Any(who.Relations(), ObjectKind+".new", "create")
}

// Get reads a campaign that the actor may view: the public once it is
// approved, its foundation always.
func (s *Service) Get(ctx context.Context, who party.Actor, campaign id.ID) (Campaign, error) {
	x, err := read(ctx, s.db, campaign, false)
	if err == nil {
		err = s.Require(who, x, "view")
	}
	if err != nil {
		return Campaign{}, err
	}
	return x, nil
}

// Timeline lists what happened; the public sees the public events only.
func (s *Service) Timeline(ctx context.Context, who party.Actor, campaign id.ID) ([]trail.Event, error) {
	x, err := s.Get(ctx, who, campaign)
	if err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, ObjectKind, campaign, !s.Allowed(who, x, "follow"))
}

// Create starts a draft of the actor's own foundation; nothing need be filled in.
func (s *Service) Create(ctx context.Context, who party.Actor, in Form) (Campaign, error) {
	if err := s.policy.Require(who.Relations(), ObjectKind+".new", "create"); err != nil {
		return Campaign{}, err
	}
	if err := in.storable(); err != nil {
		return Campaign{}, err
	}
	now := s.clock.Now()
	x := Campaign{ID: id.New(now), Foundation: who.Org, FoundationName: who.OrgName, State: Draft, Version: 1, Form: in,
		DraftedBy: who.Account, CreatedAt: now, UpdatedAt: now}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := s.fill(ctx, tx, &x, new(fault.Check)); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, x.ID, trail.Event{Action: "新建草稿"})
	})
	return x, err
}

// Save keeps what was typed, valid or not. A version of 0 saves over whatever
// is there; another must be the draft's.
func (s *Service) Save(ctx context.Context, who party.Actor, campaign id.ID, version int64, in Form) (Campaign, error) {
	if err := in.storable(); err != nil {
		return Campaign{}, err
	}
	return s.change(ctx, who, campaign, "edit", func(ctx context.Context, tx bun.Tx, x *Campaign, _ time.Time) error {
		if version != 0 && version != x.Version {
			return fault.New(fault.Conflict, "这份草稿刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		x.Form = in
		return s.fill(ctx, tx, x, new(fault.Check))
	})
}

// fill reads the form into the campaign and complains about what does not fit.
// The error is of the database only.
func (s *Service) fill(ctx context.Context, d bun.IDB, x *Campaign, c *fault.Check) error {
	x.read(c)
	if x.Fund == nil {
		return nil
	}
	f, err := fund.Read(ctx, d, *x.Fund)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || f.Foundation != x.Foundation || f.State != fund.Active {
		x.Fund = nil
		c.Fail("fund", "请选择本会运行中的专项基金")
	}
	return nil
}

// Missing lists everything that keeps a draft from being submitted now.
func (s *Service) Missing(ctx context.Context, x Campaign) ([]fault.Field, error) {
	return fault.Complaints(s.complete(ctx, s.db, &x, s.clock.Now()))
}

// complete is the full check of a draft, as at now.
func (s *Service) complete(ctx context.Context, d bun.IDB, x *Campaign, now time.Time) error {
	var c fault.Check
	if err := s.fill(ctx, d, x, &c); err != nil {
		return err
	}
	o, err := s.Organisations.Approved(ctx, d, x.Foundation)
	if err != nil {
		return err
	}
	if !c.Failed("filing_number") && o.USCC != nil {
		c.Must(strings.HasPrefix(x.Filing, *o.USCC), "filing_number", "备案编号的前 18 位应是本会的统一社会信用代码 %s；由别的慈善组织备案的募捐，请由它登记", *o.USCC)
	}
	c.Must(x.EndsOn == nil || x.State != Draft || !x.Over(now), "ends_on", "募捐期已经过了，请核对结束日期")
	files, err := s.Attachments.Of(ctx, d, ObjectKind, x.ID)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		c.FailUnder(rules.At(now).Must(rules.CharityPlatform).Source(), "papers", "请上传公开募捐资格证书和募捐方案备案的证明")
	}
	taken, err := d.NewSelect().Model((*Campaign)(nil)).Where("filing = ? AND id <> ? AND state <> ?", x.Filing, x.ID, Draft).Exists(ctx)
	if err != nil {
		return db.Translate(err)
	}
	c.Must(!taken, "filing_number", "这个备案编号已有一项募捐活动，请核对编号")
	return c.Err()
}

// Submit hands a complete draft to the approver; every complaint comes back at once.
func (s *Service) Submit(ctx context.Context, who party.Actor, campaign id.ID) (Campaign, error) {
	return s.change(ctx, who, campaign, "submit", func(ctx context.Context, tx bun.Tx, x *Campaign, now time.Time) error {
		if err := s.complete(ctx, tx, x, now); err != nil {
			return err
		}
		x.State, x.SubmittedAt, x.Reason = Review, &now, ""
		return record(ctx, tx, who, now, x.ID, trail.Event{Action: "提交审批"})
	})
}

// Return gives a draft back with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, campaign id.ID, reason string) (Campaign, error) {
	reason, err := reasonOf(reason, "请写明退回的原因，项目官员据此修改")
	if err != nil {
		return Campaign{}, err
	}
	return s.change(ctx, who, campaign, "return", func(ctx context.Context, tx bun.Tx, x *Campaign, now time.Time) error {
		x.State, x.Reason = Draft, reason
		return record(ctx, tx, who, now, x.ID, trail.Event{Action: "退回修改", Note: reason})
	})
}

// Approve makes a campaign public that somebody else drafted.
func (s *Service) Approve(ctx context.Context, who party.Actor, campaign id.ID) (Campaign, error) {
	return s.change(ctx, who, campaign, "approve", func(ctx context.Context, tx bun.Tx, x *Campaign, now time.Time) error {
		if err := s.complete(ctx, tx, x, now); err != nil {
			return err
		}
		x.State, x.ApprovedBy, x.ApprovedAt, x.Reason = Running, &who.Account, &now, ""
		if err := search.Put(ctx, tx, x.entry()); err != nil {
			return err
		}
		return record(ctx, tx, who, now, x.ID, trail.Event{Action: "批准公开", Note: "备案编号 " + x.Filing,
			Article: rules.At(now).Must(rules.CharityPlatform).Source(), Public: true})
	})
}

// End closes a campaign with a public word on how it went.
func (s *Service) End(ctx context.Context, who party.Actor, campaign id.ID, reason string) (Campaign, error) {
	reason, err := reasonOf(reason, "请写明募捐怎样结束，将向社会公开，例如：募捐期满")
	if err != nil {
		return Campaign{}, err
	}
	return s.change(ctx, who, campaign, "end", func(ctx context.Context, tx bun.Tx, x *Campaign, now time.Time) error {
		x.State, x.Reason, x.EndedAt = Ended, reason, &now
		if err := search.Put(ctx, tx, x.entry()); err != nil { // how it ended is found too
			return err
		}
		return record(ctx, tx, who, now, x.ID, trail.Event{Action: "募捐结束", Note: reason,
			Article: rules.At(now).Must(rules.CampaignFinal).Source(), Public: true})
	})
}

// entry is what the search knows of a campaign, in order of weight.
func (x Campaign) entry() search.Entry {
	return search.Entry{Kind: search.Campaign, ID: x.ID, At: *x.ApprovedAt, Texts: []string{x.Name, x.Filing, x.FoundationName + " " + x.Platform, x.Purpose + " " + x.Reason}}
}

// change is the frame of every mutation: lock, authorise, decide, write.
func (s *Service) change(ctx context.Context, who party.Actor, campaign id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, x *Campaign, now time.Time) error) (Campaign, error) {
	var out Campaign
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := read(ctx, tx, campaign, true)
		if err != nil {
			return err
		}
		if err := s.Require(who, x, action); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := do(ctx, tx, &x, now); err != nil {
			return err
		}
		x.UpdatedAt = now
		if err := save(ctx, tx, &x); err != nil {
			return err
		}
		out = x
		return nil
	})
	return out, err
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, campaign id.ID, e trail.Event) error {
	e.ObjectKind, e.ObjectID = ObjectKind, campaign
	return trail.Append(ctx, tx, who, at, e)
}

func reasonOf(s, ask string) (string, error) {
	s = strings.TrimSpace(strings.ToValidUTF8(s, ""))
	var c fault.Check
	c.Must(s != "", "reason", "%s", ask)
	c.Must(utf8.RuneCountInString(s) <= 2000, "reason", "不超过 2000 个字")
	return s, c.Err()
}
