package bid

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// behind compares versions of the documents; 0 is one that nobody noted.
func behind(sent, inForce int) bool { return sent > 0 && sent < inForce }

// OutdatedWords tell a bidder that their bid is for documents that changed.
func OutdatedWords(sent, inForce int) string {
	return fmt.Sprintf("您提交的投标针对采购文件第 %d 版，现行为第 %d 版。请核对改变的内容，按第 %d 版修改后重新提交；不需要修改的，也请核对后重新提交一次。重新提交以前，原来的投标仍然有效。", sent, inForce, inForce)
}

// Outdated is the version of the documents that the bidder's standing bid is
// for, where the documents changed since and it can still be replaced; 0 where
// there is nothing to do. For the bidder alone.
func (s *Service) Outdated(ctx context.Context, who party.Actor, b Bid, t tender.Tender) (int, error) {
	if err := s.May(ctx, who, b.ID, "view"); err != nil {
		return 0, err
	}
	if b.State != Submitted || t.StateAt(s.clock.Now()) != tender.Open {
		return 0, nil
	}
	v, err := readVersion(ctx, s.db, b.ID, b.Version)
	if err != nil || !behind(v.Documents, t.Documents) {
		return 0, err
	}
	return v.Documents, nil
}

// TellOutdated writes to every bidder whose standing bid is for an older
// version of the documents than the one just issued, each in their own box:
// nothing that others can see comes of it. The caller holds the tenders' locks.
func TellOutdated(ctx context.Context, tx bun.Tx, all []tender.Tender, now time.Time) error {
	for _, t := range all {
		if t.StateAt(now) != tender.Open {
			continue
		}
		var list []struct {
			Bid       id.ID
			Supplier  id.ID
			Documents int
		}
		err := tx.NewSelect().TableExpr("bid AS b").Join("JOIN bid_version AS v ON v.bid = b.id AND v.number = b.version").
			ColumnExpr("b.id AS bid, b.supplier, v.documents").
			Where("b.tender = ? AND b.state = ? AND v.documents > 0 AND v.documents < ?", t.ID, Submitted, t.Documents).Scan(ctx, &list)
		if err != nil {
			return db.Translate(err)
		}
		for _, x := range list {
			l := inbox.Letter{Title: "请核对后重新提交投标：" + t.Title, Text: OutdatedWords(x.Documents, t.Documents), Link: "/bids/" + string(x.Bid)}
			if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: x.Supplier}}, l); err != nil {
				return err
			}
		}
	}
	return nil
}
