// Package question is 提问: anyone signed in asks about the documents of an open
// purchase, nobody is shown who asked, and the buyer answers to all.
package question

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Question is one question as anybody sees it: without its asker.
type Question struct {
	bun.BaseModel `bun:"table:question"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Project    id.ID      `bun:"project" json:"-"`
	Text       string     `bun:"body" json:"text"`
	AskedAt    time.Time  `bun:"asked_at" json:"asked_at"`
	Answer     string     `bun:"answer" json:"answer,omitempty"`
	AnsweredAt *time.Time `bun:"answered_at" json:"answered_at,omitempty"`
	Mine       bool       `bun:"mine,scanonly" json:"mine,omitempty"`
}

// asked is the row with its asker; it never leaves this package but through
// Reveal.
type asked struct {
	bun.BaseModel `bun:"table:question"`

	ID           id.ID      `bun:"id,pk"`
	Project      id.ID      `bun:"project"`
	Text         string     `bun:"body"`
	AskedAt      time.Time  `bun:"asked_at"`
	AskerAccount id.ID      `bun:"asker_account"`
	AskerOrg     *id.ID     `bun:"asker_org"`
	Answer       string     `bun:"answer"`
	AnsweredAt   *time.Time `bun:"answered_at"`
	AnsweredBy   *id.ID     `bun:"answered_by"`
}

// Asker is who asked, opened for an audit or a complaint.
type Asker struct {
	Account      id.ID  `json:"account"`
	Organisation *id.ID `json:"organisation,omitempty"`
}

// Hears are told of an answer beside the asker: everyone who took the documents.
type Hears interface {
	Tell(ctx context.Context, tx bun.Tx, t tender.Tender, l inbox.Letter, now time.Time) error
}

// Service takes questions and answers.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	calendar *calendar.Calendar
	tenders  *tender.Service
	hears    Hears
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, cal *calendar.Calendar, t *tender.Service, h Hears) *Service {
	return &Service{d, c, cal, t, h}
}

// Until is the moment from which nothing more may be asked, with its rule; nil
// where a record has no deadline.
func (s *Service) Until(t tender.Tender) (*time.Time, rules.Rule) {
	set, err := t.RuleSet(s.clock.Now())
	if err != nil {
		return t.Deadline, rules.Rule{}
	}
	return tender.Asked(t, set, s.calendar)
}

// perAsker bounds the open questions of one account about one purchase.
const perAsker = 20

// Ask takes a question until the moment the law leaves for an answer.
func (s *Service) Ask(ctx context.Context, who party.Actor, at id.ID, text string) (Question, error) {
	var out Question
	return out, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, at)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.tenders.Require(who, t, "ask"); err != nil {
			if t.StateAt(now) == tender.Closed && fault.Is(err, fault.Forbidden) {
				return fault.New(fault.TooLate, "提问已经截止：投标截止时间已过")
			}
			return err
		}
		if who.Org != "" && who.Org == t.Buyer {
			return fault.New(fault.Forbidden, "采购人自己的人员不能提问，可以直接发布更正")
		}
		if until, rule := s.Until(t); until != nil && !now.Before(*until) {
			return fault.New(fault.TooLate, "提问已经截止：答复可能影响投标的，距提交截止至少 %d 日", rule.Value).Under(rule.Source())
		}
		text, err := clean(text, who)
		if err != nil {
			return err
		}
		// A request sent twice asks once.
		var same []asked
		err = tx.NewSelect().Model(&same).Where("project = ? AND asker_account = ? AND answered_at IS NULL AND body = ?", t.ProjectID(), who.Account, text).Limit(1).Scan(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if len(same) > 0 {
			out = Question{ID: same[0].ID, Project: same[0].Project, Text: text, AskedAt: same[0].AskedAt, Mine: true}
			return nil
		}
		var open int
		err = tx.NewSelect().Model((*asked)(nil)).ColumnExpr("count(*)").Where("project = ? AND asker_account = ? AND answered_at IS NULL", t.ProjectID(), who.Account).Scan(ctx, &open)
		if err != nil {
			return db.Translate(err)
		}
		if open >= perAsker {
			return fault.New(fault.TooMany, "您对本项目还有 %d 个问题没有答复，请等待答复后再提问", open)
		}
		row := asked{ID: id.New(now), Project: t.ProjectID(), Text: text, AskedAt: now, AskerAccount: who.Account}
		if who.Org != "" {
			row.AskerOrg = &who.Org
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		out = Question{ID: row.ID, Project: row.Project, Text: text, AskedAt: now, Mine: true}
		// The zero actor: a timeline must not say who asked.
		return trail.Append(ctx, tx, party.Actor{}, now, trail.Event{ObjectKind: "tender", ObjectID: t.ProjectID(), Action: "收到一个提问"})
	})
}

// clean refuses what says nothing, what cannot be shown, and what would give
// its asker away.
func clean(text string, who party.Actor) (string, error) {
	var c fault.Check
	if !utf8.ValidString(text) {
		c.Fail("text", "内容里有无法识别的字符，请重新输入")
		return "", c.Err()
	}
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		// Control and direction marks can make a text look like another.
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, text))
	n := utf8.RuneCountInString(text)
	c.Must(n >= 4, "text", "请写明您的问题，至少 4 个字")
	c.Must(n <= 2000, "text", "问题不超过 2000 个字，现在是 %d 个，请精简或分开提问", n)
	if name := strings.TrimSpace(who.OrgName); utf8.RuneCountInString(name) >= 4 {
		c.Must(!strings.Contains(text, name), "text", "问题里写了您单位的名称；问题将公开，请去掉，以免别人知道是谁提问")
	}
	return text, c.Err()
}

// Answer answers one question to all.
func (s *Service) Answer(ctx context.Context, who party.Actor, question id.ID, answer string) (Question, error) {
	var out Question
	return out, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		row, err := one(ctx, tx, question)
		if err != nil {
			return err
		}
		t, err := tender.ForUpdate(ctx, tx, row.Project)
		if err != nil {
			return err
		}
		if err := s.tenders.Require(who, t, "reply"); err != nil {
			return err
		}
		now := s.clock.Now()
		out.Project = row.Project
		if row, err = one(ctx, tx, question); err != nil { // again, after the lock
			return err
		}
		if row.AnsweredAt != nil {
			return fault.New(fault.Conflict, "这个问题已经答复；需要改变的，请发布更正")
		}
		if answer, err = clean(answer, party.Actor{}); err != nil {
			return renamed(err)
		}
		row.Answer, row.AnsweredAt, row.AnsweredBy = answer, &now, &who.Account
		if err := db.One(tx.NewUpdate().Model(&row).Column("answer", "answered_at", "answered_by").WherePK().Exec(ctx)); err != nil {
			return err
		}
		out = Question{ID: row.ID, Project: row.Project, Text: row.Text, AskedAt: row.AskedAt, Answer: answer, AnsweredAt: &now}
		return s.tell(ctx, tx, who, t, row, now)
	})
}

// renamed says of an answer what clean says of a question.
func renamed(err error) error {
	fields, other := fault.Complaints(err)
	if other != nil {
		return other
	}
	var c fault.Check
	for range fields {
		c.Fail("answer", "请写明答复，4 到 2000 个字")
	}
	return c.Err()
}

func (s *Service) tell(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, row asked, now time.Time) error {
	l := inbox.Letter{Title: "采购人答复了一个提问：" + t.Title, Text: short(row.Text), Link: "/tenders/" + string(t.ID) + "/questions"}
	if err := s.hears.Tell(ctx, tx, t, l, now); err != nil {
		return err
	}
	// The asker may have taken no document. Their own box tells nobody else.
	mine := inbox.Letter{Title: "您的提问已答复：" + t.Title, Text: short(row.Text), Link: l.Link}
	if err := inbox.Send(ctx, tx, now, []inbox.To{{Account: row.AskerAccount}}, mine); err != nil {
		return err
	}
	return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "tender", ObjectID: row.Project, Action: "答复提问", Note: short(row.Text), Public: true})
}

func short(s string) string {
	r := []rune(s)
	if len(r) <= 60 {
		return s
	}
	return string(r[:59]) + "…"
}

func one(ctx context.Context, d bun.IDB, question id.ID) (asked, error) {
	var row asked
	err := db.Found(d.NewSelect().Model(&row).Where("id = ?", question).Scan(ctx), "提问")
	return row, err
}

// Reveal opens who asked, for the security auditor and with a reason that
// stays on the record (an audit or a complaint).
func (s *Service) Reveal(ctx context.Context, who party.Actor, question id.ID, reason string) (Asker, error) {
	var out Asker
	reason = strings.TrimSpace(reason)
	return out, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		row, err := one(ctx, tx, question)
		if err != nil {
			return err
		}
		t, err := tender.Read(ctx, tx, row.Project)
		if err == nil {
			err = s.tenders.Require(who, t, "reveal")
		}
		if err != nil {
			return err
		}
		var c fault.Check
		c.Must(utf8.RuneCountInString(reason) >= 4, "reason", "请写明为什么要查看提问人，例如投诉的编号；理由会留在审计记录里")
		if err := c.Err(); err != nil {
			return err
		}
		out = Asker{Account: row.AskerAccount, Organisation: row.AskerOrg}
		return trail.Append(ctx, tx, who, s.clock.Now(), trail.Event{ObjectKind: "question", ObjectID: row.ID, Action: "查看提问人", Note: reason})
	})
}

// Heap is the unanswered questions about one purchase.
type Heap struct {
	Tender id.ID  `bun:"tender"`
	Title  string `bun:"title"`
	Count  int    `bun:"count"`
}

// heaps is how many purchases a desk lists.
const heaps = 20

// Waiting counts the unanswered questions about each of a bureau's open
// purchases, the one that closes first before the others.
func (s *Service) Waiting(ctx context.Context, buyer id.ID) ([]Heap, error) {
	out := []Heap{}
	err := s.db.NewSelect().Model((*Question)(nil)).ColumnExpr("t.id AS tender, t.title, count(*) AS count").Join("JOIN tender AS t ON t.id = question.project").
		Where("t.buyer = ? AND question.answered_at IS NULL AND t.state = ?", buyer, tender.Open).
		GroupExpr("t.id, t.title, t.deadline").OrderExpr("t.deadline, t.id").Limit(heaps).Scan(ctx, &out)
	return out, db.Translate(err)
}
