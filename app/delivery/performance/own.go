package performance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Own is one version of a payer's own tree. A version never changes: a change
// is the next one, and what was begun on a version keeps it.
type Own struct {
	bun.BaseModel `bun:"table:performance_template,alias:own"`

	ID           id.ID      `bun:"id,pk" json:"-"`
	Organisation id.ID      `bun:"organisation" json:"organisation"`
	Code         id.ID      `bun:"code" json:"code"` // the same for all versions
	Version      int64      `bun:"version" json:"version"`
	Base         string     `bun:"base" json:"base"` // what it was made from
	Tree         Tree       `bun:"tree" json:"tree"`
	CreatedBy    id.ID      `bun:"created_by" json:"-"`
	CreatedAt    time.Time  `bun:"created_at" json:"created_at"`
	RetiredAt    *time.Time `bun:"retired_at" json:"retired_at,omitempty"` // of the last version: nobody chooses it any more
}

// OwnForm is a payer's tree as typed: leaves in order, each under its first and
// second level. Only leaves have weights; what is above them is their sum.
type OwnForm struct {
	Name  string    `json:"name"`
	Basis string    `json:"basis,omitempty" description:"权重的依据"`
	Rows  []RowForm `json:"rows"`
}

// RowForm is one leaf as typed. Steps are "0:0 60:50 80:100": from which figure
// on, what per cent of the points.
type RowForm struct {
	First    string `json:"first" enum:"决策,过程,产出,效益,满意度"`
	Second   string `json:"second"`
	Name     string `json:"name"`
	Standard string `json:"standard,omitempty"`
	Kind     Kind   `json:"kind" enum:"ratio,interval,yesno,qualitative"`
	Weight   string `json:"weight" description:"分，最多两位小数"`
	Source   Source `json:"source,omitempty" enum:"execution,milestones,outputs,satisfaction,community"`
	Unit     string `json:"unit,omitempty"`
	Steps    string `json:"steps,omitempty" description:"按区间评分：0:0 60:50 80:100 表示不足 60 得 0%，60 起得 50%，80 起得 100%"`
}

// Blank reports whether nothing was typed but what a new row comes with.
func (r RowForm) Blank() bool {
	return strings.TrimSpace(r.Second+r.Name+r.Standard+r.Weight+r.Steps) == ""
}

// mostRows is how many leaves a tree has at most.
const mostRows = 60

// FormOf is a tree as the form shows it.
func FormOf(t Tree) OwnForm {
	f := OwnForm{Name: t.Name, Basis: t.Basis}
	for _, l := range t.Leaves() {
		var steps []string
		for _, s := range l.Steps {
			steps = append(steps, short(s.From)+":"+short(s.Share))
		}
		f.Rows = append(f.Rows, RowForm{l.First, l.Second, l.Name, l.Standard, l.Kind, Points(l.Weight), l.Source, l.Unit, strings.Join(steps, " ")})
	}
	return f
}

// Sum is what the weights that can be read add up to, in hundredths of a point.
func (f OwnForm) Sum() int64 {
	var sum int64
	for _, r := range f.Rows {
		if n, ok := ParsePoints(r.Weight); ok && n <= FullMarks {
			sum += n
		}
	}
	return sum
}

// Read is the tree that a form says, checked whole: every complaint is named
// "rows.N.field", what concerns the sum "indicators".
func (f OwnForm) Read() (Tree, error) {
	var c fault.Check
	t := Tree{Name: strings.TrimSpace(f.Name), Basis: strings.TrimSpace(f.Basis)}
	c.Must(t.Name != "", "name", "请填写指标体系名称")
	fits(&c, "name", t.Name, 60)
	fits(&c, "basis", t.Basis, 200)
	c.Must(len(f.Rows) <= mostRows, "indicators", "三级指标最多 %d 项，请合并", mostRows)
	for i, r := range f.Rows {
		if !r.Blank() {
			t.add(r.read(&c, i))
		}
	}
	slices.SortStableFunc(t.Indicators, func(a, b Indicator) int {
		return slices.Index(Pillars(), a.Name) - slices.Index(Pillars(), b.Name)
	})
	t.number()
	if err := c.Err(); err != nil {
		return t, err
	}
	return t, t.Check()
}

// read reads the row at an index, which complaints count from 1.
func (r RowForm) read(c *fault.Check, i int) (first, second string, n Indicator) {
	at := fmt.Sprintf("rows.%d.", i)
	first, second = strings.TrimSpace(r.First), strings.TrimSpace(r.Second)
	n = Indicator{Name: strings.TrimSpace(r.Name), Standard: strings.TrimSpace(r.Standard), Kind: r.Kind, Source: r.Source, Unit: strings.TrimSpace(r.Unit)}
	c.Must(slices.Contains(Pillars(), first), at+"first", "请选择一级指标")
	c.Must(second != "", at+"second", "请填写二级指标")
	c.Must(n.Name != "", at+"name", "请填写三级指标的名称")
	fits(c, at+"second", second, 20)
	fits(c, at+"name", n.Name, 40)
	fits(c, at+"standard", n.Standard, 200)
	fits(c, at+"unit", n.Unit, 10)
	w, ok := ParsePoints(r.Weight)
	c.Must(ok && w > 0 && w <= FullMarks, at+"weight", "指标 %d“%s”的权重应为大于 0、不超过 100 的数字，最多两位小数", i+1, n.Name)
	n.Weight = min(w, FullMarks+1)
	if r.Kind == Interval {
		n.Steps, ok = readSteps(r.Steps)
		c.Must(ok, at+"steps", "请按“0:0 60:50 80:100”的样子填写指标 %d“%s”的区间：从多少起，得百分之几", i+1, n.Name)
	} else {
		n.Unit = ""
	}
	var bad fault.Check
	checkLeaf(&bad, "", n)
	if err := bad.Err(); err != nil && ok {
		for _, x := range complaints(err) {
			c.Fail(at+strings.TrimPrefix(x.Name, "."), "%s", x.Message)
		}
	}
	return first, second, n
}

