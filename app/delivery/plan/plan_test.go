package plan_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/url"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/attachment"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/fault"
	"gongji/app/party"
)

func form() plan.Form {
	return plan.Form{Communities: "和美社区\n新沟桥社区\n", Settlement: "milestone",
		Outputs:    []plan.OutputForm{{Name: "上门服务", Quantity: "1,200", Unit: "人次"}, {Name: "健康讲座", Quantity: "6", Unit: "场", Carrier: "青山区社区医院"}},
		Milestones: []plan.MilestoneForm{{Name: "中期", Condition: "上门服务 600 人次", Due: "2026-06-15", Amount: "150000"}, {Name: "结项", Condition: "全部完成", Due: "2026-07-01", Amount: "150000"}},
		Lines:      []plan.LineForm{{Name: "人员经费", Amount: "200000"}, {Name: "活动经费", Amount: "100000"}}}
}

func shot(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPlanFromDraftToEvidence(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		ctx := t.Context()
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		lead, stranger := e.Org(party.Social, "和美社工服务中心", party.Lead), e.Org(party.Social, "暖阳养老服务中心", party.Lead)
		g := e.Engage(officer, lead, "青山区居家养老上门服务")
		refused := func(what, says string, f plan.Form) {
			t.Helper()
			if _, err := e.Plans.Save(ctx, lead.Actor, g.ID, 0, f); err != nil {
				t.Fatal(err)
			}
			if _, err := e.Plans.Propose(ctx, lead.Actor, g.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", what, err)
			}
		}
		f := form()
		f.Lines[0].Amount = "199999.99"
		refused("a budget that does not add up", "预算合计应等于 300,000.00 元，现为 299,999.99 元", f)
		f = form()
		f.Milestones[1].Due = "2026-07-02"
		refused("a milestone after the term", "之内", f)
		t.Run("102号令26 全部产出交给其他单位即转包", func(t *testing.T) {
			c := e.EngageContract(officer, lead, "合同")
			f := form()
			f.Outputs[0].Carrier = "顺丰劳务公司"
			must(t, second(e.Plans.Save(ctx, lead.Actor, c.ID, 0, f)))
			if _, err := e.Plans.Propose(ctx, lead.Actor, c.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "转包，不予接受；请由本单位承担主要产出（财政部令第102号") {
				t.Errorf("a contract all by others: %v", err)
			}
		})
		t.Run("资助项目全部产出交给其他单位即转包", func(t *testing.T) {
			f := form()
			f.Outputs[0].Carrier = "顺丰劳务公司"
			refused("all by others", "转包", f)
		})
		if _, err := e.Plans.Save(ctx, stranger.Actor, g.ID, 0, form()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger writes the plan: %v", err)
		}
		if _, err := e.Plans.Save(ctx, lead.Actor, g.ID, 1, form()); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old version: %v", err)
		}
		must(t, second(e.Plans.Save(ctx, lead.Actor, g.ID, 0, form())))
		if _, err := e.Plans.Get(ctx, party.Actor{}, g.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a visitor reads a draft: %v", err)
		}
		if _, err := e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, DoneOn: "2026-06-01", Note: "x"}, nil); !fault.Is(err, fault.Conflict) {
			t.Errorf("evidence before the plan is agreed: %v", err)
		}
		must(t, second(e.Plans.Propose(ctx, lead.Actor, g.ID)))
		if _, err := e.Plans.Agree(ctx, lead.Actor, g.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the provider agrees with itself: %v", err)
		}
		must(t, second(e.Plans.Return(ctx, officer.Actor, g.ID, "请细化讲座")))
		must(t, second(e.Plans.Propose(ctx, lead.Actor, g.ID)))
		must(t, second(e.Plans.Agree(ctx, officer.Actor, g.ID)))

		photo, err := e.Plans.Keep(ctx, "现场.png.jpg", bytes.NewReader(shot(t)))
		must(t, err)
		for what, in := range map[string]plan.EvidenceInput{
			"tomorrow":          {Milestone: 1, DoneOn: "2026-06-02", Note: "x"},
			"before the term":   {Milestone: 1, DoneOn: "2026-05-31", Note: "x"},
			"no such output":    {Milestone: 1, DoneOn: "2026-06-01", Output: "别的", Quantity: "1"},
			"no such milestone": {Milestone: 3, DoneOn: "2026-06-01", Note: "x"},
			"a count of none":   {Milestone: 1, DoneOn: "2026-06-01", Quantity: "5"},
			"nothing":           {Milestone: 1, DoneOn: "2026-06-01"},
		} {
			if _, err := e.Plans.Add(ctx, lead.Actor, g.ID, in, nil); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		x, err := e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, Output: "上门服务", Quantity: "40", People: "35", DoneOn: "2026-06-01", Place: "和美社区"}, nil)
		must(t, err)
		y, err := e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, Output: "上门服务", Quantity: "2", DoneOn: "2026-06-01"}, nil)
		must(t, err)
		must(t, e.Plans.Void(ctx, lead.Actor, g.ID, y.ID, "重复填写"))
		z, err := e.Plans.Add(ctx, lead.Actor, g.ID, plan.EvidenceInput{Milestone: 1, DoneOn: "2026-06-01", Note: "照片"}, []attachment.Attachment{photo})
		must(t, err)
		files, err := e.Attachments.For(ctx, officer.Actor, plan.EvidenceKind, z.ID)
		if err != nil || len(files) != 1 || files[0].MediaType != "image/jpeg" {
			t.Errorf("%+v %v", files, err)
		}
		if _, err := e.Attachments.For(ctx, stranger.Actor, plan.EvidenceKind, z.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger sees the photographs: %v", err)
		}
		if _, err := e.Attachments.Add(ctx, lead.Actor, plan.EvidenceKind, x.ID, "", "带位置.jpg", bytes.NewReader(shot(t))); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a photograph came in with its metadata: %v", err)
		}
		if err := e.Plans.Confirm(ctx, officer.Actor, g.ID, 1, true, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("confirmed before it was reported: %v", err)
		}
		must(t, e.Plans.Report(ctx, lead.Actor, g.ID, 1, "上门服务 640 人次"))
		must(t, e.Plans.Confirm(ctx, officer.Actor, g.ID, 1, true, ""))
		if err := e.Plans.Void(ctx, lead.Actor, g.ID, x.ID, "晚了"); !fault.Is(err, fault.Conflict) {
			t.Errorf("evidence of an accepted milestone was voided: %v", err)
		}
		p, err := e.Plans.Get(ctx, party.Actor{}, g.ID)
		must(t, err)
		e.Time.Set(time.Date(2026, 7, 3, 1, 0, 0, 0, time.UTC))
		far, err := e.Plans.Progress(ctx, party.Actor{}, p)
		must(t, err)
		if far.Outputs[0].Done != 40 || far.People != 35 || far.Milestones[0].State != "已达成" || !far.Milestones[1].Late || far.Milestones[0].Report != "" {
			t.Errorf("%+v", far)
		}
		must(t, second(e.Plans.Return(ctx, officer.Actor, g.ID, "合同变更")))
		f = form()
		f.Milestones[0].Amount, f.Milestones[1].Amount = "100000", "200000"
		refused("a milestone that was accepted changed", "已经确认达成，名称、次序和金额不能改", f)
	})
}

