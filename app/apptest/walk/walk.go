// Package walk is a person at a browser: it finds fields by their labels and
// buttons by their words, as people do, and judges every page it comes to.
package walk

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"gongji/app/apptest"
	"gongji/templates/templatetest"
)

// Walker is one person's browser window.
type Walker struct {
	t     testing.TB
	env   *apptest.Env
	b     *templatetest.Browser
	width int64
	who   string
	steps int
}

// New opens a window of a width in pixels. Who names the pictures.
func New(t testing.TB, e *apptest.Env, who string, width int64) *Walker {
	t.Helper()
	return &Walker{t: t, env: e, b: templatetest.Open(t, 20*time.Minute), width: width, who: who}
}

// Go opens an address of the product and judges the page.
func (w *Walker) Go(path string) *Walker {
	w.t.Helper()
	w.b.Visit(w.t, w.env.URL+path, w.width)
	w.judge()
	return w
}

func (w *Walker) judge() {
	w.t.Helper()
	w.steps++
	w.b.Inspect(w.t, fmt.Sprintf("%s_%03d_%d", strings.ReplaceAll(w.who, " ", "_"), w.steps, w.width))
	if w.t.Failed() {
		w.t.Fatalf("at %s", w.Path())
	}
}

// find is script that looks a field up by the words of its label, those only
// screen readers hear included, or, in a group, by those of its legend and then
// of the choice.
const find = `
const clean = s => (s||'').replace(/\s+/g,'');
const shown = e => !!(e && (e.offsetParent || e.getClientRects().length));
const fieldOf = label => {
  const all = [...document.querySelectorAll('main label')].filter(l => shown(l));
  const l = all.find(l => clean(l.childNodes[0]?.textContent) === clean(label) || clean(l.textContent) === clean(label)) || all.find(l => clean(l.textContent).startsWith(clean(label)));
  if (!l) return [...document.querySelectorAll('main [aria-label]:is(input,select,textarea)')].find(e => shown(e) && clean(e.getAttribute('aria-label')).startsWith(clean(label)));
  return (l.htmlFor ? document.getElementById(l.htmlFor) : l.querySelector('input,select,textarea'));
};
const legendOf = label => [...document.querySelectorAll('main fieldset')].find(f => clean(f.querySelector('legend')?.textContent).startsWith(clean(label)));
`

// run evaluates a function body that returns a string.
func (w *Walker) run(body string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.b.Context, patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte]("(()=>{"+find+body+"})()"))
	var out string
	if err == nil && len(raw) > 0 {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		w.t.Fatalf("%s at %s: %v", w.who, w.Path(), err)
	}
	return out
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// Fill types a value into the field with a label.
func (w *Walker) Fill(label, value string) *Walker {
	w.t.Helper()
	w.wait("没有标签为“"+label+"”的输入框", `const f = fieldOf(`+quote(label)+`); if(!f || f.matches(':disabled')) return 'none'; f.focus(); f.value = `+quote(value)+`;
f.dispatchEvent(new Event('input',{bubbles:true})); f.dispatchEvent(new Event('change',{bubbles:true})); return 'ok'`)
	return w
}

// Name types a value into the field with a name; for rows of a table, where
// every row has the same label.
func (w *Walker) Name(name, value string) *Walker {
	w.t.Helper()
	if w.run(`const f = document.querySelector('main [name='+CSS.escape(`+quote(name)+`)+']'); if(!f) return 'none'; f.focus(); f.value = `+quote(value)+`;
f.dispatchEvent(new Event('input',{bubbles:true})); f.dispatchEvent(new Event('change',{bubbles:true})); return 'ok'`) != "ok" {
		w.stuck("没有名为 %s 的输入框", name)
	}
	return w
}

// Pick chooses an option: of a select with the label, or a radio or checkbox
// of the group with the legend; option is the words beside it.
func (w *Walker) Pick(label, option string) *Walker {
	w.t.Helper()
	if w.run(`const want = clean(`+quote(option)+`); const f = fieldOf(`+quote(label)+`);
if (f && f.tagName === 'SELECT') { const o = [...f.options].find(o => clean(o.textContent).startsWith(want)); if (!o) return 'none';
  f.value = o.value; f.dispatchEvent(new Event('change',{bubbles:true})); return 'ok'; }
const g = legendOf(`+quote(label)+`); if (!g) return 'none';
const l = [...g.querySelectorAll('label')].find(l => clean(l.textContent).startsWith(want)); if (!l) return 'none';
l.click(); return 'ok'`) != "ok" {
		w.stuck("“%s”里没有“%s”", label, option)
	}
	return w
}

// Tick ticks the checkbox whose label starts with the words.
func (w *Walker) Tick(label string) *Walker {
	w.t.Helper()
	if w.run(`const f = fieldOf(`+quote(label)+`); if(!f || f.type !== 'checkbox') return 'none'; if(!f.checked) f.click(); return 'ok'`) != "ok" {
		w.stuck("没有勾选框“%s”", label)
	}
	return w
}

