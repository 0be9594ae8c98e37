package edge

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
)

// Pair is one field of a form.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Form is the body of a form, in the order it was sent. The query string is
// never part of it.
type Form struct {
	pairs []Pair
	files int // passed over when parking
}

// Get is the first value of a field with the space around it taken off; ""
// when absent.
func (f *Form) Get(name string) string {
	for _, p := range f.pairs {
		if p.Name == name {
			return strings.TrimSpace(p.Value)
		}
	}
	return ""
}

// All are the values of a field in order.
func (f *Form) All(name string) []string {
	var vs []string
	for _, p := range f.pairs {
		if p.Name == name {
			vs = append(vs, strings.TrimSpace(p.Value))
		}
	}
	return vs
}

// Has reports whether the field was sent, even empty.
func (f *Form) Has(name string) bool {
	for _, p := range f.pairs {
		if p.Name == name {
			return true
		}
	}
	return false
}

// Names are the fields in the order they first came.
func (f *Form) Names() []string {
	var names []string
	seen := map[string]bool{}
	for _, p := range f.pairs {
		if !seen[p.Name] {
			seen[p.Name] = true
			names = append(names, p.Name)
		}
	}
	return names
}

// Pairs are the fields as they came, untrimmed.
func (f *Form) Pairs() []Pair { return append([]Pair(nil), f.pairs...) }

const maxFields = 5000

// Form is the request's form: urlencoded, or multipart without files. A
// request without a body has an empty one. TooLarge over FormLimit; Invalid
// when it is broken.
func (r *Request) Form() (*Form, error) {
	if r.form == nil && r.formErr == nil {
		r.form, r.formErr = r.readForm(false)
		if r.formErr == nil {
			r.formErr = r.checkToken(r.form.Get(csrfField))
		}
	}
	return r.form, r.formErr
}

// readForm parses the body; with skip it passes over files instead of
// refusing them and keeps what it could read.
func (r *Request) readForm(skip bool) (*Form, error) {
	if !skip {
		r.body.limit = min(r.body.limit, FormLimit)
	}
	kind, params, _ := mime.ParseMediaType(r.c.Get(fiber.HeaderContentType))
	switch {
	case r.body.src == nil || r.body.size == 0:
		return &Form{}, nil
	case kind == "application/x-www-form-urlencoded":
		data, err := r.body.all()
		if err != nil {
			return &Form{}, err
		}
		return parseURLEncoded(string(data))
	case kind == "multipart/form-data":
		return readMultipart(r.body, params["boundary"], skip)
	}
	return &Form{}, errMediaType
}

// parseURLEncoded keeps the order that url.ParseQuery loses; a parked form
// must come back as it was.
func parseURLEncoded(s string) (*Form, error) {
	f := &Form{}
	if s == "" {
		return f, nil
	}
	for item := range strings.SplitSeq(s, "&") {
		if item == "" {
			continue
		}
		k, v, _ := strings.Cut(item, "=")
		name, err1 := url.QueryUnescape(k)
		value, err2 := url.QueryUnescape(v)
		if err1 != nil || err2 != nil {
			return f, fault.New(fault.Invalid, "提交的内容格式不对，请重新提交")
		}
		if err := f.add(name, value); err != nil {
			return f, err
		}
	}
	return f, nil
}

func readMultipart(b *body, boundary string, skip bool) (*Form, error) {
	f, total := &Form{}, 0
	mr := multipart.NewReader(b, boundary)
	for {
		part, err := mr.NextRawPart()
		if err == io.EOF { //nolint:errorlint // a wrapped one is a body cut short, only the bare one is its end
			return f, nil
		}
		if err != nil {
			return f, b.explain(err)
		}
		if part.FileName() != "" {
			if skip {
				f.files++
				continue
			}
			return f, fault.New(fault.Invalid, "这里不能上传文件")
		}
		data, err := io.ReadAll(io.LimitReader(part, FormLimit+1))
		if err != nil {
			return f, b.explain(err)
		}
		if total += len(data); total > FormLimit {
			return f, tooLarge(FormLimit)
		}
		if err := f.add(part.FormName(), string(data)); err != nil {
			return f, err
		}
	}
}

func (f *Form) add(name, value string) error {
	if !goodText(name) || !goodText(value) {
		return &fault.Fault{Kind: fault.Invalid, Message: "有 1 处需要修改，请按提示改正后再提交",
			Fields: []fault.Field{{Name: strings.ToValidUTF8(name, ""), Message: "含有无法保存的字符，请重新输入"}}}
	}
	if len(f.pairs) >= maxFields {
		return fault.New(fault.TooLarge, "填写的栏目太多：最多 %d 项", maxFields)
	}
	f.pairs = append(f.pairs, Pair{name, value})
	return nil
}

var errMediaType = &statusError{status: 415, err: errors.New("unsupported media type")}
