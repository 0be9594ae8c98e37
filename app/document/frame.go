package document

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"gongji/app/kernel/money"
)

// Issue is what every document carries: its number, how a stranger checks it,
// who gives it and when.
type Issue struct {
	Number    string    `json:"number"`         // 编号, under the title
	Code      string    `json:"code"`           // 核验码, for the verification page
	VerifyURL string    `json:"verify_url"`     // behind the QR code
	Issuer    string    `json:"issuer"`         // 出具单位
	IssuedAt  time.Time `json:"issued_at"`      // also the file's creation date; never "now"
	Demo      bool      `json:"demo,omitempty"` // 演示数据: marked on every page
}

func (i Issue) issue() Issue { return i }

var zone = time.FixedZone("UTC+8", 8*3600)

// beijing is the time shown; a zero time is a fixed one, so that a document
// without a date still has the same bytes twice.
func beijing(t time.Time) time.Time {
	if t.IsZero() {
		t = time.Unix(946656000, 0)
	}
	return t.In(zone)
}

func day(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(zone).Format("2006年1月2日")
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(zone).Format("2006年1月2日 15:04:05")
}

// exact is a moment with its milliseconds: a bid is in time or it is not.
func exact(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(zone).Format("2006年1月2日 15:04:05.000")
}

func yuan(f *money.Fen) string {
	if f == nil {
		return "—"
	}
	return f.Yuan()
}

// or is s, or a dash where there is nothing to print.
func or(s string) string {
	if strings.TrimSpace(s) == "" {
		return "—"
	}
	return s
}

// watermark marks a page of a demo before anything else is drawn on it.
func (s *sheet) watermark() {
	st := style{size: 54, bold: true, color: color{243, 243, 243}}
	for _, at := range [...][2]float64{{95, 330}, {265, 560}, {95, 770}} {
		s.turned(at[0], at[1], 0.866, 0.5, "演示数据", st)
	}
	s.aligned(leftEdge, bodyWidth, 34, "演示数据，不具效力", style{size: 8, color: red}, 'C')
}

// title draws the document's title and its number, centred.
func (s *sheet) title(txt, sub, number string) {
	st := style{size: 20, bold: true}
	for _, l := range s.ink.wrap(clean(txt), st, bodyWidth-30*mm) {
		s.y += 26
		s.aligned(leftEdge, bodyWidth, s.y-4, l, st, 'C')
	}
	if sub != "" {
		s.y += 16
		s.aligned(leftEdge, bodyWidth, s.y, clean(sub), style{size: 10, color: grey}, 'C')
	}
	s.y += 20
	if number != "" {
		s.aligned(leftEdge, bodyWidth, s.y-2, s.ink.fit("编号："+clean(number), style{size: 9.5}, bodyWidth*0.7), style{size: 9.5}, 'R')
	}
	s.y += 6
}

// seal draws the place of a seal, centred on x and y.
func (s *sheet) seal(x, y float64) {
	s.pdf.SetDashPattern([]float64{3, 2}, 0)
	s.pdf.SetDrawColor(150, 150, 150)
	s.pdf.Circle(x, y, 15*mm, "D")
	s.pdf.SetDrawColor(0, 0, 0)
	s.pdf.SetDashPattern(nil, 0)
	s.aligned(x-40, 80, y+3.5, "（盖章）", style{size: 10, color: grey}, 'C')
}

// sign draws labelled places to sign, two to a line.
func (s *sheet) sign(labels ...string) {
	st := style{size: 10.5}
	// A seal alone on a sheet could be put behind anything: what is signed goes
	// over with it, as far as a page holds both.
	if lines := float64((len(labels) + 1) / 2); lines <= 8 {
		s.need(26*lines + 8 + closingMost)
	}
	for i := 0; i < len(labels); i += 2 {
		s.need(30)
		s.y += 26
		for j, l := range labels[i:min(i+2, len(labels))] {
			x := leftEdge + float64(j)*bodyWidth/2
			l = s.ink.fit(clean(l), st, bodyWidth/2-80)
			s.text(x, s.y, l, st)
			s.line(x+s.ink.width(l, st)+2, s.y+2, x+bodyWidth/2-14, s.y+2)
		}
	}
	s.y += 8
}

const (
	codeSide    = 27 * mm            // of the QR code
	closingMost = codeSide + 75 + 45 // the height of closing, with a name of four lines
)

