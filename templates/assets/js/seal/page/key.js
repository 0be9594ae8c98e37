// The page of one's own key. Only what the passphrase locks is sent.
import { Fault } from '../fault.js'
import { checkPassphrase, lockIdentity, makeIdentity, openIdentity } from '../identity.js'
import { secret, work } from './form.js'

// strength says how hard a passphrase is to guess, roughly: by its length and
// by how much of it repeats.
export function strength(text) {
  const complaint = checkPassphrase(text)
  if (complaint) return complaint
  const all = [...text], kinds = new Set(all).size
  if (kinds < 6 || /^\d+$/.test(text)) return '偏弱：重复或全是数字，容易被猜到，请加上几个不相关的词'
  return all.length + kinds < 30 ? '可以；再长一些更好' : '很好'
}

function meter(form) {
  for (const p of form.querySelectorAll('[data-strength]')) {
    const input = form.querySelector(`[data-secret="${p.dataset.strength}"]`)
    input.addEventListener('input', () => { p.textContent = input.value ? '强度：' + strength(input.value) : '' })
  }
}

function fresh(form) {
  const text = secret(form, 'pass')
  const complaint = checkPassphrase(text)
  if (complaint) throw new Fault(complaint, 'pass')
  if (text !== secret(form, 'again')) throw new Fault('两次输入的口令不一样，请再输入一次', 'again')
  return text
}

export function make(form) {
  meter(form)
  work(form, () => makeIdentity(fresh(form)))
}

export function change(form) {
  meter(form)
  work(form, async () => {
    const text = fresh(form)
    const own = await openIdentity(form.dataset.file, secret(form, 'old')).catch((e) => { throw new Fault(e.message, 'old') })
    return lockIdentity(own, text)
  })
}

export function attempt(form) {
  const said = form.querySelector('[data-said]')
  work(form, async () => {
    said.textContent = ''
    await openIdentity(form.dataset.file, secret(form, 'pass'))
    said.textContent = '能打开：口令正确。'
  })
}
