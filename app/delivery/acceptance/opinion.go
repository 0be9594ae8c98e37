package acceptance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/survey"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/names"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// mostTickets is how many codes an acceptance has at most.
const mostTickets = 500

// ticket is a code that says its opinion once; only its hash is kept.
type ticket struct {
	bun.BaseModel `bun:"table:acceptance_ticket"`

	Hash       string `bun:"hash,pk"`
	Acceptance id.ID  `bun:"acceptance"`
	Used       bool   `bun:"used"`
}

// Opinion is what somebody whom the service is for said about a delivery, with
// a code and without an account. Nothing says which code it was.
type Opinion struct {
	bun.BaseModel `bun:"table:acceptance_opinion"`

	ID         id.ID     `bun:"id,pk" json:"-"`
	Acceptance id.ID     `bun:"acceptance" json:"-"`
	Agree      bool      `bun:"agree" json:"agree"`
	Words      string    `bun:"words" json:"words,omitempty"`
	Name       string    `bun:"name" json:"name,omitempty"` // for the payer only
	Community  string    `bun:"community" json:"community,omitempty"`
	On         time.Time `bun:"given_on" json:"given_on"` // 00:00 of the day
}

// OpinionForm is an opinion as typed.
type OpinionForm struct {
	Opinion   string `json:"opinion" enum:"agree,dissent"`
	Words     string `json:"words,omitempty" description:"有不同意见的必填"`
	Name      string `json:"name,omitempty" description:"可以不写；只有付款方看得到"`
	Community string `json:"community,omitempty" description:"住在哪个社区"`
}

// Voice is an opinion as everybody reads it.
type Voice struct {
	Agree     bool   `json:"agree"`
	Words     string `json:"words,omitempty"`
	Community string `json:"community,omitempty"`
}

// Tally counts the codes that were handed out and what was said with them.
type Tally struct {
	Asked    int64 `json:"asked"`
	Answered int64 `json:"answered"`
	Agree    int64 `json:"agree"`
	Dissent  int64 `json:"dissent"`
}

func hashed(code string) string {
	sum := sha256.Sum256([]byte("gongji-acceptance-1:" + code))
	return hex.EncodeToString(sum[:])
}

// Invite makes n codes for those whom the service is for and gives them, this
// once; an officer of the payer hands them out.
func (s *Service) Invite(ctx context.Context, who party.Actor, acceptance id.ID, n int) (Case, []string, error) {
	var codes []string
	x, err := s.change(ctx, who, acceptance, "inspect", Asked, func(ctx context.Context, tx bun.Tx, x *Case, now time.Time) error {
		t, err := tally(ctx, tx, acceptance)
		if err != nil {
			return err
		}
		var c fault.Check
		c.Must(n >= 1 && n+int(t.Asked) <= mostTickets, "count", "请填写 1 到 %d 之间的张数，一次验收合计不超过 %d 张", mostTickets-t.Asked, mostTickets)
		if err := c.Err(); err != nil {
			return err
		}
		rows := make([]ticket, n)
		codes = make([]string, n)
		for i := range rows {
			codes[i] = id.Code(12)
			rows[i] = ticket{Hash: hashed(codes[i]), Acceptance: acceptance}
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return record(ctx, tx, who, now, x, trail.Event{Action: "制作验收意见码", Note: x.Scope(), Public: true})
	})
	return x, codes, err
}

var (
	errNoCode = fault.New(fault.NotFound, "没有这个意见码，请对照纸条再输一次")
	errUsed   = fault.New(fault.Conflict, "这个意见码已经用过了，一个码只能用一次。谢谢您的参与")
	errOver   = fault.New(fault.TooLate, "验收已经办结，不再收集意见。谢谢您")
)

// ByCode is what a code says its opinion of. NotFound for no such code,
// Conflict for a used one, TooLate once the result is published.
func (s *Service) ByCode(ctx context.Context, code string) (Case, error) {
	x, _, err := byCode(ctx, s.db, code)
	return x, err
}

func byCode(ctx context.Context, d bun.IDB, code string) (Case, ticket, error) {
	var t ticket
	if code = survey.Folded(code); code == "" {
		return Case{}, t, errNoCode
	}
	if err := db.Found(d.NewSelect().Model(&t).Where("hash = ?", hashed(code)).Scan(ctx), "意见码"); fault.Is(err, fault.NotFound) {
		return Case{}, t, errNoCode
	} else if err != nil {
		return Case{}, t, err
	}
	a, err := read(ctx, d, t.Acceptance)
	if err != nil {
		return Case{}, t, err
	}
	x := Case{Acceptance: Acceptance{ID: a.ID, Milestone: a.Milestone, Lines: a.Lines, State: a.State}}
	if err := d.NewSelect().Model(&x.Of).Where("id = ?", a.Engagement).Scan(ctx); err != nil {
		return x, t, db.Translate(err)
	}
	switch {
	case t.Used:
		return x, t, errUsed
	case a.State != Asked && a.State != Review:
		return x, t, errOver
	}
	return x, t, nil
}

// Opine takes an opinion: the code is used up and the opinion kept, or neither.
func (s *Service) Opine(ctx context.Context, code string, in OpinionForm) (Case, error) {
	var out Case
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, t, err := byCode(ctx, tx, code)
		out = x
		if err != nil {
			return err
		}
		if _, err := engagement.ForUpdate(ctx, tx, x.Of.ID); err != nil { // the result is published under the same lock
			return err
		}
		if x, t, err = byCode(ctx, tx, code); err != nil {
			return err
		}
		o, err := in.read()
		if err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model(&t).Set("used = ?", true).WherePK().Where("NOT used").Exec(ctx)); fault.Is(err, fault.Conflict) {
			return errUsed
		} else if err != nil {
			return err
		}
		o.ID, o.Acceptance, o.On = id.ID(id.Code(26)), x.ID, calendar.Date(s.clock.Now())
		_, err = tx.NewInsert().Model(&o).Exec(ctx)
		return db.Translate(err)
	})
	return out, err
}

