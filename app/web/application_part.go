package web

import (
	"fmt"
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/templates"
)

// askedField is a question on the page, with what was answered.
type askedField struct {
	application.Asked
	Field   string // its form name
	Value   string
	Options []templates.Option
	Columns []string
	Rows    []tableRow
	Files   []templates.File
}

// tableRow is a row of a table question; empty ones wait to be filled.
type tableRow struct {
	No    int
	Cells []tableCell
}

type tableCell struct{ Field, Label, Value string }

// budgetRow is a row of the budget as typed.
type budgetRow struct {
	No int
	application.Row
}

// Field is the name of one of the row's inputs.
func (b budgetRow) Field(name string) string { return fmt.Sprintf("budget.%d.%s", b.No, name) }

// paperSlot is a paper that is asked for.
type paperSlot struct {
	application.Slot
	Shown []templates.File
}

// applicationPartPage is application/part.html: one part of a draft a page.
type applicationPartPage struct {
	templates.Chrome
	App         application.Application
	Call        call.Call
	Part        application.Part
	No, Of      int
	Version     int64
	Form        application.Form
	Deadline    templates.Deadline
	Facts       []application.Fact
	Tests       []application.Test
	Asked       []askedField
	Budget      []budgetRow
	Lines       []templates.Option
	Caps        string
	Sum         money.Fen
	Slots       []paperSlot
	Found       []application.Found // other money over the same days
	MayEdit     bool
	Before      string
	After       string
	Here        string
	WithoutSave bool // nothing is typed on this page
}

func (w *Web) applicationPart(r *edge.Request) (edge.Response, error) {
	a, c, err := w.application(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.applicationPartPage(r, a, c, a.Form)
	if err != nil {
		return edge.Response{}, err
	}
	if r.Query("check") != "" {
		missing, err := w.Applications.Missing(r.Context(), a, c)
		if err != nil {
			return edge.Response{}, err
		}
		p.Fault = about(missing, func(field string) bool { return partOfField(c, field) == p.Part.Key })
	}
	return edge.HTML(200, "application/part", p), nil
}

func (w *Web) applicationPartPage(r *edge.Request, a application.Application, c call.Call, form application.Form) (*applicationPartPage, error) {
	part, err := application.PartOf(c, r.Param("part"))
	if err != nil {
		return nil, err
	}
	at := "/applications/" + string(a.ID)
	p := &applicationPartPage{App: a, Call: c, Part: part, Version: a.Versions[part.Key], Form: form, MayEdit: w.Applications.Allowed(r.Context(), r.Actor(), a, "edit") && c.Open(r.Now()),
		Before: at, After: at + "/check", Here: at + "/parts/" + part.Key, Deadline: templates.Deadline{Label: "征集公告定的申请截止时间", At: *c.Deadline, Now: r.Now()}}
	p.Title = part.Title
	p.Breadcrumbs = []templates.Crumb{applicationDesk, {Label: applicationTitle(a), Href: at}, {Label: part.Title}}
	parts := application.Parts(c)
	p.Of = len(parts)
	for i, x := range parts {
		if x.Key != part.Key {
			continue
		}
		p.No = i + 1
		if i > 0 {
			p.Before = at + "/parts/" + parts[i-1].Key
		}
		if i+1 < len(parts) {
			p.After = at + "/parts/" + parts[i+1].Key
		}
	}
	return p, w.applicationPartFill(r, p)
}

func (w *Web) applicationPartFill(r *edge.Request, p *applicationPartPage) error {
	switch p.Part.Key {
	case application.Profile:
		known, err := w.Applications.Known(r.Context(), r.Actor())
		p.Facts, p.Tests = known.Facts, application.Eligible(p.Call, known)
		return err
	case application.Budget:
		for i := 0; i < max(len(p.Form.Budget)+2, 4); i++ {
			b := budgetRow{No: i + 1}
			if i < len(p.Form.Budget) {
				b.Row = p.Form.Budget[i]
			}
			p.Budget = append(p.Budget, b)
		}
		for _, l := range p.Call.Form.Budget {
			p.Lines = append(p.Lines, templates.Option{Value: l.Name, Label: l.Name})
			if l.Cap != "" {
				p.Caps += fmt.Sprintf("“%s”不超过申请总额的 %d%%。", l.Name, l.Percent())
			}
		}
		if p.App.Asked != nil {
			p.Sum = *p.App.Asked
		}
		return nil
	}
	if p.Part.Key == application.Project {
		found, err := w.Applications.Overlaps(r.Context(), r.Actor(), p.App.ID)
		if p.Found = found; err != nil {
			return err
		}
	}
	if p.App.State != application.Draft {
		return nil
	}
	_, slots, err := w.Applications.Preview(r.Context(), r.Actor(), p.App.ID)
	if err != nil {
		return err
	}
	if p.Part.Key == application.Papers {
		p.WithoutSave = true
		for _, s := range slots {
			if s.Key[0] == 'd' {
				p.Slots = append(p.Slots, paperSlot{s, slotFiles(s)})
			}
		}
	}
	for _, q := range application.Questions(p.Call, p.Part) {
		p.Asked = append(p.Asked, askedOf(q, p.Form, slots))
	}
	return nil
}

func slotFiles(s application.Slot) []templates.File {
	var out []templates.File
	for _, x := range s.Files {
		out = append(out, templates.File{ID: string(x.ID), Name: x.Name, Href: "/attachments/" + string(x.ID), Size: x.Size, SHA256: x.SHA256})
	}
	return out
}

func askedOf(q application.Asked, f application.Form, slots []application.Slot) askedField {
	x := askedField{Asked: q, Field: "answers." + q.Key(), Value: f.Answers[q.Key()]}
	switch q.Type {
	case call.Text, call.Number, call.Date: // the value is all there is
	case call.Choice:
		for _, c := range q.Choices() {
			x.Options = append(x.Options, templates.Option{Value: c, Label: c})
		}
	case call.Table:
		x.Columns = q.Choices()
		rows := f.Tables[q.Key()]
		for i := 0; i < min(max(len(rows)+2, 3), int(q.Most())); i++ {
			row := tableRow{No: i + 1}
			for j, c := range x.Columns {
				cell := tableCell{Field: fmt.Sprintf("tables.%s.%d.%d", q.Key(), i+1, j+1), Label: fmt.Sprintf("第 %d 行：%s", i+1, c)}
				if i < len(rows) && j < len(rows[i]) {
					cell.Value = rows[i][j]
				}
				row.Cells = append(row.Cells, cell)
			}
			x.Rows = append(x.Rows, row)
		}
	case call.File:
		for _, s := range slots {
			if s.Key == q.Key() {
				x.Files = slotFiles(s)
			}
		}
	}
	return x
}

// typedApplication reads the fields of every part that the form has.
func typedApplication(f *edge.Form, c call.Call) application.Form {
	in := application.Form{Title: f.Get("title"), Summary: f.Get("summary"), Beneficiaries: f.Get("beneficiaries"), Start: f.Get("start"), End: f.Get("end"),
		Overlap: f.Get("overlap"), Confirmed: f.Get("confirmed") == "yes", Answers: map[string]string{}, Tables: map[string][][]string{}}
	for i := 1; f.Has(fmt.Sprintf("budget.%d.item", i)) && i <= 60; i++ {
		at := func(name string) string { return f.Get(fmt.Sprintf("budget.%d.%s", i, name)) }
		in.Budget = append(in.Budget, application.Row{Line: at("line"), Item: at("item"), Amount: at("amount")})
	}
	for i, q := range c.Form.Questions {
		key := strconv.Itoa(i + 1)
		in.Answers[key] = f.Get("answers." + key)
		if q.Type != call.Table {
			continue
		}
		for n := 1; f.Has(fmt.Sprintf("tables.%s.%d.1", key, n)) && n <= 200; n++ {
			var row []string
			for j := range q.Choices() {
				row = append(row, f.Get(fmt.Sprintf("tables.%s.%d.%d", key, n, j+1)))
			}
			in.Tables[key] = append(in.Tables[key], row)
		}
	}
	return in
}

func (w *Web) applicationSaved(r *edge.Request) (application.Application, call.Call, application.Form, *edge.Form, error) {
	a, c, err := w.application(r)
	if err != nil {
		return a, c, application.Form{}, nil, err
	}
	f, err := r.Form()
	if err != nil {
		return a, c, application.Form{}, nil, err
	}
	in := typedApplication(f, c)
	saved, err := w.Applications.Save(r.Context(), r.Actor(), a.ID, r.Param("part"), number(f.Get("version")), in)
	if err == nil {
		a = saved
	}
	return a, c, in, f, err
}

func (w *Web) applicationSave(r *edge.Request) (edge.Response, error) {
	a, c, in, f, err := w.applicationSaved(r)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound || f == nil {
			return edge.Response{}, err
		}
		p, perr := w.applicationPartPage(r, a, c, in)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Version = number(f.Get("version"))
		return again("application/part", p, err)
	}
	p, err := w.applicationPartPage(r, a, c, a.Form)
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("step") == "more" {
		return edge.Redirect(p.Here).Flash("ok", "已保存，可以继续加行"), nil
	}
	return edge.Redirect(p.After), nil
}

