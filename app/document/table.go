package document

import "slices"

// column is one column of a table; shares divide the body's width.
type column struct {
	title string
	share float64
	align byte // 'L', 'C' or 'R'
}

// cell is one cell of a row. A zero align is the column's. up merges it with
// the cell above, whose text then stands in the middle of both.
type cell struct {
	text  string
	align byte
	bold  bool
	shade bool
	up    bool
	span  int // columns covered; 0 is 1
}

type row []cell

// grid is a table with hairlines. Its header, if it has titles, is repeated on
// every page; a row too tall to fit is carried over line by line.
type grid struct {
	cols []column
	size float64
}

const (
	cellPad   = 4.5
	lineRatio = 1.42
	// A row of more than tall lines is cut into pieces of chunk lines, which
	// may lie on different pages.
	tall  = 18
	chunk = 6
	// Rows joined by a merged cell stay on one page up to this height.
	smallGroup = 220.0
)

// drawn is a cell laid out: its lines and its place.
type drawn struct {
	x, w  float64
	lines []string
	st    style
	align byte
	shade bool
	up    bool // no line above
	tall  bool // of a row cut into pieces: text from the top, not centred
	split bool // goes on with the text of the cell above
}

type strip struct {
	cells  []drawn
	height float64
}

func (g grid) lead() float64 { return g.size * lineRatio }

// table draws rows from s.y on and leaves s.y below them.
func (s *sheet) table(g grid, rows []row) {
	total := 0.0
	titled := false
	for _, c := range g.cols {
		total += c.share
		titled = titled || c.title != ""
	}
	var header []strip
	if titled {
		head := make(row, len(g.cols))
		for i, c := range g.cols {
			head[i] = cell{text: c.title, align: 'C', bold: true, shade: true}
		}
		header = s.lay(g, total, []row{head})
	}
	strips := s.lay(g, total, rows)
	top := 0.0
	for _, h := range header {
		top += h.height
	}
	first := top
	if len(strips) > 0 {
		first += strips[0].height
	}
	s.need(first)
	for len(strips) > 0 || header != nil {
		page := append([]strip(nil), header...)
		y := s.y + top
		n := 0
		for n < len(strips) && (y+strips[n].height <= bottomEdge || n == 0) {
			y += strips[n].height
			n++
		}
		if whole := g.unmerged(strips, n); whole < n && whole > 0 {
			for ; n > whole; n-- {
				y -= strips[n-1].height
			}
		}
		s.grid(g, append(page, strips[:n]...), len(header))
		s.y = y
		if strips = strips[n:]; len(strips) == 0 {
			return
		}
		s.newPage()
	}
}

// unmerged is where the rows before the n-th had better end on a page: a small
// group of merged cells is not cut in two, and of a large one enough stands
// here for its text. 0 where the group begins the page.
func (g grid) unmerged(strips []strip, n int) int {
	joined := func(i int) bool {
		return slices.ContainsFunc(strips[i].cells, func(d drawn) bool { return d.up && !d.split })
	}
	if n == len(strips) || !joined(n) {
		return n
	}
	from, to := n, n
	for from > 0 && joined(from) {
		from--
	}
	for to < len(strips) && joined(to) {
		to++
	}
	all, here, text := 0.0, 0.0, 0.0
	for i := from; i < to; i++ {
		all += strips[i].height
		if i < n {
			here += strips[i].height
		}
	}
	for _, d := range strips[from].cells {
		text = max(text, g.height(len(d.lines)))
	}
	if all <= smallGroup || here < text {
		return from
	}
	return n
}

// height is that of a row of so many lines.
func (g grid) height(lines int) float64 { return float64(lines)*g.lead() + 2*cellPad - 2 }

