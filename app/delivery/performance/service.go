package performance

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/delivery/engagement"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service decides what happens to evaluations.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	policy      *policy.Policy
	orgs        *organisation.Service
	engagements *engagement.Service
	archive     *archive.Service
	days        *calendar.Calendar
	site        string
}

// New makes the service. Site is where the product is reached from outside,
// for the verification address printed on reports; days counts the working days
// in which a provider may object.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, o *organisation.Service, g *engagement.Service, a *archive.Service,
	days *calendar.Calendar, site string) *Service {
	return &Service{db: d, clock: c, policy: p, orgs: o, engagements: g, archive: a, days: days, site: site}
}

// Case is an evaluation with the engagement it judges.
type Case struct {
	Evaluation
	Of engagement.Engagement `bun:"-" json:"-"`
}

// relations are what an actor is to an evaluation. The scorer is the appointed
// evaluator's lead, or without one the payer's officer; whoever wrote on the
// sheet is never its approver, and who answers an objection ("payer.second")
// neither scored nor approved what it objects to.
func relations(who party.Actor, x Case) []string {
	rel := who.Relations()
	switch who.Org {
	case "":
	case x.Payer:
		rel = append(rel, "payer")
		wrote := slices.Contains(x.Scorers, who.Account)
		if who.Role != party.Approver || !wrote {
			rel = append(rel, "payer."+string(who.Role))
		}
		if x.Of.Evaluator == nil && who.Role == party.Officer {
			rel = append(rel, "scorer")
		}
		if second := []party.Role{party.Officer, party.Approver, party.Supervisor}; !wrote && slices.Contains(second, who.Role) && (x.ApprovedBy == nil || *x.ApprovedBy != who.Account) {
			rel = append(rel, "payer.second")
		}
	case x.Provider:
		rel = append(rel, "provider", "provider."+string(who.Role))
	default:
		if x.Of.Evaluator == nil || who.Org != *x.Of.Evaluator {
			break
		}
		rel = append(rel, "appraiser")
		if who.Role == party.Lead {
			rel = append(rel, "scorer")
		}
	}
	return rel
}

func (s *Service) require(ctx context.Context, d bun.IDB, who party.Actor, x Case, action string) error {
	err := s.policy.Require(relations(who, x), Object+"."+string(x.State), action)
	if err == nil && slices.Contains(judged, action) {
		err = s.unbiased(ctx, d, who, x)
	}
	return err
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(ctx context.Context, who party.Actor, x Case, action string) bool {
	return s.require(ctx, s.db, who, x, action) == nil
}

// May is the one authorisation function; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, evaluation id.ID, action string) error {
	x, err := s.read(ctx, s.db, evaluation)
	if err != nil {
		return err
	}
	return s.require(ctx, s.db, who, x, action)
}

// EvidenceKind is the kind of the files behind a provider's report. They may
// hold residents' data, so they stay among the parties (慈善法第82条,
// 个人信息保护法第25条); MayEvidence guards them.
const EvidenceKind = "performance_evidence"

// MayEvidence fits access.Registry.
func (s *Service) MayEvidence(ctx context.Context, who party.Actor, evaluation id.ID, action string) error {
	if action == "view" {
		action = "evidence"
	}
	return s.May(ctx, who, evaluation, action)
}

// Get reads an evaluation the actor may view. Before publication the provider
// sees where it stands and its own report, not the scores.
func (s *Service) Get(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	x, err := s.read(ctx, s.db, evaluation)
	if err != nil {
		return Case{}, err
	}
	return s.shown(ctx, who, x)
}

// OfEngagement is the evaluation of an engagement, as Get; NotFound before it
// is started.
func (s *Service) OfEngagement(ctx context.Context, who party.Actor, engagement id.ID) (Case, error) {
	x, err := s.readOf(ctx, s.db, engagement)
	if err != nil {
		return Case{}, err
	}
	return s.shown(ctx, who, x)
}

func (s *Service) shown(ctx context.Context, who party.Actor, x Case) (Case, error) {
	rel := relations(who, x)
	object := Object + "." + string(x.State)
	if err := s.policy.Require(rel, object, "view"); err != nil {
		return Case{}, err
	}
	if !s.policy.Any(rel, object, "scores") {
		x.Sheet, x.Lines, x.Pillars, x.Problems, x.Total, x.Grade, x.Reason = Sheet{}, nil, nil, nil, nil, "", ""
		x.Facts, x.Course, x.NoticeAt, x.ObjectionDue = nil, nil, nil, nil
	}
	return x, nil
}

// Starting is how an evaluation begins.
type Starting struct {
	// Template is the id of a tree that ships, or of one of the payer's own, of
	// which the latest version is frozen; Tree, when set, is given whole.
	Template string `json:"template,omitempty" description:"指标体系的编号：自带的或本单位自己的（取最新版）"`
	Tree     *Tree  `json:"tree,omitempty" description:"整套指标体系；填了它就不用 template"`
	// SelfDue is the last day for the provider's report on itself.
	SelfDue string `json:"self_due" description:"承接方自评截止日，形如 2026-07-15"`
	// Evaluator is an approved 第三方评价机构; "" means the payer scores itself.
	Evaluator id.ID `json:"evaluator,omitempty" description:"第三方评价机构；空表示由付款方自己评分"`
}

