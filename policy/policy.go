// Package policy answers one question: may somebody who stands in a relation
// to an object, in the object's present state, do an action?
//
// Relations ("buyer.officer", "panel.member", "visitor") are computed in Go from
// facts; what they allow is policy.csv, embedded, small, reviewed as a diff and
// held by the golden truth table. Relations, objects and actions are finite
// sets, so every answer is remembered.
package policy

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"gongji/app/kernel/fault"
)

//go:embed model.conf
var modelText string

//go:embed policy.csv
var policyText string

// Rule is one line of policy.csv.
type Rule struct{ Relation, Object, Action string }

type question struct{ relation, object, action string }

// Policy decides.
type Policy struct {
	enforcer *casbin.Enforcer
	rules    []Rule
	mu       sync.RWMutex
	known    map[question]bool
}

// maxKnown bounds the memory of answers; real questions are a few thousand,
// so reaching it means that something unbounded is being asked.
const maxKnown = 1 << 16

// Load reads the embedded model and policy.
func Load() (*Policy, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("policy/model.conf: %w", err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	r := csv.NewReader(strings.NewReader(policyText))
	r.Comment, r.TrimLeadingSpace = '#', true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("policy/policy.csv: %w", err)
	}
	p := &Policy{enforcer: e, known: map[question]bool{}}
	for i, row := range rows {
		if len(row) != 4 || row[0] != "p" {
			return nil, fmt.Errorf("policy/policy.csv: 第 %d 条不是 p, 关系, 对象.状态, 动作", i+1)
		}
		rule := Rule{strings.TrimSpace(row[1]), strings.TrimSpace(row[2]), strings.TrimSpace(row[3])}
		if ok, err := e.AddPolicy(rule.Relation, rule.Object, rule.Action); err != nil {
			return nil, err
		} else if !ok {
			return nil, fmt.Errorf("policy/policy.csv: 第 %d 条重复: %v", i+1, rule)
		}
		p.rules = append(p.rules, rule)
	}
	return p, nil
}

// Rules lists policy.csv, for the truth table and for checks at start.
func (p *Policy) Rules() []Rule { return p.rules }

// Can reports whether a relation to an object ("tender.draft") allows an
// action. An error of the engine is a no.
func (p *Policy) Can(relation, object, action string) bool {
	q := question{relation, object, action}
	p.mu.RLock()
	answer, ok := p.known[q]
	p.mu.RUnlock()
	if ok {
		return answer
	}
	answer, err := p.enforcer.Enforce(relation, object, action)
	answer = answer && err == nil
	p.mu.Lock()
	if len(p.known) < maxKnown {
		p.known[q] = answer
	}
	p.mu.Unlock()
	return answer
}

// Any reports whether one of the relations allows the action.
func (p *Policy) Any(relations []string, object, action string) bool {
	for _, r := range relations {
		if p.Can(r, object, action) {
			return true
		}
	}
	return false
}

// Require is Any as an error. Who may not even view the object is told that it
// does not exist; who may view it is told that they may not do this.
func (p *Policy) Require(relations []string, object, action string) error {
	if p.Any(relations, object, action) {
		return nil
	}
	if action == "view" || !p.Any(relations, object, "view") {
		return fault.New(fault.NotFound, "没有找到这条记录，或您无权查看")
	}
	return fault.New(fault.Forbidden, "您在这条记录当前状态下不能进行这项操作")
}
