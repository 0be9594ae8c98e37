package interest

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party/organisation"
)

// Affiliation is a tie between two organisations.
type Affiliation struct {
	A, B         id.ID
	AName, BName string
	Why          string
}

// Affiliated finds the pairs that have the same person in charge, or of which
// one directly controls the other, now.
func Affiliated(ctx context.Context, d bun.IDB, orgs []id.ID, now time.Time) ([]Affiliation, error) {
	b, err := open(ctx, d, orgs, now) // what ended before now no longer binds here
	if err != nil {
		return nil, err
	}
	var out []Affiliation
	for i, x := range orgs {
		for _, y := range orgs[i+1:] {
			if why := b.affiliated(x, y); why != "" {
				out = append(out, Affiliation{A: x, B: y, AName: b.orgs[x].Name, BName: b.orgs[y].Name, Why: why})
			}
		}
	}
	return out, nil
}

func (b book) affiliated(x, y id.ID) string {
	for _, p := range b.people[x] {
		for _, q := range b.people[y] {
			if p.Post == organisation.HeadPost && q.Post == organisation.HeadPost && (person{p.Name, p.IDTail}).is(person{q.Name, q.IDTail}) {
				if p.IDTail == "" || q.IDTail == "" {
					return "单位负责人同名“" + p.Name + "”（证件后四位未登记齐，请核实是否同一人）"
				}
				return "单位负责人为同一人“" + p.Name + "”"
			}
		}
	}
	a, c := b.orgs[x], b.orgs[y]
	if k, ok := b.controlled(x, c.Name, c.Code()); ok {
		return "“" + c.Name + "”" + k.How + "“" + a.Name + "”"
	}
	if k, ok := b.controlled(y, a.Name, a.Code()); ok {
		return "“" + a.Name + "”" + k.How + "“" + c.Name + "”"
	}
	return ""
}
