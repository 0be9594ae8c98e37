package acceptance

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/attachment"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Terms is what a wing knows about how its engagement is accepted.
type Terms struct {
	// Public: the service is for the public, who then takes part (条例第45条).
	Public bool
	// Rules is the law that the contract is under.
	Rules rules.Set
}

// Source is how a wing says it.
type Source func(ctx context.Context, d bun.IDB, e engagement.Engagement) (Terms, error)

// Told is how a wing hears, in the publishing transaction, of a result.
type Told func(ctx context.Context, tx bun.Tx, who party.Actor, e engagement.Engagement, x Acceptance, now time.Time) error

// Service decides on acceptances.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	engagements *engagement.Service
	files       *attachment.Service
	archive     *archive.Service
	site        string
	sources     map[engagement.Kind]Source
	told        map[engagement.Kind]Told
}

// New makes the service; site is the product's address, for the 验收书.
func New(d *bun.DB, c clock.Clock, e *engagement.Service, f *attachment.Service, a *archive.Service, site string) *Service {
	return &Service{db: d, clock: c, engagements: e, files: f, archive: a, site: site,
		sources: map[engagement.Kind]Source{}, told: map[engagement.Kind]Told{}}
}

// From sets where the terms of a kind come from and who hears of its results;
// called while the product is put together. t may be nil.
func (s *Service) From(k engagement.Kind, src Source, t Told) { s.sources[k], s.told[k] = src, t }

// terms are a kind's own, or those of a service to the public under the law of
// the day.
func (s *Service) terms(ctx context.Context, d bun.IDB, e engagement.Engagement, at time.Time) (Terms, error) {
	if src := s.sources[e.Kind]; src != nil {
		return src(ctx, d, e)
	}
	return Terms{Public: true, Rules: rules.At(at)}, nil
}

// Input is what is asked to be accepted.
type Input struct {
	Milestone int64  `json:"milestone,omitempty" description:"第几个节点；0 或不填为整个项目"`
	Report    string `json:"report" description:"履约情况：做了什么、还缺什么"`
}

// Ask asks for acceptance of the whole delivery or of one milestone. One at a
// time; what was refused may be asked for again once it is mended.
func (s *Service) Ask(ctx context.Context, who party.Actor, of id.ID, in Input) (Case, error) {
	var out Case
	in.Report = strings.TrimSpace(in.Report)
	var c fault.Check
	c.Must(in.Report != "", "report", "请写明履约情况：做了什么、还缺什么")
	c.Must(utf8.RuneCountInString(in.Report) <= 4000, "report", "不超过 4000 个字")
	if err := c.Err(); err != nil {
		return out, err
	}
	err := s.engagements.Change(ctx, who, of, "hand_over", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		p, err := plan.AgreedOf(ctx, tx, of)
		if err != nil {
			return err
		}
		before, err := all(ctx, tx, of)
		if err != nil {
			return err
		}
		x := Acceptance{ID: id.New(now), Engagement: of, Seq: int64(len(before) + 1), State: Asked, Report: in.Report, AskedBy: who.Account, AskedAt: now, Version: 1}
		if in.Milestone != 0 {
			x.Milestone = &in.Milestone
		}
		if err := free(before, x.Milestone); err != nil {
			return err
		}
		terms, err := s.terms(ctx, tx, e, now)
		if err != nil {
			return err
		}
		x.Public = terms.Public
		if x.Lines, err = linesOf(ctx, tx, p, x.Milestone, now); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		out = Case{x, e}
		if err := s.tell(ctx, tx, now, e.Payer, x, "“"+e.Title+"”申请验收", x.Scope()+"。请组织验收小组。"); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "申请验收", Note: x.Scope(), Public: true})
	})
	return out, err
}

