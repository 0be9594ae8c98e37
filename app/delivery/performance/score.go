package performance

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/trail"
)

// SaveSheet keeps the scoring sheet as typed, valid or not. A version of 0
// saves over whatever is there; another must be the sheet's.
func (s *Service) SaveSheet(ctx context.Context, who party.Actor, evaluation id.ID, version int64, in Sheet) (Case, error) {
	return s.change(ctx, who, evaluation, "score", func(_ context.Context, _ bun.Tx, x *Case, now time.Time) error {
		if version != 0 && version != x.Version {
			return fault.New(fault.Conflict, "这张评分表刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		was := x.Sheet.Lines
		x.write(who, in)
		if err := x.Sheet.storable(x.Tree); err != nil {
			return err
		}
		x.stamp(who, was, now)
		return nil
	})
}

func (x *Case) write(who party.Actor, in Sheet) {
	x.Sheet = in
	if x.Sheet.Lines == nil {
		x.Sheet.Lines = map[string]LineForm{}
	}
	if !slices.Contains(x.Scorers, who.Account) {
		x.Scorers = append(x.Scorers, who.Account)
	}
}

// stamp notes who wrote each line that differs from what was there, and when.
func (x *Case) stamp(who party.Actor, was map[string]LineForm, now time.Time) {
	if x.Stamps == nil {
		x.Stamps = map[string]Stamp{}
	}
	for code, l := range x.Sheet.Lines {
		if !l.same(was[code]) {
			x.Stamps[code] = Stamp{who.Account, who.OrgName, now}
		}
	}
}

// Desk is what a scorer or a provider works with: the figures that the system
// has now, and what may be named as evidence.
type Desk struct {
	Facts map[Source]Fact `json:"facts"`
	Links []Link          `json:"links"`
	Law   rules.Set       `json:"-"`
}

// Desk reads it, for who may see the evidence.
func (s *Service) Desk(ctx context.Context, who party.Actor, x Case) (Desk, error) {
	d := Desk{Facts: map[Source]Fact{}, Links: []Link{}}
	var err error
	if d.Law, err = rules.Thaw([]byte(x.Rules)); err != nil {
		return d, err
	}
	if s.require(ctx, s.db, who, x, "evidence") != nil {
		return d, nil
	}
	if d.Facts, err = s.facts(ctx, s.db, x.Of, s.clock.Now()); err == nil {
		d.Links, err = links(ctx, s.db, x)
	}
	return d, err
}

// Missing lists everything that keeps a sheet from being submitted now.
func (s *Service) Missing(ctx context.Context, x Case) ([]fault.Field, error) {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	facts, err := s.facts(ctx, s.db, x.Of, now)
	if err != nil {
		return nil, err
	}
	_, _, err = x.Sheet.read(x.Tree, facts, law, now)
	return fault.Complaints(err)
}

// Submit hands a complete sheet to the payer's approver; every complaint comes
// back at once.
func (s *Service) Submit(ctx context.Context, who party.Actor, evaluation id.ID) (Case, error) {
	return s.change(ctx, who, evaluation, "submit", func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		facts, err := s.facts(ctx, tx, x.Of, now)
		if err != nil {
			return err
		}
		if err := s.settle(ctx, tx, x, facts, now); err != nil {
			return err
		}
		x.write(who, x.Sheet)
		x.State, x.SubmittedBy, x.SubmittedAt, x.Reason = Review, &who.Account, &now, ""
		if err := tell(ctx, tx, now, x.Payer, *x, "“"+x.Of.Title+"”的评价结果待审批", x.Points()+" 分，"+string(x.Grade)+"。"); err != nil {
			return err
		}
		return record(ctx, tx, who, now, *x, trail.Event{Action: "提交评价结果待审批", Note: x.Points() + " 分，" + string(x.Grade)})
	})
}

// settle computes what the sheet comes to under the frozen rules and freezes
// the figures that it rests on.
func (s *Service) settle(ctx context.Context, tx bun.Tx, x *Case, facts map[Source]Fact, now time.Time) error {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return err
	}
	r, problems, err := x.Sheet.read(x.Tree, facts, law, now)
	if err != nil {
		return err
	}
	if r.Grade == "" {
		return fault.New(fault.Unknown, "冻结的规则没有等级划分")
	}
	known, err := links(ctx, tx, *x)
	if err != nil {
		return err
	}
	if x.Course, err = s.spending(ctx, tx, x.Of, now); err != nil {
		return err
	}
	x.Lines, x.Facts = make([]Line, 0, len(r.Leaves)), []Fact{}
	for _, src := range Sources() {
		if slices.ContainsFunc(r.Leaves, func(l Scored) bool { return l.Source == src }) {
			x.Facts = append(x.Facts, facts[src])
		}
	}
	for _, l := range r.Leaves {
		x.Lines = append(x.Lines, x.line(l, facts[l.Source], known, law))
	}
	x.Pillars, x.Problems, x.Total, x.Grade = r.Pillars, problems, &r.Total, r.Grade
	return nil
}

// line is a leaf as it is frozen: the score, why, who, when, on which evidence.
func (x *Case) line(l Scored, fact Fact, known []Link, law rules.Set) Line {
	f := x.Sheet.Lines[l.Code]
	out := Line{Code: l.Code, First: l.First, Second: l.Second, Name: l.Name, Standard: l.Standard, Kind: l.Kind, Weight: l.Weight,
		Mark: l.Mark, Points: l.Points, Reason: f.Reason}
	if l.Kind == Qualitative {
		out.Level = LevelOf(law, l.Points, l.Weight)
	}
	for _, k := range known {
		if slices.Contains(f.Evidence, k.Key) {
			out.Evidence = append(out.Evidence, k)
		}
	}
	if at, ok := x.Stamps[l.Code]; ok {
		out.By, out.At = at.By, &at.At
	}
	if fact.Known {
		out.Fact, out.By = fact.Text, System
	}
	return out
}
