// Package survey is 需求调查: whom the buyer asked before writing a purchase,
// what they said, and what follows. It is the buyer's own file; the notice
// only comes out of it (财库〔2021〕22号 10–11).
package survey

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// ObjectKind is what a respondent's attachments belong to.
const ObjectKind = "survey"

// How the survey was done: answers of the draft's survey_basis.
const (
	Conducted   = "conducted"    // 开展了
	WithinYear  = "within_year"  // 一年内就同一标的开展过
	Feasibility = "feasibility"  // 前期工作已包含
	NotRequired = "not_required" // 不属于应当开展的情形
)

// Kinds of respondent. Only a market respondent counts towards the least number.
const (
	Market = "market" // 市场主体：供应商、社会组织
	Peer   = "peer"   // 采购过同类服务的单位
	Expert = "expert" // 专家
	User   = "user"   // 服务对象
)

// KindNames are the kinds in Chinese.
var KindNames = map[string]string{Market: "市场主体（供应商）", Peer: "采购过同类服务的单位", Expert: "专家", User: "服务对象"}

// Respondent is one who was asked.
type Respondent struct {
	bun.BaseModel `bun:"table:survey_respondent"`

	ID        id.ID     `bun:"id,pk" json:"id"`
	Tender    id.ID     `bun:"tender" json:"-"`
	Name      string    `bun:"name" json:"name"`
	Kind      string    `bun:"kind" json:"kind" enum:"market,peer,expert,user"`
	AskedOn   time.Time `bun:"asked_on" json:"asked_on"`
	Findings  string    `bun:"findings" json:"findings"`
	EnteredBy id.ID     `bun:"entered_by" json:"-"`
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
}

// Survey is the file of one draft.
type Survey struct {
	bun.BaseModel `bun:"table:survey"`

	Tender      id.ID        `bun:"tender,pk" json:"-"`
	Conclusion  string       `bun:"conclusion" json:"conclusion"`
	Few         string       `bun:"few" json:"few,omitempty"` // why fewer market respondents than usual
	UpdatedAt   time.Time    `bun:"updated_at" json:"updated_at"`
	Respondents []Respondent `bun:"-" json:"respondents"`
}

// Markets counts the market respondents.
func (s Survey) Markets() int {
	n := 0
	for _, r := range s.Respondents {
		if r.Kind == Market {
			n++
		}
	}
	return n
}

// Service keeps the files.
type Service struct {
	db      *bun.DB
	clock   clock.Clock
	tenders *tender.Service
}

// New makes the service; no draft is submitted past its gate.
func New(d *bun.DB, c clock.Clock, t *tender.Service) *Service {
	s := &Service{d, c, t}
	t.Demand(gate)
	return s
}

// May guards a respondent's attachments by its draft.
func (s *Service) May(ctx context.Context, who party.Actor, respondent id.ID, action string) error {
	var r Respondent
	if err := db.Found(s.db.NewSelect().Model(&r).Where("id = ?", respondent).Scan(ctx), "调查对象"); err != nil {
		return err
	}
	if action == "view" {
		action = "follow"
	}
	return s.tenders.May(ctx, who, r.Tender, action)
}

// Of reads the file of a draft or a published purchase, for its buyer's people.
func (s *Service) Of(ctx context.Context, who party.Actor, t id.ID) (Survey, error) {
	if err := s.tenders.May(ctx, who, t, "follow"); err != nil {
		return Survey{}, err
	}
	return read(ctx, s.db, t)
}

func read(ctx context.Context, d bun.IDB, t id.ID) (Survey, error) {
	x := Survey{Tender: t, Respondents: []Respondent{}}
	if err := db.Found(d.NewSelect().Model(&x).Where("tender = ?", t).Scan(ctx), "调查"); err != nil && !fault.Is(err, fault.NotFound) {
		return x, err
	}
	x.Tender, x.Respondents = t, []Respondent{}
	err := d.NewSelect().Model(&x.Respondents).Where("tender = ?", t).Order("id").Scan(ctx)
	return x, db.Translate(err)
}

// Entry is what is entered about a respondent.
type Entry struct {
	Name     string     `json:"name"`
	Kind     string     `json:"kind" enum:"market,peer,expert,user"`
	AskedOn  *time.Time `json:"asked_on"`
	Findings string     `json:"findings"`
}

const most = 200

// Add enters a respondent.
func (s *Service) Add(ctx context.Context, who party.Actor, t id.ID, e Entry) (Respondent, error) {
	var out Respondent
	return out, s.change(ctx, who, t, func(ctx context.Context, tx bun.Tx, now time.Time) error {
		e.Name, e.Findings = strings.TrimSpace(e.Name), strings.TrimSpace(e.Findings)
		var c fault.Check
		c.Must(length(e.Name, 2, 120), "name", "请填写调查对象的名称，2 到 120 个字")
		c.Must(KindNames[e.Kind] != "", "kind", "请选择调查对象的类别")
		c.Must(length(e.Findings, 4, 4000), "findings", "请写明了解到的情况，4 到 4000 个字")
		switch {
		case e.AskedOn == nil:
			c.Fail("asked_on", "请填写调查日期，例如 2026-05-20")
		case e.AskedOn.After(now):
			c.Fail("asked_on", "调查日期不能晚于今天")
		case e.AskedOn.Before(now.AddDate(-1, 0, 0)):
			c.Fail("asked_on", "这次调查距今超过一年，请重新调查")
		}
		list, err := read(ctx, tx, t)
		if err != nil {
			return err
		}
		c.Must(len(list.Respondents) < most, "name", "调查对象不超过 %d 个", most)
		for _, r := range list.Respondents {
			c.Must(r.Name != e.Name, "name", "“%.30s”已经登记过", e.Name)
		}
		if err := c.Err(); err != nil {
			return err
		}
		out = Respondent{ID: id.New(now), Tender: t, Name: e.Name, Kind: e.Kind, AskedOn: *e.AskedOn, Findings: e.Findings, EnteredBy: who.Account, CreatedAt: now}
		if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, t, "登记调查对象", e.Name)
	})
}

