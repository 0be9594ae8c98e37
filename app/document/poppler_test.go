package document

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// run runs one of poppler's programs; a machine without them fails the test.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s (install poppler-utils)", name, err, errs.String())
	}
	if errs.Len() > 0 {
		t.Errorf("%s complains: %s", name, errs.String())
	}
	return out.String()
}

func save(t *testing.T, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func extract(t *testing.T, pdf []byte) string {
	return run(t, "pdftotext", "-layout", save(t, pdf), "-")
}

// flat is text without spaces and line breaks, to find what was wrapped.
func flat(s string) string { return strings.Join(strings.Fields(s), "") }

func pages(t *testing.T, pdf []byte) int {
	t.Helper()
	for _, l := range strings.Split(run(t, "pdfinfo", save(t, pdf)), "\n") {
		if v, ok := strings.CutPrefix(l, "Pages:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(v))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("pdfinfo gives no page count")
	return 0
}

// picture renders one page at 60 dpi.
func picture(t *testing.T, pdf []byte, page int) image.Image {
	t.Helper()
	path := save(t, pdf)
	n := strconv.Itoa(page)
	run(t, "pdftoppm", "-r", "60", "-png", "-singlefile", "-f", n, "-l", n, path, path)
	f, err := os.Open(path + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// words calls fn with each word's box on its page, in points from the top left.
func words(t *testing.T, pdf []byte, fn func(x0, y0, x1, y1 float64, word string)) {
	t.Helper()
	for _, l := range strings.Split(run(t, "pdftotext", "-bbox", save(t, pdf), "-"), "\n") {
		l = strings.TrimSpace(l)
		if !strings.HasPrefix(l, "<word") {
			continue
		}
		var x0, y0, x1, y1 float64
		if _, err := fmt.Sscanf(l, `<word xMin="%f" yMin="%f" xMax="%f" yMax="%f">`, &x0, &y0, &x1, &y1); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		fn(x0, y0, x1, y1, l[strings.Index(l, ">")+1:])
	}
}

// darkness is the share of a region's pixels that are not nearly white.
func darkness(img image.Image, r image.Rectangle) float64 {
	dark, all := 0, 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			all++
			if v, _, _, _ := img.At(x, y).RGBA(); v < 0xC000 {
				dark++
			}
		}
	}
	return float64(dark) / float64(max(all, 1))
}
