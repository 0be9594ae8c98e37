package attachment

import (
	"context"
	"io"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// OpenKept reads an attachment that a frozen record names, removed from its
// object since or not: what was sent stays as it was sent. The caller has
// authorised the view of that record.
func (s *Service) OpenKept(ctx context.Context, a id.ID) (Attachment, io.ReadCloser, error) {
	var x Attachment
	if err := s.db.NewSelect().Model(&x).Where("id = ?", a).Scan(ctx); err != nil {
		return x, nil, db.Found(err, "附件")
	}
	r, _, err := s.store.Open(ctx, x.ObjectKey)
	return x, r, err
}
