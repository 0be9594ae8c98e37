// Package journey walks the product as its users do, in headless Chromium.
package journey

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/party"
)

// TestAnOrganisationRegistersAndIsReviewed is the door of every supplier, on a
// phone, the mistake and the second try included.
func TestAnOrganisationRegistersAndIsReviewed(t *testing.T) {
	e := apptest.SQLite(t)
	registrar := e.Org(party.Bureau, "武汉市民政局", party.Registrar)
	w := walk.New(t, e, "social", 360)
	w.Go("/account/register").
		Pick("您代表谁注册", "一个单位").
		Fill("单位全称", "晨光社会工作服务中心").Fill("统一社会信用代码", "91654026MA78WT2Q67").
		Pick("单位类型", "社会组织").Fill("所在地", "湖北省武汉市").
		Fill("姓名", "王𠮷芳").Fill("登录名", "wangfang").Fill("密码", apptest.Password).Tick("我已知悉").
		Press("注册").See("校验不通过").
		Fill("统一社会信用代码", "91654026MA78WT2Q66").Fill("密码", apptest.Password).
		Press("注册").See("注册成功")
	w.As(registrar).Go("/registrar/organisations").
		Press("晨光社会工作服务中心").See("91654026MA78WT2Q66").
		Press("退回修改").See("请写明退回的原因").
		Press("通过").See("决定已记录")
	w.Go("/organisations").See("晨光社会工作服务中心")
}
