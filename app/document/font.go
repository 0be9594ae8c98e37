package document

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
	"unicode/utf16"
)

// Objects one font takes: the font, its descendant, descriptor, file, map.
const fontObjects = 5

// used reports whether any character of the document came from the font. The
// regular one is always there: boxes name it.
func (k *ink) used(font int) bool { return len(k.gids[font]) > 0 || font == regular }

// fontResources is the entry of each used font in the resource dictionary;
// their objects follow fpdf's, from number first.
func (s *sheet) fontResources(first int) (string, error) {
	out := ""
	for i := range faceCount {
		if s.ink.used(i) {
			out += fmt.Sprintf("/G%d %d 0 R\n", i, first)
			first += fontObjects
		}
	}
	return out, nil
}

var cuts = sync.Pool{New: func() any { b := make([]byte, 0, 96<<10); return &b }}

// putFonts writes each used font, cut to the characters of the document.
func (s *sheet) putFonts(a *assembly) error {
	for i, f := range s.ink.faces {
		if !s.ink.used(i) {
			continue
		}
		name := tag(s.ink.runes[i]) + "+" + f.Name
		id := a.add()
		fmt.Fprintf(&a.out, "<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>\nendobj\n", name, id+1, id+4)
		a.add()
		fmt.Fprintf(&a.out, "<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 1000 /W [1 [", name, id+2)
		for _, gid := range s.ink.gids[i] {
			a.out.Write(strconv.AppendInt(a.out.AvailableBuffer(), int64(f.Advance(gid)), 10))
			a.out.WriteByte(' ')
		}
		a.out.WriteString("]]>>\nendobj\n")
		stem := 80
		if f.Bold {
			stem = 140
		}
		a.add()
		fmt.Fprintf(&a.out, "<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV %d /FontFile2 %d 0 R>>\nendobj\n",
			name, f.BBox[0], f.BBox[1], f.BBox[2], f.BBox[3], f.Ascent, f.Descent, f.CapHeight, stem, id+3)
		a.add()
		pooled := cuts.Get().(*[]byte)
		file, err := f.Cut((*pooled)[:0], s.ink.gids[i])
		if err != nil {
			return err
		}
		err = a.stream(fmt.Sprintf("/Length1 %d ", len(file)), file)
		*pooled = file[:0]
		cuts.Put(pooled)
		if err != nil {
			return err
		}
		a.add()
		if err := a.stream("", toUnicode(s.ink.runes[i])); err != nil {
			return err
		}
	}
	return nil
}

// toUnicode says which character each glyph stands for, beyond U+FFFF too.
func toUnicode(runes []rune) []byte {
	var b bytes.Buffer
	b.Grow(400 + 16*len(runes))
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	const hex = "0123456789ABCDEF"
	unit := func(u uint16) {
		b.Write([]byte{hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15]})
	}
	for at := 0; at < len(runes); at += 100 {
		part := runes[at:min(at+100, len(runes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for i, r := range part {
			b.WriteByte('<')
			unit(uint16(at + i + 1))
			b.WriteString("> <")
			if r > 0xFFFF {
				hi, lo := utf16.EncodeRune(r)
				unit(uint16(hi))
				unit(uint16(lo))
			} else {
				unit(uint16(r))
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// tag is the six letters a PDF puts before the name of a cut font, made from
// what it was cut to.
func tag(runes []rune) string {
	h := uint32(2166136261)
	for _, r := range runes {
		h = (h ^ uint32(r)) * 16777619
	}
	var out [6]byte
	for i := range out {
		out[i] = 'A' + byte(h%26)
		h /= 26
	}
	return string(out[:])
}
