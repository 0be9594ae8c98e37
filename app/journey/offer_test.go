package journey

import (
	"fmt"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/kernel/money"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender/tendertest"
)

// TestLastOffersOfATalk is a 竞争性磋商 at its end: the panel asks, suppliers
// offer on a phone, two holders come, and the ranking goes by the last price.
func TestLastOffersOfATalk(t *testing.T) {
	m := newMarket(t, "晨光社会工作服务中心", "和风养老服务社", "夕阳红志愿服务队")
	ctx, e := t.Context(), m.e
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	draft := tendertest.Complete()
	draft.Values["method"] = "consultation"
	x, err := e.Tenders.Create(ctx, m.officer.Actor, draft)
	must(err)
	m.tender, m.notice, m.custody = x.ID, "/tenders/"+string(x.ID), e.Lock(m.officer, x.ID)
	_, err = e.Tenders.Submit(ctx, m.officer.Actor, x.ID)
	must(err)
	_, err = e.Tenders.Publish(ctx, m.approver.Actor, x.ID)
	must(err)
	for i, p := range m.suppliers {
		e.Time.Advance(time.Second)
		p.Bid(x.ID, money.Fen(640_000+10_000*i)*money.Yuan)
	}
	e.Time.Set(beijing(t, "2026-06-22 09:00"))
	m.custody.Open()
	var panel []*apptest.Person
	for i := range 3 {
		p := e.Expert(fmt.Sprintf("评审专家%d", i+1), "武汉某大学")
		_, err := e.Evaluations.Name(ctx, m.officer.Actor, x.ID, evaluation.Naming{Login: p.Login, Seat: evaluation.ExpertSeat, Reason: "主管预算单位同意"})
		must(err)
		panel = append(panel, p)
	}
	eligible(t, e, m.officer, x.ID)
	must(e.Evaluations.Begin(ctx, m.officer.Actor, x.ID))
	for _, p := range panel {
		_, err := e.Evaluations.Enter(ctx, p.Actor, x.ID, evaluation.Declaration{Clear: true})
		must(err)
		desk, err := e.Evaluations.Desk(ctx, p.Actor, x.ID)
		must(err)
		var marks []evaluation.Marking
		for _, l := range desk.Bids {
			yes := true
			marks = append(marks, evaluation.Marking{Bid: l.Bid, Conforming: &yes, Scores: map[string]int64{"1": 4000, "2": 3000}})
		}
		must(e.Evaluations.Save(ctx, p.Actor, x.ID, marks))
		must(e.Evaluations.HandIn(ctx, p.Actor, x.ID))
	}
	office, phone := walk.New(t, e, "office", 1280), walk.New(t, e, "phone", 360)
	meeting, at := "/panels/"+string(x.ID)+"/meeting", m.notice+"/last-offer"
	office.As(panel[0]).Go(meeting).Press("去办理最后报价").Fill("提交最后报价的时间", "10").Press("要求最后报价").See("不少于 30 分钟").
		Fill("提交最后报价的时间", "60").Press("要求最后报价").See("已要求供应商提交最后报价").See("尚未开启")

	for i, price := range []string{"630000", "640000", "560000"} {
		phone.As(m.suppliers[i]).Go("/inbox").See("请提交最后报价").Go(m.notice).Press("去报价")
		if i == 0 {
			phone.Fill("最后报价", "760000.01").Click("加密并提交").See("超过了最高限价")
		}
		phone.Fill("最后报价", price).Click("加密并提交").See("已收到密封件")
	}
	phone.As(m.suppliers[0]).Go(at).Fill("最后报价", "620000").Click("加密并提交").See("第 2 次提交")
	office.Go(at).See("也看不到谁已提交")

	e.Time.Advance(time.Hour)
	for _, p := range m.custody.Holders[:2] {
		phone.As(p).Go(at).Fill("密钥口令", passphrase).Click("参加开启").Gone("输入口令，参加开启").See("已到场")
	}
	office.Go(at).Press("开启最后报价").See("最后报价已开启").See("660,000.00").See("560,000.00").See("620,000.00")
	office.Width(360).Go(at).Go(meeting).Width(1280)
	for _, width := range []int64{360, 1280} {
		phone.Width(width).As(m.officer).Go(at).Go(m.notice + "/panel").As(m.suppliers[0]).Go(at).Go("/desk")
	}
	office.Go(meeting).See("560,000.00").Press("完成汇总")
	_, r, err := e.Evaluations.Result(ctx, m.officer.Actor, x.ID)
	must(err)
	if _, first := r.Of(r.Lines[0].Bid); first.Name != "夕阳红志愿服务队" || r.Lines[0].Amount != 560_000*money.Yuan {
		t.Errorf("first is %s with %s", first.Name, r.Lines[0].Amount)
	}
	for _, width := range []int64{360, 1280} {
		phone.Width(width).As(m.officer).Go(m.notice + "/ranking").See("首次 660,000.00")
	}
}
