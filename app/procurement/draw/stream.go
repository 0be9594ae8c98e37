package draw

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"gongji/app/kernel/fault"
)

// stream gives the numbers that follow from a seed.
type stream struct {
	seed  [32]byte
	block [32]byte
	i     uint64 // of the next block
	used  int    // numbers taken of this block
}

func newStream(seed string) (*stream, error) {
	b, err := hex.DecodeString(seed)
	if err != nil || len(b) != 32 {
		return nil, fault.New(fault.Invalid, "种子应为 64 位十六进制")
	}
	s := &stream{used: 4}
	copy(s.seed[:], b)
	return s, nil
}

func (s *stream) next() uint64 {
	if s.used == 4 {
		s.block = sha256.Sum256(binary.BigEndian.AppendUint64(s.seed[:], s.i))
		s.i++
		s.used = 0
	}
	v := binary.BigEndian.Uint64(s.block[s.used*8:])
	s.used++
	return v
}

// below is a number from 0 to n-1, each as likely as the others: numbers of the
// incomplete last round are thrown away.
func (s *stream) below(n uint64) uint64 {
	// 2⁶⁴ mod n, without a 65th bit.
	over := (math.MaxUint64%n + 1) % n
	for {
		if v := s.next(); over == 0 || v < -over {
			return v % n
		}
	}
}

func (s *stream) shuffle(list []string) {
	for i := len(list) - 1; i > 0; i-- {
		j := s.below(uint64(i + 1))
		list[i], list[j] = list[j], list[i]
	}
}
