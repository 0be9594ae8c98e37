// live keeps a page of something that happens now up to date: every event of
// the stream brings the changed parts in. It asks the server for the page
// again rather than trusting what it has, so a reload, a second window and a
// lost event all end in the same picture. Of a long table that says up to which
// event it goes (data-seen) it asks for the rows that changed since. Where there
// are no events it asks now and then.
export function live(place) {
  const says = document.querySelector('[data-live-says]')
  let every = 0
  let last = place.dataset.live, timer = 0, asked = 0, busy = false, again = false, tries = 0, over = false

  // At most one look a second, however fast the events come.
  const later = (ms) => { timer ||= setTimeout(refresh, Math.max(ms, asked + 1000 - Date.now())) }

  // The number is rounded down, so that many watchers ask for the same page and
  // the server makes it once; rows that come twice do no harm.
  const address = () => {
    const at = new URL(place.dataset.from ?? location.href, location.href)
    const seen = document.querySelector('[data-seen]')?.dataset.seen
    if (seen >= 10) at.searchParams.set('seen', seen - seen % 10)
    return at
  }

  async function refresh() {
    timer = 0
    if (busy) { again = true; return }
    busy = true
    asked = Date.now()
    try {
      const r = await fetch(address(), { credentials: 'same-origin', cache: 'no-store' })
      if (r.ok) patch(new DOMParser().parseFromString(await r.text(), 'text/html'))
      state('')
    } catch { state('连接中断，正在重新连接……') } finally {
      busy = false
      if (again) { again = false; later(1000) }
    }
  }

  // patch replaces the parts that changed, and adds rows at the end of a long
  // table instead of drawing it anew. A part somebody is typing in is left.
  function patch(fresh) {
    if (fresh.body.dataset.now) document.body.dataset.now = fresh.body.dataset.now
    for (const next of fresh.querySelectorAll('[data-part]')) {
      const here = document.querySelector(`[data-part="${next.dataset.part}"]`)
      if (!here || here.innerHTML === next.innerHTML || typing(here)) continue
      if (here.tagName === 'TBODY') { rows(here, next); continue }
      const focus = here.contains(document.activeElement) ? document.activeElement.textContent : ''
      const kept = document.importNode(next, true)
      here.replaceWith(kept)
      document.dispatchEvent(new CustomEvent('live:part', { detail: kept }))
      if (focus) [...kept.querySelectorAll('a, button')].find((e) => e.textContent === focus)?.focus()
    }
    for (const next of fresh.querySelectorAll('[data-shell]')) {
      const here = document.querySelector(`[data-shell="${next.dataset.shell}"]`)
      if (here) here.hidden = next.hidden
    }
    const now = fresh.querySelector('[data-live]')
    if (now?.hasAttribute('data-over')) over = true
    say(now?.dataset.live ?? '')
  }

  const typing = (part) => [...part.querySelectorAll('input:not([type=hidden]), textarea')].some((e) => e === document.activeElement || e.value !== e.defaultValue)

  function rows(here, next) {
    let left = false
    const old = new Map([...here.rows].map((r) => [r.id, r]))
    const want = [...next.rows]
    for (const r of want) {
      const was = old.get(r.id)
      old.delete(r.id)
      if (!was) {
        const made = document.importNode(r, true)
        here.append(made)
        document.dispatchEvent(new CustomEvent('live:part', { detail: made }))
      } else if (was.innerHTML !== r.innerHTML) {
        if (was.contains(document.activeElement)) { left = true; continue }
        const made = document.importNode(r, true)
        was.replaceWith(made)
        document.dispatchEvent(new CustomEvent('live:part', { detail: made }))
      }
    }
    if (!next.hasAttribute('data-since')) for (const gone of old.values()) gone.remove()
    if (next.dataset.seen && !left) here.dataset.seen = next.dataset.seen
  }

  // say tells those who listen what came, one sentence, the newest only.
  function say(words) {
    if (!says || !words || words === last) return
    last = words
    says.textContent = words
  }

  function state(text) {
    const at = document.querySelector('[data-live-state]')
    if (!at || at.textContent === text) return
    at.textContent = text
    at.hidden = !text
  }

  function listen() {
    const source = new EventSource(place.dataset.events)
    const soon = () => { tries = 0; later(500) }
    source.onmessage = soon
    for (const kind of (place.dataset.kinds ?? '').split(' ').filter(Boolean)) source.addEventListener(kind, soon)
    source.onopen = () => { if (tries) later(0); tries = 0; state('') }
    source.onerror = () => {
      source.close()
      if (over) return
      tries++
      later(0)
      setTimeout(listen, Math.min(1000 * 2 ** tries, 20000))
    }
    addEventListener('pagehide', () => source.close())
  }

  const at = Date.parse(place.dataset.at) - Date.parse(document.body.dataset.now)
  if (at > 0 && at < 2 ** 31) setTimeout(() => later(0), at + 500)
  if (window.EventSource && place.dataset.events) listen()
  else if (!place.hasAttribute('data-over')) every = setInterval(() => { if (over) clearInterval(every); else later(0) }, 3000)
  document.addEventListener('visibilitychange', () => { if (!document.hidden) later(0) })
}
