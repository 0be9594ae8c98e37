package web

import (
	"fmt"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/money"
	"gongji/templates"
)

// fundDid is what a fund did, in pictures beside their tables: whom it paid,
// which projects it supports and how far they are, its budgets, its ending.
type fundDid struct {
	Payees  templates.Chart
	Grants  []grant.Given
	Steps   templates.Chart
	Budgets []fundBudgetUse
	Closing *fund.Closing
	Ending  []templates.KV
	Handed  []fund.Closing // what ended funds handed to it
}

// fundBudgetUse is a year's budget against what was paid.
type fundBudgetUse struct {
	Chart templates.Chart
	Uses  []fund.Use
	Total fund.Use
}

// Most that a picture shows; the lists have their own pages.
const (
	mostPayees  = 10
	mostGrants  = 30
	mostBudgets = 2
)

func (w *Web) fundDid(r *edge.Request, f fund.Fund) (fundDid, error) {
	var out fundDid
	ctx := r.Context()
	paid, err := w.Payments.ByPayeeOf(ctx, f.ID, mostPayees)
	if err != nil {
		return out, err
	}
	out.Payees = payeesChart(paid)
	if out.Grants, err = w.Grants.OfFund(ctx, f.ID, mostGrants); err != nil {
		return out, err
	}
	out.Steps = grantsChart(out.Grants)
	budgets, err := w.Funds.Budgets(ctx, f.ID)
	if err != nil {
		return out, err
	}
	for _, b := range budgets[:min(len(budgets), mostBudgets)] {
		uses, err := w.Funds.Uses(ctx, b)
		if err != nil {
			return out, err
		}
		chart, total := fundBudgetChart(b, uses)
		out.Budgets = append(out.Budgets, fundBudgetUse{chart, uses, total})
	}
	if out.Closing, err = w.Funds.Closing(ctx, f); err != nil {
		return out, err
	}
	if out.Closing != nil {
		out.Ending = closingFacts(*out.Closing)
	}
	out.Handed, err = w.Funds.Handed(ctx, f.ID)
	return out, err
}

// payeesChart draws who was paid most.
func payeesChart(paid []payment.Received) templates.Chart {
	c := templates.Chart{ID: "payees", Kind: "hbar", Title: "付给了哪些单位", Unit: "元", Places: 2, Note: fmt.Sprintf("按收款单位合计，最多列出 %d 家。", mostPayees),
		Series: []templates.Series{{Name: "已支付"}}}
	for _, p := range paid {
		c.Labels = append(c.Labels, fmt.Sprintf("%s（%d 笔）", p.Name, p.Count))
		c.Series[0].Values = append(c.Series[0].Values, float64(p.Amount)/100)
	}
	return c
}

// grantsChart draws what was agreed beside what has been paid.
func grantsChart(list []grant.Given) templates.Chart {
	c := templates.Chart{ID: "grants", Kind: "hbar", Title: "资助项目的进度", Unit: "元", Places: 2, Note: "每个节点由受资助方报告、基金会确认达成后支付。",
		Series: []templates.Series{{Name: "协议金额"}, {Name: "已支付"}}}
	for _, g := range list {
		c.Labels = append(c.Labels, fmt.Sprintf("%s（节点 %d/%d）", g.Title, g.Accepted, g.Steps))
		for i, v := range []money.Fen{g.Amount, g.Paid} {
			c.Series[i].Values = append(c.Series[i].Values, float64(v)/100)
		}
	}
	return c
}
