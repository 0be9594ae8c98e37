package keyring_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/identity"
	"gongji/app/party/keyring"
	"gongji/storage/db/dbtest"
)

type house struct {
	*keyring.Service
	db    *bun.DB
	clock *clock.Manual
	who   party.Actor
}

func each(t *testing.T, run func(t *testing.T, h house)) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		c := clock.NewManual(time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC))
		h := house{keyring.New(d, c, identity.WeakFactor), d, c, party.Actor{Account: id.New(c.Now())}}
		if _, err := d.ExecContext(t.Context(), "INSERT INTO account (id, login, name, password_hash, created_at) VALUES (?, 'lihua', '李华', '', ?)",
			h.who.Account, c.Now()); err != nil {
			t.Fatal(err)
		}
		run(t, h)
	})
}

const pass = "correct horse battery staple"

func made(t *testing.T) (recipient, file string) {
	t.Helper()
	recipient, file, err := identity.New(pass, identity.WeakFactor)
	if err != nil {
		t.Fatal(err)
	}
	return recipient, file
}

func TestLife(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		ctx := t.Context()
		if _, err := h.Mine(ctx, h.who); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a key before there is one: %v", err)
		}
		recipient, file := made(t)
		first, err := h.Put(ctx, h.who, recipient, strings.ReplaceAll(file, "\n", "\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := identity.Open(first.File, pass); err != nil {
			t.Errorf("what was kept does not open: %v", err)
		}
		h.clock.Advance(time.Hour)
		_, again := made(t) // any locked file stands for the same identity's
		k, err := h.Put(ctx, h.who, recipient, again)
		if err != nil || k.ID != first.ID || k.File == first.File || !k.ChangedAt.After(first.ChangedAt) {
			t.Errorf("another passphrase: %+v %v", k, err)
		}
		next, file := made(t)
		if _, err := h.Put(ctx, h.who, next, file); err != nil {
			t.Fatal(err)
		}
		if k, err = h.Mine(ctx, h.who); err != nil || k.Recipient != next {
			t.Errorf("the new key is not the current one: %+v %v", k, err)
		}
		if _, err := h.Put(ctx, h.who, recipient, again); !fault.Is(err, fault.Conflict) {
			t.Errorf("a retired key came back: %v", err)
		}
		list, err := h.History(ctx, h.who)
		if err != nil || len(list) != 2 || list[1].RetiredAt == nil || list[1].File != again {
			t.Errorf("history: %+v %v", list, err)
		}
		if _, err := h.One(ctx, party.Actor{Account: "another"}, first.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's key file: %v", err)
		}
	})
}

func TestHostileFiles(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		recipient, file := made(t)
		secret := "AGE-SECRET-KEY-1" + strings.Repeat("Q", 58)
		for name, c := range map[string]struct{ recipient, file string }{
			"nothing":               {"", ""},
			"another kind of key":   {"ssh-ed25519 AAAA", file},
			"two recipients":        {recipient + "\n" + recipient, file},
			"an unlocked identity":  {recipient, secret},
			"one behind a lock":     {recipient, file + secret},
			"half a file":           {recipient, file[:len(file)/2]},
			"text after the file":   {recipient, file + "hello"},
			"a file of many":        {recipient, strings.Repeat(file, 40)},
			"a script":              {recipient, "<script>alert(1)</script>"},
			"a file to a recipient": {recipient, "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBh\n-----END AGE ENCRYPTED FILE-----\n"},
		} {
			if _, err := h.Put(t.Context(), h.who, c.recipient, c.file); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := keyring.New(h.db, h.clock, identity.WorkFactor).Put(t.Context(), h.who, recipient, file); !fault.Is(err, fault.Invalid) {
			t.Errorf("a weak lock in production: %v", err)
		}
		if list, err := h.History(t.Context(), h.who); err != nil || len(list) > 0 {
			t.Errorf("something was kept: %+v %v", list, err)
		}
	})
}

// Two windows make a key at once: both are kept, one is current.
func TestAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		var all sync.WaitGroup
		for range 4 {
			recipient, file := made(t)
			all.Go(func() {
				if _, err := h.Put(t.Context(), h.who, recipient, file); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		list, err := h.History(t.Context(), h.who)
		current := 0
		for _, k := range list {
			if k.Current() {
				current++
			}
		}
		if err != nil || len(list) != 4 || current != 1 {
			t.Errorf("%d keys, %d current (%v)", len(list), current, err)
		}
	})
}
