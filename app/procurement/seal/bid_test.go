package seal

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
)

func source1(name string, b []byte) Source {
	return Source{name, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
}

func sampleForm(recipient string) Form {
	limit := money.Fen(50_000_00)
	return Form{Format: FormFormat, Tender: "01J0000000000000000000TEND", Number: "ZC-2026-1", Title: "居家养老服务",
		Deadline: time.Date(2026, 12, 20, 1, 0, 0, 0, time.UTC), Recipient: recipient,
		Questions: []Question{{"0", "服务方案", "", 3000}, {"2", "人员", "", 2000}},
		Ceiling:   Ceiling{Kind: "total", Amount: &limit, Limit: &limit}}
}

func sampleBid() Manifest {
	return Manifest{Supplier: "01J0000000000000000000SVPP", Price: 48_000_00, Delivery: "十日内进场",
		Answers: []Answer{{"2", "", "三人"}, {"0", "", "见附件一"}}}
}

// TestPackAndRead: what goes in comes out, for the tender and for the bidder's
// own people, in a size that is padded.
func TestPackAndRead(t *testing.T) {
	key, who := generate(t, 2, 3)
	mine, _ := age.GenerateX25519Identity()
	r := rand.New(rand.NewPCG(1, 2))
	for _, sizes := range [][]int{{}, {1}, {511, 512, 513}, {1 << 20, 3_000_000}} {
		var files []Source
		var bodies [][]byte
		for i, n := range sizes {
			b := make([]byte, n)
			for j := range b {
				b[j] = byte(r.Uint32())
			}
			bodies = append(bodies, b)
			files = append(files, source1(fmt.Sprintf("附件%d.pdf", i+1), b))
		}
		form := sampleForm(key.Recipient)
		var out bytes.Buffer
		sent, err := Pack(&out, form, sampleBid(), files, []string{mine.Recipient().String(), mine.Recipient().String()})
		if err != nil {
			t.Fatal(err)
		}
		if sent.Answers[0].Criterion != "0" || sent.Answers[1].Name != "人员" {
			t.Errorf("answers are not in the order of the questions: %v", sent.Answers)
		}
		if err := IsSealed(out.Bytes()[:min(out.Len(), HeadSize)]); err != nil {
			t.Error(err)
		}
		if err := CheckSize(out.Bytes()[:min(out.Len(), HeadSize)], int64(out.Len())); err != nil {
			t.Error(err)
		}
		if err := CheckSize(out.Bytes()[:min(out.Len(), HeadSize)], int64(out.Len())-1); !fault.Is(err, fault.Invalid) {
			t.Errorf("an unpadded size passes: %v", err)
		}
		o, err := key.Recover([]Share{shareOf(t, key, who[2], 3), shareOf(t, key, who[0], 1)})
		if err != nil {
			t.Fatal(err)
		}
		for _, open := range []func(io.Reader) (io.Reader, error){o.Open, func(r io.Reader) (io.Reader, error) { return OpenOwn(mine, r) }} {
			plain, err := open(bytes.NewReader(out.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			var got [][]byte
			m, err := Read(plain, func(i int, f File, content io.Reader) error {
				b, err := io.ReadAll(content)
				got = append(got, b)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			a, _ := json.Marshal(m)
			b, _ := json.Marshal(sent)
			if !bytes.Equal(a, b) || !slices.EqualFunc(got, bodies, bytes.Equal) {
				t.Errorf("sizes %v: read %s, sent %s", sizes, a, b)
			}
		}
	}
}

func TestPadded(t *testing.T) {
	for n := int64(0); n <= MaxPlain; n += 1 + rand.Int64N(1+n/50) {
		p := Padded(n)
		if p < n || p < FloorSize || Padded(p) != p || p > max(FloorSize, n+n*12/100) || p%(32<<10) != 0 {
			t.Fatalf("Padded(%d) = %d", n, p)
		}
	}
	for n, want := range map[int64]int64{1: 1 << 20, 1<<20 + 1: 1<<20 + 32<<10, 100 << 20: 100 << 20, 100<<20 + 1: 102 << 20} {
		if got := Padded(n); got != want {
			t.Errorf("Padded(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestCheckBidSaysEverything(t *testing.T) {
	key, _ := generate(t, 2, 2)
	form := sampleForm(key.Recipient)
	m := Manifest{Tender: "01J00000000000000000000TH1", Price: 50_000_01, Answers: []Answer{{"2", "", strings.Repeat("长", 5001)}, {"9", "", "x"}},
		Files: []File{{"a/b.pdf", 1, ""}, {"c.pdf", 0, ""}, {"d.pdf", 1, ""}, {"d.pdf", 1, ""}, {"e.pdf", MaxFile + 1, ""}}}
	fields, err := fault.Complaints(CheckBid(form, m))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	want := "tender supplier price delivery answers.0 answers.2 answers.9 files.1 files.2 files.4 files.5"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("complaints are %s, want %s", got, want)
	}
	if _, err := Pack(io.Discard, form, m, nil, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("packed all the same: %v", err)
	}
}

// entry is one entry of a hostile tar.
type entry struct {
	name string
	body []byte
	kind byte
	pax  map[string]string
}

func tarOf(entries ...entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.body)), Mode: 0o600, Typeflag: e.kind, PAXRecords: e.pax}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Typeflag != tar.TypeReg {
			h.Size, h.Linkname = 0, "/etc/passwd"
		}
		if err := w.WriteHeader(h); err != nil {
			panic(err)
		}
		if h.Size > 0 {
			_, _ = w.Write(e.body)
		}
	}
	_ = w.Close()
	return b.Bytes()
}

func manifestOf(files ...entry) Manifest {
	m := sampleBid()
	m.Format, m.Tender = BidFormat, "01J0000000000000000000TEND"
	for i, f := range files {
		h := sha256.Sum256(f.body)
		m.Files = append(m.Files, File{fmt.Sprintf("%d.pdf", i), int64(len(f.body)), hex.EncodeToString(h[:])})
	}
	return m
}

func asJSON(m Manifest) entry {
	b, _ := json.Marshal(m)
	return entry{name: "manifest.json", body: b}
}

func TestReadRefusesHostileTars(t *testing.T) {
	a, b := entry{name: "files/1", body: []byte("one")}, entry{name: "files/2", body: []byte("second")}
	m := manifestOf(a, b)
	good := tarOf(asJSON(m), a, b)
	raw := func(s string) entry { return entry{name: "manifest.json", body: []byte(s)} }
	text := string(asJSON(m).body)
	with := func(change func(*Manifest)) entry {
		n := manifestOf(a, b)
		change(&n)
		return asJSON(n)
	}
	pad := func(b []byte) []byte { return append(b, make([]byte, 4096)...) }
	for name, c := range map[string]struct {
		tar  []byte
		says string
	}{
		"nothing":              {nil, "缺少 manifest.json"},
		"zeros":                {make([]byte, 1<<16), "缺少 manifest.json"},
		"no tar":               {[]byte(strings.Repeat("garbage ", 1000)), "结构不对"},
		"no manifest":          {tarOf(a), "应是 manifest.json"},
		"manifest second":      {tarOf(a, asJSON(m)), "应是 manifest.json"},
		"file missing":         {tarOf(asJSON(m), a), "缺少 files/2"},
		"files swapped":        {tarOf(asJSON(m), b, a), "应是 files/1"},
		"file twice":           {tarOf(asJSON(m), a, a), "应是 files/2"},
		"file not listed":      {tarOf(asJSON(m), a, b, entry{name: "files/3", body: []byte("x")}), "没有列出"},
		"traversal":            {tarOf(asJSON(m), entry{name: "../../etc/passwd", body: a.body}, b), "应是 files/1"},
		"symlink":              {tarOf(asJSON(m), entry{name: "files/1", kind: tar.TypeSymlink}, b), "应是 files/1"},
		"directory":            {tarOf(asJSON(m), entry{name: "files/1/", kind: tar.TypeDir}, b), "应是 files/1"},
		"pax rename":           {tarOf(asJSON(m), entry{name: "files/1", body: a.body, pax: map[string]string{"GONGJI.x": "1"}}, b), "应是 files/1"},
		"other size":           {tarOf(asJSON(m), entry{name: "files/1", body: []byte("on")}, b), "大小"},
		"other content":        {tarOf(asJSON(m), entry{name: "files/1", body: []byte("eno")}, b), "校验值"},
		"garbage after":        {append(pad(slices.Clone(good)), 1), "多余"},
		"half":                 {good[:len(good)-1024], "不完整"},
		"not JSON":             {tarOf(raw("price: 1")), "清单格式"},
		"two values":           {tarOf(raw(text+"{}"), a, b), "清单格式"},
		"price twice":          {tarOf(raw(strings.Replace(text, `"price":`, `"price":1,"price":`, 1)), a, b), "清单格式"},
		"Price":                {tarOf(raw(strings.Replace(text, `"price":`, `"Price":`, 1)), a, b), "清单格式"},
		"unknown name":         {tarOf(raw(strings.Replace(text, `"price":`, `"cost":1,"price":`, 1)), a, b), "清单格式"},
		"fraction":             {tarOf(raw(strings.Replace(text, `"price":`, `"price":0.5,"x":`, 1)), a, b), "清单格式"},
		"deep":                 {tarOf(raw(strings.Repeat("[", 100_000))), "清单格式"},
		"not UTF-8":            {tarOf(raw("{\"delivery\":\"\xff\"}")), "UTF-8"},
		"gigantic manifest":    {tarOf(raw(strings.Repeat(" ", int(maxManifest)+1))), "过大"},
		"another format":       {tarOf(with(func(m *Manifest) { m.Format = "x" }), a, b), "格式不是"},
		"no supplier":          {tarOf(with(func(m *Manifest) { m.Supplier = "" }), a, b), "供应商编号"},
		"negative price":       {tarOf(with(func(m *Manifest) { m.Price = -1 }), a, b), "负数"},
		"two names alike":      {tarOf(with(func(m *Manifest) { m.Files[1].Name = m.Files[0].Name }), a, b), "都叫"},
		"name with a path":     {tarOf(with(func(m *Manifest) { m.Files[1].Name = "../x" }), a, b), "文件名不能用"},
		"name that turns text": {tarOf(with(func(m *Manifest) { m.Files[1].Name = "a\u202efdp.exe" }), a, b), "文件名不能用"},
		"answer twice":         {tarOf(with(func(m *Manifest) { m.Answers[1].Criterion = "2" }), a, b), "两次"},
		"negative size":        {tarOf(with(func(m *Manifest) { m.Files[0].Size = -5 }), a, b), "超过"},
		"no sum":               {tarOf(with(func(m *Manifest) { m.Files[0].SHA256 = "AB" }), a, b), "校验值"},
		"too many files": {tarOf(with(func(m *Manifest) {
			for i := range MaxFiles {
				m.Files = append(m.Files, File{fmt.Sprintf("x%d", i), 1, m.Files[0].SHA256})
			}
		}), a, b), "最多"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(c.tar), nil)
			invalid(t, err, c.says)
		})
	}
	if got, err := Read(iotest.HalfReader(bytes.NewReader(pad(slices.Clone(good)))), nil); err != nil || len(got.Files) != 2 {
		t.Errorf("the good one: %v %v", got, err)
	}
}

// TestReadBlamesTheStoreForItsOwn at every stage.
func TestReadBlamesTheStoreForItsOwn(t *testing.T) {
	a := entry{name: "files/1", body: bytes.Repeat([]byte("a"), 5000)}
	b := append(tarOf(asJSON(manifestOf(a)), a), make([]byte, 2000)...)
	down := errors.New("the store is down")
	for cut := 0; cut <= len(b); cut += 37 {
		_, err := Read(io.MultiReader(bytes.NewReader(b[:cut]), iotest.ErrReader(down)), nil)
		if !errors.Is(err, down) || fault.Is(err, fault.Invalid) {
			t.Fatalf("at %d: %v", cut, err)
		}
	}
	_, err := Read(bytes.NewReader(b), func(int, File, io.Reader) error { return down })
	if !errors.Is(err, down) || fault.Is(err, fault.Invalid) {
		t.Errorf("what each fails with became %v", err)
	}
}

func TestIsSealedRefusesAndSaysHowToMend(t *testing.T) {
	key, _ := generate(t, 2, 2)
	file := ages(t, key, "x")
	pass, _ := age.NewScryptRecipient("a long passphrase")
	pass.SetWorkFactor(10)
	var locked bytes.Buffer
	w, _ := age.Encrypt(&locked, pass)
	_ = w.Close()
	for name, c := range map[string]struct{ head, says string }{
		"empty":      {"", "空"},
		"pdf":        {"%PDF-1.7\n", "PDF"},
		"docx":       {"PK\x03\x04", "Office"},
		"doc":        {"\xd0\xcf\x11\xe0", "旧版"},
		"json":       {`{"price":1}`, "JSON"},
		"text":       {"报价一万元", "没有加密"},
		"tar":        {string(tarOf(entry{name: "manifest.json"})), "打包"},
		"armored":    {"-----BEGIN AGE ENCRYPTED FILE-----\n", "二进制"},
		"v2":         {"age-encryption.org/v2\n", "v1"},
		"cut":        {string(file[:60]), "损坏"},
		"intro only": {"age-encryption.org/v1\nprice: 1", "损坏"},
		"passphrase": {locked.String(), "口令"},
	} {
		t.Run(name, func(t *testing.T) { invalid(t, IsSealed([]byte(c.head)), c.says) })
	}
	if err := IsSealed(file); err != nil {
		t.Error(err)
	}
	invalid(t, CheckSize(file, int64(len(file))), "填充")
}

func FuzzRead(f *testing.F) {
	a := entry{name: "files/1", body: []byte("one")}
	good := tarOf(asJSON(manifestOf(a)), a)
	f.Add(good)
	f.Add(tarOf(asJSON(manifestOf())))
	f.Add(good[:1500])
	f.Add([]byte(nil))
	f.Add(tarOf(entry{name: "files/1", body: []byte("x"), pax: map[string]string{"path": "manifest.json"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		m, err := Read(bytes.NewReader(b), func(_ int, file File, r io.Reader) error {
			n++
			got, err := io.Copy(io.Discard, r)
			if err == nil && got != file.Size {
				t.Errorf("file of %d bytes is said to have %d", got, file.Size)
			}
			return err
		})
		if err == nil && (n != len(m.Files) || m.check() != nil) {
			t.Errorf("accepted %+v with %d files", m, n)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("hostile bytes give %v", err)
		}
	})
}

// FuzzManifest: what is accepted means the same after it is written again.
func FuzzManifest(f *testing.F) {
	f.Add(asJSON(manifestOf()).body)
	f.Add([]byte(`{"format":"gongji-bid-1","price":1e3}`))
	f.Add([]byte(`{"price":null,"answers":[{"name":"\ud800"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b)
		if err != nil {
			return
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		n, err := parseManifest(again)
		if err != nil {
			t.Fatalf("%s is refused: %v", again, err)
		}
		if third, _ := json.Marshal(n); !bytes.Equal(again, third) {
			t.Errorf("%s became %s", again, third)
		}
	})
}

func FuzzShare(f *testing.F) {
	key, who := generate(f, 2, 2)
	f.Add(textOf(f, shareOf(f, key, who[0], 1)))
	f.Add("gongji-share-1-2-AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseShare(text)
		if err == nil && textOf(t, s) != strings.TrimSpace(text) {
			t.Errorf("%q reads as %q", text, textOf(t, s))
		}
	})
}

func FuzzIsSealed(f *testing.F) {
	key, _ := generate(f, 2, 2)
	f.Add(ages(f, key, "x"))
	f.Add([]byte("%PDF-1.7"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := IsSealed(b); err == nil && !bytes.HasPrefix(b, []byte("age-encryption.org/v1\n-> ")) {
			t.Errorf("%q passes", b)
		}
		_ = CheckSize(b, int64(len(b)))
	})
}