func TestAPlanOnPagesAndAPI(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer, lead := e.Org(party.Bureau, "青山区民政局", party.Officer), e.Org(party.Social, "和美社工服务中心", party.Lead)
		g := e.Engage(officer, lead, "青山区居家养老上门服务")
		at := "/engagements/" + string(g.ID)
		typed := url.Values{"communities": {"和美社区"}, "settlement": {"count"}, "counted": {"上门服务"}, "unit_price": {"40"}, "next": {"propose"},
			"outputs.1.name": {"上门服务"}, "outputs.1.quantity": {"7500"}, "outputs.1.unit": {"人次"},
			"milestones.1.name": {"结项"}, "milestones.1.condition": {"全部完成"}, "milestones.1.due": {"2026-07-01"},
			"lines.1.name": {"人员经费"}, "lines.1.amount": {"1"}}
		page := lead.Post(at+"/plan", typed)
		if page.Code != 422 || !page.Has("预算合计应等于 300,000.00 元") || page.Find(`input[name="outputs.1.quantity"]`).AttrOr("value", "") != "7500" {
			t.Fatalf("%d %s", page.Code, page.Text())
		}
		typed.Set("lines.1.amount", "300000")
		if page = lead.Post(at+"/plan", typed); !page.Has("等待付款方确认") {
			t.Fatal(page.Text())
		}
		if page = officer.Post(at+"/plan/decide", url.Values{"decision": {"return"}}); page.Code != 422 {
			t.Errorf("returned without a reason: %d", page.Code)
		}
		if page = officer.Post(at+"/plan/decide", url.Values{"decision": {"agree"}}); !page.Has("40.00 元/人次") {
			t.Fatal(page.Text())
		}
		page = lead.Upload(at+"/evidence", "IMG_0001.HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), url.Values{"milestone": {"1"}, "done_on": {"2026-06-01"}, "note": {"中秋走访"}})
		if page.Code != 422 || !page.Has("兼容性最佳") || page.Find("#f-photos").AttrOr("aria-invalid", "") != "true" {
			t.Errorf("HEIC: %d %s", page.Code, page.Text())
		}
		page = lead.Upload(at+"/evidence", "现场.jpg", shot(t), url.Values{"milestone": {"1"}, "output": {"上门服务"}, "quantity": {"30"}, "done_on": {"2026-06-01"}})
		if page.Code != 200 || page.Find(".photos img").Length() != 1 || !page.Has("上门服务 30 人次") {
			t.Fatalf("%d %s", page.Code, page.Text())
		}
		if raw := officer.Get(page.Find(".photos a").AttrOr("href", "")); raw.Code != 200 {
			t.Errorf("the officer opens the photograph: %d", raw.Code)
		}
		if public := e.Visitor().Get(at + "/plan"); public.Find(".photos img").Length() != 0 || !public.Has("和美社区") || public.Find("progress").Length() != 1 {
			t.Error(public.Text())
		}
		lead.API("POST", "/engagements/"+string(g.ID)+"/milestones/1/report", map[string]string{"reason": "完成"}).Want(204)
		officer.API("POST", "/engagements/"+string(g.ID)+"/milestones/1/confirm", map[string]any{"accept": true}).Want(204)
		var v struct {
			State    string
			Progress plan.Progress
		}
		e.Visitor().API("GET", "/engagements/"+string(g.ID)+"/plan", nil).Want(200).Into(&v)
		if v.State != "agreed" || v.Progress.Outputs[0].Done != 30 || v.Progress.Milestones[0].State != "已达成" {
			t.Errorf("%+v", v)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
