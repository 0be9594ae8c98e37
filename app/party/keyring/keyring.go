// Package keyring keeps each account's personal key: an age X25519 identity
// that was made in the person's browser. The server has its recipient and the
// identity as a file that only the person's passphrase opens; the passphrase
// never comes here.
//
// A person has one current key. A key that was replaced is kept, because what
// was encrypted to it can be read with no other.
package keyring

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
)

// Key is one personal key.
type Key struct {
	bun.BaseModel `bun:"table:personal_key"`

	ID      id.ID `bun:"id,pk" json:"id"`
	Account id.ID `bun:"account" json:"-"`
	// Recipient is the public half: age1…
	Recipient string `bun:"recipient" json:"recipient"`
	// File is the identity, encrypted with the passphrase: an armored age file.
	File      string    `bun:"file" json:"file" description:"口令加密的私钥文件（age 文本格式），只有本人的口令能打开"`
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
	// ChangedAt is when the passphrase was last set.
	ChangedAt time.Time  `bun:"changed_at" json:"changed_at"`
	RetiredAt *time.Time `bun:"retired_at" json:"retired_at,omitempty" description:"换成新密钥的时间；旧密钥只用来打开从前的文件"`
}

// Current reports whether new things are encrypted to this key.
func (k Key) Current() bool { return k.RetiredAt == nil }

// Short is the recipient as people compare it: its beginning and its end.
func (k Key) Short() string { return Short(k.Recipient) }

// Short is any recipient as people compare it.
func Short(recipient string) string {
	if len(recipient) < 24 {
		return recipient
	}
	return recipient[:12] + "…" + recipient[len(recipient)-8:]
}
