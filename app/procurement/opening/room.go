package opening

import (
	"sync"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/seal"
)

// kept is how long shares stay in memory after the last was given.
const kept = 2 * time.Hour

// room is what this process holds of one opening: shares, and a loop that
// reads. It is made when somebody gives the first share.
type room struct {
	mu         sync.Mutex
	generation int
	shares     map[int]seal.Share
	running    chan struct{} // closed when the loop that reads ends; nil where none runs
	expiry     *time.Timer
}

func (s *Service) room(tenderID id.ID) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[tenderID]
	if r == nil {
		r = &room{shares: map[int]seal.Share{}}
		s.rooms[tenderID] = r
	}
	return r
}

// peek is the room of a tender, or an empty one where nothing was given.
func (s *Service) peek(tenderID id.ID) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rooms[tenderID]; r != nil {
		return r
	}
	return &room{}
}

// give keeps a checked share. It reports whether the share was not there yet.
func (r *room) give(k seal.Key, x seal.Share) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.generation != k.Generation {
		r.shares, r.generation = map[int]seal.Share{}, k.Generation
	}
	_, had := r.shares[x.Index]
	r.shares[x.Index] = x
	if r.expiry != nil {
		r.expiry.Stop()
	}
	r.expiry = time.AfterFunc(kept, r.wipe)
	return !had
}

// given are the indices of the shares that are here.
func (r *room) given(k seal.Key) map[int]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[int]bool{}
	for i := range r.shares {
		out[i] = r.generation == k.Generation
	}
	return out
}

// opener makes the key of the shares that are here; Conflict where there are
// too few.
func (r *room) opener(k seal.Key) (*seal.Opener, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []seal.Share
	if r.generation == k.Generation {
		for _, x := range r.shares {
			list = append(list, x)
		}
	}
	if left := k.Threshold - len(list); left > 0 {
		return nil, fault.New(fault.Conflict, "还差 %d 份密钥：请持钥人在本页输入口令交出密钥份，满 %d 份后即可开标", left, k.Threshold)
	}
	return k.Recover(list)
}

// wipe forgets the shares. The Go runtime may have copied them; the promise is
// that nothing of ours keeps them.
func (r *room) wipe() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.shares)
	r.shares, r.generation = map[int]seal.Share{}, 0
	if r.expiry != nil {
		r.expiry.Stop()
		r.expiry = nil
	}
}

// begin claims the room for one loop; false where one runs.
func (r *room) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running != nil {
		return false
	}
	r.running = make(chan struct{})
	return true
}

func (r *room) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.running)
	r.running = nil
}

// loop is closed when the loop that runs now ends; nil where none runs.
func (r *room) loop() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.running
}
