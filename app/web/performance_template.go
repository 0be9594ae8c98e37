package web

import (
	"fmt"
	"strconv"
	"strings"

	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/templates"
)

const treesHref = "/performance/templates"

var treesCrumb = templates.Crumb{Label: "绩效指标体系", Href: treesHref}

// treeListPage is performance/trees.html.
type treeListPage struct {
	templates.Chrome
	Own     []performance.Own
	Shipped []performance.Tree
	Write   bool
}

func (w *Web) treeList(r *edge.Request) (edge.Response, error) {
	own, err := w.Performance.Owned(r.Context(), r.Actor())
	if err != nil {
		return edge.Response{}, err
	}
	p := &treeListPage{Own: own, Shipped: performance.Templates(), Write: w.Performance.MayWrite(r.Actor())}
	p.Title = "绩效指标体系"
	return edge.HTML(200, "performance/trees", p), nil
}

// treePage is performance/tree.html: one tree, with its versions where it is
// the payer's own.
type treePage struct {
	templates.Chrome
	Tree     performance.Tree
	Code     id.ID // "" of one that ships
	Rows     []treeRow
	Versions []performance.Own
	Cautions []string
	Write    bool
}

func (w *Web) treeShow(r *edge.Request) (edge.Response, error) {
	p := &treePage{Write: w.Performance.MayWrite(r.Actor())}
	tree, ok := performance.Template(r.Param("code"))
	if !ok {
		list, err := w.Performance.Versions(r.Context(), r.Actor(), id.ID(r.Param("code")))
		if err != nil {
			return edge.Response{}, err
		}
		p.Versions, p.Code, tree = list, list[0].Code, list[0].Tree
		if n := number(r.Query("version")); n >= 1 && n <= int64(len(list)) {
			tree = list[int64(len(list))-n].Tree
		}
	}
	p.Tree, p.Rows, p.Cautions = tree, treeRows(tree.Indicators, 1), tree.Cautions(rules.At(r.Now()))
	p.Title = tree.Title()
	p.Breadcrumbs = []templates.Crumb{treesCrumb, {Label: p.Title}}
	return edge.HTML(200, "performance/tree", p), nil
}

// treeEditPage is performance/tree_edit.html.
type treeEditPage struct {
	templates.Chrome
	Action, Name, Basis string
	Rows                []treeEditRow
	Sum, Lacks          string
	Firsts              []templates.Option
	Kinds, Sources      []templates.Option
}

type treeEditRow struct {
	At    string // "rows.0."
	No    int
	Index int
	performance.RowForm
}

func (w *Web) treeEditPage(r *edge.Request, f performance.OwnForm) *treeEditPage {
	p := &treeEditPage{Action: r.Path(), Name: f.Name, Basis: f.Basis, Sum: performance.Points(f.Sum())}
	p.Title = "编辑指标体系"
	p.Breadcrumbs = []templates.Crumb{treesCrumb, {Label: p.Title}}
	switch d := performance.FullMarks - f.Sum(); {
	case d > 0:
		p.Lacks = "还差 " + performance.Points(d) + " 分"
	case d < 0:
		p.Lacks = "多出 " + performance.Points(-d) + " 分"
	}
	for i, row := range f.Rows {
		p.Rows = append(p.Rows, treeEditRow{fmt.Sprintf("rows.%d.", i), i + 1, i, row})
	}
	for _, n := range performance.Pillars() {
		p.Firsts = append(p.Firsts, templates.Option{Value: n, Label: n})
	}
	for _, k := range performance.Kinds() {
		p.Kinds = append(p.Kinds, templates.Option{Value: string(k), Label: k.Name()})
	}
	for _, s := range performance.Sources() {
		p.Sources = append(p.Sources, templates.Option{Value: string(s), Label: s.Name()})
	}
	return p
}

