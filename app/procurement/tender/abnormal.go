package tender

import (
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Abnormal are the rates below which a price must be explained, where the
// documents raise them (财库〔2026〕2号). Rates are in basis points; nil is the
// rate of the law.
type Abnormal struct {
	Mean    *int64 `json:"mean,omitempty"`    // of the mean conforming price
	Second  *int64 `json:"second,omitempty"`  // of the second lowest price
	Ceiling *int64 `json:"ceiling,omitempty"` // of the ceiling, or the budget where there is none
}

// AbnormalRates are the three rates a tender is evaluated by: those its
// documents state, else those of its frozen law; all zero, which triggers
// nothing, under a law from before 2026-02-01.
func (x Facts) AbnormalRates(set rules.Set) (mean, second, ceiling int64) {
	rate := func(own *int64, id string) int64 {
		if own != nil {
			return *own
		}
		return set.Must(id).Value
	}
	return rate(x.Abnormal.Mean, rules.AbnormalMeanRate), rate(x.Abnormal.Second, rules.AbnormalSecondRate), rate(x.Abnormal.Ceiling, rules.AbnormalCeilingRate)
}

// AbnormalText words the rates for the notice and the documents; "" where the
// law knows none.
func (x Facts) AbnormalText(set rules.Set) string {
	mean, second, ceiling := x.AbnormalRates(set)
	if mean == 0 && second == 0 && ceiling == 0 {
		return ""
	}
	against := "最高限价"
	if x.Ceiling.Amount == nil {
		against = "预算"
	}
	return "报价低于有效报价平均价的 " + Points(mean) + "%、次低有效报价的 " + Points(second) + "% 或者" + against + "的 " + Points(ceiling) + "% 的，供应商应当说明报价的合理性，不能说明的作无效处理"
}

// checkAbnormal holds the rates of the documents to the law: they may only be
// raised, and not above 65%.
func checkAbnormal(c *fault.Check, x *Facts, set rules.Set) {
	most := set.Must(rules.AbnormalRateCap)
	for _, r := range []struct {
		name, what string
		own        *int64
		least      string
	}{
		{"abnormal_mean", "低于平均价的比例", x.Abnormal.Mean, rules.AbnormalMeanRate},
		{"abnormal_second", "低于次低报价的比例", x.Abnormal.Second, rules.AbnormalSecondRate},
		{"abnormal_ceiling", "低于最高限价的比例", x.Abnormal.Ceiling, rules.AbnormalCeilingRate},
	} {
		within(c, r.name, r.what, r.own, set.Must(r.least), most)
	}
}
