// Package performance evaluates what was delivered: a tree of indicators
// (决策·过程·产出·效益), marks against it, a score and its band (优良中差) as
// 财预〔2020〕10号 has it. What decides here is pure and exact.
package performance

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// FullMarks is 100.00 points; weights are in hundredths of a point.
const FullMarks = 100_00

// whole is all of a leaf's points, in basis points.
const whole = 100_00

// depth is the number of levels of a tree: 一级, 二级, 三级指标.
const depth = 3

// pillars are the first level of every tree, in order. A tree may have a fifth,
// 满意度; without it satisfaction stands under 效益, as 财预〔2020〕10号 has it.
var pillars = [...]string{"决策", "过程", "产出", "效益"}

// Satisfied is the fifth pillar that a tree may have.
const Satisfied = "满意度"

// Pillars are the names that a first-level indicator may have, in order.
func Pillars() []string { return append(slices.Clone(pillars[:]), Satisfied) }

// Kind says how a leaf is marked.
type Kind string

// The kinds. A ratio is what was reached of what was due; an interval looks its
// figure up in Steps; yes or no gives everything or nothing; a qualitative leaf
// is judged reached, partly or not, each a band of its points.
const (
	Ratio       Kind = "ratio"
	Interval    Kind = "interval"
	YesNo       Kind = "yesno"
	Qualitative Kind = "qualitative"
)

// Kinds are the kinds in the order forms show them.
func Kinds() []Kind { return []Kind{Ratio, Interval, YesNo, Qualitative} }

// Name is the kind in Chinese.
func (k Kind) Name() string {
	return map[Kind]string{Ratio: "按比例", Interval: "按区间", YesNo: "是否", Qualitative: "定性分档"}[k]
}

// Source names a figure that the system has. A leaf with a source whose figure
// is there is computed and cannot be typed over, only explained.
type Source string

// The sources.
const (
	Execution    Source = "execution"    // 预算执行率: what was spent of what was agreed
	Milestones   Source = "milestones"   // milestones reached in time
	Outputs      Source = "outputs"      // what was done of the outputs of the plan
	Satisfaction Source = "satisfaction" // what residents said
	Community    Source = "community"    // what communities and streets assessed
)

// Sources are the sources in the order forms show them.
func Sources() []Source { return []Source{Execution, Milestones, Outputs, Satisfaction, Community} }

// Name is the source in Chinese.
func (s Source) Name() string {
	return map[Source]string{Execution: "预算执行率（周报账、付款）", Milestones: "节点按时达成率（服务方案）", Outputs: "产出完成率（成果记录）",
		Satisfaction: "居民满意度（问卷调查）", Community: "社区街道评价"}[s]
}

// Step of an interval leaf: a figure of at least From (hundredths of its unit)
// earns Share of the points (10000 is all), up to the next step.
type Step struct {
	From  int64 `json:"from"`
	Share int64 `json:"share"`
}

// Indicator is a node of the tree. Code is unique in its tree ("3.1.2");
// Weight is in hundredths of a point and, above the leaves, equals the sum of
// the children's. Kind, Standard (how it is judged), Source, Unit and Steps
// belong to leaves; Unit is what an interval's figure counts.
type Indicator struct {
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Weight   int64       `json:"weight"`
	Kind     Kind        `json:"kind,omitempty"`
	Standard string      `json:"standard,omitempty"`
	Source   Source      `json:"source,omitempty"`
	Unit     string      `json:"unit,omitempty"`
	Steps    []Step      `json:"steps,omitempty"`
	Children []Indicator `json:"children,omitempty"`
}

// Tree is a whole set of indicators. Basis says where its weights come from,
// Version which edition of a bureau's own tree it is (0 of one that ships).
type Tree struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Version    int64       `json:"version,omitempty"`
	Basis      string      `json:"basis"`
	Indicators []Indicator `json:"indicators"`
}

// Title is the name with the version, where it has one.
func (t Tree) Title() string {
	if t.Version == 0 {
		return t.Name
	}
	return fmt.Sprintf("%s（第 %d 版）", t.Name, t.Version)
}

// Leaf is an indicator that is marked, with the names above it.
type Leaf struct {
	Indicator
	First  string
	Second string
}

// Leaves are the indicators to be marked, in the order of the tree.
func (t Tree) Leaves() []Leaf {
	var out []Leaf
	for _, a := range t.Indicators {
		for _, b := range a.Children {
			for _, c := range b.Children {
				out = append(out, Leaf{c, a.Name, b.Name})
			}
		}
	}
	return out
}

