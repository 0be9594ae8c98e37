package evaluation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// Outcome is what came of an evaluation.
type Outcome string

// The outcomes.
const (
	Ranked Outcome = "ranked" // 已排序
	Void   Outcome = "void"   // 废标：通过审查的不足
)

// Evaluation is the one evaluation of a tender, with the record it is frozen in.
type Evaluation struct {
	bun.BaseModel `bun:"table:evaluation"`

	ID      id.ID   `bun:"id,pk" json:"id"`
	Tender  id.ID   `bun:"tender" json:"tender"`
	Outcome Outcome `bun:"outcome" json:"outcome"`
	Article string  `bun:"article" json:"article,omitempty"`
	// Frozen is the Record as JSON, as its hash was taken.
	Frozen      string    `bun:"record" json:"-"`
	SHA256      string    `bun:"sha256" json:"sha256"`
	EvaluatedAt time.Time `bun:"evaluated_at" json:"evaluated_at"`
}

// Record is everything a ranking was made from and what came out: enough to
// make it again.
type Record struct {
	Tender     id.ID       `json:"tender"`
	Number     string      `json:"number"`
	Scoring    string      `json:"scoring"`
	Table      Table       `json:"table"`
	Panel      []Judge     `json:"panel"` // in the order of the scores
	Bidders    []Bidder    `json:"bidders"`
	Bids       []Bid       `json:"bids"` // what was ranked
	Least      int64       `json:"least_conforming"`
	Ceiling    money.Fen   `json:"ceiling"`
	Rates      Rates       `json:"abnormal_rates"`
	Lines      []Line      `json:"lines"`
	Suspicions []Suspicion `json:"suspicions"` // prices to be explained (财库〔2026〕2号)
}

// Judge is a member of the panel as the record names them.
type Judge struct {
	Name string `json:"name"`
	Seat Seat   `json:"seat"`
}

// Bidder is what the panel said of one bid besides scores.
type Bidder struct {
	Bid      id.ID    `json:"bid"`
	Supplier id.ID    `json:"supplier"`
	Name     string   `json:"name"`
	Passed   int      `json:"passed"`  // members who found that it conforms
	Reasons  []string `json:"reasons"` // of those who did not, by panel order
	Comments []string `json:"comments"`
}

// Replay makes the ranking again from the record's own inputs and reports
// where it differs: nil when it is the same.
func (r Record) Replay() error {
	lines, err := Rank(r.Table, r.Bids)
	if err != nil {
		return err
	}
	again, err := json.Marshal(lines)
	if err != nil {
		return err
	}
	was, err := json.Marshal(r.Lines)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, was) {
		return fault.New(fault.Conflict, "重新计算的排序与记录不一致")
	}
	return nil
}

// Read is the evaluation of a tender with its record, checked against its
// hash, for the sibling packages of procurement, which authorise themselves.
func Read(ctx context.Context, d bun.IDB, tenderID id.ID) (Evaluation, Record, error) {
	var e Evaluation
	var r Record
	if err := db.Found(d.NewSelect().Model(&e).Where("tender = ?", tenderID).Scan(ctx), "评审结果"); err != nil {
		return e, r, err
	}
	if hash([]byte(e.Frozen)) != e.SHA256 {
		return e, r, fault.New(fault.Unavailable, "评审记录与校验值不一致，请联系平台管理员核查")
	}
	return e, r, json.Unmarshal([]byte(e.Frozen), &r)
}

