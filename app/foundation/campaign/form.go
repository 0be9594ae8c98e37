package campaign

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/names"
	"gongji/app/kernel/uscc"
)

// Form is a draft as it was typed. Nothing typed is lost, however wrong.
type Form struct {
	Name          string `json:"name" description:"募捐活动名称"`
	Purpose       string `json:"purpose" description:"募捐目的和款物用途"`
	Fund          string `json:"fund" description:"款项进入的专项基金的编号（id）"`
	Platform      string `json:"platform" description:"民政部指定的互联网公开募捐信息平台的名称"`
	URL           string `json:"url" description:"平台上的募捐页面，https 网址"`
	Filing        string `json:"filing_number" description:"募捐方案备案编号：统一社会信用代码 + A + 两位年份 + 顺序号"`
	Qualification string `json:"qualification" description:"公开募捐资格证书编号"`
	StartsOn      string `json:"starts_on" description:"募捐开始日期，例如 2026-06-01"`
	EndsOn        string `json:"ends_on" description:"募捐结束日期，当日计入"`
}

// storable refuses only what could not be kept at all.
func (f Form) storable() error {
	var c fault.Check
	for name, v := range map[string]string{"name": f.Name, "purpose": f.Purpose, "fund": f.Fund, "platform": f.Platform, "url": f.URL,
		"filing_number": f.Filing, "qualification": f.Qualification, "starts_on": f.StartsOn, "ends_on": f.EndsOn} {
		c.Must(utf8.ValidString(v) && !strings.ContainsRune(v, 0) && utf8.RuneCountInString(v) <= 5000,
			name, "内容太长或有无法识别的字符，请重新输入")
	}
	return c.Err()
}

// read takes what can be read of the form into the campaign; the complaints
// are for the check page. Whether the fund exists is not looked up here.
func (x *Campaign) read(c *fault.Check) {
	f := x.Form
	x.Name, x.Platform, x.Qualification = names.Clean(f.Name, 400), names.Clean(f.Platform, 400), names.Clean(f.Qualification, 400)
	x.Purpose, x.URL = strings.TrimSpace(f.Purpose), strings.TrimSpace(f.URL)
	within := func(field, s string, least, most int, ask string) {
		n := utf8.RuneCountInString(s)
		c.Must(n >= least && n <= most, field, "%s", ask)
	}
	within("name", x.Name, 4, 60, "请填写募捐活动名称，4–60 个字，与备案的名称一致")
	within("purpose", x.Purpose, 10, 2000, "请写明募捐目的和款物用途，10–2000 个字")
	within("platform", x.Platform, 2, 60, "请填写平台名称，2–60 个字")
	within("qualification", x.Qualification, 4, 60, "请填写公开募捐资格证书编号，4–60 个字")
	c.Adopt("url", checkURL(x.URL))
	var err error
	x.Filing, err = Filing(f.Filing)
	c.Adopt("filing_number", err)
	x.Fund = nil
	if at := id.ID(strings.TrimSpace(f.Fund)); id.Valid(string(at)) {
		x.Fund = &at
	} else {
		c.Fail("fund", "请选择款项进入哪只专项基金")
	}
	x.StartsOn, x.EndsOn = calendar.Typed(c, "starts_on", f.StartsOn), calendar.Typed(c, "ends_on", f.EndsOn)
	if c.Failed("starts_on") || c.Failed("ends_on") {
		return
	}
	c.Must(x.StartsOn != nil, "starts_on", "请填写募捐开始日期")
	c.Must(x.EndsOn != nil, "ends_on", "请填写募捐结束日期")
	c.Must(x.StartsOn == nil || x.EndsOn == nil || !x.EndsOn.Before(*x.StartsOn), "ends_on", "结束日期不能早于开始日期")
}

// checkURL accepts the address of a page on the open web, and nothing that
// hides where it leads.
func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.Port() != "" || len(s) > 500 ||
		!strings.Contains(u.Hostname(), ".") || !host.MatchString(u.Hostname()) || strings.ContainsAny(s, " \t\r\n\"<>\\") {
		return fault.New(fault.Invalid, "请填写平台上募捐页面的完整网址，以 https:// 开头，例如 https://gongyi.example.cn/donate/123")
	}
	return nil
}

var (
	host   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z][a-z0-9-]*[a-z0-9]$`)
	serial = regexp.MustCompile(`^A[0-9]{4,10}$`)
)

// Filing reads a 募捐方案备案编号 as 慈善中国 shows them: the foundation's
// 统一社会信用代码 (checked), the letter A and digits (the year and a serial
// number). No text that says so was found (待核), so the digits are not counted
// strictly. Upper case, without spaces.
func Filing(s string) (string, error) {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	if len(s) < 23 || !serial.MatchString(s[18:]) {
		return s, fault.New(fault.Invalid, "备案编号应是 18 位统一社会信用代码，接字母 A、两位年份和顺序号，例如 …A26001；请照“慈善中国”公示的编号填写")
	}
	if _, err := uscc.Check(s[:18]); err != nil {
		return s, fault.New(fault.Invalid, "备案编号的前 18 位不是有效的统一社会信用代码，请照“慈善中国”公示的编号核对")
	}
	return s, nil
}