// closing is the end of every document, kept on one page: on the left the QR
// code and how to check, on the right who gives it, the date, the seal.
func (s *sheet) closing(i Issue, role string) {
	right := style{size: 10.5}
	giver := s.ink.few(clean(role+"："+or(i.Issuer)), right, 70*mm, 4)
	s.need(codeSide + 75 + 15*float64(len(giver)-1))
	s.y += 16
	top := s.y
	s.qr(leftEdge, top, codeSide, i.VerifyURL)
	x, y, st := leftEdge+codeSide+8, top+12, style{size: 8}
	const half = 70 * mm
	says := []string{"核验码：" + or(i.Code), "扫码或登录下列网址核验：", i.VerifyURL, "核验页显示的编号、内容校验值应与本件一致。"}
	if i.VerifyURL == "" { // a trial print
		says = []string{"试印，没有核验码，不能核验。"}
	}
	for _, part := range says {
		for _, l := range s.ink.wrap(clean(part), st, rightEdge-half-8-x) {
			if y < top+codeSide+20 {
				s.text(x, y, l, st)
			}
			y += 12.5
		}
	}
	if strings.HasPrefix(i.VerifyURL, "https://") || strings.HasPrefix(i.VerifyURL, "http://") {
		s.pdf.LinkString(leftEdge, top, codeSide, codeSide, i.VerifyURL)
	}
	y = top + 10
	for _, l := range giver {
		s.text(rightEdge-half, y, l, right)
		y += 15
	}
	s.seal(rightEdge-half/2, y+15*mm-6)
	y += 15*mm + 20
	s.aligned(rightEdge-half, half, y, day(i.IssuedAt), right, 'C')
	s.y = max(y+20, top+codeSide) + 10
}

// qr draws a QR code of lines, not of pixels: it stays sharp at any size.
func (s *sheet) qr(x, y, side float64, content string) {
	if content == "" {
		return
	}
	code, err := qrcode.New(content, qrcode.Medium)
	if err != nil { // longer than a QR code holds: the address is printed beside it
		return
	}
	code.DisableBorder = true
	dots := code.Bitmap()
	unit := side / float64(len(dots))
	b := append(s.raw[:0], "q 0 g\n"...)
	for j, line := range dots {
		for i := 0; i < len(line); i++ {
			if !line[i] {
				continue
			}
			n := 1
			for i+n < len(line) && line[i+n] {
				n++
			}
			for _, v := range [...]float64{x + float64(i)*unit, pageHeight - y - float64(j+1)*unit, float64(n) * unit, unit} {
				b = append(appendNum(b, v), ' ')
			}
			b = append(b, "re\n"...)
			i += n
		}
	}
	s.raw = append(b, "f Q"...)
	s.pdf.RawWriteStr(string(s.raw))
}

// footers go on every page at the end, when their number is known.
func (s *sheet) footers(i Issue, hash [32]byte) {
	pages := s.pdf.PageCount()
	st := style{size: 7.5, color: grey}
	y := bottomEdge + 14.0
	left := s.ink.fit(clean("文件编码 "+or(i.Code)+"　编号 "+or(i.Number)), st, bodyWidth-80)
	for p := 1; p <= pages; p++ {
		s.pdf.SetPage(p)
		s.pdf.SetDrawColor(150, 150, 150)
		s.line(leftEdge, y, rightEdge, y)
		s.pdf.SetDrawColor(0, 0, 0)
		s.text(leftEdge, y+11, left, st)
		s.aligned(leftEdge, bodyWidth, y+11, fmt.Sprintf("第 %d 页 共 %d 页", p, pages), st, 'R')
		s.text(leftEdge, y+21, "内容校验 SHA-256 "+hex.EncodeToString(hash[:]), style{size: 6.5, color: grey})
	}
}

// stamp writes a word slantwise over every page, red and see-through.
func (s *sheet) stamp(word string) {
	for p := 1; p <= s.pdf.PageCount(); p++ {
		s.pdf.SetPage(p)
		st := style{size: 110, bold: true, color: red}
		w := s.ink.width(word, st)
		s.pdf.SetAlpha(0.32, "Normal")
		s.turned(pageWidth/2-w*0.45, 470, 0.906, 0.423, word, st)
		s.pdf.SetAlpha(1, "Normal")
	}
}

// points prints hundredths of a point: 8650 is 86.50, 8600 is 86.
func points(v int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	out := sign + strconv.Itoa(v/100)
	if v%100 != 0 {
		out += strings.TrimRight(fmt.Sprintf(".%02d", v%100), "0")
	}
	return out
}
