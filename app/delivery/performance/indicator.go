// Package performance evaluates what was delivered: a tree of indicators
// (决策·过程·产出·效益), marks against it, a score and its band (优良中差) as
// 财预〔2020〕10号 has it. What decides here is pure and exact.
package performance

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// FullMarks is 100.00 points; weights are in hundredths of a point.
const FullMarks = 100_00

// depth is the number of levels of a tree: 一级, 二级, 三级指标.
const depth = 3

// pillars are the first level of every tree, in order.
var pillars = [...]string{"决策", "过程", "产出", "效益"}

// Kind says how a leaf is marked.
type Kind string

// Quantitative leaves are marked by what was reached of what was due;
// qualitative ones by a share of their points.
const (
	Quantitative Kind = "quantitative"
	Qualitative  Kind = "qualitative"
)

// Indicator is a node of the tree. Code is unique in its tree ("3.1.2");
// Weight is in hundredths of a point and, above the leaves, equals the sum of
// the children's. Kind and Standard (how it is judged) belong to leaves.
type Indicator struct {
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Weight   int64       `json:"weight"`
	Kind     Kind        `json:"kind,omitempty"`
	Standard string      `json:"standard,omitempty"`
	Children []Indicator `json:"children,omitempty"`
}

// Tree is a whole set of indicators. Basis says where its weights come from.
type Tree struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Basis      string      `json:"basis"`
	Indicators []Indicator `json:"indicators"`
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

// Check refuses a tree that is not three levels under 决策·过程·产出·效益, whose
// leaves do not add up to exactly 100 points, where a parent is not the sum of
// its children, or where a code is missing or repeated. The complaints are
// named "indicators" or "indicators.CODE.weight", ".name", ".code", ".kind",
// ".children".
func (t Tree) Check() error {
	var c fault.Check
	c.Must(strings.TrimSpace(t.Name) != "", "name", "请填写指标体系名称")
	names := make([]string, len(t.Indicators))
	for i, a := range t.Indicators {
		names[i] = a.Name
	}
	c.Must(strings.Join(names, "·") == strings.Join(pillars[:], "·"), "indicators", "一级指标应依次为决策、过程、产出、效益，请调整")
	seen := map[string]bool{}
	var leaves int64
	for _, a := range t.Indicators {
		leaves += checkNode(&c, a, 1, seen)
	}
	c.Must(leaves == FullMarks, "indicators", "各三级指标权重之和应为 100 分，现为 %s 分，请调整", Points(leaves))
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
		c.Must(n.Kind == Quantitative || n.Kind == Qualitative, field+".kind", "请选择“%s”是定量指标还是定性指标", n.Name)
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

// Cautions are remarks that do not refuse the tree, for a rule that is still
// 待核: 产出 and 效益 together below their share.
func (t Tree) Cautions(s rules.Set) []string {
	var share int64
	for _, a := range t.Indicators {
		if a.Name == pillars[2] || a.Name == pillars[3] {
			share += a.Weight
		}
	}
	r := s.Must(rules.EvaluationOutputBenefit)
	if r.ID == "" || r.AtLeast(share, FullMarks) {
		return nil
	}
	return []string{fmt.Sprintf("产出与效益合计 %s 分，财政和部门评价要求%s", Points(share), r.Label())}
}
