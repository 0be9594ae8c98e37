package disclosure

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Crisis is a major emergency that a fund or a campaign serves, while which it publishes
// every five days (慈善法72).
type Crisis struct {
	bun.BaseModel `bun:"table:disclosure_emergency"`

	ID          id.ID      `bun:"id,pk" json:"id"`
	Foundation  id.ID      `bun:"foundation" json:"foundation"`
	SubjectKind string     `bun:"subject_kind" json:"subject_kind"`
	Subject     id.ID      `bun:"subject" json:"subject"`
	Why         string     `bun:"why" json:"why"`
	From        time.Time  `bun:"from_at" json:"from"`
	Until       *time.Time `bun:"until_at" json:"until,omitempty"`
	DeclaredBy  id.ID      `bun:"declared_by" json:"-"`
	EndedBy     *id.ID     `bun:"ended_by" json:"-"`
}

// Declare says that a fund or a campaign serves a major emergency from now on: it publishes
// every five days until End. Conflict where it was said already.
func (s *Service) Declare(ctx context.Context, who party.Actor, of id.ID, why string) (Crisis, error) {
	why, err := words("why", why, "请写明是什么突发事件，将向社会公开")
	if err != nil {
		return Crisis{}, err
	}
	var x Crisis
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.about(ctx, tx, of, true)
		if err != nil {
			return err
		}
		if err := s.require(who, a, "disclose"); err != nil {
			return err
		}
		if !a.open {
			return fault.New(fault.Conflict, "%s已经结束", a.noun())
		}
		now := s.clock.Now()
		x = Crisis{ID: id.New(now), Foundation: a.Foundation, SubjectKind: a.Kind, Subject: a.ID, Why: why, From: now, DeclaredBy: who.Account}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: a.Kind, ObjectID: a.ID, Action: "进入突发事件期间", Note: why,
			Article: rules.At(now).Must(rules.EmergencyPublish).Source(), Public: true})
	})
	if db.Duplicate(err) {
		err = fault.New(fault.Conflict, "已经在突发事件期间")
	}
	return x, err
}

// End says that the emergency is over; what lies before is still to be
// published.
func (s *Service) End(ctx context.Context, who party.Actor, of id.ID) (Crisis, error) {
	var x Crisis
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.about(ctx, tx, of, true)
		if err != nil {
			return err
		}
		if err := s.require(who, a, "disclose"); err != nil {
			return err
		}
		if err := db.Found(tx.NewSelect().Model(&x).Where("subject = ? AND until_at IS NULL", of).Scan(ctx), "突发事件期间"); err != nil {
			return err
		}
		now := s.clock.Now()
		x.Until, x.EndedBy = &now, &who.Account
		if err := db.One(tx.NewUpdate().Model(&x).Column("until_at", "ended_by").WherePK().Where("until_at IS NULL").Exec(ctx)); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: a.Kind, ObjectID: a.ID, Action: "突发事件期间结束", Note: x.Why, Public: true})
	})
	return x, err
}

// Crises lists the emergencies of a fund or a campaign that the actor may view,
// the last one first.
func (s *Service) Crises(ctx context.Context, who party.Actor, of id.ID) ([]Crisis, error) {
	a, err := s.about(ctx, s.db, of, false)
	if err == nil {
		err = s.require(who, a, "view")
	}
	if err != nil {
		return nil, err
	}
	var out []Crisis
	err = s.db.NewSelect().Model(&out).Where("subject = ?", of).Order("id DESC").Scan(ctx)
	return out, db.Translate(err)
}

// Of is the calendar of a fund or a campaign that the actor may view, the first
// deadline first; empty while it is not public.
func (s *Service) Of(ctx context.Context, who party.Actor, of id.ID) ([]Due, error) {
	a, err := s.about(ctx, s.db, of, false)
	if err == nil {
		err = s.require(who, a, "view")
	}
	if err != nil || a.campaign == nil && !a.fund.State.Public() || a.campaign != nil && !a.campaign.State.Public() {
		return nil, err
	}
	return s.dues(ctx, s.db, []Subject{a.Subject}, s.clock.Now())
}

// Own is the calendar of all funds and campaigns of the actor's foundation.
func (s *Service) Own(ctx context.Context, who party.Actor) ([]Due, error) {
	if who.Org == "" || who.OrgKind != party.Foundation {
		return nil, fault.New(fault.Forbidden, "请以基金会的身份查看")
	}
	return s.all(ctx, s.clock.Now(), func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("foundation = ?", who.Org) })
}

