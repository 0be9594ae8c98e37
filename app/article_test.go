package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gongji/app/kernel/law"
)

// cited is an article of a text of law as it stands in words.
var cited = regexp.MustCompile(`(政府采购法实施条例|实施条例|政府采购法|慈善法|民法典|基金会管理条例|个人信息保护法|(?:财政部|民政部)令第\d+号|财[库预综]〔\d{4}〕\d+号)(?:第\d+(?:[–、]\d+)*条)?`)

// TestNoArticleFromMemoryPassesAsRead: an article that was not read and stands
// in Go is written law.Cite("…"), which adds 待核 wherever it is shown: in
// errors, on timelines, in PDFs, in JSON. In a template it stands only where
// the function article draws it. Rules as data say it themselves; what the
// people of the demonstration write is theirs.
func TestNoArticleFromMemoryPassesAsRead(t *testing.T) {
	for _, root := range []string{".", filepath.Join("..", "templates"), filepath.Join("..", "cmd")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "dist" || d.Name() == "testdata" || d.Name() == "law" || d.Name() == "schema" || path == "demo"):
				return filepath.SkipDir
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
				return goArticles(t, path)
			case strings.HasSuffix(path, ".html"):
				return pageArticles(t, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func goArticles(t *testing.T, path string) error {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	through := map[*ast.BasicLit]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Cite" {
				if l, ok := n.Args[0].(*ast.BasicLit); ok {
					through[l] = true
				}
			}
		case *ast.Field: // struct tags: descriptions of the API
			if n.Tag != nil {
				openIn(t, fset.Position(n.Tag.Pos()).String(), n.Tag.Value)
				through[n.Tag] = true
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && !through[n] {
				openIn(t, fset.Position(n.Pos()).String(), s)
			}
		}
		return true
	})
	return nil
}

// openIn complains about every article in words that was not read and does not
// say 待核 behind it.
func openIn(t *testing.T, where, words string) {
	t.Helper()
	for _, at := range cited.FindAllStringIndex(words, -1) {
		if a := words[at[0]:at[1]]; !law.Read(a) && !strings.HasPrefix(words[at[1]:], "，"+law.Open) {
			t.Errorf("%s: %s was not read; write law.Cite(%q)", where, a, a)
		}
	}
}

// drawn is an article that the templates' function draws.
var drawn = regexp.MustCompile(`article"? "[^"]*"`)

func pageArticles(t *testing.T, path string) error {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	openIn(t, path, drawn.ReplaceAllString(string(b), ""))
	return nil
}
