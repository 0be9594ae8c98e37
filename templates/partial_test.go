package templates

import (
	"strings"
	"testing"
	"text/template/parse"
)

// A partial takes its parameters by name; a misspelt name would be silently
// empty. Every name a page gives must be one the partial reads.
func TestPartialParameters(t *testing.T) {
	set, err := New()
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for page, base := range set.pages {
		reads := map[string]map[string]bool{}
		for _, d := range base.Templates() {
			if d.Tree != nil {
				reads[d.Name()] = map[string]bool{}
				walk(d.Tree.Root, func(n parse.Node) { note(n, reads[d.Name()]) })
			}
		}
		for changed := true; changed; { // a partial that hands its dot on reads what that one reads
			changed = false
			for name, own := range reads {
				for inner := range own {
					callee, ok := strings.CutPrefix(inner, "→")
					if !ok {
						continue
					}
					for k := range reads[callee] {
						if !own[k] {
							reads[name][k], changed = true, true
						}
					}
				}
			}
		}
		for _, d := range base.Templates() {
			if d.Tree == nil {
				continue
			}
			walk(d.Tree.Root, func(n parse.Node) {
				call, ok := n.(*parse.TemplateNode)
				if !ok {
					return
				}
				for _, key := range dictKeys(call.Pipe) {
					calls++
					if !reads[call.Name][key] {
						t.Errorf("%s: %q does not take %q", page, call.Name, key)
					}
				}
			})
		}
	}
	if calls == 0 {
		t.Error("no call was looked at")
	}
}

// note records the names a node reads from the partial's dot, what the
// functions that take the whole dot read, and "→x" for a dot handed to x.
func note(n parse.Node, into map[string]bool) {
	switch x := n.(type) {
	case *parse.FieldNode:
		into[x.Ident[0]] = true
	case *parse.VariableNode:
		if x.Ident[0] == "$" && len(x.Ident) > 1 {
			into[x.Ident[1]] = true
		}
	case *parse.IdentifierNode:
		if x.Ident == "describedBy" {
			for _, k := range []string{"name", "hint", "article", "fault", "count"} {
				into[k] = true
			}
		}
	case *parse.TemplateNode:
		if x.Pipe != nil && len(x.Pipe.Cmds) == 1 && len(x.Pipe.Cmds[0].Args) == 1 && x.Pipe.Cmds[0].Args[0].Type() == parse.NodeDot {
			into["→"+x.Name] = true
		}
	}
}

func dictKeys(p *parse.PipeNode) []string {
	if p == nil || len(p.Cmds) != 1 {
		return nil
	}
	args := p.Cmds[0].Args
	if len(args) == 1 {
		if inner, ok := args[0].(*parse.PipeNode); ok {
			return dictKeys(inner)
		}
		return nil
	}
	if f, ok := args[0].(*parse.IdentifierNode); !ok || f.Ident != "dict" {
		return nil
	}
	var keys []string
	for i := 1; i < len(args); i += 2 {
		if s, ok := args[i].(*parse.StringNode); ok {
			keys = append(keys, s.Text)
		}
	}
	return keys
}

func walk(n parse.Node, visit func(parse.Node)) {
	visit(n)
	branch := func(p *parse.PipeNode, l, e *parse.ListNode) {
		walk(p, visit)
		if l != nil {
			walk(l, visit)
		}
		if e != nil {
			walk(e, visit)
		}
	}
	switch x := n.(type) {
	case *parse.ListNode:
		for _, c := range x.Nodes {
			walk(c, visit)
		}
	case *parse.ActionNode:
		walk(x.Pipe, visit)
	case *parse.TemplateNode:
		if x.Pipe != nil {
			walk(x.Pipe, visit)
		}
	case *parse.PipeNode:
		for _, c := range x.Cmds {
			for _, a := range c.Args {
				walk(a, visit)
			}
		}
	case *parse.ChainNode:
		walk(x.Node, visit)
	case *parse.IfNode:
		branch(x.Pipe, x.List, x.ElseList)
	case *parse.WithNode:
		branch(x.Pipe, x.List, x.ElseList)
	case *parse.RangeNode:
		branch(x.Pipe, x.List, x.ElseList)
	}
}
