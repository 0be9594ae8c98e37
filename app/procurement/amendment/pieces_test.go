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

// A number changes whole: 11月25日 never reads as 1月2日 or 12月5日.
func TestANumberChangesWhole(t *testing.T) {
	var gone, came []string
	for _, p := range (amendment.Change{Old: "2026年11月25日 24:00", New: "2026年12月9日 24:00"}).Pieces() {
		switch p.Kind {
		case "old":
			gone = append(gone, p.Text)
		case "new":
			came = append(came, p.Text)
		}
	}
	if strings.Join(gone, "|") != "11|25" || strings.Join(came, "|") != "12|9" {
		t.Errorf("went %q, came %q", gone, came)
	}
}
