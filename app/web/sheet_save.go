package web

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/procurement/evaluation"
)

// markings reads the part of the sheet that was sent, as typed, and shows it
// again; a score that is no number is a complaint under its own field, and an
// empty one is left for later.
func (p *sheetPage) markings(f *edge.Form) ([]evaluation.Marking, error) {
	p.Rows = slices.DeleteFunc(slices.Clone(p.all), func(x *sheetRow) bool { return !f.Has(string(x.Bid) + ".conforming") })
	var c fault.Check
	var out []evaluation.Marking
	for _, row := range p.Rows {
		p.fill(row)
		at := string(row.Bid) + "."
		row.Conforming, row.Reason, row.Comment, row.Failed = f.Get(at+"conforming"), f.Get(at+"reason"), f.Get(at+"comment"), f.All(at+"failed")
		m := evaluation.Marking{Bid: row.Bid, Failed: row.Failed, Reason: row.Reason, Comment: row.Comment, Scores: map[string]int64{}}
		if row.Conforming != "" {
			yes := row.Conforming == "yes"
			m.Conforming = &yes
		}
		for j, q := range p.Desk.Questions {
			cell := &row.Cells[j]
			cell.Value = f.Get(cell.Field)
			cell.Options = pointsOptions(q.Bands, cell.Value)
			if cell.Value == "" {
				continue
			}
			v, err := evaluation.ParsePoints(cell.Value)
			if err != nil {
				c.Fail(cell.Field, "“%s”的“%s”：%s", row.Name, q.Name, err.Error())
				continue
			}
			m.Scores[q.Key] = v
		}
		out = append(out, m)
	}
	return out, c.Err()
}

func (w *Web) sheetStore(r *edge.Request) (*sheetPage, *edge.Form, error) {
	p, err := w.sheetPage(r)
	if err != nil {
		return nil, nil, err
	}
	f, err := r.Form()
	if err != nil {
		return nil, nil, err
	}
	in, err := p.markings(f)
	if err == nil {
		err = w.Evaluations.Save(r.Context(), r.Actor(), p.Desk.Tender.ID, in)
	}
	return p, f, err
}

func (w *Web) sheetSave(r *edge.Request) (edge.Response, error) {
	p, f, err := w.sheetStore(r)
	if err != nil {
		if p == nil {
			return edge.Response{}, err
		}
		return again("evaluation/sheet", p, err)
	}
	to, _ := p.Narrow.pressed(f)
	return edge.Redirect(to).Flash("ok", "已保存"), nil
}

// sheetAutosave saves what is on the screen and says how much is left of all.
func (w *Web) sheetAutosave(r *edge.Request) (edge.Response, error) {
	if _, _, err := w.sheetStore(r); err != nil {
		return edge.Response{}, err
	}
	p, err := w.sheetPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.JSON(200, map[string]int{"left": p.Left, "unfinished": p.Unfinished}), nil
}

// sheetHandIn hands in what is on the screen and on every other page: the
// screen is saved first, for it may be newer than the last draft.
func (w *Web) sheetHandIn(r *edge.Request) (edge.Response, error) {
	p, _, err := w.sheetStore(r)
	if err != nil {
		if p == nil {
			return edge.Response{}, err
		}
		return again("evaluation/sheet", p, err)
	}
	sent := p
	if p, err = w.sheetPage(r); err != nil {
		return edge.Response{}, err
	}
	if err := w.Evaluations.HandIn(r.Context(), r.Actor(), p.Desk.Tender.ID); err != nil {
		return again("evaluation/sheet", p, p.unfinished(sent, err))
	}
	return edge.Redirect("/panels").Flash("ok", "评分已提交；全部成员提交后进行汇总"), nil
}

// unfinished shows what keeps a sheet from being handed in: of a sheet of many
// pages, the first of those that lack something.
func (p *sheetPage) unfinished(sent *sheetPage, err error) error {
	var f *fault.Fault
	if p.Narrow.Pages < 2 && !p.Narrow.Active() || !errors.As(err, &f) || len(f.Fields) == 0 {
		p.Rows = nil
		for _, x := range p.all {
			if slices.ContainsFunc(sent.Rows, func(y *sheetRow) bool { return x.Bid == y.Bid }) {
				p.fill(x)
				p.Rows = append(p.Rows, x)
			}
		}
		return err
	}
	p.Narrow = narrowed{At: p.Narrow.At, Show: "todo", Write: p.May}
	p.Rows = narrow(&p.Narrow, p.all, sheetPart, func(x *sheetRow) string { return x.Name }, sheetGroups)
	var c fault.Check
	for _, row := range p.Rows {
		p.fill(row)
		for _, x := range f.Fields {
			if strings.HasPrefix(x.Name, string(row.Bid)+".") {
				c.Fail(x.Name, "%s", x.Message)
			}
		}
	}
	if p.Unfinished <= len(p.Rows) || c.Err() == nil {
		return err
	}
	errors.As(c.Err(), &f)
	f.Message = fmt.Sprintf("还有 %d 份投标没有填好，下面是前 %d 份", p.Unfinished, len(p.Rows))
	return f
}