// Check refuses a tree that is not three levels under 决策·过程·产出·效益 (and,
// if it likes, 满意度), whose leaves do not add up to exactly 100 points, where a
// parent is not the sum of its children, or where a code is missing or repeated.
// The complaints are named "indicators" or "indicators.CODE.weight", ".name",
// ".code", ".kind", ".steps", ".source", ".children".
func (t Tree) Check() error {
	var c fault.Check
	c.Must(strings.TrimSpace(t.Name) != "", "name", "请填写指标体系名称")
	names := make([]string, len(t.Indicators))
	for i, a := range t.Indicators {
		names[i] = a.Name
	}
	got, all := strings.Join(names, "·"), strings.Join(Pillars(), "·")
	c.Must(got == all || got == strings.Join(pillars[:], "·"), "indicators", "一级指标应依次为决策、过程、产出、效益（可另设满意度），请调整")
	seen := map[string]bool{}
	var leaves int64
	var parts []string
	for _, a := range t.Indicators {
		n := checkNode(&c, a, 1, seen)
		leaves += n
		parts = append(parts, fmt.Sprintf("%.20s %s", a.Name, Points(n)))
	}
	where := strings.Join(parts[:min(len(parts), len(pillars)+1)], "，")
	switch {
	case leaves < FullMarks:
		c.Fail("indicators", "各三级指标权重之和应正好为 100 分，现为 %s 分（%s），还差 %s 分，请调整", Points(leaves), where, Points(FullMarks-leaves))
	case leaves > FullMarks:
		c.Fail("indicators", "各三级指标权重之和应正好为 100 分，现为 %s 分（%s），多出 %s 分，请调整", Points(leaves), where, Points(leaves-FullMarks))
	}
	return c.Err()
}

// checkNode returns the weight of the leaves under a node, each held to
// 0…100 points so that hostile weights cannot wrap round to the right sum.
func checkNode(c *fault.Check, n Indicator, level int, seen map[string]bool) int64 {
	field := "indicators." + n.Code
	c.Must(n.Code != "" && utf8.RuneCountInString(n.Code) <= 20, field+".code", "指标编号应为 1 到 20 个字，请填写")
	c.Must(!seen[n.Code], field+".code", "指标编号 %s 重复，请修改", n.Code)
	seen[n.Code] = true
	c.Must(strings.TrimSpace(n.Name) != "", field+".name", "请填写指标 %s 的名称", n.Code)
	c.Must(n.Weight > 0 && n.Weight <= FullMarks, field+".weight", "“%s”的权重应大于 0 且不超过 100 分，请修改", n.Name)
	weight := max(0, min(FullMarks+1, n.Weight))
	if level == depth {
		c.Must(len(n.Children) == 0, field+".children", "指标最多三级，请把“%s”的下级指标合并", n.Name)
		checkLeaf(c, field, n)
		return weight
	}
	c.Must(len(n.Children) > 0, field+".children", "“%s”缺少下级指标，请补充到三级", n.Name)
	var sum, leaves int64
	for _, k := range n.Children {
		sum += max(0, min(FullMarks+1, k.Weight))
		leaves += checkNode(c, k, level+1, seen)
	}
	c.Must(len(n.Children) == 0 || sum == weight, field+".weight", "“%s”的权重应等于下级指标之和 %s 分，现为 %s 分，请调整", n.Name, Points(sum), Points(n.Weight))
	return leaves
}

func checkLeaf(c *fault.Check, field string, n Indicator) {
	c.Must(n.Kind.Name() != "", field+".kind", "请选择“%s”的评分方式", n.Name)
	c.Must(n.Source == "" || n.Source.Name() != "" && (n.Kind == Ratio || n.Kind == Interval), field+".source",
		"“%s”由系统取数，评分方式应为按比例或按区间", n.Name)
	if n.Kind != Interval {
		c.Must(len(n.Steps) == 0, field+".steps", "“%s”不按区间评分，不需要区间", n.Name)
		return
	}
	c.Must(len(n.Steps) >= 2 && len(n.Steps) <= 10 && n.Steps[0].From == 0, field+".steps", "“%s”按区间评分，请填写 2 到 10 个区间，从 0 开始", n.Name)
	for i, s := range n.Steps {
		c.Must(s.Share >= 0 && s.Share <= whole, field+".steps", "“%s”各区间的得分比例应在 0 到 100%% 之间", n.Name)
		c.Must(i == 0 || s.From > n.Steps[i-1].From, field+".steps", "“%s”的区间应从小到大，不能重复", n.Name)
	}
}

// Cautions are remarks that do not refuse the tree, for a rule that is still
// 待核: 产出 and 效益 together below their share.
func (t Tree) Cautions(s rules.Set) []string {
	var share int64
	for _, a := range t.Indicators {
		if a.Name == pillars[2] || a.Name == pillars[3] || a.Name == Satisfied {
			share += a.Weight
		}
	}
	r := s.Must(rules.EvaluationOutputBenefit)
	if r.ID == "" || r.AtLeast(share, FullMarks) {
		return nil
	}
	return []string{fmt.Sprintf("产出与效益合计 %s 分，财政和部门评价要求%s", Points(share), r.Label())}
}
