package grant

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// offer writes the grant of a supporting decision and freezes its agreement.
func (s *Service) offer(ctx context.Context, tx bun.Tx, who party.Actor, a application.Application, c call.Call, d Decision, steps []Milestone, now time.Time) (Grant, error) {
	year := now.In(clock.Beijing).Year()
	n, err := number.Next(ctx, tx, number.Scope("grant", string(c.Foundation), year))
	if err != nil {
		return Grant{}, err
	}
	g := Grant{ID: id.New(now), Call: c.ID, CallTitle: c.Title, Kind: c.Kind, Application: a.ID, Decision: d.ID, Foundation: c.Foundation,
		FoundationName: c.FoundationName, Organisation: a.Organisation, OrgName: a.OrgName, Fund: c.Fund, Source: strings.TrimSpace(c.Form.Source), Number: fmt.Sprintf("资助协议〔%d〕%03d号", year, n),
		Title: a.Title, Purpose: a.Form.Summary, Amount: d.Amount, Start: *a.Start, End: *a.End, State: Offered, Demo: c.Demo, DecidedBy: who.Account, DecidedAt: now}
	if c.Kind == call.Incubation {
		g.Number = fmt.Sprintf("孵化协议〔%d〕%03d号", year, n)
	}
	doc, err := s.agreement(ctx, tx, g, a, c, steps)
	if err != nil {
		return g, err
	}
	g.Document = doc.ID
	if _, err := tx.NewInsert().Model(&g).Exec(ctx); err != nil {
		return g, db.Translate(err)
	}
	for i := range steps {
		steps[i].Award = g.ID
	}
	if _, err := tx.NewInsert().Model(&steps).Exec(ctx); err != nil {
		return g, db.Translate(err)
	}
	return g, record(ctx, tx, who, now, ObjectKind, g.ID, trail.Event{Action: "签发协议", Note: g.Number, Public: true})
}

func (s *Service) agreement(ctx context.Context, tx bun.Tx, g Grant, a application.Application, c call.Call, steps []Milestone) (archive.Document, error) {
	last, err := application.Last(ctx, tx, a.ID)
	if err != nil {
		return archive.Document{}, err
	}
	var o organisation.Organisation
	if err := tx.NewSelect().Model(&o).Where("id = ?", a.Organisation).Scan(ctx); err != nil {
		return archive.Document{}, db.Translate(err)
	}
	code := archive.NewCode()
	x := document.GrantAgreement{Issue: document.Issue{Number: g.Number, Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: g.FoundationName, IssuedAt: g.DecidedAt, Demo: g.Demo},
		Heading: heading(g.Kind), Foundation: g.FoundationName, Organisation: g.OrgName, USCC: o.Code(), CallTitle: c.Title, CallNumber: c.No(), Application: a.No(),
		CopySHA256: last.SHA256, Title: g.Title, Purpose: g.Purpose, Amount: g.Amount, From: g.Start, To: g.End}
	if g.Fund != nil {
		f, err := fund.Read(ctx, tx, *g.Fund)
		if err != nil {
			return archive.Document{}, err
		}
		x.Fund = f.FullName()
	} else {
		x.Fund, x.Budget = g.Source, g.Amount > 0
	}
	for _, m := range steps {
		x.Milestones = append(x.Milestones, document.GrantMilestone{Name: m.Name, Condition: m.Condition, Due: m.Due, Amount: m.Amount})
	}
	facts := []archive.Fact{{Label: "项目", Value: g.Title}, {Label: "资助方", Value: g.FoundationName}, {Label: "受资助方", Value: g.OrgName}}
	if g.Amount > 0 {
		facts = append(facts, archive.Fact{Label: "金额", Value: g.Amount.Yuan() + " 元"})
	}
	return s.Archive.Issue(ctx, tx, archive.Item{Kind: x.Kind(), OwnerKind: FileKind, OwnerID: g.ID, Title: x.Heading + " " + g.Title, Number: g.Number,
		Issuer: g.FoundationName, Code: code, Content: x, Facts: facts})
}

func heading(k call.Kind) string {
	if k == call.Incubation {
		return "孵化协议"
	}
	return "资助协议"
}

// Agreement is the agreement's document, for the two sides.
func (s *Service) Agreement(ctx context.Context, who party.Actor, g Grant) (archive.Document, error) {
	return s.Archive.Get(ctx, who, g.Document)
}

// change is the frame of a grant's verbs: lock, authorise, decide, write.
func (s *Service) change(ctx context.Context, who party.Actor, grant id.ID, action string, do func(ctx context.Context, tx bun.Tx, g *Grant, now time.Time) error) (Grant, error) {
	var out Grant
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		g, err := forUpdate(ctx, tx, grant)
		if err != nil {
			return err
		}
		if err := s.Require(who, g, action); err != nil {
			return err
		}
		if err := do(ctx, tx, &g, s.clock.Now()); err != nil {
			return err
		}
		out = g
		return db.One(tx.NewUpdate().Model(&g).Column("state", "signed_by", "signed_at", "graduated_at", "note").Where("id = ?", g.ID).Exec(ctx))
	})
	return out, err
}
