package journey

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"gongji/app/apptest/walk"
	"gongji/app/kernel/money"
	"gongji/storage/object"
)

// TestAnOpeningThatThePlatformInterrupts: one bid was spoilt by its bidder and
// counts as withdrawn, with its reason, before everybody's eyes; one is missing
// in the store, then altered, which is the platform's fault: the opening stops,
// says so, and goes on with that bid when it is mended.
func TestAnOpeningThatThePlatformInterrupts(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心", "和风养老服务社", "夕阳红志愿服务队", "同心社会工作发展中心")
	m.publish(t)
	for i, s := range m.suppliers {
		m.e.Time.Advance(time.Second)
		if i != 1 {
			s.Bid(m.tender, money.Fen(700_000+10_000*i)*money.Yuan)
			continue
		}
		b, err := m.e.Bids.Begin(t.Context(), s.Actor, m.tender)
		if err != nil {
			t.Fatal(err)
		}
		spoilt := s.Sealed(m.tender, 710_000*money.Yuan, "完整的回答")
		spoilt[len(spoilt)-1] ^= 1
		s.Raw(http.MethodPost, "/bids/"+string(b.ID)+"/sealed", spoilt).Want(http.StatusCreated)
	}
	var key string
	if err := m.e.DB.NewSelect().TableExpr("bid_version AS v").Join("JOIN bid AS b ON b.id = v.bid").ColumnExpr("v.object_key").
		Where("b.supplier = ?", m.suppliers[3].Actor.Org).Scan(t.Context(), &key); err != nil {
		t.Fatal(err)
	}
	r, info, err := m.e.Store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(r)
	_ = r.Close()
	if err != nil {
		t.Fatal(err)
	}
	put := func(b []byte) {
		t.Helper()
		if _, err := m.e.Store.Put(t.Context(), key, bytes.NewReader(b), object.PutOptions{Size: info.Size}); err != nil {
			t.Fatal(err)
		}
	}
	lose := func() {
		t.Helper()
		if err := m.e.Store.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	lose()
	at := m.notice + "/opening"
	m.e.Time.Set(beijing(t, "2026-06-22 09:00"))
	m.custody.Gather()
	spoiler, public, office := walk.New(t, m.e, "spoiler", 360), walk.New(t, m.e, "public", 360), walk.New(t, m.e, "office", 1280)
	spoiler.As(m.suppliers[1]).Go(at).See("等待开标")
	public.Anyone().Go(at).See("等待开标")
	office.As(m.officer).Go(at).Press("开始开标").See("读取第 4 份投标时平台出错").See("已开启 3 份，共 4 份").See("投标文件没有受影响")
	spoiler.See("未能开启，视为撤回").See("本单位的开标内容").See("已被改动").See("720,000.00").See("开标中断")
	public.See("和风养老服务社").See("视为撤回").See("排除后由采购人继续")

	altered := bytes.Clone(whole)
	altered[len(altered)-1] ^= 1
	put(altered)
	office.Go(at).Press("继续开标")
	if err := m.e.Openings.Wait(t.Context(), m.tender); err != nil {
		t.Fatal(err)
	}
	office.Go(at).See("读取第 4 份投标时平台出错").See("已开启 3 份，共 4 份")
	lose()
	put(whole)
	office.Press("继续开标").See("730,000.00").See("投标人确认")
	spoiler.See("730,000.00").See("确认无异议").Click("对唱标内容有异议").Press("提出异议").See("请写明异议的内容").Fill("异议的内容", "请核对我单位的文件").Press("提出异议").See("有异议")
	public.See("全部投标已唱标").See("请核对我单位的文件")
	office.See("1 家提出异议").Fill("对异议的处理和其他说明", "平台已核对：收到的文件与回执一致，系上传前被改动").Press("结束开标，出具开标记录").See("开标已结束")
	m.e.Settle()
	public.Go(at).See("开标结果")
	has(t, public.PDF("开标记录"), "和风养老服务社", "改动", "730,000.00", "请核对我单位的文件")
}

// TestAConnectionCutMidway is a bidder on a bad line: the connection breaks in
// the middle of an attachment and of the sealed bid. What is on this device
// goes out once more by itself, and nothing is there twice.
func TestAConnectionCutMidway(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心")
	m.publish(t)
	w := walk.New(t, m.e, "cut", 360)
	w.As(m.suppliers[0]).Go(m.notice).Press("编写投标文件").Press("开始编制投标文件")
	firstKey(w)
	w.Press("报价与交付承诺").Fill("投标报价", "650000").Fill("服务期限和交付承诺", longText).Press("保存并继续").
		Fill("服务方案", "每月两次").Fill("团队经验", "四个").Press("保存并继续")
	m.e.Wire.Cut(200_000)
	w.Attach("file", large(t, "服务方案.pdf")).See("连接中断")
	m.e.Wire.Mend()
	w.See("已上传").Press("保存并返回").See("已上传 1 个").Press("核对并提交")
	m.e.Wire.Cut(700_000)
	w.Click("密封并提交").See("连接中断")
	m.e.Wire.Mend()
	w.See("投标已提交").See("第 1 版")
	w.Press("返回我的投标").See("有效")
	bids, err := m.e.DB.NewSelect().Table("bid_version").Count(t.Context())
	if err != nil || bids != 1 {
		t.Errorf("%d versions, %v", bids, err)
	}
	m.e.Settle()
	w.Press("第 1 版").Click("在这台设备上打开").See("650,000.00 元").See("服务方案.pdf")
}
