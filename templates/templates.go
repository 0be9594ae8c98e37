// Package templates turns page structs into HTML. Every page is one file,
// parsed with the layout and the partials it calls into its own explicit set, so no
// page can see another's definitions. Escaping is html/template's alone.
//
// How to add a page is in docs/pages.md.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
	"text/template/parse"
)

//go:embed *.html */*.html
var pages embed.FS

// Set holds every page, parsed. It is safe for concurrent use.
type Set struct {
	pages map[string]*template.Template
}

// Layout and partial folders are part of every page and are not pages.
const (
	layoutDir  = "layout"
	partialDir = "partial"
	root       = "base.html"
)

// New parses every page under templates/. An error names the file that does
// not parse.
func New() (*Set, error) { return parseAll(pages) }

func parseAll(fsys fs.FS) (*Set, error) {
	base, err := template.New(root).Funcs(funcs()).
		ParseFS(fsys, layoutDir+"/*.html", partialDir+"/*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: layout and partials: %w", err)
	}
	s := &Set{pages: map[string]*template.Template{}}
	err = fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if dir := path.Dir(p); d.IsDir() || path.Ext(p) != ".html" || dir == layoutDir || dir == partialDir {
			return nil
		}
		t, err := template.New(root).Funcs(funcs()).ParseFS(fsys, p)
		if err != nil {
			return fmt.Errorf("templates: %s: %w", p, err)
		}
		if t.Lookup("main") == nil {
			return fmt.Errorf(`templates: %s does not define "main"`, p)
		}
		if err := complete(t, base); err != nil {
			return fmt.Errorf("templates: %s: %w", p, err)
		}
		s.pages[strings.TrimSuffix(p, ".html")] = t.Lookup(root)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// complete gives a page the layout and, of the partials, those it reaches: all
// of them in every page would be most of the memory of a process at rest.
func complete(page, base *template.Template) error {
	open := []string{root}
	for _, t := range page.Templates() {
		if t.Tree != nil {
			open = called(t.Tree.Root, open)
		}
	}
	for len(open) > 0 {
		name := open[len(open)-1]
		open = open[:len(open)-1]
		have := page.Lookup(name)
		if have != nil && have.Tree != nil {
			continue
		}
		from := base.Lookup(name)
		if from == nil || from.Tree == nil {
			return fmt.Errorf("no definition of %q", name)
		}
		if _, err := page.AddParseTree(name, from.Tree.Copy()); err != nil {
			return err
		}
		open = called(from.Tree.Root, open)
	}
	return nil
}

// called appends the names of the templates that a node calls.
func called(n parse.Node, names []string) []string {
	branch := func(b parse.BranchNode) {
		names = called(b.List, names)
		if b.ElseList != nil {
			names = called(b.ElseList, names)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, x := range n.Nodes {
			names = called(x, names)
		}
	case *parse.IfNode:
		branch(n.BranchNode)
	case *parse.RangeNode:
		branch(n.BranchNode)
	case *parse.WithNode:
		branch(n.BranchNode)
	case *parse.TemplateNode:
		names = append(names, n.Name)
	}
	return names
}

// Names lists the pages, sorted: "error", "account/login", …
func (s *Set) Names() []string {
	out := make([]string, 0, len(s.pages))
	for n := range s.pages {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Lookup is the parsed page, for tests that look inside; nil when there is
// none.
func (s *Set) Lookup(name string) *template.Template { return s.pages[name] }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKept is the largest buffer worth keeping for the next page, in bytes.
const maxKept = 1 << 20

// Render writes a whole page. name is the path under templates/ without
// ".html" ("tender/show"); page is a pointer to the page's struct, which
// embeds Chrome. Nothing is written when the template fails.
func (s *Set) Render(w io.Writer, name string, page any) error {
	return s.execute(w, name, root, page)
}

// Part writes one definition of a page alone, for an htmx request that
// replaces a region: Part(w, "tender/list", "rows", page).
func (s *Set) Part(w io.Writer, name, define string, data any) error {
	return s.execute(w, name, define, data)
}

func (s *Set) execute(w io.Writer, name, define string, data any) error {
	t, ok := s.pages[name]
	if !ok {
		return fmt.Errorf("templates: no page %q", name)
	}
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer func() {
		if b.Cap() <= maxKept {
			buffers.Put(b)
		}
	}()
	if err := t.ExecuteTemplate(b, define, data); err != nil {
		return fmt.Errorf("templates: %s: %w", name, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
