package tender

import (
	"strings"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Small is the policy for small and medium enterprises. Rates are in basis
// points of the price (1000 is 10%). Many 社会组织 are no 中小企业, so none of
// it may reach them: the form says so.
type Small struct {
	Share      *int64 `json:"share,omitempty"`      // of the budget, set aside by consortium or subcontract
	Deduction  *int64 `json:"deduction,omitempty"`  // from a small firm's price
	Consortium *int64 `json:"consortium,omitempty"` // from a price with a small partner or subcontractor
}

// rate reads a percentage with at most two decimals as basis points.
func (r reader) rate(name string) *int64 {
	s := strings.TrimSpace(strings.TrimRight(r.text(name), "%％"))
	if s == "" {
		return nil
	}
	w, err := weight(s)
	if err != nil {
		r.c.Fail(name, "请填写 0.01 到 100 之间的百分数，例如 10")
		return nil
	}
	return &w
}

// checkSmall holds the rates to the law. A purchase set aside as a whole, or
// one where the price does not count, deducts nothing.
func checkSmall(c *fault.Check, form Form, x *Facts, set rules.Set) {
	policy := form.Get("sme_reserved")
	c.Must(policy != "part" || x.Small.Share != nil || c.Failed("sme_share"), "sme_share", "请填写预留给中小企业的份额，占预算的百分比")
	prices := !x.FixedPrice
	if policy == "yes" || !prices {
		c.Must(x.Small.Deduction == nil, "sme_deduction", "专门面向中小企业的项目或价格不计分的项目不再给予价格扣除，请清空")
		c.Must(x.Small.Consortium == nil, "sme_consortium", "专门面向中小企业的项目或价格不计分的项目不再给予价格扣除，请清空")
		return
	}
	low, high := set.Must(rules.SmallDeductionMin), set.Must(rules.SmallDeductionMax)
	within(c, "sme_deduction", "小微企业价格扣除", x.Small.Deduction, low, high)
	if policy != "" && x.Small.Deduction == nil && !c.Failed("sme_deduction") {
		c.FailUnder(low.Source(), "sme_deduction", "未整体预留的项目应给小微企业价格扣除，请填写 %s%% 到 %s%%", Points(low.Value), Points(high.Value))
	}
	within(c, "sme_consortium", "联合体或者分包的价格扣除", x.Small.Consortium, set.Must(rules.SmallConsortiumMin), set.Must(rules.SmallConsortiumMax))
}

func within(c *fault.Check, name, what string, v *int64, low, high rules.Rule) {
	if v != nil && (*v < low.Value || *v > high.Value) {
		c.FailUnder(low.Source(), name, "%s应在 %s%% 到 %s%% 之间，现在是 %s%%", what, Points(low.Value), Points(high.Value), Points(*v))
	}
}

// Rate prints basis points as a percentage: 1000 is "10%".
func Rate(bp *int64) string {
	if bp == nil {
		return ""
	}
	return Points(*bp) + "%"
}
