package reconciliation_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/reconciliation"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/party"
)

func agreed(t *testing.T, e *apptest.Env, officer, lead *apptest.Person) engagement.Engagement {
	t.Helper()
	ctx := t.Context()
	g := e.EngageContract(officer, lead, "青山区居家养老上门服务")
	_, err := e.Plans.Save(ctx, lead.Actor, g.ID, 0, plan.Form{Communities: "和美社区", Settlement: "milestone",
		Outputs:    []plan.OutputForm{{Name: "上门服务", Quantity: "600", Unit: "人次"}},
		Milestones: []plan.MilestoneForm{{Name: "结项", Condition: "全部完成", Due: "2026-07-01", Amount: "300000"}},
		Lines:      []plan.LineForm{{Name: "人员经费", Amount: "300000"}}})
	must(t, err)
	must(t, second(e.Plans.Propose(ctx, lead.Actor, g.ID)))
	must(t, second(e.Plans.Agree(ctx, officer.Actor, g.ID)))
	return g
}

// spend reports and accepts the week of a day with one invoice.
func spend(t *testing.T, e *apptest.Env, officer, lead *apptest.Person, g engagement.Engagement, day, invoice, amount string) {
	t.Helper()
	ctx := t.Context()
	at, err := time.ParseInLocation(time.DateOnly, day, clock.Beijing)
	must(t, err)
	r, err := e.Expenses.Start(ctx, lead.Actor, g.ID, at)
	must(t, err)
	r, _, err = e.Expenses.Save(ctx, lead.Actor, r.ID, 0, expense.Form{Rows: []expense.Row{{Line: "人员经费", Date: day, Purpose: "补贴", Payee: "张记劳务", Invoice: invoice, Amount: amount}}})
	must(t, err)
	_, err = e.Attachments.Add(ctx, lead.Actor, expense.ObjectKind, r.ID, r.Form.Rows[0].Key, "发票.pdf", strings.NewReader("%PDF-1.4\n%%EOF\n"))
	must(t, err)
	must(t, second(e.Expenses.Submit(ctx, lead.Actor, r.ID)))
	must(t, second(e.Expenses.Accept(ctx, officer.Actor, r.ID)))
}

func keys(x reconciliation.Case) string {
	var out []string
	for _, d := range x.Content.Differences {
		out = append(out, d.Key)
	}
	return strings.Join(out, " ")
}

