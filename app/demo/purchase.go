package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/catalogue"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// purchases writes every plan into the script.
func (s *script) purchases() error {
	all, err := notices()
	if err != nil {
		return err
	}
	walks := map[string]*walk{}
	for _, p := range slices.Concat(plans, methods) {
		n := all[p.id]
		if p.to == placed {
			s.place(p, n)
			continue
		}
		w := &walk{script: s, plan: p, notice: n, buyer: bureau, officer: "bureau.officer", approver: "bureau.approver"}
		if !p.made() {
			w.buyer, w.officer, w.approver = buyerOf(n), sourcePrefix+"officer", sourcePrefix+"approver"
		}
		if p.under != "" {
			w.parent = walks[p.under]
		}
		walks[p.title] = w
		w.write()
	}
	s.announced()
	return nil
}

// walk is one purchase on its way.
type walk struct {
	*script
	plan
	notice   notice
	buyer    string
	officer  string // login
	approver string
	tender   id.ID
	panel    []party.Actor

	intention id.ID // published before the draft
	parent    *walk // the 框架协议 of a 第二阶段
}

func (w *walk) by(login string) party.Actor { return w.as(login, w.buyer) }

// write adds the steps up to the plan's stage, with the days the law asks for
// between them.
func (w *walk) write() {
	name := first(w.notice.Title, w.title)
	due := w.on(w.due, 9, 30)
	if w.intended != 0 {
		w.at(w.on(w.intended, 9, 0), "起草采购意向 "+name, w.intend)
		w.at(w.on(w.intended, 15, 0), "公开采购意向 "+name, func(ctx context.Context) error {
			_, err := w.Intentions.Publish(ctx, w.by(w.approver), w.intention)
			return err
		})
	}
	w.at(w.on(w.begin, 9, 10), "拟稿 "+name, func(ctx context.Context) error { return w.draft(ctx, due) })
	if w.surveyed {
		w.at(w.on(w.begin, 9, 20), "登记需求调查 "+name, w.survey)
	}
	if w.to == drafted {
		return
	}
	w.at(w.on(w.begin, 9, 40), "生成投标密钥 "+name, w.lock)
	w.at(w.on(w.begin, 10, 0), "提交审批 "+name, func(ctx context.Context) error {
		_, err := w.Tenders.Submit(ctx, w.by(w.officer), w.tender)
		return err
	})
	if w.to == submitted {
		return
	}
	w.at(w.on(w.begin, 15, 0), "发布 "+name, func(ctx context.Context) error {
		_, err := w.Tenders.Publish(ctx, w.by(w.approver), w.tender)
		return err
	})
	if w.story != nil {
		w.story(w)
	}
	for i, o := range w.offers {
		when := w.on(w.due-3+i/2, 14, 10*i)
		if w.prompt {
			when = w.on(w.due-1, 19, 10*i)
		}
		w.at(when, "投标 "+name, func(ctx context.Context) error { return w.offer(ctx, o) })
	}
	if w.begun {
		w.at(w.on(-2, 14, 0), "投标草稿 "+name, w.beginBid)
	}
	if w.to <= closed {
		return
	}
	w.at(due, "开标 "+name, w.open)
	if w.to == failed {
		return
	}
	w.at(w.on(w.due, 14, 0), "组成评审小组 "+name, w.seatPanel)
	if w.seated {
		return
	}
	w.at(w.on(w.due+1, 11, 0), "评分 "+name, w.score)
	if w.asks() && w.to != evaluating {
		w.at(w.on(w.due+1, 15, 0), "最后报价 "+name, w.openOffers)
	}
	if w.to <= evaluated {
		return
	}
	w.at(w.on(w.due+2, 10, 0), "提交定标 "+name, w.propose)
	if w.to == decided {
		return
	}
	w.at(w.on(w.due+3, 10, 0), "公布结果 "+name, func(ctx context.Context) error {
		if w.method == rules.MethodFramework {
			return w.Frameworks.Approve(ctx, w.by(w.approver), w.tender)
		}
		_, err := w.Awards.Approve(ctx, w.by(w.approver), w.tender)
		return err
	})
	if w.to == awarded {
		return
	}
	w.at(w.on(w.due+10, 10, 0), "签订合同 "+name, w.sign)
	if w.judging {
		w.midway()
	} else if w.to == contracted && w.made() && w.catalogue == elderly {
		w.voices(-6, 21, 60, 22) // still open on the demonstration's day
	}
	if w.to == completed {
		w.deliver()
		w.voices(-62, 20, 120, 97)
		w.needs()
		w.judge()
	}
}

