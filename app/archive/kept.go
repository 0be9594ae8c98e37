package archive

import (
	"context"
	"io"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// OpenKept opens a stored PDF for a service that has authorised the reader and
// keeps its own record of who took it. Unavailable while it is being made.
func (s *Service) OpenKept(ctx context.Context, doc id.ID) (Document, io.ReadCloser, error) {
	var d Document
	if err := s.db.NewSelect().Model(&d).ExcludeColumn("content").Where("id = ?", doc).Scan(ctx); err != nil {
		return d, nil, db.Found(err, "文书")
	}
	if d.ObjectKey == "" {
		return d, nil, fault.New(fault.Unavailable, "文书正在生成，通常只需几秒，请稍后刷新")
	}
	r, _, err := s.store.Open(ctx, d.ObjectKey)
	return d, r, err
}

// Frozen is a document with its content, for the service that issued it and
// makes another version of it.
func (s *Service) Frozen(ctx context.Context, d bun.IDB, doc id.ID) (Document, error) {
	var out Document
	err := d.NewSelect().Model(&out).Where("id = ?", doc).Scan(ctx)
	return out, db.Found(err, "文书")
}
