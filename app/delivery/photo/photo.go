// Package photo makes a photograph fit to keep: turned the way it was taken,
// small enough to look at on a phone, and without anything that the camera
// wrote into it: re-encoding leaves the place, the time and the device behind.
package photo

import (
	"bytes"
	"image"
	"image/jpeg"
	_ "image/png" // people send screenshots too
	"io"

	"golang.org/x/image/draw"

	"gongji/app/kernel/fault"
)

// Limits. A baseline JPEG is decoded in about 1.5 bytes a pixel; a PNG or a
// progressive JPEG takes four to six times that, so less of it is taken.
const (
	MaxBytes    = 30 << 20
	maxPixels   = 50_000_000 // baseline JPEG
	maxOther    = 16_000_000 // PNG, progressive JPEG
	longestEdge = 1920       // of what is kept
)

// one photograph is decoded at a time, so that many phones at once cannot take
// the memory of the machine.
var one = make(chan struct{}, 1)

func refuse(format string, args ...any) error {
	var c fault.Check
	c.Fail("photos", format, args...)
	return c.Err()
}

// Clean reads a JPEG or PNG and gives it back as a JPEG of at most 1920 pixels
// on its longer side, without metadata. name is for the sentence that refuses.
// Errors: Invalid, saying how to mend it.
func Clean(name string, r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	switch {
	case len(raw) == 0:
		return nil, refuse("“%s”是空文件，请重新选择", name)
	case len(raw) > MaxBytes:
		return nil, refuse("“%s”超过 30 MB，请在手机相机设置里调低照片大小，或截图后上传", name)
	case heic(raw):
		return nil, refuse("“%s”是 HEIC 格式，多数电脑打不开。苹果手机请在“设置 → 相机 → 格式”选“兼容性最佳”后重拍，或在相册里打开这张照片截屏，上传截屏", name)
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, refuse("“%s”不是能打开的 JPG 或 PNG 照片，请用手机相机重拍，或截屏后上传", name)
	}
	most := maxOther
	if kind == "jpeg" && !progressive(raw) {
		most = maxPixels
	}
	if size.Width <= 0 || size.Height <= 0 || size.Width > most/size.Height {
		return nil, refuse("“%s”有 %d 万像素，超过 %d 万，请在手机相机设置里调低照片大小后重拍，或截屏后上传", name, size.Width*size.Height/10_000, most/10_000)
	}
	one <- struct{}{}
	defer func() { <-one }()
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, refuse("“%s”不完整，可能没有传完，请重新选择", name)
	}
	small := shrink(img)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, turn(small, orientation(raw)), &jpeg.Options{Quality: 85}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// shrink is the picture no larger than longestEdge, on white where it was
// transparent.
func shrink(img image.Image) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > longestEdge {
		w, h = max(1, w*longestEdge/long), max(1, h*longestEdge/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	return out
}

// heic reports whether the bytes are of the container that iPhones write.
func heic(raw []byte) bool {
	if len(raw) < 12 || string(raw[4:8]) != "ftyp" {
		return false
	}
	switch string(raw[8:12]) {
	case "heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif":
		return true
	}
	return false
}