func complaints(err error) []fault.Field {
	fields, _ := fault.Complaints(err)
	return fields
}

func readSteps(s string) ([]Step, bool) {
	var out []Step
	for _, part := range strings.Fields(strings.NewReplacer("：", ":", "；", " ", ";", " ", "，", " ", ",", " ", "%", "").Replace(s)) {
		from, share, ok := strings.Cut(part, ":")
		a, ok1 := hundredths(from)
		b, ok2 := hundredths(share)
		if !ok || !ok1 || !ok2 {
			return nil, false
		}
		out = append(out, Step{a, b})
	}
	return out, len(out) > 0
}

// add puts a leaf under its first and second level, and its weight on both.
func (t *Tree) add(first, second string, n Indicator) {
	under := func(list []Indicator, name string) ([]Indicator, *Indicator) {
		i := slices.IndexFunc(list, func(x Indicator) bool { return x.Name == name })
		if i < 0 {
			list, i = append(list, Indicator{Name: name}), len(list)
		}
		list[i].Weight += n.Weight
		return list, &list[i]
	}
	var a, b *Indicator
	t.Indicators, a = under(t.Indicators, first)
	a.Children, b = under(a.Children, second)
	b.Children = append(b.Children, n)
}

// number gives every indicator its code: "3.1.2".
func (t *Tree) number() {
	var walk func([]Indicator, string)
	walk = func(list []Indicator, above string) {
		for i := range list {
			list[i].Code = fmt.Sprintf("%s%d", above, i+1)
			walk(list[i].Children, list[i].Code+".")
		}
	}
	walk(t.Indicators, "")
}

// mayOwn refuses whoever does not make trees for their organisation.
func (s *Service) mayOwn(who party.Actor, action string) error {
	return s.policy.Require(who.Relations(), "performance_template.any", action)
}

// MayWrite reports whether somebody makes trees for their organisation, and
// RequireWrite refuses whoever does not.
func (s *Service) MayWrite(who party.Actor) bool { return s.RequireWrite(who) == nil }

// RequireWrite is Forbidden for whoever makes no trees.
func (s *Service) RequireWrite(who party.Actor) error { return s.mayOwn(who, "write") }

// Keep saves a payer's own tree: a new one made from base, or with code the
// next version of one. What does not add up is refused.
func (s *Service) Keep(ctx context.Context, who party.Actor, code id.ID, base string, f OwnForm) (Own, error) {
	if err := s.mayOwn(who, "write"); err != nil {
		return Own{}, err
	}
	tree, err := f.Read()
	if err != nil {
		return Own{}, err
	}
	var out Own
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		now := s.clock.Now()
		out = Own{ID: id.New(now), Organisation: who.Org, Code: code, Version: 1, Base: base, Tree: tree, CreatedBy: who.Account, CreatedAt: now}
		if code == "" {
			out.Code = out.ID
		} else {
			was, err := latest(ctx, tx, who.Org, code)
			if err != nil {
				return err
			}
			out.Version, out.Base = was.Version+1, was.Base
		}
		out.Tree.ID, out.Tree.Version = string(out.Code), out.Version
		_, err := tx.NewInsert().Model(&out).Exec(ctx)
		return db.Translate(err)
	})
	return out, err
}

// Retire takes a tree off the list of what may be chosen; its versions stay.
func (s *Service) Retire(ctx context.Context, who party.Actor, code id.ID) error {
	if err := s.mayOwn(who, "write"); err != nil {
		return err
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		was, err := latest(ctx, tx, who.Org, code)
		if err != nil {
			return err
		}
		return db.One(tx.NewUpdate().Model((*Own)(nil)).Set("retired_at = ?", s.clock.Now()).Where("id = ? AND retired_at IS NULL", was.ID).Exec(ctx))
	})
}

// Owned lists the trees of the actor's organisation that may be chosen, each in
// its latest version, the newest first.
func (s *Service) Owned(ctx context.Context, who party.Actor) ([]Own, error) {
	out := []Own{}
	if err := s.mayOwn(who, "view"); err != nil {
		return out, err
	}
	err := s.db.NewSelect().Model(&out).Where("organisation = ? AND retired_at IS NULL", who.Org).
		Where("NOT EXISTS (SELECT 1 FROM performance_template AS n WHERE n.code = own.code AND n.version > own.version)").
		Order("id DESC").Limit(200).Scan(ctx)
	return out, db.Translate(err)
}

// Versions are all the versions of one own tree, the latest first.
func (s *Service) Versions(ctx context.Context, who party.Actor, code id.ID) ([]Own, error) {
	out := []Own{}
	if err := s.mayOwn(who, "view"); err != nil {
		return out, err
	}
	err := s.db.NewSelect().Model(&out).Where("organisation = ? AND code = ?", who.Org, code).Order("version DESC").Scan(ctx)
	if err == nil && len(out) == 0 {
		err = fault.New(fault.NotFound, "没有这套指标体系")
	}
	return out, db.Translate(err)
}

func latest(ctx context.Context, d bun.IDB, org, code id.ID) (Own, error) {
	var o Own
	err := d.NewSelect().Model(&o).Where("organisation = ? AND code = ?", org, code).Order("version DESC").Limit(1).Scan(ctx)
	if err == nil && o.RetiredAt != nil {
		err = fault.New(fault.NotFound, "这套指标体系已经停用")
		return o, err
	}
	return o, db.Found(err, "指标体系")
}
