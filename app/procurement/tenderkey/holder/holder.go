// Package holder does in Go what a key holder's browser does: it makes a
// personal key, opens a part with the passphrase, splits it for the next
// holders and puts together what was split. Tests and the demonstration use it;
// the server's own paths never do.
package holder

import (
	"context"
	"encoding/base64"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/identity"
	"gongji/app/party/keyring"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tenderkey"
)

// Person is somebody at their own keyboard.
type Person struct {
	party.Actor
	Passphrase string
}

// MakeKey gives the person a new personal key, locked lightly: for people who
// do not exist.
func (p Person) MakeKey(ctx context.Context, keys *keyring.Service) error {
	recipient, file, err := identity.New(p.Passphrase, identity.WeakFactor)
	if err != nil {
		return err
	}
	_, err = keys.Put(ctx, p.Actor, recipient, file)
	return err
}

// part opens the person's part of a tender's key.
func (p Person) part(ctx context.Context, keys *tenderkey.Service, tender id.ID) (tenderkey.Holding, seal.ShareFile, error) {
	h, err := keys.Mine(ctx, p.Actor, tender)
	if err != nil {
		return h, seal.ShareFile{}, err
	}
	own, err := identity.Open(h.PersonalFile, p.Passphrase)
	if err != nil {
		return h, seal.ShareFile{}, err
	}
	b, err := base64.StdEncoding.DecodeString(h.ShareFile)
	if err != nil {
		return h, seal.ShareFile{}, err
	}
	file, err := seal.OpenShare(own, b)
	return h, file, err
}

// Open is what the person's part holds.
func (p Person) Open(ctx context.Context, keys *tenderkey.Service, tender id.ID) (seal.ShareFile, error) {
	_, file, err := p.part(ctx, keys, tender)
	return file, err
}

// Rehearse proves that the person can open their part.
func (p Person) Rehearse(ctx context.Context, keys *tenderkey.Service, tender id.ID) error {
	_, file, err := p.part(ctx, keys, tender)
	if err == nil {
		_, err = keys.Rehearse(ctx, p.Actor, tender, file.Word)
	}
	return err
}

// Share is the text that opens, as the person gives it at the opening.
func (p Person) Share(ctx context.Context, keys *tenderkey.Service, tender id.ID) (string, error) {
	_, file, err := p.part(ctx, keys, tender)
	return file.Share, err
}

// Deal splits the person's part for the next holders.
func (p Person) Deal(ctx context.Context, keys *tenderkey.Service, tender id.ID) error {
	h, file, err := p.part(ctx, keys, tender)
	if err != nil {
		return err
	}
	now, next := h.Handover.Now, h.Handover.Next
	share, err := now.Check(file.Share)
	if err != nil {
		return err
	}
	c, err := now.Subshares(share, next.Threshold, holdersOf(next))
	if err == nil {
		_, err = keys.Deal(ctx, p.Actor, tender, c)
	}
	return err
}

func holdersOf(k seal.Key) []seal.Holder {
	var out []seal.Holder
	for _, s := range k.Shares {
		out = append(out, s.Holder)
	}
	return out
}

// Combine makes the person's part of the next key, hands it in and rehearses.
func (p Person) Combine(ctx context.Context, keys *tenderkey.Service, tender id.ID) error {
	h, err := keys.Mine(ctx, p.Actor, tender)
	if err != nil {
		return err
	}
	own, err := identity.Open(h.Handover.PersonalFile, p.Passphrase)
	if err != nil {
		return err
	}
	next, place := h.Handover.Next, 0
	for _, s := range next.Shares {
		if s.Holder.Account == p.Account {
			place = s.Index
		}
	}
	share, err := h.Handover.Now.Combine(next, place, h.Handover.Contributions, own)
	if err != nil {
		return err
	}
	locked, err := next.Lock(share, next.Shares[place-1].Holder)
	if err != nil {
		return err
	}
	if _, err := keys.Combine(ctx, p.Actor, tender, locked); err != nil {
		return err
	}
	return p.Rehearse(ctx, keys, tender)
}
