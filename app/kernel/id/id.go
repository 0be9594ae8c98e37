// Package id makes the identifiers of rows: 26 characters, Crockford base32,
// 48 bits of milliseconds, 16 bits that count on within a millisecond from a
// random start, then 64 random bits. So they sort in the order they were made,
// cannot be guessed, and tell nothing about how many others there are.
package id

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"
)

// ID names one row. The zero value "" names none.
type ID string

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// last is the millisecond and count of the newest identifier of this process.
var last struct {
	sync.Mutex
	ms    int64
	count uint16
}

// New makes an identifier for something that happened at t. Identifiers made
// one after another for the same millisecond sort in that order, unless one
// process makes more than 32,768 of them.
func New(t time.Time) ID {
	var b [16]byte
	_, _ = rand.Read(b[6:]) // never fails since Go 1.24; it aborts the program instead
	ms := t.UnixMilli()
	last.Lock()
	if ms == last.ms {
		last.count++
	} else {
		last.ms, last.count = ms, binary.BigEndian.Uint16(b[6:])>>1
	}
	count := last.count
	last.Unlock()
	binary.BigEndian.PutUint64(b[:8], uint64(ms)<<16|uint64(count))
	return encode(b)
}

func encode(b [16]byte) ID {
	var out [26]byte
	var acc uint64
	bits, o := uint(2), 0 // 130 bits of output hold 128: two leading zero bits
	for _, x := range b {
		acc = acc<<8 | uint64(x)
		bits += 8
		for bits >= 5 {
			bits -= 5
			out[o] = alphabet[(acc>>bits)&31]
			o++
		}
		acc &= 1<<bits - 1
	}
	return ID(out[:])
}

// Valid reports whether s has the form of an identifier; what comes from a
// URL is checked before it reaches a query.
func Valid(s string) bool {
	if len(s) != 26 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z' || c == 'I' || c == 'L' || c == 'O' || c == 'U') {
			return false
		}
	}
	return true
}

// Code makes a public verification code: n characters of the same alphabet,
// random throughout, telling nothing about when or what.
func Code(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}
