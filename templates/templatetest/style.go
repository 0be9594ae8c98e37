package templatetest

import (
	"time"

	"gongji/app/kernel/fault"
	"gongji/templates"
)

// StylePage is style.html: every component with awkward contents, for
// looking at and for the browser test. It is never served by the product.
type StylePage struct {
	templates.Chrome
	Record        StyleRecord
	LongName      string
	Facts         []templates.KV
	Files         []templates.File
	Filter        templates.Filter
	Rows          []StyleRecord
	Pager         templates.Pager
	Charts        []templates.Chart
	Deadlines     []templates.Deadline
	Actions       []templates.Action
	Events        []templates.Event
	Tasks         []templates.Task
	Answers       []templates.Answer
	Verifications []templates.Verification
	Kinds         []templates.Option
	Chosen        []string
}

// StyleRecord is a row of the sample list.
type StyleRecord struct {
	Title, Code, Org string
	At               time.Time
	Budget           int64
	Status           templates.Status
}

const (
	longName = "新疆维吾尔自治区伊犁哈萨克自治州霍尔果斯市社区养老服务与志愿者协同发展促进会联合社会工作服务中心示范基地（筹备）联络处"
	hash     = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)

// Chrome is a full frame: signed in, several organisations, demo bar.
func Chrome(now time.Time) templates.Chrome {
	return templates.Chrome{
		Title: "样式", Path: "/style", Now: now, CSRF: "token", RequestID: "01JD7Z3M8Q4T", PublicURL: "https://gongji.example",
		Actor: templates.Actor{Name: "欧阳·买买提", OrgName: longName, RoleName: "经办人", SignedIn: true},
		Orgs: []templates.OrgChoice{{ID: "a", Name: longName, RoleName: "经办人", Current: true},
			{ID: "b", Name: "横沥社区基金会", RoleName: "秘书长"}, {ID: ""}},
		Nav: []templates.NavItem{{Label: "工作台", Href: "/desk", Icon: "layout-dashboard", Count: 3},
			{Label: "招标公告", Href: "/tenders", Icon: "gavel", Current: true},
			{Label: "专项基金", Href: "/funds", Icon: "heart-handshake"},
			{Label: "组织名录", Href: "/organisations", Icon: "building-community"}, {Label: "核验", Href: "/verify", Icon: "shield-check"}},
		Breadcrumbs: []templates.Crumb{{Label: "首页", Href: "/"}, {Label: "招标公告", Href: "/tenders"}, {Label: longName}},
		Flash:       []templates.Flash{{Kind: "ok", Text: "已提交审批。\n审批人会收到通知。"}, {Kind: "danger", Text: "附件没有上传成功，请重试。"}},
		Demo:        &templates.DemoBar{Now: now, CSRF: "token"},
	}
}