func (s *Service) all(ctx context.Context, now time.Time, which func(*bun.SelectQuery) *bun.SelectQuery) ([]Due, error) {
	var funds []fund.Fund
	if err := which(s.db.NewSelect().Model(&funds).Where("state IN (?)", bun.List([]fund.State{fund.Active, fund.Ended}))).Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	var campaigns []campaign.Campaign
	if err := which(s.db.NewSelect().Model(&campaigns).Where("state IN (?)", bun.List([]campaign.State{campaign.Running, campaign.Ended}))).Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	list := make([]Subject, 0, len(funds)+len(campaigns))
	for _, f := range funds {
		list = append(list, subject(f))
	}
	for _, x := range campaigns {
		list = append(list, campaignSubject(x, now))
	}
	return s.dues(ctx, s.db, list, now)
}

// dues is the calendar of some subjects with the drafts that are at work on it.
func (s *Service) dues(ctx context.Context, d bun.IDB, list []Subject, now time.Time) ([]Due, error) {
	var out []Due
	for part := range slices.Chunk(list, 200) {
		ids := make([]id.ID, 0, len(part))
		for _, x := range part {
			ids = append(ids, x.ID)
		}
		of := func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("subject IN (?)", bun.List(ids)) }
		told, err := done(ctx, d, of)
		if err != nil {
			return nil, err
		}
		var crises []Crisis
		if err := of(d.NewSelect().Model(&crises)).Order("id").Scan(ctx); err != nil {
			return nil, db.Translate(err)
		}
		spells := map[id.ID][]Spell{}
		for _, c := range crises {
			spells[c.Subject] = append(spells[c.Subject], Spell{c.From, c.Until})
		}
		drafts, err := drafts(ctx, d, of)
		if err != nil {
			return nil, err
		}
		for _, y := range part {
			list, err := Dues(y, told[y.ID], spells[y.ID], now, s.calendar)
			if err != nil {
				return nil, err
			}
			for _, x := range list {
				if w, at := drafts[work{y.ID, x.Kind}]; at && (x.Kind != Yearly || w.From.Equal(x.From)) {
					x.Draft, x.DraftState = w.ID, w.State
				}
				out = append(out, x)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Due) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Subject.ID, b.Subject.ID)) })
	return out, nil
}

type work struct {
	subject id.ID
	kind    Kind
}

func drafts(ctx context.Context, d bun.IDB, of func(*bun.SelectQuery) *bun.SelectQuery) (map[work]Disclosure, error) {
	var rows []Disclosure
	err := of(d.NewSelect().Model(&rows).Column("id", "subject", "kind", "state", "from_at").
		Where("corrects IS NULL AND state IN (?)", bun.List([]State{Draft, Review}))).Scan(ctx)
	out := map[work]Disclosure{}
	for _, r := range rows {
		out[work{r.Subject, r.Kind}] = r
	}
	return out, db.Translate(err)
}

type reminders struct{}

// Kind names the job.
func (reminders) Kind() string { return "disclosure_reminders" }

// How long before a deadline a foundation is told.
const (
	ahead     = 14 * 24 * time.Hour
	aheadSoon = 2 * 24 * time.Hour // where there are five days in all
)

// Remind tells every foundation of a disclosure that is due soon, and again of
// one that is late; of each once.
func (s *Service) Remind(ctx context.Context) error {
	now := s.clock.Now()
	list, err := s.all(ctx, now, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
	if err != nil {
		return err
	}
	for _, x := range list {
		notice := ahead
		if x.Kind == Emergency {
			notice = aheadSoon
		}
		if now.Before(x.At.Add(-notice)) {
			continue
		}
		if err := s.remind(ctx, x, now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) remind(ctx context.Context, x Due, now time.Time) error {
	stage, title := "soon", x.Subject.Name+"的"+x.Name()+"将到期"
	if x.Late(now) > 0 {
		stage, title = "late", x.Subject.Name+"的"+x.Name()+"已逾期"
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		r, err := tx.NewRaw("INSERT INTO disclosure_reminder (subject, kind, due_at, stage, sent_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			x.Subject.ID, x.Kind, x.At, stage, now).Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: x.Subject.Foundation}}, inbox.Letter{Title: title,
			Text: "最迟 " + calendar.Until(x.At) + "公布（" + x.Article + "）。", Link: "/foundation/disclosures"})
	})
}
