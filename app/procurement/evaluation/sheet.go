package evaluation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// MaxComment is the longest reason or comment on a sheet, in characters.
const MaxComment = 1000

// Sheet is one member's judgement of one bid.
type Sheet struct {
	bun.BaseModel `bun:"table:sheet"`

	ID         id.ID            `bun:"id,pk" json:"-"`
	Tender     id.ID            `bun:"tender" json:"-"`
	Member     id.ID            `bun:"member" json:"member"`
	Bid        id.ID            `bun:"bid" json:"bid"`
	Conforming *bool            `bun:"conforming" json:"conforming,omitempty"` // nil: not judged yet
	Failed     []string         `bun:"failed" json:"failed"`                   // keys of Substantive it does not meet
	Reason     string           `bun:"reason" json:"reason"`                   // why it does not conform
	Scores     map[string]int64 `bun:"scores" json:"scores"`                   // by question key, hundredths of a point
	Comment    string           `bun:"comment" json:"comment"`
	SavedAt    time.Time        `bun:"saved_at" json:"saved_at"`
}

// Marking is what a member fills in for one bid. Scores may be incomplete
// until they are handed in.
type Marking struct {
	Bid        id.ID            `json:"bid"`
	Conforming *bool            `json:"conforming,omitempty" description:"符合性审查是否通过"`
	Failed     []string         `json:"failed,omitempty" description:"不符合的实质性要求的编号"`
	Reason     string           `json:"reason,omitempty" description:"不通过的理由"`
	Scores     map[string]int64 `json:"scores" description:"按评审因素编号打分，单位 0.01 分"`
	Comment    string           `json:"comment,omitempty"`
}

// Desk is what a panel member has before them: their seat, the bids and their
// own sheets. Nobody else's sheet is ever in it.
type Desk struct {
	Tender    tender.Tender   `json:"tender"`
	Member    Member          `json:"member"`
	Questions []bid.Question  `json:"questions"`
	Items     []Requirement   `json:"items"` // of the conformity check
	Bids      []opening.Line  `json:"bids"`
	Sheets    map[id.ID]Sheet `json:"sheets"`             // by bid
	Computed  []Computed      `json:"computed,omitempty"` // lines nobody scores
	Missing   []fault.Field   `json:"missing,omitempty"`
	Panel     int             `json:"panel"`
	Handed    int             `json:"handed"` // how many members have handed in
}

// Questions are what the panel scores; none where the lowest price decides.
func questions(t tender.Tender) []bid.Question {
	if t.Scoring == tender.LowestPrice {
		return nil
	}
	return bid.Questions(t)
}

// Desk gives a panel member their work; bids are there only from the
// beginning of the evaluation on.
func (s *Service) Desk(ctx context.Context, who party.Actor, tenderID id.ID) (Desk, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return Desk{}, err
	}
	if err := s.require(ctx, s.db, who, t, "desk", s.clock.Now()); err != nil {
		return Desk{}, err
	}
	d := Desk{Tender: t, Questions: questions(t), Items: Substantive(t), Bids: []opening.Line{}, Sheets: map[id.ID]Sheet{}}
	if d.Member, err = memberOf(ctx, s.db, tenderID, who.Account); err != nil {
		return Desk{}, err
	}
	if d.Member.DeclaredAt == nil {
		return d, nil // the page asks for the declaration and shows nothing else
	}
	if d.Bids, err = entitled(ctx, s.db, tenderID); err != nil {
		return Desk{}, err
	}
	if d.Computed, err = computedOf(ctx, s.db, t, d.Bids); err != nil {
		return Desk{}, err
	}
	if d.Sheets, err = sheetsOf(ctx, s.db, d.Member.ID); err != nil {
		return Desk{}, err
	}
	if d.Missing, err = fault.Complaints(checkComplete(d.Questions, d.Bids, d.Sheets)); err != nil {
		return Desk{}, err
	}
	members, err := membersOf(ctx, s.db, tenderID)
	d.Panel = len(members)
	for _, m := range members {
		if m.SubmittedAt != nil {
			d.Handed++
		}
	}
	return d, err
}

func memberOf(ctx context.Context, d bun.IDB, tenderID, account id.ID) (Member, error) {
	var m Member
	err := db.Found(d.NewSelect().Model(&m).Where("tender = ? AND account = ? AND stood_aside = ''", tenderID, account).Scan(ctx), "评审席位")
	return m, err
}

func sheetsOf(ctx context.Context, d bun.IDB, member id.ID) (map[id.ID]Sheet, error) {
	var rows []Sheet
	err := d.NewSelect().Model(&rows).Where("member = ?", member).Scan(ctx)
	out := map[id.ID]Sheet{}
	for _, r := range rows {
		out[r.Bid] = r
	}
	return out, db.Translate(err)
}

// Save keeps a member's sheets, complete or not, until they hand them in.
func (s *Service) Save(ctx context.Context, who party.Actor, tenderID id.ID, in []Marking) error {
	return s.score(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, m Member, now time.Time) error {
		return put(ctx, tx, *t, m, in, now)
	})
}

// score runs fn for a member who has not handed in yet.
func (s *Service) score(ctx context.Context, who party.Actor, tenderID id.ID,
	fn func(context.Context, bun.Tx, *tender.Tender, Member, time.Time) error) error {
	return s.change(ctx, who, tenderID, "score", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		m, err := memberOf(ctx, tx, t.ID, who.Account)
		if err != nil {
			return err
		}
		if err := declared(m); err != nil {
			return err
		}
		if m.SubmittedAt != nil {
			return fault.New(fault.Conflict, "您的评分已经提交，不能再修改")
		}
		return fn(ctx, tx, t, m, now)
	})
}

