package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// plannedDate is a date of a draft as it is planned, beside the earliest one
// that the law leaves.
type plannedDate struct {
	Label, Planned, Earliest string
	Rule                     rules.Rule
	Says                     templates.Status
	Wrong                    string
}

// planned compares the dates of a draft with the earliest day of publication
// that its 采购意向 allows (财库〔2020〕10号), and with what follows from that day.
func (w *Web) planned(r *edge.Request, t tender.Tender) ([]plannedDate, error) {
	rule := rules.At(r.Now()).Must(rules.IntentionBeforePurchase)
	begins, err := w.Intentions.Earliest(r.Context(), t)
	if err != nil {
		return nil, err
	}
	from := r.Now()
	first := plannedDate{Label: "发布公告", Planned: "批准时立即发布", Earliest: "随时", Rule: rule, Says: templates.Status{Label: "可以发布", Tone: templates.OK}}
	switch {
	case begins == nil && t.IntentionExempt != "":
		first.Earliest = "不公开意向，理由见上"
	case begins == nil:
		first.Earliest, first.Says = "还没有选择采购意向", templates.Status{Label: "待填写", Tone: templates.Warn}
	case begins.After(from):
		first.Says = templates.Status{Label: "还要等到那一天才能批准发布", Tone: templates.Warn}
		first.Earliest, from = day(*begins)+" 00:00", *begins
	default:
		first.Earliest = day(*begins) + "，已满"
	}
	if t.DocumentsFrom != nil {
		first.Planned = "采购文件 " + day(*t.DocumentsFrom) + " 起提供"
		if t.DocumentsFrom.Before(from) && begins != nil && begins.After(r.Now()) {
			first.Says, first.Wrong = templates.Status{Label: "早于法定最早", Tone: templates.Danger}, "计划的日期早于意向公开满 30 日的日期，请推迟。"
		}
	}
	out := []plannedDate{first}
	list, err := w.Tenders.Planned(r.Context(), r.Actor(), t, from)
	for _, s := range list {
		out = append(out, plannedRow(t, s))
	}
	return out, err
}

func plannedRow(t tender.Tender, s tender.Suggestion) plannedDate {
	d := plannedDate{Label: s.Label, Planned: or(dateText(t, s.Field, t.Form.Get(s.Field)), "未填写"), Earliest: s.Words(), Rule: s.Rule, Wrong: s.Wrong}
	switch {
	case s.Wrong != "":
		d.Says = templates.Status{Label: "早于法定最早", Tone: templates.Danger}
	case s.Fine:
		d.Says = templates.Status{Label: "符合", Tone: templates.OK}
	default:
		d.Says = templates.Status{Label: "待填写", Tone: templates.Warn}
	}
	return d
}

// namedIntention puts an intention's number and title where the draft keeps
// its id.
func (w *Web) namedIntention(r *edge.Request, t tender.Tender, list []templates.Answer) error {
	if t.Intention == nil {
		return nil
	}
	for i, a := range list {
		if a.Value != string(*t.Intention) {
			continue
		}
		x, err := w.Intentions.Get(r.Context(), r.Actor(), *t.Intention)
		if missing(err) {
			list[i].Value = "这条意向不存在，请重新选择"
			continue
		}
		if err != nil {
			return err
		}
		list[i].Value = x.No() + " " + x.Title
	}
	return nil
}
