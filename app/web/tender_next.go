package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// tenderNext is the one next thing this person can do about a tender, or who
// must act.
func (w *Web) tenderNext(r *edge.Request, t tender.Tender) (*templates.Action, error) {
	if t.Imported() {
		return importedNext(t), nil
	}
	ctx, who, at := r.Context(), r.Actor(), tenderPath(t.ID)
	switch t.StateAt(r.Now()) {
	case tender.Open:
		if w.Tenders.Allowed(who, t, "bid") {
			return w.bidNext(r, t)
		}
	case tender.Closed:
		if w.Tenders.Allowed(who, t, "open") {
			return &templates.Action{Title: "投标已截止", Text: "开标后才能看到有谁投标。", Href: at + "/opening", Label: "去开标"}, nil
		}
	case tender.Opened:
		if w.Tenders.Allowed(who, t, "panel") {
			return &templates.Action{Title: "组成评审小组", Href: at + "/panel", Label: "确定评审成员"}, nil
		}
	case tender.Evaluating:
		if a, err := w.offerNext(r, t); a != nil || err != nil {
			return a, err
		}
		if w.Evaluations.May(ctx, who, t.ID, "score") == nil {
			return &templates.Action{Title: "请您评分", Href: "/panels/" + string(t.ID), Label: "打开评分表"}, nil
		}
		if w.Evaluations.May(ctx, who, t.ID, "follow_panel") == nil {
			return &templates.Action{Title: "评审进行中", Href: at + "/panel", Label: "查看评审进度"}, nil
		}
	case tender.Evaluated:
		if m, _ := t.How(); m.Admits && w.Awards.Allowed(ctx, who, t, "propose") {
			return &templates.Action{Title: "按排序确定入围供应商", Href: at + "/framework", Label: "确定入围供应商"}, nil
		}
		if w.Awards.Allowed(ctx, who, t, "propose") {
			return &templates.Action{Title: "按排序定标", Href: at + "/award", Label: "去定标"}, nil
		}
	case tender.Decided:
		if m, _ := t.How(); m.Admits && w.Tenders.Allowed(who, t, "decide") {
			return &templates.Action{Title: "审批入围结果", Href: at + "/framework", Label: "去审批"}, nil
		}
		if w.Awards.Allowed(ctx, who, t, "decide") {
			return &templates.Action{Title: "审批定标结果", Href: at + "/award", Label: "去审批"}, nil
		}
	case tender.Awarded:
		if m, _ := t.How(); m.Admits {
			return &templates.Action{Title: "框架协议执行中", Text: "在有效期内向入围供应商授予合同。", Href: at + "/framework", Label: "入围供应商与合同"}, nil
		}
		if stopped, err := w.Tenders.Suspended(ctx, who, t); err != nil || len(stopped) > 0 {
			return &templates.Action{Title: "暂停签订合同", Waiting: "正在处理质疑或投诉，处理完毕或者暂停期满后再签订合同。"}, err
		}
		if x, err := w.unsignedNext(r, t); x != nil || err != nil {
			return x, err
		}
		if w.Tenders.Allowed(who, t, "contract") {
			return &templates.Action{Title: "签订合同并登记", Href: at + "/contract", Label: "登记合同"}, nil
		}
	case tender.Draft, tender.Review, tender.Contracted, tender.Completed, tender.Failed, tender.Cancelled:
	}
	return tenderWaiting(r, t), nil
}

// importedNext says of a record that came from elsewhere that nobody acts on
// it here.
func importedNext(t tender.Tender) *templates.Action {
	why := "本条照公开来源载入，不在本平台办理，没有下一步。"
	if t.Reason != "" {
		why = t.Reason + "。"
	}
	return &templates.Action{Title: "历史记录", Waiting: why}
}

// bidNext leads a supplier to its bid; only its own people learn that it has one.
func (w *Web) bidNext(r *edge.Request, t tender.Tender) (*templates.Action, error) {
	mine, err := w.Bids.Mine(r.Context(), r.Actor(), t.ID)
	switch {
	case err == nil:
		return &templates.Action{Title: "您的投标", Text: "截止前可以修改、替换或撤回。", Href: "/bids/" + string(mine.ID), Label: "打开我的投标"}, nil
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden):
		return &templates.Action{Title: "参加投标", Text: "开标前，采购人和其他供应商都看不到您的投标。", Href: tenderPath(t.ID) + "/bid", Label: "编写投标文件"}, nil
	}
	return nil, err
}

func tenderWaiting(r *edge.Request, t tender.Tender) *templates.Action {
	state := t.StateAt(r.Now())
	if state == tender.Open && !r.Actor().SignedIn() {
		return &templates.Action{Title: "参加投标", Text: "通过登记审核的社会组织登录后即可编写和提交投标文件。", Label: "登录", Href: "/account/login?next=/tenders/" + string(t.ID)}
	}
	waiting := map[tender.State]string{
		tender.Open:       "正在接受投标。截止前，任何人（包括采购人）都看不到有没有人投标。",
		tender.Closed:     "投标已截止，等待采购人组织开标。",
		tender.Opened:     "已开标，等待采购人组成评审小组。",
		tender.Evaluating: "评审专家正在评分。",
		tender.Evaluated:  "评审已完成，等待采购人按排序定标。",
		tender.Decided:    "定标结果正在审批，批准后公布。",
		tender.Awarded:    "结果已公布，等待双方签订合同。",
		tender.Contracted: "合同正在履行。",
		tender.Completed:  "合同已履行完毕。",
		tender.Failed:     "本次采购失败：" + t.Reason,
		tender.Cancelled:  "采购已取消：" + t.Reason,
	}
	return &templates.Action{Title: state.Name(), Waiting: waiting[state]}
}

// tenderLinks are the public pages of what has come of a tender so far. A
// record that was placed, not published here, has none. signed says that a
// contract was, whatever became of it.
func tenderLinks(t tender.Tender, signed bool) []templates.Task {
	opened := map[tender.State]bool{tender.Opened: true, tender.Evaluating: true, tender.Evaluated: true, tender.Decided: true,
		tender.Awarded: true, tender.Contracted: true, tender.Completed: true}
	awarded := map[tender.State]bool{tender.Awarded: true, tender.Contracted: true, tender.Completed: true}
	var out []templates.Task
	add := func(yes bool, title, page string) {
		if yes && t.Rules != "" {
			out = append(out, templates.Task{Title: title, Href: tenderPath(t.ID) + page})
		}
	}
	add(opened[t.State], "开标情况", "/opening")
	m, _ := t.How()
	add(awarded[t.State] && m.Admits, "入围供应商", "/framework")
	add(awarded[t.State] && !m.Admits, "采购结果", "/award")
	add(signed, "合同", "/contract")
	add(t.Published(), "询问、质疑与投诉", "/challenges")
	return out
}
