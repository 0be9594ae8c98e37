package opening

import (
	"sync"

	"gongji/app/kernel/id"
	"gongji/app/procurement/seal"
)

// Custody is what a process holds of the shares of tenders' keys: in memory,
// for two hours after the last was given, and nowhere else. The opening of bids
// has its own; a later opening of the same tender, of its last offers, has
// another, so that shares given for the one never serve the other.
type Custody struct {
	mu    sync.Mutex
	rooms map[id.ID]*room
}

func (c *Custody) room(tenderID id.ID) *room {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rooms == nil {
		c.rooms = map[id.ID]*room{}
	}
	r := c.rooms[tenderID]
	if r == nil {
		r = &room{shares: map[int]seal.Share{}}
		c.rooms[tenderID] = r
	}
	return r
}

// Give keeps a share that was checked against the key's commitment.
func (c *Custody) Give(k seal.Key, x seal.Share) { c.room(k.Tender).give(k, x) }

// Given are the places of the holders whose shares are here.
func (c *Custody) Given(k seal.Key) map[int]bool { return c.room(k.Tender).given(k) }

// Opener makes the key of the shares that are here; Conflict where there are
// too few. Whoever calls it wipes it.
func (c *Custody) Opener(k seal.Key) (*seal.Opener, error) { return c.room(k.Tender).opener(k) }

// Wipe forgets the shares of one tender.
func (c *Custody) Wipe(tenderID id.ID) { c.room(tenderID).wipe() }

// Shutdown forgets every share.
func (c *Custody) Shutdown() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.rooms {
		r.wipe()
	}
}
