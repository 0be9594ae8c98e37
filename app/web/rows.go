package web

import (
	"fmt"

	"gongji/app/edge"
)

// mostTyped is how many rows of one table a form is read for.
const mostTyped = 300

// numbered reads the rows of a form: name.1.probe, name.2.probe and so on, as
// far as the form has them.
func numbered[T any](f *edge.Form, name, probe string, row func(at func(field string) string) T) []T {
	var out []T
	for i := 1; i <= mostTyped && f.Has(fmt.Sprintf("%s.%d.%s", name, i, probe)); i++ {
		out = append(out, row(func(field string) string { return f.Get(fmt.Sprintf("%s.%d.%s", name, i, field)) }))
	}
	return out
}

// filled is numbered without the rows that were left empty.
func filled[T comparable](f *edge.Form, name, probe string, row func(at func(field string) string) T) []T {
	var out []T
	var empty T
	for _, x := range numbered(f, name, probe, row) {
		if x != empty {
			out = append(out, x)
		}
	}
	return out
}
