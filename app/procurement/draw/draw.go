// Package draw is the provable lot: a pool is committed to first, a seed that
// nobody could know then comes after, and the order follows from both by a
// stated rule that anyone can run again. It decides nothing and keeps nothing.
//
// The rule, exactly:
//
//   - canonical(x) is x as JSON with the keys of every object in order of
//     their bytes, no white space, UTF-8, and only strings, whole numbers and
//     lists (RFC 8785 for such values).
//   - nonce is 32 random bytes in hexadecimal, made with the commitment and
//     kept secret until the seed is set; nonce_sha256 is the SHA-256 of that
//     hexadecimal text.
//   - commitment = hex(SHA-256(canonical({purpose, subject, needs, pool,
//     recusals, nonce_sha256}))).
//   - seed = SHA-256(commitment "\n" nonce "\n" value), all as text; value is
//     typed by the supervisor after the commitment was shown.
//   - The stream of numbers: block i (from 0) is SHA-256(seed, i as 8 bytes
//     big-endian); each block gives four unsigned 64-bit numbers, big-endian.
//   - A number below n without bias: numbers not below ⌊2⁶⁴÷n⌋·n are thrown
//     away, the next one modulo n is taken.
//   - For each need in turn, its candidates are the codes of the pool that
//     have its specialty and were not drawn before, in order of their bytes.
//     They are shuffled (Fisher–Yates from the end: for i from last to 1,
//     j below i+1, swap). The first Number are drawn, the next Alternates
//     stand by in that order, the rest are not drawn.
package draw

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"gongji/app/kernel/fault"
)

// Format is what a file of this package calls itself.
const Format = "gongji-draw-1"

// Purposes of a draw.
const (
	Experts = "experts" // 随机抽取评审专家
	Tie     = "tie"     // 并列候选人随机抽取
)

// Entry is one that can be drawn. Code is a pseudonym: for a person the
// hexadecimal SHA-256 of a salt and who they are, which Opening proves.
type Entry struct {
	Code        string   `json:"code"`
	Specialties []string `json:"specialties,omitempty"`
}

// Recusal is one that was left out of the pool, with the reason.
type Recusal struct {
	Code    string `json:"code"`
	Reason  string `json:"reason"`
	Article string `json:"article,omitempty"`
}

// Need is how many to draw of one specialty; "" takes anyone.
type Need struct {
	Specialty  string `json:"specialty,omitempty"`
	Number     int    `json:"number"`
	Alternates int    `json:"alternates"`
}

// Order is what one need drew.
type Order struct {
	Drawn      []string `json:"drawn"`
	Alternates []string `json:"alternates"`
}

// Decline is one drawn who did not take the seat, and Instead who did, "" when
// no alternate was left.
type Decline struct {
	Code    string    `json:"code"`
	Reason  string    `json:"reason"`
	Instead string    `json:"instead,omitempty"`
	At      time.Time `json:"at"`
}

// Opening says who a code stands for: code = hex(SHA-256(salt "\n" subject)).
type Opening struct {
	Code    string `json:"code"`
	Salt    string `json:"salt"`
	Subject string `json:"subject"`
}

// File is a whole draw, as it is published.
type File struct {
	Format      string     `json:"format"`
	Purpose     string     `json:"purpose"`
	Subject     string     `json:"subject"` // the tender's id, or the SHA-256 of its evaluation
	Number      string     `json:"number,omitempty"`
	Needs       []Need     `json:"needs"`
	Pool        []Entry    `json:"pool"`
	Recusals    []Recusal  `json:"recusals"`
	NonceSHA256 string     `json:"nonce_sha256"`
	Commitment  string     `json:"commitment"`
	CommittedAt time.Time  `json:"committed_at"`
	Nonce       string     `json:"nonce,omitempty"`
	Value       string     `json:"value,omitempty"`
	Seed        string     `json:"seed,omitempty"`
	DrawnAt     *time.Time `json:"drawn_at,omitempty"`
	Orders      []Order    `json:"orders,omitempty"`
	Declines    []Decline  `json:"declines,omitempty"`
	Seated      []string   `json:"seated,omitempty"`
	Openings    []Opening  `json:"openings,omitempty"`
}

// Random is n random bytes in hexadecimal: a nonce, a salt.
func Random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Code is the pseudonym of a subject under a salt.
func Code(salt, subject string) string { return digest(salt + "\n" + subject) }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Commit puts the pool in order, checks it and commits to it; nonce is kept
// out of the file until Run.
func (f *File) Commit(nonce string, at time.Time) error {
	f.Format, f.CommittedAt, f.NonceSHA256 = Format, at, digest(nonce)
	for i := range f.Pool {
		slices.Sort(f.Pool[i].Specialties)
	}
	slices.SortFunc(f.Pool, func(a, b Entry) int { return cmp.Compare(a.Code, b.Code) })
	slices.SortFunc(f.Recusals, func(a, b Recusal) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Reason, b.Reason))
	})
	if f.Recusals == nil {
		f.Recusals = []Recusal{}
	}
	if err := f.check(); err != nil {
		return err
	}
	var err error
	f.Commitment, err = f.commitment()
	return err
}

