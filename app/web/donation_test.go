package web_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"gongji/app/apptest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

func donate(c *apptest.Charity) string { return "/funds/" + string(c.Fund.ID) + "/donate" }

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func gift200(step string, more ...string) url.Values {
	return values(append([]string{"step", step, "key", "form-1", "kind", "money", "amount", "1,409.50", "method", "银行转账", "shown", "yes",
		"relation", "none", "agree", "yes", "no_benefit", "yes", "goods.1.name", "", "goods.1.quantity", "", "goods.1.unit", "", "goods.1.value", ""}, more...)...)
}

func mustSay(t *testing.T, p *apptest.Page, code int, texts ...string) {
	t.Helper()
	if p.Code != code {
		t.Fatalf("%s: status %d, want %d: %s", p.Path, p.Code, code, p.Text())
	}
	for _, s := range texts {
		if !p.Has(s) {
			t.Errorf("%s does not say %q: %s", p.Path, s, p.Text())
		}
	}
}

func TestFromPledgeToAReceiptAnyoneCanCheck(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		p := c.Donor.Get(donate(c))
		mustSay(t, p, 200, "定向捐赠", "慈善法第27条", "捐赠协议")
		if p.Find(`input[name="goods.1.name"]`).Length() != 1 || p.Find(`input[name=key]`).AttrOr("value", "") == "" {
			t.Error("the form lacks its goods line or its key")
		}
		p = c.Donor.Post(donate(c), gift200("check"))
		mustSay(t, p, 200, "核对捐赠内容", "1,409.50 元", "壹仟肆佰零玖元伍角整")
		hidden := url.Values{"step": {"submit"}}
		p.Find("main form input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
			hidden.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
		})
		p = c.Donor.Post(donate(c), hidden)
		mustSay(t, p, 200, "向基金会付款 1,409.50 元", "附言", "请向基金会索取", "待到账")
		mine := p.Path
		again := c.Donor.Post(donate(c), hidden)
		if again.Path != mine {
			t.Errorf("the same form sent twice: %s and %s", mine, again.Path)
		}
		of := strings.TrimPrefix(mine, "/donations/")
		desk := "/foundation/donations/" + of

		mustSay(t, c.Finance.Get("/foundation/donations?state=pledged"), 200, "欧阳娜娜", "1,409.50", "共 1 笔")
		mustSay(t, c.Finance.Post(desk+"/confirm", values("amount", "1409.505", "on", "2026-06-01")), 422, "小数点后两位")
		mustSay(t, c.Finance.Post(desk+"/confirm", values("amount", "1409.50", "on", "2026-06-02")), 422, "到账日期不能晚于今天")
		p = c.Finance.Post(desk+"/confirm", values("amount", "1400", "on", "2026-06-01"))
		mustSay(t, p, 422, "请写明原因")
		if got := p.Find("#f-amount").AttrOr("value", ""); got != "1400" || p.Find(`.error-summary a[href="#f-note"]`).Length() != 1 {
			t.Errorf("typed amount %q is lost, or the summary does not lead to the field", got)
		}
		mustSay(t, c.Finance.Post(desk+"/confirm", values("amount", "1409.50", "on", "2026-06-01")), 200, "已确认到账", "制备收据")
		mustSay(t, c.Finance.Post(desk+"/receipt", values("remark", "<b>口罩</b>")), 200, "等待复核")
		mustSay(t, c.Reviewer.Get("/foundation/receipts"), 200, "待复核 1 张")
		p = c.Reviewer.Get(desk)
		review := p.Find(`form[action$="/review"]`).AttrOr("action", "none")
		mustSay(t, c.Finance.Post(review, values("decision", "approve")), 403)
		mustSay(t, c.Reviewer.Post(review, values("decision", "return")), 422, "请写明退回的原因")
		mustSay(t, c.Reviewer.Post(review, values("decision", "approve")), 200, "已开具收据 2026-000001")
		e.Settle()

		p = c.Donor.Get(mine)
		mustSay(t, p, 200, "2026-000001", "下载收据 PDF", "钱去哪了", "先进先出")
		pdf := p.Find(`a[href^="/documents/"]`).AttrOr("href", "")
		verify := p.Find(`a[href^="/verify/"]`).AttrOr("href", "")
		if file := c.Donor.Get(pdf); file.Code != 200 || !bytes.HasPrefix(file.Body, []byte("%PDF-")) {
			t.Errorf("download: %d %.20q", file.Code, file.Body)
		}
		for _, who := range []*apptest.Person{e.Visitor(), c.Neighbour, c.Company} {
			if got := who.Get(pdf); got.Code == 200 && bytes.HasPrefix(got.Body, []byte("%PDF-")) {
				t.Errorf("somebody else downloads %s", pdf)
			}
		}
		p = e.Visitor().Get(verify)
		mustSay(t, p, 200, "有效", "欧***", "1,409.50 元", "2026-000001", "横沥社区发展基金会", "非财政票据")
		if p.Has("欧阳娜娜") || p.Find("[data-digest]").AttrOr("data-digest", "") == "" {
			t.Errorf("the public page names the donor or gives no hash: %s", p.Text())
		}
		mustSay(t, c.Donor.Get("/donations"), 200, "2026-000001", "已到账")

		void := c.Finance.Get(desk).Find(`form[action$="/void"]`).AttrOr("action", "none")
		mustSay(t, c.Finance.Post(void, values("reason", "")), 422, "请写明作废的原因")
		mustSay(t, c.Finance.Post(void, values("reason", "抬头有误")), 200, "已作废", "制备收据")
		mustSay(t, e.Visitor().Get(verify), 200, "已作废", "抬头有误")
		mustSay(t, c.Finance.Get("/foundation/receipts"), 200, "作废 1 张", "共 1 个号码", "抬头有误")
		mustSay(t, c.Finance.Post(desk+"/receipt", values("remark", "")), 200, "等待复核")
		review = c.Reviewer.Get(desk).Find(`form[action$="/review"]`).AttrOr("action", "none")
		mustSay(t, c.Reviewer.Post(review, values("decision", "approve")), 200, "已开具收据 2026-000002")
		e.Settle()
		p = c.Finance.Get("/foundation/receipts")
		mustSay(t, p, 200, "号码连续，没有缺号", "替代为 2026-000002", "替代 2026-000001", "共 2 个号码")
		if p.Find(`#n1 a[href*="q=2026-000002"]`).Length() != 1 {
			t.Error("the void number does not lead to its successor")
		}
		mustSay(t, c.Finance.Get("/foundation/receipts?state=void"), 200, "共 1 个号码")
		mustSay(t, c.Finance.Get("/foundation/receipts?q=nobody"), 200, "没有符合条件的号码")
		book := string(c.Reviewer.Get("/foundation/receipts/register.csv").Body)
		if !strings.Contains(book, "2026-000001,已作废") || !strings.Contains(book, "抬头有误,,2026-000002") {
			t.Errorf("the register as a table: %s", book)
		}
		mustSay(t, c.Donor.Get("/foundation/receipts/register.csv"), 403)
		paper := []byte("票据代码,票据号码,校验码,备注\n44010125,0000000001,a1b2c3,2026-000002\n44010125,0000000002,a1b2c3,2026-000009\n")
		mustSay(t, c.Reviewer.Upload("/foundation/receipts/fiscal", "票据.csv", paper, nil), 403)
		p = c.Finance.Upload("/foundation/receipts/fiscal", "票据.csv", paper, nil)
		mustSay(t, p, 200, "关闭这个页面")
		e.Settle()
		p = c.Finance.Get(p.Path)
		mustSay(t, p, 200, "没有关联的行（1）", "没有找到对应的收据")
		if p.Find("#bad tbody tr").Length() != 1 || p.Find("#bad tbody td").First().Text() != "3" {
			t.Error("the bad row is not named by its line")
		}
		mustSay(t, c.Finance.Get("/foundation/receipts"), 200, "财政票据 44010125 0000000001")
		if errs := e.Log.String(); strings.Contains(errs, "欧阳娜娜") {
			t.Error("the log names the donor")
		}
	})
}

