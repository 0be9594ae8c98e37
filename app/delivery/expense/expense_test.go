package expense_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"gongji/app/apptest"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

var pdf = []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")

// agreed is an engagement of 300,000 元 whose plan is in force.
func agreed(t *testing.T, e *apptest.Env, officer, lead *apptest.Person, title string) engagement.Engagement {
	t.Helper()
	g := e.Engage(officer, lead, title)
	_, err := e.Plans.Save(t.Context(), lead.Actor, g.ID, 0, plan.Form{Communities: "和美社区", Settlement: "milestone",
		Outputs:    []plan.OutputForm{{Name: "上门服务", Quantity: "1200", Unit: "人次"}},
		Milestones: []plan.MilestoneForm{{Name: "结项", Condition: "完成", Due: "2026-07-01", Amount: "300000"}},
		Lines:      []plan.LineForm{{Name: "人员经费", Amount: "299000"}, {Name: "活动经费", Amount: "1000"}}})
	if err == nil {
		_, err = e.Plans.Propose(t.Context(), lead.Actor, g.ID)
	}
	if err == nil {
		_, err = e.Plans.Agree(t.Context(), officer.Actor, g.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func row(line, date, invoice, amount string) expense.Row {
	return expense.Row{Line: line, Date: date, Purpose: "护理员补贴", Payee: "张记劳务", Invoice: invoice, Amount: amount}
}

func TestAWeekFromTypingToTheBooks(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead, stranger := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead), e.Org(party.Social, "暖阳养老服务中心", party.Lead)
		a, b := agreed(t, e, officer, lead, "居家养老"), agreed(t, e, officer, lead, "社区食堂")
		e.Time.Set(time.Date(2026, 6, 5, 10, 0, 0, 0, clock.Beijing))
		r, err := e.Expenses.Start(ctx, lead.Actor, a.ID, e.Time.Now())
		must(t, err)
		if again, err := e.Expenses.Start(ctx, lead.Actor, a.ID, e.Time.Now()); err != nil || again.ID != r.ID {
			t.Errorf("a second report of the week: %v %v", again.ID, err)
		}
		says := func(f expense.Form, want string) {
			t.Helper()
			_, x, err := e.Expenses.Save(ctx, lead.Actor, r.ID, 0, f)
			must(t, err)
			for _, p := range x.Problems {
				if strings.Contains(p.Message, want) {
					return
				}
			}
			t.Errorf("%q was not said: %+v", want, x.Problems)
		}
		says(expense.Form{Rows: []expense.Row{row("人员经费", "2026-06-02", "INV-0001", "10"), row("人员经费", "2026-06-02", "inv 0001", "10")}}, "第 2 行：发票 INV0001 和第 1 行是同一张")
		says(expense.Form{Rows: []expense.Row{row("活动经费", "2026-06-02", "0002", "600"), row("活动经费", "2026-06-03", "0003", "400.01")}}, "第 2 行：“活动经费”预算 1,000.00 元，加上这一行超出 0.01 元")
		says(expense.Form{Rows: []expense.Row{row("人员经费", "2026-05-31", "0004", "10")}}, "不在履约期")
		says(expense.Form{Rows: []expense.Row{row("人员经费", "2026-06-06", "0004", "10")}}, "日期还没有到")
		says(expense.Form{Rows: []expense.Row{row("别的", "2026-06-02", "0004", "10")}}, "请从方案的预算科目里选择")
		says(expense.Form{}, "零报账")
		good := expense.Form{Rows: []expense.Row{row("人员经费", "2026-06-02", "24420000001", "8000"), row("活动经费", "2026-06-03", "24420000002", "1000")}}
		_, x, err := e.Expenses.Save(ctx, lead.Actor, r.ID, 0, good)
		if err != nil || len(x.Problems) != 0 || x.Total != 9000_00 {
			t.Errorf("%+v %v", x, err)
		}
		if _, err := e.Expenses.Submit(ctx, lead.Actor, r.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "请上传发票 24420000001") {
			t.Errorf("sent without files: %v", err)
		}
		r = sent(t, e, lead, r.ID)
		if _, err := e.Expenses.Accept(ctx, lead.Actor, r.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the provider checks itself: %v", err)
		}
		if _, err := e.Expenses.Get(ctx, stranger.Actor, r.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger reads it: %v", err)
		}

		other, err := e.Expenses.Start(ctx, lead.Actor, b.ID, e.Time.Now())
		must(t, err)
		_, x, err = e.Expenses.Save(ctx, lead.Actor, other.ID, 0, expense.Form{Rows: []expense.Row{row("人员经费", "2026-06-02", "２４４２ 0000001", "5")}})
		must(t, err)
		if len(x.Problems) != 1 || !strings.Contains(x.Problems[0].Message, "已在“居家养老”2026年6月1日至6月7日的周报账里报过") {
			t.Errorf("an invoice of another engagement: %+v", x.Problems)
		}
		must(t, second(e.Expenses.Return(ctx, officer.Actor, r.ID, "请补签收单")))
		if x, err := e.Expenses.Check(ctx, mustOf(e.Expenses.Get(ctx, lead.Actor, other.ID))); err != nil || len(x.Problems) != 1 { // its file only
			t.Errorf("an invoice of a returned report is still taken: %+v %v", x.Problems, err)
		}
		must(t, second(e.Expenses.Submit(ctx, lead.Actor, r.ID)))
		must(t, second(e.Expenses.Accept(ctx, officer.Actor, r.ID)))
		lines, err := e.Expenses.Lines(ctx, officer.Actor, a.ID)
		if err != nil || lines[1].Accepted != 1000_00 || lines[1].Left() != 0 || lines[0].Left() != 291_000_00 {
			t.Errorf("%+v %v", lines, err)
		}
		must(t, second(e.Plans.Return(ctx, officer.Actor, a.ID, "合同变更")))
		p, err := e.Plans.Get(ctx, lead.Actor, a.ID)
		must(t, err)
		p.Form.Lines[1].Name = "活动"
		must(t, second(e.Plans.Save(ctx, lead.Actor, a.ID, 0, p.Form)))
		if _, err := e.Plans.Propose(ctx, lead.Actor, a.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "已有支出，不能删除或改名") {
			t.Errorf("a line with spending was renamed: %v", err)
		}
	})
}

