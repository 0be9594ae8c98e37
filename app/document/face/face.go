// Package face reads TrueType fonts where they lie (in the binary, unread
// until a glyph is wanted) and cuts from them the tiny font one document needs.
package face

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
)

// ErrFont says that a file is not a TrueType font this package can read.
var ErrFont = errors.New("face: not a usable TrueType font")

// Face is one font. Only its character map and its widths are kept in memory;
// outlines are read when they are cut. It is safe for concurrent use.
type Face struct {
	Name string // PostScript-like name, for the PDF
	// Measures in thousandths of an em, as a PDF wants them.
	Ascent, Descent, CapHeight int
	BBox                       [4]int
	Bold                       bool

	r        io.ReaderAt
	upm      int
	glyphs   int
	longLoca bool
	loca     table
	glyf     table
	head     []byte
	hhea     []byte
	maxp     []byte
	hmtx     []byte
	longHM   int
	groups   []group
}

type table struct{ off, size int64 }

type group struct{ first, last, gid uint32 }

// Open reads the directory, the character map and the widths of a font.
func Open(name string, r io.ReaderAt) (*Face, error) {
	f := &Face{Name: name, r: r}
	head, err := f.bytes(0, 12)
	if err != nil {
		return nil, err
	}
	if v := binary.BigEndian.Uint32(head); v != 0x00010000 && v != 0x74727565 {
		return nil, fmt.Errorf("%w: %s starts with %08x", ErrFont, name, v)
	}
	n := int(binary.BigEndian.Uint16(head[4:]))
	dir, err := f.bytes(12, 16*n)
	if err != nil {
		return nil, err
	}
	tables := make(map[string]table, n)
	for ; len(dir) >= 16; dir = dir[16:] {
		tables[string(dir[:4])] = table{int64(binary.BigEndian.Uint32(dir[8:])), int64(binary.BigEndian.Uint32(dir[12:]))}
	}
	read := func(tag string, least int) []byte {
		t, ok := tables[tag]
		if err != nil {
			return nil
		}
		if !ok || t.size < int64(least) || t.size > 1<<24 {
			err = fmt.Errorf("%w: %s has no usable table %s", ErrFont, name, tag)
			return nil
		}
		var b []byte
		b, err = f.bytes(t.off, int(t.size))
		return b
	}
	f.head, f.hhea, f.maxp = read("head", 54), read("hhea", 36), read("maxp", 6)
	f.hmtx = read("hmtx", 4)
	cmap := read("cmap", 4)
	if err != nil {
		return nil, err
	}
	f.loca, f.glyf = tables["loca"], tables["glyf"]
	f.upm = int(binary.BigEndian.Uint16(f.head[18:]))
	f.longLoca = binary.BigEndian.Uint16(f.head[50:]) == 1
	f.glyphs = int(binary.BigEndian.Uint16(f.maxp[4:]))
	f.longHM = int(binary.BigEndian.Uint16(f.hhea[34:]))
	if f.upm == 0 || f.glyf.size == 0 || f.loca.size == 0 || f.longHM == 0 || len(f.hmtx) < 4*f.longHM {
		return nil, fmt.Errorf("%w: %s is inconsistent", ErrFont, name)
	}
	for i := range f.BBox {
		f.BBox[i] = f.em(int(int16(binary.BigEndian.Uint16(f.head[36+2*i:]))))
	}
	f.Ascent = f.em(int(int16(binary.BigEndian.Uint16(f.hhea[4:]))))
	f.Descent = f.em(int(int16(binary.BigEndian.Uint16(f.hhea[6:]))))
	f.CapHeight = 733
	if t, ok := tables["OS/2"]; ok && t.size >= 90 {
		if os2, err := f.bytes(t.off, 90); err == nil {
			f.CapHeight = f.em(int(int16(binary.BigEndian.Uint16(os2[88:]))))
			f.Bold = binary.BigEndian.Uint16(os2[4:]) >= 600
		}
	}
	return f, f.readCmap(cmap)
}

func (f *Face) em(units int) int { return units * 1000 / f.upm }

func (f *Face) bytes(off int64, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := f.r.ReadAt(b, off); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFont, f.Name, err)
	}
	return b, nil
}