func (w *walk) draft(ctx context.Context, due time.Time) error {
	who := w.by(w.officer)
	values, marks := w.values(w.notice, due)
	if w.intended != 0 {
		values["intention"], values["intention_exempt"] = string(w.intention), ""
	}
	if w.parent != nil {
		t, err := w.Tenders.Get(ctx, who, w.parent.tender)
		if err != nil {
			return err
		}
		values["framework"] = t.No()
	}
	patch := tender.Patch{Values: values, Packages: w.packages}
	if w.to != drafted && values["scoring"] == tender.Comprehensive {
		patch.Criteria = criteria
	}
	t, err := w.Tenders.Create(ctx, who, patch)
	if err != nil {
		return err
	}
	w.tender = t.ID
	_, err = w.Tenders.Mark(ctx, organisation.System, t.ID, tender.Provenance{SourceURL: w.notice.Source, Marks: marks, Note: w.notice.said()})
	return err
}

// supplierLogin is who bids for a supplier.
func supplierLogin(name string) string {
	for _, x := range social {
		if x.name == name {
			return x.login + ".lead"
		}
	}
	return sourcePrefix + "social"
}

// seatPanel draws the experts, three for a 磋商, five otherwise: the officer
// freezes the pool, the supervisor types the seed. Everybody passes the
// eligibility check, and the members declare that they have no tie.
func (w *walk) seatPanel(ctx context.Context) error {
	size, asked := 5, map[string]int{byConsultation: 3, rules.MethodNegotiation: 3, rules.MethodEmergency: 3, rules.MethodCallOff: 1}
	if n := asked[w.method]; n > 0 {
		size = n
	}
	officer := w.by(w.officer)
	if _, err := w.Evaluations.Commit(ctx, officer, w.tender, evaluation.Need{Needs: []draw.Need{{Number: size, Alternates: 2}}}); err != nil {
		return err
	}
	if _, err := w.Evaluations.Draw(ctx, w.by(strings.TrimSuffix(w.officer, "officer")+"supervisor"), w.tender, "演示数据：体彩排列三 第2026155期 4 0 7"); err != nil {
		return err
	}
	e, err := w.Evaluations.Eligibility(ctx, officer, w.tender)
	if err != nil {
		return err
	}
	var checks []evaluation.Checking
	for _, l := range e.Bids {
		checks = append(checks, evaluation.Checking{Bid: l.Bid, Passed: true})
	}
	if err := w.Evaluations.Check(ctx, officer, w.tender, checks); err != nil {
		return err
	}
	if err := w.Evaluations.Begin(ctx, officer, w.tender); err != nil {
		return err
	}
	if err := w.gather(ctx); err != nil {
		return err
	}
	if w.tied {
		if _, err := w.Evaluations.Enter(ctx, w.panel[0], w.tender, evaluation.Declaration{Tie: "（演示数据）本人亲属在一家供应商任职"}); err != nil {
			return err
		}
		if err := w.gather(ctx); err != nil {
			return err
		}
	}
	for _, who := range w.panel {
		if _, err := w.Evaluations.Enter(ctx, who, w.tender, evaluation.Declaration{Clear: true}); err != nil {
			return err
		}
	}
	return nil
}

// gather reads who sits on the panel now.
func (w *walk) gather(ctx context.Context) error {
	members, err := w.Evaluations.Panel(ctx, w.by(w.officer), w.tender)
	if err != nil {
		return err
	}
	w.panel = nil
	for _, m := range members {
		for i := range experts {
			if who := w.as(expert(i), ""); who.Account == m.Account {
				w.panel = append(w.panel, who)
			}
		}
	}
	return nil
}

// score hands in every sheet; where the evaluation is to be seen running, only
// the first member's.
func (w *walk) score(ctx context.Context) error {
	panel := w.panel
	if w.to == evaluating {
		panel = panel[:1]
	}
	shares := map[string]int64{}
	for _, o := range w.offers {
		shares[o.supplier] = o.share
	}
	for i, who := range panel {
		desk, err := w.Evaluations.Desk(ctx, who, w.tender)
		if err != nil {
			return err
		}
		var sheets []evaluation.Marking
		for _, l := range desk.Bids {
			yes, m := true, evaluation.Marking{Bid: l.Bid, Scores: map[string]int64{}, Comment: "演示数据"}
			m.Conforming = &yes
			for _, q := range desk.Questions {
				m.Scores[q.Key] = banded(q, q.Weight*(shares[l.SupplierName]-int64(i%3))/100)
			}
			sheets = append(sheets, m)
		}
		if err := w.Evaluations.Save(ctx, who, w.tender, sheets); err != nil {
			return err
		}
		if err := w.Evaluations.HandIn(ctx, who, w.tender); err != nil {
			return err
		}
	}
	if w.to == evaluating {
		return nil
	}
	if w.asks() {
		return w.askOffers(ctx)
	}
	return w.settle(ctx)
}

