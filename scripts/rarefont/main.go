// Command rarefont cuts the rare Han characters a common font lacks out of
// HanaMinA and HanaMinB and writes them, on a coarser grid and without hints,
// as one TrueType file. It made templates/fonts/GongjiRareHan.ttf:
//
//	go run ./scripts/rarefont NotoSansSC-Regular.ttf HanaMinB.ttf HanaMinA.ttf > GongjiRareHan.ttf
//
// The last fonts come from Debian's package fonts-hanazono 20170904.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sort"

	"gongji/app/document/face"
)

// grid is the units per em of the font written: at 12 pt one unit is 0.05 pt,
// finer than a 600 dpi printer.
const grid = 256

// blocks are the Han blocks of GB 18030-2022 and the compatibility forms.
var blocks = [][2]rune{{0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x323AF}}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rarefont:", err)
		os.Exit(1)
	}
}

type glyph struct {
	r       rune
	outline []byte
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: rarefont COMMON.ttf RARE.ttf [RARE.ttf]")
	}
	faces := make([]*face.Face, len(args))
	for i, path := range args {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		if faces[i], err = face.Open(path, file); err != nil {
			return err
		}
	}
	var glyphs []glyph
	for _, b := range blocks {
		for r := b[0]; r <= b[1]; r++ {
			if _, ok := faces[0].Glyph(r); ok {
				continue
			}
			for _, f := range faces[1:] {
				gid, ok := f.Glyph(r)
				if !ok {
					continue
				}
				outline, err := f.Outline(gid)
				if err != nil {
					return err
				}
				if outline, err = coarse(outline, f.Units(), grid); err != nil {
					return fmt.Errorf("U+%04X: %w", r, err)
				}
				glyphs = append(glyphs, glyph{r, outline})
				break
			}
		}
	}
	sort.Slice(glyphs, func(i, j int) bool { return glyphs[i].r < glyphs[j].r })
	fmt.Fprintln(os.Stderr, "glyphs:", len(glyphs))
	w := bufio.NewWriter(os.Stdout)
	if _, err := w.Write(font(glyphs)); err != nil {
		return err
	}
	return w.Flush()
}

func font(glyphs []glyph) []byte {
	var t face.Tables
	var be = binary.BigEndian
	t.Loca = make([]byte, 8)
	t.Hmtx = be.AppendUint32(nil, grid<<16)
	for _, g := range glyphs {
		t.Glyf = append(t.Glyf, g.outline...)
		for len(t.Glyf)%2 != 0 {
			t.Glyf = append(t.Glyf, 0)
		}
		t.Loca = be.AppendUint32(t.Loca, uint32(len(t.Glyf)))
		left := uint16(0)
		if len(g.outline) > 4 {
			left = be.Uint16(g.outline[2:])
		}
		t.Hmtx = be.AppendUint32(t.Hmtx, grid<<16|uint32(left))
	}
	descent := -31 // Go has no negative constant conversion to uint16
	t.Head = make([]byte, 54)
	be.PutUint32(t.Head, 0x00010000)
	be.PutUint32(t.Head[12:], 0x5F0F3CF5)
	be.PutUint16(t.Head[18:], grid)
	be.PutUint16(t.Head[38:], uint16(descent))
	be.PutUint16(t.Head[40:], grid)
	be.PutUint16(t.Head[42:], 225)
	t.Hhea = make([]byte, 36)
	be.PutUint32(t.Hhea, 0x00010000)
	be.PutUint16(t.Hhea[4:], 225)
	be.PutUint16(t.Hhea[6:], uint16(descent))
	be.PutUint16(t.Hhea[10:], grid)
	t.Maxp = make([]byte, 32)
	be.PutUint32(t.Maxp, 0x00010000)
	be.PutUint16(t.Maxp[6:], 1024)
	be.PutUint16(t.Maxp[8:], 128)
	be.PutUint16(t.Maxp[14:], 1)
	t.Cmap = cmap(glyphs)
	return face.Assemble(nil, t)
}

func cmap(glyphs []glyph) []byte {
	var be = binary.BigEndian
	var groups []byte
	for i := 0; i < len(glyphs); {
		j := i
		for j+1 < len(glyphs) && glyphs[j+1].r == glyphs[j].r+1 {
			j++
		}
		groups = be.AppendUint32(groups, uint32(glyphs[i].r))
		groups = be.AppendUint32(groups, uint32(glyphs[j].r))
		groups = be.AppendUint32(groups, uint32(i+1))
		i = j + 1
	}
	b := []byte{0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0}
	b = be.AppendUint32(b, uint32(16+len(groups)))
	b = be.AppendUint32(b, 0)
	b = be.AppendUint32(b, uint32(len(groups)/12))
	return append(b, groups...)
}