// readCmap keeps the widest Unicode map: format 12, else format 4.
func (f *Face) readCmap(b []byte) error {
	var best []byte
	format := uint16(0)
	for i := range int(binary.BigEndian.Uint16(b[2:])) {
		if len(b) < 12+8*i {
			break
		}
		rec := b[4+8*i:]
		platform, at := binary.BigEndian.Uint16(rec), int(binary.BigEndian.Uint32(rec[4:]))
		if (platform != 0 && platform != 3) || at+16 > len(b) {
			continue
		}
		if v := binary.BigEndian.Uint16(b[at:]); (v == 4 || v == 12) && v > format {
			best, format = b[at:], v
		}
	}
	switch format {
	case 12:
		n := int(binary.BigEndian.Uint32(best[12:]))
		if n < 0 || len(best) < 16+12*n {
			return fmt.Errorf("%w: %s: cmap is cut short", ErrFont, f.Name)
		}
		f.groups = make([]group, n)
		for i := range f.groups {
			g := best[16+12*i:]
			f.groups[i] = group{binary.BigEndian.Uint32(g), binary.BigEndian.Uint32(g[4:]), binary.BigEndian.Uint32(g[8:])}
		}
	case 4:
		f.readCmap4(best)
	default:
		return fmt.Errorf("%w: %s has no Unicode cmap", ErrFont, f.Name)
	}
	if !sort.SliceIsSorted(f.groups, func(i, j int) bool { return f.groups[i].first < f.groups[j].first }) {
		return fmt.Errorf("%w: %s: cmap is out of order", ErrFont, f.Name)
	}
	return nil
}

// readCmap4 turns the segments of format 4 into the groups of format 12.
func (f *Face) readCmap4(b []byte) {
	segments := int(binary.BigEndian.Uint16(b[6:])) / 2
	at := func(i int) uint32 {
		if i < 0 || i+2 > len(b) {
			return 0
		}
		return uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for s := range segments {
		last, first := at(14+2*s), at(16+2*segments+2*s)
		delta, offAt := at(16+4*segments+2*s), 16+6*segments+2*s
		off := at(offAt)
		if off == 0 {
			if last != 0xFFFF {
				f.groups = append(f.groups, group{first, last, (first + delta) & 0xFFFF})
			}
			continue
		}
		for c := first; c <= last && c != 0xFFFF; c++ {
			gid := at(offAt + int(off) + 2*int(c-first))
			if gid == 0 {
				continue
			}
			gid = (gid + delta) & 0xFFFF
			if k := len(f.groups) - 1; k >= 0 && f.groups[k].last+1 == c && f.groups[k].gid+c-f.groups[k].first == gid {
				f.groups[k].last = c
				continue
			}
			f.groups = append(f.groups, group{c, c, gid})
		}
	}
}

// Glyph finds the glyph of a character; ok is false when the font has none.
func (f *Face) Glyph(r rune) (gid uint16, ok bool) {
	c := uint32(r)
	i := sort.Search(len(f.groups), func(i int) bool { return f.groups[i].last >= c })
	if i == len(f.groups) || f.groups[i].first > c {
		return 0, false
	}
	g := f.groups[i].gid + c - f.groups[i].first
	return uint16(g), g != 0 && g < uint32(f.glyphs)
}

// Advance is the width of a glyph in thousandths of an em.
func (f *Face) Advance(gid uint16) int {
	i := min(int(gid), f.longHM-1)
	return int(binary.BigEndian.Uint16(f.hmtx[4*i:])) * 1000 / f.upm
}

// Outline reads the glyf entry of a glyph, as it stands; empty for a space.
func (f *Face) Outline(gid uint16) ([]byte, error) {
	if int(gid) >= f.glyphs {
		return nil, fmt.Errorf("%w: %s has no glyph %d", ErrFont, f.Name, gid)
	}
	var buf [8]byte
	var from, to int64
	if f.longLoca {
		if _, err := f.r.ReadAt(buf[:8], f.loca.off+4*int64(gid)); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFont, f.Name, err)
		}
		from, to = int64(binary.BigEndian.Uint32(buf[:])), int64(binary.BigEndian.Uint32(buf[4:]))
	} else {
		if _, err := f.r.ReadAt(buf[:4], f.loca.off+2*int64(gid)); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFont, f.Name, err)
		}
		from, to = 2*int64(binary.BigEndian.Uint16(buf[:])), 2*int64(binary.BigEndian.Uint16(buf[2:]))
	}
	if to < from || to > f.glyf.size || to-from > 1<<20 {
		return nil, fmt.Errorf("%w: %s: glyph %d lies outside the font", ErrFont, f.Name, gid)
	}
	if to == from {
		return nil, nil
	}
	return f.bytes(f.glyf.off+from, int(to-from))
}

// Units is the number of font units in an em.
func (f *Face) Units() int { return f.upm }
