package tender

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Suspension keeps a purchase from going on while a 质疑 or 投诉 runs. Whole
// ones stop opening, award and contract (政府采购法第57条); the others only the
// contract (政府采购法实施条例第54条).
type Suspension struct {
	bun.BaseModel `bun:"table:suspension"`

	ID      id.ID      `bun:"id,pk" json:"id"`
	Tender  id.ID      `bun:"tender" json:"tender"`
	Cause   id.ID      `bun:"cause" json:"-"` // the challenge
	Whole   bool       `bun:"whole" json:"whole"`
	Reason  string     `bun:"reason" json:"reason"`
	Article string     `bun:"article" json:"article"`
	From    time.Time  `bun:"from_at" json:"from"`
	Until   *time.Time `bun:"until_at" json:"until,omitempty"` // exclusive; nil: until the cause is decided
	Ended   *time.Time `bun:"ended_at" json:"ended,omitempty"`
}

// Step is a step of a purchase that a suspension can stop.
type Step string

// The steps, as people read them.
const (
	OpeningStep  Step = "开标"
	AwardStep    Step = "定标"
	ContractStep Step = "签订合同"
)

// Runs reports whether it stops anything at a moment.
func (x Suspension) Runs(now time.Time) bool {
	return x.Ended == nil && (x.Until == nil || now.Before(*x.Until))
}

// NotSuspended is the one gate that the services ask before a step, in their
// transaction, with the tender's row locked: a Conflict while a suspension
// that stops the step runs.
func NotSuspended(ctx context.Context, d bun.IDB, tender id.ID, now time.Time, step Step) error {
	list, err := Suspensions(ctx, d, tender, now)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.Whole || step == ContractStep {
			until := "处理完毕后才能继续"
			if x.Until != nil {
				until = "最长至 " + calendar.Until(*x.Until)
			}
			return fault.New(fault.Conflict, "采购活动暂停中，现在不能%s：%s（%s），%s", step, x.Reason, x.Article, until).Under(x.Article)
		}
	}
	return nil
}

// Suspensions lists those of a tender that run at a moment.
func Suspensions(ctx context.Context, d bun.IDB, tender id.ID, now time.Time) ([]Suspension, error) {
	var all, out []Suspension
	if err := d.NewSelect().Model(&all).Where("tender = ? AND ended_at IS NULL", tender).Order("id").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for _, x := range all {
		if x.Runs(now) {
			out = append(out, x)
		}
	}
	return out, nil
}

// Suspended lists what keeps a tender that the actor may view from going on:
// a suspension of the whole is public, that a contract waits for the answer to
// a 质疑 is for the buyer's people until it is given.
func (s *Service) Suspended(ctx context.Context, who party.Actor, t Tender) ([]Suspension, error) {
	list, err := Suspensions(ctx, s.db, t.ID, s.clock.Now())
	if err != nil || s.Allowed(who, t, "follow") {
		return list, err
	}
	return slices.DeleteFunc(list, func(x Suspension) bool { return !x.Whole }), nil
}

// Stops names what may not be done while it runs.
func (x Suspension) Stops() string {
	if x.Whole {
		return "开标、定标和签订合同"
	}
	return "签订合同"
}

// Suspend stops a purchase whose row is locked.
func Suspend(ctx context.Context, tx bun.IDB, x Suspension) error {
	x.ID = id.New(x.From)
	_, err := tx.NewInsert().Model(&x).Exec(ctx)
	return db.Translate(err)
}

// Resume ends what a cause had suspended; where nothing is left to end it does
// nothing.
func Resume(ctx context.Context, tx bun.IDB, cause id.ID, now time.Time) error {
	_, err := tx.NewUpdate().Model((*Suspension)(nil)).Set("ended_at = ?", now).Where("cause = ? AND ended_at IS NULL", cause).Exec(ctx)
	return db.Translate(err)
}
