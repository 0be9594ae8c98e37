package tender

import (
	"strings"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Kinds of criterion that are computed from the bidder's public record at the
// bid deadline, the same for every bidder; nobody scores them.
const (
	RatingCriterion     = "record_rating"     // 评估等级, 1–5
	EvaluationCriterion = "record_evaluation" // mean of published evaluations, 0–100
	OnTimeCriterion     = "record_on_time"    // share of milestones in time, 0–100
)

// NoRecord is the interval of a bidder that has no record to compute from.
const NoRecord = "无记录"

// recorded are the kinds with what their value runs over.
var recorded = map[string]struct {
	name     string
	from, to int64
}{
	RatingCriterion:     {"社会组织评估等级", 1, 5},
	EvaluationCriterion: {"已公布绩效评价的平均分", 0, 100},
	OnTimeCriterion:     {"节点按期率", 0, 100},
}

// Recorded reports whether a kind of criterion is computed from the record.
func Recorded(kind string) bool { return recorded[kind].name != "" }

// CriterionKindName says who gives the points of a kind of criterion.
func CriterionKindName(kind string) string {
	switch {
	case kind == PriceCriterion:
		return "价格分，按报价计算"
	case Recorded(kind):
		return "按公开档案计算：" + recorded[kind].name
	}
	return "评审专家评分"
}

// RecordPoints are the points, in hundredths, that the intervals give for a
// value from the record; nil is no record. Invalid where no interval fits,
// which a published table does not let happen.
func RecordPoints(bands []Band, value *int64) (int64, error) {
	for _, b := range bands {
		switch {
		case value == nil && b.Text == NoRecord:
			return b.Points, nil
		case value != nil && b.From != nil && *b.From <= *value && (b.To == nil || *value <= *b.To):
			return b.Points, nil
		}
	}
	return 0, fault.New(fault.Invalid, "评分表中没有与档案相符的区间")
}

// checkRecorded holds an item that is computed to intervals that leave nothing
// open: each value has exactly one number of points (87号令 55).
func checkRecorded(c *fault.Check, at string, i int, k Criterion, set rules.Set) {
	r, ok := recorded[k.Kind]
	if !ok || c.Failed(at+"bands") {
		return
	}
	quantified := set.Must(rules.ScoringQuantified).Source()
	none := false
	for _, b := range k.Bands {
		none = none || b.Text == NoRecord
		if b.Least != nil || b.Text != NoRecord && b.From == nil {
			c.FailUnder(quantified, at+"bands", "第 %d 项按公开档案计算，每一档写数值和一个分值，例如“3–5A = 10”；“%.20s”不能计算", i+1, b.Text)
			return
		}
	}
	if !none {
		c.FailUnder(quantified, at+"bands", "第 %d 项请写明没有记录的投标人得几分，例如“%s = 6”", i+1, NoRecord)
		return
	}
	var lacking []string
	for v := r.from; v <= r.to; v++ {
		if _, err := RecordPoints(k.Bands, &v); err != nil {
			lacking = append(lacking, Points(v*100))
		}
	}
	if len(lacking) > 0 {
		c.FailUnder(quantified, at+"bands", "第 %d 项的区间没有包含数值 %s，请补齐 %d 到 %d", i+1, strings.Join(lacking[:min(len(lacking), 3)], "、"), r.from, r.to)
	}
}
