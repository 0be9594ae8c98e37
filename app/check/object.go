package check

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// kept is a row that promises an object.
type kept struct {
	ID        id.ID
	ObjectKey string
	SHA256    string `bun:"sha256"`
	Sealed    bool   // belongs to a bid that was not opened
}

// holders are the tables whose rows promise an object, what people call such a
// row, and what makes it part of a bid that nobody but its bidder may know of.
var holders = []struct{ table, noun, sealed string }{
	{"document", "文书", "r.owner_kind = 'bid' AND " + unopened("r.owner_id") + " OR r.owner_kind = 'last_offer' AND " + unread},
	// What is attached to a draft stays its bidder's, opened or not.
	{"attachment", "附件", "r.owner_kind = 'bid'"},
	{"bid_version", "密封件", unopened("r.bid")},
	{"bank_import", "银行流水文件", "FALSE"},
}

// unread holds while the round of the last offer that owns the document is not
// read.
const unread = "EXISTS (SELECT 1 FROM last_offer AS o JOIN offer_round AS n ON n.id = o.round WHERE o.id = r.owner_id AND n.state = 'asked')"

func unopened(bid string) string {
	return "NOT EXISTS (SELECT 1 FROM opening_line AS l WHERE l.bid = " + bid + ")"
}

const stride = 500 // rows read at a time

// hushed is all that is said of what belongs to bids not opened: neither how
// many nor which, and drafts' attachments are among them, so not even that a
// bid was submitted.
const hushed = "有与未开标投标有关的保密文件（草稿附件、密封件或回执）缺失或与登记不符；为不泄露投标情况，不列出件数和名称。请立即检查对象存储，从备份恢复；开标时逐件核对"

func (s *Service) objects(ctx context.Context, p *Part) error {
	secret := Part{}
	for _, h := range holders {
		for after := id.ID(""); ; {
			var rows []kept
			err := s.db.NewSelect().TableExpr(h.table+" AS r").ColumnExpr("r.id, r.object_key, r.sha256, "+h.sealed+" AS sealed").
				Where("r.object_key <> '' AND r.id > ?", after).OrderExpr("r.id").Limit(stride).Scan(ctx, &rows)
			if err != nil {
				return db.Translate(err)
			}
			if len(rows) == 0 {
				break
			}
			for _, x := range rows {
				to := p
				if x.Sealed {
					to = &secret
				}
				if err := s.object(ctx, to, h.noun, x); err != nil {
					return err
				}
			}
			after = rows[len(rows)-1].ID
		}
	}
	if len(secret.Problems) > 0 {
		p.problem(hushed)
	}
	return s.receiptsMade(ctx, p)
}

// receiptsMade names the receipts of opened bids and last offers that could not be printed:
// until then nobody may be told of them.
func (s *Service) receiptsMade(ctx context.Context, p *Part) error {
	var rows []struct{ Number, Problem string }
	err := s.db.NewSelect().TableExpr("document AS r").ColumnExpr("r.number, r.problem").
		Where("r.object_key = '' AND r.problem <> ''").
		Where("r.owner_kind = 'bid' AND NOT ("+unopened("r.owner_id")+") OR r.owner_kind = 'last_offer' AND NOT "+unread).
		OrderExpr("r.id").Limit(most).Scan(ctx, &rows)
	for _, x := range rows {
		p.problem("%s 未能生成：%s", x.Number, x.Problem)
	}
	return db.Translate(err)
}

// object reads the whole object: what a store says of its bytes is no proof.
func (s *Service) object(ctx context.Context, p *Part, noun string, x kept) error {
	r, _, err := s.store.Open(ctx, x.ObjectKey)
	if fault.Is(err, fault.NotFound) {
		p.problem("%s %s 的原件不在存储中", noun, x.ID)
		return nil
	}
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != x.SHA256 {
		p.problem("%s %s 的原件被改动或损坏：校验值应为 %s，现为 %s", noun, x.ID, x.SHA256, got)
	}
	return nil
}
