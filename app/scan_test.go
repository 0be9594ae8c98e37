package app_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// beside finds "return x, …Scan(ctx)": Go may read x before Scan has filled it,
// so the caller gets nothing and no error.
var beside = regexp.MustCompile(`(?m)^\s*return \*?[a-z]\w*(\.\w+)?, .*\.Scan\(ctx`)

func TestNoResultIsReturnedBesideItsScan(t *testing.T) {
	for _, root := range []string{".", "../storage"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			b, err := os.ReadFile(path)
			for _, x := range beside.FindAllString(string(b), -1) {
				t.Errorf("%s: %s: assign the error first", path, strings.TrimSpace(x))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
