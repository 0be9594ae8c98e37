package document

import (
	"math"
	"strconv"

	"github.com/go-pdf/fpdf"
)

// share is one value of a chart: got out of full.
type share struct {
	name      string
	got, full int
}

func (v share) rate() float64 {
	if v.full <= 0 {
		return 0
	}
	return min(max(float64(v.got)/float64(v.full), 0), 1)
}

func (v share) percent() string { return points(int(math.Round(v.rate()*1000))*10) + "%" }

// radar draws the rates as a polygon about x, y with the outermost ring at r.
func (s *sheet) radar(x, y, r float64, values []share) {
	n := len(values)
	if n < 3 {
		return
	}
	at := func(i int, rate float64) fpdf.PointType {
		a := 2*math.Pi*float64(i)/float64(n) - math.Pi/2
		return fpdf.PointType{X: x + r*rate*math.Cos(a), Y: y + r*rate*math.Sin(a)}
	}
	s.pdf.SetDrawColor(200, 200, 200)
	for _, ring := range [...]float64{0.2, 0.4, 0.6, 0.8, 1} {
		ps := make([]fpdf.PointType, n)
		for i := range ps {
			ps[i] = at(i, ring)
		}
		s.pdf.Polygon(ps, "D")
	}
	shape := make([]fpdf.PointType, n)
	for i, v := range values {
		end := at(i, 1)
		s.line(x, y, end.X, end.Y)
		shape[i] = at(i, v.rate())
	}
	s.pdf.SetDrawColor(int(accent[0]), int(accent[1]), int(accent[2]))
	s.pdf.SetFillColor(215, 228, 243)
	s.pdf.SetLineWidth(1.4)
	s.pdf.SetAlpha(0.75, "Normal")
	s.pdf.Polygon(shape, "DF")
	s.pdf.SetAlpha(1, "Normal")
	s.pdf.SetFillColor(int(accent[0]), int(accent[1]), int(accent[2]))
	for _, p := range shape {
		s.pdf.Circle(p.X, p.Y, 1.8, "F")
	}
	s.pdf.SetLineWidth(hairline)
	s.pdf.SetDrawColor(0, 0, 0)
	for i, v := range values {
		p := at(i, 1)
		st := style{size: 9}
		label := s.ink.fit(v.name, st, 40) + " " + v.percent()
		w := s.ink.width(label, st)
		dx, dy := -w/2, 3.0
		switch {
		case p.X > x+r*0.3:
			dx = 5
		case p.X < x-r*0.3:
			dx = -w - 5
		case p.Y < y:
			dy = -6
		default:
			dy = 13
		}
		s.text(p.X+dx, p.Y+dy, label, st)
	}
}

// bars draws one horizontal bar a value, labels to the left, and returns the
// height taken.
func (s *sheet) bars(x, y, w float64, values []share) float64 {
	const step, thick = 19.0, 9.0
	label := w * 0.36
	st := style{size: 8.5}
	scale := w - label - 40
	top := y
	for _, v := range values {
		name := s.ink.fit(v.name, st, label-6)
		s.aligned(x, label-6, y+thick, name, st, 'R')
		s.fill(x+label, y+1, scale, thick, color{238, 240, 243})
		c := accent
		if v.rate() < 0.6 {
			c = color{178, 58, 48}
		} else if v.rate() < 0.8 {
			c = color{196, 134, 38}
		}
		s.fill(x+label, y+1, scale*v.rate(), thick, c)
		s.text(x+label+scale+4, y+thick, v.percent(), st)
		y += step
	}
	s.pdf.SetDrawColor(150, 150, 150)
	s.line(x+label, top-3, x+label, y-5)
	s.pdf.SetDrawColor(0, 0, 0)
	return y - top
}

// line is one series of a picture over time.
type line struct {
	name   string
	labels []string
	values []float64
}

func (l *line) add(label string, v float64) {
	l.labels, l.values = append(l.labels, label), append(l.values, v)
}

// lines draws series over time into a box, in 万元 up to full or the largest
// value, with full as a dashed line. A single point is drawn as a dot.
func (s *sheet) lines(x, y, w, h, full float64, all []line) {
	top := full
	for _, l := range all {
		for _, v := range l.values {
			top = max(top, v)
		}
	}
	if top <= 0 || len(all) == 0 || len(all[0].values) == 0 {
		return
	}
	n := len(all[0].values)
	at := func(i int, v float64) (float64, float64) {
		step := 0.5
		if n > 1 {
			step = float64(i) / float64(n-1)
		}
		return x + w*(0.03+0.94*step), y + h*(1-v/top)
	}
	st := style{size: 8, color: grey}
	for k := range 5 {
		v := top * float64(k) / 4
		_, ty := at(0, v)
		s.pdf.SetDrawColor(225, 225, 225)
		s.line(x, ty, x+w, ty)
		s.aligned(x-54, 48, ty+3, strconv.FormatFloat(v/1_000_000, 'f', 2, 64)+"万", st, 'R')
	}
	s.pdf.SetDrawColor(120, 120, 120)
	s.pdf.SetDashPattern([]float64{3, 2}, 0)
	_, fy := at(0, full)
	s.line(x, fy, x+w, fy)
	s.pdf.SetDashPattern([]float64{}, 0)
	every := max(1, (n+7)/8)
	for i, label := range all[0].labels {
		if i%every == 0 || i == n-1 && i%every > every/2 {
			px, _ := at(i, 0)
			s.aligned(px-24, 48, y+h+11, label, st, 'C')
		}
	}
	key := x
	for k, l := range all {
		c := []color{accent, {196, 134, 38}}[k%2]
		s.pdf.SetDrawColor(int(c[0]), int(c[1]), int(c[2]))
		s.pdf.SetFillColor(int(c[0]), int(c[1]), int(c[2]))
		s.pdf.SetLineWidth(1.3)
		for i, v := range l.values {
			px, py := at(i, v)
			if i > 0 {
				qx, qy := at(i-1, l.values[i-1])
				s.line(qx, qy, px, py)
			}
			s.pdf.Circle(px, py, 1.7, "F")
		}
		s.line(key, y+h+25, key+14, y+h+25)
		s.text(key+18, y+h+28, l.name, style{size: 8})
		key += 30 + s.ink.width(l.name, style{size: 8})
	}
	s.pdf.SetLineWidth(hairline)
	s.pdf.SetDrawColor(0, 0, 0)
}

var accent = color{31, 78, 121}
