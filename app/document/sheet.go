package document

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-pdf/fpdf"
)

// The page: A4, in points.
const (
	mm         = 72 / 25.4
	pageWidth  = 210 * mm
	pageHeight = 297 * mm
	leftEdge   = 20 * mm
	rightEdge  = pageWidth - 20*mm
	topEdge    = 20 * mm
	bottomEdge = pageHeight - 24*mm
	bodyWidth  = rightEdge - leftEdge
	leading    = 1.5 // line height over size
	hairline   = 0.5
)

// sheet is a document being drawn. fpdf keeps the pages, the lines and the
// shapes; text goes in as glyph numbers of the fonts that finish adds.
type sheet struct {
	pdf  *fpdf.Fpdf
	ink  *ink
	y    float64 // where the next block begins, from the top of the page
	raw  []byte
	demo bool
}

func newSheet(title string, i Issue) (*sheet, error) {
	k, err := newInk()
	if err != nil {
		return nil, err
	}
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetCompression(false) // finish compresses, with writers that are kept
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(leftEdge, topEdge, pageWidth-rightEdge)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(beijing(i.IssuedAt))
	pdf.SetModificationDate(beijing(i.IssuedAt))
	pdf.SetProducer("Gongji", false)
	pdf.SetTitle(title, true)
	pdf.SetLang("zh-CN")
	pdf.SetLineWidth(hairline)
	s := &sheet{pdf: pdf, ink: k, demo: i.Demo}
	s.newPage()
	return s, nil
}

func (s *sheet) newPage() {
	s.pdf.AddPage()
	s.y = topEdge
	if s.demo {
		s.watermark()
	}
}

// need starts a new page unless height points are left on this one.
func (s *sheet) need(height float64) {
	if s.y+height > bottomEdge {
		s.newPage()
	}
}

func (s *sheet) line(x1, y1, x2, y2 float64) { s.pdf.Line(x1, y1, x2, y2) }

func (s *sheet) fill(x, y, w, h float64, c color) {
	s.pdf.SetFillColor(int(c[0]), int(c[1]), int(c[2]))
	s.pdf.Rect(x, y, w, h, "F")
}

// text draws clean text with its baseline at y.
func (s *sheet) text(x, y float64, txt string, st style) {
	s.glyphs(txt, st, func(b []byte) []byte {
		b = appendNum(append(b, "1 0 0 1 "...), x)
		return append(appendNum(append(b, ' '), pageHeight-y), " Tm"...)
	})
	s.boxes(x, y, txt, st)
}

// turned draws text along a slope, for a watermark or a stamp.
func (s *sheet) turned(x, y, cos, sin float64, txt string, st style) {
	s.glyphs(txt, st, func(b []byte) []byte {
		for _, v := range [...]float64{cos, sin, -sin, cos, x, pageHeight - y} {
			b = append(appendNum(b, v), ' ')
		}
		return append(b, "Tm"...)
	})
}

// glyphs writes one text object: runs of one font, glyph numbers in hex.
func (s *sheet) glyphs(txt string, st style, place func([]byte) []byte) {
	if txt == "" {
		return
	}
	b := append(s.raw[:0], "q "...)
	b = appendColor(b, st.color)
	b = append(b, " BT "...)
	b = place(b)
	const hex = "0123456789ABCDEF"
	current, open := -1, false
	for _, r := range txt {
		m := s.ink.mark(r, st.bold)
		if m.cid == 0 {
			if open {
				b = append(b, "> Tj"...)
				open = false
			}
			// Leave the place of the box: a step to the right in the current font.
			if current < 0 {
				current = regular
				b = appendFont(b, current, st.size)
			}
			b = append(b, " [-1000] TJ"...)
			continue
		}
		if int(m.font) != current {
			if open {
				b = append(b, "> Tj"...)
				open = false
			}
			current = int(m.font)
			b = appendFont(b, current, st.size)
		}
		if !open {
			b = append(b, " <"...)
			open = true
		}
		b = append(b, hex[m.cid>>12], hex[m.cid>>8&15], hex[m.cid>>4&15], hex[m.cid&15])
	}
	if open {
		b = append(b, "> Tj"...)
	}
	b = append(b, " ET Q"...)
	s.raw = b
	s.pdf.RawWriteStr(string(b))
}

