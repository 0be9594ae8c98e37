package signature

import (
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"

	"gongji/app/kernel/id"
)

const statementFormat = "gongji-statement-1"

// Fact is one thing a statement says. Name is for programs and may be empty.
type Fact struct {
	Name  string `json:"name,omitempty"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// Statement is what the platform says of a document when it signs.
type Statement struct {
	Document id.ID     `json:"document"`
	Kind     string    `json:"kind"`
	Title    string    `json:"title"`
	Number   string    `json:"number,omitempty"`
	Issuer   string    `json:"issuer"`
	IssuedAt time.Time `json:"issued_at"`
	Code     string    `json:"code"` // of the verification page, where 作废 would show
	// Content is the SHA-256 of the frozen content, as printed at the foot of
	// the page.
	Content string `json:"content_sha256"`
	// PDF is the SHA-256 of the PDF without its signature; empty outside a PDF.
	PDF   string `json:"pdf_sha256,omitempty"`
	Facts []Fact `json:"facts"`
}

// text writes a statement one line each: what is signed.
func (s Statement) text() string {
	var b strings.Builder
	b.WriteString(statementFormat + "\n")
	for _, l := range [][2]string{{"document", string(s.Document)}, {"kind", s.Kind}, {"title", s.Title}, {"number", s.Number},
		{"issuer", s.Issuer}, {"issued", s.IssuedAt.UTC().Format(time.RFC3339Nano)}, {"code", s.Code},
		{"content-sha256", s.Content}, {"pdf-sha256", s.PDF}} {
		b.WriteString(l[0] + ": " + oneLine(l[1]) + "\n")
	}
	for _, f := range s.Facts {
		b.WriteString("fact " + factName(f.Name) + " " + oneWord(f.Label) + ": " + oneLine(f.Value) + "\n")
	}
	return b.String()
}

// plain is the statement as its text says it: what Sign gives and Verify reads.
func (s Statement) plain() (Statement, error) { return parseStatement(s.text()) }

// oneLine keeps values from making lines of their own.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}

// oneWord keeps a label from ending before its colon.
func oneWord(s string) string { return strings.ReplaceAll(oneLine(s), ": ", "：") }

func factName(s string) string {
	if !nameForm.MatchString(s) {
		return "-"
	}
	return s
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func parseStatement(text string) (Statement, error) {
	var s Statement
	broken := errors.New("签名的内容不是 " + statementFormat)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 10 || lines[0] != statementFormat {
		return s, broken
	}
	var doc, issued string
	for i, f := range []struct {
		name string
		to   *string
	}{{"document", &doc}, {"kind", &s.Kind}, {"title", &s.Title}, {"number", &s.Number}, {"issuer", &s.Issuer},
		{"issued", &issued}, {"code", &s.Code}, {"content-sha256", &s.Content}, {"pdf-sha256", &s.PDF}} {
		v, ok := strings.CutPrefix(lines[i+1], f.name+": ")
		if !ok {
			return s, broken
		}
		*f.to = v
	}
	s.Document, s.Facts = id.ID(doc), []Fact{}
	var err error
	if s.IssuedAt, err = time.Parse(time.RFC3339Nano, issued); err != nil {
		return s, broken
	}
	for _, l := range lines[10:] {
		rest, ok := strings.CutPrefix(l, "fact ")
		name, rest, named := strings.Cut(rest, " ")
		label, value, told := strings.Cut(rest, ": ")
		if !ok || !named || !told {
			return s, broken
		}
		if name == "-" {
			name = ""
		}
		s.Facts = append(s.Facts, Fact{name, label, value})
	}
	if s.text() != text {
		return s, broken
	}
	return s, nil
}

// sign makes the signed note. Ed25519 is deterministic: the same statement
// gives the same bytes.
func (k *Key) sign(s Statement) ([]byte, error) {
	return note.Sign(&note.Note{Text: s.text()}, k.signer)
}
