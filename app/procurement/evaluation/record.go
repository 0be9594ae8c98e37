package evaluation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
	Number      string    `bun:"number" json:"number,omitempty"`
	Report      *id.ID    `bun:"report" json:"report,omitempty"` // the 评审报告
	// ReportedAt is when the report went to the buyer: the buyer's five working
	// days run from it (政府采购法实施条例第43条).
	ReportedAt *time.Time `bun:"reported_at" json:"reported_at,omitempty"`
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
	// Corrections are the scores that were changed on a ground of
	// 财政部令第87号第64条; Bids has what counts.
	Corrections []Corrected `json:"corrections,omitempty"`
	Explained   []Explained `json:"explained,omitempty"`
	// Computed is what came from the bidders' public records at the deadline.
	Computed []Computed `json:"computed,omitempty"`
}

// Corrected is one score that was changed after all were in. Expert is its
// place in the panel, from 0.
type Corrected struct {
	Expert    int    `json:"expert"`
	Bid       id.ID  `json:"bid"`
	Criterion string `json:"criterion"`
	Ground    Ground `json:"ground"`
	Was       int64  `json:"was"`
	Became    int64  `json:"became"`
}

// Explained is what came of asking about a price.
type Explained struct {
	Bid      id.ID     `json:"bid"`
	AskedAt  time.Time `json:"asked_at"`
	DueAt    time.Time `json:"due_at"`
	Answered bool      `json:"answered"`
	Accepted bool      `json:"accepted"`
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
	// Ineligible says that the buyer's check excluded the bidder, with Reasons;
	// Unproved that the panel found its low price unproved.
	Ineligible bool `json:"ineligible,omitempty"`
	Unproved   bool `json:"unproved,omitempty"`
	// First is the price read out at the opening, where a last offer was asked
	// for; Quit says that the supplier gave none that counts.
	First *money.Fen `json:"first_price,omitempty"`
	Quit  bool       `json:"no_last_offer,omitempty"`
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
	e, r, err := Read(ctx, s.db, tenderID)
	if err != nil {
		return e, r, err
	}
	// Who sat is told to the buyer's approver with everybody else, when the
	// result is published.
	t, err := tender.Read(ctx, s.db, tenderID)
	if err == nil && !resultPublic(t) && s.require(ctx, s.db, who, t, "follow_panel", s.clock.Now()) != nil {
		for i := range r.Panel {
			r.Panel[i].Name = fmt.Sprintf("评委%d", i+1)
		}
	}
	return e, r, err
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
		out.Criteria = append(out.Criteria, Criterion{ID: q.Key, Name: q.Name, Weight: q.Weight, Technical: true, Bands: q.Bands})
	}
	for i, k := range t.Criteria {
		if tender.Recorded(k.Kind) {
			out.Criteria = append(out.Criteria, Criterion{ID: strconv.Itoa(i), Name: k.Name, Weight: k.Weight, Source: k.Kind, Bands: k.Bands})
		}
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

// assemble puts everything handed in together and ranks it, as it would be
// if it were settled now.
func (x *papers) assemble(t tender.Tender, set rules.Set) error {
	r := Record{Tender: t.ID, Number: t.No(), Scoring: t.Scoring, Table: tableOf(t), Bids: []Bid{}, Bidders: []Bidder{},
		Computed: x.computed, Least: leastConforming(set, t.Method).Value, Rates: ratesOf(t, set), Suspicions: []Suspicion{}, Ceiling: ceilingOf(t)}
	for _, m := range x.members {
		r.Panel = append(r.Panel, Judge{m.Name, m.Seat})
	}
	unproved := map[id.ID]bool{}
	for _, e := range x.explanations {
		if e.DecidedAt == nil {
			continue
		}
		unproved[e.Bid] = !*e.Accepted
		r.Explained = append(r.Explained, Explained{e.Bid, e.AskedAt, e.DueAt, e.AnsweredAt != nil, *e.Accepted})
	}
	for _, l := range x.all {
		b, who := x.judged(t, r.Table, l)
		r.Bids, r.Bidders = append(r.Bids, b), append(r.Bidders, who)
	}
	// What triggers is found among all that passed the conformity check; that a
	// price then stays unproved does not move the mean it was compared with.
	if found := AbnormalPrices(r.Bids, r.Ceiling, r.Rates, set); found != nil {
		r.Suspicions = found
	}
	for i := range r.Bids {
		if unproved[r.Bids[i].ID] && r.Bids[i].Conforming {
			r.Bids[i].Conforming, r.Bidders[i].Unproved = false, true
			r.Bidders[i].Reasons = append(r.Bidders[i].Reasons, "报价明显偏低，不能证明其合理性（"+set.Must(rules.AbnormalExplain).Source()+"）")
		}
	}
	r.Corrections = x.corrected()
	var err error
	r.Lines, err = Rank(r.Table, r.Bids)
	x.record = r
	return err
}

// judged is one bid as the panel, or before it the buyer, found it.
func (x *papers) judged(t tender.Tender, table Table, l opening.Line) (Bid, Bidder) {
	who := Bidder{Bid: l.Bid, Supplier: l.Supplier, Name: l.SupplierName, Reasons: []string{}, Comments: []string{}}
	b := Bid{ID: l.Bid, Price: l.Price, Scores: map[string][]int64{}}
	if v, ok := x.verdicts[l.Bid]; ok && !v.Passed {
		who.Ineligible = true
		who.Reasons = append(who.Reasons, "资格审查："+strings.Join(names(Qualifications(t), v.Failed), "；")+"："+v.Reason)
		return b, who
	}
	items := Substantive(t)
	for _, m := range x.members {
		sheet := x.sheets[m.ID][l.Bid]
		if sheet.Conforming != nil && *sheet.Conforming {
			who.Passed++
		} else {
			why := sheet.Reason
			if failed := names(items, sheet.Failed); len(failed) > 0 {
				why = strings.Join(failed, "；") + "：" + why
			}
			who.Reasons = append(who.Reasons, why)
		}
		if sheet.Comment != "" {
			who.Comments = append(who.Comments, sheet.Comment)
		}
		for _, k := range table.Criteria {
			if k.Source != "" {
				b.Scores[k.ID] = append(b.Scores[k.ID], pointsOf(x.computed, l.Bid, k.ID))
				continue
			}
			b.Scores[k.ID] = append(b.Scores[k.ID], x.score(m.ID, l.Bid, k.ID))
		}
	}
	b.Conforming = majority(who.Passed, len(x.members))
	x.lastOffer(&b, &who)
	return b, who
}

// score is what counts of a member's score: the last correction, or what was
// handed in.
func (x *papers) score(member, bid id.ID, criterion string) int64 {
	out := x.sheets[member][bid].Scores[criterion]
	for _, c := range x.corrections {
		if c.Member == member && c.Bid == bid && c.Criterion == criterion && c.Became != nil {
			out = *c.Became
		}
	}
	return out
}

func (x *papers) corrected() []Corrected {
	var out []Corrected
	for _, c := range x.corrections {
		if c.Became == nil {
			continue
		}
		at := slices.IndexFunc(x.members, func(m Member) bool { return m.ID == c.Member })
		out = append(out, Corrected{at, c.Bid, c.Criterion, c.Ground, c.Was, *c.Became})
	}
	return out
}

func ceilingOf(t tender.Tender) money.Fen {
	switch {
	case t.Ceiling.Amount != nil:
		return *t.Ceiling.Amount
	case t.Budget != nil:
		return *t.Budget
	}
	return 0
}

// ratesOf are the abnormal-price rates as the documents set them; those of the
// law where they say nothing.
func ratesOf(t tender.Tender, set rules.Set) Rates {
	mean, second, ceiling := t.AbnormalRates(set)
	return Rates{mean, second, ceiling}
}

// at is where a bid is in Bids; -1 where it is not.
func (r Record) at(bid id.ID) int {
	return slices.IndexFunc(r.Bids, func(b Bid) bool { return b.ID == bid })
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
