package journey

import (
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/apptest/walk"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/review"
)

// TestADeclarationAmongFourHundred is a reviewer with four hundred applicants
// and a tie to two of them, on a phone and by keyboard: found by name, marked,
// said, and everybody who is not marked is no tie.
func TestADeclarationAmongFourHundred(t *testing.T) {
	e := apptest.SQLite(t)
	ctx := t.Context()
	c := e.Charity()
	x := opened(t, e, c)
	apps := calltest.Crowd(t, e.DB, x, c.Officer.Actor.Account, e.Time.Now(), 400)
	e.Time.Advance(11 * 24 * time.Hour)
	panel := []*apptest.Person{e.Person("林教授"), e.Person("周会计"), e.Person("陈社工")}
	for _, p := range panel {
		if err := e.Reviews.Name(ctx, c.Officer.Actor, x.ID, p.Login); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Reviews.Open(ctx, c.Officer.Actor, x.ID); err != nil {
		t.Fatal(err)
	}
	who, at := panel[0], "/reviews/"+string(x.ID)
	w := walk.New(t, e, "declare", 360)
	w.As(who).Go(at).See("共 400 家").See("声明以前任何申请都不打开")
	if p := who.Get("/reviews/applications/" + string(apps[7].ID)); p.Code != 404 {
		t.Errorf("open before the declaration: %d", p.Code)
	}
	// By keyboard: what is not looked for is not stepped through.
	w.TabTo("按名称查找").Type("237").See("找到 1 家").TabTo("服务中心237").Type(" ").TabTo("什么关系").Type("2024 advisor")
	w.Fill("按名称查找", "012").Tick("服务中心012").
		TabTo("除上面列明和勾选的以外").Type(" ").TabTo("提交声明").Enter().
		See("请写明与“服务中心012”有什么关系")
	// What was marked is still marked.
	if w.Value("什么关系：服务中心237") != "2024 advisor" {
		t.Error("what was typed is gone")
	}
	w.Width(1280).Go(at).Width(360).Go(at).Fill("按名称查找", "237").Tick("服务中心237").Fill("什么关系：服务中心237", "曾任顾问").
		Fill("按名称查找", "").Tick("除上面列明和勾选的以外").Press("提交声明").See("还有 399 份没有提交").See("本人声明：曾任顾问")
	desk, err := e.Reviews.DeskOf(ctx, who.Actor, x.ID)
	tied := 0
	for _, i := range desk.Items {
		if i.Tied != "" {
			tied++
		}
	}
	if err != nil || tied != 1 || len(desk.Items) != 400 {
		t.Errorf("%d of %d are closed, %v", tied, len(desk.Items), err)
	}
	if p := who.Get("/reviews/applications/" + string(apps[237].ID)); p.Code != 404 {
		t.Errorf("the marked one opens: %d", p.Code)
	}
	if err := e.Reviews.Declare(ctx, panel[1].Actor, x.ID, review.Declaration{Agree: true}); err != nil {
		t.Error(err)
	}
	w.Fill("按名称查找", "服务中心238").See("找到 1 家").See("服务中心238")
}
