package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"

	"gongji/app/kernel/fault"
)

// taken is a photograph as a phone makes it: with EXIF that says how it was
// held and where it was.
func taken(t *testing.T, w, h, held int) []byte {
	t.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = 200
	}
	for y := range h / 2 { // dark above, light below
		for x := range w {
			img.Y[img.YOffset(x, y)] = 20
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 128
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00GPS 30.6N 114.4E")
	binary.LittleEndian.PutUint16(tiff[18:], uint16(held))
	body := append([]byte("Exif\x00\x00"), tiff...)
	seg := append([]byte{0xff, 0xe1, 0, 0}, body...)
	binary.BigEndian.PutUint16(seg[2:], uint16(len(body)+2))
	return append(append([]byte{0xff, 0xd8}, seg...), b.Bytes()[2:]...)
}

func TestAPhotographLosesWhereItWasTakenAndStandsUpright(t *testing.T) {
	raw := taken(t, 400, 300, 6) // held upright: a quarter turn
	if !bytes.Contains(raw, []byte("GPS 30.6N")) {
		t.Fatal("the fixture has no place")
	}
	out, err := Clean("现场.jpg", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out, []byte("GPS")) || bytes.Contains(out, []byte("Exif")) {
		t.Error("the place is still in it")
	}
	img, err := jpeg.Decode(bytes.NewReader(out))
	if err != nil || img.Bounds().Dx() != 300 || img.Bounds().Dy() != 400 {
		t.Fatalf("%v %v", img.Bounds(), err)
	}
	dark := func(x, y int) bool { return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 100 }
	if !dark(280, 200) || dark(20, 200) {
		t.Error("turned the wrong way: what was above should be on the right")
	}
}

func TestEveryOrientationKeepsEveryCorner(t *testing.T) {
	src := image.NewRGBA(image.Rect(0, 0, 3, 2))
	src.SetRGBA(0, 0, color.RGBA{255, 0, 0, 255})
	want := map[int]image.Point{1: {0, 0}, 2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 2}, 8: {0, 2}}
	for how, at := range want {
		if got := turn(src, how).RGBAAt(at.X, at.Y); got.R != 255 {
			t.Errorf("%d: the first corner is not at %v", how, at)
		}
	}
}

func TestFortyMegapixelsAreBoundedInMemory(t *testing.T) {
	raw := taken(t, 7304, 5478, 1) // 40 million
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	out, err := Clean("大.jpg", bytes.NewReader(raw))
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 160<<20 {
		t.Errorf("it took %d MiB", used>>20)
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(out)); err != nil || c.Width != 1920 || len(out) > 1<<20 {
		t.Errorf("%+v %v %d", c, err, len(out))
	}
}

func TestWhatCannotBeKeptSaysHowToMendIt(t *testing.T) {
	var wide bytes.Buffer
	if err := png.Encode(&wide, image.NewGray(image.Rect(0, 0, 20_000, 1000))); err != nil {
		t.Fatal(err)
	}
	huge := taken(t, 16, 16, 1)
	at := bytes.Index(huge, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(huge[at+5:], 60_000)
	binary.BigEndian.PutUint16(huge[at+7:], 60_000)
	for name, x := range map[string]struct {
		raw  []byte
		says string
	}{
		"HEIC":      {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "兼容性最佳"},
		"empty":     {nil, "空文件"},
		"text":      {[]byte("<html>not a picture</html>"), "不是能打开的"},
		"cut short": {taken(t, 400, 300, 1)[:900], "不完整"},
		"bomb":      {huge, "万像素"},
		"large PNG": {wide.Bytes(), "1600 万"},
	} {
		_, err := Clean("x", bytes.NewReader(x.raw))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		if len(raw) < 1<<16 {
			_, _ = Clean("x", bytes.NewReader(raw))
		}
	})
}