// applicationAutosave answers with the part's new version, which the page
// sends the next time: two people in one part are told, never overwritten.
func (w *Web) applicationAutosave(r *edge.Request) (edge.Response, error) {
	a, _, _, _, err := w.applicationSaved(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.JSON(200, map[string]int64{"version": a.Versions[r.Param("part")]}), nil
}

// applicationCheckPage is application/check.html.
type applicationCheckPage struct {
	templates.Chrome
	App      application.Application
	Call     call.Call
	Content  application.Content
	Missing  []missingAt
	Parts    []application.Part
	Deadline templates.Deadline
	Submit   templates.Action
}

type missingAt struct{ Href, Text string }

func (w *Web) applicationCheck(r *edge.Request) (edge.Response, error) {
	p, err := w.applicationCheckPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "application/check", p), nil
}

func (w *Web) applicationCheckPage(r *edge.Request) (*applicationCheckPage, error) {
	a, c, err := w.application(r)
	if err != nil {
		return nil, err
	}
	at := "/applications/" + string(a.ID)
	p := &applicationCheckPage{App: a, Call: c, Parts: application.Parts(c), Deadline: templates.Deadline{Label: "征集公告定的申请截止时间", At: *c.Deadline, Now: r.Now()}}
	p.Title = "核对后提交"
	p.Breadcrumbs = []templates.Crumb{applicationDesk, {Label: applicationTitle(a), Href: at}, {Label: p.Title}}
	if p.Content, _, err = w.Applications.Preview(r.Context(), r.Actor(), a.ID); err != nil {
		return nil, err
	}
	missing, err := w.Applications.Missing(r.Context(), a, c)
	for _, m := range missing {
		p.Missing = append(p.Missing, missingAt{at + "/parts/" + partOfField(c, m.Name) + "?check=1", m.Message})
	}
	p.Submit = templates.Action{Title: "提交申请", Text: "提交后内容冻结，随时可以查看；截止前可以撤回再改。", Label: "确认提交", Post: at + "/submit", CSRF: r.CSRF()}
	return p, err
}
