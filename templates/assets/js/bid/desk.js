import { identities, remember, unlock, makeKey } from './vault.js'
import { call } from './server.js'
import { checkPassphrase } from '../seal/index.js'
import { complain, clear } from './element.js'

// The desk is what every page of a bid shares: who is at it, with which keys,
// and the panels that make a key or open it before anything else can be done.

const panel = (name) => document.querySelector(`[data-desk="${name}"]`)

function show(name) {
  for (const p of document.querySelectorAll('[data-desk]')) p.hidden = p.dataset.desk !== name
}

// open gives the opened identities, asking for a passphrase where this tab has
// none yet. It stays on the page it was asked on.
export async function open(desk) {
  const have = desk.me && identities(desk.me)
  if (have) { show('open'); return have }
  return desk.me ? asked(desk) : made(desk)
}

// opened shows the page's own part and brings the reader there.
function opened() {
  show('open')
  document.getElementById('main').focus({ preventScroll: true })
  scrollTo(0, 0)
}

function working(form, on) {
  const b = form.querySelector('button')
  b.disabled = on
  form.querySelector('[data-desk-working]').hidden = !on
}

function asked(desk) {
  show('unlock')
  const form = panel('unlock').querySelector('form')
  const input = form.querySelector('input[type=password]')
  return new Promise((ok) => form.addEventListener('submit', async (e) => {
    e.preventDefault()
    clear(form)
    if (!input.value) { complain(form, '请输入口令', [{ field: 'desk_passphrase', message: '请输入您的密钥口令' }]); return }
    working(form, true)
    try {
      const list = await unlock(desk.files, input.value)
      input.value = ''
      remember(desk.me, list)
      opened()
      ok(list)
    } catch (err) {
      complain(form, '没有打开', [{ field: 'desk_passphrase', message: err.message }])
    } finally { working(form, false) }
  }))
}

function made(desk) {
  show('make')
  const form = panel('make').querySelector('form')
  const [first, second] = form.querySelectorAll('input[type=password]')
  return new Promise((ok) => form.addEventListener('submit', async (e) => {
    e.preventDefault()
    clear(form)
    const faults = []
    if (checkPassphrase(first.value)) faults.push({ field: 'desk_new', message: checkPassphrase(first.value) })
    else if (first.value !== second.value) faults.push({ field: 'desk_again', message: '两次输入的口令不一样，请重新输入' })
    if (faults.length) { complain(form, '密钥还没有生成', faults); return }
    working(form, true)
    try {
      const k = await makeKey(first.value)
      await call('POST', desk.key, new URLSearchParams({ recipient: k.recipient, file: k.file, next: location.pathname }))
      first.value = second.value = ''
      desk.me = k.recipient
      desk.recipients = [...desk.recipients, k.recipient]
      desk.files = [k.file]
      remember(desk.me, [k.identity])
      opened()
      ok([k.identity])
    } catch (err) {
      complain(form, err.message, [])
    } finally { working(form, false) }
  }))
}
