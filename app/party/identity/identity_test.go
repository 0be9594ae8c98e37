package identity

import (
	"bytes"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"gongji/app/kernel/fault"
)

const words = "正确 马 电池 订书钉 horse"

func TestOnlyThePassphraseOpens(t *testing.T) {
	recipient, file, err := New(words, WeakFactor)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckRecipient(recipient); err != nil {
		t.Error(err)
	}
	if err := CheckFile(file, WeakFactor); err != nil {
		t.Error(err)
	}
	if err := CheckFile(file, WorkFactor); !fault.Is(err, fault.Invalid) {
		t.Errorf("a weakly locked identity passes: %v", err)
	}
	// Full-width letters and spaces around are the same passphrase.
	for _, same := range []string{words, "  正确 马 电池 订书钉 ｈｏｒｓｅ\n"} {
		own, err := Open(file, same)
		if err != nil {
			t.Fatal(err)
		}
		if own.Recipient().String() != recipient {
			t.Error("it opened another identity")
		}
	}
	if _, err := Open(file, words+"x"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "口令不对") {
		t.Errorf("a wrong passphrase says %v", err)
	}
	if _, _, err := New("太短", WeakFactor); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short passphrase says %v", err)
	}
}

// locked is a passphrase file around any text.
func locked(t *testing.T, text string, factor int, armored bool) string {
	t.Helper()
	lock, err := age.NewScryptRecipient(words)
	if err != nil {
		t.Fatal(err)
	}
	lock.SetWorkFactor(factor)
	var b bytes.Buffer
	a := armor.NewWriter(&b)
	if !armored {
		a = nopCloser{&b}
	}
	w, err := age.Encrypt(a, lock)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	_ = a.Close()
	return b.String()
}

type nopCloser struct{ *bytes.Buffer }

func (nopCloser) Close() error { return nil }

func TestCheckFileRefuses(t *testing.T) {
	own, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	good := locked(t, own.String(), WeakFactor, true)
	if err := CheckFile(good, WeakFactor); err != nil {
		t.Fatal(err)
	}
	var toKey bytes.Buffer
	a := armor.NewWriter(&toKey)
	w, _ := age.Encrypt(a, own.Recipient())
	_, _ = w.Write([]byte(own.String()))
	_ = w.Close()
	_ = a.Close()
	for name, c := range map[string]struct{ file, says string }{
		"nothing":        {"", "开头"},
		"bare secret":    {own.String(), "没有用口令"},
		"secret inside":  {good + own.String(), "没有用口令"},
		"binary":         {locked(t, own.String(), WeakFactor, false), "开头"},
		"to a key":       {toKey.String(), "只用口令"},
		"something else": {locked(t, strings.Repeat("x", 300), WeakFactor, true), "只用口令"},
		"empty":          {locked(t, "", WeakFactor, true), "只用口令"},
		"huge":           {good + strings.Repeat("\n", maxFile), "过大"},
		"cut":            {good[:len(good)-40], "损坏"},
		"tail":           {good + "x", "损坏"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := CheckFile(c.file, WeakFactor); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want one that says %q", err, c.says)
			}
			if _, err := Open(c.file, words); !fault.Is(err, fault.Invalid) {
				t.Errorf("it opens: %v", err)
			}
		})
	}
	// A work factor that would take hours is refused without being tried.
	costly := armored(t, strings.Replace(locked(t, own.String(), WeakFactor, false), " 10\n", " 30\n", 1))
	if err := CheckFile(costly, WeakFactor); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "过高") {
		t.Errorf("a costly file says %v", err)
	}
}

func armored(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	a := armor.NewWriter(&b)
	_, err := a.Write([]byte(s))
	if err != nil || a.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCheckRecipientRefuses(t *testing.T) {
	recipient, _, err := New(words, WeakFactor)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", "age1", recipient + "q", strings.ToUpper(recipient), recipient[:61] + "b", "age1pq" + recipient[4:],
		"AGE-SECRET-KEY-1XXXX", " " + recipient} {
		if err := CheckRecipient(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzCheckFile(f *testing.F) {
	_, file, err := New(words, WeakFactor)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add("-----BEGIN AGE ENCRYPTED FILE-----\n")
	f.Fuzz(func(t *testing.T, s string) {
		if CheckFile(s, WorkFactor) == nil && len(s) > maxFile {
			t.Error("an unbounded file passes")
		}
	})
}