// TestListsCanBeTakenAway: each list's export holds what the same person sees
// in the list, and is there for nobody else.
func TestListsCanBeTakenAway(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		hidden := gift200("submit")
		if p := c.Donor.Post(donate(c), hidden); p.Code != 200 {
			t.Fatalf("%d %s", p.Code, p.Text())
		}
		has := func(who *apptest.Person, path string, texts ...string) {
			t.Helper()
			p := who.Get(path)
			body := string(p.Body)
			if p.Code != 200 || !strings.HasPrefix(body, "\ufeff") {
				t.Fatalf("%s: %d %.200s", path, p.Code, body)
			}
			for _, x := range texts {
				if !strings.Contains(body, x) {
					t.Errorf("%s lacks %q: %s", path, x, body)
				}
			}
		}
		has(c.Donor, "/donations/export.csv", "1409.50", "待到账", "欧阳娜娜")
		has(c.Finance, "/foundation/donations/export.csv?state=pledged", "1409.50", "欧阳娜娜")
		has(c.Finance, "/foundation/payments/export.csv", "收款单位")
		has(e.Visitor(), "/funds/export.csv", c.Fund.FullName())
		has(e.Visitor(), "/organisations/export.csv", "评估等级")
		if p := c.Finance.Get("/foundation/donations/export.csv?state=confirmed"); strings.Contains(string(p.Body), "欧阳娜娜") {
			t.Error("the export ignores the filter")
		}
		if p := e.Visitor().Get("/foundation/donations/export.csv"); strings.Contains(string(p.Body), "欧阳娜娜") {
			t.Error("a visitor took the donations away")
		}
		if p := e.Person("路人").Get("/donations/export.csv"); strings.Contains(string(p.Body), "欧阳娜娜") {
			t.Error("somebody else took the donation away")
		}
	})
}

