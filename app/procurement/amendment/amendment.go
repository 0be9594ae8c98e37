// Package amendment is 更正和澄清: after publication the words of a purchase
// change only in public, with the reason, field by field, in a new version of
// the documents, and with the deadline moved when the law says so.
//
// Bids already in stay sealed and valid for the version they were written for;
// their bidders are told and may replace them until the deadline.
package amendment

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/documents"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// States of an amendment.
const (
	Pending   = "pending"   // 待审批
	Returned  = "returned"  // 退回
	Published = "published" // 已发布
)

// Labels are the words for what may change.
var Labels = map[string]string{"what": "采购需求", "for_whom": "服务对象", "requirements": "实质性要求（★）", "contract_terms": "合同主要条款",
	"bid_format": "投标文件的组成和格式", "term_note": "期限说明", "package_limits": "兼投兼中", "documents_until": "采购文件提供至",
	"deadline": "提交截止时间", "opening_place": "开标地点", "contact": "联系方式", "criteria": "评分表"}

// Change is one field with its words before and after.
type Change struct {
	Field string `json:"field"`
	Label string `json:"label"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Input is what is proposed. Absent values stay; Affects says that it may
// affect how bids are made.
type Input struct {
	Values   map[string]string
	Criteria []tender.CriterionForm
	Reason   string
	Affects  bool
}

type patch struct {
	Values   map[string]string      `json:"values,omitempty"`
	Criteria []tender.CriterionForm `json:"criteria,omitempty"`
}

// Amendment is one change, proposed or public.
type Amendment struct {
	bun.BaseModel `bun:"table:amendment"`

	ID          id.ID      `bun:"id,pk" json:"id"`
	Project     id.ID      `bun:"project" json:"project"`
	Number      int        `bun:"number" json:"number,omitempty"` // 第 n 次; 0 until published
	State       string     `bun:"state" json:"state" enum:"pending,returned,published"`
	Patch       patch      `bun:"patch" json:"-"`
	Changes     []Change   `bun:"changes" json:"changes"`
	Reason      string     `bun:"reason" json:"reason"`
	Affects     bool       `bun:"affects" json:"affects"`
	ReturnedWhy string     `bun:"returned" json:"returned,omitempty"`
	Version     int        `bun:"version" json:"version,omitempty"` // of the documents it made
	OldDeadline *time.Time `bun:"old_deadline" json:"old_deadline,omitempty"`
	NewDeadline *time.Time `bun:"new_deadline" json:"new_deadline,omitempty"`
	Article     string     `bun:"article" json:"article,omitempty"` // that moved the deadline
	DraftedBy   id.ID      `bun:"drafted_by" json:"-"`
	ApprovedBy  *id.ID     `bun:"approved_by" json:"-"`
	CreatedAt   time.Time  `bun:"created_at" json:"created_at"`
	PublishedAt *time.Time `bun:"published_at" json:"published_at,omitempty"`
}

// Moved reports whether the deadline moves.
func (a Amendment) Moved() bool {
	return a.OldDeadline != nil && a.NewDeadline != nil && !a.OldDeadline.Equal(*a.NewDeadline)
}

// Service amends purchases.
type Service struct {
	db        *bun.DB
	clock     clock.Clock
	calendar  *calendar.Calendar
	tenders   *tender.Service
	documents *documents.Service
	published []Follow
}

// Follow does what follows from a published amendment in its transaction; all
// are the packages, as changed.
type Follow func(ctx context.Context, tx bun.Tx, all []tender.Tender, now time.Time) error

// Published adds what follows; only the assembly calls it.
func (s *Service) Published(f Follow) { s.published = append(s.published, f) }

// New makes the service.
func New(d *bun.DB, c clock.Clock, cal *calendar.Calendar, t *tender.Service, docs *documents.Service) *Service {
	return &Service{db: d, clock: c, calendar: cal, tenders: t, documents: docs}
}

// Plan says what an input would do if it were published now: the fields that
// differ and where the deadline would be. It writes nothing.
func (s *Service) Plan(ctx context.Context, who party.Actor, at id.ID, in Input) (Amendment, error) {
	t, err := s.tenders.Get(ctx, who, at)
	if err == nil {
		if err = s.tenders.Require(who, t, "amend"); err != nil {
			err = late(t, s.clock.Now(), err)
		}
	}
	if err != nil {
		return Amendment{}, err
	}
	if t, err = tender.Read(ctx, s.db, t.ProjectID()); err != nil {
		return Amendment{}, err
	}
	a, _, err := s.plan(t, patch{in.Values, in.Criteria}, in.Reason, in.Affects, s.clock.Now())
	return a, err
}

// plan applies a patch to a tender as at now.
func (s *Service) plan(t tender.Tender, p patch, reason string, affects bool, now time.Time) (Amendment, tender.Tender, error) {
	a := Amendment{Project: t.ProjectID(), State: Pending, Patch: p, Reason: strings.TrimSpace(reason), Affects: affects, OldDeadline: t.Deadline}
	after := t
	var c fault.Check
	c.Must(utf8.RuneCountInString(a.Reason) >= 4 && utf8.RuneCountInString(a.Reason) <= 2000, "reason", "请写明更正的原因，4 到 2000 个字，将向社会公开")
	if err := after.Amend(tender.Patch{Values: p.Values, Criteria: p.Criteria}, now); err != nil {
		fields, other := fault.Complaints(err)
		if other != nil {
			return a, after, other
		}
		for _, f := range fields {
			c.Fail(f.Name, "%s", f.Message)
		}
	}
	if err := c.Err(); err != nil {
		return a, after, err
	}
	if affects {
		if err := s.postpone(&a, &after, now); err != nil {
			return a, after, err
		}
	}
	a.NewDeadline = after.Deadline
	for _, d := range tender.Differences(t, after) {
		a.Changes = append(a.Changes, Change{d.Field, Labels[d.Field], d.Old, d.New})
	}
	if len(a.Changes) == 0 {
		c.Fail("values", "没有任何改变；只说明情况、不改变内容的，请用“发布更正说明”")
	}
	if after.DocumentsUntil != nil && after.Deadline != nil && after.DocumentsUntil.After(*after.Deadline) {
		c.Fail("documents_until", "采购文件提供的截止不能晚于提交截止时间")
	}
	return a, after, c.Err()
}

// postpone moves the deadline as far as the law asks (条例31, 214号10).
func (s *Service) postpone(a *Amendment, after *tender.Tender, now time.Time) error {
	set, err := after.RuleSet(now)
	if err != nil {
		return err
	}
	least, rule, err := tender.Postponed(*after, set, now, s.calendar)
	if err != nil || rule.ID == "" {
		return err
	}
	if after.Deadline.Before(least) {
		after.Deadline, a.Article = &least, rule.Source()
		after.Form.Values["deadline"] = least.In(clock.Beijing).Format("2006-01-02T15:04")
	}
	return nil
}

// Propose hands an amendment to the approver. One waits at a time.
func (s *Service) Propose(ctx context.Context, who party.Actor, at id.ID, in Input) (Amendment, error) {
	var out Amendment
	return out, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		all, now, err := s.lock(ctx, tx, who, at, "amend")
		if err != nil {
			return err
		}
		if _, err := pending(ctx, tx, all[0].ProjectID()); err == nil {
			return fault.New(fault.Conflict, "已有一份更正在等待审批，请先由审批人处理")
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		a, _, err := s.plan(all[0], patch{in.Values, in.Criteria}, in.Reason, in.Affects, now)
		if err != nil {
			return err
		}
		a.ID, a.DraftedBy, a.CreatedAt = id.New(now), who.Account, now
		if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		out = a
		return record(ctx, tx, who, now, all[:1], "提交更正", a.Reason, "", false)
	})
}

// lock takes every package's row in order, and authorises by the first.
func (s *Service) lock(ctx context.Context, tx bun.Tx, who party.Actor, at id.ID, action string) ([]tender.Tender, time.Time, error) {
	t, err := tender.Read(ctx, tx, at)
	if err != nil {
		return nil, time.Time{}, err
	}
	list, err := tender.Siblings(ctx, tx, t)
	if err != nil {
		return nil, time.Time{}, err
	}
	for i := range list {
		if list[i], err = tender.ForUpdate(ctx, tx, list[i].ID); err != nil {
			return nil, time.Time{}, err
		}
	}
	now := s.clock.Now() // after the locks: waiting may have passed the deadline
	for _, x := range list {
		if x.StateAt(now) == tender.Cancelled && len(list) > 1 {
			continue
		}
		if err := s.tenders.Require(who, x, action); err != nil {
			return nil, now, late(x, now, err)
		}
	}
	return list, now, nil
}

func late(x tender.Tender, now time.Time, err error) error {
	if x.StateAt(now) == tender.Closed && fault.Is(err, fault.Forbidden) {
		return fault.New(fault.TooLate, "已过提交截止时间，不能再更正")
	}
	return err
}

func pending(ctx context.Context, d bun.IDB, project id.ID) (Amendment, error) {
	var a Amendment
	err := db.Found(d.NewSelect().Model(&a).Where("project = ? AND state = ?", project, Pending).Scan(ctx), "待审批的更正")
	return a, err
}

// Waiting is the amendment that waits for approval, with its dates as at now,
// for the buyer's people; NotFound where none does.
func (s *Service) Waiting(ctx context.Context, who party.Actor, at id.ID) (Amendment, error) {
	t, err := s.tenders.Get(ctx, who, at)
	if err == nil {
		err = s.tenders.Require(who, t, "follow")
	}
	if err != nil {
		return Amendment{}, err
	}
	a, err := pending(ctx, s.db, t.ProjectID())
	if err != nil {
		return a, err
	}
	if t, err = tender.Read(ctx, s.db, t.ProjectID()); err != nil {
		return a, err
	}
	// What no longer stands is shown as it was proposed; approval refuses it.
	if fresh, _, err := s.plan(t, a.Patch, a.Reason, a.Affects, s.clock.Now()); err == nil {
		a.Changes, a.OldDeadline, a.NewDeadline, a.Article = fresh.Changes, fresh.OldDeadline, fresh.NewDeadline, fresh.Article
	}
	return a, nil
}

// article is what an amendment is made under.
func article(t tender.Tender, now time.Time) string {
	if set, err := t.RuleSet(now); err == nil {
		return set.Of(t.Method, "clarification_before_deadline").Source()
	}
	return rules.At(now).Must(rules.AmendmentLimits).Source()
}

// Due counts the amendments of a bureau that wait for its approver, and names
// the purchase of the oldest.
func (s *Service) Due(ctx context.Context, buyer id.ID) (n int, first id.ID, err error) {
	var rows []Amendment
	err = s.db.NewSelect().Model(&rows).Column("amendment.id", "amendment.project").Join("JOIN tender AS t ON t.id = amendment.project").
		Where("t.buyer = ? AND amendment.state = ?", buyer, Pending).OrderExpr("amendment.id").Limit(100).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return 0, "", db.Translate(err)
	}
	return len(rows), rows[0].Project, nil
}
