package web

import (
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/ledger"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/templates"
)

// fundManagePage is fund/manage.html: a fund from the inside, in any state.
// The draft's page is its "check your answers".
type fundManagePage struct {
	templates.Chrome
	Fund       fund.Fund
	Status     templates.Status
	Money      fund.Money
	Answers    []templates.Answer
	Missing    []fault.Field
	Agreement  []templates.File
	Files      []templates.File
	Events     []templates.Event
	Next       templates.Action
	Reason     string // as typed
	MayEdit    bool
	MaySubmit  bool
	MayDecide  bool
	Document   string // where the printed agreement is
	Due        *templates.Deadline
	MayAttach  bool
	MayPay     bool
	MayAccount bool // the ledger's statement
}

func (w *Web) fundManage(r *edge.Request) (edge.Response, error) {
	f, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.fundManagePage(r, f)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "fund/manage", p), nil
}

func (w *Web) fundManagePage(r *edge.Request, at id.ID) (*fundManagePage, error) {
	ctx, who := r.Context(), r.Actor()
	f, err := w.Funds.Get(ctx, who, at)
	if err == nil {
		err = w.Funds.Require(who, f, "follow")
	}
	if err != nil {
		return nil, err
	}
	can := func(action string) bool { return w.Funds.Allowed(who, f, action) }
	p := &fundManagePage{Fund: f, Status: fundStatus(f), MayEdit: can("edit"), MaySubmit: can("submit"), MayDecide: can("approve"),
		MayAttach: can("attach"), MayPay: can("pay"), MayAccount: can("statement")}
	p.Title = fundTitle(f)
	p.Breadcrumbs = []templates.Crumb{fundDesk, {Label: p.Title}}
	p.Answers = fundAnswers(f, p.MayEdit)
	if f.State == fund.Draft {
		if p.Missing, err = w.Funds.Missing(ctx, f); err != nil {
			return nil, err
		}
	}
	if p.Money, err = w.Funds.Balance(ctx, f); err != nil {
		return nil, err
	}
	if p.Agreement, err = w.files(r, fund.AgreementKind, f.ID); err != nil {
		return nil, err
	}
	if p.Files, err = w.files(r, fund.Kind, f.ID); err != nil {
		return nil, err
	}
	if f.Document != nil {
		p.Document = "/documents/" + string(*f.Document)
	}
	p.Due = fundDue(r, f)
	events, err := w.Funds.Timeline(ctx, who, f.ID)
	p.Events = timeline(events)
	p.Next = fundNext(p)
	return p, err
}

// fundNext says who must do what now.
func fundNext(p *fundManagePage) templates.Action {
	f := p.Fund
	switch {
	case f.State == fund.Draft && !p.MaySubmit:
		return templates.Action{Title: "等待项目官员完成草稿", Waiting: "草稿由项目官员填写并提交。"}
	case f.State == fund.Draft && len(p.Missing) > 0:
		return templates.Action{Title: "补全后即可提交", Text: "还有 " + strconv.Itoa(len(p.Missing)) + " 处需要填写或修改，见本页提示。",
			Label: "继续填写", Href: fundHref(f) + "/edit?check=1"}
	case f.State == fund.Draft:
		return templates.Action{Title: "核对无误后提交审批", Text: "提交后由秘书长审批，审批期间不能修改。", Label: "提交审批", Post: fundHref(f) + "/submit"}
	case f.State == fund.Review && p.MayDecide:
		return templates.Action{}
	case f.State == fund.Review:
		return templates.Action{Title: "等待秘书长审批", Waiting: "由本会另一位秘书长身份的人员审批；起草人不能审批自己的基金。"}
	case f.State == fund.Winding:
		return templates.Action{Title: "正在终止清算", Text: "不再接收新的捐赠和付款，已开始的可以办完。", Label: "查看清算", Href: fundHref(f) + "/closing"}
	case f.State == fund.Active && p.MayPay:
		return templates.Action{Title: "从基金付款", Text: "向已登记的社会组织付款，须经审批。", Label: "新建付款", Href: "/foundation/payments/new?fund=" + string(f.ID)}
	}
	return templates.Action{}
}

