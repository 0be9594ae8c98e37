package document

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"unicode/utf16"
)

var errAssemble = errors.New("document: fpdf wrote a file of another shape")

// zwriters are kept: a new one allocates more than a whole receipt.
var zwriters = sync.Pool{New: func() any { w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed); return w }}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// finish closes the fpdf document and puts the fonts in. fpdf's own fonts cost
// 65,536 widths each and stop at U+FFFF, so text names fonts that fpdf does not
// know; here its objects are copied, the fonts added to the one resource
// dictionary (object 2), and the cross-reference table written anew.
func (s *sheet) finish(seed []byte) ([]byte, error) {
	raw := buffers.Get().(*bytes.Buffer)
	raw.Reset()
	defer buffers.Put(raw)
	if err := s.pdf.Output(raw); err != nil {
		return nil, fmt.Errorf("document: fpdf: %w", err)
	}
	src := raw.Bytes()
	offsets, table, err := readTable(src)
	if err != nil {
		return nil, err
	}
	a := &assembly{offsets: make([]int, len(offsets), len(offsets)+24)}
	a.out.Grow(len(src)/2 + 60<<10)
	a.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	first := len(offsets)
	resources, err := s.fontResources(first)
	if err != nil {
		return nil, err
	}
	for id := 1; id < len(offsets); id++ {
		body := src[offsets[id]:]
		end := bytes.Index(body, []byte("\nendobj\n"))
		if end < 0 || offsets[id] >= table {
			return nil, errAssemble
		}
		body = body[:end+len("\nendobj\n")]
		a.offsets[id] = a.out.Len()
		switch id {
		case 2:
			at := bytes.Index(body, []byte("/Font <<\n"))
			if at < 0 {
				return nil, errAssemble
			}
			at += len("/Font <<\n")
			a.out.Write(body[:at])
			a.out.WriteString(resources)
			a.out.Write(body[at:])
		default:
			if err := a.object(id, body); err != nil {
				return nil, err
			}
		}
	}
	if err := s.putFonts(a); err != nil {
		return nil, err
	}
	at := bytes.Index(src[table:], []byte("/Root "))
	end := bytes.Index(src[table:], []byte("\n>>\nstartxref"))
	if at < 0 || end < at {
		return nil, errAssemble
	}
	a.trailer(src[table+at:table+end], seed)
	return a.out.Bytes(), nil
}

// readTable finds where each of fpdf's objects begins.
func readTable(src []byte) (offsets []int, table int, err error) {
	tail := bytes.LastIndex(src, []byte("startxref\n"))
	if tail < 0 {
		return nil, 0, errAssemble
	}
	num, _, _ := bytes.Cut(src[tail+10:], []byte("\n"))
	if table, err = strconv.Atoi(string(num)); err != nil || table < 0 || table >= tail {
		return nil, 0, errAssemble
	}
	rows := bytes.Split(src[table:tail], []byte("\n"))
	if len(rows) < 3 || string(rows[0]) != "xref" {
		return nil, 0, errAssemble
	}
	for _, row := range rows[2:] {
		if len(row) < 18 {
			break
		}
		off, err := strconv.Atoi(string(row[:10]))
		if err != nil || off > table {
			return nil, 0, errAssemble
		}
		offsets = append(offsets, off)
	}
	if len(offsets) < 4 {
		return nil, 0, errAssemble
	}
	return offsets, table, nil
}

type assembly struct {
	out     bytes.Buffer
	offsets []int
}

// object copies one of fpdf's objects; the content of a page is compressed.
func (a *assembly) object(id int, body []byte) error {
	head := strconv.Itoa(id) + " 0 obj\n<</Length "
	if !bytes.HasPrefix(body, []byte(head)) {
		a.out.Write(body)
		return nil
	}
	num, rest, ok := bytes.Cut(body[len(head):], []byte(">>\nstream\n"))
	n, err := strconv.Atoi(string(num))
	if !ok || err != nil || n > len(rest) {
		return errAssemble
	}
	fmt.Fprintf(&a.out, "%d 0 obj\n", id)
	return a.stream("", rest[:n])
}

// add begins an object of ours and returns its number.
func (a *assembly) add() int {
	a.offsets = append(a.offsets, a.out.Len())
	id := len(a.offsets) - 1
	fmt.Fprintf(&a.out, "%d 0 obj\n", id)
	return id
}

func (a *assembly) stream(dict string, data []byte) error {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer buffers.Put(buf)
	zw := zwriters.Get().(*zlib.Writer)
	defer zwriters.Put(zw)
	zw.Reset(buf)
	if _, err := zw.Write(data); err != nil {
		return err
	}
	if err := zw.Close(); err != nil {
		return err
	}
	fmt.Fprintf(&a.out, "<<%s/Filter /FlateDecode /Length %d>>\nstream\n", dict, buf.Len())
	a.out.Write(buf.Bytes())
	a.out.WriteString("\nendstream\nendobj\n")
	return nil
}

func (a *assembly) trailer(roots, seed []byte) {
	at := a.out.Len()
	fmt.Fprintf(&a.out, "xref\n0 %d\n0000000000 65535 f \n", len(a.offsets))
	for _, off := range a.offsets[1:] {
		fmt.Fprintf(&a.out, "%010d 00000 n \n", off)
	}
	sum := sha256.Sum256(seed)
	id := hex.EncodeToString(sum[:16])
	fmt.Fprintf(&a.out, "trailer\n<<\n/Size %d\n%s\n/ID [<%s> <%s>]\n>>\nstartxref\n%d\n%%%%EOF\n", len(a.offsets), roots, id, id, at)
}

// utf16Hex is a character as a PDF names it: FEFF and its UTF-16 units.
func utf16Hex(r rune) string {
	out := "FEFF"
	for _, u := range utf16.Encode([]rune{r}) {
		out += fmt.Sprintf("%04X", u)
	}
	return out
}
