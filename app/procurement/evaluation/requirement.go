package evaluation

import (
	"slices"
	"strconv"

	"gongji/app/kernel/fault"
	"gongji/app/procurement/tender"
)

// Requirement is one condition that a bid meets or does not; it is never
// scored. Key is what a sheet names it by.
type Requirement struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Qualifications are what the buyer or its agency checks before the panel
// begins (资格审查, 政府采购法第22条).
func Qualifications(tender.Tender) []Requirement {
	return []Requirement{
		{"q1", "具有独立承担民事责任的能力（登记证书有效）"},
		{"q2", "具有良好的商业信誉和健全的财务会计制度"},
		{"q3", "具有履行合同所必需的设备和专业技术能力"},
		{"q4", "有依法缴纳税收和社会保障资金的良好记录"},
		{"q5", "参加采购活动前三年内没有重大违法记录"},
		{"q6", "符合采购文件“向谁买”规定的资格条件"},
		{AffiliatedKey, "与其他投标人的负责人不是同一人，且没有直接控股、管理关系"},
	}
}

// AffiliatedKey is the qualification that 政府采购法实施条例第18条 makes.
const AffiliatedKey = "q7"

// Substantive are what the panel checks before it scores (符合性审查).
func Substantive(t tender.Tender) []Requirement {
	out := []Requirement{
		{"c1", "投标文件按采购文件要求签署、齐全"},
		{"c2", "报价没有超过预算或最高限价，且唯一"},
		{"c3", "服务内容和期限满足采购文件的实质性要求"},
		{"c4", "没有采购人不能接受的附加条件"},
		{"c5", "没有串通投标或其他违法情形"},
	}
	for i, text := range t.Requirements {
		out = append(out, Requirement{"s" + strconv.Itoa(i+1), "★ " + text})
	}
	return out
}

// checkFailed refuses names of requirements that the list does not have.
func checkFailed(c *fault.Check, field string, list []Requirement, failed []string) {
	for _, k := range failed {
		if !slices.ContainsFunc(list, func(r Requirement) bool { return r.Key == k }) {
			c.Fail(field, "审查表中没有这一条，请刷新页面")
		}
	}
}

// names words the keys of requirements.
func names(list []Requirement, keys []string) []string {
	out := []string{}
	for _, r := range list {
		if slices.Contains(keys, r.Key) {
			out = append(out, r.Name)
		}
	}
	return out
}
