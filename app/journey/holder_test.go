package journey

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/party"
	"gongji/app/procurement/tender/tendertest"
	"gongji/app/procurement/tenderkey/holder"
)

// TestAKeyHolder is a supervisor with a phone: she makes her key, rehearses,
// forgets her passphrase, makes a new key and is handed a new part. What the
// other holders do happens without a browser, but for one dealing.
func TestAKeyHolder(t *testing.T) {
	const first, second = "河边 自行车 七只灰鸽子", "Ｎｅｗ 雨伞 火车 蓝色的锅"
	m := newMarket(t)
	supervisor, agent := m.e.Colleague(m.officer, party.Supervisor), m.e.Org(party.Enterprise, "诚信招标代理有限公司", party.Lead)
	x, err := m.e.Tenders.Create(t.Context(), m.officer.Actor, tendertest.Complete())
	if err != nil {
		t.Fatal(err)
	}
	hand := func(p *apptest.Person) holder.Person {
		return holder.Person{Actor: p.Actor, Passphrase: apptest.Password}
	}
	others := []*apptest.Person{m.officer, agent}
	done := func(do func(p holder.Person) error) {
		t.Helper()
		for _, p := range others {
			if err := do(hand(p)); err != nil {
				t.Fatal(err)
			}
		}
	}
	done(func(p holder.Person) error { return p.MakeKey(t.Context(), m.e.Keys) })
	at := "/tenders/" + string(x.ID) + "/keys"
	w := walk.New(t, m.e, "holder", 360)
	w.As(m.officer).Go(at).
		Name("holders.1.login", supervisor.Login).Name("holders.2.login", m.approver.Login).Press("确定持钥人").See("采购人以外的任何单位").
		Name("holders.2.login", agent.Login).Press("确定持钥人").See("还没有个人密钥")

	w.As(supervisor).Go("/desk").Press("等您演练密钥").See("先要有个人密钥").Press("去生成").
		Fill("口令", first).See("强度").Fill("再输入一次口令", first).Press("生成密钥").See("密钥已保存")
	w.As(m.officer).Go(at).Press("生成密钥").See("等持钥人演练")
	w.As(supervisor).Go("/keys").Press("去办理").See("请您演练一次").Fill("密钥口令", first).Press("演练").See("演练成功").See("您已演练")
	done(func(p holder.Person) error { return p.Rehearse(t.Context(), m.e.TenderKeys, x.ID) })
	w.As(m.officer).Go(at).See("密钥已就绪")
	if _, err := m.e.Tenders.Submit(t.Context(), m.officer.Actor, x.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := m.e.Tenders.Publish(t.Context(), m.approver.Actor, x.ID); err != nil {
		t.Fatal(err)
	}

	// The passphrase is changed: the old one opens nothing any more.
	const changed = "河边 自行车 八只白鸽子"
	w.As(supervisor).Go("/account/key").Click("更换口令").Fill("现在的口令", "不是这个口令不是这个口令").Fill("换成的口令", changed).Fill("再输入一次换成的口令", changed).
		Return().See("口令不对").Fill("现在的口令", first).Enter().See("密钥已保存").
		Fill("口令", first).Click("试一试").See("口令不对").Fill("口令", changed).Click("试一试").See("能打开")
	w.Go(at).Fill("密钥口令", changed).Press("再演练一次").See("演练成功")

	// A handover that is not needed after all is taken back; nobody's part changed.
	w.As(m.officer).Go("/desk").Go(at+"#handover").Fill("换人的原因", "监督要出差").Press("开始移交").See("移交中").
		Press("取消移交").See("请写明").Fill("取消移交的原因", "出差取消").Press("取消移交").Gone("移交中").See("密钥已就绪")
	w.As(supervisor).Go(at).Fill("密钥口令", changed).Press("再演练一次").See("演练成功")

	w.As(supervisor).Go("/account/key#forgotten").See("没有人能找回口令").
		Fill("新密钥的口令", second).Fill("再输入一次新密钥的口令", second).Press("生成新的密钥").See("从前的密钥")
	w.Go(at).See("要用旧口令打开")
	w.As(m.officer).Go("/desk").Go(at+"#handover").Fill("换人的原因", "监督忘记了口令").Press("开始移交").See("移交中").
		Fill("密钥口令", apptest.Password).Press("移交").See("您的一份已移交")
	if err := hand(agent).Deal(t.Context(), m.e.TenderKeys, x.ID); err != nil {
		t.Fatal(err)
	}
	w.As(supervisor).Go("/keys").See("等您接收").Press("去办理").Fill("密钥口令", second).Press("接收并演练").See("您已接收密钥份")
	done(func(p holder.Person) error { return p.Combine(t.Context(), m.e.TenderKeys, x.ID) })
	w.As(supervisor).Go(at).See("您已演练").Fill("密钥口令", second).Press("再演练一次").See("演练成功")
	w.As(m.officer).Go(at).See("已移交 1 次").See("密钥已就绪")
	w.Go("/tenders/" + string(x.ID)).See("移交完成").See("投标怎样保密")
}
