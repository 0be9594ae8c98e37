package receipt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/campaign"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
	"gongji/storage/mail"
	"gongji/storage/queue"
)

// Bulk issues receipts by the batch: finance freezes who gets what and looks
// at a trial print, somebody else reviews and thereby starts it, a job issues
// and makes the PDFs, and what could not be issued stays with its reason until
// it is mended and checked again.
type Bulk struct {
	*Service
	queue  *queue.Queue
	sender *mail.Sender // nil where no mail is sent
}

// NewBulk makes the service and registers its jobs; sender is nil where no
// mail is sent.
func NewBulk(s *Service, q *queue.Queue, sender *mail.Sender) (*Bulk, error) {
	b := &Bulk{Service: s, queue: q, sender: sender}
	return b, errors.Join(queue.Handle(q, func(ctx context.Context, j batchJob) error { return b.work(ctx, j.Batch) }),
		queue.Handle(q, func(ctx context.Context, j mailJob) error { return b.send(ctx, j.Batch) }))
}

// batchRelations are what an actor is to a foundation's batches: one of those
// who issue its receipts, or nobody.
func batchRelations(who party.Actor, foundation id.ID) []string {
	if foundation == "" || who.Org != foundation || who.OrgKind != party.Foundation {
		return nil
	}
	return []string{"receipt_batch." + string(who.Role)}
}

func (b Batch) object() string { return BatchKind + "." + string(b.State) }

// May is the one authorisation function of a batch.
func (s *Bulk) May(ctx context.Context, who party.Actor, batch id.ID, action string) error {
	b, err := readBatch(ctx, s.db, batch, false)
	if err != nil {
		return err
	}
	return s.policy.Require(batchRelations(who, b.Foundation), b.object(), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons;
// who prepared a batch does not review it.
func (s *Bulk) Allowed(who party.Actor, b Batch, action string) bool {
	if action == "approve" && who.Account == b.Handler {
		return false
	}
	return s.policy.Any(batchRelations(who, b.Foundation), b.object(), action)
}

// MayPrepare reports whether the actor prepares batches.
func (s *Bulk) MayPrepare(who party.Actor) bool {
	return s.policy.Any(batchRelations(who, who.Org), BatchKind+".new", "prepare")
}

// MayList reports whether the actor sees the batches of their foundation.
func (s *Bulk) MayList(who party.Actor) bool {
	return s.policy.Any(batchRelations(who, who.Org), BatchKind+".any", "view")
}

// Freeze prepares a batch: it writes down who would get what, and sets aside
// with a reason who cannot. Nothing is issued. Where the same one is open
// already that one is given and fresh is false, so that two officers (or two
// presses) make one. Errors: Forbidden, Invalid (no such donations, none at
// all), TooLarge (over 50,000).
func (s *Bulk) Freeze(ctx context.Context, who party.Actor, sc Scope) (b Batch, fresh bool, err error) {
	if err := s.policy.Require(batchRelations(who, who.Org), BatchKind+".new", "prepare"); err != nil {
		return b, false, fault.New(fault.Forbidden, "批量开具收据由基金会财务准备，请切换到财务身份")
	}
	if sc, err = sc.tidy(); err != nil {
		return b, false, err
	}
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var open bool
		if b, open, err = openBatch(ctx, tx, who.Org, sc.key()); open || err != nil {
			return err
		}
		fresh = true
		b, err = s.freeze(ctx, tx, who, sc)
		return err
	})
	if fault.Is(err, fault.Conflict) { // another officer was first, in this very moment
		if first, open, again := openBatch(ctx, s.db, who.Org, sc.key()); open && again == nil {
			return first, false, nil
		}
	}
	return b, fresh, err
}

func openBatch(ctx context.Context, d bun.IDB, foundation id.ID, key string) (Batch, bool, error) {
	var list []Batch
	err := d.NewSelect().Model(&list).Where("foundation = ? AND scope = ? AND state IN (?)", foundation, key, bun.List([]BatchState{BatchPrepared, BatchRunning})).Scan(ctx)
	if err != nil || len(list) == 0 {
		return Batch{}, false, db.Translate(err)
	}
	return list[0], true, nil
}

