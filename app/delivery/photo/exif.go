package photo

import (
	"encoding/binary"
	"image"
)

// segments calls fn for each segment of a JPEG before its picture, until fn
// says it has seen enough.
func segments(raw []byte, fn func(marker byte, body []byte) bool) {
	if len(raw) < 4 || raw[0] != 0xff || raw[1] != 0xd8 {
		return
	}
	for i := 2; i+4 <= len(raw) && raw[i] == 0xff; {
		marker := raw[i+1]
		if marker == 0xff { // fill
			i++
			continue
		}
		n := int(binary.BigEndian.Uint16(raw[i+2:]))
		if marker == 0xda || n < 2 || i+2+n > len(raw) || fn(marker, raw[i+4:i+2+n]) {
			return
		}
		i += 2 + n
	}
}

// progressive reports whether a JPEG comes in passes, which are all held in
// memory while it is decoded.
func progressive(raw []byte) bool {
	found := false
	segments(raw, func(m byte, _ []byte) bool {
		found = found || m == 0xc2
		return found
	})
	return found
}

// orientation is how the camera was held, 1 to 8 as EXIF counts; 1 is upright.
func orientation(raw []byte) int {
	out := 1
	segments(raw, func(m byte, body []byte) bool {
		if m != 0xe1 || len(body) < 14 || string(body[:6]) != "Exif\x00\x00" {
			return false
		}
		out = tag(body[6:])
		return true
	})
	return out
}

// tag reads tag 0x0112 of the first directory of a TIFF.
func tag(t []byte) int {
	var o binary.ByteOrder = binary.BigEndian
	if string(t[:2]) == "II" {
		o = binary.LittleEndian
	}
	at := int(o.Uint32(t[4:]))
	if at < 8 || at+2 > len(t) {
		return 1
	}
	n := int(o.Uint16(t[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > len(t) {
			break
		}
		if o.Uint16(t[e:]) == 0x0112 {
			if v := int(o.Uint16(t[e+8:])); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}

// turn puts a picture upright.
func turn(src *image.RGBA, how int) *image.RGBA {
	if how <= 1 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if how >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			u, v := x, y
			switch how {
			case 2:
				u = w - 1 - x
			case 3:
				u, v = w-1-x, h-1-y
			case 4:
				v = h - 1 - y
			case 5:
				u, v = y, x
			case 6:
				u, v = h-1-y, x
			case 7:
				u, v = h-1-y, w-1-x
			case 8:
				u, v = y, w-1-x
			}
			out.SetRGBA(u, v, src.RGBAAt(x, y))
		}
	}
	return out
}
