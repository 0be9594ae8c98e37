package face

import (
	"encoding/binary"
	"fmt"
)

// maxParts stops a font whose composite glyphs refer to each other in a ring.
const maxParts = 4096

// Flags of a composite glyph's component.
const (
	partWords        = 0x0001
	partScale        = 0x0008
	partMore         = 0x0020
	partXYScale      = 0x0040
	part2x2          = 0x0080
	partInstructions = 0x0100
)

// Cut appends to dst a TrueType font holding the given glyphs and nothing
// else: gids[i] becomes glyph i+1, glyph 0 is empty. Hints are left out. It
// has no cmap; a PDF reaches its glyphs by number.
func (f *Face) Cut(dst []byte, gids []uint16) ([]byte, error) {
	all := make([]uint16, len(gids)+1, len(gids)+8)
	copy(all[1:], gids)
	loca := make([]byte, 4, 4*len(all)+8)
	glyf := make([]byte, 0, 320*len(all))
	hmtx := make([]byte, 4, 4*len(all))
	loca = binary.BigEndian.AppendUint32(loca, 0)
	for i := 1; i < len(all); i++ {
		outline, err := f.Outline(all[i])
		if err != nil {
			return nil, err
		}
		if len(outline) >= 10 {
			if int16(binary.BigEndian.Uint16(outline)) < 0 {
				if outline, err = renumber(outline, &all); err != nil {
					return nil, fmt.Errorf("%w: %s glyph %d", err, f.Name, all[i])
				}
			} else if outline, err = unhint(outline); err != nil {
				return nil, fmt.Errorf("%w: %s glyph %d", err, f.Name, all[i])
			}
			glyf = append(glyf, outline...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		hm := 4 * min(int(all[i]), f.longHM-1)
		hmtx = append(hmtx, f.hmtx[hm], f.hmtx[hm+1])
		hmtx = append(hmtx, f.bearing(all[i])...)
	}
	return Assemble(dst, Tables{Head: f.head, Hhea: f.hhea, Maxp: f.maxp, Loca: loca, Glyf: glyf, Hmtx: hmtx}), nil
}

func (f *Face) bearing(gid uint16) []byte {
	at := 4*int(gid) + 2
	if int(gid) >= f.longHM {
		at = 4*f.longHM + 2*(int(gid)-f.longHM)
	}
	if at+2 > len(f.hmtx) {
		return []byte{0, 0}
	}
	return f.hmtx[at : at+2]
}

// unhint takes the instructions out of a simple glyph.
func unhint(g []byte) ([]byte, error) {
	at := 10 + 2*int(binary.BigEndian.Uint16(g))
	if at+2 > len(g) {
		return nil, ErrFont
	}
	n := int(binary.BigEndian.Uint16(g[at:]))
	if n == 0 {
		return g, nil
	}
	if at+2+n > len(g) {
		return nil, ErrFont
	}
	g[at], g[at+1] = 0, 0
	return append(g[:at+2], g[at+2+n:]...), nil
}

// renumber points the components of a composite glyph at their new numbers,
// adding to all those that are not there yet, and drops its instructions.
func renumber(g []byte, all *[]uint16) ([]byte, error) {
	for at := 10; ; {
		if at+4 > len(g) {
			return nil, ErrFont
		}
		flags, part := binary.BigEndian.Uint16(g[at:]), binary.BigEndian.Uint16(g[at+2:])
		n := -1
		for i, have := range *all {
			if have == part && i > 0 {
				n = i
				break
			}
		}
		if n < 0 {
			if n = len(*all); n > maxParts {
				return nil, ErrFont
			}
			*all = append(*all, part)
		}
		binary.BigEndian.PutUint16(g[at:], flags&^partInstructions)
		binary.BigEndian.PutUint16(g[at+2:], uint16(n))
		at += 6
		if flags&partWords != 0 {
			at += 2
		}
		switch {
		case flags&partScale != 0:
			at += 2
		case flags&partXYScale != 0:
			at += 4
		case flags&part2x2 != 0:
			at += 8
		}
		if flags&partMore == 0 {
			if at > len(g) {
				return nil, ErrFont
			}
			return g[:at], nil
		}
	}
}

// Tables are the parts Assemble puts together. Loca holds 32-bit offsets and
// decides the number of glyphs; Hmtx has four bytes for each. Cmap may be nil.
type Tables struct{ Head, Hhea, Maxp, Loca, Glyf, Hmtx, Cmap []byte }

// Assemble appends a TrueType file to dst.
func Assemble(dst []byte, t Tables) []byte {
	n := uint16(len(t.Loca)/4 - 1)
	head, hhea, maxp := append([]byte(nil), t.Head...), append([]byte(nil), t.Hhea...), append([]byte(nil), t.Maxp...)
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], n)
	binary.BigEndian.PutUint16(maxp[4:], n)
	tables := []struct {
		tag  string
		data []byte
	}{{"cmap", t.Cmap}, {"glyf", t.Glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", t.Hmtx}, {"loca", t.Loca}, {"maxp", maxp}}
	if t.Cmap == nil {
		tables = tables[1:]
	}
	start, off, headAt := len(dst), 12+16*len(tables), 0
	dst = append(dst, 0, 1, 0, 0, 0, byte(len(tables)), 0, 64, 0, 2, 0, byte(16*len(tables)-64))
	for _, tb := range tables {
		if tb.tag == "head" {
			headAt = start + off
		}
		dst = append(dst, tb.tag...)
		dst = binary.BigEndian.AppendUint32(dst, checksum(tb.data))
		dst = binary.BigEndian.AppendUint32(dst, uint32(off))
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(tb.data)))
		off += (len(tb.data) + 3) &^ 3
	}
	for _, tb := range tables {
		dst = append(dst, tb.data...)
		for (len(dst)-start)%4 != 0 {
			dst = append(dst, 0)
		}
	}
	binary.BigEndian.PutUint32(dst[headAt+8:], 0xB1B0AFBA-checksum(dst[start:]))
	return dst
}

func checksum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	var last [4]byte
	copy(last[:], b)
	return sum + binary.BigEndian.Uint32(last[:])
}