// free refuses a second acceptance at the same time and one of what was accepted
// already. Who has mended sooner than the day that was set may ask at once.
func free(before []Acceptance, milestone *int64) error {
	same := func(a, b *int64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	for _, y := range before {
		if y.State == Asked || y.State == Review {
			return fault.New(fault.Conflict, "第 %d 次验收还没有办结，办结后再申请", y.Seq)
		}
		if y.State == Published && y.Result == Passed && same(y.Milestone, milestone) {
			return fault.New(fault.Conflict, "%s已经验收合格，不用再申请", y.Scope())
		}
	}
	return nil
}

// linesOf is what will be checked: of the whole delivery every output and every
// milestone's condition; of a milestone what was shown for it and its condition.
func linesOf(ctx context.Context, tx bun.Tx, p plan.Plan, milestone *int64, now time.Time) ([]Line, error) {
	var out []Line
	if milestone == nil {
		far, err := plan.ProgressOf(ctx, tx, p, now)
		if err != nil {
			return nil, err
		}
		for _, o := range far.Outputs {
			out = append(out, Line{Name: o.Name, Quantity: o.Quantity, Unit: o.Unit, Shown: o.Done})
		}
		for _, m := range p.Content.Milestones {
			out = append(out, Line{Name: m.Name, Standard: m.Condition})
		}
		return out, nil
	}
	if *milestone < 1 || *milestone > int64(len(p.Content.Milestones)) {
		var c fault.Check
		c.Fail("milestone", "请选择节点")
		return nil, c.Err()
	}
	shown, err := plan.ShownOf(ctx, tx, p.Engagement, *milestone)
	if err != nil {
		return nil, err
	}
	for _, o := range p.Content.Outputs {
		if n := shown[o.Name]; n > 0 {
			out = append(out, Line{Name: o.Name, Unit: o.Unit, Shown: n})
		}
	}
	m := p.Content.Milestones[*milestone-1]
	return append(out, Line{Name: m.Name, Standard: m.Condition}), nil
}

// change is the frame of what is done about an acceptance in a state.
func (s *Service) change(ctx context.Context, who party.Actor, acceptance id.ID, action string, in State,
	do func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error) (Case, error) {
	first, err := read(ctx, s.db, acceptance)
	if err != nil {
		return Case{}, err
	}
	var out Case
	err = s.engagements.Change(ctx, who, first.Engagement, action, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		a, err := read(ctx, tx, acceptance)
		if err != nil {
			return err
		}
		if a.State != in {
			return fault.New(fault.Conflict, "这次验收现在是“%s”，请刷新页面", a.StateName())
		}
		x := Case{a, e}
		if err := do(ctx, tx, &x, now); err != nil {
			return err
		}
		x.Version++
		out = x
		return db.One(tx.NewUpdate().Model(&x.Acceptance).ExcludeColumn("id", "engagement", "seq").WherePK().Exec(ctx))
	})
	return out, err
}

// Save keeps the record as typed, valid or not. A version of 0 saves over
// whatever is there; another must be the acceptance's.
func (s *Service) Save(ctx context.Context, who party.Actor, acceptance id.ID, version int64, f Form) (Case, error) {
	if err := f.storable(); err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, acceptance, "inspect", Asked, func(_ context.Context, _ bun.Tx, x *Case, _ time.Time) error {
		if version != 0 && version != x.Version {
			return fault.New(fault.Conflict, "验收记录刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		x.Form = f
		return nil
	})
}

// Decline sends a request back: nothing was inspected.
func (s *Service) Decline(ctx context.Context, who party.Actor, acceptance id.ID, reason string) (Case, error) {
	reason, err := because(reason, "请写明为什么现在不能验收")
	if err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, acceptance, "inspect", Asked, func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		x.State, x.Reason = Declined, reason
		if err := s.tell(ctx, tx, now, x.Of.Provider, x.Acceptance, "“"+x.Of.Title+"”验收申请未受理", reason); err != nil {
			return err
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "不受理验收申请", Note: reason})
	})
}

// frame reads what a record is held to.
func (s *Service) frame(ctx context.Context, d bun.IDB, x Case, now time.Time) (frame, error) {
	terms, err := s.terms(ctx, d, x.Of, now)
	if err != nil {
		return frame{}, err
	}
	out := frame{of: x.Of, lines: x.Lines, public: x.Public, set: terms.Rules, asked: x.AskedAt, now: now}
	t, err := tally(ctx, d, x.ID)
	if err != nil {
		return frame{}, err
	}
	out.heard = t.Answered
	err = d.NewSelect().TableExpr("account AS a").Join("JOIN membership AS m ON m.account = a.id").ColumnExpr("a.name").
		Where("m.organisation = ? AND m.ended_at IS NULL", x.Of.Provider).Limit(2000).Scan(ctx, &out.staff)
	return out, db.Translate(err)
}

