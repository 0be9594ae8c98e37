package walk

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// Attach chooses a file in the first file input with the name.
func (w *Walker) Attach(input, file string) *Walker {
	w.t.Helper()
	abs, err := filepath.Abs(file)
	if err != nil {
		w.t.Fatal(err)
	}
	// A person cannot choose before the page lets them; a script's hand can.
	ready := `(() => { const i = document.querySelector('main input[type=file][name="` + input + `"]'); return !!i && !i.matches(':disabled') && !i.closest('[hidden]') })()`
	if ok, err := chromedp.Run(w.b.Context, chromedp.Poll[bool](ready, chromedp.WithPollingTimeout(20*time.Second))); err != nil || !ok {
		w.stuck("不能选择文件 %s：%v", input, err)
	}
	if err := chromedp.Do(w.b.Context, chromedp.SetUploadFiles(chromedp.CSS(`main input[type=file][name="`+input+`"]`), []string{abs})); err != nil {
		w.stuck("选择文件 %s: %v", input, err)
	}
	// Scripts that send a file at once take it out of the input first.
	taken := `(() => { const i = document.querySelector('main input[type=file][name="` + input + `"]'); return !i?.closest('[data-upload]') || i.value === '' })()`
	if ok, err := chromedp.Run(w.b.Context, chromedp.Poll[bool](taken, chromedp.WithPollingTimeout(20*time.Second))); err != nil || !ok {
		w.stuck("文件 %s 没有被接收：%v", input, err)
	}
	return w
}

// Download fetches what the link with the words leads to, with the session of
// the window.
func (w *Walker) Download(words string) []byte {
	w.t.Helper()
	href := w.run(`const want = clean(` + quote(words) + `);
const a = [...document.querySelectorAll('main a[href]')].find(a => shown(a) && clean(a.textContent).includes(want)); return a ? a.href : ''`)
	if href == "" {
		w.stuck("没有“%s”的链接", words)
	}
	got, err := chromedp.Run(w.b.Context, chromedp.Evaluate[string](`fetch(`+quote(href)+`).then(r => { if (!r.ok) throw new Error(r.status); return r.blob() })
.then(b => new Promise((ok, bad) => { const f = new FileReader(); f.onload = () => ok(f.result.split(',')[1]); f.onerror = bad; f.readAsDataURL(b) }))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		w.stuck("下载“%s”：%v", words, err)
	}
	content, err := base64.StdEncoding.DecodeString(got)
	if err != nil {
		w.t.Fatal(err)
	}
	return content
}

// PDF downloads what the link with the words leads to and reads its text with
// pdftotext, white space left out.
func (w *Walker) PDF(words string) string {
	w.t.Helper()
	content := w.Download(words)
	if dir := os.Getenv("GONGJI_SHOTS"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, w.t.Name()+"_"+words+".pdf"), content, 0o600)
	}
	cmd := exec.CommandContext(w.t.Context(), "pdftotext", "-", "-")
	cmd.Stdin = strings.NewReader(string(content))
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("“%s” is no PDF: %v", words, err)
	}
	return strings.Join(strings.Fields(string(out)), "")
}
