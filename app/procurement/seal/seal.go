// Package seal is the cryptography of sealed bids, and nothing else: no
// database, no clock, no state of a tender.
//
// A tender's key is an age X25519 identity. Its secret is wrapped under a
// random scalar that Shamir's method splits among the key holders over
// ristretto255, with Feldman's commitment so that a false share is found out
// (Generate, Key). Each share is an age file that only its holder's own
// identity opens (ShareFile). Shares can be dealt anew without the tender's
// identity changing (Subshares, Next, Combine).
//
// A bid is one binary age file to the tender's recipient and to the bidder's
// own people; inside is a tar of manifest.json and the files, with zeros after
// its end so that the size says little (Pack, Read).
//
// templates/assets/js/seal does the clients' half in the browser, byte for
// byte the same; a test in app/procurement/seal holds the two together.
//
// Errors: whatever is at fault in the material itself is fault.Invalid with a
// Chinese sentence; an error of the reader or writer underneath comes through
// as it is, so that a store that fails is never blamed on a bidder.
package seal

import (
	"errors"
	"io"

	"gongji/app/kernel/fault"
)

func bad(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

// source remembers what its reader said, so that a fault of the store can be
// told from a fault of what it holds.
type source struct {
	r   io.Reader
	n   int64
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// blame is err as the fault of the material, unless the reader underneath
// failed first.
func (s *source) blame(err error, format string, args ...any) error {
	if s.err != nil {
		return s.err
	}
	if err == nil || fault.KindOf(err) != fault.Unknown {
		return err
	}
	return fault.Wrap(fault.Invalid, err, format, args...)
}
