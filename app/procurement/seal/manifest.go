package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// Manifest is everything a bidder offers, except the bytes of the files.
type Manifest struct {
	Format   string    `json:"format"`
	Tender   id.ID     `json:"tender"`
	Supplier id.ID     `json:"supplier"`
	Price    money.Fen `json:"price"` // 分: the total, or the unit price where the tender has a unit ceiling
	Delivery string    `json:"delivery"`
	Answers  []Answer  `json:"answers"` // in the order of the questions
	Files    []File    `json:"files"`   // in the order of files/1, files/2 …
}

// Answer is what a bidder says to one question.
type Answer struct {
	Criterion string `json:"criterion"` // the question's key
	Name      string `json:"name"`      // of the question, as it read then
	Text      string `json:"text"`
}

// File is one attachment of a bid.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // hexadecimal, lower case
}

var hexSum = regexp.MustCompile(`^[0-9a-f]{64}$`)

func checkFiles(c *fault.Check, files []File) {
	c.Must(len(files) <= MaxFiles, "files", "附件最多 %d 个，现在是 %d 个；可以合并成一个文件", MaxFiles, len(files))
	seen := map[string]bool{}
	for i, f := range files {
		field := "files." + strconv.Itoa(i+1)
		switch {
		case !nameable(f.Name):
			c.Fail(field, "第 %d 个附件的文件名不能用，请改成不超过 %d 字、不含 / \\ 等符号的名字", i+1, MaxName)
		case seen[f.Name]:
			c.Fail(field, "有两个附件都叫“%s”，请改名后再加密", f.Name)
		case f.Size == 0:
			c.Fail(field, "附件“%s”是空文件，请重新选择", f.Name)
		case f.Size < 0 || f.Size > MaxFile:
			c.Fail(field, "附件“%s”超过 %d MB，请压缩或分成几个文件", f.Name, MaxFile>>20)
		}
		seen[f.Name] = true
	}
}

// nameable reports whether a file name can be shown and saved anywhere.
func nameable(s string) bool {
	return s != "" && s == strings.TrimSpace(s) && s != "." && s != ".." && utf8.ValidString(s) &&
		utf8.RuneCountInString(s) <= MaxName && strings.IndexFunc(s, func(r rune) bool {
		return strings.ContainsRune(`/\:*?"<>|`, r) || r == utf8.RuneError || !unicode.IsGraphic(r)
	}) < 0
}

// check is what every reader of a manifest may rely on. It does not know the
// tender: a price over the ceiling passes, and is for people to judge.
func (m Manifest) check() error {
	var c fault.Check
	c.Must(m.Format == BidFormat, "format", "投标文件的格式不是 %s", BidFormat)
	c.Must(id.Valid(string(m.Tender)), "tender", "投标文件中的项目编号不对")
	c.Must(id.Valid(string(m.Supplier)), "supplier", "投标文件中的供应商编号不对")
	c.Adopt("price", money.Accept(m.Price))
	tooLong(&c, "delivery", m.Delivery, MaxDelivery)
	seen := map[string]bool{}
	for _, a := range m.Answers {
		c.Must(!seen[a.Criterion], "answers."+a.Criterion, "“%s”回答了两次", a.Name)
		tooLong(&c, "answers."+a.Criterion, a.Text, MaxAnswer)
		seen[a.Criterion] = true
	}
	checkFiles(&c, m.Files)
	for i, f := range m.Files {
		c.Must(hexSum.MatchString(f.SHA256), "files."+strconv.Itoa(i+1), "附件“%s”的校验值格式不对", f.Name)
	}
	return c.Err()
}

// parseManifest is strict, so that every program that reads the same bytes
// understands the same offer: known names only, each once, valid UTF-8,
// nothing after the end.
func parseManifest(b []byte) (Manifest, error) {
	var m Manifest
	if !utf8.Valid(b) {
		return m, bad("投标文件的清单不是有效的 UTF-8 文本")
	}
	if err := namesOnce(json.NewDecoder(bytes.NewReader(b))); err != nil {
		return m, fault.Wrap(fault.Invalid, err, "投标文件的清单格式不对")
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fault.Wrap(fault.Invalid, err, "投标文件的清单格式不对")
	}
	if m.Answers == nil {
		m.Answers = []Answer{}
	}
	if m.Files == nil {
		m.Files = []File{}
	}
	return m, m.check()
}

var manifestNames = map[string]bool{"format": true, "tender": true, "supplier": true, "price": true, "delivery": true,
	"answers": true, "criterion": true, "name": true, "text": true, "files": true, "size": true, "sha256": true, "round": true}

// namesOnce refuses an object with an unknown name (Go would match "Price" to
// price, JavaScript would not) or with one name twice, deep nesting, and
// anything after the first value.
func namesOnce(dec *json.Decoder) error {
	if err := walk(dec, 0); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the manifest")
	}
	return nil
}

func walk(dec *json.Decoder, depth int) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	open, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	if depth > 4 {
		return errors.New("nested too deeply")
	}
	seen := map[string]bool{}
	for dec.More() {
		if open == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string)
			if !manifestNames[name] || seen[name] {
				return errors.New("unknown or repeated name " + strconv.Quote(name))
			}
			seen[name] = true
		}
		if err := walk(dec, depth+1); err != nil {
			return err
		}
	}
	_, err = dec.Token() // the closing delimiter
	return err
}
