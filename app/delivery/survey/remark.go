package survey

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// RemarkState is where own words stand.
type RemarkState string

// The states. Held words are read by the reviewer alone.
const (
	Held    RemarkState = "held"
	Shown   RemarkState = "shown"
	Refused RemarkState = "refused"
)

// Grounds are why words may be refused, and nothing else: that somebody is not
// satisfied is none.
var Grounds = []string{"含有个人信息", "辱骂他人", "与服务无关", "内容违法"}

// Remark is an answer in own words. It hangs on no answer sheet.
type Remark struct {
	bun.BaseModel `bun:"table:resident_remark"`

	ID        id.ID       `bun:"id,pk" json:"id"`
	Survey    id.ID       `bun:"survey" json:"survey"`
	Way       Way         `bun:"way" json:"way"`
	Question  string      `bun:"question" json:"question"`
	Text      string      `bun:"text" json:"text"`
	Masked    bool        `bun:"masked" json:"masked,omitempty" description:"号码、邮箱已自动隐去"`
	State     RemarkState `bun:"state" json:"state"`
	Ground    string      `bun:"ground" json:"ground,omitempty" description:"不公开的理由"`
	DecidedBy *id.ID      `bun:"decided_by" json:"-"`
	DecidedAt *time.Time  `bun:"decided_at" json:"decided_at,omitempty"`
}

// moderating says whether somebody may read what is held: the payer's second
// person or the evaluator, never who published the survey.
func (s *Service) moderating(who party.Actor, e engagement.Engagement, v Survey) error {
	if err := s.engagements.Require(who, e, "moderate"); err != nil {
		return err
	}
	if v.PublishedBy != nil && *v.PublishedBy == who.Account {
		return fault.New(fault.Forbidden, "发布问卷的人不能审核居民的留言，请由另一位办理")
	}
	return nil
}

// Moderates is moderating without the reason, for showing buttons.
func (s *Service) Moderates(ctx context.Context, who party.Actor, v Survey) bool {
	e, err := s.engagements.Get(ctx, who, v.Engagement)
	return err == nil && s.moderating(who, e, v) == nil
}

// Held lists words that wait for review, at most 50.
func (s *Service) Held(ctx context.Context, who party.Actor, survey id.ID) ([]Remark, error) {
	v, err := read(ctx, s.db, survey)
	if err != nil {
		return nil, err
	}
	e, err := s.engagements.Get(ctx, who, v.Engagement)
	if err == nil {
		err = s.moderating(who, e, v)
	}
	if err != nil {
		return nil, err
	}
	out := []Remark{}
	err = s.db.NewSelect().Model(&out).Where("survey = ? AND state = ?", survey, Held).Order("id").Limit(50).Scan(ctx)
	return out, db.Translate(err)
}

// Verdict is what a reviewer says of one remark.
type Verdict struct {
	Remark id.ID  `json:"remark"`
	Show   bool   `json:"show"`
	Ground string `json:"ground,omitempty" description:"不公开时必填：含有个人信息、辱骂他人、与服务无关、内容违法"`
}

// Review decides on held words. How many were refused and why is public.
func (s *Service) Review(ctx context.Context, who party.Actor, survey id.ID, in []Verdict) (int, error) {
	var c fault.Check
	c.Must(len(in) > 0 && len(in) <= 50, "remark", "请至少处理一条，一次最多 50 条")
	for _, x := range in {
		c.Must(x.Show || slices.Contains(Grounds, x.Ground), "remark."+string(x.Remark), "不公开的，请选择理由")
	}
	if err := c.Err(); err != nil {
		return 0, err
	}
	_, err := s.change(ctx, who, survey, "moderate", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, v *Survey, now time.Time) error {
		if err := s.moderating(who, e, *v); err != nil {
			return err
		}
		shown := 0
		for _, x := range in {
			state, ground := Refused, x.Ground
			if x.Show {
				state, ground, shown = Shown, "", shown+1
			}
			if err := db.One(tx.NewUpdate().Model((*Remark)(nil)).Set("state = ?, ground = ?, decided_by = ?, decided_at = ?", state, ground, who.Account, now).
				Where("id = ? AND survey = ? AND state = ?", x.Remark, survey, Held).Exec(ctx)); err != nil {
				return err
			}
		}
		return engagement.Record(ctx, tx, who, now, e.ID, trail.Event{Action: "审核居民留言", Note: reviewed(shown, len(in)-shown)})
	})
	return len(in), err
}

// Waits is how many remarks wait for an actor, and in which survey first.
type Waits struct {
	Count int
	First id.ID
}

// Waiting counts the held remarks that an actor may review.
func (s *Service) Waiting(ctx context.Context, who party.Actor) (Waits, error) {
	var w Waits
	if who.Org == "" {
		return w, nil
	}
	var rows []struct {
		Survey id.ID `bun:"survey"`
		N      int   `bun:"n"`
	}
	err := s.db.NewSelect().TableExpr("resident_remark AS r").Join("JOIN resident_survey AS v ON v.id = r.survey").Join("JOIN engagement AS e ON e.id = v.engagement").
		ColumnExpr("r.survey, COUNT(*) AS n").Where("r.state = ?", Held).Where("(e.payer = ? OR e.evaluator = ?)", who.Org, who.Org).
		Group("r.survey").Order("r.survey").Limit(50).Scan(ctx, &rows)
	if err != nil {
		return w, db.Translate(err)
	}
	for _, x := range rows {
		v, err := read(ctx, s.db, x.Survey)
		if err != nil {
			return w, err
		}
		if s.Moderates(ctx, who, v) {
			if w.Count += x.N; w.First == "" {
				w.First = x.Survey
			}
		}
	}
	return w, nil
}
