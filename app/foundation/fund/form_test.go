package fund

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

func TestPercent(t *testing.T) {
	for in, want := range map[string]int64{"0": 0, "5": 500, "5.25": 525, " 2.5 % ": 250, "5％": 500, "100": 10_000, "0.01": 1} {
		if got, err := percent(in); err != nil || got != want {
			t.Errorf("%q: %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "%", "-1", "+1", "5.", ".5", "5.001", "100.01", "1e2", "五", "1000", "5 5", "0x1"} {
		if got, err := percent(in); err == nil {
			t.Errorf("%q was read as %d", in, got)
		}
	}
}

func TestADraftIsHeldToTheRules(t *testing.T) {
	good := Form{Name: "社区助老专项基金", Region: "成都", Purpose: "帮助独居老人安居", Use: "用于上门照料服务", Sponsor: "某公司",
		Committee: "五人委员会每季开会", Fee: "10", Ending: "目的实现后终止", Surplus: "用于相近的助老项目",
		Members: []Member{{Name: "陈主任", Seat: "主任"}, {Name: "李委员"}}, SurplusTo: ToCharity, BoardOn: "2026-05-20", BoardNo: "第五次会议"}
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	law := rules.At(now)
	for name, c := range map[string]struct {
		change      func(*Form)
		field, says string
	}{
		"good":               {func(*Form) {}, "", ""},
		"no name":            {func(f *Form) { f.Name = " " }, "name", "请填写基金名称"},
		"not a fund":         {func(f *Form) { f.Name = "助老项目" }, "name", "“基金”"},
		"a sub-fund":         {func(f *Form) { f.Name = "助老基金第一子基金" }, "name", "民发〔2015〕241号"},
		"a fund of a fund":   {func(f *Form) { f.Name = "助老专项基金冬季基金" }, "name", "民发〔2015〕241号"},
		"its own foundation": {func(f *Form) { f.Name = "横沥社区发展基金会助老专项基金" }, "", ""},
		"nobody watches":     {func(f *Form) { f.Members = []Member{{}, {Name: " "}} }, "members", "至少一人"},
		"a nameless member":  {func(f *Form) { f.Members = []Member{{Side: "捐赠人"}} }, "members", "姓名"},
		"a member twice":     {func(f *Form) { f.Members = append(f.Members, f.Members[0]) }, "members", "填了两次"},
		"surplus to nobody":  {func(f *Form) { f.SurplusTo = "" }, "surplus_to", "慈善法第58条"},
		"surplus to sponsor": {func(f *Form) { f.SurplusTo = "sponsor" }, "surplus_to", "慈善法第58条"},
		"no board":           {func(f *Form) { f.BoardOn = "" }, "board_on", "民发〔2015〕241号"},
		"the board tomorrow": {func(f *Form) { f.BoardOn = "2026-06-03" }, "board_on", "今天之后"},
		"no resolution":      {func(f *Form) { f.BoardNo = "" }, "board_no", "决议文号"},
		"ended already":      {func(f *Form) { f.EndsOn = "2026-05-31" }, "ends_on", "今天之后"},
		"ends on no day":     {func(f *Form) { f.EndsOn = "2026-02-30" }, "ends_on", "日期"},
		"fee over 10%":       {func(f *Form) { f.Fee = "10.01" }, "fee", "不能超过 10%（慈善法第61条）"},
		"fee no number":      {func(f *Form) { f.Fee = "五" }, "fee", "数字"},
		"no fee":             {func(f *Form) { f.Fee = "" }, "fee", "不收请填 0"},
		"no surplus":         {func(f *Form) { f.Surplus = "" }, "surplus", "剩余财产"},
		"too long":           {func(f *Form) { f.Purpose = strings.Repeat("长", 2001) }, "purpose", "2001"},
	} {
		form := good
		c.change(&form)
		var check fault.Check
		form.check(&check, law, "横沥社区发展基金会", now)
		err := check.Err()
		if c.field == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		x, ok := errors.AsType[*fault.Fault](err)
		if !ok || len(x.Fields) != 1 || x.Fields[0].Name != c.field || !strings.Contains(x.Fields[0].Message, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
