package fund

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/kernel/calendar"
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

	Members       []Member `json:"members" description:"管理委员会成员"`
	MembersPublic bool     `json:"members_public,omitempty" description:"成员已同意公开姓名；否则公开页面遮挡"`
	EndsOn        string   `json:"ends_on,omitempty" description:"协议到期日，例如 2028-12-31；没有固定期限的不填"`
	SurplusTo     Target   `json:"surplus_to" enum:"fund,charity" description:"剩余财产的去向：fund 本会目的相近的专项基金，charity 目的相近的其他慈善组织"`
	BoardOn       string   `json:"board_on" description:"理事会批准设立的日期，例如 2026-05-20"`
	BoardNo       string   `json:"board_no" description:"理事会会议届次或者决议文号"`
}

// MostMembers is how many people a committee may have here.
const MostMembers = 30

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
		{"board_no", "请填写理事会会议届次或者决议文号，例如 第二届理事会第五次会议", &f.BoardNo, 2, 100},
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
	for _, m := range f.Members {
		for _, v := range []string{m.Name, m.Side, m.Seat} {
			c.Must(utf8.ValidString(v) && !strings.ContainsRune(v, 0) && utf8.RuneCountInString(v) <= 500, "members", "内容太长或有无法识别的字符，请重新输入")
		}
	}
	c.Must(len(f.Members) <= MostMembers, "members", "管理委员会成员最多 %d 人", MostMembers)
	for name, v := range map[string]string{"ends_on": f.EndsOn, "board_on": f.BoardOn, "surplus_to": string(f.SurplusTo)} {
		c.Must(utf8.ValidString(v) && len(v) <= 100 && !strings.ContainsRune(v, 0), name, "内容太长或有无法识别的字符，请重新输入")
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
	x.Members, x.MembersPublic, x.BoardNo = f.members(), f.MembersPublic, trim(f.BoardNo)
	if f.SurplusTo == ToFund || f.SurplusTo == ToCharity {
		x.SurplusTo = f.SurplusTo
	}
	var unread fault.Check // complained of when the draft is submitted
	x.EndsOn, x.BoardOn = calendar.Typed(&unread, "ends_on", f.EndsOn), calendar.Typed(&unread, "board_on", f.BoardOn)
	return x
}

// members are the rows that say anything.
func (f Form) members() []Member {
	out := []Member{}
	for _, m := range f.Members {
		m = Member{strings.TrimSpace(m.Name), strings.TrimSpace(m.Side), strings.TrimSpace(m.Seat)}
		if m != (Member{}) {
			out = append(out, m)
		}
	}
	return out
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

// check holds a complete draft to the rules of the day. own is the
// foundation's full name, which the fund's public name begins with.
func (f Form) check(c *fault.Check, law rules.Set, own string, now time.Time) {
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
	if inside(name, own) {
		c.FailUnder(law.Must(rules.FundNoSub).Source(), "name", "专项基金下不得再设子基金，请直接设立专项基金")
	}
	f.checkTerms(c, law, now)
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

// checkTerms holds the committee, the end and the board's resolution to what
// an agreement must settle.
func (f Form) checkTerms(c *fault.Check, law rules.Set, now time.Time) {
	agreement := law.Must(rules.FundAgreement).Source()
	members := f.members()
	if len(members) == 0 {
		c.Fail("members", "请填写管理委员会成员，至少一人")
	}
	seen := map[string]bool{}
	for _, m := range members {
		n := utf8.RuneCountInString(m.Name)
		c.Must(n >= 2 && n <= 60, "members", "每位成员都要填写姓名，2–60 个字")
		c.Must(utf8.RuneCountInString(m.Side) <= 60 && utf8.RuneCountInString(m.Seat) <= 60, "members", "代表方和职务各不超过 60 个字")
		c.Must(!seen[m.Name+m.Side], "members", "成员“%s”填了两次", m.Name)
		seen[m.Name+m.Side] = true
	}
	if f.SurplusTo != ToFund && f.SurplusTo != ToCharity {
		c.FailUnder(law.Must(rules.DonationSurplus).Source(), "surplus_to", "请选择终止后剩余财产的去向")
	}
	ends := calendar.Typed(c, "ends_on", f.EndsOn)
	c.Must(ends == nil || ends.After(now), "ends_on", "协议到期日应在今天之后")
	on := calendar.Typed(c, "board_on", f.BoardOn)
	if on == nil && !c.Failed("board_on") {
		c.FailUnder(agreement, "board_on", "请填写理事会批准设立的日期")
	}
	c.Must(on == nil || !on.After(now), "board_on", "理事会批准的日期不能在今天之后")
}

// inside reports whether a name says that the fund lies within another fund:
// 子基金, or a 专项基金 and a fund of it. The foundation's own name is left out.
func inside(name, own string) bool {
	if own != "" {
		name = strings.TrimPrefix(name, own)
	}
	_, below, ok := strings.Cut(name, "专项基金")
	return strings.Contains(name, "子基金") || ok && strings.Contains(below, "基金")
}
