package evaluation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// articleCorrect is what may be changed once the scores are put together
// (待核: the list of grounds is from memory).
var articleCorrect = law.Cite("财政部令第87号第64条")

// Ground is why a score that was handed in may be corrected.
type Ground string

// The grounds of 财政部令第87号第64条 that a person can raise; sums are computed
// and ranges enforced, so those two cannot occur.
const (
	ObjectiveGround Ground = "objective" // 对客观评审因素评分不一致
	OutlierGround   Ground = "outlier"   // 评分畸高、畸低
)

// Name is the ground in Chinese.
func (g Ground) Name() string {
	return map[Ground]string{ObjectiveGround: "对客观评审因素评分不一致", OutlierGround: "评分畸高、畸低"}[g]
}

// Correction is one score a member is asked about after all are in. Was is
// what they handed in and stays on their sheet; Became is what counts, where
// they correct it.
type Correction struct {
	bun.BaseModel `bun:"table:correction"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Tender     id.ID      `bun:"tender" json:"-"`
	Member     id.ID      `bun:"member" json:"member"`
	Bid        id.ID      `bun:"bid" json:"bid"`
	Criterion  string     `bun:"criterion" json:"criterion"`
	Ground     Ground     `bun:"ground" json:"ground"`
	Question   string     `bun:"question" json:"question"`
	AskedBy    id.ID      `bun:"asked_by" json:"asked_by"`
	AskedAt    time.Time  `bun:"asked_at" json:"asked_at"`
	Was        int64      `bun:"was" json:"was"`
	Became     *int64     `bun:"became" json:"became,omitempty"`
	Answer     string     `bun:"answer" json:"answer,omitempty"`
	AnsweredAt *time.Time `bun:"answered_at" json:"answered_at,omitempty"`
}

// Doubt asks a member about one of their scores.
type Doubt struct {
	Member    id.ID  `json:"member"`
	Bid       id.ID  `json:"bid"`
	Criterion string `json:"criterion"`
	Ground    Ground `json:"ground" enum:"objective,outlier"`
	Question  string `json:"question"`
}

// Reply answers a doubt; Score is nil where the score stays.
type Reply struct {
	Score  *int64 `json:"score,omitempty" description:"更正后的分值，单位 0.01 分；不更正的不填"`
	Answer string `json:"answer" description:"说明"`
}

// Meeting is what the panel has before it once every member has handed in.
type Meeting struct {
	Tender       tender.Tender    `json:"-"`
	Panel        []Member         `json:"panel"`
	Criteria     []Criterion      `json:"criteria"`
	Rows         []MeetingRow     `json:"bids"`
	Suspicions   []Suspicion      `json:"suspicions"`
	Explanations []Explanation    `json:"explanations"`
	Corrections  []Correction     `json:"corrections"`
	Left         []string         `json:"left"` // what must be done before the result is settled
	Me           id.ID            `json:"me,omitempty"`
	Suppliers    map[id.ID]string `json:"-"` // name by bid
	Settled      bool             `json:"settled"`
	Draft        []Line           `json:"draft"` // the ranking as it would be now
	// Offers says that last offers are awaited before anything is settled.
	Offers bool `json:"awaits_last_offers,omitempty"`
}

// MeetingRow is one bid with what every member said of it.
type MeetingRow struct {
	Bid      id.ID         `json:"bid"`
	Supplier string        `json:"supplier"`
	Price    int64         `json:"price"`
	Passed   int           `json:"passed"`
	Conforms bool          `json:"conforms"` // by majority
	Votes    []Vote        `json:"votes"`    // by panel order
	Cells    []MeetingCell `json:"cells"`    // by criterion
}

// Vote is one member's finding on conformity.
type Vote struct {
	Member  id.ID    `json:"member"`
	Passed  bool     `json:"passed"`
	Failed  []string `json:"failed,omitempty"` // the names of requirements
	Reason  string   `json:"reason,omitempty"`
	Comment string   `json:"comment,omitempty"`
}

// MeetingCell is one criterion of one bid: the scores by panel order, their
// mean and spread, and which of them stand out.
type MeetingCell struct {
	Criterion string  `json:"criterion"`
	Scores    []int64 `json:"scores"`
	Mean      int64   `json:"mean"`
	Low       int64   `json:"low"`
	High      int64   `json:"high"`
	Outliers  []bool  `json:"outliers"`
}

// OutlierShare is how far from the panel's median a score must be to be
// marked, as a part of full marks in per cent. It is this platform's line and
// no rule of law: a mark asks the panel to look, and changes nothing.
const OutlierShare = 30

// outliers marks the scores that are OutlierShare of full marks or more away
// from the median of the panel's. The median is of all scores, their own
// included: among three, that of the two others lies between them, and one odd
// score would mark all three.
func outliers(scores []int64, weight int64) []bool {
	out := make([]bool, len(scores))
	n := len(scores)
	if n < 3 {
		return out
	}
	sorted := slices.Sorted(slices.Values(scores))
	twice := sorted[n/2] + sorted[(n-1)/2] // twice the median, to stay in whole numbers
	for i, s := range scores {
		gap := max(2*s-twice, twice-2*s)
		out[i] = gap*100 >= 2*OutlierShare*weight
	}
	return out
}

// Meeting shows the panel, the buyer's officer and its supervisor all sheets
// beside one another: never before every member has handed in.
func (s *Service) Meeting(ctx context.Context, who party.Actor, tenderID id.ID) (Meeting, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return Meeting{}, err
	}
	if err := s.require(ctx, s.db, who, t, "meeting", s.clock.Now()); err != nil {
		return Meeting{}, err
	}
	x, err := s.papers(ctx, s.db, t, s.clock.Now())
	if err != nil {
		return Meeting{}, err
	}
	m := x.meeting(t)
	for _, p := range x.members {
		if p.Account == who.Account {
			m.Me = p.ID
		}
	}
	return m, nil
}

// papers is everything handed in on a tender.
type papers struct {
	members      []Member
	lines        []opening.Line // eligible
	all          []opening.Line
	verdicts     map[id.ID]Verdict
	sheets       map[id.ID]map[id.ID]Sheet // member, bid
	corrections  []Correction
	explanations []Explanation
	asks         bool                  // the method ends with last offers
	round        *offer.Round          // of last offers; nil before it is asked for
	offers       map[id.ID]offer.Offer // by bid, once they are read
	computed     []Computed            // from the bidders' public records
	record       Record
}

// errWaiting says that somebody has not handed in.
func errWaiting(n int) error {
	return fault.New(fault.Conflict, "还有 %d 名成员没有提交评分，全部提交后才能汇总；此前任何人都看不到别人的评分", n)
}

// papers reads what was handed in and makes the record as it would be now;
// Conflict while a member has not handed in.
func (s *Service) papers(ctx context.Context, d bun.IDB, t tender.Tender, now time.Time) (papers, error) {
	var x papers
	var err error
	if x.members, err = membersOf(ctx, d, t.ID); err != nil {
		return x, err
	}
	waiting := 0
	for _, m := range x.members {
		if m.SubmittedAt == nil {
			waiting++
		}
	}
	if waiting > 0 || len(x.members) == 0 {
		return x, errWaiting(waiting)
	}
	if x.all, err = opening.Lines(ctx, d, t.ID); err != nil {
		return x, err
	}
	if x.lines, err = entitled(ctx, d, t.ID); err != nil {
		return x, err
	}
	if x.verdicts, err = verdictsOf(ctx, d, t.ID); err != nil {
		return x, err
	}
	x.sheets = map[id.ID]map[id.ID]Sheet{}
	for _, m := range x.members {
		if x.sheets[m.ID], err = sheetsOf(ctx, d, m.ID); err != nil {
			return x, err
		}
	}
	if x.corrections, err = correctionsOf(ctx, d, t.ID); err != nil {
		return x, err
	}
	x.corrections = slices.DeleteFunc(x.corrections, func(c Correction) bool { // of somebody who stood aside since
		return !slices.ContainsFunc(x.members, func(m Member) bool { return m.ID == c.Member })
	})
	if x.explanations, err = explanationsOf(ctx, d, t.ID); err != nil {
		return x, err
	}
	if x.round, x.offers, err = offer.Of(ctx, d, t.ID); err != nil {
		return x, err
	}
	set, err := t.RuleSet(now)
	if err != nil {
		return x, err
	}
	if x.computed, err = computedOf(ctx, d, t, x.all); err != nil {
		return x, err
	}
	x.asks = offer.Asks(t)
	x.last()
	return x, x.assemble(t, set)
}

func correctionsOf(ctx context.Context, d bun.IDB, tenderID id.ID) ([]Correction, error) {
	out := []Correction{}
	err := d.NewSelect().Model(&out).Where("tender = ?", tenderID).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

func (x papers) meeting(t tender.Tender) Meeting {
	m := Meeting{Tender: t, Panel: x.members, Criteria: x.record.Table.Criteria, Suspicions: x.record.Suspicions, Explanations: x.explanations,
		Corrections: x.corrections, Suppliers: map[id.ID]string{}, Left: x.left(), Settled: t.State != tender.Evaluating, Offers: t.State == tender.Evaluating && x.awaitsOffers(), Draft: x.record.Lines}
	items := Substantive(t)
	for i, l := range x.lines {
		b := x.record.Bids[x.record.at(l.Bid)]
		row := MeetingRow{Bid: l.Bid, Supplier: l.SupplierName, Price: int64(l.Price)}
		m.Suppliers[l.Bid] = x.lines[i].SupplierName
		for _, p := range x.members {
			sheet := x.sheets[p.ID][l.Bid]
			v := Vote{Member: p.ID, Passed: sheet.Conforming != nil && *sheet.Conforming, Reason: sheet.Reason, Comment: sheet.Comment, Failed: names(items, sheet.Failed)}
			if v.Passed {
				row.Passed++
			}
			row.Votes = append(row.Votes, v)
		}
		row.Conforms = majority(row.Passed, len(x.members))
		for _, k := range m.Criteria {
			scores := b.Scores[k.ID]
			c := MeetingCell{Criterion: k.ID, Scores: scores, Mean: mean(scores), Low: slices.Min(scores), High: slices.Max(scores), Outliers: outliers(scores, k.Weight)}
			row.Cells = append(row.Cells, c)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// left names what keeps the result from being settled.
func (x papers) left() []string {
	out := []string{}
	for _, c := range x.corrections {
		if c.AnsweredAt == nil {
			out = append(out, "有成员还没有答复对其评分的疑问")
			break
		}
	}
	if x.awaitsOffers() {
		return append(out, "还没有开启最后报价")
	}
	asked := map[id.ID]Explanation{}
	for _, e := range x.explanations {
		asked[e.Bid] = e
	}
	for _, s := range x.record.Suspicions {
		_, b := x.record.Of(s.Bid)
		if _, ok := asked[s.Bid]; !ok {
			out = append(out, "“"+b.Name+"”的报价达到异常低价的标准，还没有要求其说明")
		}
	}
	for _, e := range x.explanations {
		if e.DecidedAt == nil {
			_, b := x.record.Of(e.Bid)
			out = append(out, "“"+b.Name+"”的报价是否合理，评审小组还没有作出判断")
		}
	}
	return out
}

// meet runs fn for a member while the panel meets: all have handed in and the
// result is not settled yet.
func (s *Service) meet(ctx context.Context, who party.Actor, tenderID id.ID,
	fn func(context.Context, bun.Tx, *tender.Tender, papers, Member, time.Time) error) error {
	return s.change(ctx, who, tenderID, "score", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		x, err := s.papers(ctx, tx, *t, now)
		if err != nil {
			return err
		}
		m, err := memberOf(ctx, tx, t.ID, who.Account)
		if err != nil {
			return err
		}
		return fn(ctx, tx, t, x, m, now)
	})
}

// Doubt asks a member to explain or correct one score, on a ground of
// 财政部令第87号第64条; what they handed in is kept.
func (s *Service) Doubt(ctx context.Context, who party.Actor, tenderID id.ID, in Doubt) (Correction, error) {
	in.Question = strings.TrimSpace(in.Question)
	var row Correction
	err := s.meet(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, x papers, me Member, now time.Time) error {
		var c fault.Check
		c.Must(in.Question != "" && utf8.RuneCountInString(in.Question) <= MaxComment, "question", "请写明疑问，不超过 %d 字", MaxComment)
		c.Must(in.Ground.Name() != "", "ground", "请选择依据；除此以外评分提交后不得修改")
		c.Must(in.Member != me.ID, "member", "不能对自己的评分提出疑问")
		at := slices.IndexFunc(x.members, func(m Member) bool { return m.ID == in.Member })
		i := slices.IndexFunc(x.lines, func(l opening.Line) bool { return l.Bid == in.Bid })
		k := slices.IndexFunc(x.record.Table.Criteria, func(k Criterion) bool { return k.ID == in.Criterion })
		c.Must(at >= 0 && i >= 0 && k >= 0, "criterion", "没有这一处评分，请刷新页面")
		c.Must(k < 0 || x.record.Table.Criteria[k].Source == "", "criterion", "这一项按公开档案计算，任何人都不能改动")
		if err := c.Err(); err != nil {
			return err
		}
		scores := x.record.Bids[x.record.at(in.Bid)].Scores[in.Criterion]
		if in.Ground == OutlierGround && !outliers(scores, x.record.Table.Criteria[k].Weight)[at] {
			c.FailUnder(articleCorrect, "ground", "这一处评分与各成员中位数的差距没有达到满分的 %d%%，不属于畸高、畸低", OutlierShare)
		}
		for _, old := range x.corrections {
			c.Must(old.AnsweredAt != nil || old.Member != in.Member || old.Bid != in.Bid || old.Criterion != in.Criterion, "criterion", "这一处已有疑问，正在等待答复")
		}
		if err := c.Err(); err != nil {
			return err
		}
		row = Correction{ID: id.New(now), Tender: t.ID, Member: in.Member, Bid: in.Bid, Criterion: in.Criterion, Ground: in.Ground, Question: in.Question,
			AskedBy: me.ID, AskedAt: now, Was: scores[at]}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, t.ID, "汇总中对评分提出疑问", in.Ground.Name(), articleCorrect, false)
	})
	return row, err
}

// Reply answers a doubt about one's own score, and corrects the score where
// it was an error.
func (s *Service) Reply(ctx context.Context, who party.Actor, tenderID, correction id.ID, in Reply) error {
	in.Answer = strings.TrimSpace(in.Answer)
	return s.meet(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, x papers, me Member, now time.Time) error {
		i := slices.IndexFunc(x.corrections, func(c Correction) bool { return c.ID == correction && c.Member == me.ID })
		if i < 0 {
			return fault.New(fault.NotFound, "没有找到对您评分的这处疑问")
		}
		row := x.corrections[i]
		var c fault.Check
		c.Must(row.AnsweredAt == nil, "answer", "已经答复过了")
		c.Must(in.Answer != "" && utf8.RuneCountInString(in.Answer) <= MaxComment, "answer", "请写明说明，不超过 %d 字", MaxComment)
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		for _, q := range questions(*t) {
			if q.Key == row.Criterion && in.Score != nil {
				checkScore(&c, "score", q, *in.Score, set.Must(rules.ScoringQuantified))
			}
		}
		if err := c.Err(); err != nil {
			return err
		}
		row.Answer, row.AnsweredAt, row.Became = in.Answer, &now, in.Score
		if err := db.One(tx.NewUpdate().Model(&row).Column("answer", "answered_at", "became").WherePK().Exec(ctx)); err != nil {
			return err
		}
		text := "维持原评分"
		if in.Score != nil {
			text = "更正：" + points(row.Was) + " 分改为 " + points(*in.Score) + " 分，原评分留存"
		}
		return note(ctx, tx, who, now, t.ID, "答复评分疑问", text, articleCorrect, false)
	})
}
