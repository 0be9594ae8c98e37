package attachment

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/gabriel-vasile/mimetype"
	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
	"gongji/storage/object"
)

// Lay puts the bytes of a file that came out of something else, a bid that was
// opened, under a key that follows from where it came from, so that doing it
// again after a crash changes nothing. Any type is taken: the file was judged
// where it came in. No row says yet that it exists; Enter does.
func (s *Service) Lay(ctx context.Context, key, name string, size int64, body io.Reader) (Attachment, error) {
	head := bufio.NewReaderSize(body, 4096)
	first, err := head.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return Attachment{}, err
	}
	a := Attachment{Name: cleanName(name), MediaType: mimetype.Detect(first).String(), ObjectKey: key}
	info, err := s.store.Put(ctx, key, head, object.PutOptions{Size: size, ContentType: a.MediaType, Limit: Limit})
	a.Size, a.SHA256 = info.Size, info.SHA256
	return a, err
}

// Lift deletes what Lay put where nothing came of it. It is best effort.
func (s *Service) Lift(ctx context.Context, key string) {
	_ = s.store.Delete(context.WithoutCancel(ctx), key)
}

// Enter makes a laid file exist, in the caller's transaction.
func (s *Service) Enter(ctx context.Context, tx bun.Tx, a *Attachment) error {
	if a.ID == "" {
		a.ID = id.New(a.CreatedAt)
	}
	_, err := tx.NewInsert().Model(a).Exec(ctx)
	return db.Translate(err)
}