// Start opens the one evaluation of an engagement that is over.
func (s *Service) Start(ctx context.Context, who party.Actor, of id.ID, in Starting) (Case, error) {
	var x Case
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		g, err := engagement.ForUpdate(ctx, tx, of)
		if err != nil {
			return err
		}
		if err := s.engagements.Require(who, g, "evaluate"); err != nil {
			return err
		}
		now := s.clock.Now()
		if !g.Over(now) {
			return fault.New(fault.Conflict, "履约期到 %s 24:00 才结束，期满后才能开始绩效评价；提前终止的可以随时评价",
				g.End.In(clock.Beijing).Format("2006年1月2日"))
		}
		if has, err := started(ctx, tx, of); err != nil || has {
			return taken(err)
		}
		tree, due, err := s.chosen(ctx, tx, g.Payer, in, now)
		if err != nil {
			return err
		}
		if err := s.appoint(ctx, tx, &g, in.Evaluator); err != nil {
			return err
		}
		law, err := rules.At(now).Topic("performance").Freeze()
		if err != nil {
			return err
		}
		x = Case{Of: g, Evaluation: Evaluation{ID: id.New(now), Engagement: g.ID, Payer: g.Payer, Provider: g.Provider, State: SelfReport,
			Version: 1, Tree: tree, Rules: string(law), SelfDue: due, Sheet: Sheet{Lines: map[string]LineForm{}}, Stamps: map[string]Stamp{},
			Lines: []Line{}, Pillars: []Pillar{}, Problems: []Problem{}, Facts: []Fact{}, Course: []Spending{},
			StartedBy: who.Account, Scorers: []id.ID{}, StartedAt: now, UpdatedAt: now}}
		if _, err := tx.NewInsert().Model(&x.Evaluation).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if err := tell(ctx, tx, now, g.Provider, x, "请为“"+g.Title+"”提交自评", "最迟 "+due.Add(-1).In(clock.Beijing).Format("2006年1月2日")+"。"); err != nil {
			return err
		}
		note := "指标体系：" + tree.Title()
		if g.EvaluatorName != "" {
			note += "；第三方评价机构：" + g.EvaluatorName
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "开始绩效评价", Note: note, Public: true,
			Article: rules.At(now).Must(rules.EvaluationOutputBenefit).Source()})
	})
	return x, err
}

func taken(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "这个项目已经开始过绩效评价，一个项目只评一次")
}

// chosen checks what was chosen; the last day for the self-evaluation ends at
// 24:00 in Beijing.
func (s *Service) chosen(ctx context.Context, d bun.IDB, payer id.ID, in Starting, now time.Time) (Tree, time.Time, error) {
	var c fault.Check
	tree, ok := Template(in.Template)
	if !ok && in.Template != "" {
		own, err := latest(ctx, d, payer, id.ID(in.Template))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return tree, now, err
		}
		tree, ok = own.Tree, err == nil
	}
	if in.Tree != nil {
		tree, ok = *in.Tree, true
		c.Adopt("tree", tree.Check())
	}
	c.Must(ok, "template", "请选择一套指标体系")
	last, err := time.ParseInLocation(time.DateOnly, in.SelfDue, clock.Beijing)
	due := clock.Trunc(last.AddDate(0, 0, 1))
	c.Must(err == nil && now.Before(due), "self_due", "请选择今天或以后的日期，作为承接方自评的截止日")
	return tree, due, c.Err()
}

func (s *Service) appoint(ctx context.Context, tx bun.Tx, g *engagement.Engagement, evaluator id.ID) error {
	if evaluator == "" {
		return nil
	}
	o, err := s.orgs.Approved(ctx, tx, evaluator)
	if fault.Is(err, fault.NotFound) || err == nil && o.Kind != party.Evaluator {
		var c fault.Check
		c.Fail("evaluator", "请在已登记的第三方评价机构中选择")
		return c.Err()
	}
	if err != nil {
		return err
	}
	if err := s.engagements.Appoint(ctx, tx, g, &o.ID, o.Name); err != nil {
		return err
	}
	return independent(ctx, tx, o.ID, g.Provider, s.clock.Now())
}

// change is the frame of every mutation: lock, authorise, decide, write. What
// comes back is what the actor may see of it.
func (s *Service) change(ctx context.Context, who party.Actor, evaluation id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error) (Case, error) {
	var out Case
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := s.forUpdate(ctx, tx, evaluation)
		if err != nil {
			return err
		}
		if err := s.require(ctx, tx, who, x, action); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := do(ctx, tx, &x, now); err != nil {
			return err
		}
		x.UpdatedAt = now
		if err := save(ctx, tx, &x.Evaluation); err != nil {
			return err
		}
		out = x
		return nil
	})
	if err != nil {
		return Case{}, err
	}
	return s.shown(ctx, who, out)
}

// tell sends a message about an evaluation to everybody of an organisation.
func tell(ctx context.Context, tx bun.Tx, now time.Time, to id.ID, x Case, title, text string) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: text, Link: "/performance/" + string(x.ID)})
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, x Case, v trail.Event) error {
	return engagement.Record(ctx, tx, who, at, x.Engagement, v)
}
