package amendment_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gongji/app/procurement/amendment"
)

// FuzzPieces: what stayed and went is the old text, what stayed and came the
// new one, whatever the texts are.
func FuzzPieces(f *testing.F) {
	f.Add("按季度考核后支付", "按月考核后支付；不得转包")
	f.Add("", "新增")
	f.Add("𠮷田䶮", "𠮷野")
	f.Fuzz(func(t *testing.T, before, after string) {
		if !utf8.ValidString(before) || !utf8.ValidString(after) {
			return // texts are refused before they come here
		}
		var o, n strings.Builder
		for _, p := range (amendment.Change{Old: before, New: after}).Pieces() {
			if p.Kind != "new" {
				o.WriteString(p.Text)
			}
			if p.Kind != "old" {
				n.WriteString(p.Text)
			}
		}
		if o.String() != before || n.String() != after {
			t.Errorf("%q and %q became %q and %q", before, after, o.String(), n.String())
		}
	})
}