func TestGoodsFormWorksWithoutScripts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		line := func(n, name, q, unit, value string) []string {
			at := "goods." + n + "."
			return []string{at + "name", name, at + "quantity", q, at + "unit", unit, at + "value", value}
		}
		base := []string{"key", "k", "kind", "goods", "shown", "no", "relation", "none", "agree", "yes", "no_benefit", "yes"}
		first := append(base, line("1", "一次性口罩<script>", "28240", "", "")...)
		p := c.Company.Post(donate(c), values(append(first, "step", "add")...))
		mustSay(t, p, 200, "第 2 项")
		if got := p.Find(`input[name="goods.1.name"]`).AttrOr("value", ""); got != "一次性口罩<script>" {
			t.Errorf("typed name %q", got)
		}
		both := append(first, line("2", "84消毒水20L", "1.5", "桶", "-1")...)
		p = c.Company.Post(donate(c), values(append(both, "step", "check")...))
		mustSay(t, p, 422, "数量应是整数")
		if p.Find(`.error-summary a[href="#f-goods.2.quantity"]`).Length() != 1 || p.Find(`.error-summary a[href="#f-goods.2.value"]`).Length() != 1 {
			t.Errorf("the summary does not lead to the fields: %s", p.Text())
		}
		p = c.Company.Post(donate(c), values(append(both, "step", "remove.1")...))
		if got := p.Find(`input[name="goods.1.name"]`).AttrOr("value", ""); got != "84消毒水20L" || p.Find(`input[name="goods.2.name"]`).Length() != 0 {
			t.Errorf("after removing the first: %q", got)
		}
		good := append(first, line("2", "84消毒水20L", "134", "桶", "13400")...)
		p = c.Company.Post(donate(c), values(append(good, "step", "submit")...))
		mustSay(t, p, 200, "把物资送到基金会", "28,240", "未注明", "价值凭证")
		of := strings.TrimPrefix(p.Path, "/donations/")
		p = c.Company.Upload("/attachments/donation/"+of, "发票.pdf", fundtest.Agreement, url.Values{"slot": {"proof.2"}, "back": {p.Path}})
		mustSay(t, p, 200, "发票.pdf", "证明：84消毒水20L")
		desk := "/foundation/donations/" + of
		arrived := values("on", "2026-06-01", "goods.1.quantity", "28240", "goods.1.value", "9", "goods.2.quantity", "134", "goods.2.value", "13400")
		mustSay(t, c.Finance.Post(desk+"/confirm", arrived), 422, "第 1 项没有价值凭证")
		arrived.Set("goods.1.value", "")
		mustSay(t, c.Finance.Post(desk+"/confirm", arrived), 422, "第 2 项还没有人估值", "会计法第25条")
		p = c.Officer.Get(desk)
		if got := p.Find(`form[action$="/appraise"] input[name="goods.2.value"]`).AttrOr("value", ""); got != "13400.00" {
			t.Errorf("value offered to the valuer: %q", got)
		}
		mustSay(t, c.Officer.Post(desk+"/appraise", values("goods.1.quantity", "28240", "goods.2.quantity", "134", "goods.2.value", "13400")), 422, "请选择价值的依据")
		mustSay(t, c.Officer.Post(desk+"/appraise", values("goods.1.quantity", "28240", "goods.2.quantity", "134", "goods.2.value", "13400", "goods.2.basis", "voucher")), 200, "等待另一位同事确认")
		p = c.Finance.Get(desk)
		if got := p.Find(`input[name="goods.2.value"]`).AttrOr("value", ""); got != "13400.00" {
			t.Errorf("value offered to finance: %q", got)
		}
		mustSay(t, c.Finance.Post(desk+"/confirm", arrived), 200, "已确认到账")
		given, err := e.Donations.GivenTo(t.Context(), c.Fund.ID, "", 0)
		if err != nil || len(given) != 1 || given[0].Donor != "匿名" {
			t.Errorf("public list %+v, %v", given, err)
		}
	})
}

