// What the bidder's pages load besides app.js.
import { open } from './bid/desk.js'
import { Draft, Unreadable } from './bid/draft.js'
import { form } from './bid/form.js'
import { files } from './bid/files.js'
import { home } from './bid/home.js'
import { send } from './bid/send.js'
import { own } from './bid/own.js'
import { share } from './bid/share.js'
import { call } from './bid/server.js'
import { el, notice } from './bid/element.js'

async function start() {
  const at = document.querySelector('[data-bid]')
  if (!at) return
  const desk = JSON.parse(at.dataset.bid)
  const place = document.querySelector(`[data-bid-page="${desk.page}"]`)
  const identities = await open(desk)
  if (desk.page === 'own') { await own(place, desk, identities); return }
  const wait = el('p', { className: 'hint', role: 'status', textContent: '正在打开草稿……' })
  place.before(wait)
  const [rules, draft] = await Promise.all([call('GET', desk.rules).then((r) => r.json()), read(desk, identities, place)
    .then(async (d) => { await share(d, desk, identities, (text) => { wait.textContent = text }); return d })]).finally(() => wait.remove())
  if (desk.page === 'form') form(place, draft, desk, rules)
  if (desk.page === 'files') files(place, draft, desk, identities)
  if (desk.page === 'home') await home(place, draft, desk, rules, identities)
  if (desk.page === 'send') await send(place, draft, desk, rules, identities)
}

// read loads the draft. One that none of this person's keys opens was saved by
// a colleague before this person had a key.
async function read(desk, identities, place) {
  const draft = new Draft(desk, identities)
  try { await draft.load() } catch (e) {
    if (!(e instanceof Unreadable)) throw e
    await new Promise((ok) => {
      const b = el('button', { type: 'button', className: 'btn btn-danger', textContent: '放弃那份草稿，重新填写' })
      const box = notice('warn', '这份草稿是在您的密钥建立以前保存的，您的密钥打不开它。请让填写它的同事打开这份投标的任意一页并输入密钥口令，草稿和附件会自动改为您也能打开，然后刷新本页；若没有人能打开，只能重新填写。', el('p', { className: 'form-go' }, b))
      b.onclick = () => { box.remove(); draft.startAnew(e.version); ok() }
      place.before(box)
    })
  }
  return draft
}

start().catch((e) => {
  document.querySelector('[data-bid]').after(notice('danger', e.status === 0 ? '连接中断，没有取到草稿。请检查网络后刷新本页；您填写过的内容没有丢失。' : e.message))
})
