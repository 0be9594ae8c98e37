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
}

// holders are the tables whose rows promise an object, and what people call
// such a row.
var holders = []struct{ table, noun string }{{"document", "文书"}, {"attachment", "附件"}, {"bid_version", "密封件"}}

const stride = 500 // rows read at a time

func (s *Service) objects(ctx context.Context, p *Part) error {
	for _, h := range holders {
		for after := id.ID(""); ; {
			var rows []kept
			err := s.db.NewSelect().TableExpr(h.table).ColumnExpr("id, object_key, sha256").
				Where("object_key <> '' AND id > ?", after).OrderExpr("id").Limit(stride).Scan(ctx, &rows)
			if err != nil {
				return db.Translate(err)
			}
			if len(rows) == 0 {
				break
			}
			for _, x := range rows {
				if err := s.object(ctx, p, h.noun, x); err != nil {
					return err
				}
			}
			after = rows[len(rows)-1].ID
		}
	}
	return nil
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
