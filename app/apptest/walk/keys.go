package walk

import (
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TabTo presses Tab until what has the focus is called by the words, as a
// screen reader would call it; the focus must be visible all the way.
func (w *Walker) TabTo(words string) *Walker {
	w.t.Helper()
	for range 80 {
		w.keys(kb.Tab)
		switch got := w.run(`const e = document.activeElement; const s = getComputedStyle(e);
if (e !== document.body && s.outlineStyle === 'none' && s.boxShadow === 'none') return 'unseen: ' + e.outerHTML.slice(0, 200);
const called = [e.getAttribute('aria-label'), ...[...(e.labels||[])].map(l => l.textContent), e.textContent].filter(Boolean);
return called.some(c => clean(c).startsWith(clean(` + quote(words) + `))) ? 'there' : 'on'`); got {
		case "there":
			return w
		case "on":
		default:
			w.stuck("焦点不可见：%s", got)
		}
	}
	w.stuck("按 80 次 Tab 没有到“%s”", words)
	return w
}

// Type types on the keyboard, wherever the focus is.
func (w *Walker) Type(text string) *Walker {
	w.t.Helper()
	w.keys(text)
	return w
}

// Enter presses the key and judges the page it leads to.
func (w *Walker) Enter() *Walker {
	w.t.Helper()
	w.run(`document.documentElement.dataset.left = 'yes'; return ''`)
	w.keys(kb.Enter)
	w.arrive()
	w.judge()
	return w
}

// Return presses Enter where the same page goes on.
func (w *Walker) Return() *Walker {
	w.t.Helper()
	w.keys(kb.Enter)
	return w
}

func (w *Walker) keys(s string) {
	w.t.Helper()
	if err := chromedp.Do(w.b.Context, chromedp.KeyEvent(s)); err != nil {
		w.t.Fatal(err)
	}
}
