package document

import (
	"sync"

	"gongji/app/document/face"
	"gongji/app/kernel/fault"
	"gongji/templates/fonts"
)

// The fonts of a document, in the order a character looks for its glyph.
const (
	regular = iota
	bold
	emoji
	rare
	faceCount
)

var fontFiles = [faceCount]struct{ file, name string }{
	regular: {fonts.Regular, "NotoSansSC-Regular"},
	bold:    {fonts.Bold, "NotoSansSC-Bold"},
	emoji:   {fonts.Emoji, "NotoEmoji-Regular"},
	rare:    {fonts.Rare, "GongjiRareHan"},
}

// faces are opened once, at the first document: character maps and widths stay
// in memory (about 0.5 MB), outlines stay in the binary.
var faces = sync.OnceValues(func() ([faceCount]*face.Face, error) {
	var all [faceCount]*face.Face
	for i, f := range fontFiles {
		r, err := fonts.Open(f.file)
		if err != nil {
			return all, fault.Wrap(fault.Unavailable, err, "生成 PDF 的字体没有装好，请管理员运行 make 重新编译")
		}
		if all[i], err = face.Open(f.name, r); err != nil {
			return all, fault.Wrap(fault.Unavailable, err, "生成 PDF 的字体已损坏，请管理员运行 make 重新编译")
		}
	}
	return all, nil
})

// mark is how one character is drawn: by glyph number cid of a font, em/1000
// wide; cid 0 is a character no font has, drawn as a box with its code.
type mark struct {
	font  uint8
	cid   uint16
	width uint16
}

// ink remembers which characters a document uses, so that its fonts hold just
// those. Each character gets its own glyph number: text can be taken out again.
type ink struct {
	faces   [faceCount]*face.Face
	marks   map[rune]mark // bold ones under the negative of the character
	runes   [faceCount][]rune
	gids    [faceCount][]uint16
	missing []rune
}

func newInk() (*ink, error) {
	all, err := faces()
	if err != nil {
		return nil, err
	}
	return &ink{faces: all, marks: make(map[rune]mark, 256)}, nil
}

func (k *ink) mark(r rune, heavy bool) mark {
	key := r
	if heavy {
		key = -r
	}
	m, ok := k.marks[key]
	if !ok {
		m = k.find(r, heavy)
		k.marks[key] = m
	}
	return m
}

func (k *ink) find(r rune, heavy bool) mark {
	first := regular
	if heavy {
		first = bold
	}
	for _, i := range [...]int{first, rare, emoji} {
		gid, ok := k.faces[i].Glyph(r)
		if !ok {
			continue
		}
		k.runes[i] = append(k.runes[i], r)
		k.gids[i] = append(k.gids[i], gid)
		return mark{uint8(i), uint16(len(k.gids[i])), uint16(k.faces[i].Advance(gid))}
	}
	for _, have := range k.missing {
		if have == r {
			return mark{width: 1000}
		}
	}
	k.missing = append(k.missing, r)
	return mark{width: 1000}
}

// width measures clean text on one line, in points.
func (k *ink) width(s string, st style) float64 {
	w := 0
	for _, r := range s {
		w += int(k.mark(r, st.bold).width)
	}
	return float64(w) * st.size / 1000
}
