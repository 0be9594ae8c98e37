package rules

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// texts are the short names of the texts, as tests are named.
var texts = []struct{ long, short string }{
	{"政府采购法实施条例第", "条例"}, {"政府采购法第", "法"}, {"财政部令第87号第", "87号令"}, {"财政部令第102号第", "102号令"}, {"财政部令第74号", "74号令"},
	{"财政部令第94号", "94号令"}, {"财政部令第110号", "110号令"}, {"财库〔2014〕214号第", "214号"}, {"财库〔2014〕214号", "214号"}, {"财库〔2021〕22号第", "22号"},
	{"财库〔2015〕124号", "124号"}, {"财库〔2016〕205号", "205号"}, {"财库〔2020〕10号", "10号"}, {"财库〔2026〕2号", "2号"}, {"财库〔2026〕12号", "12号"}, {"财库〔2022〕19号", "19号"},
}

var numbers = regexp.MustCompile(`\d+`)

// shorts are the names a test of an article may have: "87号令39", "87号令40"
// for 财政部令第87号第39–40条.
func shorts(article string) []string {
	for _, t := range texts {
		rest, ok := strings.CutPrefix(article, t.long)
		if !ok {
			continue
		}
		ns := numbers.FindAllString(rest, -1)
		if len(ns) == 0 {
			return []string{t.short}
		}
		for i, n := range ns {
			ns[i] = t.short + n
		}
		return ns
	}
	return nil
}

// Every row of the procurement tables has a test named after its article:
// t.Run("法35 …") or a table row of that name, in any test of the product.
func TestEveryArticleHasATest(t *testing.T) {
	names := testNames(t)
	has := func(short string) bool {
		named := regexp.MustCompile(`^` + regexp.QuoteMeta(short) + `($|[^0-9号令])`)
		return slices.ContainsFunc(names, named.MatchString)
	}
	lacking := map[string][]string{}
	for _, r := range shipped() {
		if r.Topic != "procurement" {
			continue
		}
		list := shorts(r.Article)
		if len(list) == 0 {
			t.Errorf("%s: the article %s has no short name", r.ID, r.Article)
		} else if !slices.ContainsFunc(list, has) {
			lacking[list[0]] = append(lacking[list[0]], r.ID)
		}
	}
	for short, ids := range lacking {
		t.Errorf("no test is named after %s: %v", short, ids)
	}
}

// testNames are the string literals of all tests that stand where a name can.
func testNames(t *testing.T) []string {
	t.Helper()
	var out []string
	root := filepath.Join("..", "..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil || !strings.ContainsAny(string(src), "法号条") {
			return err
		}
		out = append(out, literals(src)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func literals(src []byte) []string {
	var out []string
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", fset.Base(), len(src)), src, nil, 0)
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			return out
		}
		if tok != token.STRING {
			continue
		}
		if e, err := parser.ParseExpr(lit); err == nil && e != nil {
			out = append(out, strings.Trim(lit, "\"`"))
		}
	}
}
