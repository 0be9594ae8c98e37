// Trouble is an answer that is not what was asked for. status 0 means that
// there was none: the connection is broken.
export class Trouble extends Error {
  constructor(status, message, body) {
    super(message)
    this.status = status
    this.body = body
  }
}

const token = () => document.querySelector('input[name=csrf]')

// afresh takes the token of a session that was begun anew in another window.
async function afresh() {
  const r = await fetch(location.pathname, { credentials: 'same-origin' }).catch(() => null)
  if (!r?.ok) return false
  const now = new DOMParser().parseFromString(await r.text(), 'text/html').querySelector('input[name=csrf]')?.value
  if (!now) return false
  for (const e of document.querySelectorAll('input[name=csrf]')) e.value = now
  return true
}

async function problem(r) {
  let p = {}
  try { p = await r.json() } catch { /* the status speaks */ }
  const words = p.errors?.map((e) => e.message).join('；') || p.detail || p.title
  if (r.status === 401) return new Trouble(401, '登录已过期。请在新窗口登录后回到这里继续，填写的内容都还在。', p)
  return new Trouble(r.status, words || `服务器没有接受（${r.status}），请稍后重试`, p)
}

// call is fetch with the session's token; once more where the token was stale.
export async function call(method, url, body, headers = {}, again = true) {
  let r
  try {
    r = await fetch(url, { method, body, credentials: 'same-origin', headers: { ...headers,
      Accept: 'application/json, application/problem+json, application/octet-stream', ...(method === 'GET' ? {} : { 'X-CSRF-Token': token()?.value ?? '' }) } })
  } catch { throw new Trouble(0, '连接中断') }
  if (r.redirected && new URL(r.url).pathname === '/account/login') throw new Trouble(401, '登录已过期。请在新窗口登录后回到这里继续，填写的内容都还在。')
  if (r.status === 403 && again && method !== 'GET' && await afresh()) return call(method, url, body, headers, false)
  if (!r.ok) throw await problem(r)
  return r
}

// send uploads with progress, and gives up only when told: how many tries is
// the caller's.
export function send(url, body, { headers = {}, progress, signal } = {}) {
  return new Promise((ok, bad) => {
    const x = new XMLHttpRequest()
    x.open('POST', url)
    for (const [k, v] of Object.entries({ ...headers, 'X-CSRF-Token': token()?.value ?? '', Accept: 'application/json, application/problem+json' })) x.setRequestHeader(k, v)
    x.upload.onprogress = (e) => { if (e.lengthComputable) progress?.(e.loaded, e.total) }
    x.onerror = () => bad(new Trouble(0, '连接中断'))
    x.onabort = () => bad(new Trouble(-1, '已取消'))
    x.onload = async () => {
      if (x.status >= 200 && x.status < 300) {
        try { ok(JSON.parse(x.responseText)) } catch { ok({}) }
        return
      }
      bad(await problem(new Response(x.responseText, { status: x.status < 200 ? 500 : x.status })))
    }
    signal?.addEventListener('abort', () => x.abort())
    x.send(body)
  })
}

// sendAgain is send that waits out broken connections and stale tokens. A
// refusal of the server is final.
export async function sendAgain(url, body, options = {}) {
  let fresh = true
  for (let wait = 1000, tries = 0; ; tries++) {
    try { return await send(url, body, options) } catch (e) {
      if (e.status === 403 && fresh && await afresh()) { fresh = false; continue }
      if (![0, 429, 500, 502, 503, 504].includes(e.status) || tries >= (options.tries ?? 5)) throw e
      options.waiting?.(Math.round(wait / 1000))
      await new Promise((go) => {
        const t = setTimeout(go, wait)
        addEventListener('online', () => { clearTimeout(t); go() }, { once: true })
      })
      wait = Math.min(wait * 2, 15000)
    }
  }
}