// sent uploads what the rows of a draft lack and sends it.
func sent(t *testing.T, e *apptest.Env, lead *apptest.Person, at id.ID) expense.Report {
	t.Helper()
	r, err := e.Expenses.Get(t.Context(), lead.Actor, at)
	must(t, err)
	for _, x := range r.Form.Rows {
		must(t, second(e.Attachments.Add(t.Context(), lead.Actor, expense.ObjectKind, r.ID, x.Key, "发票.pdf", bytes.NewReader(pdf))))
	}
	r, err = e.Expenses.Submit(t.Context(), lead.Actor, r.ID)
	must(t, err)
	return r
}

// list is an XLSX list as a bookkeeper's machine writes it.
func list(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	set := func(cell string, v any) { must(t, f.SetCellValue("Sheet1", cell, v)) }
	set("A1", "支出清单")
	must(t, f.SetSheetRow("Sheet1", "A2", &[]any{"科目", "日期", "用途", "收款单位", "发票号", "金额（元）"}))
	must(t, f.SetSheetRow("Sheet1", "A3", &[]any{"人员经费", time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC), "补贴", "张记劳务", "24420000001", 120.5}))
	must(t, f.SetSheetRow("Sheet1", "A4", &[]any{"活动经费", "2026/6/3", "讲座场地", "和美物业", "24420000002", 300.5}))
	must(t, f.SetCellFormula("Sheet1", "F4", "2*150.25"))
	must(t, f.SetSheetRow("Sheet1", "A5", &[]any{"活动经费", "2026-06-03", "茶点", "和美超市", "2.442E+10", "30"}))
	must(t, f.SetSheetRow("Sheet1", "A6", &[]any{"合计", "", "", "", "", 450.5}))
	var b bytes.Buffer
	must(t, f.Write(&b))
	return b.Bytes()
}

func TestAListWithFormulasIsReadAndTold(t *testing.T) {
	got, err := expense.Sheet("清单.xlsx", list(t))
	must(t, err)
	if len(got.Rows) != 2 || got.Rows[0].Amount != "120.50" || got.Rows[0].Date != "2026-06-02" || got.Rows[1].Amount != "300.50" && got.Rows[1].Amount != "300.5" || got.Rows[1].Date != "2026-06-03" {
		t.Errorf("%+v", got.Rows)
	}
	if len(got.Told) != 1 || !strings.Contains(got.Told[0], "第 4 行：F4 单元格是公式，取计算结果“300.5") {
		t.Errorf("%v", got.Told)
	}
	if len(got.Bad) != 1 || !strings.Contains(got.Bad[0], "第 5 行：发票号码") {
		t.Errorf("%v", got.Bad)
	}
	for name, raw := range map[string][]byte{"清单.xls": []byte("x"), "清单.xlsx": []byte("not a zip")} {
		if _, err := expense.Sheet(name, raw); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := expense.Template([]string{"人员经费", "活动经费"})
	must(t, err)
	if _, err := expense.Sheet("模板.xlsx", b); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "表头下面没有支出") {
		t.Errorf("the template: %v", err)
	}
}

