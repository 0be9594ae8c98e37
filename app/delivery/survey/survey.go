// Package survey asks residents what they think of a delivery, without an
// account: by invitation codes that answer once each, or by an open poster
// whose answers are counted apart. The payer or its appointed evaluator makes
// it, never the provider. Street and community organisations assess beside it.
//
// What is promised to who answers: a code is kept only as a hash, whether it
// was used is kept without when, and the answer does not carry it; an invited
// answer keeps its day, not its hour. So nobody who uses the platform, its
// operators included, can read from it who said what.
package survey

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

// Object is the kind of a survey in the access registry.
const Object = "resident_survey"

// Kind is how a question is answered.
type Kind string

// The kinds of question.
const (
	Scale  Kind = "scale"  // 1 非常不满意 … 5 非常满意
	YesNo  Kind = "yesno"  // yes, no
	Choice Kind = "choice" // one of the options, by its number from 1
	Text   Kind = "text"   // own words, held for review
)

// Name is the kind in Chinese.
func (k Kind) Name() string {
	return map[Kind]string{Scale: "满意度（五档）", YesNo: "是或否", Choice: "单选", Text: "自己写"}[k]
}

// Headline is the key of the question whose answers make the satisfaction
// figure: the first of every survey, of kind Scale, never optional.
const Headline = "satisfaction"

// Question is one question as data.
type Question struct {
	Key      string   `json:"key" description:"第一题须为 satisfaction"`
	Kind     Kind     `json:"kind" description:"scale、yesno、choice、text"`
	Text     string   `json:"text"`
	Options  []string `json:"options,omitempty" description:"单选题的选项"`
	Optional bool     `json:"optional,omitempty" description:"可以不答"`
}

// Survey is the one survey of an engagement: once, so that nobody repeats it
// until they like the result.
type Survey struct {
	bun.BaseModel `bun:"table:resident_survey"`

	ID          id.ID      `bun:"id,pk" json:"id"`
	Engagement  id.ID      `bun:"engagement" json:"engagement"`
	Title       string     `bun:"title" json:"title"`
	Intro       string     `bun:"intro" json:"intro,omitempty"`
	Questions   []Question `bun:"questions" json:"questions"`
	Poster      bool       `bun:"poster" json:"poster" description:"是否另有公开海报入口"`
	OpensAt     time.Time  `bun:"opens_at" json:"opens_at"`
	ClosesAt    time.Time  `bun:"closes_at" json:"closes_at" description:"此刻起不再接受答卷"`
	Version     int64      `bun:"version" json:"version"`
	Maker       id.ID      `bun:"maker" json:"maker"`
	MakerName   string     `bun:"maker_name" json:"maker_name"`
	MadeAt      time.Time  `bun:"made_at" json:"made_at"`
	PublishedBy *id.ID     `bun:"published_by" json:"-"`
	PublishedAt *time.Time `bun:"published_at" json:"published_at,omitempty"`
}

// Published reports whether it is fixed: what was asked cannot change any more.
func (v Survey) Published() bool { return v.PublishedAt != nil }

// Closed reports whether the answering has ended at now, and the result stands.
func (v Survey) Closed(now time.Time) bool { return v.Published() && !now.Before(v.ClosesAt) }

// Open reports whether answers are taken at now.
func (v Survey) Open(now time.Time) bool {
	return v.Published() && !now.Before(v.OpensAt) && now.Before(v.ClosesAt)
}

// StateName is the state at now as people read it.
func (v Survey) StateName(now time.Time) string {
	switch {
	case !v.Published():
		return "起草中"
	case now.Before(v.OpensAt):
		return "待开始"
	case now.Before(v.ClosesAt):
		return "正在收集"
	}
	return "已结束"
}

// taking is why no answer is taken at now; nil when one is.
func (v Survey) taking(now time.Time) error {
	switch {
	case !v.Published():
		return fault.New(fault.NotFound, "没有找到这份问卷，请核对邀请码或海报")
	case now.Before(v.OpensAt):
		return fault.New(fault.Conflict, "问卷还没有开始，请在 %s后再来", at(v.OpensAt))
	case !now.Before(v.ClosesAt):
		return fault.New(fault.TooLate, "问卷已于 %s结束，谢谢您的关心。结果在结果页公布", at(v.ClosesAt))
	}
	return nil
}

// Way is how an answer came in.
type Way string

// The ways.
const (
	Invited Way = "invited" // with a code, once each
	Open    Way = "open"    // from the poster: anyone, perhaps more than once
)

// Batch is some invitations that were made together.
type Batch struct {
	bun.BaseModel `bun:"table:resident_batch"`

	Survey   id.ID      `bun:"survey,pk" json:"-"`
	Seq      int64      `bun:"seq,pk" json:"seq"`
	Count    int64      `bun:"count" json:"count"`
	Note     string     `bun:"note" json:"note,omitempty"` // to whom they are handed out: 江滨社区，沈社工
	IssuedBy id.ID      `bun:"issued_by" json:"-"`
	IssuedAt time.Time  `bun:"issued_at" json:"issued_at"`
	VoidWhy  string     `bun:"void_why" json:"void_reason,omitempty"`
	VoidAt   *time.Time `bun:"void_at" json:"void_at,omitempty"`
}

// ticket is one invitation: a hash and whether it was used. It has no moment,
// and nothing of the answer.
type ticket struct {
	bun.BaseModel `bun:"table:resident_ticket"`

	Hash   string `bun:"hash,pk"`
	Survey id.ID  `bun:"survey"`
	Batch  int64  `bun:"batch"`
	Used   bool   `bun:"used"`
}

// answer is one answer sheet. ID is random: it sorts by nothing. Received is
// 00:00 of the day (Beijing) of an invited one and the hour of an open one.
// The survey is no foreign key: its row would be locked by every answer.
type answer struct {
	bun.BaseModel `bun:"table:resident_answer"`

	ID       id.ID             `bun:"id,pk"`
	Survey   id.ID             `bun:"survey"`
	Way      Way               `bun:"way"`
	Score    int               `bun:"score"` // of the headline question, 1–5
	Content  map[string]string `bun:"content"`
	Received time.Time         `bun:"received"`
	Origin   string            `bun:"origin"` // of an open one; see origin
}

// Answers is what somebody typed: by question key, "1"–"5", "yes" or "no", the
// number of an option from 1, or words.
type Answers map[string]string