func TestOfflineDonationOverTheCounter(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		path := "/foundation/donations/new"
		mustSay(t, c.Officer.Get(path), 200, "登记线下捐赠", "防控新型冠状病毒肺炎专项基金")
		in := gift200("check", "donor_kind", "person", "donor_name", "", "fund", "")
		mustSay(t, c.Officer.Post(path, in), 422, "请选择专项基金", "请填写捐赠人姓名")
		in.Set("fund", string(c.Fund.ID))
		in.Set("donor_name", "𠮷田䶮")
		mustSay(t, c.Officer.Post(path, in), 200, "核对捐赠内容", "𠮷田䶮")
		in.Set("step", "submit")
		mustSay(t, c.Officer.Post(path, in), 200, "等待财务确认到账", "𠮷田䶮")
		in.Del("csrf")
		mustSay(t, c.Reviewer.Post(path, in), 403, "登记线下捐赠")
		mustSay(t, c.Donor.Get(path), 403)
	})
}

func TestSomebodyElsesDonationDoesNotExist(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		mine := c.Donor.Post(donate(c), gift200("submit")).Path
		of := strings.TrimPrefix(mine, "/donations/")
		outsider := e.Org(party.Foundation, "另一家基金会", party.Finance)
		for _, who := range []*apptest.Person{c.Neighbour, c.Company, outsider} {
			mustSay(t, who.Get(mine), 404)
			mustSay(t, who.Post(mine+"/withdraw", nil), 404)
		}
		mustSay(t, outsider.Get("/foundation/donations/"+of), 404)
		mustSay(t, outsider.Post("/foundation/donations/"+of+"/confirm", values("amount", "1", "on", "2026-06-01")), 404)
		mustSay(t, c.Donor.Get("/donations/"+string(id.New(time.Now()))), 404)
		mustSay(t, c.Donor.Get("/donations/1"), 404)
		mustSay(t, c.Donor.Get("/foundation/donations/"+of), 403)
		mustSay(t, c.Officer.Post("/foundation/donations/"+of+"/confirm", values("amount", "1409.50", "on", "2026-06-01")), 403)
		if p := e.Visitor().Get(donate(c)); p.Path != "/account/login" {
			t.Errorf("a visitor is led to %s", p.Path)
		}
		mustSay(t, c.Donor.Post(mine+"/withdraw", nil), 200, "已取消")
	})
}

func TestVerifyAnswersStrangers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		v := e.Visitor()
		mustSay(t, v.Get("/verify"), 200, "核验码", "SHA-256")
		for _, code := range []string{"0000000000000000", "短", "%3Cscript%3E", strings.Repeat("A", 300)} {
			mustSay(t, v.Get("/verify/"+code), 404, "查无此件", "不是本平台出具的")
		}
		mustSay(t, v.Get("/verify?code=%27+OR+1%3D1"), 404, "查无此件")
	})
}
