package evaluation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"gongji/app/kernel/money"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/storage/db/dbtest"
)

// published is an evaluation with everything that can happen to a bid: one low
// price found reasonable, one found unproved, two equals, one that does not
// conform and whose price the panel also doubted.
func published(t *testing.T) []byte {
	t.Helper()
	d := dbtest.SQLite(t) // what is shown is arithmetic on a file
	h, ctx := bidtest.New(t, d), t.Context()
	x := h.Published(t, nil)
	for i, yuan := range []money.Fen{300_000, 600_000, 600_000, 610_000, 250_000} {
		h.Submitted(t, h.Supplier(t, "第"+string(rune('1'+i))+"社会工作服务中心"), x, yuan*money.Yuan)
		h.Clock.Advance(time.Millisecond)
	}
	h.Clock.Set(*x.Deadline)
	h.Open(t, x)
	x = h.Again(t, x.ID)
	panel := h.Panel(t, x, 5)
	h.HandedIn(t, panel, x, func(supplier string) int64 {
		if strings.HasPrefix(supplier, "第1") {
			return 30
		}
		return 60
	}, "第4社会工作服务中心")
	m, err := h.Evaluations.Meeting(ctx, panel[0], x.ID)
	if err != nil || len(m.Suspicions) != 2 {
		t.Fatalf("%d suspicions, %v", len(m.Suspicions), err)
	}
	for _, r := range m.Rows {
		if r.Price != 300_000_00 && r.Price != 250_000_00 && r.Conforms {
			continue
		}
		e, err := h.Evaluations.Ask(ctx, panel[0], x.ID, evaluation.Ask{Bid: r.Bid, Minutes: 30, Why: "人工成本偏低"})
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(30 * time.Minute)
		for _, who := range panel[:3] {
			if err := h.Evaluations.Judge(ctx, who, x.ID, e.ID, evaluation.Ballot{Accept: r.Price == 300_000_00, Reason: "按成本构成判断"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := h.Evaluations.Settle(ctx, panel[0], x.ID); err != nil {
		t.Fatal(err)
	}
	for _, who := range panel {
		if err := h.Evaluations.Sign(ctx, who, x.ID, evaluation.Signing{}); err != nil {
			t.Fatal(err)
		}
	}
	_, r, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Evaluations.Published(ctx, x.ID); err == nil {
		t.Error("the scores are out before the result is")
	}
	if _, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid, Reason: "采购文件规定并列时取服务方案得分高者"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Approve(ctx, h.Approver, x.ID); err != nil {
		t.Fatal(err)
	}
	p, err := h.Evaluations.Published(ctx, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAPublishedEvaluationReplays(t *testing.T) {
	file := published(t)
	read := func() evaluation.Publication {
		p, err := evaluation.ReadPublication(file)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := read()
	if d := p.Replay(); len(d) != 0 {
		t.Fatalf("%v", d)
	}
	ranked := ""
	for _, l := range p.Lines {
		ranked += string(rune('0' + l.Rank))
		if l.Tied {
			ranked += "="
		}
	}
	if ranked != "1=1=300" {
		t.Errorf("ranks are %s", ranked)
	}
	key := p.Table.Criteria[0].ID
	for what, c := range map[string]struct {
		change func(*evaluation.Publication)
		says   string
	}{
		"score":             {func(p *evaluation.Publication) { p.Bids[1].Scores[key][0] += 500 }, "“第2社会工作服务中心”的“" + p.Table.Criteria[0].Name + "”得分：文件为 30.00，重算为 31.00"},
		"score too high":    {func(p *evaluation.Publication) { p.Bids[1].Scores[key][0] = 99_00 }, "打分应在 0 到 50.00 分之间"},
		"score left out":    {func(p *evaluation.Publication) { p.Bids[1].Scores[key] = p.Bids[1].Scores[key][1:] }, "有 4 个评分，评委有 5 名"},
		"price":             {func(p *evaluation.Publication) { p.Bids[1].Price++ }, "“第2社会工作服务中心”的报价：文件为 600000.00，重算为 600000.01"},
		"price in the line": {func(p *evaluation.Publication) { p.Lines[2].Amount++ }, "“第1社会工作服务中心”的报价"},
		"price made low":    {func(p *evaluation.Publication) { p.Bids[1].Price = 100_000_00 }, "“第2社会工作服务中心”是否异常低价：文件为否，重算为是"},
		"weight":            {func(p *evaluation.Publication) { p.Table.Criteria[0].Weight++ }, "之和应为 100 分，现为 100.01 分"},
		"weights":           {func(p *evaluation.Publication) { p.Table.PriceWeight += 100; p.Table.Criteria[0].Weight -= 100 }, "价格分：文件为 10.00，重算为 11.00"},
		"let in":            {func(p *evaluation.Publication) { p.Bidders[3].Conforming, p.Bids[3].Conforming = true, true }, "“第4社会工作服务中心”是否通过审查：文件为是，重算为否"},
		"shut out":          {func(p *evaluation.Publication) { p.Bidders[1].Conforming = false }, "“第2社会工作服务中心”是否通过审查：文件为否，重算为是"},
		"votes":             {func(p *evaluation.Publication) { p.Bidders[1].Passed = 2 }, "“第2社会工作服务中心”是否通过审查：文件为是，重算为否"},
		"rank":              {func(p *evaluation.Publication) { p.Lines[2].Rank = 1 }, "“第1社会工作服务中心”的名次：文件为 1，重算为 3"},
		"tie":               {func(p *evaluation.Publication) { p.Lines[0].Tied = false }, "是否并列：文件为 否，重算为 是"},
		"order":             {func(p *evaluation.Publication) { p.Lines[0], p.Lines[2] = p.Lines[2], p.Lines[0] }, "排序第 1 行：文件为“第1社会工作服务中心”"},
		"total":             {func(p *evaluation.Publication) { p.Lines[0].Total++ }, "总分：文件为"},
		"line left out":     {func(p *evaluation.Publication) { p.Lines = p.Lines[:4] }, "排序有 4 行，重算为 5 行"},
		"explanation":       {func(p *evaluation.Publication) { p.Explained = nil }, "的报价异常低，却没有要求说明"},
		"unproved":          {func(p *evaluation.Publication) { p.Bidders[4].Unproved = false }, "“第5社会工作服务中心”的报价说明与审查结论不一致"},
		"hurried":           {func(p *evaluation.Publication) { p.Explained[0].DueAt = p.Explained[0].AskedAt }, "不足 30 分钟"},
		"suspicion":         {func(p *evaluation.Publication) { p.Suspicions = p.Suspicions[1:] }, "是否异常低价：文件为否，重算为是"},
		"its price":         {func(p *evaluation.Publication) { p.Suspicions[0].Price++ }, "异常低价的报价或者依据"},
		"ceiling":           {func(p *evaluation.Publication) { p.Ceiling /= 2 }, "是否异常低价：文件为是，重算为否"},
		"outcome":           {func(p *evaluation.Publication) { p.Outcome = evaluation.Void }, "结论却是 void"},
		"experts":           {func(p *evaluation.Publication) { p.Experts = 3 }, "评委的数目不一致"},
		"correction": {func(p *evaluation.Publication) {
			p.Corrections = append(p.Corrections, evaluation.Corrected{Bid: p.Bids[1].ID, Criterion: key, Became: 1})
		}, "更正后的评分没有计入"},
	} {
		q := read()
		c.change(&q)
		if got := strings.Join(q.Replay(), "\n"); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q does not say %q", what, got, c.says)
		}
	}
	for what, b := range map[string][]byte{"garbage": []byte("不是"), "empty": nil, "a list": []byte("[]"), "another format": []byte(`{"format":"gongji-draw-1"}`),
		"a field of its own": []byte(`{"format":"gongji-evaluation-1","x":1}`), "two": append(file, file...)} {
		if _, err := evaluation.ReadPublication(b); err == nil {
			t.Errorf("%s was read", what)
		}
	}
}
