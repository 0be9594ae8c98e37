package templatetest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Browser is one headless Chromium for the length of a test.
type Browser struct {
	// Context is for chromedp.Run and chromedp.Do: journeys drive it.
	Context context.Context
	axe     string
	judged  map[string]bool // shapes of page that axe has passed
}

// Open starts Chromium for a test that takes at most limit. axe-core is read
// from node_modules, so npm ci must have run.
func Open(t testing.TB, limit time.Duration) *Browser {
	t.Helper()
	mod, err := exec.CommandContext(t.Context(), "go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	axe, err := os.ReadFile(filepath.Join(filepath.Dir(strings.TrimSpace(string(mod))), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatalf("run npm ci first: %v", err)
	}
	ctx, stop := context.WithTimeout(context.Background(), limit)
	alloc, stopAlloc := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute), chromedp.UserDataDir(t.TempDir()))...)
	tab, stopTab := chromedp.NewContext(alloc)
	t.Cleanup(func() { stopTab(); stopAlloc(); stop() })
	if err := chromedp.Do(tab, beforePage(watch)); err != nil {
		t.Fatalf("chromium: %v", err)
	}
	return &Browser{Context: tab, axe: string(axe), judged: map[string]bool{}}
}

// watch notes what the policy refused and what failed. It runs before any of
// the page's own scripts.
const watch = `window.__seen=[];
document.addEventListener('securitypolicyviolation',e=>__seen.push('policy: '+e.violatedDirective+' '+e.blockedURI+' '+e.sourceFile+':'+e.lineNumber));
addEventListener('error',e=>__seen.push('error: '+(e.message||e.target.src||e.target.href)),true);
addEventListener('unhandledrejection',e=>__seen.push('rejection: '+e.reason));`

func beforePage(js string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: js})
		return chromedp.Void{}, err
	}
}

// Visit opens an address at a window width in pixels.
func (b *Browser) Visit(t testing.TB, url string, width int64) {
	t.Helper()
	// A page that asks whether to leave it would otherwise be waited for until
	// the whole test ends.
	ctx, cancel := context.WithTimeout(b.Context, 2*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("main"))); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

type violation struct {
	ID, Help string
	Nodes    []string
}

const (
	chartsDrawn = `document.querySelectorAll('[data-chart]').length === document.querySelectorAll('[data-chart] canvas').length`
	tooWide     = `(()=>{const w=document.documentElement.clientWidth;if(document.documentElement.scrollWidth<=w)return[];
return ['page is '+document.documentElement.scrollWidth,...[...document.querySelectorAll('body *')].filter(e=>e.getBoundingClientRect().right>w+1&&!e.closest('.table-scroll,.main-nav ul')).slice(0,8).map(e=>e.tagName+'.'+e.className)]})()`
	runAxe = `axe.run().then(r=>r.violations.map(v=>({ID:v.id,Help:v.help,Nodes:v.nodes.slice(0,5).map(n=>n.html.slice(0,200)+' | '+n.failureSummary)})))`
)

// shape is what axe's verdict hangs on: which kinds of element, with which
// attributes, the page has at this width. A list of ten rows and the same list
// with eleven have one shape, and axe, by far the slowest judge, sees it once.
const shape = `innerWidth+location.pathname.replace(/[0-9A-Z]{26}/g,'*')+[...new Set([...document.querySelectorAll('*')].map(e=>e.tagName+'.'+e.getAttribute('class')+'/'+[...e.attributes].map(a=>a.name)+'/'+(e.getAttribute('name')||'').replace(/[0-9A-Z]{26}/g,'*')))].sort()`

// Inspect judges the page that is open: no axe-core violation, nothing
// refused by the Content-Security-Policy, no script error, every chart drawn,
// nothing wider than the window. With GONGJI_SHOTS naming a folder, a picture
// of the whole page is left there as shot.png.
func (b *Browser) Inspect(t testing.TB, shot string) {
	t.Helper()
	if _, err := chromedp.Run(b.Context, chromedp.Poll[bool](chartsDrawn, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		t.Errorf("a chart was not drawn: %v", err)
	}
	if dir := os.Getenv("GONGJI_SHOTS"); dir != "" {
		if err := b.shoot(filepath.Join(dir, shot+".png")); err != nil {
			t.Error(err)
		}
	}
	if wide := eval[[]string](t, b, tooWide); len(wide) > 0 {
		t.Errorf("wider than the window: %v", wide)
	}
	b.accessible(t)
	if seen := eval[[]string](t, b, "window.__seen"); len(seen) > 0 {
		t.Errorf("refused or failed:\n%s", strings.Join(seen, "\n"))
	}
}

func (b *Browser) accessible(t testing.TB) {
	t.Helper()
	kind := eval[string](t, b, shape)
	if b.judged[kind] {
		return
	}
	eval[int](t, b, b.axe+";0")
	found, err := chromedp.Run(b.Context, chromedp.Evaluate[[]violation](runAxe, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Error(err)
	}
	for _, v := range found {
		t.Errorf("axe %s: %s\n  %s", v.ID, v.Help, strings.Join(v.Nodes, "\n  "))
	}
	b.judged[kind] = err == nil && len(found) == 0
}

func (b *Browser) shoot(file string) error {
	png, err := chromedp.Run(b.Context, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	return os.WriteFile(file, png, 0o644)
}

// eval runs an expression in the page and decodes what it gives.
func eval[T any](t testing.TB, b *Browser, js string) T {
	t.Helper()
	raw, err := chromedp.Run(b.Context, chromedp.Evaluate[[]byte](js))
	var v T
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil {
		t.Error(fmt.Errorf("%.60s: %w", js, err))
	}
	return v
}
