package face_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"gongji/app/document/face"
	"gongji/templates/fonts"
)

func open(t testing.TB, name string) *face.Face {
	t.Helper()
	r, err := fonts.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := face.Open(name, r)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Which font has which character, by another reader of fonts.
func TestGlyphsAgreeWithAnotherReader(t *testing.T) {
	for _, name := range []string{fonts.Regular, fonts.Bold, fonts.Emoji, fonts.Rare} {
		f := open(t, name)
		other := complete(t, whole(t, name))
		var buf sfnt.Buffer
		for _, c := range "aé1，。中国壹贰叁元䶮𬭎𠮷𪚥𫝀𬺰🐼👨❤\u05d0\U000323af\uFFFF" {
			gid, ok := f.Glyph(c)
			want, err := other.GlyphIndex(&buf, c)
			if err != nil {
				t.Fatal(err)
			}
			if int(gid) != int(want) && ok || ok != (want != 0) {
				t.Errorf("%s: U+%04X is glyph %d (%v), want %d", name, c, gid, ok, want)
			}
			if !ok {
				continue
			}
			adv, err := other.GlyphAdvance(&buf, want, fixed.I(1000), font.HintingNone)
			if err != nil {
				t.Fatal(err)
			}
			if d := f.Advance(gid) - adv.Floor(); d < -1 || d > 1 {
				t.Errorf("%s: U+%04X is %d wide, want %d", name, c, f.Advance(gid), adv.Floor())
			}
		}
	}
}

// A name in the registry that cannot be printed is found out here.
func TestEveryHanOfGB18030HasAGlyph(t *testing.T) {
	regular, rare := open(t, fonts.Regular), open(t, fonts.Rare)
	for _, b := range []struct {
		name        string
		first, last rune
		lacking     int
	}{
		{"基本集", 0x4E00, 0x9FEF, 0}, {"扩展A", 0x3400, 0x4DB5, 0}, {"扩展B", 0x20000, 0x2A6D6, 0},
		{"扩展C", 0x2A700, 0x2B734, 0}, {"扩展D", 0x2B740, 0x2B81D, 0}, {"扩展E", 0x2B820, 0x2CEA1, 0}, {"扩展F", 0x2CEB0, 0x2EBE0, 0},
	} {
		n := 0
		for c := b.first; c <= b.last; c++ {
			_, ok := regular.Glyph(c)
			if _, too := rare.Glyph(c); !ok && !too {
				n++
			}
		}
		if n > b.lacking {
			t.Errorf("%s: %d characters have no glyph", b.name, n)
		}
	}
}

// A cut font has the outlines of the whole one, and only those asked for.
func TestCutKeepsOutlines(t *testing.T) {
	for name, text := range map[string]string{fonts.Regular: "公益Éé１2½ǎ", fonts.Emoji: "🐼❤👨", fonts.Rare: "𠮷𪚥𫝀"} {
		f := open(t, name)
		var gids []uint16
		for _, c := range text {
			gid, ok := f.Glyph(c)
			if !ok {
				t.Fatalf("%s has no %c", name, c)
			}
			gids = append(gids, gid)
		}
		cut, err := f.Cut(nil, gids)
		if err != nil {
			t.Fatal(err)
		}
		big, small := complete(t, whole(t, name)), complete(t, cut)
		var a, b sfnt.Buffer
		for i, gid := range gids {
			want, err := big.LoadGlyph(&a, sfnt.GlyphIndex(gid), fixed.I(1000), nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := small.LoadGlyph(&b, sfnt.GlyphIndex(i+1), fixed.I(1000), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(want) == 0 || len(got) != len(want) {
				t.Fatalf("%s glyph %d has %d segments, want %d", name, gid, len(got), len(want))
			}
			for k := range want {
				if got[k] != want[k] {
					t.Fatalf("%s glyph %d differs at segment %d", name, gid, k)
				}
			}
		}
	}
}

type broken struct {
	data []byte
	at   int64
	by   byte
}

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	n, err := bytes.NewReader(b.data).ReadAt(p, off)
	if b.at >= off && b.at < off+int64(n) {
		p[b.at-off] ^= b.by
	}
	return n, err
}

// A damaged font is an error or a wrong picture, never a panic.
func TestDamagedFont(t *testing.T) {
	data := whole(t, fonts.Emoji)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		at := rnd.Int64N(4096)
		if rnd.IntN(2) == 0 {
			at = rnd.Int64N(int64(len(data)))
		}
		try(broken{data, at, byte(1 + rnd.IntN(255))})
	}
	for n := 0; n < len(data); n += 1 + n/3 {
		if _, err := face.Open("x", bytes.NewReader(data[:n])); err != nil && !errors.Is(err, face.ErrFont) {
			t.Errorf("%d bytes: %v", n, err)
		}
		try(bytes.NewReader(data[:n]))
	}
}

func try(r io.ReaderAt) {
	f, err := face.Open("x", r)
	if err != nil {
		return
	}
	var gids []uint16
	for _, c := range "🐼❤👨0a" {
		if gid, ok := f.Glyph(c); ok {
			f.Advance(gid)
			gids = append(gids, gid)
		}
	}
	_, _ = f.Cut(nil, gids)
}

func whole(t *testing.T, name string) []byte {
	t.Helper()
	r, err := fonts.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(io.NewSectionReader(r, 0, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// complete adds the tables that sfnt wants and a PDF does not.
func complete(t *testing.T, cut []byte) *sfnt.Font {
	t.Helper()
	be := binary.BigEndian
	n := int(be.Uint16(cut[4:]))
	tables := map[string][]byte{
		"cmap": {0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12, 0, 4, 0, 24, 0, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0, 1, 0, 0},
		"name": {0, 0, 0, 0, 0, 6},
		"post": append([]byte{0, 3, 0, 0}, make([]byte, 28)...),
	}
	for i := range n {
		rec := cut[12+16*i:]
		tables[string(rec[:4])] = cut[be.Uint32(rec[8:]):][:be.Uint32(rec[12:])]
	}
	tags := slices.Sorted(maps.Keys(tables))
	out := be.AppendUint16([]byte{0, 1, 0, 0}, uint16(len(tags)))
	out = append(out, 0, 0, 0, 0, 0, 0)
	off := 12 + 16*len(tags)
	var body []byte
	for _, tag := range tags {
		out = append(out, tag...)
		out = be.AppendUint32(out, 0)
		out = be.AppendUint32(out, uint32(off+len(body)))
		out = be.AppendUint32(out, uint32(len(tables[tag])))
		body = append(body, tables[tag]...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	f, err := sfnt.Parse(append(out, body...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}
