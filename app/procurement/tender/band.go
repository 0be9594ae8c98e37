package tender

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
)

// Band is one interval of a scored item: what is found, and the points it
// gives, in hundredths of a point (财政部令第87号 55: 评审因素应当量化到相应区间,
// 并设置各区间对应的不同分值). Least makes the points a range from Least to
// Points, both included; nil is exactly Points.
type Band struct {
	Text   string `json:"text"`
	Points int64  `json:"points"`
	Least  *int64 `json:"least,omitempty"`
	// From and To bound a counted interval, both included; nil is open or not
	// counted.
	From *int64 `json:"from,omitempty"`
	To   *int64 `json:"to,omitempty"`
}

const maxBands = 12

// Low is the fewest points the band gives, in hundredths.
func (b Band) Low() int64 {
	if b.Least != nil {
		return *b.Least
	}
	return b.Points
}

// Score is what the band gives in words: "20", or "16–20" for a range.
func (b Band) Score() string {
	if b.Least == nil {
		return Points(b.Points)
	}
	return Points(*b.Least) + "–" + Points(b.Points)
}

// Allows reports whether a panel member may give these points for the item,
// in hundredths: those of one of its intervals, or none where no interval is
// met. An item without intervals, of a record from before they were asked for,
// allows anything up to its weight.
func (k Criterion) Allows(points int64) bool {
	if len(k.Bands) == 0 {
		return points >= 0 && points <= k.Weight
	}
	for _, b := range k.Bands {
		if b.Low() <= points && points <= b.Points {
			return true
		}
	}
	return points == 0
}

// Allowed names the points that Allows lets through: "0、10、16–20".
func (k Criterion) Allowed() string {
	if len(k.Bands) == 0 {
		return "0–" + Points(k.Weight)
	}
	list := slices.SortedFunc(slices.Values(k.Bands), func(a, b Band) int { return cmp.Compare(a.Points, b.Points) })
	var out []string
	if list[0].Low() > 0 {
		out = append(out, "0")
	}
	for _, b := range list {
		out = append(out, b.Score())
	}
	return strings.Join(out, "、")
}

// Levels are the intervals as one text, a line each, as they are typed.
func (k Criterion) Levels() string {
	var out []string
	for _, b := range k.Bands {
		out = append(out, b.Text+" = "+b.Score())
	}
	return strings.Join(out, "\n")
}

// bands reads the intervals of a row: a line each, "3–5 个 = 20" or, where the
// panel may choose within it, "完整可行 = 16–20".
func (r reader) bands(at string, i int, typed string) []Band {
	var out []Band
	for line := range strings.Lines(typed) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		j := strings.LastIndexAny(line, "=＝")
		if j < 0 {
			r.c.Fail(at+"bands", "第 %d 项：每行写“情形 = 分值”，例如 3–5 个 = 20；这一行没有分值：%.30s", i+1, line)
			return nil
		}
		text := strings.TrimSpace(line[:j])
		_, size := utf8.DecodeRuneInString(line[j:])
		least, points, err := bandPoints(strings.TrimSpace(line[j+size:]))
		if err != nil {
			r.c.Fail(at+"bands", "第 %d 项“%.20s”：%s", i+1, text, err.Error())
			return nil
		}
		if n := utf8.RuneCountInString(text); n < 1 || n > 200 {
			r.c.Fail(at+"bands", "第 %d 项：请写明得 %s 分的情形，不超过 200 个字", i+1, Points(points))
			return nil
		}
		b := Band{Text: text, Points: points, Least: least}
		b.From, b.To = counted(text)
		out = append(out, b)
	}
	if len(out) > maxBands {
		r.c.Fail(at+"bands", "第 %d 项：分值区间不超过 %d 个，请合并", i+1, maxBands)
		return nil
	}
	return out
}

var dashes = strings.NewReplacer("——", "–", "—", "–", "-", "–", "~", "–", "～", "–", "至", "–")

