package web

import (
	"fmt"
	"slices"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/procurement/evaluation"
)

// eligibilityCheck saves what was judged on the page. Bidders of other pages,
// and verdicts that stand as they were, are left alone: whoever looks through
// a colleague's page does not become its author.
func (w *Web) eligibilityCheck(r *edge.Request) (edge.Response, error) {
	p, err := w.eligibilityPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in, err := p.judged(f)
	if err == nil && len(in) > 0 {
		err = w.Evaluations.Check(r.Context(), r.Actor(), p.Tender.ID, in)
	}
	if err != nil {
		return again("evaluation/eligibility", p, err)
	}
	to, words := p.onward(f)
	return edge.Redirect(to).Flash("ok", words), nil
}

// judged reads the verdicts as typed, and shows the page that was sent again.
func (p *eligibilityPage) judged(f *edge.Form) ([]evaluation.Checking, error) {
	var in []evaluation.Checking
	var c fault.Check
	p.Rest = f.Get("rest") != ""
	sent := f.All("row")
	if len(sent) > 0 {
		p.Rows = slices.DeleteFunc(slices.Clone(p.all), func(x *eligibilityRow) bool { return !slices.Contains(sent, string(x.Bid)) })
	}
	for _, row := range p.all {
		at, was := string(row.Bid)+".", *row
		passed, failed, reason := f.Get(at+"passed"), f.All(at+"failed"), f.Get(at+"reason")
		typed := passed != "" || len(failed) > 0 || reason != ""
		switch {
		case typed:
			row.Passed, row.Failed, row.Reason = passed, failed, reason
		case p.Rest && row.Passed == "" && len(row.Flagged) == 0:
			// What was found against a bidder is not passed over by a tick for all.
			row.Passed = "yes"
		default:
			continue
		}
		c.Must(row.Passed != "", at+"passed", "请判断“%s”是否合格", row.Name)
		if row.Passed == "yes" && was.Passed == "yes" || row.Passed == was.Passed && slices.Equal(row.Failed, was.Failed) && row.Reason == was.Reason {
			continue
		}
		in = append(in, evaluation.Checking{Bid: row.Bid, Passed: row.Passed == "yes", Failed: row.Failed, Reason: row.Reason})
	}
	if none := !slices.ContainsFunc(p.Rows, func(x *eligibilityRow) bool { return x.Passed != "" }); none && f.Get("go") == "" && len(p.Rows) > 0 {
		c.Fail(string(p.Rows[0].Bid)+".passed", "这一页还没有判断，请先选择合格或者不合格")
	}
	return in, c.Err()
}

// onward is where the form leads once it is saved: on with whoever is left, or
// to the panel when nobody is.
func (p *eligibilityPage) onward(f *edge.Form) (to, words string) {
	left, flagged := 0, 0
	for _, row := range p.all {
		if row.Passed == "" {
			left++
			flagged += min(1, len(row.Flagged))
		}
	}
	to, moving := p.Narrow.pressed(f)
	switch {
	case left == 0 && !moving:
		return tenderPath(p.Tender.ID) + "/panel", "资格审查已记录"
	case left == 0:
		return to, "已保存，全部审查完毕"
	case p.Rest && left == flagged:
		return narrowed{At: p.Narrow.At, Show: "todo"}.Here(), fmt.Sprintf("已保存。系统发现有关联的 %d 家，仍须逐一判断", left)
	}
	return to, fmt.Sprintf("已保存，还有 %d 家没有判断", left)
}
