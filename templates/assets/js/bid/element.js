export function size(n) {
  if (n < 1024) return `${n} 字节`
  const units = ['KB', 'MB', 'GB']
  let i = -1
  do { n /= 1024; i++ } while (n >= 1024 && i < units.length - 1)
  return `${n.toFixed(1).replace(/\.0$/, '')} ${units[i]}`
}

export function el(tag, props = {}, ...children) {
  const e = document.createElement(tag)
  for (const [k, v] of Object.entries(props)) {
    if (v === undefined) continue
    if (k.includes('-') || k === 'role' || k === 'for') e.setAttribute(k, v)
    else e[k] = v
  }
  e.append(...children)
  return e
}

// icon copies one that the page carries; the sprite's address is the server's.
export function icon(name) {
  const use = document.querySelector('svg.icon use')?.getAttribute('href').split('#')[0]
  if (!use) return ''
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const u = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  u.setAttribute('href', `${use}#${name}`)
  svg.append(u)
  return svg
}

export const badge = (tone, text) => el('span', { className: `status status-${tone}`, textContent: text })

export function notice(tone, text, ...more) {
  const names = { ok: 'circle-check', danger: 'alert-triangle', warn: 'alert-triangle', info: 'info-circle' }
  return el('div', { className: `notice notice-${tone}`, role: tone === 'danger' ? 'alert' : 'status' }, icon(names[tone]), el('div', {}, el('p', { className: 'prose', textContent: text }), ...more))
}

// complain shows what is wrong above the form and at each field, and takes the
// reader to the summary.
export function complain(place, title, faults) {
  clear(place)
  if (!faults.length && !title) return
  const list = el('ul')
  for (const f of faults) {
    list.append(el('li', {}, f.href || f.field ? el('a', { href: f.href ?? '#f-' + f.field, textContent: f.message }) : f.message))
    const input = f.field && document.getElementById('f-' + f.field)
    if (input && place.contains(input)) mark(input, f)
  }
  const box = el('div', { className: 'error-summary', role: 'alert', tabIndex: -1, 'aria-labelledby': 'error-summary-title' }, el('h2', { id: 'error-summary-title', textContent: title }))
  if (faults.length) box.append(list)
  place.before(box)
  box.focus()
  box.scrollIntoView({ block: 'start' })
}

function mark(input, f) {
  const field = input.closest('.field')
  field.classList.add('field-bad')
  input.setAttribute('aria-invalid', 'true')
  const id = `f-${f.field}-error`
  input.dataset.described = input.getAttribute('aria-describedby') ?? ''
  input.setAttribute('aria-describedby', `${id} ${input.dataset.described}`.trim())
  const words = el('span', {}, el('span', { className: 'visually-hidden', textContent: '错误：' }), f.message)
  field.querySelector('.control, textarea').before(el('p', { className: 'field-error', id }, icon('alert-circle'), words))
}

export function clear(place) {
  document.querySelectorAll('.error-summary').forEach((e) => e.remove())
  for (const p of place.querySelectorAll('.field-error')) p.remove()
  for (const e of place.querySelectorAll('.field-bad')) e.classList.remove('field-bad')
  for (const e of place.querySelectorAll('[aria-invalid]')) {
    e.removeAttribute('aria-invalid')
    if (e.dataset.described) e.setAttribute('aria-describedby', e.dataset.described)
    else e.removeAttribute('aria-describedby')
  }
}

// save gives a file to the person as a download; nothing is sent.
export function saveAs(blob, name) {
  const a = el('a', { href: URL.createObjectURL(blob), download: name })
  document.body.append(a)
  a.click()
  a.remove()
  setTimeout(() => URL.revokeObjectURL(a.href), 60000)
}
