package seal

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/bits"
	"strconv"

	"filippo.io/age"
)

// FloorSize is the smallest plaintext, in bytes: all ordinary bids without
// large files look alike.
const FloorSize int64 = 1 << 20

// Padded is the size a plaintext of n bytes is padded to: Padmé, which leaks
// O(log log n) bits at a cost of at most 12 %, with a floor of FloorSize.
func Padded(n int64) int64 {
	if n <= FloorSize {
		return FloorSize
	}
	e := bits.Len64(uint64(n)) - 1
	s := bits.Len64(uint64(e))
	mask := int64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}

// Source is an attachment to be packed. Open is called twice: to hash, then to
// encrypt.
type Source struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// Pack seals a bid: it hashes the files, completes the manifest with them and
// the names of the questions, holds it to CheckBid, and writes one age file to
// the form's recipient and to own, the recipients who may open the bidder's
// own copy. Memory does not grow with the files. The manifest comes back as it
// was sealed.
func Pack(w io.Writer, form Form, m Manifest, files []Source, own []string) (Manifest, error) {
	if err := CheckForm(form); err != nil {
		return m, err
	}
	to, err := recipients(form.Recipient, own)
	if err != nil {
		return m, err
	}
	if m, err = complete(form, m, files); err != nil {
		return m, err
	}
	if err := CheckBid(form, m); err != nil {
		return m, err
	}
	head, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	size := tarSize(int64(len(head)), m.Files)
	if int64(len(head)) > maxManifest || Padded(size) > MaxPlain {
		return m, bad("投标文件合计超过 %d MB，请压缩附件", MaxPlain>>20)
	}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return m, err
	}
	if err := writeTar(sealed, head, m.Files, files); err != nil {
		return m, err
	}
	if _, err := io.CopyN(sealed, zeros{}, Padded(size)-size); err != nil {
		return m, err
	}
	return m, sealed.Close()
}

func recipients(tender string, own []string) ([]age.Recipient, error) {
	var out []age.Recipient
	seen := map[string]bool{}
	for i, s := range append([]string{tender}, own...) {
		r, err := age.ParseX25519Recipient(s)
		switch {
		case err != nil && i == 0:
			return nil, bad("投标格式文件中的项目公钥格式不对，请在项目页面重新下载")
		case err != nil:
			return nil, bad("公钥“%s”格式不对：应以 age1 开头，共 62 个字符", s)
		case !seen[s]:
			out = append(out, r)
		}
		seen[s] = true
	}
	return out, nil
}

func complete(form Form, m Manifest, files []Source) (Manifest, error) {
	m.Format = BidFormat
	if m.Tender == "" {
		m.Tender = form.Tender
	}
	m.Answers, m.Files = ordered(form, m.Answers), []File{}
	for _, src := range files {
		f := File{Name: src.Name}
		h := sha256.New()
		err := read(src, func(r io.Reader) error {
			var err error
			f.Size, err = io.Copy(h, io.LimitReader(r, MaxFile+1))
			return err
		})
		if err != nil {
			return m, err
		}
		f.SHA256 = hex.EncodeToString(h.Sum(nil))
		m.Files = append(m.Files, f)
	}
	return m, nil
}

// ordered puts answers in the order of the questions, with their names; those
// to no question stay at the end, for CheckBid to complain about.
func ordered(form Form, answers []Answer) []Answer {
	out := []Answer{}
	asked := map[string]bool{}
	for _, q := range form.Questions {
		asked[q.Key] = true
		for _, a := range answers {
			if a.Criterion == q.Key {
				out = append(out, Answer{q.Key, q.Name, a.Text})
			}
		}
	}
	for _, a := range answers {
		if !asked[a.Criterion] {
			out = append(out, a)
		}
	}
	return out
}

func read(src Source, use func(io.Reader) error) error {
	r, err := src.Open()
	if err != nil {
		return err
	}
	return errors.Join(use(r), r.Close())
}

// writeTar writes manifest.json, files/1 …, and the end of the tar. No times,
// no owners: nothing of the bidder's device goes in.
func writeTar(w io.Writer, head []byte, files []File, sources []Source) error {
	tw := tar.NewWriter(w)
	entry := func(name string, size int64) error {
		return tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, Format: tar.FormatUSTAR})
	}
	if err := entry(manifestName, int64(len(head))); err != nil {
		return err
	}
	if _, err := io.Copy(tw, bytes.NewReader(head)); err != nil {
		return err
	}
	for i, f := range files {
		if err := entry(fileName(i), f.Size); err != nil {
			return err
		}
		h := sha256.New()
		err := read(sources[i], func(r io.Reader) error {
			n, err := io.Copy(io.MultiWriter(tw, h), io.LimitReader(r, f.Size))
			if err == nil && n != f.Size {
				err = io.ErrUnexpectedEOF
			}
			return err
		})
		if err != nil || hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
			return errors.Join(bad("附件“%s”在加密过程中被改动，请关闭正在编辑它的软件后重试", f.Name), err)
		}
	}
	return tw.Close()
}

const manifestName = "manifest.json"

func fileName(i int) string { return "files/" + strconv.Itoa(i+1) }

// tarSize is the size of the tar that writeTar writes.
func tarSize(manifest int64, files []File) int64 {
	const block = 512
	n := block + (manifest+block-1)/block*block + 2*block
	for _, f := range files {
		n += block + (f.Size+block-1)/block*block
	}
	return n
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
