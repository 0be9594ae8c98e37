package journey

import (
	"os"
	"path/filepath"
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

const passphrase = apptest.Passphrase

// firstKey makes a personal key on the page of a bid, mistakes included.
func firstKey(w *walk.Walker) {
	w.Click("生成密钥").See("口令至少 12 个").
		Fill("密钥口令", passphrase).Fill("再输入一次", passphrase+"x").Click("生成密钥").See("两次输入的口令不一样").
		Fill("密钥口令", passphrase).Fill("再输入一次", passphrase).Click("生成密钥")
}

// unlocked opens what a bidder's page keeps locked.
func unlocked(w *walk.Walker) *walk.Walker {
	return w.Fill("密钥口令", passphrase).Click("打开")
}

// TestABidNobodyElseCanRead is a bidder on a phone: makes a key, drafts,
// leaves, comes back, mends mistakes, seals, submits, reads the own copy and
// replaces it; a colleague helps, and what both typed at once stays.
func TestABidNobodyElseCanRead(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心")
	m.publish(t)
	lead := m.suppliers[0]
	w := walk.New(t, m.e, "bidder", 360)
	w.As(lead).Go(m.notice).Press("编写投标文件").Press("开始编制投标文件")
	firstKey(w)
	w.See("还有 4 处没有填好").Press("报价与交付承诺").
		Fill("投标报价", "760,000.01").Fill("服务期限和交付承诺", longText).See("草稿已加密保存")
	page := w.Path()
	// The tab closes: the key is gone with it, the draft is not.
	w.Eval(`sessionStorage.clear()`).Go(page).Fill("密钥口令", "不是这个口令不是这个口令").Click("打开").See("口令不对")
	unlocked(w).Fill("投标报价", "760,000.01")
	if got := w.Value("服务期限和交付承诺"); got != longText {
		t.Errorf("typed %q, kept %q", longText, got)
	}
	w.Click("保存并继续").See("超过最高限价").Fill("投标报价", "7万").Click("保存并继续").See("请以元为单位填写数字").
		Fill("投标报价", "650000").See("人民币陆拾伍万元整").Press("保存并继续").See("逐项应答")
	w.Fill("服务方案", "<b>每月两次上门助洁</b>，由𠮷田䶮带队").Press("保存并继续").See("附件")
	w.Attach("file", file(t, "服务方案.pdf")).See("服务方案.pdf").See("已上传").Press("保存并返回").See("已上传 1 个").See("还有 1 处没有填好")
	w.Go(page[:len(page)-len("/offer")]+"/check").See("请回答“团队经验”").Press("请回答“团队经验”").Fill("团队经验", "近三年同类项目 3 个").See("草稿已加密保存").
		Go(page[:len(page)-len("/offer")]).Press("核对并提交").See("人民币陆拾伍万元整").See("<b>每月两次上门助洁</b>").See("服务方案.pdf").
		Press("密封并提交").See("投标已提交").See("第 1 版")
	m.e.Settle()
	has(t, w.Go(w.Path()).PDF("投标回执"), "投标（响应）回执", "晨光社会工作服务中心", "GJ采〔2026〕0001号")
	w.Press("打开我的副本").Click("在这台设备上打开").See("由𠮷田䶮带队").See("650,000.00 元")

	// A colleague who comes later makes a key; the draft and its attachment are
	// locked anew for it when somebody who can open them next does.
	colleague := m.e.Colleague(lead, party.Staff)
	w.As(colleague).Go(page)
	firstKey(w)
	w.See("您的密钥打不开它").See("打开这份投标的任意一页")
	w.As(lead).Go(page[:len(page)-len("/offer")] + "/files")
	unlocked(w).See("已上传")
	w.As(colleague).Go(page)
	unlocked(w).See("人民币陆拾伍万元整").Fill("投标报价", "640000").See("草稿已加密保存")

	// Both change the promise at once; the second keeps theirs and is shown the first's.
	other := walk.New(t, m.e, "colleague", 1280)
	other.As(lead).Go(page)
	unlocked(other).Fill("服务期限和交付承诺", "服务两年").See("草稿已加密保存")
	w.Fill("服务期限和交付承诺", "服务三年").See("同时改了这一项").See("服务两年").Click("改用这一段").Press("保存并继续").See("逐项应答").
		Go(page).See("人民币陆拾肆万元整").Press("保存并继续")
	// The attachment that was locked before the colleague had a key comes from
	// the platform: the colleague sends.
	w.Eval(`indexedDB.deleteDatabase('gongji-bid')`).Go(page[:len(page)-len("/offer")]).See("有改动尚未提交").Press("核对并重新提交").See("替换第 1 版").See("服务两年").Press("密封并提交").See("第 2 版")
	m.e.Settle()
	w.Go("/bids").See("第 2 版").Go("/desk")
}

// TestAnOfflineBidAndTheDeadline uploads what gongji seal made, and then comes
// too late on the page: what was typed stays.
func TestAnOfflineBidAndTheDeadline(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心")
	m.publish(t)
	s := m.suppliers[0]
	w := walk.New(t, m.e, "offline", 360)
	w.As(s).Go(m.notice).Press("编写投标文件").Press("开始编制投标文件").
		Press("上传密封文件并提交").See("请选择密封好的投标文件").
		Attach("file", file(t, "投标文件.pdf")).Press("上传密封文件并提交").See("没有加密").
		Attach("file", sealedFile(t, s, m.tender, 650_000*money.Yuan)).Press("上传密封文件并提交").See("投标已提交").See("第 1 版").Press("返回我的投标")
	firstKey(w)
	w.See("还有 4 处没有填好").Press("报价与交付承诺").Fill("投标报价", "600000").Fill("服务期限和交付承诺", "服务一年").Press("保存并继续").
		Fill("服务方案", "每月两次").Fill("团队经验", "四个").Press("保存并继续").Press("保存并返回")
	m.e.Time.Set(beijing(t, "2026-06-22 08:20"))
	w.As(s).Go("/bids").Press("青山区居家养老上门服务项目").See("上传在截止以后才结束的算迟到").Press("核对并重新提交").See("替换第 1 版").See("距投标截止")
	m.e.Time.Set(beijing(t, "2026-06-22 09:00"))
	w.Click("密封并提交").See("投标截止时间已过，平台没有接收这份投标").See("没有丢失").See("600,000.00")
	w.Go("/bids").Press("青山区居家养老上门服务项目").See("等待开标").See("第 1 版")
	w.Press("第 1 版").See("密封的投标文件")
}

// sealedFile is a bid as gongji seal writes it to disk.
func sealedFile(t *testing.T, p *apptest.Person, x id.ID, price money.Fen) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "投标文件.age")
	if err := os.WriteFile(name, p.Sealed(x, price, "完整的响应"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
