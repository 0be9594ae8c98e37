package amendment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/document"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/documents"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Approve publishes the waiting amendment: every package changes, the
// documents get a new version, the deadline moves if it must as at this
// moment, and everyone who took the documents is told.
func (s *Service) Approve(ctx context.Context, who party.Actor, at id.ID) (Amendment, error) {
	var out Amendment
	return out, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		all, now, err := s.lock(ctx, tx, who, at, "approve_amendment")
		if err != nil {
			return err
		}
		a, err := pending(ctx, tx, all[0].ProjectID())
		if err != nil {
			return err
		}
		if a.DraftedBy == who.Account {
			return fault.New(fault.Forbidden, "起草人不能审批自己的更正，请由本单位其他审批人处理")
		}
		was := all[0]
		plan, after, err := s.plan(was, a.Patch, a.Reason, a.Affects, now)
		if err != nil {
			return err
		}
		a.Changes, a.OldDeadline, a.NewDeadline, a.Article = plan.Changes, plan.OldDeadline, plan.NewDeadline, plan.Article
		if err := s.apply(ctx, tx, all, a, after, now); err != nil {
			return err
		}
		n, err := tx.NewSelect().Model((*Amendment)(nil)).Where("project = ? AND state = ?", a.Project, Published).Count(ctx)
		if err != nil {
			return db.Translate(err)
		}
		a.Number, a.State, a.Version, a.ApprovedBy, a.PublishedAt = int(n)+1, Published, was.Documents+1, &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(&a).ExcludeColumn("id", "project", "drafted_by", "created_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		if err := s.publish(ctx, tx, who, all, a, now); err != nil {
			return err
		}
		out = a
		return nil
	})
}

// apply changes every package that still takes bids.
func (s *Service) apply(ctx context.Context, tx bun.Tx, all []tender.Tender, a Amendment, after tender.Tender, now time.Time) error {
	for i := range all {
		if all[i].StateAt(now) != tender.Open {
			continue
		}
		if err := all[i].Amend(tender.Patch{Values: a.Patch.Values, Criteria: a.Patch.Criteria}, now); err != nil {
			return err
		}
		all[i].Deadline, all[i].Documents = after.Deadline, after.Documents+1
		all[i].Form.Values["deadline"] = after.Form.Values["deadline"]
		if err := s.tenders.Rewrite(ctx, tx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// publish issues the version, writes the timelines and tells everyone.
func (s *Service) publish(ctx context.Context, tx bun.Tx, who party.Actor, all []tender.Tender, a Amendment, now time.Time) error {
	c := documents.Change{Version: a.Version, Reason: a.Reason}
	var names []string
	for _, x := range a.Changes {
		names = append(names, x.Label)
		c.Changes = append(c.Changes, document.TenderChange{Label: x.Label, Old: x.Old, New: x.New})
	}
	if err := s.documents.Issue(ctx, tx, all, c, now); err != nil {
		return err
	}
	for _, t := range all {
		if t.StateAt(now) != tender.Open {
			continue // a package whose bids are in stays as it was
		}
		if err := emit(ctx, tx, t, a, now); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("改变了：%s。原因：%s", strings.Join(names, "、"), a.Reason)
	if a.Moved() {
		text += "。提交截止时间顺延到 " + calendar.Until(*a.NewDeadline)
	}
	if err := record(ctx, tx, who, now, all, fmt.Sprintf("发布第 %d 次更正", a.Number), text, article(all[0], now), true); err != nil {
		return err
	}
	l := inbox.Letter{Title: fmt.Sprintf("采购文件第 %d 次更正：%s", a.Number, all[0].Title),
		Text: text + "。已提交的投标文件仍然有效；如需按新版修改，请在截止前替换。", Link: "/tenders/" + string(all[0].ID) + "/amendments"}
	if err := s.documents.Tell(ctx, tx, all[0], l, now); err != nil {
		return err
	}
	for _, f := range s.published {
		if err := f(ctx, tx, all, now); err != nil {
			return err
		}
	}
	return nil
}

// Return sends the waiting amendment back with a reason; it is over, and
// another may be proposed.
func (s *Service) Return(ctx context.Context, who party.Actor, at id.ID, reason string) (Amendment, error) {
	var out Amendment
	reason = strings.TrimSpace(reason)
	return out, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		all, now, err := s.lock(ctx, tx, who, at, "approve_amendment")
		if err != nil {
			return err
		}
		a, err := pending(ctx, tx, all[0].ProjectID())
		if err != nil {
			return err
		}
		var c fault.Check
		c.Must(reason != "" && len([]rune(reason)) <= 1000, "reason", "请写明退回的原因，不超过 1000 个字")
		if err := c.Err(); err != nil {
			return err
		}
		a.State, a.ReturnedWhy = Returned, reason
		if err := db.One(tx.NewUpdate().Model(&a).Column("state", "returned").WherePK().Exec(ctx)); err != nil {
			return err
		}
		out = a
		return record(ctx, tx, who, now, all[:1], "退回更正", reason, "", false)
	})
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, all []tender.Tender, action, note, article string, public bool) error {
	for _, t := range all {
		if err := trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "tender", ObjectID: t.ID, Action: action, Note: note, Article: article, Public: public}); err != nil {
			return err
		}
	}
	return nil
}