// Press clicks the button, link or summary with the words and judges the page
// it leads to. Questions that scripts ask first are answered yes.
func (w *Walker) Press(words string) *Walker {
	w.t.Helper()
	w.wait("没有“"+words+"”可按", `const want = clean(`+quote(words)+`);
const all = [...document.querySelectorAll('main button, main a, main summary, main input[type=submit]')].filter(e => shown(e) && !e.disabled);
window.__target = all.find(e => clean(e.textContent || e.value) === want) || all.find(e => clean(e.textContent || e.value).startsWith(want));
return window.__target ? 'ok' : 'none'`)
	// A form that asks first opens a dialog; its last button is the yes.
	w.leave(`window.__target.click(); document.querySelector('dialog.ask[open] .ask-go button:last-child')?.click()`)
	w.judge()
	return w
}

// Click presses like Press, also by the name a screen reader says, where the
// same page goes on: nothing is waited for
// but what the next step wants to see.
func (w *Walker) Click(words string) *Walker {
	w.t.Helper()
	w.wait("没有“"+words+"”可按", `const want = clean(`+quote(words)+`);
const all = [...document.querySelectorAll('main button, main a, main summary')].filter(e => shown(e) && !e.disabled);
const e = all.find(e => clean(e.getAttribute('aria-label')) === want) || all.find(e => clean(e.textContent) === want) || all.find(e => clean(e.textContent).startsWith(want)); if (!e) return 'none';
e.click(); return 'ok'`)
	return w
}

// Gone waits until the page does not show the words any more.
func (w *Walker) Gone(words string) *Walker {
	w.t.Helper()
	w.wait("仍然显示“"+words+"”", `return clean(document.querySelector('main').innerText).includes(clean(`+quote(words)+`)) ? 'none' : 'ok'`)
	return w
}

// Eval runs script in the page, for what a person does to the browser itself.
func (w *Walker) Eval(script string) *Walker {
	w.t.Helper()
	w.run(script + `; return ''`)
	return w
}

// wait runs script until it returns ok.
func (w *Walker) wait(or, script string) {
	w.t.Helper()
	js := "(()=>{" + find + script + "})() === 'ok'"
	if !w.comes(js) {
		w.stuck("%s", or)
	}
}

// comes waits until script is true; a page that goes away meanwhile is waited
// for as well.
func (w *Walker) comes(js string) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		// The poll's own limit is kept by the page; one that goes away keeps none.
		ctx, cancel := context.WithTimeout(w.b.Context, 5*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Poll[bool](js, chromedp.WithPollingTimeout(2*time.Second)))
		cancel()
		if err == nil && ok {
			return true
		}
	}
	return false
}

// leave runs script that should bring another page and waits until it is
// there.
func (w *Walker) leave(script string) {
	w.t.Helper()
	w.run(`document.documentElement.dataset.left = 'yes'; setTimeout(() => {` + script + `}, 0); return ''`)
	w.arrive()
}

// arrive waits for the page that follows one marked as left.
func (w *Walker) arrive() {
	w.t.Helper()
	if w.comes(`document.documentElement.dataset.left !== 'yes' && document.readyState === 'complete'`) {
		return
	}
	w.stuck("没有到达下一页")
}

// Value is what the field with a label holds.
func (w *Walker) Value(label string) string {
	w.t.Helper()
	return w.run(`const f = fieldOf(` + quote(label) + `); return f ? f.value : 'no field'`)
}

// patience is how long a page may take to show something. A busy machine with
// two cores needs it; a page that is right does not.
const patience = 60 * time.Second

// See fails unless the page shows the words before patience ends.
func (w *Walker) See(words string) *Walker {
	w.t.Helper()
	js := `document.body.innerText.replace(/\s+/g,'').includes(` + quote(strings.Join(strings.Fields(words), "")) + `)`
	if !w.comes(js) {
		w.stuck("没有看到“%s”", words)
	}
	return w
}

// Text is the visible text of the page.
func (w *Walker) Text() string {
	w.t.Helper()
	return w.run(`return document.querySelector('main').innerText`)
}

// Path is the address of the page, without the host.
func (w *Walker) Path() string {
	// A page that asks whether to leave answers nothing until it is answered.
	ctx, cancel := context.WithTimeout(w.b.Context, 10*time.Second)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "?"
	}
	return strings.TrimPrefix(at, w.env.URL)
}

// stuck ends the test with a picture of the page, where pictures are kept.
func (w *Walker) stuck(format string, args ...any) {
	w.t.Helper()
	if dir := os.Getenv("GONGJI_SHOTS"); dir != "" {
		ctx, cancel := context.WithTimeout(w.b.Context, 10*time.Second)
		defer cancel()
		if png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)); err == nil {
			_ = os.WriteFile(filepath.Join(dir, "stuck_"+w.who+".png"), png, 0o600)
		}
	}
	w.t.Fatalf("%s 在 %s：%s\n%s", w.who, w.Path(), fmt.Sprintf(format, args...), w.Text())
}

// Choose is Name for a select or a group of radios: the option with the value.
func (w *Walker) Choose(name, value string) *Walker {
	w.t.Helper()
	if w.run(`const all = [...document.querySelectorAll('main [name='+CSS.escape(`+quote(name)+`)+']')];
const r = all.find(e => e.type === 'radio' && e.value === `+quote(value)+`); if (r) { r.click(); return 'ok' }
const s = all.find(e => e.tagName === 'SELECT'); if (!s) return 'none'; s.value = `+quote(value)+`;
s.dispatchEvent(new Event('change',{bubbles:true})); return s.value === `+quote(value)+` ? 'ok' : 'none'`) != "ok" {
		w.stuck("%s 没有选项 %s", name, value)
	}
	return w
}
