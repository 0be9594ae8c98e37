package seal

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
)

// Read takes a bid's plaintext apart: it hands each file to each, in order,
// and returns the manifest. i counts from 0.
//
// A file's hash is known only after each has read it: whatever each kept is
// worth nothing if Read returns an error. What is wrong with the bid is
// fault.Invalid, its bidder's fault; an error of r or of each comes through as
// it is.
func Read(r io.Reader, each func(i int, f File, content io.Reader) error) (Manifest, error) {
	src := &source{r: io.LimitReader(r, MaxPlain+1)}
	tr := tar.NewReader(src)
	m, size, err := readManifest(src, tr)
	if err != nil {
		return m, err
	}
	for i, f := range m.Files {
		if err := readFile(src, tr, i, f, each); err != nil {
			return m, err
		}
	}
	if _, err := tr.Next(); !errors.Is(err, io.EOF) || src.err != nil {
		if err == nil {
			err = bad("投标文件中有清单没有列出的文件")
		}
		return m, src.blame(err, "投标文件的结构不对")
	}
	return m, readEnd(src, tarSize(size, m.Files))
}

func readManifest(src *source, tr *tar.Reader) (Manifest, int64, error) {
	h, err := next(src, tr, manifestName)
	if err != nil {
		return Manifest{}, 0, err
	}
	if h.Size > maxManifest {
		return Manifest{}, 0, bad("投标文件的清单过大")
	}
	b, err := io.ReadAll(tr)
	if err != nil {
		return Manifest{}, 0, src.blame(err, "投标文件不完整")
	}
	m, err := parseManifest(b)
	return m, h.Size, err
}

func readFile(src *source, tr *tar.Reader, i int, f File, each func(int, File, io.Reader) error) error {
	h, err := next(src, tr, fileName(i))
	if err != nil {
		return err
	}
	if h.Size != f.Size {
		return bad("附件“%s”的大小与清单不符", f.Name)
	}
	sum := sha256.New()
	content := io.TeeReader(tr, sum)
	if each != nil {
		if err := each(i, f, content); err != nil {
			if src.err != nil {
				return src.err
			}
			return err
		}
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return src.blame(err, "投标文件不完整")
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return bad("附件“%s”的内容与清单的校验值不符", f.Name)
	}
	return nil
}

// next expects one plain ustar entry of this very name: no links, no
// directories, no extended headers that could rename or resize it.
func next(src *source, tr *tar.Reader, name string) (*tar.Header, error) {
	h, err := tr.Next()
	switch {
	case errors.Is(err, io.EOF) && src.err == nil:
		return nil, bad("投标文件中缺少 %s", name)
	case err != nil:
		return nil, src.blame(err, "投标文件的结构不对")
	case h.Name != name || h.Typeflag != tar.TypeReg || h.Format != tar.FormatUSTAR || len(h.PAXRecords) > 0:
		return nil, bad("投标文件的结构不对：此处应是 %s", name)
	}
	return h, nil
}

// readEnd holds the rest to zeros, and the whole to at least the tar's size.
func readEnd(src *source, least int64) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		for _, b := range buf[:n] {
			if b != 0 {
				return bad("投标文件的末尾有多余的内容")
			}
		}
		if err == nil {
			continue
		}
		switch {
		case src.err != nil:
			return src.err
		case src.n < least:
			return bad("投标文件不完整")
		case src.n > MaxPlain:
			return bad("投标文件过大")
		}
		return nil
	}
}
