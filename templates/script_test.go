package templates_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"gongji/templates"
	"gongji/templates/templatetest"
)

// answers plays the server's side of drafts, uploads and forms, and keeps
// what came.
type answers struct {
	mu     sync.Mutex
	drafts []http.Header
	titles []string
	forms  []string
	files  map[string]int64
	slow   chan struct{} // a file called slow… waits for it
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch r.URL.Path {
	case "/none/draft":
		a.drafts = append(a.drafts, r.Header)
		a.titles = append(a.titles, r.PostFormValue("title"))
		if len(a.drafts) == 1 { // the first save fails: it must be tried again
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case "/none/files":
		a.mu.Unlock() // a slow file must not hold up the others
		a.file(w, r)
		a.mu.Lock()
	default:
		a.forms = append(a.forms, r.PostFormValue("csrf")+" "+r.PostFormValue("title"))
		w.WriteHeader(http.StatusNoContent)
	}
}

func (a *answers) file(w http.ResponseWriter, r *http.Request) {
	parts, err := r.MultipartReader()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	first, err := parts.NextPart()
	if err != nil || first.FormName() != "csrf" { // edge wants the token before the bytes
		http.Error(w, "csrf first", http.StatusForbidden)
		return
	}
	file, err := parts.NextPart()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n, err := io.Copy(io.Discard, file)
	if err != nil {
		return
	}
	if strings.HasPrefix(file.FileName(), "bad") {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"title":"无效","detail":"这不是 PDF 文件"}`)
		return
	}
	if strings.HasPrefix(file.FileName(), "slow") {
		<-a.slow
	}
	a.mu.Lock()
	a.files[file.FileName()] = n
	a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"id": "file-9", "name": file.FileName(), "size": n})
}

func has(js string) chromedp.Action[bool] {
	return chromedp.Poll[bool](js, chromedp.WithPollingTimeout(30*time.Second))
}

func must[T any](t *testing.T, b *templatetest.Browser, what string, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(b.Context, a)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return v
}

// TestScripts uses what scripts add to a form, as a person would.
func TestScripts(t *testing.T) {
	page := templatetest.NewStylePage(now)
	page.Fault = nil
	pages := map[string]templates.Framed{"style": page}
	inner := serve(t, pages)
	got := &answers{files: map[string]int64{}, slow: make(chan struct{})}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			got.ServeHTTP(w, r)
			return
		}
		inner.Config.Handler.ServeHTTP(w, r)
	}))
	defer srv.Close()
	release := sync.OnceFunc(func() { close(got.slow) })
	defer release() // before the server closes, however the test ends
	dir := t.TempDir()
	good, bad, empty, slow := filepath.Join(dir, "投标文件.pdf"), filepath.Join(dir, "bad.pdf"), filepath.Join(dir, "empty.pdf"), filepath.Join(dir, "slow.pdf")
	for f, n := range map[string]int{good: 300_000, bad: 10, empty: 0, slow: 10} {
		if err := os.WriteFile(f, make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	b := templatetest.Open(t, 20*time.Minute)
	b.Visit(t, srv.URL+"/style", 1280)

	t.Run("an amount is said again in 万元", func(t *testing.T) {
		must(t, b, "empty", chromedp.Clear(chromedp.ID("f-budget")))
		must(t, b, "type", chromedp.SendKeys(chromedp.ID("f-budget"), "28240000.5"))
		must(t, b, "echo", has(`document.querySelector('.money-echo').textContent === '28,240,000.5 元，即 2,824.00005 万元'`))
	})
	t.Run("a draft saves itself, again after a failure", func(t *testing.T) {
		must(t, b, "type", chromedp.SendKeys(chromedp.ID("f-title"), "甲"))
		must(t, b, "saved", has(`/草稿已保存/.test(document.querySelector('[data-autosave-state]').textContent)`))
		got.mu.Lock()
		defer got.mu.Unlock()
		if len(got.drafts) < 2 || got.drafts[0].Get("X-Autosave") != "1" || !strings.Contains(got.titles[len(got.titles)-1], "甲") {
			t.Errorf("%d drafts, the last with title %q", len(got.drafts), got.titles)
		}
	})
	t.Run("files go one by one and failures say why", func(t *testing.T) {
		must(t, b, "choose", chromedp.SetUploadFiles(chromedp.ID("f-files"), []string{good, bad, empty}))
		must(t, b, "sent", has(`document.querySelector('input[type=hidden][name=files_id]')?.value === 'file-9'`))
		must(t, b, "refused", has(`/这不是 PDF 文件/.test(document.querySelector('[data-upload-list]').textContent)`))
		must(t, b, "empty", has(`/文件是空的/.test(document.querySelector('[data-upload-list]').textContent)`))
		must(t, b, "not sent twice", has(`document.getElementById('f-files').files.length === 0`))
		got.mu.Lock()
		defer got.mu.Unlock()
		if len(got.files) != 1 || got.files["投标文件.pdf"] != 300_000 {
			t.Errorf("arrived: %v", got.files)
		}
		b.Inspect(t, "upload-1280")
	})
	t.Run("a question comes before a deletion", func(t *testing.T) {
		remove := chromedp.CSS("button[data-confirm]")
		must(t, b, "click", chromedp.Click(remove))
		must(t, b, "asked", has(`document.querySelector('dialog').open`))
		b.Inspect(t, "ask-1280")
		must(t, b, "think again", chromedp.Click(chromedp.CSS("dialog .btn-quiet")))
		must(t, b, "closed", has(`!document.querySelector('dialog')`))
		if n := got.sent(); n != 0 {
			t.Fatalf("%d forms sent without consent", n)
		}
		must(t, b, "click", chromedp.Click(remove))
		must(t, b, "agree", chromedp.Click(chromedp.CSS("dialog .btn-danger")))
		must(t, b, "closed", has(`!document.querySelector('dialog')`))
		got.wait(t, 1)
	})
	t.Run("a double click sends once", func(t *testing.T) {
		must(t, b, "twice", chromedp.Evaluate[bool](`(()=>{const f=document.querySelector('form[data-once]:not([data-confirm])');f.requestSubmit();return true})()`))
		must(t, b, "locked", has(`document.querySelector('form[data-once]:not([data-confirm])').dataset.sent === '1'`))
		must(t, b, "again", chromedp.Evaluate[bool](`(()=>{document.querySelector('form[data-once]:not([data-confirm])').requestSubmit();return true})()`))
		got.wait(t, 2)
	})
	t.Run("a form pressed while a file is on its way waits for it", func(t *testing.T) {
		must(t, b, "choose", chromedp.SetUploadFiles(chromedp.ID("f-files"), []string{slow}))
		must(t, b, "on its way", has(`/slow/.test(document.querySelector('[data-upload-list]').textContent)`))
		must(t, b, "press", chromedp.Evaluate[bool](`(()=>{const f=document.getElementById('f-files').form;delete f.dataset.sent;f.requestSubmit();return true})()`))
		must(t, b, "waits", has(`document.getElementById('f-files').form.dataset.waits === 'yes' && /传完后自动继续/.test(document.querySelector('[data-upload-list]').textContent)`))
		if n := got.sent(); n != 2 {
			t.Fatalf("%d forms sent before the file arrived", n)
		}
		release()
		got.wait(t, 3)
	})
	t.Run("a chart says its figures without inline style", func(t *testing.T) {
		must(t, b, "scroll", chromedp.ScrollIntoView(chromedp.CSS("[data-chart]")))
		at := must(t, b, "place", chromedp.Evaluate[[]float64](`(()=>{const r=document.querySelector('[data-chart]').getBoundingClientRect();return [r.left+r.width/2,r.top+r.height/2]})()`))
		must(t, b, "hover", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
		must(t, b, "hover", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0]+3, at[1]+3))
		b.Inspect(t, "tooltip-1280")
	})
	t.Run("the menu opens and closes by keyboard", func(t *testing.T) {
		must(t, b, "open", chromedp.Evaluate[bool](`(()=>{const s=document.querySelector('.menu summary');s.focus();s.click();return s.parentNode.open})()`))
		b.Inspect(t, "menu-1280")
		must(t, b, "escape", chromedp.KeyEvent("\u001b"))
		must(t, b, "closed", has(`!document.querySelector('.menu').open && document.activeElement.tagName === 'SUMMARY'`))
	})
}

func (a *answers) sent() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.forms)
}

// wait gives the forms time to arrive and then wants exactly n.
func (a *answers) wait(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); a.sent() < n && time.Now().Before(deadline); {
		<-time.After(20 * time.Millisecond)
	}
	if got := a.sent(); got != n {
		t.Fatalf("%d forms sent, want %d", got, n)
	}
}