// NewStylePage fills the style guide as of now.
func NewStylePage(now time.Time) *StylePage {
	void := "捐赠人申请更正，原收据作废。"
	return &StylePage{
		Chrome: func() templates.Chrome {
			c := Chrome(now)
			c.Fault = &fault.Fault{Kind: fault.Invalid, Message: "有 3 处需要修改，请按提示改正后再提交", Article: "政府采购法 35",
				Fields: []fault.Field{{Name: "title", Message: "项目名称不能超过 60 个字"}, {Name: "deadline", Message: "截止时间最早为 2026年12月12日（政府采购法 35）"}, {Name: "kind", Message: "请选择一种价格方式"}}}
			return c
		}(),
		Record:   StyleRecord{Title: "样式与构件", Code: "GJ-2026-000128", Status: templates.Status{Label: "招标中", Tone: templates.Info}},
		LongName: longName,
		Facts: []templates.KV{{Label: "采购人", Value: longName, Href: "#"}, {Label: "统一社会信用代码", Value: "91654026MA78WT2Q66", Mono: true},
			{Label: "文件发售期", Value: "2026年11月21日 至 2026年11月27日", Article: "政府采购法实施条例 31", Note: "不少于 5 个工作日"},
			{Label: "公告期限", Value: "5 个工作日", Article: "87号令 16", Unverified: true}},
		Files:  []templates.File{{ID: "f1", Name: "招标文件（" + longName + "）.pdf", Href: "#", Size: 1481234, SHA256: hash}},
		Filter: templates.Filter{Action: "/style", Query: "养老", Placeholder: "项目名称、采购人或编号", Export: "#", Active: true, Selects: []templates.FilterSelect{{Name: "method", Label: "采购方式", Value: "open", Options: []templates.Option{{Label: "全部"}, {Value: "open", Label: "公开招标"}}}, {Name: "state", Label: "状态", Options: []templates.Option{{Label: "全部"}}}}},
		Rows: []StyleRecord{{Title: longName + "养老服务", Org: longName, At: now, Budget: 99999999999999, Status: templates.Status{Label: "招标中", Tone: templates.Info}},
			{Title: "社区居家养老服务", Org: "某区民政局", At: now.AddDate(0, 0, -3), Budget: 140950, Status: templates.Status{Label: "已授标", Tone: templates.OK}}},
		Pager: templates.Pager{Prev: "#", Next: "#", Total: 12843, AtLeast: true},
		Charts: []templates.Chart{
			{ID: "c-bar", Kind: "bar", Title: "捐赠收支", Unit: "元", Labels: []string{"9月", "10月", "11月"}, Series: []templates.Series{{Name: "收入", Values: []float64{120000, 340000.5, 90000}}, {Name: "支出", Values: []float64{80000, 150000, 210000}}}, Note: "按入账日期统计。演示数据。"},
			{ID: "c-hbar", Kind: "hbar", Title: "横沥防控物资", Labels: []string{"口罩（个）", "消毒液（桶，20 升）", "酒精（桶，20 升）", "手套（副）", "雨衣（件）", "护目镜（副）"}, Series: []templates.Series{{Name: "数量", Values: []float64{28240, 134, 50, 11050, 2183, 649}}}},
			{ID: "c-pie", Kind: "pie", Title: "资金去向", Unit: "元", Labels: []string{"养老服务", "儿童关爱", "助残", "社区治理"}, Series: []templates.Series{{Name: "金额", Values: []float64{500000, 250000, 125000, 60000}}}},
			{ID: "c-line", Kind: "line", Title: "月度趋势", Unit: "万元", Labels: []string{"1月", "2月", "3月", "4月", "5月", "6月"}, Series: []templates.Series{{Name: "拨付", Values: []float64{1, 3, 2.5, 6, 4, 8}}}},
			{ID: "c-radar", Kind: "radar", Title: "绩效评价", Unit: "分", Labels: []string{"决策", "过程", "产出", "效益"}, Series: []templates.Series{{Name: "本项目", Values: []float64{92, 85, 78, 88}}, {Name: "同类平均", Values: []float64{80, 82, 81, 79}}}},
			{ID: "c-none", Kind: "bar", Title: "还没有数据的图"},
		},
		Deadlines: []templates.Deadline{{Label: "投标截止", At: now.Add(75 * time.Hour), Now: now, Article: "政府采购法 35"}, {Label: "质疑期截止", At: now.Add(50 * time.Minute), Now: now, Article: "94号令 10", Unverified: true}, {Label: "开标", At: now.Add(-time.Hour), Now: now}},
		Actions: []templates.Action{{Title: "提交审批", Text: "提交后不能再修改，直到审批人退回。", Label: "提交审批", Post: "/none", Confirm: "提交后不能再修改，确定提交吗？", CSRF: "token", Fields: []templates.Hidden{{Name: "version", Value: "3"}}},
			{Title: "继续填写", Label: "继续", Href: "#"}, {Title: "等待审批", Waiting: "由审批人 李某 办理，预计 2 个工作日内。", Tone: templates.Neutral},
			{Title: "作废收据", Label: "作废", Post: "/none", CSRF: "token", Tone: templates.Danger}},
		Events: []templates.Event{{At: now.Add(-72 * time.Hour), Who: "张三（经办人）", What: "起草"}, {At: now.Add(-48 * time.Hour), Who: "李四（审批人）", What: "退回", Note: "预算依据不足，\n请补充。", Tone: templates.Warn},
			{At: now, Who: longName, What: "发布公告", Article: "87号令 16", Href: "#", Tone: templates.OK}},
		Tasks:         []templates.Task{{Title: "买什么", Href: "#", State: "done"}, {Title: "向谁买", Href: "#", State: "doing", Hint: "还差资格条件"}, {Title: "怎么买", Href: "#", State: "error"}, {Title: "为谁买", Href: "#", State: "todo"}, {Title: "核对并提交", Href: "#", State: "blocked", Hint: "先完成前面各项"}},
		Answers:       []templates.Answer{{Label: "项目名称", Value: longName, Change: "#"}, {Label: "统一社会信用代码", Value: "91654026MA78WT2Q66", Mono: true}, {Label: "截止时间", Value: "2026年12月12日 09:00", Change: "#", Article: "政府采购法 35"}, {Label: "联系电话", Change: "#"}},
		Verifications: []templates.Verification{{State: "valid", Title: "捐赠收据", Code: "GJ7K-2M9Q-X4TR-8W3N", SHA256: hash, Facts: []templates.KV{{Label: "收款单位", Value: longName}, {Label: "捐赠人", Value: "张*三"}, {Label: "金额", Value: "1,409.50 元"}}}, {State: "void", Title: "捐赠收据", Text: void}, {State: "superseded", Title: "投标回执"}, {State: "unknown", Text: "请核对编号是否完整。"}},
		Kinds:         []templates.Option{{Value: "total", Label: "总价", Hint: "整个项目一个价格"}, {Value: "unit", Label: "单价", Hint: "按小时、人次计价，据实结算"}},
		Chosen:        []string{"old", "disabled"},
	}
}
