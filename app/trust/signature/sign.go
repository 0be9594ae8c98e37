package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
)

// SignedFormat is the format of a signed statement in JSON.
const SignedFormat = "gongji-signed-1"

// Signed is a statement in JSON: for people and programs to read, and as the
// note that is signed.
type Signed struct {
	Format    string    `json:"format" enum:"gongji-signed-1"`
	Statement Statement `json:"statement"`
	Note      string    `json:"note" description:"golang.org/x/mod/sumdb/note 格式的签名文本，gongji verify 核对它"`
}

// JSON signs a statement that stands alone.
func (k *Key) JSON(s Statement) ([]byte, error) {
	s.PDF = ""
	n, err := k.sign(s)
	if err != nil {
		return nil, err
	}
	if s, err = s.plain(); err != nil {
		return nil, err
	}
	return Signed{SignedFormat, s, string(n)}.marshal()
}

func (s Signed) marshal() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(s)
	return b.Bytes(), err
}

// marker begins the signature after a PDF's own end.
const marker = "%gongji-signature-1\n"

// startxref is the end of a PDF: where its table of objects is.
var startxref = regexp.MustCompile(`startxref\r?\n([0-9]{1,12})\r?\n%%EOF\r?\n$`)

// Stamp signs a PDF: its bytes stay as they are, and the note follows them in
// lines of comment. The end of the file is said again after it, because
// readers look for it in the last kilobyte.
func (k *Key) Stamp(pdf []byte, s Statement) ([]byte, error) {
	sum := sha256.Sum256(pdf)
	s.PDF = hex.EncodeToString(sum[:])
	n, err := k.sign(s)
	if err != nil {
		return nil, err
	}
	return stamped(pdf, n)
}

func stamped(pdf, n []byte) ([]byte, error) {
	end := startxref.FindSubmatch(pdf)
	if end == nil {
		return nil, errors.New("signature: the PDF has no startxref at its end")
	}
	var b bytes.Buffer
	b.Write(pdf)
	b.WriteString(marker)
	for line := range bytes.Lines(n) {
		b.WriteByte('%')
		b.Write(line)
	}
	b.WriteString("startxref\n")
	b.Write(end[1])
	b.WriteString("\n%%EOF\n")
	return b.Bytes(), nil
}
