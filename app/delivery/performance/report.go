package performance

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/delivery/survey"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
)

// report is the content of the 绩效评价报告 and what the verification page may
// show of it. No person is named in either.
func (s *Service) report(x Case, uscc string, list []Objection) (document.PerformanceReport, archive.Item) {
	g, code := x.Of, archive.NewCode()
	evaluator := g.EvaluatorName
	if evaluator == "" {
		evaluator = g.PayerName
	}
	doc := document.PerformanceReport{
		Issue: document.Issue{Number: x.No(), Code: code, VerifyURL: s.site + "/verify/" + code, Issuer: g.PayerName,
			IssuedAt: *x.PublishedAt, Demo: g.Demo},
		Project: g.Title, ProjectNumber: g.Number, Buyer: g.PayerName, Organisation: g.ProviderName, OrgUSCC: uscc,
		Evaluator: evaluator, From: g.Start, To: g.End, Contract: &g.Amount, Score: int(*x.Total), Band: string(x.Grade),
		Summary: strings.TrimSpace(x.Sheet.Summary), Rounding: Rounding, Achievements: split(x.Sheet.Achievements), Suggestions: split(x.Sheet.Suggestions),
	}
	if g.ClosedAt != nil && g.ClosedAt.Before(g.End) {
		doc.To = *g.ClosedAt
	}
	for _, p := range x.Pillars {
		doc.Parts = append(doc.Parts, document.PerformancePart{Name: p.Name, Weight: int(p.Weight), Score: int(p.Points)})
	}
	for _, l := range x.Lines {
		doc.Indicators = append(doc.Indicators, document.Indicator{Level1: l.First, Level2: l.Second, Level3: l.Name,
			Weight: int(l.Weight), Score: int(l.Points), Out: l.Mark.Out, Standard: l.Standard, Reason: x.why(l), Basis: basis(l)})
	}
	for _, f := range x.Facts {
		if f.Known {
			doc.Figures = append(doc.Figures, document.ReportFigure{Name: f.Source.Name(), Text: f.Text})
		}
	}
	for _, c := range x.Course {
		doc.Course = append(doc.Course, document.CoursePoint{Month: c.Month, Spent: c.Spent, Paid: c.Paid})
		doc.Paid = &c.Paid
	}
	if x.SelfAt != nil {
		doc.Self = strings.TrimSpace(x.Self.Summary)
		doc.SelfScore = x.selfTotal()
	}
	for _, o := range list {
		doc.Objections = append(doc.Objections, document.ReportObjection{Text: o.Text, RaisedAt: o.RaisedAt, Was: int(o.Total), Outcome: o.Outcome(), Answer: o.Answer, AnsweredAt: *o.AnsweredAt})
	}
	for _, p := range x.Problems {
		doc.Problems = append(doc.Problems, document.Problem{Finding: p.Finding, Rectification: p.Rectification, Responsible: p.Responsible, Due: p.Due})
	}
	return doc, archive.Item{Kind: doc.Kind(), OwnerKind: Object, OwnerID: x.ID, Title: "绩效评价报告 " + g.Title, Number: x.No(),
		Issuer: g.PayerName, Code: code, Public: true, Facts: []archive.Fact{
			{Label: "项目", Value: g.Title}, {Label: "被评价单位", Value: g.ProviderName}, {Label: "委托单位", Value: g.PayerName},
			{Label: "评价机构", Value: evaluator}, {Label: "得分", Value: x.Points() + " 分"}, {Label: "等级", Value: string(x.Grade)},
			{Label: "公布日期", Value: x.PublishedAt.In(clock.Beijing).Format("2006年1月2日")}}}
}

// voices is what residents answered, nil where they were not asked.
func voices(ctx context.Context, d bun.IDB, of id.ID, now time.Time) (*document.ReportVoices, error) {
	f, err := survey.Satisfaction(ctx, d, of, now)
	if err != nil || f.Survey == "" {
		return nil, err
	}
	t, err := survey.Spread(ctx, d, of, now)
	out := &document.ReportVoices{Question: t.Question.Text, Asked: f.Asked, Answered: f.Answered, Open: f.Open}
	for _, b := range t.Bars {
		out.Rows = append(out.Rows, document.ReportAnswer{Label: b.Label, Count: b.Count, Share: b.Share(), Range: b.Range()})
	}
	return out, err
}

// why is what stands beside a score: its level, how the system counted, and the
// scorer's words.
func (x Case) why(l Line) string {
	var out []string
	if l.Level != "" && l.Points < l.Weight {
		out = append(out, l.Level.Name())
	}
	if l.Fact != "" {
		out = append(out, l.Fact)
	}
	if l.Kind == Ratio && l.Fact == "" && l.Mark.Of > 0 {
		out = append(out, short(l.Mark.Got)+"/"+short(l.Mark.Of))
	}
	if l.Reason != "" {
		out = append(out, l.Reason)
	}
	return strings.Join(out, "；")
}

// basis is who scored a line and on which evidence.
func basis(l Line) string {
	out := []string{}
	for _, e := range l.Evidence {
		out = append(out, e.Label)
	}
	return strings.Join(out, "；")
}

// selfTotal is the provider's own score with the figures that were frozen, nil
// where it left a part open.
func (x Case) selfTotal() *int {
	law, err := rules.Thaw([]byte(x.Rules))
	if err != nil {
		return nil
	}
	facts := map[Source]Fact{}
	for _, f := range x.Facts {
		facts[f.Source] = f
	}
	_, total, ok := SelfScore(x.Tree, x.Self.Figures, facts, law)
	if !ok {
		return nil
	}
	n := int(total)
	return &n
}