func (s *Bulk) freeze(ctx context.Context, tx bun.Tx, who party.Actor, sc Scope) (Batch, error) {
	now := s.clock.Now()
	b := Batch{ID: id.New(now), Foundation: who.Org, Chosen: strings.Join(sc.References, " "), Scope: sc.key(), Remark: sc.Remark,
		State: BatchPrepared, Round: 1, Handler: who.Account, HandlerName: who.Name, PreparedAt: now}
	name := ""
	switch {
	case len(sc.References) > 0:
	case sc.Campaign != "":
		x, err := campaign.Read(ctx, tx, sc.Campaign)
		if err == nil && (x.Foundation != who.Org || !x.State.Public()) {
			err = mend("campaign", "请选择本基金会已公开的募捐活动")
		}
		if err != nil {
			return b, err
		}
		b.Campaign, name = &x.ID, x.Name
	default:
		b.Year = &sc.Year
	}
	if sc.Fund != "" && b.Year != nil {
		f, err := fund.Read(ctx, tx, sc.Fund)
		if err == nil && f.Foundation != who.Org {
			err = mend("fund", "请选择本基金会的专项基金")
		}
		if err != nil {
			return b, err
		}
		b.Fund, name = &f.ID, f.Name
	}
	b.Title = sc.title(name)
	ids, err := sc.donations(ctx, tx, who.Org)
	if err != nil {
		return b, err
	}
	if _, err := tx.NewInsert().Model(&b).Exec(ctx); err != nil {
		return b, db.Translate(err)
	}
	line := 0
	for part := range slices.Chunk(ids, 1000) {
		list, err := gifts(ctx, tx, part, false)
		if err != nil {
			return b, err
		}
		rows := make([]BatchRow, 0, len(part))
		for _, d := range part {
			r, err := list[d].row(now)
			if err != nil {
				return b, err
			}
			line++
			r.Batch, r.Line = b.ID, line
			rows = append(rows, r)
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return b, db.Translate(err)
		}
	}
	if err := b.count(ctx, tx); err != nil {
		return b, err
	}
	if err := saveBatch(ctx, tx, &b); err != nil {
		return b, err
	}
	return b, noteBatch(ctx, tx, who, now, b, "准备批量开具，待复核", b.sums(), rules.ReceiptTwoPeople)
}

// sums says in one sentence what a batch holds.
func (b Batch) sums() string {
	return fmt.Sprintf("可开具 %d 张，%s 元；搁置 %d 笔", b.Waiting+b.Issued, b.Amount.Yuan(), b.Aside)
}

// donations are the ids of a scope, in the order in which they arrived.
func (s Scope) donations(ctx context.Context, tx bun.Tx, foundation id.ID) ([]id.ID, error) {
	var list []struct {
		ID        id.ID  `bun:"id"`
		Reference string `bun:"reference"`
	}
	q := tx.NewSelect().TableExpr("donation").Column("id", "reference").Where("foundation = ?", foundation).
		OrderExpr("COALESCE(arrived_at, created_at), id").Limit(BatchMost + 1)
	switch {
	case s.Campaign != "" && len(s.References) == 0:
		q = q.Where("id IN (SELECT donation FROM campaign_settlement WHERE campaign = ?0) OR gathered_in IN (SELECT donation FROM campaign_settlement WHERE campaign = ?0)", s.Campaign).
			Where("NOT (state = ? AND refunded_at IS NULL)", donation.Cancelled)
	case len(s.References) > 0:
		q = q.Where("reference IN (?)", bun.List(s.References))
	default:
		from := time.Date(s.Year, 1, 1, 0, 0, 0, 0, clock.Beijing)
		q = q.Where("COALESCE(arrived_at, created_at) >= ? AND COALESCE(arrived_at, created_at) < ?", from.UTC(), from.AddDate(1, 0, 0).UTC()).
			Where("NOT (state = ? AND refunded_at IS NULL)", donation.Cancelled) // withdrawn before anything came
		if s.Fund != "" {
			q = q.Where("fund = ?", s.Fund)
		}
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, db.Translate(err)
	}
	var out []id.ID
	have := map[string]bool{}
	for _, x := range list {
		out, have[x.Reference] = append(out, x.ID), true
	}
	for _, r := range s.References {
		if !have[r] {
			return nil, mend("references", "本基金会没有登记号为 "+r+" 的捐赠，请核对")
		}
	}
	switch {
	case len(out) == 0:
		return nil, mend(map[bool]string{true: "campaign", false: "year"}[s.Campaign != ""], "这个范围里没有捐赠，请换一个年度、基金或募捐")
	case len(out) > BatchMost:
		return nil, fault.New(fault.TooLarge, "这个范围超过 %d 笔捐赠，请按专项基金分批开具", BatchMost)
	}
	return out, nil
}

// Approve reviews a batch and starts it: a job goes on with it however the
// page is closed. Pressed twice, or by two people, it runs once.
// The reviewer is never the one who prepared it (财综〔2024〕1号 6).
func (s *Bulk) Approve(ctx context.Context, who party.Actor, batch id.ID) (Batch, error) {
	var b Batch
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if b, err = readBatch(ctx, tx, batch, true); err != nil {
			return err
		}
		if err := s.policy.Require(batchRelations(who, b.Foundation), b.object(), "view"); err != nil {
			return err
		}
		if b.State == BatchRunning || b.State == BatchDone {
			return nil
		}
		if err := s.policy.Require(batchRelations(who, b.Foundation), b.object(), "approve"); err != nil {
			return err
		}
		now := s.clock.Now()
		switch {
		case who.Account == b.Handler:
			return fault.New(fault.Forbidden, "这一批由您准备，复核人不能与收款人为同一人，请另一位同事复核").Under(rules.At(now).Must(rules.ReceiptTwoPeople).Source())
		case b.Waiting == 0:
			return fault.New(fault.Conflict, "这一批没有可以开具的捐赠：请先处理搁置的，再重新核对")
		}
		b.State, b.Reviewer, b.ReviewerName, b.ApprovedAt, b.Problem = BatchRunning, &who.Account, who.Name, &now, ""
		if err := saveBatch(ctx, tx, &b); err != nil {
			return err
		}
		if err := noteBatch(ctx, tx, who, now, b, "复核通过，开始开具", b.sums(), rules.ReceiptTwoPeople); err != nil {
			return err
		}
		return s.queue.Add(ctx, tx, batchJob{b.ID})
	})
	return b, err
}

