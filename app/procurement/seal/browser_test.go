package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/identity"
	"gongji/templates"
	"gongji/templates/templatetest"
)

const passphrase = "正确 马 电池 订书钉 热水瓶"

// page is a browser with seal.js as S, under the policy that edge sends.
type page struct{ b *templatetest.Browser }

func openPage(t *testing.T) page {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(templates.StaticPrefix, http.StripPrefix(templates.StaticPrefix, http.FileServerFS(templates.Static())))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="zh-CN"><title>seal</title><main>密封</main><script type="module" src="%s"></script>`, templates.AssetPath("seal.js"))
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	b := templatetest.Open(t, 3*time.Minute)
	b.Visit(t, srv.URL, 1280)
	return page{b}
}

// call runs an async function of S (seal.js) and A (arguments) in the page.
func call[T any](t *testing.T, p page, js string, args any) T {
	t.Helper()
	a, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	js = fmt.Sprintf(`(async()=>{try{const S=await import(%q),A=%s;const bytes=s=>Uint8Array.from(atob(s),c=>c.charCodeAt(0));
const text=async b=>S.toBase64(new Uint8Array(await b.arrayBuffer()));return {ok:await (async()=>{%s})()}}catch(e){return {err:String(e?.message??e),fields:e?.fields??[]}}})()`,
		templates.AssetPath("seal.js"), a, js)
	got, err := chromedp.Run(p.b.Context, chromedp.Evaluate[struct {
		OK     T      `json:"ok"`
		Err    string `json:"err"`
		Fields any    `json:"fields"`
	}](js, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if got.Err != "" {
		t.Fatalf("in the browser: %s %v", got.Err, got.Fields)
	}
	return got.OK
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func unb64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type locked struct{ Recipient, File string }

// TestBrowser holds templates/assets/js/seal and this package together: what
// one makes the other opens.
func TestBrowser(t *testing.T) {
	p := openPage(t)
	made := call[[]locked](t, p, `const out=[];for(let i=0;i<4;i++)out.push(await S.makeIdentity(A.pass,10));return out`, map[string]any{"pass": passphrase})
	var holders []Holder
	for _, m := range made {
		if err := identity.CheckRecipient(m.Recipient); err != nil {
			t.Fatal(err)
		}
		if err := identity.CheckFile(m.File, identity.WeakFactor); err != nil {
			t.Fatal(err)
		}
		holders = append(holders, Holder{id.New(time.Now()), m.Recipient})
	}
	key, err := Generate("01J0000000000000000000TEND", 2, holders[:3])
	if err != nil {
		t.Fatal(err)
	}
	t.Run("an identity of the browser opens in Go, and one of Go in the browser", func(t *testing.T) { identities(t, p, made[0]) })
	t.Run("a share made in Go opens in the browser", func(t *testing.T) { shares(t, p, key, made) })
	t.Run("a bid packed in the browser opens in Go byte for byte", func(t *testing.T) { bids(t, p, key, made) })
	t.Run("shares dealt anew in browsers recover in Go", func(t *testing.T) { reshares(t, p, key, made, holders) })
	t.Run("both make the same complaints", func(t *testing.T) { complaints(t, p, key) })
	t.Run("both pad alike", func(t *testing.T) {
		ns := []int64{0, 1, FloorSize, FloorSize + 1, 5_000_000, 100 << 20, 100<<20 + 1, 1<<30 - 1, 1 << 30, 1<<30 + 1, MaxPlain}
		for i, got := range call[[]int64](t, p, `return A.map(S.padded)`, ns) {
			if got != Padded(ns[i]) {
				t.Errorf("padded(%d) is %d in the browser, %d in Go", ns[i], got, Padded(ns[i]))
			}
		}
	})
	seen, err := chromedp.Run(p.b.Context, chromedp.Evaluate[[]string](`window.__seen`))
	if err != nil || len(seen) > 0 {
		t.Errorf("refused or failed: %v %v", seen, err)
	}
}

func identities(t *testing.T, p page, m locked) {
	own, err := identity.Open(m.File, "  "+strings.ReplaceAll(passphrase, " ", "　"))
	if err != nil {
		t.Fatal(err)
	}
	if own.Recipient().String() != m.Recipient {
		t.Error("it opened another identity")
	}
	recipient, file, err := identity.New(passphrase, identity.WeakFactor)
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]any{"file": file, "pass": passphrase}
	if got := call[string](t, p, `return (await S.openIdentity(A.file,A.pass)).recipient`, args); got != recipient {
		t.Errorf("the browser opened %s, want %s", got, recipient)
	}
	if got := call[string](t, p, `return S.openIdentity(A.file,A.pass+'x').then(()=>'',e=>e.message)`, args); !strings.Contains(got, "口令不对") {
		t.Errorf("a wrong passphrase says %q", got)
	}
	if got := call[string](t, p, `return S.checkPassphrase('太短')`, nil); !strings.Contains(got, "至少 12") {
		t.Errorf("a short passphrase says %q", got)
	}
}

const unlocked = `const own=await S.openIdentity(A.file,A.pass);`

func shares(t *testing.T, p page, key Key, made []locked) {
	for i, m := range made[:3] {
		args := map[string]any{"key": key, "file": m.File, "pass": passphrase, "n": i}
		got := call[ShareFile](t, p, unlocked+`return S.openShare(A.key,A.key.shares[A.n].file,own)`, args)
		if HashWord(got.Word) != key.Shares[i].WordHash || got.Index != i+1 || got.Generation != 1 {
			t.Errorf("the browser read %+v", got)
		}
		if _, err := key.Check(got.Share); err != nil {
			t.Error(err)
		}
		args["n"] = (i + 1) % 3
		if says := call[string](t, p, unlocked+`return S.openShare(A.key,A.key.shares[A.n].file,own).then(()=>'',e=>e.message)`, args); !strings.Contains(says, "不是给您的") {
			t.Errorf("another's share says %q", says)
		}
	}
	other, err := Generate(key.Tender, 2, key.holders())
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]any{"key": key, "file": made[0].File, "pass": passphrase, "share": b64(other.Shares[0].File)}
	if says := call[string](t, p, unlocked+`return S.openShare(A.key,A.share,own).then(()=>'',e=>e.message)`, args); !strings.Contains(says, "不符") {
		t.Errorf("a share of another key says %q", says)
	}
}

func (k Key) holders() (out []Holder) {
	for _, s := range k.Shares {
		out = append(out, s.Holder)
	}
	return out
}

// openerOf recovers a key with the first two holders' own files.
func openerOf(t *testing.T, key Key, made []locked) *Opener {
	t.Helper()
	var got []Share
	for i := range key.Threshold {
		own, err := identity.Open(made[i].File, passphrase)
		if err != nil {
			t.Fatal(err)
		}
		f, err := OpenShare(own, key.Shares[i].File)
		if err != nil {
			t.Fatal(err)
		}
		s, err := key.Check(f.Share)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	o, err := key.Recover(got)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func bids(t *testing.T, p page, key Key, made []locked) {
	o := openerOf(t, key, made)
	defer o.Wipe()
	bodies := [][]byte{[]byte("%PDF-1.7 方案"), bytes.Repeat([]byte("0123456789abcdef"), 100_001)}
	args := map[string]any{"form": sampleForm(key.Recipient), "bid": sampleBid(), "own": []string{made[3].Recipient},
		"file": made[3].File, "pass": passphrase, "bodies": []string{b64(bodies[0]), b64(bodies[1])}}
	const pack = `const steps=[];const files=[new File([bytes(A.bodies[0])],'方案.pdf'),{name:'业绩 (1).pdf',blob:new Blob([bytes(A.bodies[1])])}];
const got=await S.packBid(A.form,A.bid,files,A.own,{onProgress:e=>steps.push(e)});`
	type packed struct {
		Blob, SHA256 string
		Manifest     Manifest
		Steps        []struct {
			Step        string
			Done, Total int64
		}
	}
	got := call[packed](t, p, pack+`return {Blob:await text(got.blob),SHA256:got.sha256,Manifest:got.manifest,Steps:steps}`, args)
	sealed := unb64(t, got.Blob)
	if sumHex(sealed) != got.SHA256 {
		t.Error("the browser's SHA-256 of what it sealed is not that of what it gave")
	}
	if last := got.Steps[len(got.Steps)-1]; last.Step != "encrypt" || last.Done != last.Total {
		t.Errorf("progress ends with %+v", last)
	}
	if err := CheckSize(sealed[:min(len(sealed), HeadSize)], int64(len(sealed))); err != nil {
		t.Error(err)
	}
	plain, err := o.Open(bytes.NewReader(sealed))
	if err != nil {
		t.Fatal(err)
	}
	var read [][]byte
	m, err := Read(plain, func(_ int, _ File, r io.Reader) error {
		b, err := io.ReadAll(r)
		read = append(read, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(read, bodies, bytes.Equal) || m.Files[1].Name != "业绩 (1).pdf" {
		t.Errorf("files did not come through: %v", m.Files)
	}
	// Go packs the very same manifest from the same input.
	var again bytes.Buffer
	same, err := Pack(&again, sampleForm(key.Recipient), sampleBid(), []Source{source1("方案.pdf", bodies[0]), source1("业绩 (1).pdf", bodies[1])}, []string{made[3].Recipient})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := asJSON(m).body, asJSON(same).body; !bytes.Equal(a, b) {
		t.Errorf("browser: %s\nGo: %s", a, b)
	}
	if again.Len() != len(sealed) && max(again.Len(), len(sealed))-min(again.Len(), len(sealed)) > 200 {
		t.Errorf("sealed sizes are %d and %d", again.Len(), len(sealed))
	}
	for name, file := range map[string][]byte{"browser": sealed, "Go": again.Bytes()} {
		args["sealed"] = b64(file)
		back := call[[]string](t, p, unlocked+`const b=await S.openBid(bytes(A.sealed),own);return Promise.all(b.files.map(f=>text(f.blob)))`, args)
		if len(back) != 2 || back[0] != b64(bodies[0]) || back[1] != b64(bodies[1]) {
			t.Errorf("the bidder's own copy of %s's bid does not open in the browser", name)
		}
	}
	const draft = unlocked + `const c=await S.sealTo(A.own,new TextEncoder().encode('草稿'));return await (await S.openSealed(c,own)).text()`
	if got := call[string](t, p, draft, args); got != "草稿" {
		t.Errorf("the draft came back as %q", got)
	}
}

func sumHex(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func reshares(t *testing.T, p page, key Key, made []locked, holders []Holder) {
	sealed := ages(t, key, "还是它")
	fresh := []Holder{holders[1], holders[3], holders[0]}
	whose := []locked{made[1], made[3], made[0]}
	var all []Contribution
	for _, i := range []int{2, 0} {
		args := map[string]any{"key": key, "file": made[i].File, "pass": passphrase, "n": i, "holders": fresh}
		c := call[Contribution](t, p, unlocked+`const s=await S.openShare(A.key,A.key.shares[A.n].file,own);return S.subshare(A.key,s.share,2,A.holders)`, args)
		if err := key.CheckContribution(c, 2, fresh); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	next, err := key.Next(all, 2, fresh)
	if err != nil {
		t.Fatal(err)
	}
	combine := unlocked + `const c=await S.combine(A.key,A.next,A.n,A.all,own);return {index:c.index,file:c.file,word_hash:c.word_hash}`
	for j, m := range whose {
		args := map[string]any{"key": key, "next": next, "all": all, "file": m.File, "pass": passphrase, "n": j + 1}
		s := call[SealedShare](t, p, combine, args)
		next.Shares[j].File, next.Shares[j].WordHash = s.File, s.WordHash
	}
	for j, m := range whose {
		own, err := identity.Open(m.File, passphrase)
		if err != nil {
			t.Fatal(err)
		}
		got, err := key.Combine(next, j+1, all, own)
		if err != nil {
			t.Fatal(err)
		}
		f, err := OpenShare(own, next.Shares[j].File)
		if err != nil {
			t.Fatal(err)
		}
		if f.Share != textOf(t, got) || HashWord(f.Word) != next.Shares[j].WordHash || f.Generation != 2 {
			t.Errorf("holder %d combined %+v in the browser, %s in Go", j+1, f, textOf(t, got))
		}
	}
	o := openerOf(t, next, whose)
	r, err := o.Open(bytes.NewReader(sealed))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(r); string(b) != "还是它" {
		t.Errorf("the new shares open %q", b)
	}
	lying := slices.Clone(all)
	lying[0].Files = slices.Clone(all[1].Files)
	args := map[string]any{"key": key, "next": next, "all": lying, "file": whose[0].File, "pass": passphrase, "n": 1}
	if says := call[string](t, p, unlocked+`return S.combine(A.key,A.next,A.n,A.all,own).then(()=>'',e=>e.message)`, args); !strings.Contains(says, "第 3 号原保管人") {
		t.Errorf("a false contribution says %q", says)
	}
}

// complaints runs testdata/complaints.json through both.
func complaints(t *testing.T, p page, key Key) {
	b, err := os.ReadFile("testdata/complaints.json")
	if err != nil {
		t.Fatal(err)
	}
	var bids []json.RawMessage
	if err := json.Unmarshal(b, &bids); err != nil {
		t.Fatal(err)
	}
	unlimited := sampleForm(key.Recipient)
	unlimited.Ceiling.Amount = nil
	for _, form := range []Form{sampleForm(key.Recipient), unlimited} {
		got := call[[][]fault.Field](t, p, `return A.bids.map(b=>S.checkBid(A.form,b))`, map[string]any{"form": form, "bids": bids})
		for i, raw := range bids {
			var m Manifest
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			want, err := fault.Complaints(CheckBid(form, m))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got[i], want) {
				t.Errorf("bid %d\nbrowser: %v\nGo: %v", i, got[i], want)
			}
		}
	}
}
