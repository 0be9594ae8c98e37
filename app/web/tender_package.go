package web

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// packageRow is one row of the table of packages.
type packageRow struct {
	tender.PackageForm
	Index int
}

// Field is the name of one of the row's fields.
func (p packageRow) Field(name string) string {
	return "packages." + strconv.Itoa(p.Index) + "." + name
}

// Row is the package's number as people count.
func (p packageRow) Row() int { return p.Index + 1 }

func packageRows(list []tender.PackageForm) []packageRow {
	var out []packageRow
	for i, p := range list {
		out = append(out, packageRow{p, i})
	}
	return out
}

// packagesOf reads the rows as criteriaOf does.
func packagesOf(f *edge.Form) []tender.PackageForm {
	out := []tender.PackageForm{}
	for i := range 40 {
		at := "packages." + strconv.Itoa(i) + "."
		if !f.Has(at+"name") || f.Get("remove") == strconv.Itoa(i) {
			continue
		}
		p := tender.PackageForm{Name: f.Get(at + "name"), What: f.Get(at + "what"), Budget: f.Get(at + "budget"), Ceiling: f.Get(at + "ceiling"),
			Unit: f.Get(at + "unit"), Quantity: f.Get(at + "quantity")}
		if p != (tender.PackageForm{}) {
			out = append(out, p)
		}
	}
	if f.Has("add") {
		out = append(out, tender.PackageForm{})
	}
	return out
}

func packageAnswers(t tender.Tender, add func(name, label, value string)) {
	for i, p := range t.Form.Packages {
		price := "最高限价 " + p.Ceiling + " 元"
		if p.Unit != "" {
			price += "/" + p.Unit + "，预计 " + p.Quantity + " " + p.Unit
		}
		add("packages."+strconv.Itoa(i)+".name", strconv.Itoa(i+1)+"包 "+p.Name, "预算 "+p.Budget+" 元，"+price+"\n"+p.What)
	}
	if len(t.Form.Packages) == 0 {
		add("packages", "分包", "不分包")
	}
}

var (
	reservedNames = map[string]string{"yes": "整体预留，专门面向中小企业", "part": "部分预留", "no": "不预留"}
	surveyNames   = map[string]string{"conducted": "已开展，见调查记录", "within_year": "一年内已就同一标的开展过", "feasibility": "前期工作已包含需求调查", "not_required": "不属于应当开展的情形"}
)

// packageLinks are the 包 of the same project.
func (w *Web) packageLinks(r *edge.Request, t tender.Tender) ([]templates.Task, error) {
	if t.Project == nil {
		return nil, nil
	}
	all, err := w.Tenders.Siblings(r.Context(), t)
	var out []templates.Task
	for _, x := range all {
		l := templates.Task{Title: x.Title, Hint: x.No() + "，预算 " + yuan(x.Budget) + "，" + x.StateAt(r.Now()).Name()}
		if x.ID != t.ID {
			l.Href = tenderPath(x.ID)
		}
		out = append(out, l)
	}
	return out, err
}
