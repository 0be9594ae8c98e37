package journey

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/kernel/money"
)

// gather has holders come to an opening, each with their passphrase.
func gather(w *walk.Walker, opening string, holders []*apptest.Person) {
	for _, p := range holders {
		w.As(p).Go(opening).Fill("密钥口令", passphrase).Click("参加开标").See("已到场").Gone("输入口令，参加开标")
	}
}

// TestAnOpeningThatBiddersWatch is two holders who come, two bidders who watch
// from before the deadline, one of whom objects.
func TestAnOpeningThatBiddersWatch(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心", "和风养老服务社", "夕阳红志愿服务队")
	m.publish(t)
	for i, s := range m.suppliers {
		s.Bid(m.tender, money.Fen(700_000+10_000*i)*money.Yuan)
	}
	at := m.notice + "/opening"
	m.e.Time.Set(beijing(t, "2026-06-22 08:59"))
	first, second, office := walk.New(t, m.e, "first", 360), walk.New(t, m.e, "second", 360), walk.New(t, m.e, "office", 1280)
	first.As(m.suppliers[0]).Go(at).See("任何人都看不到投标情况").See("须由以下 3 位持钥人中的 2 位到场")
	m.e.Time.Set(beijing(t, "2026-06-22 09:00"))
	first.Go(at).See("持钥人到场 0 人，需 2 人")
	second.As(m.suppliers[1]).Go(at).See("等待开标")

	office.As(m.custody.Holders[0]).Go(at).Click("参加开标").See("请输入您的密钥口令").Fill("密钥口令", "不是这个口令不是这个口令").Click("参加开标").See("口令不对")
	gather(office, at, m.custody.Holders[:1])
	first.See("到场 1 人，需 2 人")
	office.As(m.officer).Go(at).Press("开始开标").See("还差 1 份密钥")
	gather(office, at, m.custody.Holders[1:2])
	second.See("到场 2 人，需 2 人")
	office.As(m.officer).Go(at).See("持钥人已到齐").Press("开始开标").See("720,000.00").See("投标人确认").See("开标进行中")

	first.See("全部投标").See("本单位的开标内容").See("人民币柒拾万元整").Press("确认无异议").See("已记录本单位的答复")
	second.See("本单位的开标内容").Click("对唱标内容有异议").Press("提出异议").See("请写明异议的内容").Fill("异议的内容", "服务期限应为一年").Press("提出异议").See("有异议")
	office.See("1 家确认无异议，1 家提出异议，1 家没有答复").See("服务期限应为一年").
		Press("结束开标，出具开标记录").See("请写明如何处理").Fill("对异议的处理和其他说明", "经核对投标文件，以唱标内容为准").Press("结束开标，出具开标记录").See("开标已结束")
	first.See("对异议的处理和说明").See("以唱标内容为准")
	m.e.Settle()
	office.Anyone().Go(at)
	has(t, office.PDF("开标记录"), "开标记录", "GJ采〔2026〕0001号", "和风养老服务社", "710,000.00", "服务期限应为一年")
	office.Width(360).Go(at)
	office.As(m.officer).Go(at).Press("并排对比全部投标").See("平均报价").Press("报价从低到高").Press("晨光社会工作服务中心").See("柒拾万元整")
}