// Drop gives up a batch of which this round has issued nothing, with the
// reason. What earlier rounds issued stays issued.
func (s *Bulk) Drop(ctx context.Context, who party.Actor, batch id.ID, reason string) (Batch, error) {
	reason = clean(reason)
	var b Batch
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if b, err = s.decide(ctx, tx, who, batch, "drop"); err != nil {
			return err
		}
		if reason == "" || len([]rune(reason)) > 500 {
			return mend("reason", "请写明放弃或退回的原因，不超过 500 个字")
		}
		now := s.clock.Now()
		b.State, b.Reason, b.EndedAt = BatchDropped, reason, &now
		if err := saveBatch(ctx, tx, &b); err != nil {
			return err
		}
		return noteBatch(ctx, tx, who, now, b, "放弃批量开具", reason, "")
	})
	return b, err
}

// Recheck looks at what is set aside again (and, before anything is issued, at
// everything) and freezes it as it is now. Where something can now be issued
// the batch waits for review anew: what a reviewer has not seen is not issued.
func (s *Bulk) Recheck(ctx context.Context, who party.Actor, batch id.ID) (Batch, error) {
	var b Batch
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if b, err = s.decide(ctx, tx, who, batch, "recheck"); err != nil {
			return err
		}
		now := s.clock.Now()
		var rows []BatchRow
		if err := tx.NewSelect().Model(&rows).Where("batch = ? AND state <> ?", b.ID, RowIssued).Order("line").Scan(ctx); err != nil {
			return db.Translate(err)
		}
		for part := range slices.Chunk(rows, 1000) {
			if err := refreeze(ctx, tx, part, now); err != nil {
				return err
			}
		}
		was := b.Waiting
		if err := b.count(ctx, tx); err != nil {
			return err
		}
		if b.State == BatchDone && b.Waiting > 0 {
			b.State, b.Round, b.EndedAt = BatchPrepared, b.Round+1, nil
			_, open, err := openBatch(ctx, tx, b.Foundation, b.Scope)
			if err != nil || open {
				return cmp.Or(err, error(fault.New(fault.Conflict, "同一范围另有一批正在办理，请在那一批里处理")))
			}
		}
		if b.State == BatchPrepared {
			b.Handler, b.HandlerName, b.PreparedAt, b.Reviewer, b.ReviewerName, b.ApprovedAt = who.Account, who.Name, now, nil, "", nil
		}
		if err := saveBatch(ctx, tx, &b); err != nil {
			return err
		}
		return noteBatch(ctx, tx, who, now, b, "重新核对", fmt.Sprintf("可开具 %d 张（原 %d 张），搁置 %d 笔", b.Waiting, was, b.Aside), "")
	})
	return b, err
}

// refreeze writes down again the rows that are no longer as they were frozen.
func refreeze(ctx context.Context, tx bun.Tx, rows []BatchRow, now time.Time) error {
	ids := make([]id.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.Donation
	}
	list, err := gifts(ctx, tx, ids, false)
	if err != nil {
		return err
	}
	for _, old := range rows {
		r, err := list[old.Donation].row(now)
		if err != nil {
			return err
		}
		if r.State == old.State && r.Face == old.Face && r.Why == old.Why {
			continue
		}
		r.Batch, r.Line = old.Batch, old.Line
		err = db.One(tx.NewUpdate().Model(&r).Column("donor_name", "fund_name", "amount", "arrived_at", "face", "state", "cause", "why").
			WherePK().Where("state = ?", old.State).Exec(ctx))
		if err != nil {
			return err
		}
	}
	return nil
}

// decide locks a batch for an action the actor may take.
func (s *Bulk) decide(ctx context.Context, tx bun.Tx, who party.Actor, batch id.ID, action string) (Batch, error) {
	b, err := readBatch(ctx, tx, batch, true)
	if err != nil {
		return b, err
	}
	return b, s.policy.Require(batchRelations(who, b.Foundation), b.object(), action)
}

func noteBatch(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, b Batch, action, note, rule string) error {
	e := trail.Event{ObjectKind: BatchKind, ObjectID: b.ID, Action: action, Note: note}
	if rule != "" {
		e.Article = rules.At(at).Must(rule).Source()
	}
	return trail.Append(ctx, tx, who, at, e)
}