// bandPoints reads points that may be zero, and a range of them.
func bandPoints(s string) (least *int64, points int64, err error) {
	low, high, ranged := strings.Cut(dashes.Replace(s), "–")
	if !ranged {
		points, err = onePoint(s)
		return nil, points, err
	}
	from, err := onePoint(low)
	if err != nil {
		return nil, 0, err
	}
	if points, err = onePoint(high); err == nil && points <= from {
		err = fault.New(fault.Invalid, "分值范围应从低到高，例如 16–20")
	}
	return &from, points, err
}

func onePoint(s string) (int64, error) {
	if strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "分")) == "0" {
		return 0, nil
	}
	return weight(s)
}

var (
	between = regexp.MustCompile(`^(\d{1,9})\s*(?:-|–|—|~|～|至|到)\s*(\d{1,9})`)
	atLeast = regexp.MustCompile(`^(?:(?:≥|不少于|至少)\s*(\d{1,9})|(\d{1,9})\s*[^\d\s]{0,4}(?:及以上|以上))`)
	exactly = regexp.MustCompile(`^(\d{1,9})\s*[^\d\s～~—–至到-]{0,4}$`)
)

// counted reads the bounds of an interval that begins with a number: "3–5 个",
// "6 个及以上", "0 个". Other texts are levels, which have none.
func counted(text string) (from, to *int64) {
	n := func(s string) *int64 {
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil
		}
		return &v
	}
	if m := between.FindStringSubmatch(text); m != nil {
		return n(m[1]), n(m[2])
	}
	if m := atLeast.FindStringSubmatch(text); m != nil {
		return n(m[1] + m[2]), nil
	}
	if m := exactly.FindStringSubmatch(text); m != nil {
		return n(m[1]), n(m[1])
	}
	return nil, nil
}

// checkBands holds a scored item to 87号令 55 and 22号 21.
func checkBands(c *fault.Check, at string, i int, k Criterion, set rules.Set) {
	if k.Kind == PriceCriterion || c.Failed(at+"bands") || c.Failed(at+"weight") {
		return
	}
	quantified := set.Must(rules.ScoringQuantified).Source()
	if len(k.Bands) < 2 {
		c.FailUnder(set.Must(rules.ScoringSubstantive).Source(), at+"bands",
			"第 %d 项“%.20s”没有量化的分值区间：请逐行写“情形 = 分值”，至少两档；不能量化的客观指标应列为实质性要求，不作为评分项", i+1, k.Name)
		return
	}
	most := int64(0)
	texts := map[string]bool{}
	for j, b := range k.Bands {
		most = max(most, b.Points)
		twice := slices.ContainsFunc(k.Bands[:j], func(o Band) bool { return o.Low() <= b.Points && b.Low() <= o.Points })
		if twice || texts[b.Text] {
			c.FailUnder(quantified, at+"bands", "第 %d 项“%.20s”：各区间的情形和分值应各不相同，%s 分或“%.20s”出现了两次", i+1, k.Name, b.Score(), b.Text)
			return
		}
		texts[b.Text] = true
	}
	if most != k.Weight {
		c.FailUnder(quantified, at+"bands", "第 %d 项“%.20s”：最高一档是 %s 分，应等于该项分值 %s 分", i+1, k.Name, Points(most), Points(k.Weight))
		return
	}
	if a, b, clash := overlap(k.Bands); clash {
		c.FailUnder(quantified, at+"bands", "第 %d 项“%.20s”：区间“%.20s”与“%.20s”重叠，同一情形不能有两个分值", i+1, k.Name, a, b)
	}
}

// overlap finds two counted intervals that share a number, or one the wrong
// way round.
func overlap(list []Band) (a, b string, clash bool) {
	const open = int64(1) << 40
	end := func(x Band) int64 {
		if x.To == nil {
			return open
		}
		return *x.To
	}
	for i, x := range list {
		if x.From == nil {
			continue
		}
		if end(x) < *x.From {
			return x.Text, x.Text, true
		}
		for _, y := range list[i+1:] {
			if y.From != nil && *x.From <= end(y) && *y.From <= end(x) {
				return x.Text, y.Text, true
			}
		}
	}
	return "", "", false
}