// signed complains where no page that the group signed is attached.
func (s *Service) signed(ctx context.Context, d bun.IDB, x Case, c *fault.Check) error {
	files, err := s.files.Of(ctx, d, Object, x.ID)
	c.Must(len(files) > 0, "signed", "请上传验收小组签名的意见页（扫描件或照片）")
	return err
}

// Missing lists what keeps a record from being submitted.
func (s *Service) Missing(ctx context.Context, x Case) ([]fault.Field, error) {
	at, err := s.frame(ctx, s.db, x, s.clock.Now())
	if err != nil {
		return nil, err
	}
	var c fault.Check
	x.Form.read(at, &c)
	if err := s.signed(ctx, s.db, x, &c); err != nil {
		return nil, err
	}
	return fault.Complaints(c.Err())
}

// Submit hands a complete record to the payer's approver; every complaint
// comes back at once.
func (s *Service) Submit(ctx context.Context, who party.Actor, acceptance id.ID) (Case, error) {
	return s.change(ctx, who, acceptance, "inspect", Asked, func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		at, err := s.frame(ctx, tx, *x, now)
		if err != nil {
			return err
		}
		var c fault.Check
		content, result, redo := x.Form.read(at, &c)
		if err := s.signed(ctx, tx, *x, &c); err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		x.Content, x.Result, x.RedoOn = content, result, redo
		x.State, x.Reason, x.SubmittedBy, x.SubmittedAt = Review, "", &who.Account, &now
		return record(ctx, tx, who, now, x, trail.Event{Action: "提交验收结果待公布", Note: x.Scope() + "：" + result.Name()})
	})
}

// Return gives the record back to its officer with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, acceptance id.ID, reason string) (Case, error) {
	reason, err := because(reason, "请写明退回的原因，经办人据此修改")
	if err != nil {
		return Case{}, err
	}
	return s.change(ctx, who, acceptance, "publish", Review, func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		x.State, x.Reason, x.Result, x.RedoOn, x.Content = Asked, reason, "", nil, Content{}
		return record(ctx, tx, who, now, x, trail.Event{Action: "退回验收结果", Note: reason})
	})
}

// Publish makes the result public with its 验收书 (条例第45条); whoever submitted
// it never publishes it.
func (s *Service) Publish(ctx context.Context, who party.Actor, acceptance id.ID) (Case, error) {
	return s.change(ctx, who, acceptance, "publish", Review, func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		if *x.SubmittedBy == who.Account {
			return fault.New(fault.Forbidden, "提交验收结果的人不能审批公布，请由另一位办理")
		}
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope(Object, string(x.Of.Payer), year))
		if err != nil {
			return err
		}
		no := fmt.Sprintf("验收〔%d〕%04d号", year, n)
		x.State, x.Number, x.PublishedBy, x.PublishedAt = Published, &no, &who.Account, &now
		if err := voiced(ctx, tx, x); err != nil {
			return err
		}
		terms, err := s.terms(ctx, tx, x.Of, now)
		if err != nil {
			return err
		}
		d, err := s.archive.Issue(ctx, tx, s.report(*x, terms))
		if err != nil {
			return err
		}
		x.Document, x.Code = &d.ID, d.Code
		if t := s.told[x.Of.Kind]; t != nil {
			if err := t(ctx, tx, who, x.Of, x.Acceptance, now); err != nil {
				return err
			}
		}
		note := x.Scope() + "：" + x.Result.Name()
		if err := s.tell(ctx, tx, now, x.Of.Provider, x.Acceptance, "“"+x.Of.Title+"”验收结果已公布", note); err != nil {
			return err
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "公布验收结果", Note: note + "；验收书编号 " + no, Article: article(x.Of, terms), Public: true})
	})
}

// article is what a published result is cited under: the law of procurement
// does not bind a foundation.
func article(e engagement.Engagement, terms Terms) string {
	if e.Kind != engagement.Contract {
		return ""
	}
	return terms.Rules.Must(rules.AcceptanceUsers).Source()
}

func because(reason, ask string) (string, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(reason != "", "reason", "%s", ask)
	c.Must(utf8.RuneCountInString(reason) <= 2000, "reason", "不超过 2000 个字")
	return reason, c.Err()
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, x *Case, v trail.Event) error {
	return engagement.Record(ctx, tx, who, now, x.Engagement, v)
}

func (s *Service) tell(ctx context.Context, tx bun.Tx, now time.Time, to id.ID, x Acceptance, title, text string) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: text, Link: "/acceptances/" + string(x.ID)})
}