func readTree(f *edge.Form) performance.OwnForm {
	out := performance.OwnForm{Name: f.Get("name"), Basis: f.Get("basis")}
	for i := 0; f.Has(fmt.Sprintf("rows.%d.name", i)) && i < 200; i++ {
		at := fmt.Sprintf("rows.%d.", i)
		out.Rows = append(out.Rows, performance.RowForm{First: f.Get(at + "first"), Second: f.Get(at + "second"), Name: f.Get(at + "name"), Standard: f.Get(at + "standard"),
			Kind: performance.Kind(f.Get(at + "kind")), Weight: f.Get(at + "weight"), Source: performance.Source(f.Get(at + "source")), Unit: f.Get(at + "unit"), Steps: f.Get(at + "steps")})
	}
	return out
}

// treeNew shows the form of a new own tree, made from one that ships or from
// an own one; treeEdit that of the next version.
func (w *Web) treeNew(r *edge.Request) (edge.Response, error) {
	if !w.Performance.MayWrite(r.Actor()) {
		return edge.Response{}, w.Performance.RequireWrite(r.Actor())
	}
	tree, err := w.chosenTree(r, r.Query("base"))
	if err != nil {
		return edge.Response{}, err
	}
	f := performance.FormOf(tree)
	f.Name = strings.TrimSuffix(f.Name, "（本单位）") + "（本单位）"
	return edge.HTML(200, "performance/tree_edit", w.treeEditPage(r, f)), nil
}

func (w *Web) treeEdit(r *edge.Request) (edge.Response, error) {
	if err := w.Performance.RequireWrite(r.Actor()); err != nil {
		return edge.Response{}, err
	}
	list, err := w.Performance.Versions(r.Context(), r.Actor(), id.ID(r.Param("code")))
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "performance/tree_edit", w.treeEditPage(r, performance.FormOf(list[0].Tree))), nil
}

// treeSave adds or takes away a row, or saves the tree as a version.
func (w *Web) treeSave(r *edge.Request) (edge.Response, error) {
	form, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.Performance.RequireWrite(r.Actor()); err != nil {
		return edge.Response{}, err
	}
	f := readTree(form)
	step, arg, _ := strings.Cut(form.Get("step"), ".")
	switch step {
	case "count":
		return edge.HTML(200, "performance/tree_edit", w.treeEditPage(r, f)), nil
	case "add":
		f.Rows = insertRow(f.Rows, arg)
		return edge.HTML(200, "performance/tree_edit", w.treeEditPage(r, f)), nil
	case "remove":
		if n, err := strconv.Atoi(arg); err == nil && n >= 0 && n < len(f.Rows) {
			f.Rows = append(f.Rows[:n], f.Rows[n+1:]...)
		}
		return edge.HTML(200, "performance/tree_edit", w.treeEditPage(r, f)), nil
	}
	own, err := w.Performance.Keep(r.Context(), r.Actor(), id.ID(r.Param("code")), r.Query("base"), f)
	if err != nil {
		return again("performance/tree_edit", w.treeEditPage(r, f), err)
	}
	return edge.Redirect(treesHref+"/"+string(own.Code)).Flash("ok", "已保存为第 "+strconv.FormatInt(own.Version, 10)+" 版，可以用于新的绩效评价"), nil
}

// insertRow puts an empty row behind the last one of a first-level indicator.
func insertRow(rows []performance.RowForm, first string) []performance.RowForm {
	at := len(rows)
	for i, r := range rows {
		if r.First == first {
			at = i + 1
		}
	}
	row := performance.RowForm{First: first, Kind: performance.Qualitative}
	if at > 0 && rows[at-1].First == first {
		row.Second = rows[at-1].Second
	}
	return append(rows[:at:at], append([]performance.RowForm{row}, rows[at:]...)...)
}

func (w *Web) treeRetire(r *edge.Request) (edge.Response, error) {
	_, err := r.Form()
	if err == nil {
		err = w.Performance.Retire(r.Context(), r.Actor(), id.ID(r.Param("code")))
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect(treesHref).Flash("ok", "已停用，已经开始的评价不受影响"), nil
}