// Remove takes a respondent off the file.
func (s *Service) Remove(ctx context.Context, who party.Actor, t, respondent id.ID) error {
	return s.change(ctx, who, t, func(ctx context.Context, tx bun.Tx, now time.Time) error {
		var r Respondent
		if err := db.Found(tx.NewSelect().Model(&r).Where("id = ? AND tender = ?", respondent, t).Scan(ctx), "调查对象"); err != nil {
			return err
		}
		if err := db.One(tx.NewDelete().Model(&r).WherePK().Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t, "移除调查对象", r.Name)
	})
}

// Conclude writes what follows from the survey, and why fewer market
// respondents than usual were asked.
func (s *Service) Conclude(ctx context.Context, who party.Actor, t id.ID, conclusion, few string) error {
	return s.change(ctx, who, t, func(ctx context.Context, tx bun.Tx, now time.Time) error {
		x := Survey{Tender: t, Conclusion: strings.TrimSpace(conclusion), Few: strings.TrimSpace(few), UpdatedAt: now}
		var c fault.Check
		c.Must(length(x.Conclusion, 4, 4000), "conclusion", "请写明调查结论，4 到 4000 个字")
		c.Must(length(x.Few, 0, 1000), "few", "不超过 1000 个字")
		if err := c.Err(); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&x).On("CONFLICT (tender) DO UPDATE").
			Set("conclusion = EXCLUDED.conclusion, few = EXCLUDED.few, updated_at = EXCLUDED.updated_at").Exec(ctx)
		if err != nil {
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, t, "填写调查结论", "")
	})
}

// change is the frame of every entry: only the buyer's officer, only on a draft.
func (s *Service) change(ctx context.Context, who party.Actor, t id.ID, do func(context.Context, bun.Tx, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := tender.ForUpdate(ctx, tx, t)
		if err != nil {
			return err
		}
		if err := s.tenders.Require(who, x, "edit"); err != nil {
			return err
		}
		return do(ctx, tx, s.clock.Now())
	})
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, t id.ID, action, what string) error {
	return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "tender", ObjectID: t, Action: action, Note: what})
}

func length(s string, low, high int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0) && n >= low && n <= high
}

// Compulsory reports whether a survey must be made: public services for the
// public, and large budgets (财库〔2021〕22号 11).
func Compulsory(t tender.Tender, set rules.Set) bool {
	large := set.Must(rules.SurveyLargeBudget)
	return t.PublicService != nil && *t.PublicService ||
		t.Budget != nil && large.ID != "" && *t.Budget >= money.Fen(large.Value)*money.Yuan
}

// gate refuses a draft whose compulsory survey is missing, or a public service
// about which the public was not asked.
func gate(ctx context.Context, d bun.IDB, t tender.Tender, now time.Time, c *fault.Check) error {
	x, err := read(ctx, d, t.ID)
	if err != nil {
		return err
	}
	if t.PublicService != nil && *t.PublicService && utf8.RuneCountInString(t.PublicOpinion) < 4 && x.users() == 0 {
		c.FailUnder(rules.At(now).Must(rules.SurveyPublic).Source(), "public_opinion",
			"公共服务项目确定需求应当征求社会公众的意见：请写明怎样征求、采纳了什么，或者在需求调查中登记服务对象的意见")
	}
	surveyed(t, x, now, c)
	return nil
}

// users counts the people served who were asked.
func (s Survey) users() int {
	n := 0
	for _, r := range s.Respondents {
		if r.Kind == User {
			n++
		}
	}
	return n
}

func surveyed(t tender.Tender, x Survey, now time.Time, c *fault.Check) {
	set := rules.At(now)
	rule := set.Must(rules.SurveyRespondents)
	article := rule.Source()
	compulsory := Compulsory(t, set)
	switch t.SurveyBasis {
	case Conducted:
	case WithinYear, Feasibility:
		c.Must(len([]rune(t.SurveyNote)) >= 4, "survey_note", "请写明上次调查的时间和标的，或者包含需求调查的前期工作")
		return
	case NotRequired:
		if compulsory {
			c.FailUnder(article, "survey_basis", "面向社会公众的公共服务和预算较大的项目应当开展需求调查，不能选“不属于应当开展的情形”")
		}
		return
	default:
		c.FailUnder(article, "survey_basis", "请说明需求调查是怎样开展的")
		return
	}
	n := int64(x.Markets())
	switch {
	case n == 0:
		c.FailUnder(article, "survey_basis", "还没有登记任何市场主体，请登记调查对象，一般不少于 %d 个", rule.Value)
	case n < rule.Value && x.Few == "":
		c.FailUnder(article, "survey_basis", "已登记 %d 个市场主体，一般不少于 %d 个：请再登记，或在调查页写明少于的原因", n, rule.Value)
	}
	c.Must(x.Conclusion != "", "survey_basis", "请填写需求调查的结论")
}