// boxes draws, for each character no font has, a box with its code, marked
// with the character itself so that the text can still be taken out.
func (s *sheet) boxes(x, y float64, txt string, st style) {
	if len(s.ink.missing) == 0 {
		return
	}
	for _, r := range txt {
		m := s.ink.mark(r, st.bold)
		if m.cid == 0 {
			s.box(x, y, r, st)
		}
		x += float64(m.width) * st.size / 1000
	}
}

func (s *sheet) box(x, y float64, r rune, st style) {
	code := strconv.FormatInt(int64(r), 16)
	for len(code) < 4 || len(code)%2 != 0 {
		code = "0" + code
	}
	s.pdf.RawWriteStr("/Span <</ActualText <" + utf16Hex(r) + ">>> BDC")
	side := st.size * 0.86
	s.pdf.Rect(x+st.size*0.07, y-st.size*0.80, side, side, "D")
	small := style{size: st.size * 0.34, color: st.color}
	half := len(code) / 2
	for i, part := range [...]string{code[:half], code[half:]} {
		w := s.ink.width(part, small)
		b := y - st.size*0.46 + float64(i)*st.size*0.40
		s.glyphs(part, small, func(out []byte) []byte {
			out = appendNum(append(out, "1 0 0 1 "...), x+(st.size-w)/2)
			return append(appendNum(append(out, ' '), pageHeight-b), " Tm"...)
		})
	}
	s.pdf.RawWriteStr("EMC")
}

// aligned draws one line between x and x+w; align is 'L', 'C' or 'R'.
func (s *sheet) aligned(x, w, y float64, txt string, st style, align byte) {
	switch align {
	case 'C':
		x += (w - s.ink.width(txt, st)) / 2
	case 'R':
		x += w - s.ink.width(txt, st)
	}
	s.text(x, y, txt, st)
}

// paragraph draws wrapped text over the body's width, over pages if need be;
// indent is the first line's, in ems.
func (s *sheet) paragraph(txt string, st style, indent int) {
	lead := st.size * leading
	for _, part := range strings.Split(clean(txt), "\n") {
		for range indent {
			part = "\u3000" + part
		}
		for _, l := range s.ink.wrap(part, st, bodyWidth) {
			s.need(lead)
			s.text(leftEdge, s.y+st.size*1.05, l, st)
			s.y += lead
		}
	}
}

// heading begins a section, kept on one page with what follows it.
func (s *sheet) heading(txt string) {
	s.need(90)
	s.y += 10
	s.text(leftEdge, s.y+12, clean(txt), style{size: 12, bold: true})
	s.y += 22
}

// article begins the n-th article (条) of an agreement, kept on one page with the
// first two lines of what it says.
func (s *sheet) article(n int, title string) {
	st := style{size: 11.5, bold: true}
	s.need((st.size + 2*11) * leading)
	s.paragraph(fmt.Sprintf("第%s条　%s", ordinal(n), title), st, 0)
}

func appendNum(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'f', 2, 64) }

func appendColor(b []byte, c color) []byte {
	if c == black {
		return append(b, "0 g 0 G"...)
	}
	for _, op := range [...]string{"rg ", "RG"} {
		for _, v := range c {
			b = append(strconv.AppendFloat(b, float64(v)/255, 'f', 3, 64), ' ')
		}
		b = append(b, op...)
	}
	return b
}

func appendFont(b []byte, font int, size float64) []byte {
	b = append(b, " /G"...)
	b = append(strconv.AppendInt(b, int64(font), 10), ' ')
	return append(appendNum(b, size), " Tf"...)
}
