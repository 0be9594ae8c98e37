package document

import (
	"fmt"
	"time"
)

// The printed ways to a residents' survey.
const (
	KindSurveyPoster = "survey_poster" // 居民问卷海报
	KindSurveySlips  = "survey_slips"  // 居民问卷邀请（裁开分发）
)

// SurveyPoster is a sheet for the wall: what is asked about, until when, and a
// code that leads to the questions. It has no number; nothing is issued.
type SurveyPoster struct {
	Issue
	Title    string    `json:"title"`
	Project  string    `json:"project"`
	Provider string    `json:"provider"`
	Payer    string    `json:"payer"`
	Maker    string    `json:"maker"`
	URL      string    `json:"url"`
	Opens    time.Time `json:"opens"`
	Last     time.Time `json:"last"` // the last day
}

// Kind is KindSurveyPoster.
func (SurveyPoster) Kind() string { return KindSurveyPoster }

func (c SurveyPoster) name() string { return "居民问卷海报 " + c.Title }
func (SurveyPoster) bare()          {}

func (c SurveyPoster) draw(s *sheet) error {
	s.fill(0, 0, pageWidth, 58*mm, color{29, 68, 120})
	white := color{255, 255, 255}
	s.aligned(0, pageWidth, 27*mm, "请您评一评", style{size: 46, bold: true, color: white}, 'C')
	s.y = 36 * mm
	centred(s, c.Title, style{size: 20, color: white}, 2)
	s.y = 68 * mm
	side := 105 * mm
	s.qr((pageWidth-side)/2, s.y, side, c.URL)
	s.y += side + 9*mm
	centred(s, "用手机扫一扫，两分钟就好", style{size: 22, bold: true}, 1)
	centred(s, "不用注册，不用下载，不记名字", style{size: 16}, 1)
	s.y += 3 * mm
	centred(s, c.URL, style{size: 11, color: grey}, 2)
	s.y += 3 * mm
	s.line(leftEdge, s.y, rightEdge, s.y)
	s.y += 3 * mm
	for _, l := range []string{"评的是：" + c.Project, "提供服务：" + c.Provider, "出钱的单位：" + c.Payer + "　　组织问卷：" + c.Maker,
		"时间：" + day(c.Opens) + "至" + day(c.Last) + "　　结果向所有人公开"} {
		centred(s, l, style{size: 13}, 2)
	}
	s.y += 2 * mm
	centred(s, "海报谁都可以扫，所以它的答卷单独统计，不计入满意度；满意度以社区发给居民的邀请码为准，一码答一次。", style{size: 9.5, color: grey}, 2)
	return nil
}

// centred draws text in the middle of the page, over at most most lines.
func centred(s *sheet, txt string, st style, most int) {
	for _, l := range s.ink.few(clean(txt), st, bodyWidth, most) {
		s.aligned(0, pageWidth, s.y+st.size*1.05, l, st, 'C')
		s.y += st.size * leading
	}
}

// SurveySlips are invitations to be cut apart, ten on a page, each with a code
// that answers once.
type SurveySlips struct {
	Issue
	Title string    `json:"title"`
	Maker string    `json:"maker"`
	Site  string    `json:"site"` // where a code is typed in: https://…/s
	Batch string    `json:"batch"`
	Last  time.Time `json:"last"`  // the last day
	Codes []string  `json:"codes"` // as printed, in groups
	URLs  []string  `json:"urls"`
}

// Kind is KindSurveySlips.
func (SurveySlips) Kind() string { return KindSurveySlips }

func (c SurveySlips) name() string { return "居民问卷邀请 " + c.Title }
func (SurveySlips) bare()          {}

func (c SurveySlips) draw(s *sheet) error {
	if len(c.Codes) != len(c.URLs) {
		return fmt.Errorf("document: %d codes with %d addresses", len(c.Codes), len(c.URLs))
	}
	const across, down = 2, 5
	w, h := pageWidth/across, pageHeight/down
	for i, code := range c.Codes {
		if i > 0 && i%(across*down) == 0 {
			s.newPage()
		}
		at := i % (across * down)
		c.slip(s, float64(at%across)*w, float64(at/across)*h, w, h, code, c.URLs[i], i+1)
	}
	return nil
}

func (c SurveySlips) slip(s *sheet, x, y, w, h float64, code, url string, n int) {
	s.pdf.SetDrawColor(170, 170, 170)
	s.pdf.SetDashPattern([]float64{3, 3}, 0)
	s.pdf.Rect(x, y, w, h, "D")
	s.pdf.SetDashPattern([]float64{}, 0)
	s.pdf.SetDrawColor(0, 0, 0)
	const side = 30 * mm
	left, top := x+7*mm, y+6*mm
	s.qr(left, top+9*mm, side, url)
	title := style{size: 11.5, bold: true}
	s.text(left, top+4*mm, s.ink.fit(clean(c.Title), title, w-14*mm), title)
	right, room := left+side+5*mm, w-side-19*mm
	small := style{size: 9}
	s.text(right, top+14*mm, "扫码，或打开：", small)
	s.text(right, top+19*mm, s.ink.fit(clean(c.Site), small, room), small)
	s.text(right, top+25*mm, "再输入邀请码：", small)
	s.text(right, top+32*mm, code, style{size: 13.5, bold: true})
	if !c.Last.IsZero() {
		s.text(right, top+38*mm, s.ink.fit("最后一天 "+day(c.Last), small, room), small)
	}
	note := style{size: 7.5, color: grey}
	s.text(left, y+h-7*mm, "一码答一次，不记名，谁答了什么无法查出。", note)
	s.aligned(x, w-7*mm, y+h-7*mm, fmt.Sprintf("%s · %d", clean(c.Batch), n), note, 'R')
}