// banded is the interval of a line that comes nearest to points, in hundredths;
// an expert would find the interval, the demonstration has the share.
func banded(q bid.Question, points int64) int64 {
	best := int64(0)
	for _, b := range q.Bands {
		if near := min(max(points, b.Low()), b.Points); abs(near-points) < abs(best-points) {
			best = near
		}
	}
	return best
}

func abs(v int64) int64 { return max(v, -v) }

// settle finds every low price explained, and has the panel finish and sign.
func (w *walk) settle(ctx context.Context) error {
	m, err := w.Evaluations.Meeting(ctx, w.panel[0], w.tender)
	if err != nil {
		return err
	}
	for _, x := range m.Suspicions {
		if err := w.explain(ctx, x.Bid); err != nil {
			return err
		}
	}
	if _, err := w.Evaluations.Settle(ctx, w.panel[0], w.tender); err != nil {
		return err
	}
	for _, who := range w.panel {
		if err := w.Evaluations.Sign(ctx, who, w.tender, evaluation.Signing{}); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) explain(ctx context.Context, b id.ID) error {
	e, err := w.Evaluations.Ask(ctx, w.panel[0], w.tender, evaluation.Ask{Bid: b, Minutes: 60})
	if err != nil {
		return err
	}
	for _, o := range w.offers {
		who := w.as(supplierLogin(o.supplier), o.supplier)
		if who.Org != e.Supplier {
			continue
		}
		if _, err := w.Evaluations.Explain(ctx, who, e.ID, "演示数据：人员由本单位专职社工和志愿者承担，附成本测算。"); err != nil {
			return err
		}
	}
	for _, who := range w.panel {
		err := w.Evaluations.Judge(ctx, who, w.tender, e.ID, evaluation.Ballot{Accept: true, Reason: "演示数据：成本构成清楚"})
		if err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

func (w *walk) propose(ctx context.Context) error {
	who := w.by(w.officer)
	if w.method == rules.MethodFramework {
		_, err := w.Frameworks.Propose(ctx, who, w.tender, len(w.offers)-1)
		return err
	}
	_, r, err := w.Evaluations.Result(ctx, who, w.tender)
	if err != nil {
		return err
	}
	for _, l := range r.Lines {
		if l.Rank == 1 {
			_, err = w.Awards.Propose(ctx, who, w.tender, award.Proposal{Bid: l.Bid})
			return err
		}
	}
	return nil
}

func (w *walk) sign(ctx context.Context) error {
	signed := w.on(w.due+10, 0, 0)
	starts := signed.AddDate(0, 0, 1)
	ends := starts.AddDate(0, w.months, -1)
	_, err := w.Contracts.Record(ctx, w.by(w.officer), w.tender, contract.Input{SignedOn: &signed, StartsOn: &starts, EndsOn: &ends})
	return err
}

// place loads a record that nobody can walk: the law of its own day ruled it,
// or it is no purchase at all.
func (s *script) place(p plan, n notice) {
	s.at(s.on(-175, 9, 0), "载入 "+n.Title, func(ctx context.Context) error {
		buyer := s.as(sourcePrefix+"officer", buyerOf(n))
		t := tender.Tender{Buyer: buyer.Org, BuyerName: buyer.OrgName, State: p.state, DraftedBy: buyer.Account, Demo: true, SourceURL: n.Source,
			Reason: p.reason, PublishedAt: n.when()}
		t.Facts = tender.Facts{Title: n.Title, CatalogueCode: p.catalogue, Region: p.region, What: first(n.Scope, join(n.Items)), FromWhom: n.Qualification,
			Budget: fen(n.Budget), TermNote: n.Term, SMEReserved: n.SMEReserved}
		if e, ok := catalogue.At(s.Clock.Now()).Find(p.catalogue); ok {
			t.CatalogueName = e.Name
		}
		t.Marks = append([]string{"state", "catalogue_code"}, p.remarks...)
		switch {
		case n.Method == "公开招标":
			t.Method = byOpen
		case n.Method == "竞争性磋商":
			t.Method = byConsultation
		case p.reason == inquiry:
			t.Method = rules.MethodInquiry
		}
		if n.Ceiling != nil {
			t.Ceiling = tender.Ceiling{Kind: tender.TotalPrice, Amount: fen(n.Ceiling)}
		}
		if n.Number != "" {
			t.Number = &n.Number
		}
		t.Deadline = n.ends()
		if t.PublishedAt == nil {
			at := clock.Trunc(s.on(-175, 9, 0))
			t.PublishedAt, t.Marks = &at, append([]string{"published_at"}, t.Marks...)
		}
		if p.state == tender.Cancelled || p.state == tender.Completed {
			t.ClosedAt = t.PublishedAt
		}
		return db.Tx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
			_, err := s.Tenders.Place(ctx, tx, t, n.said())
			return err
		})
	})
}

func join(list []string) string { return strings.Join(list, "；") }
