package framework

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// ApprovedOf is the published admission of a tender; NotFound before, and for
// what is no framework.
func ApprovedOf(ctx context.Context, d bun.IDB, tenderID id.ID) (Framework, error) {
	var f Framework
	err := db.Found(d.NewSelect().Model(&f).Where("tender = ? AND state = ?", tenderID, Approved).Scan(ctx), "入围结果")
	return f, err
}

// Admitted are the suppliers of a published admission, in their order.
func Admitted(ctx context.Context, d bun.IDB, tenderID id.ID) ([]id.ID, error) {
	var out []id.ID
	err := d.NewSelect().Model((*Member)(nil)).Column("supplier").Where("tender = ?", tenderID).Order("rank", "id").Scan(ctx, &out)
	return out, db.Translate(err)
}

// End takes an admission away, published or proposed, in the transaction of the
// decision that ends the purchase; none is no error. From then on nothing is
// bought under it; call-offs that were made are purchases of their own. The
// caller holds the tender's row and moves its state.
func (s *Service) End(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, reason, article string, now time.Time) error {
	var f Framework
	err := db.Found(tx.NewSelect().Model(&f).Where("tender = ? AND state IN (?, ?)", t.ID, Proposed, Approved).Scan(ctx), "入围结果")
	if fault.Is(err, fault.NotFound) {
		return nil
	} else if err != nil {
		return err
	}
	published := f.State == Approved
	f.State, f.Note = Returned, reason
	if published {
		f.State = Revoked
	}
	if err := db.One(tx.NewUpdate().Model(&f).Column("state", "note").WherePK().Exec(ctx)); err != nil || !published {
		return err
	}
	r := tender.Release(t, ocds.AwardCancellation)
	r.Tender.Status = ocds.Active
	moment := ocds.Moment(now)
	r.Awards = []ocds.Award{{ID: admission(t.ID), Status: ocds.Cancelled, Amendments: []ocds.Amendment{{ID: "revoked", Date: &moment, Rationale: reason}}}}
	if err := ocds.Emit(ctx, tx, now, r); err != nil {
		return err
	}
	l := inbox.Letter{Title: "入围结果已撤销：" + t.Title, Text: reason + "。不再按这份框架协议授予新的合同，已经成交的第二阶段采购另行处理。", Link: "/tenders/" + string(t.ID)}
	if err := opening.Tell(ctx, tx, t, l, now); err != nil {
		return err
	}
	if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: t.Buyer}}, l); err != nil {
		return err
	}
	return note(ctx, tx, who, now, t.ID, "撤销入围结果", reason, article, true)
}
