package evaluation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
)

// PublicFormat is what a published evaluation calls itself.
const PublicFormat = "gongji-evaluation-1"

// Publication is an evaluation as everybody may have it once the result is
// public: everything the ranking follows from, and nothing that names which
// expert gave which score, or says in words why a bid was rejected (its bidder
// is told). Scores are by 评委 1, 2, … in one order throughout.
type Publication struct {
	Format      string         `json:"format"`
	Tender      id.ID          `json:"tender"`
	Number      string         `json:"number"`
	Title       string         `json:"title"`
	Buyer       string         `json:"buyer"`
	EvaluatedAt time.Time      `json:"evaluated_at"`
	SHA256      string         `json:"evaluation_sha256"` // of the frozen record, as the 评审报告 prints it
	Outcome     Outcome        `json:"outcome"`
	Scoring     string         `json:"scoring"`
	Rounding    string         `json:"rounding"`
	Table       Table          `json:"table"`
	Panel       []Judge        `json:"panel"` // by name: not in the order of the scores
	Experts     int            `json:"experts"`
	Least       int64          `json:"least_conforming"`
	Ceiling     money.Fen      `json:"ceiling"`
	Rates       Rates          `json:"abnormal_rates"`
	Bidders     []PublicBidder `json:"bidders"`
	Bids        []Bid          `json:"bids"`
	Suspicions  []Suspicion    `json:"suspicions"`
	Explained   []Explained    `json:"explained"`
	Corrections []Corrected    `json:"corrections"`
	Lines       []Line         `json:"lines"`
	Computed    []Computed     `json:"computed,omitempty"`
}

// PublicBidder is what became of one bid before scores count.
type PublicBidder struct {
	Bid        id.ID  `json:"bid"`
	Name       string `json:"name"`
	Eligible   bool   `json:"eligible"`
	Passed     int    `json:"passed"` // members who found that it conforms
	Unproved   bool   `json:"unproved,omitempty"`
	Conforming bool   `json:"conforming"`
	// First is the price at the opening where last offers were asked for, and
	// NoOffer says that none came that counts.
	First   *money.Fen `json:"first_price,omitempty"`
	NoOffer bool       `json:"no_last_offer,omitempty"`
}

// Rounding is how scores are rounded, in words, as it is published.
const Rounding = "每一项平均分和价格分精确计算后四舍五入到 0.01 分一次，总分为各项之和，不再舍入"

// Published is the evaluation as everybody may have it; NotFound before the
// result is public.
func (s *Service) Published(ctx context.Context, tenderID id.ID) (Publication, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return Publication{}, err
	}
	if !resultPublic(t) {
		return Publication{}, fault.New(fault.NotFound, "评审数据随采购结果一并公布")
	}
	e, r, err := Read(ctx, s.db, tenderID)
	if err != nil {
		return Publication{}, err
	}
	return publish(t, e, r), nil
}

func publish(t tender.Tender, e Evaluation, r Record) Publication {
	p := Publication{Format: PublicFormat, Tender: t.ID, Number: r.Number, Title: t.Title, Buyer: t.BuyerName, EvaluatedAt: e.EvaluatedAt, SHA256: e.SHA256,
		Outcome: e.Outcome, Scoring: r.Scoring, Rounding: Rounding, Table: r.Table, Panel: slices.Clone(r.Panel), Experts: len(r.Panel), Least: r.Least, Ceiling: r.Ceiling, Rates: r.Rates,
		Bids: r.Bids, Suspicions: r.Suspicions, Explained: append([]Explained{}, r.Explained...), Corrections: append([]Corrected{}, r.Corrections...), Lines: r.Lines, Computed: r.Computed}
	slices.SortFunc(p.Panel, func(a, b Judge) int { return cmpJudge(a, b) })
	for i, b := range r.Bidders {
		p.Bidders = append(p.Bidders, PublicBidder{b.Bid, b.Name, !b.Ineligible, b.Passed, b.Unproved, r.Bids[i].Conforming, b.First, b.Quit})
	}
	return p
}

func cmpJudge(a, b Judge) int {
	return bytes.Compare([]byte(a.Name+string(a.Seat)), []byte(b.Name+string(b.Seat)))
}

// ReadPublication parses a published evaluation strictly.
func ReadPublication(data []byte) (Publication, error) {
	var p Publication
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return p, fmt.Errorf("不是公布的评审数据：%w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return p, errors.New("不是公布的评审数据：数据之后还有其他内容")
	}
	if p.Format != PublicFormat {
		return p, fmt.Errorf("格式是 %q，应为 %s", p.Format, PublicFormat)
	}
	return p, nil
}

