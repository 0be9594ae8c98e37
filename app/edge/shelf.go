package edge

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	// ShelfLife is how long the bytes of a public answer may be given to other
	// visitors. Writes of this process are seen at once (Config.Writes); this
	// bounds what another replica wrote, and what the clock alone changes.
	ShelfLife = time.Second

	shelfRoom  = 8 << 20   // bytes on the shelf, at most
	shelfLarge = 512 << 10 // bytes of an answer that is not worth it
	shelfKey   = 512       // bytes of a path with its query
)

// shelf keeps answers that are the same for every visitor, for a moment: when
// a notice is read by thousands, one of them waits for the database.
//
// An answer goes on it only if its handler said Shared or Public and it was made for a
// request without cookies and without a token. It is given only to such
// requests, only while nothing was written and the clock has not jumped, and
// never for longer than ShelfLife.
type shelf struct {
	writes func() uint64 // nil: nothing is kept
	mu     sync.Mutex
	kept   map[string]*shelved
	making map[string]chan struct{} // closed when the answer has been made
	joint  map[string]bool          // patterns whose answers are known to be kept
	room   int
	swept  time.Time
}

// shelved is one kept answer.
type shelved struct {
	answer Response
	tag    string
	made   time.Time
	writes uint64 // before it was made
	packed [2]struct {
		sync.Once
		body []byte
	}
}

func newShelf(writes func() uint64) *shelf {
	return &shelf{writes: writes, kept: map[string]*shelved{}, making: map[string]chan struct{}{}, joint: map[string]bool{}}
}

// fresh is false as well before the moment it was made at: a demonstration's
// clock can go back.
func (k *shelved) fresh(writes uint64, now time.Time) bool {
	age := now.Sub(k.made)
	return k.writes == writes && age >= 0 && age < ShelfLife
}

// anonymous reports whether nothing in the request tells one visitor from
// another.
func (r *Request) anonymous() bool {
	h := &r.c.Request().Header
	return (r.method == fiber.MethodGet || r.method == fiber.MethodHead) && !r.actor.SignedIn() &&
		len(h.Peek(fiber.HeaderCookie)) == 0 && len(h.Peek(fiber.HeaderAuthorization)) == 0
}

// answer gives the kept answer, or has one made; of those who ask for the same
// at once, one asks the handler and the others wait.
func (s *Server) answer(r *Request) (Response, error) {
	key := ""
	if s.shelf.writes != nil && r.anonymous() {
		key = r.target()
	}
	if key == "" || len(key) > shelfKey {
		return s.once(r)
	}
	for waited := false; ; waited = true {
		kept, making, mine := s.shelf.take(key, r.Pattern(), r.Now(), !waited)
		switch {
		case kept != nil:
			return kept.answer, nil
		case mine:
			defer s.shelf.made(key, making)
		case making != nil:
			select {
			case <-making:
				continue
			case <-r.ctx.Done():
				return Response{}, r.ctx.Err()
			}
		}
		return s.make(r, key)
	}
}

// take gives what is kept and fresh. Otherwise, where one is to make it for
// all, it says whether the caller is that one, or what to wait for.
func (h *shelf) take(key, pattern string, now time.Time, together bool) (kept *shelved, making chan struct{}, mine bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if k := h.kept[key]; k != nil && k.fresh(h.writes(), now) {
		return k, nil, false
	}
	if !together || !h.joint[pattern] {
		return nil, nil, false
	}
	if making = h.making[key]; making != nil {
		return nil, making, false
	}
	making = make(chan struct{})
	h.making[key] = making
	return nil, making, true
}

func (h *shelf) made(key string, making chan struct{}) {
	h.mu.Lock()
	delete(h.making, key)
	h.mu.Unlock()
	close(making)
}

// make asks the handler and keeps the answer if it is one for everybody. Its
// moment and the count of writes are from before: what changes meanwhile makes
// it stale.
func (s *Server) make(r *Request, key string) (Response, error) {
	k := &shelved{made: r.Now(), writes: s.shelf.writes()}
	p, err := s.once(r)
	if err != nil || !p.shared || p.status != fiber.StatusOK || len(p.cookies) > 0 || p.stream != nil || p.events != nil {
		return p, err
	}
	if p, err = s.bake(r, p); err != nil || len(p.body) > shelfLarge || len(p.cookies) > 0 || r.actor.SignedIn() {
		return p, err
	}
	k.tag = tagOf(p.body)
	p.kept = k
	k.answer = p
	s.shelf.put(key, r.Pattern(), k)
	return p, nil
}

// put keeps an answer; an overfull shelf is cleared, for all on it is at most
// a second's worth.
func (h *shelf) put(key, pattern string, k *shelved) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.joint[pattern] = true
	if k.made.Sub(h.swept).Abs() >= ShelfLife {
		h.swept = k.made
		for other, old := range h.kept {
			if !old.fresh(k.writes, k.made) {
				h.drop(other, old)
			}
		}
	}
	if old := h.kept[key]; old != nil {
		h.drop(key, old)
	}
	if h.room+k.size() > shelfRoom {
		clear(h.kept)
		h.room = 0
	}
	h.kept[key] = k
	h.room += k.size()
}

func (h *shelf) drop(key string, k *shelved) {
	delete(h.kept, key)
	h.room -= k.size()
}

// size is about what an answer takes, with its two packed forms.
func (k *shelved) size() int { return len(k.answer.body)*3/2 + 1<<10 }

// pack is the answer compressed, once for all who take it.
func (k *shelved) pack(how string) []byte {
	i, pack := 0, fasthttp.AppendBrotliBytesLevel
	if how == "gzip" {
		i, pack = 1, fasthttp.AppendGzipBytesLevel
	}
	one := &k.packed[i]
	one.Do(func() { one.body = pack(nil, k.answer.body, packLevel) })
	return one.body
}

func tagOf(body []byte) string { return fmt.Sprintf(`W/"%016x"`, xxhash.Sum64(body)) }

// Writes counts what may change an answer; its Count is Config.Writes.
type Writes struct{ n atomic.Uint64 }

// Note counts one.
func (w *Writes) Note() { w.n.Add(1) }

// Count is how many there were.
func (w *Writes) Count() uint64 { return w.n.Load() }
