package fund

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Form is a draft as it was typed. Nothing typed is lost, however wrong.
type Form struct {
	Name      string `json:"name" description:"专项基金名称，不含基金会名称；公开时自动冠以基金会全称"`
	Region    string `json:"region" description:"服务地区"`
	Purpose   string `json:"purpose" description:"设立目的"`
	Use       string `json:"use" description:"使用范围"`
	Sponsor   string `json:"sponsor" description:"发起人"`
	Committee string `json:"committee" description:"管理委员会的组成和职责"`
	Fee       string `json:"fee" description:"管理费比例，单位 %，例如 5；不收填 0"`
	Ending    string `json:"ending" description:"终止条件"`
	Surplus   string `json:"surplus" description:"剩余财产处理"`
}

type question struct {
	name, ask string
	value     *string
	least     int
	most      int // characters
}

func (f *Form) questions() []question {
	return []question{
		{"name", "请填写基金名称，例如 社区助老专项基金", &f.Name, 3, 60},
		{"region", "请填写服务地区，例如 广东省东莞市横沥镇", &f.Region, 2, 60},
		{"purpose", "请写明设立目的，至少 5 个字", &f.Purpose, 5, 2000},
		{"use", "请写明使用范围：钱可以用在什么地方，至少 5 个字", &f.Use, 5, 2000},
		{"sponsor", "请填写发起人（单位全称，或发起人同意公开的姓名）", &f.Sponsor, 2, 200},
		{"committee", "请写明管理委员会的组成和职责，至少 5 个字", &f.Committee, 5, 2000},
		{"fee", "请填写管理费比例，不收请填 0", &f.Fee, 1, 10},
		{"ending", "请写明什么情况下终止，至少 5 个字", &f.Ending, 5, 2000},
		{"surplus", "请写明终止后剩余财产怎样处理，至少 5 个字", &f.Surplus, 5, 2000},
	}
}

// storable refuses only what could not be kept at all.
func (f *Form) storable() error {
	var c fault.Check
	for _, q := range f.questions() {
		if !utf8.ValidString(*q.value) || strings.ContainsRune(*q.value, 0) {
			c.Fail(q.name, "内容里有无法识别的字符，请重新输入")
		} else if utf8.RuneCountInString(*q.value) > 20_000 {
			c.Fail(q.name, "内容超过 2 万字，请改用附件")
		}
	}
	return c.Err()
}

// facts reads the form; what cannot be read is left out.
func (f Form) facts() Facts {
	trim := strings.TrimSpace
	x := Facts{Name: trim(f.Name), Region: trim(f.Region), Purpose: trim(f.Purpose), Use: trim(f.Use), Sponsor: trim(f.Sponsor),
		Committee: trim(f.Committee), Ending: trim(f.Ending), Surplus: trim(f.Surplus)}
	if bp, err := percent(f.Fee); err == nil {
		x.FeeBP = &bp
	}
	return x
}

// percent reads "5", "5.25" or "5%" as basis points.
func percent(s string) (int64, error) {
	refuse := fault.New(fault.Invalid, "请填写 0 到 100 之间的数字，最多两位小数，例如 5 或 2.5")
	s = strings.TrimSpace(strings.NewReplacer("％", "%", "．", ".").Replace(s))
	whole, part, dotted := strings.Cut(strings.TrimSpace(strings.TrimSuffix(s, "%")), ".")
	if len(whole) == 0 || len(whole) > 3 || len(part) > 2 || dotted && part == "" {
		return 0, refuse
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 32)
	if err != nil || n > 10_000 {
		return 0, refuse
	}
	return int64(n), nil
}

// check holds a complete draft to the rules of the day.
func (f Form) check(c *fault.Check, law rules.Set) {
	for _, q := range f.questions() {
		n := utf8.RuneCountInString(strings.TrimSpace(*q.value))
		if n < q.least {
			c.Fail(q.name, "%s", q.ask)
		} else if n > q.most {
			c.Fail(q.name, "最多 %d 个字，现在是 %d 个，请精简", q.most, n)
		}
	}
	name := strings.TrimSpace(f.Name)
	if !c.Failed("name") {
		c.Must(strings.Contains(name, "基金"), "name", "名称里应有“基金”二字，例如 社区助老专项基金")
	}
	if strings.Contains(name, "子基金") {
		c.FailUnder(law.Must(rules.FundNoSub).Source(), "name", "专项基金下不得再设子基金，请直接设立专项基金")
	}
	if c.Failed("fee") {
		return
	}
	bp, err := percent(f.Fee)
	c.Adopt("fee", err)
	most := law.Must(rules.FoundationPublicManagement)
	if err == nil && bp > most.Value {
		c.FailUnder(most.Source(), "fee", "管理费不能超过 %s", most.Quantity())
	}
}