func (f File) check() error {
	var c fault.Check
	c.Must(len(f.Needs) > 0, "needs", "请至少填写一项抽取需求")
	seen := map[string]bool{}
	for _, e := range f.Pool {
		c.Must(e.Code != "" && !seen[e.Code], "pool", "抽取名单中有重复或空的编号")
		seen[e.Code] = true
	}
	for _, r := range f.Recusals {
		c.Must(!seen[r.Code], "recusals", "回避的编号不能同时在抽取名单中")
	}
	for i, n := range f.Needs {
		c.Must(n.Number > 0 && n.Number <= 99 && n.Alternates >= 0 && n.Alternates <= 99, "needs", "抽取人数应为 1 到 99，候补人数应为 0 到 99")
		// The same person may suit several needs, so only the sum over all needs that
		// could take from the same people is checked where it is drawn.
		have := 0
		for _, e := range f.Pool {
			if e.suits(n) {
				have++
			}
		}
		if have < n.Number {
			c.Fail("needs", "第 %d 项需要%s %d 名，回避后名单中只有 %d 名，请减少人数或放宽专业", i+1, n.Specialty, n.Number, have)
		}
	}
	return c.Err()
}

func (e Entry) suits(n Need) bool {
	return n.Specialty == "" || slices.Contains(e.Specialties, n.Specialty)
}

// commitment covers everything that decides the draw and is known before it.
func (f File) commitment() (string, error) {
	b, err := canonical(map[string]any{"purpose": f.Purpose, "subject": f.Subject, "needs": f.Needs, "pool": f.Pool,
		"recusals": f.Recusals, "nonce_sha256": f.NonceSHA256})
	return digest(string(b)), err
}

func canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out) // maps are written in order of their keys
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// Run draws: value is what was typed after the commitment was shown.
func (f *File) Run(nonce, value string, at time.Time) error {
	if digest(nonce) != f.NonceSHA256 {
		return fault.New(fault.Conflict, "随机数与公布的校验值不一致，不能抽取")
	}
	f.Nonce, f.Value, f.DrawnAt = nonce, value, &at
	f.Seed = digest(f.Commitment + "\n" + nonce + "\n" + value)
	var err error
	if f.Orders, err = f.orders(); err != nil {
		return err
	}
	f.Seated = f.seats()
	return nil
}

func (f File) orders() ([]Order, error) {
	s, err := newStream(f.Seed)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	out := make([]Order, 0, len(f.Needs))
	for i, n := range f.Needs {
		var codes []string
		for _, e := range f.Pool {
			if e.suits(n) && !taken[e.Code] {
				codes = append(codes, e.Code)
			}
		}
		slices.Sort(codes)
		if len(codes) < n.Number {
			return nil, fault.New(fault.Invalid, "第 %d 项可抽取的只剩 %d 名，不足 %d 名，请减少人数或放宽专业", i+1, len(codes), n.Number)
		}
		s.shuffle(codes)
		o := Order{Drawn: slices.Clone(codes[:n.Number]), Alternates: []string{}}
		if rest := codes[n.Number:]; len(rest) > 0 {
			o.Alternates = append(o.Alternates, rest[:min(n.Alternates, len(rest))]...)
		}
		for _, c := range append(slices.Clone(o.Drawn), o.Alternates...) {
			taken[c] = true
		}
		out = append(out, o)
	}
	return out, nil
}

// seats follows the declines: everyone drawn, with the next alternate of the
// same need in the place of each who declined, in the order they did.
func (f File) seats() []string {
	var out []string
	for _, o := range f.Orders {
		out = append(out, o.Drawn...)
	}
	next := make([]int, len(f.Orders))
	for i, d := range f.Declines {
		at := slices.Index(out, d.Code)
		if at < 0 {
			continue
		}
		out = slices.Delete(out, at, at+1)
		f.Declines[i].Instead = ""
		for n, o := range f.Orders {
			if !slices.Contains(o.Drawn, d.Code) && !slices.Contains(o.Alternates, d.Code) || next[n] >= len(o.Alternates) {
				continue
			}
			f.Declines[i].Instead = o.Alternates[next[n]]
			out = slices.Insert(out, at, o.Alternates[next[n]])
			next[n]++
			break
		}
	}
	return out
}

// Refuse records that one drawn does not take the seat; the next alternate of
// the same need does.
func (f *File) Refuse(code, reason string, at time.Time) error {
	if !slices.Contains(f.Seated, code) {
		return fault.New(fault.Conflict, "这位专家不在抽中名单中，或已由候补替换，请刷新页面")
	}
	f.Declines = append(f.Declines, Decline{Code: code, Reason: reason, At: at})
	f.Seated = f.seats()
	return nil
}
