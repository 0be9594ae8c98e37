package fund

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/search"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
)

// Submit hands a complete draft to the approver (秘书长); every complaint
// comes back at once. The foundation itself must have been reviewed.
func (s *Service) Submit(ctx context.Context, who party.Actor, fund id.ID) (Fund, error) {
	return s.change(ctx, who, fund, "submit", func(ctx context.Context, tx bun.Tx, f *Fund, now time.Time) error {
		if _, err := s.orgs.Approved(ctx, tx, f.Foundation); err != nil {
			return err
		}
		if err := s.complete(ctx, tx, f, now); err != nil {
			return err
		}
		f.State, f.SubmittedAt, f.Reason = Review, &now, ""
		return record(ctx, tx, who, now, f.ID, trail.Event{Action: "提交审批"})
	})
}

// Return gives a draft back with a reason.
func (s *Service) Return(ctx context.Context, who party.Actor, fund id.ID, reason string) (Fund, error) {
	reason, err := reasonOf(reason, "请写明退回的原因，项目官员据此修改")
	if err != nil {
		return Fund{}, err
	}
	return s.change(ctx, who, fund, "return", func(ctx context.Context, tx bun.Tx, f *Fund, now time.Time) error {
		f.State, f.Reason = Draft, reason
		return record(ctx, tx, who, now, f.ID, trail.Event{Action: "退回修改", Note: reason})
	})
}

// Approve sets up a fund that somebody else drafted: its number is allocated,
// its account opened in the foundation's book, its page made public.
func (s *Service) Approve(ctx context.Context, who party.Actor, fund id.ID) (Fund, error) {
	return s.change(ctx, who, fund, "approve", func(ctx context.Context, tx bun.Tx, f *Fund, now time.Time) error {
		o, err := s.orgs.Approved(ctx, tx, f.Foundation)
		if err != nil {
			return err
		}
		if err := s.complete(ctx, tx, f, now); err != nil {
			return err
		}
		a, err := s.ledger.Open(ctx, tx, f.Foundation, ledger.Owner{Kind: Kind, ID: f.ID}, ledger.FundCash)
		if err != nil {
			return err
		}
		year := now.In(clock.Beijing).Year()
		n, err := number.Next(ctx, tx, number.Scope("fund", string(f.Foundation), year))
		if err != nil {
			return err
		}
		no := fmt.Sprintf("专项基金〔%d〕%03d号", year, n)
		f.State, f.Number, f.CashAccount, f.FoundationName, f.Reason = Active, &no, &a.ID, o.Name, ""
		f.ApprovedBy, f.ApprovedAt = &who.Account, &now
		if err := s.print(ctx, tx, f); err != nil {
			return err
		}
		if err := search.Put(ctx, tx, f.entry()); err != nil {
			return err
		}
		return record(ctx, tx, who, now, f.ID, trail.Event{Action: "批准设立", Note: "编号 " + no,
			Article: rules.At(now).Must(rules.FundAgreement).Source(), Public: true})
	})
}

// entry is what the search knows of a fund, in order of weight.
func (f Fund) entry() search.Entry {
	return search.Entry{Kind: search.Fund, ID: f.ID, At: *f.ApprovedAt,
		Texts: []string{f.FullName(), f.No(), f.Sponsor + " " + f.Region, f.Purpose}}
}

// Provenance says where a demonstration's fund comes from.
type Provenance struct {
	Demo      bool
	SourceURL string   // the real disclosure
	Marks     []string // field names that the source lacks: shown as 演示数据
}

// Mark notes the provenance of a fund; only the platform itself does, when it
// loads a demonstration.
func (s *Service) Mark(ctx context.Context, who party.Actor, fund id.ID, p Provenance) (Fund, error) {
	return s.change(ctx, who, fund, "mark", func(_ context.Context, _ bun.Tx, f *Fund, _ time.Time) error {
		f.Demo, f.SourceURL, f.Marks = p.Demo, p.SourceURL, append([]string{}, p.Marks...)
		return nil
	})
}

func reasonOf(s, ask string) (string, error) {
	s = strings.TrimSpace(s)
	var c fault.Check
	c.Must(s != "", "reason", "%s", ask)
	c.Must(utf8.RuneCountInString(s) <= 2000, "reason", "不超过 2000 个字")
	return s, c.Err()
}
