package web

import (
	"testing"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party/standing"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/templates"
	"gongji/templates/templatetest"
)

// TestPurchasePagesFitTheirTemplates type-checks the pages from bid to contract.
func TestPurchasePagesFitTheirTemplates(t *testing.T) {
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	no, yes := "GJ采〔2026〕0001号", true
	x := tender.Tender{ID: "T", Number: &no, BuyerName: "青山区民政局", State: tender.Evaluated}
	base := purchasePage{Bids: true, Tender: x, State: templates.Status{Label: "待定标", Tone: templates.Info}, Unit: "元"}
	base.Fault = &fault.Fault{Message: "有 1 处需要修改", Fields: []fault.Field{{Name: "price", Message: "请填写报价"}, {Name: "members", Message: "x"}, {Name: "login", Message: "x"}, {Name: "bid", Message: "x"}, {Name: "B.1", Message: "x"}}}
	b := bid.Bid{ID: "B", Version: 1, WithdrawnAt: &now, WithdrawnWhy: "x"}
	files := []templates.File{{ID: "F", Name: "方案.pdf", Href: "/f", Size: 3, SHA256: "ab"}}
	line := opening.Line{Bid: "B", SupplierName: "晨光社会工作服务中心", Price: 100, Position: 1}
	dues := []Due{{Deadline: &templates.Deadline{At: now, Now: now}}, {Label: "签订合同", Missing: "未载入", Article: "法46"}}
	record := evaluation.Record{Table: evaluation.Table{PriceWeight: 1000, Criteria: []evaluation.Criterion{{ID: "1", Name: "方案", Weight: 9000}}},
		Bids:    []evaluation.Bid{{ID: "B", Scores: map[string][]int64{"1": {1, 5000}}}, {ID: "C"}},
		Bidders: []evaluation.Bidder{{Bid: "B", Name: "晨光"}, {Bid: "C", Name: "同心", Reasons: []string{"缺证书"}}},
		Lines:   []evaluation.Line{{Bid: "B", Rank: 1, Tied: true, Marks: map[string]int64{"1": 2500}}, {Bid: "C"}}, Panel: []evaluation.Judge{{Name: "专家", Seat: "buyer"}}}
	ranking := &rankingPage{purchasePage: base, Record: record, Rows: rankingRows(record), Dues: dues, Suspicions: []suspicionRow{{"晨光", []string{"低"}}}}
	form := &bidFormPage{purchasePage: base, Bid: b, Again: true, Hour: &lastHour{At: now, Now: now}, Before: &templates.Deadline{At: now, Now: now}, Questions: []questionField{{Question: bid.Question{Key: "1", Name: "方案", Description: "写"}, Field: "answers.1", Full: "50"}}}
	price := money.Fen(100)
	for name, page := range map[string]templates.Framed{
		"bid/list":  &bidListPage{Items: []bidRow{{Entry: bid.Entry{Bid: "B", Title: "x", Deadline: &now, Version: 1, Won: &yes, Amount: &price}}}, Filter: templates.Filter{Selects: []templates.FilterSelect{{Name: "state", Options: []templates.Option{{Label: "全部"}}}}}},
		"bid/begin": &bidBeginView{purchasePage: base, Begin: templates.Action{Title: "x", Post: "/x", Label: "x"}},
		"bid/show": &bidShowPage{purchasePage: base, Bid: b, Tasks: []templates.Task{{Title: "x", State: "todo"}}, Deadline: &templates.Deadline{At: now, Now: now},
			Versions: []versionRow{{bid.Version{Number: 1, SHA256: "ab"}, true}}, Withdraw: true, Notice: files, Events: []templates.Event{{At: now, What: "提交投标"}},
			Result: &award.Own{Reasons: []string{"x"}, Marks: []award.Mark{{Name: "方案", Weight: 5000}}, Why: "x"}},
		"bid/offer": form, "bid/answers": form,
		"bid/files": form, "bid/check": form,
		"bid/own":      &bidOwnPage{purchasePage: base, Bid: b, Receipt: files, Hour: &lastHour{At: now, Now: now}},
		"bid/receipt":  &bidOwnPage{purchasePage: base, Bid: b, Receipt: files, Hour: &lastHour{At: now, Now: now}},
		"bid/withdraw": &bidWithdrawView{purchasePage: base, Bid: b},
		"bid/read":     &bidReadPage{purchasePage: base, Bid: "B", Files: files, Receipt: true, Content: bid.Content{Price: 100, Answers: []bid.Answer{{Name: "方案", Text: "x"}}}},
		"bid/compare":  &bidComparePage{purchasePage: base, Rows: []compareRow{{Line: line, OfCeiling: 5000, Lowest: true, Answers: []compareAnswer{{"方案", "x"}}}}, Sorts: []sortLink{{Label: "a"}, {Label: "b", Current: true}}, Filter: templates.Filter{Export: "/x"}, Pager: templates.Pager{Page: 1, Pages: 2, Next: "/x"}},
		"evaluation/eligibility": &eligibilityPage{purchasePage: base, May: true, Left: 1, Narrow: narrowed{At: "/x", Show: "todo", Shows: []templates.Option{{Value: "todo", Label: "没有判断"}}, Page: 2, Pages: 3, Total: 60, Found: 55, Write: true},
			Rows: []*eligibilityRow{{Bid: "B", Name: "晨光", Passed: "no", Failed: []string{"1"}, Reason: "x", Flagged: []string{"x"}}}, Check: evaluation.Eligibility{Items: []evaluation.Requirement{{Key: "1", Name: "x"}}, Staff: []evaluation.StaffTie{{Name: "x"}}}},
		"opening/show": watched(base, opening.View{State: opening.Stopped, Opening: &opening.Opening{OpenedAt: now, Bidders: 2, StoppedWhy: "存储没有响应"}, Lines: []opening.Line{line, {Bid: "C", Position: 2, Failed: "解不开"}},
			Mine: &line, Answers: map[id.ID]opening.Answer{"B": {Bid: "B", Kind: opening.Objected, Text: "读错了"}}, Holders: []opening.Seat{{Index: 1, Post: "监督", Given: true}}, May: []string{"answer", "close", "start"}}),
		"evaluation/panel": &panelPage{purchasePage: base, Members: []evaluation.Member{{ID: "M", Name: "专家", SubmittedAt: &now}}, MayName: true,
			Candidates: []evaluation.Candidate{{Name: "a", Refusal: "须回避"}, {Name: "b", Seat: "buyer"}}, Rules: []templates.KV{{Label: "x", Value: "y"}}},
		"offer/show": &offerPage{purchasePage: base, Article: "财库〔2014〕214号第21条", QuitAt: "财库〔2014〕214号第22条", Time: "不少于 30 分钟", Minutes: "30", Share: &openingPart{Index: 1},
			Due: &templates.Deadline{At: now, Now: now}, Receipt: files, View: offer.View{Round: &offer.Round{DueAt: now}, State: offer.Due, Mine: &offer.Offer{Version: 1, SubmittedAt: &now, First: 100, Price: &price, Failed: "x"},
				Offers: []offer.Offer{{SupplierName: "a", First: 1, Price: &price}, {SupplierName: "b"}}, Holders: []opening.Seat{{Index: 1, Post: "监督"}}, May: []string{"ask", "offer", "quit", "give", "open"}}},
		"evaluation/mine": &panelListPage{Filter: templates.Filter{Export: "/x"}, Pager: templates.Pager{Next: "/x"}, Items: []panelRow{{Duty: evaluation.Duty{Title: "x", Seat: "buyer"}}}},
		"evaluation/sheet": &sheetPage{purchasePage: base, May: true, Columns: []sheetColumn{{Name: "方案", Description: "写", Full: "50", Bands: []tender.Band{{Text: "完整", Points: 50_00}}}}, Recuse: true,
			Rows: []*sheetRow{{Bid: id.ID("B"), Name: "晨光", Conforming: "no", Left: 1, Cells: []sheetCell{{Field: "B.1", Value: "5", Name: "方案", Full: "50", Allowed: "0–50"}, {Field: "B.2", Value: "50", Name: "经验", Full: "50", Options: []templates.Option{{Value: "50", Label: "50 分"}}}}}}},
		"evaluation/ranking": ranking,
		"award/show": &awardPage{purchasePage: base, forfeitPart: forfeitPart{Changes: []award.Forfeit{{Cause: award.RefusedToSign, Course: award.Anew, Basis: "x", DecidedAt: &now}}, Unsigning: &award.Unsigning{Forfeit: true, Refuse: true, Over: true, Refusal: &award.Refusal{}, Listed: []standing.Listing{{OrgName: "x"}}}}, Ranking: ranking, Notice: files, Propose: true, Decide: true, Live: &award.Award{Reason: "x"}, Dues: dues,
			Rounds: []award.Award{{State: award.Returned}, {State: award.Approved}, {State: award.Proposed}},
			Result: &award.Result{Standings: []award.Standing{{Name: "x", Tied: true, Winner: true, First: &price}}, First: &price, Rejected: 1, Panel: []string{"a", "b"}}},
		"contract/show": &contractPage{purchasePage: base, Contract: &contract.Contract{}, Facts: []templates.KV{{Label: "x", Value: "y"}}, Summary: files, Files: files, Attach: "/x", Dues: dues,
			contractChanges: contractChanges{Amendments: []contract.Amendment{{Added: 1, EndsOn: &now, State: contract.Approved, DecidedAt: &now}, {}}, MayAmend: true, MayDecide: true, MayFile: true}},
	} {
		templatetest.Check(t, name, page)
	}
	templatetest.Check(t, "contract/show", &contractPage{purchasePage: base, Form: &contractForm{Unit: true}, Drafts: files,
		Revoked: []revokedContract{{contract.Contract{Number: "x", RevokedAt: &now, Why: "x"}, contract.RevokedBy, files}}})
	templatetest.Check(t, "opening/show", watched(base, opening.View{State: opening.Closed, Opening: &opening.Opening{Least: 3, Remark: "已答复"}}))
	before := watched(base, opening.View{State: opening.Before, Deadline: now, Holders: []opening.Seat{{Index: 1, Post: "监督"}}})
	before.Start = &templates.Action{Post: "/x", Label: "x"}
	before.Share, before.Deadline = &openingPart{Index: 1}, &templates.Deadline{At: now, Now: now}
	templatetest.Check(t, "opening/show", before)
}

// watched is the page of an opening at one moment.
func watched(base purchasePage, v opening.View) *openingPage {
	p := &openingPage{purchasePage: base, View: v, Record: []templates.File{{Name: "开标记录.pdf"}}, Compare: true, Over: v.State == opening.Closed}
	p.fill()
	return p
}