func (in OpinionForm) read() (Opinion, error) {
	var c fault.Check
	o := Opinion{Agree: in.Opinion == "agree", Words: strings.TrimSpace(in.Words), Name: names.Clean(in.Name, 50), Community: names.Clean(in.Community, 60)}
	c.Must(in.Opinion == "agree" || in.Opinion == "dissent", "opinion", "请选择您的意见")
	c.Must(in.Opinion != "dissent" || o.Words != "", "words", "请写一写哪里做得不好")
	c.Must(utf8.ValidString(o.Words) && !strings.ContainsRune(o.Words, 0) && utf8.RuneCountInString(o.Words) <= 500, "words", "不超过 500 个字")
	return o, c.Err()
}

func tally(ctx context.Context, d bun.IDB, acceptance id.ID) (Tally, error) {
	var t Tally
	n, err := d.NewSelect().Model((*ticket)(nil)).Where("acceptance = ?", acceptance).Count(ctx)
	if err != nil {
		return t, db.Translate(err)
	}
	list, err := opinions(ctx, d, acceptance)
	for _, o := range list {
		if o.Agree {
			t.Agree++
		}
	}
	t.Asked, t.Answered = n, int64(len(list))
	t.Dissent = t.Answered - t.Agree
	return t, err
}

// opinions are those of an acceptance; their ids are drawn, so that their order
// says nothing of who came first.
func opinions(ctx context.Context, d bun.IDB, acceptance id.ID) ([]Opinion, error) {
	out := []Opinion{}
	err := d.NewSelect().Model(&out).Where("acceptance = ?", acceptance).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// Heard is what was said with codes so far, for those of the payer who inspect
// or publish: with the names of those who wrote theirs.
type Heard struct {
	Tally
	Opinions []Opinion `json:"opinions"`
}

// Opinions reads what was said with codes.
func (s *Service) Opinions(ctx context.Context, who party.Actor, acceptance id.ID) (Heard, error) {
	x, err := s.Get(ctx, who, acceptance)
	if err == nil && !s.engagements.Allowed(who, x.Of, "inspect") {
		err = s.engagements.Require(who, x.Of, "publish")
	}
	if err != nil {
		return Heard{}, err
	}
	out := Heard{}
	if out.Tally, err = tally(ctx, s.db, acceptance); err == nil {
		out.Opinions, err = opinions(ctx, s.db, acceptance)
	}
	return out, err
}

// voiced freezes what was said with codes into a record that is published,
// without names.
func voiced(ctx context.Context, tx bun.Tx, x *Case) error {
	t, err := tally(ctx, tx, x.ID)
	if err != nil || t.Asked == 0 {
		return err
	}
	list, err := opinions(ctx, tx, x.ID)
	x.Content.Heard, x.Content.Voices = &t, nil
	for _, o := range list {
		x.Content.Voices = append(x.Content.Voices, Voice{Agree: o.Agree, Words: o.Words, Community: o.Community})
	}
	return err
}
