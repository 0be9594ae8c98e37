package journey

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
)

const longText = "为高龄老人<b>每月两次</b>上门，由𠮷田䶮带队；\n第二行：\"引号\" & 符号"

// TestNothingTypedIsLostWhenTheSessionEnds is an officer who writes for hours.
func TestNothingTypedIsLostWhenTheSessionEnds(t *testing.T) {
	m := newMarket(t)
	w := walk.New(t, m.e, "session", 360)
	w.As(m.officer).Go("/bureau/tenders/new").Fill("项目名称", "青山区居家养老上门服务项目").Press("建立草稿").Press("买什么、向谁买、为谁买")
	page := w.Path()
	m.e.Time.Advance(13 * time.Hour)
	w.Fill("买什么", longText).Fill("向谁买", "依法登记的社会组织").Fill("为谁买", "80 岁以上老人")
	w.See("登录已过期，草稿未能保存").Press("保存并继续").See("您刚才填写的内容已保留").
		Fill("登录名", m.officer.Login).Fill("密码", "不是这个密码").Press("登录").See("您刚才填写的内容已保留").
		Fill("密码", apptest.Password).Press("登录").See("没有丢失").Press("继续提交").See("实质性要求与合同")
	w.Go(page)
	if got := w.Value("买什么"); got != longText {
		t.Errorf("typed %q, kept %q", longText, got)
	}
	if got := w.Value("为谁买"); got != "80 岁以上老人" {
		t.Errorf("kept %q", got)
	}
}

// TestWithoutAMouse signs in, searches and opens a notice with keys alone.
func TestWithoutAMouse(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心")
	m.publish(t)
	w := walk.New(t, m.e, "keys", 1280)
	w.Go("/").TabTo("登录").Enter().
		TabTo("登录名").Type(m.suppliers[0].Login).TabTo("密码").Type(apptest.Password).Enter().See("工作台")
	w.TabTo("采购公告").Enter().TabTo("项目、采购人、编号或地区").Type("养老").Enter().See("共 1 条").
		TabTo("青山区居家养老上门服务项目").Enter().See("买什么").TabTo("编写投标文件").Enter().TabTo("开始编制投标文件").Enter().See("先设一个只有您知道的口令").
		TabTo("密钥口令").Type(passphrase).TabTo("再输入一次").Type(passphrase).TabTo("生成密钥").Return().See("还有 4 处没有填好").TabTo("报价与交付承诺").Enter().See("投标报价")
}

// TestABrokenUploadLosesNothing tries what is too large and what is no PDF,
// with an offer typed before.
func TestABrokenUploadLosesNothing(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心")
	m.publish(t)
	large, fake := filepath.Join(t.TempDir(), "录像.pdf"), filepath.Join(t.TempDir(), "方案.pdf")
	if err := os.WriteFile(fake, []byte("MZ this is a program"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, []byte("%PDF-1.4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 101<<20); err != nil {
		t.Fatal(err)
	}
	w := walk.New(t, m.e, "upload", 360)
	w.As(m.suppliers[0]).Go(m.notice).Press("编写投标文件").Press("开始编制")
	firstKey(w)
	w.Press("报价与交付承诺").
		Fill("投标报价", "650000").Fill("服务期限和交付承诺", longText).See("草稿已加密保存").Press("返回任务列表").Press("附件").
		Attach("file", large).See("超过 100 MB").Attach("file", fake).See("不是").
		Attach("file", file(t, "服务方案.pdf")).See("已上传").Click("保存并返回").See("有 2 个文件没有上传").
		Click("移除 录像.pdf").Gone("“录像.pdf”超过").Click("移除 方案.pdf").Gone("的内容不是").Press("保存并返回").See("已上传 1 个").Press("报价与交付承诺").See("人民币陆拾伍万元整")
	if got := w.Value("服务期限和交付承诺"); got != longText {
		t.Errorf("kept %q", got)
	}
	w.As(m.officer).Go("/bureau/tenders/new").Fill("项目名称", "居家养老").Press("建立草稿").Press("附件").
		Attach("file", fake).Press("上传").See("文件没有上传：“方案.pdf”的内容不是 pdf 文件").See("还没有附件").
		Attach("file", large).Press("上传").See("文件太大").See("返回上一页")
}
