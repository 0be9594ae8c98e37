package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

type person struct {
	own *age.X25519Identity
	Holder
}

func people(t testing.TB, n int) (out []person, holders []Holder) {
	t.Helper()
	for range n {
		own, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		p := person{own, Holder{id.New(time.Now()), own.Recipient().String()}}
		out, holders = append(out, p), append(holders, p.Holder)
	}
	return out, holders
}

func generate(t testing.TB, k, n int) (Key, []person) {
	t.Helper()
	who, holders := people(t, n)
	key, err := Generate(id.New(time.Now()), k, holders)
	if err != nil {
		t.Fatal(err)
	}
	return key, who
}

// shareOf opens a holder's file as their browser does.
func textOf(t testing.TB, s Share) string {
	t.Helper()
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func shareOf(t testing.TB, k Key, p person, index int) Share {
	t.Helper()
	f, err := OpenShare(p.own, k.Shares[index-1].File)
	if err != nil {
		t.Fatal(err)
	}
	if f.Tender != k.Tender || f.Index != index || f.Generation != k.Generation || HashWord(f.Word) != k.Shares[index-1].WordHash {
		t.Fatalf("share file is %+v", f)
	}
	s, err := k.Check(f.Share)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ages encrypts to the key's recipient.
func ages(t testing.TB, k Key, text string) []byte {
	t.Helper()
	b, err := lock([]byte(text), k.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func opens(t testing.TB, k Key, file []byte, shares ...Share) string {
	t.Helper()
	o, err := k.Recover(shares)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Wipe()
	r, err := o.Open(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func invalid(t testing.TB, err error, says string) {
	t.Helper()
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want an Invalid that says %q", err, says)
	}
}

// TestAnyThresholdRecovers: every subset of enough holders opens, every
// smaller one does not.
func TestAnyThresholdRecovers(t *testing.T) {
	for _, c := range []struct{ k, n int }{{2, 2}, {2, 3}, {3, 5}, {4, 4}} {
		key, who := generate(t, c.k, c.n)
		b, err := json.Marshal(key)
		if err != nil {
			t.Fatal(err)
		}
		var kept Key
		if err := json.Unmarshal(b, &kept); err != nil {
			t.Fatal(err)
		}
		file := ages(t, kept, "密封")
		var all []Share
		for i := range who {
			all = append(all, shareOf(t, kept, who[i], i+1))
		}
		for set := range 1 << c.n {
			var some []Share
			for i, s := range all {
				if set>>i&1 == 1 {
					some = append(some, s)
				}
			}
			rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
			if len(some) < c.k {
				_, err := kept.Recover(append(some, some...))
				invalid(t, err, "份密钥份额，现在只有")
				continue
			}
			if got := opens(t, kept, file, some...); got != "密封" {
				t.Fatalf("%v of %v: %q", set, c, got)
			}
		}
	}
}

func TestNothingSecretIsInAKey(t *testing.T) {
	key, who := generate(t, 2, 3)
	b, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	f, err := OpenShare(who[0].own, key.Shares[0].File)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{f.Word, f.Share, "AGE-SECRET-KEY"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("the key as kept holds %s", secret)
		}
	}
	if _, err := OpenShare(who[1].own, key.Shares[0].File); !fault.Is(err, fault.Invalid) {
		t.Errorf("another holder opens the file: %v", err)
	}
}

func TestSharesAreCheckedAndSayWhatIsWrong(t *testing.T) {
	key, who := generate(t, 2, 3)
	other, them := generate(t, 2, 3)
	good := shareOf(t, key, who[0], 1)
	foreign := shareOf(t, other, them[0], 1)
	text := textOf(t, good)
	for _, c := range []struct{ text, says string }{
		{"", "开头"},
		{"AGE-SECRET-KEY-1", "开头"},
		{"gongji-share-1-", "序号不对"},
		{"gongji-share-1-0-AAAA", "序号不对"},
		{"gongji-share-1-01-AAAA", "序号不对"},
		{"gongji-share-1-99-AAAA", "序号不对"},
		{text[:len(text)-1], "完整复制"},
		{strings.Replace(text, "share-1-1-", "share-1-2-", 1), "抄写有误"},
		{textOf(t, foreign), "不符"},
		{textOf(t, Share{Index: 2, value: good.value}), "不符"},
		{textOf(t, Share{Index: 9, value: good.value}), "只有 3 份"},
	} {
		_, err := key.Check(c.text)
		invalid(t, err, c.says)
	}
	if _, err := (Share{Index: 1}).Text(); err == nil {
		t.Error("a share of nothing has a text")
	}
	for i := len(ShareFormat) + 3; i < len(text); i++ {
		flipped := []byte(text)
		flipped[i] ^= 1
		if _, err := key.Check(string(flipped)); err == nil {
			t.Errorf("a share with its character %d changed passes", i)
		}
	}
	if _, err := key.Check("  " + text + "\n"); err != nil {
		t.Errorf("spaces around a share: %v", err)
	}
	if _, err := key.Recover([]Share{good, foreign}); err == nil {
		t.Error("a foreign share recovers")
	}
}

func TestGenerateRefuses(t *testing.T) {
	_, h := people(t, 3)
	for _, c := range []struct {
		k    int
		h    []Holder
		says string
	}{
		{1, h, "至少需要 2 名"},
		{4, h, "少于开启所需"},
		{2, []Holder{h[0], h[0]}, "同一人"},
		{2, []Holder{h[0], {Account: h[1].Account, Recipient: h[0].Recipient}}, "同一人"},
		{2, []Holder{h[0], {Account: h[1].Account, Recipient: "age1no"}}, "公钥格式"},
	} {
		_, err := Generate("T", c.k, c.h)
		invalid(t, err, c.says)
	}
}

// TestBlame: what the bidder sent is the bidder's fault; a store that fails is
// not.
func TestBlame(t *testing.T) {
	key, who := generate(t, 2, 2)
	o, err := key.Recover([]Share{shareOf(t, key, who[0], 1), shareOf(t, key, who[1], 2)})
	if err != nil {
		t.Fatal(err)
	}
	drain := func(r io.Reader) error {
		p, err := o.Open(r)
		if err == nil {
			_, err = io.Copy(io.Discard, p)
		}
		return err
	}
	file := ages(t, key, strings.Repeat("x", 200_000))
	if err := drain(iotest.OneByteReader(bytes.NewReader(file))); err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut < len(file); cut += 997 {
		invalid(t, drain(bytes.NewReader(file[:cut])), "")
		flipped := bytes.Clone(file)
		flipped[cut] ^= 0x20
		invalid(t, drain(bytes.NewReader(flipped)), "")
		down := errors.New("the store is down")
		if err := drain(io.MultiReader(bytes.NewReader(file[:cut]), iotest.ErrReader(down))); !errors.Is(err, down) || fault.Is(err, fault.Invalid) {
			t.Fatalf("cut at %d: a store's failure became %v", cut, err)
		}
	}
	stranger, _ := generate(t, 2, 2)
	invalid(t, drain(bytes.NewReader(ages(t, stranger, "x"))), "不是用本项目的公钥")
	o.Wipe()
	if _, err := o.Open(bytes.NewReader(file)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a wiped opener says %v", err)
	}
}

// TestReshare: a threshold of the old holders deal anew; the same bid opens
// with the new shares, and old and new do not mix.
func TestReshare(t *testing.T) {
	for _, c := range []struct{ k, n, k2, n2 int }{{2, 3, 2, 3}, {2, 3, 3, 4}, {3, 4, 2, 2}} {
		key, old := generate(t, c.k, c.n)
		file := ages(t, key, "还是它")
		fresh, holders := people(t, c.n2)
		order := rand.Perm(c.n)[:c.k]
		var all []Contribution
		for _, i := range order {
			got, err := key.Subshares(shareOf(t, key, old[i], i+1), c.k2, holders)
			if err != nil {
				t.Fatal(err)
			}
			if err := key.CheckContribution(got, c.k2, holders); err != nil {
				t.Fatal(err)
			}
			all = append(all, got)
		}
		next, err := key.Next(all, c.k2, holders)
		if err != nil {
			t.Fatal(err)
		}
		var shares []Share
		for j, p := range fresh {
			s, err := key.Combine(next, j+1, all, p.own)
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := next.Lock(s, p.Holder)
			if err != nil {
				t.Fatal(err)
			}
			next.Shares[j] = sealed
			shares = append(shares, shareOf(t, next, p, j+1))
		}
		rand.Shuffle(len(shares), func(i, j int) { shares[i], shares[j] = shares[j], shares[i] })
		if got := opens(t, next, file, shares[:c.k2]...); got != "还是它" {
			t.Errorf("got %q", got)
		}
		stale := shareOf(t, key, old[0], 1)
		_, err = next.Check(textOf(t, stale))
		invalid(t, err, "旧份额")
		_, err = key.Check(textOf(t, shares[0]))
		if err == nil {
			t.Error("a new share passes with the old key")
		}
	}
}

func TestAFalseContributionIsFound(t *testing.T) {
	key, old := generate(t, 2, 3)
	fresh, holders := people(t, 3)
	good := func(i int) Contribution {
		c, err := key.Subshares(shareOf(t, key, old[i], i+1), 2, holders)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	one, two := good(0), good(1)
	other, err := key.Subshares(Share{1, scalar(42)}, 2, holders)
	if err != nil {
		t.Fatal(err)
	}
	invalid(t, key.CheckContribution(other, 2, holders), "不符")
	_, err = key.Next([]Contribution{one, one}, 2, holders)
	invalid(t, err, "重复")
	_, err = key.Next([]Contribution{one}, 2, holders)
	invalid(t, err, "2 名原保管人")
	bare := one
	bare.Files = [][]byte{[]byte("{}"), one.Files[1], one.Files[2]}
	invalid(t, key.CheckContribution(bare, 2, holders), "没有加密")
	short := one
	short.Commitment = one.Commitment[:1]
	invalid(t, key.CheckContribution(short, 2, holders), "不符")

	next, err := key.Next([]Contribution{one, two}, 2, holders)
	if err != nil {
		t.Fatal(err)
	}
	// The old holder's files are from another split than the commitment.
	lying := one
	lying.Files = good(0).Files
	_, err = key.Combine(next, 1, []Contribution{lying, two}, fresh[0].own)
	invalid(t, err, "第 1 号原保管人")
	_, err = key.Combine(next, 1, []Contribution{one, two}, fresh[1].own)
	invalid(t, err, "不是给您的")
}
