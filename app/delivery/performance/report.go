package performance

import (
	"strings"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
)

// report is the content of the 绩效评价报告 and what the verification page may
// show of it. No person is named in either.
func (s *Service) report(x Case, uscc string) (document.PerformanceReport, archive.Item) {
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
		Summary: strings.TrimSpace(x.Sheet.Summary), Achievements: split(x.Sheet.Achievements), Suggestions: split(x.Sheet.Suggestions),
	}
	if g.ClosedAt != nil && g.ClosedAt.Before(g.End) {
		doc.To = *g.ClosedAt
	}
	for _, p := range x.Pillars {
		doc.Parts = append(doc.Parts, document.PerformancePart{Name: p.Name, Weight: int(p.Weight), Score: int(p.Points)})
	}
	for _, l := range x.Lines {
		doc.Indicators = append(doc.Indicators, document.Indicator{Level1: l.First, Level2: l.Second, Level3: l.Name,
			Weight: int(l.Weight), Score: int(l.Points), Standard: l.Standard, Reason: l.Reason})
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
