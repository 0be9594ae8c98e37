package tenderkey

import (
	"context"
	"crypto/subtle"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/keyring"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Rehearse takes the word that only whoever opened the holder's share file can
// know. The share itself stays in their browser.
func (s *Service) Rehearse(ctx context.Context, who party.Actor, of id.ID, word string) (Key, error) {
	var out Key
	err := s.change(ctx, who, of, "rehearse", func(ctx context.Context, tx bun.Tx, k *keys) error {
		set, h := k.held(who.Account)
		if h == nil {
			return errUnnamed
		}
		if h.ShareFile == "" {
			return fault.New(fault.Conflict, "您的密钥份还没有生成，现在不用演练")
		}
		if !says(h.WordSHA256, word) {
			var c fault.Check
			c.Fail("word", "这不是您的密钥份里的口令词，请刷新页面后重新演练")
			return c.Err()
		}
		first := h.RehearsedAt == nil
		h.RehearsedAt = &k.decided
		if err := saveHolder(ctx, tx, h); err != nil {
			return err
		}
		if first {
			if err := s.record(ctx, tx, who, k, "演练密钥", h.Post()+"能打开自己的密钥份"); err != nil {
				return err
			}
		}
		out = *set
		if set.State == Incoming {
			return s.settle(ctx, tx, who, k, &out)
		}
		return nil
	})
	return out, err
}

// held is the set in which an account has something to do: the next one while
// it has no rehearsal there, otherwise the one in force.
func (k *keys) held(account id.ID) (*Key, *Holder) {
	if k.next != nil {
		if h := k.next.Holder(account); h != nil && h.ShareFile != "" && h.RehearsedAt == nil {
			return k.next, h
		}
	}
	if k.now != nil {
		if h := k.now.Holder(account); h != nil {
			return k.now, h
		}
	}
	if k.next != nil {
		return k.next, k.next.Holder(account)
	}
	return nil, nil
}

func says(hash, word string) bool {
	return subtle.ConstantTimeCompare([]byte(seal.HashWord(word)), []byte(hash)) == 1
}

// Holding is what a holder sees: the purchase by name, their part, and the
// personal key that opens it. Nothing else of an unpublished tender.
type Holding struct {
	Tender id.ID        `json:"tender"`
	Title  string       `json:"title"`
	Number string       `json:"number,omitempty"`
	Buyer  string       `json:"buyer"`
	State  tender.State `json:"tender_state"`
	Set    Key          `json:"set"`
	Mine   Holder       `json:"mine"`
	// ShareFile opens with PersonalFile, which opens with the passphrase.
	ShareFile    string `json:"share_file,omitempty" description:"您的密钥份（age 文件的 base64），用您的个人密钥打开"`
	PersonalFile string `json:"personal_file,omitempty" description:"打开密钥份所用的个人密钥文件，用您的口令打开"`
	// PersonalRecipient is the public half of that personal key.
	PersonalRecipient string    `json:"personal_recipient,omitempty"`
	Handover          *Handover `json:"handover,omitempty" description:"正在进行的移交"`
}

// Mine is the actor's own part of a tender's key; NotFound for others.
func (s *Service) Mine(ctx context.Context, who party.Actor, of id.ID) (Holding, error) {
	t, err := tender.Read(ctx, s.db, of)
	if err != nil {
		return Holding{}, err
	}
	k, err := s.load(ctx, s.db, t)
	if err != nil {
		return Holding{}, err
	}
	if err := s.require(who, k, "hold"); err != nil {
		return Holding{}, err
	}
	set, h := k.held(who.Account)
	if h == nil {
		return Holding{}, errUnnamed
	}
	out := Holding{Tender: t.ID, Title: t.Title, Number: t.No(), Buyer: t.BuyerName, State: t.StateAt(k.decided), Set: *set, Mine: *h, ShareFile: h.ShareFile}
	if err := personal(ctx, s.db, &out); err != nil {
		return Holding{}, err
	}
	if k.next != nil {
		out.Handover, err = s.handover(ctx, s.db, who, k)
	}
	return out, err
}

// personal finds the personal key that a part was made for, or, where there is
// no part yet, the holder's current one.
func personal(ctx context.Context, d bun.IDB, out *Holding) error {
	if out.Mine.PersonalKey != nil {
		found, err := keyring.Owners(ctx, d, *out.Mine.PersonalKey)
		if err != nil {
			return err
		}
		p := found[*out.Mine.PersonalKey]
		out.PersonalFile, out.PersonalRecipient = p.File, p.Recipient
		return nil
	}
	found, err := keyring.Of(ctx, d, out.Mine.Account)
	if p, ok := found[out.Mine.Account]; ok {
		out.PersonalFile, out.PersonalRecipient = p.File, p.Recipient
	}
	return err
}

// Task is a tender whose key the actor has a part of, as a list shows it.
type Task struct {
	Tender      id.ID        `json:"tender"`
	Title       string       `json:"title"`
	Buyer       string       `json:"buyer"`
	TenderState tender.State `json:"tender_state"`
	Set         State        `json:"set" enum:"named,made,incoming"`
	Duty        Duty         `json:"duty"`
	Rehearsed   bool         `json:"rehearsed"`
	HasShare    bool         `json:"has_share"`
	Next        string       `json:"next" enum:",key,rehearse,combine,deal" description:"等您做的事；空表示没有"`
}

// Tasks lists what the actor holds, newest first, with what waits for them.
// Purchases that are over are left out.
func (s *Service) Tasks(ctx context.Context, who party.Actor) ([]Task, error) {
	out := []Task{}
	if !who.SignedIn() {
		return out, nil
	}
	now := s.clock.Now()
	var sets []Key
	err := s.db.NewSelect().Model(&sets).Where("state <> ?", Retired).
		Where("id IN (SELECT tender_key FROM key_holder WHERE account = ?)", who.Account).Order("id DESC").Limit(200).Scan(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	if err := withHolders(ctx, s.db, sets); err != nil {
		return nil, err
	}
	for _, set := range sets {
		t, err := tender.Read(ctx, s.db, set.Tender)
		if err != nil {
			return nil, err
		}
		state := t.StateAt(now)
		if !sealed(state) {
			continue
		}
		x, err := s.task(ctx, who, set, t, state)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// sealed reports whether the key of a tender in a state is still needed.
func sealed(state tender.State) bool {
	return state == tender.Draft || state == tender.Review || state == tender.Open || state == tender.Closed
}

func (s *Service) task(ctx context.Context, who party.Actor, set Key, t tender.Tender, state tender.State) (Task, error) {
	h := set.Holder(who.Account)
	x := Task{Tender: t.ID, Title: t.Title, Buyer: t.BuyerName, TenderState: state, Set: set.State, Duty: h.Duty,
		Rehearsed: h.RehearsedAt != nil, HasShare: h.ShareFile != ""}
	switch {
	case !h.Ready:
		x.Next = "key"
	case x.HasShare && !x.Rehearsed:
		x.Next = "rehearse"
	case set.State == Incoming && !x.HasShare:
		dealt, err := subshares(ctx, s.db, set.ID)
		if err != nil {
			return x, err
		}
		if before, err := current(ctx, s.db, t.ID); err != nil {
			return x, err
		} else if before != nil && len(dealt) >= before.Threshold {
			x.Next = "combine"
		}
	case set.State == Made:
		next, err := incoming(ctx, s.db, t.ID)
		if err != nil || next == nil {
			return x, err
		}
		dealt, err := subshares(ctx, s.db, next.ID)
		if err != nil {
			return x, err
		}
		if len(dealt) < set.Threshold && !dealtBy(dealt, h.ID) {
			x.Next = "deal"
		}
	}
	return x, nil
}
