package document

import (
	"bytes"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-pdf/fpdf"
	qrcode "github.com/skip2/go-qrcode"

	"gongji/templates/fonts"
)

// placed is one run of text of a page, as fpdf's own functions take it.
type placed struct {
	x, y, size float64
	text       string
}

var textOp = regexp.MustCompile(`^q (.*) BT 1 0 0 1 (\S+) (\S+) Tm(.*) ET Q$`)
var fontOp = regexp.MustCompile(`/G(\d) (\S+) Tf <([0-9A-F]*)> Tj`)

// page takes a receipt apart into its runs of text and the rest.
func page(tb testing.TB, c DonationReceipt) (runs []placed, rest string) {
	s, err := newSheet("", c.Issue)
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.draw(s); err != nil {
		tb.Fatal(err)
	}
	s.footers(c.Issue, [32]byte{})
	var raw bytes.Buffer
	if err := s.pdf.Output(&raw); err != nil {
		tb.Fatal(err)
	}
	_, content, _ := strings.Cut(raw.String(), "stream\n")
	content, _, _ = strings.Cut(content, "\nendstream")
	num := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
	for _, l := range strings.Split(content, "\n") {
		m := textOp.FindStringSubmatch(l)
		if m == nil {
			rest += l + "\n"
			continue
		}
		x := num(m[2])
		for _, f := range fontOp.FindAllStringSubmatch(m[4], -1) {
			font, _ := strconv.Atoi(f[1])
			cids, err := hex.DecodeString(f[3])
			if err != nil {
				tb.Fatal(err)
			}
			run := placed{x: x, y: pageHeight - num(m[3]), size: num(f[2])}
			for i := 0; i+1 < len(cids); i += 2 {
				run.text += string(s.ink.runes[font][int(cids[i])<<8+int(cids[i+1])-1])
			}
			x += s.ink.width(run.text, style{size: run.size, bold: font == bold})
			runs = append(runs, run)
		}
	}
	return runs, rest
}

// naive draws the same page by fpdf's own text functions, with one font (no
// bold) read from the same bytes for each document.
func naive(tb testing.TB, c DonationReceipt, font []byte, runs []placed, rest string) []byte {
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetCreationDate(c.IssuedAt)
	pdf.SetModificationDate(c.IssuedAt)
	pdf.SetCatalogSort(true)
	pdf.AddUTF8FontFromBytes("noto", "", font)
	pdf.AddPage()
	if code, err := qrcode.New(c.VerifyURL, qrcode.Medium); err == nil {
		code.Bitmap()
	}
	pdf.RawWriteStr(rest)
	for _, r := range runs {
		pdf.SetFont("noto", "", r.size)
		pdf.GetStringWidth(r.text)
		pdf.Text(r.x, r.y, r.text)
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func fontBytes(tb testing.TB) []byte {
	r, err := fonts.Open(fonts.Regular)
	if err != nil {
		tb.Fatal(err)
	}
	b := make([]byte, 16<<20)
	n, _ := r.ReadAt(b, 0)
	return b[:n]
}

// The two ways must print the same text, or their ratio says nothing.
func TestNaiveIsTheSamePage(t *testing.T) {
	c := receipt()
	runs, rest := page(t, c)
	ours, theirs := flat(extract(t, mustDraw(t, c).PDF)), flat(extract(t, naive(t, c, fontBytes(t), runs, rest)))
	// The footer's hash differs: the naive page has no frozen content.
	ours, _, _ = strings.Cut(ours, "内容校验SHA-256")
	theirs, _, _ = strings.Cut(theirs, "内容校验SHA-256")
	if ours != theirs {
		t.Errorf("ours:\n%s\nnaive:\n%s", ours, theirs)
	}
}

func BenchmarkReceipt(b *testing.B) {
	kind, frozen, err := Freeze(receipt())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(kind, frozen); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReceiptNaive(b *testing.B) {
	c, font := receipt(), fontBytes(b)
	runs, rest := page(b, c)
	b.ReportAllocs()
	for b.Loop() {
		naive(b, c, font, runs, rest)
	}
}

func BenchmarkReport(b *testing.B) {
	kind, frozen, err := Freeze(report())
	if err != nil {
		b.Fatal(err)
	}
	d, err := Draw(kind, frozen)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(kind, frozen); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d.Pages), "pages/op")
}
