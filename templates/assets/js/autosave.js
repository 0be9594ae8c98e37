const quiet = 1200 // ms without typing before a draft is sent
const longest = 30000 // ms between tries when the server does not answer

// autosave posts a form's fields to data-autosave a moment after typing
// stops. Nothing typed is given up: a failed save is tried again, and leaving
// with unsaved words asks first.
export function autosave(form) {
  const says = form.querySelector('[data-autosave-state]')
  let timer = 0, wait = quiet, dirty = false, busy = false, leaving = false, pressed = null
  const version = form.querySelector('input[name=version]')

  const say = (text, bad) => {
    if (!says) return
    says.textContent = text
    says.classList.toggle('autosave-bad', !!bad)
  }
  const fields = () => {
    const out = new URLSearchParams()
    for (const [k, v] of new FormData(form)) if (typeof v === 'string') out.append(k, v)
    return out
  }
  // told takes over what the server counts: the draft's version, and what is
  // left to do.
  const told = (answer) => {
    if (version) version.value = answer.version ?? version.value
    for (const el of document.querySelectorAll('[data-left]')) el.textContent = answer[el.dataset.left] ?? el.textContent
    for (const el of document.querySelectorAll('[data-left-note]')) el.hidden = answer.left === 0
  }
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms) }

  async function save() {
    if (busy) { later(quiet); return }
    if (!dirty) return
    busy = true
    dirty = false
    try {
      const r = await fetch(form.dataset.autosave, {
        method: 'POST', body: fields(), credentials: 'same-origin', redirect: 'error',
        headers: { 'X-Autosave': '1', Accept: 'application/problem+json, application/json' },
      })
      if (r.status === 401) { dirty = true; say('登录已过期，草稿未能保存。请在新窗口登录后回到这里继续，内容不会丢失。', true); wait = longest; later(wait); return }
      if (r.status === 409) { dirty = true; say('别处已改动这份草稿，请先复制您的内容，再刷新页面。', true); return }
      if (!r.ok) throw new Error(String(r.status))
      wait = quiet
      if (r.status === 200 && (version || document.querySelector('[data-left]'))) told(await r.json())
      const t = new Date()
      say(`草稿已保存 ${String(t.getHours()).padStart(2, '0')}:${String(t.getMinutes()).padStart(2, '0')}`)
    } catch {
      dirty = true
      wait = Math.min(wait * 2, longest)
      say('草稿暂未保存，正在重试。请不要关闭页面。', true)
      later(wait)
    } finally {
      busy = false
      if (pressed) { const by = pressed; pressed = null; form.requestSubmit(by === true ? undefined : by) }
    }
  }

  form.addEventListener('input', () => { dirty = true; later(quiet) })
  form.addEventListener('change', () => { dirty = true; later(quiet) })
  // A versioned draft is pressed on only when what is on its way has its answer:
  // the two would look like two people.
  form.addEventListener('submit', (e) => {
    if (!busy || !version) return
    e.preventDefault()
    e.stopImmediatePropagation()
    pressed = e.submitter ?? true
  }, true)
  form.addEventListener('submit', (e) => setTimeout(() => { if (!e.defaultPrevented) { leaving = true; clearTimeout(timer) } }))
  document.addEventListener('visibilitychange', () => { if (document.hidden && dirty && !leaving) save() })
  window.addEventListener('beforeunload', (e) => { if (dirty && !leaving) e.preventDefault() })
}
