package journey

import (
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/delivery/survey"
	"gongji/app/party"
)

// TestAResidentIsHeard walks what somebody without an account does on a phone:
// answers with a slip, finds the code used up, scans the poster, reads the
// result, supports a need and says something; and who hears them.
func TestAResidentIsHeard(t *testing.T) {
	e, ctx := apptest.SQLite(t), t.Context()
	officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
	approver, street := e.Colleague(officer, party.Approver), e.Org(party.Community, "江滨社区居民委员会", party.Lead)
	g := e.EngageContract(officer, lead, "居家养老")
	desk := "/engagements/" + string(g.ID) + "/survey"
	w := walk.New(t, e, "resident", 1280)
	w.As(officer).Go(desk).Fill("第一天", "2026-06-01").Fill("最后一天", "2026-06-14").Tick("另设公开海报入口").Press("保存草稿").See("问卷草稿已保存").
		Press("发布问卷").See("问卷已发布").Pick("请项目所在的街道或社区评价", "江滨社区居民委员会").Press("请其评价").See("等待中")
	v, err := e.Residents.Of(ctx, officer.Actor, g.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, codes, err := e.Residents.Invite(ctx, officer.Actor, v.ID, 40, "江滨社区居委会")
	if err != nil {
		t.Fatal(err)
	}
	w.Width(360).Anyone().Go("/s").Fill("邀请码", "错了").Press("开始回答").See("没有这个邀请码").
		Fill("邀请码", survey.Spaced(codes[0])).Press("开始回答").See("一个邀请码只能答一次").
		Press("交卷").See("请回答：总的来说").Choose("a.satisfaction", "4").Name("a.words", "周末也来就好了").Press("交卷").See("谢谢您").
		Go("/s/"+codes[0]).See("已经用过了").
		Go("/s/open/"+string(v.ID)).See("不计入满意度").Choose("a.satisfaction", "1").Press("交卷").See("谢谢您").
		Press("查看结果页").See("结束以前谁都看不到结果")
	for i, c := range codes[1:36] {
		if _, err := e.Residents.Answer(ctx, c, survey.Answers{survey.Headline: []string{"5", "4", "3"}[i%3]}); err != nil {
			t.Fatal(err)
		}
	}
	w.As(street).Go("/desk").Press("待作出社区评价").Name("parts.delivered", "90").Name("parts.helpful", "86").Name("parts.together", "85").
		Fill("理由", "服务准时，老人反映好，换人没有提前说。").Press("公开评价").See("江滨社区居民委员会评价 87.00 分")
	held, err := e.Residents.Held(ctx, approver.Actor, v.ID)
	if err != nil || len(held) != 1 {
		t.Fatal(held, err)
	}
	w.As(approver).Go("/desk").Press("待审核的居民留言").See("周末也来就好了").Choose("remark."+string(held[0].ID), "show").Press("保存处理结果").See("已处理 1 条")
	e.Time.Advance(14 * 24 * time.Hour)
	w.Anyone().Go("/engagements/" + string(g.ID)).Press("居民怎样说").See("95% 区间").See("周末也来就好了").See("87.00 分")
	street.SignIn()
	w.As(street).Go("/needs").Press("列出议题").Fill("一句话说出需求", "周末没有老人食堂").Fill("现在怎样，希望怎样", "助餐点周末停业，独居老人没有地方吃饭。").
		Fill("为谁，大约多少人", "独居老人约 60 人").Press("列出议题").See("议题已公开")
	at := w.Path()
	w.Anyone().Go("/needs").Press("周末没有老人食堂").Press("我也支持").See("同一个浏览器只算一次").
		Fill("我想说", "我妈周六也要吃饭").Press("提交").See("等待社区审核 1 条")
	w.As(street).Go(at).See("我妈周六也要吃饭").Fill("做了什么，为什么（公开）", "居民代表会议从七个议题里选出").Press("进入“确定”").See("居民代表会议从七个议题里选出").
		Name("address", e.URL+"/engagements/"+string(g.ID)).Press("关联").See("满意度")
	w.Anyone().Go("/menu").See("菜单还是空的")
	proposes(w, street)
}

// proposes puts an issue to the community from a phone without an account, and
// reads the answer by the code.
func proposes(w *walk.Walker, street *apptest.Person) {
	w.Anyone().Go("/needs").Press("向社区提出议题").Pick("向哪个街道或社区提出", "江滨社区居民委员会").Fill("一句话说出需要什么", "三号楼楼道没有扶手").
		Press("提出议题").See("10 至 500 个字").Fill("现在怎样，希望怎样", "没有电梯，老人上下楼没有地方扶。").Press("提出议题").See("待社区答复")
	answer := w.Path()
	w.As(street).Go("/desk").Press("待答复的居民提议").Press("三号楼楼道没有扶手").Fill("理由", "不").Press("不采纳并答复").See("5 至 500 个字").
		Fill("为谁，大约多少人", "老人约 12 位").Press("列为议题并公开").See("已列为议题并公开")
	w.Anyone().Go(answer).See("已列为社区议题").Press("看议题：三号楼楼道没有扶手").See("从公开入口提出，没有核实身份").
		Go("/needs/proposed").Fill("查询码", "错了").Press("查询").See("没有这个查询码")
}
