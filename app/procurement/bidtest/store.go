package bidtest

import (
	"context"
	"io"
	"sync"
	"testing"

	"gongji/app/kernel/fault"
	"gongji/storage/object"
)

// Store is the house's object store, which can be told to fail as a real one
// does when its server is away.
type Store struct {
	object.Store

	mu   sync.Mutex
	down bool
}

// Down has every request refused, or served again.
func (s *Store) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

func (s *Store) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return fault.New(fault.Unavailable, "文件存储暂时不可用，请稍后再试")
	}
	return nil
}

// Put implements object.Store.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, opt object.PutOptions) (object.Info, error) {
	if err := s.err(); err != nil {
		return object.Info{}, err
	}
	return s.Store.Put(ctx, key, r, opt)
}

// Open implements object.Store.
func (s *Store) Open(ctx context.Context, key string) (io.ReadCloser, object.Info, error) {
	if err := s.err(); err != nil {
		return nil, object.Info{}, err
	}
	return s.Store.Open(ctx, key)
}

// Objects counts what the object store holds, documents aside.
func (h *House) Objects(t testing.TB) int {
	t.Helper()
	n := 0
	for _, err := range h.Store.List(t.Context(), "attachment/", "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}
