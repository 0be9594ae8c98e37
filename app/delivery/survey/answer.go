package survey

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// codeLength is how many characters an invitation has: 60 random bits.
const codeLength = 12

// Folded is a typed code in its one form; "" when it cannot be one.
func Folded(typed string) string { return fold(typed) }

// fold brings a typed code to its one form: capitals without dashes, and the
// letters that the alphabet leaves out as the digits they look like. "" when it
// cannot be a code.
func fold(typed string) string {
	out := strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ', '—', '–', '　', '－':
			return -1
		case 'O', 'o':
			return '0'
		case 'I', 'i', 'L', 'l':
			return '1'
		}
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(typed))
	if len(out) != codeLength || !id.Valid(out+strings.Repeat("0", 26-codeLength)) {
		return ""
	}
	return out
}

// Spaced is a code as printed: three groups of four.
func Spaced(code string) string { return code[:4] + "-" + code[4:8] + "-" + code[8:] }

func hashed(code string) string {
	sum := sha256.Sum256([]byte("gongji-invitation-1:" + code))
	return hex.EncodeToString(sum[:])
}

var errNoCode = fault.New(fault.NotFound, "没有这个邀请码，请对照纸条再输一次")

// byCode finds the survey of a code that is not used yet.
func byCode(ctx context.Context, d bun.IDB, code string) (v Survey, err error) {
	if code = fold(code); code == "" {
		return v, errNoCode
	}
	var x struct {
		Survey `bun:",extend"`
		Used   bool `bun:"used"`
	}
	err = d.NewSelect().TableExpr("resident_ticket AS t").Join("JOIN resident_survey AS v ON v.id = t.survey").
		ColumnExpr("v.*, t.used").Where("t.hash = ?", hashed(code)).Scan(ctx, &x)
	switch err = db.Found(err, "邀请码"); {
	case fault.Is(err, fault.NotFound):
		return v, errNoCode
	case err != nil:
		return v, err
	case x.Used:
		return x.Survey, errUsed
	}
	return x.Survey, nil
}

var errUsed = fault.New(fault.Conflict, "这个邀请码已经用过了，一个邀请码只能答一次。谢谢您的参与")

// ByCode is the survey that a code answers, when it takes answers now.
// NotFound for no such code, Conflict for a used one or a survey that has not
// begun, TooLate for one that is over.
func (s *Service) ByCode(ctx context.Context, code string) (Survey, error) {
	v, err := byCode(ctx, s.db, code)
	if err == nil {
		err = v.taking(s.clock.Now())
	}
	return v, err
}

// Answer takes an invited answer: the code is used up and the answer kept, or
// neither. Of two at once with one code exactly one is taken. Nothing of the
// code is kept with the answer, nor the moment of either.
func (s *Service) Answer(ctx context.Context, code string, in Answers) (Survey, error) {
	if code = fold(code); code == "" {
		return Survey{}, errNoCode
	}
	x := &slip{hash: hashed(code), in: in}
	s.box.drop(x, func(some []*slip) { s.count(context.WithoutCancel(ctx), some) })
	return x.survey, x.err
}

func (v Survey) sheet(w Way, in Answers) (answer, []words, error) {
	score, content, said, err := v.read(in)
	return answer{ID: id.ID(id.Code(26)), Survey: v.ID, Way: w, Score: score, Content: content}, said, err
}

// remarks are the words of an answer as they wait for review.
func (a answer) remarks(said []words) []Remark {
	rows := make([]Remark, len(said))
	for i, w := range said {
		rows[i] = Remark{ID: id.ID(id.Code(26)), Survey: a.Survey, Way: a.Way, Question: w.question, Text: w.text, Masked: w.masked, State: Held}
	}
	return rows
}

func keep(ctx context.Context, tx bun.Tx, answers []answer, held []Remark) error {
	if len(answers) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&answers).Exec(ctx); err != nil || len(held) == 0 {
		return db.Translate(err)
	}
	_, err := tx.NewInsert().Model(&held).Exec(ctx)
	return db.Translate(err)
}

// Posted is the survey of a poster, when it takes answers now. NotFound when it
// has none.
func (s *Service) Posted(ctx context.Context, survey id.ID) (Survey, error) {
	v, err := read(ctx, s.db, survey)
	if err == nil && (!v.Published() || !v.Poster) {
		err = fault.New(fault.NotFound, "没有找到这份问卷，请核对海报上的网址")
	}
	if err == nil {
		err = v.taking(s.clock.Now())
	}
	return v, err
}

