package tender

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/search"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/storage/db"
)

// Submit hands a complete draft to the approver; every complaint comes back
// at once, each with how to mend it.
func (s *Service) Submit(ctx context.Context, who party.Actor, tender id.ID) (Tender, error) {
	return s.change(ctx, who, tender, "submit", func(ctx context.Context, tx bun.Tx, t *Tender, now time.Time) error {
		if err := s.complete(ctx, tx, t, now); err != nil {
			return err
		}
		if err := move(t.State, Review); err != nil {
			return err
		}
		t.State, t.SubmittedAt, t.Reason = Review, &now, ""
		return record(ctx, tx, who, now, t.ID, "提交审批", "", "", false)
	})
}

// Return gives a draft back to its drafter with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, tender id.ID, reason string) (Tender, error) {
	reason, err := reasonOf(reason, "请写明退回的原因，经办人据此修改")
	if err != nil {
		return Tender{}, err
	}
	return s.change(ctx, who, tender, "return", func(ctx context.Context, tx bun.Tx, t *Tender, now time.Time) error {
		if err := move(t.State, Draft); err != nil {
			return err
		}
		t.State, t.Reason = Draft, reason
		return record(ctx, tx, who, now, t.ID, "退回修改", reason, "", false)
	})
}

// Publish approves a purchase that somebody else drafted and makes it public:
// dates are held to the clock again, the law of the day is frozen, the number
// is allocated and the search knows it, all in one transaction.
func (s *Service) Publish(ctx context.Context, who party.Actor, tender id.ID) (Tender, error) {
	return s.change(ctx, who, tender, "publish", func(ctx context.Context, tx bun.Tx, t *Tender, now time.Time) error {
		if err := s.complete(ctx, tx, t, now); err != nil {
			return err
		}
		var c fault.Check
		if err := errors.Join(ask(ctx, tx, s.lastGates, *t, now, &c), c.Err()); err != nil {
			return err
		}
		if err := move(t.State, Open); err != nil {
			return err
		}
		frozen, err := rules.At(now).For(t.Method).Freeze()
		if err != nil {
			return err
		}
		if err := t.issue(ctx, tx, now); err != nil {
			return err
		}
		t.State, t.Rules, t.ApprovedBy, t.Reason = Open, string(frozen), &who.Account, ""
		return s.announce(ctx, tx, who, t, now)
	})
}

// announce makes the tender of every package, tells the search and the
// timeline, and lets the siblings do what is theirs at a publication.
func (s *Service) announce(ctx context.Context, tx bun.Tx, who party.Actor, t *Tender, now time.Time) error {
	all := []Tender{*t}
	if len(t.Packages) > 0 {
		all = t.split(t.No(), func() id.ID { return id.New(now) })
		*t = all[0]
	}
	for i, x := range all {
		if i > 0 {
			x.UpdatedAt = now
			if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
				return db.Translate(err)
			}
		}
		if err := search.Put(ctx, tx, x.entry()); err != nil {
			return err
		}
		if err := x.emitNotice(ctx, tx, now, ocds.TenderTag); err != nil {
			return err
		}
		if err := record(ctx, tx, who, now, x.ID, "批准并发布", "编号 "+x.No(), rules.At(now).Must(rules.PurchaseCatalogue).Source(), true); err != nil {
			return err
		}
	}
	for _, do := range s.published {
		if err := do(ctx, tx, all, now); err != nil {
			return err
		}
	}
	t.Documents = all[0].Documents
	return nil
}

// issue allocates the number of a publication: one gapless series a year.
func (t *Tender) issue(ctx context.Context, tx bun.Tx, at time.Time) error {
	year := at.In(clock.Beijing).Year()
	n, err := number.Next(ctx, tx, number.Scope("tender", "platform", year))
	if err != nil {
		return err
	}
	no := fmt.Sprintf("GJ采〔%d〕%04d号", year, n)
	t.Number, t.PublishedAt = &no, &at
	return nil
}

// entry is what the search knows of a tender, in order of weight.
func (t Tender) entry() search.Entry {
	return search.Entry{Kind: search.Tender, ID: t.ID, At: *t.PublishedAt,
		Texts: []string{t.Title, t.No(), t.BuyerName, t.CatalogueName + " " + t.Region, t.What, t.ForWhom}}
}

// Cancel ends a published purchase before its result, with a public reason.
func (s *Service) Cancel(ctx context.Context, who party.Actor, tender id.ID, reason string) (Tender, error) {
	reason, err := reasonOf(reason, "请写明取消采购的原因，原因将向社会公开")
	if err != nil {
		return Tender{}, err
	}
	return s.change(ctx, who, tender, "cancel", func(ctx context.Context, tx bun.Tx, t *Tender, now time.Time) error {
		if err := move(t.State, Cancelled); err != nil {
			return err
		}
		t.State, t.Reason, t.ClosedAt = Cancelled, reason, &now
		if err := s.tell(ctx, tx, News{Tender: *t, Title: "采购已取消", Text: reason}); err != nil {
			return err
		}
		if err := EmitEnd(ctx, tx, now, *t, nil); err != nil {
			return err
		}
		return record(ctx, tx, who, now, t.ID, "取消采购", reason, "政府采购法第36条", true)
	})
}

// Correct publishes a note beside the notice (更正公告). It changes no term.
func (s *Service) Correct(ctx context.Context, who party.Actor, tender id.ID, note string) (Tender, error) {
	note, err := reasonOf(note, "请写明更正的内容和原因")
	if err != nil {
		return Tender{}, err
	}
	return s.change(ctx, who, tender, "correct", func(ctx context.Context, tx bun.Tx, t *Tender, now time.Time) error {
		if err := s.tell(ctx, tx, News{Tender: *t, Title: "发布了更正说明", Text: note}); err != nil {
			return err
		}
		if err := t.emitCorrection(ctx, tx, now, note); err != nil {
			return err
		}
		return record(ctx, tx, who, now, t.ID, "发布更正说明", note, "", true)
	})
}

func reasonOf(s, ask string) (string, error) {
	s = strings.TrimSpace(s)
	var c fault.Check
	c.Must(s != "", "reason", "%s", ask)
	c.Must(len([]rune(s)) <= 2000, "reason", "不超过 2000 个字")
	return s, c.Err()
}

// Delete removes a draft that never went to approval in public: nobody but its
// buyer knows of it, and the buyer's own timeline goes with it.
func (s *Service) Delete(ctx context.Context, who party.Actor, tender id.ID) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := ForUpdate(ctx, tx, tender)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.policy.Require(Relations(who, t), t.Object(now), "delete"); err != nil {
			return err
		}
		if err := record(ctx, tx, who, now, t.ID, "删除草稿", t.Title, "", false); err != nil {
			return err
		}
		return db.One(tx.NewDelete().Model((*Tender)(nil)).Where("id = ?", t.ID).Exec(ctx))
	})
}
