package edge

import (
	"encoding/json"
	"strings"

	"gongji/app/kernel/fault"
)

// ResumeField is the hidden input that carries a Parked form through login.
const ResumeField = "_resume"

// Parked is a form that was sent when nobody was signed in any more. It rides
// along in the login form, so that nothing typed is lost; after login the
// person sees it again and sends it on.
type Parked struct {
	Path   string `json:"path"` // where it was going, with its query; local
	Fields []Pair `json:"fields"`
	// Files is how many files could not be kept and must be chosen again.
	Files int `json:"files,omitempty"`
}

// Encode is the hidden input's value; "" when there is nothing to keep.
func (p Parked) Encode() string {
	if p.Path == "" {
		return ""
	}
	data, err := json.Marshal(p)
	if err != nil || len(data) > 2*FormLimit {
		return ""
	}
	return string(data)
}

// DecodeParked reads a hidden input back. The value came through a browser:
// a path that is not ours, a secret, or more than FormLimit is refused.
func DecodeParked(s string) (Parked, error) {
	var p Parked
	if s == "" {
		return p, nil
	}
	refused := fault.New(fault.Invalid, "之前填写的内容无法恢复，请重新填写")
	if len(s) > 2*FormLimit || json.Unmarshal([]byte(s), &p) != nil || !LocalPath(p.Path) || len(p.Fields) > maxFields {
		return Parked{}, refused
	}
	p.Fields = keepable(p.Fields)
	return p, nil
}

// keepable leaves out tokens and secrets: they must not be shown again.
func keepable(fields []Pair) []Pair {
	kept := make([]Pair, 0, len(fields))
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		if strings.HasPrefix(name, "_") || f.Name == "" || f.Name == csrfField || secretName(name) || !goodText(f.Name) || !goodText(f.Value) {
			continue
		}
		kept = append(kept, f)
	}
	return kept
}

func secretName(name string) bool {
	for _, word := range []string{"password", "passwd", "pwd", "passphrase", "secret", "token", "otp", "captcha"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// park keeps the form of a request that cannot go on. What cannot be read is
// left out: half of what was typed is better than none.
func (r *Request) park() Parked {
	p := Parked{Path: r.target(), Fields: []Pair{}}
	if !LocalPath(p.Path) {
		return Parked{}
	}
	f := r.form
	if f == nil {
		f, _ = r.readForm(true)
	}
	p.Fields, p.Files = keepable(f.pairs), f.files
	return p
}

// target is the path with its query, as a browser would have to ask again.
func (r *Request) target() string {
	if q := string(r.c.Request().URI().QueryString()); q != "" {
		return r.path + "?" + q
	}
	return r.path
}