func FuzzSheet(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(_ *testing.T, raw []byte) { _, _ = expense.Sheet("x.xlsx", raw) })
}

func TestAListAndPhotographsByTheAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		g := agreed(t, e, officer, lead, "居家养老")
		e.Time.Set(time.Date(2026, 6, 5, 10, 0, 0, 0, clock.Beijing))
		r, err := e.Expenses.Start(t.Context(), lead.Actor, g.ID, e.Time.Now())
		must(t, err)
		at := "/expenses/" + string(r.ID) + "/import"
		var got struct {
			Rows   []expense.Row  `json:"rows"`
			Report expense.Report `json:"report"`
		}
		lead.Send(at, "清单.xlsx", list(t)).Want(201).Into(&got)
		if len(got.Rows) == 0 || len(got.Report.Form.Rows) != len(got.Rows) {
			t.Errorf("%+v", got)
		}
		lead.Send(at, "清单.xls", []byte("x")).Want(422)
		officer.Send(at, "清单.xlsx", list(t)).Want(403)
		lead.Send("/engagements/"+string(g.ID)+"/evidence/files", "台账.pdf", pdf).Want(422) // without its fields
	})
}

func TestAWeekOnPagesAndAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		g := agreed(t, e, officer, lead, "居家养老")
		at := "/engagements/" + string(g.ID) + "/expenses"
		e.Time.Set(time.Date(2026, 6, 5, 10, 0, 0, 0, clock.Beijing))
		officer.SignIn()
		lead.SignIn()
		page := lead.Post(at, url.Values{"week": {"2026-06-05"}})
		edit := page.Path
		if !strings.HasSuffix(edit, "/edit") || page.Find(`[hx-post$="/check"]`).Length() != 1 {
			t.Fatal(page.Path, page.Text())
		}
		report := strings.TrimSuffix(edit, "/edit")
		check := lead.Post(report+"/check", url.Values{"rows.1.line": {"活动经费"}, "rows.1.date": {"2026-06-03"}, "rows.1.invoice": {"0009"}, "rows.1.amount": {"1000.01"}, "rows.1.purpose": {"x"}, "rows.1.payee": {"y"}})
		if check.Code != 200 || !strings.Contains(check.Find("#expense-says").Text(), "超出 0.01 元") {
			t.Errorf("as typed: %d %s", check.Code, check.Find("#expense-says").Text())
		}
		lead.Post(report+"/edit", url.Values{"note": {""}})
		if page = lead.Upload(report+"/import", "清单.xlsx", list(t), nil); page.Code != 200 || !page.Has("从清单读入 2 行") || !page.Has("第 5 行：发票号码") || page.Find(`input[name="rows.2.amount"]`).AttrOr("value", "") == "" {
			t.Fatalf("%d %s", page.Code, page.Text())
		}
		if page = lead.Post(report+"/submit", nil); page.Code != 422 || !page.Has("请上传发票 24420000001") {
			t.Errorf("%d", page.Code)
		}
		lead.Upload(report+"/invoices", "dzfp_24420000001_和美.pdf", pdf, nil)
		if page = lead.Upload(report+"/invoices", "别的.pdf", pdf, nil); !page.Has("这些文件名里没有本周的发票号码") {
			t.Error(page.Text())
		}
		lead.Upload(report+"/invoices", "24420000002.pdf", pdf, nil)
		if page = lead.Post(report+"/submit", nil); !page.Has("待付款方核对") {
			t.Fatal(page.Text())
		}
		if page = officer.Post(report+"/decide", url.Values{"decision": {"return"}}); page.Code != 422 || page.Find("#f-reason").AttrOr("aria-invalid", "") != "true" {
			t.Errorf("%d", page.Code)
		}
		officer.API("POST", report+"/accept", nil).Want(200)
		if page = officer.Get(at); page.Find("[data-chart]").Length() != 1 || !page.Has("已核对") || !page.Has("699.50") {
			t.Error(page.Text())
		}
		if raw := lead.Get(at + "/template.xlsx"); raw.Code != 200 {
			t.Error(raw.Code)
		}
		if code := e.Visitor().API("GET", report, nil).Code; code != 401 {
			t.Errorf("a visitor: %d", code)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func mustOf[T any](x T, _ error) T { return x }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
