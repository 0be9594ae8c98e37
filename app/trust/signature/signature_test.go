package signature

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gongji/app/kernel/fault"
)

func key(t testing.TB, name string) *Key {
	t.Helper()
	k, _, err := New(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sample() Statement {
	return Statement{Document: "01J0000000000000000000D0C1", Kind: "bid_receipt", Title: "投标回执 居家养老服务", Number: "HZ-2026-1", Issuer: "共济平台",
		IssuedAt: time.Date(2026, 6, 1, 1, 2, 3, 456_000_000, time.UTC), Code: "ABCD", Content: strings.Repeat("0", 64),
		Facts: []Fact{{"", "项目", "居家养老服务"}, {"ciphertext_sha256", "密文 SHA-256", strings.Repeat("a", 64)}}}
}

// onePage is a PDF by hand, as every PDF ends.
func onePage() []byte {
	return []byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 2>>\nstartxref\n43\n%%EOF\n")
}

// TestAnySingleChangeIsFound: in a PDF and in JSON, at every offset.
func TestAnySingleChangeIsFound(t *testing.T) {
	k := key(t, "gongji.example.cn")
	pdf, err := k.Stamp(onePage(), sample())
	if err != nil {
		t.Fatal(err)
	}
	again, _ := k.Stamp(onePage(), sample())
	if !bytes.Equal(pdf, again) {
		t.Error("two signatures differ")
	}
	text, err := k.JSON(sample())
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"pdf": pdf, "json": text} {
		s, err := Verify(file, key(t, "other").Public(), k.Public())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s.Number != "HZ-2026-1" || s.Facts[1].Name != "ciphertext_sha256" || !s.IssuedAt.Equal(sample().IssuedAt) || (s.PDF == "") != (name == "json") {
			t.Errorf("%s says %+v", name, s)
		}
		for i := range file {
			for _, mask := range []byte{1, 0x20, 0x80} {
				changed := bytes.Clone(file)
				changed[i] ^= mask
				if _, err := Verify(changed, k.Public()); !fault.Is(err, fault.Invalid) {
					t.Fatalf("%s with byte %d (%q) changed to %q: %v", name, i, file[i], changed[i], err)
				}
			}
			if _, err := Verify(file[:i], k.Public()); err == nil {
				t.Errorf("%s cut at %d passes", name, i)
			}
		}
		_, err = Verify(append(bytes.Clone(file), "x"...), k.Public())
		says(t, err, "")
	}
}

// TestSignatureHasOneSpelling: the unread bits of the last letter of a
// signature count as well, whatever letter this key happens to end with.
func TestSignatureHasOneSpelling(t *testing.T) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	k := key(t, "gongji.example.cn")
	pdf, err := k.Stamp(onePage(), sample())
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(pdf, []byte("=\nstartxref")) - 1
	if at < 0 {
		t.Fatal("no padded signature at the end")
	}
	for _, l := range []byte(letters) {
		changed := bytes.Clone(pdf)
		changed[at] = l
		if _, err := Verify(changed, k.Public()); (err == nil) != (l == pdf[at]) {
			t.Errorf("last letter %q for %q: %v", l, pdf[at], err)
		}
	}
}

func says(t *testing.T, err error, what string) {
	t.Helper()
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), what) {
		t.Errorf("got %v, want an Invalid that says %q", err, what)
	}
}

func TestVerifySaysWhatIsWrong(t *testing.T) {
	k, other := key(t, "gongji.example.cn"), key(t, "gongji.example.cn")
	pdf, _ := k.Stamp(onePage(), sample())
	foreign, _ := other.Stamp(onePage(), sample())
	twice, _ := other.Stamp(pdf, sample())
	_, err := Verify(foreign, k.Public())
	says(t, err, "另一把密钥")
	_, err = Verify(twice, k.Public())
	says(t, err, "另一把密钥")
	_, err = Verify(onePage(), k.Public())
	says(t, err, "没有平台签名")
	_, err = Verify([]byte("报价一万元"), k.Public())
	says(t, err, "不是平台出具的")
	_, err = Verify([]byte(`{"price":1}`), k.Public())
	says(t, err, "不是平台的签名文件")
	_, err = Verify(pdf)
	says(t, err, "没有平台的公钥")
	_, err = Verify(pdf, "gongji")
	says(t, err, "公钥格式")
	swapped := append(bytes.Clone(onePage()[:len(onePage())-1]), pdf[len(onePage())-1:]...)
	swapped[20] = 'x'
	_, err = Verify(swapped, k.Public())
	says(t, err, "被改动过")
	if _, err := k.Stamp([]byte("%PDF-1.7 no end"), sample()); err == nil {
		t.Error("a PDF without an end is stamped")
	}
}

func TestAKeyIsMadeOnceAndStaysSecret(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var wg sync.WaitGroup
	got := make([]string, 8)
	for i := range got {
		wg.Go(func() {
			k, err := Load(dir, "", "gongji.example.cn:8080")
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = k.Public()
		})
	}
	wg.Wait()
	for _, p := range got {
		if p != got[0] || !strings.HasPrefix(p, "gongji.example.cn:8080+") {
			t.Fatalf("keys are %v", got)
		}
	}
	path := filepath.Join(dir, fileName)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	b, _ := os.ReadFile(path)
	secret := strings.TrimSpace(string(b))
	k, err := Load("", secret, "elsewhere")
	if err != nil || k.Public() != got[0] {
		t.Errorf("the secret gives %v, %v", k, err)
	}
	for _, printed := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %s", k, k, []any{k})} {
		if strings.Contains(printed, secret[len(secret)-20:]) || strings.Contains(printed, "PRIVATE") {
			t.Errorf("printing a key shows %s", printed)
		}
	}
	if _, err := Load("", secret[:len(secret)-8], ""); err == nil || strings.Contains(err.Error(), secret[20:40]) {
		t.Errorf("a broken secret says %v", err)
	}
}

func FuzzStatement(f *testing.F) {
	f.Add("标题", "标签", "值")
	f.Add("a\nfact - x: y", "a: b", "\u2028\x00\xff")
	f.Add("", "", "")
	k := key(f, "fuzz")
	f.Fuzz(func(t *testing.T, title, label, value string) {
		s := sample()
		s.Title, s.Facts = title, []Fact{{"", label, value}, {"n", label, value}}
		b, err := k.JSON(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Verify(b, k.Public())
		if err != nil || len(got.Facts) != 2 || got.Kind != s.Kind {
			t.Errorf("%q %q %q: %+v, %v", title, label, value, got, err)
		}
	})
}

func FuzzVerify(f *testing.F) {
	k := key(f, "fuzz")
	pdf, _ := k.Stamp(onePage(), sample())
	text, _ := k.JSON(sample())
	f.Add(pdf)
	f.Add(text)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := Verify(b, k.Public()); err == nil && !bytes.Equal(b, pdf) && !bytes.Equal(b, text) {
			t.Errorf("%q passes", b)
		}
	})
}