func put(ctx context.Context, tx bun.Tx, t tender.Tender, m Member, in []Marking, now time.Time) error {
	lines, err := entitled(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	qs, known := questions(t), map[id.ID]bool{}
	for _, l := range lines {
		known[l.Bid] = true
	}
	var c fault.Check
	for _, x := range in {
		if !known[x.Bid] {
			c.Fail("bid", "没有这份投标，请刷新页面")
			continue
		}
		known[x.Bid] = false // once each
		checkMarking(&c, qs, Substantive(t), set.Must(rules.ScoringQuantified), &x)
		row := Sheet{ID: id.New(now), Tender: t.ID, Member: m.ID, Bid: x.Bid, Conforming: x.Conforming, Failed: append([]string{}, x.Failed...), Reason: x.Reason,
			Scores: x.Scores, Comment: x.Comment, SavedAt: now}
		if c.Err() != nil {
			continue
		}
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (member, bid) DO UPDATE").
			Set("conforming = EXCLUDED.conforming, failed = EXCLUDED.failed, reason = EXCLUDED.reason, scores = EXCLUDED.scores").
			Set("comment = EXCLUDED.comment, saved_at = EXCLUDED.saved_at").Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
	}
	return c.Err()
}

// checkMarking holds what was filled in to the scoring table. Fields are named
// "BID.reason", "BID.failed", "BID.comment" and "BID.KEY".
func checkMarking(c *fault.Check, qs []bid.Question, items []Requirement, quantified rules.Rule, x *Marking) {
	x.Reason, x.Comment = strings.TrimSpace(x.Reason), strings.TrimSpace(x.Comment)
	at := string(x.Bid) + "."
	c.Must(utf8.RuneCountInString(x.Reason) <= MaxComment, at+"reason", "理由不超过 %d 字", MaxComment)
	c.Must(utf8.RuneCountInString(x.Comment) <= MaxComment, at+"comment", "意见不超过 %d 字", MaxComment)
	checkFailed(c, at+"failed", items, x.Failed)
	if x.Conforming == nil || *x.Conforming {
		x.Failed = nil
	}
	lines := map[string]bid.Question{}
	for _, q := range qs {
		lines[q.Key] = q
	}
	if x.Scores == nil {
		x.Scores = map[string]int64{}
	}
	for key, score := range x.Scores {
		q, ok := lines[key]
		if !ok {
			c.Fail(at+key, "评分表中没有这一项，请刷新页面")
			continue
		}
		checkScore(c, at+key, q, score, quantified)
	}
}

// checkScore holds one score to the intervals of its line of the scoring table
// (财政部令第87号 55).
func checkScore(c *fault.Check, field string, q bid.Question, score int64, quantified rules.Rule) {
	k := tender.Criterion{Weight: q.Weight, Bands: q.Bands}
	switch {
	case k.Allows(score):
	case len(q.Bands) == 0 || score < 0 || score > q.Weight:
		c.Fail(field, "“%s”应在 0 到 %s 分之间，可以给的分值：%s", q.Name, tender.Points(q.Weight), k.Allowed())
	default:
		c.FailUnder(quantified.Source(), field, "“%s”按分值区间打分，可以给的分值：%s；没有 %s 分这一档", q.Name, k.Allowed(), tender.Points(score))
	}
}

// checkComplete names everything that still keeps sheets from being handed in.
// Every member scores every bid, also one they would reject: the majority
// decides on conformity, and then every score counts.
func checkComplete(qs []bid.Question, lines []opening.Line, sheets map[id.ID]Sheet) error {
	var c fault.Check
	for _, l := range lines {
		x, at := sheets[l.Bid], string(l.Bid)+"."
		if x.Conforming == nil {
			c.Fail(at+"conforming", "请判断“%s”是否通过符合性审查", l.SupplierName)
		} else if !*x.Conforming {
			c.Must(len(x.Failed) > 0, at+"failed", "请勾选“%s”不符合哪一条实质性要求", l.SupplierName)
			c.Must(x.Reason != "", at+"reason", "请写明“%s”不通过的理由", l.SupplierName)
		}
		for _, q := range qs {
			if _, ok := x.Scores[q.Key]; !ok {
				c.Fail(at+q.Key, "请为“%s”的“%s”打分", l.SupplierName, q.Name)
			}
		}
	}
	return c.Err()
}

// HandIn gives a member's sheets in, one way. Until the last member has,
// nobody sees another's; then the panel meets over all of them.
func (s *Service) HandIn(ctx context.Context, who party.Actor, tenderID id.ID) error {
	return s.score(ctx, who, tenderID, func(ctx context.Context, tx bun.Tx, t *tender.Tender, m Member, now time.Time) error {
		if err := s.untied(ctx, tx, *t, []Member{m}, now); err != nil {
			return err
		}
		lines, err := entitled(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		sheets, err := sheetsOf(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := checkComplete(questions(*t), lines, sheets); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model((*Member)(nil)).Set("submitted_at = ?", now).
			Where("id = ? AND submitted_at IS NULL", m.ID).Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "提交评分", "", "", false)
	})
}

// ParsePoints reads a score as typed, at most two decimals: "12.5" is 1250
// hundredths of a point. Full-width digits are taken for what they are.
func ParsePoints(s string) (int64, error) {
	v, err := money.Parse(s) // the same shape: a number with two decimals
	if err != nil || v > FullMarks {
		return 0, fault.New(fault.Invalid, "请填写 0 到满分之间的数，最多两位小数")
	}
	return int64(v), nil
}
