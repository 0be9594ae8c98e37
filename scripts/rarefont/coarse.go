package main

import (
	"encoding/binary"
	"errors"
	"math"
)

// slack is how far, in units of the font read (1024 to the em), a line may
// stray from the curve it stands for: 0.03 pt at 12 pt.
const slack = 2.5

var errOutline = errors.New("not a simple outline")

type point struct {
	x, y int
	on   bool
}

// coarse redraws a simple outline on a grid of to units, drops its hints and
// the points that say next to nothing.
func coarse(g []byte, from, to int) ([]byte, error) {
	if len(g) == 0 {
		return nil, nil
	}
	contours, err := parse(g)
	if err != nil {
		return nil, err
	}
	scale := func(v int) int {
		v *= 2 * to
		if v < 0 {
			return -((-v + from) / (2 * from))
		}
		return (v + from) / (2 * from)
	}
	kept := contours[:0]
	for _, c := range contours {
		c = thin(c, slack)
		for i := range c {
			c[i].x, c[i].y = scale(c[i].x), scale(c[i].y)
		}
		if c = distinct(c); len(c) > 2 {
			kept = append(kept, c)
		}
	}
	return write(kept), nil
}

// thin keeps of a closed polygon the corners that a line misses by more than
// slack units. HanaMin's curves are polygons of very many short sides.
func thin(c []point, slack float64) []point {
	if len(c) < 4 {
		return c
	}
	far, best := 0, -1.0
	for i, p := range c {
		if d := math.Hypot(float64(p.x-c[0].x), float64(p.y-c[0].y)); d > best {
			far, best = i, d
		}
	}
	ring := append(append([]point{}, c...), c[0])
	out := append([]point{ring[0]}, between(ring[:far+1], slack)...)
	out = append(out, ring[far])
	return append(out, between(ring[far:], slack)...)
}

// between returns the points kept strictly between the ends of a line.
func between(c []point, slack float64) []point {
	if len(c) < 3 {
		return nil
	}
	a, b := c[0], c[len(c)-1]
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	length := math.Hypot(dx, dy)
	at, worst := 0, slack
	for i := 1; i < len(c)-1; i++ {
		px, py := float64(c[i].x-a.x), float64(c[i].y-a.y)
		d := math.Hypot(px, py)
		if length > 0 {
			d = math.Abs(px*dy-py*dx) / length
		}
		if d > worst {
			at, worst = i, d
		}
	}
	if at == 0 {
		return nil
	}
	out := between(c[:at+1], slack)
	return append(append(out, c[at]), between(c[at:], slack)...)
}

// distinct drops points that fell together on the coarser grid.
func distinct(c []point) []point {
	out := c[:0]
	for i, p := range c {
		if next := c[(i+1)%len(c)]; p.x != next.x || p.y != next.y {
			out = append(out, p)
		}
	}
	return out
}

func parse(g []byte) ([][]point, error) {
	n := int(int16(binary.BigEndian.Uint16(g)))
	if n < 0 || len(g) < 12+2*n {
		return nil, errOutline
	}
	ends, total := make([]int, n), 0
	for i := range ends {
		ends[i] = int(binary.BigEndian.Uint16(g[10+2*i:]))
		total = ends[i] + 1
	}
	at := 10 + 2*n
	at += 2 + int(binary.BigEndian.Uint16(g[at:]))
	flags := make([]byte, 0, total)
	for len(flags) < total {
		if at+1 >= len(g) {
			return nil, errOutline
		}
		fl := g[at]
		at++
		flags = append(flags, fl)
		if fl&8 != 0 {
			for range int(g[at]) {
				flags = append(flags, fl)
			}
			at++
		}
	}
	points := make([]point, total)
	for axis := range 2 {
		short, same, v := byte(2<<axis), byte(16<<axis), 0
		for i := range points {
			switch fl := flags[i]; {
			case fl&short != 0:
				if at >= len(g) {
					return nil, errOutline
				}
				d := int(g[at])
				if at++; fl&same == 0 {
					d = -d
				}
				v += d
			case fl&same == 0:
				if at+1 >= len(g) {
					return nil, errOutline
				}
				v += int(int16(binary.BigEndian.Uint16(g[at:])))
				at += 2
			}
			if axis == 0 {
				points[i].x, points[i].on = v, flags[i]&1 != 0
			} else {
				points[i].y = v
			}
		}
	}
	contours, start := make([][]point, n), 0
	for i, end := range ends {
		contours[i] = points[start : end+1 : end+1]
		start = end + 1
	}
	return contours, nil
}

func write(contours [][]point) []byte {
	if len(contours) == 0 {
		return nil
	}
	be := binary.BigEndian
	lo, hi := contours[0][0], contours[0][0]
	var ends, flags, xs, ys []byte
	x, y, n := 0, 0, 0
	for _, c := range contours {
		for _, p := range c {
			lo.x, lo.y, hi.x, hi.y = min(lo.x, p.x), min(lo.y, p.y), max(hi.x, p.x), max(hi.y, p.y)
			var fl byte
			if p.on {
				fl = 1
			}
			fl |= delta(&xs, p.x-x, 2, 16) | delta(&ys, p.y-y, 4, 32)
			x, y = p.x, p.y
			flags = append(flags, fl)
			n++
		}
		ends = be.AppendUint16(ends, uint16(n-1))
	}
	out := be.AppendUint16(nil, uint16(len(contours)))
	for _, v := range []int{lo.x, lo.y, hi.x, hi.y} {
		out = be.AppendUint16(out, uint16(v))
	}
	out = append(append(out, ends...), 0, 0)
	for i := 0; i < len(flags); {
		j := i
		for j+1 < len(flags) && flags[j+1] == flags[i] && j-i < 255 {
			j++
		}
		if j-i >= 2 {
			out = append(out, flags[i]|8, byte(j-i))
		} else {
			out = append(out, flags[i:j+1]...)
		}
		i = j + 1
	}
	return append(append(out, xs...), ys...)
}

func delta(to *[]byte, d int, short, same byte) byte {
	switch {
	case d == 0:
		return same
	case d > 0 && d < 256:
		*to = append(*to, byte(d))
		return short | same
	case d < 0 && d > -256:
		*to = append(*to, byte(-d))
		return short
	}
	*to = binary.BigEndian.AppendUint16(*to, uint16(d))
	return 0
}
