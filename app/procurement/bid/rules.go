package bid

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/procurement/tender"
)

// The longest texts, in characters; longer ones belong in an attachment.
const (
	MaxAnswer   = 5000
	MaxDelivery = 500
)

// phase is what policy calls the state of a bid: where its tender stands and
// whether the opening made it readable.
func phase(t tender.Tender, opened bool, now time.Time) string {
	switch {
	case t.StateAt(now) == tender.Open:
		return "bid.drafting"
	case !opened:
		return "bid.sealed"
	case t.State == tender.Opened:
		return "bid.opened"
	case t.State == tender.Evaluating:
		return "bid.evaluating"
	default:
		return "bid.evaluated"
	}
}

// inTime refuses at the deadline itself and after it: a bid must arrive before.
func inTime(t tender.Tender, now time.Time) error {
	if t.Deadline != nil && !now.Before(*t.Deadline) {
		return fault.New(fault.TooLate, "投标截止时间已过，不能再提交、修改或撤回投标")
	}
	return nil
}

// Question is one line of the scoring table that a bidder answers. Key names
// it by its place in the table, which is frozen at publication.
type Question struct {
	Key         string `json:"key"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Weight      int64  `json:"weight"` // hundredths of a point
}

// Questions are the lines of the scoring table that people score; the price
// line answers itself.
func Questions(t tender.Tender) []Question {
	out := []Question{}
	for i, k := range t.Criteria {
		if k.Kind != tender.PriceCriterion {
			out = append(out, Question{Key: strconv.Itoa(i), Name: k.Name, Description: k.Description, Weight: k.Weight})
		}
	}
	return out
}

func asked(t tender.Tender, key string) bool {
	return slices.ContainsFunc(Questions(t), func(q Question) bool { return q.Key == key })
}

// Patch changes parts of a draft; nil leaves a part alone.
type Patch struct {
	// Price is the offer in 分; Typed is one as typed in 元, for forms.
	Price    *money.Fen        `json:"price,omitempty" description:"报价，单位分；有单价限价的填单价"`
	Typed    *string           `json:"-"`
	Delivery *string           `json:"delivery,omitempty" description:"交付承诺，不超过 500 字"`
	Answers  map[string]string `json:"answers,omitempty" description:"按评审因素编号作答；只改所给的几项"`
}

// apply puts a patch into a draft. What cannot be an answer at all (too long,
// for a criterion that does not exist) is refused; what is only incomplete is
// kept for later.
func (w *Working) apply(t tender.Tender, p Patch) error {
	var c fault.Check
	if p.Price != nil {
		c.Adopt("price", money.Accept(*p.Price))
		w.Price, w.Typed = p.Price, ""
	}
	if p.Typed != nil {
		w.Price, w.Typed = nil, clip(strings.TrimSpace(*p.Typed), 60)
		if f, err := money.Parse(w.Typed); err == nil {
			w.Price, w.Typed = &f, ""
		}
	}
	if p.Delivery != nil {
		w.Delivery = strings.TrimSpace(*p.Delivery)
		tooLong(&c, "delivery", w.Delivery, MaxDelivery)
	}
	if w.Answers == nil {
		w.Answers = map[string]string{}
	}
	for key, text := range p.Answers {
		field := "answers." + key
		if !asked(t, key) {
			c.Fail(field, "采购文件中没有这个评审因素，请刷新页面后再填")
			continue
		}
		text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
		tooLong(&c, field, text, MaxAnswer)
		w.Answers[key] = text
	}
	return c.Err()
}

func tooLong(c *fault.Check, field, text string, most int) {
	if n := utf8.RuneCountInString(text); n > most {
		c.Fail(field, "最多 %d 字，现在是 %d 字；更长的内容请放进附件", most, n)
	}
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// content is what the draft would be if it were sent now, or every complaint
// that stands in the way: "price", "delivery", "answers.ID".
func (w Working) content(t tender.Tender, supplier id.ID, files []File) (Content, error) {
	out := Content{Tender: t.ID, Supplier: supplier, Delivery: w.Delivery, Answers: []Answer{}, Files: files}
	var c fault.Check
	switch {
	case w.Price != nil:
		t.CheckPrice(&c, "price", *w.Price)
		out.Price = *w.Price
	case w.Typed == "":
		c.Fail("price", "请填写报价")
	default:
		_, err := money.Parse(w.Typed)
		c.Adopt("price", err)
	}
	c.Must(w.Delivery != "", "delivery", "请写明服务期限和交付承诺，例如：合同签订后 10 日内进场，服务一年")
	for _, q := range Questions(t) {
		text := w.Answers[q.Key]
		c.Must(text != "", "answers."+q.Key, "请回答“%s”；内容在附件中的，可写明见哪个附件", q.Name)
		out.Answers = append(out.Answers, Answer{Criterion: q.Key, Name: q.Name, Text: text})
	}
	return out, c.Err()
}
