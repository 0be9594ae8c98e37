package application

import (
	"strconv"

	"gongji/app/foundation/call"
	"gongji/app/kernel/fault"
)

// Part is one page of an application.
type Part struct {
	Key   string `json:"key"`
	Title string `json:"title"`
}

// The parts that every call has; those of the questions are "q1", "q2"….
const (
	Profile = "profile"
	Project = "project"
	Budget  = "budget"
	Papers  = "papers"
)

// Parts lists the parts of an application to a call, in order.
func Parts(c call.Call) []Part {
	out := []Part{{Profile, "申请组织"}, {Project, "项目概况"}}
	for i, g := range c.Form.Groups() {
		out = append(out, Part{"q" + strconv.Itoa(i+1), g})
	}
	if len(c.Form.Budget) > 0 {
		out = append(out, Part{Budget, "项目预算"})
	}
	if len(c.Form.Documents) > 0 {
		out = append(out, Part{Papers, "申请材料"})
	}
	return out
}

// PartOf finds a part by its key.
func PartOf(c call.Call, key string) (Part, error) {
	for _, p := range Parts(c) {
		if p.Key == key {
			return p, nil
		}
	}
	return Part{}, fault.New(fault.NotFound, "申请里没有这一部分")
}

// Asked is a question with its number, from 1.
type Asked struct {
	No int
	call.Question
}

// Key is the number as a key of Form.Answers and as the slot of a file.
func (q Asked) Key() string { return strconv.Itoa(q.No) }

// Questions are those of a part.
func Questions(c call.Call, p Part) []Asked {
	var out []Asked
	for i, q := range c.Form.Questions {
		if q.In() == p.Title && len(p.Key) > 1 && p.Key[0] == 'q' {
			out = append(out, Asked{i + 1, q})
		}
	}
	return out
}

// take copies the fields of one part out of what was typed; the rest stays.
func (f *Form) take(c call.Call, p Part, in Form) {
	switch p.Key {
	case Profile:
		f.Confirmed = in.Confirmed
	case Project:
		f.Title, f.Summary, f.Beneficiaries, f.Start, f.End, f.Overlap = in.Title, in.Summary, in.Beneficiaries, in.Start, in.End, in.Overlap
	case Budget:
		f.Budget = nil
		for _, r := range in.Budget {
			if r.Item != "" || r.Amount != "" {
				f.Budget = append(f.Budget, r)
			}
		}
	}
	for _, q := range Questions(c, p) {
		if q.Type == call.Table {
			if f.Tables == nil {
				f.Tables = map[string][][]string{}
			}
			f.Tables[q.Key()] = filled(in.Tables[q.Key()])
			continue
		}
		if f.Answers == nil {
			f.Answers = map[string]string{}
		}
		f.Answers[q.Key()] = in.Answers[q.Key()]
	}
}

// filled drops the rows of a table that were left empty.
func filled(rows [][]string) [][]string {
	out := [][]string{}
	for _, r := range rows {
		for _, cell := range r {
			if cell != "" {
				out = append(out, r)
				break
			}
		}
	}
	return out
}
