import htmx from 'htmx.org'
import { autosave } from './autosave.js'
import { upload } from './upload.js'
import { ask } from './ask.js'
import { money, count, showWhen } from './field.js'
import { countdown, lastHour } from './countdown.js'
import { score } from './score.js'
import { digest } from './digest.js'
import { live } from './live.js'
import { all } from './all.js'
import { find } from './find.js'
import { unsaved } from './unsaved.js'

// The Content-Security-Policy refuses eval and style elements.
htmx.config.allowEval = false
htmx.config.includeIndicatorStyles = false
htmx.config.selfRequestsOnly = true
htmx.config.historyCacheSize = 0

document.addEventListener('htmx:configRequest', (e) => {
  const token = document.querySelector('input[name=csrf]')
  if (token && e.detail.verb !== 'get') e.detail.headers['X-CSRF-Token'] = token.value
})

function copy(button) {
  if (!navigator.clipboard) return
  button.hidden = false
  const words = button.lastChild
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy)
    words.textContent = '已复制'
    setTimeout(() => { words.textContent = '复制' }, 2000)
  })
}

// once keeps a second click from sending a form twice. It waits for every
// other listener, so a form that asks first is not locked by the question.
function once(form) {
  form.addEventListener('submit', (e) => {
    if (form.dataset.sent) { e.preventDefault(); return }
    setTimeout(() => { if (!e.defaultPrevented) form.dataset.sent = '1' })
  })
  window.addEventListener('pageshow', () => { delete form.dataset.sent })
}

// A menu closes on Escape and when attention goes elsewhere.
function menu(details) {
  document.addEventListener('click', (e) => { if (!details.contains(e.target)) details.open = false })
  details.addEventListener('focusout', (e) => { if (e.relatedTarget && !details.contains(e.relatedTarget)) details.open = false })
  details.addEventListener('keydown', (e) => {
    if (e.key !== 'Escape' || !details.open) return
    details.open = false
    details.querySelector('summary').focus()
  })
}

// The current entry is brought into view inside its own row only.
function nav(list) {
  const here = list.querySelector('[aria-current]')
  if (here) list.scrollLeft = here.offsetLeft - list.offsetLeft - 16
}

const parts = [
  ['[data-autosave]', autosave], ['[data-upload]', upload], ['[data-confirm]', ask],
  ['[data-score]', score], ['[data-once]', once], ['[data-money]', money], ['[data-count]', count],
  ['[data-show-when]', showWhen], ['[data-deadline]', countdown], ['[data-last-hour]', lastHour], ['[data-copy]', copy], ['[data-digest]', digest], ['[data-live]', live], ['[data-all]', all], ['[data-find]', find], ['[data-unsaved]', unsaved],
  ['form[action="/account/logout"]', leave], ['details.menu', menu], ['.main-nav ul', nav],
]
const seen = new WeakMap()

function wake(root) {
  for (const [selector, start] of parts) {
    const found = [...root.querySelectorAll(selector)]
    if (root.matches?.(selector)) found.push(root)
    for (const el of found) {
      const done = seen.get(el) ?? new Set()
      if (done.has(selector)) continue
      seen.set(el, done.add(selector))
      start(el)
    }
  }
}

// An opened key goes with its person: at sign-out, in every tab, and where
// nobody is signed in any more.
const forget = () => { try { sessionStorage.removeItem('gongji-identity') } catch { /* nothing is kept */ } }
function leave(form) {
  form.addEventListener('submit', () => {
    forget()
    try { localStorage.setItem('gongji-left', String(Date.now())) } catch { /* the other tabs end with the session */ }
  })
}
addEventListener('storage', (e) => { if (e.key === 'gongji-left') forget() })

wake(document)
if (!document.querySelector('form[action="/account/logout"]')) forget()
document.querySelector('[data-focus]')?.focus()
document.addEventListener('htmx:load', (e) => wake(e.detail.elt))
document.addEventListener('live:part', (e) => wake(e.detail))