// Replay computes everything again from the publication's own inputs: who
// conforms, which prices are abnormal, every score, the order, the outcome. It
// lists where the publication says something else; nothing when it is right.
func (p Publication) Replay() []string {
	var out []string
	differ := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if len(p.Bids) != len(p.Bidders) || len(p.Panel) != p.Experts {
		differ("投标人、投标或评委的数目不一致")
		return out
	}
	fresh := slices.Clone(p.Bids)
	for i, b := range p.Bidders {
		if fresh[i].ID != b.Bid {
			differ("第 %d 份投标的编号与投标人不一致", i+1)
			return out
		}
		fresh[i].Conforming = b.Eligible && majority(b.Passed, p.Experts) && !b.NoOffer
		for _, k := range p.Table.Criteria {
			if n := len(fresh[i].Scores[k.ID]); fresh[i].Conforming && n != p.Experts {
				differ("“%s”的“%s”有 %d 个评分，评委有 %d 名", b.Name, k.Name, n, p.Experts)
			}
		}
	}
	out = append(out, p.replayPrices(fresh)...)
	for i, b := range p.Bidders {
		fresh[i].Conforming = fresh[i].Conforming && !b.Unproved
		if fresh[i].Conforming != b.Conforming || fresh[i].Conforming != p.Bids[i].Conforming {
			differ("“%s”是否通过审查：文件为%s，重算为%s", b.Name, yesNo(!fresh[i].Conforming), yesNo(fresh[i].Conforming))
		}
	}
	for _, c := range p.Corrections {
		i := slices.IndexFunc(p.Bids, func(b Bid) bool { return b.ID == c.Bid })
		if i < 0 || c.Expert < 0 || c.Expert >= len(p.Bids[i].Scores[c.Criterion]) {
			differ("更正的评分不在评分表中")
		} else if p.Bids[i].Scores[c.Criterion][c.Expert] != c.Became && !slices.ContainsFunc(p.Corrections, func(d Corrected) bool {
			return d != c && d.Bid == c.Bid && d.Criterion == c.Criterion && d.Expert == c.Expert
		}) {
			differ("“%s”更正后的评分没有计入", p.Bidders[i].Name)
		}
	}
	out = append(out, p.replayComputed(fresh)...)
	lines, err := Rank(p.Table, fresh)
	if err != nil {
		differ("按文件中的评分不能排序：%s", err.Error())
		return out
	}
	out = append(out, p.replayLines(lines)...)
	n := 0
	for _, b := range fresh {
		if b.Conforming {
			n++
		}
	}
	if void := int64(n) < p.Least; void != (p.Outcome == Void) {
		differ("通过审查 %d 家，至少应有 %d 家，结论却是 %s", n, p.Least, p.Outcome)
	}
	return out
}

func (p Publication) replayPrices(fresh []Bid) []string {
	var out []string
	differ := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	set := rules.At(p.EvaluatedAt)
	again, was := map[id.ID]Suspicion{}, map[id.ID]Suspicion{}
	for _, x := range AbnormalPrices(fresh, p.Ceiling, p.Rates, set) {
		again[x.Bid] = x
	}
	for _, x := range p.Suspicions {
		was[x.Bid] = x
	}
	accepted, least := map[id.ID]*bool{}, set.Must(rules.AbnormalExplain)
	for _, x := range p.Explained {
		accepted[x.Bid] = &x.Accepted
		if !least.AtLeast(int64(x.DueAt.Sub(x.AskedAt)/time.Minute), 0) {
			differ("给供应商说明的时间不足 %d 分钟", least.Value)
		}
	}
	for i, b := range p.Bidders {
		old, suspected := was[b.Bid]
		now, abnormal := again[b.Bid]
		if suspected != abnormal {
			differ("“%s”是否异常低价：文件为%s，重算为%s", b.Name, yesNo(suspected), yesNo(abnormal))
		} else if abnormal && !sameGrounds(old, now) {
			differ("“%s”异常低价的报价或者依据与重算的不一致", b.Name)
		}
		x := accepted[b.Bid]
		if abnormal && x == nil {
			differ("“%s”的报价异常低，却没有要求说明", b.Name)
		}
		// A bid that fell at a check before is not judged by its price as well.
		if unproved := x != nil && !*x && fresh[i].Conforming; unproved != b.Unproved {
			differ("“%s”的报价说明与审查结论不一致", b.Name)
		}
	}
	return out
}

// sameGrounds leaves the wording of the rule aside: it may have been amended
// between the notice and the evaluation.
func sameGrounds(a, b Suspicion) bool {
	return a.Price == b.Price && slices.EqualFunc(a.Reasons, b.Reasons, func(x, y Reason) bool {
		return x.Rule.ID == y.Rule.ID && x.Against == y.Against && x.Rate == y.Rate
	})
}

func yesNo(b bool) string { return map[bool]string{true: "是", false: "否"}[b] }

func (p Publication) replayLines(lines []Line) []string {
	if len(lines) != len(p.Lines) {
		return []string{fmt.Sprintf("排序有 %d 行，重算为 %d 行", len(p.Lines), len(lines))}
	}
	var out []string
	name, price := map[id.ID]string{}, map[id.ID]string{}
	for _, b := range p.Bidders {
		name[b.Bid], price[b.Bid] = b.Name, "报价"
		if b.First != nil {
			price[b.Bid] = "最后报价"
		}
	}
	for i, l := range lines {
		if at := p.Lines[i].Bid; at != l.Bid {
			out = append(out, fmt.Sprintf("排序第 %d 行：文件为“%s”，重算为“%s”", i+1, name[at], name[l.Bid]))
		}
		at := slices.IndexFunc(p.Lines, func(x Line) bool { return x.Bid == l.Bid })
		if at < 0 {
			continue // the order has said so
		}
		was := p.Lines[at]
		differ := func(what, is, should string) {
			if is != should {
				out = append(out, fmt.Sprintf("“%s”的%s：文件为 %s，重算为 %s", name[l.Bid], what, is, should))
			}
		}
		differ(price[l.Bid], was.Amount.String(), l.Amount.String())
		for _, k := range p.Table.Criteria {
			differ("“"+k.Name+"”得分", points(was.Marks[k.ID]), points(l.Marks[k.ID]))
		}
		differ("得分项数", fmt.Sprint(len(was.Marks)), fmt.Sprint(len(l.Marks)))
		differ("价格分", points(was.Price), points(l.Price))
		differ("技术分", points(was.Technical), points(l.Technical))
		differ("总分", points(was.Total), points(l.Total))
		differ("名次", fmt.Sprint(was.Rank), fmt.Sprint(l.Rank))
		differ("是否并列", yesNo(was.Tied), yesNo(l.Tied))
	}
	return out
}