func fundAnswers(f fund.Fund, edit bool) []templates.Answer {
	change := func(field string) string {
		if !edit {
			return ""
		}
		return fundHref(f) + "/edit#f-" + field
	}
	fee := f.Form.Fee
	if f.FeeBP != nil {
		fee += " %"
	}
	return []templates.Answer{
		{Label: "基金名称", Value: f.Form.Name, Change: change("name")},
		{Label: "公开全称", Value: fullName(f)},
		{Label: "服务地区", Value: f.Form.Region, Change: change("region")},
		{Label: "设立目的", Value: f.Form.Purpose, Change: change("purpose")},
		{Label: "使用范围", Value: f.Form.Use, Change: change("use")},
		{Label: "发起人", Value: f.Form.Sponsor, Change: change("sponsor")},
		{Label: "管理委员会", Value: f.Form.Committee, Change: change("committee")},
		{Label: "管委会成员", Value: memberLines(f.Form.Members), Change: change("members")},
		{Label: "公开成员姓名", Value: map[bool]string{true: "成员已同意公开", false: "公开页面遮挡姓名"}[f.Form.MembersPublic], Change: change("members_public")},
		{Label: "管理费", Value: fee, Change: change("fee"), Article: "慈善法第61条"},
		{Label: "终止条件", Value: f.Form.Ending, Change: change("ending")},
		{Label: "协议到期日", Value: or(writtenDay(f.Form.EndsOn), "没有固定期限"), Change: change("ends_on")},
		{Label: "剩余财产去向", Value: f.Form.SurplusTo.Name(), Change: change("surplus_to"), Article: "慈善法第58条"},
		{Label: "剩余财产处理", Value: f.Form.Surplus, Change: change("surplus")},
		{Label: "理事会批准", Value: strings.TrimSpace(writtenDay(f.Form.BoardOn) + "　" + f.Form.BoardNo), Change: change("board_no")},
	}
}

// memberLines are the members, one a line.
func memberLines(list []fund.Member) string {
	lines := make([]string, len(list))
	for i, m := range list {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// fundDue is when the agreement ends, for a fund that still runs; nil without
// a fixed day.
func fundDue(r *edge.Request, f fund.Fund) *templates.Deadline {
	if f.EndsOn == nil || !f.State.Public() || f.State == fund.Ended {
		return nil
	}
	at := f.EndsOn.AddDate(0, 0, 1)
	return &templates.Deadline{Label: "协议到期", At: at, Now: r.Now(), Ends: true}
}

func fullName(f fund.Fund) string {
	if f.Name == "" {
		return ""
	}
	return f.FullName()
}

// files lists the attachments of an object that the actor may view.
func (w *Web) files(r *edge.Request, kind string, owner id.ID) ([]templates.File, error) {
	list, err := w.Attachments.For(r.Context(), r.Actor(), kind, owner)
	var out []templates.File
	for _, a := range list {
		out = append(out, templates.File{ID: string(a.ID), Name: a.Name, Href: "/attachments/" + string(a.ID), SHA256: a.SHA256, Size: a.Size})
	}
	return out, err
}

// number reads a whole number of a hidden field or query; 0 where it is none.
func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// fundLedgerPage is fund/ledger.html: the statement of a fund's account.
type fundLedgerPage struct {
	templates.Chrome
	Fund   fund.Fund
	Money  fund.Money
	Rows   []ledger.Row
	Next   string
	Newest string // back to the first page
	Verify string // the address that proves the book
	Report *ledger.Report
}

const statementPage = 50

func (w *Web) fundLedger(r *edge.Request) (edge.Response, error) {
	f, err := w.fund(r)
	if err == nil {
		err = w.Funds.Require(r.Actor(), f, "statement")
	}
	if err != nil {
		return edge.Response{}, err
	}
	p := &fundLedgerPage{Fund: f, Verify: with(r, "verify", "1")}
	p.Title = "账户明细"
	p.Breadcrumbs = []templates.Crumb{fundDesk, {Label: f.Name, Href: fundHref(f)}, {Label: p.Title}}
	if p.Money, err = w.Funds.Balance(r.Context(), f); err != nil {
		return edge.Response{}, err
	}
	at := ledger.Page{BeforeSeq: number(r.Query("seq")), BeforeLine: int(number(r.Query("line"))), Limit: statementPage}
	if p.Rows, err = w.Ledger.Statement(r.Context(), *f.CashAccount, at); err != nil {
		return edge.Response{}, err
	}
	if at.BeforeSeq > 0 {
		p.Newest = r.Path()
	}
	if n := len(p.Rows); n == statementPage {
		p.Next = r.Path() + "?seq=" + strconv.FormatInt(p.Rows[n-1].Seq, 10) + "&line=" + strconv.Itoa(p.Rows[n-1].Line)
	}
	if r.Query("verify") != "" {
		report, err := w.Ledger.Verify(r.Context(), f.Foundation)
		if err != nil {
			return edge.Response{}, err
		}
		p.Report = &report
	}
	return edge.HTML(200, "fund/ledger", p), nil
}