// lay wraps every cell and sets the rows' heights.
func (s *sheet) lay(g grid, total float64, rows []row) []strip {
	var strips []strip
	for i, r := range rows {
		cells, x, col, most := make([]drawn, 0, len(r)), leftEdge, 0, 1
		for _, c := range r {
			d := drawn{x: x, st: style{size: g.size, bold: c.bold}, shade: c.shade, up: c.up, align: c.align}
			if d.align == 0 && col < len(g.cols) {
				d.align = g.cols[col].align
			}
			for range max(c.span, 1) {
				if col < len(g.cols) {
					d.w += g.cols[col].share / total * bodyWidth
				}
				col++
			}
			d.lines = s.ink.wrap(clean(c.text), d.st, d.w-2*cellPad)
			x += d.w
			// What begins a merged cell has the room of the rows below as well.
			merges := i+1 < len(rows) && len(cells) < len(rows[i+1]) && rows[i+1][len(cells)].up && len(d.lines) <= tall
			if !d.up && !merges {
				most = max(most, len(d.lines))
			}
			cells = append(cells, d)
		}
		strips = append(strips, g.chunks(cells, most)...)
	}
	g.stretch(strips)
	return strips
}

// chunks cuts a row of very many lines into strips that can lie on different
// pages; an ordinary row is one strip.
func (g grid) chunks(cells []drawn, most int) []strip {
	if most <= tall {
		return []strip{{cells, g.height(most)}}
	}
	var out []strip
	for from := 0; from < most; from += chunk {
		n := min(chunk, most-from)
		part := make([]drawn, len(cells))
		for i, c := range cells {
			part[i] = c
			part[i].lines = nil
			if from < len(c.lines) {
				part[i].lines = c.lines[from:min(from+n, len(c.lines))]
			}
			part[i].tall, part[i].split = true, from > 0
			part[i].up = c.up || from > 0
		}
		height := float64(n) * g.lead()
		if from == 0 || from+n >= most {
			height += cellPad
		}
		out = append(out, strip{part, height})
	}
	return out
}

// stretch makes room for merged cells that need more than their rows have.
func (g grid) stretch(strips []strip) {
	for i := range strips {
		for c, d := range strips[i].cells {
			if d.up {
				continue
			}
			have, j := strips[i].height, i
			for j+1 < len(strips) && c < len(strips[j+1].cells) && strips[j+1].cells[c].up && !strips[j+1].cells[c].split {
				j++
				have += strips[j].height
				strips[j].cells[c].lines = d.lines
			}
			if want := g.height(len(d.lines)); want > have && j > i {
				strips[j].height += want - have
			}
		}
	}
}

// grid draws the strips that fit one page; the first fixed ones are a header.
func (s *sheet) grid(g grid, strips []strip, fixed int) {
	y := s.y
	for i, st := range strips {
		for c, d := range st.cells {
			top := i == 0 || i == fixed
			if d.shade {
				s.fill(d.x, y, d.w, st.height, pale)
			}
			if !d.up || top {
				s.line(d.x, y, d.x+d.w, y)
			}
			height := st.height
			if !d.split {
				for j := i + 1; j < len(strips) && j != fixed && c < len(strips[j].cells) && strips[j].cells[c].up && !strips[j].cells[c].split; j++ {
					height += strips[j].height
				}
			}
			if d.split || !d.up || top {
				s.cell(g, d, y, height)
			}
		}
		y += st.height
	}
	y = s.y
	for i, st := range strips {
		for _, d := range st.cells {
			s.line(d.x, y, d.x, y+st.height)
		}
		last := st.cells[len(st.cells)-1]
		s.line(last.x+last.w, y, last.x+last.w, y+st.height)
		y += st.height
		if i == len(strips)-1 {
			s.line(st.cells[0].x, y, last.x+last.w, y)
		}
	}
}

func (s *sheet) cell(g grid, d drawn, y, height float64) {
	lines := d.lines
	if fit := int((height + 0.01) / g.lead()); len(lines) > fit {
		lines = lines[:max(fit, 0)]
	}
	block := float64(len(lines)) * g.lead()
	at := y + (height-block)/2
	if d.split {
		at = y
	} else if d.tall {
		at = y + cellPad
	}
	for _, l := range lines {
		s.aligned(d.x+cellPad, d.w-2*cellPad, at+g.size*1.08, l, d.st, d.align)
		at += g.lead()
	}
}
