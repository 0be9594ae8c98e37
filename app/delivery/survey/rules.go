package survey

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
)

//go:embed data/limits.json
var limitsFile []byte

//go:embed data/templates.json
var templatesFile []byte

// Limits are the platform's own rules about surveys, as data.
type Limits struct {
	LeastAnswers   int         `json:"least_answers"`    // fewer invited answers make no figure
	LeastRate      int         `json:"least_rate"`       // % of the invited who must have answered
	LeastShown     int         `json:"least_shown"`      // fewer answers are not shown at all: they would point at people
	LeastDays      int         `json:"least_days"`       // 日 that a survey stays open at least
	MostDays       int         `json:"most_days"`        // 日 at most
	MostBatch      int         `json:"most_batch"`       // invitations at a time
	MostInvited    int         `json:"most_invited"`     // invitations of a survey
	MostQuestions  int         `json:"most_questions"`   //
	OpenPerAddress int         `json:"open_per_address"` // open answers of one network address a day
	OpenPerHour    int         `json:"open_per_hour"`    // open answers of a survey an hour
	BurstPerHour   int         `json:"burst_per_hour"`   // from how many an hour the result says so
	Assessment     []Criterion `json:"assessment"`       // what a community organisation scores, each 0–100
}

// Criterion is one thing that a community organisation scores.
type Criterion struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	Hint string `json:"hint"`
}

// Template is a ready set of questions.
type Template struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Intro     string     `json:"intro"`
	Questions []Question `json:"questions"`
}

// What ships. Files that cannot be used are said by New, so that the product
// does not start on them.
var limits, templates, unreadable = shipped(limitsFile, templatesFile)

