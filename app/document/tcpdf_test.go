package document

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestPageForAnotherProgram writes the receipt's page apart, its runs of text
// with their places and the rest as it stands, beside the font it is set in:
// what bench/tcpdf.php draws. GONGJI_BENCH_PAGE says where to.
func TestPageForAnotherProgram(t *testing.T) {
	dir := cmp.Or(os.Getenv("GONGJI_BENCH_PAGE"), t.TempDir())
	runs, rest := page(t, receipt())
	type run struct {
		X    float64 `json:"x"`
		Y    float64 `json:"y"`
		Size float64 `json:"size"`
		Text string  `json:"text"`
	}
	out := struct {
		Runs []run  `json:"runs"`
		Rest string `json:"rest"`
	}{Rest: rest}
	for _, r := range runs {
		out.Runs = append(out.Runs, run{r.x, r.y, r.size, r.text})
	}
	b, err := json.Marshal(out)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "page.json"), b, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "font.ttf"), fontBytes(t), 0o600)
	}
	if err != nil || len(out.Runs) < 20 {
		t.Fatalf("%d runs, %v", len(out.Runs), err)
	}
}
