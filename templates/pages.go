package templates

import "gongji/app/kernel/fault"

// ErrorPage is error.html: what happened and what to do next.
type ErrorPage struct {
	Chrome
	Status  int // the HTTP status
	Heading string
	Text    string
	Article string
	Steps   []Crumb
}

// NewErrorPage words the page for a failure. status is the HTTP status that
// edge chose for the fault; a fault of an unknown kind, or nil, shows none of
// its text. The chrome is the caller's to fill.
func NewErrorPage(status int, f *fault.Fault) *ErrorPage {
	p := &ErrorPage{Status: status}
	switch status {
	case 401:
		p.Heading, p.Text = "请先登录", "登录可能已过期。登录后会回到这里。"
		p.Steps = []Crumb{{"登录", "/account/login"}, {"回到首页", "/"}}
	case 403:
		p.Heading, p.Text = "您不能进行这项操作", "您当前的身份没有这项权限。"
		p.Steps = []Crumb{{"在右上角切换到有权限的单位或角色", ""}, {"请本单位负责人为您开通权限", ""}, {"回到首页", "/"}}
	case 404:
		p.Heading, p.Text = "没有找到这个页面", "地址可能有误，或者内容已撤下、您无权查看。"
		p.Steps = []Crumb{{"检查地址是否完整", ""}, {"查找采购公告", "/tenders"}, {"查找专项基金", "/funds"}, {"查验文书", "/verify"}}
	case 409:
		p.Heading, p.Text = "内容已经变化", "别人或您的另一个窗口先一步提交了。"
		p.Steps = []Crumb{{"返回上一页，刷新后核对再提交", ""}, {"回到首页", "/"}}
	case 410:
		p.Heading, p.Text = "已过截止时间", "截止时间以平台时钟为准，过后不能再提交。"
		p.Steps = []Crumb{{"查看公告中的时间和依据", "/tenders"}, {"回到首页", "/"}}
	case 413:
		p.Heading, p.Text = "文件太大", "单个文件不能超过 100 MB。您已填写的内容没有丢失。"
		p.Steps = []Crumb{{"返回上一页，压缩或拆分文件后再上传", ""}}
	case 429:
		p.Heading, p.Text = "操作太频繁", "为保护账号，请稍后再试。"
		p.Steps = []Crumb{{"等待几分钟后重试", ""}, {"回到首页", "/"}}
	case 503:
		p.Heading, p.Text = "暂时无法完成", "系统的一个部件没有响应，您的操作没有生效。"
		p.Steps = []Crumb{{"稍等片刻后重试", ""}, {"回到首页", "/"}}
	case 400, 422:
		p.Heading, p.Text = "提交的内容需要修改", "请返回上一页，按提示改正后再提交。"
		p.Steps = []Crumb{{"返回上一页修改", ""}, {"回到首页", "/"}}
	default:
		p.Heading, p.Text = "系统出错了", "这是平台的问题，不是您的操作有误。错误已记录，您的操作可能没有生效，请先核对再重试。"
		p.Steps = []Crumb{{"稍后重试", ""}, {"把下面的请求编号告诉平台管理员", ""}, {"回到首页", "/"}}
	}
	p.Title = p.Heading
	if f != nil && f.Kind != fault.Unknown {
		if f.Message != "" {
			p.Text = f.Message
		}
		p.Article = f.Article
	}
	return p
}

// LoginPage is account/login.html. Resume is a parked form, sent again after
// signing in.
type LoginPage struct {
	Chrome
	Login  string   // as typed
	Next   string   // local path to return to
	Resume []Hidden // the parked form's reference; nil when nothing is parked
}

// RegisterPage is account/register.html.
type RegisterPage struct {
	Chrome
	Form  RegisterForm
	Kinds []Option // the kinds of organisation one may register
}

// RegisterForm is what was typed. Who is "person" or "organisation".
type RegisterForm struct {
	Who, Name, Login, Phone, Email string
	OrgKind, OrgName, USCC, Region string
	Agree                          bool
}

// ResumePage is account/resume.html: one button sends again, as it was, a
// form that an expired session interrupted.
type ResumePage struct {
	Chrome
	Action string // where the form was going
	What   string // what was being done: 投标文件, 招标草稿…
	Fields []Hidden
}