func shipped(rules, questions []byte) (l Limits, t []Template, err error) {
	strict := func(name string, data []byte, into any) error {
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	return l, t, errors.Join(strict("data/limits.json", rules, &l), strict("data/templates.json", questions, &t))
}

// sound refuses limits that would let nothing or everything pass, and sets of
// questions that a survey of ours could not be made of.
func sound(l Limits, t []Template) error {
	var c fault.Check
	for name, n := range map[string]int{"least_answers": l.LeastAnswers, "least_rate": l.LeastRate, "least_shown": l.LeastShown, "least_days": l.LeastDays, "most_days": l.MostDays - l.LeastDays,
		"most_batch": l.MostBatch, "most_invited": l.MostInvited, "most_questions": l.MostQuestions, "open_per_address": l.OpenPerAddress, "open_per_hour": l.OpenPerHour,
		"burst_per_hour": l.BurstPerHour, "assessment": len(l.Assessment)} {
		c.Must(n > 0, name, "%s 应大于 0", name)
	}
	c.Must(len(t) > 0, "templates", "没有问卷样例")
	for _, x := range t {
		var bad fault.Check
		checkQuestions(&bad, x.Questions)
		c.Adopt(x.ID, bad.Err())
	}
	return c.Err()
}

// Rules are the limits that apply.
func Rules() Limits { return limits }

// Templates are the ready sets of questions, the general one first.
func Templates() []Template { return templates }

// Wilson is the 95 % score interval of s successes in n trials, in hundredths
// of a percent, widened to whole hundredths:
//
//	p = s/n, z = 1.959964
//	(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n)
//
// It never leaves 0–10000 and holds for p = 0 and p = 1 (Wilson 1927). n must
// be above 0.
func Wilson(s, n int) (low, high int) {
	const z = 1.959964
	p, m := float64(s)/float64(n), float64(n)
	middle := p + z*z/(2*m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	scale := 10000 / (1 + z*z/m)
	low = int(math.Floor((middle-half)*scale + 1e-9))
	high = int(math.Ceil((middle+half)*scale - 1e-9))
	return max(0, low), min(10000, high)
}

// share is s of n in hundredths of a percent, half up.
func share(s, n int) int {
	if n == 0 {
		return 0
	}
	return (s*20000 + n) / (2 * n)
}

// enough reports whether the invited answers make a figure.
func enough(asked, answered int) bool {
	return answered >= limits.LeastAnswers && answered*100 >= limits.LeastRate*asked
}

const (
	mostText   = 500 // characters of an answer in own words
	mostPrompt = 100 // characters of a question
	mostOption = 40
)

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// checkQuestions holds a survey's questions to their form.
func checkQuestions(c *fault.Check, in []Question) {
	c.Must(len(in) > 0 && in[0].Key == Headline && in[0].Kind == Scale && !in[0].Optional, "questions", "第一题须为必答的总体满意度（五档）")
	c.Must(len(in) <= limits.MostQuestions, "questions", "最多 %d 题：题越少，答的人越多", limits.MostQuestions)
	seen := map[string]bool{}
	for i, q := range in {
		field := "questions." + strconv.Itoa(i)
		c.Must(keyForm.MatchString(q.Key) && !seen[q.Key], field, "第 %d 题的代号应为小写字母开头，且不能重复", i+1)
		c.Must(slices.Contains([]Kind{Scale, YesNo, Choice, Text}, q.Kind), field, "第 %d 题请选题型", i+1)
		c.Must(q.Text != "" && utf8.RuneCountInString(q.Text) <= mostPrompt, field, "第 %d 题请写问题，不超过 %d 个字", i+1, mostPrompt)
		if q.Kind == Choice {
			c.Must(len(q.Options) >= 2 && len(q.Options) <= 10, field, "第 %d 题是单选，请写 2 至 10 个选项，一行一个", i+1)
			for _, o := range q.Options {
				c.Must(o != "" && utf8.RuneCountInString(o) <= mostOption, field, "第 %d 题的选项不超过 %d 个字", i+1, mostOption)
			}
		}
		seen[q.Key] = true
	}
}

// remark is something in own words, masked.
type words struct {
	question, text string
	masked         bool
}

// read checks what was typed against the questions. What no question asks for
// is left out.
func (v Survey) read(in Answers) (score int, content map[string]string, said []words, err error) {
	var c fault.Check
	content = map[string]string{}
	for _, q := range v.Questions {
		typed := strings.TrimSpace(in[q.Key])
		if typed == "" {
			c.Must(q.Optional, q.Key, "请回答：%s", q.Text)
			continue
		}
		switch most := map[Kind]int{Scale: 5, Choice: len(q.Options)}[q.Kind]; q.Kind {
		case Scale, Choice:
			n, err := strconv.Atoi(typed)
			if err != nil || n < 1 || n > most || strconv.Itoa(n) != typed {
				c.Fail(q.Key, "请从给出的选项里选一个：%s", q.Text)
				continue
			}
			if q.Key == Headline {
				score = n
			}
			content[q.Key] = typed
		case YesNo:
			if typed != "yes" && typed != "no" {
				c.Fail(q.Key, "请选“是”或“否”：%s", q.Text)
				continue
			}
			content[q.Key] = typed
		case Text:
			if n := utf8.RuneCountInString(typed); n > mostText {
				c.Fail(q.Key, "最多写 %d 个字，现在是 %d 个字", mostText, n)
				continue
			}
			text, masked := mask(typed)
			said = append(said, words{q.Key, text, masked})
		}
	}
	return score, content, said, c.Err()
}

// Masked is mask for other rooms that take residents' words.
func Masked(text string) (out string, masked bool) { return mask(text) }

var (
	// A mainland resident's number, 15 or 18 places, and any run of digits that
	// could be a telephone or an account; spaces and dashes may stand between.
	identity = regexp.MustCompile(`[0-9](?:[ \-]?[0-9]){16}[ \-]?[0-9Xx]`)
	numbers  = regexp.MustCompile(`[0-9](?:[ \-]?[0-9]){6,}`)
	mailbox  = regexp.MustCompile(`[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+`)
)

// mask hides what points at a person: identity numbers, telephones and other
// long runs of digits, addresses of mail. What was hidden is not kept. It is a
// help to the reviewer, not a promise: a name is not found.
func mask(text string) (out string, masked bool) {
	out = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '－' || r == '—':
			return '-'
		case r < ' ' && r != '\n' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, text)
	for _, hide := range []struct {
		what *regexp.Regexp
		with string
	}{{identity, "〔身份证号已隐去〕"}, {numbers, "〔号码已隐去〕"}, {mailbox, "〔邮箱已隐去〕"}} {
		if hide.what.MatchString(out) {
			out, masked = hide.what.ReplaceAllString(out, hide.with), true
		}
	}
	return out, masked
}

// at is a moment as people read it, with a space to be followed by words.
func at(t time.Time) string { return t.In(clock.Beijing).Format("2006年1月2日 15:04 ") }

// today is 00:00 in Beijing of the day that t is in.
func today(t time.Time) time.Time {
	y, m, d := t.In(clock.Beijing).Date()
	return clock.Trunc(time.Date(y, m, d, 0, 0, 0, 0, clock.Beijing))
}