// AnswerOpen takes an answer from the poster. It is limited by network address
// and day and by survey and hour (TooMany); the counts are of what was kept, so
// that a few at the same moment may slip over. What is refused is counted and
// shown with the result. address is kept only as a hash whose salt is thrown
// away the next day.
func (s *Service) AnswerOpen(ctx context.Context, survey id.ID, in Answers, address string) (Survey, error) {
	v, err := s.Posted(ctx, survey)
	if err != nil {
		return v, err
	}
	a, said, err := v.sheet(Open, in)
	if err != nil {
		return v, err
	}
	if a.Origin, err = s.origin(ctx, survey, address); err != nil {
		return v, err
	}
	full := false
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		now := s.clock.Now()
		if err := v.taking(now); err != nil {
			return err
		}
		a.Received = now.Truncate(time.Hour)
		var n struct {
			Here int `bun:"here"`
			Hour int `bun:"hour"`
		}
		if err := tx.NewSelect().Model((*answer)(nil)).
			ColumnExpr("COALESCE(SUM(CASE WHEN origin = ? THEN 1 ELSE 0 END), 0) AS here", a.Origin).
			ColumnExpr("COALESCE(SUM(CASE WHEN received = ? THEN 1 ELSE 0 END), 0) AS hour", a.Received).
			Where("survey = ? AND way = ? AND received >= ?", survey, Open, today(now)).Scan(ctx, &n); err != nil {
			return db.Translate(err)
		}
		full = n.Here >= limits.OpenPerAddress || n.Hour >= limits.OpenPerHour
		if full {
			return nil
		}
		return keep(ctx, tx, []answer{a}, a.remarks(said))
	})
	if err == nil && full {
		if _, err = s.db.NewInsert().Model(&refusal{Survey: survey, Hour: a.Received, Count: 1}).
			On("CONFLICT (survey, hour) DO UPDATE").Set("count = refusal.count + 1").Exec(ctx); err == nil {
			err = fault.New(fault.TooMany, "这里今天提交的次数已经很多，请明天再来，或凭社区发的邀请码回答")
		}
	}
	return v, db.Translate(err)
}

// refusal counts open answers of an hour that were over a limit.
type refusal struct {
	bun.BaseModel `bun:"table:resident_refusal,alias:refusal"`

	Survey id.ID     `bun:"survey,pk"`
	Hour   time.Time `bun:"hour,pk"`
	Count  int64     `bun:"count"`
}

// salt is the day's random word that addresses are hashed with.
type salt struct {
	bun.BaseModel `bun:"table:resident_salt"`

	Day  string `bun:"day,pk"`
	Salt string `bun:"salt"`
}

// Origin is an address as other rooms keep it, about an object of theirs; see
// origin.
func (s *Service) Origin(ctx context.Context, about id.ID, address string) (string, error) {
	return s.origin(ctx, about, address)
}

// origin is an address as it is kept: half of HMAC-SHA256(the day's salt,
// survey and address). Yesterday's salt is deleted when today's is made; from
// then on nobody can try addresses against it.
func (s *Service) origin(ctx context.Context, survey id.ID, address string) (string, error) {
	day := s.clock.Now().In(clock.Beijing).Format(time.DateOnly)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.salt.Day != day {
		fresh := salt{Day: day, Salt: id.Code(26)}
		if _, err := s.db.NewInsert().Model(&fresh).On("CONFLICT (day) DO NOTHING").Exec(ctx); err != nil {
			return "", db.Translate(err)
		}
		if _, err := s.db.NewDelete().Model((*salt)(nil)).Where("day < ?", day).Exec(ctx); err != nil {
			return "", db.Translate(err)
		}
		var have salt
		if err := s.db.NewSelect().Model(&have).Where("day = ?", day).Scan(ctx); err != nil {
			return "", db.Translate(err)
		}
		s.salt = have
	}
	mac := hmac.New(sha256.New, []byte(s.salt.Salt))
	mac.Write([]byte(string(survey) + "\n" + address))
	return hex.EncodeToString(mac.Sum(nil)[:16]), nil
}