// Result is the evaluation for whoever may see the ranking: the buyer and the
// panel once it is made.
func (s *Service) Result(ctx context.Context, who party.Actor, tenderID id.ID) (Evaluation, Record, error) {
	if err := s.May(ctx, who, tenderID, "ranking"); err != nil {
		return Evaluation{}, Record{}, err
	}
	return Read(ctx, s.db, tenderID)
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// tableOf is the scoring table as the ranking takes it. Where the lowest price
// decides (最低评标价法) the price is all of it. Every line people score counts
// as technical for ties in a 竞争性磋商.
func tableOf(t tender.Tender) Table {
	out := Table{Method: t.Method, Criteria: []Criterion{}}
	if t.Scoring == tender.LowestPrice {
		out.PriceWeight = FullMarks
		return out
	}
	for _, k := range t.Criteria {
		if k.Kind == tender.PriceCriterion {
			out.PriceWeight += k.Weight
		}
	}
	for _, q := range questions(t) {
		out.Criteria = append(out.Criteria, Criterion{ID: q.Key, Name: q.Name, Weight: q.Weight, Technical: true})
	}
	return out
}

// leastConforming is the rule on how many bids must conform: three in
// 公开招标 (政府采购法第36条); a method without a rule of its own asks for as
// many as it asks bidders.
func leastConforming(s rules.Set, method string) rules.Rule {
	if r, ok := s.Get(method + ".min_conforming"); ok {
		return r
	}
	return opening.LeastBidders(s, method)
}

// assemble puts all sheets together. members and lines are in a fixed order.
func assemble(t tender.Tender, set rules.Set, members []Member, lines []opening.Line, sheets map[id.ID]map[id.ID]Sheet) Record {
	r := Record{Tender: t.ID, Number: t.No(), Scoring: t.Scoring, Table: tableOf(t), Bids: []Bid{}, Bidders: []Bidder{},
		Least: leastConforming(set, t.Method).Value, Rates: LawfulRates(set), Suspicions: []Suspicion{}}
	switch {
	case t.Ceiling.Amount != nil:
		r.Ceiling = *t.Ceiling.Amount
	case t.Budget != nil:
		r.Ceiling = *t.Budget
	}
	for _, m := range members {
		r.Panel = append(r.Panel, Judge{m.Name, m.Seat})
	}
	for _, l := range lines {
		who := Bidder{Bid: l.Bid, Supplier: l.Supplier, Name: l.SupplierName, Reasons: []string{}, Comments: []string{}}
		b := Bid{ID: l.Bid, Price: l.Price, Scores: map[string][]int64{}}
		for _, m := range members {
			x := sheets[m.ID][l.Bid]
			if x.Conforming != nil && *x.Conforming {
				who.Passed++
			} else {
				who.Reasons = append(who.Reasons, x.Reason)
			}
			if x.Comment != "" {
				who.Comments = append(who.Comments, x.Comment)
			}
			for _, k := range r.Table.Criteria {
				b.Scores[k.ID] = append(b.Scores[k.ID], x.Scores[k.ID])
			}
		}
		b.Conforming = majority(who.Passed, len(members))
		r.Bids, r.Bidders = append(r.Bids, b), append(r.Bidders, who)
	}
	return r
}

// Conforming counts the bids that passed.
func (r Record) Conforming() int {
	n := 0
	for _, b := range r.Bids {
		if b.Conforming {
			n++
		}
	}
	return n
}

// Of is what the record says of one bid.
func (r Record) Of(bid id.ID) (Line, Bidder) {
	var l Line
	var b Bidder
	for _, x := range r.Lines {
		if x.Bid == bid {
			l = x
		}
	}
	for _, x := range r.Bidders {
		if x.Bid == bid {
			b = x
		}
	}
	return l, b
}

// conclude ranks, freezes and moves the tender on, or ends it where too few
// bids conform.
func (s *Service) conclude(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, members []Member, lines []opening.Line, now time.Time) error {
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	sheets := map[id.ID]map[id.ID]Sheet{}
	for _, m := range members {
		if sheets[m.ID], err = sheetsOf(ctx, tx, m.ID); err != nil {
			return err
		}
	}
	r := assemble(*t, set, members, lines, sheets)
	if r.Lines, err = Rank(r.Table, r.Bids); err != nil {
		return err
	}
	if x := AbnormalPrices(r.Bids, r.Ceiling, r.Rates, set); x != nil {
		r.Suspicions = x
	}
	frozen, err := json.Marshal(r)
	if err != nil {
		return err
	}
	e := Evaluation{ID: id.New(now), Tender: t.ID, Outcome: Ranked, Frozen: string(frozen), SHA256: hash(frozen), EvaluatedAt: now}
	least := leastConforming(set, t.Method)
	to, action, text := tender.Evaluated, "评审完成", fmt.Sprintf("%d 份投标通过审查", r.Conforming())
	if !least.AtLeast(int64(r.Conforming()), 0) {
		e.Outcome, e.Article = Void, least.Source()
		to, action = tender.Failed, "废标，采购失败"
		text = fmt.Sprintf("通过资格和符合性审查的投标 %d 份，不足 %d 家", r.Conforming(), least.Value)
		t.Reason = text + "（" + least.Source() + "）"
	}
	if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	if err := s.tenders.Advance(ctx, tx, t, to); err != nil {
		return err
	}
	if to == tender.Failed {
		if err := tender.EmitEnd(ctx, tx, now, *t, nil); err != nil {
			return err
		}
	}
	return note(ctx, tx, who, now, t.ID, action, text, e.Article, true)
}