func TestAMonthIsClosedWhenEveryDifferenceHasItsWords(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		finance, stranger := e.Colleague(officer, party.Finance), e.Org(party.Social, "暖阳养老服务中心", party.Lead)
		g := agreed(t, e, officer, lead)
		spend(t, e, officer, lead, g, "2026-06-01", "24420000001", "8000")
		if _, err := e.Months.Start(ctx, officer.Actor, g.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("begun before the month is over: %v", err)
		}
		e.Time.Advance(30 * 24 * time.Hour) // 2026-07-01
		if _, err := e.Months.Start(ctx, lead.Actor, g.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the provider begins: %v", err)
		}
		x, err := e.Months.Start(ctx, officer.Actor, g.ID)
		must(t, err)
		if want := "week/2026-06-08 week/2026-06-15 week/2026-06-22 unpaid books"; keys(x) != want || x.Content.Accepted != 8_000_00 {
			t.Fatalf("%s\n%+v", keys(x), x.Content)
		}
		if _, err := e.Months.Get(ctx, stranger.Actor, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger reads it: %v", err)
		}
		if _, err := e.Months.Start(ctx, officer.Actor, g.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("two open months: %v", err)
		}
		x, err = e.Months.Enter(ctx, officer.Actor, x.ID, 500_00)
		must(t, err)
		if last := x.Content.Differences[4]; last.Key != "books" || *last.Amount != 500_00 {
			t.Errorf("the books pay what nobody asked for: %+v", last)
		}
		must(t, second(e.Months.Enter(ctx, officer.Actor, x.ID, 0)))
		if _, err := e.Months.Explain(ctx, officer.Actor, x.ID, "week/2026-06-08", "节假日"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the payer explains what the provider did not report: %v", err)
		}
		for _, k := range []string{"week/2026-06-08", "week/2026-06-15", "week/2026-06-22"} {
			must(t, second(e.Months.Explain(ctx, lead.Actor, x.ID, k, "端午期间没有支出")))
		}
		if _, err := e.Months.Close(ctx, finance.Actor, x.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed with an open difference: %v", err)
		}
		must(t, second(e.Months.Explain(ctx, officer.Actor, x.ID, "unpaid", "结项后一次付清")))
		if _, err := e.Months.Close(ctx, officer.Actor, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("closed by who began it: %v", err)
		}
		x, err = e.Months.Close(ctx, finance.Actor, x.ID)
		if err != nil || x.State != reconciliation.Closed {
			t.Fatalf("%+v %v", x, err)
		}
		if _, err := e.Months.Enter(ctx, officer.Actor, x.ID, 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("changed after it was closed: %v", err)
		}
		spend(t, e, officer, lead, g, "2026-06-10", "24420000002", "500") // late
		again, err := e.Months.Get(ctx, lead.Actor, x.ID)
		if err != nil || again.Content.Accepted != 8_000_00 || keys(again) != keys(x) {
			t.Errorf("a closed month changed: %+v %v", again.Content, err)
		}
		e.Time.Advance(48 * time.Hour)
		y, err := e.Months.Start(ctx, finance.Actor, g.ID)
		if err != nil || !strings.Contains(keys(y), "late/2026-06/accepted") || !strings.Contains(keys(y), "week/2026-06-29") {
			t.Fatalf("%s %v", keys(y), err)
		}
		for _, d := range y.Content.Differences {
			if d.Key == "late/2026-06/accepted" && (*d.Amount != 500_00 || d.Says != "2026-06 结账以后有变化：核对支出由 8,000.00 元变为 8,500.00 元") {
				t.Errorf("%+v", d)
			}
		}
	})
}

func TestAMonthOnPagesAndAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		finance := e.Colleague(officer, party.Finance)
		g := agreed(t, e, officer, lead)
		spend(t, e, officer, lead, g, "2026-06-01", "=24420000001", "8000")
		at := "/engagements/" + string(g.ID) + "/months"
		if page := officer.Get(at); page.Code != 200 || !page.Has("还没有对账") {
			t.Error(page.Text())
		}
		e.Time.Advance(30 * 24 * time.Hour)
		for _, p := range []*apptest.Person{officer, lead, finance} {
			p.SignIn()
		}
		page := officer.Post(at, url.Values{})
		if !page.Has("6月8日至6月14日没有周报账") || !page.Has("待承接方说明") || page.Find(`form[action$="/explain"]`).Length() != 2 {
			t.Fatal(page.Text())
		}
		var book reconciliation.Book
		lead.API("GET", at, nil).Want(200).Into(&book)
		month := "/months/" + string(book.Months[0].ID)
		if page = officer.Post(month+"/books", url.Values{"booked": {"一千"}}); page.Code != 422 || page.Find("#f-booked").AttrOr("value", "") != "一千" {
			t.Errorf("%d %s", page.Code, page.Text())
		}
		officer.API("PUT", month+"/books", map[string]any{"booked": 0}).Want(200)
		for _, d := range book.Months[0].Content.Differences {
			who := officer
			if d.Side == reconciliation.Provider {
				who = lead
			}
			if d.Key != "books" {
				who.API("POST", month+"/explain", map[string]any{"key": d.Key, "words": "已核实"}).Want(200)
			}
		}
		if page = officer.Get(month); !page.Has("等待结账") || page.Find(`form[action$="/close"]`).Length() != 0 {
			t.Error(page.Text())
		}
		if page = finance.Post(month+"/close", url.Values{}); !page.Has("已对平") || !page.Has("这个月不能再改") {
			t.Error(page.Text())
		}
		if page = lead.Get(month + "/export.csv"); page.Code != 200 || !strings.Contains(string(page.Body), "8000.00") {
			t.Errorf("%d %.200s", page.Code, page.Body)
		}
		if page = lead.Get(month + "/export.xlsx"); page.Code != 200 || !strings.HasPrefix(string(page.Body), "PK") {
			t.Errorf("%d", page.Code)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
